"""Reads of solidarity requests, and what reminders and standings ask of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, extract, func, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Actor, Read
from dues.invoices.domain import DueCall
from dues.invoices.queries import CALLS
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member, records_of
from dues.reliefs import repository
from dues.reliefs.documents import export_line, print_letter
from dues.reliefs.domain import (
    PAID_BY_FUND,
    UNDER_STUDY,
    UNDONE,
    UNDONE_IN_PART,
    AdviceRule,
    Opinion,
    Relief,
    ReliefAttachmentNotFound,
    ReliefCall,
    ReliefNotDecided,
    ReliefNotFound,
    ReliefStatus,
    ReliefStepKind,
    require_attachable,
    require_decidable,
    require_decided,
    require_revocable,
    require_unadvised,
    require_under_study,
    was_decided,
)
from dues.reliefs.repository import CALL, RELIEF, STUDIED
from dues.reliefs.schemas import (
    ReliefAttachmentOut,
    ReliefCallOut,
    ReliefDetail,
    ReliefExportParams,
    ReliefFilters,
    ReliefListParams,
    ReliefOut,
    ReliefRuleOut,
    ReliefStepOut,
    ReliefSummaryLineOut,
    ReliefSummaryOut,
    ReliefSummaryParams,
)
from dues.reliefs.tables import ReliefAttachmentRow, ReliefRow, ReliefStepRow
from dues.rights import RIGHTS, Act

_NOTHING = Decimal("0.00")
_ORDER = Order(
    columns={"submitted_on": RELIEF.c.submitted_on, "reference": RELIEF.c.reference, "name": MEMBER_NAME},
    default="-submitted_on",
    unique=RELIEF.c.id,
)
_FUND_PAYS: Any = RELIEF.c.status.in_([status.value for status in PAID_BY_FUND])


@cache
def advice_rules() -> tuple[AdviceRule, ...]:
    """Return how long a delegation has to give its advice, from each day on."""
    return shipped_rules("dues.reliefs", "advice.toml", AdviceRule)


def rule_today(read: Read) -> ReliefRuleOut:
    """Return the rule of the day as the API shows it. Raises RuleMissing."""
    return ReliefRuleOut.model_validate(rule_on(advice_rules(), read.today))


async def list_reliefs(read: Read, grant: Grant, params: ReliefListParams) -> Page[ReliefOut]:
    """Return one page of requests within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=await _shown(read, grant, rows), next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, params: ReliefExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same requests as the list with the same filters."""
    query = _filtered(grant, params).order_by(RELIEF.c.reference)
    found = await _shown(read, grant, (await read.session.execute(query)).all())
    return (export_line(one) for one in found)


async def find_relief(read: Read, grant: Grant, relief_id: UUID) -> ReliefDetail:
    """Return one request within reach, with all that was done with it. Raises ReliefNotFound."""
    found = await _found(read, grant, relief_id)
    row: ReliefRow = found[0]
    calls = (await repository.calls_of(read, [relief_id]))[relief_id]
    attachments = await repository.attachments_of(read, relief_id)
    hides = _hides(grant, ReliefStatus(row.status))
    steps = await repository.steps_of(read, relief_id)
    return ReliefDetail(
        **_fields(read, grant, found, calls),
        reason=row.reason,
        schedule=row.wish,
        calls=[ReliefCallOut.model_validate(call) for call in calls],
        steps=[_step(step, hides=hides) for step in steps],
        attachments=[ReliefAttachmentOut.model_validate(one) for one in attachments],
        receipt_id=row.receipt_id,
        plan_id=row.plan_id,
        effects=_effects(row, steps),
    )


async def reached(read: Read, grant: Grant, relief_id: UUID) -> Relief:
    """Return a request within reach as the rules know it. Raises ReliefNotFound."""
    row = (await _found(read, grant, relief_id))[0]
    calls = (await repository.calls_of(read, [relief_id]))[relief_id]
    return repository.to_domain(row, tuple(call.invoice_id for call in calls))


async def letter_of(read: Read, grant: Grant, relief_id: UUID) -> tuple[str, bytes]:
    """Return the letter of a decision, with the reference. Raises ReliefNotFound, ReliefNotDecided."""
    row: ReliefRow = (await _found(read, grant, relief_id))[0]
    if row.letter is None or row.letter_on is None:
        raise ReliefNotDecided("Rien n'a été décidé de cette demande.")
    return row.reference, await print_letter(row.letter, row.letter_on)


async def find_attachment(read: Read, grant: Grant, relief_id: UUID, attachment_id: UUID) -> ReliefAttachmentRow:
    """Return one document of a request within reach. Raises ReliefNotFound, ReliefAttachmentNotFound."""
    await _found(read, grant, relief_id)
    known = await repository.attachments_of(read, relief_id)
    found = next((row for row in known if row.id == attachment_id), None)
    if found is None:
        raise ReliefAttachmentNotFound("Cette pièce n'est pas de cette demande.")
    return found


async def summarise(read: Read, grant: Grant, params: ReliefSummaryParams) -> ReliefSummaryOut:
    """Return what was asked and granted within reach, by year and delegation, in one statement."""
    year = extract("year", func.coalesce(RELIEF.c.sitting_on, RELIEF.c.submitted_on)).label("year")
    reliefs = joined_with_member(select(RELIEF.c.status, RELIEF.c.granted, year), RELIEF.c.member_id, grant).subquery()
    status = reliefs.c.status
    amount = case((status == ReliefStatus.REVOKED.value, 0), else_=reliefs.c.granted)
    counted = (
        func.count(),
        *(
            func.count().filter(status.in_([one.value for one in which]))
            for which in (
                UNDER_STUDY,
                PAID_BY_FUND,
                (ReliefStatus.GRANTED_AS_PLAN,),
                (ReliefStatus.REFUSED,),
            )
        ),
        func.coalesce(func.sum(amount), _NOTHING),
    )
    query = select(reliefs.c.year, reliefs.c.delegation, *counted).group_by(reliefs.c.year, reliefs.c.delegation)
    if params.year:
        query = query.where(reliefs.c.year.in_(params.year))
    rows = await read.session.execute(query.order_by(reliefs.c.year.desc(), reliefs.c.delegation))
    names = list(ReliefSummaryLineOut.model_fields)
    lines = [ReliefSummaryLineOut(**dict(zip(names, row, strict=True))) for row in rows]
    return ReliefSummaryOut(lines=lines, granted=sum((line.granted for line in lines), _NOTHING))


async def under_study(read: Read, member_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return which of some members have a request under study, and its reference. Whoever asks."""
    records = await records_of(read, member_ids)
    query = select(RELIEF.c.member_id, RELIEF.c.reference).where(RELIEF.c.member_id.in_(records), STUDIED)
    return {records[row.member_id]: row.reference for row in await read.session.execute(query)}


