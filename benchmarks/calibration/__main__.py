"""Run the calibration study: ``python -m benchmarks.calibration [--simulations N] [--seed S] [--out DIR]``."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from benchmarks.calibration.chart import rejection_chart
from benchmarks.calibration.study import calibrate

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="calibration", description=__doc__)
    parser.add_argument("--simulations", type=int, default=1000, help="simulated studies per design")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    table = calibrate(options.simulations, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out / "calibration.csv", index=False, float_format="%.4f")
    rounded = pd.read_csv(options.out / "calibration.csv")
    (options.out / "calibration.svg").write_text(rejection_chart(rounded), encoding="utf-8")
    print(rounded.to_string(index=False))


if __name__ == "__main__":
    main()
