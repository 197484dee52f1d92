"""The advice to every region as tables that a study stores and a report reads without working anything out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.messages import Message
from analysis.policy.advice import Advice, Basis
from analysis.policy.records import Scenario, load_forms
from analysis.policy.region import FORM_PREFIX
from analysis.policy.scenarios import ScenarioResult, summary_row
from analysis.results import NO_CHOICES

Row = dict[str, Any]
LEAST_OFFICERS = 5
"""Officers below whom hours per officer would tell of persons."""
LEAST_RESPONDENTS = 10
"""Respondents below whom a unit's index is not told."""


def advice_tables(advices: Iterable[Advice], basis: Basis) -> dict[str, pd.DataFrame]:
    """Return the tables of `analysis.results.StudyResults` that tell what a region can choose.

    Parameters
    ----------
    advices
        Of `analysis.policy.advise_region`, in the order of the regions.
    basis
        What they rest on.

    Returns
    -------
    dict
        ``scenarios, scenario_units, benchmarks, allocation, allocation_forms, allocation_units, priorities,
        curriculum, follow_up``; each with ``region_code``.
    """
    rows: dict[str, list[Row]] = {name: [] for name in MAKERS}
    for advice in advices:
        for name, make in MAKERS.items():
            rows[name] += [{"region_code": advice.region_code, **row} for row in make(advice, basis)]
    return {name: pd.DataFrame(found, columns=list(NO_CHOICES[name])) for name, found in rows.items()}


def wording(text: Any) -> dict[str, str]:
    """Return a text of the catalog in both languages."""
    return {"id": text.id, "en": text.en}


def scenario_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return one row per scenario: what it brings on average over the units reached and over all, and what it costs."""
    return [_scenario_row(result, basis.scenarios[result.scenario]) for result in advice.results]


def _scenario_row(result: ScenarioResult, scenario: Scenario) -> Row:
    row = {key: value for key, value in summary_row(result).items() if key != "region_code"}
    everywhere = result.change_region
    per_officer = result.cost.per_officer_point if result.cost else None
    return row | {
        "label": wording(scenario.label),
        "question": wording(scenario.question),
        "everywhere": everywhere.estimate if everywhere else math.nan,
        "everywhere_low": everywhere.conf_low if everywhere else math.nan,
        "everywhere_high": everywhere.conf_high if everywhere else math.nan,
        "n_without_data": result.n_without_data,
        "cost_per_officer_point": per_officer.estimate if per_officer else math.nan,
        "notes": [note.as_dict() for note in result.notes],
    }


def scenario_unit_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return one row per scenario and unit reached whose index may be told."""
    units = basis.start.units_of(advice.region_code)
    answered = units.set_index("unit_id")["n_respondents"].to_dict() if len(units) else {}
    rows: list[Row] = []
    for result in advice.results:
        table = result.units
        if table is None:
            continue
        for row in table.loc[table["reached"]].to_dict("records"):
            if answered[row["unit_id"]] >= LEAST_RESPONDENTS:
                rows.append({"scenario": result.scenario, **{str(name): value for name, value in row.items()}})
    return rows


def benchmark_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return one row per scenario and published finding."""
    return [{str(name): value for name, value in row.items()} for row in advice.evidence.to_dict("records")]


def allocation_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return the one row of the best use of the budget, or of the reason why there is none."""
    choice, setting = advice.allocation, advice.allocation_setting
    reason = advice.allocation_reason
    row: Row = {
        "status": choice.status if choice else "refused",
        "reason": reason.as_dict() if reason else None,
        "notes": [note.as_dict() for note in advice.allocation_notes],
        "remedies": [item.as_dict() for item in choice.remedies] if choice else [],
    }
    if choice is None or setting is None:
        return [row]
    problem, use = setting.problem, setting.present
    row |= {
        "budget": problem.budget,
        "trainer_days": problem.trainer_days,
        "minimum_hours": problem.minimum_hours,
        "minimum_spend": problem.minimum_spend,
        "equity_share": problem.equity_share,
        "officers": float(problem.headcount.sum()),
        "n_units": len(problem.units),
        "n_below_now": int((use.sum(axis=1) < problem.minimum_hours - 1e-6).sum()),
    }
    if choice.chosen is None or choice.gain is None or choice.candidates is None:
        return [row]
    regrets = choice.candidates.set_index("candidate")["expected_regret"].to_dict()
    table = choice.candidates.set_index("candidate")[["high_regret", "feasible"]].to_dict("index")
    return [
        row
        | {
            "candidate": choice.candidate,
            "gain": choice.gain.estimate,
            "std_error": choice.gain.std_error,
            "conf_low": choice.gain.conf_low,
            "conf_high": choice.gain.conf_high,
            "probability_better": choice.probability_better,
            "fragile_gain": choice.fragile_gain,
            "expected_regret": float(regrets[choice.candidate]),
            "high_regret": float(table[choice.candidate]["high_regret"]),
            "present_regret": float(regrets["present"]),
            "present_feasible": bool(table["present"]["feasible"]),
            "value_of_perfect_information": choice.value_of_perfect_information,
            "value_of_halved_errors": choice.value_of_halved_errors,
            "spend": choice.chosen.spend,
            "days_used": choice.chosen.trainer_days,
            "binding": "|".join(choice.chosen.binding),
            "sentence": choice.sentence.as_dict() if choice.sentence else None,
        }
    ]


