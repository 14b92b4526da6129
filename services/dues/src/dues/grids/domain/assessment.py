"""What a structure owes for a year, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dues.grids.domain.bases import Base
from dues.grids.domain.data import DatumStatus
from dues.grids.domain.explanation import ExplanationLine, explain
from dues.grids.domain.grid import Activity, Grid, main_activity
from dues.grids.domain.smic import SmicRate
from dues.grids.domain.variable_part import variable_part


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The due of one structure for one year, in euros, with its explanation.

    Without a variable part, ``base`` and ``cap`` are None and the variable amounts are zero.
    """

    year: int
    kind: str
    fixed: Decimal
    base: Base | None
    variable_before_cap: Decimal
    cap: Decimal | None
    capped: bool
    variable: Decimal
    total: Decimal
    status: DatumStatus
    explanation: tuple[ExplanationLine, ...]


def assess(
    grid: Grid,
    smic: Iterable[SmicRate],
    base: Base | None,
    activities: Sequence[Activity],
    *,
    joined_on: date | None = None,
) -> Assessment:
    """Compute ``fixed + min(rate x base, hours x SMIC of 1 January)`` for a structure.

    ``joined_on`` only serves to explain what a structure that joined within the year owes.
    Raises ``NoActivity``, ``MainActivityUnclear``, ``RateNotFound``, ``BaseMissing``, ``SmicNotPublished``.
    """
    main = main_activity(activities)
    group = grid.group_of(main.kind)
    part = variable_part(grid, smic, base, group, main.kind)
    explanation = explain(grid, group, activities, main, part, joined_on)
    zero = Decimal("0.00")
    return Assessment(
        year=grid.year,
        kind=main.kind,
        fixed=grid.fixed.value,
        base=part.base if part else None,
        variable_before_cap=part.before_cap if part else zero,
        cap=part.cap if part else None,
        capped=part.capped if part else False,
        variable=part.amount if part else zero,
        total=grid.fixed.value + (part.amount if part else zero),
        status=explanation[-1].status,
        explanation=explanation,
    )
