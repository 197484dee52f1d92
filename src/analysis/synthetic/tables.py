"""The canonical tables of a study: what offices would have recorded of its course."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.results import FloatArray
from analysis.synthetic.design import ELEMENTS, FORMS, SampleDesign
from analysis.synthetic.events import ALL_TOPICS, FORM_PRICES, Events
from analysis.synthetic.history import NEVER, History
from analysis.synthetic.response import CUTS, latent_elements, log_response_days
from analysis.synthetic.vocabulary import CHANNELS, COMMENTS, COMPLAINTS, OWN_PROVIDER, PARTNERS
from analysis.synthetic.world import IntArray, World

PROVIDERS = (OWN_PROVIDER, *PARTNERS)
# Ratings (1-5): mean, and SD of an item around the rater's level.
RATING_MIDDLE = 3.3
ITEM_SD = 0.6


def text_column(values: tuple[str, ...] | list[str], codes: IntArray) -> pd.Series:
    """Return a text column from positions in `values`; a negative position is a missing value."""
    return pd.Series(pd.Series(list(values), dtype="str").array.take(codes, allow_fill=True))


def survey_table(design: SampleDesign, world: World, history: History) -> pd.DataFrame:
    """Table ``survey``: one row per respondent.

    Answers come from a latent normal variable that a respondent shares over the elements, cut into 1 to 4: the
    ceiling is real, and the elements correlate.
    """
    rng = design.generator("survey")
    counts = np.maximum(np.rint(world.respondents[:, None] * rng.lognormal(0, 0.1, history.shocks.shape)), 3)
    counts = np.minimum(counts.astype(np.int64), design.respondents_max).ravel()
    cell = np.repeat(np.arange(counts.size), counts)
    answers = _answers(design, rng, latent_elements(design, world, history).reshape(counts.size, -1)[cell])
    blank = rng.random(answers.shape) < design.missing_answer_share
    number = np.arange(cell.size) - np.repeat(np.cumsum(counts) - counts, counts)
    frame = pd.DataFrame(
        {
            "unit_id": text_column(world.units["unit_id"].tolist(), cell // design.n_periods),
            "period": text_column(design.periods, cell % design.n_periods),
            "respondent_id": text_column([f"R{i:03d}" for i in range(1, int(counts.max()) + 1)], number),
        }
    )
    frame[list(ELEMENTS)] = np.where(blank, np.nan, answers)
    said = rng.random(cell.size) < design.comment_share
    frame["comment"] = text_column(COMMENTS, np.where(said, rng.integers(0, len(COMMENTS), cell.size), -1))
    return frame


def _answers(design: SampleDesign, rng: np.random.Generator, latent: FloatArray) -> FloatArray:
    shared = rng.standard_normal((len(latent), 1))
    own = rng.standard_normal(latent.shape)
    share = design.answer_correlation
    latent = latent + design.answer_sd * (np.sqrt(share) * shared + np.sqrt(1 - share) * own)
    answers = np.ones(latent.shape)
    for cut in CUTS:
        answers += latent > cut
    return answers


def leadership_table(design: SampleDesign, world: World, history: History) -> pd.DataFrame:
    """Table ``leadership``: one row per rating member of staff; raters differ in how they rate everything."""
    rng = design.generator("ratings")
    counts = rng.integers(design.raters_min, design.raters_max + 1, history.shocks.size)
    cell = np.repeat(np.arange(counts.size), counts)
    rater = rng.normal(0, design.rater_sd, (cell.size, 1))
    level = {name: perceived(design, world, history, name).ravel()[cell, None] for name in ("leadership", "resistance")}
    number = np.arange(cell.size) - np.repeat(np.cumsum(counts) - counts, counts)
    frame = pd.DataFrame(
        {
            "unit_id": text_column(world.units["unit_id"].tolist(), cell // design.n_periods),
            "period": text_column(design.periods, cell % design.n_periods),
            "respondent_id": text_column([f"P{i:02d}" for i in range(1, design.raters_max + 1)], number),
        }
    )
    frame[[f"L{i}" for i in range(1, 9)]] = _ratings(rng, level["leadership"] + rater, 8)
    frame[[f"R{i}" for i in range(1, 5)]] = _ratings(rng, level["resistance"] - rater, 4)
    return frame


def perceived(design: SampleDesign, world: World, history: History, name: str, added: float = 0.0) -> FloatArray:
    """Return what staff see of leadership or resistance on the scale 1-5 before noise, shape (units, T).

    Part of every rating of leadership is halo: staff of units that stand well rate their leader better
    (`same_source_share`).

    Parameters
    ----------
    design, world, history
        The process.
    name
        ``"leadership"`` or ``"resistance"``.
    added
        SD by which the true leadership or resistance is higher than drawn.
    """
    if name == "resistance":
        return np.asarray(RATING_MIDDLE + design.rating_slope * (history.resistance + added))
    halo = world.standing[:, None] + history.shocks * design.same_source_within
    halo = halo / np.hypot(design.unit_sd, design.region_sd)
    share = design.same_source_share
    seen = np.sqrt(1 - share) * (history.leadership + added) + np.sqrt(share) * halo
    return np.asarray(RATING_MIDDLE + design.rating_slope * seen)


def rating_mean(design: SampleDesign, level: FloatArray) -> FloatArray:
    """Return the expected rating at a level, after rounding to 1-5."""
    spread = np.hypot(design.rater_sd, ITEM_SD)
    return np.asarray(1 + sum(norm.cdf((level - cut) / spread) for cut in (1.5, 2.5, 3.5, 4.5)))


def _ratings(rng: np.random.Generator, level: FloatArray, items: int) -> FloatArray:
    return np.clip(np.rint(level + rng.normal(0, ITEM_SD, (len(level), items))), 1, 5)


def budget_table(design: SampleDesign, world: World, history: History) -> pd.DataFrame:
    """Table ``budget``: one row per unit and year, nominal rupiah.

    The planned training budget is realised to 82-99%; it is about 0.35% of the unit's total budget.
    """
    rng = design.generator("budget table")
    headcount = world.units["headcount"].to_numpy()[:, None]
    prices = (1 + design.inflation) ** np.arange(len(design.years))
    realised = design.budget_median * 1e6 * np.exp(history.log_budget) * headcount * prices
    planned = realised / rng.uniform(0.82, 0.99, realised.shape)
    total = planned / (0.0035 * rng.lognormal(0, 0.25, realised.shape))
    shape = realised.shape
    return pd.DataFrame(
        {
            "unit_id": text_column(world.units["unit_id"].tolist(), np.repeat(np.arange(shape[0]), shape[1])),
            "year": np.tile(np.array(design.years), shape[0]),
            "training_budget": np.round(planned, -3).ravel(),
            "total_budget": np.round(total, -3).ravel(),
            "realised": np.round(realised, -3).ravel(),
        }
    )


def training_table(
    design: SampleDesign, world: World, history: History, officers: pd.DataFrame, budget: pd.DataFrame
) -> pd.DataFrame:
    """Table ``training``: one row per recorded participation of an officer.

    Officers take turns, so that hours are spread over those who are ever sent.
    """
    events = history.events
    kept = np.flatnonzero(events.recorded)
    counts = events.recorded.ravel()[kept]
    event = np.repeat(kept, counts)
    within = np.arange(event.size) - np.repeat(np.cumsum(counts) - counts, counts)
    unit, period, form = np.unravel_index(event, events.hours.shape)
    length = events.length.ravel()[event]
    return pd.DataFrame(
        {
            "unit_id": text_column(world.units["unit_id"].tolist(), unit),
            "period": text_column(design.periods, period),
            "nip": officers["nip"].array.take(_roster(design, world, events, event, within, unit)),
            "form": text_column(FORMS, form),
            "topic": text_column(ALL_TOPICS, events.topic.ravel()[event]),
            "hours": length.astype(np.float64),
            "cost": _costs(design, world, events, budget).ravel()[event],
            "provider": text_column(PROVIDERS, events.provider.ravel()[event]),
        }
    )


def _roster(
    design: SampleDesign, world: World, events: Events, event: IntArray, within: IntArray, unit: IntArray
) -> IntArray:
    """Row of each participant in the officers table: the unit's turn goes on from event to event."""
    headcount = world.units["headcount"].to_numpy()
    flat = events.participants.reshape(len(headcount), -1)
    turn = (np.cumsum(flat, axis=1) - flat).ravel()[event] + within
    trainable = np.ceil(headcount * (1 - design.never_trained_share)).astype(np.int64)
    return np.asarray((np.cumsum(headcount) - headcount)[unit] + turn % trainable[unit])


