"""What ops do with the event stream: see, redrive in order, discard, replay, free."""

from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble

from .notebook.effects import Reader, effects, parked
from .notebook.reading import event, reading_service, receive

REASON = {"reason": "doublon confirmé par l'équipe"}


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest_asyncio.fixture
async def service(assemble: Assemble, reader: Reader) -> ServiceUnderTest:
    return await assemble(reading_service(reader))


async def act(
    service: ServiceUnderTest, sequence: int, verb: str, body: dict[str, str] | None = None
) -> httpx.Response:
    async with service.client("ops") as client:
        event_id = event(service, sequence).envelope.event_id
        return await client.post(f"/ops/events/parked/{event_id}/{verb}", json=body)


async def five_with_failures(service: ServiceUnderTest, reader: Reader, *failing: int) -> None:
    reader.refuses = {f"1/{number}" for number in failing}
    for sequence in (1, 2, 3, 4, 5):
        await receive(service, event(service, sequence))


async def test_a_redrive_applies_the_head_and_all_that_waited_behind_it(
    service: ServiceUnderTest, reader: Reader
) -> None:
    await five_with_failures(service, reader, 2)
    reader.refuses = set()
    response = await act(service, 2, "redrive")
    assert response.json() == {
        "applied": [str(event(service, number).envelope.event_id) for number in (2, 3, 4, 5)],
        "remaining": 0,
    }
    assert await effects(service) == [1, 2, 3, 4, 5]
    await receive(service, event(service, 6))
    assert await effects(service) == [1, 2, 3, 4, 5, 6]


async def test_a_redrive_stops_at_the_next_failure_and_keeps_nothing_of_it(
    service: ServiceUnderTest, reader: Reader
) -> None:
    await five_with_failures(service, reader, 2)
    reader.refuses = {"1/4"}
    response = await act(service, 2, "redrive")
    assert (len(response.json()["applied"]), response.json()["remaining"]) == (2, 2)
    assert await effects(service) == [1, 2, 3]
    assert await parked(service) == [(4, "failed"), (5, "behind")]
    published = await service.rows("SELECT convert_from(payload, 'UTF8') AS fact FROM event_outbox ORDER BY id")
    assert [row.fact.count("1/4") for row in published] == [0, 0, 0]


async def test_the_redriven_event_that_fails_again_says_why_and_changes_nothing(
    service: ServiceUnderTest, reader: Reader
) -> None:
    await five_with_failures(service, reader, 2)
    response = await act(service, 2, "redrive")
    assert (response.status_code, response.json()["code"]) == (409, "event_fails_again")
    assert "ne passe pas" in response.json()["detail"]
    assert await effects(service) == [1]


@pytest.mark.parametrize(("verb", "body"), [("redrive", None), ("discard", REASON)])
async def test_an_event_behind_another_is_not_next(
    service: ServiceUnderTest, reader: Reader, verb: str, body: dict[str, str] | None
) -> None:
    await five_with_failures(service, reader, 2)
    response = await act(service, 3, verb, body)
    assert (response.status_code, response.json()["code"]) == (409, "event_not_next")


async def test_a_discard_passes_the_mark_and_lets_the_others_through(service: ServiceUnderTest, reader: Reader) -> None:
    await five_with_failures(service, reader, 2)
    response = await act(service, 2, "discard", REASON)
    assert response.json()["remaining"] == 0
    assert await effects(service) == [1, 3, 4, 5]
    [kept] = await service.rows("SELECT settled_by, reason FROM event_parked WHERE settled_as = 'discarded'")
    assert (kept.settled_by, kept.reason) == ("test-ops", REASON["reason"])
    await receive(service, event(service, 2))
    assert await effects(service) == [1, 3, 4, 5]
    again = await act(service, 2, "discard", REASON)
    assert (again.status_code, again.json()["code"]) == (404, "event_not_parked")


async def test_a_missing_event_can_be_neither_redriven_nor_passed_by(service: ServiceUnderTest) -> None:
    await receive(service, event(service, 1), event(service, 3))
    response = await act(service, 3, "redrive")
    assert (response.status_code, response.json()["code"]) == (409, "event_not_next")


async def test_what_is_parked_is_listed_in_the_order_of_its_redrive(service: ServiceUnderTest, reader: Reader) -> None:
    await five_with_failures(service, reader, 2)
    async with service.client("ops") as client:
        listed = (await client.get("/ops/events/parked")).json()["items"]
    assert [(one["sequence"], one["why"]) for one in listed] == [
        (2, "failed"),
        (3, "behind"),
        (4, "behind"),
        (5, "behind"),
    ]
    assert listed[0]["fault"] == "Poisoned: « 1/2 » ne passe pas."


@pytest.mark.parametrize("role", ["network", "member"])
async def test_only_ops_may_look_and_act(service: ServiceUnderTest, role: str) -> None:
    async with service.client(role) as client:
        answers = [
            await client.get("/ops/events"),
            await client.get("/ops/events/parked"),
            await client.post("/ops/events/replay", json={}),
            await client.post(f"/ops/events/parked/{UUID(int=1)}/redrive"),
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "forbidden")}
