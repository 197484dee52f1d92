"""What a release has to pass before it is published: blocks, every byte, former releases; and its ledger entry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.batch import Options, Outcome
from analysis.disclosure import (
    Fingerprints,
    Gate,
    cells_to_withhold,
    keep_fingerprints,
    own_ids,
    raise_for,
    read_fingerprints,
    record_release,
    search_files,
    withholding,
)
from analysis.errors import DisclosureError
from analysis.paths import store_dir
from analysis.publish.search import search_regions
from analysis.results import StudyResults
from analysis.study.store import store_again, stored_study


def beside_former_releases(directory: Path, out: Path, results: StudyResults) -> StudyResults:
    """Return the results without what would tell of single persons beside the releases made into `out` before.

    The stored study is replaced if the choice differs from that of the last run, because notebooks read it.

    Raises
    ------
    DisclosureError
        If the ledger of releases was changed, or a withheld cell could be worked out.
    """
    store = store_dir(directory)
    cells = cells_to_withhold(store, out, str(results.meta["run_id"]), bool(results.meta["synthetic"]))
    settled = withholding(results, cells, store)
    if settled is not results:
        store_again(directory, settled)
    return settled


def clear(
    study_dir: Path,
    outcomes: Sequence[Outcome],
    draft: Path,
    kept: Path | None = None,
    options: Options | None = None,
) -> None:
    """Search the blocks and every byte of a release in the making.

    Parameters
    ----------
    study_dir
        The study.
    outcomes
        Executed notebooks.
    draft
        The release.
    kept
        Folder in which files of regions are kept from run to run: those searched before are not searched again.
    options
        How many workers.

    Raises
    ------
    DisclosureError
        With the places and kinds of what was found.
    """
    prints = fingerprints_of(study_dir)
    came_through = [outcome for outcome in outcomes if outcome.path]
    regions = {outcome.name for outcome in came_through if (draft / outcome.name).is_dir()}
    hits = search_regions(store_dir(study_dir), prints, came_through, draft, kept, options or Options())
    others = (p for p in draft.rglob("*") if p.is_file() and p.relative_to(draft).parts[0] not in regions)
    raise_for(hits + search_files(Gate(prints, own_ids(draft)), draft, others))


def fingerprints_of(study_dir: Path) -> Fingerprints:
    """Return the fingerprints of the persons in a study's files, made anew where they are missing or damaged.

    Raises
    ------
    DisclosureError
        If the files are no longer those of the stored study: others would name other persons.
    """
    store = store_dir(study_dir)
    try:
        return read_fingerprints(store)
    except DisclosureError:
        if not stored_study(study_dir).is_dir():
            raise
        keep_fingerprints(study_dir, store)
        return read_fingerprints(store)


def enter(study_dir: Path, target: Path, results: StudyResults, regions: Sequence[str]) -> None:
    """Enter a published release into the ledger beside it."""
    store, run_id = store_dir(study_dir), str(results.meta["run_id"])
    cells = cells_to_withhold(store, target.parent, run_id, bool(results.meta["synthetic"]))
    record_release(store, target.parent, target.name, results, cells, regions)
