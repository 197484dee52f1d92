"""The catalog on the tab key."""

from __future__ import annotations

import keyword

import pytest

from analysis import display
from analysis.catalog import load_catalog
from analysis.display.completion import identifier
from analysis.errors import UsageError


def test_every_region_is_found_by_exactly_one_name_of_its_own():
    regions = display.names().regions
    assert len(regions) == len(load_catalog().regions)
    found = [getattr(regions, name).code for name in dir(regions)]
    assert set(found) == set(load_catalog().regions)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in dir(regions))
    assert regions.kabupaten_tebo.code == "15.09"
    assert "15.09" in regions._ipython_key_completions_()


def test_claims_indicators_sources_and_specs_are_there():
    names = display.names()
    assert names.claims.training_raises_quality is names.claims["training_raises_quality"]
    assert len(names.indicators) > 10
    assert len(names.sources) > 10
    assert "training_quality" in dir(names.specs)


def test_a_misspelt_name_is_answered_with_the_closest():
    regions = display.names().regions
    with pytest.raises(AttributeError, match="kabupaten_tebo"):
        _ = regions.kabupaten_teboo
    with pytest.raises(KeyError, match=r"15\.09"):
        regions["15.9"]
    with pytest.raises(UsageError):
        _ = display.names().claims.training_raises
    assert not hasattr(regions, "_repr_html_")


@pytest.mark.parametrize(
    ("text", "name"), [("Kota Sorong", "kota_sorong"), ("15.09", "_15_09"), ("Fakfak (é)", "fakfak_e")]
)
def test_names_are_python(text, name):
    assert identifier(text) == name
