"""What a report rests on: data and repairs, method, how to reproduce it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from analysis.messages import Message
from analysis.report.blocks import Block, jsonable
from analysis.report.sections._common import (
    LEVER_CLAIMS,
    MIN_RESPONDENTS,
    claim_label,
    msg,
    period,
    records,
    region_name,
    study_sample,
)
from analysis.report.sections.descriptions import of_graph
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
    text = {"title": msg("data.title"), "lead": msg("data.lead" if found else "data.clean", **counts)}
    withheld = {"n": int(results.indices["index"].isna().sum()), "of": len(results.indices)}
    if withheld["n"]:
        text["withheld"] = msg("data.withheld", **withheld, minimum=MIN_RESPONDENTS)
    return Block(
        id="data_quality",
        kind="table",
        data={"rows": rows, **counts},
        text={**text, "note": msg("data.note")},
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
        data={"parts": parts, "terms": terms, **causal_words(results)},
        text={"title": msg("method.title")},
        alt=msg("method.title"),
        sample=study_sample(results, region_code),
    )


def causal_words(results: StudyResults) -> dict[str, Any]:
    """Return the declared causal graph in words: what causes what, and what each lever's effect holds constant."""
    graphs = {row["claim"]: row["graph"] for row in records(results.graphs)}
    wording, observed, causes = _union(graphs.values())
    steady = {item["id"]: item["label"] for graph in graphs.values() for item in graph["steady"]}
    arrows = [
        {"effect": wording[name], "observed": observed[name], "causes": {"list": [wording[c] for c in causes[name]]}}
        for name in sorted(causes)
    ]
    levers = {lever: graphs[claim] for lever, claim in LEVER_CLAIMS.items() if claim in graphs}
    held = [_held(lever, graph, wording) for lever, graph in levers.items()]
    return {"arrows": arrows, "held": held, "steady": {"list": [steady[name] for name in sorted(steady)]}}


def _union(graphs: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, bool], dict[str, list[str]]]:
    """Return wording, whether it is observed, and causes of every node of several graphs."""
    wording: dict[str, Any] = {}
    observed: dict[str, bool] = {}
    causes: dict[str, list[str]] = {}
    for graph in graphs:
        for node in graph["nodes"]:
            wording[node["id"]], observed[node["id"]] = node["label"], bool(node["observed"])
        for edge in graph["edges"]:
            known = causes.setdefault(edge["to"], [])
            if edge["from"] not in known:
                known.append(edge["from"])
    return wording, observed, {name: sorted(found) for name, found in causes.items()}


def _held(lever: str, graph: dict[str, Any], wording: dict[str, Any]) -> Message:
    key = "adjusted_open" if not graph["identified"] else "adjusted" if graph["adjust"] else "adjusted_none"
    return msg(
        f"method.{key}", lever=msg(f"lever.{lever}"), controls={"list": [wording[name] for name in graph["adjust"]]}
    )


def causal_graph(results: StudyResults, region_code: str) -> Block:
    """Return the declared causal graph around the effect of training, and what holds for every other claim.

    The picture marks what is held constant, and the open path with the arrow that blocks an effect where there is one:
    then the first claim that is not identified is drawn.
    """
    graphs = {row["claim"]: row["graph"] for row in records(results.graphs)}
    open_claims = [claim for claim, graph in graphs.items() if not graph["identified"]]
    main = LEVER_CLAIMS["training"] if LEVER_CLAIMS["training"] in graphs else next(iter(graphs), None)
    drawn = graphs[main] if main else {"nodes": [], "edges": [], "open_path": [], "adjust": []}
    named = {"list": [claim_label(claim) for claim in open_claims]}
    return Block(
        id="causal_graph",
        kind="graph",
        data={**drawn, "claim": main, "blocked": [_blocked(claim, graphs[claim]) for claim in open_claims]},
        text={
            "title": msg("graph.title"),
            "lead": msg("graph.lead", claim=claim_label(main)) if main else msg("graph.none"),
            "note": msg("graph.note_open", n=len(open_claims), claims=named) if open_claims else msg("graph.note"),
        },
        alt=of_graph(main, drawn),
        source=(msg("source.graph"),),
        sample=study_sample(results),
    )


def _blocked(claim: str, graph: dict[str, Any]) -> dict[str, Any]:
    """Return a claim that is not identified with the arrow that blocks it and its open path, in words."""
    wording = {node["id"]: node["label"] for node in graph["nodes"]}
    cause, effect = graph["blocked_by"] or (None, None)
    return {
        "claim": claim,
        "sentence": msg("graph.blocked_by", claim=claim_label(claim), cause=wording.get(cause, "–"),
                        effect=wording.get(effect, "–")),
        "graph": {name: graph[name] for name in ("nodes", "edges", "open_path", "adjust")},
    }  # fmt: skip


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
