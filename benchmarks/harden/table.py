"""`docs/reliability.md` from the figures of the hard tests.

``python -m benchmarks.harden.table`` writes it anew from ``benchmarks/results/harden_*.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harden.results import RESULTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
ENOUGH_MUTANTS = 300
"""Where not all of several thousand can be tried, so many drawn at random tell the share within five points."""
Figures = Mapping[str, Any]
HOLDS, IN_SHORT, NOT_REACHED, NOT_MEASURED = "holds", "holds in the short form", "**not reached**", "**not measured**"


@dataclass(frozen=True)
class Row:
    """One figure: what is asked of which test, and how it is read from that test's results.

    Parameters
    ----------
    test
        Module of `benchmarks.harden`.
    asked
        Target in words.
    size
        Name of the result that says how much was tried.
    full
        How much the target asks to be tried.
    measured
        The figure in words.
    reached
        Whether it meets the target, however much was tried.
    """

    test: str
    asked: str
    size: str
    full: int
    measured: Callable[[Figures], str]
    reached: Callable[[Figures], bool]


def _none(name: str, words: str) -> tuple[Callable[[Figures], str], Callable[[Figures], bool]]:
    """Read a figure that should be zero."""
    return (lambda found: f"{found[name]:,} {words}", lambda found: found[name] == 0)


def _kernels(found: Figures) -> str:
    return (
        f"{found['published']} published, {found['sound_lost']} sound regions lost, "
        f"{found['processes_left']} processes left"
    )


def _bad(found: Figures) -> str:
    named = "named" if found["named_on_the_index"] and found["named_in_the_message"] else "not named"
    return (
        f"{found['published']} published, exit code {found['exit_code']}, the bad one {named}; "
        f"{found['published_after_repair']} after its repair"
    )


def _score(part: Figures) -> float:
    return float(part["score"])


def _mutation(found: Figures) -> str:
    """Name each part with its interval where it rests on a random sample."""
    told = []
    for name, part in found["parts"].items():
        sample = f" ({part['low']:.1%} to {part['high']:.1%})" if "low" in part else ""
        told.append(f"`{name}` {part['score']:.1%}{sample}: {part['noticed']:,} of {part['mutants']:,}")
    drawn = "all of them" if found["mutants"] == found["of"] else f"drawn at random from {found['of']:,}"
    return f"{'; '.join(told)}; {drawn}"


def _one_is_missing(found: Figures) -> bool:
    asked = (found["regions"] - 1, False, 4, True, True, 0, found["regions"])
    given = ("published", "bad_published", "exit_code", "named_in_the_message", "named_on_the_index",
             "exit_code_after_repair", "published_after_repair")  # fmt: skip
    return tuple(found[name] for name in given) == asked


ROWS = (
    Row(
        "injection", "60 hostile texts in every input: none fires in a browser, with and without the pages' policy, "
        "nor in any file, the terminal or a parameter", "parameters_refused", 60, *_none("fired", "fired"),
    ),
    Row(
        "planted", "no planted identifier in 552 reports", "reports", 552,
        *_none("files_with_a_planted_identifier", "files with one"),
    ),
    Row(
        "identifiers", "at least 99.9% of written NIP are found", "reports", 1000,
        lambda found: f"{found['recall_nip']:.3%}", lambda found: found["recall_nip"] >= 0.999,
    ),
    Row(
        "identifiers", "at least 99.9% of written NIK are found", "reports", 1000,
        lambda found: f"{found['recall_nik']:.3%}", lambda found: found["recall_nik"] >= 0.999,
    ),
    Row(
        "identifiers", "fewer than 1 false alarm in 1,000 reports", "reports", 1000,
        lambda found: f"{found['reports_with_false_alarm']:,} in {found['reports']:,}",
        lambda found: found["reports_with_false_alarm"] * 1000 < found["reports"],
    ),
    Row(
        "tables", "no small cell of 1,000 random systems of tables can be bounded within 5", "systems", 1000,
        *_none("small_cells_bounded", "bounded"),
    ),
    Row(
        "releases", "no cell of 200 pairs of releases can be differenced", "pairs", 200,
        lambda found: f"{found['differenced']} differenced, {found['bounded_after_withholding']} bounded",
        lambda found: found["differenced"] == found["bounded_after_withholding"] == 0,
    ),
    Row(
        "degenerate", "no number of 20 degenerate designs is shown", "designs", 20,
        lambda found: f"{found['numbers_shown']} shown (of a sound design {found['shown_of_a_sound_design']})",
        lambda found: found["numbers_shown"] == 0 and found["shown_of_a_sound_design"] > 0,
    ),
    Row(
        "kernels", "no notebook with one of 12 faults is published; the others are, and no process is left", "runs", 12,
        _kernels, lambda found: found["published"] == found["sound_lost"] == found["processes_left"] == 0,
    ),
    Row(
        "kills", "500 kills: no torn file, the same bytes when taken up, no process left", "kills", 500,
        lambda found: f"{found['torn']} torn, {found['differing']} differing, {found['processes_left']} processes left",
        lambda found: found["torn"] == found["differing"] == found["processes_left"] == 0,
    ),
    Row(
        "disk", "a disk full at 100 points: the old release stays, with a message", "points", 100,
        lambda found: f"{found['old_release_broken']} broken; {found['stopped_by_the_disk']} runs stopped by the disk",
        lambda found: found["old_release_broken"] == 0 < found["stopped_by_the_disk"],
    ),
    Row(
        "one_bad_region", "one damaged region among 552: 551 published, the bad one named", "regions", 552,
        _bad, _one_is_missing,
    ),
    Row(
        "surroundings", "two runs at once, a read-only folder, a leaping clock: each as it should be", "tried", 3,
        lambda found: f"{found['held']} of {found['tried']}", lambda found: found["held"] == found["tried"],
    ),
    Row(
        "mutation", "at least 85% of the changes planted in `validate.py` and in `disclosure/` are noticed by tests",
        "mutants", ENOUGH_MUTANTS, _mutation, lambda found: min(map(_score, found["parts"].values())) >= 0.85,
    ),
)  # fmt: skip
HEAD = """# Reliability

