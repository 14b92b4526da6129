"""Loads and saves where members stand; the only writer of its table."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.standings.domain import Standing, StandingCode
from dues.standings.tables import StandingRow

STANDING: Any = StandingRow.__table__  # type: ignore[attr-defined]
MemberYear = tuple[UUID, int]


async def hold(tx: Tx, member_ids: Collection[UUID], wanted: Collection[MemberYear]) -> Sequence[StandingRow]:
    """Load where members stand with each year, and hold it, each time in the same order; the years wanted are there."""
    blank = {"code": None, "owed": 0, "due_on": None, "until": None, "since": None}
    rows = [{"id": new_id(), "member_id": member_id, "year": year, **blank} for member_id, year in sorted(wanted)]
    if rows:
        await tx.session.execute(insert(StandingRow).on_conflict_do_nothing(), rows)
    query = select(StandingRow).where(col(StandingRow.member_id).in_(member_ids))
    query = query.order_by(col(StandingRow.member_id), col(StandingRow.year)).with_for_update()
    return (await tx.session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def changing(read: Read, before: date, after: UUID | None, limit: int) -> list[UUID]:
    """Return the members who no longer stand as was told, because a day has passed; by id."""
    query = select(STANDING.c.member_id).where(STANDING.c.until < before).distinct()
    if after is not None:
        query = query.where(STANDING.c.member_id > after)
    return list((await read.session.execute(query.order_by(STANDING.c.member_id).limit(limit))).scalars())


def to_domain(row: StandingRow) -> Standing:
    """Read a row as the rules know where a member stands."""
    return Standing(StandingCode(row.code or StandingCode.UP_TO_DATE), row.owed, row.due_on, row.until)


def save(row: StandingRow, standing: Standing, today: date) -> None:
    """Keep on a held row where the member stands now."""
    if row.code != standing.code.value:
        row.since = today
    row.code, row.owed = standing.code.value, standing.owed
    row.due_on, row.until = standing.due_on, standing.until
