"""The declared claims as a page for reviewers: what is compared, what is held fixed, what could refute it."""

from __future__ import annotations

from analysis.claims.evaluate import identification_of
from analysis.claims.records import Claim, Declared, load_declared

HEADER = """# The claims and how each is judged

Made from `data/catalog/{claims,specs,graph,rules}.yml`; a test keeps it true.
Controls are derived from the causal graph.

| claim | effect of | on | comparison | held fixed | checks | smallest effect of interest |
|---|---|---|---|---|---|---|
"""
COMPARISONS = {
    "within": "same unit at other times, net of region x half-year",
    "staggered": "units reached against units of the region not (yet) reached",
    "provider_costs": "partner against own agency, same unit and half-year",
    "cross_section": "units measured once",
    "trend": "region against the other regions over time",
}


def claims_page(declared: Declared | None = None) -> str:
    """Return the page as Markdown, one row a claim."""
    declared = declared or load_declared()
    return HEADER + "".join(_row(claim, declared) for claim in declared.claims.values())


def _row(claim: Claim, declared: Declared) -> str:
    spec, nodes = declared.specs[claim.spec], declared.graph
    effect = " x ".join([nodes[spec.treatment].label.en, *spec.moderators])
    cells = [claim.label.en, effect, nodes[spec.outcome].label.en, COMPARISONS[spec.design], _held(claim, declared)]
    checks = [f"no effect of the treatment {spec.lead} ahead"] if spec.lead else []
    checks += [f"no effect on {name.upper()}" for name in spec.negative_controls]
    checks += ["trend before the start"] if spec.design == "staggered" else []
    smallest = f"{claim.smallest:g} {claim.measure.en}"
    return "| " + " | ".join([*cells, ", ".join(checks) or "-", smallest]) + " |\n"


def _held(claim: Claim, declared: Declared) -> str:
    spec = declared.specs[claim.spec]
    if spec.design == "trend":
        return "what moves all regions"
    if declared.graph[spec.treatment].column is None:
        return "no table records it"
    found = identification_of(spec, declared)
    if found.adjustment is None:
        cause, effect = found.blocked_by or ("", "")
        return f"not identified: {cause} -> {effect}"
    return ", ".join([*found.adjustment, *spec.contrast]) or "-"
