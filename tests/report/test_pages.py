from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
from tests.report.conftest import FULL, LONG, NO_DATA, REGIONS, context
from tests.report.test_blocks import notebook_of

from analysis.catalog import load_catalog
from analysis.messages import LANGUAGES
from analysis.report import index_entries, synthesis
from analysis.report.annex import annex_page
from analysis.report.figures import scale, time_places
from analysis.report.interactive import interactive_page
from analysis.report.pages import PageContext, index_page, region_page, synthesis_page

VOID = {"meta", "link", "br", "input", "img"}


class Reader(HTMLParser):
    """Collects what the tests ask for and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def pages(blocks, results) -> dict[str, str]:
    """All kinds of pages by name."""
    made = {
        f"{region}-{lang}": region_page(blocks[region], lang, context(results, region, lang))
        for region in REGIONS
        for lang in LANGUAGES
    }
    site = PageContext(
        "2025-S2", "0123456789ab", "2021-S1", "2025-S2", True, languages={"id": "index.html", "en": "e.html"}
    )
    for lang in LANGUAGES:
        made[f"index-{lang}"] = index_page(index_entries(results), lang, site)
        made[f"synthesis-{lang}"] = synthesis_page(synthesis(results), lang, site)
        made[f"annex-{lang}"] = annex_page(notebook_of(blocks[FULL]), lang)
    return made


def test_pages_are_well_formed_and_ids_unique(pages):
    for name, html in pages.items():
        ids = [attrs["id"] for _, attrs in read(html).attributes if "id" in attrs]
        assert len(ids) == len(set(ids)), name


def test_inner_links_lead_somewhere(pages):
    for html in pages.values():
        attributes = read(html).attributes
        ids = {attrs.get("id") for _, attrs in attributes}
        inner = {attrs["href"][1:] for tag, attrs in attributes if tag in ("a", "use") and attrs["href"][:1] == "#"}
        assert inner <= ids


def test_no_page_loads_anything(pages):
    for html in pages.values():
        for tag, attrs in read(html).attributes:
            assert tag not in ("iframe", "object", "embed", "base", "form") or "action" not in attrs
            assert "src" not in attrs or attrs["src"].startswith("data:")
            assert not any(name.startswith("on") or name == "style" for name in attrs), (tag, attrs)
            assert tag != "link" or attrs["rel"] == "alternate" or attrs["href"].startswith("data:")
        assert "http://" not in html.replace("http://www.w3.org", "")
        assert "@import" not in html
        assert re.search(r"url\((?!#)", html) is None


def test_policy_allows_exactly_the_inline_styles_and_scripts(pages):
    for html in pages.values():
        policy = next(a["content"] for t, a in read(html).attributes if a.get("http-equiv"))
        assert policy.startswith("default-src 'none'")
        for tag in ("style", "script"):
            for text in re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL):
                digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                assert f"'sha256-{digest}'" in policy
        assert "unsafe" not in policy


def test_region_pages_need_no_script(pages):
    assert all("<script>" not in html for name, html in pages.items() if not name.startswith("index"))


def test_text_from_data_is_never_markup(pages):
    for lang in LANGUAGES:
        html = pages[f"{FULL}-{lang}"]
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_synthetic_pages_say_so_in_both_languages(pages):
    for html in pages.values():
        text = " ".join(read(html).text)
        assert "Data tiruan" in text
        assert "Synthetic data" in text


def test_real_data_carry_no_banner(blocks, results):
    page = PageContext("r", "x", "2021-S1", "2025-S2", False, region_code=FULL, region_name="Maluku Utara")
    assert "Data tiruan" not in region_page(blocks[FULL], "id", page)


def test_size_of_region_pages(pages):
    sizes = {name: len(gzip.compress(html.encode(), mtime=0)) for name, html in pages.items()}
    assert max(size for name, size in sizes.items() if name[0].isdigit()) <= 34_000


def test_index_of_every_region_stays_small(results):
    base = index_entries(results)[0]
    entries = [
        dataclasses.replace(
            base, code=r.code, name=r.name, province_code=r.province_code, path=r.code, latitude=r.latitude,
            longitude=r.longitude, index=75 + i % 97 / 7, conf_low=74 + i % 97 / 7, conf_high=76 + i % 97 / 7,
            history=tuple(70 + (i * k) % 83 / 5 for k in range(1, 11)),
        )
        for i, r in enumerate(load_catalog().regions.values())
    ]  # fmt: skip
    page = PageContext("r", "x", "2021-S1", "2025-S2", True)
    html = index_page(entries, "id", page)
    assert len(entries) == 552
    assert len(gzip.compress(html.encode(), mtime=0)) <= 80_000


def test_pages_are_the_same_in_every_run(blocks, results, pages):
    again = region_page(blocks[FULL], "id", context(results, FULL, "id"))
    assert again == pages[f"{FULL}-id"]


def test_languages_do_not_mix(pages):
    indonesian, english = (" ".join(read(pages[f"{FULL}-{lang}"]).text) for lang in LANGUAGES)
    assert "s.d." in indonesian
    assert "s.d." not in english
    assert re.search(r"\d,\d", indonesian)
    assert "Belum dapat dibedakan" not in english


def test_headline_of_the_page_is_that_of_the_block(blocks, pages):
    text = " ".join(" ".join(read(pages[f"{FULL}-id"]).text).split())
    assert "Data mendukung bahwa pelatihan ASN dan dukungan pimpinan menaikkan mutu layanan." in text
    assert "Belum ada data untuk menjawab pertanyaan ini." in " ".join(read(pages[f"{NO_DATA}-id"]).text)


def test_index_lists_every_region_with_its_page(pages):
    html = pages["index-id"]
    for region in REGIONS:
        assert f'href="{region}/index.html"' in html
        assert load_catalog().region(region).name in html


def test_long_names_are_complete(pages):
    assert "Transmigrasi dan Perindustrian" in pages[f"{LONG}-id"]


def test_annex_is_clean_and_stable(blocks):
    notebook = notebook_of(blocks[FULL])
    data = {"text/html": "<style>p{}</style><script>x()</script><table><tr><td onclick='x'>7</td></tr></table>"}
    cell = nbformat.v4.new_code_cell("frame <b>", execution_count=7)
    cell.outputs = [
        nbformat.v4.new_output("execute_result", data=data, execution_count=7),
        nbformat.v4.new_output("stream", text="<object at 0x7f00aa>\x1b[31mmerah\x1b[0m"),
    ]
    notebook.cells.append(cell)
    notebook.cells.append(nbformat.v4.new_markdown_cell("# Judul\n\n<script>y()</script>\n\n*miring*"))
    html = annex_page(notebook, "id")
    assert "x()" not in html
    assert "onclick" not in html
    assert "<td>7</td>" in html
    assert "<script>y" not in html
    assert "<em>miring</em>" in html
    assert "0x7f00aa" not in html
    assert "\x1b" not in html
    for number, each in enumerate(notebook.cells):
        each["id"] = f"other{number}"
        each["execution_count"] = 99
    assert annex_page(notebook, "id") == html


def test_interactive_page_holds_its_figures_and_takes_only_the_sites_bundle(blocks, results):
    html = interactive_page(blocks[FULL], "id", context(results, FULL, "id"))
    attributes = read(html).attributes
    assert [a["src"] for tag, a in attributes if tag == "script" and "src" in a] == ["../assets/plotly.min.js"]
    held = re.findall(r'<script type="application/json" id="figure-(\w+)">(.*?)</script>', html, flags=re.DOTALL)
    assert {name for name, _ in held} >= {"levers", "trend", "official", "effects", "priorities", "next_cycle"}
    for _, text in held:
        assert set(json.loads(text)) == {"data", "layout"}
    assert "<script>alert" not in html
    policy = next(a["content"] for _, a in attributes if a.get("http-equiv"))
    assert "script-src 'self' 'sha256-" in policy
    assert "default-src 'none'" in policy


def test_times_that_were_not_measured_leave_a_gap():
    assert time_places(["2019", "2022", "2023"]) == {"2019": 4.0, "2022": 73.0, "2023": 96.0}
    assert time_places(["2024-S1", "2024-S2", "2025-S1"]) == {"2024-S1": 4.0, "2024-S2": 50.0, "2025-S1": 96.0}
    assert time_places(["2024"]) == {"2024": 50.0}


@pytest.mark.parametrize("values", [[0.1, 0.5], [-3.0, 12.0], [5.0], [], [1e-6, 2e-6], [70.0, 98.0]])
def test_scales_hold_their_values_between_round_ticks(values):
    axis = scale(values)
    assert all(0 <= axis.at(value) <= 100 for value in values)
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)
    assert len(axis.ticks) >= 1
