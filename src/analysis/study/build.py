"""Make a study's results; imports all that estimates, so it is imported only when there is something to make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis import __version__
from analysis.catalog import Catalog, load_catalog
from analysis.claims import Assessment, claims_sha256, evaluate
from analysis.disclosure import (
    keep_fingerprints,
    protected_file,
    protected_indices,
    protected_measures,
    safe_estimates,
    safe_verdicts,
)
from analysis.errors import DataRefusedError
from analysis.ingest import StudyInput, read_study
from analysis.ingest.boundaries import read_boundaries
from analysis.measures import satisfaction_index, satisfaction_index_from_sums
from analysis.panel import build_panel, period_index
from analysis.paths import store_dir
from analysis.published import load_published, measurement_noise
from analysis.results import Finding, StudyResults
from analysis.study.choices import own_budgets, study_choices
from analysis.study.curves import study_curves
from analysis.study.graphs import catalog_of_study, graph_table
from analysis.study.keys import code_sha256, inputs_sha256
from analysis.study.measured import study_measures
from analysis.study.tables import findings_frame
from analysis.validate import check_study

Progress = Callable[[str], None]
Rows = Callable[[int, int, str], None]
_STUDY_FILE = "study.yml"
RUN_ID_LENGTH = 12


def build_study(directory: Path, key: str, progress: Progress, rows: Rows | None = None) -> StudyResults:
    """Read, check, build the panel and estimate.

    Parameters
    ----------
    directory
        Folder with the office files.
    key
        Hash that the results are stored under.
    progress
        Called with the key of each step as it starts.
    rows
        Called while large files are summed, with rows done, rows in all and the table.

    Raises
    ------
    DataRefusedError
        If a file breaks the contract.
    """
    with catalog_of_study(directory, load_catalog()) as catalog:
        return _built(directory, key, catalog, progress, rows)


def _built(directory: Path, key: str, catalog: Catalog, progress: Progress, rows: Rows | None) -> StudyResults:
    progress("study.step_read")
    study_input = read_study(directory, rows)
    refuse_errors(study_input.findings)
    keep_fingerprints(directory, store_dir(directory))
    boundaries, unread = read_boundaries(directory, catalog.regions)
    findings = (*study_input.findings, *check_study(study_input), *unread)
    progress("study.step_panel")
    panel = build_panel(study_input.tables, study_input.summaries)
    indices = _indices(study_input)
    progress("study.step_estimate")
    breaks = method_breaks(study_settings(directory))
    assessment = _safe(evaluate(panel, catalog, breaks))
    curves = study_curves(panel, catalog)
    progress("study.step_choose")
    estimates, verdicts = assessment.estimates, assessment.verdicts
    choices = study_choices(directory, catalog, panel, estimates, verdicts, study_input, breaks)
    progress("study.step_store")
    official = load_published(load_catalog())
    return StudyResults(
        meta=_meta(directory, key, catalog, panel, study_input),
        regions=tuple(sorted(panel["region_code"].unique())),
        panel=panel,
        indices=protected_indices(indices, study_input.tables["units"], store_dir(directory), key[:RUN_ID_LENGTH]),
        estimates=assessment.estimates,
        verdicts=assessment.verdicts,
        checks=assessment.checks,
        findings=findings_frame(findings),
        official=official,
        official_noise=measurement_noise(official),
        curves=curves,
        boundaries=boundaries,
        measures=protected_measures(study_measures(panel, study_input, catalog, own_budgets(directory, catalog))),
        graphs=graph_table(catalog),
        **choices,
    )


def _safe(assessment: Assessment) -> Assessment:
    """Leave out estimates that are close to the figures of single units, and the verdicts that rest on them."""
    estimates, verdicts = assessment.estimates, assessment.verdicts
    return replace(assessment, estimates=safe_estimates(estimates), verdicts=safe_verdicts(verdicts, estimates))


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


def _indices(study_input: StudyInput) -> pd.DataFrame:
    """Satisfaction index by region and half-year, and by unit within them; from sums where those stand in."""
    units = study_input.tables["units"][["unit_id", "region_code", "unit_name", "service_type"]]
    sums = study_input.summaries.get("survey")
    answers = (study_input.tables["survey"] if sums is None else sums).merge(
        units, on="unit_id", validate="many_to_one"
    )
    index = satisfaction_index if sums is None else satisfaction_index_from_sums
    by_unit = index(answers, by=["region_code", "unit_id", "unit_name", "service_type", "period"])
    by_region = index(answers, by=["region_code", "period"])
    return pd.concat([by_region, by_unit], ignore_index=True)


def _meta(directory: Path, key: str, catalog: Catalog, panel: pd.DataFrame, study_input: StudyInput) -> dict[str, Any]:
    settings = study_settings(directory)
    return {
        "run_id": key[:RUN_ID_LENGTH],
        "data_id": inputs_sha256(directory)[:12],
        "synthetic": bool(settings.get("synthetic", False)),
        "title": settings.get("title", {}),
        "first_period": str(panel["period"].min()),
        "last_period": str(panel["period"].max()),
        "method_breaks": list(method_breaks(settings)),
        "claims_sha256": claims_sha256(catalog.folder),
        "code_sha256": code_sha256(),
        "version": __version__,
        "files": [protected_file(item) for item in study_input.files],
    }


def method_breaks(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the half-years (``2023-S1``) from which the study says that satisfaction was measured in another way.

    Raises
    ------
    UsageError
        If one is no half-year.
    """
    named = sorted(str(at) for at in settings.get("method_breaks") or ())
    for at in named:
        period_index(at)
    return tuple(named)


def study_settings(directory: Path) -> dict[str, Any]:
    """Read `study.yml`, the study's own settings (``synthetic``, titles, ``method_breaks``), if there is one."""
    path = directory / _STUDY_FILE
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return settings if isinstance(settings, dict) else {}
