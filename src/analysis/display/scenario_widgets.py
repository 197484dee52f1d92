"""The scenario lab as widgets: drag budget and trainer-days, and the allocation follows."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from analysis.catalog import load_catalog
from analysis.display.language import language, words
from analysis.display.scenario_lab import Wish, advised, hours_figure, open_lab, told
from analysis.display.shown import Shown
from analysis.display.view import View, html_box
from analysis.results import StudyResults

WIDE = {"width": "42em"}
STYLE = {"description_width": "18em"}


def scenario_lab(results: StudyResults, region: str, wish: Wish | None = None, lang: str | None = None) -> View:
    """Return the scenario lab, beginning with a region and a wish.

    Parameters
    ----------
    results
        A study.
    region
        Code of the region.
    wish
        Where to begin; the present budget and trainer-days by default.
    lang
        Language; see `analysis.display.language`.
    """
    return _Lab(results, region, wish or Wish(), language(lang)).view()


class _Lab:
    """Holds the widgets and follows them."""

    def __init__(self, results: StudyResults, region: str, wish: Wish, lang: str) -> None:
        self.results, self.lang = results, lang
        regions = load_catalog().regions
        listed = [(f"{code} {regions[code].name}", code) for code in results.regions if code in regions]
        self.controls: dict[str, Any] = {
            "region": widgets.Dropdown(
                options=listed, value=region, description=words("choose.region", lang), layout=WIDE, style=STYLE
            ),
            "budget": self._slider("budget", wish.budget),
            "trainer_days": self._slider("trainer_days", wish.trainer_days),
            "keep_minimum_hours": widgets.Checkbox(
                wish.keep_minimum_hours, description=words("lab_choose.minimum", lang), indent=False, layout=WIDE
            ),
        }
        self.words, self.figure = html_box("allocation"), widgets.Output()
        self.lab = open_lab(results, region)
        self._show()
        for control in self.controls.values():
            control.observe(self._changed, names="value")

    def _slider(self, name: str, value: int) -> widgets.IntSlider:
        label = words(f"lab_choose.{name}", self.lang)
        # The allocation takes a second: it follows when the hand lets go.
        return widgets.IntSlider(
            value, 20, 300, 10, description=label, layout=WIDE, style=STYLE, continuous_update=False
        )

    def wish(self) -> Wish:
        """Return what the widgets say."""
        value = {name: control.value for name, control in self.controls.items()}
        return Wish(value["budget"], value["trainer_days"], value["keep_minimum_hours"])

    def _changed(self, _: Any) -> None:
        if self.controls["region"].value != self.lab.region:
            self.lab = open_lab(self.results, self.controls["region"].value)
        self._show()

    def _show(self) -> None:
        wish = self.wish()
        advice = advised(self.lab, wish)
        self.words.value = told(self.lab, wish, advice, self.lang)._repr_html_()
        self.figure.outputs = (hours_figure(self.lab, advice, self.lang).output(),)

    def state(self) -> Shown:
        """Return wish and allocation in words."""
        return told(self.lab, self.wish(), advised(self.lab, self.wish()), self.lang)

    def view(self) -> View:
        """Return everything in one box."""
        return View(widgets.VBox([*self.controls.values(), self.words, self.figure]), self.state, self.controls)
