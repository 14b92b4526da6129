"""What the acts on calls for dues do to the books: a call is owed, a credit note takes it back, money is shared out."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from common.accounting.entries import Auxiliary, Entry, Journal, Line, Source
from dues.apportionment.domain import Announced, CashMovement, beneficiary_of
from dues.grids.domain import Beneficiary
from dues.invoices.domain import Called, Credited
from dues.invoices.repository import Issued
from dues.ledger.domain import Purpose
from dues.ledger.queries import credit, debit


def called(entity: str, issued: Iterable[Issued]) -> list[Entry]:
    """Return the entries of calls that were issued: what each member owes, and the dues of the year."""
    return [_called(entity, one) for one in issued if one.invoice.total]


def credited(entity: str, call: Called, note: Credited, on: date) -> Entry:
    """Return the entry of a credit note: it takes back what the call did."""
    return Entry(
        entity=entity,
        journal=Journal.SALES,
        day=on,
        piece=note.number,
        piece_on=on,
        label=f"Avoir sur {call.number}, {call.member_name}",
        source=Source("credit", note.number),
        lines=(
            debit(Purpose.INCOME, note.amount),
            credit(Purpose.MEMBER, note.amount, call.debtor, about=call.number),
        ),
    )


def shared(entity: str, call: Announced, movement: CashMovement, parts: Mapping[str, Decimal], on: date) -> list[Entry]:
    """Return the entry of what a movement of money owes the delegations and the fund, if it owes them anything.

    The federation's own part stays where it is.
    """
    lines = [line for code, amount in sorted(parts.items()) for line in _share(code, amount)]
    if not lines:
        return []
    return [
        Entry(
            entity=entity,
            journal=Journal.MISCELLANEOUS,
            day=on,
            piece=movement.piece,
            piece_on=on,
            label=f"Répartition de {movement.piece} sur {call.number}",
            source=Source("apportionment", str(movement.id)),
            lines=tuple(lines),
        )
    ]


def _called(entity: str, one: Issued) -> Entry:
    invoice = one.invoice
    member = Auxiliary(str(invoice.buyer.member_id), invoice.buyer.name)
    return Entry(
        entity=entity,
        journal=Journal.SALES,
        day=invoice.issued_on,
        piece=invoice.number,
        piece_on=invoice.issued_on,
        label=f"Cotisation {invoice.year}, {invoice.buyer.name}",
        source=Source("invoice", str(one.id)),
        lines=(
            debit(Purpose.MEMBER, invoice.total, member, about=invoice.number),
            credit(Purpose.INCOME, invoice.total),
        ),
    )


def _share(code: str, amount: Decimal) -> tuple[Line, ...]:
    beneficiary = beneficiary_of(code)
    if beneficiary is Beneficiary.NATIONAL_OFFER:
        return ()
    delegation = beneficiary is Beneficiary.DELEGATION
    purpose, whose = (Purpose.DELEGATION, Auxiliary(code, code)) if delegation else (Purpose.FUND, None)
    if amount > 0:
        return debit(Purpose.SHARE, amount), credit(purpose, amount, whose)
    return credit(Purpose.SHARE, -amount), debit(purpose, -amount, whose)
