"""Pictures of the pages of a release, for `docs/pictures/`: each kind at phone, desktop, dark and print.

Run by ``make pictures`` (of the latest release, or of ``RELEASE=folder``); names and sizes are the same in every run.
"""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, Page, sync_playwright

from analysis.exports.pdf import find_browser
from analysis.paths import project_dir, reports_dir

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--hide-scrollbars")
REGION = "82"
PAGES = {
    "index": "index.html",
    "region": f"{REGION}/index.html",
    "english": f"{REGION}/en.html",
    "interactive": f"{REGION}/interactive.html",
    "annex": f"{REGION}/annex.html",
    "synthesis": "synthesis.html",
    "compare": "compare.html?r=82,15.09,96.71",
}
DRAWN = "() => [...document.querySelectorAll('.chart')].every(box => box.querySelector('.main-svg'))"
DECODE = """async coded => {
  const image = new Image();
  image.src = "data:image/png;base64," + coded;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return [image.width, image.height, btoa(text)];
}"""
COLOURS, MOST_BYTES = (256, 128, 64, 32, 16), 150_000


@dataclass(frozen=True)
class View:
    """How a page is looked at: pixels of the window, pixels of height shown, colour scheme, medium."""

    width: int
    height: int
    scheme: str = "light"
    medium: str = "screen"
    scale: float = 1.0


VIEWS = {
    "phone": View(360, 1560, scale=1.5),
    "desktop": View(1280, 1500),
    "dark": View(1280, 1500, scheme="dark"),
    "print": View(794, 1123, medium="print", scale=1.25),
}
"""The print view is the first A4 page at 96 dots an inch."""


def main(arguments: Sequence[str]) -> int:
    """Draw the pictures of the release named first, or of the latest one, into the folder named second."""
    release = Path(arguments[0] if arguments and arguments[0] else reports_dir() / "latest").absolute()
    target = Path(arguments[1]) if len(arguments) > 1 else project_dir() / "docs" / "pictures"
    program = find_browser()
    if program is None or not (release / "index.html").is_file():
        print("tools/pictures.py: a browser (make browser) and a release (make reports) are needed", file=sys.stderr)
        return 2
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(program), args=list(ARGUMENTS))
        for name, picture in pictures(browser, release):
            (target / f"{name}.png").write_bytes(picture)
        browser.close()
    return 0


def pictures(browser: Browser, release: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and PNG of every page of a release in every view; pages that it lacks are left out."""
    for kind, name in PAGES.items():
        path, _, query = name.partition("?")
        if not (release / path).is_file():
            continue
        address = (release / path).as_uri() + (f"?{query}" if query else "")
        for view, how in VIEWS.items():
            yield f"{kind}_{view}", squeezed(browser, looked_at(browser, address, how))


def looked_at(browser: Browser, address: str, view: View) -> bytes:
    """Return a screenshot of the top of a page."""
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=view.scale,
        color_scheme="dark" if view.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    try:
        page: Page = context.new_page()
        page.goto(address)
        page.wait_for_function(DRAWN)
        if view.medium == "print":
            page.emulate_media(media="print")
        return page.screenshot(animations="disabled")
    finally:
        context.close()


def squeezed(browser: Browser, picture: bytes) -> bytes:
    """Return a PNG with as many colours as fit into `MOST_BYTES`."""
    pixels = decoded(browser, picture)
    colours, at, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    small = b""
    for number in COLOURS:
        palette = colours[np.argsort(-counts, kind="stable")[:number]]
        distance = ((colours[:, None, :].astype(int) - palette[None, :, :].astype(int)) ** 2).sum(axis=2)
        small = encoded(palette, distance.argmin(axis=1).astype(np.uint8)[at].reshape(pixels.shape[:2]))
        if len(small) <= MOST_BYTES:
            break
    return small


def decoded(browser: Browser, picture: bytes) -> npt.NDArray[np.uint8]:
    """Return the pixels of a PNG (height, width, 3) in steps of four, which no eye sees; the browser decodes it."""
    page = browser.new_page()
    try:
        width, height, raw = page.evaluate(DECODE, base64.b64encode(picture).decode())
    finally:
        page.close()
    pixels = np.frombuffer(base64.b64decode(raw), dtype=np.uint8).reshape(height, width, 4)[:, :, :3]
    return np.rint(np.rint(pixels / 255 * 63) * 255 / 63).astype(np.uint8)


def encoded(palette: npt.NDArray[np.uint8], places: npt.NDArray[np.uint8]) -> bytes:
    """Return pixels, given as places in a palette, as an indexed PNG (ISO/IEC 15948)."""
    height, width = places.shape
    rows = np.hstack([np.zeros((height, 1), np.uint8), places]).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
