"""Change an assumption and see what follows: one effect, estimated as the reader chooses, with its checks.

Everything that the widgets show is computed here, from a frozen `Choice`, so that it can be tested, printed and copied
as code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Any

import pandas as pd

from analysis.claims import load_declared
from analysis.diagnostics import (
    SpecificationCurve,
    leave_one_out,
    negative_control,
    placebo_lead,
    sensitivity_of,
    specification_curve,
)
from analysis.display.results import spec_code
from analysis.errors import UsageError, closest
from analysis.estimators import fit
from analysis.identification import BOTH, arrows, identify
from analysis.results import Check, Fit
from analysis.spec import COVARIANCES, Spec

OUTCOMES = ("index", "index_without_u4", "u1", "u3", "u4", "u8", "u9", "complaints_in_time", "response_days")
TREATMENTS = ("training_hours", "training_hours_now", "training_matched", "leadership", "log_budget", "resistance")
CONTROLS = ("leadership", "log_budget", "resistance", "hours_partner", "index_before")
MOST_LAGS = 4
BOOTSTRAP = {"draws": 999, "seed": 20_260_101}
CURVE_DRAWS = 199
CURVE_CONTROLS = 4
NEGATIVE_CONTROLS = {"log_budget": "u1"}
# A mean over two half-years holds the present one: its lead is clean two half-years ahead.
LEADS = {"training_hours": 2, "training_matched": 2, "log_budget": 2}
# Columns of the panel that measure a node of the graph beside the one that the graph names.
NODE_OF = {
    "training_hours_now": "training",
    "training_matched": "training",
    "index_without_u4": "measured_quality",
    "response_days": "responsiveness",
    "u1": "measured_quality",
    "u4": "measured_quality",
    "u8": "measured_quality",
}


@dataclass(frozen=True)
class Choice:
    """What the reader chose.

    Parameters
    ----------
    region
        Code of one region; None for all of them.
    outcome, treatment, controls
        Columns of the panel.
    covariance
        One of `analysis.spec.COVARIANCES`.
    lags
        Half-years between treatment and outcome, 0 to 4.
    weighted
        Weight by the precision of the outcome; only the satisfaction index has weights.
    """

    region: str | None = None
    outcome: str = "index"
    treatment: str = "training_hours"
    controls: tuple[str, ...] = ("leadership", "log_budget")
    covariance: str = "CRV1"
    lags: int = 0
    weighted: bool = True


@dataclass(frozen=True)
class Advice:
    """What the causal graph says of a choice of controls.

    Parameters
    ----------
    identified
        Whether any set of controls is enough.
    adjustment
        Columns that the graph asks to hold constant.
    missing
        Those of them that were not chosen.
    harmful
        Chosen columns that are consequences of the treatment: to hold them constant hides part of the effect.
    """

    identified: bool
    adjustment: tuple[str, ...]
    missing: tuple[str, ...]
    harmful: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One effect with all that belongs to it.

    Parameters
    ----------
    choice, spec
        What was asked, and the same as a `Spec`.
    fit
        The estimate.
    checks
        Checks that come with the estimator, then falsification, leave-one-out and sensitivity.
    curve
        All sets of controls side by side; None without an estimate.
    advice
        What the graph says; None where it does not know treatment or outcome.
    n_regions
        Regions in the rows used.
    """

    choice: Choice
    spec: Spec
    fit: Fit
    checks: tuple[Check, ...]
    curve: SpecificationCurve | None
    advice: Advice | None
    n_regions: int


def read(panel: pd.DataFrame, choice: Choice) -> Reading:
    """Estimate what was chosen, within units and net of everything common to a region in a half-year.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    choice
        What the reader chose.

    Raises
    ------
    UsageError
        For a column, region, covariance or lag that there is not (with the closest match).
    """
    _check(panel, choice)
    frame, spec = frame_of(panel, choice), spec_of(choice)
    result = fit(frame, spec)
    checks, curve = result.checks, None
    if result.ok:
        checks = (*checks, *_further_checks(frame, spec, choice))
        curve = specification_curve(frame, spec, variants_of(choice), draws=CURVE_DRAWS)
    used = frame.dropna(subset=[choice.outcome, treatment_column(choice), *spec.controls])
    return Reading(choice, spec, result, checks, curve, advice_on(choice), int(used["region_code"].nunique()))


def _check(panel: pd.DataFrame, choice: Choice) -> None:
    for name in (choice.outcome, choice.treatment, *choice.controls):
        _one_of(name, [str(column) for column in panel.columns], "column")
    _one_of(choice.covariance, list(COVARIANCES), "covariance")
    if choice.region is not None:
        _one_of(choice.region, sorted(panel["region_code"].unique()), "region")
    if choice.lags not in range(MOST_LAGS + 1):
        raise UsageError("display.lags", value=choice.lags, most=MOST_LAGS)


