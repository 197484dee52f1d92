"""The answer first: headline, a card for each lever, all claims."""

from __future__ import annotations

from collections import Counter
from typing import Any

from analysis.messages import Message
from analysis.report.blocks import Block, jsonable
from analysis.report.sections._common import (
    LEVERS,
    VERDICTS,
    claim_decimals,
    claim_label,
    claim_rows,
    estimate_id,
    estimate_source,
    estimates_source,
    lever_rows,
    msg,
    number,
    region_name,
    study_sample,
    unit_label,
)
from analysis.report.sections.costs import lever_costs
from analysis.report.sections.labels import in_words
from analysis.results import StudyResults

HEADLINE_ORDER = (
    "supported",
    "contradicted",
    "weakly_supported",
    "cannot_tell",
    "not_identified",
    "no_data",
)
"""What is known comes before what is not."""


NO_ESTIMATE = {
    "estimate": None,
    "conf_low": None,
    "conf_high": None,
    "strength": 0,
    "scope": "region",
    "reason": None,
    "places": 2,
    "row": None,
    "n_units": None,
}


def answer(results: StudyResults, region_code: str) -> Block:
    """Return the headline, derived from the verdicts of the levers by `headline`, and the tally of all verdicts."""
    levers = lever_rows(results, region_code)
    rows = claim_rows(results, region_code)
    verdicts = {lever: row["verdict"] for lever, row in levers.items()}
    clauses = headline(verdicts)
    tally = Counter(row["verdict"] for row in rows)
    counted = [{"verdict": name, "label": msg(f"verdict.{name}"), "n": tally[name]} for name in VERDICTS]
    name = region_name(region_code)
    return Block(
        id="answer",
        kind="answer",
        data={"headline": list(clauses), "verdicts": verdicts, "tally": counted, "n_claims": len(rows)},
        text={
            "title": msg("answer.title", region=name),
            "lead": msg("answer.scale"),
            "tally": msg("answer.tally", n=len(rows)),
        },
        alt=msg("answer.alt", **{name: tally[name] for name in VERDICTS}, n=len(rows)),
        source=estimate_source(None),
        sample=study_sample(results),
    )


def headline(verdicts: dict[str, str]) -> tuple[Message, ...]:
    """Return the headline: one clause for each verdict that occurs among the levers, what is known first.

    Parameters
    ----------
    verdicts
        Verdict by lever; a lever that is absent has no data.
    """
    groups: dict[str, list[str]] = {name: [] for name in HEADLINE_ORDER}
    for lever in LEVERS:
        groups[verdicts.get(lever, "no_data")].append(lever)
    if len(groups["no_data"]) == len(LEVERS):
        return (msg("headline.nothing"),)
    return tuple(msg(f"headline.{name}", levers=_named(found)) for name, found in groups.items() if found)


def _named(levers: list[str]) -> dict[str, Any]:
    return {"list": [msg(f"lever.{lever}") for lever in levers]}


def levers(results: StudyResults, region_code: str) -> Block:
    """Return a card for each lever: effect with interval, strength of evidence, cost per point, what to do."""
    rows = lever_rows(results, region_code)
    costs = lever_costs(results, region_code)
    cards = [_card(lever, rows.get(lever), costs.get(lever), region_code) for lever in LEVERS]
    estimated = [card for card in cards if card["estimate"] is not None]
    return Block(
        id="levers",
        kind="verdicts",
        data={"cards": cards},
        text={"title": msg("levers.title"), "lead": msg("levers.lead"), "note": msg("levers.note")},
        alt=_levers_alt(estimated, region_name(region_code)),
        source=estimates_source([card["row"] for card in estimated]),
        sample=study_sample(results),
    )


def _card(lever: str, row: dict[str, Any] | None, cost: dict[str, Any] | None, region_code: str) -> dict[str, Any]:
    verdict = row["verdict"] if row else "no_data"
    card = _verdict_row(row, region_code) if row else dict(NO_ESTIMATE)
    known = card["estimate"] is not None and card["scope"] == "region"
    return card | {
        "cost": cost if known else None,
        "lever": lever,
        "label": msg(f"lever.{lever}"),
        "verdict": verdict,
        "verdict_label": msg(f"verdict.{verdict}"),
        "todo": msg(f"todo.{lever}.{verdict}"),
    }


def _levers_alt(cards: list[dict[str, Any]], region: str) -> Message:
    if not cards:
        return msg("levers.alt_none")
    parts = [
        msg(
            f"levers.alt_part{c['places']}",
            lever=c["label"],
            estimate=c["estimate"],
            low=c["conf_low"],
            high=c["conf_high"],
        )
        for c in cards
    ]
    clear = sum(card["conf_low"] is not None and card["conf_low"] > 0 for card in cards)
    return msg("levers.alt_chart", parts=parts, clear=clear, n=len(cards), region=region)


def claims_table(results: StudyResults, region_code: str) -> Block:
    """Return every claim with verdict, estimate, interval, strength and reason."""
    rows = [_verdict_row(row, region_code) for row in claim_rows(results, region_code)]
    supported = sum(row["verdict"] == "supported" for row in rows)
    return Block(
        id="claims",
        kind="verdicts",
        data={"rows": rows},
        text={
            "title": msg("claims.title", n=len(rows)),
            "lead": msg("claims.lead" if supported else "claims.lead_none", n=supported, total=len(rows)),
            "note": msg("claims.note", hash=str(results.meta.get("claims_sha256", ""))[:12]),
        },
        alt=msg("claims.alt", n=len(rows), supported=supported),
        source=estimate_source(None),
        sample=study_sample(results),
    )


def _verdict_row(row: dict[str, Any], region_code: str) -> dict[str, Any]:
    return {
        "claim": row["claim"],
        "label": claim_label(row["claim"]),
        "places": claim_decimals(row["claim"]),
        "verdict": row["verdict"],
        "verdict_label": msg(f"verdict.{row['verdict']}"),
        "estimate": number(row["estimate"]),
        "conf_low": number(row["conf_low"]),
        "conf_high": number(row["conf_high"]),
        "unit": unit_label(row["unit"]),
        "strength": int(row["strength"] or 0),
        "n_units": number(row["n_units"]),
        "n_regions": number(row["n_regions"]),
        "spec": row["spec"],
        "scope": row["scope"],
        "row": _estimate_id(row, region_code),
        "reason": _without_label(row["reason"]),
    }


def claim_ids(results: StudyResults, region_code: str) -> set[str]:
    """Return the ids of the rows of estimates behind the claims."""
    return {name for row in claim_rows(results, region_code) if (name := _estimate_id(row, region_code))}


def _estimate_id(row: dict[str, Any], region_code: str) -> str | None:
    level = "pooled" if row["scope"] == "region" else "national"
    return None if number(row["estimate"]) is None else estimate_id(row["spec"], level, region_code)


def _without_label(reason: Any) -> Any:
    """Return the reason without a first sentence that repeats the claim, which stands above it."""
    plain = in_words(jsonable(reason))
    if plain["key"] == "claims.joined" and plain["values"]["first"]["key"] == "claims.supported":
        return plain["values"]["rest"]
    return plain
