"""Memory and time of summing large microdata, and the ratio to reading the same file with plain pandas.

``python benchmarks/streaming.py [--answers 50000000] [--records 20000000] [--pandas 5000000]``

Every measurement runs in a process of its own; memory is its largest resident size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

UNITS, PERIODS, ELEMENTS = 20_000, 10, 9

SURVEY = """
COPY (SELECT 'U' || (i % {units}) AS "Kode Unit", '202' || (i % 5) || '-S' || (1 + i % 2) AS "Periode",
      i AS "Nomor Responden", {elements} FROM range({n}) t(i)) TO '{path}' ({options})
"""
TRAINING = """
COPY (SELECT 'U' || (i % {units}) AS "Kode Unit", 'Semester ' || (CASE i % 2 WHEN 0 THEN 'I' ELSE 'II' END) || ' 202'
      || (i % 5) AS "Periode", {nip} AS "NIP",
      ['Pelatihan', 'Seminar', 'Magang', 'E-learning'][1 + i % 4] AS "Bentuk",
      ['Pelayanan prima', 'Etika', 'Arsip'][1 + i % 3] AS "Topik", 1 + i % 40 AS "JP", 50000 * (1 + i % 40) AS "Biaya"
      FROM range({n}) t(i)) TO '{path}' ({options})
"""

# About a million officers; birth date, month of appointment, sex, serial number.
OFFICER = "(i * 7919 % 999983)"
NIP = (
    f"printf('%04d%02d%02d2015031%03d', 1965 + {OFFICER} % 35, 1 + {OFFICER} // 35 % 12, 1 + {OFFICER} // 420 % 28, "
    f"1 + {OFFICER} // 11760 % 999)"
)

STREAM = """
import json, sys, time
from analysis.ingest.stream import aggregate_survey, aggregate_training
start = time.perf_counter()
found = {"survey": aggregate_survey, "training": aggregate_training}[sys.argv[2]](sys.argv[1])
assert found.frame is not None, [f.message.en for f in found.findings]
rows = int(found.frame["n"].sum())
"""
PANDAS = """
import json, sys, time
import pandas as pd
start = time.perf_counter()
frame = pd.read_csv(sys.argv[1]) if sys.argv[1].endswith("csv") else pd.read_parquet(sys.argv[1])
U = [c for c in frame if c[0] == "U"]
out = frame.groupby(["Kode Unit", "Periode"])[U or ["JP", "Biaya"]].agg(["sum", "count"])
rows = len(frame)
"""
REPORT = """
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"rows": rows, "seconds": round(time.perf_counter() - start, 1), "megabytes": round(peak / 1024)}))
"""


def write(template: str, n: int, path: Path) -> Path:
    """Write a file of `n` rows."""
    options = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER"
    elements = ", ".join(f"1 + (i * {7 + k} + i // 13) % 4 AS U{k}" for k in range(1, ELEMENTS + 1))
    duckdb.sql(template.format(n=n, path=path, options=options, units=UNITS, elements=elements, nip=NIP))
    return path


def measure(code: str, path: Path, table: str) -> dict[str, float]:
    """Run a reading in a new process."""
    command = [sys.executable, "-c", code + REPORT, str(path), table]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def main() -> None:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=50_000_000)
    parser.add_argument("--records", type=int, default=20_000_000)
    parser.add_argument("--pandas", type=int, default=5_000_000, help="answers in the file for the comparison")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".parquet", ".csv"):
            path = write(SURVEY, options.answers // ELEMENTS, Path(folder) / f"survey{suffix}")
            print("survey", suffix, path.stat().st_size // 1024**2, "MB", measure(STREAM, path, "survey"), flush=True)
            path.unlink()
        path = write(TRAINING, options.records, Path(folder) / "training.parquet")
        print("training .parquet", path.stat().st_size // 1024**2, "MB", measure(STREAM, path, "training"), flush=True)
        path.unlink()
        small = write(SURVEY, options.pandas // ELEMENTS, Path(folder) / "small.csv")
        ours, plain = measure(STREAM, small, "survey"), measure(PANDAS, small, "survey")
        print("comparison .csv: stream", ours, "pandas", plain)
        print("ratio of time", round(ours["seconds"] / plain["seconds"], 2))
        print("ratio of memory", round(ours["megabytes"] / plain["megabytes"], 2))


if __name__ == "__main__":
    main()
