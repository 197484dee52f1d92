"""What every estimator promises, as rules that any estimator can be held to: by the tests, and by who adds one.

A rule gets a worked design with a known effect and the fit of it; it raises `ContractBrokenError` where the promise is
not kept. `contract` holds an estimator to all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimators.preflight import Estimator
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, Check, Fit, FloatArray
from analysis.spec import Spec

ROUNDING = 1e-8
"""Sums in another order: double rounding, amplified by a test inversion or an optimiser's stop."""

SHIFT_ROUNDING = 1e-7
"""A shift of the outcome by 50 costs two digits more."""

NUMBERS = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
SCALE, SHIFT = 1000.0, 50.0

N_UNITS, N_PERIODS, EFFECT = 60, 8, 0.7
"""Size of the worked panel and the true effect in it."""


class ContractBrokenError(AssertionError):
    """An estimator does not do what every estimator promises."""


@dataclass(frozen=True)
class Case:
    """A design with a known effect.

    Parameters
    ----------
    frame
        The data.
    spec
        What is to be estimated.
    term
        Row of the estimates whose true value is known.
    truth
        That value.
    """

    frame: pd.DataFrame
    spec: Spec
    term: str
    truth: float

    def changed(self, **spec: Any) -> Spec:
        """Return the spec with some fields changed."""
        return replace(self.spec, **spec)


Rule = Callable[[Estimator, Case, Fit], None]


