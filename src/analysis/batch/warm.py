"""Kernels forked from a forkserver that has imported what a region's notebook needs: real kernels, started at once.

The forkserver is that of the standard library's `multiprocessing`; batch workers come from it as well and let their
kernels be forked from the same one. Linux and macOS only; elsewhere, on request, and where the forkserver turns out to
have threads, kernels are started the ordinary way. Both ways give the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from multiprocessing import forkserver, spawn
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.batch.environment import KERNEL_ENVIRONMENT

NAME, ORDINARY = "pembinaan-forked", "pembinaan-ordinary"
LOG_ENV = "PEMBINAAN_KERNEL_LOG"
LET_GO_SECONDS = 0.1
PRELOAD = ["analysis.batch.preload"]
QUIET_STREAM = "analysis.batch.streams.QuietStream"
_TERMINAL_FREE = {"display.max_columns": 20, "display.width": 80}
"""What pandas takes on in a kernel; in the forkserver it finds no terminal and chooses otherwise."""


def can_fork() -> bool:
    """Whether kernels can be forked here."""
    return sys.platform in ("linux", "darwin") and not multiprocessing.current_process().daemon


def context() -> Any:
    """Return the context whose processes are forked from the forkserver, with the recorded modules imported."""
    chosen = type(multiprocessing.get_context("forkserver"))()
    chosen.set_forkserver_preload(PRELOAD)
    chosen.Process = ApartProcess  # type: ignore[misc]
    return chosen


class ApartProcess(getattr(multiprocessing.context, "ForkServerProcess", object)):  # type: ignore[misc]
    """A forked process that does not import the program which the driver was started as.

    The standard library has every process do so, every kernel included: a third of what a region takes, if the program
    imports something that is not recorded; and a script without a guard would run itself again in each.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name in the standard library
        with _without_program():
            return multiprocessing.context.ForkServerProcess._Popen(process_obj)  # type: ignore[attr-defined]


_STARTING = threading.Lock()


@contextlib.contextmanager
def _without_program() -> Iterator[None]:
    """Leave the driver's program out of what a new process is told, while one is started."""
    with _STARTING:
        told = spawn.get_preparation_data
        spawn.get_preparation_data = lambda name: {
            key: value for key, value in told(name).items() if not key.startswith("init_main")
        }
        try:
            yield
        finally:
            spawn.get_preparation_data = told


def start_forkserver() -> None:
    """Start the forkserver in the environment of kernels: hash seed and threads are settled when Python starts."""
    kept = dict(os.environ)
    os.environ.update(KERNEL_ENVIRONMENT)
    os.environ.pop("JPY_PARENT_PID", None)
    try:
        context()
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(kept)


def share_forkserver() -> None:
    """Let a process that was forked from a forkserver have its own children forked from the same one.

    The standard library hands the server's address down for that, but would start another server all the same.
    """
    server = _server()
    if server._forkserver_address and server._forkserver_pid is None:
        server.ensure_running = lambda: None


def _server() -> Any:
    """Return what this process knows of the forkserver."""
    return forkserver._forkserver  # type: ignore[attr-defined]


def use_forked_kernels(wanted: bool = True) -> bool:
    """Make forked kernels (or ordinary ones) the default of this process; whether they are forked from now on."""
    factory = KernelProvisionerFactory.instance()
    for name, kind in ((NAME, ForkProvisioner), (ORDINARY, GroupProvisioner)):
        factory.provisioners[name] = EntryPoint(name, f"{__name__}:{kind.__name__}", factory.GROUP_NAME)
    forked = wanted and can_fork()
    if forked and _server()._forkserver_address is None:
        start_forkserver()
    factory.default_provisioner_name = NAME if forked else ORDINARY
    return forked


class GroupProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Starts a kernel as a program; when it has gone, so has all that it started, even if it died of itself."""

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and see it gone: who asks would look again only after a tenth of a second."""
        await super().kill(restart)
        until = time.monotonic() + LET_GO_SECONDS
        while await self.poll() is None and time.monotonic() < until:
            await asyncio.sleep(LET_GO_SECONDS / 50)

    async def cleanup(self, restart: bool = False) -> None:
        """End what is left of the kernel's process group."""
        await super().cleanup(restart)
        if self.pgid and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self.pgid, signal.SIGKILL)


class ForkProvisioner(GroupProvisioner):
    """Starts a kernel by forking; everything else is as for a kernel that was started as a program."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel that listens where `cmd` says."""
        program = find_spec("ipykernel_launcher")
        arguments = [str(program.origin if program else "ipykernel_launcher"), *cmd[cmd.index("-f") :]]
        environment = dict(kwargs.get("env") or os.environ)
        environment.pop("JPY_PARENT_PID", None)
        process = context().Process(target=run_kernel, args=(arguments, environment, kwargs.get("cwd")))
        process.start()
        self.process = ForkedProcess(process)  # type: ignore[assignment]
        self.pid, self.cwd = process.pid, kwargs.get("cwd", os.getcwd())
        self.pgid = process.pid  # the kernel makes itself the leader of a group, so that its children end with it
        return self.connection_info


class ForkedProcess:
    """A forked process with the methods of `subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self._process, self.pid = process, process.pid

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        code: int | None = self._process.exitcode
        return code

    def wait(self) -> int | None:
        """Wait for the end and return the exit code."""
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def run_kernel(arguments: list[str], environment: dict[str, str], folder: str | None) -> None:
    """Be a kernel, in a process that was just forked."""
    leave_with_parent()
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    with contextlib.suppress(OSError):
        os.chdir(folder or ".")
    _write_to(environment.get(LOG_ENV))
    sys.argv = arguments
    _as_freshly_imported()
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance(outstream_class=QUIET_STREAM)
    app.initialize(arguments[1:])
    app.log.setLevel(app.log_level)  # else each message is told in detail to handlers that drop it
    app.start()


def leave_with_parent() -> None:
    """End this process when the one that asked for it has gone, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_leave, args=(parent,), daemon=True).start()


def _wait_and_leave(parent: Any) -> None:
    parent.join()
    with contextlib.suppress(OSError):
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _write_to(log: str | None) -> None:
    """Send what is written past Python into the log of the run, as an ordinary kernel inherits it."""
    if log:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(target, 1)
        os.dup2(target, 2)
        os.close(target)


def _as_freshly_imported() -> None:
    """Undo what differs between a module imported in the forkserver and one imported in a kernel."""
    import numpy as np
    import pandas as pd

    np.random.seed()  # the legacy generator's state would be the same in every fork
    for name, value in _TERMINAL_FREE.items():
        pd.set_option(name, value)
