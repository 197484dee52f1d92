"""The causal graph as widgets: add and remove arrows, and see what is still identified."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.claims import load_declared
from analysis.display.assumptions import Edit, claims_of_graph, consequences, declared_states, graph_figure, told
from analysis.display.language import language, words
from analysis.display.shown import Shown
from analysis.display.view import View, html_box
from analysis.errors import PembinaanError

WIDE = {"width": "34em"}
STYLE = {"description_width": "10em"}


def graph_editor(panel: pd.DataFrame, edit: Edit | None = None, lang: str | None = None) -> View:
    """Return the editor of the causal graph, beginning with an edit.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    edit
        Where to begin; the declared graph by default.
    lang
        Language; see `analysis.display.language`.
    """
    return _Editor(panel, edit or Edit(), language(lang)).view()


class _Editor:
    """Holds the widgets and follows them."""

    def __init__(self, panel: pd.DataFrame, edit: Edit, lang: str) -> None:
        self.panel, self.edit, self.lang = panel, edit, lang
        self.before = declared_states(panel)
        nodes, claims = load_declared().graph, load_declared().claims
        labels = sorted((node.label.text(lang), key) for key, node in nodes.items())
        listed = [(claims[key].label.text(lang), key) for key in claims_of_graph()]
        self.controls: dict[str, Any] = {
            "claim": self._dropdown("claim", listed, listed[0][1]),
            "cause": self._dropdown("cause", labels, "trainers"),
            "effect": self._dropdown("effect", labels, "quality"),
            "add": self._button("add", self._add),
            "remove": self._button("remove", self._remove),
            "reset": self._button("reset", self._reset),
        }
        self.words, self.figure = html_box("consequences"), widgets.Output()
        self.error = html_box("refused")
        self.controls["claim"].observe(lambda _: self._show(), names="value")
        self._show()

    def _dropdown(self, name: str, options: list[tuple[str, str]], value: str) -> widgets.Dropdown:
        label = words(f"graph_choose.{name}", self.lang)
        return widgets.Dropdown(options=options, value=value, description=label, layout=WIDE, style=STYLE)

    def _button(self, name: str, action: Any) -> widgets.Button:
        button = widgets.Button(description=words(f"graph_choose.{name}", self.lang), layout={"width": "auto"})
        button.add_class(f"pembinaan-{name}")
        button.on_click(lambda _: action())
        return button

    def _add(self) -> None:
        self._try(self.edit.adding(self.controls["cause"].value, self.controls["effect"].value))

    def _remove(self) -> None:
        self._try(self.edit.removing(self.controls["cause"].value, self.controls["effect"].value))

    def _reset(self) -> None:
        self._try(Edit())

    def _try(self, edit: Edit) -> None:
        """Apply an edit; one that closes a circle, or removes what is not there, is refused with its reason."""
        before, self.edit = self.edit, edit
        try:
            self._show()
            self.error.value = ""
        except PembinaanError as error:
            self.edit = before
            self.error.value = Shown((error.message.text(self.lang),), self.lang)._repr_html_()

    def _show(self) -> None:
        found = consequences(self.panel, self.edit, before=self.before)
        self.words.value = told(found, self.edit, self.lang)._repr_html_()
        wanted = self.controls["claim"].value
        (one,) = [item for item in found if item.claim.key == wanted]
        self.figure.outputs = (graph_figure(one, self.edit, self.lang).output(),)

    def state(self) -> Shown:
        """Return edit and consequences in words."""
        return told(consequences(self.panel, self.edit, before=self.before), self.edit, self.lang)

    def view(self) -> View:
        """Return everything in one box."""
        controls = self.controls
        buttons = widgets.HBox([controls["add"], controls["remove"], controls["reset"]])
        arrows = widgets.VBox([controls["cause"], controls["effect"], buttons, self.error])
        box = widgets.VBox([arrows, self.words, controls["claim"], self.figure])
        return View(box, self.state, controls)
