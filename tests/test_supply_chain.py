"""Every part listed with its hash, no licence that binds, no audit that passes by skipping."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from analysis.paths import project_dir


@pytest.fixture(scope="module")
def supply_chain() -> ModuleType:
    spec = importlib.util.spec_from_file_location("supply_chain", project_dir() / "tools" / "supply_chain.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


def test_every_locked_package_is_listed_with_its_hash(supply_chain: ModuleType, tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    assert supply_chain.sbom(target) >= len(supply_chain.locked()) > 100
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    assert {part["name"].lower() for part in document["components"]} == set(supply_chain.locked())
    for part in document["components"]:
        hashes = [h for place in part["externalReferences"] for h in place.get("hashes", [])]
        assert {item["alg"] for item in hashes} == {"SHA-256"}, part["name"]
    first = target.read_bytes()
    supply_chain.sbom(target)
    assert target.read_bytes() == first


def test_no_licence_binds_those_who_import(supply_chain: ModuleType) -> None:
    found = supply_chain.licences()
    assert {"pandas", "statsmodels", "diff-diff"} <= set(found)
    assert supply_chain.refused_licences(found) == {}


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0-or-later", True),
        ("GPL-2.0-only", True),
        ("UNKNOWN", True),
        ("GNU Lesser General Public License v3", False),
        ("LGPL-2.1", False),
        ("MIT OR GPL-3.0", False),
        ("BSD License", False),
    ],
)
def test_which_licences_are_refused(supply_chain: ModuleType, licence: str, refused: bool) -> None:
    assert bool(supply_chain.refused_licences({"some-package": licence})) is refused


def test_an_audit_without_an_answer_fails(supply_chain: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert supply_chain.audit() != 0


def test_an_audit_that_skips_a_package_fails(
    supply_chain: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(supply_chain.locked())

    def answer(*_: object, **__: object) -> object:
        told = [{"name": name, "version": "1", "vulns": []} for name in names[1:]]
        return type("Done", (), {"returncode": 0, "stdout": json.dumps({"dependencies": told}), "stderr": ""})()

    monkeypatch.setattr(supply_chain.subprocess, "run", answer)
    assert supply_chain.audit() == 1
    assert names[0] in capsys.readouterr().err
