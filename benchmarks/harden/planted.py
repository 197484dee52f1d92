"""Persons planted into every input of a study, its reports published, and every output looked at.

``python -m benchmarks.harden.planted [--regions N]`` writes a made-up study whose officers have names, telephone
numbers and addresses, whose citizens write comments and complaints, and in which every such text holds a word that
occurs nowhere else. After publishing, every file is searched for these words and for the officers' numbers, by code
that knows nothing of the gate. Then one planted text at a time is put into the finished release, which the gate has to
refuse.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harden.results import write_result

from analysis.disclosure import Gate, read_fingerprints
from analysis.errors import EXIT_OK
from analysis.paths import store_dir
from analysis.synthetic import SampleDesign, simulate

SEED = 20_250_817
SHORT, LONG = 3, 552
MARK = "zq"
LETTERS = "abcdefghijklmnoprstuvwy"
MARKED = re.compile(rf"{MARK}[{LETTERS}]{{7}}")
LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){15,17}")
CONTROLS = 200
TEMPLATES = (
    "petugas bernama {} meminta uang rokok kepada ibu saya di loket dua",
    "sudah tiga minggu surat {} belum juga selesai dan tidak ada yang menjawab",
    "pelayanan oleh {} sangat ramah dan cepat terima kasih banyak semoga sehat selalu",
)


def word(rng: random.Random) -> str:
    """A word that occurs nowhere else."""
    return MARK + "".join(rng.choices(LETTERS, k=7))


def planted_study(folder: Path, regions: int) -> dict[str, list[str]]:
    """Write the study; return what was planted by kind."""
    rng = random.Random(SEED)
    chosen = ("82", "96.71", "15.09") if regions == SHORT else ()
    design = SampleDesign(n_regions=regions, n_periods=6, regions=chosen, seed=5, units_min=12, units_max=16)
    tables = dict(simulate(design).tables)
    officers = tables["officers"].copy()
    people = [f"{word(rng)} {word(rng)}" for _ in range(len(officers))]
    tables["officers"] = officers.assign(
        **{"Nama Pegawai": [f"Drs. {name.title()}, M.Si." for name in people],
           "No. HP": [f"0812{rng.randrange(10**8):08d}" for _ in people],
           "Alamat": [f"Jalan {word(rng)} Nomor {rng.randrange(99)}" for _ in people]}
    )  # fmt: skip
    comments: list[str] = []
    for name, column in (("survey", "comment"), ("complaints", "text")):
        table = tables[name].copy()
        written = [rng.choice(TEMPLATES).format(word(rng)) if rng.random() < 0.2 else None for _ in range(len(table))]
        tables[name] = table.assign(**{column: written})
        comments += [text for text in written if text]
    folder.mkdir(parents=True)
    for name, table in tables.items():
        large = len(table) > 100_000
        table.to_parquet(folder / f"{name}.parquet", index=False) if large else table.to_csv(
            folder / f"{name}.csv", index=False
        )
    (folder / "study.yml").write_text("synthetic: true\n", encoding="utf-8")
    return {"names": people, "free_texts": comments, "numbers": sorted(set(officers["nip"].astype(str)))}


def texts(content: bytes) -> Iterator[str]:
    """Yield what can be read in a file, by the plainest means."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                yield from texts(archive.read(member))
    elif content[:2] == b"\x1f\x8b":
        yield from texts(gzip.decompress(content))
    elif content[:4] == b"%PDF":
        import pypdf

        yield from (page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    else:
        yield content.decode("utf-8", "ignore")


def leaks(release: Path, numbers: set[str]) -> list[str]:
    """Return the files of a release that hold a planted word or number."""
    found = []
    for path in sorted(p for p in release.rglob("*") if p.is_file()):
        for text in texts(path.read_bytes()):
            digits = {re.sub(r"\D", "", match.group()) for match in LONG_NUMBER.finditer(text)}
            if MARKED.search(text.lower()) or digits & numbers:
                found.append(path.relative_to(release).as_posix())
    return sorted(set(found))


def controls(study: Path, release: Path, planted: dict[str, list[str]]) -> tuple[int, int]:
    """Put one planted text at a time into a page and ask the gate; return how many it refused, and of how many."""
    rng = random.Random(SEED)
    gate = Gate(read_fingerprints(store_dir(study)))
    page = next(p for p in sorted(release.glob("*/index.html"))).read_text(encoding="utf-8")
    refused = 0
    for _ in range(CONTROLS):
        text = rng.choice(planted[rng.choice(sorted(planted))])
        refused += bool(gate.search("index.html", page.replace("</section>", f"<p>{text}</p></section>", 1).encode()))
    return refused, CONTROLS


def main(regions: int, folder: Path) -> dict[str, object]:
    study = folder / "study"
    planted = planted_study(study, regions)
    program = str(Path(sys.executable).parent / "pembinaan")
    ran = subprocess.run(
        [program, "run", str(study), "--out", str(folder / "out")], capture_output=True, text=True, check=False
    )
    if ran.returncode != EXIT_OK:
        raise SystemExit(ran.stdout + ran.stderr)
    release = (folder / "out" / "latest").resolve()
    refused, tried = controls(study, release, planted)
    files = leaks(release, set(planted["numbers"]))
    return {
        "reports": len(list(release.glob("*/annex.html"))),
        "files": sum(path.is_file() for path in release.rglob("*")),
        **{f"planted_{kind}": len(items) for kind, items in planted.items()},
        "files_with_a_planted_identifier": len(files),
        "leaking_files": files[:20],
        "controls": tried,
        "controls_refused": refused,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--regions", type=int, default=SHORT)
    parser.add_argument("--long", action="store_true", help=f"{LONG} regions")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = main(LONG if given.long else given.regions, Path(temporary))
    print(json.dumps(figures, indent=1))
    write_result("planted", figures)
