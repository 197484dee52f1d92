"""The supply chain: list of parts (SBOM), licences, known vulnerabilities; each is a verb that fails rather than skips.

``python tools/supply_chain.py sbom FILE`` writes a CycloneDX list of every locked package with its hashes;
``licences`` refuses a package whose licence would bind those who import it; ``audit`` asks the advisory service about
every locked package and fails if the service, or the answer on one package, is missing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "requirements" / "lock.txt"
# The GNU General Public Licence, Affero included, covers works that import the package; the Lesser one does not.
BINDING = re.compile(r"(?<!Lesser )(?<!L)\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
UNKNOWN = ("", "UNKNOWN")
# Packages whose metadata name no licence; read in their source distributions.
READ_IN_SOURCE: Mapping[str, str] = {"axe-playwright-python": "MIT"}


def locked() -> dict[str, str]:
    """Return version by name of every package in the lock file."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    pairs = (re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line) for line in lines)
    return {pair[1].lower(): pair[2] for pair in pairs if pair}


def sbom(target: Path) -> int:
    """Write the CycloneDX list and return the number of its parts."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(LOCK), "--pyproject", "pyproject.toml"]
    command += ["--output-reproducible", "--short-PURLs", "--validate", "-o", str(target)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return len(json.loads(target.read_text(encoding="utf-8"))["components"])


def licences() -> dict[str, str]:
    """Return the licence of every installed package."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {re.sub(r"[-_.]+", "-", item["Name"]).lower(): item["License"] for item in listed}


def refused_licences(found: Mapping[str, str]) -> dict[str, str]:
    """Return packages whose licence binds or is unknown.

    Parameters
    ----------
    found
        Licence by package; several of one package are separated by semicolons or ``OR``, and one that does not bind
        is enough, because the user of a package may choose.
    """
    refused = {}
    for name, licence in found.items():
        known = READ_IN_SOURCE.get(name, licence)
        choices = re.split(r"\s+OR\s+|;", known)
        if known.strip() in UNKNOWN or all(BINDING.search(choice) for choice in choices):
            refused[name] = licence
    return refused


def audit(lock: Path = LOCK) -> int:
    """Ask the advisory service about every locked package and return the exit code of the answer.

    The service must answer for each package: ``--strict`` makes one that was skipped an error.
    """
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip", "--strict"]
    done = subprocess.run([*command, "-f", "json"], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        return done.returncode
    answered = {item["name"].lower() for item in json.loads(done.stdout)["dependencies"] if "vulns" in item}
    missing = sorted(set(locked()) - answered) if lock == LOCK else []
    for name in missing:
        print(f"no answer for {name}", file=sys.stderr)
    return 1 if missing or not answered else 0


def main(arguments: list[str]) -> int:
    """Run one verb."""
    verb, *rest = arguments or [""]
    if verb == "sbom":
        print(f"{rest[0]}: {sbom(Path(rest[0]))} packages")
        return 0
    if verb == "licences":
        refused = refused_licences(licences())
        for name, licence in sorted(refused.items()):
            print(f"{name}: {licence}", file=sys.stderr)
        return 1 if refused else 0
    if verb == "audit":
        return audit()
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
