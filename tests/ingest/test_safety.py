"""Hostile and broken files are refused quickly, in little memory, and without harm to this process."""

from __future__ import annotations

import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from analysis.ingest import read_table
from analysis.ingest.workbook import read_workbook

HEADER = ["Kode Unit", "Kode Wilayah", "Nama Unit", "Jenis Layanan", "Jumlah Pegawai"]
MOST_SECONDS = 5
MOST_KILOBYTES = 500 * 1024


def corners(path: Path, row: int, column: int) -> Path:
    """Write a workbook of a few kilobytes with one cell far away."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        page.write(row, column, "x")
    return path


def declared_small(path: Path) -> Path:
    """Write the same with a dimension that lies."""
    source = corners(path.with_name("source.xlsx"), 1_048_575, 16_383)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:XFD1048576"', b'ref="A1:E2"'))
    return path


def zip_bomb(path: Path) -> Path:
    """Write a workbook with one part of 300 MB of blanks in 300 kB."""
    source = corners(path.with_name("source.xlsx"), 2, 2)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet2.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * 1024**2)
    return path


BOMBS = {
    "far_cell": (lambda p: corners(p, 1_048_575, 16_383), "range_too_large"),
    "lying_dimension": (declared_small, "range_too_large"),
    "zip_bomb": (zip_bomb, "packed_too_tightly"),
    "area_within_limits": (lambda p: corners(p, 1_048_575, 55), "too_much_memory"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_refused_within_5_seconds_and_500_megabytes(name: str, tmp_path: Path) -> None:
    make, rule = BOMBS[name]
    path = make(tmp_path / "units.xlsx")
    # A process of its own, so that the memory measured is that of this reading (largest of parent and child).
    code = (
        "import resource, sys; from analysis.ingest import read_table; r = read_table(sys.argv[1], 'units');"
        # ru_maxrss of a process starts with its parent's, VmHWM does not.
        "own = next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmHWM'));"
        "child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
        "times = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)];"
        "print(r.findings[0].rule, len(r.findings), own + child, sum(t.ru_utime + t.ru_stime for t in times))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    # Processor time, imports included: the wall clock of a busy machine says nothing about the reading.
    found, count, peak, seconds = done.stdout.split()
    assert (found, count) == (rule, "1")
    assert float(seconds) < MOST_SECONDS
    assert int(peak) < MOST_KILOBYTES


def test_child_cannot_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = corners(tmp_path / "units.xlsx", 40_000, 20)
    monkeypatch.setattr("analysis.ingest.workbook.LEAST_SECONDS", 0.005)
    monkeypatch.setattr("analysis.ingest.workbook.SECONDS_PER_MEGABYTE", 0)
    sheets, findings = read_workbook(path)
    assert sheets == []
    assert findings[0].rule in ("took_too_long", "too_much_memory")


def test_starting_a_child_is_cheap(tmp_path: Path) -> None:
    path = corners(tmp_path / "units.xlsx", 2, 4)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    read_workbook(path)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1.0


def test_a_formula_is_never_written_as_its_old_result(tmp_path: Path) -> None:
    path = tmp_path / "units.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, ["A1", "82", "Dinas", "Umum"])
        page.write_formula(1, 4, "=40+2")
    found = read_table(path, "units")
    assert found.frame is None
    assert [(f.rule, f.row, f.column) for f in found.findings] == [("uncalculated_formula", 2, "Jumlah Pegawai (E)")]
