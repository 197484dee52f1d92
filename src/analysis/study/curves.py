"""Curves behind the figures: every defensible specification, the response to the dose, the time around a start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.catalog import Catalog
from analysis.claims.checks import plain_spec
from analysis.claims.effects import CLUSTER_BY_REGION_FROM, TEN_PERCENT, linear_spec, staggered_spec
from analysis.claims.evaluate import identification_of
from analysis.claims.frames import design_frame, net_of_region
from analysis.claims.records import Declared, EffectSpec, load_declared
from analysis.claims.variants import JOINT_TEST_ROWS, STOCK_OVER_FLOW, WITHOUT_U4
from analysis.diagnostics import specification_curve
from analysis.estimators import fit
from analysis.identification import adjustment_columns
from analysis.messages import Message
from analysis.results import CURVE_COLUMNS, Check, Fit, no_curves
from analysis.spec import Spec

LEVER_SPECS = ("training_quality", "leadership_quality", "budget_quality")
"""Effects with a curve of specifications and of doses."""
PROGRAMME_SPECS = ("online_waiting", "award_quality", "feedback_responsiveness")
"""Programmes with an event study."""
ADDED = {
    "training_quality": (("resistance",), ("resistance", "leadership")),
    "leadership_quality": (("resistance",), ("log_budget",), ("resistance", "log_budget")),
    "budget_quality": (("leadership",), ("resistance",), ("leadership", "resistance")),
}
"""Sets of covariates that could also be held constant, beside those of the causal graph and none."""
MAIN = "main"
"""Name of the combination of first choices: the main specification without its correction for noise."""
DRAWS = 499
DOSES = 9
"""Points of a dose-response curve: smooth on a page, and few enough for its table."""
LEADS, LAGS = 4, 5
"""Half-years shown before and after a start; further ones rest on few units."""
BOUNDED = ("estimate", "conf_low", "conf_high", "band_low", "band_high")

Row = dict[str, Any]
Choice = tuple[str, Mapping[str, Any]]


def study_curves(panel: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the points of every curve, see `analysis.results.StudyResults.curves`.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    catalog
        Its folder holds claims, specifications, graph and rules.
    """
    declared = load_declared(catalog.folder)
    panel = panel.sort_values(["unit_id", "period_index"], kind="stable", ignore_index=True)
    rows: list[Row] = []
    for key in LEVER_SPECS:
        rows += lever_rows(panel, declared, declared.specs[key])
    for key in PROGRAMME_SPECS:
        rows += event_rows(panel, declared, declared.specs[key])
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS)) if rows else no_curves()


def lever_rows(panel: pd.DataFrame, declared: Declared, effect: EffectSpec) -> list[Row]:
    """Return the curves of specifications and of doses of one lever; none where its effect is not identified."""
    found = identification_of(effect, declared)
    outcome = declared.graph[effect.outcome].column
    if not found.identified or outcome is None:
        return []
    controls = adjustment_columns(declared.graph, found)
    if any(name not in panel or panel[name].isna().all() for name in (outcome, *effect.treatments, *controls)):
        return []
    frame = design_frame(panel, effect)
    main = plain_spec(linear_spec(effect, controls, outcome))
    return [*specification_rows(frame, effect, main), *dose_rows(frame, effect, main)]


def specification_rows(frame: pd.DataFrame, effect: EffectSpec, main: Spec) -> list[Row]:
    """Return the estimate under every combination of the defensible choices, in the claim's unit, sorted by size."""
    factor = TEN_PERCENT if effect.transform == "ten_percent" else effect.scale
    variants = combinations(frame, effect, main)
    listed = {name: fields for name, (_, fields) in variants.items()}
    table, check = _estimated(frame, main, listed)
    table = table[table["estimate"].notna()]
    figures = ("estimate", "conf_low", "conf_high")
    return [
        _row(
            "specification_curve",
            effect,
            item["variant"],
            place,
            item | {name: factor * float(item[name]) for name in figures},
            _in_unit(check, factor),
            main=item["variant"] == MAIN,
        )
        | {"choices": " ".join(variants[item["variant"]][0])}
        for place, item in enumerate(table.to_dict("records"))
    ]


