"""Reads of mandates. An account is shown whole to finance and to its structure, masked to the network, else not."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.errors import Blocker, Refusal
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Actor, Read
from dues.mandates import domain, repository
from dues.mandates.documents import export_line, print_form
from dues.mandates.domain import (
    LapseRule,
    Mandate,
    MandateAct,
    MandateNotFound,
    MandateState,
    Presentable,
    SignedDocumentNotFound,
    account_on,
    creditor_on,
    last_day,
    masked,
    require_confirmable,
    require_live,
    require_prepared,
    require_presentable,
    require_standing,
    require_suspended,
    state_on,
)
from dues.mandates.schemas import (
    LapseOut,
    MandateAmendmentOut,
    MandateDetail,
    MandateExportParams,
    MandateFilters,
    MandateListParams,
    MandateOut,
    MandateStepOut,
    SignedDocumentOut,
)
from dues.mandates.tables import MandateRow, SignedDocumentRow, StepRow
from dues.members.queries import (
    MEMBER_DELEGATION,
    MEMBER_ID,
    MEMBER_NAME,
    joined_with_member,
    member_behind,
    records_of,
)
from dues.rights import RIGHTS, Act

_TABLE: Any = MandateRow.__table__  # type: ignore[attr-defined]
_NEVER = date(9999, 12, 31)
"""Where a mandate that does not run stands in the order of the days on which mandates lapse."""


class Sight(IntEnum):
    """How much of an account somebody sees."""

    NOTHING = 0
    MASKED = 1
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class Reached:
    """A mandate within reach, and the structure it is of: another record's where its own was a duplicate."""

    mandate: Mandate
    member_id: UUID
    name: str
    delegation: str | None


@dataclass(frozen=True, slots=True)
class Presentations:
    """By member, what a collection needs of its mandate; or why nothing can be collected."""

    ready: Mapping[UUID, Presentable]
    blocked: Mapping[UUID, Blocker]


@cache
def lapse_rules() -> tuple[LapseRule, ...]:
    """Return when mandates lapse, as the scheme says from each day on."""
    return shipped_rules("dues.mandates", "lapse.toml", LapseRule)


def collectable() -> Select[Any]:
    """Select the members under whose mandate money can be collected: signed, not ended, not suspended."""
    return select(member_behind(_TABLE.c.member_id)).where(_TABLE.c.state == MandateState.ACTIVE.value)


async def list_mandates(read: Read, grant: Grant, params: MandateListParams) -> Page[MandateOut]:
    """Return one page of mandates within reach. Raises RuleMissing."""
    rule = rule_on(lapse_rules(), read.today)
    rows, cursor, total = await paginate(read, _filtered(read, grant, rule, params), _order(rule), params)
    items = [_shown(read, grant, one, rule) for one in await _reached(read, rows)]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, params: MandateExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same mandates as the list. Raises RuleMissing."""
    rule = rule_on(lapse_rules(), read.today)
    query = _filtered(read, grant, rule, params).order_by(_TABLE.c.rum)
    found = await _reached(read, (await read.session.execute(query)).all())
    return (export_line(_shown(read, grant, one, rule)) for one in found)


async def find_mandate(read: Read, grant: Grant, mandate_id: UUID) -> MandateDetail:
    """Return one mandate within reach, with all that is known of it. Raises MandateNotFound, RuleMissing."""
    rule = rule_on(lapse_rules(), read.today)
    one = await reached(read, grant, mandate_id)
    mandate, signing = one.mandate, one.mandate.signing
    sight = _sight(read.actor, grant, one)
    documents = await repository.documents_of(read, mandate_id)
    steps = await repository.steps_of(read, mandate_id)
    return MandateDetail(
        **_fields(read, grant, one, rule),
        signed_place=signing.place if signing else None,
        signed_how=signing.how if signing else None,
        signed_how_label=signing.how.label if signing else None,
        bank_confirmed_on=signing.bank_confirmed_on if signing else None,
        lapse=LapseOut(months=rule.months, status=rule.status, source=rule.source),
        amendments=_amendments(mandate, sight),
        documents=[_document(row, mandate) for row in documents] if sight is Sight.WHOLE else [],
        steps=[_step(row, sight) for row in steps],
    )


async def form_of(read: Read, grant: Grant, mandate_id: UUID) -> bytes:
    """Return the paper of a mandate to sign. Raises MandateNotFound, MandateNotPrepared."""
    mandate = (await reached(read, grant, mandate_id)).mandate
    require_prepared(mandate)
    return await print_form(mandate)


async def find_document(read: Read, grant: Grant, mandate_id: UUID, document_id: UUID) -> SignedDocumentRow:
    """Return one signed document of a mandate within reach. Raises MandateNotFound, SignedDocumentNotFound."""
    one = await reached(read, grant, mandate_id)
    known = await repository.documents_of(read, one.mandate.id)
    found = next((row for row in known if row.id == document_id), None)
    if found is None:
        raise SignedDocumentNotFound("Ce document n'est pas de ce mandat.")
    return found


async def reached(read: Read, grant: Grant, mandate_id: UUID) -> Reached:
    """Return a mandate within reach, and whose it is. Raises MandateNotFound."""
    row = (await read.session.execute(_query(grant).where(_TABLE.c.id == mandate_id))).one_or_none()
    if row is None:
        raise MandateNotFound("Ce mandat n'existe pas, ou n'est pas dans votre périmètre.")
    [found] = await _reached(read, [row])
    return found


async def presentable(read: Read, member_ids: Collection[UUID], on: date) -> Presentations:
    """Return what a collection of a day needs of each member's mandate, or why there is none. Raises RuleMissing."""
    rule = rule_on(lapse_rules(), on)
    records = await records_of(read, member_ids)
    of_member: dict[UUID, list[Mandate]] = {member_id: [] for member_id in member_ids}
    for mandate in await repository.of_records(read, records):
        of_member[records[mandate.member_id]].append(mandate)
    ready, blocked = {}, {}
    for member_id, mandates in of_member.items():
        try:
            ready[member_id] = domain.presentable(mandates, rule, on)
        except Refusal as refusal:
            blocked[member_id] = Blocker(refusal.code, refusal.message)
    return Presentations(ready, blocked)


