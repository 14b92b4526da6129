"""Reads of quotes, and of what a price is made from: the tariff of a version, the proof of a membership, the rules."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, null, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from training.members.queries import membership_on
from training.programmes.queries.catalogue import find_sheet
from training.programmes.queries.programmes import find_version
from training.programmes.schemas import SheetOut
from training.quotes import repository
from training.quotes.documents import quote_line
from training.quotes.domain import (
    Buyer,
    BuyerKind,
    MemberPriceRule,
    Proof,
    Quote,
    QuoteNotFound,
    QuoteStatus,
    Tariff,
    ValidityRule,
    require_acceptable,
    require_renewable,
    status_on,
)
from training.quotes.schemas import (
    MembershipProofOut,
    OrganisationBody,
    PricedOut,
    QuoteFilters,
    QuoteLine,
    QuoteListParams,
    QuoteOut,
    QuoteRuleOut,
    QuoteRulesOut,
)
from training.quotes.tables import AcceptanceRow, QuoteRow
from training.rights import RIGHTS, Act
from training.sessions.domain import SessionNotFound
from training.sessions.queries.outline import Outline, outline_of
from training.trainees.queries import names_of

_QUOTE: Any = QuoteRow.__table__  # type: ignore[attr-defined]
_ACCEPTED: Any = AcceptanceRow.__table__.c.accepted_at  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"quoted_on": _QUOTE.c.quoted_on, "reference": _QUOTE.c.reference},
    default="-quoted_on",
    unique=_QUOTE.c.id,
)
_PACKAGE = "training.quotes"
_SAME = (
    "id", "reference", "session_id", "programme_code", "programme_number", "title", "seats", "quoted_on",
    "valid_until", "renews", "accepted_at", "created_at",
)  # fmt: skip


@cache
def _member_price_rules() -> tuple[MemberPriceRule, ...]:
    return shipped_rules(_PACKAGE, "member_price.toml", MemberPriceRule)


@cache
def _validity_rules() -> tuple[ValidityRule, ...]:
    return shipped_rules(_PACKAGE, "validity.toml", ValidityRule)


def member_price_rule(day: date) -> MemberPriceRule:
    """Return which members lose the member price on a day. Raises RuleMissing."""
    return rule_on(_member_price_rules(), day)


def validity_rule(day: date) -> ValidityRule:
    """Return for how long a price given on a day is held. Raises RuleMissing."""
    return rule_on(_validity_rules(), day)


def rules_of(day: date) -> QuoteRulesOut:
    """Return the rules of a price of a day, with where each comes from. Raises RuleMissing."""
    member, validity = member_price_rule(day), validity_rule(day)
    lost = " ou ".join((*member.losing_statuses, *member.losing_standings))
    told = (
        (member, f"Une structure adhérente a le prix adhérent, sauf à l'état : {lost}."),
        (validity, f"Un prix est tenu {validity.days} jours."),
    )
    items = [QuoteRuleOut(since=rule.since, text=text, status=rule.status, source=rule.source) for rule, text in told]
    return QuoteRulesOut(items=items)


async def session_within(read: Read, grant: Grant, session_id: UUID) -> Outline:
    """Return a session that seats can be asked of by who asks; what is not announced to them does not exist.

    Raises SessionNotFound.
    """
    session = await outline_of(read, session_id)
    reserved = session.reserved_for
    hidden = session.drafted or (bool(reserved) and grant.actor.member_id not in reserved)
    if grant.scope is Scope.OWN and hidden:
        raise SessionNotFound("Cette session n'existe pas, ou n'est pas dans votre périmètre.")
    return session


async def sold_by(read: Read, session: Outline | None, code: str | None) -> tuple[Tariff, str]:
    """Return the tariff and the title of what is quoted: the version of a session, or that on sale of a programme.

    Raises SheetNotFound.
    """
    if session is not None:
        sheet = await find_version(read, session.programme_code, session.programme_number)
    else:
        sheet = await find_sheet(read, code or "")
    return _tariff(sheet), sheet.title


async def proof_of(read: Read, buyer: Buyer, day: date) -> Proof:
    """Return what is known of a buyer on a day: of a structure, its membership, and the dues it is behind with first.

    Raises MemberUnknown.
    """
    if buyer.member_id is None:
        return Proof(is_member=False)
    known = await membership_on(read, buyer.member_id, day)
    late = next((one for one in known.standings if one.code == "overdue"), None)
    standing = late or known.standing_of(day.year)
    return Proof(
        is_member=known.is_member,
        status=known.member.status,
        joined_on=known.member.joined_on,
        left_on=known.member.left_on,
        standing=standing.code if standing else None,
        standing_year=standing.year if standing else None,
        standing_since=standing.since if standing else None,
    )


async def quote_within(read: Read, grant: Grant, quote_id: UUID) -> Quote:
    """Return a quote within reach. Raises QuoteNotFound."""
    found = (await read.session.execute(_reached(grant).where(_QUOTE.c.id == quote_id))).one_or_none()
    if found is None:
        raise QuoteNotFound("Ce devis n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(*found)


async def prices_of(read: Read, quote_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Return the total of each of some quotes that were reached already, in euros."""
    rows = await read.session.execute(select(_QUOTE.c.id, _QUOTE.c.total).where(_QUOTE.c.id.in_(quote_ids)))
    return {row.id: row.total for row in rows}