def _costs(design: SampleDesign, world: World, events: Events, budget: pd.DataFrame) -> FloatArray:
    """Nominal cost per participant, shape (units, T, 6); a year's costs stay within nine tenths of its budget."""
    rng = design.generator("costs")
    prices = (1 + design.inflation) ** design.period_years
    price = FORM_PRICES * 1000 * prices[:, None] * np.where(events.provider > 0, design.partner_cost, 1.0)
    cost = price * events.length * rng.lognormal(0, 0.1, price.shape)
    in_year = (design.period_years[:, None] == np.arange(len(design.years))).astype(np.float64)
    spent = (cost * events.participants).sum(axis=2) @ in_year
    allowed = 0.9 * budget["realised"].to_numpy().reshape(spent.shape) / np.maximum(spent, 1.0)
    return np.asarray(np.round(cost * np.minimum(allowed, 1.0)[:, design.period_years, None], -2))


def complaints_table(design: SampleDesign, world: World, history: History) -> pd.DataFrame:
    """Table ``complaints``: one row per complaint; those not answered by the end of the study are open."""
    rng = design.generator("complaints")
    volume = np.where(history.running("feedback_channel"), design.feedback_volume, 1.0)
    volume = volume * design.complaints_mean * rng.lognormal(0, 0.3, (world.n_units, 1))
    counts = rng.poisson(volume).ravel()
    cell = np.repeat(np.arange(counts.size), counts)
    logs = log_response_days(design, world, history).ravel()[cell]
    days = np.ceil(rng.lognormal(logs, design.response_sd))
    received = _dates(design, cell % design.n_periods, rng)
    closed = received + days.astype("timedelta64[D]")
    never = rng.random(cell.size) < design.unanswered_share
    last = np.datetime64(dt.date(design.years[-1], 6 if design.n_periods % 2 else 12, 30), "D")
    frame = pd.DataFrame(
        {
            "unit_id": text_column(world.units["unit_id"].tolist(), cell // design.n_periods),
            "received_on": pd.Series(received.astype("datetime64[ns]")),
            "closed_on": pd.Series(
                np.where(never | (closed > last), np.datetime64("NaT"), closed).astype("datetime64[ns]")
            ),
            "channel": text_column(CHANNELS, rng.integers(0, len(CHANNELS), cell.size)),
            "text": text_column(COMPLAINTS, rng.integers(0, len(COMPLAINTS), cell.size)),
        }
    )
    return frame.sort_values(["unit_id", "received_on"], kind="stable", ignore_index=True)


def _dates(design: SampleDesign, period: IntArray, rng: np.random.Generator) -> np.ndarray:
    """Return days within half-years, each with 181 days."""
    starts = np.array([np.datetime64(f"{p[:4]}-{'01' if p.endswith('1') else '07'}-01", "D") for p in design.periods])
    return np.asarray(starts[period] + rng.integers(0, 180, period.size).astype("timedelta64[D]"))


def programmes_table(design: SampleDesign, world: World, history: History) -> pd.DataFrame:
    """Table ``programmes``: starts by unit, or by region where a whole region starts at once."""
    rows: list[tuple[str | None, str | None, str, str]] = []
    unit_ids, codes = world.units["unit_id"].tolist(), world.units["region_code"].tolist()
    for programme, starts in history.starts.items():
        together = set(history.regional[programme])
        for position in sorted(together):
            start = int(starts[world.region == position][0])
            rows.append((None, world.regions[position], programme, design.periods[start]))
        for unit in np.flatnonzero(starts < NEVER):
            if world.region[unit] not in together:
                rows.append((unit_ids[unit], codes[unit], programme, design.periods[starts[unit]]))
    frame = pd.DataFrame(rows, columns=["unit_id", "region_code", "programme", "start_period"])
    return frame.astype("str").reset_index(drop=True)


PERFORMANCE = ("very_poor", "poor", "fair", "good", "very_good")
PERFORMANCE_CUTS = norm.ppf([0.01, 0.04, 0.16, 0.84])
"""Limits of the latent performance: 80% or so are rated good or very good where nothing is managed."""
EDUCATION = ("SMA", "D3", "S1", "S2", "S3")
EDUCATION_SHARES = (0.20, 0.15, 0.50, 0.14, 0.01)
POSITIONS = ("structural", "functional", "executive")
POSITION_SHARES = (0.11, 0.51, 0.38)
"""Shares of position types among civil servants in 2021: 11, 51 and 38 percent."""
DISCIPLINE = ("none", "light", "moderate", "severe")
DISCIPLINE_SHARES = (0.97, 0.018, 0.009, 0.003)


def officers_table(design: SampleDesign, world: World, history: History) -> pd.DataFrame:
    """Table ``officers``: one row per officer, as of the end of the study."""
    rng = design.generator("officers")
    unit = np.repeat(np.arange(world.n_units), world.units["headcount"].to_numpy())
    n = unit.size
    managed = history.starts["performance_management"][unit] < NEVER
    latent = rng.normal(0, 1, n) + design.performance_shift * managed
    return pd.DataFrame(
        {
            "unit_id": text_column(world.units["unit_id"].tolist(), unit),
            "nip": pd.Series(officer_numbers(n, rng), dtype="str"),
            "position_type": text_column(POSITIONS, rng.choice(len(POSITIONS), n, p=POSITION_SHARES)),
            "education": text_column(EDUCATION, rng.choice(len(EDUCATION), n, p=EDUCATION_SHARES)),
            "performance": text_column(PERFORMANCE, np.searchsorted(PERFORMANCE_CUTS, latent)),
            "discipline": text_column(DISCIPLINE, rng.choice(len(DISCIPLINE), n, p=DISCIPLINE_SHARES)),
        }
    )


def officer_numbers(n: int, rng: np.random.Generator) -> list[str]:
    """Return `n` different made-up officer numbers of 18 digits in the two usual forms.

    Birth date, year and month of appointment, sex and serial (civil servants), or birth date, year, a code 21 or 24,
    sex and serial (contract officers). Serials start at 700, where the real ones hardly ever get to.
    """
    born = rng.integers(1966, 1999, n)
    days = rng.integers(0, 365, n).astype("timedelta64[D]")
    birth = np.datetime_as_string((born - 1970).astype("datetime64[Y]").astype("datetime64[D]") + days)
    contract = rng.random(n) < 0.2
    year = np.where(contract, rng.integers(2021, 2025, n), np.minimum(born + rng.integers(22, 35, n), 2020))
    month = np.where(contract, np.where(rng.random(n) < 0.5, 21, 24), rng.integers(1, 13, n))
    sex, serial = rng.integers(1, 3, n), rng.integers(700, 1000, n)
    seen: set[str] = set()
    numbers = []
    for i in range(n):
        number = _number(birth[i], int(year[i]), int(month[i]), int(sex[i]), int(serial[i]))
        while number in seen:
            serial[i] = 700 + (serial[i] - 699) % 300
            number = _number(birth[i], int(year[i]), int(month[i]), int(sex[i]), int(serial[i]))
        seen.add(number)
        numbers.append(number)
    return numbers


def _number(birth: str, year: int, month: int, sex: int, serial: int) -> str:
    return f"{birth.replace('-', '')}{year}{month:02d}{sex}{serial}"
