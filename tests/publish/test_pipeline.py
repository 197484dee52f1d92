"""From office files to a release: what is in it, that it repeats, and what happens when something fails."""

from __future__ import annotations

import html
import json
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from analysis import publish
from analysis.batch import Options
from analysis.errors import (
    EXIT_DISCLOSURE_REFUSED,
    EXIT_SOME_REGIONS_FAILED,
    EXIT_VERIFICATION_DIFFERS,
    DisclosureError,
    RegionsFailedError,
    VerificationError,
)
from analysis.publish import pipeline
from analysis.publish.release import checksums, is_intact
from analysis.publish.tables import to_csv
from analysis.study import load_study

STARTING = ("15.09", "82", "96.71")
VERDICTS = {"supported", "weakly_supported", "cannot_tell", "contradicted", "not_identified", "no_data"}


def test_a_release_holds_what_the_contract_says(small_release: publish.Released) -> None:
    found = set(checksums(small_release.folder))
    assert small_release.regions == STARTING
    for code in STARTING:
        names = ("index.html", "en.html", "estimates.csv", "claims.csv", "annex.html", "manifest.json")
        assert {f"{code}/{name}" for name in names} <= found
    assert {
        "index.html",
        "index.en.html",
        "compare.html",
        "compare.en.html",
        "release.json",
        "sitemap.xml",
        "feed.xml",
    } <= found
    assert is_intact(small_release.folder)
    assert (small_release.folder.parent / "latest" / "index.html").exists()


def test_a_region_can_be_passed_on_as_word_excel_and_zip(small_release: publish.Released) -> None:
    found = checksums(small_release.folder)
    for code in STARTING:
        exports = {f"{code}/report{part}" for part in (".docx", ".en.docx", ".xlsx", ".en.xlsx", ".zip")}
        assert exports | {f"{code}/dictionary.csv"} <= set(found)
        manifest = json.loads((small_release.folder / code / "manifest.json").read_text(encoding="utf-8"))
        assert {"report.docx", "report.en.xlsx", "dictionary.csv"} <= set(manifest["outputs"])
        assert len(manifest["environment_sha256"]) == 64
        with zipfile.ZipFile(small_release.folder / code / "report.zip") as held:
            names = {name.rpartition("/")[2]: name for name in held.namelist()}
            assert {"index.html", "en.html", "report.docx", "estimates.csv", "manifest.json", "README.txt"} <= set(
                names
            )
            assert all(manifest["run_id"] in name for name in names.values())
            for name in set(names) - {"README.txt"}:
                assert held.read(names[name]) == (small_release.folder / code / name).read_bytes()


def test_every_page_has_a_permanent_address_and_learns_of_newer_releases(small_release: publish.Released) -> None:
    shelf = small_release.folder.parent
    for page in small_release.folder.rglob("*.html"):
        text = html.unescape(page.read_text(encoding="utf-8"))
        style = re.search(r'<link rel="stylesheet" href="([^"]+)"', text)
        assert style is not None
        edition = re.search(r'data-edition="([^"]+)"', text)
        assert edition is not None
        assert f':not([data-edition="{edition[1]}"])' in (page.parent / style[1]).read_text(encoding="utf-8")
        assert "style-src 'self'" in text
        permanent = re.search(r'· <a href="([^"]+)"', text[text.index("<footer>") :])
        assert permanent is not None
        place = (page.parent / permanent[1]).resolve()
        if page.parent == small_release.folder:
            assert (edition[1], place) == (small_release.folder.name, page)
        else:
            lead = re.search(r'content="0; url=([^"]+)"', place.read_text(encoding="utf-8"))
            assert lead is not None
            named = "en.html" if page.name.endswith("en.html") else "index.html"
            assert (place.parent / lead[1]).resolve() == page.with_name(named)
            assert place.parent == shelf / "r" / f"{page.parent.name}-{edition[1]}"


def test_pages_speak_their_language_and_say_that_the_data_are_synthetic(small_release: publish.Released) -> None:
    for page in small_release.folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        english = page.name.endswith("en.html")
        assert f'<html lang="{"en" if english else "id"}">' in text
        assert "Data tiruan" in text
        assert "Synthetic data" in text


def test_pages_make_no_external_request(small_release: publish.Released) -> None:
    for page in small_release.folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"""(?:src|href|action)=["']?(?:https?:)?//""", text) == [], page
        assert re.findall(r"url\((?!#)|@import", text) == [], page
        assert "default-src 'none'" in html.unescape(text)


def test_links_between_pages_lead_somewhere(small_release: publish.Released) -> None:
    for page in small_release.folder.rglob("*.html"):
        for target in re.findall(r'href="([^"#?]+)', page.read_text(encoding="utf-8")):
            assert target.startswith("data:") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_claims_and_estimates_are_tidy_and_have_their_uncertainty(small_release: publish.Released) -> None:
    for code in STARTING:
        claims = pd.read_csv(small_release.folder / code / "claims.csv")
        assert len(claims) == 17
        assert set(claims["verdict"]) <= VERDICTS
        shown = claims["estimate"].notna()
        assert claims.loc[shown, ["conf_low", "conf_high", "unit"]].notna().all().all()
        assert claims["reason"].str.len().gt(10).all()
        estimates = pd.read_csv(small_release.folder / code / "estimates.csv")
        assert estimates[["conf_low", "conf_high", "n_obs", "n_units", "covariance"]].notna().all().all()


