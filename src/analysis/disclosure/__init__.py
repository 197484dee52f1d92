"""Nothing that identifies a person leaves the study: small cells, differences of releases, models, identifiers."""

from analysis.disclosure.cells import shown_count, shown_counts, suppress_small_cells
from analysis.disclosure.fingerprints import Fingerprints, make_fingerprints, read_fingerprints, write_fingerprints
from analysis.disclosure.formulas import neutral
from analysis.disclosure.gate import Gate, Hit, refuse_identifiers, search_release
from analysis.disclosure.patterns import find_identifiers, is_nik, is_nip
from analysis.disclosure.rules import Rules, load_rules

__all__ = [
    "Fingerprints",
    "Gate",
    "Hit",
    "Rules",
    "find_identifiers",
    "is_nik",
    "is_nip",
    "load_rules",
    "make_fingerprints",
    "neutral",
    "read_fingerprints",
    "refuse_identifiers",
    "search_release",
    "shown_count",
    "shown_counts",
    "suppress_small_cells",
    "write_fingerprints",
]
