"""Stored studies: found by their key, made when there is none, written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from filelock import FileLock

from analysis.errors import UsageError
from analysis.params import RunParams
from analysis.paths import given_slice, store_dir
from analysis.results import StudyResults
from analysis.study.keys import study_key
from analysis.study.slices import decoded, encoded, read_slice, table_names, write_slices

Progress = Callable[[str], None]
Rows = Callable[[int, int, str], None]
_COMPLETE = "complete.json"


def load_study(directory: Path, progress: Progress | None = None, rows: Rows | None = None) -> StudyResults:
    """Return the stored results of a study, made first if its files, the code or the catalog have changed.

    Parameters
    ----------
    directory
        Folder with the office files.
    progress
        Called with the key of each step as it starts.
    rows
        Called while large files are summed, with rows done, rows in all and the table.

    Raises
    ------
    UsageError
        If the folder does not exist.
    DataRefusedError
        If a file breaks the contract.
    """
    if not directory.is_dir():
        raise UsageError("study.no_folder", folder=str(directory))
    store = store_dir(directory)
    store.mkdir(exist_ok=True)
    key = study_key(directory)
    with FileLock(store / "lock"):
        target = store / key
        if not (target / _COMPLETE).exists():
            from analysis.study.build import build_study

            _store(build_study(directory, key, progress or (lambda _: None), rows), target)
        return _read(target)


def store_again(directory: Path, results: StudyResults) -> None:
    """Replace the stored results of a study by the same ones with other cells withheld."""
    with FileLock(store_dir(directory) / "lock"):
        _store(results, stored_study(directory))


def stored_study(directory: Path) -> Path:
    """Return the folder of the stored results of a study that `load_study` has made."""
    return store_dir(directory) / study_key(directory)


def open_study(params: RunParams) -> StudyResults:
    """Return the results of the study that a notebook's parameters name.

    In a batch the kernel is given its region's slice, and reads nothing else.

    Raises
    ------
    UsageError
        If the region is not in the study.
    """
    given = given_slice()
    results = read_slice(given.read_bytes()) if given else load_study(params.study_dir())
    require_region(results, params.region)
    return results


def require_region(results: StudyResults, code: str) -> None:
    """Stop if a region is not in the study.

    Raises
    ------
    UsageError
        With the regions that are in it.
    """
    if code not in results.regions:
        raise UsageError("study.no_region", region=code, known=list(results.regions))


def _store(results: StudyResults, target: Path) -> None:
    """Write results into a folder that appears whole or not at all; older ones of the study are removed."""
    draft = target.with_name(target.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in table_names():
        encoded(getattr(results, name)).to_parquet(draft / f"{name}.parquet", index=False)
    write_slices(results, draft)
    plain = {"meta": dict(results.meta), "regions": list(results.regions)}
    (draft / _COMPLETE).write_text(json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    draft.rename(target)
    for old in target.parent.iterdir():
        if old.is_dir() and old != target and (old / _COMPLETE).exists():
            shutil.rmtree(old)


def _read(target: Path) -> StudyResults:
    plain = json.loads((target / _COMPLETE).read_text(encoding="utf-8"))
    frames = {name: decoded(pd.read_parquet(target / f"{name}.parquet")) for name in table_names()}
    return StudyResults(meta=plain["meta"], regions=tuple(plain["regions"]), **frames)
