"""The panel: one row per service unit and half-year, with outcomes, treatments and moderators."""

from analysis.panel.build import PROGRAMMES, build_panel
from analysis.panel.kinds import PriceYear, ProviderKind, Topic, load_topics, price_levels, topic_of
from analysis.panel.periods import period_index, period_label, period_of_dates

__all__ = [
    "PROGRAMMES",
    "PriceYear",
    "ProviderKind",
    "Topic",
    "build_panel",
    "load_topics",
    "period_index",
    "period_label",
    "period_of_dates",
    "price_levels",
    "topic_of",
]
