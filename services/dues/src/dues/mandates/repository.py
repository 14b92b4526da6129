"""Loads and saves mandates; the only writer of their tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from common.transaction import Read, Tx
from dues.mandates.domain import (
    LIVE,
    Account,
    Amendment,
    Creditor,
    Mandate,
    MandateAct,
    MandateAlreadyPrepared,
    MandateKind,
    MandateNotFound,
    MandateState,
    Party,
    RumTaken,
    Scheme,
    Signature,
    SignedDocument,
    Signing,
)
from dues.mandates.tables import AmendmentRow, MandateRow, SignedDocumentRow, StepRow

_TABLE: Any = MandateRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Change:
    """What an act made of a mandate, and why it was done where that is asked for."""

    before: Mandate
    after: Mandate
    act: MandateAct
    reason: str | None = None


async def add(tx: Tx, mandate: Mandate) -> None:
    """Insert a mandate to sign. Raises RumTaken, MandateAlreadyPrepared."""
    statement = postgresql.insert(MandateRow).values(**_values(mandate)).on_conflict_do_nothing()
    if (await tx.session.execute(statement.returning(_TABLE.c.id))).one_or_none() is not None:
        await tx.session.execute(insert(StepRow), [_step(tx, mandate, MandateAct.PREPARED, None)])
        return
    same = select(_TABLE.c.id).where(_TABLE.c.creditor_code == mandate.creditor.code, _TABLE.c.rum == mandate.rum)
    if (await tx.session.execute(same)).one_or_none() is not None:
        raise RumTaken(f"La référence {mandate.rum} est déjà celle d'un mandat.")
    raise MandateAlreadyPrepared("Un mandat de cette structure est déjà à signer : reprenez-le, ou révoquez-le.")


async def hold(tx: Tx, mandate_ids: Collection[UUID]) -> dict[UUID, Mandate]:
    """Load mandates and hold them, each time in the same order. Raises MandateNotFound."""
    held = await _held(tx, _TABLE.c.id.in_(mandate_ids))
    if len(held) < len(set(mandate_ids)):
        raise MandateNotFound("Ce mandat n'existe pas.")
    return held


async def hold_beside(tx: Tx, mandate_id: UUID, records: Collection[UUID]) -> dict[UUID, Mandate]:
    """Load a mandate that was reached and what is collected under of some records, and hold all of it."""
    return await _held(tx, or_(_TABLE.c.id == mandate_id, and_(_TABLE.c.member_id.in_(records), is_live())))


async def hold_creditors(tx: Tx, code: str) -> list[Mandate]:
    """Load what a creditor collects under, and hold it."""
    return list((await _held(tx, and_(_TABLE.c.creditor_code == code, is_live()))).values())


async def hold_lapsing(tx: Tx, months: int, until: date, after: UUID | None, limit: int) -> list[Mandate]:
    """Load the next live mandates, by id, that allow no collection after a day, and hold them."""
    lapsing = and_(is_live(), last_day(months) <= until, *([_TABLE.c.id > after] if after else []))
    return list((await _held(tx, lapsing, limit)).values())


async def of_records(read: Read, records: Collection[UUID]) -> list[Mandate]:
    """Return the mandates of some records."""
    query = select(MandateRow).where(_TABLE.c.member_id.in_(records)).order_by(_TABLE.c.id)
    return await loaded(read, (await read.session.execute(query)).scalars().all())


async def loaded(read: Read, rows: Sequence[MandateRow]) -> list[Mandate]:
    """Read rows as the rules know mandates, with what was amended of each."""
    query = select(AmendmentRow).where(col(AmendmentRow.mandate_id).in_([row.id for row in rows]))
    amended: dict[UUID, list[Amendment]] = {}
    query = query.order_by(col(AmendmentRow.number)).execution_options(populate_existing=True)
    for one in (await read.session.execute(query)).scalars():
        amended.setdefault(one.mandate_id, []).append(_amendment(one))
    return [_mandate(row, amended.get(row.id, [])) for row in rows]


async def save(tx: Tx, changes: Sequence[Change]) -> None:
    """Save held mandates after an act each, in order: what became of them, what was amended, and the acts."""
    if not changes:
        return
    await tx.session.execute(update(MandateRow), [_values(one.after) for one in changes])
    known = {one.before.id: {amended.number: amended for amended in one.before.amendments} for one in changes}
    amended = [(one.after.id, each) for one in changes for each in one.after.amendments]
    added = [_amendment_values(key, each) for key, each in amended if each.number not in known[key]]
    told = [
        {"mandate_id": key, "number": each.number, "presented_on": each.presented_on}
        for key, each in amended
        if each.number in known[key] and each != known[key][each.number]
    ]
    if added:
        await tx.session.execute(insert(AmendmentRow), added)
    if told:
        await tx.session.execute(update(AmendmentRow), told)
    await tx.session.execute(insert(StepRow), [_step(tx, one.after, one.act, one.reason) for one in changes])


async def steps_of(read: Read, mandate_id: UUID) -> Sequence[StepRow]:
    """Return what was done to a mandate, in order."""
    query = select(StepRow).where(col(StepRow.mandate_id) == mandate_id).order_by(col(StepRow.number))
    return (await read.session.execute(query)).scalars().all()


async def add_document(tx: Tx, document: SignedDocument) -> None:
    """Keep a signed document beside those sent before."""
    await tx.session.execute(insert(SignedDocumentRow).values(**asdict(document)))


async def documents_of(read: Read, mandate_id: UUID) -> Sequence[SignedDocumentRow]:
    """Return the signed documents of a mandate, in the order in which they were sent."""
    query = select(SignedDocumentRow).where(col(SignedDocumentRow.mandate_id) == mandate_id)
    return (await read.session.execute(query.order_by(col(SignedDocumentRow.id)))).scalars().all()


def last_day(months: int) -> ColumnElement[date]:
    """Return the last day on which a mandate allows a collection, as a column: null where it is not signed."""
    counted = func.coalesce(_TABLE.c.last_presented_on, _TABLE.c.signed_on) + func.make_interval(0, months)
    return cast(counted, Date)


def is_live() -> ColumnElement[bool]:
    """Return the condition that a mandate was signed and has not ended, as far as it was noted."""
    live: ColumnElement[bool] = _TABLE.c.state.in_(sorted(state.value for state in LIVE))
    return live


def _step(tx: Tx, mandate: Mandate, act: MandateAct, reason: str | None) -> dict[str, object]:
    """What was done to a mandate, and by whom: its rank is the version that it gave."""
    return {
        "mandate_id": mandate.id,
        "number": mandate.version,
        "act": act.value,
        "reason": reason,
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }


async def _held(tx: Tx, condition: ColumnElement[bool], limit: int | None = None) -> dict[UUID, Mandate]:
    query = select(MandateRow).where(condition).order_by(_TABLE.c.id).limit(limit).with_for_update()
    rows = (await tx.session.execute(query.execution_options(populate_existing=True))).scalars().all()
    return {one.id: one for one in await loaded(tx, rows)}


def _mandate(row: MandateRow, amendments: Sequence[Amendment]) -> Mandate:
    return Mandate(
        id=row.id,
        rum=row.rum,
        member_id=row.member_id,
        kind=MandateKind(row.kind),
        scheme=Scheme(row.scheme),
        account=Account(row.debtor_name, row.iban, row.bic),
        debtor_address=tuple(row.debtor_address),
        creditor=Creditor(row.creditor_code, row.creditor_name, row.creditor_ics, tuple(row.creditor_address)),
        prepared_on=row.prepared_on,
        state=MandateState(row.state),
        signing=_signing(row),
        document_id=row.document_id,
        last_presented_on=row.last_presented_on,
        ended_on=row.ended_on,
        ended_by=Party(row.ended_by) if row.ended_by else None,
        amendments=tuple(amendments),
        version=row.version,
    )


def _signing(row: MandateRow) -> Signing | None:
    if row.signed_on is None or row.signed_place is None or row.signed_how is None:
        return None
    return Signing(row.signed_on, row.signed_place, Signature(row.signed_how), row.bank_confirmed_on)


def _values(mandate: Mandate) -> dict[str, object]:
    account, creditor, signing = mandate.account, mandate.creditor, mandate.signing
    return {
        "id": mandate.id,
        "rum": mandate.rum,
        "member_id": mandate.member_id,
        "kind": mandate.kind.value,
        "scheme": mandate.scheme.value,
        "state": mandate.state.value,
        "debtor_name": account.holder,
        "debtor_address": list(mandate.debtor_address),
        "iban": account.iban,
        "bic": account.bic,
        "creditor_code": creditor.code,
        "creditor_name": creditor.name,
        "creditor_ics": creditor.ics,
        "creditor_address": list(creditor.address),
        "prepared_on": mandate.prepared_on,
        "signed_on": signing.signed_on if signing else None,
        "signed_place": signing.place if signing else None,
        "signed_how": signing.how.value if signing else None,
        "bank_confirmed_on": signing.bank_confirmed_on if signing else None,
        "document_id": mandate.document_id,
        "last_presented_on": mandate.last_presented_on,
        "ended_on": mandate.ended_on,
        "ended_by": mandate.ended_by.value if mandate.ended_by else None,
        "version": mandate.version,
    }


def _amendment(row: AmendmentRow) -> Amendment:
    return Amendment(
        number=row.number,
        since=row.since,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        account=Account(row.debtor_name, row.iban, row.bic) if row.debtor_name and row.iban else None,
        creditor=_creditor(row),
        reason=row.reason,
        bank_confirmed_on=row.bank_confirmed_on,
        presented_on=row.presented_on,
    )


def _creditor(row: AmendmentRow) -> Creditor | None:
    if row.creditor_code is None or row.creditor_name is None or row.creditor_ics is None:
        return None
    return Creditor(row.creditor_code, row.creditor_name, row.creditor_ics, tuple(row.creditor_address or ()))


def _amendment_values(mandate_id: UUID, one: Amendment) -> dict[str, object]:
    account, creditor = one.account, one.creditor
    return {
        "mandate_id": mandate_id,
        "number": one.number,
        "since": one.since,
        "debtor_name": account.holder if account else None,
        "iban": account.iban if account else None,
        "bic": account.bic if account else None,
        "creditor_code": creditor.code if creditor else None,
        "creditor_name": creditor.name if creditor else None,
        "creditor_ics": creditor.ics if creditor else None,
        "creditor_address": list(creditor.address) if creditor else None,
        "reason": one.reason,
        "bank_confirmed_on": one.bank_confirmed_on,
        "presented_on": one.presented_on,
        "recorded_at": one.recorded_at,
        "recorded_by": one.recorded_by,
    }
