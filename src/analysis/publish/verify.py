"""Run a release again and compare it byte by byte, down to the block that differs."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.batch import Options
from analysis.errors import UsageError, VerificationError
from analysis.messages import Message
from analysis.params import RunParams
from analysis.publish.manifest import environment
from analysis.publish.pipeline import Plan, Progress, build_release, execute_all
from analysis.publish.printing import printing_of
from analysis.publish.regions import DRAFT, REGIONS, Collected
from analysis.publish.release import RELEASE_FILE, checksums, differing, presentation_sha256, recorded_checksums
from analysis.study import file_sha256, load_study, study_key

MOST_NAMED = 5
_SECTION = re.compile(r'<section id="([^"]+)"')


def verify(
    release: Path, sample: int | None = None, options: Options | None = None, progress: Progress | None = None
) -> int:
    """Check a release against its checksums, then make it again from its inputs and compare.

    Parameters
    ----------
    release
        Folder of the release.
    sample
        Compare this many regions, chosen by a hash of the release's name; all regions and the pages of the whole site
        by default.
    options, progress
        As for `analysis.publish.run`.

    Returns
    -------
    int
        Number of files that match byte by byte.

    Raises
    ------
    UsageError
        If the folder is no release.
    VerificationError
        If a file was changed, if inputs, code or environment are no longer those of the release, or if the result
        differs.
    """
    folder = release.resolve()
    if not (folder / RELEASE_FILE).exists():
        raise UsageError("verify.no_release", folder=str(release))
    found = checksums(folder)
    damaged = differing(recorded_checksums(folder), found)
    if RELEASE_FILE in damaged:
        raise VerificationError("verify.damaged", n=len(damaged), files=damaged[:MOST_NAMED])
    described = json.loads((folder / RELEASE_FILE).read_text(encoding="utf-8"))
    try:
        _refuse_other_sources(described)
    except VerificationError:
        if damaged:
            raise VerificationError("verify.damaged", n=len(damaged), files=damaged[:MOST_NAMED]) from None
        raise
    names = _names(sorted(found), described, sample, damaged)
    with tempfile.TemporaryDirectory(prefix="pembinaan-") as temporary:
        fresh = _made_again(described, folder, Path(temporary), names, options or Options(), progress or Progress())
        names = [name for name in names if name in found or (fresh / name).exists()]
        now = {name: file_sha256(fresh / name) if (fresh / name).exists() else "" for name in names}
        different = [name for name in names if found.get(name) != now[name]]
        _refuse_difference("verify.damaged_where" if damaged else "verify.differs_where", different, folder, fresh)
    if damaged:
        raise VerificationError("verify.damaged", n=len(damaged), files=damaged[:MOST_NAMED])
    return len(names)


def _refuse_other_sources(described: Mapping[str, Any]) -> None:
    """Stop where inputs, environment or code are not those of the release, naming what is not.

    Raises
    ------
    VerificationError
        With the first such thing.
    """
    study = RunParams(str(described["regions"][0]), str(described["study_folder"])).study_dir()
    for what, detail in (
        *_changed_files(described["files"], study),
        *_changed_versions(described["environment"], environment()),
        *_changed_hash("study_run_id", described, study_key(study)[:12]),
        *_changed_hash("presentation_sha256", described, presentation_sha256()),
    ):
        raise VerificationError("verify.inputs_changed", what=what, detail=detail)


def _changed_files(files: Sequence[Mapping[str, Any]], study: Path) -> Iterator[tuple[str, str]]:
    for item in files:
        path = study / str(item["name"])
        now = file_sha256(path) if path.exists() else "–"
        if now != item["sha256"]:
            yield path.name, f"{str(item['sha256'])[:12]} → {now[:12]}"


def _changed_versions(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(then.keys() | now.keys()):
        before, after = then.get(name), now.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changed_versions(before, after)
        elif before != after:
            yield name, f"{before} → {after}"


def _changed_hash(what: str, described: Mapping[str, Any], now: str) -> Iterator[tuple[str, str]]:
    if described[what] != now:
        yield what, f"{described[what]} → {now}"


def _names(found: Sequence[str], described: Mapping[str, Any], sample: int | None, damaged: Sequence[str]) -> list[str]:
    """Return the files to compare: all, or those of some regions (the damaged ones first)."""
    names = sorted({*found, *damaged})
    if sample is None:
        return names
    failed = set(described.get("failed", ()))
    regions = [str(code) for code in described["regions"] if code not in failed]
    hurt = {name.partition("/")[0] for name in damaged}
    order = sorted(
        regions, key=lambda code: (code not in hurt, hashlib.sha256(f"{described['release']}{code}".encode()).digest())
    )
    chosen = set(order[: max(sample, 1)])
    return [name for name in names if name.partition("/")[0] in chosen]


def _made_again(
    described: Mapping[str, Any],
    folder: Path,
    temporary: Path,
    names: Sequence[str],
    options: Options,
    progress: Progress,
) -> Path:
    """Make the release again, or the folders of the regions that `names` are in, and return where it is."""
    regions = tuple(str(code) for code in described["regions"])
    study = str(described["study_folder"])
    results = load_study(RunParams(regions[0], study).study_dir())
    printing = printing_of(described.get("pdf"), folder)
    planned = Plan(study, results, regions, temporary / folder.name, printing)
    within = {name.partition("/")[0] for name in names}
    work, cache = temporary / "work", temporary / "cache"
    if within <= set(regions):
        execute_all(replace(planned, regions=tuple(sorted(within))), work, cache, options, progress)
        return cache / REGIONS
    outcomes = execute_all(planned, work, cache, options, progress)
    with Collected(cache, work / DRAFT) as collected:
        build_release(planned, outcomes, work, cache, options, collected)
    return work / DRAFT


def _refuse_difference(key: str, names: list[str], folder: Path, fresh: Path) -> None:
    """Stop if files differ, naming them and the blocks in which they do.

    Raises
    ------
    VerificationError
        With the files and blocks.
    """
    if not names:
        return
    places = [Message("verify.place", {"file": name, "blocks": _blocks(folder / name, fresh / name)}) for name in names]
    raise VerificationError(key, n=len(names), files=_said(places[:MOST_NAMED]))


def _said(places: Sequence[Message]) -> dict[str, str]:
    return {lang: "; ".join(place.text(lang) for place in places) for lang in ("id", "en")}


def _blocks(one: Path, other: Path) -> str:
    if one.suffix != ".html" or not (one.exists() and other.exists()):
        return "–"
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in (one, other))
    return ", ".join(differing_blocks(*texts)) or "–"


def differing_blocks(one: str, other: str) -> list[str]:
    """Return the ids of the blocks in which two pages differ; ``page`` stands for what is outside of all blocks."""
    first, second = _by_block(one), _by_block(other)
    return [name for name in dict.fromkeys((*first, *second)) if first.get(name) != second.get(name)]


def _by_block(html: str) -> dict[str, str]:
    parts = _SECTION.split(html)
    return {"page": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))
