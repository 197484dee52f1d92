"""Signed checksums: the right key passes, anything else is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.errors import UsageError, VerificationError
from analysis.publish.release import SIGNATURE, checksums, is_intact, write_checksums
from analysis.publish.signing import KEY_ENV, PROGRAM, check_signature, sign

needs_program = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="minisign is not on this machine")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "2025-S2-0123abcd"
    folder.mkdir()
    (folder / "index.html").write_text("<p>x</p>", encoding="utf-8")
    write_checksums(folder)
    return folder


def new_key(folder: Path, name: str) -> tuple[Path, Path]:
    secret, public = folder / f"{name}.key", folder / f"{name}.pub"
    command = [PROGRAM, "-G", "-W", "-f", "-s", str(secret), "-p", str(public)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return secret, public


def test_without_a_key_nothing_is_signed(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_ENV, raising=False)
    assert sign(release, release.name) is False
    assert not (release / SIGNATURE).exists()


def test_a_key_that_is_not_there_stops_the_release(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_ENV, str(release / "absent.key"))
    with pytest.raises(UsageError):
        sign(release, release.name)


def test_without_the_program_a_wanted_signature_stops_the_release(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "some.key"
    key.write_text("x", encoding="utf-8")
    monkeypatch.setenv(KEY_ENV, str(key))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=PROGRAM):
        sign(release, release.name)


def test_an_unsigned_release_is_said_to_be(release: Path, tmp_path: Path) -> None:
    key = tmp_path / "some.pub"
    key.write_text("x", encoding="utf-8")
    with pytest.raises(VerificationError):
        check_signature(release, key)


@needs_program
def test_signed_and_checked(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (secret, public), (_, other) = new_key(tmp_path, "ours"), new_key(tmp_path, "theirs")
    monkeypatch.setenv(KEY_ENV, str(secret))
    assert sign(release, release.name) is True
    assert SIGNATURE not in checksums(release)
    assert is_intact(release)
    first = (release / SIGNATURE).read_bytes()
    sign(release, release.name)
    assert (release / SIGNATURE).read_bytes() == first
    assert release.name in check_signature(release, public)
    with pytest.raises(VerificationError):
        check_signature(release, other)
    (release / "index.html").write_text("<p>y</p>", encoding="utf-8")
    write_checksums(release)
    with pytest.raises(VerificationError):
        check_signature(release, public)
