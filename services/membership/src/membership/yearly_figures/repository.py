"""Loads and adds the editions of the key figures; the only writer of their table. ``follow`` writes the copies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlmodel import col

from common.transaction import Read, Tx
from membership.yearly_figures.domain import FigurePeriod, FrozenFigure, FrozenValue, NoValue, YearlyEdition
from membership.yearly_figures.tables import EnrolmentCopy, GuaranteeCopy, YearlyEditionRow

_TAKEN = ("confirmed", "completed")
_ONE_YEAR = text("SELECT pg_advisory_xact_lock(hashtextextended('yearly_edition', :year))")


async def hold_year(tx: Tx, year: int) -> None:
    """Hold a year until the end of the transaction: its editions come one after the other."""
    await tx.session.execute(_ONE_YEAR, {"year": year})


async def count_of(source: Read, year: int) -> int:
    """Return how many editions a year has."""
    query = select(func.count()).where(col(YearlyEditionRow.year) == year)
    return int((await source.session.execute(query)).scalar_one())


async def edition_of(source: Read, year: int, number: int | None = None) -> YearlyEdition | None:
    """Return one edition of a year, the last one without a number; None where there is none."""
    query = select(YearlyEditionRow).where(col(YearlyEditionRow.year) == year)
    if number is not None:
        query = query.where(col(YearlyEditionRow.number) == number)
    query = query.order_by(col(YearlyEditionRow.number).desc()).limit(1)
    row = (await source.session.execute(query)).scalar_one_or_none()
    return to_domain(row) if row else None


async def add(tx: Tx, edition: YearlyEdition) -> None:
    """Insert an edition."""
    values = {**asdict(edition), "figures": [_written(one) for one in edition.figures]}
    await tx.session.execute(insert(YearlyEditionRow).values(**values))


async def enrolled_in(source: Read, sessions: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return which structures have a place in each of some sessions, or had one and followed it."""
    one = EnrolmentCopy
    query = select(col(one.session_id), col(one.member_id)).distinct().order_by(col(one.member_id))
    taken = query.where(col(one.status).in_(_TAKEN))
    found: dict[UUID, list[UUID]] = {session_id: [] for session_id in sessions}
    for session_id, member_id in await source.session.execute(taken.where(col(one.session_id).in_(sessions))):
        if member_id is not None:
            found[session_id].append(member_id)
    return found


async def guarantees_until(source: Read, day: date) -> Sequence[GuaranteeCopy]:
    """Return the guarantees that were agreed to last until a day or later, as fg2i last told them."""
    query = select(GuaranteeCopy).where(col(GuaranteeCopy.ends_on) >= day).order_by(col(GuaranteeCopy.id))
    return (await source.session.execute(query)).scalars().all()


def to_domain(row: YearlyEditionRow) -> YearlyEdition:
    """Read a row as the rules know an edition."""
    return YearlyEdition(**{**row.model_dump(), "figures": tuple(_read(one) for one in row.figures)})


def _written(figure: FrozenFigure) -> dict[str, Any]:
    values = {
        place: {
            "value": None if one.value is None else f"{one.value:f}",
            "rows": one.rows,
            "missing": one.missing.value if one.missing else None,
            "previous": None if one.previous is None else f"{one.previous:f}",
            "partial_since": one.partial_since.isoformat() if one.partial_since else None,
        }
        for place, one in figure.values.items()
    }
    return {**asdict(figure), "period": figure.period.value, "values": values}


def _read(data: Mapping[str, Any]) -> FrozenFigure:
    values = {
        place: FrozenValue(
            value=None if one["value"] is None else Decimal(one["value"]),
            rows=one["rows"],
            missing=NoValue(one["missing"]) if one["missing"] else None,
            previous=None if one["previous"] is None else Decimal(one["previous"]),
            partial_since=date.fromisoformat(one["partial_since"]) if one["partial_since"] else None,
        )
        for place, one in data["values"].items()
    }
    return FrozenFigure(**{**data, "period": FigurePeriod(data["period"]), "values": values})
