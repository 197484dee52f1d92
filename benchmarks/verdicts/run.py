"""How often verdicts are right: many simulated studies against their truth.

``python benchmarks/verdicts/run.py 200 rows.csv`` judges 200 studies with the sample's effects and 200 in which nothing
has an effect, about five seconds each on one core. Every study is appended to ``rows.csv`` as it is done, and a run
that was interrupted goes on there. Then ``rates.csv`` beside this file and ``docs/calibration_of_verdicts.md`` are
written from the rows. The other defensible specifications are left out: they move no verdict and take half the time.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import yaml

from analysis.catalog import Catalog, load_catalog
from analysis.claims import evaluate
from analysis.claims.records import FILES
from analysis.panel import build_panel
from analysis.synthetic import SampleDesign, Truth, simulate

sys.path.insert(0, str(Path(__file__).parent))
from scenarios import judged_scenarios

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
CONDITIONS: dict[str, dict[str, float]] = {"as in the sample": {}, "nothing has an effect": NOTHING_WORKS}
PLACE = ("scenario", "region_code")
FOUND = ("supported", "weakly_supported")


def judged_studies(seeds: Iterable[int], **changes: object) -> pd.DataFrame:
    """Return the verdicts of simulated studies with what is true.

    Returns
    -------
    pandas.DataFrame
        One row per study, claim and place: ``seed, claim, region_code, verdict, estimate, conf_low, conf_high, n_units,
        holds, truth, covered, found``; `truth` is the region's own effect where it differs.
    """
    with tempfile.TemporaryDirectory() as folder:
        catalog = without_variants(load_catalog(), Path(folder))
        return pd.concat([judged(seed, catalog, changes) for seed in seeds], ignore_index=True)


def without_variants(catalog: Catalog, folder: Path) -> Catalog:
    """Return the catalog with a copy of its claims in `folder` that declares no other defensible specifications."""
    for name in FILES:
        text = (catalog.folder / name).read_text(encoding="utf-8")
        if name == "specs.yml":
            specs = {key: {**spec, "variants": []} for key, spec in yaml.safe_load(text).items()}
            text = yaml.safe_dump(specs, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")
    return dataclasses.replace(catalog, folder=folder)


def judged(seed: int, catalog: Catalog, changes: dict[str, object]) -> pd.DataFrame:
    """Simulate one study and compare its verdicts with the truth."""
    return study_rows(seed, catalog, changes)[0]


def study_rows(seed: int, catalog: Catalog, changes: dict[str, object]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate one study; return its verdicts and its scenarios with the truth."""
    study = simulate(dataclasses.replace(SampleDesign(), seed=seed, **changes))  # type: ignore[arg-type]
    panel = build_panel(dict(study.tables))
    found = evaluate(panel, catalog)
    verdicts = with_truth(found.verdicts, study.truth, seed)
    return verdicts, judged_scenarios(panel, found.estimates, study.truth).assign(seed=seed)


def with_truth(table: pd.DataFrame, truth: Truth, seed: int) -> pd.DataFrame:
    """Return verdicts with what is true of their claim and place."""
    truths = [truth.claims[claim] for claim in table["claim"]]
    own = [
        known.regions.get(code, known.effect) if isinstance(code, str) else known.effect
        for known, code in zip(truths, table["region_code"], strict=True)
    ]
    table = table.assign(seed=seed, holds=pd.Series([known.holds for known in truths], dtype=object), truth=own)
    table["covered"] = (table["conf_low"] <= table["truth"]) & (table["truth"] <= table["conf_high"])
    table["found"] = table["verdict"].isin(FOUND)
    return table.drop(columns=["reason", "unit", "strength"])


def collect(n_studies: int, rows: Path, conditions: Iterable[str] = CONDITIONS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge the studies that `rows` does not hold yet, append them, and return all verdicts and all scenarios."""
    done = pd.read_csv(rows)[["condition", "seed"]].drop_duplicates() if rows.exists() else pd.DataFrame()
    known = set(map(tuple, done.to_numpy().tolist()))
    wanted = [(seed, name) for seed in range(FIRST_SEED, FIRST_SEED + n_studies) for name in conditions]
    with tempfile.TemporaryDirectory() as folder:
        catalog = without_variants(load_catalog(), Path(folder))
        for seed, condition in wanted:
            if (condition, seed) not in known:
                tables = study_rows(seed, catalog, dict(CONDITIONS[condition]))
                # Verdicts last: a study counts as done when they are there.
                for table, file in zip(tables[::-1], (scenario_file(rows), rows), strict=True):
                    table.assign(condition=condition).to_csv(file, mode="a", header=not file.exists(), index=False)
    return pd.read_csv(rows), pd.read_csv(scenario_file(rows)).drop_duplicates(["condition", "seed", *PLACE])


def scenario_file(rows: Path) -> Path:
    """Return where the scenarios stand beside the verdicts."""
    return rows.with_name(f"{rows.stem}-scenarios.csv")


def main(n_studies: int, rows: Path) -> None:
    """Judge the studies and write the rates."""
    from rates import write_rates

    write_rates(*collect(n_studies, rows))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
