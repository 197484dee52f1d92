"""Pages as the checks open them: with everything noted that a page asks for or complains of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

PHONE = {"width": 360, "height": 780}
DESKTOP = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}
DRAWN = "() => [...document.querySelectorAll('.chart')].every(box => box.querySelector('.main-svg'))"
WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .sr, .skip, svg svg"))
  .slice(0, 5).map(e => e.tagName + "." + (e.className.baseVal ?? e.className) + ": " + e.textContent.slice(0, 40))"""


@dataclass
class Opened:
    """A page with the addresses that it asked for and the messages that it left."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Browser, address: str, size: dict[str, int] = DESKTOP, **options: Any) -> Iterator[Opened]:
    """Open an address in a context of its own; figures that a script draws are there when it is handed over."""
    context = browser.new_context(viewport=size, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    seen = Opened(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("console", lambda message: seen.messages.append(f"{message.type}: {message.text}"))
    seen.page.on("pageerror", lambda error: seen.messages.append(f"pageerror: {error}"))
    try:
        seen.page.goto(address)
        seen.page.wait_for_function(DRAWN)
        yield seen
    finally:
        context.close()


def pages_of(folder: Path, region: str) -> list[str]:
    """Every kind of page of a release in each of its languages: those of the site and those of one region."""
    found = [*sorted(folder.glob("*.html")), *sorted((folder / region).glob("*.html"))]
    return [path.relative_to(folder).as_posix() for path in found]
