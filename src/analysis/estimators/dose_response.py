"""Dose and response: the shape of an effect, not only its slope."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators.bands import sup_t_critical
from analysis.estimators.linear import Linear, Uncertainty, cluster_checks, covariance, fit_linear
from analysis.estimators.pooled_ols import with_intercept
from analysis.estimators.preflight import prepare, refusing
from analysis.estimators.specification import CLUSTERED, refuse_features
from analysis.estimators.staggered_panel import DesignRefusal
from analysis.estimators.table import confidence_level, estimates_table, sorted_vcov
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("knots", "points", "reference")
KNOT_QUANTILES = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
}
MIN_KNOTS = 3
MIN_VALUES = 4
LEVEL = 0.05


@refusing
def dose_response(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Response to the dose of one treatment, by a natural cubic spline with absorbed effects.

    y = s(d) + x'b + effects + e, s linear beyond the outer knots (Harrell 2015, Regression Modeling Strategies, section
    2.4.5). The curve is read as the difference of the response from that at a reference dose; its sup-t band holds over
    all doses at once (Montiel Olea and Plagborg-Moller 2019).

    Parameters
    ----------
    frame
        One row an observation.
    spec
        One of `treatments`, `controls`, `unit`, `time`, `absorb`, `weights`, `cluster`; covariance as for fixed
        effects except the bootstrap. Options: ``knots`` (4; 3 to 5, at Harrell's quantiles of the treatment),
        ``points`` (21 doses between its 5th and 95th percentile), ``reference`` (dose; default the median), ``level``.

    Returns
    -------
    Fit
        Terms ``slope`` (mean derivative over the sample) and ``dose:00``, ``dose:01``, ... (difference from the
        reference dose). ``meta``: sizes as for fixed effects, curve (list of term, dose, estimate, interval and band),
        knots, reference, linearity (F, degrees of freedom, p-value).

    Raises
    ------
    UsageError
        For unknown columns or options, or not exactly one treatment.
    """
    if len(spec.treatments) != 1:
        raise UsageError("designs.one_treatment", estimator=spec.estimator)
    refuse_features(spec, "cohort", "mediators", "moderators")
    if spec.covariance == "wild_bootstrap":
        raise UsageError("designs.no_bootstrap", estimator=spec.estimator)
    points = _points(spec)
    effects = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    sample = with_intercept(prepare(frame, spec, absorb=effects, options=OPTIONS))
    name = spec.treatments[0]
    dose = sample.columns[name]
    knots = spline_knots(dose, _n_knots(spec), sample.meta(), name)
    basis = natural_spline(dose, knots)
    wanted = {name if column == 0 else f"{name}^{column + 1}": basis[:, column] for column in range(basis.shape[1])}
    model = fit_linear(sample, wanted, {control: sample.columns[control] for control in spec.controls})
    uncertainty = covariance(model, spec)
    reference = float(spec.options.get("reference", np.median(dose)))
    low, high = np.quantile(dose, [0.05, 0.95])
    grid = np.linspace(float(low), float(high), points)
    return _curve(spec, model, uncertainty, knots, dose, grid, reference)


def _points(spec: Spec) -> int:
    points = int(spec.options.get("points", 21))
    if not 2 <= points <= 99:
        raise UsageError("designs.bad_option", option="points", value=points, minimum=2)
    return points


def _n_knots(spec: Spec) -> int:
    knots = int(spec.options.get("knots", 4))
    if knots not in KNOT_QUANTILES:
        raise UsageError("designs.bad_option", option="knots", value=knots, minimum=MIN_KNOTS)
    return knots


def spline_knots(dose: FloatArray, count: int, meta: dict[str, Any], name: str) -> FloatArray:
    """Place knots at quantiles of the dose; ties (a mass at zero) lead to fewer knots.

    Raises
    ------
    Refusal
        If there are too few distinct doses for a curve.
    """
    distinct = np.unique(dose)
    if len(distinct) < MIN_VALUES:
        raise DesignRefusal("few_values", meta, column=name, n=len(distinct), minimum=MIN_VALUES)
    for number in range(count, MIN_KNOTS - 1, -1):
        knots = np.unique(np.quantile(dose, KNOT_QUANTILES[number]))
        if len(knots) == number:
            return np.asarray(knots)
    return np.asarray(np.quantile(distinct, KNOT_QUANTILES[MIN_KNOTS]))


