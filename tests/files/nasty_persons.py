"""Identifiers of persons, regions and units."""

from __future__ import annotations

import nasty_build as b
from nasty_case import NIPS, OFFICERS, PROGRAMMES, SURVEY, TRAINING, UNITS, Case, Day, answers, course

PERSONS = [
    Case(
        "protected_codes.csv",
        "training",
        'Kode dilindungi ="..." agar Excel tidak mengubahnya',
        b.table([TRAINING, ['="001"', "2024-S1", f'="{NIPS[0]}"', "Seminar", "Etika", "8", "", ""]]),
        {"unit_id": ["001"], "nip": NIPS[:1]},
    ),
    Case(
        "nip_with_blanks.csv",
        "training",
        "NIP dengan spasi dan titik; NI PPPK",
        b.table(
            [
                TRAINING,
                course(nip="19900304 201503 1 002"),
                course(nip="NIP. 19851117.201001.2.003"),
                course(nip="200001012024211005"),
            ]
        ),
        {"nip": NIPS},
    ),
    Case(
        "nip_as_number.xlsx",
        "training",
        "NIP tersimpan sebagai angka: digit terakhir hilang",
        b.workbook(("Data", [TRAINING, course(nip=199003042015031002)])),
        errors=[("nip_damaged", 2, "C")],
    ),
    Case(
        "nip_scientific.csv",
        "training",
        "NIP menjadi 1,99E+17 di CSV",
        b.table([TRAINING, course(nip="1,99003E+17"), course(nip="199003042015031000")]),
        errors=[("nip_damaged", 2, "C"), ("nip_damaged", 3, "C")],
    ),
    Case(
        "wrong_nips.csv",
        "training",
        "NIK di kolom NIP, NIP lama, panjang dan tanggal salah",
        b.table(
            [
                TRAINING,
                course(nip="1509014503900001"),
                course(nip="131234567"),
                course(nip="19900304201503100"),
                course(nip="199013042015031002"),
                course(nip="199003042015033002"),
                course(nip="199003041995031002"),
                course(nip="abc"),
            ]
        ),
        errors=[
            ("nip_is_nik", 2, "C"),
            ("nip_old", 3, "C"),
            ("nip_length", 4, "C"),
            ("nip_birth_date", 5, "C"),
            ("nip_sex", 6, "C"),
            ("nip_appointment", 7, "C"),
            ("nip_not_digits", 8, "C"),
        ],
    ),
    Case(
        "personal_columns.csv",
        "training",
        "NIK, agama, alamat dan telepon tidak diambil",
        b.table(
            [
                [*TRAINING, "NIK", "Nama Pegawai", "Agama", "Nomor HP", "Alamat"],
                [*course(), "1509014503900001", "Siti", "x", "0812", "Jl. A"],
            ]
        ),
        {"hours": [20]},
        warnings=[("personal_dropped", 1, None)],
    ),
    Case(
        "respondent_is_person.csv",
        "survey",
        "NIK dan nomor telepon sebagai nomor responden",
        b.table([SURVEY, answers("A1", "1509014503900001"), answers("A1", "081234567890"), answers("A1", "3")]),
        {"U1": [3, 3, 3]},
        warnings=[("respondent_is_person", 2, "C")],
    ),
    Case(
        "phone_in_comment.csv",
        "survey",
        "Nomor telepon, NIK dan surel di dalam saran",
        b.table([[*SURVEY, "Saran"], [*answers(), "Hubungi 0812-3456-7890 atau budi@contoh.id, NIK 1509014503900001"]]),
        {"comment": ["Hubungi […] atau […], NIK […]"]},
        warnings=[("traces_removed", 2, "M")],
    ),
    Case(
        "discipline.csv",
        "officers",
        "Hukuman disiplin tidak dikutip dalam temuan",
        b.table(
            [
                OFFICERS,
                ["A1", NIPS[0], "Pelaksana", "S-1", "Baik", "-"],
                ["A1", NIPS[1], "Fungsional", "D-III", "Sangat Baik", "aneh"],
            ]
        ),
        errors=[("unknown_word", 3, "F")],
    ),
]

CODES = [
    Case(
        "damaged_region.xlsx",
        "units",
        "Kode 15.10 tersimpan sebagai angka 15,1",
        b.workbook(("Data", [UNITS, ["A1", 15.1, "Dinas", "Kesehatan", 12], ["A2", 82, "Dinas", "Kesehatan", 12]])),
        errors=[("unknown_region", 2, "B")],
    ),
    Case(
        "bps_code.csv",
        "units",
        "Kode BPS 1509 milik Bungo, bukan Tebo",
        b.table([UNITS, ["A1", "1509", "Dinas", "Kesehatan", "12"]]),
        errors=[("unknown_region", 2, "B")],
    ),
    Case(
        "region_names.csv",
        "units",
        "Nama wilayah sebagai ganti kode",
        b.table([UNITS, ["A1", "Kota Sorong", "Dinas", "Kesehatan", "12"], ["A2", "Kab. Tebo", "Badan", "Umum", "9"]]),
        {"region_code": ["96.71", "15.09"]},
    ),
    Case(
        "ambiguous_region.csv",
        "units",
        "Sorong: kota atau kabupaten?",
        b.table([UNITS, ["A1", "Sorong", "Dinas", "Kesehatan", "12"]]),
        errors=[("unknown_region", 2, "B")],
    ),
    Case(
        "code_became_date.xlsx",
        "units",
        "Kode unit 1-2 menjadi tanggal",
        b.workbook(("Data", [UNITS, [Day(2024, 2, 1), "82", "Dinas", "Kesehatan", 12]])),
        errors=[("date_for_code", 2, "A")],
    ),
    Case(
        "numbers_as_codes.xlsx",
        "units",
        "Kode unit angka",
        b.workbook(("Data", [UNITS, [101, "82", "Dinas", "Kesehatan", 12], [102, "82", "Badan", "Kesehatan", 9]])),
        {"unit_id": ["101", "102"]},
    ),
    Case(
        "unknown_programme.csv",
        "programmes",
        "Nama program salah ketik",
        b.table([PROGRAMMES, ["A1", "", "penghargan", "2024-S1"]]),
        errors=[("unknown_word", 2, "C")],
    ),
    Case(
        "programme_of_nobody.csv",
        "programmes",
        "Program tanpa unit dan tanpa wilayah",
        b.table([PROGRAMMES, ["", "", "Mentoring", "2024-S1"]]),
        errors=[("one_of_needed", 2, None)],
    ),
]
