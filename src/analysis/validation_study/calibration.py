"""How often tests and intervals keep their word: the committed calibration study of ``benchmarks/calibration``."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analysis.messages import Message
from analysis.paths import project_dir

PARTS = ("few clusters", "shrunken effect of a region", "mean of regions", "staggered programme")
COLOURS = {
    "CRV1 normal": "#b3402f",
    "CRV1": "#d98c3f",
    "CR2": "#7a8f3c",
    "CRV3": "#3b7a99",
    "wild_bootstrap": "#5a3f8c",
    "HKSJ": "#3b7a99",
    "normal": "#b3402f",
    "average": "#3b7a99",
    "uniform band": "#5a3f8c",
}


def calibration() -> pd.DataFrame:
    """Read the committed calibration study, one row a design and method."""
    return pd.read_csv(project_dir() / "benchmarks" / "calibration" / "calibration.csv")


def calibration_shown(table: pd.DataFrame, part: str, lang: str) -> pd.DataFrame:
    """Return one of `PARTS` of the study: a row a design, coverage of 95% intervals by method, in percent."""
    rows = table[table["part"] == part]
    wide = rows.pivot(index="design", columns="method", values="coverage")
    ordered = wide.loc[rows["design"].unique(), rows["method"].unique()]
    result = (100 * ordered).round(1)
    result.index.name = Message("validation.column_design").text(lang)
    result.columns.name = Message("validation.coverage").text(lang)
    return result


def coverage_figure(table: pd.DataFrame, part: str, lang: str) -> go.Figure:
    """Draw how often 95% intervals hold the truth, one dot a design and method, with two simulation errors."""
    rows = table[(table["part"] == part) & table["coverage"].notna()]
    figure = go.Figure()
    for method in rows["method"].unique():
        mine = rows[rows["method"] == method]
        figure.add_scatter(
            x=(100 * mine["coverage"]).round(2).tolist(),
            y=mine["design"].tolist(),
            name=method,
            mode="markers",
            marker={"size": 9, "color": COLOURS[method]},
            error_x={"array": (200 * mine["simulation_error"]).round(2).tolist(), "color": "#bbbbbb", "thickness": 1},
        )
    figure.add_vline(x=95, line_color="#333333", line_width=1)
    return figure.update_layout(
        title=Message("validation.coverage").text(lang),
        template="plotly_white",
        height=150 + 34 * rows["design"].nunique(),
        margin={"l": 10, "r": 10, "t": 50, "b": 40},
        yaxis={"autorange": "reversed", "automargin": True},
        legend={"orientation": "h"},
        separators=",." if lang == "id" else ".,",
    )


def calibration_verdict(table: pd.DataFrame) -> Message:
    """Say what the study found about few clusters, regions and pooled means."""
    eight = table[table["design"] == "8 clusters, continuous"].set_index("method")["rejection"]
    regions = table[(table["part"] == PARTS[1]) & (table["method"] == "CR2")]["coverage"]
    mean = table[(table["part"] == PARTS[2]) & (table["method"] == "HKSJ")]["coverage"]
    return Message(
        "validation.calibration_verdict",
        {
            "normal": float(eight["CRV1 normal"]),
            "bootstrap": float(eight["wild_bootstrap"]),
            "region_low": float(regions.min()),
            "region_high": float(regions.max()),
            "mean_low": float(mean.min()),
        },
    )
