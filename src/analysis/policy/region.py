"""From a study's panel to the allocation of one region's budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators import fit
from analysis.measures import ANNUAL_HOURS
from analysis.measures.budget import MINIMUM_SHARE
from analysis.messages import Message
from analysis.policy.effects import NATION, Effects, draw_effects
from analysis.policy.problem import AllocationProblem
from analysis.policy.records import HALF_YEARS, form_prices, load_forms
from analysis.policy.start import Start, starting_point
from analysis.results import Fit, FloatArray
from analysis.spec import Spec

FORM_PREFIX = "hours_"
LEAST_SHARE_OF_HOURS = 0.01
"""Forms with less than this share of all hours are left out: their effect cannot be told."""


@dataclass(frozen=True)
class RegionalAllocation:
    """The allocation problem of a region and how its budget is used now.

    Parameters
    ----------
    problem
        Hours are JP per officer and year; the value is the mean gain over units, index points.
    present
        Hours now, shape (U, F).
    terms
        Panel columns of the forms, in the order of ``problem.forms``.
    notes
        Assumptions a reader has to know.
    """

    problem: AllocationProblem
    present: FloatArray
    terms: tuple[str, ...]
    notes: tuple[Message, ...] = field(default=())


def forms_in(panel: pd.DataFrame) -> tuple[str, ...]:
    """Return the forms of training with a known price and at least 1% of all their hours, sorted."""
    known = [name for name in form_prices() if f"{FORM_PREFIX}{name}" in panel.columns]
    hours = panel[[f"{FORM_PREFIX}{name}" for name in known]].sum()
    total = float(hours.sum())
    return tuple(
        sorted(name for name in known if total and hours[f"{FORM_PREFIX}{name}"] / total >= LEAST_SHARE_OF_HOURS)
    )


def form_effects(panel: pd.DataFrame, controls: Sequence[str] = ("leadership", "budget_per_head")) -> Fit:
    """Estimate the effect of an hour of each form, all in one regression within units.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    controls
        Adjustment set of training; columns that are wholly missing are left out.

    Returns
    -------
    Fit
        Of ``fixed_effects``: index points per JP per officer and half-year, clustered by unit.
    """
    terms = tuple(f"{FORM_PREFIX}{name}" for name in forms_in(panel))
    if not terms:
        return Fit.not_estimable(Message("policy.no_forms"))
    known = tuple(name for name in controls if name in panel.columns and panel[name].notna().any())
    spec = Spec(
        "fixed_effects",
        "index",
        terms,
        controls=known,
        unit="unit_id",
        time="region_period",
        cluster="unit_id",
        weights="weight",
    )
    return fit(panel, spec)


def effects_from_fit(result: Fit) -> Effects:
    """Return the effects of one regression, the same in all regions, with their covariance.

    Raises
    ------
    UsageError
        With the reason, if nothing could be estimated.
    """
    if not result.ok or result.vcov is None:
        raise UsageError("policy.not_estimable", why=result.reason or "–")
    table = result.estimates
    mean = table["estimate"].to_numpy(dtype=float)[None, :]
    return Effects((NATION,), tuple(table["term"]), mean, result.vcov, float(table["df"].min()))


def regional_allocation(
    panel: pd.DataFrame,
    region: str,
    *,
    level: str,
    budget: float | None = None,
    trainer_days: float | None = None,
    total_expenditure: float | None = None,
    cost_per_hour: Mapping[str, float] | None = None,
    equity_share: float = 0.5,
    minimum_hours: float = ANNUAL_HOURS,
    start: Start | None = None,
    forms: tuple[str, ...] | None = None,
    **options: Any,
) -> RegionalAllocation:
    """Set up the allocation problem of a region.

    Parameters
    ----------
    panel
        The whole study's panel.
    region, level
        Code, and ``"province"``, ``"regency"`` or ``"city"`` for the legal minimum.
    budget, trainer_days
        A year; what the present use takes by default (money at the costs of ``forms.yml``).
    total_expenditure
        Rupiah of total regional expenditure; without it the legal minimum share is not asked for.
    cost_per_hour
        Rupiah per JP and participant by form, see `analysis.policy.cost_by_form`; replaces ``forms.yml``.
    equity_share
        See `AllocationProblem`.
    minimum_hours
        20 JP per officer and year by default (PP 11/2017 article 203).
    start
        See `starting_point`, of the same panel and of ``training_hours`` and the forms' columns.
    forms
        See `forms_in`, of the same panel.
    options
        Further fields of `AllocationProblem`.

    Raises
    ------
    UsageError
        If the region has no unit whose hours are known.
    """
    forms = forms_in(panel) if forms is None else forms
    terms = tuple(f"{FORM_PREFIX}{name}" for name in forms)
    known = start or starting_point(panel, ("training_hours", *terms))
    units = known.units_of(region).dropna(subset=list(terms))
    if units.empty or not forms:
        raise UsageError("policy.no_hours", region=region)
    present = units[list(terms)].to_numpy(dtype=float) * HALF_YEARS
    records = {name: load_forms()[name] for name in forms}
    prices = form_prices() | dict(cost_per_hour or {})
    costs = np.array([float(prices[name]) for name in records])
    days = np.array([form.trainer_days_per_hour for form in records.values()])
    heads = units["headcount"].to_numpy(dtype=float)
    share = MINIMUM_SHARE[level] if total_expenditure else 0.0
    highest = float(known.observed["high"].to_dict()["training_hours"]) * HALF_YEARS
    problem = AllocationProblem(
        units=tuple(units["unit_id"].astype(str)),
        forms=forms,
        headcount=heads,
        cost_per_hour=costs,
        trainer_days_per_hour=days,
        budget=float(heads @ present @ costs) if budget is None else budget,
        trainer_days=float(heads @ present @ days) if trainer_days is None else trainer_days,
        minimum_hours=minimum_hours,
        maximum_hours=max(highest, minimum_hours),
        form_hours=known.observed["high"].loc[list(terms)].to_numpy(dtype=float) * HALF_YEARS,
        minimum_spend=share * (total_expenditure or 0.0),
        equity_share=equity_share,
        **options,
    )
    return RegionalAllocation(problem, present, terms, tuple(_notes(highest, minimum_hours, total_expenditure)))


def _notes(highest: float, minimum_hours: float, total_expenditure: float | None) -> list[Message]:
    notes = [Message("policy.note_forms_assumed"), Message("policy.note_falling_returns")]
    if highest < minimum_hours:
        notes.append(Message("policy.note_minimum_outside", {"highest": highest, "minimum": minimum_hours}))
    if not total_expenditure:
        notes.append(Message("policy.note_no_expenditure"))
    return notes


def yearly_draws(allocation: RegionalAllocation, effects: Effects, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw effects per JP per officer and *year*, shape (D, 1, F).

    The panel's hours are per half-year: an hour more a year is half an hour more in each.

    Raises
    ------
    UsageError
        If the effect of a form is missing.
    """
    missing = [term for term in allocation.terms if term not in effects.terms]
    if missing:
        raise UsageError("policy.columns_missing", names=missing)
    order = [effects.terms.index(term) for term in allocation.terms]
    return np.asarray(draw_effects(effects, draws, rng)[:, :1, order] / HALF_YEARS)
