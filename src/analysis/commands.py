"""What each verb of the command line does, with what it prints."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from analysis.catalog import load_catalog
from analysis.errors import UsageError, closest
from analysis.messages import render
from analysis.paths import notebooks_dir, reports_dir

if TYPE_CHECKING:
    from analysis.batch import Options
    from analysis.publish import Plan

CATALOG_KINDS = ("regions", "indicators", "specs", "claims")


def say(key: str, lang: str, **values: object) -> None:
    """Print one message."""
    print(render(key, lang, values))


def sample(folder: Path, regions: int, seed: int, lang: str) -> None:
    """Write the synthetic study; a folder that holds anything else is left alone."""
    from analysis.synthetic import write_sample

    held = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    if held and "truth.json" not in held:
        raise UsageError("cli.sample_not_empty", folder=str(folder))
    write_sample(folder, n_regions=regions, seed=seed)
    say("cli.sample_done", lang, n=regions, folder=str(folder))


def template(folder: Path, lang: str) -> None:
    """Write the Excel templates."""
    from analysis.ingest import write_templates

    written = write_templates(folder)
    say("cli.template_done", lang, n=len(written), folder=str(folder))


def check(folder: Path, json_file: Path | None, lang: str) -> bool:
    """Print all findings of a study and write marked copies of refused files; whether the data can be used."""
    from analysis.ingest import annotate_refused, findings_json, findings_table, read_study
    from analysis.validate import check_study

    if not folder.is_dir():
        raise UsageError("study.no_folder", folder=str(folder))
    with _progress_bar() as bar:
        study_input = read_study(folder, _Steps(bar, lang).rows)
    findings = (*study_input.findings, *check_study(study_input))
    if json_file:
        json_file.write_text(json.dumps(findings_json(findings), indent=1, ensure_ascii=False), encoding="utf-8")
    print_findings(findings_table(findings, lang).itertuples(index=False))
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count("error"), severities.count("warning")
    if errors:
        say("cli.check_refused", lang, errors=errors, warnings=warnings)
        for copy in annotate_refused(folder, findings, lang=lang):
            say("cli.check_marked", lang, file=str(copy))
        return False
    n_rows = sum(int(str(item["rows"])) for item in study_input.files)
    say("cli.check_ok", lang, n_files=len(study_input.files), n_rows=n_rows, warnings=warnings)
    return True


def print_findings(rows: Iterable[Sequence[object]]) -> None:
    """Print findings one a line, fields separated by tabs-free bars so that other programs can split them."""
    for row in rows:
        print(" | ".join("" if value is None or value != value else str(value) for value in row))


def study(folder: Path, lang: str) -> None:
    """Make the study and say what is in it."""
    from analysis.study import load_study

    with _progress_bar() as bar:
        steps = _Steps(bar, lang)
        results = load_study(folder, steps.step, steps.rows)
    say(
        "cli.study_done",
        lang,
        run_id=results.meta["run_id"],
        n_units=results.panel["unit_id"].nunique(),
        n_regions=len(results.regions),
        first=results.meta["first_period"],
        last=results.meta["last_period"],
    )


def run(
    study: str, regions: Sequence[str], out: str | None, options: Options, dry_run: bool, lang: str, pdf: bool = True
) -> None:
    """Make the study if needed, run the regions and publish, with a progress bar; say plainly if no PDF is made.

    `study` and `out` are folders, or addresses that fsspec knows.
    """
    from analysis import publish
    from analysis.locations import fetch, is_address, join, settled

    folder, target = settled(study), settled(out) if out else reports_dir()
    with _progress_bar() as bar:
        steps = _Steps(bar, lang)
        if is_address(study):
            fetch(study, folder)
        planned = publish.plan(folder, target, regions, steps.step, steps.rows, pdf)
        if dry_run:
            todo = publish.changed_regions(planned)
        else:
            released = publish.run(planned, options, publish.Progress(steps.step, steps.jobs, steps.done))
    if dry_run:
        values = {"n": len(planned.regions), "folder": str(folder), "out": str(planned.target)}
        say("batch.plan", lang, **values, todo=len(todo), regions=todo or ["–"])
        return
    index = released.folder / "index.html"
    if released.unchanged:
        say("cli.run_unchanged", lang, release=released.folder.name, index=str(index))
    else:
        say("cli.run_done", lang, n=len(released.regions), folder=str(released.folder), index=str(index))
    _say_printed(planned, released.folder, lang)
    if out and is_address(out):
        n = publish.send_release(released.folder, out)
        say("location.sent", lang, n=n, place=join(out, released.folder.name))


def _say_printed(planned: Plan, folder: Path, lang: str) -> None:
    """Say how many PDFs there are and what printed them, or why there are none."""
    if planned.printing.why_not:
        print(planned.printing.why_not.text(lang))
    else:
        printed = len(list(folder.glob("*/*.pdf")))
        say("site.cli.pdf_done", lang, n=printed, browser=planned.printing.printed_by)


def verify(release: Path, sample: int | None, options: Options, public_key: Path | None, lang: str) -> None:
    """Check the signature of a release if a key is given, run it again and compare."""
    from analysis import publish

    if public_key:
        say("signing.good", lang, comment=publish.check_signature(release, public_key))
    with _progress_bar() as bar:
        steps = _Steps(bar, lang)
        progress = publish.Progress(steps.step, steps.jobs, steps.done)
        same = publish.verify(release, sample, options, progress)
    say("verify.same", lang, n=same)
    printed_by = publish.taken_over(release)
    if printed_by:
        say("site.verify.pdf_taken", lang, browser=printed_by)


def package(release: Path, out: Path | None, share_inputs: bool, lang: str) -> None:
    """Write the replication package of a release."""
    from analysis.package import package_release

    say("package.done", lang, file=str(package_release(release, out, share_inputs)))


def doctor(out: Path | None, lang: str) -> bool:
    """Print what is wrong with this environment and what to do; whether nothing is."""
    from analysis.doctor import examine

    found = examine(out)
    for ailment in found:
        print(f"- {ailment.what.text(lang)}\n  {ailment.remedy.text(lang)}")
    say("doctor.found" if found else "doctor.ok", lang, **({"n": len(found)} if found else {}))
    return not found


def show_catalog(kind: str, lang: str) -> None:
    """Print one part of the catalog as a table."""
    if kind not in CATALOG_KINDS:
        raise UsageError("cli.unknown_kind", name=kind, closest=closest(kind, CATALOG_KINDS), known=list(CATALOG_KINDS))
    from analysis.claims import load_declared

    records = getattr(load_catalog() if kind in ("regions", "indicators") else load_declared(), kind)
    table = Table(box=None, pad_edge=False)
    table.add_column(kind)
    table.add_column("")
    for key, record in records.items():
        table.add_row(key, _described(record, lang))
    Console(highlight=False, markup=False).print(table)


def _described(record: object, lang: str) -> str:
    """Return what a record of the catalog is, in a few words."""
    label = getattr(record, "label", None)
    if label is not None:
        return str(getattr(label, lang))
    return str(getattr(record, "name", None) or f"{record.treatment} → {record.outcome}")  # type: ignore[attr-defined]


def lab(lang: str, port: int | None = None, browser: bool = True) -> int:
    """Open JupyterLab on the notebooks for people, until it is stopped; return its exit code."""
    from analysis.display.lab import lab_command, lab_environment, write_settings

    options = [] if browser else ["--no-browser"]
    options += [] if port is None else [f"--ServerApp.port={port}"]
    with tempfile.TemporaryDirectory(prefix="pembinaan-lab-") as settings:
        write_settings(Path(settings), lang)
        command = lab_command(notebooks_dir() / "explore", Path(settings), options)
        return subprocess.run(command, check=False, env=lab_environment(lang)).returncode


class _Steps:
    """Shows the steps of a run on a progress bar, and failed regions above it."""

    def __init__(self, bar: Progress, lang: str) -> None:
        self.bar, self.lang = bar, lang
        self.task = bar.add_task("", total=None)

    def step(self, key: str) -> None:
        self.bar.update(self.task, description=render(key, self.lang, {}), total=None, completed=0)

    def rows(self, done: int, total: int, table: str) -> None:
        """Show how far a large file has been summed."""
        self.bar.update(self.task, description=table, total=total, completed=done)

    def jobs(self, number: int) -> None:
        self.bar.update(self.task, total=number, completed=0)

    def done(self, outcome: object) -> None:
        self.bar.advance(self.task)
        error = getattr(outcome, "error", None)
        if error:
            values = {"region": getattr(outcome, "name", ""), "error": error}
            self.bar.console.print(render("cli.region_failed", self.lang, values), markup=False, highlight=False)


def _progress_bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
