"""Do the tests reject a true null as often as they say, and do the intervals cover?

Every design is simulated many times with a known effect (none, or that of each region); every method sees the same
data. Errors have correlation one half from period to period and differ in size between units, so that they stay
dependent after unit effects are removed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimators import fit
from analysis.results import Fit
from analysis.spec import Spec

N_PERIODS = 6
PERSISTENCE = 0.5
EFFECT = 0.3
LEVEL = 0.05
COVARIANCES = ("CRV1", "CR2", "CRV3", "wild_bootstrap")
COLUMNS = (
    "part",
    "design",
    "n_clusters",
    "method",
    "rejection",
    "coverage",
    "simulation_error",
    "refused",
    "simulations",
)


@dataclass(frozen=True)
class Design:
    """A panel design: how many clusters, and how many of them are treated (None: a continuous treatment)."""

    n_clusters: int
    n_treated: int | None = None

    @property
    def name(self) -> str:
        kind = "continuous" if self.n_treated is None else f"{self.n_treated} treated"
        return f"{self.n_clusters} clusters, {kind}"


DESIGNS = (
    *(Design(size) for size in (5, 8, 12, 20, 50)),
    *(Design(8, treated) for treated in (4, 2, 1)),
    Design(12, 6),
    Design(20, 10),
    Design(20, 3),
    Design(50, 25),
)
REGION_CLUSTERS = (8, 12, 16)
REGION_COUNTS = (3, 5, 10)
REGIONS = (12, 40)
STAGGERED_UNITS = (12, 24, 48, 96)


def calibrate(simulations: int, seed: int) -> pd.DataFrame:
    """Run all parts and return one row per design and method, with the columns `COLUMNS`.

    `rejection` is the share of tests at 5% that reject the truth (the size of the test), `coverage` the share of 95%
    intervals that hold it, `simulation_error` the binomial standard error of the rejection rate, `refused` the share of
    studies in which no number was given.
    """
    rows = [
        *_few_clusters(simulations, seed),
        *_pooling(max(simulations // 2, 20), seed),
        *_staggered(max(simulations // 2, 20), seed),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def correlated_errors(rng: np.random.Generator, n_units: int) -> np.ndarray:
    """Errors of correlation one half from period to period and a size that differs between units, shape (n, T)."""
    shocks = rng.standard_normal((n_units, N_PERIODS))
    for period in range(1, N_PERIODS):
        shocks[:, period] += PERSISTENCE * shocks[:, period - 1]
    return shocks * rng.uniform(0.5, 1.5, n_units)[:, None]


def simulate(design: Design, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one study of a design in which the treatment does nothing."""
    shape = (design.n_clusters, N_PERIODS)
    if design.n_treated is None:
        dose = correlated_errors(rng, design.n_clusters)
    else:
        dose = np.zeros(shape)
        dose[: design.n_treated, N_PERIODS // 2 :] = 1.0
    outcome = rng.standard_normal(shape[0])[:, None] + correlated_errors(rng, shape[0])
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(shape[0]), shape[1]),
            "time": np.tile(np.arange(shape[1]), shape[0]),
            "dose": dose.ravel(),
            "outcome": outcome.ravel(),
        }
    )


def _few_clusters(simulations: int, seed: int) -> Iterator[tuple[object, ...]]:
    spec = Spec("fixed_effects", "outcome", ("dose",), unit="unit", time="time", options={"draws": 999})
    for number, design in enumerate(DESIGNS):
        rng = np.random.default_rng([seed, number])
        tallies = {method: _Tally() for method in ("CRV1 normal", *COVARIANCES)}
        for _ in range(simulations):
            frame = simulate(design, rng)
            for covariance in COVARIANCES:
                result = fit(frame, replace(spec, covariance=covariance))
                tallies[covariance].add(result, "dose", 0.0)
                if covariance == "CRV1":
                    tallies["CRV1 normal"].add(result, "dose", 0.0, df=np.inf)
        for method, tally in tallies.items():
            yield ("few clusters", design.name, design.n_clusters, method, *tally.row())


