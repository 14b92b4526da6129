"""What is done with mandates: prepare one, send it signed, confirm, amend, suspend, revoke; and collect under it."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.files import Files, keep_sent
from common.identifiers import new_id
from common.jobs import ReceiptLine
from common.numbering import Series, take_numbers
from common.rights import Grant, Scope
from common.transaction import Tx
from common.uploads import SentFile
from common.wording import write_day
from dues.legal_entities.domain import LegalEntity
from dues.mandates import domain, queries, repository
from dues.mandates.domain import (
    JOURNAL,
    Amendment,
    Creditor,
    CreditorUnchanged,
    CreditorWithoutIcs,
    Mandate,
    MandateAct,
    MandateState,
    Party,
    RumNotYours,
    SignedDocument,
    Signing,
    account_on,
    creditor_on,
    read_account,
    recognise_signed,
    require_prepared,
    require_presentable,
    require_reference,
    state_on,
)
from dues.mandates.repository import Change
from dues.mandates.schemas import MandateAmendmentIn, MandateIn, MandateRevocationIn, MandateSigningIn
from dues.members.queries import records_of, require_member


async def prepare(tx: Tx, grant: Grant, seller: LegalEntity, given: MandateIn) -> UUID:
    """Prepare a mandate for a member within reach to sign; return its id.

    Raises MemberUnknown, MemberMerged, RumNotYours, RumInvalid, RumTaken, IbanInvalid, IbanOutsideSepa, BicInvalid,
    CreditorWithoutIcs, MandateAlreadyPrepared.
    """
    if given.rum is not None and grant.scope is Scope.OWN:
        raise RumNotYours("La référence d'un mandat est donnée par la fédération.")
    member = await require_member(tx, grant, given.member_id)
    account = read_account(given.debtor_name or member.name, given.iban, given.bic)
    creditor = _creditor(seller)
    mandate = Mandate(
        id=new_id(),
        rum=await _reference(tx, creditor, given.rum),
        member_id=member.id,
        kind=given.kind,
        scheme=given.scheme,
        account=account,
        debtor_address=member.address.lines if member.address else (),
        creditor=creditor,
        prepared_on=tx.today,
    )
    await repository.add(tx, mandate)
    return mandate.id


async def send(tx: Tx, grant: Grant, files: Files, mandate_id: UUID, if_match: str | None, sent: SentFile) -> None:
    """Keep a signed mandate as it was sent. The store is asked before anything is held: a slow one holds nobody up.

    Raises MandateNotFound, MandateNotPrepared, SignedDocumentTooLarge, SignedDocumentUnreadable, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    reached = await queries.reached(tx, grant, mandate_id)
    require_prepared(reached.mandate)
    document = await _stored(tx, files, mandate_id, sent)
    mandate = await _held(tx, grant, mandate_id, if_match)
    changed = domain.send(mandate, document.id)
    await repository.add_document(tx, document)
    await repository.save(tx, [Change(mandate, changed, MandateAct.SENT)])


async def confirm(tx: Tx, grant: Grant, mandate_id: UUID, if_match: str | None, given: MandateSigningIn) -> None:
    """Take a mandate as signed: it takes the place of the one that was collected under, in the same act.

    Raises MandateNotFound, MandateNotPrepared, SignedDocumentMissing, SignedInFuture, BankConfirmationMissing,
    BankConfirmationDayWrong, PresentationDayWrong, MandateLapsed, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    reached = await queries.reached(tx, grant, mandate_id)
    records = await records_of(tx, [reached.member_id])
    held = await repository.hold_beside(tx, mandate_id, records)
    mandate = held.pop(mandate_id)
    await check_version(if_match, mandate.version, partial(queries.find_mandate, tx, grant, mandate_id))
    rule = rule_on(queries.lapse_rules(), tx.today)
    signing = Signing(given.signed_on, given.place, given.how, given.bank_confirmed_on, given.last_presented_on)
    confirmed = domain.confirm(mandate, signing, rule, tx.today)
    ended = [domain.supersede(one, rule, tx.today) for one in held.values()]
    why = f"Remplacé par {mandate.rum}"
    replaced = [Change(held[one.id], one, MandateAct(one.state.value), why) for one in ended]
    await repository.save(tx, [*replaced, Change(mandate, confirmed, MandateAct.CONFIRMED)])


async def amend(tx: Tx, grant: Grant, mandate_id: UUID, if_match: str | None, given: MandateAmendmentIn) -> None:
    """Note another account to debit; the next collection tells the banks.

    Raises MandateNotFound, IbanInvalid, IbanOutsideSepa, BicInvalid, MandateNotSigned, MandateEnded, MandateLapsed,
    AmendmentOutOfOrder, AmendmentChangesNothing, BankConfirmationMissing, BankConfirmationDayWrong, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    mandate = await _held(tx, grant, mandate_id, if_match)
    holder = given.debtor_name or account_on(mandate, given.since).holder
    amendment = Amendment(
        number=len(mandate.amendments) + 1,
        since=given.since,
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
        account=read_account(holder, given.iban, given.bic),
        reason=given.reason,
        bank_confirmed_on=given.bank_confirmed_on,
    )
    amended = domain.amend_account(mandate, amendment, rule_on(queries.lapse_rules(), tx.today), tx.today)
    await repository.save(tx, [Change(mandate, amended, MandateAct.AMENDED, given.reason)])


