"""One damaged region among many: the others are published, and the index names the one that is not.

``python -m benchmarks.harden.one_bad_region [--long]``. The results of a small study are copied under the codes of as
many regions as are wanted, so that the region stage is the real one and only the study stage is not repeated.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.batch.__main__ import enlarged
from benchmarks.harden.results import write_result
from benchmarks.harden.studies import small_study, tree

from analysis import publish
from analysis.batch import Options
from analysis.errors import EXIT_OK, PembinaanError
from analysis.publish.pipeline import Plan
from analysis.study import load_study, stored_study
from analysis.study.slices import slice_path
from analysis.study.store import store_again

REGIONS = {"short": 6, "long": 552}
BAD = 3
"""Which of the regions is damaged, counted from 0."""


def planned_study(folder: Path, regions: int) -> Plan:
    """Return the plan of a study with so many regions, stored as a run would find it."""
    study = small_study(folder / "study")
    store_again(study, enlarged(load_study(study), regions))
    return publish.plan(study, folder / "out")


def damage(path: Path) -> None:
    """Change a byte in the middle of a file: still a table for whoever does not look."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def carry_out(planned: Plan) -> tuple[int, str]:
    """Publish and return the exit code of the command line and what it says."""
    try:
        publish.run(planned, Options(workers=2))
    except PembinaanError as error:
        return error.exit_code, error.message.en
    return EXIT_OK, ""


def main(long: bool) -> dict[str, Any]:
    """Damage one region, publish, and return the figures."""
    n = REGIONS["long" if long else "short"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        planned = planned_study(folder, n)
        bad = planned.regions[BAD]
        stored = slice_path(stored_study(folder / "study"), bad)
        sound = stored.read_bytes()
        damage(stored)
        code, said = carry_out(planned)
        index = (planned.target / "index.html").read_text(encoding="utf-8")
        shown = sorted(path.parent.name for path in planned.target.glob("*/manifest.json"))
        stored.write_bytes(sound)
        repaired, _ = carry_out(planned)
        whole = sorted(path.parent.name for path in planned.target.glob("*/manifest.json"))
        files = len(tree(planned.target))
    return {
        "regions": n,
        "published": len(shown),
        "bad_published": bad in shown,
        "exit_code": code,
        "named_in_the_message": bad in said,
        "named_on_the_index": bad in index,
        "exit_code_after_repair": repaired,
        "published_after_repair": len(whole),
        "files_after_repair": files,
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    figures = main("--long" in sys.argv)
    write_result("one_bad_region", figures)
    print(json.dumps(figures, indent=1))
