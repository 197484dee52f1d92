"""A synthetic study with known effects: as tables in memory or as office files."""

from analysis.synthetic.design import SampleDesign
from analysis.synthetic.files import write_sample
from analysis.synthetic.study import SimulatedStudy, simulate
from analysis.synthetic.truth import CLAIMS, TrueEffect, Truth

__all__ = ["CLAIMS", "SampleDesign", "SimulatedStudy", "TrueEffect", "Truth", "simulate", "write_sample"]
