"""Long steps of a study, shown in a notebook as they go and gone when they are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.display.language import language
from analysis.messages import render

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class StudyProgress:
    """A progress bar for `analysis.study.load_study`, in a notebook or a terminal.

    ``load_study(folder, progress.step, progress.rows)`` says which step is running and how far a large file has been
    read. Nothing is left in the output, so that a notebook's committed outputs do not change.

    Parameters
    ----------
    lang
        Language; see `analysis.display.language`.
    """

    def __init__(self, lang: str | None = None) -> None:
        self.lang = language(lang)
        self._bar: Any = None

    def step(self, key: str) -> None:
        """Show the step with this message key."""
        self._show(render(key, self.lang, {}), None, None)

    def rows(self, done: int, total: int, table: str) -> None:
        """Show how far a table has been read."""
        self._show(table, done, total)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _show(self, text: str, done: int | None, total: int | None) -> None:
        if self._bar is None:
            self._bar = _bar()
        self._bar.show(text, done, total)


class _WidgetBar:
    def __init__(self) -> None:
        import ipywidgets
        from IPython.display import display

        self.bar = ipywidgets.IntProgress(value=0, min=0, max=1, layout={"width": "24em"})
        self.text = ipywidgets.Label()
        self.box = ipywidgets.HBox([self.bar, self.text])
        view = self.box._repr_mimebundle_()
        # The bar alone, without its description as text: a notebook's output is the same with and without it.
        display({WIDGET_VIEW: view[WIDGET_VIEW]}, raw=True)  # type: ignore[no-untyped-call]

    def show(self, text: str, done: int | None, total: int | None) -> None:
        self.text.value = text
        self.bar.max, self.bar.value = (total, done or 0) if total else (1, 0)

    def close(self) -> None:
        self.box.close()


class _TerminalBar:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self.bar = Progress(console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task("", total=None)
        self.bar.start()

    def show(self, text: str, done: int | None, total: int | None) -> None:
        self.bar.update(self.task, description=text, completed=done or 0, total=total)

    def close(self) -> None:
        self.bar.stop()


def _bar() -> Any:
    from IPython import get_ipython

    shell = get_ipython()  # type: ignore[no-untyped-call]
    return _WidgetBar() if shell is not None and hasattr(shell, "kernel") else _TerminalBar()


def with_progress(
    work: Callable[[Callable[[str], None], Callable[[int, int, str], None]], Any], lang: str | None = None
) -> Any:
    """Do long work with a progress bar and return its result.

    Parameters
    ----------
    work
        Called with the functions that tell steps and rows, for example
        ``lambda step, rows: load_study(folder, step, rows)``.
    lang
        Language; see `analysis.display.language`.
    """
    progress = StudyProgress(lang)
    try:
        return work(progress.step, progress.rows)
    finally:
        progress.close()
