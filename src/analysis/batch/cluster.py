"""Tasks on the workers of a dask cluster, which share nothing with the driver but a place for results.

pytask stays in charge of what is done. For each task the driver puts what it reads into that place under the name of
its hash, a worker fetches it, works in a folder of its own and puts back what it has made, and the driver takes it
home. A worker that dies takes its tasks with it, and dask gives them to another.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cloudpickle

from analysis.batch.environment import environment_sha256, region_code_sha256
from analysis.batch.tasks import Job, Pages, make_pages, run_notebook, write_whole
from analysis.locations import exists, join, read_bytes, write_bytes

CONNECT_SECONDS = 60
INPUTS, RESULTS = "inputs", "results"


class WorkerDiffersError(Exception):
    """A worker with other code or packages than the driver: its bytes would differ."""


@dataclass(frozen=True)
class Errand:
    """One task as it travels: names of what it reads in the shared place, by role, and what the driver runs."""

    share: str
    stage: str
    job: Job
    pages: Pages | None
    inputs: dict[str, str]
    code: str
    environment: str
    warm: bool


class Cluster(Executor):
    """Hands tasks to the workers of a dask scheduler.

    Parameters
    ----------
    scheduler
        Its address, for example ``tcp://10.0.0.1:8786``.
    share
        Folder or address that driver and workers can read and write.
    number
        Tasks under way at the same time.
    warm
        Whether workers fork their kernels.
    """

    def __init__(self, scheduler: str, share: str, number: int, warm: bool) -> None:
        from distributed import Client

        connect: Any = Client
        self._client = connect(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        self._share, self._warm = share, warm
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="cluster")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the task among the arguments on the cluster; what it makes lies in place when the future is done."""
        return self._threads.submit(self._do, {"argument": kwargs["task"].argument, **kwargs["kwargs"]})

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the scheduler; workers stay."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        self._client.close()

    def _do(self, given: dict[str, Any]) -> Any:
        from pytask_parallel.wrappers import WrapperResult

        caught = None
        try:
            errand = self._errand(given)
            packed = cloudpickle.dumps(errand)
            name, digest = self._client.submit(carry_out, packed, pure=False, key=_key(errand)).result()
            self._take_home(errand, name, digest, given["target"])
        except Exception as error:
            caught = (type(error), error, "")
        return WrapperResult(carry_over_products=None, warning_reports=[], exc_info=caught, stdout="", stderr="")

    def _errand(self, given: dict[str, Any]) -> Errand:
        argument = given["argument"]
        job, pages = argument if isinstance(argument, tuple) else (argument, None)
        files = {"notebook": job.notebook, "slice": job.slice}
        if pages is not None:
            files = {"slice": job.slice, "executed": given["executed"], "plan": pages.plan}
        inputs = {role: self._put(path.read_bytes()) for role, path in files.items()}
        stage = "notebook" if pages is None else "pages"
        hashes = region_code_sha256(), environment_sha256()
        return Errand(self._share, stage, job, pages, inputs, *hashes, self._warm)

    def _put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        place = join(self._share, INPUTS, name)
        if not exists(place):
            write_bytes(place, content)
        return name

    def _take_home(self, errand: Errand, name: str, digest: str, target: Path) -> None:
        content = read_bytes(join(self._share, RESULTS, name))
        if hashlib.sha256(content).hexdigest() != digest:
            raise OSError(f"{name} in {self._share} is not what the worker wrote")
        if errand.pages is None:
            write_whole(target, content)
            return
        folder = errand.pages.folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder / errand.job.name, ignore_errors=True)
        with tarfile.open(fileobj=io.BytesIO(content)) as packed:
            receipt = json.loads(packed.extractfile("receipt.json").read())  # type: ignore[union-attr]
            members = [item for item in packed.getmembers() if item.name != "receipt.json"]
            packed.extractall(folder, members, filter="data")
        write_whole(target, json.dumps(receipt, indent=1).encode())


def _key(errand: Errand) -> str:
    content = json.dumps([errand.stage, errand.job.name, sorted(errand.inputs.items()), errand.code])
    return f"{errand.stage}-{errand.job.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def carry_out(packed: bytes) -> tuple[str, str]:
    """Do a task, a pickled `Errand`, on a worker; return the name of what it made in the shared place, and its hash.

    Raises
    ------
    WorkerDiffersError
        If the worker has other code or packages.
    """
    errand: Errand = cloudpickle.loads(packed)
    if (errand.code, errand.environment) != (region_code_sha256(), environment_sha256()):
        raise WorkerDiffersError("code or packages of this worker are not those of the driver")
    _ready(errand.warm)
    with tempfile.TemporaryDirectory(prefix="pembinaan-") as temporary:
        folder = Path(temporary)
        here = {role: folder / role for role in errand.inputs}
        for role, path in here.items():
            path.write_bytes(read_bytes(join(errand.share, INPUTS, errand.inputs[role])))
        content = _done(errand, here, folder)
    name = f"{_key(errand)}.{'ipynb' if errand.pages is None else 'tar'}"
    write_bytes(join(errand.share, RESULTS, name), content)
    return name, hashlib.sha256(content).hexdigest()


@cache
def _ready(warm: bool) -> None:
    """Make this worker fork its kernels, or start them the ordinary way."""
    from analysis.batch.warm import use_forked_kernels

    use_forked_kernels(warm)


def _done(errand: Errand, here: dict[str, Path], folder: Path) -> bytes:
    job = replace(errand.job, slice=here["slice"])
    target = folder / "made"
    if errand.pages is None:
        run_notebook(replace(job, notebook=here["notebook"]), target)
        return target.read_bytes()
    pages = replace(errand.pages, plan=here["plan"], folder=folder / "regions")
    pages.folder.mkdir()
    make_pages((job, pages), here["executed"], target)
    return _packed(pages.folder / job.name, target)


def _packed(folder: Path, receipt: Path) -> bytes:
    """Return a folder and its receipt as one archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        packed.add(receipt, "receipt.json")
        packed.add(folder, folder.name)
    return buffer.getvalue()
