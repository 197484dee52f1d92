"""What can be got out of the bytes of a file, piece by piece. All personal numbers are made up."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import zipfile
import zlib
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import Gate, decode, find_identifiers
from analysis.disclosure.decode import large_numbers, segments
from analysis.errors import DisclosureError

RUNS_OVER = {"196001012001021001": "196001012001020992", "198001012005012999": "198001012005012992"}
"""Numbers near a thousand, and what a float keeps of them."""


@pytest.mark.parametrize("number", RUNS_OVER)
def test_a_float_that_runs_over_is_read_as_the_number_it_was(number: str) -> None:
    kept = np.array([float(number)])
    assert {kind for kind, _ in find_identifiers(large_numbers(kept.tobytes(), "f8"))} == {"nip"}
    assert {kind for kind, _ in find_identifiers(f"{kept[0]:.17E}")} == {"nip"}
    buffer = io.BytesIO()
    pd.DataFrame({"x": kept}).to_parquet(buffer, index=False)
    assert {hit.kind for hit in Gate().search("a.parquet", buffer.getvalue())} == {"nip"}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (196001012001020992, "196001012001021992"),
        (196001012001023008, "196001012001022008"),
        (196001012001021024, "196001012001021024"),
        (196001012001024032, "196001012001024032"),
        (19600101200103008, "19600101200103008"),
    ],
)
def test_only_a_sex_next_to_one_or_two_is_mended(value: int, read: str) -> None:
    assert large_numbers(np.array([value], dtype="<i8").tobytes(), "i8") == read


def texts(name: str, content: bytes) -> list[tuple[str, str, str]]:
    return [tuple(segment) for segment in segments(name, content)]


def packed(members: dict[str, bytes], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.comment = comment
    return buffer.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    written = (struct.pack(">I", len(body)) + kind + body + b"\x00" * 4 for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def test_a_text_is_read_in_the_encoding_it_has() -> None:
    assert texts("a", "é".encode()) == [("a", "", "é")]
    assert texts("a", "é".encode("utf-16")) == [("a", "", "é")]
    assert texts("a", b"\xfe\xff\x00\xe9") == [("a", "", "é")]
    assert texts("a", b"caf\xe9") == [("a", "", "café")]


def test_blocks_are_cut_where_a_page_and_a_json_text_name_them() -> None:
    page = '<p>a</p><section class="c" id="one">b</section><script id="two">c</script>'
    assert [(block, text) for _, block, text in texts("a.html", page.encode())] == [
        ("", "<p>a</p>"), ("", "\na\n"), ("one", '<section class="c" id="one">b</section>'), ("one", "\nb\n"),
        ("two", '<script id="two">c</script>'), ("two", "\nc\n"),
    ]  # fmt: skip
    plain = '[{"id": "x", "v": 1}, {"name" : "y", "v": 2}, {"block":"z"}]'
    assert [(block, text) for _, block, text in texts("a.json", plain.encode())] == [
        ("", "[{"), ("x", '"id": "x", "v": 1}, {'), ("y", '"name" : "y", "v": 2}, {'), ("z", '"block":"z"}]'),
    ]  # fmt: skip
    assert texts("a.csv", b'x;"id": "y"') == [("a.csv", "", 'x;"id": "y"')]
    assert texts("a.json", b"{}") == [("a.json", "", "{}")]


def test_escapes_entities_and_addresses_are_undone() -> None:
    assert [text for *_, text in texts("a", rb"a\u0031\x32&amp;b")] == ["a12&b"]
    assert [text for *_, text in texts("a", b"x%31%20y 5%")] == ["x%31%20y 5%", "x1 y 5%"]
    assert [text for *_, text in texts("a", b"100% benar")] == ["100% benar"]
    assert [text for *_, text in texts("a", "1\u200b2\u00ad3".encode())] == ["123"]


def test_tags_inside_a_line_join_and_others_part() -> None:
    assert texts("a.html", b'<p>1<b class="x">2</b><br/>3<EM>4</EM></p>')[1][2] == "\n12\n34\n"
    for name in ("a.xlsx!xl/sheet1.xml", "a.docx!word/document.xml", "a.xml", "p!ppt/x", "d!docProps/app"):
        assert texts(name, b"<w:p><w:r>1</w:r><w:r>2</w:r></w:p><w:tab/>3")[1][2] == "\n12\n\n3"
    assert texts("a.docx!other/x", b"<w:p><w:r>1</w:r><w:r>2</w:r></w:p>")[1][2] == "\n\n1\n\n2\n\n"
    assert texts("x/word/a.html", b"<p>1<w:r>2</w:r></p>")[1][2] == "\n1\n2\n\n"


@pytest.mark.parametrize("sign", ["", "=", "=="])
def test_long_words_that_are_texts_in_base64_are_read(sign: str) -> None:
    plain = {"": "halo halo halo halo!!", "=": "halo halo halo halo!", "==": "halo halo halo halo"}[sign]
    encoded = base64.b64encode(plain.encode()).decode()
    assert encoded.endswith(sign)
    assert encoded.count("=") == len(sign)
    assert ("a", "", plain) in texts("a", f"x {encoded} y".encode())
    assert len(texts("a", f"x{encoded[:20]} y".encode())) == 1


def test_words_that_only_look_like_base64_are_left_alone() -> None:
    noise = base64.b64encode(bytes(range(200, 230))).decode()
    assert len(texts("a", noise.encode())) == 1
    control = base64.b64encode(b"halo\x00\x01halo halo halo").decode()
    assert len(texts("a", control.encode())) == 1
    archive = base64.b64encode(gzip.compress(b"di dalam", mtime=0)).decode()
    assert [text for *_, text in texts("a", archive.encode())][-1] == "di dalam"


def test_data_addresses_are_read_whatever_is_in_them() -> None:
    content = base64.b64encode(b"isi \xff\x00").decode()
    for sign in (content, quote(content, safe=""), f"{content[:4]} {content[4:]}"):
        assert ("a", "b", "isi ÿ\x00") in texts("a", f'<g id="b"><a href="data:x/y;base64,{sign}">'.encode())


def test_typed_arrays_are_read_in_both_orders_by_their_kind() -> None:
    values = base64.b64encode(np.array([123_456_789], dtype="<u4").tobytes()).decode()
    for one in (f'{{"bdata": "{values}", "dtype": "u4"}}', f'{{"dtype":"u4","bdata":"{values}"}}'):
        assert [text for *_, text in texts("a", one.encode())] == [one, "123456789"]


@pytest.mark.parametrize(
    ("dtype", "kind", "value"),
    [
        ("i4", "<i4", 198_001_012), ("int32", "<i4", -198_001_012), ("u4", "<u4", 4_000_000_000),
        ("uint32", "<u4", 4_000_000_000), ("i8", "<i8", 9671014101800001), ("u8", "<u8", 9671014101800001),
        ("f4", "<f4", 134_217_728), ("float32", "<f4", 134_217_728), ("float64", "<f8", 8671014101800001),
    ],
)  # fmt: skip
def test_every_kind_of_typed_array_is_read(dtype: str, kind: str, value: int) -> None:
    assert large_numbers(np.array([1, value], dtype=kind).tobytes() + b"x", dtype) == str(value)


@pytest.mark.parametrize("dtype", ["i1", "u1", "int8", "uint8", "u1c", "unknown"])
def test_bytes_are_read_as_letters(dtype: str) -> None:
    assert large_numbers(b"halo", dtype) == "halo"


@pytest.mark.parametrize("dtype", ["i2", "u2", "int16", "uint16"])
def test_short_numbers_hold_no_identifier(dtype: str) -> None:
    assert large_numbers(b"halo", dtype) == ""


def test_an_archive_is_read_by_name_with_its_comment() -> None:
    found = texts("a.zip", packed({"z.txt": b"satu", "b.txt": b"dua", "folder/": b""}, b"catatan"))
    assert found == [
        ("a.zip", "", "z.txt\nb.txt\nfolder/\ncatatan"), ("a.zip!b.txt", "", "dua"), ("a.zip!z.txt", "", "satu"),
    ]  # fmt: skip
    assert texts("a.zip", packed({}, b"kosong")) == [("a.zip", "", "kosong")]


def test_a_packed_file_is_read_with_the_name_in_its_head() -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile("asli.txt", "wb", fileobj=buffer, mtime=0) as handle:
        handle.write(b"isi")
    head, inside = texts("a.txt.gz", buffer.getvalue())
    assert "asli.txt" in head[2]
    assert inside == ("a.txt", "", "isi")


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "MOST_BYTES"
    one, packed_one = b"x" * 300, packed({"a": b"x" * 150, "b": b"x" * 150})
    monkeypatch.setattr(decode, name, 300)
    assert texts("a", one) == [("a", "", "x" * 300)]
    for content in (one + b"x", gzip.compress(b"x" * 301)):
        with pytest.raises(DisclosureError) as caught:
            texts("a", content)
        assert caught.value.message.key == "disclosure.unreadable"
        assert caught.value.message.values["file"] in ("a", "a!a")
    monkeypatch.setattr(decode, name, len(packed_one))
    assert len(texts("a", packed_one)) == 3
    with pytest.raises(DisclosureError):
        texts("a", packed({"a": b"x" * len(packed_one), "b": b""}))


def test_parquet_is_read_column_by_column_with_its_description() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"a": [1.0, 1.0, 2.5, None], "b": ["x", None, "y", "x"]}).replace_schema_metadata({"k": "v"})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    assert texts("a.parquet", buffer.getvalue()) == [
        ("a.parquet", "", "k\nv"), ("a.parquet", "a", "a\n1\n2.5"), ("a.parquet", "b", "b\nx\ny"),
    ]  # fmt: skip


def test_texts_of_pictures_are_read_plain_and_packed() -> None:
    plain, packed_text = (b"tEXt", b"Comment\x00satu"), (b"zTXt", b"Comment\x00\x00" + zlib.compress(b"dua"))
    foreign = (b"iTXt", b"Comment\x00\x01\x00\x00\x00" + zlib.compress("tiga é".encode()))
    camera = (b"eXIf", b"kamera")
    found = texts("a.png", png((b"IHDR", b"abc"), plain, packed_text, foreign, camera, (b"IEND", b"")))
    assert ("a.png", "tEXt", "Comment\x00satu") in found
    assert ("a.png", "zTXt", "dua") in found
    assert ("a.png", "iTXt", "tiga é") in found
    assert ("a.png", "eXIf", "kamera") in found
    assert {block for _, block, _ in found} == {"tEXt", "zTXt", "iTXt", "eXIf"}
    assert any(block == "iTXt" and text.startswith("Comment") for _, block, text in found)
    assert texts("a.png", png((b"zTXt", b"Comment\x00\x00broken"))) == []


def test_known_blocks_are_passed_over() -> None:
    asked: list[str] = []

    def seen(text: str) -> bool:
        asked.append(text)
        return "lama" in text

    page = b'<g id="a">lama</g><g id="b">baru</g>'
    assert {block for _, block, _ in segments("a", page, seen=seen)} == {"b"}
    assert asked == ['<g id="a">lama</g>', '<g id="b">baru</g>']
    inside = packed({"x": b"lama", "y": b"baru"})
    assert [text for *_, text in segments("z", inside, seen=seen)] == ["x\ny\n", "baru"]
    assert [text for *_, text in segments("z.gz", gzip.compress(b"lama"), seen=seen)][1:] == []
