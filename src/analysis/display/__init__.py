"""The workbench: results that show themselves in a notebook, regression tables, and pictures one can change.

``display.enable("id")`` once in a notebook; from then on a `Fit`, findings, checks and a study show themselves as
tables in the reader's language.
"""

from analysis.display.completion import Names, Namespace, names
from analysis.display.formatters import enable, show, told
from analysis.display.language import language
from analysis.display.progress import StudyProgress, with_progress
from analysis.display.regression import RegressionTable, regression_table
from analysis.display.results import checks, findings, panel, spec_code, study, verdict, verdicts
from analysis.display.shown import Shown, Table

__all__ = [
    "Names",
    "Namespace",
    "RegressionTable",
    "Shown",
    "StudyProgress",
    "Table",
    "checks",
    "enable",
    "findings",
    "language",
    "names",
    "panel",
    "regression_table",
    "show",
    "spec_code",
    "study",
    "told",
    "verdict",
    "verdicts",
    "with_progress",
]
