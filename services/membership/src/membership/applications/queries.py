"""Reads of applications, with what each still lacks."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, not_, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from common.blockers import blockers_out
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped
from common.transaction import Read
from membership.applications import repository
from membership.applications.documents import export_line
from membership.applications.domain import (
    Application,
    ApplicationNotFound,
    ApplicationStatus,
    Document,
    Item,
    Line,
    Opinion,
    OpinionsHidden,
    Reservation,
    checklist,
    possible_actions,
)
from membership.applications.schemas import (
    ApplicationExportParams,
    ApplicationFilters,
    ApplicationListParams,
    ApplicationOut,
    ChecklistLine,
    DocumentOut,
    OpinionOut,
    ReservationOut,
)
from membership.applications.tables import ApplicationRow, DocumentRow, OpinionRow
from membership.members.domain import ActivityKind, Member, Topic, belongs, missing_for_admission
from membership.members.queries import (
    MEMBER_NAME,
    allowed_on,
    has_complete_file,
    in_delegations,
    joined_with_member,
    member_of,
    upcoming,
)
from membership.rights import RIGHTS, Act

_APPLICATION: Any = ApplicationRow.__table__  # type: ignore[attr-defined]
_OPINION: Any = OpinionRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"received_on": _APPLICATION.c.received_on, "name": MEMBER_NAME},
    default="received_on",
    unique=_APPLICATION.c.id,
)
_ACTIONS = {
    "send_document": Act.SEND_DOCUMENTS,
    "check_document": Act.CHECK_DOCUMENTS,
    "give_opinion": Act.GIVE_OPINIONS,
    "withdraw": Act.RECEIVE_APPLICATIONS,
    "apply_again": Act.RECEIVE_APPLICATIONS,
    "lift_reservation": Act.LIFT_RESERVATIONS,
}

_OPINION_READERS = (Act.READ_SITTINGS, Act.GIVE_OPINIONS)
"""Those who decide and those who advise read opinions; the structure that they are about does not."""


@cache
def checklist_items() -> tuple[Item, ...]:
    """Return the documents asked for, shipped with the service."""
    return tuple(
        Item(**{**item, "kinds": frozenset(ActivityKind(kind) for kind in item.get("kinds", ()))})
        for item in shipped("membership.applications", "checklist.toml")["items"]
    )


async def find_application(source: Read, grant: Grant, application_id: UUID) -> ApplicationOut:
    """Return one application within reach. Raises ApplicationNotFound."""
    [shown] = await _shown(source, [await reached(source, grant, application_id)])
    return shown


async def list_applications(source: Read, grant: Grant, params: ApplicationListParams) -> Page[ApplicationOut]:
    """Return one page of applications within reach. Raises OpinionsHidden."""
    _require_opinions_readable(source, params)
    rows, cursor, total = await paginate(source, selected(source, grant, params), _ORDER, params)
    items = await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: ApplicationExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same applications as the list. Raises OpinionsHidden."""
    _require_opinions_readable(source, params)
    ordered = (_APPLICATION.c.received_on, MEMBER_NAME, _APPLICATION.c.id)
    rows = await source.session.execute(selected(source, grant, params).order_by(*ordered))
    return map(export_line, await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows]))


def selected(source: Read, grant: Grant, params: ApplicationFilters) -> Select[Any]:
    """Select the applications within reach that pass the filters, for a list or a count."""
    query = _query(grant)
    if params.status:
        query = query.where(_APPLICATION.c.status.in_([status.value for status in params.status]))
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    if params.opinion:
        query = query.where(_last_advice_in([advice.value for advice in params.opinion]))
    for wanted, condition in (
        (params.ready, has_complete_file()),
        (params.dated, _APPLICATION.c.member_since.is_not(None)),
        (params.without_opinion, _APPLICATION.c.id.not_in(select(_OPINION.c.application_id))),
        (params.reservations_stand, _has_reservation()),
        (params.reservations_overdue, _has_reservation(due_before=source.today)),
    ):
        if wanted is not None:
            query = query.where(condition if wanted else not_(condition))
    return query


