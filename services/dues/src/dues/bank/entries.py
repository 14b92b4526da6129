"""What the bank takes for itself does to the books."""

from decimal import Decimal

from dues.bank.tables import LineRow
from dues.ledger.domain import Entry, Journal, Purpose, Source
from dues.ledger.queries import credit, debit


def charged(entity: str, row: LineRow, amount: Decimal) -> Entry:
    """Return the entry of what the bank took besides the sum that a line takes back: once, as the line is one."""
    return Entry(
        entity=entity,
        journal=Journal.BANK,
        day=row.booked_on,
        piece=row.reference or str(row.id),
        piece_on=row.booked_on,
        label=f"Frais sur impayé {row.end_to_end or row.reference or ''}".strip(),
        source=Source("bank_charge", str(row.id)),
        lines=(debit(Purpose.BANK_CHARGE, amount), credit(Purpose.BANK, amount)),
    )
