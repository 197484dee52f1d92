"""Pages in a real browser: nothing overflows on a narrow phone, nothing is refused or requested, the search works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest
from tests.report.conftest import FULL, LONG, NO_DATA, ONE_UNIT, context
from tests.report.test_blocks import notebook_of

from analysis.messages import LANGUAGES
from analysis.report import index_entries, synthesis
from analysis.report.annex import annex_page
from analysis.report.pages import PageContext, index_page, region_page, synthesis_page

BROWSER = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files",
    "--enable-logging=stderr", "--virtual-time-budget=20000", "--window-size=1200,900",
)  # fmt: skip
HARNESS = """<!DOCTYPE html><meta charset="utf-8"><body>%s<pre id="found"></pre><script>
addEventListener("load", function () {
  var found = Array.prototype.map.call(document.querySelectorAll("iframe"), function (frame) {
    var page = frame.contentDocument, q = page.getElementById("q"), row = {
      name: frame.title, wide: page.documentElement.scrollWidth, requests: frame.contentWindow.performance
        .getEntriesByType("resource").length, height: page.documentElement.scrollHeight };
    if (q) {
      q.value = "sorong";
      q.dispatchEvent(new frame.contentWindow.Event("input"));
      row.shown = page.querySelectorAll("#rows > .rr:not([hidden])").length;
      row.count = page.getElementById("count").textContent;
      row.hash = frame.contentWindow.location.hash;
    }
    return row;
  });
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: pages were not opened"),
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory, blocks, results):
    """What the browser reports of every kind of page in a frame 320 pixels wide, and its messages."""
    folder = tmp_path_factory.mktemp("site")
    site = PageContext(
        "2025-S2", "0123456789ab", "2021-S1", "2025-S2", True, languages={"id": "a.html", "en": "b.html"}
    )
    pages = {"annex": annex_page(notebook_of(blocks[FULL]), "id")}
    for lang in LANGUAGES:
        pages[f"index-{lang}"] = index_page(index_entries(results), lang, site)
        pages[f"synthesis-{lang}"] = synthesis_page(synthesis(results), lang, site)
        for region in (FULL, LONG, ONE_UNIT, NO_DATA):
            pages[f"{region}-{lang}"] = region_page(blocks[region], lang, context(results, region, lang))
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    frames = "".join(f'<iframe title="{name}" src="{name}.html" width="320" height="600"></iframe>' for name in pages)
    (folder / "harness.html").write_text(HARNESS % frames, encoding="utf-8")
    command = [
        str(BROWSER),
        *OPTIONS,
        f"--user-data-dir={folder / 'profile'}",
        "--dump-dom",
        f"file://{folder}/harness.html",
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="found">(.*?)</pre>', run.stdout, flags=re.DOTALL)
    assert found, run.stderr[-2000:]
    return {row["name"]: row for row in json.loads(found.group(1).replace("&amp;", "&"))}, run.stderr, set(pages)


def test_every_page_was_opened(opened):
    rows, _, names = opened
    assert set(rows) == names
    assert min(row["height"] for row in rows.values()) > 600


def test_no_page_overflows_on_a_narrow_phone(opened):
    rows, _, _ = opened
    assert {name: row["wide"] for name, row in rows.items() if row["wide"] > 320} == {}


def test_no_page_requests_anything(opened):
    rows, _, _ = opened
    assert {name for name, row in rows.items() if row["requests"]} == set()


def test_the_browser_has_no_complaint(opened):
    _, messages, _ = opened
    assert "Content Security Policy" not in messages
    assert "Uncaught" not in messages


@pytest.mark.parametrize("lang", LANGUAGES)
def test_search_shows_the_regions_that_match_and_keeps_the_address(opened, lang):
    row = opened[0][f"index-{lang}"]
    assert row["shown"] == 2  # Kabupaten Sorong, Kota Sorong
    assert row["count"] == "2"
    assert row["hash"] == "#q=sorong"