def _estimated(
    frame: pd.DataFrame, main: Spec, listed: Mapping[str, Mapping[str, Any]]
) -> tuple[pd.DataFrame, Check | None]:
    if len(frame) > JOINT_TEST_ROWS:
        return _without_joint_test(frame, main, listed), None
    others = {name: fields for name, fields in listed.items() if name != MAIN}
    curve = specification_curve(frame, main, others, draws=DRAWS)
    return curve.table, curve.check


def _in_unit(check: Check | None, factor: float) -> Check | None:
    """Return the check of a curve with its median in the claim's unit."""
    if check is None or "median" not in check.reason.values:
        return check
    values = {**check.reason.values, "median": factor * float(check.reason.values["median"])}
    return replace(check, reason=Message(check.reason.key, values))


def combinations(
    frame: pd.DataFrame, effect: EffectSpec, main: Spec
) -> dict[str, tuple[tuple[str, ...], dict[str, Any]]]:
    """Return by name the choices of each combination and the fields of the main specification that it changes."""
    dimensions = [_measures(frame, effect), _controls(frame, effect, main), _weights(main), _outcomes(frame, main)]
    found = {}
    for number, chosen in enumerate(product(*dimensions)):
        fields: dict[str, Any] = {}
        scale = 1.0
        for _, change in chosen:
            scale *= float(change.get("scale", 1.0))
            fields |= {name: value for name, value in change.items() if name != "scale"}
        found[f"{number:03d}" if number else MAIN] = (tuple(name for name, _ in chosen), fields | {"scale": scale})
    return found


def _measures(frame: pd.DataFrame, effect: EffectSpec) -> list[Choice]:
    stock: Choice = ("measure_main", {})
    if effect.treatments == ("training_hours",) and "training_hours_now" in frame:
        now = {"treatments": ("training_hours_now",), "term": "training_hours_now", "scale": STOCK_OVER_FLOW}
        return [("measure_year", {}), ("measure_now", now)]
    return [stock]


def _controls(frame: pd.DataFrame, effect: EffectSpec, main: Spec) -> list[Choice]:
    listed: dict[tuple[str, ...], str] = {main.controls: "controls_graph"}
    listed.setdefault((), "controls_none")
    for added in ADDED[effect.key]:
        held = tuple(dict.fromkeys([*main.controls, *added]))
        if all(name in frame and frame[name].notna().any() for name in held):
            listed.setdefault(held, "controls_" + "_".join(added))
    return [(name, {"controls": held}) for held, name in listed.items()]


def _weights(main: Spec) -> list[Choice]:
    weighted: Choice = ("weights_precision", {})
    return [weighted, ("weights_none", {"weights": None})] if main.weights else [weighted]


def _outcomes(frame: pd.DataFrame, main: Spec) -> list[Choice]:
    full: Choice = ("outcome_full", {})
    without = {"outcome": "index_without_u4", "scale": WITHOUT_U4}
    return [full, ("outcome_without_u4", without)] if "index_without_u4" in frame else [full]


