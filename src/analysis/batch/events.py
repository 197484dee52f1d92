"""A log that other programs can read: one JSON object a line for everything that happens to a region."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Emit = Callable[..., None]


def no_events(event: str, **values: Any) -> None:
    """Take an event and leave it."""


@dataclass(frozen=True)
class EventLog:
    """Appends events to a file, each at once, so that it can be followed and survives a kill.

    Every line has ``event`` (``started``, ``task_started``, ``task_done``, ``task_failed``, ``task_unchanged``,
    ``retry``, ``finished``) and ``time`` (seconds since 1970); tasks have ``region`` and ``stage`` (``notebook`` or
    ``pages``), failures ``error``, ends ``seconds``.
    """

    path: Path

    def __call__(self, event: str, **values: Any) -> None:
        """Append one event."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **values}, ensure_ascii=False)
        with self.path.open("a", encoding="utf-8") as handle:
            handle.write(line + "\n")
