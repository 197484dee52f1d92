"""Yes and no, as offices write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from analysis.ingest.headers import plain

YES = frozenset({"ya", "iya", "yes", "y", "1", "benar", "betul", "true", "sudah"})
NO = frozenset({"tidak", "tdk", "tak", "no", "n", "0", "salah", "false", "belum", "f", "bukan"})
# "T" is "tidak" beside "Y", and "true" beside "F"; alone it is neither.
_TWO_FACED = "t"
_T_MEANS_NO = frozenset({"y", "ya", "iya"})
_T_MEANS_YES = frozenset({"f"})


def read_yes_no(text: str, others: Iterable[str] = ()) -> bool | Literal["unclear"] | None:
    """Read one cell that says yes or no.

    Parameters
    ----------
    text
        Such as ``"Ya"``, ``"tidak"``, ``"yes"``, ``"no"``, ``"Y"``, ``"T"``, ``"1"``, ``"0"``, ``"benar"``.
    others
        All texts of the column; they tell whether ``"T"`` is "tidak" (beside ``"Y"``) or "true" (beside ``"F"``).

    Returns
    -------
    bool, ``"unclear"`` or None
        ``"unclear"`` for a ``"T"`` that nothing settles and for "tidak ada" (no, or no answer?); None for a text
        that is neither, ``"2"`` and check marks among them: forms use them for either.
    """
    word = plain(text)
    if word in YES or word in NO:
        return word in YES
    if word == _TWO_FACED:
        beside = {plain(other) for other in others}
        says_no, says_yes = bool(beside & _T_MEANS_NO), bool(beside & _T_MEANS_YES)
        return "unclear" if says_no == says_yes else says_yes
    return "unclear" if word == "tidak ada" else None
