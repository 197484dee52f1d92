"""Results that show themselves well in a notebook, without a word more to type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.display import results as shown
from analysis.display.language import language
from analysis.display.shown import Shown
from analysis.errors import PembinaanError
from analysis.messages import Message
from analysis.results import Check, Finding, Fit, Ingested, StudyResults

SHOWN_BY: dict[type, Callable[[Any, str | None], Shown]] = {
    Check: lambda value, lang: shown.checks((value,), lang),
    Finding: lambda value, lang: shown.findings((value,), lang),
    Fit: shown.fit,
    Ingested: shown.ingested,
    Message: shown.message,
    StudyResults: shown.study,
}
"""How each type of result is shown."""


def show(value: Any, lang: str | None = None) -> Shown:
    """Return a result, or a tuple of checks or findings, ready to be shown.

    Raises
    ------
    TypeError
        For something that is no result of ours.
    """
    if isinstance(value, (tuple, list)) and value:
        if isinstance(value[0], Check):
            return shown.checks(tuple(value), lang)
        if isinstance(value[0], Finding):
            return shown.findings(tuple(value), lang)
    if type(value) not in SHOWN_BY:
        raise TypeError(f"no way to show {type(value).__name__}")
    return SHOWN_BY[type(value)](value, lang)


def told(work: Callable[[], Any], lang: str | None = None) -> Any:
    """Return what `work` returns, or, where it is refused, the sentence that a user is told.

    For notebooks that show a mistake on purpose.
    """
    try:
        return work()
    except PembinaanError as error:
        return shown.message(error.message, lang)


def enable(lang: str | None = None, shell: Any = None) -> None:
    """Let IPython show our results as tables and sentences; plain Python has no shell, and nothing happens.

    Parameters
    ----------
    lang
        Language; None leaves it to ``PEMBINAAN_LANG`` at the time of showing.
    shell
        The interactive shell; the running one by default.

    Raises
    ------
    UsageError
        For a language that there is not.
    """
    language(lang)
    if shell is None:
        from IPython import get_ipython

        shell = get_ipython()  # type: ignore[no-untyped-call]
    if shell is None:
        return
    for cls, maker in SHOWN_BY.items():
        _register(shell.display_formatter.formatters, cls, maker, lang)


def _register(formatters: Any, cls: type, maker: Callable[[Any, str | None], Shown], lang: str | None) -> None:
    def as_html(value: Any) -> str:
        return maker(value, lang)._repr_html_()

    def as_text(value: Any, printer: Any, cycle: bool) -> None:
        printer.text(str(maker(value, lang)))

    formatters["text/html"].for_type(cls, as_html)
    formatters["text/plain"].for_type(cls, as_text)
