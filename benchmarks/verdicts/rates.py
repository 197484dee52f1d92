"""Rates of true and false verdicts, with their simulation error, from the rows of `run.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from shrinkage import write_coverage

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "calibration_of_verdicts.md"
CONDITIONS = ("as in the sample", "nothing has an effect")
NEGLIGIBLE = 1e-9
WANTED = (0.93, 0.97)


def rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per condition, place and claim.

    Returns
    -------
    pandas.DataFrame
        ``condition, place`` (nation or region), ``claim, true_claim`` (whether it holds there), ``n`` verdicts that
        rest on an estimate, mean ``truth`` and ``estimate``, share of intervals that ``covered``, share ``supported``,
        ``hint`` (weakly supported), ``found`` (either) and ``contradicted``, and the simulation errors of `covered` and
        `found`: standard errors over studies, as the regions of one study are not independent.
    """
    known = with_truth(rows)
    keys = ["condition", "place", "claim", "true_claim"]
    table = known.groupby(keys, sort=False).agg(
        n=("seed", "size"),
        studies=("seed", "nunique"),
        truth=("truth", "mean"),
        estimate=("estimate", "mean"),
        covered=("covered", "mean"),
        supported=("supported", "mean"),
        hint=("hint", "mean"),
        found=("found", "mean"),
        contradicted=("contradicted", "mean"),
    )
    for name in ("covered", "found"):
        by_study = known.groupby([*keys, "seed"])[name].mean().groupby(keys)
        table[f"{name}_error"] = by_study.std() / np.sqrt(by_study.size())
    return table.reset_index()


