"""What is true of a synthetic study, claim by claim, in a form that can be stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.synthetic.design import SampleDesign

CLAIMS = (
    "training_raises_quality",
    "matched_training_works_better",
    "online_registration_shortens_waiting",
    "leadership_raises_quality",
    "leadership_makes_training_work",
    "awards_raise_performance",
    "feedback_channels_raise_responsiveness",
    "development_improves_complaint_handling",
    "evaluation_followed_up_closes_gap",
    "partnerships_extend_training",
    "internships_differ",
    "mentoring_workshops_seminars_differ",
    "budget_raises_quality",
    "resistance_weakens_training",
    "lack_of_trainers_limits_training",
    "performance_management_raises_professionalism",
    "satisfaction_has_risen",
)


@dataclass(frozen=True)
class TrueEffect:
    """What is true of one claim.

    Parameters
    ----------
    holds
        Whether the claim is true in the process; None where the data cannot show it.
    effect
        The true effect in `unit`; None where it cannot be identified from the data.
    unit
        What the effect is measured in, in English.
    note
        How the effect was computed.
    also
        The same effect in other units, or its parts.
    regions
        The effect by region code, where it differs.
    """

    holds: bool | None
    effect: float | None
    unit: str
    note: str
    also: Mapping[str, float] = field(default_factory=dict)
    regions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """All true effects of a study with the parameters that made it.

    Parameters
    ----------
    design
        The parameters.
    regions
        Codes of the regions.
    claims
        Claim id to `TrueEffect`, in the order of `CLAIMS`.
    missing
        Region code to the tables that it does not deliver.
    """

    design: SampleDesign
    regions: tuple[str, ...]
    claims: Mapping[str, TrueEffect]
    missing: Mapping[str, tuple[str, ...]]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready types, numbers rounded to 6 significant digits."""
        parameters = dataclasses.asdict(self.design)
        return {
            "synthetic": True,
            "seed": self.design.seed,
            "regions": list(self.regions),
            "missing_tables": {code: list(tables) for code, tables in self.missing.items()},
            "parameters": _plain(parameters),
            "claims": {name: _plain(dataclasses.asdict(effect)) for name, effect in self.claims.items()},
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.6g}")
    if isinstance(value, (np.bool_, np.integer)):
        return value.item()
    return value
