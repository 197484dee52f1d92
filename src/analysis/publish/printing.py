"""Whether the summaries of a release are printed as PDF, with what, and why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import UsageError
from analysis.exports import Printer, find_browser
from analysis.exports.pdf import chromium
from analysis.messages import Message
from analysis.publish.release import RELEASE_FILE


@dataclass(frozen=True)
class Printing:
    """How PDFs come about.

    Parameters
    ----------
    printed_by
        Name and version of what prints; ``""`` if nothing does.
    browser
        Its program; None where PDFs are not printed.
    taken_from
        Release whose PDFs are taken over, for a comparison on a machine without the browser that printed them.
    why_not
        Why no PDF is printed, for the command line.
    """

    printed_by: str = ""
    browser: Path | None = None
    taken_from: Path | None = None
    why_not: Message | None = None

    @contextmanager
    def printer(self) -> Iterator[Printer | None]:
        """Give the printer, or None.

        Raises
        ------
        UsageError
            If the browser stops while it prints.
        """
        if self.taken_from:
            yield _Taken(self.printed_by, self.taken_from)
        elif self.browser is None:
            yield None
        else:
            with _plainly(self.browser), chromium(self.browser) as printer:
                yield printer


@dataclass(frozen=True)
class _Taken:
    """Gives the PDFs of another release, by the name of the file."""

    version: str
    folder: Path

    def print_page(self, page: Path, name: Path) -> bytes:
        """Return the PDF called `name` in the other release."""
        return (self.folder / name).read_bytes()


def find_printing(wanted: bool = True) -> Printing:
    """Look for a browser that prints, and start it once to know its version."""
    if not wanted:
        return Printing(why_not=Message("site.cli.pdf_off"))
    browser = find_browser()
    if browser is None:
        return Printing(why_not=Message("site.cli.no_browser"))
    try:
        with chromium(browser) as printer:
            return Printing(printer.version, browser)
    except ImportError:
        return Printing(why_not=Message("site.cli.no_playwright"))
    except Exception as error:  # whatever keeps a browser from starting must not keep a report from being published
        why = {"browser": str(browser), "detail": _first_line(error)}
        return Printing(why_not=Message("site.cli.pdf_failed", why))


def printing_of(printed_by: str | None, release: Path) -> Printing:
    """Return how the PDFs of a release are made again: by the same browser if it is here, else taken from it."""
    if not printed_by:
        return Printing()
    here = find_printing()
    return here if here.printed_by == printed_by else Printing(printed_by, taken_from=release)


def taken_over(release: Path) -> str | None:
    """Return what printed the PDFs of a release if it is not here, so that a comparison takes them as they are."""
    described = json.loads((release / RELEASE_FILE).read_text(encoding="utf-8"))
    printing = printing_of(described.get("pdf"), release)
    return printing.printed_by if printing.taken_from else None


@contextmanager
def _plainly(browser: Path) -> Iterator[None]:
    """Turn an error of the browser into a message that says what to do."""
    from playwright.sync_api import Error

    try:
        yield
    except Error as error:
        raise UsageError("site.print_failed", browser=str(browser), detail=_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