async def _reached(read: Read, rows: Sequence[Any]) -> list[Reached]:
    mandates = await repository.loaded(read, [row[0] for row in rows])
    return [Reached(mandate, row[1], row[2], row[3]) for mandate, row in zip(mandates, rows, strict=True)]


def _query(grant: Grant) -> Select[Any]:
    query = joined_with_member(select(MandateRow), _TABLE.c.member_id, grant)
    return query.execution_options(populate_existing=True)  # what this transaction has just written


def _filtered(read: Read, grant: Grant, rule: LapseRule, filters: MandateFilters) -> Select[Any]:
    query = _query(grant).where(*_conditions(read.today, rule, filters))
    for column, values in ((_TABLE.c.kind, filters.kind), (_TABLE.c.scheme, filters.scheme)):
        if values:
            query = query.where(column.in_([value.value for value in values]))
    return query


def _conditions(today: date, rule: LapseRule, filters: MandateFilters) -> Iterator[ColumnElement[bool]]:
    until = repository.last_day(rule.months)
    if filters.state:
        stands = case((and_(repository.is_live(), until < today), MandateState.LAPSED.value), else_=_TABLE.c.state)
        yield stands.in_([state.value for state in filters.state])
    if filters.member_id:
        yield or_(_TABLE.c.member_id.in_(filters.member_id), MEMBER_ID.in_(filters.member_id))
    if filters.delegation:
        yield MEMBER_DELEGATION.in_(filters.delegation)
    if filters.lapsing_before:
        yield and_(repository.is_live(), until < filters.lapsing_before)
    if filters.to_confirm is not None:
        waiting = and_(_TABLE.c.state == MandateState.PREPARED.value, _TABLE.c.document_id.is_not(None))
        yield waiting if filters.to_confirm else ~waiting
    if filters.q:
        yield or_(_TABLE.c.rum.icontains(filters.q, autoescape=True), MEMBER_NAME.icontains(filters.q, autoescape=True))


def _order(rule: LapseRule) -> Order:
    lapses_on = func.coalesce(case((repository.is_live(), repository.last_day(rule.months)), else_=None), _NEVER)
    columns = {"rum": _TABLE.c.rum, "name": MEMBER_NAME, "prepared_on": _TABLE.c.prepared_on, "lapses_on": lapses_on}
    return Order(columns=columns, default="-prepared_on", unique=_TABLE.c.id)


def _shown(read: Read, grant: Grant, one: Reached, rule: LapseRule) -> MandateOut:
    return MandateOut(**_fields(read, grant, one, rule))


