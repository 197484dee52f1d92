"""The notebooks for people in a real JupyterLab: opened, run, a widget moved, and the estimate follows."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis.display.lab import lab_command, lab_environment, write_settings
from analysis.paths import notebooks_dir, sample_dir
from analysis.study import load_study

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "for-this-test-only"
NOTEBOOKS = (
    "explorer",
    "assumptions",
    "scenario_lab",
    "tutorial",
    "add_an_estimator",
    "validation",
    "published_scores",
)
START_SECONDS, RUN_MILLISECONDS, MOVE_MILLISECONDS = 90, 300_000, 60_000
OPEN = """() => { const now = window.jupyterapp?.shell.currentWidget;
  return !!now?.sessionContext?.isReady && now.content.widgets.length > 3
    && now.sessionContext.session?.kernel?.status === "idle"; }"""
DONE = """() => { const now = window.jupyterapp.shell.currentWidget;
  return now.sessionContext.session?.kernel?.status === "idle"
    && now.content.widgets.every(cell => cell.model.type !== "code" || cell.model.executionCount !== null); }"""
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(
  cell => cell.model.type === "code" ? cell.model.outputs.toJSON() : [])
  .filter(output => output.output_type === "error").map(output => output.ename + ": " + output.evalue)"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """A JupyterLab as `pembinaan lab` starts it, on copies of the notebooks."""
    load_study(sample_dir())
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(notebooks_dir() / "explore", folder / "notebooks")
    write_settings(folder, "id")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    options += ["--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]
    places = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    places |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"), "IPYTHONDIR": str(folder / "ipython")}
    places |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "user")}
    command = lab_command(folder / "notebooks", folder, options)
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(command, env=lab_environment("id", os.environ | places), stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/api?token={TOKEN}", server, folder / "log.txt")
            yield address
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.3)
    pytest.fail(f"JupyterLab did not start: {log.read_text(encoding='utf-8')[-2000:]}", pytrace=False)


class Watched:
    """A page with what it asked from elsewhere and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page, self.outside, self.errors = page, list[str](), list[str]()
        page.on("request", self._request)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _request(self, request: Any) -> None:
        found = urlparse(request.url)
        if found.scheme not in ("data", "blob") and found.hostname != "127.0.0.1":
            self.outside.append(request.url)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
    yield Watched(context.new_page())
    context.close()


def open_and_run(watched: Watched, lab: str, name: str) -> Page:
    page = watched.page
    page.goto(f"{lab}/lab/workspaces/{name}/tree/{name}.ipynb?token={TOKEN}")
    page.wait_for_function(OPEN, timeout=90_000)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(DONE, timeout=RUN_MILLISECONDS)
    assert page.evaluate(ERRORS) == []
    return page


def estimate_in(text: str) -> str:
    """First figure before a parenthesis: the estimate of the sentence."""
    found = re.search(r"([−\d.,]+) \(", text.replace("(25–100)", "").replace("(JP", ""))
    assert found, text
    return found[1]


def close(page: Page) -> None:
    """End the kernel, so that seven of them do not stay in memory."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def test_the_explorer_follows_its_widgets(watched: Watched, lab: str) -> None:
    page = open_and_run(watched, lab, "explorer")
    assert page.locator(".jp-DirListing-header").get_by_text("Nama", exact=True).is_visible()
    reading, code = page.locator(".pembinaan-reading"), page.locator(".pembinaan-code textarea")
    expect(reading).to_contain_text("CRV1", timeout=MOVE_MILLISECONDS)
    first, program = str(reading.text_content()), code.input_value()
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    expect(reading).to_contain_text("1 semester sebelumnya", timeout=MOVE_MILLISECONDS)
    expect(code).to_have_value(re.compile("training_hours_lag1"))
    lagged = str(reading.text_content())
    assert estimate_in(lagged) != estimate_in(first)
    page.locator(".widget-dropdown select").first.select_option(label="15.09 Kabupaten Tebo")
    expect(reading).to_contain_text(" 1 wilayah", timeout=MOVE_MILLISECONDS)
    expect(code).to_have_value(re.compile(r"'15\.09'"))
    assert estimate_in(str(reading.text_content())) != estimate_in(lagged)
    assert code.input_value() != program
    assert page.locator(".jp-OutputArea .js-plotly-plot").count() >= 1
    close(page)
    assert watched.outside == []
    assert watched.errors == []


def changed(page: Page, place: str, before: str) -> str:
    """Wait until a text in the page is another one, and return it."""
    other = "([place, before]) => document.querySelector(place).textContent !== before"
    page.wait_for_function(other, arg=[place, before], timeout=MOVE_MILLISECONDS)
    return str(page.locator(place).text_content())


def test_the_scenario_lab_follows_its_widgets(watched: Watched, lab: str) -> None:
    page = open_and_run(watched, lab, "scenario_lab")
    first = str(page.locator(".pembinaan-allocation").text_content())
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    more = changed(page, ".pembinaan-allocation", first)
    assert re.findall(r"\d+", more) != re.findall(r"\d+", first)
    close(page)
    assert watched.outside == []
    assert watched.errors == []


def test_the_graph_editor_follows_its_buttons(watched: Watched, lab: str) -> None:
    page = open_and_run(watched, lab, "assumptions")
    edited = str(page.locator(".pembinaan-consequences").text_content())
    page.locator(".pembinaan-reset").click()
    declared = changed(page, ".pembinaan-consequences", edited)
    page.locator(".pembinaan-add").click()
    assert changed(page, ".pembinaan-consequences", declared) == edited
    close(page)
    assert watched.outside == []
    assert watched.errors == []


@pytest.mark.parametrize("name", NOTEBOOKS[3:])
def test_every_other_notebook_runs_without_complaint(watched: Watched, lab: str, name: str) -> None:
    page = open_and_run(watched, lab, name)
    close(page)
    assert watched.outside == []
    assert watched.errors == []
