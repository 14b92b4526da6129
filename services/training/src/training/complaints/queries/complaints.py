"""Reads of complaints: a report of violence exists for the training team alone, and so does who complained."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select, true

from common.blockers import tried
from common.dated import rule_on
from common.mail import posted
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from training.complaints import repository
from training.complaints.documents import export_line
from training.complaints.domain import complaint as domain
from training.complaints.domain.complaint import (
    Complaint,
    ComplaintEntry,
    ComplaintKind,
    ComplaintStatus,
    Deadlines,
    TextRole,
)
from training.complaints.domain.refusals import ComplaintLinkNotFound, ComplaintNotFound
from training.complaints.schemas import (
    ComplainantOut,
    ComplaintEntryOut,
    ComplaintExportParams,
    ComplaintFilters,
    ComplaintLine,
    ComplaintListParams,
    ComplaintOut,
    ComplaintTextOut,
    DeadlinesOut,
    FollowedOut,
)
from training.complaints.tables import ComplainantRow, ComplaintRow, ComplaintTextRow
from training.improvements.domain.actions import Cause, CauseKind
from training.improvements.queries.actions import actions_of
from training.rights import RIGHTS, Act

COMPLAINT: Any = ComplaintRow.__table__  # type: ignore[attr-defined]
RESTRICTED = [kind.value for kind in ComplaintKind if kind.is_restricted]
_ORDER = Order(
    columns={name: COMPLAINT.c[name] for name in ("received_on", "due_on", "reference")},
    default="-received_on",
    unique=COMPLAINT.c.id,
)
_WAITING = [status.value for status in ComplaintStatus if status.is_waiting]
_OWN_TEXTS = (TextRole.STATEMENT, TextRole.ANSWER, TextRole.DISSATISFACTION)
"""What its own complainant, or its structure, reads."""
_OUR_TEXTS = (TextRole.CAUSE, TextRole.NO_ACTION)
"""What the house reads: what we found and did, not what a person wrote, nor what we wrote to them."""


@cache
def deadlines() -> tuple[Deadlines, ...]:
    """Return the dated rules of the deadlines, read once per process."""
    return shipped_rules("training.complaints", "deadlines.toml", Deadlines)


def show_deadlines(today: date) -> DeadlinesOut:
    """Return the deadlines of what comes today. Raises RuleMissing."""
    return _deadlines_out(rule_on(deadlines(), today))


def digest(key: str) -> bytes:
    """Return what is kept of a link's key: enough to recognise it and not to say it."""
    return hashlib.sha256(key.encode()).digest()


async def list_complaints(read: Read, grant: Grant, params: ComplaintListParams) -> Page[ComplaintLine]:
    """Return one page of the complaints within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, grant, params), _ORDER, params)
    return Page(items=_lines(read, rows), next_cursor=cursor, total=total)


async def export_complaints(read: Read, grant: Grant, params: ComplaintExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same complaints as the list."""
    query = _filtered(read, grant, params).order_by(COMPLAINT.c.received_on.desc(), COMPLAINT.c.id)
    return map(export_line, _lines(read, (await read.session.execute(query)).scalars().all()))


async def reached(read: Read, grant: Grant, reference: str) -> Complaint:
    """Return a complaint within reach. Raises ComplaintNotFound."""
    query = select(ComplaintRow).where(COMPLAINT.c.reference == reference, visible(read, grant))
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise ComplaintNotFound("Aucune réclamation n'a cette référence, ou elle n'est pas dans votre périmètre.")
    return repository.complaint_of(row)


