"""The thresholds of disclosure control, read from ``data/catalog/disclosure.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.catalog import Text, load_records
from analysis.errors import CatalogError
from analysis.paths import catalog_dir

FILE = "disclosure.yml"


@dataclass(frozen=True)
class Rule:
    """One entry of the catalog: a number or a list of words, why it is so, and whose practice it follows."""

    key: str
    why: Text
    practice: str
    value: int | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """Thresholds of disclosure control.

    Parameters
    ----------
    min_respondents
        Fewest respondents behind a mean that is shown.
    suppressed_count
        Largest count of people that is not shown.
    rounding
        Counts that are shown are rounded to a multiple of this.
    min_officers
        Fewest officers of a unit whose figures are shown.
    protection_width
        A withheld count that can be bounded within an interval of this width or less counts as disclosed.
    release_change
        A cell whose number of respondents moved by 1 to this many since the last release is withheld.
    min_units
        Fewest units behind an estimate that is shown.
    min_residual_df
        Fewest residual degrees of freedom of a model whose estimates are shown.
    shingle_words
        Length of the sequences of words by which free text is recognised.
    single_person_figures
        Names of figures that no block may hold.
    public_addresses
        E-mail addresses and telephone numbers of the office itself that may be shown.
    """

    min_respondents: int
    suppressed_count: int
    rounding: int
    min_officers: int
    protection_width: int
    release_change: int
    min_units: int
    min_residual_df: int
    shingle_words: int
    single_person_figures: tuple[str, ...]
    public_addresses: tuple[str, ...]


_LISTS = ("single_person_figures", "public_addresses")


@cache
def load_rules(folder: Path | None = None) -> Rules:
    """Read the rules (once per process and folder).

    Raises
    ------
    CatalogError
        If an entry is missing, unknown, or has no number where one is needed.
    """
    found = load_records((folder or catalog_dir()) / FILE, Rule)
    wanted = Rules.__dataclass_fields__
    for name in [*(n for n in wanted if n not in found), *(n for n in found if n not in wanted)]:
        raise CatalogError("disclosure.bad_rule", file=FILE, name=name)
    values: dict[str, object] = {name: found[name].names for name in _LISTS}
    for name in (n for n in wanted if n not in _LISTS):
        value = found[name].value
        if value is None or value < 1:
            raise CatalogError("disclosure.bad_rule", file=FILE, name=name)
        values[name] = value
    return Rules(**values)  # type: ignore[arg-type]
