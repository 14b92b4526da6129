"""What a session costs, and what cancelling it would: euros excluding VAT."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import round_to_cents
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


def carried_costs(lines: Iterable[CostLine], days: int) -> tuple[CostLine, ...]:
    """Return the same expenses for the same session so many days later."""
    return tuple(
        replace(line, recoverable_until=line.recoverable_until and line.recoverable_until + timedelta(days))
        for line in lines
    )


def proposed(slots: Sequence[Slot], trainers: Mapping[UUID, Trainer], rooms: Mapping[UUID, Room]) -> Proposal:
    """Return the expenses of the half-days at the costs of the registers, one line a trainer and a room."""
    lines = [*_of_trainers(slots, trainers), *_of_rooms(slots, rooms)]
    return Proposal(
        lines=tuple(line for line, amount in lines if amount is not None),
        untold=tuple(line.label for line, amount in lines if amount is None),
    )


def _of_trainers(slots: Sequence[Slot], known: Mapping[UUID, Trainer]) -> Iterator[tuple[CostLine, Decimal | None]]:
    for trainer_id in dict.fromkeys(one for slot in slots for one in slot.trainers):
        held = [slot for slot in slots if trainer_id in slot.trainers]
        profile = known[trainer_id].profile
        cost = profile.cost
        units = hours_of(held) if cost and cost.unit is CostUnit.HOUR else Decimal(len(held))
        amount = None if cost is None else round_to_cents(cost.amount * units)
        yield _line(CostKind.TRAINER, f"{profile.name}, {_counted(len(held))}", amount), amount


def _of_rooms(slots: Sequence[Slot], known: Mapping[UUID, Room]) -> Iterator[tuple[CostLine, Decimal | None]]:
    for room_id in dict.fromkeys(slot.room_id for slot in slots if slot.room_id):
        held = sum(slot.room_id == room_id for slot in slots)
        described = known[room_id].description
        amount = None if described.cost is None else round_to_cents(described.cost * held)
        yield _line(CostKind.ROOM, f"{described.name}, {_counted(held)}", amount), amount


def _line(kind: CostKind, label: str, amount: Decimal | None) -> CostLine:
    return CostLine(kind=kind, label=label, amount=amount or Decimal("0.00"))


def _counted(half_days: int) -> str:
    return f"{half_days} demi-journée{'s' if half_days > 1 else ''}"
