"""Reads what a roll is computed from; loads and saves frozen rolls, the only writer of their tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, func, insert, select, update
from sqlmodel import col

from common.identifiers import new_id
from common.pagination import Order
from common.rights import Grant
from common.transaction import Read, Tx
from membership.electoral_roll.domain import (
    Contest,
    ContestStatus,
    Correction,
    CorrectionKind,
    Reason,
    Remark,
    Roll,
    RollLine,
    RollNotFound,
    RollRule,
)
from membership.electoral_roll.tables import ContestRow, CorrectionRow, RollLineRow, RollRow
from membership.members.domain import Kept, Member, MemberStatus, read
from membership.members.queries import joined_with_member, kept_of, register_on

_REASONS = TypeAdapter(tuple[Reason, ...])
_REMARKS = TypeAdapter(tuple[Remark, ...])
_RULE = TypeAdapter(RollRule)
_LINE: Any = RollLineRow.__table__  # type: ignore[attr-defined]
_CONTEST: Any = ContestRow.__table__  # type: ignore[attr-defined]
ROLL: Any = RollRow.__table__  # type: ignore[attr-defined]
"""For the order of the list of rolls."""
LINES = Order(columns={"name": _LINE.c.name}, default="name", unique=_LINE.c.member_id)
"""The order of the list of a frozen roll's lines."""
_ROLL_OF_A_DAY = 0x726F6C6C
"""Names the lock under which the roll of a day is frozen: the word roll."""


async def members_on(
    source: Read, grant: Grant, day: date, known_at: datetime | None, member_ids: Collection[UUID] | None
) -> list[Member]:
    """Return the structures within reach that are or were members by a day, as they were on it."""
    query, _ = members_query(grant, day, known_at, member_ids)
    return [to_member(row) for row in await source.session.execute(query)]


def members_query(
    grant: Grant,
    day: date,
    known_at: datetime | None,
    member_ids: Collection[UUID] | None = None,
    *,
    delegations: Sequence[str] = (),
    words: str = "",
) -> tuple[Select[Any], Order]:
    """Select the same, to be read with ``to_member``, of some delegations or with words in their name, and tell the
    order of their list.
    """
    then = register_on(day, member_ids, known_at)
    query = select(*kept_of(then)).where(then.c.status != MemberStatus.CANDIDATE.value)
    if delegations:
        query = query.where(then.c.delegation.in_(delegations))
    if words:
        query = query.where(then.c.normalized_name.contains(words, autoescape=True))
    order = Order(columns={"name": then.c.name}, default="name", unique=then.c.id)
    return joined_with_member(query, then.c.id, grant, merged=True), order


def to_member(row: Any) -> Member:
    """Read a structure as it was on the day of its roll."""
    return read(Kept(*row[:-1]))


async def get(source: Read, roll_id: UUID) -> Roll:
    """Load a frozen roll. Raises RollNotFound."""
    row = await source.session.get(RollRow, roll_id, populate_existing=True)
    if row is None:
        raise RollNotFound("Cette liste électorale n'existe pas.")
    return to_domain(row)


