"""Answers on a scale, as numbers or as the words of the questionnaire."""

from __future__ import annotations

import re

from analysis.ingest.headers import plain

# Permenpan RB 14/2017, annex: words of the nine questions. "Tidak ada" (U8) is also a way to say "no answer".
_FOUR_WORDS = (
    "tidak sesuai|tidak mudah|tidak cepat|tidak kompeten|tidak mampu|tidak sopan dan ramah|tidak sopan|sangat mahal|"
    "tidak baik|tidak puas|sangat tidak puas|sangat buruk|sangat tidak setuju|tidak jelas",
    "kurang sesuai|kurang mudah|kurang cepat|kurang kompeten|kurang mampu|kurang sopan dan ramah|kurang sopan|"
    "cukup mahal|kurang baik|kurang puas|ada tetapi tidak berfungsi|kurang jelas",
    "sesuai|mudah|cepat|kompeten|mampu|sopan dan ramah|sopan|murah|baik|puas|berfungsi kurang maksimal|jelas",
    "sangat sesuai|sangat mudah|sangat cepat|sangat kompeten|sangat mampu|sangat sopan dan ramah|sangat sopan|gratis|"
    "sangat baik|sangat puas|dikelola dengan baik|sangat jelas|sangat setuju",
)
_FOUR = {word: score for score, words in enumerate(_FOUR_WORDS, start=1) for word in words.split("|")}
# "Kurang setuju" stands second on some forms and third on others: it is not here.
_FIVE = {
    **{"sangat tidak setuju": 1, "sts": 1, "strongly disagree": 1, "tidak pernah": 1, "sangat buruk": 1},
    **{"tidak setuju": 2, "ts": 2, "disagree": 2, "jarang": 2, "buruk": 2},
    **{"netral": 3, "ragu ragu": 3, "n": 3, "rr": 3, "neutral": 3, "kadang kadang": 3, "cukup": 3},
    **{"setuju": 4, "s": 4, "agree": 4, "sering": 4, "baik": 4},
    **{"sangat setuju": 5, "ss": 5, "strongly agree": 5, "selalu": 5, "sangat baik": 5},
}
# Words that mean different answers to different questions.
_OF_ELEMENT = {"U8": {"tidak ada": 1}, "U9": {"buruk": 1, "cukup": 2}}


def words_of(name: str, most: float) -> dict[str, int]:
    """Return the words of a question, in plain form, with their scores."""
    words = {plain(word): score for word, score in (_FOUR if most == 4 else _FIVE).items()}
    return {**words, **_OF_ELEMENT.get(name, {})}


def read_score(text: str, words: dict[str, int]) -> float | None:
    """Read one answer.

    Parameters
    ----------
    text
        ``"3"``, ``"Baik"``, or both as in ``"3 - Baik"`` and ``"Baik (3)"``: then they have to agree.
    words
        From `words_of`.
    """
    stated = re.fullmatch(r"([0-9])(?:[.,]0+)?", text.strip())
    if stated:
        return float(stated[1])
    if plain(text) in words:
        return float(words[plain(text)])
    both = re.fullmatch(r"([1-5]) (.+)", plain(text)) or re.fullmatch(r"(.+) ([1-5])", plain(text))
    if both is None:
        return None
    digit, word = (both[1], both[2]) if both[1].isdigit() else (both[2], both[1])
    return float(digit) if words.get(word) == int(digit) else None
