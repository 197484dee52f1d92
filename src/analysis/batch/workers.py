"""Worker processes of one machine, each on its own: one that dies takes down its own task and no other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import cloudpickle

TASK_TIMEOUT_SECONDS = 3600
WORKER_ENV = "PEMBINAAN_WORKER"
"""Where a kernel finds the process that runs it."""


class TaskTimeoutError(Exception):
    """A task that did not end in time; its worker and that worker's kernels were killed."""


class Workers(Executor):
    """Runs each task in one of `number` processes.

    A pool of the standard library is broken as a whole when one of its processes dies, and every waiting task fails
    with it. Here each process is a pool of its own, replaced when it dies.

    Parameters
    ----------
    number
        How many tasks run at the same time.
    warm
        Whether workers are forked with everything imported, and fork their kernels likewise.
    timeout
        Seconds after which a task is given up.
    """

    def __init__(self, number: int, warm: bool, timeout: float = TASK_TIMEOUT_SECONDS) -> None:
        self._warm, self._timeout = warm, timeout
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="region")
        self._free: queue.Queue[ProcessPoolExecutor] = queue.Queue()
        for _ in range(number):
            self._free.put(self._new())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run ``fn(*args, **kwargs)`` in a worker."""
        return self._threads.submit(self._run, cloudpickle.dumps((fn, args, kwargs)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        while not self._free.empty():
            self._free.get().shutdown(wait)

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=_context(self._warm), initializer=prepare, initargs=(self._warm,))

    def _run(self, call: bytes) -> Any:
        worker = self._free.get()
        try:
            return worker.submit(_call, call).result(self._timeout)
        except (BrokenProcessPool, TimeoutError) as error:
            _kill(worker)
            worker = self._new()
            if isinstance(error, TimeoutError):
                raise TaskTimeoutError(f"not done after {self._timeout:.0f} seconds") from None
            raise
        finally:
            self._free.put(worker)


def prepare(warm: bool) -> None:
    """Make a new process ready to run notebooks: it ends with the driver and does not take part in its Ctrl-C."""
    from analysis.batch.warm import leave_with_parent, share_forkserver, use_forked_kernels

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ[WORKER_ENV] = str(os.getpid())
    leave_with_parent()
    if warm:
        share_forkserver()
    use_forked_kernels(warm and forked_without_threads())


def forked_without_threads() -> bool:
    """Whether the forkserver that this worker came from had one thread only, so that kernels may be forked too."""
    import sys

    preload = sys.modules.get("analysis.batch.preload")
    return preload is None or preload.THREADS == 1


def _context(warm: bool) -> Any:
    from analysis.batch.warm import can_fork, context, start_forkserver

    if warm and can_fork():
        start_forkserver()
        return context()
    return multiprocessing.get_context("spawn")


def _call(call: bytes) -> Any:
    fn, args, kwargs = cloudpickle.loads(call)
    return fn(*args, **kwargs)


def _kill(worker: ProcessPoolExecutor) -> None:
    """End a worker with all that it has started: kernels that are no children of it end when they find it gone."""
    import psutil

    for process in list((worker._processes or {}).values()):
        with contextlib.suppress(psutil.Error):
            known = psutil.Process(process.pid)
            for one in (*known.children(recursive=True), known):
                with contextlib.suppress(psutil.Error):
                    one.kill()
    worker.shutdown(wait=False, cancel_futures=True)
