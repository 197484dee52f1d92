"""Where the figures of the hard tests are kept; `docs/reliability.md` is made from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"


def write_result(name: str, figures: dict[str, Any]) -> Path:
    """Store the figures of one test as ``harden_<name>.json``."""
    path = RESULTS / f"harden_{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(figures, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