def _without_joint_test(frame: pd.DataFrame, main: Spec, listed: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return what `specification_curve` tells without resamples, which take minutes in large studies."""
    rows: list[Row] = []
    for name, change in listed.items():
        fields = dict(change)
        scale, term = float(fields.pop("scale", 1.0)), str(fields.pop("term", main.treatments[0]))
        table = fit(frame, replace(main, **fields)).estimates
        for item in table[table["term"] == term].to_dict("records"):
            scaled = {figure: scale * float(item[figure]) for figure in ("estimate", "conf_low", "conf_high")}
            rows.append({str(column): value for column, value in item.items()} | scaled | {"variant": name})
    table = pd.DataFrame(rows, columns=["variant", "estimate", "conf_low", "conf_high", "p_value", "n_units"])
    return table.sort_values(["estimate", "variant"], ignore_index=True)


def dose_rows(frame: pd.DataFrame, effect: EffectSpec, main: Spec) -> list[Row]:
    """Return the response to the dose of one lever, against its median, with the band that holds over all doses."""
    result = fit(frame, replace(main, estimator="dose_response", options={"points": DOSES}))
    if not result.ok:
        return []
    check = next((item for item in result.checks if item.name == "linearity"), None)
    reference = float(result.meta["reference"])
    size: Row = {name: result.meta.get(name) for name in ("n_obs", "n_units")}
    rows = []
    for point in result.meta["curve"]:
        dose = _dose(effect, float(point["dose"]), reference)
        rows.append(_row("dose_response", effect, str(point["term"]), dose, point | size, check))
    zero: Row = dict.fromkeys(BOUNDED, 0.0)
    rows.append(
        _row("dose_response", effect, "reference", _dose(effect, reference, reference), zero | size, check, True)
    )
    return sorted(rows, key=lambda row: row["x"])


def _dose(effect: EffectSpec, dose: float, reference: float) -> float:
    """Return the dose on the scale of the figure: percent more than the median where the treatment is a logarithm."""
    return 100 * float(np.expm1(dose - reference)) if effect.transform == "ten_percent" else dose


def event_rows(panel: pd.DataFrame, declared: Declared, effect: EffectSpec) -> list[Row]:
    """Return the effects by half-years since the start of a programme, the reference half-year included as zero."""
    outcome, cohort = declared.graph[effect.outcome].column, str(effect.cohort)
    if outcome is None or outcome not in panel or cohort not in panel:
        return []
    if panel[cohort].isna().all() or panel[outcome].isna().all():
        return []
    frame = design_frame(panel, effect)
    frame = frame.assign(net_outcome=net_of_region(frame, outcome, cohort))
    by_region = frame["region_code"].nunique() >= CLUSTER_BY_REGION_FROM
    spec = staggered_spec(effect, "net_outcome", "region_code" if by_region else "unit_id")
    options = {"leads": LEADS, "lags": LAGS, "honest": False}
    result = fit(frame, replace(spec, estimator="event_study", options=options))
    return _event_points(result, effect) if result.ok else []


def _event_points(result: Fit, effect: EffectSpec) -> list[Row]:
    bands = {item["term"]: item for item in result.meta["bands"]}
    reference = int(result.meta["reference"])
    rows = []
    for item in result.estimates.to_dict("records"):
        name = str(item["term"])
        point = item | bands.get(name, {})
        scaled = {figure: effect.scale * float(point[figure]) for figure in BOUNDED if figure in point}
        rows.append(_row("event_study", effect, name, int(name.partition(":")[2]), point | scaled, None))
    zero: Row = dict.fromkeys(BOUNDED, 0.0)
    sizes = {name: rows[0][name] for name in ("n_obs", "n_units")} if rows else {}
    rows.append(_row("event_study", effect, "reference", reference, zero | sizes, None, main=True))
    return sorted(rows, key=lambda row: row["x"])


def _row(
    figure: str,
    effect: EffectSpec,
    name: str,
    x: float,
    item: Mapping[Any, Any],
    check: Check | None,
    main: bool = False,
) -> Row:
    figures = ("estimate", "conf_low", "conf_high", "band_low", "band_high", "p_value", "n_obs", "n_units")
    return {
        "figure": figure,
        "spec": effect.key,
        "name": name,
        "x": float(x),
        **{column: _number(item.get(column)) for column in figures},
        "main": main,
        "choices": "",
        "passed": None if check is None else check.passed,
        "reason": None if check is None else check.reason.as_dict(),
    }


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