async def adopt_creditor(tx: Tx, seller: LegalEntity) -> int:
    """Tell every live mandate the name and the identifier that the creditor has today; return how many learned it.

    Raises CreditorWithoutIcs, CreditorUnchanged.
    """
    creditor = _creditor(seller)
    changes = []
    for mandate in await repository.hold_creditors(tx, creditor.code):
        known = creditor_on(mandate, tx.today)
        if (known.name, known.ics) != (creditor.name, creditor.ics):
            amendment = Amendment(
                number=len(mandate.amendments) + 1,
                since=tx.today,
                recorded_at=tx.now,
                recorded_by=tx.actor.subject,
                creditor=creditor,
            )
            changed = domain.change_creditor(mandate, amendment)
            changes.append(Change(mandate, changed, MandateAct.CREDITOR_CHANGED))
    if not changes:
        raise CreditorUnchanged("Tous les mandats en cours nomment déjà le créancier tel qu'il est aujourd'hui.")
    await repository.save(tx, changes)
    return len(changes)


async def suspend(tx: Tx, grant: Grant, mandate_id: UUID, if_match: str | None, reason: str) -> None:
    """Collect nothing under a mandate for a time.

    Raises MandateNotFound, MandateNotSigned, MandateEnded, MandateLapsed, MandateSuspended, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    mandate = await _held(tx, grant, mandate_id, if_match)
    suspended = domain.suspend(mandate, rule_on(queries.lapse_rules(), tx.today), tx.today)
    await repository.save(tx, [Change(mandate, suspended, MandateAct.SUSPENDED, reason)])


async def let_rest(tx: Tx, mandate_id: UUID, reason: str) -> None:
    """Suspend a mandate that still runs, as the return of a collection calls for; any other is left as it is.

    Raises MandateNotFound, RuleMissing.
    """
    rule = rule_on(queries.lapse_rules(), tx.today)
    mandate = (await repository.hold(tx, [mandate_id]))[mandate_id]
    if state_on(mandate, rule, tx.today) is MandateState.ACTIVE:
        suspended = domain.suspend(mandate, rule, tx.today)
        await repository.save(tx, [Change(mandate, suspended, MandateAct.SUSPENDED, reason)])


async def resume(tx: Tx, grant: Grant, mandate_id: UUID, if_match: str | None, reason: str) -> None:
    """Collect under a suspended mandate again.

    Raises MandateNotFound, MandateNotSigned, MandateEnded, MandateLapsed, MandateNotSuspended, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    mandate = await _held(tx, grant, mandate_id, if_match)
    resumed = domain.resume(mandate, rule_on(queries.lapse_rules(), tx.today), tx.today)
    await repository.save(tx, [Change(mandate, resumed, MandateAct.RESUMED, reason)])


async def revoke(tx: Tx, grant: Grant, mandate_id: UUID, if_match: str | None, given: MandateRevocationIn) -> None:
    """End a mandate: the structure its own, finance for either.

    Raises MandateNotFound, MandateEnded, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    mandate = await _held(tx, grant, mandate_id, if_match)
    by = Party.DEBTOR if grant.scope is Scope.OWN else given.by
    revoked = domain.revoke(mandate, by, tx.today)
    await repository.save(tx, [Change(mandate, revoked, MandateAct.REVOKED, given.reason)])


async def note_presented(tx: Tx, mandate_ids: Collection[UUID], on: date) -> None:
    """Note that a collection was presented under each of some mandates, all or none.

    It counts against lapse whatever becomes of it, and carried what was amended. Raises MandateNotFound,
    MandateNotSigned, MandateEnded, MandateLapsed, MandateSuspended, RuleMissing.
    """
    rule = rule_on(queries.lapse_rules(), on)
    held = await repository.hold(tx, mandate_ids)
    for mandate in held.values():
        require_presentable(mandate, rule, on)
    await repository.save(tx, [Change(one, domain.present(one, on), MandateAct.PRESENTED) for one in held.values()])


async def lapse_slice(tx: Tx, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Note which of the next mandates have lapsed, and list which will soon, by id. Raises RuleMissing."""
    rule = rule_on(queries.lapse_rules(), tx.today)
    until = rule.warned_until(tx.today)
    mandates = await repository.hold_lapsing(tx, rule.months, until, after, limit)
    lines, changes = [], []
    for row, mandate in enumerate(mandates, start=done + 1):
        last = domain.last_day(mandate, rule) or until
        outcome = "lapsing"
        if last < tx.today:
            changes.append(Change(mandate, domain.lapse(mandate, rule), MandateAct.LAPSED))
            outcome = "lapsed"
        message = f"Dernier jour pour prélever : {write_day(last)}"
        lines.append(ReceiptLine(row, outcome, message=message, subject_id=mandate.id, reference=mandate.rum))
    await repository.save(tx, changes)
    return lines


def _creditor(seller: LegalEntity) -> Creditor:
    if seller.ics is None:
        raise CreditorWithoutIcs(f"{seller.name} n'a pas d'identifiant de créancier SEPA (ICS) : sa banque le donne.")
    return Creditor(seller.code, seller.name, seller.ics, seller.address.lines)


async def _reference(tx: Tx, creditor: Creditor, rum: str | None) -> str:
    if rum is not None:
        require_reference(rum)
        return rum
    [number] = await take_numbers(tx, Series(creditor.code, JOURNAL, tx.today.year), 1)
    return number


async def _stored(tx: Tx, files: Files, mandate_id: UUID, sent: SentFile) -> SignedDocument:
    kept = await keep_sent(tx, files, f"mandates/{mandate_id}", sent, recognise_signed(sent.content))
    return SignedDocument(mandate_id=mandate_id, **asdict(kept))


async def _held(tx: Tx, grant: Grant, mandate_id: UUID, if_match: str | None) -> Mandate:
    reached = await queries.reached(tx, grant, mandate_id)
    mandate = (await repository.hold(tx, [reached.mandate.id]))[mandate_id]
    await check_version(if_match, mandate.version, partial(queries.find_mandate, tx, grant, mandate_id))
    return mandate
