"""What the page checks find on this machine: Chromium and the checkers that npm installs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from analysis.exports.pdf import find_browser

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
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
    found = find_browser()
    return str(found) if found else missing("no Chromium on this machine: pages were not opened (see make browser)")


def checker(name: str) -> str:
    """Path of a program in ``node_modules/.bin``; without it the test is skipped, in CI it fails."""
    path = MODULES / ".bin" / name
    return str(path) if path.exists() else missing(f"{name} is not installed: nothing was measured (see make browser)")


def missing(reason: str) -> NoReturn:
    """Skip the test with a plain reason, but never in CI: there everything has to be measured."""
    if os.environ.get("CI"):
        pytest.fail(f"CI measures every page: {reason}", pytrace=False)
    pytest.skip(reason)
