"""Encodings, separators, numbers."""

from __future__ import annotations

import nasty_build as b
from nasty_case import BUDGET, NIPS, SURVEY, TRAINING, UNITS, Case, Day, answers, costs, course

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
