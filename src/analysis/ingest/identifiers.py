"""Numbers of persons: officer numbers are checked and later made into pseudonyms, everything else stays outside."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from analysis.errors import UsageError
from analysis.paths import store_dir

KEY_FILE = "key"
KEY_BYTES = 32
PSEUDONYM_LENGTH = 20

# Columns of personal data (UU 27/2022 article 4) that the questions of the study do not need.
PERSONAL_HEADERS = frozenset(
    """nik|no ktp|nomor ktp|ktp|no nik|nama|nama pegawai|nama lengkap|nama peserta|nama responden|nama pelapor|name
    |nama asn|nama pns|agama|religion|no hp|nomor hp|hp|no handphone|handphone|telepon|no telepon|nomor telepon|telp
    |no telp|phone|whatsapp|wa|no wa|nomor wa|email|e mail|surel|alamat|alamat email|alamat rumah|address|npwp|bpjs
    |no bpjs|tempat lahir|tanggal lahir|tgl lahir|tempat tanggal lahir|no kk|nomor kk|kk|jenis kawin|status kawin
    |status perkawinan|kartu asn virtual|gelar depan|gelar belakang|jenis kelamin|gender|sex|umur|usia|age|suku
    |golongan darah|nomor rekening|no rekening|gaji|tpp|nama atasan|nama pimpinan""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)

_NIK_REGION = r"(?:1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-6])"
_NIK = re.compile(rf"{_NIK_REGION}\d{{4}}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{{6}}")
_SEPARATED = re.compile(r"[\s.\-'’`/]+")
_FIRST_BIRTH, _LAST_BIRTH = 1930, 2012
_YOUNGEST = 15
_SHORTEST_NUMBER = 6
_TRACES = (
    re.compile(r"(?<!\d)(?:\d[ .\-]?){15,17}\d(?!\d)"),
    re.compile(r"(?<![\d+])(?:\+?62|0)[ \-.]?8\d{1,2}(?:[ \-.]?\d{3,4}){2,3}(?!\d)"),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
)
REMOVED = "[…]"


def normalise_nip(text: str) -> str:
    """Return an officer number without its prefix, blanks, dots and dashes."""
    return _SEPARATED.sub("", re.sub(r"(?i)^\s*(nip|ni pppk|nipppk)\b\.?\s*:?", "", text))


def nip_problem(digits: str) -> str | None:
    """Say what is wrong with a normalised officer number.

    Civil servants (PNS): birth date (8 digits), month of appointment (yyyymm), sex (1 or 2), serial number (3). Staff
    with a contract (PPPK): birth date, year of appointment, a code of two digits that may exceed 12, sex, serial
    number (Perka BKN 22/2007; forms of NI PPPK as printed).

    Returns
    -------
    str or None
        Rule of the finding, or None for a valid number.
    """
    if re.fullmatch(r"[\d.,]+e\+?\d+", digits, re.IGNORECASE):
        return "nip_damaged"
    if not digits.isascii() or not digits.isdigit():
        return "nip_not_digits"
    if len(digits) == 16 and is_nik(digits):
        return "nip_is_nik"
    if len(digits) == 9:
        return "nip_old"
    if len(digits) != 18:
        return "nip_length"
    # Excel keeps 15 digits: the serial number is lost, and two people become one.
    return "nip_damaged" if digits.endswith("000") else _date_problem(digits)


def _date_problem(digits: str) -> str | None:
    try:
        born = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return "nip_birth_date"
    if not _FIRST_BIRTH <= born.year <= _LAST_BIRTH:
        return "nip_birth_date"
    if not born.year + _YOUNGEST <= int(digits[8:12]) <= 2100:
        return "nip_appointment"
    return None if digits[14] in "12" else "nip_sex"


def is_nik(digits: str) -> bool:
    """Whether 16 digits have the form of a citizen number: region, birth date (women: day + 40), serial number."""
    return _NIK.fullmatch(digits) is not None


def looks_like_person(text: str) -> bool:
    """Whether a text is the number of a person (citizen number, officer number, telephone) or an address."""
    if len(text) < _SHORTEST_NUMBER:
        return False
    digits = _SEPARATED.sub("", text)
    if digits.isascii() and digits.isdigit():
        valid_nip = len(digits) == 18 and nip_problem(digits) is None
        return valid_nip or is_nik(digits) or re.fullmatch(r"(62|0)8\d{8,11}", digits) is not None
    return _TRACES[2].fullmatch(text.strip()) is not None


def remove_traces(text: str) -> str:
    """Return free text without citizen and officer numbers, telephone numbers and e-mail addresses."""
    for pattern in _TRACES:
        text = pattern.sub(REMOVED, text)
    return text


def study_key(study_dir: Path) -> bytes:
    """Return the secret key of a study, made at first use and kept in the study's own folder.

    Raises
    ------
    UsageError
        If the folder cannot be written to, or the key file is damaged: another key would make other pseudonyms.
    """
    path = store_dir(study_dir) / KEY_FILE
    if not path.exists():
        try:
            _make_key(path)
        except OSError as error:
            raise UsageError("ingest.key_not_written", folder=str(path.parent)) from error
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise UsageError("ingest.key_damaged", file=str(path))
    return key


def _make_key(path: Path) -> None:
    """Write a new key that appears whole or not at all; of two runs at once the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(secrets.token_bytes(KEY_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def pseudonyms(numbers: Iterable[str], key: bytes) -> dict[str, str]:
    """Return the keyed pseudonym (HMAC-SHA-256, 80 bits) of every number."""
    digests = {number: hmac.new(key, number.encode(), hashlib.sha256).hexdigest() for number in set(numbers)}
    return {number: f"p{digest[:PSEUDONYM_LENGTH]}" for number, digest in sorted(digests.items())}
