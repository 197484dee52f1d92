"""What the checks in a browser share: the browser, a site from the whole pipeline, and where it is served."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright
from tests.browser.machine import ARGUMENTS, chromium
from tests.browser.server import serving

from analysis import publish


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; tests are skipped without one, in CI they fail.

    It ends with its module: other tests of the same process start a driver of their own, and two cannot run at once.
    """
    path = chromium()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A release of three regions through the whole pipeline, built once for all processes of this run.

    It lies beside what a site has for all releases. ``RELEASE=folder`` checks a release that is there already.
    """
    if "RELEASE" in os.environ:
        return Path(os.environ["RELEASE"]).absolute()
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "shelf"
    with FileLock(shared.with_suffix(".lock")):
        if not shared.exists():
            released: publish.Released = request.getfixturevalue("small_release")
            shutil.copytree(released.folder.parent, shared.with_suffix(".part"), symlinks=True)
            shared.with_suffix(".part").rename(shared)
    return shared / "latest"


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served on this machine."""
    with serving(site.parent) as found:
        yield f"{found}{site.name}/"
