"""Widgets that also say in words what they show, for a reader without a running notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.display.shown import Shown


@dataclass(frozen=True)
class View:
    """A box of widgets with a description of its present state.

    Parameters
    ----------
    box
        The widget.
    state
        Returns the state in words and tables.
    controls
        Widgets that a reader moves, by name; for tests and for setting them from code.
    """

    box: Any
    state: Callable[[], Shown]
    controls: dict[str, Any]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = dict(self.box._repr_mimebundle_())
        state = self.state()
        return bundle | {"text/html": state._repr_html_(), "text/plain": str(state)}

    def __repr__(self) -> str:
        return str(self.state())


def html_box(name: str) -> Any:
    """Return an empty piece of text with a class by which it is found; screen readers are told of its changes."""
    import ipywidgets

    box = ipywidgets.HTML()
    box.add_class(f"pembinaan-{name}")
    return box