async def hold(tx: Tx, roll_id: UUID) -> Roll:
    """Load a frozen roll and hold it until the end of the transaction. Raises RollNotFound."""
    row = await tx.session.get(RollRow, roll_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RollNotFound("Cette liste électorale n'existe pas.")
    return to_domain(row)


def rolls_query(as_of: date | None, sealed: bool | None, *, counting: bool) -> Select[Any]:
    """Select the frozen rolls of a day, those an assembly opened on or not, those that nothing replaced."""
    query = select(RollRow)
    if as_of:
        query = query.where(col(RollRow.as_of) == as_of)
    if sealed is not None:
        query = query.where(col(RollRow.sealed_at).is_not(None) if sealed else col(RollRow.sealed_at).is_(None))
    return query.where(col(RollRow.replaced_at).is_(None)) if counting else query


async def hold_day(tx: Tx, day: date) -> None:
    """Hold a day until the end of the transaction: two who freeze its roll at once take turns."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(_ROLL_OF_A_DAY, day.toordinal())))


async def counting_for(source: Read, day: date) -> Roll | None:
    """Load the roll of a day that nothing replaced, if there is one."""
    query = select(RollRow).where(col(RollRow.as_of) == day, col(RollRow.replaced_at).is_(None))
    row = (await source.session.execute(query)).scalar_one_or_none()
    return to_domain(row) if row else None


async def add(tx: Tx, roll: Roll, lines: Sequence[RollLine]) -> None:
    """Insert a roll with its lines."""
    values = {**asdict(roll), "rule": _RULE.dump_python(roll.rule, mode="json")}
    await tx.session.execute(insert(RollRow).values(**values))
    await add_lines(tx, roll.id, lines)


async def add_lines(tx: Tx, roll_id: UUID, lines: Sequence[RollLine]) -> None:
    """Insert lines of a roll."""
    rows = [
        {
            **asdict(line),
            "roll_id": roll_id,
            "reasons": _REASONS.dump_python(line.reasons, mode="json"),
            "remarks": _REMARKS.dump_python(line.remarks, mode="json"),
        }
        for line in lines
    ]
    if rows:
        await tx.session.execute(insert(RollLineRow), rows)


async def save(tx: Tx, roll: Roll) -> None:
    """Write that a roll was sealed or replaced, and its version."""
    statement = update(RollRow).where(col(RollRow.id) == roll.id)
    await tx.session.execute(
        statement.values(sealed_at=roll.sealed_at, replaced_at=roll.replaced_at, version=roll.version)
    )


async def frozen_lines(
    source: Read, grant: Grant, roll_id: UUID, member_ids: Collection[UUID] | None = None
) -> list[RollLine]:
    """Load the lines of a roll as it was frozen, of the structures within reach today."""
    rows = await source.session.execute(frozen_query(grant, roll_id, member_ids))
    return [to_line(row) for row in rows]


def frozen_query(grant: Grant, roll_id: UUID, member_ids: Collection[UUID] | None = None) -> Select[Any]:
    """Select the same, to be read with ``to_line``."""
    query: Select[Any] = select(RollLineRow).where(col(RollLineRow.roll_id) == roll_id)
    if member_ids is not None:
        query = query.where(col(RollLineRow.member_id).in_(member_ids))
    return joined_with_member(query, _LINE.c.member_id, grant, merged=True)


async def add_contest(tx: Tx, roll_id: UUID, contest: Contest) -> None:
    """Insert a contest."""
    await tx.session.execute(insert(ContestRow).values(**asdict(contest), roll_id=roll_id))


async def answer_contest(tx: Tx, contest: Contest) -> None:
    """Write the answer to a contest."""
    statement = update(ContestRow).where(col(ContestRow.id) == contest.id)
    values = {"status": contest.status.value, "answer": contest.answer}
    await tx.session.execute(
        statement.values(**values, answered_at=contest.answered_at, answered_by=contest.answered_by)
    )


async def contests_of(source: Read, roll_id: UUID) -> list[Contest]:
    """Load the contests of a roll, the oldest first."""
    query = select(ContestRow).where(col(ContestRow.roll_id) == roll_id).order_by(col(ContestRow.id))
    return [to_contest(row) for row in (await source.session.execute(query)).scalars()]


def contests_query(grant: Grant, roll_id: UUID, statuses: Sequence[ContestStatus]) -> tuple[Select[Any], Order]:
    """Select the contests of a roll within reach, and their order."""
    query: Select[Any] = select(ContestRow).where(col(ContestRow.roll_id) == roll_id)
    if statuses:
        query = query.where(col(ContestRow.status).in_([status.value for status in statuses]))
    order = Order(columns={"made_at": _CONTEST.c.made_at}, default="made_at", unique=_CONTEST.c.id)
    return joined_with_member(query, _CONTEST.c.member_id, grant, merged=True), order


async def add_correction(tx: Tx, roll_id: UUID, correction: Correction) -> None:
    """Insert a correction."""
    await tx.session.execute(insert(CorrectionRow).values(**asdict(correction), id=new_id(), roll_id=roll_id))


async def corrections_of(source: Read, roll_id: UUID) -> list[Correction]:
    """Load the corrections of a roll, the oldest first."""
    query = select(CorrectionRow).where(col(CorrectionRow.roll_id) == roll_id).order_by(col(CorrectionRow.id))
    return [
        Correction(
            member_id=row.member_id,
            kind=CorrectionKind(row.kind),
            college=row.college,
            votes=row.votes,
            reason=row.reason,
            decided_on=row.decided_on,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            contest_id=row.contest_id,
        )
        for row in (await source.session.execute(query)).scalars()
    ]


def to_domain(row: RollRow) -> Roll:
    """Turn a row into the roll the rules know."""
    return Roll(
        id=row.id,
        title=row.title,
        as_of=row.as_of,
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by,
        contest_until=row.contest_until,
        sha256=row.sha256,
        rule=_RULE.validate_python(row.rule),
        sealed_at=row.sealed_at,
        replaces=row.replaces,
        replaced_at=row.replaced_at,
        version=row.version,
    )


def to_contest(row: ContestRow) -> Contest:
    """Turn a row into the contest the rules know."""
    return Contest(
        id=row.id,
        member_id=row.member_id,
        reason=row.reason,
        made_at=row.made_at,
        made_by=row.made_by,
        status=ContestStatus(row.status),
        answer=row.answer,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
    )


def to_line(found: Any) -> RollLine:
    """Read a line of a frozen roll."""
    row = found[0]
    return RollLine(
        member_id=row.member_id,
        reference=row.reference,
        name=row.name,
        delegation=row.delegation,
        joined_on=row.joined_on,
        college=row.college,
        votes=row.votes,
        reasons=_REASONS.validate_python(row.reasons),
        remarks=_REMARKS.validate_python(row.remarks),
    )
