"""What is done with billings: open one, ask funders, write their answers, reckon it again, count what is invoiced."""

from decimal import Decimal
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.legal_entities import Address
from common.rights import Grant
from common.transaction import Tx
from common.wording import counted
from training.billings import domain, repository
from training.billings.domain import (
    Agreement,
    Billing,
    BillingExists,
    Funder,
    PayerKind,
    SeatsPending,
    Share,
    ShareStatus,
)
from training.billings.queries import billing_within, find_billing, worth_of
from training.billings.schemas import AgreementIn, BillingIn, FunderIn
from training.enrolments.queries.requests import request_within
from training.enrolments.queries.sold import sold_of
from training.quotes.queries import prices_of
from training.sessions.queries.outline import outline_of


async def open_billing(tx: Tx, grant: Grant, given: BillingIn) -> Billing:
    """Open the billing of a request whose seats are all taken or given back, at the price of its quote.

    Raises RequestNotFound, SessionNotFound, SeatsPending, NothingToBill, SharesTooLarge, BillingExists.
    """
    request = await request_within(tx, grant, given.request_id)
    session = await outline_of(tx, request.session_id)
    seats = (await sold_of(tx, [request.id]))[request.id]
    if seats.pending:
        raise SeatsPending(f"Encore attendu ou proposé, de cette demande : {counted(seats.pending, 'place')}.")
    price = (await prices_of(tx, [request.quote_id]))[request.quote_id]
    total = domain.what_is_sold(price, seats.asked, seats.taken, seats.due)
    billing = Billing(
        id=new_id(),
        request_id=request.id,
        quote_id=request.quote_id,
        session_id=request.session_id,
        member_id=request.member_id,
        individual=request.individual,
        reference=request.reference,
        title=session.title,
        buyer_name=request.buyer_name,
        seats=seats.taken,
        total=total,
        shares=(Share(id=new_id(), status=ShareStatus.AGREED, amount=total),),
        opened_at=tx.now,
        opened_by=tx.actor.subject,
    )
    shared = domain.opened(billing, [(new_id(), _funder(one), one.amount) for one in given.funders])
    if not await repository.add(tx, shared):
        raise BillingExists("Cette demande a déjà sa facturation : ses payeurs s'y partagent le total.")
    return shared


async def ask(tx: Tx, grant: Grant, billing_id: UUID, if_match: str | None, given: FunderIn) -> None:
    """Ask one more funder for a part.

    Raises BillingNotFound, SharesTooLarge, ShareInvoiced, PreconditionMissing, PreconditionFailed.
    """
    billing = await _held(tx, grant, billing_id, if_match)
    await repository.save(tx, domain.ask(billing, new_id(), _funder(given), given.amount))


async def agree(
    tx: Tx, grant: Grant, billing_id: UUID, share_id: UUID, if_match: str | None, given: AgreementIn
) -> None:
    """Write what a funder agreed to: less than asked, the rest is the buyer's.

    Raises BillingNotFound, ShareNotFound, ShareOfBuyer, ShareRefused, ShareInvoiced, SharesTooLarge,
    AgreementDateWrong, PreconditionMissing, PreconditionFailed.
    """
    billing = await _held(tx, grant, billing_id, if_match)
    answer = Agreement(amount=given.amount, file_reference=given.file_reference, agreed_on=given.agreed_on)
    await repository.save(tx, domain.agree(billing, share_id, answer, tx.today))


async def refuse(tx: Tx, grant: Grant, billing_id: UUID, share_id: UUID, if_match: str | None) -> None:
    """Write that a funder refused: its part is the buyer's.

    Raises BillingNotFound, ShareNotFound, ShareOfBuyer, ShareRefused, ShareInvoiced, PreconditionMissing,
    PreconditionFailed.
    """
    billing = await _held(tx, grant, billing_id, if_match)
    await repository.save(tx, domain.refuse(billing, share_id))


async def revise(tx: Tx, grant: Grant, billing_id: UUID, if_match: str | None) -> None:
    """Take the total again from the seats as they are; the difference is the buyer's.

    Raises BillingNotFound, ShareInvoiced, SharesTooLarge, PreconditionMissing, PreconditionFailed.
    """
    billing = await _held(tx, grant, billing_id, if_match)
    seats, worth = await worth_of(tx, billing)
    await repository.save(tx, domain.revise(billing, seats.taken, worth))


async def hold(tx: Tx, grant: Grant, billing_id: UUID) -> Billing:
    """Hold a billing within reach: nobody invoices or changes it meanwhile. Raises BillingNotFound."""
    await billing_within(tx, grant, billing_id)
    return await repository.hold(tx, billing_id)


async def count_invoice(tx: Tx, billing: Billing, share_id: UUID, amount: Decimal | None) -> Decimal:
    """Count as invoiced an amount of a share of a held billing, all that is left of it without one; return how much.

    Raises SeatsChanged, ShareNotFound, NothingToInvoice, AmountTooLarge.
    """
    domain.require_unchanged(billing, (await worth_of(tx, billing))[1])
    counted, asked = domain.invoice(billing, share_id, amount)
    await repository.save(tx, counted)
    return asked


async def count_credit(tx: Tx, billing: Billing, share_id: UUID, amount: Decimal) -> None:
    """Count as invoiced no more what a credit note takes back of a share of a held billing. Raises ShareNotFound."""
    await repository.save(tx, domain.credit(billing, share_id, amount))


async def _held(tx: Tx, grant: Grant, billing_id: UUID, if_match: str | None) -> Billing:
    """Hold a billing within reach, in the version that was read."""
    billing = await hold(tx, grant, billing_id)
    await check_version(if_match, billing.version, partial(find_billing, tx, grant, billing_id))
    return billing


def _funder(given: FunderIn) -> Funder:
    where = Address(street=given.address.street, postcode=given.address.postcode, city=given.address.city)
    return Funder(kind=PayerKind(given.kind), name=given.name, siren=given.siren, address=where)
