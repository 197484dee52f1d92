"""The explorer as widgets: choose, and estimate, checks and curve follow."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.catalog import load_catalog
from analysis.display.explorer import CONTROLS, MOST_LAGS, OUTCOMES, TREATMENTS, Choice, Reading, code_of, read
from analysis.display.explorer_shown import choice_table, curve_figure, reading
from analysis.display.language import language, words
from analysis.display.results import column_label
from analysis.display.shown import Shown
from analysis.display.view import View, html_box
from analysis.spec import COVARIANCES

WIDE = {"width": "34em"}


def explorer(panel: pd.DataFrame, choice: Choice | None = None, lang: str | None = None) -> View:
    """Return the explorer, beginning with a choice.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    choice
        Where to begin.
    lang
        Language; see `analysis.display.language`.
    """
    return _Explorer(panel, choice or Choice(), language(lang)).view()


class _Explorer:
    """Holds the widgets and follows them."""

    def __init__(self, panel: pd.DataFrame, choice: Choice, lang: str) -> None:
        self.panel, self.lang = panel, lang
        self.controls = self._made(choice)
        self.words, self.figure = html_box("reading"), widgets.Output()
        self.code = widgets.Textarea(layout={"width": "44em", "height": "17em"}, disabled=False)
        self.code.add_class("pembinaan-code")
        self.found: Reading = read(panel, choice)
        self._show()
        for control in self.controls.values():
            control.observe(self._changed, names="value")

    def _made(self, choice: Choice) -> dict[str, Any]:
        catalog = load_catalog()
        codes = sorted(self.panel["region_code"].unique())
        regions = [(words("all_regions", self.lang), "")]
        regions += [
            (f"{code} {catalog.regions[code].name}" if code in catalog.regions else code, code) for code in codes
        ]
        known = [name for name in TREATMENTS if name in self.panel.columns]
        outcomes = [name for name in OUTCOMES if name in self.panel.columns]
        made = {
            "region": self._dropdown("region", regions, choice.region or ""),
            "outcome": self._dropdown("outcome", self._labelled(outcomes), choice.outcome),
            "treatment": self._dropdown("treatment", self._labelled(known), choice.treatment),
            "covariance": self._dropdown("covariance", list(COVARIANCES), choice.covariance),
            "lags": widgets.IntSlider(
                choice.lags, 0, MOST_LAGS, description=words("choose.lags", self.lang), layout=WIDE, style=_style()
            ),
            "weighted": widgets.Checkbox(
                choice.weighted, description=words("choose.weighted", self.lang), indent=False
            ),
        }
        for name in CONTROLS:
            if name in self.panel.columns:
                label = column_label(name, self.lang)
                made[name] = widgets.Checkbox(name in choice.controls, description=label, indent=False, layout=WIDE)
        return made

    def _labelled(self, names: list[str]) -> list[tuple[str, str]]:
        return [(column_label(name, self.lang), name) for name in names]

    def _dropdown(self, name: str, options: list[Any], value: str) -> widgets.Dropdown:
        label = words(f"choose.{name}", self.lang)
        return widgets.Dropdown(options=options, value=value, description=label, layout=WIDE, style=_style())

    def choice(self) -> Choice:
        """Return what the widgets say."""
        value = {name: control.value for name, control in self.controls.items()}
        return Choice(
            region=value["region"] or None,
            outcome=value["outcome"],
            treatment=value["treatment"],
            controls=tuple(name for name in CONTROLS if value.get(name)),
            covariance=value["covariance"],
            lags=value["lags"],
            weighted=value["weighted"],
        )

    def _changed(self, _: Any) -> None:
        self.found = read(self.panel, self.choice())
        self._show()

    def _show(self) -> None:
        self.words.value = reading(self.found, self.lang)._repr_html_()
        self.figure.outputs = (curve_figure(self.found, self.lang).output(),)
        self.code.value = code_of(self.found.choice)

    def state(self) -> Shown:
        """Return choice and reading in words."""
        parts = choice_table(self.found, self.lang).parts + reading(self.found, self.lang).parts
        return Shown(parts, self.lang)

    def view(self) -> View:
        """Return everything in one box."""
        chosen = [control for name, control in self.controls.items() if name not in CONTROLS]
        held = [control for name, control in self.controls.items() if name in CONTROLS]
        heading = widgets.Label(words("choose.controls", self.lang))
        sides = [widgets.VBox(chosen), widgets.VBox([heading, *held])]
        code = widgets.VBox([widgets.Label(words("as_code", self.lang)), self.code])
        box = widgets.VBox([widgets.HBox(sides, layout={"flex_flow": "row wrap"}), self.words, self.figure, code])
        return View(box, self.state, self.controls)


def _style() -> dict[str, str]:
    return {"description_width": "12em"}
