"""Where service quality stands: index, elements, movement, units."""

from __future__ import annotations

from typing import Any

from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import (
    ELEMENTS,
    MIN_RESPONDENTS,
    Z95,
    msg,
    number,
    period,
    records,
    region_index,
    region_name,
    study_sample,
    survey_source,
    unit_index,
)
from analysis.report.sections.descriptions import of_matrix, of_trend
from analysis.results import StudyResults

MATRIX_UNITS = 40
"""Units shown in the matrix; those with the lowest index first."""


def service_quality(results: StudyResults, region_code: str) -> Block:
    """Return the satisfaction index with its margin of error, grade, the nine elements and the noise sentence."""
    rows = region_index(results, region_code)
    if not rows:
        return _no_quality(region_code)
    now = rows[-1]
    movement = change(rows)
    name = region_name(region_code)
    elements = sorted(_elements(now), key=lambda item: (item["value"], item["element"]))
    return Block(
        id="service_quality",
        kind="table",
        data={"summary": _summary(now) | {"change": movement}, "elements": elements},
        text={
            "title": msg("quality.title"),
            "lead": _quality_lead(now),
            "noise": movement["sentence"],
            "note": msg("quality.note"),
            **_without_fees(results, region_code),
        },
        alt=msg("quality.alt", weakest=elements[0]["label"], low=elements[0]["value"], best=elements[-1]["label"],
                high=elements[-1]["value"]),
        source=survey_source(),
        sample=msg("sample.respondents", n=int(now["n"]), region=name, period=period(now["period"])),
        privacy={"minimum": MIN_RESPONDENTS},
    )  # fmt: skip


def _without_fees(results: StudyResults, region_code: str) -> dict[str, Message]:
    """Return the index without fees (U4), which the rules set to 4 wherever a service is free."""
    table = results.measures
    rows = records(table[(table["region_code"] == region_code) & (table["measure"] == "index_without_fees")])
    if not rows or number(rows[-1]["value"]) is None:
        return {}
    row = rows[-1]
    if number(row["conf_low"]) is None:
        return {"without_fees": msg("quality.without_fees_means", index=row["value"])}
    return {"without_fees": msg("quality.without_fees", index=row["value"], low=row["conf_low"], high=row["conf_high"])}


def _no_quality(region_code: str) -> Block:
    nothing = msg("quality.none", region=region_name(region_code), minimum=MIN_RESPONDENTS)
    text = {"title": msg("quality.title"), "lead": nothing}
    data: dict[str, Any] = {"summary": None, "elements": []}
    return Block("service_quality", "table", data, text, nothing, survey_source(), None, {"minimum": MIN_RESPONDENTS})


def _quality_lead(now: dict[str, Any]) -> Message:
    if number(now["std_error"]) is None:
        return msg(
            "quality.lead_means", index=now["index"], grade=now["grade"], grade_label=msg(f"grade.{now['grade']}")
        )
    return msg("quality.lead", index=now["index"], low=now["conf_low"], high=now["conf_high"],
               grade=now["grade"], grade_label=msg(f"grade.{now['grade']}"))  # fmt: skip


def _summary(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "index": row["index"],
        "conf_low": row["conf_low"],
        "conf_high": row["conf_high"],
        "margin": _margin(row),
        "grade": row["grade"],
        "grade_label": msg(f"grade.{row['grade']}"),
        "n": int(row["n"]),
        "period": period(row["period"]),
    }


def _elements(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"element": name, "label": msg(f"element.{name}"), "value": number(row[name])}
        for name in ELEMENTS
        if number(row[name]) is not None
    ]


def _margin(*rows: dict[str, Any]) -> float | None:
    """Half the interval of an index or of a difference; None where means only came in, whose spread is not known."""
    errors = [number(row["std_error"]) for row in rows]
    known = [error for error in errors if error is not None]
    return Z95 * sum(error**2 for error in known) ** 0.5 if len(known) == len(errors) else None


