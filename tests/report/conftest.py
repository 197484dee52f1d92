"""A small made-up study with the awkward cases: no data, one unit, long names, markup in names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.catalog import load_catalog
from analysis.ingest import StudyInput
from analysis.measures import satisfaction_grade
from analysis.messages import Message
from analysis.published import load_published, measurement_noise
from analysis.report import REGION_SECTIONS, Block
from analysis.report.pages import PageContext
from analysis.results import ESTIMATE_COLUMNS, StudyResults
from analysis.study.choices import study_choices
from analysis.study.graphs import graph_table

FULL, LONG, ONE_UNIT, NO_DATA = "82", "15.09", "96.71", "82.72"
REGIONS = (FULL, LONG, ONE_UNIT, NO_DATA, "15", "82.71", "96.01")
PERIODS = tuple(f"{year}-S{half}" for year in range(2021, 2026) for half in (1, 2))
NASTY = 'Unit <script>alert(1)</script> & "kutip"'
LONG_NAME = "Dinas Penanaman Modal, Pelayanan Terpadu Satu Pintu, Tenaga Kerja, Transmigrasi dan Perindustrian"
SPECS = {
    "training_raises_quality": (
        "training_quality",
        {"id": "poin IKM per 10 JP", "en": "index points per 10 JP"},
        0.30,
        0.11,
    ),
    "leadership_raises_quality": ("leadership_quality", {"id": "poin IKM", "en": "index points"}, 0.62, 0.24),
    "budget_raises_quality": ("budget_quality", {"id": "poin IKM per 10%", "en": "index points per 10%"}, 0.05, 0.12),
}
TERMS = {"training_quality": "training_hours", "leadership_quality": "leadership", "budget_quality": "log_budget"}
OTHER_CLAIMS = {
    "matched_training_works_better": "weakly_supported",
    "awards_raise_performance": "cannot_tell",
    "resistance_weakens_training": "contradicted",
    "partnerships_extend_training": "not_identified",
}


def _unit_rows(rng: np.random.Generator) -> list[dict[str, Any]]:
    sizes = {FULL: 14, LONG: 5, ONE_UNIT: 1, NO_DATA: 0, "15": 8, "82.71": 6, "96.01": 4}
    rows = []
    for region, count in sizes.items():
        for i in range(count):
            name = NASTY if (region, i) == (FULL, 0) else LONG_NAME if region == LONG else f"Dinas Contoh {i + 1}"
            level = rng.normal(3.3, 0.15)
            for period in PERIODS:
                n = 6 if (region, i) == (FULL, 3) else int(rng.integers(30, 200))
                means = np.clip(rng.normal(level, 0.12, 9), 1, 4)
                rows.append(_index_row(region, f"{region}-{i:02d}", name, period, n, means))
    return rows


def _index_row(
    region: str, unit: str | None, name: str | None, period: str, n: int, means: np.ndarray
) -> dict[str, Any]:
    index, error = float(means.mean() * 25), 12 / np.sqrt(n)
    row = {
        "region_code": region,
        "unit_id": unit,
        "unit_name": name,
        "service_type": "Perizinan",
        "period": period,
        "n": n,
    }
    row |= {f"U{i + 1}": float(value) for i, value in enumerate(means)}
    row |= {"index": index, "grade": satisfaction_grade(index), "std_error": error}
    row |= {"conf_low": index - 1.96 * error, "conf_high": index + 1.96 * error}
    if n < 10:
        row |= dict.fromkeys(
            ["n", "index", "std_error", "conf_low", "conf_high", *(f"U{i}" for i in range(1, 10))], np.nan
        )
        row["grade"] = None
    return row


def _indices() -> pd.DataFrame:
    units = pd.DataFrame(_unit_rows(np.random.default_rng(7)))
    means = units.groupby(["region_code", "period"])[[f"U{i}" for i in range(1, 10)]].mean()
    sizes = units.groupby(["region_code", "period"])["n"].sum()
    regions = [
        _index_row(region, None, None, period, int(sizes[region, period]), row.to_numpy())
        for (region, period), row in means.iterrows()
    ]
    return pd.concat([pd.DataFrame(regions), units], ignore_index=True)


def _estimate(spec: str, level: str, region: str | None, value: float, error: float, n: int) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(ESTIMATE_COLUMNS)
    row |= {
        "estimator": "fixed_effects",
        "outcome": "index",
        "term": TERMS[spec],
        "estimate": value,
        "std_error": error,
    }
    row |= {"conf_low": value - 1.96 * error, "conf_high": value + 1.96 * error, "n_units": n, "n_clusters": n}
    return {"spec": spec, "level": level, "region_code": region, **row, "df": 200.0}


def _estimates() -> pd.DataFrame:
    rows, rng = [], np.random.default_rng(3)
    for spec, _, value, error in SPECS.values():
        rows.append(_estimate(spec, "national", None, value, error / 2, 288))
        for region in REGIONS:
            if region == NO_DATA:
                continue
            if region != ONE_UNIT:
                rows.append(_estimate(spec, "own", region, value + rng.normal(0, 0.4), 5 * error, 14))
            rows.append(_estimate(spec, "pooled", region, value + rng.normal(0, 0.02), error, 288))
    return pd.DataFrame(rows)


def _verdicts(estimates: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for region in (None, *REGIONS):
        for claim, (spec, unit, _, _) in SPECS.items():
            rows.append(_lever_verdict(estimates, claim, spec, unit, region))
        for claim, verdict in OTHER_CLAIMS.items():
            rows.append(_plain_verdict(claim, "no_data" if region == NO_DATA else verdict, region))
    return pd.DataFrame(rows)


def _lever_verdict(
    estimates: pd.DataFrame, claim: str, spec: str, unit: dict[str, str], region: str | None
) -> dict[str, Any]:
    if region == NO_DATA:
        return _plain_verdict(claim, "no_data", region)
    level = "national" if region is None else "pooled"
    here = estimates["region_code"].isna() if region is None else estimates["region_code"] == region
    found = estimates[(estimates["spec"] == spec) & (estimates["level"] == level) & here].iloc[0]
    verdict = "supported" if found["conf_low"] > 0 else "cannot_tell"
    row = _plain_verdict(claim, verdict, region)
    row |= {name: found[name] for name in ("estimate", "conf_low", "conf_high")}
    return row | {
        "unit": unit,
        "strength": 3 if verdict == "supported" else 1,
        "n_units": 288,
        "n_regions": 12,
        "spec": spec,
    }


def _plain_verdict(claim: str, verdict: str, region: str | None) -> dict[str, Any]:
    reason = Message("report.verdict." + verdict).as_dict()
    row = {"claim": claim, "region_code": region, "verdict": verdict, "estimate": np.nan, "conf_low": np.nan}
    return row | {"conf_high": np.nan, "unit": None, "strength": 0, "n_units": np.nan, "n_regions": np.nan,
                  "spec": None, "reason": reason}  # fmt: skip


def _panel(indices: pd.DataFrame) -> pd.DataFrame:
    """The columns of the panel that the report reads; hours differ between units, so that some are below the duty."""
    rows = indices[indices["unit_id"].notna()].reset_index(drop=True)
    panel = rows[["region_code", "unit_id", "unit_name", "service_type", "period", "index"]].copy()
    rng = np.random.default_rng(11)
    panel["period_index"] = panel["period"].map({name: i for i, name in enumerate(PERIODS)})
    panel["index_std_error"] = rows["std_error"]
    panel["n_respondents"] = rows["n"]
    panel[[f"u{i}" for i in range(1, 10)]] = rows[[f"U{i}" for i in range(1, 10)]]
    panel["headcount"] = 20 + panel["unit_id"].str[-2:].astype(int)
    panel["training_hours_now"] = rng.uniform(4, 14, len(panel))
    panel["training_hours"] = panel["training_hours_now"]
    panel["leadership"] = rng.uniform(2, 5, len(panel))
    panel["cost_per_hour_own"] = 80.0
    panel["region_period"], panel["weight"] = panel["region_code"] + "|" + panel["period"], 1.0
    for form in ("classroom", "mentoring", "workshop"):
        panel[f"hours_{form}"] = rng.gamma(2.0, 2.2, len(panel))
    return panel


def _checks() -> pd.DataFrame:
    states = {"placebo_lead": True, "negative_control": False, "leave_one_out": True, "sensitivity": None}
    rows = [
        {"spec": spec, "region_code": None, "name": name, "passed": state, "statistic": 0.4, "p_value": 0.3,
         "reason": Message("report.checks.note").as_dict()}
        for spec, *_ in SPECS.values()
        for name, state in states.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"passed": object})


def _findings() -> pd.DataFrame:
    message = Message("report.source.published", {"source": "NIP 198501012010011001 dan " + NASTY}).as_dict()
    row = {"severity": "warning", "file": "pelatihan.csv", "sheet": None, "row": 4, "column": "NIP (C)",
           "value": "198501012010011001", "rule": "repaired_identifier", "message": message}  # fmt: skip
    return pd.DataFrame([row, row | {"row": 9}])


def _measures() -> pd.DataFrame:
    """Measures of one region, a category of few officers withheld."""
    rows = [
        (FULL, "officers_with_annual_hours", None, "2025", 0.4, None, None, 300.0, 14, 20.0),
        (FULL, "budget_share_net", "units", "2025", 0.003, None, None, None, 14, 0.0034),
        (FULL, "professionalism", "all", "2025", 71.0, 69.0, 73.0, 300.0, 14, None),
        (FULL, "professionalism", "structural", "2025", 75.0, 70.0, 80.0, 30.0, 9, None),
        (FULL, "professionalism_category", "low", "2025", 0.9, None, None, 300.0, None, None),
        (FULL, "professionalism_category", "very_high", "2025", None, None, None, 300.0, None, None),
        (FULL, "complaints_in_time", None, "2024", 0.7, 0.6, 0.8, 90.0, None, None),
        (FULL, "complaints_in_time", None, "2025", 0.75, 0.65, 0.84, 95.0, None, None),
        (FULL, "leadership_reliability", "within_units", "2025-S2", 0.6, 0.5, 0.7, 400.0, 14, None),
        (FULL, "index_without_fees", None, "2025-S2", 80.0, 79.0, 81.0, 900.0, None, None),
    ]
    names = ["region_code", "measure", "group", "period", "value", "conf_low", "conf_high", "n", "n_units", "reference"]
    return pd.DataFrame(rows, columns=names).assign(label=None)


@pytest.fixture(scope="session")
def results() -> StudyResults:
    """A made-up study of seven regions."""
    indices, estimates = _indices(), _estimates()
    official = load_published(load_catalog())
    files = [{"name": "survei.csv", "table": "survey", "sha256": "ab" * 32, "rows": 34_560}]
    panel, verdicts = _panel(indices), _verdicts(estimates)
    units = panel[["unit_id", "region_code"]].drop_duplicates("unit_id")
    given = StudyInput({"units": units}, (), ())
    choices = study_choices(Path("no folder"), load_catalog(), panel, estimates, verdicts, given)
    return StudyResults(
        meta={"run_id": "0123456789ab", "data_id": "ab0123456789", "synthetic": True,
              "first_period": PERIODS[0], "last_period": PERIODS[-1],
              "claims_sha256": "cd" * 32, "code_sha256": "ef" * 32, "version": "0.1.0", "files": files},
        regions=tuple(sorted(REGIONS)),
        panel=panel,
        indices=indices,
        estimates=estimates,
        verdicts=verdicts,
        checks=_checks(),
        findings=_findings(),
        official=official,
        official_noise=measurement_noise(official),
        measures=_measures(),
        graphs=graph_table(load_catalog()),
        **choices,
    )  # fmt: skip


@pytest.fixture(scope="session")
def blocks(results: StudyResults) -> dict[str, list[Block]]:
    """All blocks of every region."""
    return {region: [section(results, region) for section in REGION_SECTIONS] for region in REGIONS}


def context(results: StudyResults, region: str, lang: str) -> PageContext:
    """Context of a region's page."""
    found = load_catalog().region(region)
    return PageContext(
        release="2025-S2",
        run_id=results.meta["run_id"],
        first_period=PERIODS[0],
        last_period=PERIODS[-1],
        synthetic=True,
        region_code=region,
        region_name=found.name,
        province=load_catalog().region(found.parent).name if found.parent else "",
        languages={"id": "index.html", "en": "en.html"},
        index="../index.html" if lang == "id" else "../index.en.html",
        synthesis="../synthesis/index.html",
        links={
            "estimates": "estimates.csv",
            "claims": "claims.csv",
            "annex": "annex.html",
            "manifest": "manifest.json",
        },
        assets="../assets",
    )
