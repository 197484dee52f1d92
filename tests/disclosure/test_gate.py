"""Every output byte is searched; identifiers are found in every kind of file and never repeated. All are made up."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.disclosure import Gate, Hit, make_fingerprints, raise_for, search_release
from analysis.disclosure.decode import MOST_DEPTH, large_numbers, segments
from analysis.errors import EXIT_DISCLOSURE_REFUSED, DisclosureError

NIP, NIK = "198001012005011001", "9671014101800001"
NAME, COMMENT = "Zulkarnain Pattiwael", "petugas loket tiga selalu pergi sebelum jam istirahat tiba"
OLD_NIP = "130123456"
PRINTS = make_fingerprints(
    b"k" * 32,
    {
        "name": [NAME, "Suharto"],
        "free_text": [COMMENT],
        "number": [OLD_NIP, "19999"],
        "address": ["Jalan Merpati Nomor 5 Blok C"],
    },
)


def found(name: str, content: bytes | str) -> list[tuple[str, str]]:
    data = content.encode() if isinstance(content, str) else content
    return [(hit.block, hit.kind) for hit in Gate(PRINTS).search(name, data)]


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def workbook(*values: object) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(list(values))
    book.save(buffer)
    return buffer.getvalue()


def document(*runs: str) -> bytes:
    from docx import Document

    made, buffer = Document(), io.BytesIO()
    made.core_properties.author = "x"
    paragraph = made.add_paragraph()
    for run in runs:
        paragraph.add_run(run).bold = True
    made.save(buffer)
    return buffer.getvalue()


def parquet(**columns: list) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer, index=False)
    return buffer.getvalue()


def png(kind: bytes, body: bytes) -> bytes:
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk


def pdf(text: str, title: str = "Laporan") -> bytes:
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Title(%s)>>" % title.encode(),
    ]
    out, starts = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        starts.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    head = b"xref\n0 7\n0000000000 65535 f \n" + table
    return out + head + b"trailer<</Size 7/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)


def bdata(values: list[float], dtype: str = "<f8", name: str = "f8") -> str:
    encoded = base64.b64encode(np.array(values, dtype=dtype).tobytes()).decode()
    return json.dumps({"y": {"dtype": name, "bdata": encoded}})


SINKS = {
    "plain html": ("a.html", f"<p>{NIP}</p>"),
    "entity": ("a.html", "<p>&#49;98001012005011001</p>"),
    "tags inside a number": ("a.html", f"<p><b>{NIP[:8]}</b>{NIP[8:]}</p>"),
    "attribute": ("a.html", f'<p title="{NIP}"></p>'),
    "comment": ("a.html", f"<p></p><!-- {NIP} -->"),
    "svg": ("a.svg", f"<svg><text><tspan>{NIP[:6]}</tspan><tspan>{NIP[6:]}</tspan></text></svg>"),
    "json": ("a.json", json.dumps({"id": "x", "value": int(NIP)})),
    "json escape": ("a.json", json.dumps({"v": NIP}).replace("1", "\\u0031", 1)),
    "float": ("a.json", '{"v": 1.98001012005011e+17}'),
    "address of a page": ("a.html", f'<a href="?q=%31{NIP[1:]}">x</a>'),
    "invisible signs": ("a.html", f"<p>{NIP[:9]}\u200b{NIP[9:]}</p>"),
    "csv": ("a.csv", f"a,b\n1,{NIP}\n"),
    "utf-16": ("a.csv", f"a\n{NIP}".encode("utf-16")),
    "latin-1": ("a.csv", f"caf\xe9 {NIP}".encode("latin-1")),
    "typed array": ("a.html", f"<script>{bdata([1.5, 9671014101800001.0])}</script>"),
    "typed array the other way round": (
        "a.json",
        json.dumps({"bdata": base64.b64encode(np.array([9671014101800001.0]).tobytes()).decode(), "dtype": "f8"}),
    ),
    "data address": (
        "a.html",
        f'<img src="data:image/svg+xml;base64,{base64.b64encode(f"<svg>{NIP}</svg>".encode()).decode()}">',
    ),
    "base64 text": ("a.json", json.dumps({"blob": base64.b64encode(f"nomor {NIP} ada".encode()).decode()})),
    "gzip": ("a.csv.gz", gzip.compress(NIP.encode())),
    "zip": ("a.zip", packed(data_dot_csv=NIP.encode())),
    "zip in a zip": ("a.zip", packed(b_dot_zip=packed(c_dot_gz=gzip.compress(NIP.encode())))),
    "name in a zip": ("a.zip", packed(**{f"x{NIP}": b"1"})),
    "xlsx": ("a.xlsx", workbook("a", NIP)),
    "xlsx number": ("a.xlsx", workbook(int(NIK))),
    "docx in runs": ("a.docx", document(NIP[:5], NIP[5:])),
    "parquet": ("a.parquet", parquet(x=["a", NIP])),
    "parquet float": ("a.parquet", parquet(x=[1.0, float(NIK)])),
    "png text": ("a.png", png(b"tEXt", b"Comment\x00" + NIP.encode())),
    "png packed text": ("a.png", png(b"zTXt", b"Comment\x00\x00" + zlib.compress(NIP.encode()))),
    "png international text": ("a.png", png(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + zlib.compress(NIP.encode()))),
    "pdf": ("a.pdf", pdf(f"NIP {NIP}")),
    "pdf title": ("a.pdf", pdf("Laporan", NIP)),
    "pdf without suffix": ("a.bin", pdf(NIP)),
}


@pytest.mark.parametrize("sink", SINKS)
def test_a_number_is_found_in_every_sink(sink: str) -> None:
    name, content = SINKS[sink]
    assert {kind for _, kind in found(name, content)} & {"nip", "nik"}


TEXTS = {
    "html": lambda text: ("a.html", f"<p>{text}</p>"),
    "html with tags": lambda text: ("a.html", "<p>" + text.replace(" ", " <em>", 1).replace(" ", "</em> ", 1) + "</p>"),
    "capitals and accents": lambda text: ("a.html", text.upper().replace("A", "Á")),
    "quotation": lambda text: ("a.html", f"“{text}”"),
    "punctuation": lambda text: ("a.csv", text.replace(" ", ", ")),
    "line breaks": lambda text: ("a.txt", text.replace(" ", "\n")),
    "attribute": lambda text: ("a.html", f'<td aria-label="{text}">'),
    "address": lambda text: ("a.html", f'<a href="x?{text.replace(" ", "%20")}">'),
    "json": lambda text: ("a.json", json.dumps({"id": "b", "text": f"{text}."})),
    "xlsx": lambda text: ("a.xlsx", workbook(1, text)),
    "docx": lambda text: ("a.docx", document(text[:7], text[7:])),
    "pdf": lambda text: ("a.pdf", pdf(text)),
    "parquet": lambda text: ("a.parquet", parquet(x=[text])),
    "zip": lambda text: ("a.zip", packed(x=text.encode())),
}


@pytest.mark.parametrize("sink", TEXTS)
@pytest.mark.parametrize(
    ("text", "kind"), [(NAME, "name"), (COMMENT, "free_text"), ("jalan merpati nomor 5 blok c", "address")]
)
def test_names_and_comments_are_found_in_every_sink(sink: str, text: str, kind: str) -> None:
    assert {k for _, k in found(*TEXTS[sink](text))} == {kind}


def test_numbers_of_the_roster_are_found_with_and_without_signs() -> None:
    assert found("a.csv", f"x;{OLD_NIP};y") == [("", "number")]
    assert found("a.csv", "130 123 456") == [("", "number")]
    assert found("a.csv", "19999") == [("", "number")]
    assert found("a.csv", "130123457") == []


def test_five_words_of_a_comment_are_no_hit_and_six_are() -> None:
    words = COMMENT.split()
    assert found("a.txt", " ".join(words[:5])) == []
    assert found("a.txt", " ".join(words[:6])) == [("", "free_text")]
    assert found("a.txt", " ".join(words[-6:])) == [("", "free_text")]
    assert found("a.txt", " ".join(reversed(words))) == []


def test_part_of_a_name_is_no_hit() -> None:
    assert found("a.txt", "Zulkarnain dan Pattiwael") == []
    assert found("a.txt", "Suhartono") == []
    assert found("a.txt", "SUHARTO!") == [("", "name")]


def test_the_nearest_block_is_named() -> None:
    page = f'<section id="answer"><p>a</p></section><section class="x" id="levers"><p>{NIP}</p></section>'
    assert found("82/index.html", page) == [("levers", "nip")]
    plain = json.dumps([{"id": "trend", "v": 1}, {"id": "quality", "v": NIP}])
    assert found("a.json", plain) == [("quality", "nip")]
    assert found("a.html", f"<p>{NIP}</p><section id='later'>") == [("", "nip")]
    assert found("a.pdf", pdf(NIP)) == [("1", "nip")]
    assert found("a.parquet", parquet(nama=[NIP])) == [("nama", "nip")]
    assert Gate().search("a.zip", packed(b_dot_csv=NIP.encode())) == [Hit("a.zip!b.csv", "", "nip")]


def test_ordinary_pages_pass() -> None:
    digest = "9f2c4e1ba77b04c01d9a19800101200501100100c0ffee"
    page = f"<p>IKM 83,12 (81,90 s.d. 84,34)</p><path d='M10.5 20.25 30.125 40.5'/><code>{digest}</code>"
    assert found("a.html", page + bdata([0.1, 83.12, 2e5])) == []
    assert found("a.xlsx", workbook("Dinas", 83.12, 3_498_758_995_777)) == []
    assert found("a.docx", document("Laporan ", "mutu layanan")) == []
    assert found("a.png", png(b"IDAT", zlib.compress(b"x"))) == []
    assert found("a.gif", b"GIF89a" + bytes(range(256))) == []


def test_what_cannot_be_opened_is_refused() -> None:
    nested = NIP.encode()
    for _ in range(MOST_DEPTH + 2):
        nested = gzip.compress(nested)
    for name, content in (
        ("a.gz", nested),
        ("a.zip", b"PK\x03\x04broken"),
        ("a.pdf", b"%PDF-1.4 nothing"),
        ("a.gz", b"\x1f\x8b\x08broken"),
        ("a.parquet", b"PAR1broken"),
    ):
        with pytest.raises(DisclosureError) as caught:
            found(name, content)
        assert caught.value.message.key == "disclosure.unreadable"


def test_an_allowed_depth_is_read() -> None:
    nested = NIP.encode()
    for _ in range(MOST_DEPTH):
        nested = gzip.compress(nested)
    assert found("a.gz", nested) == [("", "nip")]


def test_a_text_is_searched_once_and_a_hit_every_time() -> None:
    gate = Gate(PRINTS)
    page = b"<section id='x'>clean</section>"
    assert gate.search("a.html", page) == gate.search("b.html", page) == []
    bad = f'<section id="x">{NIP}</section>'.encode()
    assert [gate.search(name, bad)[0].file for name in ("a.html", "b.html")] == ["a.html", "b.html"]


def test_large_numbers_of_typed_arrays() -> None:
    values = np.array([1.5, 99_999_999.0, 1e8, -1e8, np.nan, np.inf, 1e9 + 0.5])
    assert large_numbers(values.tobytes(), "f8").split() == ["100000000", "-100000000"]
    assert large_numbers(np.array([1, 198001012], dtype="<i4").tobytes(), "i4") == "198001012"
    assert "halo" in large_numbers(b"halo", "u1")
    assert large_numbers(b"123", "f8") == ""
    rounded = np.array([198001012005012999.0, 198001012005013999.0])
    assert large_numbers(rounded.tobytes(), "f8").split() == ["198001012005012992", "198001012005012984"]
    assert {kind for _, kind in found("a.json", bdata([198001012005012999.0]))} == {"nip"}


def test_without_fingerprints_patterns_are_searched() -> None:
    assert Gate().kinds(f"{NAME} {NIP}") == {"nip"}
    assert Gate(make_fingerprints(b"k", {})).kinds(NAME) == set()


def test_segments_of_a_text_are_read_as_written_and_as_seen() -> None:
    texts = [segment.text for segment in segments("a.html", b"<p>a&amp;<b>b</b></p>")]
    assert texts == ["<p>a&<b>b</b></p>", "\na&b\n"]


def test_a_release_with_an_identifier_is_refused_without_repeating_it(tmp_path: Path) -> None:
    (tmp_path / "82").mkdir()
    (tmp_path / "82" / "index.html").write_text(f'<section id="a"><p>{NIP}</p></section>', encoding="utf-8")
    (tmp_path / "82" / "x.txt").write_text(NAME, encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        raise_for(search_release(tmp_path, PRINTS))
    assert caught.value.exit_code == EXIT_DISCLOSURE_REFUSED
    text = str(caught.value)
    assert "82/index.html" in text
    assert "“a”" in text
    assert caught.value.message.values["n"] == 2
    assert NIP not in text
    assert NAME not in text


def test_names_of_files_are_searched_without_repeating_them(tmp_path: Path) -> None:
    (tmp_path / f"{NIP}.txt").write_text("x", encoding="utf-8")
    assert search_release(tmp_path) == [Hit("–", "", "nip")]


def test_few_places_are_named_of_many() -> None:
    with pytest.raises(DisclosureError) as caught:
        raise_for(Hit(f"f{n}", "", "nik") for n in range(9))
    assert caught.value.message.values["n"] == 9
    assert len(caught.value.message.values["places"]) == 5
    raise_for([])
