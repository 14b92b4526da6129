"""Loads and writes the register of every day; the only writer of the table ``member_period``."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, delete, literal, select, update

from common.db import copy_rows, json_text
from common.transaction import Tx
from membership.members.domain import Member, Period, Subject, Topic, Value, nested, stood
from membership.members.tables import MemberRow, PeriodRow

_PERIOD: Any = PeriodRow.__table__  # type: ignore[attr-defined]
_FOR_GOOD, _STILL = date.max, datetime.max.replace(tzinfo=UTC)
"""How the driver writes PostgreSQL's ``infinity``."""


async def add_periods(tx: Tx, drawn: Sequence[tuple[Member, Mapping[Subject, Value]]], day: date) -> None:
    """Write of new structures what holds from their first day on, for good as far as is known."""
    rows = (_row(member, values, day, None, tx.now) for member, values in drawn)
    await copy_rows(tx.session, "member_period", rows)


async def redraw(tx: Tx, member_id: UUID, drawn: Sequence[Period], known_from: datetime) -> None:
    """Write the periods of a held structure as they are known from an instant on.

    Those that stay the same are left as they are. Those that are known no more say until when they were; what was drawn
    at that very instant is drawn once.
    """
    open_rows = (_PERIOD.c.member_id == member_id, _PERIOD.c.known_until == _STILL)
    rows = await tx.session.execute(select(_PERIOD).where(*open_rows))
    known = {row.first_day: (row.last_day, row.held) for row in rows}
    wanted = {one.first_day: (one.last_day or _FOR_GOOD, nested(one.values)) for one in drawn}
    ended = [day for day, told in known.items() if wanted.get(day) != told]
    if ended:
        of_them = (*open_rows, _PERIOD.c.first_day.in_(ended))
        await tx.session.execute(delete(PeriodRow).where(*of_them, _PERIOD.c.known_from >= known_from))
        await tx.session.execute(update(PeriodRow).where(*of_them).values(known_until=known_from))
    structure = Member(id=member_id, reference="", name="")
    new = [one for one in drawn if known.get(one.first_day) != wanted[one.first_day]]
    await copy_rows(
        tx.session,
        "member_period",
        (_row(stood(structure, one.values, None), one.values, one.first_day, one.last_day, known_from) for one in new),
    )


def register_as_of(day: date, known_at: datetime | None, member_ids: Collection[UUID] | None = None) -> FromClause:
    """Return the register as it was on a day, from what was known at an instant: a table like ``member``.

    Of all structures or of some.
    """
    member, period = MemberRow.__table__.c, _PERIOD.c  # type: ignore[attr-defined]
    conditions: list[ColumnElement[bool]] = [period.first_day <= day, period.last_day >= day]
    if known_at is None:
        conditions.append(period.known_until == _STILL)
    else:
        conditions += [period.known_from <= known_at, period.known_until > known_at]
    if member_ids is not None:
        conditions.append(period.member_id.in_(member_ids))
    of_today = (member.reference, member.version, member.created_at)  # do not depend on a day
    then = (period.name, period.normalized_name, period.status, period.category, period.delegation, period.department)
    return (
        select(
            *(period.member_id.label("id"), *of_today, literal(day).label("as_of")),
            *(*then, period.joined_on, period.left_on, period.held),
        )
        .join(MemberRow, member.id == period.member_id)
        .where(*conditions)
        .subquery()
    )


def _row(
    member: Member, values: Mapping[Subject, Value], first_day: date, last_day: date | None, known_from: datetime
) -> dict[str, object]:
    return {
        "member_id": member.id,
        "first_day": first_day,
        "last_day": last_day or _FOR_GOOD,
        "known_from": known_from,
        "known_until": _STILL,
        "name": member.name,
        "normalized_name": values[Subject(Topic.NAME)]["normalized"],
        "status": member.status.value,
        "category": member.category.value,
        "delegation": member.delegation,
        "department": member.department,
        "joined_on": member.joined_on,
        "left_on": member.departure.left_on if member.departure else None,
        "held": json_text(nested(values)),
    }
