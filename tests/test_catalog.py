"""The catalog: strict loading, cross-checks, and finding a region without guessing."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from analysis.catalog import Catalog, Text, load_catalog, load_records
from analysis.catalog.records import Region
from analysis.errors import CatalogError, UsageError
from analysis.messages import LANGUAGES, catalogue
from analysis.paths import catalog_dir

STARTING_REGIONS = {"82": "Maluku Utara", "15.09": "Kabupaten Tebo", "96.71": "Kota Sorong"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@dataclass(frozen=True)
class Part:
    name: str
    minimum: float = 0.0


@dataclass(frozen=True)
class Thing:
    key: str
    label: Text
    size: int
    kind: Literal["small", "large"] = "small"
    parts: tuple[Part, ...] = ()
    code: str | None = None


def write(tmp_path: Path, text: str, name: str = "things.yml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


GOOD = "a:\n  label: {id: Satu, en: One}\n  size: 3\n  parts: {left: {minimum: 1}, right: {}}\n"


def test_loader_builds_frozen_records(tmp_path):
    record = load_records(write(tmp_path, GOOD), Thing)["a"]
    assert record == Thing("a", Text("Satu", "One"), 3, parts=(Part("left", 1.0), Part("right")))
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.size = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("size", "sise"), ("things.yml", "entry a", '"sise"', "Did you mean size?")),
        (GOOD.replace("  size: 3\n", ""), ("entry a", '"size" is missing')),
        (GOOD.replace("size: 3", "size: three"), ("a.size", '"three"', "a whole number")),
        (GOOD.replace("size: 3", "size: 3.5"), ("a.size", '"3.5"', "a whole number")),
        (GOOD.replace("size: 3", "size: true"), ("a.size", '"True"', "a whole number")),
        (GOOD + "  code: 15.10\n", ("a.code", '"15.1"', "must be text", "quotation marks")),
        (GOOD + "  kind: larg\n", ("a.kind", "small, large", "Did you mean large?")),
        (GOOD.replace("minimum", "minimun"), ("a.parts.1", '"minimun"', "Did you mean minimum?")),
        (GOOD.replace(", en: One", ""), ("a.label", '"en" is missing')),
        (GOOD + GOOD, ("things.yml", "repeated key 'a'")),
        ("a: [1, 2]\n", ("entry a", "keys with values")),
        ("a: {b: [\n", ("things.yml line",)),
    ],
)
def test_loader_names_file_entry_and_closest_key(tmp_path, text, expected):
    with pytest.raises(CatalogError) as caught:
        load_records(write(tmp_path, text), Thing)
    message = caught.value.message
    assert all(part in message.en for part in expected), message.en
    assert "things.yml" in message.id


def test_loader_reads_csv_lists_and_empty_cells(tmp_path):
    path = write(tmp_path, "name,minimum\nleft,2.5\nright,\n", "parts.csv")
    assert load_records(path, Part) == {"left": Part("left", 2.5), "right": Part("right", 0.0)}
    with pytest.raises(CatalogError, match="row 2"):
        load_records(write(tmp_path, "name,minimum\nleft,2.5,9\n", "ragged.csv"), Part)
    with pytest.raises(CatalogError, match="written twice"):
        load_records(write(tmp_path, "name,minimum\nleft,1\nleft,2\n", "twice.csv"), Part)
    with pytest.raises(CatalogError, match="there is no file"):
        load_records(tmp_path / "absent.csv", Part)


def test_every_province_regency_and_city_is_there(catalog):
    levels = Counter(region.level for region in catalog.regions.values())
    assert levels == {"province": 38, "regency": 416, "city": 98}
    assert {code: catalog.region(code).name for code in STARTING_REGIONS} == STARTING_REGIONS
    assert len({region.iso for region in catalog.provinces}) == 38


def test_codes_of_the_two_systems_collide_as_documented(catalog):
    """Of 514 codes 199 differ, and 169 of these BPS codes are the Kemendagri code of another region."""
    local = [region for region in catalog.regions.values() if region.level != "province"]
    kemendagri = {region.code.replace(".", "") for region in local}
    differing = [region for region in local if region.code.replace(".", "") != region.bps_code]
    assert len(differing) == 199
    assert sum(region.bps_code in kemendagri for region in differing) == 169


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("1508", "TEBO", "15.09"),
        ("1509", "Kab. Bungo", "15.08"),
        ("91", "PAPUA BARAT", "92"),
        ("92", "PAPUA BARAT DAYA", "96"),
        ("94", "PAPUA", "91"),
        ("95", "PAPUA SELATAN", "93"),
        ("9171", "KOTA SORONG", "96.71"),
        ("9271", "KOTA SORONG", "96.71"),
        ("9401", "Merauke", "93.01"),
        ("15.04", "Batang Hari", "15.04"),
    ],
)
def test_bps_code_and_name_together(catalog, code, name, expected):
    assert catalog.region_by_bps(code, name).code == expected


@pytest.mark.parametrize(
    ("code", "name", "part"),
    [
        ("1509", "TEBO", "15.09 Kabupaten Tebo, BPS 1508"),
        ("92", "PAPUA BARAT", "92 Papua Barat, BPS 91"),
        ("9999", "TEBO", "no region with BPS code 9999"),
    ],
)
def test_a_bps_code_alone_is_never_trusted(catalog, code, name, part):
    with pytest.raises(UsageError) as caught:
        catalog.region_by_bps(code, name)
    assert part in caught.value.message.en


@pytest.mark.parametrize("code", ["15.1", 15.1, 15.09, 15, "15.0", "82.0", "15.090000"])
def test_a_code_that_went_through_a_number_is_refused_with_the_advice(catalog, code):
    with pytest.raises(UsageError) as caught:
        catalog.region(code)
    assert "-r region" in caught.value.message.id
    assert "-r region" in caught.value.message.en


def test_unknown_codes_and_names_get_the_closest(catalog):
    with pytest.raises(UsageError, match=r"15\.09 Kabupaten Tebo"):
        catalog.resolve("Kabupaten Tebbo")
    with pytest.raises(UsageError, match=r"Did you mean 15\."):
        catalog.region("15.19")
    with pytest.raises(UsageError, match=r"99\.99"):
        catalog.region("99.99")
    with pytest.raises(UsageError, match=r"BPS code, not a Kemendagri code.*15\.09"):
        catalog.region("1508")
    with pytest.raises(UsageError, match="Did you mean public_service_index"):
        catalog.indicator("public_servise_index")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kab. Tebo", "15.09"),
        ("tebo", "15.09"),
        ("Batang Hari", "15.04"),
        ("Kota Sorong", "96.71"),
        ("kabupaten sorong", "96.01"),
        ("Muara Tebo", "15.09"),
        ("Daerah Khusus Jakarta", "31"),
        ("Provinsi Gorontalo", "75"),
        ("96.71", "96.71"),
        ("Kotabaru", "63.02"),
        ("Fakfak", "92.03"),
    ],
)
def test_names_are_resolved(catalog, name, expected):
    assert catalog.resolve(name).code == expected


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Sofifi", ["82 Maluku Utara", "82.72 Kota Tidore Kepulauan"]),
        ("Sorong", ["96.71 Kota Sorong", "96.01 Kabupaten Sorong", "96 Papua Barat Daya"]),
        ("Gorontalo", ["75 Gorontalo", "75.01 Kabupaten Gorontalo", "75.71 Kota Gorontalo"]),
        ("Jambi", ["15 Jambi", "15.71 Kota Jambi"]),
    ],
)
def test_an_ambiguous_name_lists_its_candidates_in_both_languages(catalog, name, codes):
    with pytest.raises(UsageError) as caught:
        catalog.resolve(name)
    for lang in LANGUAGES:
        assert all(code in caught.value.message.text(lang) for code in codes)


def test_every_name_with_its_kind_resolves_to_its_own_region(catalog):
    for region in catalog.regions.values():
        name = f"Provinsi {region.name}" if region.level == "province" else region.name
        assert catalog.resolve(name) is region
        assert catalog.region_by_bps(region.bps_code, name) is region


def test_members_and_boundary_changes(catalog):
    codes = [region.code for region in catalog.members("96.71")]
    assert codes == ["96", "96.01", "96.02", "96.03", "96.04", "96.05", "96.71"]
    assert catalog.boundary_change("91") == catalog.boundary_change("92") == 2022
    assert catalog.boundary_change("15") is None


def test_regencies_lie_near_their_province(catalog):
    """Within 6.5 degrees of its point: the farthest is Maluku Barat Daya with 5.95."""
    for region in catalog.regions.values():
        province = catalog.regions[region.province_code]
        assert abs(region.latitude - province.latitude) + abs(region.longitude - province.longitude) < 9
        assert (region.latitude - province.latitude) ** 2 + (region.longitude - province.longitude) ** 2 < 6.5**2
    points = Counter((region.latitude, region.longitude) for region in catalog.regions.values())
    assert max(points.values()) == 1


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in catalog_dir().iterdir():
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def edited(folder: Path, name: str, old: str, new: str) -> Path:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "part"),
    [
        (
            "regions.csv",
            "15.09,Kabupaten Tebo,regency,1508,,15,",
            "15.09,Kabupaten Tebo,regency,1508,,99,",
            "parent 99",
        ),
        ("regions.csv", "15.09,Kabupaten Tebo,regency,1508", "15.09,Kabupaten Tebo,regency,1509", "bps_code"),
        ("regions.csv", "Muara Tebo,-1.388,102.427", "Muara Tebo,-1.388,10.2427", "outside Indonesia"),
        ("regions.csv", "15.09,Kabupaten Tebo,regency", "15.79,Kabupaten Tebo,regency", "form of a code"),
        ("regions.csv", "15.09,Kabupaten Tebo,regency", "15.09,Kabupaten Tebo,regenc", "Did you mean regency"),
        ("regions.csv", "ID-MU", "", "ISO"),
        ("places.yml", '["82", "82.72"]', '["82", "82.99"]', "82.99"),
        ("corrections.yml", '"91"', '"99"', "code 99"),
        ("corrections.yml", "indicator: public_service_index", "indicator: public_index", "public_index"),
        ("indicators.yml", "first_year: 2022", "first_year: 2018", "order of years"),
        ("indicators.yml", "letter: B, minimum: 62.51", "letter: B, minimum: 82.51", "ordered from the highest"),
        ("indicators.yml", "en: Public satisfaction index (IKM)", 'en: ""', "both languages"),
    ],
)
def test_contradictions_between_files_are_refused(copy, name, old, new, part):
    with pytest.raises(CatalogError) as caught:
        load_catalog(edited(copy, name, old, new))
    assert part in caught.value.message.en
    assert name in caught.value.message.id


def test_a_missing_region_is_noticed(copy):
    path = copy / "regions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "Kabupaten Tebo" not in line), encoding="utf-8")
    with pytest.raises(CatalogError, match="513"):
        load_catalog(copy)


def test_a_change_of_measurement_must_be_explained(copy):
    path = copy / "indicators.yml"
    text = path.read_text(encoding="utf-8")
    start = text.index("      change:")
    end = text.index("      grades:", start)
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(CatalogError, match="must be explained"):
        load_catalog(copy)


def test_the_catalog_is_read_once_and_cannot_be_changed(catalog):
    assert load_catalog() is catalog
    with pytest.raises(TypeError):
        catalog.regions["15.09"] = None
    assert isinstance(catalog.region("15.09"), Region)


def test_declared_method_breaks(catalog):
    breaks = {
        key: [scheme.first_year for scheme in indicator.breaks]
        for key, indicator in catalog.indicators.items()
        if indicator.breaks
    }
    assert breaks == {
        "satisfaction_index": [2017],
        "professionalism_index": [2019],
        "ombudsman_compliance": [2022, 2025],
        "public_service_index": [2023],
        "literacy_development_index": [2022],
    }
    assert catalog.indicator("professionalism_index").training_inside
    assert catalog.indicator("ombudsman_compliance").scheme(2018) is None


def test_both_languages_know_the_same_texts():
    indonesian, english = (catalogue(lang) for lang in LANGUAGES)
    own = {key for key in indonesian if key.startswith(("catalog.", "published."))}
    assert own == {key for key in english if key.startswith(("catalog.", "published."))}
    assert own
