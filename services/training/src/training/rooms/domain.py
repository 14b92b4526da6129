"""The rules of rooms: where each is, what it costs, who can come in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled


class RoomNotFound(NotFound):
    """No room has this identifier."""

    code = "room_not_found"


class RoomArchived(Conflict):
    """What is said of a room that is not used any more does not change."""

    code = "room_archived"
    title = "Salle archivée"


class RoomNotArchived(Conflict):
    """Only a room that is not used any more is used again."""

    code = "room_not_archived"
    title = "Salle en usage"


class CheckedAnotherDay(Invalid):
    """What was checked was checked already."""

    code = "room_checked_later"


class Fact(Labelled):
    """What is known of a room. A question that nobody asked is not answered no."""

    YES = "yes", "oui"
    NO = "no", "non"
    UNKNOWN = "unknown", "non vérifié"


_MAINLAND = "Europe/Paris"
_ZONES: Mapping[str, str] = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "976": "Indian/Mayotte",
}
"""The local time of each overseas department. Source: IANA time zone database, ``zone1970.tab``."""


@dataclass(frozen=True, slots=True)
class Accessibility:
    """Who can come in. Source: décret 2019-565, indicators 17 (premises suited) and 26 (disability).

    ``checked_on``: the day on which it was last checked on the spot, None where it never was.
    """

    step_free_access: Fact = Fact.UNKNOWN
    accessible_toilet: Fact = Fact.UNKNOWN
    hearing_loop: Fact = Fact.UNKNOWN
    parking: Fact = Fact.UNKNOWN
    note: str = ""
    checked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """The office that lends or lets a room, never a person."""

    office: str
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said of a room. ``cost``: of a half-day, in euros excluding VAT; None where it is not known."""

    name: str
    street: str
    postcode: str
    city: str
    department: str
    delegation: str | None = None
    capacity: int
    accessibility: Accessibility = Accessibility()
    equipment: tuple[str, ...] = ()
    cost: Decimal | None = None
    owner: Owner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room where sessions are held."""

    id: UUID
    description: Description
    archived_on: date | None = None
    version: int = 1

    @property
    def zone(self) -> str:
        """The IANA zone whose hour is read there."""
        return zone_of(self.description.department)


def zone_of(department: str) -> str:
    """Return the IANA zone whose hour is read in a department: Paris's, or its own overseas."""
    return _ZONES.get(department, _MAINLAND)


def require_checked(description: Description, today: date) -> None:
    """Let a room say when its accessibility was checked. Raises CheckedAnotherDay."""
    checked_on = description.accessibility.checked_on
    if checked_on is not None and checked_on > today:
        raise CheckedAnotherDay("L'accessibilité se vérifie avant de s'écrire : ce jour est à venir.")


def require_used(room: Room) -> None:
    """Let something be said of a room that is used. Raises RoomArchived."""
    if room.archived_on is not None:
        raise RoomArchived("Cette salle est archivée : rétablissez-la d'abord.")


def amend(room: Room, description: Description, today: date) -> Room:
    """Say otherwise what a room is. Raises RoomArchived, CheckedAnotherDay."""
    require_used(room)
    require_checked(description, today)
    return replace(room, description=description, version=room.version + 1)


def archive(room: Room, today: date) -> Room:
    """Use a room no more. Raises RoomArchived."""
    require_used(room)
    return replace(room, archived_on=today, version=room.version + 1)


def restore(room: Room) -> Room:
    """Use a room again. Raises RoomNotArchived."""
    if room.archived_on is None:
        raise RoomNotArchived("Cette salle n'est pas archivée.")
    return replace(room, archived_on=None, version=room.version + 1)
