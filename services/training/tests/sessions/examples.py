"""A session that can be announced, and what it is held against, for tables of rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from training.rooms.domain import Accessibility, Description, Fact, Room
from training.sessions.domain import CostKind, CostLine, Known, Pinned, Session, Slot, Terms, Wanted, lay_out
from training.trainers.domain import (
    Competence,
    Cost,
    CostUnit,
    Evidence,
    Half,
    HalfDay,
    Profile,
    Trainer,
    TrainerKind,
)

PARIS = ZoneInfo("Europe/Paris")
TRAINER, ROOM, MEMBER = UUID(int=10), UUID(int=20), UUID(int=30)
TODAY = date(2027, 1, 4)
NOW = datetime(2027, 1, 4, 12, 0, tzinfo=PARIS)
TUESDAY, WEDNESDAY = date(2027, 3, 2), date(2027, 3, 3)
HOURS = {Half.MORNING: (time(9), time(12, 30)), Half.AFTERNOON: (time(13, 30), time(17))}


def wanted(day: date, half: Half = Half.MORNING, **said: Any) -> Wanted:
    begins, ends = HOURS[half]
    fields: dict[str, Any] = {"begins": begins, "ends": ends, "room_id": ROOM, "trainers": (TRAINER,), **said}
    return Wanted(id=UUID(int=day.toordinal() * 2 + (half is Half.AFTERNOON)), half_day=HalfDay(day, half), **fields)


def slots(*asked: Wanted, rooms: Mapping[UUID, str] | None = None) -> tuple[Slot, ...]:
    return lay_out(asked, {ROOM: "Europe/Paris"} if rooms is None else rooms, "Europe/Paris")


def two_days(**said: Any) -> tuple[Slot, ...]:
    """Fourteen hours, on a Tuesday and a Wednesday."""
    return slots(*(wanted(day, half, **said) for day in (TUESDAY, WEDNESDAY) for half in Half))


def session(**said: Any) -> Session:
    fields: dict[str, Any] = {
        "pinned": Pinned(code="CIP-01", number=1, title="Entretien", theme="hr", hours=Decimal(14), access_days=15),
        "terms": terms(),
        "slots": two_days(),
        "costs": (CostLine(kind=CostKind.ROOM, label="Salle", amount=Decimal("400.00")),),
    }
    return Session(id=UUID(int=1), reference="SES-2027-00001", **{**fields, **said})


def terms(**said: Any) -> Terms:
    return Terms(**{"seats_min": 6, "seats_max": 12, **said})


def trainer(**said: Any) -> Trainer:
    profile = Profile(name="A. Essai", kind=TrainerKind.EMPLOYEE, cost=Cost(Decimal("300.00"), CostUnit.HALF_DAY))
    return Trainer(**{"id": TRAINER, "profile": profile, "competences": (competence(),), **said})


def competence(**said: Any) -> Competence:
    fields: dict[str, Any] = {"assessed_on": date(2026, 1, 5), "assessed_by": "Coorace Formation", **said}
    return Competence(
        id=UUID(int=11), programme_code="CIP-01", evidence=Evidence.EXPERIENCE, reference="Dossier 1", **fields
    )


def room(**said: Any) -> Room:
    described = Description(
        name="Salle Jaurès",
        street="1 rue de l'Exemple",
        postcode="31000",
        city="Toulouse",
        department="31",
        capacity=14,
        accessibility=Accessibility(step_free_access=Fact.YES),
        cost=Decimal("100.00"),
    )
    archived = said.pop("archived_on", None)
    return Room(id=ROOM, description=replace(described, **said), archived_on=archived)


def known(who: Trainer | None = None, where: Room | None = None) -> Known:
    return Known(
        trainers={TRAINER: who or trainer()}, rooms={ROOM: where or room()}, members={MEMBER: "Structure d'essai"}
    )