async def checklist_of(source: Read, application: Application, structure: Member) -> list[Line]:
    """Return where the file of an application stands with each document asked of it."""
    documents = await repository.documents_of(source, [application.id])
    return _checklist(application, structure, documents[application.id])


async def among(source: Read, ids: Sequence[UUID]) -> list[tuple[Application, Member]]:
    """Return those of these that are applications, each with its structure, whoever asks: the board decides on all."""
    query = _query(Grant(source.actor, Scope.ALL)).where(_APPLICATION.c.id.in_(ids))
    return [(repository.to_domain(row[0]), member_of(row)) for row in await source.session.execute(query)]


async def outstanding(source: Read, found: Sequence[tuple[Application, Member]]) -> dict[UUID, list[str]]:
    """Return what is still expected of each file, as a person reads it."""
    documents = await repository.documents_of(source, [application.id for application, _ in found])
    return {
        application.id: [
            line.item.label
            for line in _checklist(application, structure, documents[application.id])
            if not line.is_settled
        ]
        for application, structure in found
    }


async def waiting(source: Read) -> dict[UUID, date | None]:
    """Return each structure whose application is open, and since when it is said to be a member."""
    return await repository.waiting(source)


async def withdrawn_among(source: Read, ids: Collection[UUID]) -> set[UUID]:
    """Return those of these that are applications that their structure took back."""
    return await repository.withdrawn_among(source, ids)


async def open_since(source: Read) -> list[tuple[Application, Member]]:
    """Return the open applications that say since when their structure is a member, each with it, by its name."""
    found = await among(source, await repository.open_since(source))
    return sorted(found, key=lambda one: one[1].name)


async def find_document(source: Read, grant: Grant, application_id: UUID, document_id: UUID) -> DocumentRow:
    """Return where a document of an application within reach is kept. Raises ApplicationNotFound, DocumentNotFound."""
    await reached(source, grant, application_id)
    return await repository.document_row(source, application_id, document_id)


