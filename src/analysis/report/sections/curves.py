"""How sure we are, drawn: every defensible specification, the response to the dose, the time around a start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.report.blocks import Block
from analysis.report.i18n import is_number
from analysis.report.sections._common import (
    LEVER_CLAIMS,
    LEVERS,
    claim_decimals,
    claim_label,
    claim_words,
    label,
    msg,
    number,
    records,
    study_sample,
    unit_label,
)
from analysis.results import StudyResults

DOSE_PLACES = {"training": 0, "leadership": 1, "budget": 0}
FIGURES = ("x", "estimate", "conf_low", "conf_high", "band_low", "band_high")

Points = list[dict[str, Any]]


def specification_curve(results: StudyResults, region_code: str) -> Block:
    """Return each lever's effect under every defensible combination of choices, all regions together."""
    groups = _lever_groups(results, "specification_curve", _specification_group)
    n = sum(group["n"] for group in groups)
    agree = sum(group["n_same"] for group in groups)
    return _block(results, "specification_curve", groups, n=n, agree=agree, share=agree / n if n else None)


def dose_response(results: StudyResults, region_code: str) -> Block:
    """Return how service quality changes along the dose of each lever, all regions together."""
    groups = _lever_groups(results, "dose_response", _dose_group)
    straight = sum(group["straight"] is True for group in groups)
    return _block(results, "dose_response", groups, n=len(groups), straight=straight)


def event_study(results: StudyResults, region_code: str) -> Block:
    """Return the effect of each programme by half-years since its start, those before it included."""
    found = [_event_group(results, spec, points) for spec, points in _curves(results, "event_study").items()]
    before = sum(group["n_before"] for group in found)
    clear = sum(group["n_clear_before"] for group in found)
    return _block(results, "event_study", found, n=len(found), before=before, clear=clear)


def _block(results: StudyResults, name: str, groups: list[dict[str, Any]], **values: Any) -> Block:
    key = f"{name}.lead" if groups else f"{name}.none"
    parts = [group["alt"] for group in groups]
    return Block(
        id=name,
        kind=name,
        data={"groups": groups},
        text={"title": msg(f"{name}.title"), "lead": msg(key, **values), "note": msg(f"{name}.note")},
        alt=msg(f"{name}.alt", n=len(groups), parts=parts) if groups else msg(key, **values),
        source=(msg("source.curves", figure=name),),
        sample=study_sample(results),
    )


def _curves(results: StudyResults, figure: str) -> dict[str, Points]:
    """Return the points of one kind of figure by specification, in the stored order."""
    table = results.curves
    found: dict[str, Points] = {}
    for row in records(table[table["figure"] == figure]):
        found.setdefault(row["spec"], []).append(row)
    return found


def _lever_groups(
    results: StudyResults, figure: str, make: Callable[[str, str, Points], dict[str, Any]]
) -> list[dict[str, Any]]:
    curves = _curves(results, figure)
    specs = {lever: claim_words().get(claim, {}).get("spec") for lever, claim in LEVER_CLAIMS.items()}
    return [make(lever, str(specs[lever]), curves[str(specs[lever])]) for lever in LEVERS if specs[lever] in curves]


def _plain(points: Points) -> Points:
    return [{name: number(p[name]) for name in FIGURES} | {"main": bool(p["main"])} for p in points]


def _specification_group(lever: str, spec: str, points: Points) -> dict[str, Any]:
    claim = LEVER_CLAIMS[lever]
    places = claim_decimals(claim)
    estimates = sorted(p["estimate"] for p in points)
    middle = len(estimates) // 2
    median = estimates[middle] if len(estimates) % 2 else (estimates[middle - 1] + estimates[middle]) / 2
    same = sum((value > 0) == (median > 0) for value in estimates)
    values = {
        "n": len(points),
        "same": same,
        "share": same / len(points),
        "low": estimates[0],
        "high": estimates[-1],
        "median": median,
    }
    joint = _joint_p_value(points[0])
    said = {"lever": msg(f"lever.{lever}"), **_rounded(values, places)}
    return {
        **_lever_head(lever, spec),
        "n": len(points),
        "n_same": same,
        "median": median,
        "p_value": joint,
        "points": [item | {"x": place} for place, item in enumerate(_plain(points))],
        "choices": _choices(points),
        "sentence": msg(f"specification_curve.{'said' if joint is None else 'said_joint'}", **said, p=joint),
        "alt": msg("specification_curve.alt_part", **said),
    }  # fmt: skip


def _lever_head(lever: str, spec: str) -> dict[str, Any]:
    claim = LEVER_CLAIMS[lever]
    unit = claim_words().get(claim, {}).get("unit", "")
    return {
        "lever": lever,
        "spec": spec,
        "label": msg(f"lever.{lever}"),
        "unit": unit_label(unit),
        "places": claim_decimals(claim),
    }


