"""Sections of a report: functions of the study's results and a region that return blocks."""

from analysis.report.sections._common import LEVERS, VERDICTS
from analysis.report.sections.answer import answer, claims_table, headline, levers
from analysis.report.sections.background import data_quality, method, provenance
from analysis.report.sections.comparison import ComparedRegion, compared_regions
from analysis.report.sections.curriculum import curriculum
from analysis.report.sections.curves import dose_response, event_study, specification_curve
from analysis.report.sections.cycle import next_cycle
from analysis.report.sections.evidence import effects, how_sure
from analysis.report.sections.official import official_scores
from analysis.report.sections.quality import priorities, service_quality, trend
from analysis.report.sections.synthesis import IndexEntry, index_entries, synthesis
from analysis.report.sections.tables import coverage, estimates_table

REGION_SECTIONS = (
    answer,
    levers,
    service_quality,
    trend,
    official_scores,
    effects,
    claims_table,
    next_cycle,
    priorities,
    curriculum,
    how_sure,
    specification_curve,
    dose_response,
    event_study,
    data_quality,
    method,
    estimates_table,
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
    "claims_table",
    "compared_regions",
    "coverage",
    "curriculum",
    "data_quality",
    "dose_response",
    "effects",
    "estimates_table",
    "event_study",
    "headline",
    "how_sure",
    "index_entries",
    "levers",
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
