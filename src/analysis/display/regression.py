"""Fits side by side in one table, as papers print them; stars only on request."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.display import regression_files as files
from analysis.display.language import language, words
from analysis.display.results import column_label
from analysis.display.shown import STYLE, Table
from analysis.errors import UsageError, closest
from analysis.messages import format_value
from analysis.results import ESTIMATE_COLUMNS, Fit

STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
"""Levels of the stars, if they are asked for."""

NO_VALUE = ""


@dataclass(frozen=True)
class RegressionTable:
    """Several fits side by side.

    Parameters
    ----------
    header
        Titles of the columns; the first is empty.
    coefficients
        Two rows a term: estimates, and below them standard errors in parentheses (or intervals in brackets).
    statistics
        One row each: rows, units, clusters, covariance, R² within.
    notes
        What the figures in parentheses are, stars if any, and why a column has no number.
    caption
        Title of the table.
    lang
        Language and number format.
    estimates
        The figures themselves: ``model`` and the columns of `analysis.results.ESTIMATE_COLUMNS`, one row a model and
        term.
    """

    header: tuple[str, ...]
    coefficients: tuple[tuple[str, ...], ...]
    statistics: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    caption: str
    lang: str
    estimates: pd.DataFrame

    def to_html(self) -> str:
        """Return the table as HTML; every text is escaped."""
        return files.html(self)

    def to_latex(self, label: str = "") -> str:
        """Return the table for LaTeX (package booktabs), with `label` for references."""
        return files.latex(self, label)

    def to_markdown(self) -> str:
        """Return the table as a Markdown pipe table with its notes."""
        return files.markdown(self)

    def to_qmd(self, label: str = "tbl-regression") -> str:
        """Return the table for a Quarto document, with caption and `label` (which has to begin with ``tbl-``).

        Raises
        ------
        UsageError
            For a label that Quarto would not take for one of a table.
        """
        if not files.is_quarto_label(label):
            raise UsageError("display.qmd_label", label=label)
        return files.qmd(self, label)

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the figures as CSV (one row a model and term, decimal point) and write them to `path` if given."""
        text = files.csv(self.estimates)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8", newline="")
        return text

    def to_docx(self, path: str | Path) -> Path:
        """Write the table as a Word document; the same table gives the same bytes."""
        return files.docx(self, Path(path))

    def _repr_html_(self) -> str:
        return STYLE + self.to_html()

    def __repr__(self) -> str:
        rows = (*self.coefficients, *self.statistics)
        return "\n".join([Table(self.header, rows, self.caption).text(), *self.notes])


def regression_table(
    fits: Mapping[str, Fit] | Sequence[Fit],
    *,
    terms: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    decimals: int = 3,
    intervals: bool = False,
    stars: bool = False,
    caption: str = "",
    lang: str | None = None,
) -> RegressionTable:
    """Put fits side by side.

    Parameters
    ----------
    fits
        Fits by the title of their column, or in order: then they are numbered (1), (2), ...
    terms
        Terms to show, in this order; all by default, in the order in which they first appear.
    labels
        Wording of terms and outcomes; the project's own by default, else the name of the column.
    decimals
        Decimals of estimates and errors, 0 to 4.
    intervals
        Show confidence intervals in brackets in place of standard errors.
    stars
        Mark p < 0.1, 0.05 and 0.01. Off by default: a star says less than the interval.
    caption
        Title; by default it says what is estimated.
    lang
        Language and number format; see `analysis.display.language`.

    Returns
    -------
    RegressionTable

    Raises
    ------
    UsageError
        Without any fit, for a term that no fit has (with the closest match), and for decimals beyond 0 to 4.
    """
    chosen = language(lang)
    named = dict(fits) if isinstance(fits, Mapping) else {f"({n})": item for n, item in enumerate(fits, start=1)}
    if not named:
        raise UsageError("display.no_fits")
    if decimals not in range(5):
        raise UsageError("display.decimals", value=decimals)
    shown_terms = _terms(named, terms)
    table = _Writer(chosen, dict(labels or {}), decimals, intervals, stars)
    models = list(named.values())
    return RegressionTable(
        header=("", *named),
        coefficients=tuple(row for term in shown_terms for row in table.term(term, models)),
        statistics=tuple(table.statistics(models)),
        notes=tuple(table.notes(named)),
        caption=caption or table.caption(models),
        lang=chosen,
        estimates=_tidy(named),
    )


