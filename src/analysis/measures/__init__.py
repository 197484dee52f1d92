"""Measures: from checked rows to the figures that the field uses, each with the formula's source.

Satisfaction index (Permenpan RB 14/2017), professionalism index (Permenpan RB 38/2018, Peraturan BKN 8/2019),
leadership and resistance indices, reliability, complaints, training hours and budget shares.
"""

from analysis.measures.budget import BudgetShare, budget_share
from analysis.measures.complaints import (
    COMPLAINT_LIMITS,
    complaint_measures,
    exact_share_interval,
    restricted_mean_days,
)
from analysis.measures.leadership import LEADERSHIP_ITEMS, RESISTANCE_ITEMS, leadership_index
from analysis.measures.professionalism import (
    professionalism_category,
    professionalism_index,
)
from analysis.measures.reliability import cronbach_alpha, icc, omega, split_half, within_unit_reliability
from analysis.measures.satisfaction import (
    ELEMENTS,
    IndexGrade,
    fixed_elements,
    recognise_weight,
    required_sample,
    satisfaction_grade,
    satisfaction_index,
    satisfaction_index_from_means,
    weakest_elements,
)
from analysis.measures.sums import satisfaction_index_from_sums
from analysis.measures.training import (
    ANNUAL_HOURS,
    hours_per_head,
    matched_hours,
    share_with_annual_hours,
)

__all__ = [
    "ANNUAL_HOURS",
    "COMPLAINT_LIMITS",
    "ELEMENTS",
    "LEADERSHIP_ITEMS",
    "RESISTANCE_ITEMS",
    "BudgetShare",
    "IndexGrade",
    "budget_share",
    "complaint_measures",
    "cronbach_alpha",
    "exact_share_interval",
    "fixed_elements",
    "hours_per_head",
    "icc",
    "leadership_index",
    "matched_hours",
    "omega",
    "professionalism_category",
    "professionalism_index",
    "recognise_weight",
    "required_sample",
    "restricted_mean_days",
    "satisfaction_grade",
    "satisfaction_index",
    "satisfaction_index_from_means",
    "satisfaction_index_from_sums",
    "share_with_annual_hours",
    "split_half",
    "weakest_elements",
    "within_unit_reliability",
]
