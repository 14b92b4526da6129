"""An announced session, who teaches it, who sits in it; the addresses of their calendars, and what is read at them."""

from typing import Any
from uuid import UUID

import httpx
import icalendar

_PREFIX = "/training/v1"


async def opened_feed(
    client: httpx.AsyncClient, reader: str, reader_id: str | UUID, label: str = "Le téléphone"
) -> dict[str, Any]:
    """Ask for the address of a calendar."""
    answer = await asked_feed(client, reader, reader_id, label)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def asked_feed(
    client: httpx.AsyncClient, reader: str, reader_id: str | UUID, label: str = "Le téléphone"
) -> httpx.Response:
    body = {"reader": reader, "reader_id": str(reader_id), "label": label}
    return await client.post("/calendar-feeds", json=body)


def path_of(given: dict[str, Any]) -> str:
    path: str = given["path"]
    return path.removeprefix(_PREFIX)


async def read_events(client: httpx.AsyncClient, given: dict[str, Any]) -> list[Any]:
    """Read a calendar as its programme does; its events, in order."""
    answer = await client.get(path_of(given))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def told(events: list[Any]) -> list[tuple[str, int]]:
    return [(str(event["STATUS"]), event["SEQUENCE"]) for event in events]