def allocation_form_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return one row per form: effect, price, and lesson hours and money now and as advised."""
    setting, hours, effects = advice.allocation_setting, advice.allocation_hours, basis.form_effects
    if setting is None or hours is None or effects is None:
        return []
    problem, rows = setting.problem, []
    errors = effects.std_error()[0]
    own = set(advice.own_prices)
    for place, form in enumerate(problem.forms):
        term = effects.terms.index(f"{FORM_PREFIX}{form}")
        here = hours.loc[hours["form"] == form]
        now = float(problem.headcount @ setting.present[:, place])
        rows.append(
            {
                "form": form,
                "label": wording(load_forms()[form].label),
                "effect": float(effects.mean[0, term]),
                "effect_error": float(errors[term]),
                "cost_per_hour": float(problem.cost_per_hour[place]),
                "own_price": form in own,
                "hours_now": now,
                "hours": float(here["hours"].to_numpy() @ problem.headcount),
                "cost_now": now * float(problem.cost_per_hour[place]),
                "cost": float(here["cost"].sum()),
                "days_now": now * float(problem.trainer_days_per_hour[place]),
                "days": float(here["trainer_days"].sum()),
            }
        )
    return rows


def allocation_unit_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return one row per unit and form, lesson hours per officer and year; units with few officers are left out."""
    if advice.allocation_hours is None:
        return []
    units = basis.start.units_of(advice.region_code).set_index("unit_id")
    names = units[["unit_name", "service_type", "headcount"]]
    table = advice.allocation_hours.rename(columns={"unit": "unit_id"}).join(names, on="unit_id")
    shown = table.loc[table["headcount"] >= LEAST_OFFICERS]
    return [{str(name): value for name, value in row.items()} for row in shown.to_dict("records")]


def priority_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return the listed cells of units and elements, the largest gap first."""
    rows = advice.priorities.to_dict("records")
    return [{"period": advice.period, **{str(name): value for name, value in row.items()}} for row in rows]


def curriculum_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return topics for the listed cells (``kind`` topic) and elements that training hardly moves (``other``)."""
    topics = [
        {"kind": "topic", "label": _label_of(row["sentence"]), **{str(name): value for name, value in row.items()}}
        for row in advice.curriculum.topics.to_dict("records")
    ]
    other = [
        {"kind": "other", "elements": row["element"], **{str(name): value for name, value in row.items()}}
        for row in advice.curriculum.other.to_dict("records")
    ]
    return [{"period": advice.period, **row} for row in (*topics, *other)]


def _label_of(sentence: Mapping[str, Any]) -> dict[str, str]:
    return {"id": sentence["values"]["id_text"], "en": sentence["values"]["en_text"]}


def follow_up_rows(advice: Advice, basis: Basis) -> list[Row]:
    """Return the one row of what became of last year's list, or of the reason why it cannot be told."""
    found = advice.follow_up
    said: Message | None = found.sentence or found.reason
    figures = {name: getattr(found, name) for name in FOLLOW_UP_FIGURES}
    periods = {"period": advice.period, "period_before": advice.period_before}
    return [{"status": found.status, **periods, **figures, "sentence": said.as_dict() if said else None}]


FOLLOW_UP_FIGURES = (
    *("n_listed", "n_units", "gap_before", "gap_after", "closed", "closed_by_itself", "excess", "std_error"),
    *("p_value", "reliability", "closed_more"),
)
MAKERS: Mapping[str, Callable[[Advice, Basis], list[Row]]] = {
    "scenarios": scenario_rows,
    "scenario_units": scenario_unit_rows,
    "benchmarks": benchmark_rows,
    "allocation": allocation_rows,
    "allocation_forms": allocation_form_rows,
    "allocation_units": allocation_unit_rows,
    "priorities": priority_rows,
    "curriculum": curriculum_rows,
    "follow_up": follow_up_rows,
}


def withheld_units(rows: pd.DataFrame, period: str) -> tuple[str, ...]:
    """Return the units whose answers in a half-year may not be told.

    Those with fewer than ten respondents; if it is a single one, the unit with the next fewest goes with it, because
    one withheld figure can be worked out from the region's mean.

    Parameters
    ----------
    rows
        The panel's rows of one region.
    period
        Half-year.
    """
    here = rows.loc[(rows["period"] == period) & rows["index"].notna()].sort_values(["n_respondents", "unit_id"])
    few = int((here["n_respondents"] < LEAST_RESPONDENTS).sum())
    count = 2 if few == 1 else few
    return tuple(str(unit) for unit in np.asarray(here["unit_id"])[:count])
