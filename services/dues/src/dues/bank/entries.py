"""What the bank takes for itself does to the books."""

from decimal import Decimal

from common.accounting.entries import Entry, Journal, Line, Source
from dues.bank.tables import LineRow
from dues.ledger.domain import Purpose
from dues.ledger.queries import credit, debit


def taken_besides(entity: str, row: LineRow, amount: Decimal) -> Entry:
    """Return the entry of what the bank took besides the sum that a line takes, or brings, back: once, as it stands."""
    label = f"Frais sur {'impayé' if row.amount < 0 else 'virement rendu'} {row.end_to_end or row.reference or ''}"
    return _entry(entity, row, label.strip(), Source("bank_charge", str(row.id)), _taken(amount))


def charged(entity: str, row: LineRow, label: str) -> Entry:
    """Return the entry of a line that is all charge: each time that it is said to be."""
    return _entry(entity, row, label, _act(row), _taken(-row.amount))


def uncharged(entity: str, row: LineRow, label: str) -> Entry:
    """Return the mirror of that entry: the line is opened again."""
    lines = debit(Purpose.BANK, -row.amount), credit(Purpose.BANK_CHARGE, -row.amount)
    return _entry(entity, row, f"Ligne de relevé rouverte : {label}", _act(row), lines)


def _taken(amount: Decimal) -> tuple[Line, Line]:
    return debit(Purpose.BANK_CHARGE, amount), credit(Purpose.BANK, amount)


def _act(row: LineRow) -> Source:
    """Name the act on a line that was just written."""
    return Source("bank_line_act", f"{row.id}/{row.version}")


def _entry(entity: str, row: LineRow, label: str, source: Source, lines: tuple[Line, Line]) -> Entry:
    return Entry(
        entity=entity,
        journal=Journal.BANK,
        day=row.booked_on,
        piece=row.reference or str(row.id),
        piece_on=row.booked_on,
        label=label,
        source=source,
        lines=lines,
    )
