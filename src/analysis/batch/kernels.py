"""Kernels of the batch as papermill sees them: asked for and let go without waiting longer than there is need."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

ANSWER_SECONDS = 1.0
"""For an answer, after which the kernel is asked again."""
LOOK_AGAIN_MILLISECONDS = 5
"""Between attempts to reach a kernel that does not listen yet."""


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


class BatchManager(AsyncKernelManager):  # type: ignore[misc]
    """Gives such clients."""

    client_factory = Type(BatchClient, klass=AsyncKernelClient)
