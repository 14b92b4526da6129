"""Reads of the reminders that were made, and of the runs that made them."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from common.blockers import tried
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.invoices.queries import CALLS
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member
from dues.reminders import repository
from dues.reminders.domain import Means, Reminded, ReminderNotFound, require_unsent
from dues.reminders.schemas import (
    RemindedCallOut,
    ReminderFilters,
    ReminderListParams,
    ReminderOut,
    ReminderRunOut,
    ReminderSkippedOut,
)
from dues.reminders.tables import ReminderCallRow, ReminderRow, RunRow
from dues.rights import RIGHTS, Act

_REMINDER: Any = ReminderRow.__table__  # type: ignore[attr-defined]
_CALL: Any = ReminderCallRow.__table__  # type: ignore[attr-defined]
_RUN: Any = RunRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"reminded_on": _REMINDER.c.reminded_on, "owed": _REMINDER.c.owed, "name": MEMBER_NAME},
    default="-reminded_on",
    unique=_REMINDER.c.id,
)
_RUNS = Order(columns={"sent_at": _RUN.c.sent_at}, default="-sent_at", unique=_RUN.c.id)
_OWED_NOW: Any = CALLS.total - CALLS.paid - CALLS.credited

REMINDER_HEADER = (
    "adherent", "delegation", "rang", "relance_du", "appels", "du_ce_jour_la", "reste_du", "moyen",
    "partie_le", "numero_d_envoi",
)  # fmt: skip


async def reminded_of(read: Read, invoice_ids: Collection[UUID]) -> dict[UUID, list[Reminded]]:
    """Return at which levels each of these calls was reminded, and when, in their order."""
    query = select(_CALL.c.invoice_id, _CALL.c.level, _CALL.c.level_label, _CALL.c.reminded_on)
    found: dict[UUID, list[Reminded]] = {}
    for invoice_id, *told in await read.session.execute(
        query.where(_CALL.c.invoice_id.in_(invoice_ids)).order_by(_CALL.c.level)
    ):
        found.setdefault(invoice_id, []).append(Reminded(*told))
    return found


async def find_reminder(read: Read, grant: Grant, reminder_id: UUID) -> ReminderOut:
    """Return one reminder within reach. Raises ReminderNotFound."""
    rows = (await read.session.execute(_query(grant).where(_REMINDER.c.id == reminder_id))).all()
    if not rows:
        raise ReminderNotFound("Cette relance n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(read, rows)
    return shown


async def list_reminders(read: Read, grant: Grant, params: ReminderListParams) -> Page[ReminderOut]:
    """Return one page of reminders within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_reminders(read: Read, grant: Grant, filters: ReminderFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same reminders as the list with the same filters."""
    query = _filtered(grant, filters).order_by(_REMINDER.c.reminded_on, _REMINDER.c.id)
    reminders = await _shown(read, (await read.session.execute(query)).all())
    return (
        (
            one.member_name,
            delegation_name(one.delegation),
            one.level_label,
            one.reminded_on,
            " ; ".join(call.number for call in one.calls),
            one.owed,
            one.owed_now,
            one.means_label,
            one.dispatched_on,
            one.dispatch_reference,
        )
        for one in reminders
    )


async def list_runs(read: Read, params: PageParams) -> Page[ReminderRunOut]:
    """Return one page of runs, the last first."""
    rows, cursor, total = await paginate(read, select(RunRow), _RUNS, params)
    left = await _unprinted(read, [row.id for row in rows])
    return Page(items=[_run_out(row, left.get(row.id, 0)) for row in rows], next_cursor=cursor, total=total)


async def find_run(read: Read, run_id: UUID) -> ReminderRunOut:
    """Return one run. Raises ReminderRunNotFound."""
    row = await repository.run_of(read, run_id)
    return _run_out(row, (await _unprinted(read, [run_id])).get(run_id, 0))


async def count_letters(read: Read, grant: Grant) -> tuple[int, int]:
    """Return how many letters within reach are not printed, and how many printed ones did not leave."""
    letters = _query(grant).subquery("letters")
    printed = letters.c.pdf_sha256.is_not(None)
    waiting = and_(printed, letters.c.means.is_(None))
    query = select(func.count().filter(~printed), func.count().filter(waiting)).select_from(letters)
    unprinted, undispatched = (await read.session.execute(query)).one()
    return unprinted, undispatched


def _query(grant: Grant) -> Select[Any]:
    query = joined_with_member(select(ReminderRow), _REMINDER.c.member_id, grant)
    return query.execution_options(populate_existing=True)  # what this transaction has just written


def _filtered(grant: Grant, filters: ReminderFilters) -> Select[Any]:
    query = _query(grant)
    for column, values in (
        (_REMINDER.c.run_id, filters.run_id),
        (_REMINDER.c.level, filters.level),
        (MEMBER_ID, filters.member_id),
        (MEMBER_DELEGATION, filters.delegation),
    ):
        if values:
            query = query.where(column.in_(values))
    return query.where(*_conditions(filters))


def _conditions(filters: ReminderFilters) -> Iterator[ColumnElement[bool]]:
    own_calls = select(_CALL.c.invoice_id).where(_CALL.c.reminder_id == _REMINDER.c.id)
    if filters.invoice_id:
        yield exists(own_calls.where(_CALL.c.invoice_id.in_(filters.invoice_id)))
    if filters.reminded_from:
        yield _REMINDER.c.reminded_on >= filters.reminded_from
    if filters.reminded_to:
        yield _REMINDER.c.reminded_on <= filters.reminded_to
    if filters.dispatched is not None:
        yield _REMINDER.c.means.is_not(None) if filters.dispatched else _REMINDER.c.means.is_(None)
    if filters.settled is not None:
        owed = exists(own_calls.where(CALLS.id == _CALL.c.invoice_id, _OWED_NOW > 0))
        yield ~owed if filters.settled else owed
    if filters.q:
        yield MEMBER_NAME.icontains(filters.q, autoescape=True)


async def _shown(read: Read, rows: Sequence[Any]) -> list[ReminderOut]:
    query = select(ReminderCallRow, CALLS.number, _OWED_NOW.label("owed_now")).join(
        CALLS.id.table, CALLS.id == _CALL.c.invoice_id
    )
    query = query.where(_CALL.c.reminder_id.in_([row[0].id for row in rows])).order_by(_CALL.c.due_on, CALLS.number)
    calls: dict[UUID, list[Any]] = {}
    for one in await read.session.execute(query):
        calls.setdefault(one[0].reminder_id, []).append(one)
    sends = grant_for(RIGHTS, Act.SEND_REMINDERS, read.actor) is not None
    return [_out(row, calls[row[0].id], sends=sends) for row in rows]


def _out(found: Any, calls: Sequence[Any], *, sends: bool) -> ReminderOut:
    row, member_id, name, delegation = found
    printed = row.pdf_sha256 is not None
    attempts = {"note_sent": partial(require_unsent, row.dispatched_on, printed=printed)} if sends else {}
    actions, blockers = tried(attempts)
    return ReminderOut(
        id=row.id,
        run_id=row.run_id,
        member_id=member_id,
        member_name=name,
        delegation=delegation,
        level=row.level,
        level_label=row.level_label,
        reminded_on=row.reminded_on,
        owed=row.owed,
        owed_now=sum(one.owed_now for one in calls),
        calls=[_call_out(one[0], one.number) for one in calls],
        registered=row.registered,
        means=row.means,
        means_label=Means(row.means).label if row.means else None,
        dispatched_on=row.dispatched_on,
        dispatch_reference=row.dispatch_reference,
        pdf_ready=printed,
        version=row.version,
        allowed_actions=[*actions, *(["download"] if printed else [])],
        blockers=blockers,
    )


def _call_out(row: ReminderCallRow, number: str) -> RemindedCallOut:
    return RemindedCallOut(
        invoice_id=row.invoice_id,
        number=number,
        level=row.level,
        level_label=row.level_label,
        due_on=row.due_on,
        owed=row.owed,
    )


async def _unprinted(read: Read, run_ids: Collection[UUID]) -> dict[UUID, int]:
    query = select(_REMINDER.c.run_id, func.count()).where(
        _REMINDER.c.run_id.in_(run_ids), _REMINDER.c.pdf_sha256.is_(None)
    )
    return {row[0]: row[1] for row in await read.session.execute(query.group_by(_REMINDER.c.run_id))}


def _run_out(row: RunRow, not_printed: int) -> ReminderRunOut:
    printed = row.pdf_sha256 is not None
    actions, blockers = tried({"note_sent": partial(require_unsent, None, printed=printed)})
    return ReminderRunOut(
        id=row.id,
        reminded_on=row.reminded_on,
        count=row.count,
        owed=row.owed,
        skipped=[ReminderSkippedOut(**one) for one in row.skipped],
        not_printed=not_printed,
        pdf_ready=printed,
        sent_at=row.sent_at,
        sent_by=row.sent_by,
        allowed_actions=[*(["download"] if printed else []), *actions],
        blockers=blockers,
    )
