"""Every form that a training file may name has a price, or says that it has none."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.ingest import load_tables
from analysis.policy import forms_in, load_forms
from analysis.policy.records import form_prices

FORMS = sorted(load_tables()["training"].column("form").options)


def test_every_form_of_the_files_is_in_the_catalog() -> None:
    assert sorted(load_forms()) == FORMS


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_all_figures_or_says_that_it_has_no_price(name: str) -> None:
    form = load_forms()[name]
    figures = (form.cost_per_hour, form.participants_per_trainer, form.hours_per_trainer_day)
    priced = form.cost_per_hour is not None
    assert all((figure is not None) is priced for figure in figures)
    assert form.source.startswith("No price") is not priced
    assert math.isnan(form.trainer_days_per_hour) is not priced
    assert (name in form_prices()) is priced


def test_forms_without_a_price_are_not_allocated() -> None:
    panel = pd.DataFrame({"hours_seminar": [5.0], "hours_benchmarking": [5.0], "hours_coaching": [5.0]})
    assert forms_in(panel) == ("coaching", "seminar")
