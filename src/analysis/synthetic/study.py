"""A whole synthetic study in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.synthetic.counterfactuals import Process
from analysis.synthetic.design import SampleDesign
from analysis.synthetic.directed import lowest_before
from analysis.synthetic.effects import true_effects
from analysis.synthetic.history import build_history
from analysis.synthetic.tables import (
    budget_table,
    complaints_table,
    leadership_table,
    officers_table,
    programmes_table,
    survey_table,
    training_table,
)
from analysis.synthetic.truth import Truth
from analysis.synthetic.world import World, build_world


@dataclass(frozen=True)
class SimulatedStudy:
    """A study with everything that is true of it.

    Parameters
    ----------
    tables
        Canonical tables by name, as the checked tables of a real study would be.
    truth
        True effects and parameters.
    process
        The noise-free process, for oracle checks.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Truth
    process: Process


def simulate(design: SampleDesign | None = None) -> SimulatedStudy:
    """Draw a study; the same design gives the same tables.

    Raises
    ------
    UsageError
        If more regions are asked for than the catalog has.
    """
    design = design or SampleDesign()
    world = build_world(design)
    history = build_history(design, world)
    officers, budget = officers_table(design, world, history), budget_table(design, world, history)
    survey = survey_table(design, world, history)
    lowest = lowest_before(survey, world.units["unit_id"], design.periods)
    tables = {
        "units": world.units.astype({"headcount": "int64"}),
        "survey": survey,
        "training": training_table(design, world, history, officers, budget),
        "budget": budget,
        "complaints": complaints_table(design, world, history),
        "leadership": leadership_table(design, world, history),
        "programmes": programmes_table(design, world, history),
        "officers": officers,
    }
    tables = {name: _delivered(name, table, world) for name, table in tables.items()}
    truth = true_effects(design, world, history, lowest)
    return SimulatedStudy(tables, truth, Process(design, world, history))


def _delivered(name: str, table: pd.DataFrame, world: World) -> pd.DataFrame:
    """Leave out the regions that do not deliver a table."""
    absent = {code for code, tables in world.missing.items() if name in tables}
    if not absent or "unit_id" not in table:
        return table
    gone = set(world.units.loc[world.units["region_code"].isin(absent), "unit_id"])
    return table.loc[~table["unit_id"].isin(gone)].reset_index(drop=True)
