"""Fits, checks, verdicts, findings, panels and studies as people read them in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from analysis.display.language import language, words
from analysis.display.shown import Shown, Table, table
from analysis.ingest import findings_table
from analysis.messages import Message, catalogue, format_value, render
from analysis.results import Check, Finding, Fit, Ingested, StudyResults
from analysis.spec import Spec

DIGITS = 4
MOST_FINDINGS = 50
NATION = "–"


def number(value: Any, lang: str, places: int | None = None) -> str:
    """Return a figure with `places` decimals, by default as many as show four significant digits."""
    if value is None or pd.isna(value):
        return "–"
    if places is None:
        size = abs(float(value))
        places = next((n for n in range(DIGITS + 1) if size >= 10 ** (3 - n)), DIGITS) if size else 1
    return format_value(float(value), f"n{places}", lang)


def p_value(value: float, lang: str) -> str:
    """Return a p-value with three decimals; what is smaller is said to be smaller, never zero."""
    if value is None or pd.isna(value):
        return "–"
    return f"< {number(0.001, lang, 3)}" if value < 0.001 else number(value, lang, 3)


def interval(low: float, high: float, lang: str) -> str:
    """Return both ends of an interval in words."""
    if pd.isna(low) or pd.isna(high):
        return "–"
    return words("interval", lang, low=number(low, lang), high=number(high, lang))


def column_label(name: str, lang: str) -> str:
    """Return what a column of the panel is called for readers; its own name if it has no other."""
    found = catalogue(lang).get(f"display.column.{name}")
    return found or (" × ".join(column_label(part, lang) for part in name.split(":")) if ":" in name else name)


def fit(result: Fit, lang: str | None = None) -> Shown:
    """Return a fit with its estimates, sample, checks and, where there is none, the reason."""
    chosen = language(lang)
    if not result.ok:
        reason = result.reason.text(chosen) if result.reason else ""
        return Shown((words("not_estimable", chosen, reason=reason),), chosen)
    parts: list[str | Table] = [_estimates(result.estimates, chosen), _sample(result, chosen)]
    if result.checks:
        parts.append(_checks(result.checks, chosen))
    return Shown(tuple(parts), chosen)


def _estimates(frame: pd.DataFrame, lang: str) -> Table:
    header = [words(f"head.{name}", lang) for name in ("term", "estimate", "std_error", "interval", "p_value")]
    rows = [
        (
            column_label(str(row["term"]), lang),
            number(row["estimate"], lang),
            number(row["std_error"], lang),
            interval(row["conf_low"], row["conf_high"], lang),
            p_value(row["p_value"], lang),
        )
        for row in frame.to_dict("records")
    ]
    first = frame.iloc[0]
    names = {"estimator": first["estimator"], "outcome": column_label(str(first["outcome"]), lang)}
    return table(header, rows, words("fit_caption", lang, **names))


def _sample(result: Fit, lang: str) -> str:
    first = result.estimates.iloc[0]
    values = {name: int(first[name]) for name in ("n_obs", "n_units", "n_clusters")}
    lost = sum(int(n) for n in dict(result.meta.get("dropped", {})).values())
    sentence = words("sample", lang, **values, covariance=first["covariance"])
    return f"{sentence} {words('dropped', lang, n=lost)}" if lost else sentence


def checks(found: Iterable[Check], lang: str | None = None) -> Shown:
    """Return checks with what was found."""
    chosen = language(lang)
    return Shown((_checks(tuple(found), chosen),), chosen)


def _checks(found: Sequence[Check], lang: str) -> Table:
    header = [words(f"head.{name}", lang) for name in ("check", "state", "reason")]
    rows = [(check_name(item.name, lang), check_state(item.passed, lang), item.reason.text(lang)) for item in found]
    return table(header, rows, words=(0, 1, 2))


def check_name(name: str, lang: str) -> str:
    """Return the name of a check in words; its key if it has none."""
    return catalogue(lang).get(f"report.check.{name}") or catalogue(lang).get(f"display.check.{name}") or name


def check_state(passed: bool | None, lang: str) -> str:
    """Return passed, failed or open in words."""
    state = "open" if passed is None or pd.isna(passed) else "passed" if passed else "failed"
    return render(f"report.checks.state_{state}", lang, {})


def findings(found: Sequence[Finding] | pd.DataFrame, lang: str | None = None) -> Shown:
    """Return what was found in the files: how many of which kind, then the first of them with their place.

    Parameters
    ----------
    found
        Findings, or the table of `analysis.results.StudyResults`.
    lang
        Language; see `language`.
    """
    chosen = language(lang)
    frame = _findings_frame(found, chosen)
    kinds = frame["severity"].value_counts().to_dict()
    count = words("findings", chosen, errors=int(kinds.get("error", 0)), warnings=int(kinds.get("warning", 0)))
    if frame.empty:
        return Shown((count,), chosen)
    names = ("severity", "file", "sheet", "row", "column", "value", "message")
    header = [words(f"head.{name}", chosen) for name in names]
    listed = frame.head(MOST_FINDINGS)
    rows = [
        (words(f"severity.{row['severity']}", chosen), *(_plain(row[name]) for name in names[1:]))
        for row in listed.to_dict("records")
    ]
    parts: tuple[str | Table, ...] = (count, table(header, rows, words=tuple(range(len(names)))))
    more = len(frame) - len(listed)
    return Shown((*parts, words("more", chosen, n=more)) if more else parts, chosen)


def _findings_frame(found: Sequence[Finding] | pd.DataFrame, lang: str) -> pd.DataFrame:
    if not isinstance(found, pd.DataFrame):
        return findings_table(tuple(found), lang)
    texts = [render(item["key"], lang, item["values"]) for item in found["message"]]
    return found.assign(message=texts)


def _plain(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def ingested(result: Ingested, lang: str | None = None) -> Shown:
    """Return what was read from one file."""
    chosen = language(lang)
    rows = words("refused", chosen) if result.frame is None else words("rows", chosen, n=len(result.frame))
    return Shown((rows, *findings(result.findings, chosen).parts), chosen)


def verdicts(frame: pd.DataFrame, lang: str | None = None, *, region: str | None = None) -> Shown:
    """Return verdicts as a table: claim, verdict, effect with its interval and unit, strength, sample.

    Parameters
    ----------
    frame
        Table ``verdicts`` of `analysis.results.StudyResults`.
    lang
        Language; see `language`.
    region
        Code of one region; None for the nation.
    """
    from analysis.claims import load_declared

    chosen = language(lang)
    place = frame["region_code"].isna() if region is None else frame["region_code"] == region
    names = ("claim", "verdict", "estimate", "interval", "unit", "strength", "n_units")
    claims = load_declared().claims
    rows = [
        _verdict_row(row, claims[row["claim"]].label.text(chosen), chosen) for row in frame[place].to_dict("records")
    ]
    caption = words("verdicts_region", chosen, region=region) if region else words("verdicts_nation", chosen)
    return Shown((table([words(f"head.{name}", chosen) for name in names], rows, caption, (0, 1, 4)),), chosen)


def _verdict_row(row: dict[Any, Any], label: str, lang: str) -> tuple[str, ...]:
    return (
        label,
        render(f"report.verdict.{row['verdict']}", lang, {}),
        number(row["estimate"], lang, 2),
        interval_2(row["conf_low"], row["conf_high"], lang),
        str(row["unit"][lang]) if pd.notna(row["estimate"]) else "–",
        words("of_four", lang, n=int(row["strength"])),
        number(row["n_units"], lang, 0),
    )


def interval_2(low: float, high: float, lang: str) -> str:
    """Return both ends of an interval with two decimals."""
    if pd.isna(low) or pd.isna(high):
        return "–"
    return words("interval", lang, low=number(low, lang, 2), high=number(high, lang, 2))


def verdict(frame: pd.DataFrame, claim: str, lang: str | None = None, *, region: str | None = None) -> Shown:
    """Return one verdict as a sentence: what was found, with interval and sample.

    Raises
    ------
    UsageError
        If there is no such claim (with the closest key), or no verdict for the region.
    """
    from analysis.errors import UsageError, closest

    chosen, known = language(lang), sorted(set(frame["claim"]))
    if claim not in known:
        raise UsageError("display.unknown_claim", name=claim, closest=closest(claim, known) or "-", known=known)
    place = frame["region_code"].isna() if region is None else frame["region_code"] == region
    rows = frame[place & (frame["claim"] == claim)]
    if rows.empty:
        raise UsageError("study.no_region", region=region, known=sorted(frame["region_code"].dropna().unique()))
    row = rows.iloc[0]
    head = words(
        "verdict_head", chosen, verdict=render(f"report.verdict.{row['verdict']}", chosen, {}), n=int(row["strength"])
    )
    return Shown((head, render(row["reason"]["key"], chosen, row["reason"]["values"])), chosen)


def panel(frame: pd.DataFrame, lang: str | None = None) -> Shown:
    """Return what a panel holds: units, regions, half-years, and how much of every column is known; no single value."""
    chosen = language(lang)
    size = words(
        "panel",
        chosen,
        rows=len(frame),
        units=int(frame["unit_id"].nunique()),
        regions=int(frame["region_code"].nunique()),
        first=str(frame["period"].min()),
        last=str(frame["period"].max()),
    )
    names = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name])]
    header = [words(f"head.{name}", chosen) for name in ("column", "meaning", "known", "units", "mean", "sd")]
    return Shown((size, table(header, [_column_row(frame, name, chosen) for name in names], words=(0, 1))), chosen)


def _column_row(frame: pd.DataFrame, name: str, lang: str) -> tuple[str, ...]:
    values, label = frame[name], column_label(name, lang)
    return (
        name,
        "" if label == name else label,
        format_value(float(values.notna().mean()), "p0", lang),
        number(frame.loc[values.notna(), "unit_id"].nunique(), lang, 0),
        number(values.mean(), lang),
        number(values.std(), lang),
    )


def study(results: StudyResults, lang: str | None = None) -> Shown:
    """Return what a study holds and how its claims were judged for the nation."""
    chosen = language(lang)
    nation = results.verdicts[results.verdicts["region_code"].isna()]
    counts = nation["verdict"].value_counts()
    order = ("supported", "weakly_supported", "cannot_tell", "contradicted", "not_identified", "no_data")
    rows = [(render(f"report.verdict.{key}", chosen, {}), int(counts[key])) for key in order if key in counts.index]
    sentence = words(
        "study",
        chosen,
        data_id=results.meta["data_id"],
        regions=len(results.regions),
        units=int(results.panel["unit_id"].nunique()),
        first=results.meta["first_period"],
        last=results.meta["last_period"],
    )
    parts: list[str | Table] = [sentence]
    if results.meta.get("synthetic"):
        parts.append(words("synthetic", chosen))
    parts.append(table([words("head.verdict", chosen), words("head.claims", chosen)], rows))
    return Shown(tuple(parts), chosen)


def spec_code(spec: Spec) -> str:
    """Return a spec as Python code that makes it again; fields at their defaults are left out."""
    import dataclasses

    parts = []
    for field in dataclasses.fields(spec):
        value = getattr(spec, field.name)
        value = dict(value) if field.name == "options" else value
        default = {} if field.name == "options" else field.default
        if field.default is dataclasses.MISSING and field.name != "options":
            parts.append(f"    {value!r},")
        elif value != default:
            parts.append(f"    {field.name}={value!r},")
    return "Spec(\n" + "\n".join(parts) + "\n)"


def message(value: Message, lang: str | None = None) -> Shown:
    """Return a message as its sentence."""
    chosen = language(lang)
    return Shown((value.text(chosen),), chosen)
