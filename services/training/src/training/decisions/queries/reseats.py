"""Reads of the seats that were carried from one session to another."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, null, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from training.decisions import domain, repository
from training.decisions.domain import Reseat, ReseatNotFound
from training.decisions.schemas import ReseatLine, ReseatListParams, ReseatOut
from training.decisions.tables import ReseatRow
from training.enrolments.domain import Enrolment, WithdrawalReason, withdraw
from training.enrolments.queries.enrolments import enrolment_within, lines_by_id
from training.rights import RIGHTS, Act

_RESEAT: Any = ReseatRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"decline_by": _RESEAT.c.decline_by}, default="-decline_by", unique=_RESEAT.c.enrolment_id)
_SAME = ("replaces", "from_session_id", "decision_id", "decline_by")


async def reseat_within(read: Read, grant: Grant, enrolment_id: UUID) -> Reseat:
    """Return a seat that was carried, within reach. Raises ReseatNotFound."""
    row = (
        await read.session.execute(_reached(grant).where(_RESEAT.c.enrolment_id == enrolment_id))
    ).scalar_one_or_none()
    if row is None:
        raise ReseatNotFound("Cette place n'a pas été reportée d'une autre session, ou n'est pas dans votre périmètre.")
    return repository.to_reseat(row)


async def find_reseat(read: Read, grant: Grant, enrolment_id: UUID) -> ReseatOut:
    """Return a seat that was carried, and whether it can still be refused. Raises ReseatNotFound, EnrolmentNotFound."""
    reseat = await reseat_within(read, grant, enrolment_id)
    seat = await enrolment_within(read, grant, enrolment_id)
    acts = {"decline": partial(_decline, read, reseat, seat)}
    allowed, blockers = tried(acts if grant_for(RIGHTS, Act.ENROL, read.actor) else {})
    lines = await lines_by_id(read, grant, [enrolment_id])
    return ReseatOut(
        **_line_fields(reseat),
        enrolment=lines[enrolment_id],
        version=seat.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_reseats(read: Read, grant: Grant, params: ReseatListParams) -> Page[ReseatLine]:
    """Return one page of the seats that were carried, within reach."""
    query = _reached(grant)
    for column, wanted in (
        (_RESEAT.c.session_id, params.session_id),
        (_RESEAT.c.from_session_id, params.from_session_id),
    ):
        if wanted:
            query = query.where(column.in_(wanted))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    lines = await lines_by_id(read, grant, [row.enrolment_id for row in rows])
    items = [ReseatLine(**_line_fields(repository.to_reseat(row)), enrolment=lines[row.enrolment_id]) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


def _reached(grant: Grant) -> Select[Any]:
    return select(ReseatRow).where(grant.covers(member=_RESEAT.c.member_id, delegation=null()))


def _decline(read: Read, reseat: Reseat, seat: Enrolment) -> None:
    domain.require_declinable(reseat.decline_by, read.today)
    withdraw(seat, WithdrawalReason.DATE_MOVED, read.now)


def _line_fields(reseat: Reseat) -> dict[str, Any]:
    return {name: getattr(reseat, name) for name in _SAME}
