"""What each has followed, in hours, once every half-day of a session is signed.

Source: arrêté du 21 décembre 2018 (certificat de réalisation: the hours really followed); the contract of
``training.completed`` (last day followed, hours really followed; said again, it corrects).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from training.attendance.domain.ledger import Kind
from training.attendance.domain.sheet import Sheet


class Told(Labelled):
    """What the other services were last told of a seat."""

    COMPLETED = "completed", "formation suivie"
    CANCELLED = "cancelled", "présence comptée à tort"


@dataclass(frozen=True, slots=True)
class Followed:
    """How many hours of a session somebody followed, on how many half-days, and the last day of it."""

    enrolment_id: UUID
    hours: Decimal
    half_days: int
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Completion:
    """What was told of a seat."""

    enrolment_id: UUID
    told: Told
    hours: Decimal
    last_day: date


def followed(sheets: Sequence[Sheet], enrolment_id: UUID) -> Followed:
    """Add up what somebody followed; a half-day counts from the moment it is marked."""
    marks = [(sheet.slot.half_day.day, mark.said) for sheet in sheets if (mark := sheet.of(enrolment_id)) is not None]
    there = [(day, said.hours) for day, said in marks if said.kind is not Kind.ABSENT and said.hours]
    return Followed(
        enrolment_id,
        sum((hours for _, hours in there), Decimal(0)),
        len(there),
        max((day for day, _ in there), default=None),
    )


def all_closed(sheets: Sequence[Sheet]) -> bool:
    """Tell whether every half-day is signed by its trainer."""
    return bool(sheets) and all(sheet.closed is not None for sheet in sheets)


def to_tell(found: Sequence[Followed], told: Mapping[UUID, Completion]) -> tuple[Completion, ...]:
    """Return what the others are to be told: who has followed; otherwise than was told; or nothing, after all.

    Of who has followed nothing, and of whom nothing was told, nothing is said: the seat was taken, and stays so.
    """
    news = []
    for one in found:
        before = told.get(one.enrolment_id)
        if one.last_day is not None:
            now = Completion(one.enrolment_id, Told.COMPLETED, one.hours, one.last_day)
        elif before is not None:
            now = Completion(one.enrolment_id, Told.CANCELLED, Decimal(0), before.last_day)
        else:
            continue
        if now != before:
            news.append(now)
    return tuple(news)
