"""Texts: each is used, each is translated, none hides in a template, and a language is a folder."""

from __future__ import annotations

import ast
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest
from tests.report.conftest import FULL, blocks, context, results  # noqa: F401

import analysis
from analysis import messages
from analysis.messages import LANGUAGES, SOURCE_LANGUAGE, catalogue, languages
from analysis.paths import catalog_dir, notebooks_dir
from analysis.report import Block
from analysis.report.compare import WORDS
from analysis.report.pages import region_page
from analysis.results import StudyResults

PACKAGE = Path(analysis.__file__).parent
GAP = "\0"
"""Stands for a part of a key that is only known when the program runs."""
SHORTEST_FIXED_PART = 4
"""A key counts as used through a pattern only if the pattern fixes this many characters of it."""
SAME_IN_BOTH = re.compile(
    r"^[\W\d_]*(?:\{[^}]*\}|Pembinaan|IKM|JP|OPD|PDF|CSV|Word|Excel|SHA-256|OLS|IV|RMSE|ASN|[A-Z]\d?|[a-z]|[\W\d_])*$"
)
"""Texts that may read the same in two languages: figures, symbols, names and abbreviations."""
ALLOWED_WORDS = {"Pembinaan"}


@cache
def parts_of_source() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Every string of the code, templates, notebooks and catalog; and patterns of those that are put together."""
    strings, patterns = set(), set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.add("".join(part.value if isinstance(part, ast.Constant) else GAP for part in node.values))
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
                patterns.add(f"{node.left.value}{GAP}")
    for path in sorted(PACKAGE.rglob("*.j2")):
        for code in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", path.read_text(encoding="utf-8"), flags=re.DOTALL):
            strings |= {found for pair in re.findall(r"\"([^\"]+)\"|'([^']+)'", code) for found in pair}
            joined = re.findall(r"[\"']([\w.]+)[\"'] ~ \w+(?:\.\w+)?(?: ~ [\"']([\w.]+)[\"'])?", code)
            patterns |= {f"{start}{GAP}{end}" for start, end in joined}
    script = (PACKAGE / "report" / "assets" / "compare.js").read_text(encoding="utf-8")
    strings |= {f"{WORDS}{name}" for name in re.findall(r"\w+", script)}
    for path in sorted(catalog_dir().glob("*.yml")):
        strings |= set(re.findall(r"[\w.]+", path.read_text(encoding="utf-8")))
    for path in sorted(notebooks_dir().rglob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        strings |= {word for cell in cells for word in re.findall(r"[\"']([\w.]+)[\"']", cell.source)}
    domains = {key.partition(".")[0] for key in catalogue(SOURCE_LANGUAGE)}
    usable = sorted(p for p in patterns if p not in {f"{domain}.{GAP}" for domain in domains} and is_narrow(p))
    made = tuple(re.compile(".+".join(map(re.escape, p.split(GAP)))) for p in usable if re.fullmatch(r"[\w.\0]+", p))
    return frozenset(strings), made


def is_narrow(pattern: str) -> bool:
    """Whether a pattern fixes enough of a key to count: some characters of its beginning, or a whole last part."""
    fixed = pattern.replace(GAP, "")
    return len(fixed) >= SHORTEST_FIXED_PART and (not pattern.startswith(GAP) or fixed.startswith("."))


def is_used(key: str) -> bool:
    """Whether the source holds the key, or the key without its domain (which helpers put in front), or its pattern."""
    strings, patterns = parts_of_source()
    short = key.partition(".")[2]
    return bool({key, short} & strings) or any(p.fullmatch(name) for p in patterns for name in (key, short))


def test_every_text_is_used() -> None:
    assert [key for key in sorted(catalogue(SOURCE_LANGUAGE)) if not is_used(key)] == []


def test_a_text_that_nothing_shows_is_noticed() -> None:
    assert not is_used("report.nobody_shows_this")
    assert is_used("report.verdict.supported")


def test_every_text_is_translated() -> None:
    source = catalogue(SOURCE_LANGUAGE)
    for lang in LANGUAGES[1:]:
        same = {key: text for key, text in catalogue(lang).items() if text == source[key]}
        assert {key: text for key, text in same.items() if len(text.split()) > 2 and not SAME_IN_BOTH.match(text)} == {}


def test_templates_hold_no_words_of_their_own() -> None:
    for path in sorted(PACKAGE.rglob("*.j2")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        shown = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
        words = set(re.findall(r"[^\W\d_]{3,}", shown)) - ALLOWED_WORDS
        assert words == set(), path.name
        for spoken in re.findall(r"(?:aria-label|title|alt|placeholder)=\"([^\"]*)\"", text):
            assert not re.search(r"[^\W\d_]{3,}", spoken), f"{path.name}: {spoken}"


def test_languages_are_found_in_their_folders() -> None:
    assert languages() == LANGUAGES
    assert LANGUAGES[0] == SOURCE_LANGUAGE
    assert set(LANGUAGES) == {path.name for path in messages.LOCALE_DIR.iterdir() if any(path.glob("*.po"))}


@pytest.fixture
def malay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A further language: one folder of texts and nothing else."""
    shutil.copytree(messages.LOCALE_DIR, tmp_path / "locale")
    shutil.copytree(tmp_path / "locale" / "en", tmp_path / "locale" / "ms")
    site = tmp_path / "locale" / "ms" / "site.po"
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace('msgstr "English"', 'msgstr "Bahasa Melayu"'), encoding="utf-8")
    monkeypatch.setattr(messages, "LOCALE_DIR", tmp_path / "locale")
    catalogue.cache_clear()
    yield "ms"
    catalogue.cache_clear()


def test_a_further_language_is_one_folder(
    malay: str,
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
) -> None:
    assert languages(messages.LOCALE_DIR) == ("id", "en", "ms")
    page = context(results, FULL, "en")
    page = type(page)(**{**page.__dict__, "languages": {"id": "index.html", "ms": "ms.html"}})
    html = region_page(blocks[FULL], malay, page)
    assert '<html lang="ms">' in html
    assert 'hreflang="id"' in html
    assert "Bahasa Melayu" in region_page(blocks[FULL], "id", page)
