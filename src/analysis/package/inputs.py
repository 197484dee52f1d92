"""The inputs that a package carries: the files themselves where they may be shared, else synthetic ones like them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import yaml

from analysis.messages import LANGUAGES, Message
from analysis.results import StudyResults
from analysis.study.keys import input_files
from analysis.synthetic import SampleDesign, simulate
from analysis.synthetic.files import write_tables

STAND_IN_SEED = 20260101


def shared_inputs(directory: Path) -> dict[str, bytes]:
    """Return the office files of a study as they are, by name."""
    return {path.name: path.read_bytes() for path in input_files(directory)}


def stand_ins(results: StudyResults, folder: Path) -> dict[str, bytes]:
    """Write synthetic office files of the same regions, half-years and tables as a study's, and return them by name.

    Nothing of the study but its regions, its half-years and the names of its tables goes into them.

    Parameters
    ----------
    results
        The study that they stand for.
    folder
        Where to write them; made if absent.
    """
    periods = sorted(results.panel["period"].unique())
    first = int(str(results.meta["first_period"])[:4])
    design = SampleDesign(
        n_regions=len(results.regions),
        n_periods=max(len(periods), 4),
        regions=tuple(results.regions),
        first_year=first,
        seed=STAND_IN_SEED,
    )
    simulated = simulate(design)
    delivered = {str(item["table"]) for item in results.meta["files"]}
    tables = {name: frame for name, frame in simulated.tables.items() if name in delivered}
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(folder, dataclasses.replace(simulated, tables=tables))
    title = {lang: Message("package.stand_in_title").text(lang) for lang in LANGUAGES}
    settings = yaml.safe_dump({"synthetic": True, "title": title}, allow_unicode=True, sort_keys=False)
    (folder / "study.yml").write_text(settings, encoding="utf-8", newline="\n")
    return shared_inputs(folder)
