"""What ops do with events set aside: see, read, redrive in order, discard."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from common.subscriptions import Event
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.transaction import Tx

from .notebook.contracts import NoteState, NoteWritten
from .notebook.effects import Reader, effects, parked
from .notebook.reading import event, reading_service, receive, record

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


async def listed(service: ServiceUnderTest, path: str = "", **params: object) -> list[dict[str, Any]]:
    async with service.client("ops") as client:
        response = await client.get(f"/ops/events/parked{path}", params=params)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def three_aggregates(service: ServiceUnderTest, reader: Reader) -> None:
    """The first fails with two behind, the second misses an event, the third cannot be parsed."""
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1))
    await receive(service, event(service, 2), event(service, 3))
    await receive(service, event(service, 2, note=UUID(int=2)))
    unparsable = NoteWritten(state=NoteState(id=UUID(int=3), title="3/1"))
    await receive(service, record(service, unparsable, 1, b'{"state": 3}'))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({"aggregate_id": UUID(int=1)}, [(1, 1), (1, 2), (1, 3)], id="un agrégat"),
        pytest.param({"why": "failed"}, [(1, 1), (3, 1)], id="les échecs"),
        pytest.param({"why": "gap", "topic": "notebook.note"}, [(2, 2)], id="les trous d'un sujet"),
        pytest.param({"fault": "Poisoned"}, [(1, 1)], id="une classe de faute"),
        pytest.param({"fault": "Poison"}, [], id="le début d'une classe n'est pas la classe"),
        pytest.param({"type": "note.filed"}, [], id="un autre type"),
        pytest.param({"topic": "silent.note"}, [], id="un autre sujet"),
    ],
)
async def test_the_list_is_narrowed(
    service: ServiceUnderTest, reader: Reader, params: dict[str, object], expected: list[tuple[int, int]]
) -> None:
    await three_aggregates(service, reader)
    found = [(UUID(one["aggregate_id"]).int, one["sequence"]) for one in await listed(service, **params)]
    assert found == expected


async def test_each_aggregate_shows_its_first_event_and_how_many_wait_behind(
    service: ServiceUnderTest, reader: Reader
) -> None:
    await three_aggregates(service, reader)
    held = await listed(service, "/aggregates")
    assert [(UUID(one["aggregate_id"]).int, one["sequence"], one["why"], one["behind"]) for one in held] == [
        (1, 1, "failed", 2),
        (2, 2, "gap", 0),
        (3, 1, "failed", 0),
    ]
    [parked_at] = {one["parked_at"] for one in await listed(service, aggregate_id=UUID(int=1)) if one["sequence"] == 1}
    assert held[0]["since"] == parked_at
    assert [one["event_id"] for one in await listed(service, "/aggregates", fault="Unparsable")] == [
        held[2]["event_id"]
    ]
    assert await listed(service, "/aggregates", why="behind") == []


@pytest.mark.parametrize("path", ["", "/aggregates"])
async def test_pages_go_on_after_what_was_settled_meanwhile(
    service: ServiceUnderTest, reader: Reader, path: str
) -> None:
    await three_aggregates(service, reader)
    everything = await listed(service, path)
    async with service.client("ops") as client:
        first = (await client.get(f"/ops/events/parked{path}", params={"limit": 1})).json()
    await act(service, 1, "discard", REASON)
    async with service.client("ops") as client:
        params = {"cursor": first["next_cursor"], "aggregate_id": str(UUID(int=2))}
        rest = (await client.get(f"/ops/events/parked{path}", params=params)).json()
    assert first["items"] == everything[:1]
    assert [one["aggregate_id"] for one in rest["items"]] == [str(UUID(int=2))]


async def test_an_event_is_read_in_full_while_it_waits_and_once_it_is_settled(
    service: ServiceUnderTest, reader: Reader
) -> None:
    await three_aggregates(service, reader)
    path = f"/ops/events/parked/{event(service, 1).envelope.event_id}"
    async with service.client("ops") as client:
        waiting = (await client.get(path)).json()
        await act(service, 1, "discard", REASON)
        settled = (await client.get(path)).json()
        unknown = await client.get(f"/ops/events/parked/{UUID(int=9)}")
    assert waiting["fact"]["state"]["title"] == "1/1"
    assert (waiting["fault"], waiting["source"], waiting["text"]) == (
        "Poisoned: « 1/1 » ne passe pas.",
        "/coorace/notebook",
        None,
    )
    assert (waiting["settled_as"], settled["settled_as"], settled["settled_by"]) == (None, "discarded", "test-ops")
    assert settled["reason"] == REASON["reason"]
    assert (unknown.status_code, unknown.json()["code"]) == (404, "event_not_parked")


@pytest.mark.parametrize(
    ("payload", "fact", "body"),
    [
        pytest.param(b'{"state": 3}', {"state": 3}, None, id="un objet"),
        pytest.param(b"[1]", None, "[1]", id="du JSON qui n'est pas un objet"),
        pytest.param(b"", None, "", id="rien"),
        pytest.param(b"\xff", None, "\ufffd", id="des octets qui ne sont pas du texte"),
        pytest.param(b'{"a":' * 500 + b"1" + b"}" * 500, None, '{"a":' * 500 + "1" + "}" * 500, id="très imbriqué"),
        pytest.param(b'{"a": 1e999}', {"a": None}, None, id="un nombre au-delà de tout"),
    ],
)
async def test_a_body_is_shown_as_json_or_as_text(
    service: ServiceUnderTest, payload: bytes, fact: object, body: str | None
) -> None:
    note = NoteWritten(state=NoteState(id=UUID(int=1), title="1/1"))
    await receive(service, record(service, note, 1, payload))
    async with service.client("ops") as client:
        response = await client.get(f"/ops/events/parked/{event(service, 1).envelope.event_id}")
    assert response.status_code == 200
    assert (response.json()["fact"], response.json()["text"]) == (fact, body)


async def test_a_dry_run_says_what_a_redrive_would_do_and_does_nothing(
    service: ServiceUnderTest, reader: Reader
) -> None:
    await five_with_failures(service, reader, 2)
    reader.refuses = {"1/5"}
    shown = await act(service, 2, "redrive?dry_run=true")
    assert (len(shown.json()["applied"]), shown.json()["remaining"]) == (3, 1)
    assert await effects(service) == [1]
    assert await parked(service) == [(2, "failed"), (3, "behind"), (4, "behind"), (5, "behind")]


@pytest.mark.parametrize("breaking", [2, 3])
async def test_a_fault_that_passes_blames_nobody(assemble: Assemble, breaking: int) -> None:
    """The database cancels the effect, of the first or of one behind: nothing is kept nor set aside anew."""
    reader = Hesitant()
    service = await assemble(reading_service(reader))
    await five_with_failures(service, reader, 2)
    before = await service.rows("SELECT event_id, why, attempts, settled_at FROM event_parked ORDER BY sequence")
    reader.refuses, reader.waits_for_ever_at = set(), breaking
    response = await act(service, 2, "redrive")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert await effects(service) == [1]
    after = await service.rows("SELECT event_id, why, attempts, settled_at FROM event_parked ORDER BY sequence")
    assert after == before


@dataclass
class Hesitant(Reader):
    """A reader whose statement the database gives up, at one sequence."""

    waits_for_ever_at: int = 0

    async def handle(self, tx: Tx, event: Event[NoteWritten]) -> None:
        await super().handle(tx, event)
        if event.sequence == self.waits_for_ever_at:
            await tx.session.execute(text("SET LOCAL statement_timeout = '10ms'"))
            await tx.session.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.parametrize("role", ["network", "member"])
async def test_only_ops_may_look_and_act(service: ServiceUnderTest, role: str) -> None:
    async with service.client(role) as client:
        answers = [
            await client.get("/ops/events"),
            await client.get("/ops/events/parked"),
            await client.get("/ops/events/parked/aggregates"),
            await client.get(f"/ops/events/parked/{UUID(int=1)}"),
            await client.get("/ops/events/unreadable"),
            await client.post(f"/ops/events/unreadable/{UUID(int=1)}/redrive"),
            await client.post("/ops/events/replay", json={}),
            await client.post(f"/ops/events/parked/{UUID(int=1)}/redrive"),
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "forbidden")}
