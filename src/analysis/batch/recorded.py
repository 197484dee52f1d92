"""Modules that a region's kernel and a worker import, as `python -m analysis.batch.record` found them."""

MODULES: tuple[str, ...] = (
    "analysis.report",
    "analysis.study",
    "analysis.policy",
    "analysis.report.annex",
    "analysis.report.interactive",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "papermill",
    "nbformat",
    "plotly.graph_objects",
    "pyarrow",
    "xlsxwriter",
    "docx",
)