def _pooling(simulations: int, seed: int) -> Iterator[tuple[object, ...]]:
    for n_regions, n_clusters, covariance in itertools.product(REGIONS, REGION_CLUSTERS, ("CRV1", "CR2", "CRV3")):
        rng = np.random.default_rng([seed, 100, n_regions, n_clusters])
        tally = _Tally()
        for _ in range(simulations):
            effects, frame = _regions(rng, n_regions, n_clusters)
            result = fit(frame, _pooled(covariance, small_sample=None))
            for region, effect in enumerate(effects):
                tally.add(result, f"dose[{region}]", effect)
        name = f"{n_regions} regions of {n_clusters} clusters"
        yield ("shrunken effect of a region", name, n_clusters, covariance, *tally.row())
    for n_regions in REGION_COUNTS:
        for method, small_sample in (("HKSJ", True), ("normal", False)):
            rng = np.random.default_rng([seed, 200, n_regions])
            tally = _Tally()
            for _ in range(simulations * 4):
                _, frame = _regions(rng, n_regions, 12)
                tally.add(fit(frame, _pooled("CRV3", small_sample)), "dose", EFFECT)
            yield ("mean of regions", f"{n_regions} regions", n_regions, method, *tally.row())


def _pooled(covariance: str, small_sample: bool | None) -> Spec:
    options = {"group": "region", "group_covariance": covariance, "small_sample": small_sample}
    return Spec("partial_pooling", "outcome", ("dose",), unit="unit", time="time", options=options)


def _regions(rng: np.random.Generator, n_regions: int, n_clusters: int) -> tuple[np.ndarray, pd.DataFrame]:
    effects = EFFECT + 0.2 * rng.standard_normal(n_regions)
    parts = []
    for region, effect in enumerate(effects):
        part = simulate(Design(n_clusters), rng)
        outcome = part["outcome"] + effect * part["dose"]
        parts.append(part.assign(region=region, unit=part["unit"] + region * n_clusters, outcome=outcome))
    return effects, pd.concat(parts, ignore_index=True)


def _staggered(simulations: int, seed: int) -> Iterator[tuple[object, ...]]:
    spec = Spec("staggered_did", "outcome", unit="unit", time="time", cohort="start")
    options = {"cross_checks": False, "draws": 99}
    for n_units in STAGGERED_UNITS:
        rng = np.random.default_rng([seed, 300, n_units])
        single, band = _Tally(), _Tally()
        for _ in range(simulations):
            frame = _staggered_study(rng, n_units)
            single.add(fit(frame, replace(spec, options=options)), "att", 0.0)
            study = replace(spec, estimator="event_study", options={"honest": False})
            band.add_band(fit(frame, study))
        yield ("staggered programme", f"{n_units} units, a third in each cohort", n_units, "average", *single.row())
        yield ("staggered programme", f"{n_units} units, a third in each cohort", n_units, "uniform band", *band.row())


def _staggered_study(rng: np.random.Generator, n_units: int) -> pd.DataFrame:
    outcome = rng.standard_normal(n_units)[:, None] + correlated_errors(rng, n_units)
    unit = np.repeat(np.arange(n_units), N_PERIODS)
    start = np.array([2.0, 4.0, np.nan])[unit % 3]
    time = np.tile(np.arange(N_PERIODS), n_units)
    return pd.DataFrame({"unit": unit, "time": time, "start": start, "outcome": outcome.ravel()})


class _Tally:
    """Counts rejections, covered truths and refusals."""

    def __init__(self) -> None:
        self.rejected = self.covered = self.refused = self.known = 0

    def add(self, result: Fit, term: str, truth: float, df: float | None = None) -> None:
        rows = result.estimates[result.estimates["term"] == term] if result.ok else result.estimates.iloc[:0]
        if rows.empty:
            self.refused += 1
            return
        row = rows.iloc[0]
        low, high, p_value = float(row["conf_low"]), float(row["conf_high"]), float(row["p_value"])
        if df is not None:
            p_value = float(2 * stats.norm.sf(abs(row["statistic"])))
            margin = stats.norm.isf(LEVEL / 2) * float(row["std_error"])
            low, high = float(row["estimate"]) - margin, float(row["estimate"]) + margin
        covered = low <= truth <= high
        self.known += 1
        self.covered += covered
        self.rejected += p_value <= LEVEL if truth == 0 else not covered

    def add_band(self, result: Fit) -> None:
        if not result.ok:
            self.refused += 1
            return
        inside = all(row["band_low"] <= 0 <= row["band_high"] for row in result.meta["bands"])
        self.known += 1
        self.covered += inside
        self.rejected += not inside

    def row(self) -> tuple[float, float, float, float, int]:
        total = self.known + self.refused
        if not self.known:
            return float("nan"), float("nan"), float("nan"), 1.0, total
        rejection = self.rejected / self.known
        error = float(np.sqrt(rejection * (1 - rejection) / self.known))
        return rejection, self.covered / self.known, error, self.refused / total, total
