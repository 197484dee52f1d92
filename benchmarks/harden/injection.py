"""Hostile texts through the whole tool: every payload into every input, every output looked at.

``python -m benchmarks.harden.injection`` builds a study whose names, topics, providers, comments, headers, file
names, titles and scenarios are hostile, publishes it, opens every page in a browser with and without the pages' own
policy, and reads every other file that a reader may open.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import yaml
from benchmarks.harden.payloads import PAYLOADS
from benchmarks.harden.results import write_result

from analysis.synthetic import SampleDesign, simulate

REGIONS = ("82", "15.09")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
POLICY = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", re.IGNORECASE)
FIELD = re.compile(r"<w:instrText[^>]*>[^<]*|<w:fldSimple[^>]*>")
FIRED = "FIRED"


@dataclass
class Seen:
    """What was looked at and what fired: `fired` names sink and place."""

    pages: int = 0
    files: int = 0
    fired: list[str] = field(default_factory=list)


def hostile_study(folder: Path) -> None:
    """Write a study in which every text is hostile; codes, half-years and numbers are as usual."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = dict(
        simulate(SampleDesign(n_regions=2, n_periods=6, regions=REGIONS, seed=3, units_min=34, units_max=40)).tables
    )
    texts = {
        "units": ("unit_name", "service_type"),
        "survey": ("comment",),
        "training": ("topic", "provider"),
        "complaints": ("text", "channel"),
    }
    for name, columns in texts.items():
        tables[name] = _poisoned(tables[name], columns)
    for name, table in tables.items():
        _write(folder, name, table)
    title = {"id": PAYLOADS[0], "en": PAYLOADS[7]}
    _yaml(folder / "study.yml", {"synthetic": True, "title": title})
    _yaml(folder / "scenarios.yml", hostile_scenarios())