def form(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that the table has the agreed columns, sorted terms, and intervals around its estimates."""
    table = first.estimates
    _require(first.ok and first.reason is None, f"not estimable: {first.reason}")
    _require(tuple(table.columns) == ESTIMATE_COLUMNS, f"columns {list(table.columns)}")
    _require(bool(table["term"].is_monotonic_increasing), "terms are not sorted")
    _require(bool((table["estimator"] == case.spec.estimator).all()), "another estimator is named")
    _require(bool((table["outcome"] == case.spec.outcome).all()), "another outcome is named")
    _require(bool((table["std_error"] > 0).all()), "a standard error is not positive")
    _require(bool(table["p_value"].between(0, 1).all()), "a p-value is not between 0 and 1")
    inside = (table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])
    _require(bool(inside.all()), "an estimate lies outside its interval")
    _require(bool((table["n_obs"] > 0).all()), "no rows are counted")
    shape = None if first.vcov is None else first.vcov.shape
    _require(shape in (None, (len(table), len(table))), f"covariance of shape {shape}")


def wording(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that every check passed, failed or stayed open, with a reason in both languages."""
    for check in first.checks:
        _require(isinstance(check, Check) and check.passed in (True, False, None), f"check {check}")
        _require(isinstance(check.reason, Message), f"the reason of {check.name} is no message")
        _require(check.reason.id != check.reason.en, f"the reason of {check.name} is in one language only")


def recovery(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that the known effect lies within three standard errors, and these are small enough to see it."""
    rows = first.estimates[first.estimates["term"] == case.term]
    _require(len(rows) == 1, f"no row {case.term}")
    estimate, error = float(rows["estimate"].iloc[0]), float(rows["std_error"].iloc[0])
    _require(abs(estimate - case.truth) < 3 * error, f"{estimate:.4g} for a true {case.truth:.4g}")
    _require(error < abs(case.truth) / 3, f"a standard error of {error:.4g} cannot see {case.truth:.4g}")


def repetition(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that the data are left alone, and a second run gives the same to the last digit."""
    frame = case.frame.copy(deep=True)
    second = estimator(frame, case.spec).estimates
    pd.testing.assert_frame_equal(frame, case.frame)
    pd.testing.assert_frame_equal(first.estimates, second, check_exact=True)


def order(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that order of rows and columns and the index do not matter."""
    shuffled = case.frame.sample(frac=1, random_state=7)[case.frame.columns[::-1]]
    shuffled.index = pd.Index(np.zeros(len(shuffled), dtype=int))
    same(first.estimates, estimator(shuffled, case.spec).estimates)


def outcome_scale(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that in other units of the outcome the estimates are the same in those units."""
    scaled = case.frame.assign(**{case.spec.outcome: case.frame[case.spec.outcome] * SCALE})
    same(first.estimates, estimator(scaled, case.spec).estimates, SCALE)


def outcome_shift(estimator: Estimator, case: Case, first: Fit) -> None:
    """Require that an outcome that is higher everywhere changes nothing."""
    shifted = case.frame.assign(**{case.spec.outcome: case.frame[case.spec.outcome] + SHIFT})
    second = estimator(shifted, case.spec).estimates
    for column in ("estimate", "std_error"):
        before, after = first.estimates[column], second[column]
        _close(column, before.to_numpy(dtype=float), after.to_numpy(dtype=float), SHIFT_ROUNDING)


RULES: Mapping[str, Rule] = {
    "form": form,
    "wording": wording,
    "recovery": recovery,
    "repetition": repetition,
    "order": order,
    "outcome_scale": outcome_scale,
    "outcome_shift": outcome_shift,
}
"""Rules by name."""


def contract(estimator: Estimator, case: Case) -> tuple[Check, ...]:
    """Hold an estimator to every rule.

    Parameters
    ----------
    estimator
        A function ``(frame, spec) -> Fit``.
    case
        A design with a known effect.

    Returns
    -------
    tuple of Check
        One a rule, in the order of `RULES`; the reason says what is promised, or what broke the promise.
    """
    first = estimator(case.frame, case.spec)
    return tuple(_held(name, estimator, case, first) for name in RULES)


def _held(name: str, estimator: Estimator, case: Case, first: Fit) -> Check:
    promise = Message(f"estimators.contract.{name}")
    try:
        RULES[name](estimator, case, first)
    except AssertionError as broken:
        detail = " ".join(str(broken).split())[:200]
        return Check(
            f"contract_{name}", False, Message("estimators.contract.broken", {"promise": promise, "detail": detail})
        )
    return Check(f"contract_{name}", True, promise)


def same(left: pd.DataFrame, right: pd.DataFrame, factor: float = 1.0) -> None:
    """Require two tables of estimates to be equal but for rounding, the left one times `factor`."""
    _require(left["term"].tolist() == right["term"].tolist(), "other terms")
    for column in NUMBERS:
        scale = 1.0 if column == "p_value" else factor
        _close(column, left[column].to_numpy(dtype=float) * scale, right[column].to_numpy(dtype=float), ROUNDING, scale)


def _close(column: str, ours: FloatArray, theirs: FloatArray, relative: float, scale: float = 1.0) -> None:
    """Require figures to be equal but for rounding; those that differ most are named with four digits."""
    if not np.allclose(ours, theirs, rtol=relative, atol=1e-12 * scale, equal_nan=True):
        worst = int(np.nanargmax(np.abs(ours - theirs)))
        raise ContractBrokenError(f"{column}: {theirs[worst]:.4g}, {ours[worst]:.4g}")


def _require(condition: bool, detail: str) -> None:
    if not condition:
        raise ContractBrokenError(detail)


def worked_panel() -> pd.DataFrame:
    """Return a panel in which one unit more of ``x`` raises ``y`` by `EFFECT`.

    Units have effects that go with the treatment, periods have common shocks, identifiers are text, some rows are
    missing. ``y_random`` has unit effects that do not go with the treatment; ``y_endogenous`` shares a confounder with
    it, for which ``instrument`` makes up; ``half_a`` and ``half_b`` measure it with error, ``index`` is their mean.
    """
    random = np.random.default_rng(20240501)
    unit, period = np.repeat(np.arange(N_UNITS), N_PERIODS), np.tile(np.arange(N_PERIODS), N_UNITS)
    level = random.normal(size=N_UNITS)
    n = len(unit)
    confounder, instrument = random.normal(size=(2, n))
    z = random.normal(size=n)
    x = 0.8 * instrument + 0.5 * confounder + level[unit] + random.normal(size=n)
    noise = random.normal(size=n) + 0.5 * random.normal(size=N_UNITS)[unit]
    shock = random.normal(size=N_PERIODS)[period]
    frame = pd.DataFrame(
        {
            "unit": [f"unit {code:03d}" for code in unit],
            "period": [f"{2019 + code // 2}-S{code % 2 + 1}" for code in period],
            "region": [f"region {code % 5}" for code in unit],
            "x": x,
            "z": z,
            "m": random.normal(size=n),
            "instrument": instrument,
            "w": random.uniform(0.5, 2, size=n),
            "y": EFFECT * x + 0.3 * z + level[unit] + shock + noise,
        }
    )
    frame["y_random"] = EFFECT * x + 0.3 * z + noise + random.normal(size=N_UNITS)[unit]
    frame["y_endogenous"] = frame["y"] + confounder
    frame["half_a"], frame["half_b"] = x + random.normal(size=(2, n))
    frame["index"] = (frame["half_a"] + frame["half_b"]) / 2
    return frame.drop(index=[3, 50, 51, 200, 399]).reset_index(drop=True)
