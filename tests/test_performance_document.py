"""The document on speed says what the committed run found."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_table_has_the_ratios_of_the_run():
    run = json.loads((ROOT / "benchmarks" / "results" / "estimators.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    told = [float(ratio) for ratio in re.findall(r"\| ([\d.]+)(?: times less)? \|$", text, flags=re.MULTILINE)]
    found = [row["ratio"] for row in run["results"]]
    # shown with one decimal below ten and none above
    assert told == [round(ratio, 1 if ratio < 10 else 0) for ratio in found]
