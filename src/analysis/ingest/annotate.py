"""The refused files of a study, written again with their bad cells marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.ingest.collect import LARGE_ROWS, is_large
from analysis.ingest.folder import table_of
from analysis.ingest.reader import open_sheets
from analysis.ingest.templates import write_annotated
from analysis.results import Finding

SUFFIX = "_diperiksa.xlsx"


def annotate_refused(
    directory: str | Path, findings: Sequence[Finding], target: str | Path | None = None, lang: str = "id"
) -> list[Path]:
    """Write an annotated copy of every file of a study that was refused.

    Parameters
    ----------
    directory
        The study's folder.
    findings
        What `analysis.ingest.read_study` found.
    target
        Folder for the copies; by default ``diperiksa`` inside the study, which is not read as data.
    lang
        Language of the explanations.

    Returns
    -------
    list of Path
        The copies; files that could not be opened at all, and files too large for memory, have none.
    """
    folder = Path(directory)
    out = Path(target) if target is not None else folder / "diperiksa"
    refused = sorted({item.file for item in findings if item.severity == "error"})
    written = []
    for name in refused:
        path, table = folder / name, table_of(Path(name))
        # A copy of a file that does not fit into memory would not open in Excel either.
        if table is None or not path.is_file() or is_large(path, LARGE_ROWS):
            continue
        sheets, _ = open_sheets(path, table)
        if sheets:
            out.mkdir(parents=True, exist_ok=True)
            own = [item for item in findings if item.file == name]
            written.append(write_annotated(out / (path.stem + SUFFIX), sheets, own, lang))
    return written
