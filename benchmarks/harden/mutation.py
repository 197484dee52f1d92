"""Changes planted one at a time in the code that protects persons: how many of them do its tests notice?

``python -m benchmarks.harden.mutation [--long | --sample N] [--only MODULE] [--seed N] [--show]``. The changes are
those of mutmut: another number, comparison, operator or word, an argument left out, a value that becomes None, inside
of every function of `validate.py` and `disclosure/`. Each is tried in a fork of one process that has loaded everything
but the changed code, with the tests of its module alone; a test that fails or does not end notices it. The short form
tries a random sample of each of the two, the long one all; ``--show`` prints what was not noticed. Linux or macOS.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from benchmarks.harden.results import write_result
from scipy import stats

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "analysis"
SEED = 20_250_817
SHORT = 300
"""Changes drawn from each part: they tell a share of nine tenths within four points, in about five minutes."""
PARTS = {"validate.py": [SOURCE / "validate.py"], "disclosure": sorted((SOURCE / "disclosure").glob("*.py"))}
TESTS = {
    "validate": ("tests/test_validate.py",),
    "cells": ("tests/disclosure/test_cells.py",),
    "decode": ("tests/disclosure/test_decode.py", "tests/disclosure/test_gate.py"),
    "fingerprints": ("tests/disclosure/test_fingerprints.py",),
    "formulas": ("tests/disclosure/test_cells.py",),
    "gate": ("tests/disclosure/test_own.py", "tests/disclosure/test_gate.py"),
    "indices": ("tests/disclosure/test_ledger.py",),
    "ledger": ("tests/disclosure/test_ledger.py",),
    "models": ("tests/disclosure/test_models.py",),
    "own": ("tests/disclosure/test_own.py",),
    "patterns": ("tests/disclosure/test_patterns.py",),
    "releases": ("tests/disclosure/test_ledger.py",),
    "roster": ("tests/disclosure/test_roster.py", "tests/disclosure/test_fingerprints.py"),
    "rules": ("tests/disclosure/test_cells.py",),
    "secondary": ("tests/disclosure/test_secondary.py",),
    "words": ("tests/disclosure/test_fingerprints.py",),
}
CONFIDENCE = 0.95
SURVIVED, NOTICED, BROKEN = 0, 1, 2
LEAST_SECONDS, TIMES_AS_LONG, MOST_SECONDS = 10.0, 5.0, 600.0
ROOM_BYTES = 4 << 30


@dataclass(frozen=True)
class Mutant:
    """One change: the file, its changed source, and the change as a reader sees it."""

    path: Path
    source: str
    change: str

    @property
    def module(self) -> str:
        """Dotted name of the changed module."""
        return ".".join(self.path.relative_to(SOURCE.parent).with_suffix("").parts)


class Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Loads one module from a changed source, with the name and the file of the original."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._source = mutant.source

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        """Answer for the changed module alone."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed source; what is stored compiled is that of the original."""
        return compile(self._source, self.path, "exec")


def mutants_of(path: Path) -> list[Mutant]:
    """Return every change of a file, one after the other."""
    from mutmut.mutation.file_mutation import create_mutations

    text = path.read_text(encoding="utf-8")
    module, found, _, _ = create_mutations(str(path), text)
    made = []
    for mutation in found:
        if mutation.contained_by_top_level_function is not None:
            changed = module.deep_replace(mutation.original_node, mutation.mutated_node).code
            made.append(Mutant(path, changed, difference(text, changed)))
    return made


def difference(text: str, changed: str) -> str:
    """Return the lines that differ, without their surroundings."""
    lines = difflib.unified_diff(text.splitlines(), changed.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def preload() -> None:
    """Import all that the tests need and that does not rest on the code under test."""
    import docx  # noqa: F401
    import hypothesis
    import openpyxl  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pypdf  # noqa: F401
    import pytest_timeout  # noqa: F401
    import scipy.optimize
    import scipy.sparse.csgraph  # noqa: F401

    from analysis.catalog import load_catalog
    from analysis.ingest import StudyInput  # noqa: F401
    from analysis.published import load_published

    load_published(load_catalog())
    if any(name.startswith(("analysis.disclosure", "analysis.validate")) for name in sys.modules):
        raise RuntimeError("the code under test was loaded before it could be changed")
    # The same examples every time, and none that fails for want of time on a busy machine.
    everything = list(hypothesis.HealthCheck)
    hypothesis.settings.register_profile(
        "mutation", derandomize=True, database=None, deadline=None, suppress_health_check=everything
    )
    hypothesis.settings.load_profile("mutation")
    # Plugins that these tests do not need take longer to load than the tests to run.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    gc.freeze()


def attempt(mutant: Mutant, tests: Sequence[str], place: Path, seconds: float) -> int:
    """Run tests on a changed source in a fork and say what came of it."""
    child = os.fork()
    if child == 0:
        _in_the_fork(mutant, tests, place)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else NOTICED
        time.sleep(0.01)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return NOTICED


def _in_the_fork(mutant: Mutant, tests: Sequence[str], place: Path) -> None:
    """Never returns: ends the process with what came of it."""
    outcome = BROKEN
    try:
        os.setpgid(0, 0)
        os.chdir(place)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        # A change that asks for more and more memory ends itself, not the machine.
        resource.setrlimit(resource.RLIMIT_DATA, (ROOM_BYTES, ROOM_BYTES))
        sys.meta_path.insert(0, Changed(mutant))
        outcome = _outcome(tests, place)
    finally:
        os._exit(outcome)


def _outcome(tests: Sequence[str], place: Path) -> int:
    import pytest

    options = ["-x", "-q", "--tb=no", "--noconftest", "-p", "pytest_timeout", "-p", "no:cacheprovider", "-p",
               "no:unraisableexception", f"--rootdir={ROOT}", f"--basetemp={place / 't'}", "-c",
               str(ROOT / "pyproject.toml")]  # fmt: skip
    code = pytest.main([*options, *(str(ROOT / name) for name in tests)])
    if code == pytest.ExitCode.OK:
        return SURVIVED
    # Anything but a mistake of this program: a test fails, a module cannot be imported, memory runs out.
    return BROKEN if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED) else NOTICED


