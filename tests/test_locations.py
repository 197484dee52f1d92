"""Files in a folder and in an S3-compatible store, through the same functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from analysis import locations
from analysis.errors import UsageError
from analysis.publish import send_release
from analysis.publish.shelf import update_shelf


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place that is a folder, and one in a local S3-compatible server."""
    if request.param == "folder":
        yield str(tmp_path / "place")
        return
    fsspec, server = pytest.importorskip("fsspec"), pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    kept = dict(fsspec.config.conf)
    fsspec.config.conf["s3"] = {"key": "test", "secret": "test", "endpoint_url": f"http://{host}:{port}"}
    fsspec.filesystem("s3").mkdir("bucket")
    yield "s3://bucket/place"
    fsspec.config.conf.clear()
    fsspec.config.conf.update(kept)
    running.stop()


def test_what_is_written_is_read_and_listed(place: str) -> None:
    name = locations.join(place, "deep", "file.txt")
    assert not locations.exists(name)
    locations.write_bytes(name, b"one")
    locations.write_bytes(name, b"two")
    assert locations.exists(name)
    assert locations.read_bytes(name) == b"two"
    assert locations.names(place) == ["deep/file.txt"]


def test_a_folder_travels_there_and_back(place: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "82").mkdir(parents=True)
    (here / "a.csv").write_bytes(b"a")
    (here / "SHA256SUMS").write_bytes(b"sums")
    (here / "82" / "index.html").write_bytes(b"page")
    assert locations.send(here, place, last="SHA256SUMS") == 3
    assert locations.names(place) == ["82/index.html", "SHA256SUMS", "a.csv"]
    back = locations.fetch(place, tmp_path / "back")
    assert {p.name: p.read_bytes() for p in back.iterdir() if p.is_file()} == {"a.csv": b"a", "SHA256SUMS": b"sums"}


def test_a_second_fetch_follows_changes_and_removals(place: str, tmp_path: Path) -> None:
    import fsspec

    for name in ("a.csv", "b.csv"):
        locations.write_bytes(locations.join(place, name), b"1")
    folder = locations.fetch(place, tmp_path / "here")
    locations.write_bytes(locations.join(place, "a.csv"), b"changed")
    files, path = fsspec.core.url_to_fs(place)
    files.rm(f"{path}/b.csv")
    locations.fetch(place, folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == {"a.csv": b"changed"}


def test_a_place_without_files_or_of_an_unknown_kind_is_refused(place: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        locations.fetch(locations.join(place, "nothing"), tmp_path / "here")
    with pytest.raises(UsageError):
        locations.exists("no-such-kind://host/place")


@pytest.mark.parametrize(
    ("place", "expected"),
    [("s3://bucket/a", True), ("/folder/a", False), ("C:\\folder", False), ("file:///folder", False)],
)
def test_addresses_and_folders_are_told_apart(place: str, expected: bool) -> None:
    assert locations.is_address(place) is expected


def test_a_study_and_a_release_lie_in_a_store(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from types import SimpleNamespace

    from analysis import commands, publish
    from analysis.batch import Options

    locations.write_bytes(locations.join(place, "in", "unit.csv"), b"unit_id")
    monkeypatch.setattr(locations, "project_dir", lambda: tmp_path)
    seen = {}

    def plan(folder: Path, target: Path, *_: object) -> object:
        seen["files"] = sorted(p.name for p in folder.iterdir() if p.is_file())
        return SimpleNamespace(target=target / "2025-S2-0", printing=SimpleNamespace(why_not=None, printed_by=""))

    def run(planned: SimpleNamespace, *_: object) -> object:
        lie(planned.target, "0123456789ab")
        return SimpleNamespace(folder=planned.target, regions=("82",), unchanged=False)

    monkeypatch.setattr(publish, "plan", plan)
    monkeypatch.setattr(publish, "run", run)
    commands.run(locations.join(place, "in"), (), locations.join(place, "out"), Options(), False, "en")
    assert seen["files"] == ["unit.csv"]
    if locations.is_address(place):
        assert locations.names(locations.join(place, "out")) == [
            *(f"2025-S2-0/{name}" for name in ("SHA256SUMS", "index.html", "release.json")),
            *("feed.xml", "latest.json", "newest.css", "r/82-0123456789ab/en.html", "r/82-0123456789ab/index.html"),
            *("r/82.css", "releases.json"),
        ]
        assert "copied to" in capsys.readouterr().out


def lie(release: Path, report: str) -> Path:
    """Put a release of one region into its folder, and beside it what belongs there."""
    described = {"release": release.name, "first_period": "2021-S1", "last_period": release.name[:7], "regions": ["82"],
                 "study_run_id": "0", "synthetic": True, "reports": {"82": report}}  # fmt: skip
    release.mkdir(parents=True)
    for name in ("index.html", "SHA256SUMS"):
        (release / name).write_text(name, encoding="utf-8")
    (release / "release.json").write_text(json.dumps(described), encoding="utf-8")
    update_shelf(release)
    return release


def test_a_release_from_another_machine_keeps_those_that_lie_at_the_address(place: str, tmp_path: Path) -> None:
    """A new machine has none of the former releases; their list, their feed and the addresses of reports stay."""
    out = locations.join(place, "out")
    send_release(lie(tmp_path / "one" / "2025-S1-a", "aaaaaaaaaaaa"), out)
    send_release(lie(tmp_path / "two" / "2025-S2-b", "bbbbbbbbbbbb"), out)
    told = json.loads(locations.read_bytes(locations.join(out, "releases.json")))
    assert [item["release"] for item in told["releases"]] == ["2025-S2-b", "2025-S1-a"]
    assert told["latest"] == "2025-S2-b"
    assert b"2025-S1-a" in locations.read_bytes(locations.join(out, "feed.xml"))
    assert b"bbbbbbbbbbbb" in locations.read_bytes(locations.join(out, "r/82.css"))
    first = locations.join(out, "r/82-aaaaaaaaaaaa/index.html")
    assert b"../../2025-S1-a/82/index.html" in locations.read_bytes(first)
    send_release(lie(tmp_path / "three" / "2025-S2-c", "aaaaaaaaaaaa"), out)
    assert b"../../2025-S1-a/82/index.html" in locations.read_bytes(first)
