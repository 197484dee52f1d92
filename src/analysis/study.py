"""The study stage: read, check, build the panel, estimate for all regions together; once, then stored."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from filelock import FileLock

from analysis import __version__
from analysis.catalog import load_catalog
from analysis.claims import claims_sha256, evaluate
from analysis.disclosure import suppress_small_cells
from analysis.errors import DataRefusedError, UsageError
from analysis.ingest import StudyInput, read_study
from analysis.measures import satisfaction_index
from analysis.panel import build_panel
from analysis.params import RunParams
from analysis.paths import catalog_dir, published_dir, store_dir
from analysis.published import load_published, measurement_noise
from analysis.results import Finding, StudyResults

Progress = Callable[[str], None]
_NOT_OF_THE_STUDY_STAGE = ("report", "batch", "locale", "publish.py", "cli.py", "pages.py")
_COMPUTE_PACKAGES = ("diff-diff", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels")
_STUDY_FILE = "study.yml"
_COMPLETE = "complete.json"


def load_study(directory: Path, progress: Progress | None = None) -> StudyResults:
    """Return the stored results of a study, made first if its files, the code or the catalog have changed.

    Parameters
    ----------
    directory
        Folder with the office files.
    progress
        Called with the key of each step as it starts.

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
            _store(_build(directory, key, progress or (lambda _: None)), target)
        return _read(target)


def open_study(params: RunParams) -> StudyResults:
    """Return the results of the study that a notebook's parameters name.

    Raises
    ------
    UsageError
        If the region is not in the study.
    """
    results = load_study(params.study_dir())
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


def study_key(directory: Path) -> str:
    """Hash of everything that the study's results depend on: input files, code, catalog, published scores, packages."""
    return hashlib.sha256(f"{inputs_sha256(directory)}\n{code_sha256()}".encode()).hexdigest()[:16]


def inputs_sha256(directory: Path) -> str:
    """Hash of names and contents of a study's files."""
    lines = [f"{path.name}\0{file_sha256(path)}\n" for path in input_files(directory)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def input_files(directory: Path) -> list[Path]:
    """Return the files of a study, sorted; hidden ones and folders are none of them."""
    return sorted(p for p in directory.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@cache
def code_sha256() -> str:
    """Hash of the code of the study stage, the catalog, the published scores and the versions of the packages."""
    package = Path(__file__).parent
    code = [p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in _NOT_OF_THE_STUDY_STAGE]
    data = [p for folder in (catalog_dir(), published_dir()) for p in folder.glob("*.*")]
    lines = [f"{p.name}\0{file_sha256(p)}" for p in sorted(code) + sorted(data)]
    lines += [f"{name}\0{version(name)}" for name in _COMPUTE_PACKAGES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def study_settings(directory: Path) -> dict[str, Any]:
    """Read `study.yml`, the study's own settings (``synthetic``, titles); an absent file gives none."""
    path = directory / _STUDY_FILE
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return settings if isinstance(settings, dict) else {}


def _build(directory: Path, key: str, progress: Progress) -> StudyResults:
    catalog = load_catalog()
    progress("study.step_read")
    study_input = read_study(directory)
    refuse_errors(study_input.findings)
    progress("study.step_panel")
    panel = build_panel(study_input.tables)
    indices = _indices(study_input.tables)
    progress("study.step_estimate")
    assessment = evaluate(panel, catalog)
    progress("study.step_store")
    official = load_published(catalog)
    return StudyResults(
        meta=_meta(directory, key, panel, study_input),
        regions=tuple(sorted(panel["region_code"].unique())),
        panel=panel,
        indices=suppress_small_cells(indices, "n"),
        estimates=assessment.estimates,
        verdicts=assessment.verdicts,
        checks=assessment.checks,
        findings=findings_frame(study_input.findings),
        official=official,
        official_noise=measurement_noise(official),
    )


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Stop if any finding refuses a file.

    Raises
    ------
    DataRefusedError
        With the number of errors and the place and text of the first.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        first = errors[0]
        raise DataRefusedError("study.refused", n=len(errors), file=first.file, row=first.row, first=first.message)


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, messages as plain dicts."""
    rows = [
        {f.name: getattr(item, f.name) for f in fields(Finding)} | {"message": item.message.as_dict()}
        for item in findings
    ]
    return pd.DataFrame(rows, columns=[f.name for f in fields(Finding)])


def _indices(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Satisfaction index by region and half-year, and by unit within them."""
    units = tables["units"][["unit_id", "region_code", "unit_name", "service_type"]]
    responses = tables["survey"].merge(units, on="unit_id", validate="many_to_one")
    of_unit = ["region_code", "unit_id", "unit_name", "service_type", "period"]
    by_unit = satisfaction_index(responses, by=of_unit)
    by_region = satisfaction_index(responses, by=["region_code", "period"])
    return pd.concat([by_region, by_unit], ignore_index=True)


def _meta(directory: Path, key: str, panel: pd.DataFrame, study_input: StudyInput) -> dict[str, Any]:
    settings = study_settings(directory)
    return {
        "run_id": key[:12],
        "data_id": inputs_sha256(directory)[:12],
        "synthetic": bool(settings.get("synthetic", False)),
        "title": settings.get("title", {}),
        "first_period": str(panel["period"].min()),
        "last_period": str(panel["period"].max()),
        "claims_sha256": claims_sha256(),
        "code_sha256": code_sha256(),
        "version": __version__,
        "files": [dict(item) for item in study_input.files],
    }


def _store(results: StudyResults, target: Path) -> None:
    """Write results into a folder that appears whole or not at all; older ones of the study are removed."""
    draft = target.with_name(target.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in _frames():
        frame = getattr(results, name).copy()
        for column in _message_columns(frame):
            frame[column] = [
                json.dumps(item, sort_keys=True, ensure_ascii=False, default=float) for item in frame[column]
            ]
        frame.to_parquet(draft / f"{name}.parquet", index=False)
    plain = {"meta": dict(results.meta), "regions": list(results.regions)}
    (draft / _COMPLETE).write_text(json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    draft.rename(target)
    for old in target.parent.iterdir():
        if old.is_dir() and old != target and (old / _COMPLETE).exists():
            shutil.rmtree(old)


def _read(target: Path) -> StudyResults:
    plain = json.loads((target / _COMPLETE).read_text(encoding="utf-8"))
    frames = {}
    for name in _frames():
        frame = pd.read_parquet(target / f"{name}.parquet")
        for column in _message_columns(frame):
            frame[column] = pd.Series([json.loads(item) for item in frame[column]], dtype=object, index=frame.index)
        frames[name] = frame
    return StudyResults(meta=plain["meta"], regions=tuple(plain["regions"]), **frames)


def _frames() -> list[str]:
    return [f.name for f in fields(StudyResults) if f.name not in ("meta", "regions")]


def _message_columns(frame: pd.DataFrame) -> list[str]:
    return [name for name in ("reason", "message") if name in frame.columns]
