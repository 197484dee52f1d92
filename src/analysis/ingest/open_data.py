"""Open-data files by region and year, whose codes are those of Statistics Indonesia (BPS) or of Kemendagri."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.catalog import Region, Text, load_catalog
from analysis.errors import UsageError
from analysis.ingest.cells import Sheet
from analysis.ingest.findings import finding, has_errors
from analysis.ingest.headers import SEARCHED_ROWS, plain
from analysis.ingest.places import Place, join, limited
from analysis.ingest.reader import choose_layouts, open_sheets
from analysis.ingest.sheets import convert_sheet
from analysis.ingest.tables import Column, Table
from analysis.results import Finding, Ingested

OPEN_DATA_COLUMNS = ("region_code", "year", "value", "unit")
_KEPT = ("id", "satuan", "unit", "tahun", "year", "no")


def _column(name: str, kind: str, *headers: str, required: bool = True) -> Column:
    return Column(name, kind, Text(headers[0], headers[0]), required=required, headers=headers)  # type: ignore[arg-type]


_PROVINCE = (_column("code", "identifier", "kode_provinsi"), _column("name", "name", "nama_provinsi"))
_REGENCY = (
    _column("code", "identifier", "kode_kabupaten_kota", "kode_kab_kota", "kode_kabupaten"),
    _column("name", "name", "nama_kabupaten_kota", "nama_kab_kota", "nama_kabupaten"),
)


def read_open_data(path: str | Path, value: str | None = None) -> Ingested:
    """Read an open-data file (the convention of Open Data Jabar) into region, year and value.

    Parameters
    ----------
    path
        An .xlsx, .xls, .csv, .txt or .parquet file with ``kode_provinsi, nama_provinsi`` or ``kode_kabupaten_kota,
        nama_kabupaten_kota``, ``tahun`` and a column of figures.
    value
        Header of the figures; may be left out where only one column is left.

    Returns
    -------
    Ingested
        `frame` has `OPEN_DATA_COLUMNS` with Kemendagri codes. A code alone is never trusted: code and name have to
        belong together, because 169 BPS codes are the Kemendagri code of another region.
    """
    source = Path(path)
    probe = Table("open_data", Text("Data terbuka", "Open data"), (), (), (*_PROVINCE, *_REGENCY))
    sheets, findings = open_sheets(source, probe)
    if not sheets:
        return Ingested(None, tuple(findings))
    table = _table(sheets[0], value)
    if table is None:
        return Ingested(None, (*findings, finding("error", source.name, "open_data_columns")))
    layouts, notes = choose_layouts(source, sheets, table)
    parts = [convert_sheet(sheet, layout, table) for sheet, layout in layouts]
    findings += notes + [item for _, _, found in parts for item in found if item.rule != "columns_not_used"]
    if not parts:
        return Ingested(None, tuple(findings))
    frame, place = join([(frame, place) for frame, place, _ in parts])
    codes, problems = _crosswalk(frame, place)
    findings = limited(findings + problems)
    table_frame = frame.assign(region_code=pd.Series(codes, dtype="str"))[list(OPEN_DATA_COLUMNS)]
    return Ingested(None if has_errors(findings) else table_frame, tuple(findings))


def _table(sheet: Sheet, value: str | None) -> Table | None:
    """Make the contract of this file: which region columns it has, and which column holds the figures."""
    for row in range(min(SEARCHED_ROWS, sheet.n_rows)):
        labels = [cell.text for cell in sheet.row(row) if cell.text]
        known = {plain(label) for label in labels}
        regions = _REGENCY if any(plain(h) in known for h in _REGENCY[0].headers) else _PROVINCE
        if not any(plain(header) in known for header in regions[0].headers):
            continue
        others = [
            label for label in labels if not plain(label).startswith(("kode ", "nama ")) and plain(label) not in _KEPT
        ]
        figures = [value] if value else others
        if len(figures) != 1 or figures[0] not in labels:
            return None
        year = replace(_column("year", "year", "tahun", "year"), minimum=1990, maximum=2100)
        columns = (
            *regions,
            year,
            _column("value", "number", figures[0]),
            _column("unit", "name", "satuan", required=False),
        )
        return Table("open_data", Text("Data terbuka", "Open data"), (), (), columns)
    return None


def _crosswalk(frame: pd.DataFrame, place: Place) -> tuple[list[str | None], list[Finding]]:
    codes: list[str | None] = []
    problems = []
    for row, (code, name) in enumerate(zip(frame["code"], frame["name"], strict=True)):
        try:
            codes.append(region_of(str(code), str(name)).code)
        except UsageError as error:
            codes.append(None)
            where = {"sheet": place.sheets[row], "row": int(place.rows[row]), "column": place.column(row, "code")}
            item = finding("error", str(place.files[row]), "unknown_region", value=f"{code} {name}", **where)
            problems.append(replace(item, message=error.message))
    return codes, problems


def region_of(code: str, name: str) -> Region:
    """Return the region that a code of either system and a name mean together.

    Raises
    ------
    UsageError
        If they do not belong together in either system.
    """
    catalog = load_catalog()
    try:
        return catalog.region_by_bps(code, name)
    except UsageError:
        digits = code.strip().replace(".", "")
        for region in catalog.regions.values():
            if region.code.replace(".", "") == digits and catalog.region_by_bps(region.bps_code, name) == region:
                return region
        raise
