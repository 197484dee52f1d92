"""What the page checks find on this machine: Chromium and the checkers that npm installs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""A browser that fetches nothing for itself and runs in a container as well."""


def chromium() -> str:
    """Path of the browser; without one the test is skipped, in CI it fails."""
    found = next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM") or "", *NAMES, MAC))), None)
    return found or missing("no Chromium on this machine: pages were not opened (make browser installs one)")


def checker(name: str) -> str:
    """Path of a program in ``node_modules/.bin``; without it the test is skipped, in CI it fails."""
    path = MODULES / ".bin" / name
    return str(path) if path.exists() else missing(f"{name} is not installed (make browser installs it)")


def missing(reason: str) -> NoReturn:
    """Skip the test with a plain reason, but never in CI: there everything has to be measured."""
    if os.environ.get("CI"):
        pytest.fail(f"CI measures every page: {reason}", pytrace=False)
    pytest.skip(reason)