def time_limits(paths: Iterable[Path], place: Path) -> dict[str, float]:
    """Return how long the tests of each module may take; all have to pass on the code as it is, loaded like a change.

    Raises
    ------
    RuntimeError
        If they do not: then they would notice anything.
    """
    limits = {}
    for path in sorted(set(paths)):
        start = time.monotonic()
        unchanged = Mutant(path, path.read_text(encoding="utf-8"), "")
        if attempt(unchanged, TESTS[path.stem], place, MOST_SECONDS) != SURVIVED:
            raise RuntimeError(f"the tests of {path.stem} do not pass on the code as it is")
        limits[path.stem] = max(LEAST_SECONDS, TIMES_AS_LONG * (time.monotonic() - start))
    return limits


def chosen(count: int | None, only: str | None, seed: int) -> dict[str, tuple[int, list[Mutant]]]:
    """Return by part how many changes there are and those to try; all without `count`."""
    found = {}
    for part, paths in PARTS.items():
        every = [mutant for path in paths if only in (None, path.stem) for mutant in mutants_of(path)]
        few = count is not None and count < len(every)
        found[part] = (len(every), random.Random(seed).sample(every, count) if few and count else every)
    return found


def tried(drawn: list[Mutant], limits: dict[str, float], place: Path, show: bool) -> list[tuple[str, bool]]:
    """Return of each change its module and whether it was noticed.

    Raises
    ------
    RuntimeError
        If tests could not be run at all.
    """
    outcomes = []
    for mutant in drawn:
        name = mutant.path.stem
        outcome = attempt(mutant, TESTS[name], place, limits[name])
        if outcome == BROKEN:
            raise RuntimeError(f"the tests of {name} could not be run")
        outcomes.append((name, outcome == NOTICED))
        if show and outcome == SURVIVED:
            print(f"{name}: {mutant.change}", flush=True)
    return outcomes


def share(outcomes: Sequence[tuple[str, bool]], of: int) -> dict[str, float]:
    """Return how many changes were noticed, with the exact binomial interval where they are a sample."""
    n, noticed = len(outcomes), sum(hit for _, hit in outcomes)
    score = noticed / n if n else float("nan")
    found: dict[str, float] = {"mutants": n, "of": of, "noticed": noticed, "score": score}
    if n and n < of:
        interval = stats.binomtest(noticed, n).proportion_ci(CONFIDENCE, "exact")
        found |= {"low": float(interval.low), "high": float(interval.high)}
    return found


def main(count: int | None, only: str | None, seed: int, show: bool) -> dict[str, Any]:
    """Try the changes and return the figures; the score of both parts together weighs each by its changes."""
    preload()
    drawn = chosen(count, only, seed)
    parts: dict[str, dict[str, float]] = {}
    outcomes: list[tuple[str, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        limits = time_limits((mutant.path for _, few in drawn.values() for mutant in few), Path(folder))
        for part, (of, few) in drawn.items():
            if few:
                found = tried(few, limits, Path(folder), show)
                parts[part] = share(found, of)
                outcomes += found
    every = sum(part["of"] for part in parts.values())
    modules = {name: [hit for at, hit in outcomes if at == name] for name in sorted({at for at, _ in outcomes})}
    return {
        "score": sum(part["score"] * part["of"] for part in parts.values()) / every,
        "mutants": len(outcomes),
        "of": every,
        "parts": parts,
        "by_module": {name: {"mutants": len(hits), "noticed": sum(hits)} for name, hits in modules.items()},
        "seed": seed,
    }


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--sample", type=int, default=SHORT)
    parser.add_argument("--only", choices=sorted(TESTS))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    given = options()
    figures = main(None if given.long else given.sample, given.only, given.seed, given.show)
    print(json.dumps(figures, indent=1))
    if given.only is None:
        write_result("mutation", figures)