async def exempted(read: Read, invoice_ids: Collection[UUID]) -> set[UUID]:
    """Return which of some calls the fund paid in full, credit notes aside: their member paid nothing of them."""
    query = (
        select(CALL.c.invoice_id)
        .join(RELIEF, RELIEF.c.id == CALL.c.relief_id)
        .where(CALL.c.invoice_id.in_(invoice_ids), _FUND_PAYS, CALLS.id == CALL.c.invoice_id)
        .group_by(CALL.c.invoice_id, CALLS.total, CALLS.credited)
        .having(func.sum(CALL.c.granted) == CALLS.total - CALLS.credited)
    )
    return set((await read.session.execute(query)).scalars())


async def exempt_years(read: Read, calls: Collection[DueCall]) -> set[tuple[UUID, int]]:
    """Return of which members and years the fund paid every call that stands in full; ``calls`` are all of theirs."""
    paid = await exempted(read, [call.id for call in calls])
    others = {(call.member_id, call.year) for call in calls if call.id not in paid}
    return {(call.member_id, call.year) for call in calls} - others


async def _found(read: Read, grant: Grant, relief_id: UUID) -> Any:
    row = (await read.session.execute(_query(grant).where(RELIEF.c.id == relief_id))).one_or_none()
    if row is None:
        raise ReliefNotFound("Cette demande n'existe pas, ou n'est pas dans votre périmètre.")
    return row


def _query(grant: Grant) -> Select[Any]:
    query = joined_with_member(select(ReliefRow), RELIEF.c.member_id, grant)
    return query.execution_options(populate_existing=True)  # what this transaction has just written


def _filtered(grant: Grant, filters: ReliefFilters) -> Select[Any]:
    return _query(grant).where(*_conditions(filters))


