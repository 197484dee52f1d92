"""What binds a release by hashes: inputs, code, parameters, environment and outputs."""

from __future__ import annotations

import hashlib
import platform
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.batch import Outcome
from analysis.batch.environment import PACKAGES as KERNEL_PACKAGES
from analysis.batch.environment import region_code_sha256
from analysis.params import RunParams
from analysis.paths import notebooks_dir
from analysis.publish.release import REPORT_PACKAGES, presentation_sha256
from analysis.publish.tables import to_json
from analysis.report.blocks import Block
from analysis.study import file_sha256

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan

_OF_THE_STUDY = ("diff-diff", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels")
_PACKAGES = tuple(sorted({"jupyterlab", *_OF_THE_STUDY, *KERNEL_PACKAGES, *REPORT_PACKAGES}))
"""Whatever can change the bytes of a release: what a verification finds changed is called by its name."""


def region_manifest(planned: Plan, code: str, blocks: Sequence[Block], folder: Path) -> dict[str, Any]:
    """Return what binds inputs, code, parameters, environment and outputs of a region by their hashes.

    Parameters
    ----------
    planned
        The run.
    code
        The region.
    blocks
        The blocks of its report.
    folder
        Its folder, complete but for the manifest and the zip that holds it.
    """
    meta = planned.results.meta
    params = RunParams(code, planned.study)
    outputs = sorted(p.name for p in folder.iterdir() if p.is_file())
    return {
        "run_id": meta["run_id"],
        "data_id": meta["data_id"],
        "synthetic": meta["synthetic"],
        "region": code,
        "parameters": params.as_dict(),
        "parameters_sha256": params.sha256(),
        "inputs": _inputs(meta),
        "code": {
            "version": meta["version"],
            "study_sha256": meta["code_sha256"],
            "report_sha256": region_code_sha256(),
            "claims_sha256": meta["claims_sha256"],
            "notebook_sha256": file_sha256(notebooks_dir() / "policy_report.ipynb"),
        },
        "environment": environment(),
        "environment_sha256": environment_sha256(),
        "blocks": [block.id for block in blocks],
        "outputs": {name: file_sha256(folder / name) for name in outputs},
    }


def release_description(planned: Plan, outcomes: Sequence[Outcome], reports: Mapping[str, str]) -> dict[str, Any]:
    """Return what a release is: its study, half-years, regions, environment, files read, and what printed its PDFs.

    Parameters
    ----------
    planned
        The run.
    outcomes
        What became of its regions.
    reports
        Number of the report by region.
    """
    meta = planned.results.meta
    return {
        "release": planned.target.name,
        "study_folder": planned.study,
        "study_run_id": meta["run_id"],
        "presentation_sha256": presentation_sha256(),
        "synthetic": meta["synthetic"],
        "first_period": meta["first_period"],
        "last_period": meta["last_period"],
        "regions": list(planned.regions),
        "reports": dict(reports),
        "failed": sorted(outcome.name for outcome in outcomes if outcome.error),
        "pdf": planned.printing.printed_by or None,
        "environment": environment(),
        "environment_sha256": environment_sha256(),
        "files": _inputs(meta),
    }


def _inputs(meta: Any) -> list[dict[str, Any]]:
    return [{key: item[key] for key in ("name", "table", "sha256", "rows")} for item in meta["files"]]


@cache
def environment() -> dict[str, Any]:
    """Return the versions that a release depends on."""
    packages = {name: version(name) for name in _PACKAGES}
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "packages": packages,
    }


def environment_sha256() -> str:
    """Hash of `environment`."""
    return hashlib.sha256(to_json(environment()).encode()).hexdigest()
