"""Cost of a whole run beyond the study stage: regions, synthesis, index, search for persons, checksums, release.

``python -m benchmarks.batch.whole [N]`` stores the results of a small study under the codes of `N` regions (552 by
default), loads and publishes them without PDF, then again with nothing changed, and again with the units of one region
renamed. The figures go to ``benchmarks/results/batch_whole.json``. The time between two steps of a run is put down to
the first.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.batch.__main__ import Meter, enlarged, processor_seconds
from benchmarks.harden.studies import small_study

from analysis import publish
from analysis.batch import Options
from analysis.publish.pipeline import Progress
from analysis.results import StudyResults
from analysis.study import load_study
from analysis.study.store import store_again

REGIONS = 552
WORKERS = 2
RESULTS = Path(__file__).parents[1] / "results" / "batch_whole.json"


def store(study: Path, results: StudyResults) -> None:
    """Store results as those of a study whose files have just changed."""
    with (study / "study.yml").open("a", encoding="utf-8") as opened:
        opened.write("\n")
    run_id = load_study(study).meta["run_id"]
    store_again(study, replace(results, meta={**results.meta, "run_id": run_id}))


def run(study: Path, out: Path, n: int) -> dict[str, Any]:
    """Publish a stored study and return what it costs, in all and by step."""
    marks: list[tuple[str, float]] = []

    def step(key: str) -> None:
        marks.append((key.removeprefix("cli.step_"), processor_seconds()))

    with Meter() as meter:
        step("load")
        publish.run(publish.plan(study, out), Options(WORKERS), Progress(step=step))
        step("end")
    by_step = {name: round(after - before, 1) for (name, before), (_, after) in itertools.pairwise(marks)}
    return meter.figures(n) | {"cpu_seconds_by_step": by_step}


def one_renamed(results: StudyResults) -> StudyResults:
    """The results with the units of the first region under another name."""
    panel, code = results.panel, results.regions[0]
    return replace(
        results, panel=panel.assign(unit_name=panel["unit_name"].where(panel["region_code"] != code, "Dinas"))
    )


def main(n: int) -> dict[str, Any]:
    """Publish three times and return the figures."""
    with tempfile.TemporaryDirectory(prefix="pembinaan-bench-") as temporary:
        study, out = small_study(Path(temporary) / "study"), Path(temporary) / "out"
        small = load_study(study)
        store(study, enlarged(small, n))
        found = {"first": run(study, out, n), "unchanged": run(study, out, n)}
        store(study, one_renamed(enlarged(small, n)))
        found["one_changed"] = run(study, out, n)
    return found


if __name__ == "__main__":
    figures = main(int(sys.argv[1]) if len(sys.argv) > 1 else REGIONS)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))
