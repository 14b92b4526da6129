"""Loads and writes the register of every day; the only writer of the table ``member_period``."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, func, literal, select, text

from common.db import copy_rows, json_text
from common.transaction import Read, Tx
from membership.members.domain import STRUCTURE, Member, Period, Subject, Topic, Value, nested, stood
from membership.members.tables import EntryRow, MemberRow, PeriodRow

_PERIOD: Any = PeriodRow.__table__  # type: ignore[attr-defined]
_ENTRY: Any = EntryRow.__table__  # type: ignore[attr-defined]
_NEVER = datetime.min.replace(tzinfo=UTC)
_FOR_GOOD, _STILL = date.max, datetime.max.replace(tzinfo=UTC)
"""How the driver writes PostgreSQL's ``infinity``."""
_ENDED = """
unnest(CAST(:members AS uuid[]), CAST(:days AS date[]), CAST(:since AS timestamptz[])) AS ended (member_id, day, since)
WHERE p.member_id = ended.member_id AND p.first_day = ended.day AND p.known_until = 'infinity'
"""
_DROP = text(f"DELETE FROM member_period p USING {_ENDED} AND p.known_from >= ended.since")  # noqa: S608  # words of ours
_END = text(f"UPDATE member_period p SET known_until = ended.since FROM {_ENDED}")  # noqa: S608


class Drawn(NamedTuple):
    """What is known of a structure's days from an instant on."""

    periods: Sequence[Period]
    since: datetime


async def add_periods(tx: Tx, drawn: Sequence[tuple[Member, Mapping[Subject, Value]]], day: date) -> None:
    """Write of new structures what holds from their first day on, for good as far as is known."""
    rows = (_row(member, values, day, None, tx.now) for member, values in drawn)
    await copy_rows(tx.session, "member_period", rows)


async def redraw(tx: Tx, drawn: Mapping[UUID, Drawn]) -> set[UUID]:
    """Write the periods of held structures as they are known from now on; return those of which some changed.

    Those that stay the same are left as they are. Those that are known no more say until when they were; what was drawn
    at that very instant is drawn once.
    """
    known = await _known(tx, drawn)
    wanted = {(id_, one.first_day): one for id_, now in drawn.items() for one in now.periods}
    kept = {
        place
        for place, (last_day, held) in known.items()
        if place in wanted and (wanted[place].last_day or _FOR_GOOD, nested(wanted[place].values)) == (last_day, held)
    }
    ended = [place for place in known if place not in kept]
    if ended:
        members, days = zip(*ended, strict=True)
        of_them = {"members": members, "days": days, "since": [drawn[id_].since for id_ in members]}
        await tx.session.execute(_DROP, of_them)
        await tx.session.execute(_END, of_them)
    await copy_rows(
        tx.session,
        "member_period",
        (
            _row(stood(Member(id_, "", ""), one.values, None), one.values, day, one.last_day, drawn[id_].since)
            for (id_, day), one in wanted.items()
            if (id_, day) not in kept
        ),
    )
    return {id_ for id_, _ in (known.keys() | wanted.keys()) - kept}


async def behind(source: Read, *, after: UUID | None, limit: int) -> list[UUID]:
    """Return the next structures of which something was entered since their days were last drawn.

    It may have changed nothing: what was entered was so already.
    """
    drawn = func.greatest(_PERIOD.c.known_from, func.nullif(_PERIOD.c.known_until, _STILL))
    last = select(func.max(drawn)).where(_PERIOD.c.member_id == _ENTRY.c.member_id).scalar_subquery()
    query = (
        select(_ENTRY.c.member_id)
        .where(_ENTRY.c.topic.in_([topic.value for topic in STRUCTURE]))
        .group_by(_ENTRY.c.member_id)
        .having(func.max(_ENTRY.c.recorded_at) > func.coalesce(last, _NEVER))
        .order_by(_ENTRY.c.member_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_ENTRY.c.member_id > after)
    return list((await source.session.execute(query)).scalars())


async def _known(tx: Tx, member_ids: Collection[UUID]) -> dict[tuple[UUID, date], tuple[date, Mapping[str, Any]]]:
    query = select(_PERIOD).where(_PERIOD.c.member_id.in_(member_ids), _PERIOD.c.known_until == _STILL)
    rows = await tx.session.execute(query)
    return {(row.member_id, row.first_day): (row.last_day, row.held) for row in rows}


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
