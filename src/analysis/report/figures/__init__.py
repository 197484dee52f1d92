"""Static figures as inline SVG that stays readable at any width.

Horizontal places are percentages and vertical ones pixels, so that a figure fills its column while text, dots and
strokes keep their size. Curves live in an inner drawing that is stretched, with strokes that are not. Colours are
CSS classes (dark mode, print). No script, no style attribute: both would be refused by the pages' security policy.
"""

from analysis.report.figures.bars import (
    axis_labels,
    change_bar,
    element_bar,
    interval_bar,
    share_bar,
    sparkline,
)
from analysis.report.figures.curves import choice_strip, dose_panel, event_panel, specification_panel
from analysis.report.figures.graph import causal_drawing, name_of
from analysis.report.figures.maps import point_map
from analysis.report.figures.scales import Scale, scale, short_period, time_places
from analysis.report.figures.trend import trend_panel

__all__ = [
    "Scale",
    "axis_labels",
    "causal_drawing",
    "change_bar",
    "choice_strip",
    "dose_panel",
    "element_bar",
    "event_panel",
    "interval_bar",
    "name_of",
    "point_map",
    "scale",
    "share_bar",
    "short_period",
    "sparkline",
    "specification_panel",
    "time_places",
    "trend_panel",
]
