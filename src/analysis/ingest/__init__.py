"""Data intake: office files are read as text, converted by documented parsers and checked against their contract.

`read_table` reads one file, `read_study` a folder. Every problem is a `Finding` with file, sheet, row and column as
Excel shows them; a file with one error gives no data at all.
"""

from analysis.ingest.annotate import annotate_refused
from analysis.ingest.findings import findings_json, findings_table
from analysis.ingest.folder import StudyInput, read_study
from analysis.ingest.open_data import read_open_data
from analysis.ingest.reader import read_table
from analysis.ingest.summary import read_survey_summary
from analysis.ingest.tables import Column, Table, load_tables
from analysis.ingest.templates import write_templates
from analysis.results import Finding, Ingested

__all__ = [
    "Column",
    "Finding",
    "Ingested",
    "StudyInput",
    "Table",
    "annotate_refused",
    "findings_json",
    "findings_table",
    "load_tables",
    "read_open_data",
    "read_study",
    "read_survey_summary",
    "read_table",
    "write_templates",
]
