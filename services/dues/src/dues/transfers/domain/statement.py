"""The monthly statement of a beneficiary: opening, what came in and went out, closing. Each can be drawn up again.

Every movement bears the day of the act that made it: no statement of a month that is over ever changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.accounting.periods import write_month
from common.labels import Labelled
from dues.transfers.domain.batch import NOTHING
from dues.transfers.domain.refusals import MonthNotBegun


class MovementKind(Labelled):
    """What moved the balance of a beneficiary."""

    SHARE = "share", "part encaissée"
    TAKEN_BACK = "taken_back", "part reprise"
    TRANSFER = "transfer", "reversement"
    REJECTED = "rejected", "reversement rejeté"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What some movements of one kind and one day did to what is left to pay a beneficiary: negative, it is less."""

    code: str
    kind: MovementKind
    day: date
    amount: Decimal
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A month of one beneficiary. Whatever leaves the balance is negative: all of it sums to the closing."""

    code: str
    opening: Decimal
    moved: dict[MovementKind, Decimal]
    movements: int

    @property
    def closing(self) -> Decimal:
        """What is left to pay at the end of the month."""
        return self.opening + sum(self.moved.values(), NOTHING)


def draw_up(movements: Iterable[Movement], first: date, last: date) -> dict[str, Statement]:
    """Draw up the statement of each beneficiary to whom something happened up to the end of a month."""
    openings: dict[str, Decimal] = {}
    moved: dict[str, dict[MovementKind, Decimal]] = {}
    counts: dict[str, int] = {}
    for one in movements:
        if one.day > last:
            continue
        within = moved.setdefault(one.code, dict.fromkeys(MovementKind, NOTHING))
        if one.day < first:
            openings[one.code] = openings.get(one.code, NOTHING) + one.amount
        else:
            within[one.kind] += one.amount
            counts[one.code] = counts.get(one.code, 0) + one.count
    return {
        code: Statement(
            code=code, opening=openings.get(code, NOTHING), moved=moved[code], movements=counts.get(code, 0)
        )
        for code in sorted(moved)
    }


def require_begun(first: date, today: date) -> None:
    """Let a month be told that has begun. Raises MonthNotBegun."""
    if first > today:
        raise MonthNotBegun(f"Le mois {write_month(first)} n'a pas commencé.")
