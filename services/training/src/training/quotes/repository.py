"""Loads quotes and adds them, and their acceptance; the only writer of their tables."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Tx
from training.quotes.domain import (
    Buyer,
    BuyerKind,
    Discount,
    Funding,
    GivenPrice,
    Organisation,
    Priced,
    Proof,
    Quote,
)
from training.quotes.tables import AcceptanceRow, QuoteRow

_QUOTE_WHOLE: Any = QuoteRow
_ACCEPTED_AT: Any = AcceptanceRow.accepted_at
_PRICED: TypeAdapter[Priced] = TypeAdapter(Priced)
_PROOF: TypeAdapter[Proof] = TypeAdapter(Proof)
_GIVEN: TypeAdapter[GivenPrice | None] = TypeAdapter(GivenPrice | None)
_DISCOUNT: TypeAdapter[Discount | None] = TypeAdapter(Discount | None)
_FUNDING: TypeAdapter[tuple[Funding, ...]] = TypeAdapter(tuple[Funding, ...])
_ORGANISATION: TypeAdapter[Organisation | None] = TypeAdapter(Organisation | None)
_SAME = (
    "id", "reference", "session_id", "programme_code", "programme_number", "title", "buyer_name", "seats", "quoted_on",
    "valid_until", "renews", "created_at", "created_by",
)  # fmt: skip


def with_acceptance() -> Select[Any]:
    """Select quotes, each with the instant at which its price was taken, if it was."""
    query: Select[Any] = select(_QUOTE_WHOLE, _ACCEPTED_AT)
    return query.outerjoin(AcceptanceRow, col(AcceptanceRow.quote_id) == col(QuoteRow.id))


def to_domain(row: QuoteRow, accepted_at: Any) -> Quote:
    """Read a row as the rules know a quote."""
    return Quote(
        **{name: getattr(row, name) for name in _SAME},
        buyer=Buyer(
            kind=BuyerKind(row.buyer_kind),
            member_id=row.member_id,
            trainee_id=row.trainee_id,
            organisation=_ORGANISATION.validate_python(row.organisation),
        ),
        priced=_PRICED.validate_python(row.priced),
        given=_GIVEN.validate_python(row.given),
        discount=_DISCOUNT.validate_python(row.discount),
        funding=_FUNDING.validate_python(row.funding),
        proof=_PROOF.validate_python(row.proof),
        accepted_at=accepted_at,
    )


async def add(tx: Tx, quote: Quote) -> None:
    """Keep a quote for ever."""
    buyer = quote.buyer
    values = {
        **{name: getattr(quote, name) for name in _SAME},
        "buyer_kind": buyer.kind.value,
        "buyer_key": buyer.key,
        "member_id": buyer.member_id,
        "trainee_id": buyer.trainee_id,
        "organisation": asdict(buyer.organisation) if buyer.organisation else None,
        "priced": _PRICED.dump_python(quote.priced, mode="json"),
        "total": quote.priced.total,
        "remainder": quote.priced.remainder,
        "given": _GIVEN.dump_python(quote.given, mode="json"),
        "discount": _DISCOUNT.dump_python(quote.discount, mode="json"),
        "funding": _FUNDING.dump_python(quote.funding, mode="json"),
        "proof": _PROOF.dump_python(quote.proof, mode="json"),
    }
    await tx.session.execute(insert(QuoteRow).values(**values))


async def accept(tx: Tx, quote: Quote) -> bool:
    """Keep that a price is taken; tell whether nobody had taken it before, however many try at once."""
    values = {"quote_id": quote.id, "accepted_at": tx.now, "accepted_by": tx.actor.subject}
    statement = insert(AcceptanceRow).values(**values).on_conflict_do_nothing()
    added = await tx.session.execute(statement.returning(col(AcceptanceRow.quote_id)))
    return added.scalar_one_or_none() is not None
