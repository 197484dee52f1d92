"""How much an official score moves from year to year without meaning: its measurement noise.

The scores are published without any margin. What can be known of it comes from the panel itself: the same regions,
measured again a year later in the same way.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

NOISE_COLUMNS = (
    "indicator",
    "scheme",
    "noise_sd",
    "conf_low",
    "conf_high",
    "change_sd",
    "reliability",
    "noise_sd_separated",
    "n_pairs",
    "n_triples",
    "n_regions",
)
MIN_DEGREES_OF_FREEDOM = 3
_GROUP = ["indicator", "scheme", "group", "first_year"]


def pairs_of_years(scores: pd.DataFrame) -> pd.DataFrame:
    """Return every pair of consecutive years of a region within one scheme.

    Parameters
    ----------
    scores
        Table of `analysis.published.load_published`.

    Returns
    -------
    pandas.DataFrame
        indicator, scheme, group, region_code, first_year, last_year, first, last, change. `group` are the regions
        that are compared with each other: the province where an indicator covers regencies and cities, else the
        nation (empty text).
    """
    known = scores.dropna(subset=["value"]).sort_values(["indicator", "region_code", "year"])
    rows = [
        (
            before["indicator"],
            before["scheme"],
            before["region_code"],
            before["year"],
            now["year"],
            before["value"],
            now["value"],
        )
        for before, now in pairwise(known.to_dict("records"))
        if all(before[name] == now[name] for name in ("indicator", "region_code", "scheme"))
        and now["year"] == before["year"] + 1
    ]
    names = ["indicator", "scheme", "region_code", "first_year", "last_year", "first", "last"]
    pairs = pd.DataFrame(rows, columns=names)
    pairs["change"] = pairs["last"] - pairs["first"]
    pairs["group"] = _groups(pairs)
    return pairs.sort_values([*_GROUP, "region_code"], ignore_index=True)


def _groups(pairs: pd.DataFrame) -> pd.Series:
    local = pairs["region_code"].str.len().groupby(pairs["indicator"]).transform("max") > 2
    return pairs["region_code"].str[:2].where(local, "")


def year_to_year(scores: pd.DataFrame) -> pd.DataFrame:
    """Return how well two consecutive years agree, per group of regions.

    Returns
    -------
    pandas.DataFrame
        indicator, scheme, group, first_year, last_year, n, correlation, change_mean, change_sd; groups of fewer than
        three regions are left out.
    """
    rows = []
    for key, pairs in pairs_of_years(scores).groupby([*_GROUP, "last_year"], sort=True):
        if len(pairs) > 2:
            change = pairs["change"]
            correlation = float(np.corrcoef(pairs["first"], pairs["last"])[0, 1])
            rows.append((*key, len(pairs), correlation, change.mean(), change.std(ddof=1)))
    names = [*_GROUP, "last_year", "n", "correlation", "change_mean", "change_sd"]
    return pd.DataFrame(rows, columns=names)


def measurement_noise(scores: pd.DataFrame) -> pd.DataFrame:
    """Estimate the measurement noise of each indicator and scheme from its own panel.

    A published score is taken as the region's state plus the noise of one measurement. The change between two
    consecutive years of one scheme, less the mean change of its group in that year (province or nation), has the
    variance 2 x noise variance + variance of real change. Two years alone cannot tell the two apart, so `noise_sd` is
    ``change_sd / 2 ** 0.5``: **all of the ordinary year-to-year movement is counted as noise**, which is an upper
    bound. A movement larger than that is unusual whichever it is.

    Where a region has three consecutive years, `noise_sd_separated` separates them: noise that is independent from
    year to year makes consecutive changes go in opposite directions (covariance = -noise variance), while real
    changes that last do not (Heise 1969, Am. Sociol. Rev. 34:93). It is zero if consecutive changes do not oppose
    each other, and missing with fewer than `MIN_DEGREES_OF_FREEDOM` degrees of freedom.

    Neither can see an error that stays the same over the years (the same two offices visited each time), nor tell
    noise from a real change that is undone within the year, nor a movement common to the whole group.

    Parameters
    ----------
    scores
        Table of `analysis.published.load_published`.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and scheme with enough pairs, newest scheme first within an indicator; columns
        `NOISE_COLUMNS`. `conf_low` and `conf_high` are a 95% interval of `noise_sd`, from the jackknife that leaves
        out one region at a time, on the log scale. `reliability` is the correlation of consecutive years within
        groups: at most that share of the differences between regions is lasting.
    """
    pairs = pairs_of_years(scores)
    newest_first = pairs.sort_values(["indicator", "first_year"], ascending=[True, False], kind="stable")
    rows = [
        {"indicator": key[0], "scheme": key[1], **_noise_row(part)}
        for key, part in newest_first.groupby(["indicator", "scheme"], sort=False)
        if _degrees(part) >= MIN_DEGREES_OF_FREEDOM
    ]
    return pd.DataFrame(rows, columns=list(NOISE_COLUMNS))


def _noise_row(pairs: pd.DataFrame) -> dict[str, float | int]:
    change_sd = _change_sd(pairs)
    low, high = _jackknife_interval(pairs)
    separated, n_triples = _separated(pairs)
    sizes = pairs.groupby(_GROUP)["change"].transform("size")
    return {
        "noise_sd": change_sd / 2**0.5,
        "conf_low": low / 2**0.5,
        "conf_high": high / 2**0.5,
        "change_sd": change_sd,
        "reliability": _within_correlation(pairs),
        "noise_sd_separated": separated,
        "n_pairs": int((sizes > 1).sum()),
        "n_triples": n_triples,
        "n_regions": int(pairs.loc[sizes > 1, "region_code"].nunique()),
    }


def _degrees(pairs: pd.DataFrame) -> int:
    return len(pairs) - pairs.groupby(_GROUP).ngroups


def _centred(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column] - frame.groupby(_GROUP)[column].transform("mean")


def _change_sd(pairs: pd.DataFrame) -> float:
    return float(np.sqrt((_centred(pairs, "change") ** 2).sum() / _degrees(pairs)))


def _within_correlation(pairs: pd.DataFrame) -> float:
    first, last = _centred(pairs, "first"), _centred(pairs, "last")
    return float((first * last).sum() / np.sqrt((first**2).sum() * (last**2).sum()))


def _jackknife_interval(pairs: pd.DataFrame) -> tuple[float, float]:
    """Return a 95% interval of `change_sd`, leaving out one region at a time.

    Leaving one change out of a group of n lowers the sum of squares by n / (n - 1) times its squared deviation.
    """
    squares, size = _centred(pairs, "change") ** 2, pairs.groupby(_GROUP)["change"].transform("size")
    share = pd.DataFrame({"squares": squares * size / (size - 1).clip(lower=1), "degrees": (size > 1).astype(int)})
    lost = share.groupby(pairs["region_code"]).sum()
    lost = lost[(lost["degrees"] > 0) & (lost["degrees"] < _degrees(pairs))]
    variances = (squares.sum() - lost["squares"]) / (_degrees(pairs) - lost["degrees"])
    left_out, n = np.log(variances.to_numpy()) / 2, len(lost)
    std_error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    # Loaded here, because every report reads what this module has stored and none computes it again.
    from scipy import special

    centre, reach = np.log(_change_sd(pairs)), special.stdtrit(n - 1, 0.975) * std_error
    return float(np.exp(centre - reach)), float(np.exp(centre + reach))


def _separated(pairs: pd.DataFrame) -> tuple[float, int]:
    """Return the noise SD from the covariance of consecutive changes, and the number of these."""
    earlier = pairs[[*_GROUP, "region_code", "change"]]
    later = earlier.assign(first_year=earlier["first_year"] - 1)
    triples = earlier.merge(later, on=[*_GROUP, "region_code"], suffixes=("", "_next"))
    sizes = triples.groupby(_GROUP)["change"].transform("size")
    triples = triples[sizes > 1]
    if triples.empty or _degrees(triples) < MIN_DEGREES_OF_FREEDOM:
        return float("nan"), len(triples)
    products = _centred(triples, "change") * _centred(triples, "change_next")
    covariance = products.sum() / _degrees(triples)
    return float(np.sqrt(max(-covariance, 0.0))), len(triples)