def natural_spline(dose: FloatArray, knots: FloatArray) -> FloatArray:
    """Evaluate the basis of a cubic spline that is linear beyond its outer knots.

    Parameters
    ----------
    dose
        Shape (n,).
    knots
        Sorted, shape (k,).

    Returns
    -------
    FloatArray
        The dose itself and k - 2 curved columns, in the unit of the dose; shape (n, k - 1).
    """
    return np.column_stack([dose, _curved(dose, knots, 3)])


def natural_spline_slope(dose: FloatArray, knots: FloatArray) -> FloatArray:
    """Evaluate the derivative of `natural_spline` with respect to the dose, shape (n, k - 1)."""
    return np.column_stack([np.ones_like(dose), 3 * _curved(dose, knots, 2)])


def _curved(dose: FloatArray, knots: FloatArray, power: int) -> FloatArray:
    last, before = knots[-1], knots[-2]
    span = (knots[-1] - knots[0]) ** 2

    def above(knot: float) -> FloatArray:
        return np.asarray(np.maximum(dose - knot, 0.0) ** power)

    columns = [
        (
            above(knot)
            - above(before) * (last - knot) / (last - before)
            + above(last) * (before - knot) / (last - before)
        )
        / span
        for knot in knots[:-2]
    ]
    return np.column_stack(columns)


def _curve(
    spec: Spec,
    model: Linear,
    uncertainty: Uncertainty,
    knots: FloatArray,
    dose: FloatArray,
    grid: FloatArray,
    reference: float,
) -> Fit:
    sample, level = model.sample, confidence_level(spec)
    wanted = slice(model.n_controls, None)
    vcov, df = uncertainty.vcov[wanted, wanted], float(np.min(uncertainty.df[wanted]))
    start = natural_spline(np.array([reference]), knots)
    difference = natural_spline(grid, knots) - start
    weights = np.ones(sample.n_obs) if sample.weights is None else sample.weights
    slope = np.average(natural_spline_slope(dose, knots), axis=0, weights=weights)
    loadings = np.vstack([difference, slope])
    estimate, spread = loadings @ model.estimate, loadings @ vcov @ loadings.T
    names = [*(f"dose:{position:02d}" for position in range(len(grid))), "slope"]
    inference = inf.t_inference(estimate, spread, df, level)
    table = estimates_table(
        spec,
        names,
        estimate,
        inference,
        n_obs=sample.n_obs,
        n_units=sample.n_units,
        n_clusters=sample.n_clusters,
    )
    critical = sup_t_critical(spread[:-1, :-1], df, level)
    check, linearity = _linearity(model, vcov, df, spec)
    meta = {
        **sample.meta(),
        "curve": [
            {
                "term": names[position],
                "dose": float(grid[position]),
                "estimate": float(estimate[position]),
                "conf_low": float(inference.conf_low[position]),
                "conf_high": float(inference.conf_high[position]),
                "band_low": float(estimate[position] - critical * inference.std_error[position]),
                "band_high": float(estimate[position] + critical * inference.std_error[position]),
            }
            for position in range(len(grid))
        ],
        "knots": knots.tolist(),
        "reference": reference,
        "linearity": linearity,
    }
    checks = (*cluster_checks(model, spec), check)
    return Fit("ok", None, table, sorted_vcov(names, spread), checks, meta)


def _linearity(model: Linear, vcov: FloatArray, df: float, spec: Spec) -> tuple[Check, dict[str, Any]]:
    name, curved = "linearity", slice(1, None)
    size = len(model.estimate) - 1
    if spec.covariance in CLUSTERED and model.sample.n_clusters <= size + 1:
        values = {"n": model.sample.n_clusters, "k": size}
        return Check(name, None, Message("designs.few_clusters_curve", values)), {}
    statistic, p_value = inf.wald_f(model.estimate[curved], vcov[curved, curved], df)
    passed = p_value > LEVEL
    reason = Message(f"designs.linear_{'passed' if passed else 'failed'}", {"p": p_value})
    found = {"statistic": statistic, "df": (size, df), "p_value": p_value}
    return Check(name, passed, reason, statistic, p_value), found
