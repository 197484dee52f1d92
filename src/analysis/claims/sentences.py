"""The sentences behind verdicts, built from message keys: number, interval, sample, then what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.catalog.loader import Text
from analysis.identification import Identification, Nodes
from analysis.messages import Message

if TYPE_CHECKING:
    from analysis.claims.records import Claim
    from analysis.claims.verdict import Evidence


def wording(text: Text) -> dict[str, str]:
    """Return a wording of the catalog as a value that is shown in the reader's language."""
    return {"id": text.id, "en": text.en}


def joined(*parts: Message | None) -> Message:
    """Return sentences one after the other."""
    known = [part for part in parts if part is not None]
    if len(known) == 1:
        return known[0]
    first, *rest = known
    return Message("claims.joined", {"first": first, "rest": joined(*rest)})


def number(claim: Claim, value: float, signed: bool = False) -> Message:
    """Return a number with the claim's decimals."""
    return Message(f"claims.number.{'s' if signed else 'n'}{claim.decimals}", {"x": float(value)})


def _values(evidence: Evidence) -> dict[str, Any]:
    claim, row = evidence.claim, evidence.row
    return {
        "label": wording(claim.label),
        "dose": wording(claim.dose),
        "outcome": wording(claim.outcome),
        "measure": wording(claim.measure),
        "size": number(claim, abs(float(row["estimate"]))),
        "low": number(claim, float(row["conf_low"])),
        "high": number(claim, float(row["conf_high"])),
        "sample": sample(evidence),
    }


def sample(evidence: Evidence) -> Message:
    """Return how many units and regions stand behind the estimate; with too few regions, a region stands alone."""
    values = {"units": int(evidence.row["n_units"]), "regions": evidence.n_regions}
    if evidence.region is None:
        return Message("claims.sample.national", values)
    if evidence.row["estimator"] != "partial_pooling":
        return Message("claims.sample.own", {"units": values["units"]})
    return Message("claims.sample.region", values | {"others": max(evidence.n_regions - 1, 0)})


def finding(evidence: Evidence) -> Message:
    """Return what was found: dose, direction, size, interval, sample."""
    way = "up" if float(evidence.row["estimate"]) >= 0 else "down"
    return Message(f"claims.finding.{way}", _values(evidence))


def supported_sentence(evidence: Evidence) -> Message:
    """Return the sentence of a supported claim; an effect below the smallest of interest is called small."""
    claim = evidence.claim
    small = abs(float(evidence.row["estimate"])) < claim.smallest
    label = Message("claims.supported", {"label": wording(claim.label)})
    return joined(label, finding(evidence), _small(claim) if small else None)


def _small(claim: Claim) -> Message:
    values = {"smallest": number(claim, claim.smallest), "measure": wording(claim.measure)}
    return Message("claims.small", values)


def weak_sentence(evidence: Evidence, failed: Sequence[str], alone: bool) -> Message:
    """Return the sentence of a hint, with what keeps it from being more."""
    many = None if alone else Message("claims.cap.multiplicity", {"n": evidence.n_claims})
    return joined(Message("claims.weak"), finding(evidence), many, _failed(failed))


def _failed(failed: Sequence[str]) -> Message | None:
    if not failed:
        return None
    return Message("claims.cap.checks", {"checks": [Message(f"claims.check.{name}") for name in failed]})


def contradicted_sentence(evidence: Evidence) -> Message:
    """Return the sentence of a claim that the data contradict."""
    claim = evidence.claim
    if claim.direction == "differ":
        smallest = number(claim, claim.smallest)
        return Message("claims.contradicted.alike", _values(evidence) | {"smallest": smallest})
    way = "up" if float(evidence.row["estimate"]) >= 0 else "down"
    return Message(f"claims.contradicted.{way}", _values(evidence))


def uncertain_sentence(evidence: Evidence, failed: Sequence[str], significant: bool) -> Message:
    """Return the sentence of an effect that cannot be told from zero: what is ruled out, what could not be seen."""
    if significant:
        many = Message("claims.cap.multiplicity", {"n": evidence.n_claims}) if not failed else None
        return joined(Message("claims.uncertain.opposite", _values(evidence)), many, _failed(failed))
    claim, row = evidence.claim, evidence.row
    bounds = {"increase": float(row["conf_high"]), "decrease": -float(row["conf_low"])}
    if claim.direction == "differ":
        return joined(Message("claims.uncertain.differ", _values(evidence)), _unseen(evidence))
    bound = max(bounds[claim.direction], 0.0)
    values = _values(evidence) | {"bound": number(claim, bound)}
    base = Message(f"claims.uncertain.{claim.direction}", values)
    if bound < claim.smallest:
        return joined(
            base,
            Message(
                "claims.uncertain.negligible",
                {"smallest": number(claim, claim.smallest), "measure": wording(claim.measure)},
            ),
        )
    return joined(base, _unseen(evidence))


def _unseen(evidence: Evidence) -> Message:
    values = {
        "sample": sample(evidence),
        "smallest": number(evidence.claim, evidence.smallest_visible),
        "measure": wording(evidence.claim.measure),
    }
    return Message("claims.uncertain.power", values)


def not_identified_sentence(nodes: Nodes, found: Identification, measured_once: bool) -> Message:
    """Return why an effect is not identified, with the arrow that blocks it."""
    if found.blocked_by is None:
        raise ValueError("an identified effect has no blocking arrow")
    cause, effect = found.blocked_by
    values = {
        "cause": wording(nodes[cause].label),
        "effect": wording(nodes[effect].label),
        "outcome": wording(nodes[found.outcome].label),
    }
    return joined(
        Message("claims.not_identified.arrow", values),
        Message("claims.not_identified.once", values) if measured_once else None,
    )


def no_table_sentence(nodes: Nodes, node: str) -> Message:
    """Return that no table records a quantity at all."""
    return Message("claims.no_data.unrecorded", {"node": wording(nodes[node].label)})


def missing_tables_sentence(tables: Sequence[str]) -> Message:
    """Return which tables were not handed in."""
    return Message("claims.no_data.tables", {"tables": [Message(f"claims.table.{name}") for name in tables]})


def no_programme_sentence() -> Message:
    """Return that nobody in the place has the programme."""
    return Message("claims.no_data.programme")


def too_little_sentence(reason: Message) -> Message:
    """Return why the tables at hand do not suffice."""
    return Message("claims.no_data.too_little", {"reason": reason})
