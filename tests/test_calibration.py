"""The calibration study runs, repeats and is committed whole."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.calibration import study
from benchmarks.calibration.chart import rejection_chart

HERE = Path(__file__).parents[1] / "benchmarks" / "calibration"
ERRORS = 3


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    return pd.read_csv(HERE / "calibration.csv")


def rate(table: pd.DataFrame, design: str, method: str) -> pd.Series:
    return table[(table["design"] == design) & (table["method"] == method)].iloc[0]


def test_the_committed_table_has_every_design(committed):
    assert list(committed.columns) == list(study.COLUMNS)
    few = committed[committed["part"] == "few clusters"]
    assert set(few["design"]) == {design.name for design in study.DESIGNS}
    assert set(few["method"]) == {"CRV1 normal", *study.COVARIANCES}
    assert committed["simulations"].min() >= 100


def test_the_bootstrap_keeps_its_level_with_eight_clusters(committed):
    """At most .08 with 8 clusters and balanced treatment, allowing for simulation error."""
    for design in ("8 clusters, continuous", "8 clusters, 4 treated"):
        row = rate(committed, design, "wild_bootstrap")
        assert row["rejection"] <= 0.08 + ERRORS * row["simulation_error"]
        assert row["rejection"] < rate(committed, design, "CRV1 normal")["rejection"]


def test_small_sample_intervals_of_the_mean_hold(committed):
    """HKSJ covers at least .94 with 3 to 10 regions, allowing for simulation error; the normal interval covers less."""
    for regions in study.REGION_COUNTS:
        row = rate(committed, f"{regions} regions", "HKSJ")
        assert row["coverage"] >= 0.94 - ERRORS * row["simulation_error"]
        assert row["coverage"] >= rate(committed, f"{regions} regions", "normal")["coverage"]


def test_intervals_of_single_regions_hold(committed):
    """The covariance of the verdicts: .93 to .97 with 8 to 16 clusters a region, allowing for one simulation error."""
    rows = committed[(committed["part"] == "shrunken effect of a region") & (committed["method"] == "CR2")]
    assert len(rows) == len(study.REGIONS) * len(study.REGION_CLUSTERS)
    assert (rows["coverage"] >= 0.93 - rows["simulation_error"]).all()
    assert (rows["coverage"] <= 0.97 + rows["simulation_error"]).all()


def test_one_treated_cluster_is_refused(committed):
    rows = committed[committed["design"] == "8 clusters, 1 treated"]
    assert (rows["refused"] == 1).all()
    assert rows["rejection"].isna().all()


def test_the_committed_picture_is_that_of_the_table(committed):
    picture = (HERE / "calibration.svg").read_text(encoding="utf-8")
    assert picture == rejection_chart(committed)
    assert ET.fromstring(picture).tag.endswith("svg")


def test_the_same_seed_gives_the_same_rows(monkeypatch):
    monkeypatch.setattr(study, "DESIGNS", (study.Design(8, 4),))
    first, second = (list(study._few_clusters(3, 7)) for _ in range(2))
    assert first == second
    assert [row[3] for row in first] == ["CRV1 normal", *study.COVARIANCES]
