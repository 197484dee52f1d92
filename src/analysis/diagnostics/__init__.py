"""Checks of estimates: falsification, sensitivity, multiplicity, specification curve, power.

Every check returns a `analysis.results.Check` that passed, failed, or could not be carried out, with the reason.
"""

from analysis.diagnostics.balance import Balance, balance_table
from analysis.diagnostics.confounding import Oster, oster_delta, sensitivity_of
from analysis.diagnostics.curve import SpecificationCurve, romano_wolf_of, specification_curve
from analysis.diagnostics.falsification import LeaveOneOut, leave_one_out, negative_control, placebo_lead
from analysis.diagnostics.multiplicity import benjamini_hochberg, romano_wolf
from analysis.diagnostics.power import SimulatedPower, minimum_detectable_effect, power_of, simulated_power
from analysis.diagnostics.sensitivity import Sensitivity, sensitivity

__all__ = [
    "Balance",
    "LeaveOneOut",
    "Oster",
    "Sensitivity",
    "SimulatedPower",
    "SpecificationCurve",
    "balance_table",
    "benjamini_hochberg",
    "leave_one_out",
    "minimum_detectable_effect",
    "negative_control",
    "oster_delta",
    "placebo_lead",
    "power_of",
    "romano_wolf",
    "romano_wolf_of",
    "sensitivity",
    "sensitivity_of",
    "simulated_power",
    "specification_curve",
]
