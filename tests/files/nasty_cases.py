"""All files of this folder with their expected treatment."""

from __future__ import annotations

from nasty_case import Case
from nasty_contract import CONTRACT, SAFETY
from nasty_layout import HEADERS
from nasty_persons import CODES, PERSONS
from nasty_text import NUMBERS, TEXT_FILES
from nasty_values import ANSWERS, DATES

CASES: list[Case] = [*TEXT_FILES, *NUMBERS, *DATES, *ANSWERS, *HEADERS, *PERSONS, *CODES, *SAFETY, *CONTRACT]

__all__ = ["CASES", "Case"]
