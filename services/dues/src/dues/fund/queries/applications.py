"""Reads of the applications. A draft is its delegation's own; what was submitted is read by who runs the calls at
once, by the board once the call is closed, and by no other delegation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, null, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped
from common.transaction import Actor, Read
from dues.fund import repository
from dues.fund.documents import print_letter, print_summary
from dues.fund.domain import (
    Award,
    FundApplication,
    FundApplicationNotFound,
    FundApplicationStatus,
    FundAttachmentKind,
    FundAttachmentNotFound,
    FundAwardMissing,
    FundSourceKind,
    Outflow,
    SchedulePart,
    ScheduleRule,
    require_attachable,
    require_awarded,
    require_changeable,
    require_next_payable,
    require_standing,
    require_submittable,
    require_unreported,
    require_waiting,
)
from dues.fund.queries.calls import CALL, find_call, watches
from dues.fund.schemas import (
    BudgetLineIo,
    FundApplicationDetail,
    FundApplicationExportParams,
    FundApplicationFilters,
    FundApplicationListParams,
    FundApplicationOut,
    FundAttachmentOut,
    FundAwardOut,
    FundInstalmentOut,
    FundScheduleOut,
)
from dues.fund.tables import FundApplicationRow, FundAttachmentRow, FundCallRow
from dues.grids.domain import delegation_name
from dues.rights import RIGHTS, Act

_TABLE: Any = FundApplicationRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _TABLE.c[name] for name in ("created_at", "asked", "delegation", "title")},
    default="-created_at",
    unique=_TABLE.c.id,
)

EXPORT_HEADER = (
    "reference", "appel", "annee", "delegation", "projet", "statut", "cout", "demande", "accorde", "verse", "rendu",
    "libere", "reste_engage", "debut", "fin", "deposee_le", "seance", "bilan_recu_le", "conditions", "raison",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """An application within reach, with all that is shown of it."""

    row: FundApplicationRow
    application: FundApplication
    outflow: Outflow
    attachments: Sequence[FundAttachmentRow]


@cache
def schedule_rules() -> tuple[ScheduleRule, ...]:
    """Return how an award is paid, from each day on."""
    return tuple(
        ScheduleRule(**{**rule, "parts": tuple(SchedulePart(**part) for part in rule["parts"])})
        for rule in shipped("dues.fund", "schedule.toml")["rules"]
    )


def schedule_out(rule: ScheduleRule) -> FundScheduleOut:
    """Show a rule with its status."""
    return FundScheduleOut.model_validate(rule)


async def find_application(read: Read, grant: Grant, application_id: UUID) -> FundApplicationDetail:
    """Return one application within reach, whole. Raises FundApplicationNotFound."""
    [one] = await _known(read, [await _row(read, grant, application_id)])
    project = one.application.project
    return FundApplicationDetail(
        **_fields(read, one),
        description=project.description,
        costs=[BudgetLineIo(label=line.label, amount=line.amount) for line in project.costs],
        funding=[BudgetLineIo(label=line.label, amount=line.amount) for line in project.funding],
        attachments=[_attachment(row) for row in one.attachments],
    )


async def reached_application(read: Read, grant: Grant, application_id: UUID) -> FundApplication:
    """Return an application within reach as the rules know it. Raises FundApplicationNotFound."""
    return (await repository.loaded(read, [await _row(read, grant, application_id)]))[0]


async def list_applications(read: Read, grant: Grant, params: FundApplicationListParams) -> Page[FundApplicationOut]:
    """Return one page of applications within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, grant, params), _ORDER, params)
    items = [FundApplicationOut(**_fields(read, one)) for one in await _known(read, rows)]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_applications(
    read: Read, grant: Grant, params: FundApplicationExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same applications as the list with the same filters."""
    query = _filtered(read, grant, params).order_by(_TABLE.c.delegation, _TABLE.c.id)
    found = await _known(read, (await read.session.execute(query)).all())
    return (_line(one) for one in found)


async def letter_of(read: Read, grant: Grant, application_id: UUID) -> bytes:
    """Return the letter of an award. Raises FundApplicationNotFound, FundAwardMissing."""
    row = (await _row(read, grant, application_id))[0]
    if row.letter is None or row.letter_on is None:
        raise FundAwardMissing("Aucune aide n'a été accordée à cette demande.")
    return await print_letter(row.letter, row.letter_on)


async def summary_of(read: Read, grant: Grant, call_id: UUID) -> bytes:
    """Return the pages on a call for the board: what the reader sees of its applications. Raises FundCallNotFound."""
    call = await find_call(read, call_id)
    query = _query(read, grant).where(_TABLE.c.call_id == call_id, _TABLE.c.submitted_on.is_not(None))
    rows = (await read.session.execute(query.order_by(_TABLE.c.delegation, _TABLE.c.id))).all()
    applications = await repository.loaded(read, rows)
    return await print_summary(call, applications, read.today)


async def find_attachment(read: Read, grant: Grant, application_id: UUID, attachment_id: UUID) -> FundAttachmentRow:
    """Return one document of an application. Raises FundApplicationNotFound, FundAttachmentNotFound."""
    await _row(read, grant, application_id)
    known = (await repository.attachments_of(read, [application_id]))[application_id]
    found = next((row for row in known if row.id == attachment_id), None)
    if found is None:
        raise FundAttachmentNotFound("Cette pièce n'est pas de cette demande.")
    return found


async def _row(read: Read, grant: Grant, application_id: UUID) -> Any:
    row = (await read.session.execute(_query(read, grant).where(_TABLE.c.id == application_id))).one_or_none()
    if row is None:
        raise FundApplicationNotFound("Cette demande n'existe pas, ou n'est pas dans votre périmètre.")
    return row


async def _known(read: Read, rows: Sequence[Any]) -> list[_Known]:
    ids = [row.id for row, _ in rows]
    applications = await repository.loaded(read, rows)
    outflows = await repository.outflows(read, FundSourceKind.AWARD, ids)
    attachments = await repository.attachments_of(read, ids)
    return [
        _Known(row, application, outflows[row.id], attachments[row.id])
        for (row, _), application in zip(rows, applications, strict=True)
    ]


def _query(read: Read, grant: Grant) -> Select[Any]:
    query = select(FundApplicationRow).add_columns(FundCallRow).join(FundCallRow, CALL.c.id == _TABLE.c.call_id)
    query = query.execution_options(populate_existing=True)  # what this transaction has just written
    return query.where(_within(read, grant))


def _within(read: Read, grant: Grant) -> ColumnElement[bool]:
    if grant.scope is not Scope.ALL:
        return grant.covers(member=null(), delegation=_TABLE.c.delegation)
    seen: ColumnElement[bool] = _TABLE.c.submitted_on.is_not(None)
    if not watches(read.actor):
        seen = and_(seen, CALL.c.closes_on < read.today)
    own = grant_for(RIGHTS, Act.WRITE_FUND_APPLICATIONS, read.actor)
    return seen if own is None else or_(seen, own.covers(member=null(), delegation=_TABLE.c.delegation))


def _filtered(read: Read, grant: Grant, filters: FundApplicationFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (_TABLE.c.call_id, filters.call_id),
        (CALL.c.year, filters.year),
        (_TABLE.c.delegation, filters.delegation),
        (_TABLE.c.status, [one.value for one in filters.status]),
    ):
        if values:
            conditions.append(column.in_(values))
    if filters.unpaid is not None:
        awarded = _TABLE.c.status == FundApplicationStatus.AWARDED.value
        unpaid = and_(awarded, _TABLE.c.closed_on.is_(None))
        conditions.append(unpaid if filters.unpaid else ~unpaid)
    if filters.q:
        words = (_TABLE.c.reference, _TABLE.c.title)
        conditions.append(or_(*(column.icontains(filters.q, autoescape=True) for column in words)))
    return _query(read, grant).where(*conditions)


def _acts(actor: Actor, one: _Known, read: Read) -> dict[str, Callable[[], object]]:
    """Return the rule of each act that somebody may do to an application, if its state lets them."""
    application, acts = one.application, dict[str, Callable[[], object]]()
    own = grant_for(RIGHTS, Act.WRITE_FUND_APPLICATIONS, actor)
    if own is not None and own.reaches(application.delegation):
        acts |= {
            "change": partial(require_changeable, application, read.today),
            "submit": partial(require_submittable, application, read.today),
            "withdraw": partial(require_waiting, application),
            "attach": partial(_attachable, one, FundAttachmentKind.SUPPORT, read),
            "attach_report": partial(_attachable, one, FundAttachmentKind.REPORT, read),
        }
    if grant_for(RIGHTS, Act.AWARD_FUND, actor) is not None:
        acts |= {
            "pay": partial(_of_award, application, require_next_payable),
            "receive_report": partial(_of_award, application, require_unreported),
            "release": partial(_of_award, application, require_standing),
            "return": partial(require_awarded, application),
        }
    acts["download_letter"] = partial(require_awarded, application)
    return acts


def _of_award(application: FundApplication, rule: Callable[[Award], object]) -> None:
    rule(require_awarded(application))


def _attachable(one: _Known, kind: FundAttachmentKind, read: Read) -> None:
    held = sum(row.kind == kind.value for row in one.attachments)
    require_attachable(one.application, kind, read.today, held)


def _fields(read: Read, one: _Known) -> dict[str, Any]:
    row, application = one.row, one.application
    actions, blockers = tried(_acts(read.actor, one, read))
    return {
        "id": row.id,
        "call_id": row.call_id,
        "call_title": application.call.said.title,
        "year": application.call.said.year,
        "delegation": row.delegation,
        "reference": row.reference,
        "status": application.status,
        "status_label": application.status.label,
        "title": row.title,
        "asked": row.asked,
        "cost": application.project.cost,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "submitted_on": row.submitted_on,
        "sitting_on": row.sitting_on,
        "conditions": row.conditions,
        "reason": row.reason,
        "award": _award(one),
        "version": row.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _award(one: _Known) -> FundAwardOut | None:
    award = one.application.award
    if award is None:
        return None
    return FundAwardOut(
        amount=award.amount,
        paid=one.outflow.paid,
        returned=one.outflow.returned,
        released=one.outflow.released,
        left=one.outflow.left,
        instalments=[FundInstalmentOut.model_validate(each) for each in award.instalments],
        report_received_on=award.report_received_on,
        closed_on=award.closed_on,
    )


def _attachment(row: FundAttachmentRow) -> FundAttachmentOut:
    kind = FundAttachmentKind(row.kind)
    return FundAttachmentOut(
        id=row.id,
        kind=kind,
        kind_label=kind.label,
        filename=row.filename,
        size=row.size,
        sha256=row.sha256,
        sent_at=row.sent_at,
    )


def _line(one: _Known) -> Sequence[object]:
    row, call = one.row, one.application.call.said
    return (
        row.reference,
        call.title,
        call.year,
        delegation_name(row.delegation),
        row.title,
        one.application.status.label,
        one.application.project.cost,
        row.asked,
        row.awarded,
        one.outflow.paid,
        one.outflow.returned,
        one.outflow.released,
        one.outflow.left,
        row.starts_on,
        row.ends_on,
        row.submitted_on,
        row.sitting_on,
        row.report_received_on,
        row.conditions,
        row.reason,
    )
