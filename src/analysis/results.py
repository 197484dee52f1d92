"""Frozen result types that the layers hand to each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.messages import Message
from analysis.regional import ByRegion

FloatArray = npt.NDArray[np.float64]

ESTIMATE_COLUMNS = (
    "estimator",
    "outcome",
    "term",
    "estimate",
    "std_error",
    "statistic",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
    "n_obs",
    "n_units",
    "n_clusters",
    "covariance",
)


def no_estimates() -> pd.DataFrame:
    """Return an empty table with the columns of `Fit.estimates`."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ESTIMATE_COLUMNS})


CURVE_COLUMNS = (
    *("figure", "spec", "name", "x", "estimate", "conf_low", "conf_high", "band_low", "band_high", "p_value"),
    *("n_obs", "n_units", "main", "choices", "passed", "reason"),
)


def no_curves() -> pd.DataFrame:
    """Return an empty table with the columns of `StudyResults.curves`."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in CURVE_COLUMNS})


_INTERVAL = ("estimate", "std_error", "conf_low", "conf_high")
_USE = ("hours_now", "hours", "cost_now", "cost")
NO_CHOICES: Mapping[str, tuple[str, ...]] = {
    "scenarios": (
        *("region_code", "scenario", "label", "question", "status", *_INTERVAL, "probability_positive"),
        *("everywhere", "everywhere_low", "everywhere_high", "n_units", "n_reached", "n_without_data"),
        *("share_outside", "expected_upgrades", "cost_status", "cost_total", "cost_per_point", "cost_low"),
        *("cost_high", "cost_per_officer_point", "sentence", "cost_sentence", "notes"),
    ),
    "scenario_units": (
        *("region_code", "scenario", "unit_id", "unit_name", "service_type", "headcount", "period", "index"),
        *("outside", "change", "std_error", "conf_low", "conf_high", "grade", "next_grade"),
        *("probability_next_grade", "probability_without"),
    ),
    "benchmarks": (
        *("region_code", "scenario", "evidence", "study", "year", "source", "role", "direction", "effect"),
        *("effect_unit", "predicted_sd", "predicted_sd_low", "predicted_sd_high", "sentence"),
    ),
    "lever_costs": ("region_code", "lever", "estimate", "conf_low", "conf_high", "basis"),
    "allocation": (
        *("region_code", "status", "reason", "notes", "remedies", "budget", "trainer_days", "minimum_hours"),
        *("minimum_spend", "equity_share", "officers", "n_units", "n_below_now", "candidate", "gain", "std_error"),
        *("conf_low", "conf_high", "probability_better", "fragile_gain", "expected_regret", "high_regret"),
        *("present_regret", "present_feasible", "value_of_perfect_information", "value_of_halved_errors", "spend"),
        *("days_used", "binding", "sentence"),
    ),
    "allocation_forms": (
        *("region_code", "form", "label", "effect", "effect_error", "cost_per_hour", "own_price", *_USE),
        *("days_now", "days"),
    ),
    "allocation_units": (
        *("region_code", "unit_id", "unit_name", "service_type", "headcount", "form", "hours_now", "hours"),
        *("change", "cost", "trainer_days"),
    ),
    "priorities": (
        *("region_code", "period", "unit_id", "element", "n", "mean", "shrunken", "std_error", "shrinkage"),
        *("reference", "gap", "probability_below", "rank", "sentence"),
    ),
    "curriculum": (
        *("region_code", "period", "kind", "topic", "label", "elements", "units", "cells", "officers", "gap"),
        *("weight", "hours_now", "sentence"),
    ),
    "follow_up": (
        *("region_code", "status", "period", "period_before", "n_listed", "n_units", "gap_before", "gap_after"),
        *("closed", "closed_by_itself", "excess", "std_error", "p_value", "reliability", "closed_more", "sentence"),
    ),
    "comparison": (
        *("region_code", "status", "rise", "beyond", "std_error", "df", "p_value", "conf_low", "conf_high"),
        *("n_regions", "n_before", "n_after", "first", "split", "last", "donors", "sentence"),
    ),
    "measures": (
        *("region_code", "measure", "group", "label", "period", "value", "conf_low", "conf_high", "n", "n_units"),
        "reference",
    ),
    "graphs": ("claim", "spec", "graph"),
}
"""Columns of the tables about choices and measures, see `StudyResults`."""
JSON_COLUMNS = (
    *("reason", "message", "sentence", "cost_sentence", "notes", "remedies", "label", "question", "donors", "graph"),
)
"""Columns that hold mappings or lists, stored as JSON text."""


def no_choices(name: str) -> pd.DataFrame:
    """Return an empty table with the columns `NO_CHOICES` of that name."""
    return pd.DataFrame({column: pd.Series(dtype=object) for column in NO_CHOICES[name]})


def no_boundaries() -> pd.DataFrame:
    """Return an empty table with the columns of `StudyResults.boundaries`."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in ("region_code", "rings")})


