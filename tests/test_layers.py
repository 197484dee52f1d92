"""The import rules of the architecture, checked on the source itself."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

import analysis

PACKAGE = Path(analysis.__file__).parent
PROJECT = PACKAGE.parents[1]

# From the leaves to the command line; a module may import only from those above it.
LAYERS = (
    "messages",
    "errors",
    "paths",
    "regional",
    "results",
    "spec",
    "catalog",
    "dictionary",
    "published",
    "params",
    "synthetic",
    "ingest",
    "validate",
    "measures",
    "panel",
    "estimators",
    "published_study",
    "validation_study",
    "identification",
    "diagnostics",
    "claims",
    "policy",
    "disclosure",
    "report",
    "display",
    "study",
    "locations",
    "batch",
    "exports",
    "publish",
    "package",
    "doctor",
    "commands",
    "cli",
    "__main__",
)
LEAVES = {"messages", "errors", "paths", "regional", "results", "spec"}
STATISTICS = {"statsmodels", "sklearn", "scipy", "diff_diff"}
OF_NOTEBOOKS = {
    "params", "study", "diagnostics", "claims", "policy", "report",
    "catalog", "published", "published_study", "validation_study", "estimators", "spec", "results", "panel", "measures",
    "synthetic", "display", "ingest", "paths",
}  # fmt: skip
# The notebook that teaches how to add an estimator has to show one.
MAY_DEFINE = {"add_an_estimator.ipynb"}
OF_REGION_NOTEBOOKS = {"params", "study", "diagnostics", "claims", "policy", "report"}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Full names of all imported modules, those inside functions included."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def own_layers(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("analysis.")} & set(LAYERS)


SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_above(path: Path) -> None:
    here = layer(path)
    assert here in LAYERS, f"{here} has no place in the architecture: give it one here and in docs/architecture.md"
    names = imported(ast.parse(path.read_text(encoding="utf-8")))
    allowed = set(LAYERS[: LAYERS.index(here) + 1])
    assert own_layers(names) <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_special_rules(path: Path) -> None:
    here = layer(path)
    names = imported(ast.parse(path.read_text(encoding="utf-8")))
    tops = {name.split(".")[0] for name in names}
    if here == "estimators":
        assert own_layers(names) <= LEAVES | {"estimators"}, "estimators know no region, catalog, language or file"
    if here == "report":
        assert not own_layers(names) & {"estimators", "diagnostics", "panel"}, "the report never fits"
    if here in ("batch", "publish", "report"):
        assert not tops & STATISTICS


@pytest.mark.parametrize("path", sorted((PROJECT / "notebooks").rglob("*.ipynb")), ids=lambda p: p.name)
def test_notebooks_are_thin(path: Path) -> None:
    allowed = OF_REGION_NOTEBOOKS if path.parent.name == "notebooks" else OF_NOTEBOOKS
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        source = "\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!")))
        tree = ast.parse(source)
        assert own_layers(imported(tree)) <= allowed
        logic = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.With)
        if path.name in MAY_DEFINE:
            logic = logic[1:]
        assert not any(isinstance(node, logic) for node in ast.walk(tree)), f"logic in a cell of {path.name}: {source}"


def test_modules_stay_small() -> None:
    sizes = {p.relative_to(PACKAGE).as_posix(): len(p.read_text(encoding="utf-8").splitlines()) for p in SOURCES}
    assert {name: size for name, size in sizes.items() if size > 400} == {}
