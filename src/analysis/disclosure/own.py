"""The short hashes by which a release names itself: one of them may happen to have digits only.

Twelve digits of chance are now and then those of a telephone number, sixteen those of a NIK. By their form they cannot
be told apart; but what the release's own description says is its run, or the beginning of a hash, is no person's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DESCRIPTIONS = ("release.json", "manifest.json")
SHORT_LENGTHS = (12, 16)
_RUNS = frozenset({"data_id", "run_id", "study_run_id"})
_RUN = re.compile(r"[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def own_ids(folder: Path) -> frozenset[str]:
    """Return the short hashes that a release names in its description and the manifests of its regions.

    Parameters
    ----------
    folder
        The release: ``release.json`` in it, ``manifest.json`` in the folders of its regions. What cannot be read
        names nothing.
    """
    paths = [path for name in DESCRIPTIONS for path in (folder / name, *folder.glob(f"*/{name}"))]
    return frozenset(short for path in paths if path.is_file() for short in _named(_plain(path)))


def _plain(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None


def _named(plain: Any, key: str = "") -> Iterator[str]:
    """Yield runs, and the beginnings of full hashes, that stand under the keys made for them."""
    if isinstance(plain, dict):
        for name, value in plain.items():
            yield from _named(value, name)
    elif isinstance(plain, list):
        for value in plain:
            yield from _named(value)
    elif isinstance(plain, str) and key in _RUNS and _RUN.fullmatch(plain):
        yield plain
    elif isinstance(plain, str) and key.endswith("sha256") and _DIGEST.fullmatch(plain):
        yield from (plain[:length] for length in SHORT_LENGTHS)
