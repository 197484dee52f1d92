"""From results to pages: language-neutral blocks, sections that make them, pages that show them."""

from analysis.report.blocks import MIME, Block, collect
from analysis.report.sections import (
    REGION_SECTIONS,
    IndexEntry,
    answer,
    claims_table,
    data_quality,
    effects,
    how_sure,
    index_entries,
    levers,
    method,
    official_scores,
    priorities,
    provenance,
    service_quality,
    synthesis,
    trend,
)

__all__ = [
    "MIME",
    "REGION_SECTIONS",
    "Block",
    "IndexEntry",
    "answer",
    "claims_table",
    "collect",
    "data_quality",
    "effects",
    "how_sure",
    "index_entries",
    "levers",
    "method",
    "official_scores",
    "priorities",
    "provenance",
    "service_quality",
    "synthesis",
    "trend",
]
