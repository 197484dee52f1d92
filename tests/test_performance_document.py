"""The document on speed says what the committed run found."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_table_has_the_ratios_of_the_run():
    run = json.loads((ROOT / "benchmarks" / "results" / "estimators.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    of_estimators = text[: text.index("# Cost of the region stage")]
    told = [float(ratio) for ratio in re.findall(r"\| ([\d.]+)(?: times less)? \|$", of_estimators, flags=re.MULTILINE)]
    found = [row["ratio"] for row in run["results"]]
    # shown with one decimal below ten and none above
    assert told == [round(ratio, 1 if ratio < 10 else 0) for ratio in found]


def test_the_table_of_the_batch_has_the_figures_of_its_run():
    run = json.loads((ROOT / "benchmarks" / "results" / "batch.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    rows = {
        "processor seconds a region": ("first", "cpu_seconds_a_region", 2),
        "reports a minute": ("first", "reports_a_minute", 1),
        "peak memory, MB": ("first", "peak_memory_mb", 0),
        "again with nothing changed, seconds": ("unchanged", "seconds", 1),
        "one region changed, seconds": ("one_changed", "seconds", 1),
    }
    for name, (stage, figure, places) in rows.items():
        told = re.search(rf"^\| {name} \|([^\n]*)$", text, flags=re.MULTILINE)
        assert told is not None, name
        cells = [cell.strip() for cell in told[1].split("|")]
        assert cells[:3] == [f"{run['batch'][size][stage][figure]:.{places}f}" for size in ("12", "100", "552")], name
    assert f"makes {run['times_the_loop']:.0f} times the reports" in text
    assert f"makes {run['times_the_loop_with_slices']:.0f} times its reports" in text


def test_the_table_of_large_files_has_the_figures_of_its_run():
    run = json.loads((ROOT / "benchmarks" / "results" / "intake.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    for row in run["streamed"]:
        cells = f"{row['rows']:,} | {row['file_megabytes']} MB | {row['seconds']:.0f} | {row['megabytes']:,} MB"
        assert f"| {row['table']}, {row['file']} | {cells} |" in text
    beside = run["beside_pandas"]
    assert f"{beside['times_the_seconds']:.1f} times the time and {beside['times_the_megabytes']:.1f} times" in text


def test_the_table_of_a_whole_run_has_the_figures_of_its_run():
    run = json.loads((ROOT / "benchmarks" / "results" / "batch_whole.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    stages = ("first", "unchanged", "one_changed")
    assert {run[stage]["regions"] for stage in stages} == {552}
    for name, figure, places in (
        ("seconds", "seconds", 1),
        ("processor seconds", "cpu_seconds", 0),
        ("peak memory, MB", "peak_memory_mb", 0),
    ):
        cells = " | ".join(f"{run[stage][figure]:,.{places}f}" for stage in stages)
        assert f"| {name} of a whole run | {cells} |" in text, name
