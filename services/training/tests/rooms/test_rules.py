"""The rules of rooms, in tables: whose hour is read there, when what is said of one changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from common.errors import Refusal, obstacle
from training.rooms.domain import (
    Accessibility,
    CheckedAnotherDay,
    Description,
    Fact,
    Room,
    RoomArchived,
    RoomNotArchived,
    amend,
    archive,
    require_checked,
    restore,
    zone_of,
)

TODAY = date(2026, 6, 1)
SAID = Description(
    name="Salle Jaurès", street="1 rue de l'Exemple", postcode="31000", city="Toulouse", department="31", capacity=12
)
ROOM = Room(id=UUID(int=1), description=SAID)
CLOSED = archive(ROOM, TODAY)


@pytest.mark.parametrize(
    ("department", "zone", "noon_in_paris_in_july"),
    [
        # Base de données des fuseaux horaires de l'IANA, zone1970.tab.
        pytest.param("31", "Europe/Paris", 12, id="métropole"),
        pytest.param("2A", "Europe/Paris", 12, id="Corse"),
        pytest.param("971", "America/Guadeloupe", 6, id="Guadeloupe"),
        pytest.param("972", "America/Martinique", 6, id="Martinique"),
        pytest.param("973", "America/Cayenne", 7, id="Guyane"),
        pytest.param("974", "Indian/Reunion", 14, id="La Réunion"),
        pytest.param("976", "Indian/Mayotte", 13, id="Mayotte"),
    ],
)
def test_the_hour_is_that_of_the_department(department: str, zone: str, noon_in_paris_in_july: int) -> None:
    room = replace(ROOM, description=replace(SAID, department=department))
    assert (room.zone, zone_of(department)) == (zone, zone)
    noon = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    assert noon.astimezone(ZoneInfo(zone)).hour == noon_in_paris_in_july


def test_what_nobody_checked_is_not_known() -> None:
    # Décret 2019-565, annexe, indicateurs 17 et 26 : des locaux adaptés, et l'accueil des personnes handicapées.
    access = SAID.accessibility
    said = {access.step_free_access, access.accessible_toilet, access.hearing_loop, access.parking}
    assert (said, access.checked_on) == ({Fact.UNKNOWN}, None)


def checked(on: date) -> Description:
    return replace(SAID, accessibility=Accessibility(step_free_access=Fact.YES, checked_on=on))


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        pytest.param(lambda: require_checked(SAID, TODAY), None, id="jamais vérifiée"),
        pytest.param(lambda: require_checked(checked(TODAY), TODAY), None, id="vérifiée aujourd'hui"),
        pytest.param(lambda: require_checked(checked(date(2026, 6, 2)), TODAY), CheckedAnotherDay, id="demain"),
        pytest.param(lambda: amend(ROOM, checked(TODAY), TODAY), None, id="récrire"),
        pytest.param(lambda: amend(ROOM, checked(date(2026, 6, 2)), TODAY), CheckedAnotherDay, id="récrire demain"),
        pytest.param(lambda: amend(CLOSED, SAID, TODAY), RoomArchived, id="récrire une archivée"),
        pytest.param(lambda: archive(ROOM, TODAY), None, id="archiver"),
        pytest.param(lambda: archive(CLOSED, TODAY), RoomArchived, id="archiver deux fois"),
        pytest.param(lambda: restore(CLOSED), None, id="rétablir"),
        pytest.param(lambda: restore(ROOM), RoomNotArchived, id="rétablir une salle en usage"),
    ],
)
def test_what_can_be_done_to_a_room(act: Callable[[], object], refusal: type[Refusal] | None) -> None:
    met = obstacle(act)
    assert (type(met) if met else None) is refusal
