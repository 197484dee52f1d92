"""What the documentation site draws from the source when it is built: the import picture and the list of verbs."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1] / "src" / "analysis"
LAYERS_TEST = Path(__file__).parents[1] / "tests" / "test_layers.py"
CELL, LEFT, TOP = 15, 150, 130


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put in what is made from the source, where a page asks for it."""
    if page.file.src_uri == "imports.md":
        return markdown.replace("IMPORT_PICTURE", import_picture(layers(), imports()))
    if page.file.src_uri == "api/command_line.md":
        return markdown.replace("COMMAND_LINE", command_line())
    return markdown


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Take the search's helper from the site itself, not from the internet."""
    return _own_helper(output, "../" * page.file.dest_uri.count("/"))


def on_post_template(output: str, **_: Any) -> str:
    """Do the same for the page of a broken address."""
    return _own_helper(output, "")


def _own_helper(output: str, up: str) -> str:
    return re.sub(r'src="https://[^"]*iframe-worker[^"]*"', f'src="{up}javascripts/iframe_worker.js"', output)


def layers() -> list[str]:
    """Return the layers in their order, as the test of the import rules has them, without those that have no source."""
    tree = ast.parse(LAYERS_TEST.read_text(encoding="utf-8"))
    names = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LAYERS"
    )
    return [name for name in names if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()]


def imports() -> set[tuple[str, str]]:
    """Return pairs of importing and imported layer."""
    pairs = set()
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _imported(node):
                parts = name.split(".")
                if parts[0] == "analysis" and len(parts) > 1 and parts[1] != here:
                    pairs.add((here, parts[1]))
    return pairs


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "analysis":
        return [f"analysis.{alias.name}" for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def import_picture(order: list[str], pairs: set[tuple[str, str]]) -> str:
    """Draw the imports between layers as a triangular matrix.

    Parameters
    ----------
    order
        Layers, leaves first.
    pairs
        Importing and imported layer.

    Returns
    -------
    str
        An SVG element with a title for screen readers; colours follow the page's text.
    """
    size = len(order) * CELL
    rows = "".join(_row(number, name, order, pairs) for number, name in enumerate(order))
    columns = "".join(
        f'<text transform="translate({LEFT + (i + 0.7) * CELL:.1f} {TOP - 6}) rotate(-60)">{html.escape(name)}</text>'
        for i, name in enumerate(order)
    )
    n_known = len({pair for pair in pairs if set(pair) <= set(order)})
    title = f"{len(order)} layers, {n_known} imports between them, all from lower rows to layers above"
    return (
        f'<svg viewBox="0 0 {LEFT + size + 80} {TOP + size + 4}" role="img" aria-label="{title}" '
        f'font-size="11" fill="currentColor">{columns}{rows}</svg>'
    )


def _row(number: int, name: str, order: list[str], pairs: set[tuple[str, str]]) -> str:
    y = TOP + (number + 0.7) * CELL
    line = (
        f'<line x1="{LEFT}" x2="{LEFT + number * CELL}" y1="{y - 4:.1f}" y2="{y - 4:.1f}" '
        'stroke="currentColor" stroke-opacity=".15"/>'
    )
    marks = "".join(
        f'<circle cx="{LEFT + (i + 0.5) * CELL:.1f}" cy="{y - 4:.1f}" r="4"><title>'
        f"{html.escape(name)} → {html.escape(other)}</title></circle>"
        for i, other in enumerate(order)
        if (name, other) in pairs
    )
    return f'<text x="{LEFT - 8}" y="{y:.1f}" text-anchor="end">{html.escape(name)}</text>{line}{marks}'


def command_line() -> str:
    """Return a table of all verbs with what they do, in both languages."""
    from analysis.cli import VERBS
    from analysis.messages import render

    lines = ["| verb | Indonesia | English |", "|---|---|---|"]
    lines += [
        f"| `pembinaan {v}` | {render(f'cli.help_{v}', 'id', {})} | {render(f'cli.help_{v}', 'en', {})} |"
        for v in VERBS
    ]
    return "\n".join(lines)
