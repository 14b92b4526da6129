"""What a structure owes for a year, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.sourced import DatumStatus
from dues.grids.domain.activities import Activity, main_activity, rated_activity
from dues.grids.domain.bases import Base
from dues.grids.domain.explanation import Case, ExplanationLine, explain
from dues.grids.domain.grid import Associates, Grid, Group
from dues.grids.domain.joiners import months_due, twelfths
from dues.grids.domain.smic import SmicRate
from dues.grids.domain.variable_part import variable_part

ACTIVE = "active"
ASSOCIATE = "associate"
"""The category of an associate member, as membership tells it; any other owes what an active member owes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The due of one structure for one year, in euros, with all that it takes to explain it.

    Without a variable part, ``base`` and ``cap`` are None and the variable amounts are zero.
    """

    grid: Grid
    case: Case
    fixed: Decimal
    base: Base | None
    variable_before_cap: Decimal
    cap: Decimal | None
    capped: bool
    variable: Decimal
    total: Decimal

    @property
    def year(self) -> int:
        """The calendar year that is due."""
        return self.grid.year

    @property
    def kind(self) -> str:
        """The activity that is rated."""
        return self.case.rated.kind

    @property
    def category(self) -> str:
        """The category of the member, as far as a grid tells them apart."""
        return ASSOCIATE if self.case.associate else ACTIVE

    @property
    def explanation(self) -> tuple[ExplanationLine, ...]:
        """How the due was computed, written each time it is asked for: thousands are computed and not read."""
        return explain(self.grid, self.case)

    @property
    def status(self) -> DatumStatus:
        """How sure the due is: as much as the least sure of what it was computed from."""
        return self.explanation[-1].status


def assess(
    grid: Grid,
    smic: Iterable[SmicRate],
    base: Base | None,
    activities: Sequence[Activity],
    *,
    joined_on: date | None = None,
    category: str = ACTIVE,
) -> Assessment:
    """Compute ``fixed + min(rate x base, hours x SMIC of 1 January)`` for a structure.

    ``joined_on`` tells how much of the year is due, ``category`` whether the variable part is.
    Raises ``NoActivity``, ``MainActivityUnclear``, ``RateNotFound``, ``BaseMissing``, ``SmicNotPublished``.
    """
    rated, group = _rated(grid, activities, category)
    months = months_due(grid, joined_on)
    part = variable_part(grid, smic, base, group, rated.kind, months) if group else None
    zero = Decimal("0.00")
    fixed = twelfths(grid.fixed.value, months)
    return Assessment(
        grid=grid,
        case=Case(tuple(activities), rated, group, part, joined_on, category == ASSOCIATE),
        fixed=fixed,
        base=part.base if part else None,
        variable_before_cap=part.before_cap if part else zero,
        cap=part.cap if part else None,
        capped=part.capped if part else False,
        variable=part.amount if part else zero,
        total=fixed + (part.amount if part else zero),
    )


def _rated(grid: Grid, activities: Sequence[Activity], category: str) -> tuple[Activity, Group | None]:
    """Return the activity that is rated and its group; no group for a member that owes the fixed part alone."""
    if category == ASSOCIATE and grid.associates.value is Associates.FIXED_PART:
        return main_activity(activities), None
    rated = rated_activity(grid, activities)
    return rated, grid.group_of(rated.kind)
