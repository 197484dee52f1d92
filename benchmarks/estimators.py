"""Time of the estimators and its ratio to pyfixest and wildboottest, all within one run.

``OMP_NUM_THREADS=1 python benchmarks/estimators.py [--rows 3000 30000] [--regions 514] [--loop 100] [--out FILE]``

Needs the benchmark requirements (``requirements/bench.txt``). Both sides take turns; every figure is the smallest of a
few repetitions after a first run that warms caches and compilers. Compare figures of one run only: the file written
holds ratios alone. Memory is the largest resident size during an estimate in a process of its own (Linux).
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.estimators import Spec, fit
from analysis.estimators.wild_bootstrap import wild_cluster_bootstrap

SLOPES = ("x1", "x2", "x3")
RESULTS = Path(__file__).parent / "results" / "estimators.json"


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


def race(ours: Callable[[], object], theirs: Callable[[], object], repetitions: int) -> tuple[float, float]:
    """Smallest times of two tasks that take turns, after one turn each that does not count."""
    times = [(_seconds(ours), _seconds(theirs)) for _ in range(repetitions + 1)][1:]
    return min(mine for mine, _ in times), min(other for _, other in times)


def _seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def report(what: str, ours: float, theirs: float, other: str, unit: str = "s") -> dict[str, object]:
    ratio = round(theirs / ours, 2)
    print(f"{what:56s} {ours:9.4f} {unit}   {other} {theirs:9.4f} {unit}   ratio {ratio:7.2f}", flush=True)
    return {"task": what, "other": other, "ratio": ratio}


def two_way(frame: pd.DataFrame) -> tuple[Callable[[], object], Callable[[], object]]:
    """Two-way fixed effects with CRV1, here and in pyfixest."""
    spec = Spec("fixed_effects", "y", SLOPES, unit="unit", time="period")

    def theirs() -> object:
        import pyfixest

        return pyfixest.feols("y ~ x1 + x2 + x3 | unit + period", frame, vcov={"CRV1": "unit"})

    return lambda: fit(frame, spec), theirs


def fixed_effects(n_rows: int) -> dict[str, object]:
    ours, theirs = race(*two_way(panel(n_rows)), 7 if n_rows < 1_000_000 else 3)
    return report(f"two-way fixed effects, CRV1, {n_rows:,} rows", ours, theirs, "pyfixest")


def memory(n_rows: int) -> dict[str, object]:
    """Peak memory of one estimate, each side in a process of its own that also makes the panel."""
    command = [sys.executable, __file__, "--rows", str(n_rows), "--peak"]
    ours, theirs = (float(subprocess.check_output([*command, side], text=True)) for side in ("ours", "pyfixest"))
    return report(f"peak memory, {n_rows:,} rows", ours, theirs, "pyfixest", "GB")


def peak(n_rows: int, side: str) -> float:
    """Largest resident size during a second estimate, the panel included (the kernel's mark is set back first)."""
    task = two_way(panel(n_rows))[side == "pyfixest"]
    task()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    task()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 2**20


def partial_pooling(n_regions: int, loop: int) -> list[dict[str, object]]:
    import pyfixest

    frame = regions(n_regions)
    parts = [part for _, part in frame.groupby("region")][:loop]
    formula, vcov = "y ~ x1 + x2 | unit + period", {"CRV1": "unit"}

    def one_by_one() -> None:
        for part in parts:
            pyfixest.feols(formula, part, vcov=vcov)

    results = []
    for name in ("CRV1", "CRV3"):
        options = {"group": "region", "group_covariance": name}
        spec = Spec("partial_pooling", "y", ("x1",), ("x2",), unit="unit", time="period", options=options)
        ours, theirs = race(lambda spec=spec: fit(frame, spec), one_by_one, 2)
        scale = n_regions / len(parts)
        results.append(report(f"{n_regions} regional regressions pooled, {name}", ours, theirs * scale, "pyfixest"))
    return results


def bootstrap(n_clusters: int = 10, n_rows: int = 1000, draws: int = 9999) -> dict[str, object]:
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
    ours, theirs = race(
        lambda: wild_cluster_bootstrap(outcome, design, cluster, 1, **settings),
        lambda: wildboottest(model, param="x1", cluster=groups, B=draws, weights_type="webb", show=False, seed=1),
        3,
    )
    return report(f"{draws:,} bootstrap draws, {n_clusters} clusters (with interval)", ours, theirs, "wildboottest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[3_000, 30_000, 300_000, 3_000_000])
    parser.add_argument("--regions", type=int, default=514)
    parser.add_argument("--loop", type=int, default=100, help="regions that the slower loop runs before extrapolating")
    parser.add_argument("--peak", choices=["ours", "pyfixest"], help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if arguments.peak:
        print(peak(arguments.rows[0], arguments.peak))
        return
    results = [fixed_effects(n_rows) for n_rows in arguments.rows]
    results += [memory(max(arguments.rows))] if arguments.rows else []
    results += [*partial_pooling(arguments.regions, arguments.loop), bootstrap()]
    versions = {name: version(name) for name in ("numpy", "pandas", "pyfixest", "wildboottest")}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"versions": versions, "results": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
