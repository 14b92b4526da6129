"""Reads of the requests for support: the structure's own, its delegation's, and the network's."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, not_, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped, shipped_rules
from common.transaction import Read
from membership.members.domain import Member
from membership.members.queries import MEMBER_DELEGATION, MEMBER_ID, structures_of
from membership.rights import RIGHTS, Act
from membership.support_requests import repository
from membership.support_requests.documents import export_line
from membership.support_requests.domain import (
    FirstContactRule,
    SupportAction,
    SupportActionState,
    SupportOrigin,
    SupportReason,
    SupportRequest,
    SupportRequestNotFound,
    SupportStatus,
    is_action_late,
    is_late,
    require_asked,
    require_closable,
    require_running,
    require_settled,
    require_takeable,
    require_unplaced,
)
from membership.support_requests.schemas import (
    FirstContactOut,
    SupportActionOut,
    SupportReasonOut,
    SupportReasonsOut,
    SupportReopeningOut,
    SupportRequestExportParams,
    SupportRequestFilters,
    SupportRequestListParams,
    SupportRequestOut,
)
from membership.support_requests.tables import SupportActionRow, SupportRequestRow

_TABLE: Any = SupportRequestRow.__table__  # type: ignore[attr-defined]
_ACTION: Any = SupportActionRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"asked_on": _TABLE.c.asked_on, "due_on": _TABLE.c.due_on}, default="-asked_on", unique=_TABLE.c.id
)
DELEGATION: ColumnElement[str | None] = (
    select(MEMBER_DELEGATION).where(_TABLE.c.member_id == MEMBER_ID).correlate(_TABLE).scalar_subquery()
)
"""The delegation that covers the structure today; none for a structure that the register does not know."""
_RUNNING = (SupportStatus.TAKEN_UP.value, SupportStatus.PLANNED.value)


@cache
def reasons() -> tuple[SupportReason, ...]:
    """Return the reasons that can be named, shipped with the service."""
    return tuple(SupportReason(**one) for one in shipped("membership.support_requests", "reasons.toml")["reasons"])


@cache
def first_contact_rules() -> tuple[FirstContactRule, ...]:
    """Return the dated rules of first contact, shipped with the service."""
    return shipped_rules("membership.support_requests", "first_contact.toml", FirstContactRule)


def list_reasons() -> SupportReasonsOut:
    """Return the reasons, with where the list comes from."""
    data = shipped("membership.support_requests", "reasons.toml")
    items = [SupportReasonOut(code=one.code, label=one.label, since=one.since) for one in reasons()]
    return SupportReasonsOut(items=items, status=data["status"], source=data["source"])


async def list_requests(source: Read, grant: Grant, params: SupportRequestListParams) -> Page[SupportRequestOut]:
    """Return one page of requests within reach. Raises RuleMissing."""
    rows, cursor, total = await paginate(source, selected(source, grant, params), _ORDER, params)
    return Page(items=await _shown(source, rows), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: SupportRequestExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same requests as the list. Raises RuleMissing."""
    query = selected(source, grant, params).order_by(_TABLE.c.asked_on.desc(), _TABLE.c.id)
    return map(export_line, await _shown(source, (await source.session.execute(query)).all()))


