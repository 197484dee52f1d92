"""Hostile files, and rules that need more than one cell."""

from __future__ import annotations

import nasty_build as b
from nasty_case import BUDGET, SURVEY, TRAINING, UNITS, Case, answers, course

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
