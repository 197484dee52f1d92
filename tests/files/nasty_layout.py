"""Headers, several sheets, totals, signatures."""

from __future__ import annotations

import nasty_build as b
from nasty_case import BUDGET, COMPLAINTS, NAMED, SURVEY, Case, answers, course

HEADERS = [
    Case(
        "results_below_survey.xlsx",
        "survey",
        "Baris NRR, IKM dan mutu di bawah jawaban responden",
        b.workbook(
            (
                "SKM",
                [
                    SURVEY,
                    answers("A1", 1),
                    answers("A1", 2),
                    ["Jumlah Nilai per Unsur", "", "", *[6] * 9],
                    ["NRR per Unsur", "", "", *[3.0] * 9],
                    ["NRR Tertimbang per Unsur", "", "", *[0.333] * 9],
                    ["IKM Unit Pelayanan", "", "", 75],
                    ["Mutu Pelayanan", "", "", "C"],
                ],
            )
        ),
        {"respondent_id": ["1", "2"]},
        warnings=[("total_row", row, None) for row in range(4, 9)],
    ),
    Case(
        "contradicting_years.csv",
        "survey",
        "Tahun di kolom sendiri berbeda dengan tahun pada periodenya",
        b.table([["Kode Unit", "Tahun", "Periode", *SURVEY[2:]], ["A1", "2024", "Semester I 2023", "1", *[3] * 9]]),
        errors=[("not_a_period", 2, "C")],
    ),
    Case(
        "share_is_no_amount.csv",
        "budget",
        "Realisasi dalam persen bukan jumlah rupiah",
        b.table([[*BUDGET[:4], "Realisasi (%)"], ["A1", "2024", "250000000", "12500000000", "92,5"]]),
        errors=[("missing_column", 1, None)],
        warnings=[("columns_not_used", 1, None)],
    ),
    Case(
        "incomplete_last_row.csv",
        "complaints",
        "Baris terakhir tanpa kode unit bukan tanda tangan",
        b.table(
            [
                COMPLAINTS,
                ["A1", "2024-03-05", "", "", "Lambat"],
                ["", "2024-03-06", "", "", "Keterangan kepala loket tidak jelas"],
            ]
        ),
        errors=[("missing_value", 3, "A")],
    ),
    Case(
        "two_line_header.xlsx",
        "survey",
        "Judul dua baris dengan sel gabungan, di bawah judul laporan",
        b.workbook(
            (
                "SKM",
                [
                    ["SURVEI KEPUASAN MASYARAKAT"],
                    ["Kabupaten Tebo"],
                    [],
                    ["Kode Unit", "Periode", "Nomor Responden", "Nilai Unsur Pelayanan"],
                    ["", "", "", *(f"U{n}" for n in range(1, 10))],
                    answers(),
                ],
            ),
            merged=["A4:A5", "B4:B5", "C4:C5", "D4:L4"],
        ),
        {"U1": [3], "U9": [3]},
    ),
    Case(
        "swapped_elements.csv",
        "survey",
        "Aplikasi menukar nomor U8 dan U9: nama yang menentukan",
        b.table(
            [
                [
                    *SURVEY[:3],
                    *(f"U{n} {name}" for n, name in enumerate(NAMED, 1)),
                    "U8 Sarana dan Prasarana",
                    "U9 Penanganan Pengaduan",
                ],
                answers("A1", 1, 3, 3, 3, 3, 3, 3, 3, 1, 4),
            ]
        ),
        {"U8": [4], "U9": [1]},
        warnings=[("element_by_name", 1, "K"), ("element_by_name", 1, "L")],
    ),
    Case(
        "questions_as_headers.csv",
        "survey",
        "Pertanyaan formulir sebagai judul kolom, dalam urutan kuesioner",
        b.table(
            [
                [
                    "Kode Unit",
                    "Periode",
                    "Nomor Responden",
                    "Bagaimana pendapat Saudara tentang kesesuaian persyaratan pelayanan dengan jenis pelayanannya?",
                    "Bagaimana pemahaman Saudara tentang kemudahan prosedur pelayanan di unit ini?",
                    "Bagaimana pendapat Saudara tentang kecepatan waktu dalam memberikan pelayanan?",
                    "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?",
                    "Bagaimana pendapat Saudara tentang kesesuaian produk pelayanan dengan standar?",
                    "Bagaimana pendapat Saudara tentang kompetensi/kemampuan petugas dalam pelayanan?",
                    "Bagaimana pendapat Saudara tentang perilaku petugas terkait kesopanan dan keramahan?",
                    "Bagaimana pendapat Saudara tentang kualitas sarana dan prasarana?",
                    "Bagaimana pendapat Saudara tentang penanganan pengaduan pengguna layanan?",
                ],
                answers("A1", 1, 1, 2, 3, 4, 1, 2, 3, 1, 4),
            ]
        ),
        {"U1": [1], "U2": [2], "U3": [3], "U4": [4], "U5": [1], "U6": [2], "U7": [3], "U8": [4], "U9": [1]},
    ),
    Case(
        "column_numbers.xlsx",
        "budget",
        "Baris nomor kolom (1) (2) (3) di bawah judul",
        b.workbook(
            (
                "Data",
                [["No", *BUDGET], [f"({n})" for n in range(1, 7)], [1, "A1", 2024, 250000000, 12500000000, 231000000]],
            )
        ),
        {"year": [2024]},
        warnings=[("header_again", 2, None)],
    ),
    Case(
        "totals_and_signature.xlsx",
        "budget",
        "Baris jumlah dan tanda tangan di bawah tabel",
        b.workbook(
            (
                "Data",
                [
                    ["No", *BUDGET],
                    [1, "A1", 2024, 250000000, 12500000000, 231000000],
                    [2, "A2", 2024, 150000000, 7500000000, 131000000],
                    ["JUMLAH", "", "", 400000000, 20000000000, 362000000],
                    [],
                    ["", "", "", "", "Muara Tebo, 5 Maret 2024"],
                    ["", "", "", "", "Kepala BKPSDM,"],
                    [],
                    [],
                    ["", "", "", "", "NIP 19700101 199503 1 001"],
                ],
            )
        ),
        {"unit_id": ["A1", "A2"]},
        warnings=[("total_row", 4, None), ("footer_left_out", 6, None)],
    ),
    Case(
        "wrong_total.xlsx",
        "budget",
        "Bagian tidak sama dengan jumlahnya",
        b.workbook(
            (
                "Data",
                [
                    BUDGET,
                    ["A1", 2024, 250000000, 12500000000, 231000000],
                    ["A2", 2024, 150000000, 7500000000, 131000000],
                    ["JUMLAH", "", 544400000, 20000000000, 362000000],
                ],
            )
        ),
        {"unit_id": ["A1", "A2"]},
        warnings=[("total_row", 4, None), ("total_differs", 4, "C")],
    ),
    Case(
        "semester_and_year.csv",
        "survey",
        "Semester dan tahun di dua kolom",
        b.table(
            [
                ["Kode Unit", "Tahun", "Semester", *SURVEY[2:]],
                ["A1", "2024", "I", "1", *[3] * 9],
                ["A1", "2023", "2", "1", *[3] * 9],
                ["A1", "2022", "Semester II", "1", *[3] * 9],
                ["A1", "2022", "Semester I 2022", "1", *[3] * 9],
            ]
        ),
        {"period": ["2024-S1", "2023-S2", "2022-S2", "2022-S1"]},
    ),
    Case(
        "merged_unit_codes.xlsx",
        "survey",
        "Kode unit digabung ke bawah; nilai yang digabung tidak diulang",
        b.workbook(
            ("Data", [SURVEY, answers("A1", 1), answers("", 2), answers("A2", 3, "", 3, 3, 3, 3, 3, 3, 3, 3)]),
            merged=["A2:A3", "D3:D4"],
        ),
        {"unit_id": ["A1", "A1", "A2"], "U1": [3, 3, None]},
        warnings=[("merged_repeated", 2, "A")],
    ),
    Case(
        "header_on_every_page.csv",
        "survey",
        "Judul kolom terulang di setiap halaman",
        b.table([SURVEY, answers(), SURVEY, answers("A1", 2)]),
        {"respondent_id": ["1", "2"]},
        warnings=[("header_again", 3, None)],
    ),
    Case(
        "missing_column.csv",
        "training",
        "Kolom JP tidak ada",
        b.table(
            [["Kode Unit", "Periode", "Bentuk", "Topik", "Jumlah Jamm"], ["A1", "2024-S1", "Seminar", "Etika", "20"]]
        ),
        errors=[("missing_column", 1, None)],
        warnings=[("columns_not_used", 1, None)],
    ),
    Case(
        "column_twice.csv",
        "survey",
        "Dua kolom U1",
        b.table([[*SURVEY, "U1"], [*answers(), 2]]),
        errors=[("column_twice", 1, "M")],
    ),
    Case(
        "english_headers.csv",
        "training",
        "Judul bahasa Inggris",
        b.table([["unit_id", "period", "nip", "form", "topic", "hours", "cost", "provider"], course()], ","),
        {"hours": [20]},
    ),
    Case(
        "no_header.csv",
        "units",
        "Tanpa judul kolom",
        b.table([["A1", "82", "Dinas Kesehatan", "Kesehatan", "12"]]),
        errors=[("no_header", None, None)],
    ),
    Case(
        "sheet_per_year.xlsx",
        "budget",
        "Satu lembar untuk satu tahun",
        b.workbook(
            ("2023", [BUDGET, ["A1", 2023, 250000000, 12500000000, 231000000]]),
            ("2024", [BUDGET, ["A1", 2024, 260000000, 12600000000, 232000000]]),
        ),
        {"year": [2023, 2024]},
    ),
    Case(
        "second_sheet_incomplete.xlsx",
        "budget",
        "Lembar kedua kurang satu kolom: tidak dibaca separuh",
        b.workbook(
            ("2023", [BUDGET, ["A1", 2023, 250000000, 12500000000, 231000000]]),
            ("2024", [BUDGET[:4], ["A1", 2024, 260000000, 12600000000]]),
        ),
        errors=[("missing_column", 1, None)],
    ),
    Case(
        "hidden_sheet.xlsx",
        "budget",
        "Lembar tersembunyi tidak dibaca",
        b.workbook(
            ("Data", [BUDGET, ["A1", 2024, 250000000, 12500000000, 231000000]]),
            ("Lama", [BUDGET, ["A1", 2020, 1, 2, 1]]),
            hidden=["Lama"],
        ),
        {"year": [2024]},
        warnings=[("hidden_sheet", None, None)],
    ),
    Case(
        "starts_at_c5.xlsx",
        "survey",
        "Tabel tidak mulai di sel A1: alamat sel tetap benar",
        b.workbook(("Data", [SURVEY, answers("A1", 1, 3, 3, 3, 3, 3, 3, 3, 3, 9)]), start=(4, 2)),
        errors=[("out_of_range", 6, "N")],
    ),
    Case(
        "fourteen_elements.csv",
        "survey",
        "Survei lama dengan 14 unsur",
        b.table([[*SURVEY[:3], *(f"U{n}" for n in range(1, 15))], ["A1", "2015-S1", "1", *[3] * 14]]),
        errors=[("fourteen_elements", 1, None)],
        warnings=[("columns_not_used", 1, None)],
    ),
]
