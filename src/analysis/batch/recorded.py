"""What kernels of regions and workers import: `sys.modules` after a report, less what these bring along."""

MODULES: tuple[str, ...] = (
    "analysis.publish.regions",
    "analysis.report",
    "analysis.study",
    "analysis.policy.evidence",
    "babel.dates",
    "babel.messages.pofile",
    "babel.numbers",
    "docx",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "nbformat",
    "pandas.core.methods.to_dict",
    "papermill",
    "plotly.graph_objects",
    "pyarrow.pandas_compat",
    "xlsxwriter",
)