def _poisoned(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    table = table.copy()
    for shift, column in enumerate(columns):
        texts = cycle(PAYLOADS[shift:] + PAYLOADS[:shift])
        table[column] = [next(texts) for _ in range(len(table))]
    return table


def _write(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Large tables as Parquet, small ones as CSV with a hostile column and a hostile file name."""
    if len(table) > 5000:
        table.to_parquet(folder / f"{name}.parquet", index=False)
        return
    table = table.assign(**{PAYLOADS[0]: "1"})
    table.to_csv(folder / f"{name}_<img src=x onerror=window.fired=1>$(touch FIRED);.csv", index=False)


def hostile_scenarios() -> dict[str, Any]:
    """Return a scenario of one's own whose every text is hostile."""
    text = {"id": PAYLOADS[8], "en": PAYLOADS[10]}
    return {
        "own_scenario": {
            "label": text,
            "question": text,
            "changes": [{"term": "training_hours", "kind": "add", "amount": 5, "unit": "jp_per_half_year"}],
            "target": {"kind": "all"},
            "cost": {"kind": "none"},
            "claims": ["training_raises_quality"],
            "evidence": [],
        }
    }


def _yaml(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")


def command(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in `folder`, as a user would."""
    program = str(Path(sys.executable).parent / "pembinaan")
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def in_a_browser(release: Path, browser: Any, seen: Seen, policy: bool) -> None:
    """Open every page and note each that set ``window.fired``, left the site or opened a dialog."""
    for path in sorted(release.rglob("*.html")):
        context = browser.new_context()
        page = context.new_page()
        noted: list[str] = []
        page.on("dialog", lambda dialog, noted=noted: (noted.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request, noted=noted: noted.extend(_outside(request.url)))
        page.goto(path.as_uri())
        page.wait_for_timeout(150)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.evaluate("document.querySelectorAll('[onmouseover],[onfocus]').forEach(e => e.focus())")
        scripted = page.evaluate(
            "[...document.querySelectorAll('[href],[src],[action]')].filter(e => /^\\s*java/i.test("
            "e.getAttribute('href') || e.getAttribute('src') || e.getAttribute('action'))).length"
        )
        if page.evaluate("window.fired") or noted or scripted:
            seen.fired.append(f"{'with' if policy else 'without'} policy: {path.relative_to(release)} {noted[:2]}")
        seen.pages += 1
        context.close()


def _outside(address: str) -> list[str]:
    return [] if address.startswith(("file:", "data:", "blob:", "about:")) else [address]


def without_policy(release: Path, target: Path) -> Path:
    """Copy a release and take the pages' own policy out, to see that nothing depends on it."""
    shutil.copytree(release, target)
    for path in target.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(POLICY.sub("", text), encoding="utf-8")
    return target


def in_files(release: Path, seen: Seen) -> None:
    """Look for formulas in tables, control characters in text, active content in documents."""
    for path in sorted(p for p in release.rglob("*") if p.is_file()):
        seen.files += 1
        found = _LOOK.get(path.suffix, lambda _: [])(path)
        seen.fired += [f"{path.relative_to(release)}: {what}" for what in found]


def _csv(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        cells = [cell for row in csv.reader(handle) for cell in row]
    active = [c for c in cells if c[:1] in "=+-@\t\r" and c[:1] and not re.fullmatch(r"[-+]?[\d.eE+-]+", c)]
    return [f"formula {cell[:30]!r}" for cell in active] + _controls("".join(cells))


def _xlsx(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path)
    found = [f"formula {c.coordinate}" for sheet in book for row in sheet for c in row if c.data_type == "f"]
    links = [f"link {c.coordinate}" for sheet in book for row in sheet for c in row if _active(c.hyperlink)]
    return found + links


def _active(link: Any) -> bool:
    return bool(link and link.target and not re.match(r"(https?:|#|[\w./-]+$)", link.target))


def _docx(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    orders = {name: " ".join(FIELD.findall(text)) for name, text in parts.items()}
    found = [f"{name}: field" for name, text in orders.items() if re.search(r"DDE|INCLUDE|HYPERLINK|IMPORT", text)]
    return found + [f"{name}: macro" for name in parts if "vba" in name.lower()]


def _pdf(path: Path) -> list[str]:
    content = path.read_bytes()
    return [what for what in ("/JavaScript", "/Launch", "/EmbeddedFile") if what.encode() in content]


def _text(path: Path) -> list[str]:
    return _controls(path.read_text(encoding="utf-8"))


def _controls(text: str) -> list[str]:
    return [f"control character {ord(found):#x}" for found in sorted(set(CONTROL.findall(text)))]


_LOOK = {".csv": _csv, ".xlsx": _xlsx, ".docx": _docx, ".pdf": _pdf, ".html": _text, ".json": _text, ".xml": _text}


def in_the_terminal(done: subprocess.CompletedProcess[str], seen: Seen) -> None:
    """Look for control characters in what a command printed."""
    seen.fired += [f"terminal: {what}" for what in _controls(done.stdout + done.stderr)]


def outside_parameters(study: Path, folder: Path, seen: Seen, every: int = 1) -> int:
    """Give hostile region codes and folders; each must be refused in words, with nothing written."""
    before = sorted(p.name for p in folder.iterdir())
    codes = PAYLOADS[::every]
    for code in codes:
        done = command(["run", str(study), f"--region={code}", "--dry-run", "--out", str(folder / "refused")], folder)
        in_the_terminal(done, seen)
        if done.returncode != 2 or "Traceback" in done.stderr:
            seen.fired.append(f"parameter {code[:30]!r}: exit {done.returncode}")
    after = sorted(p.name for p in folder.iterdir())
    seen.fired += [f"written: {name}" for name in after if name not in before]
    return len(codes)


def run(folder: Path, short: bool = False) -> dict[str, Any]:
    """Carry everything out in an empty folder and return the figures; the short form tries fewer parameters."""
    from playwright.sync_api import sync_playwright
    from tests.browser.machine import ARGUMENTS

    from analysis.exports.pdf import find_browser

    study, out, seen = folder / "study", folder / "out", Seen()
    hostile_study(study)
    for arguments in (["check", str(study)], ["run", str(study), "--out", str(out), "--lang", "en"]):
        done = command(arguments, folder)
        in_the_terminal(done, seen)
        if done.returncode:
            raise RuntimeError(f"{arguments}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    release = (out / "latest").resolve()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(find_browser()), args=list(ARGUMENTS))
        in_a_browser(release, browser, seen, policy=True)
        in_a_browser(without_policy(release, folder / "bare"), browser, seen, policy=False)
        browser.close()
    in_files(release, seen)
    n_codes = outside_parameters(study, folder, seen, every=8 if short else 1)
    seen.fired += [f"left on disk: {p}" for p in folder.rglob("*") if p.name == FIRED]
    sinks = ["page with policy", "page without policy", "csv", "xlsx", "docx", "json", "xml", "terminal", "parameter"]
    return {
        "payloads": len(PAYLOADS), "sinks": sinks, "pages_opened": seen.pages, "files_read": seen.files,
        "parameters_refused": n_codes, "fired": len(seen.fired), "what_fired": sorted(set(seen.fired))[:20],
    }  # fmt: skip


def main(folder: Path, short: bool = False) -> None:
    """Run and store the figures."""
    figures = run(folder, short)
    write_result("injection", figures)
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    import tempfile

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as place:
        main(Path(place), "--short" in sys.argv)
