"""Exports of SIASN, SP4N-LAPOR! and SIPD come out as the ordinary tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.ingest import read_open_data, read_study, read_table

UNITS = pd.DataFrame(
    {
        "unit_id": ["A1", "A2", "A3"],
        "region_code": ["15.09"] * 3,
        "unit_name": ["Dinas Kesehatan Kab. Tebo", "RSUD Sultan Thaha", "Dinas Sosial"],
        "service_type": ["Umum"] * 3,
        "headcount": [40, 90, 20],
    }
)
OFFICERS = pd.DataFrame({"unit_id": ["A1", "A2"], "nip": ["199003042015031002", "198511172010012003"]})
SIASN = (
    "NAMA;NIP;AGAMA;NIK;JENIS JABATAN;TINGKAT PENDIDIKAN;NAMA UNOR;UNOR INDUK\n"
    "Siti;199003042015031002;x;1509014503900001;PELAKSANA;S-1/Sarjana;Seksi Gizi;DINAS KESEHATAN KABUPATEN TEBO\n"
    "Budi;198511172010012003;x;1509011711850001;FUNGSIONAL;S-2;RSUD SULTAN THAHA;DINAS KESEHATAN\n"
)


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def rules(found, severity: str) -> list[str]:
    return [f.rule for f in found.findings if f.severity == severity]


def test_officer_list_of_siasn(tmp_path: Path) -> None:
    found = read_table(write(tmp_path, "pegawai.csv", SIASN), "officers", UNITS)
    assert rules(found, "error") == []
    assert found.frame["unit_id"].tolist() == ["A1", "A2"]
    assert found.frame["position_type"].tolist() == ["executive", "functional"]
    assert found.frame["education"].tolist() == ["S1", "S2"]
    assert found.frame["discipline"].isna().all()
    assert set(rules(found, "warning")) == {"personal_dropped", "system_export"}
    assert not found.frame.map(lambda v: "1509" in str(v)).any().any()


def test_units_by_name_are_never_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, "pegawai.csv", SIASN.replace("DINAS KESEHATAN KAB", "DINAS KESEHATN KAB"))
    found = read_table(path, "officers", UNITS)
    assert found.frame is None
    # The second officer's own unit is known; the first one's is not.
    first = next(f for f in found.findings if f.severity == "error")
    assert (first.rule, first.row) == ("unit_name_unknown", 2)
    assert first.message.values["closest"] == "Dinas Kesehatan Kab. Tebo"
    assert rules(read_table(path, "officers"), "error")[0] == "units_needed"
    doubled = pd.concat([UNITS, UNITS.assign(unit_id=["B1", "B2", "B3"])])
    found = read_table(write(tmp_path, "p2.csv", SIASN), "officers", doubled)
    assert "unit_name_ambiguous" in rules(found, "error")


def test_training_histories_of_siasn(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "diklat.csv",
        "nipBaru,latihanStrukturalNama,nomor,tanggal,tahun,jumlahJam,tanggalSelesai,institusiPenyelenggara\n"
        "199003042015031002,Pelatihan Kepemimpinan Pengawas,1,2024-02-01,2024,900,2024-05-20,BPSDM\n",
    )
    found = read_table(path, "training", UNITS, OFFICERS)
    assert rules(found, "error") == []
    row = found.frame.iloc[0]
    assert (row["unit_id"], row["period"], row["form"], row["hours"]) == ("A1", "2024-S1", "leadership_training", 900)
    assert rules(read_table(path, "training", UNITS), "error")[0] == "officers_needed"
    path = write(
        tmp_path,
        "kursus.csv",
        "nipBaru;jenisKursusNama;jumlahJam;namaKursus;tahunKursus;tanggalKursus\n"
        "198511172010012003;Seminar/Konferensi/Sarasehan;8;Etika Publik;2024;12-08-2024\n"
        "200001012024211005;Diklat Teknis;20;Arsip;2024;12-08-2024\n",
    )
    found = read_table(path, "training", UNITS, OFFICERS)
    assert [(f.rule, f.row) for f in found.findings if f.severity == "error"] == [("officer_unknown", 3)]


def test_lapor_export(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "lapor.csv",
        "Tracking ID;Tanggal;Kategori;Unit;Status;Hari\n"
        "100;05/03/2024;Layanan;Dinas Kesehatan Kabupaten Tebo;Selesai;7\n"
        "101;06/03/2024;Layanan;Dinas Sosial;Proses;\n"
        "101;06/03/2024;Layanan;Dinas Sosial;Proses;\n",
    )
    found = read_table(path, "complaints", UNITS)
    assert rules(found, "error") == []
    assert found.frame["unit_id"].tolist() == ["A1", "A3"]
    assert found.frame["closed_on"].dt.strftime("%Y-%m-%d").fillna("").tolist() == ["2024-03-12", ""]
    assert found.frame["channel"].unique().tolist() == ["SP4N-LAPOR!"]
    late = write(tmp_path, "l2.csv", path.read_text().replace("Selesai;7", "Selesai;"))
    assert [(f.rule, f.row) for f in read_table(late, "complaints", UNITS).findings if f.severity == "error"] == [
        ("closed_without_days", 2)
    ]


def test_sipd_budget_counts_development_net_of_personnel(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "anggaran.csv",
        "Tahun;Nama SKPD;Program;Sub Kegiatan;Kode Rekening;Pagu;Realisasi\n"
        "2024;Dinas Sosial;x;Pendidikan dan Pelatihan Pegawai;5.1.02.01;300.000.000;250.000.000\n"
        "2024;Dinas Sosial;x;Pendidikan dan Pelatihan Pegawai;5.1.01.01;50.000.000;50.000.000\n"
        "2024;Dinas Sosial;x;Penyediaan Gaji;5.1.01.01;2.000.000.000;1.900.000.000\n"
        "2023;Dinas Sosial;x;Bimbingan Teknis Petugas;5.1.02.01;1.250.000,50;1.000.000\n",
    )
    found = read_table(path, "budget", UNITS)
    assert rules(found, "error") == []
    assert found.frame.to_dict("records") == [
        {"unit_id": "A3", "year": 2023, "training_budget": 1250000.5, "total_budget": 1250000.5, "realised": 1e6},
        {"unit_id": "A3", "year": 2024, "training_budget": 3e8, "total_budget": 2.35e9, "realised": 2.5e8},
    ]


def test_a_study_of_exports(tmp_path: Path) -> None:
    UNITS.to_csv(tmp_path / "unit.csv", index=False)
    write(tmp_path, "pegawai_siasn.csv", SIASN)
    write(
        tmp_path,
        "diklat_siasn.csv",
        "nipBaru,latihanStrukturalNama,tanggal,jumlahJam,tanggalSelesai\n199003042015031002,PKP,2024-02-01,900,2024-05-20\n",
    )
    head = "Kode Unit;Periode;Nomor Responden;" + ";".join(f"U{n}" for n in range(1, 10)) + "\n"
    write(tmp_path, "skm.csv", head + "A1;2024-S1;1" + ";3" * 9 + "\n")
    found = read_study(tmp_path)
    assert [f.rule for f in found.findings if f.severity == "error"] == []
    assert list(found.tables) == ["units", "survey", "training", "officers"]
    assert found.tables["training"]["nip"].item() == found.tables["officers"]["nip"].iloc[0]


@pytest.mark.parametrize("name", ["siasn_officers", "siasn_training", "siasn_courses", "lapor", "sipd"])
def test_every_system_has_a_shape(name: str) -> None:
    from analysis.ingest.systems import _SHAPERS, load_systems

    assert set(_SHAPERS) == set(load_systems()) - {"eskm", "skm_2004"}
    assert name in _SHAPERS


OPEN_DATA = (
    "id,kode_provinsi,nama_provinsi,kode_kabupaten_kota,nama_kabupaten_kota,indeks,satuan,tahun\n"
    "1,15,JAMBI,1508,KABUPATEN BUNGO,81.5,INDEKS,2023\n"
    "2,15,JAMBI,1509,KABUPATEN TEBO,82.25,INDEKS,2023\n"
)


def test_open_data_codes_are_told_by_code_and_name(tmp_path: Path) -> None:
    # In the BPS system Bungo is 1509 and Tebo 1508; the same digits with a dot are the other one's Kemendagri code.
    found = read_open_data(write(tmp_path, "data.csv", OPEN_DATA))
    assert found.findings == ()
    assert found.frame["region_code"].tolist() == ["15.08", "15.09"]
    swapped = OPEN_DATA.replace("1508", "x").replace("1509", "1508").replace(",x,", ",1509,")
    found = read_open_data(write(tmp_path, "bps.csv", swapped))
    assert found.frame["region_code"].tolist() == ["15.08", "15.09"]
    assert found.frame["value"].tolist() == [81.5, 82.25]
    wrong = OPEN_DATA.replace("KABUPATEN TEBO", "KOTA JAMBI")
    found = read_open_data(write(tmp_path, "salah.csv", wrong))
    assert found.frame is None
    assert [(f.rule, f.row) for f in found.findings] == [("unknown_region", 3)]


def test_open_data_of_provinces_and_several_figures(tmp_path: Path) -> None:
    text = "kode_provinsi,nama_provinsi,ipp,kelas,tahun\n82,MALUKU UTARA,2.80,C,2024\n"
    assert [f.rule for f in read_open_data(write(tmp_path, "d.csv", text)).findings] == ["open_data_columns"]
    found = read_open_data(write(tmp_path, "d.csv", text), "ipp")
    assert found.frame.to_dict("records")[0]["region_code"] == "82"
    assert found.frame["value"].tolist() == [2.8]
