"""What a region's bytes depend on beside its slice: the kernels' environment, the code of the region stage."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analysis.paths import catalog_dir

# Set before a kernel starts: threads change sums, the hash seed changes set order, plotly picks its renderer and
# IPython names its cells from these; the allocator of Arrow would start a thread when it is imported, and what has
# threads must not be forked; the debugger that nobody uses would complain.
KERNEL_ENVIRONMENT = {
    "IPYKERNEL_CELL_NAME": "<cell>",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "LC_ALL": "C.UTF-8",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PLOTLY_RENDERER": "plotly_mimetype",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "RAYON_NUM_THREADS": "1",
    "TZ": "UTC",
}

NOT_OF_THE_REGION_STAGE = {
    "__main__.py",
    "batch",
    "cli.py",
    "commands.py",
    "dictionary.py",
    "doctor",
    "doctor.py",
    "estimators",
    "ingest",
    "locations.py",
    "published_study.py",
    "synthetic",
    "validate.py",
    "validation_study",
}
"""Code that no kernel of a region and no page runs: a change of it re-runs nothing unless it changes a slice."""
PACKAGES = (
    "babel",
    "ipykernel",
    "ipython",
    "jinja2",
    "nbclient",
    "nbconvert",
    "nbformat",
    "nh3",
    "numpy",
    "pandas",
    "papermill",
    "plotly",
    "pyarrow",
    "python-docx",
    "scipy",
    "xlsxwriter",
)
_KINDS = {".css", ".j2", ".js", ".po", ".py", ".svg"}


@cache
def region_code_sha256() -> str:
    """Hash of the code, texts and templates of the region stage, and of the catalog that it reads."""
    package = Path(__file__).parents[1]
    code = [p for p in package.rglob("*") if p.suffix in _KINDS and _counts(p.relative_to(package).parts[0])]
    data = [p for p in catalog_dir().glob("*.*") if p.is_file()]
    digest = hashlib.sha256()
    for path in sorted(code) + sorted(data):
        digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _counts(top: str) -> bool:
    return top not in NOT_OF_THE_REGION_STAGE


@cache
def environment_sha256() -> str:
    """Hash of the versions and variables that an executed notebook depends on."""
    lines = [f"python\0{platform.python_version()}", *(f"{name}\0{version(name)}" for name in PACKAGES)]
    lines += [f"{name}\0{value}" for name, value in sorted(KERNEL_ENVIRONMENT.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
