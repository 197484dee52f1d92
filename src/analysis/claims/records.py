"""Claims, specifications and verdict rules as the catalog declares them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from analysis.catalog.loader import Text, load_records
from analysis.errors import CatalogError, closest
from analysis.identification import Nodes, load_graph
from analysis.paths import catalog_dir

Direction = Literal["increase", "decrease", "differ"]
Design = Literal["within", "staggered", "provider_costs", "cross_section", "trend"]
Transform = Literal["linear", "percent", "ten_percent"]
FILES = ("claims.yml", "specs.yml", "graph.yml", "rules.yml")


@dataclass(frozen=True)
class Claim:
    """What is said of developing civil servants, as a question that data can answer.

    Parameters
    ----------
    key
        Its name.
    label
        The claim as a sentence.
    spec
        Key of the `EffectSpec` that answers it.
    direction
        What the claim says of the effect: ``"increase"``, ``"decrease"`` or, without a direction, ``"differ"``.
    dose, outcome, measure
        Parts of the sentence: what is changed, what it changes, in which measure.
    unit
        Unit of the effect.
    decimals
        Decimals shown.
    smallest
        Smallest effect of interest, in `unit`.
    """

    key: str
    label: Text
    spec: str
    direction: Direction
    dose: Text
    outcome: Text
    measure: Text
    unit: Text
    decimals: int
    smallest: float


@dataclass(frozen=True)
class EffectSpec:
    """How an effect is estimated; controls follow from the causal graph.

    Parameters
    ----------
    key
        Its name, as in the column ``spec`` of the results.
    treatment, outcome
        Nodes of the causal graph.
    treatments
        Panel columns of the treatment; the first is the effect that is read.
    design
        Which comparison: ``within`` units net of region x half-year, ``staggered`` (units that a programme has
        reached against units of the same region that it has not), ``provider_costs`` (partners against own agencies
        within unit and half-year), ``cross_section`` (one measurement per unit), ``trend``.
    rows
        ``all``, or ``online_with_it``: units that adopt online registration without IT training left out.
    contrast
        Columns held fixed by the question itself.
    moderators
        Columns that change the effect; then the interaction is the effect that is read.
    halves
        Two columns that measure the treatment, or the moderator where there is one, by different people: then the
        estimate is freed of their sampling noise.
    cohort
        Column with the first treated period, for staggered designs.
    weights
        Column of weights.
    scale
        Factor from the coefficient to the claim's unit.
    transform
        ``linear``; ``percent`` (of a log outcome); ``ten_percent`` (a log treatment, effect of 10 percent more).
    lead
        Periods ahead of the placebo test; 0 for none. Averages of two half-years need 2.
    negative_controls
        Outcomes that the treatment should not move.
    benchmarks
        Covariates beside the controls with which an unseen confounder is compared; no consequences of the treatment.
    variants
        Names of the other defensible specifications, see `analysis.claims.variants`.
    """

    key: str
    treatment: str
    outcome: str
    treatments: tuple[str, ...]
    design: Design = "within"
    rows: Literal["all", "online_with_it"] = "all"
    contrast: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()
    halves: tuple[str, ...] = ()
    cohort: str | None = None
    weights: str | None = None
    scale: float = 1.0
    transform: Transform = "linear"
    lead: int = 0
    negative_controls: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()

    @property
    def term(self) -> str:
        """Row of the estimates that answers."""
        if self.design == "staggered":
            return "att"
        return f"{self.treatments[0]}:{self.moderators[0]}" if self.moderators else self.treatments[0]


@dataclass(frozen=True)
class Rules:
    """How estimates and checks become verdicts, see the comments in ``rules.yml``."""

    key: str
    level: float
    check_level: float
    power: float
    enough_clusters: int
    least_regions: int
    capping_checks: tuple[str, ...]
    agreement: float


@dataclass(frozen=True)
class Declared:
    """Everything that was fixed before the data were seen."""

    claims: Mapping[str, Claim]
    specs: Mapping[str, EffectSpec]
    graph: Nodes
    rules: Rules


@cache
def load_declared(folder: Path | None = None) -> Declared:
    """Read claims, specifications, graph and rules, and check that they fit together.

    Raises
    ------
    CatalogError
        For a claim without its specification or a specification without its node (with the closest match).
    """
    where = folder or catalog_dir()
    declared = Declared(
        claims=load_records(where / "claims.yml", Claim),
        specs=load_records(where / "specs.yml", EffectSpec),
        graph=load_graph(where / "graph.yml"),
        rules=load_records(where / "rules.yml", Rules)["default"],
    )
    for claim in declared.claims.values():
        _require(claim.spec in declared.specs, claim.key, claim.spec, declared.specs)
    for spec in declared.specs.values():
        for node in (spec.treatment, spec.outcome):
            _require(node in declared.graph, spec.key, node, declared.graph)
    return declared


def _require(found: bool, entry: str, name: str, known: Mapping[str, object]) -> None:
    if not found:
        raise CatalogError("claims.unknown_reference", entry=entry, name=name, closest=closest(name, known) or "-")


def claims_sha256(folder: Path | None = None) -> str:
    """Return the hash of the files that fix claims, specifications, graph and rules."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(name.encode() + b"\0" + ((folder or catalog_dir()) / name).read_bytes() + b"\0")
    return digest.hexdigest()
