"""What happens during the study: shocks, leadership, budgets, programmes and training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.results import FloatArray
from analysis.synthetic.design import PROGRAMMES, SampleDesign
from analysis.synthetic.events import ALL_TOPICS, Events, draw_events
from analysis.synthetic.vocabulary import IT_TOPIC
from analysis.synthetic.world import BoolArray, IntArray, World

NEVER = 10**6


@dataclass(frozen=True)
class History:
    """The course of every unit; T half-years, Y years.

    Parameters
    ----------
    common
        Year and region shocks and trends in index points, shape (units, T).
    shocks
        The unit's own shocks in index points, shape (units, T).
    leadership, resistance
        In SD, shape (units, T).
    log_budget
        Log of the realised development budget per head relative to the design's median, shape (units, Y).
    starts
        Per programme the half-year of its start, `NEVER` if none, shape (units,).
    regional
        Per programme the regions (positions) that started it everywhere at once.
    with_it
        Units whose online registration comes with IT training, shape (units,).
    partner_start
        Half-year from which a training partner is there, shape (units,).
    follow_up_start
        Half-year from which evaluations are followed up in the next curriculum, shape (units,).
    wanted
        Hours per head that the unit would like, before `hours_max` cuts them, shape (units, T).
    events
        Training as it took place.
    """

    common: FloatArray
    shocks: FloatArray
    leadership: FloatArray
    resistance: FloatArray
    log_budget: FloatArray
    starts: dict[str, IntArray]
    regional: dict[str, tuple[int, ...]]
    with_it: BoolArray
    partner_start: IntArray
    follow_up_start: IntArray
    wanted: FloatArray
    events: Events

    def running(self, programme: str) -> BoolArray:
        """Whether the programme runs, shape (units, T)."""
        periods = np.arange(self.shocks.shape[1])
        return np.asarray(periods >= self.starts[programme][:, None])


def build_history(design: SampleDesign, world: World) -> History:
    """Draw the course of every unit."""
    shocks = _autoregressive(design, "shocks", world.n_units, design.unit_shock_memory) * design.unit_shock_sd
    leadership = _leadership(design, world)
    resistance = _resistance(design, world)
    log_budget = _log_budget(design, world)
    starts, regional = _programmes(design, world)
    plans_it = design.generator("it").random(world.n_units) < design.it_training_share
    partner = _starts(design, "partners", world.n_units, design.partner_share)
    follow_up = _starts(design, "follow_up", world.n_units, design.follow_up_share)
    wanted = _wanted_hours(design, world, shocks, leadership, log_budget, partner)
    events = draw_events(
        design,
        world,
        target=np.minimum(wanted, design.hours_max),
        partner=_running(partner, design),
        follow_up=_running(follow_up, design),
        mentoring=_running(starts["mentoring"], design),
        it_period=np.where(plans_it, starts["online_registration"], NEVER),
    )
    return History(
        common=_common(design, world),
        shocks=shocks,
        leadership=leadership,
        resistance=resistance,
        log_budget=log_budget,
        starts=starts,
        regional=regional,
        with_it=_with_it(design, events, starts["online_registration"]),
        partner_start=partner,
        follow_up_start=follow_up,
        wanted=wanted,
        events=events,
    )


def _with_it(design: SampleDesign, events: Events, starts: IntArray) -> BoolArray:
    """Say which units had recorded IT training in the half-year in which online registration started."""
    it_training = ((events.topic == ALL_TOPICS.index(IT_TOPIC)) & (events.recorded > 0)).any(axis=2)
    return np.asarray((it_training & (np.arange(design.n_periods) == starts[:, None])).any(axis=1))


def _running(starts: IntArray, design: SampleDesign) -> BoolArray:
    return np.asarray(np.arange(design.n_periods) >= starts[:, None])


def _autoregressive(design: SampleDesign, stream: str, n: int, memory: float) -> FloatArray:
    """Stationary first-order autoregression with unit variance, shape (n, T)."""
    draws = design.generator(stream).normal(size=(n, design.n_periods))
    series = np.empty_like(draws)
    series[:, 0] = draws[:, 0]
    for t in range(1, design.n_periods):
        series[:, t] = memory * series[:, t - 1] + np.sqrt(1 - memory**2) * draws[:, t]
    return series


def _common(design: SampleDesign, world: World) -> FloatArray:
    rng = design.generator("common")
    years = rng.normal(0, design.year_shock_sd, len(design.years))[design.period_years]
    regional = rng.normal(0, design.region_shock_sd, (len(world.regions), design.n_periods))
    return np.asarray((years + regional)[world.region] + trends(design, world))


def trends(design: SampleDesign, world: World) -> FloatArray:
    """Return the trends of the rising regions around their mean over time, index points, shape (units, T)."""
    times = np.arange(design.n_periods) - (design.n_periods - 1) / 2
    return np.asarray(design.rising_slope * world.rising[world.region][:, None] * times)


def _leadership(design: SampleDesign, world: World) -> FloatArray:
    lasting = design.generator("leaders").normal(size=(world.n_units, 1))
    moving = _autoregressive(design, "leader changes", world.n_units, design.leadership_memory)
    share = design.leadership_between
    return np.asarray(np.sqrt(share) * lasting + np.sqrt(1 - share) * moving)


def _resistance(design: SampleDesign, world: World) -> FloatArray:
    """Resistance to change: nine tenths of its variance is lasting (a unit's culture changes slowly)."""
    lasting = design.generator("resistance").normal(size=(world.n_units, 1))
    moving = _autoregressive(design, "resistance changes", world.n_units, 0.5)
    return np.asarray(np.sqrt(0.9) * lasting + np.sqrt(0.1) * moving)


def _log_budget(design: SampleDesign, world: World) -> FloatArray:
    rng = design.generator("budget")
    units = rng.normal(0, design.budget_unit_sd, (world.n_units, 1))
    return np.asarray(units + rng.normal(0, design.budget_sd, (world.n_units, len(design.years))))


def _starts(design: SampleDesign, stream: str, n: int, share: float) -> IntArray:
    """Half-years of start, spread from the third to the last but one; `NEVER` for the rest."""
    rng = design.generator(stream)
    first = min(2, design.n_periods - 1)
    last = max(design.n_periods - 1, first + 1)
    return np.where(rng.random(n) < share, rng.integers(first, last, n), NEVER)


def _programmes(design: SampleDesign, world: World) -> tuple[dict[str, IntArray], dict[str, tuple[int, ...]]]:
    """Programmes start unit by unit, except that one region in four starts online registration everywhere at once."""
    starts = {name: _starts(design, f"programme {name}", world.n_units, design.adopters_share) for name in PROGRAMMES}
    regional: dict[str, tuple[int, ...]] = {name: () for name in PROGRAMMES}
    regional["online_registration"] = tuple(range(3, len(world.regions), 4))
    together = _starts(design, "regional online_registration", len(world.regions), 1.0)
    for position in regional["online_registration"]:
        starts["online_registration"][world.region == position] = together[position]
    return starts, regional


def _wanted_hours(
    design: SampleDesign,
    world: World,
    shocks: FloatArray,
    leadership: FloatArray,
    log_budget: FloatArray,
    partner: IntArray,
) -> npt.NDArray[np.float64]:
    """Hours (JP) per head that the unit would like, shape (units, T); more than `hours_max` is not planned."""
    rng = design.generator("hours")
    shape = shocks.shape
    log_hours = rng.normal(0, design.hours_unit_sd, (shape[0], 1)) + rng.normal(0, design.hours_sd, shape)
    log_hours += design.budget_to_hours * log_budget[:, design.period_years]
    log_hours += design.leadership_to_hours * leadership
    log_hours += rng.normal(0, design.trainer_sd, (len(world.regions), shape[1]))[world.region]
    log_hours += np.log(design.partner_extension) * _running(partner, design)
    if design.selection == "weak_units":
        spread = np.hypot(design.unit_sd, design.region_sd)
        past = np.column_stack([np.zeros(shape[0]), shocks[:, :-1]]) / max(design.unit_shock_sd, 1e-9)
        log_hours -= design.selection_level * (world.standing / spread)[:, None]
        log_hours -= design.selection_transient * past
    if design.selection == "good_leaders":
        log_hours += design.selection_leaders * leadership
    wanted = design.hours_median * np.exp(log_hours)
    return np.where(rng.random(shape) < design.no_training_share, 0.0, wanted)
