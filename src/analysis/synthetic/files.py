"""Write a synthetic study as the files that offices would hand in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis.messages import LANGUAGES, Message
from analysis.synthetic.design import SampleDesign
from analysis.synthetic.dialects import FILE_NAMES, as_typed, office_form
from analysis.synthetic.study import SimulatedStudy, simulate
from analysis.synthetic.truth import Truth

# Written into every workbook: the clock would make two runs differ.
WRITTEN_ON = dt.datetime(2026, 1, 1)
# The first regions hand in large tables in forms of their own; the others share one compact file per province.
SPLIT_TABLES = ("survey", "training", "leadership")
FIRST_FORMS = (".xlsx", ".csv")
WHOLE_TABLES = {
    "units": ".xlsx",
    "budget": ".csv",
    "complaints": ".csv",
    "programmes": ".xlsx",
    "officers": ".xlsx",
}
EXCEL_ROWS = 200_000


def write_sample(
    directory: Path | str, n_regions: int = 12, n_periods: int = 10, seed: int = 20260101, **parameters: Any
) -> Truth:
    """Write a synthetic study: office files, `truth.json`, `study.yml` and `README.md`.

    Parameters
    ----------
    directory
        Folder to write into; made if absent.
    n_regions, n_periods, seed
        Size and seed.
    parameters
        Further parameters of `SampleDesign`.

    Returns
    -------
    Truth
        What `truth.json` holds.

    Raises
    ------
    UsageError
        If more regions are asked for than the catalog has.
    """
    study = simulate(SampleDesign(n_regions=n_regions, n_periods=n_periods, seed=seed, **parameters))
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(folder, study)
    _write_text(folder / "truth.json", json.dumps(study.truth.as_dict(), indent=1, ensure_ascii=False) + "\n")
    _write_text(folder / "study.yml", _settings(study.truth))
    _write_text(folder / "README.md", _read_me(study.truth))
    return study.truth


def write_tables(folder: Path, study: SimulatedStudy) -> None:
    """Write all tables in their office forms."""
    regions = study.process.world.units.set_index("unit_id")["region_code"]
    for table, frame in study.tables.items():
        if table in SPLIT_TABLES:
            for name, part in _parts(table, frame, regions, study.truth.regions).items():
                write_table(folder / name, table, part)
        else:
            suffix = WHOLE_TABLES[table]
            suffix = ".parquet" if suffix == ".xlsx" and len(frame) > EXCEL_ROWS else suffix
            write_table(folder / f"{FILE_NAMES[table]}{suffix}", table, frame)


def _parts(table: str, frame: pd.DataFrame, region_of: pd.Series, regions: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Split a table: the first regions alone, the others by province; file name to rows."""
    code = frame["unit_id"].map(region_of)
    first = dict(zip(regions, FIRST_FORMS, strict=False))
    name = code.map(
        lambda c: (
            f"{FILE_NAMES[table]}_{c}{first[c]}" if c in first else f"{FILE_NAMES[table]}_provinsi_{c[:2]}.parquet"
        )
    )
    return {str(key): part.reset_index(drop=True) for key, part in frame.groupby(name, sort=True)}


def write_table(path: Path, table: str, frame: pd.DataFrame) -> None:
    """Write one table in the form that the file's suffix names; the same rows give the same bytes."""
    office = office_form(table, frame)
    if path.suffix == ".xlsx":
        _write_excel(path, office)
    elif path.suffix == ".csv":
        _write_csv(path, office)
    else:
        _write_parquet(path, office)


def _write_excel(path: Path, frame: pd.DataFrame) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"title": "Data sintetis / synthetic data", "created": WRITTEN_ON})
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, list(frame.columns))
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(frame.columns):
            _write_column(sheet, column, frame[name])


def _write_column(sheet: Any, column: int, values: pd.Series) -> None:
    text = not pd.api.types.is_numeric_dtype(values)
    for row, value in enumerate(values.tolist(), start=1):
        if value is None or value is pd.NA or value != value:
            continue
        if text:
            sheet.write_string(row, column, value)
        else:
            sheet.write_number(row, column, value)


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Semicolons, decimal commas and a byte order mark, as Indonesian Excel saves it, with a few slips of the hand."""
    text = as_typed(frame).to_csv(sep=";", index=False, lineterminator="\n", date_format="%d/%m/%Y")
    path.write_bytes(text.encode("utf-8-sig"))


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=19)


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def _settings(truth: Truth) -> str:
    settings: Mapping[str, Any] = {
        "synthetic": True,
        "title": {lang: Message("synthetic.title").text(lang) for lang in LANGUAGES},
        "seed": truth.design.seed,
        "regions": len(truth.regions),
        "periods": truth.design.n_periods,
    }
    return yaml.safe_dump(dict(settings), allow_unicode=True, sort_keys=False)


def _read_me(truth: Truth) -> str:
    values = {
        "regions": len(truth.regions),
        "first": truth.design.periods[0],
        "last": truth.design.periods[-1],
        "seed": str(truth.design.seed),
    }
    texts = [Message("synthetic.read_me", values).text(lang) for lang in LANGUAGES]
    titles = [Message("synthetic.title").text(lang) for lang in LANGUAGES]
    return "\n\n".join(f"# {title}\n\n{text}" for title, text in zip(titles, texts, strict=True)) + "\n"
