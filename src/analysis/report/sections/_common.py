"""What the sections share: rows of the results in plain types, samples, sources, labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import yaml

from analysis.catalog import load_catalog
from analysis.messages import Message, catalogue
from analysis.paths import catalog_dir
from analysis.report.i18n import is_number
from analysis.results import StudyResults

VERDICTS = (
    "supported",
    "weakly_supported",
    "cannot_tell",
    "contradicted",
    "not_identified",
    "no_data",
)
LEVERS = ("training", "leadership", "budget")
LEVER_CLAIMS = {
    "training": "training_raises_quality",
    "leadership": "leadership_raises_quality",
    "budget": "budget_raises_quality",
}
"""The claim that answers for each lever; every page follows from these three and the other verdicts."""
ELEMENTS = tuple(f"U{number}" for number in range(1, 10))
MIN_RESPONDENTS = 10
Z95 = 1.959964


def msg(key: str, **values: Any) -> Message:
    """Return the message ``report.<key>``."""
    return Message(f"report.{key}", values)


def known(key: str) -> bool:
    """Whether there is a text ``report.<key>``."""
    return f"report.{key}" in catalogue("id")


def region_name(code: str) -> str:
    """Return the region's name."""
    return load_catalog().region(code).name


def period(name: Any) -> dict[str, str]:
    """Return a half-year as a value that is put into words when shown."""
    return {"period": str(name)}


def label(group: str, name: str) -> Any:
    """Return the text ``report.<group>.<name>``, or the name itself where there is none."""
    return msg(f"{group}.{name}") if known(f"{group}.{name}") else name


def number(value: Any) -> float | None:
    """Return a finite float or None."""
    return float(value) if not isinstance(value, str) and is_number(value) else None


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dicts with None for what is missing."""
    names = [str(name) for name in frame.columns]
    columns = [[_plain(value) for value in column.tolist()] for _, column in frame.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, bool, int):
        return value
    if type(value) is float:
        return None if math.isnan(value) else value
    if isinstance(value, (Mapping, list, tuple, Message)):
        return value
    return None if pd.isna(value) else value


def claim_rows(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return one verdict a claim: the region's own, else the nation's; ``scope`` says which."""
    of_region: dict[str, dict[str, Any]] = {}
    of_nation: dict[str, dict[str, Any]] = {}
    table = results.verdicts
    here = (table["region_code"] == region_code) | table["region_code"].isna()
    for row in records(table[here]):
        if row["region_code"] == region_code:
            of_region[row["claim"]] = row | {"scope": "region"}
        elif row["region_code"] is None:
            of_nation[row["claim"]] = row | {"scope": "national"}
    names = list(dict.fromkeys(table["claim"]))
    return [of_region.get(name) or of_nation[name] for name in names if name in of_region or name in of_nation]


def lever_rows(results: StudyResults, region_code: str) -> dict[str, dict[str, Any]]:
    """Return the verdict that answers for each lever."""
    rows = {row["claim"]: row for row in claim_rows(results, region_code)}
    return {lever: rows[claim] for lever, claim in LEVER_CLAIMS.items() if claim in rows}


def claim_label(claim: str) -> Any:
    """Return the claim's wording in both languages; a claim that the catalog does not know keeps its name."""
    return claim_words().get(claim, {}).get("label", claim)


def claim_decimals(claim: str) -> int:
    """Return the decimals in which a claim's effect is told, the same wherever it is shown."""
    return int(claim_words().get(claim, {}).get("decimals", 2))


@cache
def claim_words() -> dict[str, dict[str, Any]]:
    """Return wording and decimals of the claims, which `analysis.claims` has checked when it judged them.

    Read from the catalog here because that layer would load every estimator into the kernel of each region.
    """
    text = (catalog_dir() / "claims.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def both(text: Any) -> dict[str, str]:
    """Return a text of the catalog as a label in both languages."""
    return {"id": text.id, "en": text.en}


def unit_label(unit: Any) -> Any:
    """Return the unit of an effect as a value that is put into words when shown."""
    if unit is None:
        return ""
    return label("unit", unit) if isinstance(unit, str) else unit


def study_sample(results: StudyResults, region_code: str | None = None) -> Message:
    """Return how many units, regions and half-years stand behind the results."""
    first, last = period(results.meta["first_period"]), period(results.meta["last_period"])
    if region_code is None:
        n_regions = results.n_regions
        if not n_regions:
            return msg("sample.none")
        return msg("sample.study", n=results.n_units, n_regions=n_regions, first=first, last=last)
    panel = results.panel[results.panel["region_code"] == region_code]
    if panel.empty:
        return msg("sample.none")
    n_units = int(panel["unit_id"].nunique())
    return msg("sample.region", n=n_units, region=region_name(region_code), first=first, last=last)


def survey_source() -> tuple[Message, ...]:
    """Return the source of everything that rests on the citizens' survey."""
    return (msg("source.survey"),)


def estimate_source(spec: Any) -> tuple[Message, ...]:
    """Return the source of an estimate: the row of the published table."""
    return (msg("source.estimates", spec=str(spec)),) if spec else (msg("source.estimates_all"),)


def estimate_id(spec: Any, level: str, region_code: str | None) -> str:
    """Return the id of a row of estimates.csv, the same in every run: ``training_quality.pooled.82``."""
    return ".".join([str(spec), level] if level == "national" else [str(spec), level, str(region_code)])


def estimates_source(rows: Sequence[str]) -> tuple[Message, ...]:
    """Return the source of several estimates: their rows of the published table."""
    return (msg("source.rows", rows=list(rows)),) if rows else estimate_source(None)


def region_index(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return the region's own index by half-year, oldest first, without half-years withheld or missing."""
    table = results.indices
    rows = table[(table["region_code"] == region_code) & table["unit_id"].isna()].sort_values("period")
    return [row for row in records(rows) if number(row["index"]) is not None]


def unit_index(results: StudyResults, region_code: str, at: str) -> list[dict[str, Any]]:
    """Return the index of the region's units in one half-year, those with too few respondents included."""
    table = results.indices
    chosen = (table["region_code"] == region_code) & table["unit_id"].notna() & (table["period"] == at)
    return records(table[chosen].sort_values("unit_id"))
