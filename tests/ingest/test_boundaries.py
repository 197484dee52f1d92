"""Boundaries that a study brings: both forms read alike, made small, and never a reason to refuse a study."""

from __future__ import annotations

import json

import pytest

from analysis.ingest.boundaries import (
    EAST,
    GRID,
    MOST_POINTS,
    WEST,
    clip,
    code_of,
    is_boundaries,
    read_boundaries,
    simplify,
    small,
)
from analysis.ingest.folder import sort_files

KNOWN = ("82", "82.71")
SQUARE = [[126.0, -1.0], [128.0, -1.0], [128.0, 1.0], [126.0, 1.0], [126.0, -1.0]]
GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"KODE": 8271}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}},
        {"type": "Feature", "properties": {"KODE": "99"}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}},
    ],
}
TOPOJSON = {
    "type": "Topology",
    "transform": {"scale": [0.1, 0.1], "translate": [126.0, -1.0]},
    "arcs": [[[0, 0], [20, 0], [0, 20]], [[0, 0], [0, 20], [20, 0]]],
    "objects": {
        "regions": {
            "type": "GeometryCollection",
            "geometries": [{"type": "MultiPolygon", "properties": {"kode": "82"}, "arcs": [[[0, -2]]]}],
        }
    },
}


def corners(folder, document, name="boundaries.geojson"):
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    table, findings = read_boundaries(folder, KNOWN)
    return {row.region_code: json.loads(row.rings) for row in table.itertuples()}, findings


def test_geojson_is_read_by_code_and_others_are_told(tmp_path):
    shapes, findings = corners(tmp_path, GEOJSON)
    assert list(shapes) == ["82.71"]
    assert sorted(map(tuple, shapes["82.71"][0])) == [(126, -1), (126, 1), (128, -1), (128, 1)]
    assert [(f.severity, f.rule, f.message.values["n"]) for f in findings] == [("warning", "boundaries_unknown", 1)]


def test_topojson_gives_the_same_square(tmp_path):
    shapes, findings = corners(tmp_path, TOPOJSON, "batas_wilayah.topojson")
    assert sorted(map(tuple, shapes["82"][0])) == [(126, -1), (126, 1), (128, -1), (128, 1)]
    assert findings == ()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type": "Topology"}', '{"type": "FeatureCollection", "features": 3}']
)
def test_a_broken_file_leaves_the_map_of_points(tmp_path, text):
    (tmp_path / "boundaries.json").write_text(text, encoding="utf-8")
    table, findings = read_boundaries(tmp_path, KNOWN)
    assert table.empty
    assert [f.rule for f in findings] == ["boundaries_unreadable"]
    assert all(f.severity == "warning" and f.message.id and f.message.en for f in findings)


def test_a_file_without_codes_says_where_to_put_them(tmp_path):
    shapes, findings = corners(tmp_path, {"type": "FeatureCollection", "features": []})
    assert shapes == {}
    assert "region_code" in findings[-1].message.id


def test_boundaries_are_no_office_file(tmp_path):
    (tmp_path / "boundaries.geojson").write_text("{}", encoding="utf-8")
    assert sort_files(tmp_path) == ({}, [])
    assert not is_boundaries(tmp_path / "batas.csv")


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"KODE": "8271"}, "82.71"),
        ({"id": "82.71"}, "82.71"),
        ({"kode": 82}, "82"),
        ({"name": "x"}, ""),
        ({"id": "x"}, "x"),
    ],
)
def test_codes_are_written_as_in_the_catalog(properties, code):
    assert code_of(properties) == code


def test_what_lies_outside_the_map_is_cut_off():
    ring = clip([(90.0, 0.0), (150.0, 0.0), (150.0, 2.0), (90.0, 2.0)])
    assert {x for x, _ in ring} == {WEST, EAST}
    assert clip([(10.0, 50.0), (11.0, 50.0), (11.0, 51.0)]) == []


def test_corners_that_cannot_be_seen_are_dropped():
    # A corner 0.001 degrees off the edge of the square holds 0.001 square degrees.
    ring = [(126.0, -1.0), (127.0, -1.001), (128.0, -1.0), (128.0, 1.0), (126.0, 1.0)]
    assert len(simplify(ring, 0.01)) == 4
    assert len(simplify([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], 9.0)) == 3


def test_many_corners_become_few_and_no_region_is_lost():
    from math import cos, pi, sin

    def ring(x: float, size: float) -> list[tuple[float, float]]:
        return [(x + size * cos(2 * pi * i / 900), size * sin(2 * pi * i / 900)) for i in range(900)]

    shapes = {str(i): [ring(100 + i / 3, 1.5), ring(101 + i / 3, GRID)] for i in range(60)}
    found = small(shapes)
    assert sum(len(r) for rings in found.values() for r in rings) <= MOST_POINTS
    assert sorted(found) == sorted(shapes)
    assert all(len(rings[0]) >= 8 for rings in found.values())
