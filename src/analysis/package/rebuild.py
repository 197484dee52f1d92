"""Rebuild the tables of this package from its inputs and compare them byte by byte.

``python rebuild.py`` makes an environment from the locked requirements (the only step that needs a package index),
runs the study and compares. ``--no-install`` uses the Python that runs this script. ``--inputs FOLDER`` takes the
original files instead of those in the package and compares with the published tables.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
DIFFERENT = 5


def main() -> int:
    """Rebuild and compare; return the exit code (0 the same, 5 different)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--inputs", type=Path)
    given = parser.parse_args()
    python = sys.executable if given.no_install else installed_python()
    inputs, expected = (given.inputs, "published") if given.inputs else (HERE / "inputs", "expected")
    rebuild(python, inputs.resolve(), HERE / "rebuilt")
    return compare(HERE / expected, HERE / "rebuilt")


def installed_python() -> str:
    """Make the environment from the locked requirements and return its Python."""
    home = HERE / "environment"
    venv.create(home, with_pip=True, clear=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    lock = HERE / "code" / "requirements" / "lock.txt"
    subprocess.run([str(python), "-m", "pip", "install", "--require-hashes", "-r", str(lock)], check=True)
    return str(python)


def rebuild(python: str, inputs: Path, target: Path) -> None:
    """Run the study on `inputs` and write its tables into `target`."""
    code = HERE / "code"
    surroundings = {**os.environ, **THREADS, "PYTHONPATH": str(code / "src"), "PEMBINAAN_HOME": str(code)}
    command = [python, "-m", "analysis.package", str(inputs), str(target)]
    regions = sorted(p.name for p in (HERE / "published").iterdir())
    subprocess.run([*command, *regions], env=surroundings, cwd=code, check=True)


def compare(expected: Path, found: Path) -> int:
    """Say which tables are the same."""
    different = 0
    for path in sorted(expected.rglob("*.csv")):
        name = path.relative_to(expected)
        same = (found / name).exists() and (found / name).read_bytes() == path.read_bytes()
        different += not same
        print(f"{'same     ' if same else 'DIFFERENT'}  {name.as_posix()}")
    return DIFFERENT if different else 0


if __name__ == "__main__":
    sys.exit(main())
