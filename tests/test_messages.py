"""Texts in both languages."""

from __future__ import annotations

import re
import string

import pytest

from analysis.messages import LANGUAGES, Message, catalogue, format_rupiah, format_value, render


def placeholders(text: str) -> set[str]:
    """Names in braces; those that come once per language (`id_text`, `en_text`) count as one."""
    names = (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    return {re.sub(r"^(id|en)_", "", name) for name in names}


def test_every_text_is_there_in_every_language_with_the_same_placeholders() -> None:
    source = catalogue("id")
    for lang in LANGUAGES:
        texts = catalogue(lang)
        assert texts.keys() == source.keys()
        for key, text in texts.items():
            assert text.strip(), f"{key} is empty in {lang}"
            assert placeholders(text) == placeholders(source[key]), key


@pytest.mark.parametrize(
    ("value", "spec", "indonesian", "english"),
    [
        (1234.5, "n1", "1.234,5", "1,234.5"),
        (-0.44, "s1", "−0,4", "−0.4"),
        (0.04, "s1", "0,0", "0.0"),
        (-0.04, "n1", "0,0", "0.0"),
        (0.0034, "p2", "0,34%", "0.34%"),
        (2500, "", "2.500", "2,500"),
        (2024, "plain", "2024", "2024"),
        (None, "n1", "–", "–"),
        (float("nan"), "n1", "–", "–"),
        ("<b>", "", "<b>", "<b>"),
        ([1.25, 2.0], "n1", "1,2, 2,0", "1.2, 2.0"),
    ],
)
def test_values_follow_the_language(value: object, spec: str, indonesian: str, english: str) -> None:
    assert (format_value(value, spec, "id"), format_value(value, spec, "en")) == (indonesian, english)


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (1.2e9, "Rp1,2 miliar", "Rp1.2 billion"),
        (3_498_758_995_777, "Rp3,5 triliun", "Rp3.5 trillion"),
        (36_000, "Rp36.000", "Rp36,000"),
        (-2.5e6, "−Rp2,5 juta", "−Rp2.5 million"),
    ],
)
def test_rupiah_are_written_in_words(amount: float, indonesian: str, english: str) -> None:
    assert (format_rupiah(amount, "id"), format_rupiah(amount, "en")) == (indonesian, english)


def test_a_missing_text_or_value_is_an_error_not_a_wrong_sentence() -> None:
    with pytest.raises(KeyError, match=re.escape("no text for 'nowhere'")):
        render("nowhere", "id", {})
    with pytest.raises(KeyError):
        Message("study.no_region", {}).text("en")


def test_a_message_shows_both_languages() -> None:
    message = Message("study.step_read")
    assert str(message) == f"{message.id} / {message.en}"
    assert message.id != message.en
