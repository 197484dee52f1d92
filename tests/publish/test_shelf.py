"""Beside the releases: which is the newest, their list and their feed; addresses; and what prints."""

from __future__ import annotations

import json
import types
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from analysis.errors import UsageError
from analysis.exports.pdf import BROWSER_ENV
from analysis.publish import printing, shelf
from analysis.publish.pipeline import Plan
from analysis.publish.printing import Printing, find_printing, printing_of
from analysis.publish.release import NEWEST_STYLE, checksums, point_latest, write_checksums, write_text
from analysis.publish.settings import permanent_address, release_place, report_place, report_style, site_address
from analysis.publish.site import atom_feed, feed, sitemap

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def made(folder: Path, last_period: str, reports: dict[str, str] | None = None) -> Path:
    described = {
        "release": folder.name,
        "first_period": "2021-S1",
        "last_period": last_period,
        "regions": ["15.09", "82"],
        "reports": reports or {},
        "study_run_id": "0123456789ab",
        "synthetic": True,
    }
    write_text(folder / "release.json", json.dumps(described))
    write_checksums(folder)
    return folder


def planned(study: Path, release: str = "2025-S2-ab12cd34") -> Plan:
    results = types.SimpleNamespace(meta={"last_period": "2025-S2"})
    return Plan(str(study), results, ("82",), Path("/out") / release)  # type: ignore[arg-type]


def test_a_newer_release_changes_no_byte_of_an_older_one(tmp_path: Path) -> None:
    older = made(tmp_path / "2025-S1-aaaa1111", "2025-S1")
    shelf.update_shelf(older)
    before = checksums(older)
    newer = made(tmp_path / "2025-S2-bbbb2222", "2025-S2")
    point_latest(newer)
    shelf.update_shelf(newer)
    assert checksums(older) == before
    style = (tmp_path / NEWEST_STYLE).read_text(encoding="utf-8")
    assert ':not([data-edition="2025-S2-bbbb2222"])' in style
    listed = json.loads((tmp_path / shelf.LIST).read_text(encoding="utf-8"))
    assert listed["latest"] == newer.name
    assert [item["release"] for item in listed["releases"]] == [newer.name, older.name]


def test_a_report_is_old_only_when_another_has_replaced_it(tmp_path: Path) -> None:
    """A release in which a region has not changed leaves its report, its address and its banner alone."""
    older = made(tmp_path / "2025-S1-aaaa1111", "2025-S1", {"15.09": "aaa", "82": "bbb"})
    shelf.update_shelf(older)
    newer = made(tmp_path / "2025-S2-bbbb2222", "2025-S2", {"15.09": "aaa", "82": "ccc"})
    shelf.update_shelf(newer)
    styles = {code: (tmp_path / report_style(code)).read_text(encoding="utf-8") for code in ("15.09", "82")}
    assert ':not([data-edition="aaa"])' in styles["15.09"]
    assert ':not([data-edition="ccc"])' in styles["82"]
    leads = {
        place: (tmp_path / report_place(*place, "en.html")).read_text(encoding="utf-8")
        for place in (("15.09", "aaa"), ("82", "bbb"), ("82", "ccc"))
    }
    assert f"../../{older.name}/15.09/en.html" in leads["15.09", "aaa"]
    assert f"../../{older.name}/82/en.html" in leads["82", "bbb"]
    assert f"../../{newer.name}/82/en.html" in leads["82", "ccc"]


def test_the_feed_of_all_releases_is_atom_with_lasting_ids(tmp_path: Path) -> None:
    older = made(tmp_path / "2025-S1-aaaa1111", "2025-S1")
    newer = made(tmp_path / "2025-S2-bbbb2222", "2025-S2")
    shelf.update_shelf(newer)
    root = ElementTree.fromstring((tmp_path / shelf.FEED).read_text(encoding="utf-8"))
    assert root.findtext("a:id", namespaces=ATOM) == "urn:pembinaan:releases"
    assert root.findtext("a:updated", namespaces=ATOM) == "2025-12-31T00:00:00Z"
    entries = root.findall("a:entry", ATOM)
    assert [entry.findtext("a:id", namespaces=ATOM) for entry in entries] == [
        f"urn:pembinaan:{newer.name}:index",
        f"urn:pembinaan:{older.name}:index",
    ]
    links = [entry.find("a:link", ATOM).get("href") for entry in entries]  # type: ignore[union-attr]
    assert all((tmp_path / link).parent.is_dir() for link in links)


def test_an_empty_feed_is_still_atom() -> None:
    assert ElementTree.fromstring(atom_feed([])).findtext("a:updated", namespaces=ATOM)


def study(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "study.yml").write_text(text, encoding="utf-8")
    return folder


def test_addresses_name_the_release_and_the_site_where_one_is_declared(tmp_path: Path) -> None:
    plain = planned(study(tmp_path / "plain", "synthetic: true\n"))
    place = release_place(plain, "82/index.html")
    assert permanent_address(plain.study, place) == place == "2025-S2-ab12cd34/82/index.html"
    served = planned(study(tmp_path / "served", "site: https://contoh.go.id/laporan\n"))
    address = "https://contoh.go.id/laporan/2025-S2-ab12cd34/82/index.html"
    assert permanent_address(served.study, place) == address
    places = ElementTree.fromstring(sitemap(served, ["82"])).findall("s:url/s:loc", MAP)
    assert address in {place.text for place in places}
    dates = ElementTree.fromstring(sitemap(served, ["82"])).findall("s:url/s:lastmod", MAP)
    assert {date.text for date in dates} == {"2025-12-31"}
    assert ElementTree.fromstring(feed(served)).findall("a:entry", ATOM)


@pytest.mark.parametrize("address", ["contoh.go.id", "ftp://contoh.go.id", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match=r"study\.yml"):
        site_address(str(study(tmp_path / "wrong", f"site: '{address}'\n")))


def test_without_a_browser_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(BROWSER_ENV, str(tmp_path / "none"))
    found = find_printing()
    assert not found.printed_by
    assert found.why_not is not None
    assert BROWSER_ENV in found.why_not.id
    with found.printer() as printer:
        assert printer is None
    assert find_printing(wanted=False).why_not.key == "site.cli.pdf_off"  # type: ignore[union-attr]


def test_a_browser_that_does_not_start_keeps_no_report_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv(BROWSER_ENV, str(broken))
    found = find_printing()
    assert found.why_not is not None
    assert found.why_not.key == "site.cli.pdf_failed"


def test_pdfs_of_another_browser_are_taken_over_for_a_comparison(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(printing, "find_printing", lambda: Printing("Chromium 1.2"))
    assert printing_of("Chromium 1.2", tmp_path).taken_from is None
    assert printing_of(None, tmp_path) == Printing()
    (tmp_path / "82").mkdir()
    (tmp_path / "82" / "report.pdf").write_bytes(b"%PDF")
    with printing_of("Chromium 9.9", tmp_path).printer() as printer:
        assert printer is not None
        assert printer.print_page(Path("page.html"), Path("82/report.pdf")) == b"%PDF"
