"""Moderation: products of treatments and moderators, simple slopes, Johnson-Neyman region."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimators.linear import Linear, Uncertainty
from analysis.estimators.preflight import Sample
from analysis.estimators.table import confidence_level
from analysis.results import FloatArray
from analysis.spec import Spec

Columns = dict[str, FloatArray]


def interactions(sample: Sample, spec: Spec) -> tuple[Columns, Columns]:
    """Return the wanted columns (treatments and products) and the controls (with the moderators' own effects).

    A product is treatment x (moderator - its mean in the sample), named ``<treatment>:<moderator>``.
    """
    wanted: Columns = {name: sample.columns[name] for name in spec.treatments}
    for moderator in spec.moderators:
        values = sample.columns[moderator]
        centred = values - np.average(values, weights=sample.weights)
        for treatment in spec.treatments:
            wanted[f"{treatment}:{moderator}"] = sample.columns[treatment] * centred
    own = [name for name in spec.moderators if name not in wanted]
    names = dict.fromkeys([*spec.controls, *own])
    return wanted, {name: sample.columns[name] for name in names if name not in wanted}


def simple_slopes(model: Linear, spec: Spec, uncertainty: Uncertainty) -> dict[str, Any]:
    """Return effects at the moderator's mean and one standard deviation either side, and where they are significant.

    Returns
    -------
    dict
        ``simple_slopes``: DataFrame with treatment, moderator, at (``mean-sd``, ``mean``, ``mean+sd``), value,
        estimate, std_error, df, conf_low, conf_high. ``johnson_neyman``: DataFrame with treatment, moderator, lower,
        upper (moderator values where the interval of the effect touches zero, NaN where there is none), inside
        (whether the effect is significant between them), observed_low, observed_high, share (of the rows where it is
        significant). Aiken and West (1991); Bauer and Curran (2005).
    """
    slopes, regions = [], []
    for treatment in spec.treatments:
        for moderator in spec.moderators:
            curve = _Curve(model, uncertainty, treatment, moderator, confidence_level(spec))
            slopes += curve.slopes()
            regions.append(curve.region())
    return {"simple_slopes": pd.DataFrame(slopes), "johnson_neyman": pd.DataFrame(regions)}


class _Curve:
    """The effect of one treatment as a line in one moderator, the others at their means."""

    def __init__(self, model: Linear, uncertainty: Uncertainty, treatment: str, moderator: str, level: float) -> None:
        first, second = (model.names.index(name) for name in (treatment, f"{treatment}:{moderator}"))
        self.names = {"treatment": treatment, "moderator": moderator}
        self.values = model.sample.columns[moderator]
        weights = model.sample.weights
        self.mean = float(np.average(self.values, weights=weights))
        self.sd = float(np.sqrt(np.average((self.values - self.mean) ** 2, weights=weights)))
        self.base, self.change = model.fit.coefficients[[first, second]]
        self.vcov = uncertainty.vcov[np.ix_([first, second], [first, second])]
        self.df = float(min(uncertainty.df[first], uncertainty.df[second]))
        self.critical = float(stats.t.isf((1 - level) / 2, self.df))

    def effect(self, value: float) -> tuple[float, float]:
        """Return the effect at a value of the moderator and its standard error."""
        contrast = np.array([1.0, value - self.mean])
        estimate = float(self.base + self.change * (value - self.mean))
        return estimate, float(np.sqrt(contrast @ self.vcov @ contrast))

    def slopes(self) -> list[dict[str, Any]]:
        """Return the effects at the mean and one standard deviation either side."""
        rows = []
        for label, value in (
            ("mean-sd", self.mean - self.sd),
            ("mean", self.mean),
            ("mean+sd", self.mean + self.sd),
        ):
            estimate, error = self.effect(value)
            margin = self.critical * error
            rows.append(
                {
                    **self.names,
                    "at": label,
                    "value": value,
                    "estimate": estimate,
                    "std_error": error,
                    "df": self.df,
                    "conf_low": estimate - margin,
                    "conf_high": estimate + margin,
                }
            )
        return rows

    def region(self) -> dict[str, Any]:
        """Return the moderator values between or beyond which the effect differs from zero."""
        square = self.critical**2
        quadratic = self.change**2 - square * self.vcov[1, 1]
        linear = 2 * (self.base * self.change - square * self.vcov[0, 1])
        constant = self.base**2 - square * self.vcov[0, 0]
        gap = linear**2 - 4 * quadratic * constant
        lower = upper = np.nan
        if gap > 0 and quadratic != 0:
            roots = (-linear + np.array([-1.0, 1.0]) * np.sqrt(gap)) / (2 * quadratic)
            lower, upper = (float(root) + self.mean for root in np.sort(roots))
        centred = self.values - self.mean
        significant = quadratic * centred**2 + linear * centred + constant > 0
        return {
            **self.names,
            "lower": lower,
            "upper": upper,
            "inside": bool(quadratic < 0) if np.isfinite(lower) else None,
            "observed_low": float(self.values.min()),
            "observed_high": float(self.values.max()),
            "share": float(significant.mean()),
        }
