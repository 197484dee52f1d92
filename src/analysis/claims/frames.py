"""The rows and columns that each design compares."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.claims.records import EffectSpec

CLASSROOM, OTHER = "classroom", ("mentoring", "seminar", "workshop")
COST_COLUMNS = {"log_cost_own": 0.0, "log_cost_partner": 1.0}


def design_frame(panel: pd.DataFrame, spec: EffectSpec) -> pd.DataFrame:
    """Return the rows that `spec` compares, with the columns it needs beyond the panel's.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    spec
        The specification.
    """
    if spec.design == "provider_costs":
        return provider_costs(panel)
    frame = with_form_contrasts(panel)
    return online_with_it(frame) if spec.rows == "online_with_it" else frame


def net_of_region(frame: pd.DataFrame, outcome: str, cohort: str) -> pd.Series:
    """Return the outcome less the mean, in the same region and half-year, of the units not (yet) treated.

    What hits a whole region in a half-year is taken out before cohorts are compared across regions. Region half-years
    in which every unit is already treated have no comparison and become missing.
    """
    start = frame[cohort].astype(float)
    waiting = start.isna() | (frame["period_index"] < start)
    untreated = frame[outcome].where(waiting)
    return frame[outcome] - untreated.groupby(frame["region_period"]).transform("mean")


def with_form_contrasts(panel: pd.DataFrame) -> pd.DataFrame:
    """Add sums of hours over forms, so that one coefficient is the difference between two forms.

    With the sum of A and B held fixed, the coefficient of B is the effect of an hour of B in place of one of A.
    """
    forms = [name for name in panel.columns if name.startswith("hours_") and name != "hours_partner"]

    def hours(*names: str) -> pd.Series:
        known = [f"hours_{name}" for name in names if f"hours_{name}" in forms]
        return panel[known].sum(axis=1, skipna=False) if known else pd.Series(0.0, index=panel.index)

    total = panel[forms].sum(axis=1, skipna=False) if forms else pd.Series(np.nan, index=panel.index)
    absent = {f"hours_{name}": np.nan for name in (CLASSROOM, "internship", *OTHER)}
    added = {name: value for name, value in absent.items() if name not in panel.columns}
    return panel.assign(
        **added,
        hours_classroom_and_internship=hours(CLASSROOM, "internship"),
        hours_other_than_classroom_and_internship=total - hours(CLASSROOM, "internship"),
        hours_seminar_and_mentoring=hours("seminar", "mentoring"),
        hours_other_forms=total - hours(*OTHER),
    )


def online_with_it(panel: pd.DataFrame) -> pd.DataFrame:
    """Leave out units that adopted online registration without IT training, or of which that is not known.

    They are neither treated nor untreated. What is left compares adopters that trained for it with units that have not
    adopted (yet).
    """
    adopts = panel["online_registration_start"].notna()
    return panel.loc[~adopts | (panel["online_with_it"] == 1.0)]


def provider_costs(panel: pd.DataFrame) -> pd.DataFrame:
    """Return one row per unit, half-year and kind of provider with the log of the cost per hour (forms alike)."""
    keys = ["unit_id", "region_code", "region_period", "period_index"]
    parts = [
        panel[keys].assign(log_cost_per_hour=panel[name], partner=partner) for name, partner in COST_COLUMNS.items()
    ]
    frame = pd.concat(parts, ignore_index=True).dropna(subset=["log_cost_per_hour"])
    frame["unit_period"] = frame["unit_id"].astype(str) + "|" + frame["period_index"].astype(str)
    return frame.sort_values(["unit_id", "period_index", "partner"], kind="stable", ignore_index=True)