What is done on purpose to break the tool, and what came of it. Every figure is the result of a command. `make harden`
runs all of them in their short form, `make harden LONG=1` in the long one, which takes a night; each writes its figures
to `benchmarks/results/harden_<test>.json`, and this page is made from those files. What was tried on less than is asked
says how much it was; what does not reach its target, or has not been measured, says so.

| What is asked | Measured | Tried | State | Command |
| --- | --- | --- | --- | --- |
"""
TAIL = """
How each test is made is told at the head of its module in `benchmarks/harden/`. What the tool does not protect against
is in [Privacy](privacy.md).
"""


def read_results(folder: Path = RESULTS) -> dict[str, Figures]:
    """Return the stored figures by test."""
    found = sorted(folder.glob("harden_*.json"))
    return {path.stem.removeprefix("harden_"): json.loads(path.read_text(encoding="utf-8")) for path in found}


def state(row: Row, found: Figures | None) -> str:
    """Return whether a target is reached."""
    if found is None:
        return NOT_MEASURED
    if not row.reached(found):
        return NOT_REACHED
    return HOLDS if found[row.size] >= row.full else IN_SHORT


def line(row: Row, found: Figures | None) -> str:
    """Return the row of the table."""
    told, tried = ("–", "–") if found is None else (row.measured(found), f"{found[row.size]:,} of {row.full:,}")
    if found is not None and found[row.size] >= row.full:
        tried = f"{found[row.size]:,}"
    return f"| {row.asked} | {told} | {tried} | {state(row, found)} | {command(row.test)} |\n"


def command(test: str) -> str:
    """Return what carries a test out, a dash where there is nothing yet."""
    return f"`python -m benchmarks.harden.{test}`" if Path(__file__).with_name(f"{test}.py").exists() else "–"


def document(results: Mapping[str, Figures]) -> str:
    """Return the page."""
    return HEAD + "".join(line(row, results.get(row.test)) for row in ROWS) + TAIL


if __name__ == "__main__":
    DOCUMENT.write_text(document(read_results()), encoding="utf-8", newline="\n")
