"""The variable part of a due: ``min(rate x base, hours x SMIC of 1 January)``, to the cent, half up.

Source: grid voted by the general assembly of 27 June 2024 (activity report 2024); that the cap bears on the
variable part alone is assumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.errors import Conflict
from common.money import round_to_cents
from common.sourced import Datum
from dues.grids.domain.bases import Base
from dues.grids.domain.grid import Grid, Group, kind_label
from dues.grids.domain.joiners import WHOLE_YEAR, twelfths
from dues.grids.domain.smic import SmicRate, hourly_smic


class BaseMissing(Conflict):
    """The kind of activity has a variable part, and no base is known."""

    code = "base_missing"
    title = "Base de cotisation manquante"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablePart:
    """Every figure that leads to the variable part, in euros."""

    base: Base
    rate: Datum[Decimal]
    exact: Decimal
    before_cap: Decimal
    cap_hours: Datum[int]
    smic: SmicRate
    cap: Decimal
    months: int = WHOLE_YEAR

    @property
    def capped(self) -> bool:
        """Whether the cap lowers the amount."""
        return self.before_cap > self.cap

    @property
    def whole_year(self) -> Decimal:
        """What is due for a whole year."""
        return min(self.before_cap, self.cap)

    @property
    def amount(self) -> Decimal:
        """What is due."""
        return twelfths(self.whole_year, self.months)


def variable_part(
    grid: Grid, smic: Iterable[SmicRate], base: Base | None, group: Group, kind: str, months: int = WHOLE_YEAR
) -> VariablePart | None:
    """Compute the variable part of a structure of this kind, for so many months; None where the grid sets none.

    Raises ``BaseMissing``, ``SmicNotPublished``.
    """
    if not group.has_variable_part or group.cap_hours is None:
        return None
    if base is None:
        raise BaseMissing(f"Aucune base déclarée ni médiane publiée pour le type {kind_label(kind)}.")
    rate_in_force = hourly_smic(smic, on=date(grid.year, 1, 1))
    exact = base.amount.value * group.rate.value
    return VariablePart(
        base=base,
        rate=group.rate,
        exact=exact,
        before_cap=round_to_cents(exact),
        cap_hours=group.cap_hours,
        smic=rate_in_force,
        cap=round_to_cents(group.cap_hours.value * rate_in_force.hourly.value),
        months=months,
    )
