"""What offices send, and what has to become of it.

Every case is a file with its expected treatment, written by hand: either the values that must come out, or the
findings with their cells. An expected finding is (rule, row, column letter); None stands for the whole row or file.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import build as b

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


TEXT_FILES = [
    Case(
        "semicolon_decimal_comma.csv",
        "training",
        "Titik koma dan koma desimal, seperti Excel Indonesia",
        b.table([TRAINING, course("7,5"), course("12,25", nip=NIPS[1])]),
        {"hours": [7.5, 12.25]},
    ),
    Case(
        "windows_letters.csv",
        "units",
        "Pengodean cp1252 dengan huruf beraksen",
        b.table([UNITS, ["A1", "15.09", "Kafé Layanan", "Perizinan", "12"]], encoding="cp1252"),
        {"unit_name": ["Kafé Layanan"]},
        warnings=[("read_as_cp1252", None, None)],
    ),
    Case(
        "utf8_with_mark.csv",
        "units",
        "UTF-8 dengan BOM",
        b.table([UNITS, ["A1", "82", "Dinas Kesehatan", "Kesehatan", "12"]], ",", "utf-8-sig"),
        {"unit_id": ["A1"]},
    ),
    Case(
        "unicode_text.txt",
        "units",
        "Teks Unicode (UTF-16, tab) dari Excel",
        b.table([UNITS, ["A1", "82", "Dinas Kesehatan", "Kesehatan", "12"]], "\t", "utf-16"),
        {"headcount": [12]},
    ),
    Case(
        "utf16_without_mark.txt",
        "units",
        "UTF-16 tanpa BOM",
        b.table([UNITS, ["A1", "82", "Dinas Kesehatan", "Kesehatan", "12"]], "\t", "utf-16-le"),
        {"headcount": [12]},
    ),
    Case(
        "sep_line.csv",
        "survey",
        "Baris sep=; yang tidak ditampilkan Excel: nomor baris mengikuti Excel",
        b.text("sep=;\r\n" + ";".join(SURVEY) + "\r\nA1;2024-S1;1;3;3;3;3;3;3;3;3;7\r\n"),
        errors=[("out_of_range", 2, "L")],
    ),
    Case(
        "line_break_in_quotes.csv",
        "survey",
        "Ganti baris di dalam tanda kutip dihitung satu baris, seperti Excel",
        b.text(
            ",".join([*SURVEY, "Komentar"]) + '\nA1,2024-S1,1,3,3,3,3,3,3,3,3,3,"baik\nsekali"\n'
            "A1,2024-S1,2,3,3,3,3,3,3,3,3,9,\n"
        ),
        errors=[("out_of_range", 3, "L")],
    ),
    Case(
        "unquoted_decimal_comma.csv",
        "training",
        "Koma desimal tanpa kutip menggeser kolom",
        b.table([TRAINING, course(), [*course("7,5", nip=NIPS[1])]], ","),
        errors=[("beyond_header", 3, "I")],
    ),
    Case(
        "broken_quotes.csv",
        "units",
        "Tanda kutip tidak berpasangan",
        b.text(";".join(UNITS) + '\r\nA1;82;"Dinas Kesehatan;Kesehatan;12\r\nA2;82;Dinas;Kesehatan;9\r\n'),
        errors=[("broken_quotes", 2, None)],
    ),
    Case("empty.csv", "units", "Berkas kosong", b.text(""), errors=[("empty_file", None, None)]),
    Case("blank_lines.csv", "units", "Hanya baris kosong", b.text("\r\n;;;;\r\n"), errors=[("empty_file", None, None)]),
    Case("header_only.csv", "units", "Hanya judul kolom", b.table([UNITS]), errors=[("no_rows", None, None)]),
    Case(
        "pipes.txt",
        "units",
        "Pemisah garis tegak",
        b.table([UNITS, ["A1", "82", "Dinas Kesehatan", "Kesehatan", "12"]], "|"),
        {"headcount": [12]},
    ),
    Case(
        "garbled.csv",
        "units",
        "Huruf rusak karena salah simpan",
        b.table([UNITS, ["A1", "82", "KafÃ© Layanan", "Perizinan", "12"]]),
        {"headcount": [12]},
        warnings=[("garbled_letters", None, None)],
    ),
    Case(
        "unknown_letters.csv",
        "units",
        "Bukan pengodean apa pun",
        lambda: b"Kode Unit;\x81\x8d\x8f\xff\xfe;\x90\x9d\r\n",
        errors=[("unknown_encoding", None, None)],
    ),
    Case(
        "invisible_blanks.csv",
        "survey",
        "Spasi tak terlihat di sekitar angka dan kode",
        b.table([SURVEY, ["\u00a0A1 ", " 2024-S1", "1", "3\u00a0", "\u200b4", *[3] * 7]]),
        {"unit_id": ["A1"], "U1": [3], "U2": [4]},
    ),
    Case(
        "blank_rows_between.csv",
        "survey",
        "Baris kosong di antara data; nomor baris tetap",
        b.table([SURVEY, answers(), [""] * 12, answers("A1", 2, 3, 3, 3, 3, 3, 3, 3, 3, "x")]),
        errors=[("not_a_score", 4, "L")],
    ),
]

NUMBERS = [
    Case(
        "ambiguous_alone.csv",
        "training",
        "125.000 tanpa petunjuk lain ditolak",
        b.table(costs("125.000", "250.000")),
        errors=[("ambiguous_number", 2, "G"), ("ambiguous_number", 3, "G")],
    ),
    Case(
        "ambiguous_english.csv",
        "training",
        "1,234 tanpa petunjuk lain ditolak",
        b.table(costs("1,234")),
        errors=[("ambiguous_number", 2, "G")],
    ),
    Case(
        "settled_by_column.csv",
        "training",
        "125.000 jelas karena kolomnya memuat 1.250.000,50",
        b.table(costs("125.000", "1.250.000,50")),
        {"cost": [125000, 1250000.5]},
    ),
    Case(
        "settled_english.csv",
        "training",
        "1,234 jelas karena kolomnya memuat 1,234.50",
        b.table(costs("1,234", "1,234.50"), ";"),
        {"cost": [1234, 1234.5]},
    ),
    Case(
        "two_notations.csv",
        "training",
        "Dua cara tulis dalam satu kolom: yang meragukan ditolak",
        b.table(costs("1.234,50", "1,234.50", "125.000")),
        errors=[("ambiguous_number", 4, "G")],
    ),
    Case(
        "rupiah_words.csv",
        "training",
        "Rp, koma-strip, juta, miliar",
        b.table(costs("Rp 1.500.000", "Rp125.000,-", "2,5 juta", "Rp1,2 miliar", "Rp. 750.000,00", "IDR 3.000.000")),
        {"cost": [1500000, 125000, 2500000, 1.2e9, 750000, 3000000]},
    ),
    Case(
        "letter_m.csv",
        "training",
        "M dapat berarti miliar atau juta",
        b.table(costs("1,2 M")),
        errors=[("unclear_multiple", 2, "G")],
    ),
    Case(
        "headcount_groups.csv",
        "units",
        "Jumlah orang 1.234 hanya dapat berarti seribu lebih",
        b.table([UNITS, ["A1", "82", "Dinas Pendidikan", "Pendidikan", "1.234"]]),
        {"headcount": [1234]},
    ),
    Case(
        "headcount_words.csv",
        "units",
        "Angka dengan satuan",
        b.table([UNITS, ["A1", "82", "Dinas Pendidikan", "Pendidikan", "42 orang"]]),
        {"headcount": [42]},
    ),
    Case(
        "millions_in_header.csv",
        "budget",
        "Satuan juta rupiah di judul kolom",
        b.table(
            [
                [*BUDGET[:2], "Anggaran Pelatihan (Rp juta)", "Total Anggaran (juta rupiah)", "Realisasi (Rp juta)"],
                ["A1", "2024", "250,5", "12500", "231"],
            ]
        ),
        {"training_budget": [250500000], "total_budget": [12500000000], "realised": [231000000]},
        warnings=[("amounts_scaled", 1, "C"), ("amounts_scaled", 1, "D"), ("amounts_scaled", 1, "E")],
    ),
    Case(
        "thousands_in_title.xlsx",
        "budget",
        "Satuan (dalam ribuan rupiah) di atas tabel",
        b.workbook(
            (
                "APBD",
                [["ANGGARAN PELATIHAN"], ["(dalam ribuan rupiah)"], BUDGET, ["A1", 2024, 250000, 12500000, 231000]],
            )
        ),
        {"training_budget": [250000000]},
        warnings=[("amounts_scaled", 3, "C"), ("amounts_scaled", 3, "D"), ("amounts_scaled", 3, "E")],
    ),
    Case(
        "negative_cost.csv",
        "training",
        "Angka negatif dalam kurung",
        b.table(costs("(500)")),
        errors=[("out_of_range", 2, "G")],
    ),
    Case(
        "percent_hours.csv",
        "training",
        "Persen di kolom jumlah",
        b.table([TRAINING, course("12%")]),
        errors=[("percent_not_expected", 2, "F")],
    ),
    Case(
        "number_became_date.xlsx",
        "survey",
        "Excel mengubah 3.4 menjadi 3 April",
        b.workbook(("Data", [SURVEY, answers("A1", 1, Day(2024, 4, 3), 3, 3, 3, 3, 3, 3, 3, 3)])),
        errors=[("date_for_number", 2, "D")],
    ),
    Case(
        "excel_errors.xlsx",
        "budget",
        "Sel galat #DIV/0! dan #REF!",
        b.workbook(("Data", [BUDGET, ["A1", 2024, ("=1/0", "#DIV/0!"), 12500000000, ("=#REF!", "#REF!")]])),
        errors=[("excel_error", 2, "C"), ("excel_error", 2, "E")],
    ),
    Case(
        "never_calculated.xlsx",
        "budget",
        "Rumus yang belum pernah dihitung",
        b.workbook(("Data", [BUDGET, ["A1", 2024, 250000000, ("=C2*50", 0), 231000000]]), calculated=False),
        errors=[("uncalculated_formula", 2, "D")],
    ),
    Case(
        "calculated_formula.xlsx",
        "budget",
        "Rumus yang sudah dihitung dibaca hasilnya",
        b.workbook(("Data", [BUDGET, ["A1", 2024, 250000000, ("=C2*50", 12500000000), 231000000]])),
        {"total_budget": [12500000000]},
    ),
    Case(
        "words_for_numbers.csv",
        "training",
        "Kata di kolom angka",
        b.table([TRAINING, course("dua puluh")]),
        errors=[("not_a_number", 2, "F")],
    ),
]

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

HEADERS = [
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
            ]
        ),
        {"period": ["2024-S1", "2023-S2"]},
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

PERSONS = [
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

_GOOD_UNITS = b.workbook(("Data", [UNITS, ["A1", "82", "Dinas Kesehatan", "Kesehatan", 12]]))

SAFETY = [
    Case(
        "web_page.xls",
        "units",
        "Halaman web bernama .xls",
        b.text("<html><table><tr><td>Kode Unit</td></tr></table></html>"),
        errors=[("html_named_excel", None, None)],
    ),
    Case(
        "xml_sheet.xls",
        "units",
        "Lembar XML lama bernama .xls",
        b.text('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'),
        errors=[("xml_named_excel", None, None)],
    ),
    Case(
        "old_excel.xls",
        "units",
        "Excel 97-2003 yang sah",
        b.old_excel([UNITS, ["A1", "82", "Dinas Kesehatan", "Kesehatan", 12]]),
        {"headcount": [12]},
    ),
    Case("password.xlsx", "units", "Dilindungi kata sandi", b.encrypted, errors=[("password", None, None)]),
    Case(
        "macros.xlsm",
        "units",
        "Membawa makro",
        b.with_parts(_GOOD_UNITS, {"xl/vbaProject.bin": b"x"}),
        {"headcount": [12]},
        warnings=[("macros", None, None)],
    ),
    Case(
        "links.xlsx",
        "units",
        "Tautan ke buku kerja lain",
        b.with_parts(_GOOD_UNITS, {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
        {"headcount": [12]},
        warnings=[("external_links", None, None)],
    ),
    Case(
        "bomb.xlsx",
        "units",
        "Mengembang ribuan kali",
        b.bomb(_GOOD_UNITS, 40),
        errors=[("packed_too_tightly", None, None)],
    ),
    Case(
        "far_cell.xlsx",
        "units",
        "Satu sel nyasar di XFD1048576",
        b.workbook(("Data", [UNITS]), ("Jauh", [["x"]]), start=(1048574, 16379)),
        errors=[("range_too_large", None, None)],
    ),
    Case(
        "cut_off.xlsx",
        "units",
        "Terpotong saat dikirim",
        b.cut(_GOOD_UNITS, 0.6),
        errors=[("damaged_file", None, None)],
    ),
    Case(
        "text_named_excel.xlsx",
        "units",
        "CSV bernama .xlsx",
        b.table([UNITS]),
        errors=[("text_named_excel", None, None)],
    ),
    Case(
        "excel_named_text.csv", "units", "Excel bernama .csv", _GOOD_UNITS, errors=[("workbook_named_text", None, None)]
    ),
    Case(
        "document.xlsx",
        "units",
        "PDF bernama .xlsx",
        lambda: b"%PDF-1.7\n" + bytes(range(256)) * 8,
        errors=[("not_a_workbook", None, None)],
    ),
    Case("letter.docx", "units", "Jenis berkas lain", b.text("x"), errors=[("unknown_suffix", None, None)]),
    Case(
        "typed.parquet",
        "survey",
        "Parquet dengan kolom bertipe",
        b.parquet(
            {
                "Kode Unit": ["A1", "A1"],
                "Periode": ["2024-S1", "2024-S1"],
                "Nomor Responden": [1, 2],
                **{f"U{n}": [3, 4 if n < 9 else None] for n in range(1, 10)},
            }
        ),
        {"U1": [3, 4], "U9": [3, None], "respondent_id": ["1", "2"]},
    ),
    Case(
        "cut_off.parquet",
        "survey",
        "Parquet terpotong",
        lambda: b"PAR1" + b"\x00" * 50,
        errors=[("damaged_file", None, None)],
    ),
]

CONTRACT = [
    Case(
        "repeated_rows.csv",
        "survey",
        "Baris yang persis sama diikutkan sekali",
        b.table([SURVEY, answers(), answers(), answers("A1", 2)]),
        {"respondent_id": ["1", "2"]},
        warnings=[("repeated_row", 3, None)],
    ),
    Case(
        "conflicting_rows.csv",
        "survey",
        "Responden sama, jawaban berbeda",
        b.table([SURVEY, answers("A1", 1, 3), answers("A1", 1, 4)]),
        errors=[("conflicting_rows", 3, "A")],
    ),
    Case(
        "budget_above_total.csv",
        "budget",
        "Anggaran pelatihan melebihi total; realisasi melebihi anggaran",
        b.table([BUDGET, ["A1", "2024", "500", "400", "450"], ["A2", "2024", "500", "4000", "550"]]),
        errors=[("training_above_total", 2, "C"), ("realised_above_total", 2, "E")],
        warnings=[("realised_above_budget", 3, "E")],
    ),
    Case(
        "net_of_personnel.csv",
        "budget",
        "Belanja pegawai dan pemeliharaan dikeluarkan dari anggaran pelatihan",
        b.table(
            [
                [*BUDGET, "Belanja Pegawai", "Belanja Pemeliharaan"],
                ["A1", "2025", "32830000000", "6437254901960", "17000000000", "14540000000", "947000000"],
            ]
        ),
        {"training_budget": [17343000000]},
    ),
    Case(
        "filler.csv",
        "units",
        "Nilai yang sama di puluhan baris berturut-turut",
        b.table([UNITS, *([f"A{n}", "82", f"Dinas {n}", "Umum", "2"] for n in range(50))]),
        {"headcount": [2] * 50},
        warnings=[("filler_run", 2, "E")],
    ),
    Case(
        "lookalike_units.csv",
        "units",
        "Nama unit yang hanya beda titik dan huruf besar",
        b.table(
            [
                UNITS,
                ["A1", "15.09", "Dinas Dukcapil Kab. Tebo", "Umum", "12"],
                ["A2", "15.09", "DINAS DUKCAPIL KABUPATEN TEBO", "Umum", "13"],
            ]
        ),
        {"unit_id": ["A1", "A2"]},
        warnings=[("lookalike_names", 3, "C")],
    ),
    Case(
        "unit_twice.csv",
        "units",
        "Kode unit dipakai dua kali",
        b.table([UNITS, ["A1", "82", "Dinas Kesehatan", "Umum", "12"], ["A1", "82", "Dinas Sosial", "Umum", "13"]]),
        errors=[("conflicting_rows", 3, "A")],
    ),
    Case(
        "copied_answers.csv",
        "survey",
        "Puluhan responden berturut-turut dengan jawaban yang sama",
        b.table(
            [
                SURVEY,
                *(answers("A1", n, 3, 2, 3, 2, 3, 3, 3, 3, 3) for n in range(40)),
                answers("A1", 41, 3, 3, 3, 4, 3, 3, 3, 3, 3),
            ]
        ),
        {"U2": [2] * 40 + [3]},
        warnings=[("copied_answers", 2, "D")],
    ),
    Case(
        "fees_always_four.csv",
        "survey",
        "U4 selalu 4 karena gratis",
        b.table([SURVEY, *(answers("A1", n, 3, 3, 3, 4, 3, 3, 3, 3, 2 + n % 2) for n in range(12))]),
        {"U4": [4] * 12},
        warnings=[("fees_without_variance", None, "G")],
    ),
    Case(
        "several_problems.csv",
        "training",
        "Semua temuan sekaligus, bukan hanya yang pertama",
        b.table(
            [
                TRAINING,
                course("x"),
                course(nip="123"),
                course(period="2024"),
                ["", "2024-S1", "", "Pelatihan", "Etika", "20", "125.000", ""],
            ]
        ),
        errors=[
            ("not_a_number", 2, "F"),
            ("nip_length", 3, "C"),
            ("year_is_no_period", 4, "B"),
            ("missing_value", 5, "A"),
            ("ambiguous_number", 5, "G"),
        ],
    ),
]

CASES = [*TEXT_FILES, *NUMBERS, *DATES, *ANSWERS, *HEADERS, *PERSONS, *CODES, *SAFETY, *CONTRACT]
