"""The official scores of a region and its neighbours, and what a movement between two years means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.catalog import Catalog
from analysis.messages import Message

# Two-sided 95% of the normal distribution: one region, one movement, chosen before looking.
Z_95 = 1.959963984540054

TREND_COLUMNS = (
    "indicator",
    "region_code",
    "name",
    "own",
    "year",
    "value",
    "grade",
    "scheme",
    "breaks_before",
    "source",
)


def official_trend(scores: pd.DataFrame, code: str, catalog: Catalog) -> pd.DataFrame:
    """Return the scores of a region and of the others in its province as series with their breaks.

    Parameters
    ----------
    scores
        Table of `load_published`.
    code
        Kemendagri code of the region.

    Returns
    -------
    pandas.DataFrame
        One row per indicator whose movement is read, region and year with a value: indicator, region_code, name, own
        (whether it is the region itself), year, value, grade, scheme, breaks_before (True where the measurement
        changed since the region's previous value: no line may be drawn across), source. The region's own series come
        first within an indicator.

    Raises
    ------
    UsageError
        If the region does not exist.
    """
    own = catalog.region(code).code
    members = {region.code: region.name for region in catalog.members(code)}
    read = [key for key, indicator in catalog.indicators.items() if indicator.trend]
    rows = scores[scores["indicator"].isin(read) & scores["region_code"].isin(list(members))]
    rows = rows.dropna(subset=["value"]).sort_values(["indicator", "region_code", "year"])
    before = rows.groupby(["indicator", "region_code"])["scheme"].shift()
    trend = rows.assign(
        name=rows["region_code"].map(members),
        own=rows["region_code"] == own,
        breaks_before=before.notna() & (before != rows["scheme"]),
    )
    trend = trend.sort_values(["indicator", "own", "region_code", "year"], ascending=[True, False, True, True])
    return trend[list(TREND_COLUMNS)].reset_index(drop=True)


def movement(
    scores: pd.DataFrame,
    noise: pd.DataFrame,
    code: str,
    indicator: str,
    first_year: int,
    last_year: int,
    catalog: Catalog,
) -> Message:
    """Say whether a score moved by more than measurement noise between two years.

    The margin is 1.96 x 2^0.5 x `noise_sd` of the scheme. It holds for one movement that was chosen beforehand: of
    twenty movements that are mere noise, one exceeds it. A movement that all regions of the group share (another team
    of assessors, say) is not part of the noise, so a rise need not be the region's own doing.

    Parameters
    ----------
    scores, noise
        Tables of `load_published` and `measurement_noise`.
    code, indicator
        Region and indicator.
    first_year, last_year
        The two years.

    Returns
    -------
    Message
        One of: no score in a year, a change of measurement or of territory in between, noise unknown, within noise,
        rise, fall.
    """
    series = _by_year(_scores_of(scores, indicator, catalog.region(code).code))
    return _moved(series, noise, code, indicator, (first_year, last_year), catalog)


def _moved(
    series: Mapping[int, tuple[float, str]],
    noise: pd.DataFrame,
    code: str,
    indicator: str,
    years: tuple[int, int],
    catalog: Catalog,
) -> Message:
    """Say what lies between the scores of two years, from value and scheme by year."""
    first_year, last_year = years
    found = catalog.indicator(indicator)
    region = catalog.region(code)
    values = {"region": region.name, "first": str(first_year), "last": str(last_year), "label": found.label.message}
    missing = [str(year) for year in (first_year, last_year) if year not in series]
    if missing:
        return Message("published.movement_missing", {**values, "missing": missing})
    (was, scheme_then), (is_now, scheme) = series[first_year], series[last_year]
    if scheme_then != scheme:
        change = found.schemes_by_key[scheme].change
        return Message("published.movement_break", {**values, "reason": change.message if change else ""})
    split = catalog.boundary_change(region.code)
    if split is not None and first_year <= split <= last_year:
        return Message("published.movement_boundary", {**values, "split": str(split)})
    return _judged(is_now - was, _noise_sd(noise, indicator, scheme), found.decimals, values)


def _scores_of(scores: pd.DataFrame, indicator: str, code: str) -> list[dict[Any, Any]]:
    """Return the rows of a region's scores, oldest first."""
    here = (scores["indicator"] == indicator) & (scores["region_code"] == code)
    return scores[here].dropna(subset=["value"]).sort_values("year").to_dict("records")


def _by_year(rows: Iterable[Mapping[Any, Any]]) -> dict[int, tuple[float, str]]:
    """Return value and scheme by year."""
    return {int(row["year"]): (float(row["value"]), str(row["scheme"])) for row in rows}


def _noise_sd(noise: pd.DataFrame, indicator: str, scheme: str) -> float | None:
    found = noise[(noise["indicator"] == indicator) & (noise["scheme"] == scheme)]
    return float(found["noise_sd"].iloc[0]) if len(found) else None


def _judged(change: float, noise_sd: float | None, decimals: int, values: dict[str, Any]) -> Message:
    shown = {**values, "change": Message(f"published.signed_{decimals}", {"value": change})}
    if noise_sd is None:
        return Message("published.movement_unknown", shown)
    margin = Z_95 * 2**0.5 * noise_sd
    verdict = "noise" if abs(change) <= margin else "rise" if change > 0 else "fall"
    sizes = {"size": abs(change), "margin": margin}
    words = {name: Message(f"published.number_{decimals}", {"value": value}) for name, value in sizes.items()}
    return Message(f"published.movement_{verdict}", {**shown, **words})


def last_movement(
    scores: pd.DataFrame, noise: pd.DataFrame, code: str, indicator: str, catalog: Catalog
) -> Message | None:
    """Say what the movement between a region's two newest scores means; None if it has fewer than two.

    Parameters
    ----------
    scores, noise, code, indicator, catalog
        As for `movement`.
    """
    return last_movement_of(_scores_of(scores, indicator, code), noise, code, indicator, catalog)


def last_movement_of(
    rows: Iterable[Mapping[Any, Any]], noise: pd.DataFrame, code: str, indicator: str, catalog: Catalog
) -> Message | None:
    """Say the same from the region's scores alone.

    Parameters
    ----------
    rows
        Year, value and scheme of the region's scores, oldest first, as in `official_trend`.
    noise, code, indicator, catalog
        As for `movement`.
    """
    series = _by_year(rows)
    if len(series) < 2:
        return None
    *_, before, last = series
    return _moved(series, noise, code, indicator, (before, last), catalog)