async def find_complaint(read: Read, grant: Grant, reference: str) -> ComplaintOut:
    """Return a complaint within reach, with what who reads may see of it. Raises ComplaintNotFound, RuleMissing."""
    complaint = await reached(read, grant, reference)
    handles, is_own = _handles(read), grant.scope is Scope.OWN
    actions = await actions_about(read, complaint)
    who = await repository.complainant(read, complaint.id) if handles else None
    roles = (*_OWN_TEXTS, *_OUR_TEXTS) if handles else _OWN_TEXTS if is_own else _OUR_TEXTS
    allowed, blockers = tried(_attempts(read, complaint, has_actions=bool(actions)))
    return ComplaintOut(
        **_line(complaint, read.today).model_dump(),
        deadlines=_deadlines_out(rule_on(deadlines(), complaint.received_on)),
        complainant=await _complainant_out(read, who) if who else None,
        erased_on=complaint.erased_on,
        texts=_texts_out(await repository.texts_of(read, complaint.id), roles),
        history=[_entry_out(one) for one in await repository.entries_of(read, complaint.id)],
        actions=[] if is_own else actions,
        version=complaint.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def opened_by(read: Read, key: str) -> Complaint:
    """Return the complaint that a link opens. Raises ComplaintLinkNotFound."""
    row = await repository.by_key(read, digest(key))
    if row is None:
        raise ComplaintLinkNotFound("Ce lien n'ouvre rien, ou plus rien.")
    return repository.complaint_of(row)


async def follow(read: Read, key: str) -> FollowedOut:
    """Return what whoever has the link reads. Raises ComplaintLinkNotFound."""
    complaint = await opened_by(read, key)
    allowed, blockers = tried({"reopen": partial(domain.require_reopenable, complaint)})
    line = _line(complaint, read.today).model_dump()
    return FollowedOut(
        **{name: line[name] for name in FollowedOut.model_fields if name in line},
        texts=_texts_out(await repository.texts_of(read, complaint.id), _OWN_TEXTS),
        version=complaint.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


def cause_of(complaint: Complaint) -> Cause:
    """Return a complaint as what an improvement action comes from."""
    kind = CauseKind.REPORT if complaint.kind.is_restricted else CauseKind.COMPLAINT
    return Cause(kind=kind, reference=complaint.reference)


async def actions_about(read: Read, complaint: Complaint) -> list[str]:
    """Return the references of the improvement actions that come of a complaint."""
    return await actions_of(read, cause_of(complaint))


def visible(read: Read, grant: Grant) -> ColumnElement[bool]:
    """Return the condition under which a complaint exists for who reads."""
    known = true() if _handles(read) else COMPLAINT.c.kind.not_in(RESTRICTED)
    return and_(grant.covers(member=COMPLAINT.c.member_id, delegation=None), known)


def overdue(today: date) -> ColumnElement[bool]:
    """Return ``is_overdue`` as a condition; a test holds the two together."""
    return and_(COMPLAINT.c.status.in_(_WAITING), COMPLAINT.c.due_on < today)


def _handles(read: Read) -> bool:
    return grant_for(RIGHTS, Act.HANDLE_COMPLAINTS, read.actor) is not None


def _filtered(read: Read, grant: Grant, filters: ComplaintFilters) -> Select[Any]:
    query = select(ComplaintRow).where(visible(read, grant))
    for name in ("status", "kind", "channel"):
        if wanted := getattr(filters, name):
            query = query.where(COMPLAINT.c[name].in_(wanted))
    for name in ("programme", "session", "member_id"):
        if wanted := getattr(filters, name):
            query = query.where(COMPLAINT.c[name] == wanted)
    if filters.overdue is not None:
        query = query.where(overdue(read.today) if filters.overdue else not_(overdue(read.today)))
    return query.where(*_between(filters))


def _between(filters: ComplaintFilters) -> Iterator[ColumnElement[bool]]:
    if filters.received_from:
        yield COMPLAINT.c.received_on >= filters.received_from
    if filters.received_to:
        yield COMPLAINT.c.received_on <= filters.received_to
    if filters.q:
        columns = (COMPLAINT.c.reference, COMPLAINT.c.session, COMPLAINT.c.programme)
        yield or_(*(column.icontains(filters.q, autoescape=True) for column in columns))


def _attempts(read: Read, complaint: Complaint, *, has_actions: bool) -> dict[str, Callable[[], object]]:
    reopening: dict[str, Callable[[], object]] = {"reopen": partial(domain.require_reopenable, complaint)}
    unclosed = partial(domain.require_unclosed, complaint)
    if _handles(read):
        return {
            "acknowledge": partial(domain.require_unacknowledged, complaint),
            "answer": partial(domain.require_waiting, complaint),
            "plan_action": unclosed,
            "link_action": unclosed,
            "close": partial(domain.require_closable, complaint, has_actions=has_actions, has_reason=not has_actions),
            **reopening,
            "erase": partial(domain.require_erasable, complaint),
        }
    return reopening if grant_for(RIGHTS, Act.REOPEN_COMPLAINTS, read.actor) else {}


def _lines(read: Read, rows: Sequence[ComplaintRow]) -> list[ComplaintLine]:
    return [_line(repository.complaint_of(row), read.today) for row in rows]


def _line(complaint: Complaint, today: date) -> ComplaintLine:
    held = {name: getattr(complaint, name) for name in ComplaintLine.model_fields if hasattr(complaint, name)}
    return ComplaintLine(
        **held,
        kind_label=complaint.kind.label,
        channel_label=complaint.channel.label,
        status_label=complaint.status.label,
        overdue=domain.is_overdue(complaint, today),
    )


async def _complainant_out(read: Read, who: ComplainantRow) -> ComplainantOut:
    sent = await posted(read, who.mail_ids)
    mails = [sent[mail_id].status.label for mail_id in who.mail_ids if mail_id in sent]
    return ComplainantOut(name=who.name, email=who.email, mails=mails)


def _texts_out(rows: Sequence[ComplaintTextRow], roles: Sequence[TextRole]) -> list[ComplaintTextOut]:
    shown = [(row, TextRole(row.role)) for row in rows if row.role in roles]
    return [ComplaintTextOut(number=row.number, role=role, role_label=role.label, text=row.text) for row, role in shown]


def _entry_out(entry: ComplaintEntry) -> ComplaintEntryOut:
    return ComplaintEntryOut(
        number=entry.number, step=entry.step, step_label=entry.step.label, at=entry.at, by=entry.by
    )


def _deadlines_out(rule: Deadlines) -> DeadlinesOut:
    return DeadlinesOut(
        acknowledge_days=rule.acknowledge_days, answer_days=rule.answer_days, status=rule.status, source=rule.source
    )
