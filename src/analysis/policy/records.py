"""Scenarios, forms of training and benchmark evidence, as the catalog states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from analysis.catalog import Text, load_records
from analysis.paths import catalog_dir

HALF_YEARS = 2
"""Half-years in a year: panel columns of training are JP per head and half-year."""

ChangeKind = Literal["add", "move", "match"]
Unit = Literal["jp_per_half_year", "jp_per_year", "sd", "points", "share"]


@dataclass(frozen=True)
class Change:
    """What a scenario does to one column of the panel.

    Parameters
    ----------
    term
        Column that is changed.
    kind
        ``"add"`` an amount; ``"move"``: a share of the money behind the column `source` pays for `term`; ``"match"``:
        a share of the hours of `source` that are not yet in `term` becomes hours of `term`, total unchanged.
    amount
        How much, in `unit`.
    unit
        ``jp_per_half_year``, ``jp_per_year`` (lesson hours of 45 minutes per head), ``sd`` (standard deviations of the
        column between units), ``points`` (the column's own unit) or ``share`` (0 to 1).
    source
        Column from which a ``move`` or ``match`` takes.
    total
        For a ``move``: term whose effect an hour has that is lost or won because the two cost differently. The effect
        of `term` is then read as that of an hour in place of an hour of `source`.
    """

    term: str
    kind: ChangeKind
    amount: float
    unit: Unit
    source: str | None = None
    total: str | None = None

    def __post_init__(self) -> None:
        if (self.kind == "add") == (self.unit == "share"):
            raise ValueError("a share belongs to move and match, another unit to add")
        if self.kind != "add" and (self.source is None or not 0 < self.amount <= 1):
            raise ValueError("move and match need a source and a share between 0 and 1")


@dataclass(frozen=True)
class Target:
    """Which units a scenario reaches.

    Parameters
    ----------
    kind
        ``"all"``; ``"services"``: units whose service or name contains one of `words`; ``"lowest"``: the `share` of
        the region's units that is lowest in `column`.
    words
        Parts of names, lower case.
    column, share
        For ``"lowest"``.
    """

    kind: Literal["all", "services", "lowest"]
    words: tuple[str, ...] = ()
    column: str | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.kind == "services" and not self.words:
            raise ValueError("services need words")
        if self.kind == "lowest" and (self.column is None or self.share is None or not 0 < self.share < 1):
            raise ValueError("lowest needs a column and a share between 0 and 1")


@dataclass(frozen=True)
class CostRule:
    """What a scenario costs a year.

    Parameters
    ----------
    kind
        ``"per_hour"``: cost per JP and participant; ``"per_unit"``: cost per unit reached; ``"none"``: nothing beyond
        what is spent already.
    low, high
        Range that is held to be 95% likely, rupiah in prices of 2024; used where the region's own records say nothing.
    own_records
        Column of the panel with the region's own cost per JP (thousand rupiah), if there is one.
    source
        Where the range is from.
    """

    kind: Literal["per_hour", "per_unit", "none"]
    low: float = 0.0
    high: float = 0.0
    own_records: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        if self.kind != "none" and not (0 < self.low <= self.high and self.source):
            raise ValueError("a cost needs a positive range and a source")


@dataclass(frozen=True)
class Scenario:
    """A change that a region could decide on.

    Parameters
    ----------
    key
        Its name.
    label, question
        For readers.
    changes
        What happens to which column.
    target
        Which units it reaches.
    cost
        What it costs.
    claims
        Claims that must be answerable for the effects to be used: where one is not identified or has no data, the
        scenario gives no number.
    evidence
        Rows of the evidence that it is compared with.
    assumption
        What it takes for granted beyond the estimates.
    """

    key: str
    label: Text
    question: Text
    changes: tuple[Change, ...]
    target: Target
    cost: CostRule
    claims: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    assumption: Text | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """Columns whose effect is needed."""
        totals = (change.total for change in self.changes if change.total)
        return tuple(dict.fromkeys([*(change.term for change in self.changes), *totals]))


@dataclass(frozen=True)
class TrainingForm:
    """What a form of competence development takes.

    Parameters
    ----------
    key
        Value of ``form`` in the training table.
    label
        For readers.
    source
        Where the figures are from, or why there are none; an assumption says so.
    cost_per_hour
        Rupiah per JP and participant, prices of 2024, where the region's own records say nothing. None: no price is
        known, and none is made up; scenarios and allocations leave the form out.
    participants_per_trainer
        Officers whom one trainer or mentor serves at a time; None without a price.
    hours_per_trainer_day
        JP that one trainer gives in a day; None without a price.
    """

    key: str
    label: Text
    source: str
    cost_per_hour: float | None = None
    participants_per_trainer: float | None = None
    hours_per_trainer_day: float | None = None

    @property
    def trainer_days_per_hour(self) -> float:
        """Trainer-days behind one JP of one participant; not a number without a price."""
        if self.participants_per_trainer is None or self.hours_per_trainer_day is None:
            return float("nan")
        return 1 / (self.participants_per_trainer * self.hours_per_trainer_day)


Role = Literal["upper_bound", "organisation", "no_effect", "same_source", "context"]


@dataclass(frozen=True)
class Evidence:
    """A published finding with which predictions are compared.

    Parameters
    ----------
    key
        Its name.
    study, year, source
        Who found it, when and where it is published.
    setting_id, setting_en, treatment_id, treatment_en, outcome_id, outcome_en
        Where it was found and what was related to what, in both languages.
    design
        How it was found.
    role
        How it may be read here: ``upper_bound`` (effects on those trained, at most reached by a unit's index),
        ``organisation`` (effect on organisations or services), ``no_effect`` (a careful study that found none),
        ``same_source`` (treatment and outcome from one questionnaire, therefore inflated), ``context``.
    direction
        Sign that was found.
    status
        ``confirmed`` if figure and source were read, ``unconfirmed`` otherwise; only confirmed rows are used.
    effect, effect_unit
        The figure and its unit (``sd``, ``percent``, ``correlation``, ``share_of_variance``, ``t_value``,
        ``mean_1_to_4``); missing where only a direction is known.
    interval
        Standard error or interval as published.
    sample
        Sample as published.
    """

    key: str
    study: str
    year: str
    setting_id: str
    setting_en: str
    design: str
    treatment_id: str
    treatment_en: str
    outcome_id: str
    outcome_en: str
    role: Role
    direction: Literal["positive", "negative", "none", "mixed"]
    status: Literal["confirmed", "unconfirmed"]
    source: str
    effect: float | None = None
    effect_unit: str | None = None
    interval: str | None = None
    sample: str | None = None


def load_scenarios(*extra: Path) -> Mapping[str, Scenario]:
    """Return the scenarios of the catalog, and those of further files in the same form.

    Parameters
    ----------
    extra
        Files of the user; an entry replaces the catalog's of the same name.

    Raises
    ------
    CatalogError
        For the first mistake, naming file, entry and field.
    """
    scenarios: dict[str, Scenario] = {}
    for path in (catalog_dir() / "scenarios.yml", *extra):
        scenarios |= load_records(path, Scenario)
    return scenarios


@cache
def load_forms() -> Mapping[str, TrainingForm]:
    """Return what the forms of training take, by key."""
    return load_records(catalog_dir() / "forms.yml", TrainingForm)


def form_prices() -> dict[str, float]:
    """Return the cost per JP and participant of every form that has a price, rupiah in prices of 2024."""
    return {key: form.cost_per_hour for key, form in load_forms().items() if form.cost_per_hour is not None}


@cache
def load_evidence() -> Mapping[str, Evidence]:
    """Return all published findings, by key."""
    return load_records(catalog_dir() / "evidence.csv", Evidence)


def benchmarks() -> Mapping[str, Evidence]:
    """Return the findings that may be used as a benchmark: confirmed ones."""
    return {key: row for key, row in load_evidence().items() if row.status == "confirmed"}
