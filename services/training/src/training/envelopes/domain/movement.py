"""The ledger of an envelope: what came in, what is reserved, what was consumed. Nothing of it is ever rewritten.

Where the money stands is the sum of the movements: what came in, less what is reserved, less what was consumed, is
available, and none of the four is ever below zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros
from training.envelopes.domain.refusals import (
    ContributionDayWrong,
    CorrectionWrong,
    ReservationShort,
    ReservationUnspent,
)

NOTHING = Decimal("0.00")


class EnvelopeMovementKind(Labelled):
    """What a movement is."""

    CONTRIBUTION = "contribution", "versement"
    CORRECTED = "corrected", "correction d'un versement"
    RESERVED = "reserved", "réservation"
    RELEASED = "released", "réservation libérée"
    CONSUMED = "consumed", "consommation"
    RETURNED = "returned", "consommation rendue"


class FundedSubjectKind(Labelled):
    """For what money is reserved."""

    ENROLMENT = "enrolment", "inscription"
    SESSION = "session", "session"
    AWARD = "award", "aide des fonds mutualisés solidaires"
    OTHER = "other", "autre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """For what, and for which structure, money is reserved. ``label``: what it is called by, never a person's name."""

    kind: FundedSubjectKind
    id: UUID
    label: str
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where money stands, or by how much a movement changes it.

    ``contributed``: came in, corrections included. ``reserved``: set aside, neither released nor consumed.
    ``consumed``: spent, less what was given back.
    """

    contributed: Decimal = NOTHING
    reserved: Decimal = NOTHING
    consumed: Decimal = NOTHING

    @property
    def available(self) -> Decimal:
        """What can still be reserved."""
        return self.contributed - self.reserved - self.consumed

    def plus(self, other: "Position") -> "Position":
        """Return where it stands after a change."""
        return Position(
            contributed=self.contributed + other.contributed,
            reserved=self.reserved + other.reserved,
            consumed=self.consumed + other.consumed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What became of one reservation: each sum as it was noted, all of them positive."""

    reserved: Decimal = NOTHING
    released: Decimal = NOTHING
    consumed: Decimal = NOTHING
    returned: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        """What is reserved, neither released nor consumed."""
        return self.reserved - self.released - self.consumed

    @property
    def spent(self) -> Decimal:
        """What was consumed and not given back."""
        return self.consumed - self.returned


def effect(kind: EnvelopeMovementKind, amount: Decimal) -> Position:
    """Return by how much a movement changes where the money stands; only a correction may be negative."""
    return {
        EnvelopeMovementKind.CONTRIBUTION: Position(contributed=amount),
        EnvelopeMovementKind.CORRECTED: Position(contributed=amount),
        EnvelopeMovementKind.RESERVED: Position(reserved=amount),
        EnvelopeMovementKind.RELEASED: Position(reserved=-amount),
        EnvelopeMovementKind.CONSUMED: Position(reserved=-amount, consumed=amount),
        EnvelopeMovementKind.RETURNED: Position(consumed=-amount),
    }[kind]


def position_of(
    sums: Mapping[EnvelopeMovementKind, Decimal] | Iterable[tuple[EnvelopeMovementKind, Decimal]],
) -> Position:
    """Return where the money stands after some movements, or after their sums by kind."""
    stands = Position()
    for kind, amount in sums.items() if isinstance(sums, Mapping) else sums:
        stands = stands.plus(effect(kind, amount))
    return stands


def require_left(amount: Decimal, use: Use) -> None:
    """Let only what is still reserved be released or consumed. Raises ReservationShort."""
    if amount > use.left:
        raise ReservationShort(
            f"{format_euros(use.left)} restent réservés, et non {format_euros(amount)}.", extra={"left": str(use.left)}
        )


def require_something_left(use: Use) -> None:
    """Let a reservation be used while some of it is left. Raises ReservationShort."""
    if use.left <= 0:
        raise ReservationShort("Il ne reste rien de réservé.", extra={"left": "0.00"})


def require_spent(amount: Decimal, use: Use) -> None:
    """Let no more be given back than was consumed. Raises ReservationUnspent."""
    if amount > use.spent:
        raise ReservationUnspent(
            f"{format_euros(use.spent)} ont été consommés, et non {format_euros(amount)}.",
            extra={"spent": str(use.spent)},
        )


def require_something_spent(use: Use) -> None:
    """Let something be given back once something was consumed. Raises ReservationUnspent."""
    if use.spent <= 0:
        raise ReservationUnspent("Rien n'a été consommé de cette réservation.", extra={"spent": "0.00"})


def require_come(happened_on: date, today: date) -> None:
    """Let money have come in today at the latest. Raises ContributionDayWrong."""
    if happened_on > today:
        raise ContributionDayWrong("Un versement se note une fois venu : donnez son jour de banque.")


def require_correction(amount: Decimal) -> None:
    """Let a correction change something. Raises CorrectionWrong."""
    if not amount:
        raise CorrectionWrong("Une correction change un montant : donnez la différence, négative pour retirer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One sum that moves: what it is, for what, and why. ``happened_on``: the bank's day of what came in."""

    kind: EnvelopeMovementKind
    amount: Decimal
    cause: str
    label: str
    member_id: UUID | None = None
    happened_on: date | None = None
    reservation_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money of an envelope set aside for a subject, since ``reserved_on``, and what became of it."""

    id: UUID
    envelope_id: UUID
    subject: Subject
    use: Use
    reserved_on: date
    version: int = 1
