"""The calibration table as a picture: rejection rate by design and method, drawn as plain SVG."""

from __future__ import annotations

import pandas as pd

COLOURS = {
    "CRV1 normal": "#b3402f",
    "CRV1": "#d98c3f",
    "CR2": "#7a8f3c",
    "CRV3": "#3b7a99",
    "wild_bootstrap": "#5a3f8c",
}
LEFT, TOP, ROW, WIDTH, LARGEST = 190, 62, 26, 420, 0.35


def rejection_chart(table: pd.DataFrame) -> str:
    """Return an SVG with one row per design and one dot per method; the line is the nominal 5%."""
    part = table[table["part"] == "few clusters"]
    designs = list(dict.fromkeys(part["design"]))
    height = TOP + ROW * len(designs) + 46
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" role="img" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{TITLE}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="10" y="20" font-size="14" font-weight="bold">{TITLE}</text>',
        *_legend(),
        *_axis(height),
    ]
    for number, design in enumerate(designs):
        lines += _row(part[part["design"] == design], design, TOP + ROW * number + 16)
    return "\n".join([*lines, "</svg>", ""])


TITLE = "How often a true null is rejected at 5%, by design and method"


def _x(rate: float) -> float:
    return round(LEFT + WIDTH * min(rate, LARGEST) / LARGEST, 1)


def _legend() -> list[str]:
    marks = []
    for number, (name, colour) in enumerate(COLOURS.items()):
        x = 14 + 122 * number
        label = name.replace("_", " ")
        marks.append(f'<circle cx="{x}" cy="40" r="5" fill="{colour}"/><text x="{x + 9}" y="44">{label}</text>')
    return marks


def _axis(height: int) -> list[str]:
    bottom = height - 36
    marks = []
    for rate in (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35):
        colour = "#333" if rate == 0.05 else "#ddd"
        marks.append(f'<line x1="{_x(rate)}" x2="{_x(rate)}" y1="{TOP}" y2="{bottom}" stroke="{colour}"/>')
        marks.append(f'<text x="{_x(rate)}" y="{bottom + 16}" text-anchor="middle">{rate:.0%}</text>')
    note = f"Rates above {LARGEST:.0%} are drawn at the edge; no dot: no number is given for this design."
    return [*marks, f'<text x="10" y="{height - 6}" fill="#555">{note}</text>']


def _row(rows: pd.DataFrame, design: str, y: int) -> list[str]:
    marks = [f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{design}</text>']
    for _, row in rows.iterrows():
        if pd.notna(row["rejection"]):
            tip = f"{design}, {row['method']}: {row['rejection']:.1%}"
            marks.append(
                f'<circle cx="{_x(row["rejection"])}" cy="{y}" r="5" fill="{COLOURS[row["method"]]}" '
                f'fill-opacity="0.85"><title>{tip}</title></circle>'
            )
    return marks
