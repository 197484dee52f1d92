"""Dates, half-years, answers."""

from __future__ import annotations

import datetime

import nasty_build as b
from nasty_case import COMPLAINTS, SURVEY, UNITS, Case, answers

DATES = [
    Case(
        "half_years.csv",
        "survey",
        "Semester dengan berbagai cara tulis",
        b.table(
            [
                SURVEY,
                *(
                    answers("A1", n, period=p)
                    for n, p in enumerate(
                        [
                            "2024-S1",
                            "Semester II 2024",
                            "Sem. 1 Tahun 2024",
                            "SMT 2/2024",
                            "Semester Pertama 2023",
                            "H2 2023",
                            "Januari - Juni 2024",
                            "S1-2024",
                            "2024 Semester 2",
                        ]
                    )
                ),
            ]
        ),
        {"period": ["2024-S1", "2024-S2", "2024-S1", "2024-S2", "2023-S1", "2023-S2", "2024-S1", "2024-S1", "2024-S2"]},
    ),
    Case(
        "quarters_and_months.csv",
        "survey",
        "Triwulan, bulan dan tanggal dilipat ke semesternya",
        b.table(
            [
                SURVEY,
                *(
                    answers("A1", n, period=p)
                    for n, p in enumerate(["Triwulan III 2024", "TW 1 2024", "Maret 2024", "2024-11", "05/03/2024"])
                ),
            ]
        ),
        {"period": ["2024-S2", "2024-S1", "2024-S1", "2024-S2", "2024-S1"]},
        warnings=[("period_folded", 2, "B")],
    ),
    Case(
        "unclear_periods.csv",
        "survey",
        "Periode yang dapat dibaca dua cara",
        b.table(
            [
                SURVEY,
                *(
                    answers("A1", n, period=p)
                    for n, p in enumerate(["2024-1", "2024", "20241", "Semester Ganjil 2024"])
                ),
            ]
        ),
        errors=[
            ("unclear_period", 2, "B"),
            ("year_is_no_period", 3, "B"),
            ("unclear_period", 4, "B"),
            ("not_a_period", 5, "B"),
        ],
    ),
    Case(
        "spelled_dates.csv",
        "complaints",
        "Tanggal dengan berbagai cara tulis; hari di depan bulan",
        b.table(
            [
                COMPLAINTS,
                ["A1", "3 Maret 2024", "03/04/2024", "Loket", ""],
                ["A1", "Senin, 4 Mar 2024 14.30 WIB", "2024-03-12T08:00:00", "", ""],
                ["A1", "05-03-2024", "1 Nopember 2024", "", ""],
                ["A1", "2024-03-05 10:15", "5/4/2024 pukul 09:00 WITA", "", ""],
            ]
        ),
        {
            "received_on": ["2024-03-03", "2024-03-04", "2024-03-05", "2024-03-05"],
            "closed_on": ["2024-04-03", "2024-03-12", "2024-11-01", "2024-04-05"],
        },
    ),
    Case(
        "impossible_dates.csv",
        "complaints",
        "Tanggal yang tidak ada, bulan di depan hari, tahun dua angka",
        b.table(
            [
                COMPLAINTS,
                ["A1", "31/02/2024", "", "", ""],
                ["A1", "03/25/2024", "", "", ""],
                ["A1", "5/3/24", "", "", ""],
                ["A1", "kemarin", "", "", ""],
                ["A1", "05/03/0204", "", "", ""],
            ]
        ),
        errors=[
            ("impossible_date", 2, "B"),
            ("month_first_date", 3, "B"),
            ("two_digit_year", 4, "B"),
            ("not_a_date", 5, "B"),
            ("date_out_of_range", 6, "B"),
        ],
    ),
    Case(
        "mac_1904.xlsx",
        "complaints",
        "Excel Mac lama menghitung dari 1904",
        b.from_1904([COMPLAINTS, ["A1", datetime.datetime(2024, 3, 5), datetime.datetime(2024, 3, 12), "Loket", ""]]),
        {"received_on": ["2024-03-05"], "closed_on": ["2024-03-12"]},
        warnings=[("dates_from_1904", None, None)],
    ),
    Case(
        "day_numbers.xlsx",
        "complaints",
        "Tanggal tersimpan sebagai angka Excel",
        b.workbook(("Data", [COMPLAINTS, ["A1", 45356, 45363, "Loket", ""]])),
        {"received_on": ["2024-03-05"], "closed_on": ["2024-03-12"]},
        warnings=[("date_from_serial", 2, "B"), ("date_from_serial", 2, "C")],
    ),
    Case(
        "closed_before_received.csv",
        "complaints",
        "Selesai sebelum masuk",
        b.table([COMPLAINTS, ["A1", "2024-03-12", "2024-03-05", "", ""]]),
        errors=[("closed_before_received", 2, "C")],
    ),
    Case(
        "time_zones.csv",
        "complaints",
        "Waktu UTC yang jatuh pada hari berbeda di WIB dan WIT",
        b.table([COMPLAINTS, ["A1", "2024-03-05T15:30:00Z", "", "", ""]]),
        errors=[("unclear_time_zone", 2, "B")],
    ),
    Case(
        "still_open.csv",
        "complaints",
        "Pengaduan yang belum selesai",
        b.table(
            [
                COMPLAINTS,
                ["A1", "2024-03-05T20:00:00Z", "Dalam proses", "LAPOR", "Lambat"],
                ["A1", "2024-03-05", "-", "", ""],
            ]
        ),
        {"received_on": ["2024-03-06", "2024-03-05"], "closed_on": [None, None]},
    ),
]

