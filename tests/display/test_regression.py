"""The regression table says what the fits say, in every form, escaped, with the same bytes every time."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from docx import Document

from analysis import display
from analysis.errors import UsageError
from analysis.estimators import Spec, fit
from analysis.estimators.contract import worked_panel

NASTY = "=a&b_<c>|%$#{~^\\[x](y)`*"


@pytest.fixture(scope="module")
def pair(good):
    wider = Spec("fixed_effects", "y", ("x", "z"), unit="unit", time="period", covariance="CR2")
    return {"(1)": good, "(2)": fit(worked_panel(), wider)}


def test_figures_are_those_of_the_fits(pair):
    table = display.regression_table(pair, decimals=4, lang="en")
    cells = {row[0]: row[1:] for row in table.coefficients if row[0]}
    for place, result in enumerate(pair.values()):
        for row in result.estimates.to_dict("records"):
            assert cells[row["term"]][place] == f"{row['estimate']:.4f}".replace("-", "−")
    assert cells["z"][0] == ""
    errors = [row for row in table.coefficients if not row[0]]
    assert errors[0][1] == f"({pair['(1)'].estimates['std_error'].iloc[0]:.4f})"
    counts = {row[0]: row[1:] for row in table.statistics}
    assert counts["Units"] == ("60", "60")
    assert counts["Covariance"] == ("CRV1", "CR2")
    assert float(counts["R² within"][0]) == pytest.approx(pair["(1)"].meta["r2_within"], abs=5e-5)


def test_stars_only_on_request(pair):
    assert "*" not in str(display.regression_table(pair))
    starred = display.regression_table(pair, stars=True, lang="id")
    assert "***" in starred.coefficients[0][1]
    assert any("p < 0,01" in note for note in starred.notes)


def test_intervals_in_place_of_errors(pair):
    table = display.regression_table(pair, intervals=True, lang="id")
    row = pair["(1)"].estimates.iloc[0]
    low, high = (f"{row[name]:.3f}".replace(".", ",") for name in ("conf_low", "conf_high"))
    assert table.coefficients[1][1] == f"[{low} s.d. {high}]"


def test_a_refused_fit_keeps_its_column_and_says_why(good, refused):
    table = display.regression_table({"a": good, "b": refused}, lang="id")
    assert table.coefficients[0][2] == ""
    assert any(refused.reason.id in note and note.startswith("b:") for note in table.notes)
    assert set(table.estimates["model"]) == {"a"}


def test_terms_are_chosen_and_misspelt_ones_are_answered(pair):
    assert [row[0] for row in display.regression_table(pair, terms=["z"]).coefficients] == ["z", ""]
    with pytest.raises(UsageError, match="Perhaps you mean: z"):
        display.regression_table(pair, terms=["zz"])
    with pytest.raises(UsageError):
        display.regression_table([])
    with pytest.raises(UsageError):
        display.regression_table(pair, decimals=9)


def test_every_form_is_escaped(good):
    spoiled = replace(good, estimates=good.estimates.assign(term=NASTY, outcome=NASTY))
    table = display.regression_table({NASTY: spoiled}, caption=NASTY, lang="en")
    assert "<c>" not in table.to_html()
    latex = table.to_latex("tab:a b}")
    assert r"\label{tab:a-b-}" in latex
    assert (
        r"=a\&b\_\textless{}c\textgreater{}|\%\$\#\{\textasciitilde{}\textasciicircum{}\textbackslash{}{[}x{]}" in latex
    )
    for text in (table.to_markdown(), table.to_qmd("tbl-a")):
        assert r"\<c\>\|%\$\#\{\~\^\\\[x\](y)\`\*" in text
    assert "'=a&b" in table.to_csv()


def test_markdown_rows_have_as_many_cells_as_the_header(pair):
    lines = [line for line in display.regression_table(pair).to_markdown().splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {4}


def test_csv_holds_the_figures(pair, tmp_path):
    table = display.regression_table(pair)
    read = pd.read_csv(io.StringIO(table.to_csv(tmp_path / "table.csv")))
    np.testing.assert_allclose(read["estimate"], table.estimates["estimate"].astype(float), rtol=1e-5)
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == table.to_csv()
    assert list(read["model"]) == list(table.estimates["model"])


def test_quarto_labels_are_those_of_tables(pair):
    table = display.regression_table(pair, caption="C")
    assert ": C {#tbl-x}" in table.to_qmd("tbl-x")
    for label in ("x", "tbl-", "tbl-a b", "fig-x"):
        with pytest.raises(UsageError):
            table.to_qmd(label)


def test_word_document_holds_the_table_and_is_the_same_every_time(pair, tmp_path):
    table = display.regression_table(pair, lang="id")
    first, second = (table.to_docx(tmp_path / name).read_bytes() for name in ("a.docx", "b.docx"))
    assert first == second
    document = Document(str(tmp_path / "a.docx"))
    (grid,) = document.tables
    rows = [tuple(cell.text for cell in row.cells) for row in grid.rows]
    assert rows == [table.header, *table.coefficients, *table.statistics]
    assert "tblHeader" in grid.rows[0]._tr.xml