def _one_of(name: str, known: list[str], kind: str) -> None:
    if name not in known:
        raise UsageError("display.unknown_choice", kind=kind, name=name, closest=closest(name, known) or "-")


def lagged(panel: pd.DataFrame, column: str, by: int) -> pd.DataFrame:
    """Return the panel with ``<column>_lag<by>``: the value of the same unit `by` half-years before.

    A half-year that is missing in between is not skipped: its value is missing.
    """
    earlier = panel[["unit_id", "period_index", column]].rename(columns={column: f"{column}_lag{by}"})
    earlier = earlier.assign(period_index=earlier["period_index"] + by)
    return panel.merge(earlier, on=["unit_id", "period_index"], how="left", validate="one_to_one")


def treatment_column(choice: Choice) -> str:
    """Return the column of the treatment at the chosen lag."""
    return f"{choice.treatment}_lag{choice.lags}" if choice.lags else choice.treatment


def frame_of(panel: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the rows and columns that a choice uses."""
    frame = lagged(panel, choice.treatment, choice.lags) if choice.lags else panel
    return frame if choice.region is None else frame[frame["region_code"] == choice.region]


def spec_of(choice: Choice) -> Spec:
    """Return a choice as a `Spec`."""
    controls = tuple(name for name in choice.controls if name not in (choice.treatment, choice.outcome))
    return Spec(
        "fixed_effects",
        choice.outcome,
        (treatment_column(choice),),
        controls=controls,
        unit="unit_id",
        time="region_period",
        cluster="unit_id",
        weights="weight" if choice.weighted and choice.outcome.startswith("index") else None,
        covariance=choice.covariance,
        options=BOOTSTRAP if choice.covariance == "wild_bootstrap" else {},
    )


def code_of(choice: Choice) -> str:
    """Return a choice as Python code that repeats its estimate from the variable ``results``."""
    lines = ["from analysis.estimators import Spec, fit", "", "frame = results.panel"]
    if choice.lags:
        lines[1:1] = ["from analysis.display.explorer import lagged"]
        lines[-1] = f"frame = lagged(results.panel, {choice.treatment!r}, {choice.lags})"
    if choice.region is not None:
        lines.append(f'frame = frame[frame["region_code"] == {choice.region!r}]')
    return "\n".join([*lines, f"spec = {spec_code(spec_of(choice))}", "fit(frame, spec)"])


def _further_checks(frame: pd.DataFrame, spec: Spec, choice: Choice) -> tuple[Check, ...]:
    plain = replace(spec, covariance="CRV1", options={})
    refuted = NEGATIVE_CONTROLS.get(choice.treatment, "u4")
    level = load_declared().rules.check_level
    found = [placebo_lead(frame, plain, LEADS.get(choice.treatment, 1), level=level)]
    if refuted != choice.outcome:
        found.append(negative_control(frame, plain, refuted, level))
    by = "unit_id" if choice.region else "region_code"
    found.append(leave_one_out(frame, plain, by=by).check)
    if plain.controls:
        found.append(sensitivity_of(frame, plain)[1])
    return tuple(found)


def variants_of(choice: Choice) -> Mapping[str, Mapping[str, Any]]:
    """Return all sets of the usual controls, and the estimate without weights, as variants of the main specification.

    The name of a variant lists its controls.
    """
    listed = [name for name in CONTROLS if name not in (choice.treatment, choice.outcome)][:CURVE_CONTROLS]
    sets = chain.from_iterable(combinations(listed, size) for size in range(len(listed) + 1))
    # Leaving-one-out covariances and bootstraps of 17 variants would take longer than a reader waits.
    plain: dict[str, Any] = {"covariance": "CRV1", "options": {}}
    variants: dict[str, Mapping[str, Any]] = {"+".join(names) or "none": {**plain, "controls": names} for names in sets}
    if spec_of(choice).weights:
        variants["unweighted"] = {**plain, "weights": None}
    return variants


def advice_on(choice: Choice) -> Advice | None:
    """Return what the causal graph says of the chosen controls; None where it does not know treatment or outcome."""
    nodes = load_declared().graph
    by_column = {node.column: key for key, node in nodes.items() if node.column} | NODE_OF
    treatment, outcome = by_column.get(choice.treatment), by_column.get(choice.outcome)
    if treatment is None or outcome is None or treatment == outcome:
        return None
    found = identify(nodes, treatment, outcome, BOTH)
    wanted = tuple(str(nodes[name].column) for name in found.adjustment or ())
    import networkx as nx

    after = nx.descendants(arrows(nodes), treatment)
    harmful = tuple(name for name in choice.controls if by_column.get(name) in after)
    missing = tuple(name for name in wanted if name not in choice.controls)
    return Advice(found.identified, wanted, missing, harmful)