def test_the_manifest_binds_inputs_code_parameters_and_outputs(
    small_release: publish.Released, small_study: Path
) -> None:
    for code in STARTING:
        manifest = json.loads((small_release.folder / code / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["parameters"]["region"] == code
        assert {item["name"] for item in manifest["inputs"]} <= {p.name for p in small_study.iterdir()}
        sums = checksums(small_release.folder)
        assert all(sums[f"{code}/{name}"] == digest for name, digest in manifest["outputs"].items())
        assert str(small_study.parent) not in json.dumps(manifest["environment"])


def test_a_second_run_finds_the_release_and_a_fresh_one_has_the_same_bytes(
    small_release: publish.Released, small_study: Path, tmp_path: Path
) -> None:
    out = small_release.folder.parent
    assert publish.run(publish.plan(small_study, out)).unchanged
    fresh = publish.run(publish.plan(small_study, tmp_path), options=Options(workers=1))
    assert not fresh.unchanged
    assert fresh.folder.name == small_release.folder.name
    assert checksums(fresh.folder) == checksums(small_release.folder)


def test_verify_repeats_a_release_and_sees_a_changed_byte(small_release: publish.Released, tmp_path: Path) -> None:
    assert publish.verify(small_release.folder) == len(checksums(small_release.folder))
    copy = tmp_path / small_release.folder.name
    shutil.copytree(small_release.folder, copy)
    page = copy / "82" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Maluku", "Malaku", 1), encoding="utf-8")
    with pytest.raises(VerificationError, match=re.escape("82/index.html")) as caught:
        publish.verify(copy)
    assert caught.value.exit_code == EXIT_VERIFICATION_DIFFERS


def test_verify_sees_a_changed_input(small_release: publish.Released, small_study: Path) -> None:
    added = small_study / "truth.json"
    before = added.read_bytes()
    try:
        added.write_bytes(before + b" ")
        with pytest.raises(VerificationError, match="study_run_id"):
            publish.verify(small_release.folder)
    finally:
        added.write_bytes(before)


def notebooks_that_fail(tmp_path: Path, condition: str) -> Path:
    """A copy of the notebooks whose report stops where `condition` holds."""
    from analysis.paths import notebooks_dir

    folder = tmp_path / "notebooks"
    shutil.copytree(notebooks_dir(), folder, ignore=shutil.ignore_patterns("explore", ".ipynb_checkpoints"))
    path = folder / "policy_report.ipynb"
    book = nbformat.read(path, as_version=4)
    cell = next(cell for cell in book.cells if "open_study" in cell.source)
    cell.source += f"\nassert not ({condition}), 'planted'"
    nbformat.write(book, path)
    return folder


def test_a_failing_region_is_named_and_the_others_are_published(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = notebooks_that_fail(tmp_path, "params.region == '82'")
    monkeypatch.setattr(pipeline, "notebooks_dir", lambda: folder)
    planned = publish.plan(small_study, tmp_path / "out")
    with pytest.raises(RegionsFailedError, match="82") as caught:
        publish.run(planned, options=Options(workers=2))
    assert caught.value.exit_code == EXIT_SOME_REGIONS_FAILED
    assert not (planned.target / "82").exists()
    assert (planned.target / "15.09" / "index.html").exists()
    assert json.loads((planned.target / "release.json").read_text(encoding="utf-8"))["failed"] == ["82"]
    assert "(82)" in (planned.target / "index.html").read_text(encoding="utf-8")
    with pytest.raises(RegionsFailedError, match="82"):
        publish.run(planned, options=Options(workers=2))  # what failed is tried again, not taken for done


def test_when_all_regions_fail_the_older_release_stays(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    (out / "older").mkdir(parents=True)
    folder = notebooks_that_fail(tmp_path, "True")
    monkeypatch.setattr(pipeline, "notebooks_dir", lambda: folder)
    with pytest.raises(RegionsFailedError, match="planted"):
        publish.run(publish.plan(small_study, out, ["82"]), options=Options(workers=1))
    assert sorted(p.name for p in out.iterdir() if p.name != ".lock") == ["older"]


def test_an_identifier_in_a_page_stops_the_release(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leak(planned: pipeline.Plan, outcomes: object, draft: Path) -> None:
        (draft / "index.html").write_text("<p>198001012005011001</p>", encoding="utf-8")

    monkeypatch.setattr(pipeline, "write_site", leak)
    planned = publish.plan(small_study, tmp_path, ["82"])
    with pytest.raises(DisclosureError) as caught:
        publish.run(planned, options=Options(workers=1))
    assert caught.value.exit_code == EXIT_DISCLOSURE_REFUSED
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".lock") == []


def test_the_stored_study_is_read_back_as_it_was(small_study: Path) -> None:
    first, second = load_study(small_study), load_study(small_study)
    assert first.meta == second.meta
    pd.testing.assert_frame_equal(first.verdicts, second.verdicts)
    assert {"key", "values"} == set(first.verdicts["reason"].iloc[0])


def test_tables_neutralise_formulas_and_round() -> None:
    table = pd.DataFrame({"name": ["=1+1", "@x", "-", "plain"], "value": [1 / 3, float("nan"), 2.0, 1e-9]})
    assert to_csv(table) == "name,value\n'=1+1,0.333333\n'@x,\n'-,2\nplain,1e-09\n"
