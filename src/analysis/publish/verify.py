"""Run a release again and compare it byte by byte."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from analysis.errors import UsageError, VerificationError
from analysis.params import RunParams
from analysis.publish.pipeline import Plan, Progress, build_release, execute_all
from analysis.publish.release import (
    RELEASE_FILE,
    checksums,
    differing,
    presentation_sha256,
    recorded_checksums,
)
from analysis.study import load_study

_MOST_NAMED = 5


def verify(release: Path, workers: int | None = None, progress: Progress | None = None) -> int:
    """Check a release against its checksums, then make it again from its inputs and compare.

    Returns
    -------
    int
        Number of files that match byte by byte.

    Raises
    ------
    UsageError
        If the folder is no release.
    VerificationError
        If a file was changed, if inputs or code are no longer those of the release, or if the result differs.
    """
    folder = release.resolve()
    if not (folder / RELEASE_FILE).exists():
        raise UsageError("verify.no_release", folder=str(release))
    found = checksums(folder)
    _refuse_difference("verify.damaged", differing(recorded_checksums(folder), found))
    described = json.loads((folder / RELEASE_FILE).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="pembinaan-") as temporary:
        planned = _same_plan(described, folder, Path(temporary))
        outcomes = execute_all(planned, Path(temporary) / "executed", workers, progress or Progress())
        build_release(planned, outcomes, Path(temporary) / "release")
        _refuse_difference("verify.differs", differing(found, checksums(Path(temporary) / "release")))
    return len(found)


def _same_plan(described: dict[str, Any], folder: Path, temporary: Path) -> Plan:
    """Plan the run that made a release, if its inputs and code are still the same."""
    regions = tuple(str(code) for code in described["regions"])
    study = str(described["study_folder"])
    results = load_study(RunParams(regions[0], study).study_dir())
    for what, now in (("study_run_id", results.meta["run_id"]), ("presentation_sha256", presentation_sha256())):
        if described[what] != now:
            raise VerificationError("verify.inputs_changed", what=what, detail=f"{described[what]} → {now}")
    return Plan(study, results, regions, temporary / folder.name)


def _refuse_difference(key: str, names: list[str]) -> None:
    if names:
        raise VerificationError(key, n=len(names), files=names[:_MOST_NAMED])
