"""What the register says of a structure, day after day, as periods: from a day to another nothing of it changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from membership.members.domain.entries import STRUCTURE, Entry, Subject, Value, counting
from membership.members.domain.values import ALWAYS, NOT_PRESENT

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """What holds of a structure from a day until another, both included; for good where none is its last."""

    first_day: date
    last_day: date | None
    values: dict[Subject, Value]


def periods(entries: Iterable[Entry]) -> list[Period]:
    """Return the periods that one structure's entries make of its life, the announced days included.

    On each day of them ``values`` is what ``in_force`` says; a day of none is one on which it was not in the register,
    or was known as a duplicate, or as never to have been entered.
    """
    told = counting(entry for entry in entries if entry.subject.topic in STRUCTURE)
    drawn = []
    values: dict[Subject, Value] = {}
    for day, changes in groupby(told, key=lambda entry: entry.effective_on):
        changed = {entry.subject: entry.value for entry in changes}
        held = {**values, **changed}
        values = {subject: value for subject, value in held.items() if value is not None}
        drawn.append((day, values))
    lasts = [*(day - _DAY for day, _ in drawn[1:]), None]
    return [
        Period(day, last_day, values)
        for (day, values), last_day in zip(drawn, lasts, strict=True)
        if values.keys() >= ALWAYS and values.keys().isdisjoint(NOT_PRESENT)
    ]