ANSWERS = [
    Case(
        "half_year_numbers.xlsx",
        "survey",
        "20241 sebagai angka bukan nomor hari Excel",
        b.workbook(("Data", [SURVEY, answers(period=20241)])),
        errors=[("unclear_period", 2, "B")],
    ),
    Case(
        "missing_words.csv",
        "survey",
        "Tanda tidak ada data: -, n/a, tad",
        b.table([SURVEY, answers("A1", 1, "-", "n/a", "tad", "", 3, 3, 3, 3, "tidak diisi")]),
        {"U1": [None], "U2": [None], "U3": [None], "U4": [None], "U5": [3], "U9": [None]},
    ),
    Case(
        "zero_answers.csv",
        "survey",
        "0 pada skala 1 sampai 4 berarti tidak dijawab",
        b.table([SURVEY, answers("A1", 1, 0, 3, 3, 3, 3, 3, 3, 3, 3)]),
        {"U1": [None]},
        warnings=[("zero_is_missing", 2, "D")],
    ),
    Case(
        "empty_needed_cells.csv",
        "units",
        "Sel wajib yang kosong",
        b.table([UNITS, ["A1", "82", "", "Kesehatan", "0"]]),
        errors=[("missing_value", 2, "C"), ("missing_value", 2, "E")],
        warnings=[("zero_is_missing", 2, "E")],
    ),
    Case(
        "answer_words.csv",
        "survey",
        "Jawaban berupa kata sesuai kuesioner",
        b.table(
            [
                SURVEY,
                answers(
                    "A1",
                    1,
                    "Sangat sesuai",
                    "Kurang mudah",
                    "Cepat",
                    "Gratis",
                    "Sesuai",
                    "Tidak kompeten",
                    "Sopan dan ramah",
                    "Dikelola dengan baik",
                    "Cukup",
                ),
                answers("A1", 2, "sesuai", "mudah", "cepat", "Murah", "sesuai", "mampu", "sopan", "Tidak ada", "Buruk"),
            ]
        ),
        {"U1": [4, 3], "U2": [2, 3], "U3": [3, 3], "U4": [4, 3], "U6": [1, 3], "U8": [4, 1], "U9": [2, 1]},
    ),
    Case(
        "digit_and_word.csv",
        "survey",
        "Angka dan kata bersama: harus cocok",
        b.table([SURVEY, answers("A1", 1, "3 - Baik", "4 (Sangat baik)", 3, 3, 3, 3, 3, 3, "3 - Sangat baik")]),
        errors=[("not_a_score", 2, "L")],
    ),
    Case(
        "unclear_tidak_ada.csv",
        "survey",
        "Tidak ada di kolom U8 berangka: jawaban terendah atau kosong?",
        b.table([SURVEY, answers("A1", 1, 3, 3, 3, 3, 3, 3, 3, "tidak ada", 3), answers("A1", 2)]),
        errors=[("unclear_answer", 2, "K")],
    ),
    Case(
        "half_points.csv",
        "survey",
        "Nilai pecahan dan di luar skala",
        b.table([SURVEY, answers("A1", 1, "3,5", 5, 3, 3, 3, 3, 3, 3, 3)]),
        errors=[("score_not_whole", 2, "D"), ("out_of_range", 2, "E")],
    ),
    Case(
        "agreement_words.csv",
        "leadership",
        "Skala setuju lima tingkat; Kurang setuju tidak jelas tingkatnya",
        b.table(
            [
                ["Kode Unit", "Periode", "Nomor Responden", *(f"L{n}" for n in range(1, 9))],
                ["A1", "2024-S1", "1", "SS", "Setuju", "Netral", "TS", "STS", "4", "5", "Kurang setuju"],
            ]
        ),
        errors=[("not_a_score", 2, "K")],
    ),
]
