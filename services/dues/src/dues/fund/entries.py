"""What paying an award does to the books: the fund owes so much less, the bank has so much less; or more again."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from common.accounting.entries import Entry, Journal, Line, Source
from dues.fund.domain import FundApplication
from dues.ledger.domain import Purpose
from dues.ledger.queries import credit, debit


def paid(entity: str, application: FundApplication, rank: int, amount: Decimal, on: date) -> Entry:
    """Return the entry of an instalment that was paid."""
    lines = debit(Purpose.FUND, amount), credit(Purpose.BANK, amount)
    return _entry(entity, application, on, "Versement", Source("fund_instalment", f"{application.id}/{rank}"), lines)


def given_back(entity: str, application: FundApplication, movement_id: UUID, amount: Decimal, on: date) -> Entry:
    """Return the entry of what a delegation gave back."""
    lines = debit(Purpose.BANK, amount), credit(Purpose.FUND, amount)
    return _entry(entity, application, on, "Somme rendue", Source("fund_return", str(movement_id)), lines)


def _entry(
    entity: str, application: FundApplication, on: date, what: str, source: Source, lines: tuple[Line, Line]
) -> Entry:
    piece = application.reference or str(application.id)
    return Entry(
        entity=entity,
        journal=Journal.BANK,
        day=on,
        piece=piece,
        piece_on=on,
        label=f"{what}, {piece}, delegation-{application.delegation}",
        source=source,
        lines=lines,
    )