def with_truth(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that rest on an estimate, with what is true in that place and what was said."""
    known = rows.dropna(subset=["estimate", "truth"]).copy()
    known["place"] = np.where(known["region_code"].isna(), "nation", "region")
    sign = np.where(known["claim"].isin(["partnerships_extend_training", "resistance_weakens_training"]), -1, 1)
    differ = known["claim"].isin(["internships_differ", "mentoring_workshops_seminars_differ"])
    known["true_claim"] = np.where(differ, known["truth"].abs(), sign * known["truth"]) > NEGLIGIBLE
    known["covered"] = known["covered"].astype(bool)
    known["supported"] = known["verdict"] == "supported"
    known["hint"] = known["verdict"] == "weakly_supported"
    known["found"] = known["supported"] | known["hint"]
    known["contradicted"] = known["verdict"] == "contradicted"
    return known


def share(values: pd.Series, seeds: pd.Series) -> str:
    """Return a share in percent with its standard error over studies."""
    means = values.groupby(seeds).mean()
    error = means.std() / np.sqrt(len(means))
    return f"{100 * values.mean():.1f} (± {100 * error:.1f})"


def overall(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by condition and place, how often false claims are found and intervals cover."""
    out = []
    for (condition, place), part in with_truth(rows).groupby(["condition", "place"], sort=False):
        false = part.loc[~part["true_claim"]]
        true = part.loc[part["true_claim"]]
        out.append(
            {
                "condition": condition,
                "place": place,
                "studies": part["seed"].nunique(),
                "verdicts on false claims": len(false),
                "false claims supported, %": share(false["supported"], false["seed"]),
                "false claims supported or a hint, %": share(false["found"], false["seed"]),
                "intervals that cover, %": share(part["covered"], part["seed"]),
                "true claims found, %": share(true["found"], true["seed"]) if len(true) else "-",
            }
        )
    return pd.DataFrame(out)


def small_regions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, where nothing has an effect, how often noise is taken for support in regions by number of units."""
    known = with_truth(rows)
    known = known.loc[(known["condition"] == CONDITIONS[1]) & (known["place"] == "region")]
    size = known.groupby(["seed", "region_code"])["n_units"].transform("max")
    known = known.assign(units=pd.cut(size, [0, 12, 20, 26, 40], labels=["8-12", "13-20", "21-26", "27-40"]))
    out = []
    for units, part in known.groupby("units", observed=True):
        anything = part.groupby(["seed", "region_code"])["supported"].any()
        out.append(
            {
                "units of the region": units,
                "region studies": len(anything),
                "verdicts": len(part),
                "supported, %": share(part["supported"], part["seed"]),
                "supported or a hint, %": share(part["found"], part["seed"]),
                "any claim of the region supported, %": f"{100 * anything.mean():.1f}",
            }
        )
    return pd.DataFrame(out)


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown."""
    rows = [list(table.columns), ["---"] * table.shape[1], *table.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def percent(table: pd.DataFrame, name: str) -> list[str]:
    """Return a rate in percent with its simulation error."""
    return [
        f"{100 * value:.1f} (± {100 * error:.1f})"
        for value, error in zip(table[name], table[f"{name}_error"], strict=True)
    ]


def by_claim(table: pd.DataFrame, holds: bool) -> pd.DataFrame:
    """Return the rows of the page for true or false claims."""
    part = table.loc[table["true_claim"] == holds]
    return pd.DataFrame(
        {
            "claim": part["claim"],
            "place": part["place"],
            "verdicts": part["n"],
            "truth": part["truth"].round(3),
            "mean estimate": part["estimate"].round(3),
            "intervals that cover, %": percent(part, "covered"),
            "supported, %": (100 * part["supported"]).round(1),
            "hint, %": (100 * part["hint"]).round(1),
            "found (either), %": percent(part, "found"),
        }
    )


def page(rows: pd.DataFrame, scenarios: pd.DataFrame) -> str:
    """Return the page."""
    table = rates(rows)
    sample, nothing = (table.loc[table["condition"] == name] for name in CONDITIONS)
    studies = " and ".join(
        f"{part['studies'].max()} studies ({name})" for name, part in zip(CONDITIONS, (sample, nothing), strict=True)
    )
    return TEXT.format(
        studies=studies,
        overall=markdown(overall(rows)),
        nothing=markdown(by_claim(nothing, False)),
        false=markdown(by_claim(sample, False)),
        power=markdown(by_claim(sample, True)),
        small=markdown(small_regions(rows)),
        outside=markdown(outside(table)),
        scenarios=markdown(scenarios_table(scenarios)),
        shrinkage=markdown(shrinkage_table(pd.read_csv(write_coverage()))),
    )


def scenarios_table(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return, by condition and scenario, what was predicted, what was true, and how often the interval holds it."""
    out = []
    for (condition, name), part in scenarios.groupby(["condition", "scenario"], sort=False):
        width = (part["conf_high"] - part["conf_low"]).mean()
        out.append(
            {
                "condition": condition,
                "scenario": name,
                "predictions": len(part),
                "true change": f"{part['truth'].mean():.3f}",
                "mean prediction": f"{part['estimate'].mean():.3f}",
                "mean width": f"{width:.2f}",
                "intervals that cover, %": share(part["covered"], part["seed"]),
            }
        )
    return pd.DataFrame(out)


def shrinkage_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of `shrinkage.py` for the page."""
    covers = [f"{row.covered} (± {row.covered_error})" for row in table.itertuples()]
    return pd.DataFrame(
        {
            "regions": table["regions"],
            "true spread": table["spread"],
            "intervals that cover, %": covers,
            "if known, %": table["covered_if_known"],
            "width": table["width_of_own"],
        }
    )


def outside(table: pd.DataFrame) -> pd.DataFrame:
    """Return the claims of the nation whose coverage lies outside 93 to 97 percent, and whether by more than chance.

    Chance is two simulation errors of a true 95 percent: 100 sqrt(.95 x .05 / n).
    """
    part = table.loc[(table["place"] == "nation") & ~table["covered"].between(*WANTED)]
    chance = 2 * np.sqrt(0.95 * 0.05 / part["n"])
    off = np.where(part["covered"] < WANTED[0], WANTED[0] - part["covered"], part["covered"] - WANTED[1])
    return pd.DataFrame(
        {
            "condition": part["condition"],
            "claim": part["claim"],
            "truth": part["truth"].round(3),
            "mean estimate": part["estimate"].round(3),
            "intervals that cover, %": percent(part, "covered"),
            "two errors of 95 %": (100 * chance).round(1),
            "more than chance": np.where(off > chance, "yes", "no"),
        }
    )


TEXT = """# How often the verdicts are right

Made by `benchmarks/verdicts/run.py` from {studies}, each with 12 regions, 10 half-years
and about 280 units; the rates are in `benchmarks/verdicts/rates.csv`. In brackets: standard error of the simulation,
over studies. *Found* means supported or weakly supported (a hint). A verdict on a region is about that region's own
effect where it differs.

## Overall

{overall}
## Nothing has an effect: false claims that are found

{nothing}
## Effects as in the sample: false claims

{false}
## Effects as in the sample: true claims that are found (power)

{power}
## Regions with few units, where nothing has an effect

"Supported" takes p below 5 percent after Benjamini-Hochberg over the claims of the region: where nothing has an effect,
at most 5 of 100 regions may have any claim supported by noise.

{small}
## Scenarios

Every scenario of `data/catalog/scenarios.yml` in every region: the predicted mean change of the units reached against
the change of each term times its true effect in the region.

{scenarios}
## Claims of the nation outside 93 to 97 percent

{outside}
## Where intervals are off, and why

- *Regions.* An interval that is right on average over regions that differ must be too wide where they do not differ at
  all, and it cannot know: from a dozen regions the spread between them is hardly visible. In the simulated studies the
  effect of nothing but training differs between regions, and that by a fifth. The table below shows what the intervals
  do where regions differ more. Taking the estimated spread for the true one would be narrower, and wrong just where
  regions do differ. So the intervals of regions that are all alike stay too wide.
- *What made them wider still* is gone: the jackknife variance (CRV3) of a region's own effect was 1.5 to 1.8 times the
  true one (training, its topics and forms; 330 regions of 30 studies), CR2 is within 3 percent of it; and the unknown
  spread was counted twice, in the standard error and again in Student's t with the number of regions less one.
- *Everything that rests on hours of training* is estimated about 5 percent too small, and would be so with outcomes and
  ratings free of noise (`process` of a simulated study, least squares on 16 studies: training 4, complaints 6, the two
  interactions 7 and 8 percent). Which participations are recorded varies by chance; hours rise most where long courses
  are held, whose hours do less than the average mix; and answers have a ceiling. Each takes one to three percent.
- *Leadership makes training work*, *resistance weakens training*: the noise of six to ten raters, which pulled these by
  another 6 and 12 percent towards zero, is taken out by the two halves of the raters, each the other's instrument.
- *Evaluation followed up closes the gap*: 7 percent too small, most of it for the reasons above; probably also
  because hours that worked move an element out of the lowest two, and the half-years that follow leave it out.
- *Partnerships extend training*: forms differ in price and partners hold other forms by chance, and the logarithm of a
  mean price rises with the number of courses in the mean. Costs are compared form by form.

## Intervals of regions by how much regions truly differ

Made by `benchmarks/verdicts/shrinkage.py`; spread between regions in standard errors of a region, variances with
12 degrees of freedom. *If known*: the estimated spread taken for the true one. *Width*: mean width in that of the
region's own interval.

{shrinkage}
"""


def write_rates(rows: pd.DataFrame, scenarios: pd.DataFrame) -> None:
    """Write ``rates.csv`` and the page."""
    rates(rows).round(4).to_csv(HERE / "rates.csv", index=False)
    PAGE.write_text(page(rows, scenarios), encoding="utf-8")
