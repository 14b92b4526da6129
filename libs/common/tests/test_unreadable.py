"""Records that could not be read: kept to the byte, shown, read again by a mended reader, or given up."""

import base64
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from common.events import dump
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.unreadable import Headers, Unreadable, keep

from .notebook.contracts import NoteState, NoteWritten
from .notebook.effects import READER, Reader, effects, parked
from .notebook.reading import NOTE, event, reading_service, receive

REASON = {"reason": "essai d'un autre producteur, vu avec lui"}


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest_asyncio.fixture
async def service(assemble: Assemble, reader: Reader) -> ServiceUnderTest:
    return await assemble(reading_service(reader))


async def set_aside(
    service: ServiceUnderTest, headers: Headers, payload: bytes | None, key: bytes | None = b"k"
) -> str:
    """Keep a record as a consumer does that cannot read it; return its identifier."""
    item = Unreadable(NoteWritten.topic, 3, 42, key, headers, payload, "header 'ce_id' is missing")
    async with service.runtime.database.transaction(READER) as tx:
        await keep(tx, service.runtime.inbox, item)
    [newest] = await service.rows("SELECT id FROM event_unreadable ORDER BY id DESC LIMIT 1")
    return str(newest.id)


async def well_formed(service: ServiceUnderTest, sequence: int, payload: bytes | None = None) -> str:
    """Keep a record that today's code reads, as one that yesterday's could not."""
    headers = event(service, sequence).envelope.headers()
    fact = NoteWritten(state=NoteState(id=NOTE, title=f"1/{sequence}"))
    return await set_aside(service, headers, dump(fact) if payload is None else payload)


async def ask(service: ServiceUnderTest, path: str = "") -> Any:
    async with service.client("ops") as client:
        response = await client.get(f"/ops/events/unreadable{path}")
    assert response.status_code == 200, response.text
    return response.json()


async def act(
    service: ServiceUnderTest, record_id: str, verb: str, body: dict[str, str] | None = None
) -> httpx.Response:
    async with service.client("ops") as client:
        return await client.post(f"/ops/events/unreadable/{record_id}/{verb}", json=body)


@pytest.mark.parametrize(
    ("headers", "payload", "key"),
    [
        pytest.param([("ce_id", b"\xff\xfe")], b"\xff\0", b"\0", id="des octets qui ne sont pas du texte"),
        pytest.param([("n\0me", b"\0"), ("name", None), ("name", b"")], b"", None, id="nul, vide, deux fois le nom"),
        pytest.param([], None, None, id="rien"),
    ],
)
async def test_a_record_is_kept_and_shown_to_the_byte(
    service: ServiceUnderTest, headers: Headers, payload: bytes | None, key: bytes | None
) -> None:
    shown = await ask(service, f"/{await set_aside(service, headers, payload, key)}")
    assert [(one["name"], _decoded(one["value"])) for one in shown["headers"]] == list(headers)
    assert (_decoded(shown["payload"]), _decoded(shown["key"])) == (payload, key)
    assert (shown["topic"], shown["partition"], shown["offset"]) == (NoteWritten.topic, 3, 42)
    assert shown["fault"] == "header 'ce_id' is missing"


def _decoded(shown: dict[str, str] | None) -> bytes | None:
    return None if shown is None else base64.b64decode(shown["base64"])


