"""Training events: form, topic, provider, hours and participants of every unit and half-year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.results import FloatArray
from analysis.synthetic.design import ELEMENTS, FORMS, SampleDesign
from analysis.synthetic.vocabulary import GENERAL_TOPICS, IT_TOPIC, PARTNERS, TOPICS
from analysis.synthetic.world import BoolArray, IntArray, World

# Share of each form in the hours, lesson hours per participant (lowest, highest) and price of one lesson hour
# (thousand rupiah; the tariff of an east Kalimantan training agency in 2017 gives 36 to 90).
FORM_SHARES = np.array([0.35, 0.15, 0.12, 0.13, 0.10, 0.15])
FORM_HOURS = np.array([[8, 16], [6, 10], [3, 5], [6, 10], [16, 24], [3, 6]])
FORM_PRICES = np.array([65.0, 75.0, 90.0, 40.0, 50.0, 36.0])

ALL_TOPICS = (*TOPICS, *GENERAL_TOPICS)
TOPIC_ELEMENT = np.array([ELEMENTS.index(TOPICS[t]) if t in TOPICS else -1 for t in ALL_TOPICS])


@dataclass(frozen=True)
class Events:
    """At most one event per unit, half-year and form; every array has shape (units, T, 6).

    Parameters
    ----------
    length
        Lesson hours per participant.
    participants, recorded
        Officers who took part, and those of them whom the unit recorded.
    topic
        Position in `ALL_TOPICS`.
    provider
        0 for the own agency, else 1 + position in `PARTNERS`.
    hours
        True hours per head.
    matched
        Whether the topic aims at a weak element of the unit.
    """

    length: IntArray
    participants: IntArray
    recorded: IntArray
    topic: IntArray
    provider: IntArray
    hours: FloatArray
    matched: BoolArray


def draw_events(
    design: SampleDesign,
    world: World,
    *,
    target: FloatArray,
    partner: BoolArray,
    follow_up: BoolArray,
    mentoring: BoolArray,
    it_period: IntArray,
) -> Events:
    """Turn planned hours per head into whole events.

    Parameters
    ----------
    target
        Planned hours per head, shape (units, T).
    partner, follow_up, mentoring
        Whether a partner, follow-up of evaluations, a mentoring programme is there, shape (units, T).
    it_period
        Half-year of IT training that comes with online registration, shape (units,).
    """
    rng = design.generator("events")
    shape = (*target.shape, len(FORMS))
    headcount = world.units["headcount"].to_numpy()[:, None, None]
    mix = rng.dirichlet(design.mix_concentration * FORM_SHARES, target.shape)
    mix[..., FORMS.index("mentoring")] *= np.where(mentoring, design.mentoring_factor, 1.0)
    mix /= mix.sum(axis=2, keepdims=True)
    planned = target[..., None] * mix * headcount
    trainable = _trainable(design, world)[:, None, None]
    # An event that is too large for the staff gets longer rather than smaller, so that hours follow the plan.
    length = np.asarray(rng.integers(FORM_HOURS[:, 0], FORM_HOURS[:, 1] + 1, shape))
    length = np.maximum(length, np.ceil(planned / trainable)).astype(np.int64)
    participants = np.minimum(_round_randomly(rng, planned / length), trainable)
    topic = _topics(design, world, rng, follow_up)
    participants, topic = _it_training(world, participants, topic, it_period)
    element = TOPIC_ELEMENT[topic]
    weak = np.take_along_axis(world.weak[:, None, None, :], np.maximum(element, 0)[..., None], axis=3)[..., 0]
    with_partner = partner[..., None] & (rng.random(shape) < design.partner_events)
    return Events(
        length=length,
        participants=participants,
        recorded=_round_randomly(rng, participants * world.recorded_share[:, None, None]),
        topic=topic,
        provider=np.where(with_partner, rng.integers(1, len(PARTNERS) + 1, shape), 0),
        hours=participants * length / headcount,
        matched=weak & (element >= 0),
    )


def _trainable(design: SampleDesign, world: World) -> IntArray:
    """Return the number of officers of each unit who are ever sent, shape (units,)."""
    return np.ceil(world.units["headcount"].to_numpy() * (1 - design.never_trained_share)).astype(np.int64)


def _round_randomly(rng: np.random.Generator, values: FloatArray) -> IntArray:
    """Round up with the probability of the fraction, so that sums stay right on average."""
    return np.floor(values + rng.random(values.shape)).astype(np.int64)


def _topics(design: SampleDesign, world: World, rng: np.random.Generator, follow_up: BoolArray) -> IntArray:
    """Draw topics: on a weak element, on another element or general, shape (units, T, 6)."""
    shape = (*follow_up.shape, len(FORMS))
    aimed = rng.random(shape) < np.where(follow_up, design.matched_follow_up, design.matched_otherwise)[..., None]
    topic_weak = world.weak[:, TOPIC_ELEMENT[: len(TOPICS)]]
    order = np.argsort(~topic_weak, axis=1, kind="stable")
    unit = np.arange(world.n_units)[:, None, None]
    on_weak = order[unit, rng.integers(0, 2, shape)]
    on_other = order[unit, rng.integers(2, len(TOPICS), shape)]
    general = rng.integers(len(TOPICS), len(ALL_TOPICS), shape)
    return np.asarray(np.where(aimed, on_weak, np.where(rng.random(shape) < 0.5, on_other, general)))


def _it_training(
    world: World, participants: IntArray, topic: IntArray, it_period: IntArray
) -> tuple[IntArray, IntArray]:
    """Give the units that pair online registration with IT training one e-learning event for a third of their staff."""
    form = FORMS.index("e_learning")
    unit = np.flatnonzero(it_period < topic.shape[1])
    staff = np.ceil(world.units["headcount"].to_numpy()[unit] / 3).astype(np.int64)
    participants, topic = participants.copy(), topic.copy()
    participants[unit, it_period[unit], form] = np.maximum(participants[unit, it_period[unit], form], staff)
    topic[unit, it_period[unit], form] = ALL_TOPICS.index(IT_TOPIC)
    return participants, topic
