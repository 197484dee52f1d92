"""What a report rests on: data and repairs, method, how to reproduce it."""

from __future__ import annotations

import re
from typing import Any

from analysis.report.blocks import Block, jsonable
from analysis.report.sections._common import LEVERS, both, msg, period, records, region_name, study_sample
from analysis.results import StudyResults

LONG_NUMBER = re.compile(r"\d[\d .\-]{7,}\d")
"""Digits that could be a personal number; masked wherever a text from the input files is shown."""
METHOD_PARTS = ("design", "pooling", "index", "verdict", "limits")
TERMS = ("ikm", "jp", "interval", "pooled", "noise", "opd")


def data_quality(results: StudyResults, region_code: str) -> Block:
    """Return what was found in the input files, counted by file and rule; never a value from them."""
    results = results.of_region(region_code)
    found = records(results.findings)
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in found:
        groups.setdefault((row["file"], row["rule"], row["severity"]), []).append(row)
    rows = [_finding_row(key, members) for key, members in sorted(groups.items())]
    files = results.meta.get("files", [])
    counts = {"n": len(found), "n_files": len(files), "n_rows": sum(int(item.get("rows") or 0) for item in files)}
    return Block(
        id="data_quality",
        kind="table",
        data={"rows": rows, **counts},
        text={
            "title": msg("data.title"),
            "lead": msg("data.lead" if found else "data.clean", **counts),
            "note": msg("data.note"),
        },
        alt=msg("data.alt", n=len(rows)),
        source=(msg("source.files"),),
        sample=study_sample(results),
    )


def _finding_row(key: tuple[str, str, str], members: list[dict[str, Any]]) -> dict[str, Any]:
    first = min(members, key=lambda row: row["row"] or 0)
    return {
        "file": key[0],
        "rule": key[1],
        "severity": key[2],
        "n": len(members),
        "row": first["row"],
        "example": mask(jsonable(first["message"])),
    }


def mask(value: Any) -> Any:
    """Return `value` with every long run of digits replaced, so that no NIP, NIK or telephone number is shown."""
    if isinstance(value, str):
        return LONG_NUMBER.sub("•••", value)
    if isinstance(value, dict):
        return {name: mask(item) for name, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return value


def method(results: StudyResults, region_code: str) -> Block:
    """Return how the estimates are made, in words, with the terms that a reader needs."""
    parts = [{"title": msg(f"method.{part}.title"), "body": msg(f"method.{part}.body")} for part in METHOD_PARTS]
    terms = [{"term": msg(f"term.{name}.name"), "meaning": msg(f"term.{name}.meaning")} for name in TERMS]
    return Block(
        id="method",
        kind="prose",
        data={"parts": parts, "terms": terms, **causal_graph()},
        text={"title": msg("method.title")},
        alt=msg("method.title"),
        sample=study_sample(results, region_code),
    )


def causal_graph() -> dict[str, Any]:
    """Return the declared causal graph in words: what causes what, and what each lever's effect holds constant."""
    from analysis.identification import identify, load_graph

    nodes = load_graph()
    wording = {key: both(node.label) for key, node in nodes.items()}
    steady = [key for key, node in nodes.items() if node.absorbed]
    arrows = [
        {"effect": wording[key], "observed": node.column is not None, "causes": {"list": causes}}
        for key, node in nodes.items()
        if (causes := [wording[cause] for cause in node.causes if cause not in steady])
    ]
    held = []
    for lever in LEVERS:
        controls = identify(nodes, lever, "measured_quality").adjustment
        key = "adjusted" if controls else "adjusted_none" if controls is not None else "adjusted_open"
        named = {"list": [wording[name] for name in controls or ()]}
        held.append(msg(f"method.{key}", lever=msg(f"lever.{lever}"), controls=named))
    return {"arrows": arrows, "held": held, "steady": {"list": [wording[key] for key in steady]}}


def provenance(results: StudyResults, region_code: str) -> Block:
    """Return the files with their hashes, the run, the command that repeats it, and how to cite."""
    meta = results.of_region(region_code).meta
    files = [
        {"name": item["name"], "table": item.get("table"), "rows": item.get("rows"), "sha256": item["sha256"]}
        for item in meta.get("files", [])
    ]
    cited = {"region": region_name(region_code), "data_id": meta["data_id"], "version": meta["version"],
             "first": period(meta["first_period"]), "last": period(meta["last_period"])}  # fmt: skip
    return Block(
        id="provenance",
        kind="provenance",
        data={
            "files": files,
            "data_id": meta["data_id"],
            "claims_sha256": meta["claims_sha256"],
            "version": meta["version"],
            "region_code": region_code,
            "region_name": region_name(region_code),
            "synthetic": bool(meta["synthetic"]),
            "first_period": meta["first_period"],
            "last_period": meta["last_period"],
            "command": f"papermill notebooks/policy_report.ipynb out.ipynb -r region {region_code}",
        },
        text={
            "title": msg("provenance.title"),
            "lead": msg("provenance.lead"),
            "cite": msg("provenance.cite", **cited),
        },
        alt=msg("provenance.alt", n=len(files)),
        source=(msg("source.files"),),
        sample=study_sample(results),
    )
