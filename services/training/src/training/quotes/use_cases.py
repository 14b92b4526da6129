"""What is done with quotes: ask for a price, renew one, take one. A quote is never changed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.rights import Grant, Scope
from common.transaction import Tx
from training.members.queries import require_member
from training.quotes import domain, repository
from training.quotes.domain import (
    Buyer,
    BuyerKind,
    Discount,
    Funding,
    GivenPrice,
    Organisation,
    PriceNotYours,
    Quote,
    QuoteAccepted,
)
from training.quotes.queries import (
    member_price_rule,
    proof_of,
    quote_within,
    session_within,
    sold_by,
    validity_rule,
)
from training.quotes.schemas import BuyerIn, QuoteIn
from training.trainees.queries import require_trainees


async def ask(tx: Tx, grant: Grant, given: QuoteIn) -> Quote:
    """Give a price to a buyer within reach, and keep it.

    Raises MemberUnknown, MemberMerged, TraineeNotFound, SessionNotFound, SheetNotFound, PriceNotYours, PriceMissing,
    DiscountTooLarge, FundingTooLarge, RuleMissing.
    """
    if grant.scope is Scope.OWN and (given.given_price or given.discount):
        raise PriceNotYours("Un prix particulier ou une remise se demande à Coorace Formation.")
    buyer, name = await _buyer(tx, grant, given.buyer)
    session = await session_within(tx, grant, given.session_id) if given.session_id else None
    tariff, title = await sold_by(tx, session, given.programme_code)
    hand, cut = given.given_price, given.discount
    by_hand = GivenPrice(unit=hand.unit, reason=hand.reason) if hand else None
    discount = Discount(reason=cut.reason, amount=cut.amount, percent=cut.percent) if cut else None
    funding = tuple(Funding(one.funder, one.amount) for one in given.announced_funding)
    proof = await proof_of(tx, buyer, tx.today)
    rule = member_price_rule(tx.today)
    priced = domain.price(tariff, given.seats, proof, rule, given=by_hand, discount=discount, funding=funding)
    quote = Quote(
        id=new_id(),
        reference="",
        session_id=given.session_id,
        programme_code=tariff.code,
        programme_number=tariff.number,
        title=title,
        buyer=buyer,
        buyer_name=name,
        seats=given.seats,
        priced=priced,
        given=by_hand,
        discount=discount,
        funding=funding,
        proof=proof,
        quoted_on=tx.today,
        valid_until=tx.today + timedelta(validity_rule(tx.today).days),
        renews=None,
        created_at=tx.now,
        created_by=tx.actor.subject,
    )
    return await _keep(tx, quote)


async def renew(tx: Tx, grant: Grant, quote_id: UUID) -> Quote:
    """Give a price again, on what is known today: the same seats for the same buyer.

    Raises QuoteNotFound, QuoteAccepted, PriceNotYours, PriceMissing, DiscountTooLarge, FundingTooLarge, MemberUnknown,
    SessionNotFound, SheetNotFound, RuleMissing.
    """
    old = await quote_within(tx, grant, quote_id)
    domain.require_renewable(old)
    if grant.scope is Scope.OWN and (old.given or old.discount):
        raise PriceNotYours("Ce prix a été donné par Coorace Formation : demandez-lui de le renouveler.")
    session = await session_within(tx, grant, old.session_id) if old.session_id else None
    tariff, title = await sold_by(tx, session, old.programme_code)
    proof, rule = await proof_of(tx, old.buyer, tx.today), member_price_rule(tx.today)
    priced = domain.price(tariff, old.seats, proof, rule, given=old.given, discount=old.discount, funding=old.funding)
    quote = replace(
        old,
        id=new_id(),
        programme_number=tariff.number,
        title=title,
        priced=priced,
        proof=proof,
        quoted_on=tx.today,
        valid_until=tx.today + timedelta(validity_rule(tx.today).days),
        renews=old.id,
        created_at=tx.now,
        created_by=tx.actor.subject,
    )
    return await _keep(tx, quote)


async def take(tx: Tx, grant: Grant, quote_id: UUID) -> Quote:
    """Take a price, once, on what it rests on.

    Raises QuoteNotFound, QuoteAccepted, QuoteExpired, QuoteOutdated, MemberUnknown.
    """
    quote = await quote_within(tx, grant, quote_id)
    domain.require_acceptable(quote, tx.today)
    domain.require_as_quoted(quote, await proof_of(tx, quote.buyer, tx.today))
    if not await repository.accept(tx, quote):
        raise QuoteAccepted("Ce devis a déjà été accepté : ses places ont été demandées.")
    return replace(quote, accepted_at=tx.now)


async def _keep(tx: Tx, quote: Quote) -> Quote:
    [reference] = await take_numbers(tx, Series("training", "DEV", tx.today.year), 1)
    numbered = replace(quote, reference=reference)
    await repository.add(tx, numbered)
    return numbered


async def _buyer(tx: Tx, grant: Grant, given: BuyerIn) -> tuple[Buyer, str]:
    """Return a buyer within reach and the name that the quote keeps: never a person's."""
    if given.member_id is not None:
        known = await require_member(tx, grant, given.member_id)
        return Buyer(kind=BuyerKind.MEMBER, member_id=known.id), known.name
    if grant.scope is Scope.OWN:
        raise PriceNotYours("Votre structure demande des prix pour elle-même : dites member_id.")
    if given.trainee_id is not None:
        await require_trainees(tx, grant, [given.trainee_id])
        return Buyer(kind=BuyerKind.INDIVIDUAL, trainee_id=given.trainee_id), ""
    organisation = Organisation(**given.organisation.model_dump()) if given.organisation else None
    return Buyer(kind=BuyerKind.ORGANISATION, organisation=organisation), organisation.name if organisation else ""
