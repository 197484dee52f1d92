"""How many numbers of persons the patterns find, and how often ordinary figures set them off.

``python -m benchmarks.harden.identifiers [--long]`` writes each of many made-up NIP, NI PPPK and NIK in the ways in
which files and pages hold them and counts what is found; then it searches releases of random figures, in which nothing
may be found. Both are done from several seeds, so that no figure is that of one lucky draw.
"""

from __future__ import annotations

import base64
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from benchmarks.harden.results import write_result

from analysis.catalog import load_catalog
from analysis.disclosure import Gate, search_release

SEEDS = tuple(20_250_817 + number for number in range(5))
NUMBERS = {"short": 100, "long": 2_000}
"""NIP and as many NIK, each in every form, from each seed."""
REPORTS = {"short": 200, "long": 2_000}
"""From each seed."""
FILES = 10
NIP_FORMS = (
    "{0}",
    "NIP. {0}",
    "NIP:{0}",
    "'{0}",
    "({0}),",
    "12,{0},3.5",
    "1;{0};2",
    "<td>{0}</td>",
    "<b>{1}</b>{2}{3}{4}",
    "[{0}, 1]",
    "{1} {2} {3} {4}",
    "{1}.{2}.{3}.{4}",
    "{1}-{2}-{3}-{4}",
    "{1}\u00a0{2}\u00a0{3}\u00a0{4}",
    "{1} {2}{3}{4}",
    "{1} {2} {3}{4}",
    "p{0}",
    "{0}x",
    "&#{5};{6}",
    "\u200b{1}\u200b{2}{3}{4}",
)
NIK_FORMS = (
    "{0}",
    "NIK {0}",
    "NIK:{0}",
    "'{0}",
    "KTP={0};",
    "1,{0},2",
    "<td>{0}</td>",
    "{1}{2}<em>{3}</em>",
    "{1} {2} {3}",
    "{1}.{2}.{3}",
    "{4} {5} {6} {7}",
    "{4}-{5}-{6}-{7}",
    "{1}\u00a0{2}\u00a0{3}",
    "[{0}]",
    "x{0}",
    "{0}x",
)


def nip(rng: random.Random) -> str:
    """A number of a civil servant or of staff with a contract, whose month pair may exceed 12."""
    born = date(1958, 1, 1) + timedelta(days=rng.randrange(365 * 47))
    start = min(born.year + rng.randint(18, 40), 2026)
    month = rng.randint(1, 12) if rng.random() < 0.7 else rng.choice((21, 22, 23, 24, 25))
    return f"{born:%Y%m%d}{start}{month:02d}{rng.choice('12')}{rng.randint(1, 999):03d}"


def nik(rng: random.Random, areas: list[str]) -> str:
    """A citizen number: area with district, birth date with 40 added for women, serial number."""
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(365 * 70))
    day = born.day + 40 * rng.randint(0, 1)
    return f"{rng.choice(areas)}{rng.randint(1, 40):02d}{day:02d}{born:%m%y}{rng.randint(1, 9999):04d}"


def written(form: str, number: str) -> str:
    """Return a number in one of the forms."""
    if len(number) == 18:
        return form.format(number, number[:8], number[8:14], number[14], number[15:], ord(number[0]), number[1:])
    return form.format(number, number[:6], number[6:12], number[12:], *(number[i : i + 4] for i in range(0, 16, 4)))


def forms(kind: str, number: str) -> Iterator[tuple[str, str, str]]:
    """Yield name of the form, file name and content."""
    for form in NIP_FORMS if kind == "nip" else NIK_FORMS:
        yield form, "x.html", f"<section id='x'>{written(form, number)}</section>"
    array = base64.b64encode(np.array([1.5, float(number)]).tobytes()).decode()
    yield "typed array", "x.json", json.dumps({"y": {"dtype": "f8", "bdata": array}})
    yield "spreadsheet float", "x.csv", f"a;{float(number):.14E}"
    yield "json number", "x.json", json.dumps({"v": int(number)})