def _terms(named: Mapping[str, Fit], wanted: Sequence[str] | None) -> list[str]:
    known = list(dict.fromkeys(str(term) for result in named.values() for term in result.estimates["term"]))
    if wanted is None:
        return known
    for term in wanted:
        if term not in known:
            raise UsageError("display.unknown_term", name=term, closest=closest(term, known) or "-", known=known)
    return list(wanted)


def _tidy(named: Mapping[str, Fit]) -> pd.DataFrame:
    parts = [result.estimates.assign(model=name) for name, result in named.items() if result.ok]
    columns = ["model", *ESTIMATE_COLUMNS]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


@dataclass(frozen=True)
class _Writer:
    """Writes the cells in one language."""

    lang: str
    labels: Mapping[str, str]
    decimals: int
    intervals: bool
    stars: bool

    def term(self, term: str, models: Sequence[Fit]) -> list[tuple[str, ...]]:
        found = [_row(result, term) for result in models]
        return [
            (self.label(term), *(self._estimate(row) for row in found)),
            ("", *(self._uncertainty(row) for row in found)),
        ]

    def label(self, name: str) -> str:
        return self.labels.get(name) or column_label(name, self.lang)

    def _number(self, value: float) -> str:
        return format_value(value, f"n{self.decimals}", self.lang)

    def _estimate(self, row: Mapping[str, float] | None) -> str:
        if row is None:
            return NO_VALUE
        mark = next((sign for level, sign in STARS if row["p_value"] < level), "") if self.stars else ""
        return self._number(row["estimate"]) + mark

    def _uncertainty(self, row: Mapping[str, float] | None) -> str:
        if row is None:
            return NO_VALUE
        if not self.intervals:
            return f"({self._number(row['std_error'])})"
        low, high = self._number(row["conf_low"]), self._number(row["conf_high"])
        return f"[{words('interval', self.lang, low=low, high=high)}]"

    def statistics(self, models: Sequence[Fit]) -> list[tuple[str, ...]]:
        rows: list[tuple[str, Callable[[Fit], str]]] = [
            ("outcome", lambda result: self.label(str(result.estimates["outcome"].iloc[0]))),
            ("estimator", lambda result: str(result.estimates["estimator"].iloc[0])),
            ("n_obs", lambda result: self._count(result, "n_obs")),
            ("n_units", lambda result: self._count(result, "n_units")),
            ("n_clusters", lambda result: self._count(result, "n_clusters")),
            ("covariance", lambda result: str(result.estimates["covariance"].iloc[0])),
            ("r2_within", lambda result: self._share(result.meta.get("r2_within"))),
        ]
        filled = [
            (words(f"head.{key}", self.lang), *(cell(result) if result.ok else "–" for result in models))
            for key, cell in rows
        ]
        return [row for row in filled if any(text not in ("", "–") for text in row[1:])]

    def _count(self, result: Fit, name: str) -> str:
        return format_value(int(result.estimates[name].max()), "n0", self.lang)

    def _share(self, value: float | None) -> str:
        return "" if value is None or not math.isfinite(value) else self._number(value)

    def notes(self, named: Mapping[str, Fit]) -> list[str]:
        notes = [words("note_intervals" if self.intervals else "note_errors", self.lang)]
        if self.stars:
            levels = {f"p{n}": format_value(level, "n2", self.lang) for n, (level, _) in enumerate(STARS)}
            notes.append(words("note_stars", self.lang, **levels))
        for name, result in named.items():
            if not result.ok and result.reason is not None:
                notes.append(words("note_refused", self.lang, model=name, reason=result.reason))
        return notes

    def caption(self, models: Sequence[Fit]) -> str:
        outcomes = dict.fromkeys(str(name) for result in models for name in result.estimates["outcome"])
        return words("regression_caption", self.lang, outcomes=[self.label(name) for name in outcomes] or ["–"])


def _row(result: Fit, term: str) -> Mapping[str, float] | None:
    rows = result.estimates[result.estimates["term"] == term]
    if rows.empty:
        return None
    return {name: float(rows[name].iloc[0]) for name in ("estimate", "std_error", "p_value", "conf_low", "conf_high")}
