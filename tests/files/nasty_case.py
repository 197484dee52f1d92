"""What offices send, and what has to become of it.

Every case is a file with its expected treatment, written by hand: either the values that must come out, or the
findings with their cells. An expected finding is (rule, row, column letter); None stands for the whole row or file.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nasty_build as b

Place = tuple[str, int | None, str | None]
Day = datetime.date

SURVEY = ["Kode Unit", "Periode", "Nomor Responden", "U1", "U2", "U3", "U4", "U5", "U6", "U7", "U8", "U9"]
NAMED = ["Persyaratan", "Prosedur", "Waktu", "Biaya/Tarif", "Produk", "Kompetensi", "Perilaku"]
TRAINING = ["Kode Unit", "Periode", "NIP", "Bentuk", "Topik", "JP", "Biaya", "Penyelenggara"]
BUDGET = ["Kode Unit", "Tahun", "Anggaran Pelatihan", "Total Anggaran", "Realisasi"]
UNITS = ["Kode Unit", "Kode Wilayah", "Nama Unit", "Jenis Layanan", "Jumlah Pegawai"]
COMPLAINTS = ["Kode Unit", "Tanggal Masuk", "Tanggal Selesai", "Kanal", "Isi"]
OFFICERS = ["Kode Unit", "NIP", "Jenis Jabatan", "Pendidikan", "Kinerja", "Hukuman Disiplin"]
PROGRAMMES = ["Kode Unit", "Kode Wilayah", "Program", "Mulai"]
NIPS = ["199003042015031002", "198511172010012003", "200001012024211005"]


@dataclass(frozen=True)
class Case:
    """A file and its treatment.

    Parameters
    ----------
    file, table
        Name of the file and the table it should hold.
    about
        What is nasty about it.
    build
        Makes its bytes.
    values
        Expected values of some columns; None if the file is refused.
    errors, warnings
        Expected findings, all of them.
    """

    file: str
    table: str
    about: str
    build: b.Build
    values: Mapping[str, Sequence[Any]] | None = None
    errors: Sequence[Place] = ()
    warnings: Sequence[Place] = field(default_factory=tuple)


def answers(unit: str = "A1", number: object = 1, *scores: object, period: object = "2024-S1") -> list[object]:
    """Return a row of the survey; one score stands for all nine."""
    nine = list(scores) if len(scores) == 9 else [scores[0] if scores else 3] * 9
    return [unit, period, number, *nine]


def course(
    hours: object = 20, cost: object = 1500000, nip: object = NIPS[0], period: object = "2024-S1"
) -> list[object]:
    """Return a row of the training table."""
    return ["A1", period, nip, "Pelatihan", "Pelayanan prima", hours, cost, "BPSDM"]


def costs(*values: object) -> list[list[object]]:
    """Return training rows that differ in officer and cost."""
    return [TRAINING, *(course(cost=value, nip="") for value in values)]
