"""True effects of training that is directed at what the surveys showed as weak.

An office can direct training only at the elements that scored lowest in its surveys so far. Those are not always the
two elements that are weak in the process: surveys are noisy, and training on other elements moves the ranks. The true
effect is therefore that of directing hours at the elements that scored lowest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.results import FloatArray
from analysis.synthetic.counterfactuals import NEGLIGIBLE, Outcome, Process, per_ten_hours, variation
from analysis.synthetic.design import ELEMENTS
from analysis.synthetic.events import TOPIC_ELEMENT
from analysis.synthetic.response import Change, two_period_mean
from analysis.synthetic.truth import TrueEffect
from analysis.synthetic.world import BoolArray

LOWEST = 2


def lowest_before(survey: pd.DataFrame, units: pd.Series, periods: tuple[str, ...]) -> BoolArray:
    """Return the two elements with the lowest mean over all earlier half-years, shape (units, T, 9).

    None in the first half-year; ties go to the first element, as in the panel.
    """
    index = pd.MultiIndex.from_product([units, periods], names=["unit_id", "period"])
    table = survey.groupby(["unit_id", "period"])[list(ELEMENTS)].mean().reindex(index)
    means = table.to_numpy(dtype=float).reshape(len(units), len(periods), len(ELEMENTS))
    earlier = np.cumsum(means, axis=1)[:, :-1] / np.arange(1, len(periods))[:, None]
    order = np.argsort(np.where(np.isnan(earlier), np.inf, earlier), axis=2, kind="stable")[..., :LOWEST]
    lowest = np.zeros(means.shape, dtype=bool)
    np.put_along_axis(lowest[:, 1:], order, True, axis=2)
    return lowest


def matched_quality(p: Process, lowest: BoolArray) -> TrueEffect:
    """Return the effect on the index of directing hours at the elements that scored lowest."""
    return _directed(
        p,
        lowest,
        p.index,
        "index points per 10 recorded JP per head moved from other topics to those of the lowest elements",
        "10 JP on topics of the two elements lowest in the surveys before against 10 JP on other topics, both as they "
        "are held, averaged by how much directed hours vary",
    )


def follow_up_gap(p: Process, lowest: BoolArray) -> TrueEffect:
    """Return the effect of directing hours at the elements that scored lowest on their distance to the others."""

    def gap(change: Change) -> FloatArray:
        answers = p.answers(change)
        on, off = ((answers * chosen).sum(axis=2) / chosen.sum(axis=2).clip(1) for chosen in (lowest, ~lowest))
        return np.asarray(on - off)

    return _directed(
        p,
        lowest,
        gap,
        "points (1-4) by which the gap of the lowest elements closes per 10 recorded JP on their topics",
        "change of the two elements lowest in the surveys before minus that of the others, 10 JP on their topics "
        "against 10 JP on other topics",
    )


def _directed(p: Process, lowest: BoolArray, outcome: Outcome, unit: str, note: str) -> TrueEffect:
    """Average over half-years that had a survey before, and over units by how much their directed hours vary."""
    moved = _moved(p, lowest)
    gain = per_ten_hours(outcome, lambda hours: Change(moved_hours=hours * moved))[:, 1:]
    possible = (moved[:, 1:] > 0).any(axis=2)
    weights = possible * variation(p, _directed_hours(p, lowest))[:, None]
    effect = float(np.average(gain, weights=weights))
    return TrueEffect(abs(effect) > NEGLIGIBLE, effect, unit, note, {"every_unit_alike": float(gain[possible].mean())})


def _moved(p: Process, lowest: BoolArray) -> FloatArray:
    """Return by element how one hour is moved to topics of the lowest elements, shape (units, T, 9).

    Hours fall on topics in proportion to those held in the whole study, on weak elements and on others; general
    topics are about no element. Half-years whose lowest elements have no topic have no move.
    """
    events = p.history.events
    hours = events.recorded * events.length
    topics = np.isin(np.arange(len(ELEMENTS)), TOPIC_ELEMENT[TOPIC_ELEMENT >= 0])
    weak = p.world.weak[:, None, :] & topics
    on_weak = float(hours[events.matched].sum()) / weak.sum()
    on_other = float(hours[~events.matched & (TOPIC_ELEMENT[events.topic] >= 0)].sum()) / (topics & ~weak).sum()
    general = float(hours[TOPIC_ELEMENT[events.topic] < 0].sum()) / p.world.n_units
    held = np.where(weak, on_weak, np.where(topics, on_other, 0.0))
    towards, away = held * lowest, held * ~lowest
    total = towards.sum(axis=2, keepdims=True)
    towards = np.divide(towards, total, out=np.zeros_like(towards), where=total > 0)
    return np.asarray((towards - away / (away.sum(axis=2, keepdims=True) + general)) * (total > 0))


def _directed_hours(p: Process, lowest: BoolArray) -> FloatArray:
    """Return recorded JP per head on topics of the lowest elements, mean of the last two half-years."""
    events = p.history.events
    element = TOPIC_ELEMENT[events.topic]
    aimed = np.take_along_axis(lowest, np.maximum(element, 0), axis=2) & (element >= 0)
    hours = (events.recorded * events.length * aimed).sum(axis=2)
    return two_period_mean(hours / p.world.units["headcount"].to_numpy()[:, None])
