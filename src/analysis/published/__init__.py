"""Real official scores: loaded with their corrections, their measurement noise, and what a movement means."""

from analysis.published.noise import measurement_noise, pairs_of_years, year_to_year
from analysis.published.tables import PUBLISHED_COLUMNS, load_published, tidy_open_data
from analysis.published.trend import last_movement, last_movement_of, movement, official_trend

__all__ = [
    "PUBLISHED_COLUMNS",
    "last_movement",
    "last_movement_of",
    "load_published",
    "measurement_noise",
    "movement",
    "official_trend",
    "pairs_of_years",
    "tidy_open_data",
    "year_to_year",
]
