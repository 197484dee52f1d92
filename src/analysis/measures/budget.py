"""Development budget: the legal minimum share, gross and net."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.errors import UsageError

# Guidelines for regional budgets (Permendagri 38/2018 to 15/2024): least share of total regional expenditure.
MINIMUM_SHARE = {"province": 0.0034, "regency": 0.0016, "city": 0.0016}


@dataclass(frozen=True)
class BudgetShare:
    """Development budget as a share of total regional expenditure.

    Parameters
    ----------
    gross, net
        Share before and after personnel and maintenance spending are taken out (0 to 1); the law means the net one.
    minimum
        Legal minimum share.
    shortfall
        Rupiah missing to the minimum, 0 if it is met.
    """

    gross: float
    net: float
    minimum: float
    shortfall: float

    @property
    def meets_gross(self) -> bool:
        """Whether the gross share reaches the minimum (not what the law asks)."""
        return self.gross >= self.minimum

    @property
    def meets(self) -> bool:
        """Whether the net share reaches the minimum."""
        return self.net >= self.minimum


def budget_share(
    development: float, total: float, *, level: str, personnel: float = 0.0, maintenance: float = 0.0
) -> BudgetShare:
    """Compare a region's development budget with its legal minimum.

    ``share = (development - personnel - maintenance) / total regional expenditure``

    Parameters
    ----------
    development, personnel, maintenance
        Development budget and the personnel and maintenance spending inside it, rupiah.
    total
        Total regional expenditure, rupiah.
    level
        ``"province"`` (0.34%), ``"regency"`` or ``"city"`` (0.16%).

    Raises
    ------
    UsageError
        If the level is unknown, the total is not positive, or the parts exceed the whole.
    """
    if level not in MINIMUM_SHARE:
        raise UsageError("measures.unknown_level", value=level, known=list(MINIMUM_SHARE))
    net = development - personnel - maintenance
    if not total > 0 or net < 0 or development > total:
        raise UsageError("measures.budget_parts", development=development, total=total)
    minimum = MINIMUM_SHARE[level]
    return BudgetShare(development / total, net / total, minimum, max(0.0, minimum * total - net))