def change(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the movement since the half-year before with its margin of error, and the sentence that reads it.

    The margin is that of a difference of two independent samples, 1.96 (se1^2 + se2^2)^0.5; samples that are not
    random make it a lower bound.
    """
    if len(rows) < 2:
        return {"value": None, "margin": None, "beyond_noise": None, "sentence": msg("quality.no_change")}
    before, now = rows[-2], rows[-1]
    value = now["index"] - before["index"]
    margin = _margin(now, before)
    if margin is None:
        said = msg("quality.change_means", value=value, before=period(before["period"]))
        return {"value": value, "margin": None, "beyond_noise": None, "sentence": said}
    beyond = bool(abs(value) > margin)
    direction = "up" if value > 0 else "down"
    key = f"quality.{direction}_{'real' if beyond else 'noise'}"
    said = msg(key, value=abs(value), margin=margin, before=period(before["period"]))
    return {"value": value, "margin": margin, "beyond_noise": beyond, "sentence": said}


def trend(results: StudyResults, region_code: str) -> Block:
    """Return the index by half-year beside the mean of all regions, and the rise beyond comparable regions.

    Half-years before a change of method are shown apart and never compared with those after it.
    """
    rows = region_index(results, region_code)
    name = region_name(region_code)
    breaks = [str(at) for at in results.meta.get("method_breaks", [])]
    steady = _since_break(rows, breaks)
    panels = [{
        "label": msg("trend.index"),
        "places": 1,
        "series": [
            {"name": name, "own": True, "points": [_point(row, breaks) for row in rows]},
            {"name": msg("trend.all_regions"), "own": False, "points": _mean_of_regions(results, breaks)},
        ],
        "breaks": _shown_breaks(rows, breaks),
        "sentence": change(steady)["sentence"],
    }] if rows else []  # fmt: skip
    return Block(
        id="trend",
        kind="trend",
        data={"panels": panels, "comparison": comparison(results, region_code)},
        text={"title": msg("trend.title"), "lead": _trend_lead(steady) if rows else msg("trend.none", region=name)},
        alt=_trend_alt(name, rows, len(panels[0]["breaks"]) if panels else 0),
        source=survey_source(),
        sample=study_sample(results, region_code),
        privacy={"minimum": MIN_RESPONDENTS},
    )


def _since_break(rows: list[dict[str, Any]], breaks: list[str]) -> list[dict[str, Any]]:
    """Return the half-years measured in the present way."""
    return [row for row in rows if row["period"] >= max(breaks, default="")]


def _segment(at: str, breaks: list[str]) -> int:
    return sum(at >= start for start in breaks)


def _point(row: dict[str, Any], breaks: list[str]) -> dict[str, Any]:
    at = row["period"]
    figures = {"x": at, "y": row["index"], "low": row["conf_low"], "high": row["conf_high"]}
    return figures | ({"segment": _segment(at, breaks)} if breaks else {})


def _shown_breaks(rows: list[dict[str, Any]], breaks: list[str]) -> list[str]:
    """Return the first half-year shown of every later way of measuring."""
    first = [next((row["period"] for row in rows if row["period"] >= start), None) for start in breaks]
    return sorted({at for at in first if at is not None and at != rows[0]["period"]})


def comparison(results: StudyResults, region_code: str) -> dict[str, Any] | None:
    """Return how much a region rose beyond the mix of regions that moved like it before; None without the table."""
    rows = records(results.comparison[results.comparison["region_code"] == region_code])
    if not rows:
        return None
    row = rows[0]
    figures = {name: number(row[name]) for name in ("rise", "beyond", "conf_low", "conf_high", "p_value", "n_regions")}
    donors = [
        {"name": region_name(code), "weight": weight}
        for code, weight in sorted((row["donors"] or {}).items(), key=lambda item: (-item[1], item[0]))
    ]
    said = {"sentence": row["sentence"], "donors": donors, "label": msg("trend.beyond"), "estimate": figures["beyond"]}
    spans = {key: period(row[key]) for key in ("first", "split", "last") if row[key] is not None}
    return figures | said | {"halves": msg("trend.halves", **spans) if spans else None}


def _trend_lead(rows: list[dict[str, Any]]) -> Message:
    if not rows:
        return msg("trend.after_break")
    if len(rows) < 2:
        return msg("trend.one", period=period(rows[0]["period"]), index=rows[0]["index"])
    moved = rows[-1]["index"] - rows[0]["index"]
    margin = _margin(rows[0], rows[-1])
    if margin is None:
        ends = {"first": period(rows[0]["period"]), "last": period(rows[-1]["period"])}
        return msg("trend.means", value=moved, **ends)
    key = "trend.flat" if abs(moved) <= margin else "trend.rose" if moved > 0 else "trend.fell"
    return msg(key, value=abs(moved), margin=margin, first=period(rows[0]["period"]), last=period(rows[-1]["period"]))


def _trend_alt(name: str, rows: list[dict[str, Any]], breaks: int) -> Message:
    if not rows:
        return msg("trend.none", region=name)
    values = [row["index"] for row in rows]
    return of_trend(name, period(rows[0]["period"]), period(rows[-1]["period"]), values, breaks)


def _mean_of_regions(results: StudyResults, breaks: list[str]) -> list[dict[str, Any]]:
    points = [{"x": at, "y": value} for at, value in results.mean_index.items()]
    return [point | {"segment": _segment(str(point["x"]), breaks)} for point in points] if breaks else points


def priorities(results: StudyResults, region_code: str) -> Block:
    """Return the matrix of units and elements of the last half-year, the lowest index first.

    A unit with fewer than ten respondents is withheld; if it is the only one, the unit with the next fewest goes
    with it, because one withheld figure can be worked out from the region's mean.
    """
    periods = region_index(results, region_code)
    at = periods[-1]["period"] if periods else results.meta["last_period"]
    shown, hidden = disclosable(unit_index(results, region_code, str(at)))
    shown.sort(key=lambda row: (row["index"], row["unit_id"]))
    rows = [_matrix_row(row) for row in shown[:MATRIX_UNITS]]
    name = region_name(region_code)
    return Block(
        id="priorities",
        kind="matrix",
        data={
            "columns": [
                {"element": e, "label": msg(f"element.{e}"), "short": msg(f"element_short.{e}")} for e in ELEMENTS
            ],
            "rows": rows,
            "n_more": len(shown) - len(rows),
        },
        text={
            "title": msg("priorities.title"),
            "lead": _priorities_lead(rows, name),
            "note": msg("priorities.note" if hidden else "priorities.note_all", hidden=hidden, minimum=MIN_RESPONDENTS),
        },
        alt=of_matrix(rows) if rows else _priorities_lead(rows, name),
        source=survey_source(),
        sample=msg("sample.units", n=len(shown), region=name, period=period(at)),
        privacy={"minimum": MIN_RESPONDENTS, "hidden": hidden},
    )  # fmt: skip


def disclosable(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Return the units that may be shown, and how many are withheld; see `priorities`."""
    shown = [row for row in rows if number(row["index"]) is not None and (row["n"] or 0) >= MIN_RESPONDENTS]
    shown.sort(key=lambda row: (row["n"], row["unit_id"]))
    if len(rows) - len(shown) == 1:
        shown = shown[1:]
    return shown, len(rows) - len(shown)


def _matrix_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["unit_name"],
        "service": row["service_type"],
        "n": int(row["n"]),
        "index": row["index"],
        "conf_low": row["conf_low"],
        "conf_high": row["conf_high"],
        "grade": row["grade"],
        "values": [number(row[name]) for name in ELEMENTS],
    }


def _priorities_lead(rows: list[dict[str, Any]], name: str) -> Message:
    if not rows:
        return msg("priorities.none", region=name, minimum=MIN_RESPONDENTS)
    weakest = min(
        ((value, row["name"], element) for row in rows for value, element in zip(row["values"], ELEMENTS, strict=True)
         if value is not None),
        default=None,
    )  # fmt: skip
    if weakest is None or len(rows) == 1:
        return msg("priorities.one", unit=rows[0]["name"], index=rows[0]["index"])
    return msg("priorities.lead", unit=weakest[1], element=msg(f"element.{weakest[2]}"), value=weakest[0])
