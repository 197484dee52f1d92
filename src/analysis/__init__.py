"""Pembinaan: whether developing civil servants makes public services better.

The package reads the files that regional offices already keep, builds a panel of service units by half-year,
estimates how training, leadership support and budget affect service quality, and publishes the answer.
"""

__version__ = "0.1.0"