async def reached(source: Read, grant: Grant, application_id: UUID) -> tuple[Application, Member]:
    """Return an application within reach and the structure it is about. Raises ApplicationNotFound."""
    row = (await source.session.execute(_query(grant).where(_APPLICATION.c.id == application_id))).one_or_none()
    if row is None:
        raise ApplicationNotFound("Cette candidature n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(row[0]), member_of(row)


def _require_opinions_readable(source: Read, filters: ApplicationFilters) -> None:
    by_opinion = bool(filters.opinion) or filters.without_opinion is not None
    if by_opinion and not any(grant_for(RIGHTS, act, source.actor) for act in _OPINION_READERS):
        raise OpinionsHidden("Les avis des délégations sont destinés au conseil.")


def _has_reservation(due_before: date | None = None) -> ColumnElement[bool]:
    """As a condition, ``has_standing_reservation``, or one that is overdue; a test holds them together."""
    each = func.jsonb_array_elements(_APPLICATION.c.reservations, type_=JSONB).column_valued("each")
    standing = select(each).where(each["lifted_on"].astext.is_(None))
    if due_before is not None:
        standing = standing.where(each["due_on"].astext < due_before.isoformat())
    return standing.exists()


def _last_advice_in(advice: Sequence[str]) -> ColumnElement[bool]:
    last = (
        select(_OPINION.c.application_id, _OPINION.c.advice)
        .ext(distinct_on(_OPINION.c.application_id))
        .order_by(_OPINION.c.application_id, _OPINION.c.given_at.desc(), _OPINION.c.id.desc())
        .subquery()
    )
    condition: ColumnElement[bool] = _APPLICATION.c.id.in_(
        select(last.c.application_id).where(last.c.advice.in_(advice))
    )
    return condition


def _query(grant: Grant) -> Select[Any]:
    return joined_with_member(select(ApplicationRow), _APPLICATION.c.member_id, grant)


async def _shown(source: Read, found: Sequence[tuple[Application, Member]]) -> list[ApplicationOut]:
    ids = [application.id for application, _ in found]
    structures = [member.id for _, member in found]
    documents = await repository.documents_of(source, ids)
    opinions = await repository.opinions_of(source, ids)
    outside = [member for _, member in found if not belongs(member)]
    admitted = {id_ for id_, coming in (await upcoming(source, outside, [Topic.STATUS])).items() if coming}
    waiting = await repository.applying(source, structures) | admitted
    acts = {*_ACTIONS.values(), *_OPINION_READERS}
    allowed = {act: await allowed_on(source, act, structures) for act in acts}
    return [
        _out(
            application,
            member,
            _checklist(application, member, documents[application.id]),
            opinions[application.id] if any(member.id in allowed[act] for act in _OPINION_READERS) else [],
            [
                action
                for action in possible_actions(application, member, another_open=member.id in waiting)
                if member.id in allowed[_ACTIONS[action]]
            ],
            source.today,
        )
        for application, member in found
    ]


def _checklist(application: Application, structure: Member, documents: Sequence[Document]) -> list[Line]:
    return checklist(
        checklist_items(),
        documents,
        structure.activities,
        application.received_on,
        asked=application.documents_asked,
    )


def _out(
    application: Application,
    member: Member,
    lines: Sequence[Line],
    opinions: Sequence[Opinion],
    actions: Sequence[str],
    today: date,
) -> ApplicationOut:
    is_open = application.status is ApplicationStatus.OPEN
    blockers = missing_for_admission(member) if is_open else ()
    last = {opinion.delegation: opinion for opinion in opinions}
    return ApplicationOut(
        id=application.id,
        member_id=application.member_id,
        name=member.name,
        delegation=member.delegation,
        received_on=application.received_on,
        member_since=application.member_since,
        status=application.status,
        status_label=application.status.label,
        sitting_id=application.sitting_id,
        decided_on=application.decided_on,
        withdrawn_on=application.withdrawn_on,
        withdrawal_reason=application.withdrawal_reason,
        reservations=[_reservation_out(number, one, today) for number, one in enumerate(application.reservations, 1)],
        ready=is_open and not blockers,
        blockers=blockers_out(blockers),
        documents_expected=sum(not line.is_settled for line in lines),
        checklist=[_line_out(line) for line in lines],
        opinions=[_opinion_out(opinion, counts=last[opinion.delegation] is opinion) for opinion in opinions],
        version=application.version,
        allowed_actions=list(actions),
    )


def _reservation_out(number: int, reservation: Reservation, today: date) -> ReservationOut:
    lifting = reservation.lifting
    return ReservationOut(
        number=number,
        text=reservation.text,
        due_on=reservation.due_on,
        stands=reservation.stands,
        overdue=reservation.is_overdue(today),
        lifted_on=lifting.on if lifting else None,
        lifted_by=lifting.by if lifting else None,
        remark=lifting.remark if lifting else None,
    )


def _line_out(line: Line) -> ChecklistLine:
    return ChecklistLine(
        item=line.item.code,
        label=line.item.label,
        state=line.state,
        state_label=line.state.label,
        document=DocumentOut.model_validate(line.document) if line.document else None,
        to_check=DocumentOut.model_validate(line.to_check) if line.to_check else None,
        status=line.item.status,
        source=line.item.source,
    )


def _opinion_out(opinion: Opinion, *, counts: bool) -> OpinionOut:
    return OpinionOut(
        delegation=opinion.delegation,
        advice=opinion.advice,
        advice_label=opinion.advice.label,
        text=opinion.text,
        given_on=opinion.given_on,
        counts=counts,
    )