@dataclass(frozen=True)
class Check:
    """One test of an assumption.

    Parameters
    ----------
    name
        Field's term, for example ``"pre_trend"``.
    passed
        True, False, or None where it could not be carried out.
    reason
        What was found, or why it could not be carried out.
    statistic, p_value
        The figures behind it, if any.
    """

    name: str
    passed: bool | None
    reason: Message
    statistic: float | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class Fit:
    """What an estimator returns.

    Parameters
    ----------
    status
        ``"ok"``, or ``"not_estimable"``: then `estimates` is empty and `reason` says why.
    reason
        Why nothing could be estimated, in both languages; None if the status is ``"ok"``.
    estimates
        One row a term with the columns `ESTIMATE_COLUMNS`, sorted by term; further rows (for example events) in
        the same columns. Confidence intervals are at the level ``options["level"]`` (0.95).
    vcov
        Covariance of the estimates, rows and columns in the order of `estimates`, or None.
    checks
        Assumption tests that come with the estimator.
    meta
        Sample sizes, dropped rows with reasons, fit statistics; keys are named in the estimator's docstring.
    """

    status: Literal["ok", "not_estimable"]
    reason: Message | None
    estimates: pd.DataFrame
    vcov: FloatArray | None = None
    checks: tuple[Check, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there are numbers."""
        return self.status == "ok"

    @classmethod
    def not_estimable(cls, reason: Message, meta: Mapping[str, Any] | None = None) -> Fit:
        """Return a fit without any number that says why."""
        return cls("not_estimable", reason, no_estimates(), meta=dict(meta or {}))


@dataclass(frozen=True)
class Finding:
    """Something found in an input file.

    Parameters
    ----------
    severity
        ``"error"`` refuses the file, ``"warning"`` says what was repaired or doubted.
    file, sheet
        Where; `sheet` is None for text files.
    row
        Row as Excel shows it (the first is 1), or None for the whole file.
    column
        Header and letter as Excel shows it, for example ``"Nilai IKM (C)"``, or None.
    value
        The text found there, or None.
    rule
        Name of the rule, snake_case.
    message
        What is wrong and what to do.
    """

    severity: Literal["error", "warning"]
    file: str
    sheet: str | None
    row: int | None
    column: str | None
    value: str | None
    rule: str
    message: Message


@dataclass(frozen=True)
class Ingested:
    """A table read from a file: `frame` is None when a finding has severity ``"error"``."""

    frame: pd.DataFrame | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class StudyResults:
    """Everything that the region stage reads; made once by the study stage for all regions together.

    Parameters
    ----------
    meta
        ``run_id`` (short hash of inputs, code and catalog), ``data_id`` (of the inputs alone), ``synthetic`` (bool),
        ``first_period``, ``last_period``, ``claims_sha256``, ``files`` (list of name, table, sha256, rows,
        and ``regions``, the codes whose units are in it, None for all),
        ``code_sha256``, ``version``.
    regions
        Codes of the regions in the study, sorted.
    panel
        One row per unit and half-year, see `analysis.panel.build_panel`.
    indices
        One row per region and half-year (and per region, half-year and unit where `unit_id` is not missing):
        region_code, unit_id, unit_name, service_type, period, n, U1..U9, index, grade, std_error, conf_low, conf_high.
    estimates
        One row per spec, region and level: spec, level (``national``, ``pooled``, ``own``), region_code (missing for
        national), then the columns of `Fit.estimates`.
    verdicts
        One row per claim and region (missing region for the nation): claim, region_code, verdict, estimate, conf_low,
        conf_high, unit, strength (0-4), n_units, n_regions, spec, reason (a `Message` as dict).
    checks
        One row per spec and check: spec, region_code, name, passed, statistic, p_value, reason (a `Message` as dict).
    findings
        One row per `Finding`: severity, file, sheet, row, column, value, rule, message (a `Message` as dict).
    official
        Real published scores: region_code, year, indicator, value, scheme, source.
    official_noise
        One row per indicator: indicator, noise_sd, change_sd, reliability, n_pairs.
    curves
        Points of the national curves, columns `CURVE_COLUMNS`: figure (``specification_curve``, ``dose_response``,
        ``event_study``), spec, name (of the variant or term), x (rank, dose, half-years since the start), estimate,
        conf_low, conf_high, band_low, band_high (sup-t), p_value, n_obs, n_units, main (the specification or half-year
        that the others are compared with), choices (of a specification, separated by blanks), passed and reason (the
        check of the whole curve: a `Message` as dict).
    boundaries
        One row per region whose boundaries the study brings: region_code, rings (JSON text, lists of longitude and
        latitude).
    scenarios
        What each scenario of the catalog and of the study's own ``scenarios.yml`` would bring in each region: change
        of the index in the units reached (estimate to conf_high) and over all units (everywhere), chances, cost a year
        and per index point in rupiah of 2024, and the findings in words.
    scenario_units
        The same by unit reached: change, chance of the next grade with the change and without it, and whether it would
        leave the observed range (outside). Units with fewer than 10 respondents are not in it.
    benchmarks
        Predictions beside confirmed published findings, in standard deviations between units.
    lever_costs
        Rupiah per officer and year for one index point more by lever, where it has a price and a positive effect; basis
        is ``own`` (the region's records) or ``scenario``; conf_high is infinite where the effect may be nil.
    allocation
        One row per region: the advised use of the present budget against the present use; gain in index points, chance
        that it is better, regrets, worth of better data, limits, or why there is none.
    allocation_forms, allocation_units
        Present and advised use by form (lesson hours and rupiah of all officers a year; effect: index points per lesson
        hour and officer a half-year) and by unit and form (lesson hours per officer and year).
    priorities, curriculum, follow_up
        Weakest cells of units and elements, topics that address them, and what became of the list of a year before.
    comparison
        Each region's rise beyond its synthetic counterpart, see `analysis.policy.compare_regions`; first, split and
        last are the half-years.
    measures
        Measures by region: measure, group (of the measure), label (of the group), period (half-year or year), value,
        interval, n (persons, cases or units), n_units, reference (a legal minimum).
    graphs
        One row per claim: the causal graph around it (``nodes``: id, label, x, y, role, observed; ``edges``: from, to,
        kind; ``open_path``, ``adjust``, ``identified``, ``blocked_by``).
    """

    meta: Mapping[str, Any]
    regions: tuple[str, ...]
    panel: pd.DataFrame
    indices: pd.DataFrame
    estimates: pd.DataFrame
    verdicts: pd.DataFrame
    checks: pd.DataFrame
    findings: pd.DataFrame
    official: pd.DataFrame
    official_noise: pd.DataFrame
    curves: pd.DataFrame = field(default_factory=no_curves)
    boundaries: pd.DataFrame = field(default_factory=no_boundaries)
    scenarios: pd.DataFrame = field(default_factory=partial(no_choices, "scenarios"))
    scenario_units: pd.DataFrame = field(default_factory=partial(no_choices, "scenario_units"))
    benchmarks: pd.DataFrame = field(default_factory=partial(no_choices, "benchmarks"))
    lever_costs: pd.DataFrame = field(default_factory=partial(no_choices, "lever_costs"))
    allocation: pd.DataFrame = field(default_factory=partial(no_choices, "allocation"))
    allocation_forms: pd.DataFrame = field(default_factory=partial(no_choices, "allocation_forms"))
    allocation_units: pd.DataFrame = field(default_factory=partial(no_choices, "allocation_units"))
    priorities: pd.DataFrame = field(default_factory=partial(no_choices, "priorities"))
    curriculum: pd.DataFrame = field(default_factory=partial(no_choices, "curriculum"))
    follow_up: pd.DataFrame = field(default_factory=partial(no_choices, "follow_up"))
    comparison: pd.DataFrame = field(default_factory=partial(no_choices, "comparison"))
    measures: pd.DataFrame = field(default_factory=partial(no_choices, "measures"))
    graphs: pd.DataFrame = field(default_factory=partial(no_choices, "graphs"))

    @property
    def n_units(self) -> int:
        """Number of units in the whole study."""
        known = self.meta.get("n_units")
        return int(self.panel["unit_id"].nunique()) if known is None else int(known)

    @property
    def n_regions(self) -> int:
        """Number of regions with units in the whole study."""
        known = self.meta.get("n_regions")
        return int(self.panel["region_code"].nunique()) if known is None else int(known)

    @property
    def mean_index(self) -> dict[str, float]:
        """Unweighted mean of the regions' indices by half-year, over the whole study."""
        known = self.meta.get("mean_index")
        if known is not None:
            return dict(known)
        regional = self.indices[self.indices["unit_id"].isna()]
        means = regional.groupby("period")["index"].mean().dropna().sort_index()
        return {str(at): float(value) for at, value in means.items()}

    def of_region(self, code: str) -> StudyResults:
        """Return what the report of one region rests on; of a result that is already so, the same.

        Kept are the region's own rows and those of no region (the nation's, and figures of the whole study), the
        files that hold its units, and what was found in them. What a report says of the whole study stands in
        `meta` as ``n_units``, ``n_regions`` and ``mean_index``, and whose part this is as ``part_of``.
        """
        if self.meta.get("part_of") == code:
            return self
        return self._part(code, {name: ByRegion(frame).rows(code) for name, frame in self._regional().items()})

    def by_region(self) -> Iterator[tuple[str, StudyResults]]:
        """Yield each region's code with what `of_region` returns for it; every table is taken apart once for all."""
        whole = replace(self, meta={**self.meta, **self._told()})
        tables = {name: ByRegion(frame) for name, frame in self._regional().items()}
        for code in self.regions:
            yield code, whole._part(code, {name: table.rows(code) for name, table in tables.items()})

    def overview(self) -> StudyResults:
        """Return what the synthesis of all regions rests on: figures of regions, none of units or files."""
        kept = {
            "indices": self.indices[self.indices["unit_id"].isna()],
            "estimates": self.estimates[self.estimates["level"] == "pooled"],
            "verdicts": self.verdicts,
            "boundaries": self.boundaries,
        }
        meta = {**self.meta, **self._told(), "data_id": _files_id(()), "files": []}
        tables = (item.name for item in fields(self) if item.name not in ("meta", "regions"))
        frames: dict[str, Any] = {name: kept.get(name, getattr(self, name).iloc[:0]) for name in tables}
        return StudyResults(meta=meta, regions=self.regions, **frames)

    def _regional(self) -> dict[str, pd.DataFrame]:
        kept = ("meta", "regions", "official", "findings")
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in kept}

    def _told(self) -> dict[str, Any]:
        """Return what every report says of the whole study."""
        return {"n_units": self.n_units, "n_regions": self.n_regions, "mean_index": self.mean_index}

    def _part(self, code: str, frames: Mapping[str, pd.DataFrame]) -> StudyResults:
        files = [item for item in self.meta.get("files", []) if code in (item.get("regions") or (code,))]
        known = {item["name"] for item in self.meta.get("files", [])} - {item["name"] for item in files}
        findings = self.findings[~self.findings["file"].isin(known)].reset_index(drop=True)
        meta = {**self.meta, **self._told(), "data_id": _files_id(files), "part_of": code, "files": files}
        changed: dict[str, Any] = {"meta": meta, "findings": findings, **frames}
        return replace(self, **changed)


def _files_id(files: Sequence[Mapping[str, Any]]) -> str:
    """Short hash of names and contents of files."""
    lines = sorted(f"{item['name']}\0{item.get('sha256')}\n" for item in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]