def _sight(actor: Actor, grant: Grant, one: Reached) -> Sight:
    """Whoever reads all of them sees accounts masked, a delegation none; whole, those whom the table says."""
    if _may(Act.READ_MANDATE_ACCOUNTS, actor, one):
        return Sight.WHOLE
    return Sight.MASKED if grant.scope is Scope.ALL else Sight.NOTHING


def _may(act: Act, actor: Actor, one: Reached) -> bool:
    given = grant_for(RIGHTS, act, actor)
    return given is not None and (given.scope is Scope.ALL or one.member_id == actor.member_id)


def _iban(iban: str, sight: Sight) -> str | None:
    return {Sight.WHOLE: iban, Sight.MASKED: masked(iban), Sight.NOTHING: None}[sight]


def _acts(actor: Actor, one: Reached, rule: LapseRule, today: date) -> Mapping[str, Callable[[], object]]:
    """Return the rule of each act that somebody may do to a mandate, if its state lets them."""
    mandate = one.mandate
    kept: dict[str, Callable[[], object]] = {
        "download_form": partial(require_prepared, mandate),
        "send_signed": partial(require_prepared, mandate),
        "revoke": partial(require_standing, mandate),
    }
    run: dict[str, Callable[[], object]] = {
        "confirm": partial(require_confirmable, mandate),
        "amend": partial(require_live, mandate, rule, today),
        "suspend": partial(require_presentable, mandate, rule, today),
        "resume": partial(require_suspended, mandate, rule, today),
    }
    keeps, runs = _may(Act.KEEP_MANDATES, actor, one), _may(Act.RUN_MANDATES, actor, one)
    return {**(kept if keeps else {}), **(run if runs else {})}


def _fields(read: Read, grant: Grant, one: Reached, rule: LapseRule) -> dict[str, Any]:
    mandate, today = one.mandate, read.today
    account, creditor = account_on(mandate, today), creditor_on(mandate, today)
    state, sight = state_on(mandate, rule, today), _sight(read.actor, grant, one)
    actions, blockers = tried(_acts(read.actor, one, rule, today))
    return {
        "id": mandate.id,
        "rum": mandate.rum,
        "member_id": mandate.member_id,
        "name": one.name,
        "delegation": one.delegation,
        "state": state,
        "state_label": state.label,
        "kind": mandate.kind,
        "kind_label": mandate.kind.label,
        "scheme": mandate.scheme,
        "scheme_label": mandate.scheme.label,
        "debtor_name": account.holder if sight is not Sight.NOTHING else None,
        "iban": _iban(account.iban, sight),
        "bic": account.bic if sight is Sight.WHOLE else None,
        "creditor_name": creditor.name,
        "creditor_ics": creditor.ics,
        "prepared_on": mandate.prepared_on,
        "signed_on": mandate.signing.signed_on if mandate.signing else None,
        "signed_document": mandate.document_id is not None,
        "last_presented_on": mandate.last_presented_on,
        "lapses_on": last_day(mandate, rule),
        "ended_on": mandate.ended_on,
        "ended_by": mandate.ended_by,
        "ended_by_label": mandate.ended_by.label if mandate.ended_by else None,
        "version": mandate.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _amendments(mandate: Mandate, sight: Sight) -> list[MandateAmendmentOut]:
    told = sight is not Sight.NOTHING
    return [
        MandateAmendmentOut(
            number=one.number,
            since=one.since,
            debtor_name=one.account.holder if one.account and told else None,
            iban=_iban(one.account.iban, sight) if one.account else None,
            bic=one.account.bic if one.account and sight is Sight.WHOLE else None,
            creditor_name=one.creditor.name if one.creditor else None,
            creditor_ics=one.creditor.ics if one.creditor else None,
            reason=one.reason if told else None,
            bank_confirmed_on=one.bank_confirmed_on,
            presented_on=one.presented_on,
            recorded_at=one.recorded_at,
            recorded_by=one.recorded_by,
        )
        for one in mandate.amendments
    ]


def _document(row: SignedDocumentRow, mandate: Mandate) -> SignedDocumentOut:
    return SignedDocumentOut(
        id=row.id,
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        sent_at=row.sent_at,
        sent_by=row.sent_by,
        counts=row.id == mandate.document_id,
    )


def _step(row: StepRow, sight: Sight) -> MandateStepOut:
    act = MandateAct(row.act)
    return MandateStepOut(
        act=act,
        act_label=act.label,
        reason=row.reason if sight is not Sight.NOTHING else None,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
