"""Pages as PDF, printed by the Chromium, Chrome or Edge that the machine has; without one nothing is printed."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

BROWSER_ENV = "PEMBINAAN_CHROMIUM"
MOST_PAGES = 4
"""Pages of a summary at most; where it would be longer it is printed smaller."""
SCALES = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
WINDOWS_PLACES = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
MAC_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
OPTIONS = (
    "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--font-render-hinting=none",
)  # fmt: skip
_TIME = re.compile(rb"/(CreationDate|ModDate) \(D:(\d{14})([^)]*)\)")
_NODE = re.compile(rb"\(node\d{8}\)")
_START_OF_1980 = b"19800101000000"


class Printer(Protocol):
    """Prints pages: `version` names what prints, `print_page` returns the bytes of a PDF."""

    @property
    def version(self) -> str:
        """Name and version of what prints."""

    def print_page(self, page: Path, name: Path) -> bytes:
        """Return a page as PDF; `name` is that of the file in its release."""


def find_browser(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path | None:
    """Return the program named by ``PEMBINAAN_CHROMIUM``, else the first known browser of the machine, else None.

    Parameters
    ----------
    environment
        Environment variables; those of the process by default.
    platform
        As `sys.platform`.
    """
    held = os.environ if environment is None else environment
    if BROWSER_ENV in held:
        named = Path(held[BROWSER_ENV])
        return named if named.is_file() else None
    found = next(filter(None, (shutil.which(name, path=held.get("PATH")) for name in NAMES)), None)
    if found:
        return Path(found)
    return next((path for path in _usual_places(held, platform) if path.is_file()), None)


def _usual_places(environment: Mapping[str, str], platform: str) -> Iterator[Path]:
    if platform == "darwin":
        yield from map(Path, MAC_PLACES)
    for name in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"):
        if name in environment:
            yield from (Path(environment[name]) / place.replace("\\", "/") for place in WINDOWS_PLACES)


@contextmanager
def chromium(browser: Path) -> Iterator[Printer]:
    """Start a browser and give a printer of pages; it is closed at the end.

    Raises
    ------
    playwright.sync_api.Error
        If it does not start.
    ImportError
        If Playwright is not installed.
    """
    from playwright.sync_api import sync_playwright

    options = [*OPTIONS, *(["--no-sandbox"] if _is_root() else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(browser), args=options)
        try:
            yield _Chromium(started)
        finally:
            started.close()


def _is_root() -> bool:
    """Whether the process is root, for whom Chromium has no sandbox (containers)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


class _Chromium:
    """Prints with one open tab."""

    def __init__(self, browser: Any) -> None:
        self.version = f"Chromium {browser.version}"
        self.tab = browser.new_context(offline=True, locale="id-ID", timezone_id="UTC").new_page()

    def print_page(self, page: Path, name: Path) -> bytes:
        self.tab.goto(page.resolve().as_uri())
        printed = b""
        for scale in SCALES:
            printed = self.tab.pdf(
                format="A4", scale=scale, tagged=True, outline=True, prefer_css_page_size=True, print_background=True
            )
            if number_of_pages(printed) <= MOST_PAGES:
                break
        return without_history(printed)


def number_of_pages(pdf: bytes) -> int:
    """Return the number of pages of a PDF."""
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


def without_history(pdf: bytes) -> bytes:
    """Return the PDF without what the browser has done before: when it printed it, and after how many other pages.

    Dates become one fixed day. The cells of tagged tables are known by numbers that go on from page to page; they are
    counted anew in their order. Nothing changes its length, so that no offset in the file does.
    """
    dated = _TIME.sub(lambda found: b"/%b (D:%b%b)" % (found[1], _START_OF_1980, found[3]), pdf)
    known = sorted(set(_NODE.findall(dated)))
    number = {old: b"(node%08d)" % new for new, old in enumerate(known)}
    return _NODE.sub(lambda found: number[found[0]], dated)
