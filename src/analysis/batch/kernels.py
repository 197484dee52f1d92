"""Kernels of the batch as papermill sees them: asked for and let go without waiting longer than there is need."""

from __future__ import annotations

import time
from functools import cache
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode, from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from traitlets import Type, default

ANSWER_SECONDS = 1.0
"""For an answer, after which the kernel is asked again."""
LOOK_AGAIN_MILLISECONDS = 5
"""Between attempts to reach a kernel that does not listen yet."""
ARGUMENTS = ["--HistoryManager.enabled=False"]
"""Of kernels: what a batch runs has no place among what its user has typed."""


class BatchClient(AsyncKernelClient):  # type: ignore[misc]
    """A client that takes its kernel as ready once both channels have answered.

    The usual one then listens for another fifth of a second, to take in what was said so far; nbclient passes over
    messages that answer none of its own, so that nothing is lost without. Nor does it wait a tenth of a second before
    it looks again for a kernel that did not listen yet.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.context.setsockopt(zmq.RECONNECT_IVL, LOOK_AGAIN_MILLISECONDS)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels.

        Raises
        ------
        RuntimeError
            If it has died, or does not answer within `timeout` seconds.
        """
        until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    async def _answers(self) -> bool:
        """Whether the kernel says what it is, and says so on the channel of outputs as well."""
        self.kernel_info()
        try:
            told: dict[str, Any] = await self.get_shell_msg(timeout=ANSWER_SECONDS)
            await self.get_iopub_msg(timeout=ANSWER_SECONDS)
        except Empty:
            return False
        if told["msg_type"] != "kernel_info_reply":
            return False
        self._handle_kernel_info_reply(told)
        return True


class OwnKernelSpecs(KernelSpecManager):  # type: ignore[misc]
    """Knows one kernel, that of the Python which runs this: a kernel that its user has installed may be another."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return it, whatever name a notebook gives."""
        return own_kernel()


@cache
def own_kernel() -> KernelSpec:
    """Return how a kernel of this Python is started."""
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict

    return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict(ARGUMENTS))


class BatchManager(AsyncKernelManager):  # type: ignore[misc]
    """Starts such kernels and gives such clients."""

    client_factory = Type(BatchClient, klass=AsyncKernelClient)

    @default("kernel_spec_manager")
    def _own_kernel_specs(self) -> KernelSpecManager:
        return OwnKernelSpecs(parent=self)


class BatchNotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs cells as papermill does, without its times of each, which no executed copy keeps."""

    def papermill_execute_cells(self) -> None:
        """Run all cells in order, up to the first that fails."""
        for index, cell in enumerate(self.nb.cells):
            try:
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                return

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Keep what a cell gives; a result is kept as it comes, for checking its form takes longer than all else."""
        plain = msg["msg_type"] == "execute_result" and not display_id and not self.clear_before_next_output
        if not plain or self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            given: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
            return given
        content = {name: msg["content"][name] for name in ("data", "metadata", "execution_count")}
        kept: NotebookNode = from_dict({"output_type": "execute_result", **content})  # type: ignore[no-untyped-call]
        outs.append(kept)
        return kept


class BatchEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's engine with such a client."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **settings: Any) -> NotebookNode:
        """Run a notebook."""
        client = BatchNotebookClient(
            nb_man, kernel_name=kernel_name, kernel_manager_class=BatchManager, record_timing=False, **settings
        )
        executed: NotebookNode = client.execute()
        return executed
