"""Put a replication package together."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from analysis.errors import UsageError, VerificationError
from analysis.exports import dictionary_rows, fixed_zip
from analysis.package.exhibits import exhibits
from analysis.package.inputs import shared_inputs, stand_ins
from analysis.package.tables import TABLES, rebuild_tables
from analysis.params import RunParams
from analysis.paths import project_dir
from analysis.publish.release import RELEASE_FILE
from analysis.publish.tables import to_csv, to_json
from analysis.results import StudyResults
from analysis.study import load_study

_TEMPLATES = Path(__file__).parent / "templates"
_READ_ME = ("README.md", "README.id.md")
_CODE_FOLDERS = ("src/analysis", "notebooks", "data/catalog", "data/published", "requirements")
_CODE_FILES = ("pyproject.toml", "environment.yml", "Makefile", "README.md", "LICENSE", "CHANGELOG.md")
_NOT_CODE = {"__pycache__", ".ipynb_checkpoints"}


def package_release(release: Path, target: Path | None = None, share_inputs: bool = False) -> Path:
    """Write the replication package of a release.

    Parameters
    ----------
    release
        Folder of the release.
    target
        The zip to write; ``<release>-replication.zip`` beside the release by default.
    share_inputs
        Whether the office files themselves may be passed on. Those of a synthetic study always are; otherwise
        synthetic ones of the same regions, half-years and tables stand in.

    Returns
    -------
    Path
        The zip; its bytes depend on the release, the code and the inputs alone.

    Raises
    ------
    UsageError
        If the folder is no release.
    VerificationError
        If inputs or code are no longer those of the release.
    """
    folder = release.resolve()
    if not (folder / RELEASE_FILE).exists():
        raise UsageError("verify.no_release", folder=str(release))
    described = json.loads((folder / RELEASE_FILE).read_text(encoding="utf-8"))
    study = RunParams(str(described["regions"][0]), str(described["study_folder"])).study_dir()
    results = load_study(study)
    if results.meta["run_id"] != described["study_run_id"]:
        detail = f"{described['study_run_id']} → {results.meta['run_id']}"
        raise VerificationError("verify.inputs_changed", what="study_run_id", detail=detail)
    share = share_inputs or bool(results.meta["synthetic"])
    entries = code_files() | _tables(folder, described["regions"], "published")
    entries |= _inputs_and_expected(study, results, share, entries)
    entries |= _papers(described, share)
    chosen = target or folder.with_name(f"{folder.name}-replication.zip")
    chosen.write_bytes(fixed_zip({f"{chosen.stem}/{name}": content for name, content in entries.items()}))
    return chosen


def code_files() -> dict[str, bytes]:
    """Return everything that runs, by its name in the package: modules, notebooks, catalog, real scores, lock files."""
    home = project_dir()
    paths = [home / name for name in _CODE_FILES if (home / name).exists()]
    for folder in _CODE_FOLDERS:
        paths += [p for p in (home / folder).rglob("*") if p.is_file() and not _NOT_CODE & set(p.parts)]
    return {f"code/{path.relative_to(home).as_posix()}": path.read_bytes() for path in paths}


def _tables(folder: Path, regions: list[str], under: str) -> dict[str, bytes]:
    return {f"{under}/{code}/{name}": (folder / code / name).read_bytes() for code in regions for name in TABLES}


def _inputs_and_expected(
    study: Path, results: StudyResults, share: bool, published: dict[str, bytes]
) -> dict[str, bytes]:
    """Return the inputs with the tables that they must give: those of the release, or those of the stand-ins."""
    if share:
        inputs = shared_inputs(study)
        start = "published/"
        expected = {f"expected/{n.removeprefix(start)}": c for n, c in published.items() if n.startswith(start)}
    else:
        with tempfile.TemporaryDirectory(prefix="pembinaan-") as temporary:
            place = Path(temporary)
            inputs = stand_ins(results, place / "inputs")
            rebuilt = rebuild_tables(place / "inputs", place / "expected")
            expected = _tables(place / "expected", list(rebuilt.regions), "expected")
    return {f"inputs/{name}": content for name, content in inputs.items()} | expected


def _papers(described: dict[str, Any], share: bool) -> dict[str, bytes]:
    """Return what a reader needs: read-me in two languages, exhibits, codebook, provenance, the script."""
    table = exhibits()
    values = {
        "release": described["release"],
        "run_id": described["study_run_id"],
        "regions": ", ".join(described["regions"]),
        "first": described["first_period"],
        "last": described["last_period"],
        "python": described["environment"]["python"],
        "exhibits": _markdown(table),
        "files": _markdown(pd.DataFrame(described["files"])[["name", "table", "rows", "sha256"]]),
    }
    kind = "shared" if share else "stand_in"
    texts = {}
    for name in _READ_ME:
        statement = (_TEMPLATES / f"{kind}_{name}").read_text(encoding="utf-8").strip()
        texts[name] = Template((_TEMPLATES / name).read_text(encoding="utf-8")).substitute(values, inputs=statement)
    texts["exhibits.csv"] = to_csv(table)
    texts["codebook.csv"] = to_csv(dictionary_rows())
    texts["provenance.json"] = to_json({**described, "inputs_shared": share})
    texts["rebuild.py"] = (Path(__file__).parent / "rebuild.py").read_text(encoding="utf-8")
    return {name: text.encode() for name, text in texts.items()}


def _markdown(table: pd.DataFrame) -> str:
    lines = [" | ".join(table.columns), " | ".join("---" for _ in table.columns)]
    lines += [" | ".join(str(value) for value in row) for row in table.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in lines)