def recall(count: int) -> dict[str, object]:
    """Return how many of the written numbers are found, and the forms in which some were missed."""
    areas = sorted(code.replace(".", "") for code in load_catalog().regions if len(code) == 5)
    missed: dict[str, int] = {}
    tried = {"nip": 0, "nik": 0}
    lost = {"nip": 0, "nik": 0}
    for rng in map(random.Random, SEEDS):
        for kind, number in (pair for _ in range(count) for pair in (("nip", nip(rng)), ("nik", nik(rng, areas)))):
            for form, name, content in forms(kind, number):
                tried[kind] += 1
                if kind not in {hit.kind for hit in Gate().search(name, content.encode())}:
                    lost[kind] += 1
                    missed[f"{kind} {form}"] = missed.get(f"{kind} {form}", 0) + 1
    share = {f"recall_{kind}": 1 - lost[kind] / tried[kind] for kind in tried}
    return {**share, "written": sum(tried.values()), "missed": dict(sorted(missed.items()))}


def digest(rng: np.random.Generator) -> str:
    """A hash of chance."""
    return bytes(rng.integers(0, 256, 32, dtype=np.uint8)).hex()


def description(rng: np.random.Generator) -> dict[str, object]:
    """What a release says of itself: its run, the files read, its code; as `analysis.publish.manifest` makes it."""
    files = [{"name": f"file_{number}.csv", "sha256": digest(rng)} for number in range(FILES)]
    return {"study_run_id": digest(rng)[:12], "files": files, "code": {"claims_sha256": digest(rng)}}


def short_hashes(described: dict[str, object], rng: np.random.Generator) -> str:
    """Return the short hashes that a page prints: run, claims and files, and that of the files that it rests on."""
    whole = [described["code"]["claims_sha256"], *(item["sha256"] for item in described["files"])]  # type: ignore[index,attr-defined]
    cut = [f"<code>{one[:16]}</code>" for one in whole]
    return f"{described['study_run_id']} {whole[0][:12]} {''.join(cut)} <code>{digest(rng)[:12]}</code>"


def report(rng: np.random.Generator, described: dict[str, object]) -> str:
    """Return a page of random figures as reports hold them: tables, paths, JSON, hashes, amounts, dates."""
    values = rng.normal(80, 12, size=400)
    cells = "".join(f"<td>{v:.2f}</td><td>{int(abs(v) * 10)}</td>" for v in values)
    path = " ".join(f"{x:.1f} {y:.1f}" for x, y in rng.uniform(0, 900, size=(300, 2)))
    whole = " ".join(str(v) for v in rng.integers(0, 10_000, size=300))
    digests = " ".join(digest(rng) for _ in range(20))
    short = short_hashes(described, rng)
    amounts = " ".join(f"Rp{int(v):,}".replace(",", ".") for v in 10 ** rng.uniform(6, 15, size=60))
    plain = json.dumps([float(v) for v in rng.normal(size=600)] + [int(v) for v in 10 ** rng.uniform(6, 15, size=60)])
    array = base64.b64encode(rng.normal(80, 12, size=500).tobytes()).decode()
    half_years = " ".join(f"{2020 + i % 6}-S{1 + i % 2}: {v:.0f}" for i, v in enumerate(values[:60]))
    figure = json.dumps({"y": {"dtype": "f8", "bdata": array}})
    return (
        f"<section id='a'><table>{cells}</table><svg><path d='M{path}'/><g data-x='{whole}'/></svg><p>{amounts}</p>"
        f"<p>{half_years}</p><code>{digests} {short}</code><script>{plain}{figure}</script></section>"
    )


def false_alarms(count: int) -> dict[str, object]:
    """Return how many reports of random figures set the gate off, each searched as a release of its own."""
    kinds: dict[str, int] = {}
    alarmed = 0
    with tempfile.TemporaryDirectory() as place:
        for rng in map(np.random.default_rng, SEEDS):
            for _ in range(count):
                hits = search_release(written_release(Path(place), rng))
                alarmed += bool(hits)
                for hit in hits:
                    kinds[hit.kind] = kinds.get(hit.kind, 0) + 1
    return {"reports": count * len(SEEDS), "reports_with_false_alarm": alarmed, "false_alarms_by_kind": kinds}


def written_release(folder: Path, rng: np.random.Generator) -> Path:
    """Write one page and what the release says of itself."""
    described = description(rng)
    (folder / "release.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
    (folder / "index.html").write_text(report(rng, described), encoding="utf-8")
    return folder


def main(long: bool) -> dict[str, object]:
    size = "long" if long else "short"
    return {**recall(NUMBERS[size]), **false_alarms(REPORTS[size]), "seeds": len(SEEDS)}


if __name__ == "__main__":
    is_long = "--long" in sys.argv
    figures = main(is_long)
    print(json.dumps(figures, indent=1))
    write_result("identifiers", figures)