def _joint_p_value(point: dict[str, Any]) -> float | None:
    """Return the p-value of the joint test over all specifications, None where it was not carried out."""
    found = (point["reason"] or {}).get("values", {}).get("p")
    return float(found) if is_number(found) else None


def _rounded(values: dict[str, Any], places: int) -> dict[str, Any]:
    """Return effects as messages with the claim's decimals, so that one text serves all levers."""
    shown = {name: msg(f"figure.signed{places}", value=values[name]) for name in ("low", "high", "median")}
    return values | shown


def _choices(points: Points) -> list[dict[str, Any]]:
    """Return each choice that differs between specifications, with the ranks at which each option was taken."""
    taken: dict[str, dict[str, list[int]]] = {}
    for rank, point in enumerate(points):
        for option in str(point["choices"]).split():
            taken.setdefault(option.partition("_")[0], {}).setdefault(option, []).append(rank)
    return [
        {
            "choice": name,
            "label": msg(f"choice.{name}"),
            "options": [{"label": label("choice", option), "ranks": options[option]} for option in sorted(options)],
        }
        for name, options in taken.items()
        if len(options) > 1
    ]


def _dose_group(lever: str, spec: str, points: Points) -> dict[str, Any]:
    shown = _plain(points)
    reference = next(item["x"] for item in shown if item["main"])
    first, last = shown[0], shown[-1]
    passed = points[0]["passed"]
    straight = None if passed is None else bool(passed)
    places = DOSE_PLACES[lever]
    form = f"figure.{'signed' if lever == 'budget' else 'number'}{places}"
    dose = {name: msg(form, value=value) for name, value in zip(("low", "high"), (first["x"], last["x"]), strict=True)}
    middle = msg(form, value=reference)
    values = {
        "lever": msg(f"lever.{lever}"),
        "dose": msg(f"dose_response.dose_{lever}", dose=dose["high"]),
        "reference": msg(f"dose_response.reference_{lever}", dose=middle),
        "estimate": last["estimate"],
        "low": last["band_low"],
        "high": last["band_high"],
    }
    shape = "unknown" if straight is None else "straight" if straight else "bent"
    return {
        **_lever_head(lever, spec),
        "x_label": msg(f"dose_response.axis_{lever}"),
        "x_places": places,
        "points": shown,
        "reference": reference,
        "straight": straight,
        "sentence": msg(f"dose_response.said_{shape}", **values),
        "alt": msg("dose_response.alt_part", **values, first=dose["low"]),
    }


def _event_group(results: StudyResults, spec: str, points: Points) -> dict[str, Any]:
    claim = next((name for name, words in claim_words().items() if words.get("spec") == spec), spec)
    shown = _plain(points)
    before = [p for p in shown if p["x"] < 0 and not p["main"]]
    clear = [p for p in before if _clear(p)]
    after = [p for p in shown if p["x"] >= 0]
    effect = _national(results, spec)
    places = claim_decimals(claim)
    values = {
        "programme": msg(f"event_study.programme_{spec}"),
        "before": len(before),
        "clear": len(clear),
        "after": len(after),
        "after_clear": sum(_clear(p) for p in after),
        "low": msg(f"figure.signed{places}", value=min(p["estimate"] for p in shown)),
        "high": msg(f"figure.signed{places}", value=max(p["estimate"] for p in shown)),
    }
    return {
        "spec": spec,
        "label": claim_label(claim),
        "unit": unit_label(claim_words().get(claim, {}).get("unit", "")),
        "places": places,
        "points": shown,
        "n_before": len(before),
        "n_clear_before": len(clear),
        "effect": effect,
        "sentence": msg("event_study.said", **values),
        "pre_trend": _pre_trend(results, spec),
        "alt": msg("event_study.alt_part", **values),
    }


def _clear(point: dict[str, Any]) -> bool:
    """Whether the band of a point leaves out zero; without a band its interval decides."""
    low = point["band_low"] if point["band_low"] is not None else point["conf_low"]
    high = point["band_high"] if point["band_high"] is not None else point["conf_high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def _national(results: StudyResults, spec: str) -> dict[str, Any] | None:
    table = results.estimates
    rows = records(table[(table["spec"] == spec) & (table["level"] == "national")])
    return {name: number(rows[0][name]) for name in ("estimate", "conf_low", "conf_high")} if rows else None


def _pre_trend(results: StudyResults, spec: str) -> dict[str, Any] | None:
    """Return the test of parallel trends that the verdict rests on."""
    table = results.checks
    rows = records(table[(table["spec"] == spec) & (table["name"] == "pre_trend")])
    if not rows:
        return None
    return {"passed": None if rows[0]["passed"] is None else bool(rows[0]["passed"]), "reason": rows[0]["reason"]}
