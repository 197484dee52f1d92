"""Nothing that identifies a person leaves the study: small cells, differences of releases, models, identifiers."""

from analysis.disclosure.cells import shown_count, shown_counts, suppress_small_cells
from analysis.disclosure.fingerprints import Fingerprints, make_fingerprints, read_fingerprints, write_fingerprints
from analysis.disclosure.formulas import neutral
from analysis.disclosure.gate import Gate, Hit, raise_for, search_files, search_release
from analysis.disclosure.models import safe_estimates, safe_verdicts, unsafe_blocks
from analysis.disclosure.own import own_ids
from analysis.disclosure.patterns import find_identifiers, is_nik, is_nip
from analysis.disclosure.releases import (
    cells_to_withhold,
    protected_file,
    protected_indices,
    protected_measures,
    record_release,
    withholding,
)
from analysis.disclosure.roster import keep_fingerprints
from analysis.disclosure.rules import Rules, load_rules

__all__ = [
    "Fingerprints",
    "Gate",
    "Hit",
    "Rules",
    "cells_to_withhold",
    "find_identifiers",
    "is_nik",
    "is_nip",
    "keep_fingerprints",
    "load_rules",
    "make_fingerprints",
    "neutral",
    "own_ids",
    "protected_file",
    "protected_indices",
    "protected_measures",
    "raise_for",
    "read_fingerprints",
    "record_release",
    "safe_estimates",
    "safe_verdicts",
    "search_files",
    "search_release",
    "shown_count",
    "shown_counts",
    "suppress_small_cells",
    "unsafe_blocks",
    "withholding",
    "write_fingerprints",
]
