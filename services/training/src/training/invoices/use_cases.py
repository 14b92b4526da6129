"""Issuing invoices and credit notes, and recording what is paid of them. Nothing issued is ever changed."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from common.clock import legal_day
from common.files import Files
from common.identifiers import new_id
from common.invoicing.conformity import defects
from common.invoicing.einvoice import credit_note_of
from common.invoicing.keeping import from_kept, to_kept
from common.invoicing.numbers import check_number, require_in_order
from common.jobs import enqueue
from common.legal_entities import Address
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from training.billings import use_cases as billings
from training.billings.domain import Billing, Share
from training.billings.queries import buyer_name
from training.enrolments.domain import OpenSession, cooling_off_until
from training.enrolments.queries.requests import request_within
from training.enrolments.queries.rules import withdrawal_rule
from training.enrolments.queries.sessions import open_session
from training.invoices import domain, repository
from training.invoices.documents import invoice_document, note_document, print_invoice, print_note
from training.invoices.domain import (
    CREDIT_JOURNAL,
    JOURNAL,
    Action,
    Audience,
    Invoice,
    OtherPart,
    Payer,
    PayerAddressMissing,
)
from training.invoices.queries.invoices import instalment_rule, require_invoice, shipped_terms
from training.invoices.schemas import CreditNoteIn, InvoiceIn, SettlementIn
from training.members.queries import address_of, members_behind
from training.organisation.domain import MentionUse, Organisation
from training.organisation.queries import mention
from training.quotes.domain import Buyer
from training.quotes.queries import quote_within
from training.trainees.queries import names_of

PRINT, PRINT_NOTE = "invoices.print", "credit-notes.print"


async def issue(tx: Tx, grant: Grant, seller: Organisation, given: InvoiceIn) -> UUID:
    """Invoice a share, all that is left of it or an amount, under the next number of the series; return its id.

    Raises BillingNotFound, ShareNotFound, ShareNotAgreed, SessionNotFound, SessionNotOpen, SessionNotOver,
    WithdrawalPending, InstalmentTooLarge, SeatsChanged, NothingToInvoice, AmountTooLarge, RequestNotFound,
    QuoteNotFound, PayerAddressMissing, RuleMissing, IssueDateDecreasing, InvoiceNumberInvalid.
    """
    billing = await billings.hold(tx, grant, given.billing_id)
    share = billing.share(given.share_id)
    session = await open_session(tx, billing.session_id)
    domain.require_agreed(share)
    domain.require_over(share, session.half_days[-1] if session.half_days else None, tx.now)
    person = billing.individual and share.funder is None
    if person:
        await _require_instalment(tx, grant, billing, share, session, given.amount)
    amount = await billings.count_invoice(tx, billing, share.id, given.amount)
    payer = await _payer(tx, grant, billing, share, given)
    terms = domain.terms_on(shipped_terms(), Audience.INDIVIDUAL if person else Audience.PROFESSIONAL, tx.today)
    [number] = await take_numbers(tx, Series(seller.code, JOURNAL, tx.today.year), 1)
    check_number(number)
    require_in_order(await repository.last_issued_on(tx), tx.today)
    invoice = Invoice(
        id=new_id(),
        number=number,
        seller=seller,
        registration=mention(seller, MentionUse.CONTRACT, tx.today),
        payer=payer,
        action=_action(billing, share, session),
        amount=amount,
        terms=terms,
        issued_on=tx.today,
        due_on=tx.today + timedelta(terms.due_days),
    )
    einvoice = domain.einvoice_of(invoice)
    broken = defects(einvoice) if einvoice else ()
    await repository.add(tx, invoice, billing, share, invoice_document(invoice), einvoice, broken)
    await enqueue(tx, PRINT, subject_id=invoice.id)
    return invoice.id


async def credit(tx: Tx, grant: Grant, seller: Organisation, invoice_id: UUID, given: CreditNoteIn) -> UUID:
    """Take back an invoice, in whole or in part, by a numbered credit note; return its id.

    What is credited of a share can be invoiced again, once its billing says who pays it.
    Raises InvoiceNotFound, CreditTooLarge, IssueDateDecreasing.
    """
    billing_id = (await require_invoice(tx, grant, invoice_id)).billing_id
    billing = await billings.hold(tx, grant, billing_id)
    row = await repository.hold(tx, invoice_id)
    balance, amount = domain.credit(repository.balance_of(row), given.amount)
    [number] = await take_numbers(tx, Series(seller.code, CREDIT_JOURNAL, tx.today.year), 1)
    require_in_order(await repository.last_credited_on(tx), tx.today)
    of = from_kept(row.einvoice)
    lines = [(f"{row.document['lines'][0]['label']}, annulé", amount)]
    einvoice = credit_note_of(of, number, tx.today, lines) if of else None
    note_id = new_id()
    note = {
        "id": note_id,
        "number": number,
        "invoice_id": invoice_id,
        "amount": amount,
        "reason": given.reason.value,
        "note": given.note,
        "issued_on": tx.today,
        "document": note_document(number, tx.today, row.document, balance, amount, (given.reason, given.note)),
        "einvoice": to_kept(einvoice) if einvoice and not defects(einvoice) else None,
    }
    await repository.save_balance(tx, invoice_id, balance)
    await repository.add_note(tx, note)
    await billings.count_credit(tx, billing, row.share_id, amount)
    await enqueue(tx, PRINT_NOTE, subject_id=note_id)
    return note_id


async def settle(tx: Tx, grant: Grant, invoice_id: UUID, given: SettlementIn) -> None:
    """Record money received for an invoice, or taken back from it where negative.

    Raises InvoiceNotFound, SettlementEmpty, SettlementTooLarge, SettlementNotThere.
    """
    await require_invoice(tx, grant, invoice_id)
    row = await repository.hold(tx, invoice_id)
    balance = domain.settle(repository.balance_of(row), given.amount)
    settlement = {
        "id": new_id(),
        "invoice_id": invoice_id,
        "amount": given.amount,
        "paid_on": given.paid_on,
        "reference": given.reference,
    }
    await repository.add_settlement(tx, settlement)
    await repository.save_balance(tx, invoice_id, balance)


async def print_one(tx: Tx, files: Files, invoice_id: UUID) -> str:
    """Print and store an invoice; return its number. Repeated, it stores the same bytes. Raises InvoiceNotFound."""
    row = await repository.hold(tx, invoice_id)
    pdf = await print_invoice(row.document, from_kept(row.einvoice), row.issued_on)
    row.pdf_sha256 = (await files.put(repository.invoice_path(row.id), pdf)).sha256
    return row.number


async def print_one_note(tx: Tx, files: Files, note_id: UUID) -> str:
    """Print and store a credit note; return its number, in the same way. Raises NoteNotFound."""
    row = await repository.hold_note(tx, note_id)
    pdf = await print_note(row.document, from_kept(row.einvoice), row.issued_on)
    row.pdf_sha256 = (await files.put(repository.note_path(row.id), pdf)).sha256
    return row.number


async def _require_instalment(
    tx: Tx, grant: Grant, billing: Billing, share: Share, session: OpenSession, amount: Decimal | None
) -> None:
    agreed_on = legal_day((await request_within(tx, grant, billing.request_id)).asked_at)
    free_after = cooling_off_until(agreed_on, withdrawal_rule(agreed_on), remote=session.remote)
    asked = share.invoiced + (share.left if amount is None else amount)
    progress = (session.half_days_over(tx.now), len(session.half_days))
    domain.require_instalment(share, asked, instalment_rule(tx.today), free_after, tx.today, progress)


async def _payer(tx: Tx, grant: Grant, billing: Billing, share: Share, given: InvoiceIn) -> Payer:
    """Return who pays a share, and where: what is known comes before what is given. Raises PayerAddressMissing."""
    if share.funder is not None:
        who = share.funder
        return Payer(
            kind=who.kind, name=who.name, siren=who.siren, address=who.address, file_reference=share.file_reference
        )
    buyer = (await quote_within(tx, grant, billing.quote_id)).buyer
    name, siren, known = await _buyer(tx, billing, buyer)
    if known is None and given.address is None:
        raise PayerAddressMissing("L'adresse du payeur n'est pas connue : donnez-la avec la facture (address).")
    said = given.address
    address = known or Address(**said.model_dump() if said else {})
    return Payer(kind=share.kind, name=name, siren=siren, address=address, person=billing.individual)


async def _buyer(tx: Tx, billing: Billing, buyer: Buyer) -> tuple[str, str | None, Address | None]:
    if buyer.organisation is not None:
        there = buyer.organisation
        address = Address(street=there.street, postcode=there.postcode, city=there.city)
        return there.name, there.siret[:9], address
    if buyer.member_id is not None:
        member = (await members_behind(tx, [buyer.member_id]))[buyer.member_id]
        return member.name, member.siren, await address_of(tx, buyer.member_id)
    names = await names_of(tx, [buyer.trainee_id])
    return names.get(buyer.trainee_id, buyer_name(billing)), None, None


def _action(billing: Billing, share: Share, session: OpenSession) -> Action:
    others = [one for one in billing.shares if one.id != share.id and one.amount]
    return Action(
        title=billing.title,
        programme_code=session.programme_code,
        session=session.reference,
        first_day=legal_day(session.first_starts_at),
        last_day=legal_day(session.half_days[-1]),
        seats=billing.seats,
        price=billing.total,
        others=tuple(_other(billing, one) for one in others),
    )


def _other(billing: Billing, share: Share) -> OtherPart:
    name = share.funder.name if share.funder else buyer_name(billing)
    return OtherPart(name=name, amount=share.amount, file_reference=share.file_reference)
