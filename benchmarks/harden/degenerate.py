"""Designs whose estimates would be figures of single units, through estimators and gate: how many numbers are shown.

``python -m benchmarks.harden.degenerate`` (the same short and long). Some designs the estimators refuse themselves;
the others they can compute, and the gate withholds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
from benchmarks.harden.results import write_result

from analysis.disclosure import safe_estimates
from analysis.estimators import Spec, fit

SEED = 20_250_817
Design = tuple[str, pd.DataFrame, Spec]


def panel(units: int, periods: int, noise: float = 1.0) -> pd.DataFrame:
    """A balanced panel in which everything is well behaved."""
    rng = np.random.default_rng(SEED)
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    x, z, e = rng.normal(size=(3, len(unit)))
    y = 0.5 * x + rng.normal(size=units)[unit] + noise * e
    return pd.DataFrame({"unit": unit, "period": period, "y": y, "x": x, "z": z, "region": unit % 2})


def two_way(estimator: str = "fixed_effects", treatments: tuple[str, ...] = ("x",), **options: object) -> Spec:
    """Units and half-years held constant."""
    return Spec(estimator, "y", treatments, unit="unit", time=options.pop("time", "period"), **options)


def dummies(frame: pd.DataFrame, count: int) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One column a row: a saturated model, whose coefficients are the rows themselves."""
    columns = {f"d{row}": (np.arange(len(frame)) == row).astype(float) for row in range(count)}
    return frame.assign(**columns), tuple(columns)


def designs() -> Iterator[Design]:
    """Yield twenty designs with their names."""
    for units in (1, 2, 3, 4):
        yield f"{units} units", panel(units, 12), two_way()
        yield f"{units} units, pooled", panel(units, 12), two_way("pooled_ols")
    yield "every unit seen once", panel(30, 1), two_way(time=None)
    yield "every unit seen once, seven units, pooled", panel(7, 1), two_way("pooled_ols", time=None)
    yield "two half-years of five units", panel(5, 2), two_way()
    yield "two half-years of nine units", panel(9, 2), two_way()
    yield "as many parameters as rows", panel(5, 3), two_way(controls=("z",))
    yield (
        "no noise: the model repeats the data",
        panel(12, 8, noise=0.0).assign(y=lambda f: 2 * f["x"] + f["unit"]),
        two_way(),
    )
    few = panel(6, 2)
    saturated, columns = dummies(few, 5)
    yield "a column for every row", saturated, two_way(treatments=columns)
    one = panel(12, 8)
    yield "one treated unit", one.assign(x=((one["unit"] == 0) & (one["period"] > 3)).astype(float)), two_way()
    single = one.assign(x=((one["unit"] == 0) & (one["period"] == 3)).astype(float))
    yield "one treated cell", single, two_way()
    yield "a mean of one unit", one.assign(x=(one["unit"] == 3).astype(float)), two_way("pooled_ols")
    yield "four units with random effects", panel(4, 12), two_way("random_effects", time=None)
    yield "four units with a mixed model", panel(4, 12), two_way("mixed_model", time=None)


def main() -> dict[str, object]:
    shown: dict[str, int] = {}
    refused = withheld = 0
    for name, frame, spec in designs():
        result = fit(frame, spec)
        safe = safe_estimates(result.estimates) if result.ok else result.estimates
        refused += not result.ok
        withheld += len(result.estimates) - len(safe)
        shown[name] = len(safe)
    control = len(safe_estimates(fit(panel(12, 8), two_way()).estimates))
    return {"designs": len(shown), "numbers_shown": sum(shown.values()), "refused_by_estimators": refused,
            "estimates_withheld_by_gate": withheld, "shown_by_design": {k: n for k, n in shown.items() if n},
            "shown_of_a_sound_design": control}  # fmt: skip


if __name__ == "__main__":
    figures = main()
    print(json.dumps(figures, indent=1))
    write_result("degenerate", figures)
