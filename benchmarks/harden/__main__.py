"""All hard tests, one after the other, then the page that is made from their figures.

``python -m benchmarks.harden [--long]``. A test that cannot be carried out leaves its former figures and the exit code
1; so does a figure that does not reach its target.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.harden.table import DOCUMENT, NOT_REACHED, ROWS, document, read_results, state

TESTS = (
    "identifiers", "tables", "releases", "degenerate", "planted", "injection",
    "kernels", "one_bad_region", "surroundings", "disk", "kills", "mutation",
)  # fmt: skip
SHORT_IS_ASKED_FOR = {"injection": ["--short"]}


def carry_out(long: bool) -> list[str]:
    """Run every test in a process of its own and return the names of those that could not be carried out."""
    failed = []
    for name in TESTS:
        print(f"== {name}", flush=True)
        size = ["--long"] if long else SHORT_IS_ASKED_FOR.get(name, [])
        if subprocess.run([sys.executable, "-m", f"benchmarks.harden.{name}", *size], check=False).returncode:
            failed.append(name)
    return failed


def main(long: bool) -> int:
    """Run all, write the page, say what is not as it should be, and return the exit code."""
    failed = carry_out(long)
    results = read_results()
    DOCUMENT.write_text(document(results), encoding="utf-8", newline="\n")
    missed = sorted({row.test for row in ROWS if state(row, results.get(row.test)) == NOT_REACHED})
    print(f"not carried out: {failed or 'none'}; not reached: {missed or 'none'}")
    return int(bool(failed or missed))


if __name__ == "__main__":
    sys.exit(main("--long" in sys.argv))
