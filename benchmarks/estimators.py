"""Time of the estimators and its ratio to pyfixest and wildboottest, all within one run.

``python benchmarks/estimators.py [--rows 3000 30000 300000] [--regions 514] [--loop 100]``

Needs the benchmark requirements (``requirements/bench.txt``). Every figure is the smallest of a few repetitions after a
first run that warms caches and compilers; compare figures of one run only.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.estimators import Spec, fit
from analysis.estimators.wild_bootstrap import wild_cluster_bootstrap

SLOPES = ("x1", "x2", "x3")


def panel(n_rows: int, n_periods: int = 10, seed: int = 0) -> pd.DataFrame:
    """Units over periods with five in a hundred rows missing."""
    random = np.random.default_rng(seed)
    n_units = n_rows // n_periods
    unit, period = np.repeat(np.arange(n_units), n_periods), np.tile(np.arange(n_periods), n_units)
    level = random.normal(size=n_units)[unit]
    x = random.normal(size=(len(unit), 3)) + level[:, None]
    y = x @ [0.5, 0.2, 0.1] + level + random.normal(size=n_periods)[period] + random.normal(size=len(unit))
    frame = pd.DataFrame({"unit": unit, "period": period, "y": y} | dict(zip(SLOPES, x.T, strict=True)))
    return frame[random.random(len(frame)) < 0.95].reset_index(drop=True)


def regions(n_regions: int, n_units: int = 12, n_periods: int = 10, seed: int = 0) -> pd.DataFrame:
    """A panel in every region, with an effect of its own."""
    frame = panel(n_regions * n_units * n_periods, n_periods, seed)
    frame["region"] = frame["unit"] // n_units
    effect = np.random.default_rng(seed).normal(size=n_regions)
    return frame.assign(y=frame["y"] + effect[frame["region"]] * frame["x1"])


def best(task: Callable[[], object], repetitions: int) -> float:
    """Smallest time of a few repetitions, after one that does not count."""
    task()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def report(what: str, ours: float, theirs: float, other: str) -> None:
    print(f"{what:48s} {ours:9.4f} s   {other} {theirs:9.4f} s   ratio {theirs / ours:7.2f}", flush=True)


def fixed_effects(n_rows: int) -> None:
    import pyfixest

    frame, repetitions = panel(n_rows), 5 if n_rows < 1_000_000 else 2
    spec = Spec("fixed_effects", "y", SLOPES, unit="unit", time="period")
    ours = best(lambda: fit(frame, spec), repetitions)
    formula, vcov = "y ~ x1 + x2 + x3 | unit + period", {"CRV1": "unit"}
    theirs = best(lambda: pyfixest.feols(formula, frame, vcov=vcov), repetitions)
    report(f"two-way fixed effects, CRV1, {n_rows:,} rows", ours, theirs, "pyfixest")


def partial_pooling(n_regions: int, loop: int) -> None:
    import pyfixest

    frame = regions(n_regions)
    parts = [part for _, part in frame.groupby("region")][:loop]
    formula, vcov = "y ~ x1 + x2 | unit + period", {"CRV1": "unit"}

    def one_by_one() -> None:
        for part in parts:
            pyfixest.feols(formula, part, vcov=vcov)

    theirs = best(one_by_one, 1) * n_regions / len(parts)
    for name in ("CRV1", "CRV3"):
        options = {"group": "region", "group_covariance": name}
        spec = Spec("partial_pooling", "y", ("x1",), ("x2",), unit="unit", time="period", options=options)
        ours = best(lambda spec=spec: fit(frame, spec), 3)
        report(f"{n_regions} regional regressions pooled, {name}", ours, theirs, "pyfixest loop")


def bootstrap(n_clusters: int = 10, n_rows: int = 1000, draws: int = 9999) -> None:
    import statsmodels.api as sm
    from wildboottest.wildboottest import wildboottest

    random = np.random.default_rng(0)
    cluster = np.repeat(np.arange(n_clusters), n_rows // n_clusters)
    design = np.column_stack([np.ones(n_rows), random.normal(size=(n_rows, 3))])
    outcome = design @ [1, 0.1, 0, 0] + random.normal(size=n_clusters)[cluster] + random.normal(size=n_rows)
    names = ["const", *SLOPES]
    model = sm.OLS(pd.Series(outcome, name="y"), pd.DataFrame(design, columns=names))
    groups = pd.Series(cluster)
    settings = {"draws": draws, "weights": "webb", "seed": 1}
    ours = best(lambda: wild_cluster_bootstrap(outcome, design, cluster, 1, **settings), 5)
    theirs = best(
        lambda: wildboottest(model, param="x1", cluster=groups, B=draws, weights_type="webb", show=False, seed=1),
        2,
    )
    report(f"{draws:,} bootstrap draws, {n_clusters} clusters (with interval)", ours, theirs, "wildboottest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[3_000, 30_000, 300_000])
    parser.add_argument("--regions", type=int, default=514)
    parser.add_argument("--loop", type=int, default=100, help="regions that the slower loop runs before extrapolating")
    arguments = parser.parse_args()
    for n_rows in arguments.rows:
        fixed_effects(n_rows)
    partial_pooling(arguments.regions, arguments.loop)
    bootstrap()


if __name__ == "__main__":
    main()
