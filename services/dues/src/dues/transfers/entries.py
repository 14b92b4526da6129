"""What paying on does to the books: what is due to a delegation leaves the bank, or comes back to it."""

from datetime import date

from common.accounting.entries import Auxiliary, Entry, Journal, Line, Source
from dues.ledger.domain import Purpose
from dues.ledger.queries import credit, debit
from dues.transfers.domain import MovementKind
from dues.transfers.tables import LineRow


def transferred(entity: str, line: LineRow, on: date) -> Entry:
    """Return the entry of a transfer that the bank executed."""
    lines = debit(Purpose.DELEGATION, line.amount, _whose(line)), credit(Purpose.BANK, line.amount)
    return _entry(entity, line, on, MovementKind.TRANSFER, lines)


def rejected(entity: str, line: LineRow, on: date) -> Entry:
    """Return the entry of a transfer that the bank sent back."""
    lines = debit(Purpose.BANK, line.amount), credit(Purpose.DELEGATION, line.amount, _whose(line))
    return _entry(entity, line, on, MovementKind.REJECTED, lines)


def _whose(line: LineRow) -> Auxiliary:
    return Auxiliary(line.payee_code, line.payee_code)


def _entry(entity: str, line: LineRow, on: date, kind: MovementKind, lines: tuple[Line, Line]) -> Entry:
    return Entry(
        entity=entity,
        journal=Journal.BANK,
        day=on,
        piece=line.reference,
        piece_on=on,
        label=f"{kind.label.capitalize()}, {line.payee_code}",
        source=Source(f"transfer_{kind.value}", str(line.id)),
        lines=lines,
    )
