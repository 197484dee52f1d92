"""A reading of the explorer in words and pictures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.display import results as shown
from analysis.display.explorer import Advice, Reading
from analysis.display.figures import BLUE, GREY, Document, Figure, document, error_bars, rounded
from analysis.display.language import language, words
from analysis.display.results import column_label, number
from analysis.display.shown import Shown, Table

MARKS = 24


def reading(found: Reading, lang: str | None = None) -> Shown:
    """Return a reading in words: the effect with its interval, what the graph says, the checks, the curve."""
    chosen = language(lang)
    parts: list[str | Table] = [sentence(found, chosen), *advice(found.advice, chosen)]
    if found.curve is not None:
        parts.append(curve_sentence(found, chosen))
        parts += shown.checks(found.checks, chosen).parts
    return Shown(tuple(parts), chosen)


def sentence(found: Reading, lang: str) -> str:
    """Return the effect as one sentence with interval and sample, or why there is none."""
    if not found.fit.ok:
        return words("not_estimable", lang, reason=found.fit.reason)
    row = found.fit.estimates.iloc[0]
    told = float(row["conf_low"]) > 0 or float(row["conf_high"]) < 0
    treatment = column_label(found.choice.treatment, lang)
    if found.choice.lags:
        treatment = words("lagged", lang, treatment=treatment, n=found.choice.lags)
    values = {name: number(row[name], lang) for name in ("estimate", "conf_low", "conf_high")}
    key = "effect_told" if told else "effect_not_told"
    sizes = {"units": int(row["n_units"]), "regions": found.n_regions, "covariance": row["covariance"]}
    outcome = column_label(found.choice.outcome, lang)
    return words(key, lang, treatment=treatment, outcome=outcome, **values, **sizes)


def advice(given: Advice | None, lang: str) -> list[str]:
    """Return what the graph says of the controls, sentence by sentence."""
    if given is None:
        return [words("advice_unknown", lang)]
    if not given.identified:
        return [words("advice_not_identified", lang)]
    sentences = []
    if given.missing:
        sentences.append(words("advice_missing", lang, names=_labels(given.missing, lang)))
    if given.harmful:
        sentences.append(words("advice_harmful", lang, names=_labels(given.harmful, lang)))
    return sentences or [words("advice_agrees", lang, names=_labels(given.adjustment, lang) or "–")]


def _labels(names: tuple[str, ...], lang: str) -> str:
    return ", ".join(column_label(name, lang) for name in names)


def curve_sentence(found: Reading, lang: str) -> str:
    """Return what all sets of controls together say."""
    curve = found.curve
    if curve is None:
        return ""
    known = curve.table.dropna(subset=["estimate"])
    ends = {"low": number(known["estimate"].min(), lang), "high": number(known["estimate"].max(), lang)}
    p_value = shown.p_value(curve.median_p_value, lang)
    same = round(curve.share_same_sign * len(known))
    return words("curve", lang, n=len(known), same=same, median=number(curve.median, lang), p=p_value, **ends)


def curve_figure(found: Reading, lang: str | None = None) -> Figure:
    """Draw the specification curve: estimates in order, below them the controls of each; the chosen one stands out."""
    chosen = language(lang)
    title = words("curve_title", chosen)
    if found.curve is None:
        return Figure(document([], chosen, title, 160), sentence(found, chosen))
    table = found.curve.table.dropna(subset=["estimate"]).reset_index(drop=True)
    rows = table.to_dict("records")
    colours = [BLUE if row["variant"] == "main" else GREY for row in rows]
    upper = {
        "type": "scatter",
        "mode": "markers",
        "x": list(range(1, len(rows) + 1)),
        "y": [rounded(row["estimate"]) for row in rows],
        "marker": {"color": colours, "size": [13 if row["variant"] == "main" else 8 for row in rows]},
        "error_y": error_bars(rows),
        "text": [_variant_label(str(row["variant"]), chosen) for row in rows],
        "hovertemplate": "%{text}: %{y}<extra></extra>",
    }
    names = _names_of(table)
    layout = _curve_layout(names, chosen)
    drawn = document([upper, *_marks(rows, names, found)], chosen, title, 300 + MARKS * len(names), **layout)
    return Figure(drawn, curve_sentence(found, chosen))


def _names_of(table: pd.DataFrame) -> list[str]:
    parts = {name for variant in table["variant"] for name in str(variant).split("+")}
    return sorted(parts - {"main", "none", "unweighted"})


def _marks(rows: list[dict[Any, Any]], names: list[str], found: Reading) -> list[Document]:
    """Return the dots below the curve: which controls each variant holds constant."""
    points = []
    for place, row in enumerate(rows, start=1):
        variant = str(row["variant"])
        held = found.spec.controls if variant in ("main", "unweighted") else tuple(variant.split("+"))
        points += [(place, names.index(name), variant == "main") for name in held if name in names]
    marker = {"color": [BLUE if main else GREY for _, _, main in points], "size": 7, "symbol": "square"}
    base = {"type": "scatter", "mode": "markers", "yaxis": "y2", "hoverinfo": "skip", "marker": marker}
    return [base | {"x": [x for x, _, _ in points], "y": [y for _, y, _ in points]}]


def _curve_layout(names: list[str], lang: str) -> Document:
    share = 0.16 * max(len(names), 1) / 3 + 0.12
    labels = [column_label(name, lang) for name in names]
    lower = {"domain": [0, share], "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": labels}
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 0, "y1": 0}
    return {
        "xaxis": {"visible": False, "anchor": "y2"},
        "yaxis": {"domain": [share + 0.08, 1], "automargin": True},
        "yaxis2": lower | {"automargin": True, "zeroline": False, "range": [-0.6, max(len(names), 1) - 0.4]},
        "shapes": [line | {"line": {"dash": "dot", "color": GREY}}],
    }


def _variant_label(variant: str, lang: str) -> str:
    if variant in ("main", "none", "unweighted"):
        return words(f"variant.{variant}", lang)
    return _labels(tuple(variant.split("+")), lang)


def choice_table(found: Reading, lang: str | None = None) -> Shown:
    """Return what was chosen, as a table."""
    chosen, choice = language(lang), found.choice
    rows = [
        (words("choose.region", chosen), choice.region or words("all_regions", chosen)),
        (words("choose.outcome", chosen), column_label(choice.outcome, chosen)),
        (words("choose.treatment", chosen), column_label(choice.treatment, chosen)),
        (words("choose.controls", chosen), _labels(found.spec.controls, chosen) or "–"),
        (words("choose.covariance", chosen), choice.covariance),
        (words("choose.lags", chosen), str(choice.lags)),
        (words("choose.weighted", chosen), words("yes" if found.spec.weights else "no", chosen)),
    ]
    header = (words("choose.what", chosen), words("choose.chosen", chosen))
    return Shown((Table(header, tuple(rows), words=(0, 1)),), chosen)
