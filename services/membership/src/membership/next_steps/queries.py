"""Reads of what is left to do. A structure reads what its delegation shared with it."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, not_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.members.domain import Member
from membership.members.queries import MEMBER_DELEGATION, MEMBER_ID, structures_of
from membership.next_steps import repository
from membership.next_steps.documents import export_line
from membership.next_steps.domain import (
    NextStep,
    NextStepNotFound,
    NextStepState,
    is_overdue,
    require_open,
    require_settled,
)
from membership.next_steps.schemas import (
    NextStepExportParams,
    NextStepFilters,
    NextStepListParams,
    NextStepOut,
    NextStepReopeningOut,
)
from membership.next_steps.tables import NextStepRow
from membership.rights import RIGHTS, Act

_TABLE: Any = NextStepRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"due_on": _TABLE.c.due_on, "recorded_at": _TABLE.c.recorded_at}, default="due_on", unique=_TABLE.c.id
)
_OF_MEMBER = select(MEMBER_DELEGATION).where(_TABLE.c.member_id == MEMBER_ID).correlate(_TABLE).scalar_subquery()
DELEGATION: ColumnElement[str | None] = case((_TABLE.c.member_id.is_(None), _TABLE.c.delegation), else_=_OF_MEMBER)
"""The delegation that covers the structure today; that of the meeting, for what is about none."""


async def list_next_steps(source: Read, grant: Grant, params: NextStepListParams) -> Page[NextStepOut]:
    """Return one page of what is left to do within reach."""
    rows, cursor, total = await paginate(source, selected(source, grant, params), _ORDER, params)
    return Page(items=await _shown(source, _steps(rows)), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: NextStepExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list."""
    query = selected(source, grant, params).order_by(_TABLE.c.due_on, _TABLE.c.id)
    return map(export_line, await _shown(source, _steps((await source.session.execute(query)).all())))


async def find_next_step(source: Read, grant: Grant, step_id: UUID) -> NextStepOut:
    """Return one thing to do within reach. Raises NextStepNotFound."""
    row = (await source.session.execute(_query(grant).where(_TABLE.c.id == step_id))).one_or_none()
    if row is None:
        raise NextStepNotFound("Cette suite n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(source, _steps([row]))
    return shown


def selected(source: Read, grant: Grant, filters: NextStepFilters) -> Select[Any]:
    """Select what is left to do within reach that passes the filters, for a list or a count."""
    query = _query(grant)
    one_of = ((_TABLE.c.state, filters.state), (_TABLE.c.owner, filters.owner), (DELEGATION, filters.delegation))
    for column, values in one_of:
        if values:
            query = query.where(column.in_([str(value) for value in values]))
    equal = (
        (_TABLE.c.owner_subject, filters.owner_subject),
        (_TABLE.c.member_id, filters.member_id),
        (_TABLE.c.interview_id, filters.interview),
        (_TABLE.c.meeting_id, filters.meeting),
    )
    for column, value in equal:
        if value is not None:
            query = query.where(column == value)
    if filters.overdue is not None:
        query = query.where(_overdue(source.today) if filters.overdue else not_(_overdue(source.today)))
    if filters.due_from:
        query = query.where(_TABLE.c.due_on >= filters.due_from)
    if filters.due_to:
        query = query.where(_TABLE.c.due_on <= filters.due_to)
    return query


def _query(grant: Grant) -> Select[Any]:
    query: Select[Any] = select(NextStepRow).add_columns(DELEGATION.label("covering"))
    query = query.where(grant.covers(member=_TABLE.c.member_id, delegation=DELEGATION))
    return query.where(_TABLE.c.shared) if grant.scope is Scope.OWN else query


def _overdue(today: date) -> ColumnElement[bool]:
    """Return ``is_overdue`` as a condition; a test holds the two together."""
    return and_(_TABLE.c.state == NextStepState.OPEN.value, _TABLE.c.due_on < today)


def _steps(rows: Sequence[Any]) -> list[tuple[NextStep, str | None]]:
    return [(repository.to_domain(row[0]), row[1]) for row in rows]


async def _shown(source: Read, found: Sequence[tuple[NextStep, str | None]]) -> list[NextStepOut]:
    structures = await structures_of(source, {step.member_id for step, _ in found if step.member_id})
    may_run = grant_for(RIGHTS, Act.RUN_NEXT_STEPS, source.actor)
    return [
        _out(
            step,
            structures.get(step.member_id) if step.member_id else None,
            delegation,
            source.today,
            runs=_runs(may_run, delegation),
        )
        for step, delegation in found
    ]


def _runs(grant: Grant | None, delegation: str | None) -> bool:
    return grant is not None and grant.reaches(delegation)


def _out(step: NextStep, member: Member | None, delegation: str | None, today: date, *, runs: bool) -> NextStepOut:
    to_do, settled = partial(require_open, step), partial(require_settled, step)
    attempts = {"amend": to_do, "complete": to_do, "drop": to_do, "reopen": settled}
    actions, blockers = tried(attempts) if runs else ([], {})
    return NextStepOut(
        id=step.id,
        interview_id=step.interview_id,
        meeting_id=step.meeting_id,
        member_id=step.member_id,
        name=member.name if member else None,
        delegation=delegation,
        text=step.text,
        owner=step.owner,
        owner_name=step.owner.label,
        owner_subject=step.owner_subject,
        owner_label=step.owner_label,
        due_on=step.due_on,
        overdue=is_overdue(step, today),
        shared=step.shared,
        state=step.state,
        state_label=step.state.label,
        settled_on=step.settled_on,
        dropped_reason=step.dropped_reason if runs else None,
        reopenings=[NextStepReopeningOut.model_validate(one) for one in step.reopenings] if runs else [],
        recorded_at=step.recorded_at,
        recorded_by=step.recorded_by,
        version=step.version,
        allowed_actions=actions,
        blockers=blockers,
    )
