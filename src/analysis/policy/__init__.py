"""Choices: scenarios, cost per point, allocation of a budget, priorities, curriculum and their follow-up.

Everything here starts from effects that were estimated elsewhere, keeps their uncertainty, and gives no number where
an effect is not identified.

Names are loaded when they are first used, so that a report that reads the published findings loads no solver.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.policy.advice import Advice, Basis, Settings, advise, advise_region, basis_of_advice, targeted_units
    from analysis.policy.allocation import Allocation, solve
    from analysis.policy.choice import (
        AllocationChoice,
        allocation_table,
        choose_allocation,
        even_use,
        value_of_halved_errors,
    )
    from analysis.policy.comparison import compare_regions
    from analysis.policy.cost import CostPerPoint, Interval, Ratio, cost_by_form, cost_per_point, fieller
    from analysis.policy.curriculum import Curriculum, plan_curriculum
    from analysis.policy.effects import (
        NATION,
        Effects,
        draw_effects,
        effects_from_estimates,
        join_terms,
        pooled_covariance,
        scenario_effects,
        shrink_terms,
    )
    from analysis.policy.evidence import compare_with_evidence, expected_range, index_spread
    from analysis.policy.grades import next_grade, probabilities_of_next_grade, probability_of_grade
    from analysis.policy.last_list import FollowUp, cell_reliability, follow_up, regression_to_the_mean
    from analysis.policy.plan import Plan, latest_units, make_plan, observed_range
    from analysis.policy.priorities import cells_from_panel, cells_from_survey, priority_list, priority_matrix
    from analysis.policy.problem import AllocationProblem, segment_slopes, value_of
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
    from analysis.policy.region import (
        RegionalAllocation,
        effects_from_fit,
        form_effects,
        forms_in,
        regional_allocation,
        yearly_draws,
    )
    from analysis.policy.scenarios import (
        ScenarioResult,
        linear_interval,
        run_scenario,
        scenario_message,
        summary_table,
    )
    from analysis.policy.start import Start, starting_point

_MODULES = {
    "advice": (
        "Advice",
        "Basis",
        "Settings",
        "advise",
        "advise_region",
        "basis_of_advice",
        "targeted_units",
    ),
    "allocation": (
        "Allocation",
        "solve",
    ),
    "choice": (
        "AllocationChoice",
        "allocation_table",
        "choose_allocation",
        "even_use",
        "value_of_halved_errors",
    ),
    "comparison": ("compare_regions",),
    "cost": (
        "CostPerPoint",
        "Interval",
        "Ratio",
        "cost_by_form",
        "cost_per_point",
        "fieller",
    ),
    "curriculum": (
        "Curriculum",
        "plan_curriculum",
    ),
    "effects": (
        "Effects",
        "NATION",
        "draw_effects",
        "effects_from_estimates",
        "join_terms",
        "pooled_covariance",
        "scenario_effects",
        "shrink_terms",
    ),
    "evidence": (
        "compare_with_evidence",
        "expected_range",
        "index_spread",
    ),
    "last_list": (
        "FollowUp",
        "cell_reliability",
        "follow_up",
        "regression_to_the_mean",
    ),
    "grades": (
        "next_grade",
        "probabilities_of_next_grade",
        "probability_of_grade",
    ),
    "plan": (
        "Plan",
        "latest_units",
        "make_plan",
        "observed_range",
    ),
    "priorities": (
        "cells_from_panel",
        "cells_from_survey",
        "priority_list",
        "priority_matrix",
    ),
    "problem": (
        "AllocationProblem",
        "segment_slopes",
        "value_of",
    ),
    "records": (
        "Change",
        "CostRule",
        "Evidence",
        "Scenario",
        "Target",
        "TrainingForm",
        "benchmarks",
        "load_evidence",
        "load_forms",
        "load_scenarios",
    ),
    "region": (
        "RegionalAllocation",
        "effects_from_fit",
        "form_effects",
        "forms_in",
        "regional_allocation",
        "yearly_draws",
    ),
    "scenarios": (
        "ScenarioResult",
        "linear_interval",
        "run_scenario",
        "scenario_message",
        "summary_table",
    ),
    "start": (
        "Start",
        "starting_point",
    ),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "NATION",
    "Advice",
    "Allocation",
    "AllocationChoice",
    "AllocationProblem",
    "Basis",
    "Change",
    "CostPerPoint",
    "CostRule",
    "Curriculum",
    "Effects",
    "Evidence",
    "FollowUp",
    "Interval",
    "Plan",
    "Ratio",
    "RegionalAllocation",
    "Scenario",
    "ScenarioResult",
    "Settings",
    "Start",
    "Target",
    "TrainingForm",
    "advise",
    "advise_region",
    "allocation_table",
    "basis_of_advice",
    "benchmarks",
    "cell_reliability",
    "cells_from_panel",
    "cells_from_survey",
    "choose_allocation",
    "compare_regions",
    "compare_with_evidence",
    "cost_by_form",
    "cost_per_point",
    "draw_effects",
    "effects_from_estimates",
    "effects_from_fit",
    "even_use",
    "expected_range",
    "fieller",
    "follow_up",
    "form_effects",
    "forms_in",
    "index_spread",
    "join_terms",
    "latest_units",
    "linear_interval",
    "load_evidence",
    "load_forms",
    "load_scenarios",
    "make_plan",
    "next_grade",
    "observed_range",
    "plan_curriculum",
    "pooled_covariance",
    "priority_list",
    "priority_matrix",
    "probabilities_of_next_grade",
    "probability_of_grade",
    "regional_allocation",
    "regression_to_the_mean",
    "run_scenario",
    "scenario_effects",
    "scenario_message",
    "segment_slopes",
    "shrink_terms",
    "solve",
    "starting_point",
    "summary_table",
    "targeted_units",
    "value_of",
    "value_of_halved_errors",
    "yearly_draws",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
