"""Loads and saves renewals and their exceptions; the only writer of their tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Read, Tx
from membership.members.domain import DepartureCause, MemberStatus, Topic
from membership.members.queries import joined_with_member, member_of, register_on
from membership.notices import queries as notices
from membership.renewals.domain import (
    Line,
    Renewal,
    RenewalExists,
    RenewalNotFound,
    RenewalState,
    Standing,
    state_of,
)
from membership.renewals.tables import ExceptionRow, RenewalRow


async def get(read: Read, renewal_id: UUID) -> RenewalRow:
    """Load a renewal. Raises RenewalNotFound."""
    row = await read.session.get(RenewalRow, renewal_id)
    if row is None:
        raise RenewalNotFound("Ce renouvellement n'existe pas.")
    return row


async def hold(tx: Tx, renewal_id: UUID) -> RenewalRow:
    """Load a renewal and hold it until the end of the transaction. Raises RenewalNotFound."""
    row = await tx.session.get(RenewalRow, renewal_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RenewalNotFound("Ce renouvellement n'existe pas.")
    return row


async def renewal_of(read: Read, year: int) -> RenewalRow | None:
    """Load the renewal of a year, if it was opened."""
    return (await read.session.execute(select(RenewalRow).where(col(RenewalRow.year) == year))).scalar_one_or_none()


async def add(tx: Tx, renewal: Renewal) -> None:
    """Insert a renewal. Raises RenewalExists."""
    values = {**asdict(renewal), "opened_at": tx.now, "opened_by": tx.actor.subject}
    statement = upsert(RenewalRow).values(**values).on_conflict_do_nothing().returning(col(RenewalRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise RenewalExists(f"Le renouvellement {renewal.year} est déjà ouvert.")


async def add_exceptions(tx: Tx, renewal_id: UUID, member_ids: Sequence[UUID], reason: str) -> None:
    """Record exceptions for structures that have none."""
    rows = [
        {
            "id": new_id(),
            "renewal_id": renewal_id,
            "member_id": member_id,
            "reason": reason,
            "granted_at": tx.now,
            "granted_by": tx.actor.subject,
        }
        for member_id in member_ids
    ]
    await tx.session.execute(insert(ExceptionRow), rows)


async def withdraw_exceptions(tx: Tx, renewal_id: UUID, member_ids: Sequence[UUID], reason: str) -> None:
    """Take back the exceptions of some structures."""
    statement = update(ExceptionRow).where(
        col(ExceptionRow.renewal_id) == renewal_id,
        col(ExceptionRow.member_id).in_(member_ids),
        col(ExceptionRow.withdrawn_at).is_(None),
    )
    values = {"withdrawn_at": tx.now, "withdrawn_by": tx.actor.subject, "withdrawn_reason": reason}
    await tx.session.execute(statement.values(**values))


async def exceptions_of(read: Read, renewal_id: UUID, member_ids: Sequence[UUID]) -> list[ExceptionRow]:
    """Load the exceptions of some structures, those taken back included, the oldest first."""
    query = select(ExceptionRow).where(
        col(ExceptionRow.renewal_id) == renewal_id, col(ExceptionRow.member_id).in_(member_ids)
    )
    return list((await read.session.execute(query.order_by(col(ExceptionRow.id)))).scalars())


def to_domain(row: RenewalRow) -> Renewal:
    """Turn a row into the renewal the rules know."""
    return Renewal(row.id, row.year, row.notice_from, row.notice_until, row.rule_status, row.rule_source)


def lines(
    renewal: Renewal, grant: Grant, today: date, member_ids: Collection[UUID] | None = None
) -> tuple[Select[Any], ColumnElement[str]]:
    """Select the structures that are members on 31 December with what decides of each, and ``state_of`` as a column.

    A row is read with ``to_line``; a test holds the column and the rule together.
    """
    facts = (_facts_of_all(renewal) if member_ids is None else _facts(renewal, member_ids)).c
    query = select(*(facts[field.name] for field in fields(Standing)))
    late = literal(today > renewal.notice_until)
    state: ColumnElement[str] = case(
        (facts.departure == DepartureCause.NOT_RENEWED.value, RenewalState.OPTED_OUT.value),
        (facts.departure.is_not(None), RenewalState.LEAVING.value),
        (facts.renewed, RenewalState.RENEWED.value),
        (facts.excepted, RenewalState.EXCEPTED.value),
        (facts.leaves_on.is_not(None), RenewalState.LEAVING.value),
        (facts.notified_on.is_not(None), RenewalState.NOTIFIED.value),
        (late, RenewalState.UNPROVEN.value),
        (facts.sending, RenewalState.SENDING.value),
        else_=RenewalState.TO_NOTIFY.value,
    )
    return joined_with_member(query, facts.member_id, grant), state


def to_line(row: Any, renewal: Renewal, today: date) -> Line:
    """Read a row of ``lines``."""
    departure, *others = row[: len(fields(Standing))]
    standing = Standing(DepartureCause(departure) if departure else None, *others)
    return Line(member_of(row), standing, state_of(standing, renewal, today))


@lru_cache(maxsize=16)
def _facts_of_all(renewal: Renewal) -> FromClause:
    """Select what decides of each structure; it is kept: lists and counts of one renewal write it again and again."""
    return _facts(renewal, None)


def _facts(renewal: Renewal, member_ids: Collection[UUID] | None) -> FromClause:
    """Select what decides of each structure whose membership goes on or ends on 1 January.

    A departure for a later day is read from the register of the last day, with all that is announced.
    """
    then = register_on(renewal.renews_on, member_ids)
    told = notices.told(renewal.about, renewal.notice_from, renewal.notice_until)
    last = register_on(date.max, member_ids)
    left = then.c.status == MemberStatus.LEFT.value
    sitting = (Topic.STATUS.value, "", "sitting_id")
    same_membership = last.c.held[sitting].astext == then.c.held[sitting].astext
    leaves_later = and_(last.c.status == MemberStatus.LEFT.value, same_membership)
    excepted = exists().where(
        col(ExceptionRow.renewal_id) == renewal.id,
        col(ExceptionRow.member_id) == then.c.id,
        col(ExceptionRow.withdrawn_at).is_(None),
    )
    return (
        select(
            then.c.id.label("member_id"),
            case((left, then.c.held[(Topic.STATUS.value, "", "cause")].astext)).label("departure"),
            case((left, then.c.left_on), (leaves_later, last.c.left_on)).label("leaves_on"),
            func.coalesce(then.c.held[Topic.RENEWAL.value].has_key(str(renewal.year)), False).label("renewed"),
            excepted.label("excepted"),
            told.c.told_on.label("notified_on"),
            func.coalesce(told.c.sending, False).label("sending"),
        )
        .join(last, last.c.id == then.c.id)
        .outerjoin(told, told.c.member_id == then.c.id)
        .where(then.c.joined_on < renewal.renews_on, or_(~left, then.c.left_on == renewal.renews_on))
        .subquery()
    )


async def ids_since(source: Read, day: date) -> list[UUID]:
    """Return those of a day or later, in one order."""
    query = select(col(RenewalRow.id)).where(col(RenewalRow.notice_until) >= day).order_by(col(RenewalRow.id))
    return list((await source.session.execute(query)).scalars())
