"""How often verdicts are right: many simulated studies against their truth.

``python benchmarks/verdicts/run.py 200`` judges 200 studies with the sample's effects and 200 in which nothing has an
effect, and writes ``results.md`` beside this file (about ten seconds a study on one core).
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis.catalog import load_catalog
from analysis.claims import evaluate
from analysis.panel import build_panel
from analysis.synthetic import SampleDesign, simulate

FIRST_SEED = 5000
NOTHING_WORKS = {
    "training_effect": 0.0,
    "leadership_effect": 0.0,
    "budget_effect": 0.0,
    "award_effect": 0.0,
    "online_effect_with_it": 0.0,
    "online_effect_alone": 0.0,
    "feedback_effect": 0.0,
    "feedback_log_days": 0.0,
    "training_log_days": 0.0,
    "leadership_log_days": 0.0,
    "partner_cost": 1.0,
    "performance_shift": 0.0,
    "rising_share": 0.0,
}
FOUND = ("supported", "weakly_supported")


def judged_studies(seeds: Iterable[int], **changes: object) -> pd.DataFrame:
    """Return the verdicts of simulated studies with what is true.

    Returns
    -------
    pandas.DataFrame
        One row per study, claim and place: ``seed, claim, region_code, verdict, estimate, conf_low, conf_high,
        strength, n_units, holds, truth, covered, found``; `truth` is the region's own effect where it differs.
    """
    catalog = load_catalog()
    tables = [_judged(seed, catalog, changes) for seed in seeds]
    return pd.concat(tables, ignore_index=True)


def _judged(seed: int, catalog: object, changes: dict[str, object]) -> pd.DataFrame:
    study = simulate(dataclasses.replace(SampleDesign(), seed=seed, **changes))  # type: ignore[arg-type]
    table = evaluate(build_panel(dict(study.tables)), catalog).verdicts  # type: ignore[arg-type]
    truths = [study.truth.claims[claim] for claim in table["claim"]]
    table = table.assign(
        seed=seed,
        holds=pd.Series([truth.holds for truth in truths], dtype=object),
        truth=[
            truth.regions.get(code, truth.effect) if isinstance(code, str) else truth.effect
            for truth, code in zip(truths, table["region_code"], strict=True)
        ],
    )
    table["covered"] = (table["conf_low"] <= table["truth"]) & (table["truth"] <= table["conf_high"])
    table["found"] = table["verdict"].isin(FOUND)
    return table.drop(columns=["reason", "unit"])


def summary(judged: pd.DataFrame) -> pd.DataFrame:
    """Return per claim the share of each verdict, the mean estimate, the truth, and how often intervals cover."""
    known = judged.dropna(subset=["estimate"])
    return known.groupby("claim", sort=False).agg(
        n=("seed", "size"),
        truth=("truth", "mean"),
        estimate=("estimate", "mean"),
        covered=("covered", "mean"),
        supported=("verdict", lambda verdicts: (verdicts == "supported").mean()),
        weakly_supported=("verdict", lambda verdicts: (verdicts == "weakly_supported").mean()),
        contradicted=("verdict", lambda verdicts: (verdicts == "contradicted").mean()),
    )


def _table(title: str, judged: pd.DataFrame) -> str:
    places = {"nation": judged["region_code"].isna(), "regions": judged["region_code"].notna()}
    parts = [f"## {title}\n"]
    for name, chosen in places.items():
        figures = summary(judged.loc[chosen]).round(3).reset_index()
        rows = [list(figures.columns), ["---"] * len(figures.columns), *figures.astype(str).to_numpy().tolist()]
        parts.append(f"### {name}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n")
    return "\n".join(parts)


def main(n_studies: int) -> None:
    """Judge the studies and write the tables."""
    seeds = range(FIRST_SEED, FIRST_SEED + n_studies)
    text = f"# Verdicts on {n_studies} simulated studies\n\nMade by `run.py`.\n\n"
    text += _table("Effects as in the sample", judged_studies(seeds)) + "\n"
    text += _table("Nothing has an effect", judged_studies(seeds, **NOTHING_WORKS))
    Path(__file__).with_name("results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]))
