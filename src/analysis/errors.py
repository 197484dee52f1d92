"""Errors that a user can mend, each class with its own exit code; never shown with a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from analysis.messages import Message

EXIT_OK = 0
EXIT_USAGE = 2
EXIT_DATA_REFUSED = 3
EXIT_SOME_REGIONS_FAILED = 4
EXIT_VERIFICATION_DIFFERS = 5
EXIT_DISCLOSURE_REFUSED = 6
EXIT_LOCKED = 7


class PembinaanError(Exception):
    """Base of all errors that carry a message in the reader's language.

    Parameters
    ----------
    key
        Key of the text in the catalogues.
    values
        Values of its placeholders.
    """

    exit_code = EXIT_USAGE

    def __init__(self, key: str, **values: Any) -> None:
        self.message = Message(key, values)
        super().__init__(str(self.message))

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: the reader cannot mend our call stack."""
        return [self.message.id, self.message.en]


class UsageError(PembinaanError):
    """A wrong argument, parameter, region or path."""


class CatalogError(PembinaanError):
    """A mistake in the catalog's own files."""


class DataRefusedError(PembinaanError):
    """Input files that break the data contract."""

    exit_code = EXIT_DATA_REFUSED


class RegionsFailedError(PembinaanError):
    """Some regions failed while the others were published."""

    exit_code = EXIT_SOME_REGIONS_FAILED


class VerificationError(PembinaanError):
    """A release that differs from what its inputs give."""

    exit_code = EXIT_VERIFICATION_DIFFERS


class DisclosureError(PembinaanError):
    """Output that would reveal a person."""

    exit_code = EXIT_DISCLOSURE_REFUSED


class LockedError(PembinaanError):
    """Another run holds the folder."""

    exit_code = EXIT_LOCKED


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like `name`, or ``""``.

    Examples
    --------
    >>> closest("traning_hours", ["training_hours", "leadership"])
    'training_hours'
    """
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return found[0] if found else ""
