"""How to use a budget and trainer-days: what is gained, how sure that is, and which training it means."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis.catalog import load_catalog
from analysis.display.figures import BLUE, GREY, Figure, document, forest, rounded
from analysis.display.language import language, words
from analysis.display.results import column_label, interval_2, number
from analysis.display.shown import Shown, Table, table
from analysis.messages import format_rupiah
from analysis.policy import Advice, Settings, advise_region, basis_of_advice, regional_allocation
from analysis.policy.advice import Basis
from analysis.results import StudyResults

DRAWS, SOLVED_DRAWS = 500, 20


@dataclass(frozen=True)
class Resources:
    """What a region uses now in a year.

    Parameters
    ----------
    budget
        Rupiah.
    trainer_days
        Days.
    """

    budget: float
    trainer_days: float


@dataclass(frozen=True)
class Lab:
    """A region with all that its scenarios rest on, worked out once.

    Parameters
    ----------
    region
        Code.
    level
        ``"province"``, ``"regency"`` or ``"city"``.
    basis
        See `analysis.policy.basis_of_advice`.
    present
        What is used now.
    """

    region: str
    level: str
    basis: Basis
    present: Resources


@dataclass(frozen=True)
class Wish:
    """What the reader asks for.

    Parameters
    ----------
    budget, trainer_days
        Percent of what is used now.
    keep_minimum_hours
        Whether every officer gets 20 JP a year.
    """

    budget: int = 100
    trainer_days: int = 100
    keep_minimum_hours: bool = True


def open_lab(results: StudyResults, region: str) -> Lab:
    """Return the lab of a region.

    Raises
    ------
    UsageError
        If there is no such region, or none of its training hours are known.
    """
    level = load_catalog().region(region).level
    problem = regional_allocation(results.panel, region, level=level).problem
    basis = basis_of_advice(results.panel, results.estimates, results.verdicts, scenarios={})
    return Lab(region, level, basis, Resources(problem.budget, problem.trainer_days))


def advised(lab: Lab, wish: Wish) -> Advice:
    """Return the advice for a wish, from few draws so that it follows the hand."""
    settings = Settings(
        draws=DRAWS,
        solved_draws=SOLVED_DRAWS,
        budget=lab.present.budget * wish.budget / 100,
        trainer_days=lab.present.trainer_days * wish.trainer_days / 100,
        keep_minimum_hours=wish.keep_minimum_hours,
    )
    return advise_region(lab.region, lab.level, lab.basis, settings)


def told(lab: Lab, wish: Wish, advice: Advice, lang: str | None = None) -> Shown:
    """Return the advice in words and as a table of forms of training."""
    chosen = language(lang)
    asked = words(
        "lab_asked",
        chosen,
        budget=format_rupiah(lab.present.budget * wish.budget / 100, chosen),
        days=number(lab.present.trainer_days * wish.trainer_days / 100, chosen, 0),
        budget_share=wish.budget,
        days_share=wish.trainer_days,
    )
    if advice.allocation is None or advice.allocation_hours is None:
        refused = words("lab_refused", chosen, reason=advice.allocation_reason or "–")
        remedies = () if advice.allocation is None else tuple(item.text(chosen) for item in advice.allocation.remedies)
        return Shown((asked, refused, *remedies), chosen)
    sentence = advice.allocation.sentence
    parts: list[str | Table] = [asked, sentence.text(chosen) if sentence else "", _forms_table(lab, advice, chosen)]
    return Shown((*parts, *(note.text(chosen) for note in advice.allocation_notes)), chosen)


def by_form(lab: Lab, advice: Advice) -> pd.DataFrame:
    """Return hours per officer and year now and advised, and cost and trainer-days, by form of training.

    Returns
    -------
    pandas.DataFrame
        form, hours_now, hours (mean over officers), cost (rupiah a year), trainer_days; sorted by form.
    """
    if advice.allocation_hours is None:
        return pd.DataFrame(columns=["form", "hours_now", "hours", "cost", "trainer_days"])
    rows = advice.allocation_hours
    panel = lab.basis.panel
    heads = panel.groupby("unit_id")["headcount"].last()
    officers = rows["unit"].map({str(unit): float(n) for unit, n in heads.items()})
    weighted = rows.assign(hours_now=rows["hours_now"] * officers, hours=rows["hours"] * officers)
    sums = weighted.groupby("form", sort=True)[["hours_now", "hours", "cost", "trainer_days"]].sum()
    total = float(officers.groupby(rows["unit"]).first().sum())
    return sums.assign(hours_now=sums["hours_now"] / total, hours=sums["hours"] / total).reset_index()


def _forms_table(lab: Lab, advice: Advice, lang: str) -> Table:
    rows = [
        (
            column_label(f"hours_{row['form']}", lang),
            number(row["hours_now"], lang, 1),
            number(row["hours"], lang, 1),
            format_rupiah(float(row["cost"]), lang),
            number(row["trainer_days"], lang, 0),
        )
        for row in by_form(lab, advice).to_dict("records")
    ]
    names = ("form", "hours_now", "hours_advised", "cost", "trainer_days")
    return table([words(f"head.{name}", lang) for name in names], rows)


def hours_figure(lab: Lab, advice: Advice, lang: str | None = None) -> Figure:
    """Draw hours per officer and year by form, now and advised."""
    chosen = language(lang)
    frame = by_form(lab, advice).iloc[::-1]
    labels = [escape(column_label(f"hours_{form}", chosen), quote=False) for form in frame["form"]]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": words(f"head.{name}", chosen),
            "x": [rounded(value) for value in frame[column]],
            "y": labels,
            "marker": {"color": colour},
        }
        for name, column, colour in (("hours_now", "hours_now", GREY), ("hours_advised", "hours", BLUE))
    ]
    layout = {"barmode": "group", "showlegend": True, "yaxis": {"automargin": True}}
    drawn = document(bars, chosen, words("lab_hours", chosen), 140 + 50 * len(labels), **layout)
    return Figure(drawn, told_gain(advice, chosen))


def told_gain(advice: Advice, lang: str) -> str:
    """Return the gain as its sentence, or why there is none."""
    if advice.allocation is None or advice.allocation.sentence is None:
        return words("lab_refused", lang, reason=advice.allocation_reason or "–")
    return advice.allocation.sentence.text(lang)


def gains_figure(lab: Lab, wishes: dict[str, Wish], lang: str | None = None) -> Figure:
    """Draw the gain over the present use with its 95% interval under several wishes; those without an answer are named.

    Parameters
    ----------
    lab
        See `open_lab`.
    wishes
        By label.
    lang
        Language; see `analysis.display.language`.
    """
    chosen = language(lang)
    rows, sentences = [], []
    for label, wish in wishes.items():
        advice = advised(lab, wish)
        gain = advice.allocation.gain if advice.allocation else None
        sentences.append(f"{label}: {told_gain(advice, chosen)}")
        if gain is not None:
            rows.append(
                {"label": label, "estimate": gain.estimate, "conf_low": gain.conf_low, "conf_high": gain.conf_high}
            )
    return forest(rows, chosen, words("lab_gains", chosen), "\n".join(sentences), words("lab_axis", chosen))


def gains_table(lab: Lab, wishes: dict[str, Wish], lang: str | None = None) -> Shown:
    """Return the same as a table: gain, interval, chance of being better."""
    chosen = language(lang)
    rows = []
    for label, wish in wishes.items():
        allocation = advised(lab, wish).allocation
        gain, better = (allocation.gain, allocation.probability_better) if allocation else (None, None)
        if gain is None or better is None:
            rows.append((label, "–", "–", "–"))
            continue
        share = words("share", chosen, share=min(max(better, 0.01), 0.99))
        rows.append((label, number(gain.estimate, chosen, 2), interval_2(gain.conf_low, gain.conf_high, chosen), share))
    header = [words(f"head.{name}", chosen) for name in ("wish", "gain", "interval", "better")]
    return Shown((table(header, rows),), chosen)