def _conditions(filters: ReliefFilters) -> Iterator[ColumnElement[bool]]:
    for column, values in (
        (RELIEF.c.status, [one.value for one in filters.status]),
        (RELIEF.c.asks, [one.value for one in filters.asks]),
        (MEMBER_DELEGATION, filters.delegation),
    ):
        if values:
            yield column.in_(values)
    if filters.under_study is not None:
        yield STUDIED if filters.under_study else ~STUDIED
    if filters.member_id:
        yield or_(RELIEF.c.member_id.in_(filters.member_id), MEMBER_ID.in_(filters.member_id))
    if filters.year:
        about = select(CALL.c.relief_id).where(CALLS.id == CALL.c.invoice_id, CALLS.year.in_(filters.year))
        yield RELIEF.c.id.in_(about)
    if filters.q:
        words = (RELIEF.c.reference, MEMBER_NAME)
        yield or_(*(word.icontains(filters.q, autoescape=True) for word in words))


async def _shown(read: Read, grant: Grant, rows: Sequence[Any]) -> list[ReliefOut]:
    calls = await repository.calls_of(read, [row[0].id for row in rows])
    return [ReliefOut(**_fields(read, grant, row, calls[row[0].id])) for row in rows]


def _hides(grant: Grant, status: ReliefStatus) -> bool:
    """Tell whether the region's advice is kept from who reads: from the member, until something is decided."""
    return grant.scope is Scope.OWN and not was_decided(status)


def _acts(actor: Actor, relief: Relief, read: Read) -> dict[str, Callable[[], object]]:
    """Return the rule of each act that somebody may do to a request, if its state lets them."""
    acts: dict[str, Callable[[], object]] = {}
    if grant_for(RIGHTS, Act.ADVISE_RELIEFS, actor) is not None:
        acts["advise"] = partial(require_unadvised, relief)
    if grant_for(RIGHTS, Act.ASK_RELIEFS, actor) is not None:
        open_to = partial(require_under_study, relief)
        acts |= {"attach": partial(require_attachable, relief, 0), "detach": open_to, "withdraw": open_to}
    if grant_for(RIGHTS, Act.DECIDE_RELIEFS, actor) is not None:
        acts |= {
            "decide": partial(require_decidable, relief, read.today),
            "revoke": partial(require_revocable, relief),
        }
    acts["download_letter"] = partial(require_decided, relief.status)
    return acts


def _fields(read: Read, grant: Grant, found: Any, calls: Sequence[ReliefCall]) -> dict[str, Any]:
    row, member_id, name, delegation = found
    relief = repository.to_domain(row, tuple(call.invoice_id for call in calls))
    opinion = None if _hides(grant, relief.status) else relief.opinion
    actions, blockers = tried(_acts(read.actor, relief, read))
    return {
        "id": row.id,
        "reference": row.reference,
        "member_id": member_id,
        "member_name": name,
        "delegation": delegation,
        "asks": relief.asks,
        "asks_label": relief.asks.label,
        "amount": row.amount,
        "years": sorted({call.year for call in calls}),
        "numbers": [call.number for call in calls],
        "owed": sum((call.owed for call in calls), _NOTHING),
        "status": relief.status,
        "status_label": relief.status.label,
        "submitted_on": row.submitted_on,
        "advice_by": row.advice_by,
        "opinion": opinion,
        "opinion_label": opinion.label if opinion else None,
        "sitting_on": row.sitting_on,
        "granted": row.granted,
        "version": row.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _effects(row: ReliefRow, steps: Collection[ReliefStepRow]) -> list[str]:
    if row.status == ReliefStatus.REVOKED.value:
        return [UNDONE]
    if any(step.kind == ReliefStepKind.REVOKED_IN_PART.value for step in steps):
        return [UNDONE_IN_PART]
    return list(row.letter["effects"]) if row.letter else []


def _step(row: ReliefStepRow, *, hides: bool) -> ReliefStepOut:
    kind = ReliefStepKind(row.kind)
    hidden = hides and kind is ReliefStepKind.ADVISED
    opinion = Opinion(row.opinion) if row.opinion and not hidden else None
    return ReliefStepOut(
        kind=kind,
        kind_label=kind.label,
        day=row.day,
        opinion=opinion,
        opinion_label=opinion.label if opinion else None,
        decided_by=row.decided_by,
        text=None if hidden else row.text,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
