"""Write the files of this folder: ``python tests/files/make_files.py``. Equal input gives equal bytes."""

from __future__ import annotations

from pathlib import Path

from nasty_cases import CASES

FOLDER = Path(__file__).parent


def main() -> None:
    """Write every file and the list of them."""
    lines = [
        "# Files that offices send",
        "",
        "Written by `make_files.py` from `nasty_*.py`, which hold the expected treatment.",
        "",
    ]
    lines += ["| file | table | what is nasty | treatment |", "|---|---|---|---|"]
    for case in CASES:
        (FOLDER / case.file).write_bytes(case.build())
        rules = ", ".join(sorted({rule for rule, _, _ in [*case.errors, *case.warnings]}))
        treatment = ("accepted" if case.values is not None else "refused") + (f": {rules}" if rules else "")
        lines.append(f"| {case.file} | {case.table} | {case.about} | {treatment} |")
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
