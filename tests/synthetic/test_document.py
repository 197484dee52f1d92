"""The document of the process names every parameter with its default value."""

from __future__ import annotations

import dataclasses
import re

from analysis.paths import project_dir
from analysis.synthetic import SampleDesign


def test_every_parameter_is_documented_with_its_value() -> None:
    text = (project_dir() / "docs" / "sample.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", text, flags=re.MULTILINE))
    assert documented == {f.name: str(f.default) for f in dataclasses.fields(SampleDesign)}


def test_every_parameter_is_in_the_docstring() -> None:
    text = SampleDesign.__doc__ or ""
    missing = [f.name for f in dataclasses.fields(SampleDesign) if not re.search(rf"\b{f.name}\b", text)]
    assert missing == []
