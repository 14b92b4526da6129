"""What a structure that joins within the year owes of it, by the rule of the grid.

Source: none was found ("pro-rata for mid-year joiners"): both rules are data of the grid, to be confirmed.
"""

from datetime import date
from decimal import Decimal

from common.money import round_to_cents
from dues.grids.domain.grid import Grid, Joiners

WHOLE_YEAR = 12


def months_due(grid: Grid, joined_on: date | None) -> int:
    """Return how many twelfths of the year are due: from the month of joining on, where the grid says so."""
    if not joined_within(grid, joined_on) or joined_on is None or grid.joiners.value is not Joiners.MONTHLY:
        return WHOLE_YEAR
    return WHOLE_YEAR + 1 - joined_on.month


def joined_within(grid: Grid, joined_on: date | None) -> bool:
    """Tell whether a structure joined within the year of the grid."""
    return joined_on is not None and joined_on.year == grid.year


def twelfths(amount: Decimal, months: int) -> Decimal:
    """Return so many twelfths of a year's amount, half up to the cent.

    >>> twelfths(Decimal("800.00"), 5)
    Decimal('333.33')
    """
    return amount if months == WHOLE_YEAR else round_to_cents(amount * months / WHOLE_YEAR)
