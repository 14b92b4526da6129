"""An entry in double entry: what one act does to the accounts. It balances to the cent or it cannot be made. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from common.errors import Conflict, Invalid, NotFound
from common.money import CENT, format_euros
from common.wording import write_day

_LARGEST = Decimal("1e12")


class Journal(StrEnum):
    """Which book an entry stands in."""

    SALES = "VE"
    BANK = "BQ"
    MISCELLANEOUS = "OD"
    OPENING = "AN"


class LineInvalid(Invalid):
    """A line bears one amount, of debit or of credit, positive and in cents."""

    code = "entry_line_invalid"


class EntryTooShort(Invalid):
    """Double entry takes two lines at least."""

    code = "entry_too_short"


class EntryUnbalanced(Invalid):
    """What is debited is not what is credited."""

    code = "entry_unbalanced"
    title = "Écriture déséquilibrée"


class EntryDayInFuture(Conflict):
    """An entry is of a day that has come."""

    code = "entry_day_in_future"


class EntryPosted(Conflict):
    """What the entry is about is in the books already: nothing is posted twice."""

    code = "entry_posted"
    title = "Déjà comptabilisé"


class EntryNotFound(NotFound):
    """No such entry."""

    code = "entry_not_found"


class EntryReversed(Conflict):
    """An entry is reversed once, and what reverses another is not reversed."""

    code = "entry_reversed"


class EntryNotByHand(Conflict):
    """The entry is that of an act which is undone where it was done: an invoice, a payment."""

    code = "entry_not_by_hand"


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """Whom a line is about: a stable code, and the name as it was that day."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """What an entry comes from: an act is posted once."""

    kind: str
    id: str


OPENING_BALANCES = "opening_balances"
"""The kind of the entries that take up the balances of a year."""
_REVERSAL = "reversal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One amount put on one account, in euros, with the account's name as it was that day.

    ``about`` is what the line is about, an invoice or a sum of money: the lines of an account that are about one thing
    are lettered once they sum to nothing.
    """

    account: str
    label: str
    debit: Decimal
    credit: Decimal
    auxiliary: Auxiliary | None = None
    about: str | None = None

    def __post_init__(self) -> None:
        amount = self.debit + self.credit
        if min(self.debit, self.credit) != 0 or not 0 < amount < _LARGEST:
            raise LineInvalid(f"Compte {self.account} : un montant positif, au débit ou au crédit.")
        if amount != amount.quantize(CENT):
            raise LineInvalid(f"Compte {self.account} : un montant s'écrit en euros, avec deux décimales au plus.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one act does to the accounts of one legal entity. ``piece`` is the document that proves it, with its day."""

    entity: str
    journal: Journal
    day: date
    piece: str
    piece_on: date
    label: str
    source: Source
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if len(self.lines) < 2:
            raise EntryTooShort(f"« {self.label} » : une écriture compte deux lignes au moins.")
        debit, credit = (sum(getattr(line, side) for line in self.lines) for side in ("debit", "credit"))
        if debit != credit:
            raise EntryUnbalanced(
                f"« {self.label} » : {format_euros(debit)} au débit, {format_euros(credit)} au crédit.",
                extra={"debit": str(debit), "credit": str(credit)},
            )

    @property
    def total(self) -> Decimal:
        """What is debited, which is what is credited."""
        return sum((line.debit for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry of the books, as far as reversing it is concerned."""

    number: str
    source: Source
    reversed_by: str | None


def require_come(entry: Entry, today: date) -> None:
    """Let an entry through whose day has come. Raises EntryDayInFuture."""
    if entry.day > today:
        raise EntryDayInFuture(f"« {entry.label} » : le {write_day(entry.day)} n'est pas encore venu.")


def require_reversible(standing: Standing) -> None:
    """Let an entry through that nothing reversed yet. Raises EntryReversed."""
    if standing.reversed_by is not None:
        raise EntryReversed(f"L'écriture {standing.number} est déjà extournée, par {standing.reversed_by}.")
    if standing.source.kind == _REVERSAL:
        raise EntryReversed(f"L'écriture {standing.number} en extourne une autre : elle ne s'extourne pas.")


def require_by_hand(standing: Standing) -> None:
    """Let through an entry that a person made as such, and may reverse as such. Raises EntryNotByHand."""
    if standing.source.kind not in (OPENING_BALANCES, _REVERSAL):
        raise EntryNotByHand(
            f"L'écriture {standing.number} vient d'un acte : défaites-le là où il a été fait, elle suivra."
        )


def mirror(entry: Entry, entry_id: str, number: str, day: date, reason: str) -> Entry:
    """Return the entry that undoes another, line by line."""
    return Entry(
        entity=entry.entity,
        journal=entry.journal,
        day=day,
        piece=entry.piece,
        piece_on=entry.piece_on,
        label=f"Extourne de {number} : {reason}",
        source=Source(_REVERSAL, entry_id),
        lines=tuple(replace(line, debit=line.credit, credit=line.debit) for line in entry.lines),
    )
