"""What the README says is so."""

from __future__ import annotations

import re

import pytest

from analysis.cli import VERBS
from analysis.estimators import ESTIMATORS
from analysis.messages import LANGUAGES, LOCALE_DIR
from analysis.paths import project_dir

PROJECT = project_dir()
README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    assert (PROJECT / target).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:src|data|docs|notebooks)/[\w./]+)`", README))))
def test_places_named_for_new_code_exist(path: str) -> None:
    assert (PROJECT / path).exists()


def test_commands_named_exist() -> None:
    assert set(re.findall(r"^pembinaan (\w+)", README, re.MULTILINE)) <= set(VERBS)
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)
    assert {"reports", "test", "lab"} <= set(named)
    for verb in named:
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE), verb


def test_an_estimator_is_one_file_and_one_line() -> None:
    for name, function in ESTIMATORS.items():
        assert function.__module__ == f"analysis.estimators.{name}"
        assert (PROJECT / "src" / "analysis" / "estimators" / f"{name}.py").exists()


def test_a_language_is_a_folder_of_texts() -> None:
    assert sorted(p.name for p in LOCALE_DIR.iterdir() if p.is_dir()) == sorted(LANGUAGES)
