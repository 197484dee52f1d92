"""The plot of cost against number of regions, from the stored figures: ``python -m benchmarks.batch.chart``."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results" / "batch.json"
TARGET = Path(__file__).parents[2] / "docs" / "pictures" / "batch_cost.svg"
WIDTH, HEIGHT, LEFT, BOTTOM = 560, 300, 70, 50


def chart(points: list[tuple[int, float]]) -> str:
    """Processor seconds by number of regions, with the line through the origin and the largest measurement."""
    right, top = max(n for n, _ in points), max(value for _, value in points)

    def place(n: float, value: float) -> tuple[float, float]:
        x = LEFT + n / right * (WIDTH - LEFT - 30)
        return round(x, 1), round(HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - 30), 1)

    (x0, y0), (x1, y1) = place(0, 0), place(right, top)
    parts = [f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#999" stroke-dasharray="4 4"/>']
    for n, value in points:
        x, y = place(n, value)
        parts.append(f'<circle cx="{x}" cy="{y}" r="5" fill="#0a5a94"/>')
        parts.append(f'<text x="{x - 8}" y="{y - 10}" text-anchor="end">{n}: {value:,.0f}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">regions</text>')
    parts.append('<text x="14" y="20">processor seconds of the region stage</text>')
    parts.append(f'<path d="M{x0} 30V{y0}H{WIDTH - 20}" fill="none" stroke="#333"/>')
    title = "Processor seconds of the region stage by number of regions"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}" '
        f'font-family="sans-serif" font-size="13">{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    found = json.loads(RESULTS.read_text(encoding="utf-8"))["batch"]
    measured = [(item["first"]["regions"], item["first"]["cpu_seconds"]) for item in found.values()]
    TARGET.write_text(chart(measured), encoding="utf-8")
    print(TARGET)
