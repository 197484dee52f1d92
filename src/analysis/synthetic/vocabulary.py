"""Names of service units, training topics, providers and short texts that the synthetic files use."""

from __future__ import annotations

from typing import NamedTuple


class UnitKind(NamedTuple):
    """A kind of service unit: its name, its service and its typical number of officers."""

    name: str
    service: str
    headcount: int
    many: bool


REGENCY_UNITS = (
    UnitKind("Dinas Kependudukan dan Pencatatan Sipil", "Administrasi kependudukan", 32, False),
    UnitKind("DPMPTSP", "Perizinan", 28, False),
    UnitKind("RSUD", "Kesehatan", 70, False),
    UnitKind("Dinas Pendidikan", "Pendidikan", 40, False),
    UnitKind("Dinas Sosial", "Sosial", 24, False),
    UnitKind("Dinas Tenaga Kerja", "Ketenagakerjaan", 22, False),
    UnitKind("Badan Pendapatan Daerah", "Pajak daerah", 26, False),
    UnitKind("Dinas Perhubungan", "Perhubungan", 26, False),
    UnitKind("Puskesmas", "Kesehatan", 26, True),
    UnitKind("Kecamatan", "Kewilayahan", 16, True),
)
PROVINCE_UNITS = (
    UnitKind("DPMPTSP Provinsi", "Perizinan", 32, False),
    UnitKind("RSUD Provinsi", "Kesehatan", 80, False),
    UnitKind("Dinas Pendidikan Provinsi", "Pendidikan", 44, False),
    UnitKind("Dinas Kesehatan Provinsi", "Kesehatan", 38, False),
    UnitKind("Dinas Sosial Provinsi", "Sosial", 28, False),
    UnitKind("Dinas Tenaga Kerja Provinsi", "Ketenagakerjaan", 26, False),
    UnitKind("BPSDM Provinsi", "Pengembangan kompetensi", 24, False),
    UnitKind("Dinas Perpustakaan Provinsi", "Perpustakaan", 20, False),
    UnitKind("Samsat", "Pajak kendaraan", 14, True),
    UnitKind("UPTD Balai Latihan Kerja", "Ketenagakerjaan", 14, True),
)

TOPICS = {
    "Standar pelayanan dan prosedur": "U2",
    "Pelayanan daring dan teknologi informasi": "U3",
    "Mutu produk layanan": "U5",
    "Kompetensi teknis layanan": "U6",
    "Komunikasi dan etika pelayanan": "U7",
    "Penanganan pengaduan": "U8",
}
"""Training topics that aim at one element of the satisfaction survey."""

GENERAL_TOPICS = ("Wawasan kebangsaan", "Manajemen ASN", "Pengadaan barang dan jasa", "Pengelolaan keuangan daerah")
IT_TOPIC = "Pelayanan daring dan teknologi informasi"

OWN_PROVIDER = "BKPSDM"
PARTNERS = ("Kerja sama perguruan tinggi", "Kerja sama BPSDM provinsi", "Kerja sama daerah tetangga")

CHANNELS = ("SP4N-LAPOR!", "Kotak saran", "WhatsApp", "Tatap muka")
COMPLAINTS = (
    "Antrean terlalu lama.",
    "Berkas belum selesai sesuai janji layanan.",
    "Petugas kurang ramah.",
    "Informasi persyaratan tidak jelas.",
    "Ruang tunggu kurang nyaman.",
    "Sistem pendaftaran tidak dapat dibuka.",
    "Mohon penjelasan jadwal layanan.",
    "Loket tutup sebelum jam layanan berakhir.",
)
COMMENTS = (
    "Pelayanan sudah baik.",
    "Mohon waktu tunggu dipersingkat.",
    "Petugas ramah dan membantu.",
    "Ruang tunggu perlu ditambah kursi.",
    "Persyaratan sebaiknya dipasang di papan informasi.",
    "Sebaiknya ada nomor antrean daring.",
)
