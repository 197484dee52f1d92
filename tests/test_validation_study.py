"""What readers are shown about the estimators: every value has a reference, every sentence follows from the figures."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import validation_study as validation
from analysis.estimators import ESTIMATORS
from analysis.messages import LANGUAGES


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return validation.reference_values()


@pytest.fixture(scope="module")
def study() -> pd.DataFrame:
    return validation.calibration()


def test_every_estimator_and_covariance_has_reference_values(values):
    assert set(values["estimator"]) == set(ESTIMATORS)
    assert {"classical", "HC1", "CRV1", "CRV1_two_way", "CR2", "CRV3", "wild_bootstrap"} <= set(values["covariance"])
    assert values.notna().all().all()


def test_all_values_agree(values):
    """1e-6: quoted values have six digits, mixed models stop an optimiser; the computed ones agree to 1e-10."""
    assert (values["difference"] < 1e-6).all()
    assert (values["difference"] < 1e-10).mean() > 0.9


def test_the_tables_are_the_values(values):
    for lang in LANGUAGES:
        assert validation.agreement(values, lang).iloc[:, 2].sum() == len(values)
        rows = validation.shown(values, lang, term="value")
        assert len(rows) == (values["term"] == "value").sum()
        assert rows.iloc[:, 4].astype(float).tolist() == pytest.approx(
            values.loc[values["term"] == "value", "ours"].tolist(), rel=1e-5
        )


def test_a_wrong_value_would_be_told(values):
    wrong = values.assign(difference=values["difference"].where(values.index > 0, 0.25))
    assert "2.5e-01" in validation.verdict(wrong).en
    assert validation.verdict(wrong).values["exact"] == validation.verdict(values).values["exact"] - 1
    assert validation.shown(wrong, "en").iloc[0, 6] == "2.5e-01"


def test_calibration_is_shown_whole(study):
    for part in validation.PARTS:
        rows, table = study[study["part"] == part], validation.calibration_shown(study, part, "en")
        assert table.size == len(rows)
        first = rows.iloc[0]
        assert table.loc[first["design"], first["method"]] == pytest.approx(100 * first["coverage"], abs=0.051)
        figure = validation.coverage_figure(study, part, "id")
        assert sum(len(trace.x) for trace in figure.data) == rows["coverage"].notna().sum()


def test_calibration_verdict_has_the_figures_of_the_table(study):
    regions = study[(study["part"] == "shrunken effect of a region") & (study["method"] == "CR2")]
    message = validation.calibration_verdict(study)
    assert message.values["region_low"] == regions["coverage"].min()
    assert f"{100 * regions['coverage'].max():.1f}%" in message.en
