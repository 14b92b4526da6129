"""Reads of measures. A structure reads those about itself once it was told of them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.measures import repository
from membership.measures.documents import export_line
from membership.measures.domain import (
    HearingRule,
    Measure,
    MeasureKind,
    MeasureNotFound,
    MeasureStatus,
    decidable_from,
    is_threatening,
    require_answerable,
    require_notifiable,
    require_open,
)
from membership.measures.schemas import (
    AnswerOut,
    HearingOut,
    MeasureExportParams,
    MeasureFilters,
    MeasureListParams,
    MeasureOut,
    NotificationOut,
)
from membership.measures.tables import MeasureRow
from membership.members.domain import Member
from membership.members.queries import (
    MEMBER_NAME,
    allowed_on,
    in_delegations,
    joined_with_member,
    member_of,
    still_belongs,
)
from membership.rights import Act

_MEASURE: Any = MeasureRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"opened_on": _MEASURE.c.opened_on, "name": MEMBER_NAME}, default="-opened_on", unique=_MEASURE.c.id
)


@cache
def hearing_rules() -> tuple[HearingRule, ...]:
    """Return the dated rules of hearing shipped with the service."""
    return shipped_rules("membership.measures", "hearing.toml", HearingRule)


async def find_measure(source: Read, grant: Grant, measure_id: UUID) -> MeasureOut:
    """Return one measure within reach. Raises MeasureNotFound, RuleMissing."""
    [shown] = await _shown(source, [await reached(source, grant, measure_id)])
    return shown


async def list_measures(source: Read, grant: Grant, params: MeasureListParams) -> Page[MeasureOut]:
    """Return one page of measures within reach. Raises RuleMissing."""
    rows, cursor, total = await paginate(source, selected(source, grant, params), _ORDER, params)
    items = await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: MeasureExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same measures as the list. Raises RuleMissing."""
    query = selected(source, grant, params).order_by(_MEASURE.c.opened_on.desc(), _MEASURE.c.id)
    rows = await source.session.execute(query)
    return map(export_line, await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows]))


def selected(source: Read, grant: Grant, params: MeasureFilters) -> Select[Any]:
    """Select the measures within reach that pass the filters, for a list or a count."""
    query = _query(source, grant)
    if params.status:
        query = query.where(_MEASURE.c.status.in_([status.value for status in params.status]))
    if params.kind:
        query = query.where(_MEASURE.c.kind.in_([kind.value for kind in params.kind]))
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    if params.member_id:
        query = query.where(_MEASURE.c.member_id == params.member_id)
    if params.decidable_on:
        query = query.where(_decidable_on(params.decidable_on))
    return query


async def reached(source: Read, grant: Grant, measure_id: UUID) -> tuple[Measure, Member]:
    """Return a measure within reach and the structure it is about. Raises MeasureNotFound."""
    row = (await source.session.execute(_query(source, grant).where(_MEASURE.c.id == measure_id))).one_or_none()
    if row is None:
        raise MeasureNotFound("Cette procédure n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(row[0]), member_of(row)


async def among(source: Read, ids: Sequence[UUID]) -> list[tuple[Measure, Member]]:
    """Return those of these that are measures, each with its structure, whoever asks: the board decides on all."""
    everybody = Grant(source.actor, Scope.ALL)
    query = joined_with_member(select(MeasureRow), _MEASURE.c.member_id, everybody).where(_MEASURE.c.id.in_(ids))
    return [(repository.to_domain(row[0]), member_of(row)) for row in await source.session.execute(query)]


async def is_open_about(source: Read, member_id: UUID) -> bool:
    """Tell whether a measure about a structure is still to be decided, whoever asks."""
    query = select(_MEASURE.c.id).where(
        _MEASURE.c.member_id == member_id, _MEASURE.c.status == MeasureStatus.OPEN.value
    )
    return (await source.session.execute(query)).first() is not None


def _decidable_on(day: date) -> ColumnElement[bool]:
    """Return what a sitting of a day may pronounce, as a condition; a test holds it and ``decidable_from`` together."""
    since = case(
        (_MEASURE.c.kind == MeasureKind.REINSTATEMENT.value, _MEASURE.c.opened_on),
        else_=_MEASURE.c.notified_on + _MEASURE.c.hearing_days,
    )
    return and_(_MEASURE.c.status == MeasureStatus.OPEN.value, still_belongs(), since <= day)


def _query(source: Read, grant: Grant) -> Select[Any]:
    """Select the measures within reach.

    What is being prepared about one's own structure is not known before the letter tells it, whatever else one may
    read.
    """
    query = joined_with_member(select(MeasureRow), _MEASURE.c.member_id, grant)
    if source.actor.member_id is None:
        return query
    told = or_(_MEASURE.c.notified_on.is_not(None), _MEASURE.c.kind == MeasureKind.REINSTATEMENT.value)
    return query.where(or_(_MEASURE.c.member_id != source.actor.member_id, told))


async def _shown(source: Read, found: Sequence[tuple[Measure, Member]]) -> list[MeasureOut]:
    structures = [member.id for _, member in found]
    may_run = await allowed_on(source, Act.RUN_MEASURES, structures)
    may_answer = await allowed_on(source, Act.ANSWER_MEASURES, structures)
    may_run.discard(source.actor.member_id)  # OwnMeasure
    return [
        _out(measure, member, runs=member.id in may_run, answers=member.id in may_answer) for measure, member in found
    ]


def _out(measure: Measure, member: Member, *, runs: bool, answers: bool) -> MeasureOut:
    run = {"notify": partial(require_notifiable, measure), "abandon": partial(require_open, measure)} if runs else {}
    actions, blockers = tried({**run, **({"answer": partial(require_answerable, measure)} if answers else {})})
    return MeasureOut(
        id=measure.id,
        member_id=measure.member_id,
        name=member.name,
        delegation=member.delegation,
        kind=measure.kind,
        kind_label=measure.kind.label,
        grounds=measure.grounds,
        opened_on=measure.opened_on,
        entered_on=measure.entered_on,
        status=measure.status,
        status_label=measure.status.label,
        notifications=[NotificationOut(**asdict(one), means_label=one.means.label) for one in measure.notifications],
        answers=[AnswerOut(**asdict(one), form_label=one.form.label) for one in measure.answers],
        hearing=_hearing(measure),
        sitting_id=measure.sitting_id,
        decided_on=measure.decided_on,
        effective_on=measure.effective_on,
        version=measure.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _hearing(measure: Measure) -> HearingOut | None:
    if not is_threatening(measure.kind):
        return None
    rule = rule_on(hearing_rules(), measure.opened_on)
    return HearingOut(
        days=measure.hearing_days, decidable_from=decidable_from(measure), status=rule.status, source=rule.source
    )
