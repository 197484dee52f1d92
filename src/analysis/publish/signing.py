"""Signed checksums: who made a release, where its maker has a key and minisign is installed.

The checksums bind every file, so one signature over them binds the release. minisign signs with Ed25519; with a fixed
comment the same release and key give the same signature.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from analysis.errors import UsageError, VerificationError
from analysis.publish.release import CHECKSUMS, SIGNATURE

KEY_ENV = "PEMBINAAN_SIGNING_KEY"
PROGRAM = "minisign"


def sign(folder: Path, release: str) -> bool:
    """Sign the checksums of a release if a key is named in ``PEMBINAAN_SIGNING_KEY``.

    Parameters
    ----------
    folder
        Folder with ``SHA256SUMS``.
    release
        Name of the release; it becomes part of what is signed.

    Returns
    -------
    bool
        Whether a signature was written.

    Raises
    ------
    UsageError
        If a key is named but cannot be used: a release that should be signed is not published without.
    """
    key = os.environ.get(KEY_ENV)
    if not key:
        return False
    if not Path(key).is_file():
        raise UsageError("signing.no_key", file=key, name=KEY_ENV)
    comment = f"pembinaan {release}"
    done = _minisign("-S", "-W", "-s", key, "-m", str(folder / CHECKSUMS), "-x", str(folder / SIGNATURE), "-t", comment)
    if done.returncode:
        raise UsageError("signing.failed", detail=_last_line(done))
    return True


def check_signature(folder: Path, public_key: Path) -> str:
    """Check the signature of a release and return the comment that was signed with it.

    Raises
    ------
    UsageError
        If minisign or the key is missing.
    VerificationError
        If the release has no signature, or not one of this key over these checksums.
    """
    if not public_key.is_file():
        raise UsageError("signing.no_key", file=str(public_key), name="--public-key")
    if not (folder / SIGNATURE).exists():
        raise VerificationError("signing.unsigned", release=folder.name)
    command = ("-V", "-Q", "-p", str(public_key), "-m", str(folder / CHECKSUMS), "-x", str(folder / SIGNATURE))
    done = _minisign(*command)
    if done.returncode:
        raise VerificationError("signing.wrong", release=folder.name, detail=_last_line(done))
    return done.stdout.strip()


def _minisign(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(PROGRAM)
    if program is None:
        raise UsageError("signing.no_program", program=PROGRAM)
    # A key with a password would wait for it; without a terminal it fails and says so.
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stderr + "\n" + done.stdout).splitlines() if line.strip()]
    return lines[-1].strip() if lines else str(done.returncode)
