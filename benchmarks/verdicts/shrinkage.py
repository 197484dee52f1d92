"""How often intervals of partially pooled regions hold, by how much regions truly differ.

``python benchmarks/verdicts/shrinkage.py`` draws effects of regions and noisy estimates of them (half a minute) and
writes ``shrinkage.csv`` beside this file, which the page of `rates.py` shows. Unit: the standard error of a typical
region; variances are estimated with 12 degrees of freedom, as CR2 has them in the sample's regions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimators.pooling import pool, shrink, shrunken_inference

HERE = Path(__file__).parent
REGIONS, SPREADS = (11, 38), (0.0, 0.15, 0.3, 0.5, 0.75, 1.0, 2.0)
STUDIES, DEGREES, UNEQUAL, SEED = 300, 12, 0.35, 7


def covered(n_regions: int, spread: float, random: np.random.Generator) -> tuple[float, float, float]:
    """Return, for one study, the shares of intervals that cover (ours, spread taken as known) and our mean width."""
    variances = np.exp(UNEQUAL * random.normal(size=n_regions))
    effects = spread * random.normal(size=n_regions)
    values = effects + np.sqrt(variances) * random.normal(size=n_regions)
    measured = variances * random.chisquare(DEGREES, n_regions) / DEGREES
    ours = shrunken_inference(values, measured, np.full(n_regions, float(DEGREES)))
    assumed = pool(values, measured)
    pulled, errors, _ = shrink(values, measured, assumed.tau2, assumed.mean, assumed.std_error**2)
    inside = (ours.conf_low <= effects) & (effects <= ours.conf_high)
    plain = np.abs(pulled - effects) <= stats.norm.isf(0.025) * errors
    return float(inside.mean()), float(plain.mean()), float((ours.conf_high - ours.conf_low).mean())


def coverage() -> pd.DataFrame:
    """Return coverage in percent by number of regions and true spread, with its simulation error."""
    random, rows = np.random.default_rng(SEED), []
    own = 2 * stats.t.isf(0.025, DEGREES)
    for n_regions in REGIONS:
        for spread in SPREADS:
            found = np.array([covered(n_regions, spread, random) for _ in range(STUDIES)])
            mean, error = found.mean(axis=0), found.std(axis=0) / np.sqrt(STUDIES)
            rows.append((n_regions, spread, *(100 * mean[:2]), 100 * error[0], mean[2] / own))
    names = ["regions", "spread", "covered", "covered_if_known", "covered_error", "width_of_own"]
    return pd.DataFrame(rows, columns=names).round({"covered": 1, "covered_if_known": 1, "covered_error": 1}).round(2)


def write_coverage() -> Path:
    """Write ``shrinkage.csv`` unless it is there, and return where it is."""
    file = HERE / "shrinkage.csv"
    if not file.exists():
        coverage().to_csv(file, index=False)
    return file


if __name__ == "__main__":
    (HERE / "shrinkage.csv").unlink(missing_ok=True)
    write_coverage()