async def test_records_are_listed_oldest_first_page_by_page_and_by_topic(service: ServiceUnderTest) -> None:
    kept = [await set_aside(service, [], str(number).encode()) for number in range(3)]
    first = await ask(service, "?limit=2")
    rest = await ask(service, f"?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in (*first["items"], *rest["items"])] == kept
    assert rest["next_cursor"] is None
    assert (await ask(service, "?topic=silent.note"))["items"] == []
    assert len((await ask(service, f"?topic={NoteWritten.topic}"))["items"]) == 3


async def test_a_record_that_can_be_read_now_takes_effect_once(service: ServiceUnderTest) -> None:
    record_id = await well_formed(service, 1)
    redriven = await act(service, record_id, "redrive")
    assert redriven.json() == {"event_id": str(event(service, 1).envelope.event_id), "outcome": "applied"}
    assert await effects(service) == [1]
    assert (await ask(service))["items"] == []
    shown = await ask(service, f"/{record_id}")
    assert (shown["settled_as"], shown["settled_by"]) == ("redriven", "test-ops")
    again = await act(service, record_id, "redrive")
    assert (again.status_code, again.json()["code"]) == (404, "record_not_found")
    await receive(service, event(service, 1))
    assert await effects(service) == [1]


async def test_it_takes_its_place_among_the_events_of_its_aggregate(service: ServiceUnderTest) -> None:
    """What waited for it goes on, what comes too early waits, what came already is known."""
    await receive(service, event(service, 2))
    assert (await act(service, await well_formed(service, 4), "redrive")).json()["outcome"] == "parked"
    assert (await act(service, await well_formed(service, 1), "redrive")).json()["outcome"] == "applied"
    assert (await act(service, await well_formed(service, 2), "redrive")).json()["outcome"] == "known"
    assert await effects(service) == [1, 2]
    assert await parked(service) == [(4, "gap")]


async def test_an_effect_that_fails_parks_the_event_and_settles_the_record(
    service: ServiceUnderTest, reader: Reader
) -> None:
    reader.refuses = {"1/1"}
    record_id = await well_formed(service, 1)
    assert (await act(service, record_id, "redrive")).json()["outcome"] == "parked"
    assert await parked(service) == [(1, "failed")]
    assert (await ask(service))["items"] == []


async def test_one_that_waited_and_fails_is_parked_and_the_record_takes_effect(
    service: ServiceUnderTest, reader: Reader
) -> None:
    reader.refuses = {"1/2"}
    await receive(service, event(service, 2))
    assert (await act(service, await well_formed(service, 1), "redrive")).json()["outcome"] == "applied"
    assert await effects(service) == [1]
    assert await parked(service) == [(2, "failed")]


async def test_a_body_that_cannot_be_parsed_is_an_event_that_fails(service: ServiceUnderTest) -> None:
    record_id = await well_formed(service, 1, b"{}")
    assert (await act(service, record_id, "redrive")).json()["outcome"] == "parked"
    assert await parked(service) == [(1, "failed")]


async def test_one_that_is_still_unreadable_is_refused_and_stays(service: ServiceUnderTest) -> None:
    good = event(service, 1).envelope.headers()
    record_id = await set_aside(service, [pair for pair in good if pair[0] != "ce_type"], b"{}")
    refused = await act(service, record_id, "redrive")
    assert (refused.status_code, refused.json()["code"]) == (409, "record_still_unreadable")
    assert "ce_type" in refused.json()["detail"]
    assert [one["id"] for one in (await ask(service))["items"]] == [record_id]


async def test_a_discard_keeps_who_and_why_and_the_record_does_not_come_back(service: ServiceUnderTest) -> None:
    headers = [("ce_id", b"7")]
    record_id = await set_aside(service, headers, b"{}")
    short = await act(service, record_id, "discard", {"reason": "non"})
    assert short.json()["code"] == "validation"
    assert (await act(service, record_id, "discard", REASON)).json() == {"id": record_id}
    shown = await ask(service, f"/{record_id}")
    assert (shown["settled_as"], shown["settled_by"], shown["reason"]) == ("discarded", "test-ops", REASON["reason"])
    assert await set_aside(service, headers, b"{}") == record_id
    assert (await ask(service))["items"] == []
    again = await act(service, record_id, "discard", REASON)
    assert (again.status_code, again.json()["code"]) == (404, "record_not_found")


async def test_an_unknown_record_is_not_found(service: ServiceUnderTest) -> None:
    async with service.client("ops") as client:
        unknown = await client.get(f"/ops/events/unreadable/{UUID(int=9)}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "record_not_found")


async def test_readiness_and_the_meters_count_what_is_not_settled(service: ServiceUnderTest) -> None:
    first, _ = await set_aside(service, [], b"1"), await set_aside(service, [], b"2")
    await act(service, first, "discard", REASON)
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/notebook") as client:
        assert (await client.get("/health/ready")).json()["unreadable_records"] == 1
        assert 'coorace_unreadable_records{consumer="notebook"} 1.0' in (await client.get("/metrics")).text
