"""How offices write the canonical tables: Indonesian headers, words, half-years and decimal commas."""

from __future__ import annotations

import pandas as pd

from analysis.synthetic.design import ELEMENTS

FILE_NAMES = {
    "units": "unit",
    "survey": "survei",
    "training": "pelatihan",
    "budget": "anggaran",
    "complaints": "pengaduan",
    "leadership": "kepemimpinan",
    "programmes": "program",
    "officers": "pegawai",
}

_ELEMENT_NAMES = (
    "Persyaratan",
    "Prosedur",
    "Waktu Penyelesaian",
    "Biaya/Tarif",
    "Produk Layanan",
    "Kompetensi Pelaksana",
    "Perilaku Pelaksana",
    "Penanganan Pengaduan",
    "Sarana dan Prasarana",
)
_RESPONDENT = {"unit_id": "Kode Unit", "period": "Periode", "respondent_id": "Nomor Responden"}

HEADERS: dict[str, dict[str, str]] = {
    "units": {
        "unit_id": "Kode Unit",
        "region_code": "Kode Wilayah",
        "unit_name": "Nama Unit",
        "service_type": "Jenis Layanan",
        "headcount": "Jumlah Pegawai",
    },
    "survey": _RESPONDENT
    | {element: f"{element} {name}" for element, name in zip(ELEMENTS, _ELEMENT_NAMES, strict=True)}
    | {"comment": "Komentar"},
    "training": {
        "unit_id": "Kode Unit",
        "period": "Periode",
        "nip": "NIP",
        "form": "Bentuk",
        "topic": "Topik",
        "hours": "Jam Pelajaran",
        "cost": "Biaya",
        "provider": "Penyelenggara",
    },
    "budget": {
        "unit_id": "Kode Unit",
        "year": "Tahun",
        "training_budget": "Anggaran Pelatihan",
        "total_budget": "Total Anggaran",
        "realised": "Realisasi",
    },
    "complaints": {
        "unit_id": "Kode Unit",
        "received_on": "Tanggal Masuk",
        "closed_on": "Tanggal Selesai",
        "channel": "Kanal",
        "text": "Isi",
    },
    "leadership": _RESPONDENT | {name: name for name in (*(f"L{i}" for i in range(1, 9)), "R1", "R2", "R3", "R4")},
    "programmes": {
        "unit_id": "Kode Unit",
        "region_code": "Kode Wilayah",
        "programme": "Program",
        "start_period": "Mulai",
    },
    "officers": {
        "unit_id": "Kode Unit",
        "nip": "NIP",
        "position_type": "Jenis Jabatan",
        "education": "Pendidikan",
        "performance": "Kinerja",
        "discipline": "Hukuman Disiplin",
    },
}

WORDS: dict[str, dict[str, str]] = {
    "form": {
        "classroom": "Pelatihan klasikal",
        "workshop": "Lokakarya",
        "seminar": "Seminar",
        "mentoring": "Mentoring",
        "internship": "Magang",
        "e_learning": "E-learning",
    },
    "programme": {
        "award": "Penghargaan",
        "online_registration": "Pendaftaran daring",
        "feedback_channel": "Kanal umpan balik",
        "performance_management": "Manajemen kinerja",
        "mentoring": "Mentoring",
    },
    "position_type": {"structural": "Struktural", "functional": "Fungsional", "executive": "Pelaksana"},
    "performance": {
        "very_good": "Sangat baik",
        "good": "Baik",
        "fair": "Cukup",
        "poor": "Kurang",
        "very_poor": "Sangat kurang",
    },
    "discipline": {"none": "Tidak pernah", "light": "Ringan", "moderate": "Sedang", "severe": "Berat"},
}


def half_year_in_words(period: str) -> str:
    """Write ``"2024-S1"`` as offices do: ``"Semester I 2024"``."""
    year, half = period.split("-S")
    return f"Semester {'I' * int(half)} {year}"


def office_form(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with Indonesian headers and words; numbers and dates stay typed."""
    frame = frame.copy()
    for name, words in WORDS.items():
        if name in frame:
            frame[name] = frame[name].map(words).astype("str")
    for name in ("period", "start_period"):
        if name in frame:
            spoken = {period: half_year_in_words(period) for period in frame[name].unique()}
            frame[name] = frame[name].map(spoken).astype("str")
    for name in frame.columns[frame.dtypes == "float64"]:
        frame[name] = frame[name].astype("Int64")
    return frame.rename(columns=HEADERS[table])


MONEY = ("Anggaran Pelatihan", "Total Anggaran", "Realisasi")
# One row in so many is written carelessly in text files, as people do: column to row distance and hand.
CARELESS: dict[str, tuple[int, str]] = {"NIP": (499, "grouped"), "Jam Pelajaran": (701, "{} JP")}
LEFT_OUT = "U9 Sarana dan Prasarana"


def as_typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return an office table as typed: budgets with decimal commas, blanks as "n/a", and the slips of `CARELESS`."""
    frame = frame.copy()
    for column in MONEY:
        if column in frame:
            frame[column] = [f"{value},00" for value in frame[column]]
    if LEFT_OUT in frame:
        frame[LEFT_OUT] = frame[LEFT_OUT].astype("string").fillna("n/a")
    for column, (distance, hand) in CARELESS.items():
        if column in frame:
            text = frame[column].astype("string").astype("object")
            rows = text.index[distance - 1 :: distance]
            text.loc[rows] = [_by_hand(str(value), hand) for value in text.loc[rows]]
            frame[column] = text
    return frame


def _by_hand(value: str, hand: str) -> str:
    if hand == "grouped":
        return f"{value[:8]} {value[8:14]} {value[14]} {value[15:]}"
    return hand.format(value)
