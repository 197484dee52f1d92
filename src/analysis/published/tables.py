"""Loading the tidy tables of `data/published/`, and bringing an open-data file into their form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.catalog import Catalog, Correction
from analysis.errors import CatalogError, DataRefusedError, closest
from analysis.messages import Message
from analysis.paths import published_dir

PUBLISHED_COLUMNS = ("region_code", "year", "indicator", "value", "scheme", "grade", "source", "note")
_KEY = ["indicator", "region_code", "year"]


def load_published(catalog: Catalog, folder: Path | None = None) -> pd.DataFrame:
    """Load all published figures, with the errors of their sources mended.

    Parameters
    ----------
    catalog
        Says which regions, indicators, schemes and sources exist, and which errors are known.
    folder
        Folder of the tables; the project's own by default.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, region and year, sorted by these: region_code (Kemendagri, text), year (int),
        indicator, value (float, in the indicator's unit; missing where a correction says so), scheme (empty if the
        indicator never changed), grade (as published, or empty), source, note, and file.

    Raises
    ------
    CatalogError
        If a table has other columns, names an unknown region, indicator, scheme or source, repeats a row, holds a
        value outside the indicator's scale, or no longer holds the wrong value of a correction.
    """
    where = folder or published_dir()
    frames = [_read(path, catalog) for path in sorted(where.glob("*.csv"))]
    table = pd.concat(frames, ignore_index=True)
    repeated = table[table.duplicated(_KEY)]
    if len(repeated):
        _refuse(repeated.iloc[0], "published.repeated")
    for correction in catalog.corrections.values():
        table = _corrected(table, correction)
    _check_values(table, catalog)
    return table.sort_values(_KEY, ignore_index=True)


def _read(path: Path, catalog: Catalog) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    if tuple(table.columns) != PUBLISHED_COLUMNS:
        raise CatalogError(
            "published.wrong_columns", file=path.name, found=list(table.columns), wanted=list(PUBLISHED_COLUMNS)
        )
    table["file"] = path.name
    for column, known in (
        ("region_code", catalog.regions),
        ("indicator", catalog.indicators),
        ("source", catalog.sources),
    ):
        unknown = table[~table[column].isin(list(known))]
        if len(unknown):
            name = str(unknown.iloc[0][column])
            hint = closest(name, known)
            suggestion = Message("catalog.did_you_mean", {"name": hint}) if hint else ""
            _refuse(unknown.iloc[0], "published.unknown_name", column=column, name=name, hint=suggestion)
    table["year"] = table["year"].astype(int)
    table["value"] = table["value"].astype(float)
    return table


def _refuse(row: pd.Series, key: str, **values: object) -> None:
    raise CatalogError(
        key, file=row["file"], indicator=row["indicator"], region=row["region_code"], year=str(row["year"]), **values
    )


def _corrected(table: pd.DataFrame, correction: Correction) -> pd.DataFrame:
    here = (
        (table["file"] == correction.file)
        & (table["region_code"] == correction.region_code)
        & (table["year"] == correction.year)
        & (table["indicator"] == correction.indicator)
        & (table["value"] == correction.wrong)
    )
    if here.sum() != 1:
        raise CatalogError(
            "published.correction_outdated", name=correction.key, file=correction.file, wrong=correction.wrong
        )
    right = np.nan if correction.right is None else correction.right
    return table.assign(value=table["value"].mask(here, right), grade=table["grade"].mask(here, ""))


def _check_values(table: pd.DataFrame, catalog: Catalog) -> None:
    for key, rows in table.groupby("indicator", sort=True):
        indicator = catalog.indicators[str(key)]
        for row in rows.to_dict("records"):
            scheme = indicator.scheme(row["year"])
            if row["scheme"] != (scheme.key if scheme else ""):
                _refuse(pd.Series(row), "published.wrong_scheme", name=row["scheme"])
        low = -np.inf if indicator.minimum is None else indicator.minimum
        high = np.inf if indicator.maximum is None else indicator.maximum
        outside = rows[(rows["value"] < low) | (rows["value"] > high)]
        if indicator.zero_is_missing:
            outside = pd.concat([outside, rows[rows["value"] == 0]])
        if len(outside):
            _refuse(outside.iloc[0], "published.outside_scale", value=float(outside.iloc[0]["value"]))


def tidy_open_data(
    frame: pd.DataFrame, value_column: str, indicator: str, source: str, catalog: Catalog
) -> pd.DataFrame:
    """Bring a province table of an open-data portal into the form of `data/published/`.

    Portals of the regions write `kode_provinsi` and `nama_provinsi` with **BPS** codes, many of which are the
    Kemendagri code of another province; each row is therefore placed by code and name together.

    Parameters
    ----------
    frame
        The portal's table read as text: kode_provinsi, nama_provinsi, tahun, `value_column` and perhaps predikat.
    value_column
        Column with the value (decimal point).
    indicator, source
        Keys of the catalog.

    Returns
    -------
    pandas.DataFrame
        Columns `PUBLISHED_COLUMNS`; values as in the portal, errors included: corrections are applied on loading.

    Raises
    ------
    DataRefusedError
        If a column is missing.
    UsageError
        If code and name of a row do not belong together.
    """
    needed = ["kode_provinsi", "nama_provinsi", "tahun", value_column]
    missing = [name for name in needed if name not in frame]
    if missing:
        raise DataRefusedError("published.missing_columns", names=missing)
    wanted = catalog.indicator(indicator)
    years = frame["tahun"].astype(int)
    codes = [
        catalog.region_by_bps(code, name).code
        for code, name in zip(frame["kode_provinsi"], frame["nama_provinsi"], strict=True)
    ]
    schemes = [wanted.scheme(year) for year in years]
    tidy = pd.DataFrame(
        {
            "region_code": codes,
            "year": years.to_numpy(),
            "indicator": indicator,
            "value": frame[value_column].astype(float).to_numpy(),
            "scheme": [scheme.key if scheme else "" for scheme in schemes],
            "grade": frame["predikat"].to_numpy() if "predikat" in frame else "",
            "source": source,
            "note": "",
        }
    )
    return tidy.sort_values(_KEY, ignore_index=True)[list(PUBLISHED_COLUMNS)]
