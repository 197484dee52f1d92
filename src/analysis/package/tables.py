"""The tables of a release without its pages: what a replication has to reproduce."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.publish.release import write_text
from analysis.publish.tables import region_claims, region_estimates, to_csv
from analysis.results import StudyResults
from analysis.study import load_study

TABLES = ("claims.csv", "estimates.csv")


def rebuild_tables(inputs: Path, target: Path, regions: Sequence[str] = ()) -> StudyResults:
    """Make a study from its office files and write the tables of its regions.

    Parameters
    ----------
    inputs
        Folder with the office files.
    target
        Folder for ``<region>/claims.csv`` and ``<region>/estimates.csv``; made if absent.
    regions
        Codes of regions; all of the study by default.

    Returns
    -------
    StudyResults
        Results of the study.

    Raises
    ------
    DataRefusedError
        If a file breaks the contract.
    """
    results = load_study(inputs)
    for code in regions or results.regions:
        write_text(target / code / TABLES[0], to_csv(region_claims(results, code)))
        write_text(target / code / TABLES[1], to_csv(region_estimates(results, code)))
    return results