async def find_request(source: Read, grant: Grant, request_id: UUID) -> SupportRequestOut:
    """Return one request within reach. Raises SupportRequestNotFound, RuleMissing."""
    row = (await source.session.execute(_query(grant).where(_TABLE.c.id == request_id))).one_or_none()
    if row is None:
        raise SupportRequestNotFound("Cette demande n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(source, [row])
    return shown


def selected(source: Read, grant: Grant, filters: SupportRequestFilters) -> Select[Any]:
    """Select the requests within reach that pass the filters, for a list or a count."""
    query = _query(grant)
    one_of = (
        (_TABLE.c.status, filters.status),
        (_TABLE.c.origin, filters.origin),
        (_TABLE.c.reason, filters.reason),
        (DELEGATION, filters.delegation),
    )
    for column, values in one_of:
        if values:
            query = query.where(column.in_([str(value) for value in values]))
    if filters.late is not None:
        query = query.where(_late(source.today) if filters.late else not_(_late(source.today)))
    if filters.unplaced is not None:
        unplaced = _TABLE.c.member_id.is_(None)
        query = query.where(unplaced if filters.unplaced else not_(unplaced))
    if filters.member_id:
        query = query.where(_TABLE.c.member_id == filters.member_id)
    if filters.file_reference:
        query = query.where(_TABLE.c.file_reference == filters.file_reference)
    return query


def asked() -> FromClause:
    """Return every request, as a table: ``id``, ``member_id``, ``day``, ``reason``."""
    return select(_TABLE.c.id, _TABLE.c.member_id, _TABLE.c.asked_on.label("day"), _TABLE.c.reason).subquery()


def _query(grant: Grant) -> Select[Any]:
    query: Select[Any] = select(SupportRequestRow).add_columns(DELEGATION.label("covering"))
    return query.where(grant.covers(member=_TABLE.c.member_id, delegation=DELEGATION))


def _late(today: date) -> ColumnElement[bool]:
    """Return ``is_late`` as a condition; a test holds the two together."""
    waits = and_(_TABLE.c.status == SupportStatus.ASKED.value, _TABLE.c.due_on < today)
    overdue = exists().where(
        _ACTION.c.request_id == _TABLE.c.id,
        _ACTION.c.state == SupportActionState.TODO.value,
        _ACTION.c.due_on < today,
    )
    return or_(waits, and_(_TABLE.c.status.in_(_RUNNING), overdue))


async def _shown(source: Read, rows: Sequence[Any]) -> list[SupportRequestOut]:
    found = [(repository.to_domain(row[0]), row[1]) for row in rows]
    structures = await structures_of(source, {one.member_id for one, _ in found if one.member_id})
    actions = await repository.actions_of(source, [one.id for one, _ in found])
    may_run = grant_for(RIGHTS, Act.RUN_SUPPORT, source.actor)
    may_place = grant_for(RIGHTS, Act.PLACE_SUPPORT, source.actor) is not None
    return [
        _out(
            one,
            structures.get(one.member_id) if one.member_id else None,
            delegation,
            actions[one.id],
            source.today,
            runs=_runs(may_run, delegation),
            places=may_place,
        )
        for one, delegation in found
    ]


def _runs(grant: Grant | None, delegation: str | None) -> bool:
    return grant is not None and grant.reaches(delegation)


def _out(
    one: SupportRequest,
    member: Member | None,
    delegation: str | None,
    actions: Sequence[SupportAction],
    today: date,
    *,
    runs: bool,
    places: bool,
) -> SupportRequestOut:
    rule = rule_on(first_contact_rules(), one.asked_on)
    running = partial(require_running, one)
    acts = {
        "take_up": partial(require_takeable, one),
        "decline": partial(require_asked, one),
        "add_action": running,
        "close": partial(require_closable, one, actions),
        "reopen": partial(require_settled, one),
    }
    attempts = {**(acts if runs else {}), **({"place": partial(require_unplaced, one)} if places else {})}
    allowed, blockers = tried(attempts)
    labels = {reason.code: reason.label for reason in reasons()}
    return SupportRequestOut(
        id=one.id,
        origin=one.origin,
        origin_label=one.origin.label,
        member_id=one.member_id,
        told_member_id=one.told_member_id,
        name=member.name if member else None,
        delegation=delegation,
        file_reference=one.file_reference,
        reason=one.reason,
        reason_label=labels.get(one.reason, one.reason),
        description=one.description if runs or one.origin is SupportOrigin.MEMBER else None,
        asked_on=one.asked_on,
        first_contact=FirstContactOut(due_on=one.due_on, status=rule.status, source=rule.source),
        status=one.status,
        status_label=one.status.label,
        late=is_late(one, actions, today),
        taken_up_on=one.taken_up_on,
        taken_up_by=one.taken_up_by,
        taken_up_label=one.taken_up_label,
        plan=[_action_out(action, today, runs=runs) for action in actions],
        settled_on=one.settled_on,
        outcome=one.outcome,
        outcome_label=one.outcome.label if one.outcome else None,
        settled_text=one.settled_text,
        reopenings=[SupportReopeningOut.model_validate(kept) for kept in one.reopenings] if runs else [],
        recorded_at=one.recorded_at,
        recorded_by=one.recorded_by,
        version=one.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


def _action_out(action: SupportAction, today: date, *, runs: bool) -> SupportActionOut:
    return SupportActionOut(
        id=action.id,
        text=action.text,
        due_on=action.due_on,
        late=is_action_late(action, today),
        state=action.state,
        state_label=action.state.label,
        settled_on=action.settled_on,
        dropped_reason=action.dropped_reason if runs else None,
    )
