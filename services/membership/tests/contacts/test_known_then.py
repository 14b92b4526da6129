"""What was known of a person on a day, at an instant: their name follows the register, as the seats do.

Decided in ADR 0020 and ADR 0037.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from membership.contacts.domain import Details, amended, erased, known_then, person, written
from membership.contacts.domain import ErasureGround as Ground
from membership.members.domain import Entry, Value

from ..members.test_dates import entered, on
from .test_contacts import CAMILLE, held, known, seat

WHO, OTHER = UUID(int=1), UUID(int=2)
FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SACHA = Details("Sacha", "FICTIF", phone="1")
MARRIED = Details("Sacha", "EXEMPLE", phone="1")
MOVED = Details("Sacha", "FICTIF", phone="2")
BOTH = Details("Sacha", "EXEMPLE", phone="2")


def entry(number: int, day: date, value: Value | None, contact_id: UUID = WHO) -> Entry:
    at = NOON + timedelta(minutes=number)
    return Entry(UUID(int=100 + number), UUID(int=9), person(contact_id), day, at, "x", value)


TOLD = [
    entry(0, FIRST, written(SACHA)),
    entry(1, SECOND, written(MARRIED)),
    entry(2, FIRST, written(Details("Camille", "EXEMPLE")), OTHER),
]


@pytest.mark.parametrize(
    ("entries", "day", "minutes", "name"),
    [
        pytest.param(TOLD, FIRST, None, "Sacha FICTIF", id="ce jour-là"),
        pytest.param(TOLD, SECOND, None, "Sacha EXEMPLE", id="à partir du jour où cela change"),
        pytest.param(TOLD, THIRD, 0, "Sacha FICTIF", id="ce que l'on savait alors"),
        pytest.param(TOLD, date(2020, 1, 1), None, "Sacha FICTIF", id="avant d'être connue : telle qu'on l'a apprise"),
        pytest.param(
            [*TOLD, entry(3, THIRD, None)], THIRD, None, "Sacha EXEMPLE", id="partie à l'autre enregistrement"
        ),
        pytest.param([entry(0, FIRST, erased(Ground.REQUEST))], FIRST, None, None, id="effacée"),
        pytest.param([], FIRST, None, None, id="dont rien n'est inscrit"),
    ],
)
def test_who_was_known(entries: list[Entry], day: date, minutes: int | None, name: str | None) -> None:
    known_at = None if minutes is None else NOON + timedelta(minutes=minutes)
    found = known_then(entries, WHO, day, known_at)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("told", "day", "became"),
    [
        pytest.param({FIRST: SACHA}, SECOND, {FIRST: SACHA, SECOND: MARRIED}, id="à partir d'un jour"),
        pytest.param({FIRST: SACHA}, FIRST, {FIRST: MARRIED}, id="depuis toujours : une correction"),
        pytest.param(
            {FIRST: SACHA, THIRD: MOVED},
            SECOND,
            {FIRST: SACHA, SECOND: MARRIED, THIRD: BOTH},
            id="ce qui a changé plus tard reste, le nom suit",
        ),
        pytest.param(
            {FIRST: SACHA, SECOND: Details("Sacha", "AUTRE"), THIRD: Details("Sacha", "FICTIF")},
            FIRST,
            {FIRST: MARRIED, SECOND: Details("Sacha", "AUTRE"), THIRD: Details("Sacha", "FICTIF")},
            id="un autre nom plus tard reste, et ce qui le suit",
        ),
        pytest.param({SECOND: SACHA}, FIRST, {FIRST: MARRIED, SECOND: MARRIED}, id="avant le jour où on l'a connue"),
        pytest.param({}, FIRST, {FIRST: MARRIED}, id="dont rien n'est inscrit"),
    ],
)
def test_an_amendment_holds_from_its_day(told: dict[date, Details], day: date, became: dict[date, Details]) -> None:
    entries = [entry(rank, known, written(details)) for rank, (known, details) in enumerate(told.items())]
    assert amended(entries, WHO, SACHA, {"family_name": "EXEMPLE"}, day) == became


async def amend(client: httpx.AsyncClient, contact_id: str, **body: Any) -> httpx.Response:
    path = f"/contacts/{contact_id}"
    etag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=body, headers={"If-Match": etag})


async def test_seats_are_read_with_the_names_of_then(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="billing", contact_id=camille)
        before = (await client.get(f"/contacts/{camille}/personal-data")).json()["known"][0]["recorded_at"]
        between = (datetime.fromisoformat(before) + timedelta(seconds=1)).isoformat()
    async with membership.days_later(10) as later, later.client("network") as client:
        named = await amend(client, camille, family_name="NOUVEAU", email="n@exemple.org", reason="mariage")
        assert (named.status_code, named.json()["family_name"]) == (200, "NOUVEAU")
        assert held(await client.get(f"{path}/seats")) == [("billing", "Camille NOUVEAU")]
        for asked, name in (
            ({"as_of": on(9)}, "EXEMPLE"),
            ({"as_of": on(10)}, "NOUVEAU"),
            ({"known_at": between}, "EXEMPLE"),
        ):
            assert held(await client.get(f"{path}/seats", params=asked)) == [("billing", f"Camille {name}")]
        [then] = (await client.get(f"{path}/seats", params={"as_of": on(9)})).json()["mandates"]
        assert then["email"] == CAMILLE["email"]
        told = (await client.get(f"/contacts/{camille}/personal-data")).json()["known"]
        assert [(one["effective_on"], one["reason"]) for one in told] == [(on(0), None), (on(10), "mariage")]


async def test_a_name_is_learned_late_and_never_ahead(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="billing", contact_id=camille)
        ahead = await amend(client, camille, family_name="NOUVEAU", effective_on=on(1))
        assert (ahead.status_code, ahead.json()["code"]) == (400, "contact_change_to_come")
    async with membership.days_later(10) as later, later.client("network") as client:
        assert (await amend(client, camille, phone="05 61 00 00 09")).status_code == 200
        late = await amend(client, camille, family_name="NOUVEAU", effective_on=on(5))
        assert (late.json()["family_name"], late.json()["phone"]) == ("NOUVEAU", "05 61 00 00 09")
        for day, shown in (
            (4, ("Camille EXEMPLE", None)),
            (5, ("Camille NOUVEAU", None)),
            (10, ("Camille NOUVEAU", "05 61 00 00 09")),
        ):
            [then] = (await client.get(f"{path}/seats", params={"as_of": on(day)})).json()["mandates"]
            assert (then["name"], then["phone"]) == shown
        assert [
            one["given_name"] for one in (await client.get("/contacts", params={"q": "nouveau"})).json()["items"]
        ] == ["Camille"]


async def test_nothing_of_an_erased_person_is_shown_of_then(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="director", contact_id=camille)
    async with membership.days_later(10) as later, later.client("network") as client:
        await seat(client, path, "leave", seat="director")
        etag = (await client.get(f"/contacts/{camille}")).headers["etag"]
        body = {"ground": "request"}
        assert (await client.post(f"/contacts/{camille}/erase", json=body, headers={"If-Match": etag})).is_success
        [then] = (await client.get(f"{path}/seats", params={"as_of": on(5)})).json()["mandates"]
        assert (then["name"], then["email"], then["since"]) == (None, None, on(0))
