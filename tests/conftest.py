"""What tests share: a small study of its own folder, and a release made from it once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from analysis import publish  # noqa: E402  (threads are set before numpy is imported)
from analysis.batch import Options  # noqa: E402
from analysis.synthetic import write_sample  # noqa: E402

SMALL_REGIONS = 3
SMALL_PERIODS = 6


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of the three starting regions, as office files."""
    folder = tmp_path_factory.mktemp("study") / "small"
    write_sample(folder, n_regions=SMALL_REGIONS, n_periods=SMALL_PERIODS, seed=7)
    return folder


@pytest.fixture(scope="session")
def small_release(small_study: Path, tmp_path_factory: pytest.TempPathFactory) -> publish.Released:
    """A release of the small study."""
    out = tmp_path_factory.mktemp("reports")
    return publish.run(publish.plan(small_study, out), options=Options(workers=2))
