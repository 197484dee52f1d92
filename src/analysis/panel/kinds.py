"""What the panel needs from the catalog: topics, providers and prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from analysis.catalog.loader import Text, load_records
from analysis.paths import catalog_dir

REFERENCE_YEAR = 2024


@dataclass(frozen=True)
class Topic:
    """A topic of training.

    Parameters
    ----------
    key
        Its name.
    label
        Wording for readers.
    elements
        Elements of the satisfaction index that it addresses.
    words
        Parts of titles by which it is recognised, lower case.
    """

    key: str
    label: Text
    elements: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class ProviderKind:
    """A kind of training provider, recognised by parts of its name (lower case)."""

    key: str
    label: Text
    words: tuple[str, ...]


@dataclass(frozen=True)
class PriceYear:
    """Change of consumer prices from December to December, percent, and where the figure is from."""

    year: str
    change: float
    source: str


@cache
def load_topics() -> Mapping[str, Topic]:
    """Return the topics of the catalog, in order of precedence."""
    return load_records(catalog_dir() / "topics.yml", Topic)


@cache
def load_providers() -> Mapping[str, ProviderKind]:
    """Return the kinds of providers of the catalog."""
    return load_records(catalog_dir() / "providers.yml", ProviderKind)


@cache
def load_prices() -> Mapping[str, PriceYear]:
    """Return the price changes of the catalog."""
    return load_records(catalog_dir() / "prices.yml", PriceYear)


def topic_of(titles: pd.Series) -> pd.Series:
    """Return the topic of each training title, missing where none is recognised."""
    topics = load_topics()
    found = {title: _first_match(f"{title} ".lower(), topics) for title in titles.dropna().unique()}
    return titles.map(found)


def _first_match(title: str, topics: Mapping[str, Topic]) -> str | None:
    if title.strip() in topics:
        return title.strip()
    return next((key for key, topic in topics.items() if _has_word(title, topic.words)), None)


def _has_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether a word of the text starts with one of `words`; one that ends in a blank must be a whole word."""
    return any(re.search(rf"\b{re.escape(word)}", text) for word in words)


def is_partner(providers: pd.Series, forms: pd.Series) -> pd.Series:
    """Say which courses were given by a partner outside the government's own training agencies."""
    words = load_providers()["partner"].words
    partner = {name: _has_word(f"{name} ".lower(), words) for name in providers.dropna().unique()}
    return providers.map(partner).eq(True) | (forms == "partnership")


def price_levels(first: int, last: int) -> pd.Series:
    """Return the price level of years relative to the reference year (2024 = 1).

    Years outside the published figures keep the change of the nearest published year: an assumption, see
    docs/assumptions.md.
    """
    changes = {int(year): record.change / 100 for year, record in load_prices().items()}
    first, last = min(first, REFERENCE_YEAR), max(last, REFERENCE_YEAR)
    known = sorted(changes)
    level, levels = 1.0, {}
    for year in range(first, last + 1):
        nearest = min(max(year, known[0]), known[-1])
        level *= 1 + changes[nearest]
        levels[year] = level
    series = pd.Series(levels, dtype=float)
    return series / series[REFERENCE_YEAR]
