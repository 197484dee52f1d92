"""Everything that can be said to one region about its choices, from a study's stored tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import PembinaanError
from analysis.messages import Message
from analysis.policy.choice import AllocationChoice, allocation_table, choose_allocation
from analysis.policy.curriculum import Curriculum, plan_curriculum
from analysis.policy.effects import Effects, scenario_effects, shrink_terms
from analysis.policy.evidence import compare_with_evidence
from analysis.policy.last_list import FollowUp, follow_up
from analysis.policy.priorities import cells_from_panel, priority_list, priority_matrix
from analysis.policy.records import HALF_YEARS, Scenario, load_scenarios
from analysis.policy.region import (
    FORM_PREFIX,
    RegionalAllocation,
    effects_from_fit,
    form_effects,
    forms_in,
    regional_allocation,
    yearly_draws,
)
from analysis.policy.scenarios import ScenarioResult, refusal_by_verdict, run_scenario, summary_table
from analysis.policy.start import Start, starting_point
from analysis.results import Fit

TRAINING_CLAIM = "training_raises_quality"
FOLLOW_UP_AFTER = HALF_YEARS
"""Half-years between a list and its follow-up: training given on a list works in the year after it."""


Withhold = Callable[[pd.DataFrame, str], Collection[str]]


@dataclass(frozen=True)
class Settings:
    """Choices of the reader.

    Parameters
    ----------
    seed
        Of all draws.
    draws
        Of the effects, for scenarios and allocation each.
    top
        Length of the priority list.
    budget, trainer_days, total_expenditure
        Rupiah and days a year, see `analysis.policy.regional_allocation`.
    cost_per_hour
        Rupiah per JP and participant by form (the region's own records), None for ``forms.yml``.
    keep_minimum_hours
        Whether the allocation has to give every officer 20 JP a year.
    solved_draws
        See `analysis.policy.choose_allocation`.
    """

    seed: int = 20_260_101
    draws: int = 1000
    top: int = 10
    budget: float | None = None
    trainer_days: float | None = None
    total_expenditure: float | None = None
    cost_per_hour: Mapping[str, float] | None = None
    keep_minimum_hours: bool = True
    solved_draws: int = 40


@dataclass(frozen=True)
class Advice:
    """What a region can choose, and what is known of the consequences.

    Parameters
    ----------
    region_code
        Which region.
    results
        Scenario results, in the catalog's order.
    scenarios
        The same as one table, see `summary_table`.
    evidence
        Predictions beside published findings, with the column ``scenario``, see `compare_with_evidence`.
    allocation
        The choice, or None with `allocation_reason`.
    allocation_setting
        The problem that was solved and the present use, None without one.
    allocation_hours
        One row per unit and form, see `allocation_table`.
    allocation_reason, allocation_notes
        Why there is no allocation; what it takes for granted.
    own_prices
        Forms whose price is the region's own.
    period, period_before
        Half-year of the priorities and of the list that is followed up; empty without any survey.
    matrix, priorities
        All cells, and the head of the list.
    curriculum
        Topics for the listed cells.
    follow_up
        What became of the list of a year ago.
    """

    region_code: str
    results: tuple[ScenarioResult, ...]
    scenarios: pd.DataFrame
    evidence: pd.DataFrame
    allocation: AllocationChoice | None
    allocation_setting: RegionalAllocation | None
    allocation_hours: pd.DataFrame | None
    allocation_reason: Message | None
    allocation_notes: tuple[Message, ...]
    own_prices: tuple[str, ...]
    period: str
    period_before: str
    matrix: pd.DataFrame
    priorities: pd.DataFrame
    curriculum: Curriculum
    follow_up: FollowUp


@dataclass(frozen=True)
class Basis:
    """What the advice to every region of a study rests on, worked out once.

    Parameters
    ----------
    panel, verdicts
        Tables of `analysis.results.StudyResults`.
    scenarios
        By key.
    effects
        Effects that each scenario needs, None where one was not estimated.
    start
        See `starting_point`.
    forms
        Forms of training that can be told apart and have a price.
    form_effects
        Their effects, pulled towards their common mean; None with `reason`.
    reason
        Why there are none.
    """

    panel: pd.DataFrame
    verdicts: pd.DataFrame
    scenarios: Mapping[str, Scenario]
    effects: Mapping[str, Effects | None]
    start: Start
    forms: tuple[str, ...]
    form_effects: Effects | None
    reason: Message | None


def basis_of_advice(
    panel: pd.DataFrame,
    estimates: pd.DataFrame,
    verdicts: pd.DataFrame,
    scenarios: Mapping[str, Scenario] | None = None,
    forms: Fit | None = None,
) -> Basis:
    """Work out what the advice to every region rests on.

    Parameters
    ----------
    panel, estimates, verdicts
        Tables of `analysis.results.StudyResults`.
    scenarios
        Those of the catalog by default.
    forms
        Result of `form_effects`, to spare its estimation.
    """
    known = load_scenarios() if scenarios is None else scenarios
    effects = {key: scenario_effects([scenario], estimates) for key, scenario in known.items()}
    offered = forms_in(panel)
    terms = [term for scenario in known.values() for term in scenario.terms]
    terms += [term for found in effects.values() if found is not None for term in found.terms]
    columns = ("training_hours", *(f"{FORM_PREFIX}{name}" for name in offered))
    start = starting_point(panel, tuple(dict.fromkeys([*terms, *columns])))
    found, reason = _effects_of_forms(form_effects(panel) if forms is None else forms)
    return Basis(panel, verdicts, known, effects, start, offered, found, reason)


def _effects_of_forms(fitted: Fit) -> tuple[Effects | None, Message | None]:
    if not fitted.ok:
        return None, fitted.reason
    try:
        effects = effects_from_fit(fitted)
        return shrink_terms(effects) if len(effects.terms) > 2 else effects, None
    except PembinaanError as error:
        return None, error.message


def advise(
    region: str,
    level: str,
    panel: pd.DataFrame,
    estimates: pd.DataFrame,
    verdicts: pd.DataFrame,
    settings: Settings | None = None,
    *,
    scenarios: Mapping[str, Scenario] | None = None,
    forms: Fit | None = None,
) -> Advice:
    """Work out scenarios, allocation, priorities, curriculum and follow-up for one region.

    Parameters
    ----------
    region, level
        Code, and ``"province"``, ``"regency"`` or ``"city"``.
    panel, estimates, verdicts
        Tables of `analysis.results.StudyResults`.
    settings
        Choices of the reader.
    scenarios
        Those of the catalog by default.
    forms
        Result of `form_effects`, to spare its estimation.
    """
    return advise_region(region, level, basis_of_advice(panel, estimates, verdicts, scenarios, forms), settings)


def advise_region(
    region: str, level: str, basis: Basis, settings: Settings | None = None, withhold: Withhold = lambda rows, at: ()
) -> Advice:
    """Work out the same from what `basis_of_advice` returned, for one region of many.

    Parameters
    ----------
    region, level, settings
        See `advise`.
    basis
        See `basis_of_advice`.
    withhold
        Function of a region's rows and a half-year that names the units whose answers may not be told: they are left
        out of the priorities and the curriculum.
    """
    chosen = settings or Settings()
    results = _run_scenarios(region, basis, chosen)
    allocation = _allocate(region, level, basis, chosen)
    rows = basis.start.rows_of(region)
    period, before = _periods(rows)
    told = rows.loc[~rows["unit_id"].isin(withhold(rows, period))]
    matrix = priority_matrix(cells_from_panel(told, period))
    listed = priority_list(matrix, chosen.top)
    heads = {str(unit): float(n) for unit, n in rows.groupby("unit_id")["headcount"].last().items()}
    return Advice(
        region_code=region,
        results=results,
        scenarios=summary_table(results),
        evidence=_evidence(basis.scenarios, results, basis.start.spread),
        allocation=allocation.choice,
        allocation_setting=allocation.setting,
        allocation_hours=allocation.hours,
        allocation_reason=allocation.reason,
        allocation_notes=allocation.notes,
        own_prices=tuple(sorted(chosen.cost_per_hour or ())),
        period=period,
        period_before=before,
        matrix=matrix,
        priorities=listed,
        curriculum=plan_curriculum(listed, heads),
        follow_up=_follow_up(rows, period, before, chosen.top),
    )


def _run_scenarios(region: str, basis: Basis, settings: Settings) -> tuple[ScenarioResult, ...]:
    """Run scenarios, each with the effects that it needs alone, so that one without an estimate refuses by itself."""
    by_column = {f"{FORM_PREFIX}{form}": cost for form, cost in (settings.cost_per_hour or {}).items()}
    results = []
    for number, (key, scenario) in enumerate(basis.scenarios.items()):
        effects = basis.effects[key]
        if effects is None:
            missing = Message("policy.effect_missing", {"names": list(scenario.terms)})
            results.append(ScenarioResult(key, region, "refused", missing))
            continue
        results.append(
            run_scenario(
                scenario,
                region,
                basis.panel,
                effects,
                np.random.default_rng([settings.seed, number]),
                verdicts=basis.verdicts,
                cost_per_hour=by_column,
                draws=settings.draws,
                start=basis.start,
            )
        )
    return tuple(results)


@dataclass(frozen=True)
class _Allocated:
    choice: AllocationChoice | None = None
    setting: RegionalAllocation | None = None
    hours: pd.DataFrame | None = None
    reason: Message | None = None
    notes: tuple[Message, ...] = ()


def _allocate(region: str, level: str, basis: Basis, settings: Settings) -> _Allocated:
    refusal = refusal_by_verdict((TRAINING_CLAIM,), region, basis.verdicts)
    if refusal is not None or basis.form_effects is None:
        return _Allocated(reason=refusal or basis.reason)
    try:
        return _solve(region, level, basis, basis.form_effects, settings)
    except PembinaanError as error:
        return _Allocated(reason=error.message)


def _solve(region: str, level: str, basis: Basis, effects: Effects, settings: Settings) -> _Allocated:
    changes = {} if settings.keep_minimum_hours else {"minimum_hours": 0.0}
    setting = regional_allocation(
        basis.panel,
        region,
        level=level,
        budget=settings.budget,
        trainer_days=settings.trainer_days,
        total_expenditure=settings.total_expenditure,
        cost_per_hour=settings.cost_per_hour,
        start=basis.start,
        forms=basis.forms,
        **changes,
    )
    draws = yearly_draws(setting, effects, settings.draws, np.random.default_rng([settings.seed, 1000]))
    choice = choose_allocation(setting.problem, draws, setting.present, solved_draws=settings.solved_draws)
    hours = None if choice.chosen is None else allocation_table(setting.problem, choice.chosen, setting.present)
    return _Allocated(choice, setting, hours, choice.reason, setting.notes)


def _periods(rows: pd.DataFrame) -> tuple[str, str]:
    """Return the last half-year with a survey and the one a year before it (the first one, if there is none).

    Without any survey both are empty, and so is what follows from them.
    """
    surveyed = rows.loc[rows["index"].notna(), ["period", "period_index"]].drop_duplicates().sort_values("period_index")
    names = surveyed["period"].astype(str).tolist()
    return (names[-1], names[max(len(names) - 1 - FOLLOW_UP_AFTER, 0)]) if names else ("", "")


def _follow_up(rows: pd.DataFrame, period: str, before: str, top: int) -> FollowUp:
    first = cells_from_panel(rows, before)
    return follow_up(first, cells_from_panel(rows, period), priority_list(priority_matrix(first), top))


def _evidence(scenarios: Mapping[str, Scenario], results: tuple[ScenarioResult, ...], spread: float) -> pd.DataFrame:
    parts = [
        compare_with_evidence(scenarios[result.scenario], result.change, spread).assign(scenario=result.scenario)
        for result in results
        if result.change is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["scenario", "evidence", "sentence"])


def targeted_units(results: tuple[ScenarioResult, ...]) -> pd.DataFrame:
    """Return the units that each scenario reaches, one row per scenario and unit."""
    parts = [
        result.units.loc[result.units["reached"]].assign(scenario=result.scenario)
        for result in results
        if result.units is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
