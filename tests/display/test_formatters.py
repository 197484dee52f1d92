"""What a notebook shows of a result: right, in the reader's language, escaped, the same in every run."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from analysis import display
from analysis.display.formatters import SHOWN_BY
from analysis.errors import UsageError
from analysis.estimators import Spec
from analysis.messages import LANGUAGES, Message
from analysis.results import Check, Finding, Ingested

NASTY = '<img src=x onerror="alert(1)">&'


def finding(**changes):
    base = Finding("error", "a.xlsx", "Data", 5, "U3 (F)", "9", "outside", Message("display.refused"))
    return replace(base, **changes)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fit_shows_estimate_interval_and_sample(good, lang):
    shown = display.show(good, lang)
    row = good.estimates.iloc[0]
    number = f"{row['estimate']:.4f}".replace(".", "," if lang == "id" else ".")
    for text in (str(shown), shown._repr_html_()):
        assert number in text
        assert str(row["n_units"]) in text
    assert f'lang="{lang}"' in shown._repr_html_()


def test_a_refused_fit_shows_its_reason_and_no_number(refused):
    assert refused.reason.id in str(display.show(refused, "id"))
    assert "table" not in display.show(refused, "id")._repr_html_()


def test_html_is_escaped_wherever_text_comes_from_data(good):
    estimates = good.estimates.assign(term=NASTY, outcome=NASTY)
    shown = [
        display.show(replace(good, estimates=estimates), "id"),
        display.show(finding(file=NASTY, value=NASTY, column=NASTY, sheet=NASTY), "id"),
        display.show(Ingested(None, (finding(value=NASTY),)), "id"),
    ]
    for item in shown:
        html = item._repr_html_()
        assert "<img" not in html
        assert "&lt;img" in html


def test_nothing_shows_an_address_in_memory(good, refused):
    for value in (good, refused, Ingested(None, ()), finding(), good.checks, Message("display.refused")):
        shown = display.show(value, "id")
        assert not re.search(r"0x[0-9a-f]{6,}", str(shown) + shown._repr_html_() + repr(shown))


def test_the_environment_chooses_the_language(good, monkeypatch):
    monkeypatch.setenv("PEMBINAAN_LANG", "en")
    assert "Standard error" in str(display.show(good))
    monkeypatch.delenv("PEMBINAAN_LANG")
    assert "Galat baku" in str(display.show(good))
    monkeypatch.setenv("PEMBINAAN_LANG", "xx")
    with pytest.raises(UsageError):
        display.show(good)


def test_enabled_results_show_themselves(good):
    shell = InteractiveShell()
    display.enable("en", shell)
    data, _ = shell.display_formatter.format(good)
    assert "Standard error" in data["text/plain"]
    assert "<table" in data["text/html"]
    assert "0x" not in data["text/plain"]


def test_every_kind_of_result_is_shown():
    assert {kind.__name__ for kind in SHOWN_BY} == {"Check", "Finding", "Fit", "Ingested", "Message", "StudyResults"}
    with pytest.raises(TypeError):
        display.show(object())


def test_more_findings_than_fit_are_counted():
    shown = str(display.findings([finding(row=n) for n in range(60)], "en"))
    assert "60 errors" in shown
    assert "10 more" in shown


def test_an_open_check_is_neither_passed_nor_failed():
    reason = Message("display.refused")
    shown = [str(display.checks([Check("oster", passed, reason)], "en")) for passed in (True, False, None)]
    assert len(set(shown)) == 3
    assert "Passed" in shown[0]
    assert "Failed" in shown[1]


def test_a_panel_shows_how_much_is_known_but_no_single_value(panel):
    shown = str(display.panel(panel, "en"))
    assert str(panel["unit_id"].nunique()) in shown
    assert panel["unit_id"].iloc[0] not in shown
    assert panel["unit_name"].iloc[0] not in shown


@pytest.mark.parametrize(
    "spec",
    [
        Spec("pooled_ols", "y", ("x",)),
        Spec(
            "fixed_effects",
            "y",
            ("a", "b"),
            controls=("c",),
            cluster=("u", "t"),
            covariance="CR2",
            options={"level": 0.9},
        ),
    ],
)
def test_a_spec_as_code_makes_the_same_spec(spec):
    assert eval(display.spec_code(spec), {"Spec": Spec}) == spec


def test_told_returns_results_and_says_refusals(good):
    assert display.told(lambda: 3, "id") == 3
    assert "Perhaps" in str(display.told(lambda: display.regression_table([good], terms=["xx"]), "en"))
