"""How JupyterLab is started: own kernel, the reader's language, nothing from outside."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nbformat

from analysis import commands
from analysis.batch.widgets import WIDGET_VIEW, without_widgets
from analysis.display.lab import lab_command, lab_environment, lab_settings, write_settings
from analysis.display.progress import with_progress


def test_settings_ask_for_nothing_from_outside(tmp_path):
    settings = json.loads(write_settings(tmp_path, "id").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/translation-extension:plugin"]["locale"] == "id_ID"
    notices = settings["@jupyterlab/apputils-extension:notification"]
    assert notices["fetchNews"] == "false"
    assert notices["checkForUpdates"] is False
    assert lab_settings("en")["@jupyterlab/translation-extension:plugin"]["locale"] == "default"
    command = lab_command(tmp_path, tmp_path)
    assert "--LabApp.extension_manager=readonly" in command
    assert any("NeverCheckForUpdate" in part for part in command)


def test_settings_are_named_as_jupyterlab_names_them():
    from jupyterlab.commands import get_app_dir

    for name, values in lab_settings("id").items():
        package, plugin = name.split(":")
        schema = json.loads((Path(get_app_dir()) / "schemas" / package / f"{plugin}.json").read_text(encoding="utf-8"))
        assert set(values) <= set(schema["properties"])


def test_kernels_are_the_environments_own_and_speak_the_language():
    environment = lab_environment("en", {"OMP_NUM_THREADS": "2"})
    assert environment["JUPYTER_PREFER_ENV_PATH"] == "1"
    assert environment["PEMBINAAN_LANG"] == "en"
    assert environment["OMP_NUM_THREADS"] == "2"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"


def test_the_verb_starts_it_on_the_notebooks_for_people(monkeypatch):
    started = {}

    def run(command, **options):
        folder = next(part.split("=")[1] for part in command if part.startswith("--LabApp.app_settings_dir"))
        started.update(
            command=command, settings=json.loads((Path(folder) / "overrides.json").read_text(encoding="utf-8"))
        )
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    assert commands.lab("id", port=8123, browser=False) == 3
    assert {"--no-browser", "--ServerApp.port=8123"} <= set(started["command"])
    assert any(part.startswith("--ServerApp.root_dir=") and part.endswith("explore") for part in started["command"])
    assert started["settings"] == lab_settings("id")


def test_widgets_leave_their_words_and_no_random_names():
    book = nbformat.v4.new_notebook(metadata={"widgets": {"state": {}}})
    view = {WIDGET_VIEW: {"model_id": "random"}}
    outputs = [
        nbformat.v4.new_output("display_data", data={**view, "text/html": "<p>state</p>", "text/plain": "state"}),
        nbformat.v4.new_output("display_data", data={**view, "text/plain": "HBox()"}),
        nbformat.v4.new_output("stream", text="kept"),
    ]
    book.cells = [nbformat.v4.new_code_cell("x", outputs=outputs), nbformat.v4.new_markdown_cell("y")]
    clean = without_widgets(book)
    assert "widgets" not in clean.metadata
    kept = clean.cells[0].outputs
    assert [output.output_type for output in kept] == ["display_data", "stream"]
    assert set(kept[0].data) == {"text/html", "text/plain"}


def test_progress_shows_steps_and_returns_the_work(capsys):
    def work(step, rows):
        step("study.step_read")
        rows(5, 10, "survey")
        return "done"

    assert with_progress(work, "id") == "done"
    assert capsys.readouterr().out == ""
