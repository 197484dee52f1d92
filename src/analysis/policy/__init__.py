"""Choices: scenarios, cost per point, allocation of a budget, priorities, curriculum and their follow-up.

Everything here starts from effects that were estimated elsewhere, keeps their uncertainty, and gives no number where
an effect is not identified.
"""

from analysis.policy.cost import CostPerPoint, Interval, Ratio, cost_by_form, cost_per_point, fieller
from analysis.policy.effects import (
    NATION,
    Effects,
    draw_effects,
    effects_from_estimates,
    join_terms,
    pooled_covariance,
    scenario_effects,
)
from analysis.policy.grades import next_grade, probabilities_of_next_grade, probability_of_grade
from analysis.policy.plan import Plan, latest_units, make_plan, observed_range
from analysis.policy.records import (
    Change,
    CostRule,
    Evidence,
    Scenario,
    Target,
    TrainingForm,
    benchmarks,
    load_evidence,
    load_forms,
    load_scenarios,
)
from analysis.policy.scenarios import (
    ScenarioResult,
    linear_interval,
    run_scenario,
    scenario_message,
    summary_table,
)

__all__ = [
    "NATION",
    "Change",
    "CostPerPoint",
    "CostRule",
    "Effects",
    "Evidence",
    "Interval",
    "Plan",
    "Ratio",
    "Scenario",
    "ScenarioResult",
    "Target",
    "TrainingForm",
    "benchmarks",
    "cost_by_form",
    "cost_per_point",
    "draw_effects",
    "effects_from_estimates",
    "fieller",
    "join_terms",
    "latest_units",
    "linear_interval",
    "load_evidence",
    "load_forms",
    "load_scenarios",
    "make_plan",
    "next_grade",
    "observed_range",
    "pooled_covariance",
    "probabilities_of_next_grade",
    "probability_of_grade",
    "run_scenario",
    "scenario_effects",
    "scenario_message",
    "summary_table",
]
