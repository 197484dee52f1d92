"""Sections of a report: functions of the study's results and a region that return blocks."""

from analysis.report.sections._common import LEVERS, VERDICTS, estimate_id
from analysis.report.sections.answer import answer, claims_table, headline, levers
from analysis.report.sections.background import causal_graph, data_quality, method, provenance
from analysis.report.sections.best_use import best_use
from analysis.report.sections.comparison import ComparedRegion, compared_regions
from analysis.report.sections.curriculum import curriculum
from analysis.report.sections.curves import dose_response, event_study, specification_curve
from analysis.report.sections.cycle import next_cycle
from analysis.report.sections.development import development
from analysis.report.sections.evidence import effects, how_sure
from analysis.report.sections.official import official_scores
from analysis.report.sections.quality import priorities, service_quality, trend
from analysis.report.sections.synthesis import IndexEntry, boundary_shapes, index_entries, synthesis
from analysis.report.sections.tables import coverage, estimates_table, linked_estimates

REGION_SECTIONS = (
    answer,
    levers,
    service_quality,
    trend,
    development,
    official_scores,
    effects,
    claims_table,
    next_cycle,
    best_use,
    priorities,
    curriculum,
    how_sure,
    specification_curve,
    dose_response,
    event_study,
    causal_graph,
    data_quality,
    method,
    linked_estimates,
    provenance,
)
"""The sections of a region's report in reading order."""

__all__ = [
    "LEVERS",
    "REGION_SECTIONS",
    "VERDICTS",
    "ComparedRegion",
    "IndexEntry",
    "answer",
    "best_use",
    "boundary_shapes",
    "causal_graph",
    "claims_table",
    "compared_regions",
    "coverage",
    "curriculum",
    "data_quality",
    "development",
    "dose_response",
    "effects",
    "estimate_id",
    "estimates_table",
    "event_study",
    "headline",
    "how_sure",
    "index_entries",
    "levers",
    "linked_estimates",
    "method",
    "next_cycle",
    "official_scores",
    "priorities",
    "provenance",
    "service_quality",
    "specification_curve",
    "synthesis",
    "trend",
]
