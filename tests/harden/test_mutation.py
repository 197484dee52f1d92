"""The runner of planted changes: it notices what tests notice, and counts honestly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.harden.mutation import PARTS, ROOT, TESTS, difference, mutants_of, share


def test_every_module_has_tests_of_its_own() -> None:
    changed = {path.stem for paths in PARTS.values() for path in paths if mutants_of(path)}
    assert changed == set(TESTS)
    assert all((ROOT / name).is_file() for names in TESTS.values() for name in names)


def test_changes_are_made_inside_of_functions_and_each_is_another(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("LIMIT = 3\n\n\ndef small(n):\n    return n < LIMIT + 1\n", encoding="utf-8")
    changed = {mutant.source.splitlines()[-1].strip() for mutant in mutants_of(path)}
    assert changed == {"return n <= LIMIT + 1", "return n < LIMIT - 1", "return n < LIMIT + 2"}
    assert {mutant.source.splitlines()[0] for mutant in mutants_of(path)} == {"LIMIT = 3"}
    assert difference("a\nb\n", "a\nc\n").splitlines()[1:] == ["-b", "+c"]


def test_a_sample_is_told_with_its_interval_and_all_without() -> None:
    outcomes = [("a", True)] * 90 + [("a", False)] * 10
    assert share(outcomes, 100) == {"mutants": 100, "of": 100, "noticed": 90, "score": 0.9}
    sample = share(outcomes, 1000)
    # Clopper and Pearson 1934: 90 of 100.
    assert (sample["low"], sample["high"]) == pytest.approx((0.8238, 0.9510), abs=5e-5)


@pytest.mark.slow
def test_weak_tests_are_seen_and_the_code_as_it_is_passes(tmp_path: Path) -> None:
    program = (
        "import json, tempfile; from pathlib import Path; import benchmarks.harden.mutation as m; m.preload();"
        "path = m.SOURCE / 'disclosure' / 'formulas.py'; text = path.read_text();"
        "one = text.replace('return f\"', 'return f\"x'); assert one != text;"
        "place = Path(tempfile.mkdtemp()); tests = m.TESTS['formulas'];"
        "tried = [m.attempt(m.Mutant(path, source, ''), tests, place, 60) for source in"
        " (text, one, text + '\\nraise ValueError')];"
        "tried.append(m.attempt(m.Mutant(path, 'while True: pass', ''), tests, place, 2));"
        "tried.append(m.attempt(m.Mutant(path, text, ''), ('tests/no_such_file.py',), place, 60));"
        "print(json.dumps(tried))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [0, 1, 1, 1, 2]
