"""Surveys of before 2017 with fourteen elements: read by their own contract, and kept apart.

Kepmenpan KEP/25/M.PAN/2/2004 asks fourteen questions, which nine others have replaced since
(Permenpan RB 14/2017): the two indices measure different things and never share a series.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.ingest.contract import check_contract, repeated_rows
from analysis.ingest.findings import finding, has_errors
from analysis.ingest.places import join, limited, locate
from analysis.ingest.reader import choose_layouts, open_sheets
from analysis.ingest.sheets import convert_sheet
from analysis.ingest.summary import GRADES_2004, grade
from analysis.ingest.systems import load_systems
from analysis.ingest.tables import Table
from analysis.results import Ingested

ELEMENTS_2004 = tuple(f"E{number}" for number in range(1, 15))
# Kepmenpan 25/2004 prints the weight of an element as 1/14 = 0.071.
WEIGHT_2004 = 0.071
FORMER_COLUMNS = ("unit_id", "period", "n", *ELEMENTS_2004, "index", "index_weight_0071", "std_error", "grade")
_LAST_PERIOD = "2017-S1"


def read_former_survey(path: str | Path, units: pd.DataFrame | None = None) -> Ingested:
    """Read a survey of fourteen elements, one row a respondent.

    Parameters
    ----------
    path
        An .xlsx, .xls, .csv, .txt or .parquet file with fourteen answers a row, named or numbered as in 2004.
    units
        Checked units; switches on the check of their codes.

    Returns
    -------
    Ingested
        `frame` has `FORMER_COLUMNS`, one row per unit and half-year: ``E1..E14`` are means (1 to 4), ``index`` is 25
        times their plain mean, ``index_weight_0071`` the same with the printed weight 0.071 (99.4% of it),
        ``std_error`` the sampling error of ``index``, ``grade`` that of 2004. A warning names the break.
    """
    source, system = Path(path), load_systems()["skm_2004"]
    table = Table("survey", system.label, (), ("unit_id", "period", "respondent_id"), system.columns)
    sheets, findings = open_sheets(source, table)
    layouts, notes = choose_layouts(source, sheets, table) if sheets else ([], [])
    findings += notes
    if not layouts or has_errors(notes):
        return Ingested(None, tuple(findings or [finding("error", source.name, "empty_file")]))
    parts = [convert_sheet(sheet, layout, table) for sheet, layout in layouts]
    findings += [item for _, _, found in parts for item in found if item.rule != "fourteen_elements"]
    frame, place = join([(frame, place) for frame, place, _ in parts])
    findings += locate(check_contract(frame, table, units), frame, place)
    if frame.empty:
        findings.append(finding("error", source.name, "no_rows"))
    if has_errors(findings):
        return Ingested(None, tuple(limited(findings)))
    index = former_index(frame.loc[~repeated_rows(frame, table)])
    late = sorted(set(index.loc[index["period"] > _LAST_PERIOD, "period"]))
    if late:
        findings.append(finding("warning", source.name, "fourteen_late", periods=late))
    findings.append(finding("warning", source.name, "fourteen_apart", n=len(frame), groups=len(index)))
    return Ingested(index, tuple(limited(findings)))


def former_index(responses: pd.DataFrame) -> pd.DataFrame:
    """Return the index of 2004 by unit and half-year (see `read_former_survey`).

    Parameters
    ----------
    responses
        ``unit_id, period, E1..E14`` (1 to 4, missing allowed).
    """
    used = responses.loc[responses[list(ELEMENTS_2004)].notna().any(axis=1)]
    grouped = used.groupby(["unit_id", "period"], sort=True)
    means = grouped[list(ELEMENTS_2004)].mean()
    asked = means.notna().sum(axis=1)
    index = 25 * means.mean(axis=1)
    table = means.assign(n=grouped.size(), index=index, index_weight_0071=25 * WEIGHT_2004 * 14 * means.mean(axis=1))
    answers = used[list(ELEMENTS_2004)]
    share = (answers - grouped[list(ELEMENTS_2004)].transform("mean")) / grouped[list(ELEMENTS_2004)].transform("count")
    influence = share.fillna(0.0).sum(axis=1) ** 2
    total = influence.groupby([used["unit_id"], used["period"]]).sum()
    factor = table["n"] / (table["n"] - 1).where(table["n"] > 1)
    table["std_error"] = 25 / asked * np.sqrt(factor * total)
    table["grade"] = [grade(value, GRADES_2004) for value in table["index"]]
    return table.reset_index()[list(FORMER_COLUMNS)]
