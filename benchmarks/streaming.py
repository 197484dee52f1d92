"""Memory and time of summing large microdata, and the ratio to reading the same file with plain pandas.

``python benchmarks/streaming.py [--answers 50000000] [--records 20000000] [--pandas 5000000]``

Every measurement runs in a process of its own; memory is its largest resident size. The figures are written to
``benchmarks/results/intake.json``.
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
RESULTS = Path(__file__).parent / "results" / "intake.json"

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


def streamed(template: str, n: int, path: Path, table: str) -> dict[str, object]:
    """Write a file, sum it, remove it, and return what that took."""
    size = write(template, n, path).stat().st_size // 1024**2
    found = {"table": table, "file": path.suffix[1:], "file_megabytes": size, **measure(STREAM, path, table)}
    path.unlink()
    print(found, flush=True)
    return found


def compared(n: int, path: Path) -> dict[str, object]:
    """Return the same with plain pandas beside it, and the ratios."""
    write(SURVEY, n, path)
    ours, plain = measure(STREAM, path, "survey"), measure(PANDAS, path, "survey")
    ratios = {f"times_the_{name}": round(ours[name] / plain[name], 2) for name in ("seconds", "megabytes")}
    return {"rows": ours["rows"], "streamed": ours, "pandas": plain, **ratios}


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=50_000_000)
    parser.add_argument("--records", type=int, default=20_000_000)
    parser.add_argument("--pandas", type=int, default=5_000_000, help="answers in the file for the comparison")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place, answers = Path(folder), options.answers // ELEMENTS
        large = [streamed(SURVEY, answers, place / f"survey.{kind}", "survey") for kind in ("parquet", "csv")]
        large.append(streamed(TRAINING, options.records, place / "training.parquet", "training"))
        found = {"elements": ELEMENTS, "streamed": large, "beside_pandas": compared(
            options.pandas // ELEMENTS, place / "small.csv"
        )}  # fmt: skip
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found["beside_pandas"], indent=1))


if __name__ == "__main__":
    main()
