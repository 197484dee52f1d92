"""Real official scores: faithful to their sources, mended once, and read with their measurement noise."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.catalog import load_catalog
from analysis.errors import CatalogError, DataRefusedError, UsageError
from analysis.messages import LANGUAGES
from analysis.paths import project_dir, published_dir
from analysis.published import (
    PUBLISHED_COLUMNS,
    last_movement,
    last_movement_of,
    load_published,
    measurement_noise,
    movement,
    official_trend,
    pairs_of_years,
    tidy_open_data,
    year_to_year,
)

# Correlations and standard deviations were noted to two and one decimals.
TWO_DECIMALS, ONE_DECIMAL = 0.005, 0.05


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture(scope="module")
def scores(catalog):
    return load_published(catalog)


@pytest.fixture(scope="module")
def noise(scores):
    return measurement_noise(scores)


def value(scores: pd.DataFrame, indicator: str, code: str, year: int) -> float:
    row = scores[(scores["indicator"] == indicator) & (scores["region_code"] == code) & (scores["year"] == year)]
    assert len(row) == 1
    return float(row["value"].iloc[0])


def test_tables_are_complete_and_tidy(scores):
    assert list(scores.columns) == [*PUBLISHED_COLUMNS, "file"]
    sizes = scores.groupby("indicator").size()
    wanted = {
        "ombudsman_compliance": 116,
        "public_service_index": 136,
        "digital_competitiveness_index": 174,
        "literacy_development_index": 178,
        "civil_servants_in_province": 38,
    }
    assert {key: int(sizes[key]) for key in wanted} == wanted
    assert (scores["source"] != "").all()
    assert scores["region_code"].map(type).eq(str).all()


def test_codes_are_those_of_kemendagri(scores):
    """In BPS codes 91 is Papua Barat and 94 Papua; the provinces of 2022 have no public service index."""
    assert value(scores, "public_service_index", "92", 2023) == 1.70
    assert value(scores, "public_service_index", "91", 2023) == 1.11
    index = scores[scores["indicator"] == "public_service_index"]
    assert not set(index["region_code"]) & {"93", "94", "95", "96"}
    assert value(scores, "civil_servants_in_province", "96", 2023) == 20820
    assert value(scores, "digital_competitiveness_index", "96", 2024) == 31.8


@pytest.mark.parametrize(
    ("code", "expected"),
    [("15", (4.02, 4.04, 3.28, 3.68)), ("82", (4.16, 4.19, 2.92, 2.80)), ("92", (3.76, 3.92, 1.70, 3.32))],
)
def test_public_service_index_of_the_starting_provinces(scores, code, expected):
    assert tuple(value(scores, "public_service_index", code, year) for year in range(2021, 2025)) == expected


def test_means_by_year_agree_with_what_was_published(scores):
    index = scores[scores["indicator"] == "public_service_index"]
    means = index.groupby("year")["value"].mean()
    assert means.round(2).to_dict() == {2021: 3.89, 2022: 4.07, 2023: 3.64, 2024: 3.97}


def test_medians_agree_with_the_reported_digital_index(scores):
    """East Ventures reported medians of 27.9, 32.1 and 38.1 for 2020, 2021 and 2024 (halves are cut or rounded)."""
    digital = scores[scores["indicator"] == "digital_competitiveness_index"]
    medians = digital.groupby("year")["value"].median()
    assert medians[[2020, 2021, 2024]].tolist() == pytest.approx([27.9, 32.1, 38.1], abs=0.06)


def test_the_sum_that_does_not_match_is_noted(scores, catalog):
    total = scores.loc[scores["indicator"] == "civil_servants_in_province", "value"].sum()
    note = catalog.sources["bps_civil_servants_2023"].note
    assert total == 3_732_415
    assert all(
        "3.732.415" in text.replace(",", ".") and "3.732.428" in text.replace(",", ".") for text in (note.id, note.en)
    )


def test_published_letters_follow_from_the_thresholds(scores, catalog):
    graded = scores[(scores["grade"] != "") & scores["value"].notna()]
    derived = [
        catalog.indicator(row.indicator).schemes_by_key[row.scheme].grade(row.value) for row in graded.itertuples()
    ]
    assert len(graded) > 135
    assert derived == graded["grade"].tolist()


def test_budget_minimum_of_the_starting_regions(scores):
    """0.34% of provincial and 0.16% of local expenditure: Rp11.90bn, Rp2.15bn and Rp1.81bn."""
    malut = value(scores, "expenditure_budget_revised", "82", 2025)
    sorong = value(scores, "expenditure_budget_revised", "96.71", 2025)
    tebo = value(scores, "regional_budget", "15.09", 2023)
    assert round(0.0034 * malut / 1e9, 2) == 11.90
    assert round(0.0016 * sorong / 1e9, 2) == 2.15
    assert round(0.0016 * tebo / 1e9, 2) == 1.81


def test_the_missing_value_coded_zero_is_missing(scores):
    row = scores.query("indicator == 'public_service_index' and region_code == '91' and year == 2024").iloc[0]
    assert np.isnan(row["value"])
    assert row["grade"] == ""
    raw = pd.read_csv(published_dir() / "public_service_index.csv", dtype=str)
    assert raw.query("region_code == '91' and year == '2024'")["value"].tolist() == ["0.00"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in published_dir().glob("*.csv"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new", "part"),
    [
        (
            "public_service_index.csv",
            "91,2024,public_service_index,0.00",
            "91,2024,public_service_index,1.20",
            "no longer",
        ),
        ("public_service_index.csv", "15,2024,public_service_index,3.68", "15,2024,public_service_index,36.8", "scale"),
        ("public_service_index.csv", "15,2024,public_service_index,3.68", "15,2024,public_service_index,0.00", "scale"),
        ("public_service_index.csv", "15,2024,public_service_index", "15,2023,public_service_index", "twice"),
        ("public_service_index.csv", "3.68,ipp_2023", "3.68,ipp_2017", "not in force"),
        ("public_service_index.csv", "15,2024,public_service_index", "15.99,2024,public_service_index", "15.99"),
        (
            "public_service_index.csv",
            "15,2024,public_service_index",
            "15,2024,public_servis_index",
            "Did you mean public_service",
        ),
        ("ombudsman_compliance.csv", "oerban_2023", "oerban_2032", "Did you mean oerban_2023"),
        ("region_facts.csv", "region_code,year", "kode,year", "columns"),
    ],
)
def test_mistakes_in_the_tables_are_refused(copy, catalog, name, old, new, part):
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load_published(catalog, copy)
    assert part in caught.value.message.en
    assert name in caught.value.message.id


@pytest.mark.parametrize(
    ("group", "years", "n", "correlation", "change_sd"),
    [
        ("15", (2022, 2023), 12, -0.03, 7.5),
        ("15", (2023, 2024), 12, -0.25, 6.3),
        ("82", (2023, 2024), 11, 0.81, 8.0),
        ("96", (2023, 2024), 5, 0.91, 9.9),
    ],
)
def test_year_to_year_agreement_of_the_ombudsman_scores(scores, group, years, n, correlation, change_sd):
    table = year_to_year(scores)
    row = table[
        (table["group"] == group) & (table["first_year"] == years[0]) & (table["indicator"] == "ombudsman_compliance")
    ]
    assert len(row) == 1
    assert row["n"].iloc[0] == n
    assert row["last_year"].iloc[0] == years[1]
    assert row["correlation"].iloc[0] == pytest.approx(correlation, abs=TWO_DECIMALS)
    assert row["change_sd"].iloc[0] == pytest.approx(change_sd, abs=ONE_DECIMAL)


def test_pairs_never_cross_a_break_or_a_gap(scores):
    pairs = pairs_of_years(scores)
    assert (pairs["last_year"] == pairs["first_year"] + 1).all()
    ombudsman = pairs[pairs["indicator"] == "ombudsman_compliance"]
    assert set(ombudsman["first_year"]) == {2022, 2023}
    index = pairs[pairs["indicator"] == "public_service_index"]
    assert set(index["first_year"]) == {2021, 2023}


def test_noise_of_the_ombudsman_score(noise):
    """One measurement has an SD of about 4.5 to 5.6 points; a movement under 12 to 15 points is inside the noise."""
    row = noise[noise["indicator"] == "ombudsman_compliance"].iloc[0]
    assert 4.5 < row["noise_sd"] < 5.6
    assert 12 < 1.96 * 2**0.5 * row["noise_sd"] < 15
    assert row["conf_low"] < row["noise_sd"] < row["conf_high"]
    assert row["noise_sd_separated"] == pytest.approx(row["noise_sd"], rel=0.05)
    assert (row["n_pairs"], row["n_triples"]) == (43, 12)


def simulated(noise_sd: float, real_sd: float, n: int = 4000, years: int = 4, seed: int = 20260) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    state = rng.normal(60, 10, (n, 1)) + rng.normal(0, real_sd, (n, years)).cumsum(axis=1)
    common = rng.normal(0, 5, years)
    value = state + common + rng.normal(0, noise_sd, (n, years))
    grid = pd.MultiIndex.from_product([[f"{i:05d}" for i in range(n)], range(2020, 2020 + years)])
    frame = pd.DataFrame({"value": value.ravel()}, index=grid).reset_index(names=["region_code", "year"])
    return frame.assign(indicator="score", scheme="", region_code="11." + frame["region_code"])


@pytest.mark.parametrize(("noise_sd", "real_sd"), [(5.0, 0.0), (4.0, 3.0), (0.0, 3.0)])
def test_noise_and_real_change_are_separated_where_three_years_allow_it(noise_sd, real_sd):
    row = measurement_noise(simulated(noise_sd, real_sd)).iloc[0]
    # 4000 regions x 3 changes: the standard error of an SD is under 1%, that of the covariance under 0.35.
    assert row["change_sd"] == pytest.approx((real_sd**2 + 2 * noise_sd**2) ** 0.5, rel=0.03)
    assert row["noise_sd"] >= noise_sd * 0.97
    assert row["noise_sd_separated"] == pytest.approx(noise_sd, abs=0.3 if noise_sd else 0.6)


def test_two_years_give_an_upper_bound_only():
    row = measurement_noise(simulated(4.0, 3.0, years=2)).iloc[0]
    assert np.isnan(row["noise_sd_separated"])
    assert row["noise_sd"] == pytest.approx((4.0**2 + 3.0**2 / 2) ** 0.5, rel=0.03)


def test_the_interval_of_the_noise_covers_it():
    """Nominal 95%; 120 panels of 12 regions: at least 0.86 (three standard errors below 0.93)."""
    inside = 0
    for seed in range(120):
        row = measurement_noise(simulated(5.0, 0.0, n=12, years=3, seed=seed)).iloc[0]
        inside += row["conf_low"] <= 5.0 <= row["conf_high"]
    assert inside / 120 >= 0.86


def test_too_few_pairs_give_no_noise(scores):
    few = scores[(scores["indicator"] == "ombudsman_compliance") & (scores["region_code"].isin(["81", "81.71"]))]
    assert measurement_noise(few).empty


@pytest.mark.parametrize(
    ("code", "indicator", "years", "key"),
    [
        ("15.09", "ombudsman_compliance", (2022, 2024), "noise"),
        ("15.09", "ombudsman_compliance", (2019, 2022), "break"),
        ("82", "ombudsman_compliance", (2024, 2025), "break"),
        ("82.05", "ombudsman_compliance", (2023, 2024), "fall"),
        ("96.04", "ombudsman_compliance", (2023, 2024), "rise"),
        ("96.71", "ombudsman_compliance", (2023, 2024), "noise"),
        ("82", "public_service_index", (2022, 2023), "break"),
        ("82", "public_service_index", (2023, 2024), "noise"),
        ("91", "public_service_index", (2023, 2024), "missing"),
        ("92", "public_service_index", (2021, 2022), "boundary"),
        ("91", "digital_competitiveness_index", (2022, 2023), "boundary"),
        ("92", "public_service_index", (2023, 2024), "rise"),
        ("15.09", "ombudsman_compliance", (2020, 2024), "missing"),
    ],
)
def test_what_a_movement_means(scores, noise, catalog, code, indicator, years, key):
    message = movement(scores, noise, code, indicator, *years, catalog)
    assert message.key == f"published.movement_{key}"
    for lang in LANGUAGES:
        assert catalog.region(code).name in message.text(lang)


def test_the_decline_of_tebo_is_called_noise(scores, noise, catalog):
    message = movement(scores, noise, "15.09", "ombudsman_compliance", 2022, 2024, catalog)
    assert "−7,94 dari 2022 ke 2024; ini masih di dalam ketidakpastian pengukuran (±14,9" in message.id
    assert "−7.94 from 2022 to 2024; this is within measurement noise (±14.9" in message.en


def test_a_movement_without_known_noise_says_so(scores, noise, catalog):
    unknown = movement(scores, noise.iloc[:0], "15.09", "ombudsman_compliance", 2022, 2024, catalog)
    assert unknown.key == "published.movement_unknown"


def test_last_movement_is_that_of_the_newest_scores(scores, noise, catalog):
    assert last_movement(scores, noise, "82", "ombudsman_compliance", catalog).values["last"] == "2025"
    assert last_movement(scores, noise, "91", "public_service_index", catalog).values["last"] == "2023"
    assert last_movement(scores, noise, "31.71", "ombudsman_compliance", catalog) is None


def test_a_movement_read_from_the_shown_series_is_the_same(scores, noise, catalog):
    for code in ("82", "91", "31.71"):
        trend = official_trend(scores, code, catalog)
        for indicator in trend["indicator"].unique():
            own = trend[trend["own"] & (trend["indicator"] == indicator)].to_dict("records")
            whole = last_movement(scores, noise, code, indicator, catalog)
            assert last_movement_of(own, noise, code, indicator, catalog) == whole


def test_trend_shows_the_region_its_neighbours_and_the_breaks(scores, catalog):
    trend = official_trend(scores, "15.09", catalog)
    ombudsman = trend[trend["indicator"] == "ombudsman_compliance"]
    assert set(ombudsman["region_code"]) == {region.code for region in catalog.members("15")}
    own = ombudsman[ombudsman["own"]]
    assert own["year"].tolist() == [2019, 2022, 2023, 2024]
    assert own["breaks_before"].tolist() == [False, True, False, False]
    assert ombudsman["own"].iloc[0]
    assert "civil_servants_in_province" not in set(trend["indicator"])
    with pytest.raises(UsageError):
        official_trend(scores, "99.99", catalog)


def test_open_data_files_become_tidy_by_code_and_name(catalog):
    portal = pd.DataFrame(
        {
            "kode_provinsi": ["94", "91"],
            "nama_provinsi": ["PAPUA", "PAPUA BARAT"],
            "predikat": ["E", "D"],
            "indeks": ["1.11", "1.70"],
            "tahun": ["2023", "2023"],
        }
    )
    tidy = tidy_open_data(portal, "indeks", "public_service_index", "od_jabar_public_service_index", catalog)
    assert tuple(tidy.columns) == PUBLISHED_COLUMNS
    assert tidy["region_code"].tolist() == ["91", "92"]
    assert tidy["value"].tolist() == [1.11, 1.70]
    assert set(tidy["scheme"]) == {"ipp_2023"}
    with pytest.raises(UsageError, match="94"):
        tidy_open_data(portal.assign(nama_provinsi="PAPUA TENGAH"), "indeks", "public_service_index", "x", catalog)
    with pytest.raises(DataRefusedError, match="nilai"):
        tidy_open_data(portal, "nilai", "public_service_index", "x", catalog)


@pytest.mark.parametrize(
    ("indicator", "scheme", "places", "margin_places"),
    [
        ("ombudsman_compliance", "opini_2022_2024", 1, 1),
        ("public_service_index", "ipp_2023", 2, 2),
        ("public_service_index", "ipp_2017", 2, 2),
        ("digital_competitiveness_index", "", 1, 1),
        ("literacy_development_index", "iplm_2022", 1, 1),
    ],
)
def test_the_documented_noise_is_the_estimated_one(noise, indicator, scheme, places, margin_places):
    text = (project_dir() / "docs" / "official_scores.md").read_text(encoding="utf-8")
    row = noise[(noise["indicator"] == indicator) & (noise["scheme"] == scheme)].iloc[0]
    interval = f"{row['noise_sd']:.{places}f} ({row['conf_low']:.{places}f} to {row['conf_high']:.{places}f})"
    margin = f"{1.96 * 2**0.5 * row['noise_sd']:.{margin_places}f} points"
    assert any(interval in line and margin in line for line in text.splitlines()), (interval, margin)
