"""Every sentence of the choices is used, and every one used exists."""

from __future__ import annotations

import re
from pathlib import Path

import analysis.policy
from analysis.messages import LANGUAGES, catalogue
from analysis.policy.curriculum import OTHER_REMEDY
from analysis.policy.programme import LIMITS
from analysis.policy.scenarios import WITHOUT_NUMBERS

SOURCES = sorted(Path(analysis.policy.__file__).parent.glob("*.py"))

# Keys that are put together in the code.
COMPOSED = {
    *(f"policy.{verdict}" for verdict in WITHOUT_NUMBERS),
    *(f"policy.remedy_{limit}" for limit in LIMITS),
    *(f"policy.other_{remedy}" for remedy in OTHER_REMEDY.values()),
    *(f"policy.comparison_{kind}" for kind in ("above", "below", "same")),
    *(f"policy.evidence_{key}" for key in ("above_bound", "bound_inside", "below_bound", "agrees", "against", "open")),
}


def test_texts_and_code_name_the_same_keys() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    written = set(re.findall(r'"(policy\.[a-z_]+)"', code)) | COMPOSED
    for lang in LANGUAGES:
        known = {key for key in catalogue(lang) if key.startswith("policy.")}
        assert written == known, f"only in the code: {written - known}; only in the texts: {known - written}"
