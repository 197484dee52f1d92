"""Are verdicts right as often as they claim? A few studies here, two hundred in the nightly profile."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

BENCHMARK = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "verdicts" / "run.py"))
judged_studies, NOTHING_WORKS = BENCHMARK["judged_studies"], BENCHMARK["NOTHING_WORKS"]
# Claims whose treatment is measured as it acts, so that their intervals aim at the truth itself. The others are pulled
# towards zero by a little less than their standard error, see docs/calibration_of_verdicts.md.
COVERED = (
    "training_raises_quality",
    "matched_training_works_better",
    "awards_raise_performance",
    "online_registration_shortens_waiting",
    "leadership_raises_quality",
    "budget_raises_quality",
)


def most_expected(n: int, rate: float = 0.05, chance: float = 1e-3) -> int:
    """Number of hits among `n` that a true rate exceeds with a chance of one in a thousand only."""
    return int(stats.binom.isf(chance, n, rate))


def test_the_measured_rates_keep_the_promise():
    """The committed rates come from a long run; new ones that break the promise are not to be committed unseen."""
    rates = pd.read_csv(Path(__file__).parents[1] / "benchmarks" / "verdicts" / "rates.csv")
    nation = rates.loc[rates["place"] == "nation"]
    for _, part in nation.groupby("condition"):
        false = part.loc[~part["true_claim"]]
        assert (false["found"] * false["n"]).sum() / false["n"].sum() <= 0.05
        assert 0.93 <= (part["covered"] * part["n"]).sum() / part["n"].sum() <= 0.97
    assert rates.loc[rates["true_claim"] & (rates["place"] == "nation"), "contradicted"].max() == 0
    regions = rates.loc[rates["place"] == "region"]
    assert regions.loc[~regions["true_claim"], "supported"].max() <= 0.05


@pytest.mark.slow
def test_a_few_studies_in_which_nothing_has_an_effect():
    judged = judged_studies(range(2), n_regions=4, **NOTHING_WORKS)
    nation = judged.loc[judged["region_code"].isna()].dropna(subset=["estimate"])
    assert nation["found"].sum() <= most_expected(len(nation))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_two_hundred_studies():
    judged = judged_studies(range(200))
    nation = judged.loc[judged["region_code"].isna()]
    false = nation.loc[nation["holds"].eq(False)]
    assert false["found"].sum() <= most_expected(len(false))
    assert not (nation["holds"].eq(True) & nation["verdict"].eq("contradicted")).any()
    coverage = nation.loc[nation["claim"].isin(COVERED)].groupby("claim")["covered"].mean()
    # Wanted .93 to .97; three Monte Carlo standard errors of 200 studies are .046.
    assert coverage.between(0.90, 1.0).all(), coverage


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_two_hundred_studies_in_which_nothing_has_an_effect():
    judged = judged_studies(range(200), **NOTHING_WORKS)
    known = judged.dropna(subset=["estimate"])
    for nation in (True, False):
        place = known.loc[known["region_code"].isna() == nation]
        rates: pd.Series = place.groupby("claim")["found"].mean()
        assert rates.mean() <= 0.05, rates
    regions = known.loc[known["region_code"].notna()]
    assert regions["n_units"].between(1, 40).all()
    anything = (regions["verdict"] == "supported").groupby([regions["seed"], regions["region_code"]]).any()
    assert anything.sum() <= most_expected(len(anything))
