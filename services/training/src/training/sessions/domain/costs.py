"""What a session costs, and what cancelling it would: euros excluding VAT."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import round_to_cents
from common.wording import counted
from training.rooms.domain import Room
from training.sessions.domain.plan import Slot, hours_of
from training.trainers.domain import CostUnit, Trainer


class CostKind(Labelled):
    """What is paid for."""

    TRAINER = "trainer", "formateur"
    ROOM = "room", "salle"
    TRAVEL = "travel", "déplacements"
    MATERIALS = "materials", "supports"
    OTHER = "other", "autre"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One expense. Cancelled on ``recoverable_until`` or before, it costs nothing; after, ``lost_if_cancelled``.

    No last day: nothing is ever recovered beyond the rest of the amount. ``lost_if_cancelled`` None: nobody knows.
    """

    kind: CostKind
    label: str
    amount: Decimal
    recoverable_until: date | None = None
    lost_if_cancelled: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CancellingCost:
    """What is lost by cancelling on a day: ``known`` for sure, and ``unknown`` at most besides."""

    known: Decimal
    unknown: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """The expenses that the registers tell, and who or what they tell no cost of."""

    lines: tuple[CostLine, ...]
    untold: tuple[str, ...]


def cost_of(lines: Iterable[CostLine]) -> Decimal:
    """Return what a session costs if it is held."""
    return sum((line.amount for line in lines), Decimal("0.00"))


def cost_of_cancelling(lines: Iterable[CostLine], day: date) -> CancellingCost:
    """Return what is lost if it is cancelled on a day."""
    due = [line for line in lines if line.recoverable_until is None or line.recoverable_until < day]
    known = sum((line.lost_if_cancelled for line in due if line.lost_if_cancelled is not None), Decimal("0.00"))
    return CancellingCost(known, cost_of(line for line in due if line.lost_if_cancelled is None))


def carried_costs(lines: Iterable[CostLine]) -> tuple[CostLine, ...]:
    """Return the same expenses for another session: what is recovered of them, and until when, is to be asked again."""
    return tuple(replace(line, recoverable_until=None, lost_if_cancelled=None) for line in lines)


def proposed(slots: Sequence[Slot], trainers: Mapping[UUID, Trainer], rooms: Mapping[UUID, Room]) -> Proposal:
    """Return the expenses of the half-days at the costs of the registers, one line a trainer and a room.

    A line is kept, and does not name who teaches: a person may ask to be erased.
    """
    lines: list[CostLine] = []
    untold: list[str] = []
    for trainer_id, held in _by(slots, lambda slot: slot.trainers).items():
        profile = trainers[trainer_id].profile
        if profile.cost is None:
            untold.append(profile.name)
            continue
        units = hours_of(held) if profile.cost.unit is CostUnit.HOUR else Decimal(len(held))
        label = f"{profile.kind.label.capitalize()}, {_counted(len(held))}"
        lines.append(_line(CostKind.TRAINER, label, profile.cost.amount * units))
    for room_id, held in _by(slots, lambda slot: (slot.room_id,) if slot.room_id else ()).items():
        described = rooms[room_id].description
        if described.cost is None:
            untold.append(described.name)
            continue
        lines.append(_line(CostKind.ROOM, f"{described.name}, {_counted(len(held))}", described.cost * len(held)))
    return Proposal(lines=tuple(lines), untold=tuple(untold))


def _by(slots: Iterable[Slot], which: Callable[[Slot], Iterable[UUID]]) -> dict[UUID, list[Slot]]:
    """Return the half-days of each trainer, or of each room, in the order in which they first come."""
    held: dict[UUID, list[Slot]] = {}
    for slot in slots:
        for one in which(slot):
            held.setdefault(one, []).append(slot)
    return held


def _line(kind: CostKind, label: str, amount: Decimal) -> CostLine:
    return CostLine(kind=kind, label=label, amount=round_to_cents(amount))


def _counted(half_days: int) -> str:
    return counted(half_days, "demi-journée")
