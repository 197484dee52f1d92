"""Tasks as the workflow engine knows them."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pytask import TaskWithoutPath


@dataclass(kw_only=True)
class Step(TaskWithoutPath):
    """A task whose function is given `argument`, which does not count when it is decided whether it is up to date.

    As a node of its own it would be looked at like all others, for nothing.
    """

    argument: Any = None

    def state(self) -> str:
        """Return the hash of the function's source."""
        return source_sha256(self.function)

    def execute(self, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(argument=self.argument, **kwargs)


@cache
def source_sha256(function: Callable[..., Any]) -> str:
    """Return the hash of a function's source, read once for all tasks: the engine would take it apart for each."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()