async def find_quote(read: Read, grant: Grant, quote_id: UUID) -> QuoteOut:
    """Return a quote within reach, as it is shown. Raises QuoteNotFound."""
    return await quote_out(read, await quote_within(read, grant, quote_id))


async def quote_out(read: Read, quote: Quote) -> QuoteOut:
    """Show a quote that was reached."""
    acts = {"accept": partial(require_acceptable, quote, read.today), "renew": partial(require_renewable, quote)}
    allowed, blockers = tried(acts if grant_for(RIGHTS, Act.ASK_QUOTES, read.actor) else {})
    status = status_on(quote, read.today)
    buyer = quote.buyer
    return QuoteOut(
        **{name: getattr(quote, name) for name in _SAME},
        status=status,
        status_label=status.label,
        buyer_kind=buyer.kind,
        buyer_kind_label=buyer.kind.label,
        buyer_name=(await _buyer_names(read, [quote]))[quote.id],
        member_id=buyer.member_id,
        trainee_id=buyer.trainee_id,
        organisation=OrganisationBody.model_validate(buyer.organisation) if buyer.organisation else None,
        price=PricedOut.model_validate(quote.priced),
        announced_funding=[{"funder": one.funder, "amount": one.amount} for one in quote.funding],
        proof=MembershipProofOut.model_validate(quote.proof),
        rules_status=member_price_rule(quote.quoted_on).status,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def quotes_by_id(read: Read, ids: Collection[UUID]) -> dict[UUID, Quote]:
    """Return quotes, by id: of requests that were reached already."""
    rows = await read.session.execute(repository.with_acceptance().where(_QUOTE.c.id.in_(ids)))
    return {row[0].id: repository.to_domain(*row) for row in rows}


async def list_quotes(read: Read, grant: Grant, params: QuoteListParams) -> Page[QuoteLine]:
    """Return one page of the quotes within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, grant, params), _ORDER, params)
    return Page(items=await _lines(read, rows), next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: QuoteFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same quotes as the list with the same filters."""
    rows = (await read.session.execute(_filtered(read, grant, filters).order_by(_QUOTE.c.id))).all()
    return map(quote_line, await _lines(read, rows))


def _tariff(sheet: SheetOut) -> Tariff:
    content = sheet.content
    return Tariff(code=sheet.code, number=sheet.number, price=content.price, member_price=content.member_price)


def _reached(grant: Grant) -> Select[Any]:
    return repository.with_acceptance().where(grant.covers(member=_QUOTE.c.member_id, delegation=null()))


def _filtered(read: Read, grant: Grant, params: QuoteFilters) -> Select[Any]:
    query = _reached(grant)
    if params.member_id:
        query = query.where(_QUOTE.c.member_id.in_(params.member_id))
    if params.session_id:
        query = query.where(_QUOTE.c.session_id.in_(params.session_id))
    if params.programme:
        query = query.where(_QUOTE.c.programme_code.in_(params.programme))
    if params.status:
        query = query.where(or_(*(_is(status, read.today) for status in params.status)))
    if params.quoted_from:
        query = query.where(_QUOTE.c.quoted_on >= params.quoted_from)
    if params.quoted_to:
        query = query.where(_QUOTE.c.quoted_on <= params.quoted_to)
    return query


def _is(status: QuoteStatus, today: date) -> ColumnElement[bool]:
    accepted: ColumnElement[bool] = _ACCEPTED.is_not(None)
    if status is QuoteStatus.ACCEPTED:
        return accepted
    held = _QUOTE.c.valid_until >= today
    return and_(~accepted, held if status is QuoteStatus.VALID else ~held)


async def _lines(read: Read, rows: Sequence[Any]) -> list[QuoteLine]:
    quotes = [repository.to_domain(*row) for row in rows]
    names = await _buyer_names(read, quotes)
    return [
        QuoteLine(
            id=quote.id,
            reference=quote.reference,
            status=status_on(quote, read.today),
            programme_code=quote.programme_code,
            session_id=quote.session_id,
            buyer_kind=quote.buyer.kind,
            buyer_name=names[quote.id],
            member_id=quote.buyer.member_id,
            seats=quote.seats,
            total=quote.priced.total,
            remainder=quote.priced.remainder,
            quoted_on=quote.quoted_on,
            valid_until=quote.valid_until,
        )
        for quote in quotes
    ]


async def _buyer_names(read: Read, quotes: Collection[Quote]) -> dict[UUID, str]:
    """Return what buyers are called; a person by their name for who may read it, by what they are for the others."""
    people = [quote.buyer.trainee_id for quote in quotes if quote.buyer.kind is BuyerKind.INDIVIDUAL]
    reads = grant_for(RIGHTS, Act.KEEP_TRAINEES, read.actor) is not None
    named = await names_of(read, people) if people and reads else {}
    return {quote.id: quote.buyer_name or named.get(quote.buyer.trainee_id, quote.buyer.kind.label) for quote in quotes}
