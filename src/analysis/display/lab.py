"""JupyterLab on the notebooks for people: the environment's own kernel, the reader's language, nothing from outside."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCALES = {"id": "id_ID"}
"""JupyterLab's name of a language for which a package of translations is installed; others see English."""

NEVER = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def lab_settings(lang: str) -> dict[str, dict[str, Any]]:
    """Return defaults of JupyterLab's settings; what a user has chosen for himself goes before them.

    Parameters
    ----------
    lang
        Language of the interface.
    """
    return {
        "@jupyterlab/translation-extension:plugin": {"locale": LOCALES.get(lang, "default")},
        "@jupyterlab/apputils-extension:notification": {
            "checkForUpdates": False,
            "fetchNews": "false",
            "doNotDisturbMode": True,
        },
        "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
    }


def write_settings(folder: Path, lang: str) -> Path:
    """Write the defaults where JupyterLab looks for them."""
    path = folder / "overrides.json"
    path.write_text(json.dumps(lab_settings(lang), indent=1, sort_keys=True), encoding="utf-8")
    return path


def lab_command(notebooks: Path, settings: Path, options: Sequence[str] = ()) -> list[str]:
    """Return the command that starts JupyterLab.

    Parameters
    ----------
    notebooks
        Folder that it opens.
    settings
        Folder of `write_settings`.
    options
        Further options, for example ``--no-browser``.
    """
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={notebooks}",
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.extension_manager=readonly",
        f"--LabApp.check_for_updates_class={NEVER}",
        *options,
    ]


def lab_environment(lang: str, outer: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of the server and its kernels: own kernel first, one thread, the reader's language.

    Parameters
    ----------
    lang
        Language.
    outer
        Environment to start from.
    """
    threads = {name: outer.get(name, "1") for name in ONE_THREAD}
    return {**outer, **threads, "JUPYTER_PREFER_ENV_PATH": "1", "PEMBINAAN_LANG": lang, "PYTHONUTF8": "1"}
