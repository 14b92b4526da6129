"""What a run leaves behind, read from both databases and from the broker once the dust has settled."""

from collections.abc import Set
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from aiokafka import ConsumerRecord

from chaos.bank.contracts import account_topic, page_topic
from chaos.bus import records, unread
from chaos.checker import Event, Evidence, Flow, Movement, Parked
from chaos.stage import Side, Stage

_LEDGER = (
    "SELECT event_id, aggregate_id, sequence, payload, actor FROM event_archive WHERE topic = $1 ORDER BY position"
)
_INBOX = "SELECT event_id FROM event_inbox WHERE consumer = $1"
_PARKED = "SELECT event_id, settled_as, why FROM event_parked WHERE consumer = $1 AND topic = $2"
_APPLIED = "SELECT event_id, aggregate_id, sequence, amount FROM applied ORDER BY place"
_TOTALS = {"books": "SELECT id, total FROM page", "accounts": "SELECT id, confirmed AS total FROM account"}
_BEHIND = """
SELECT count(*) AS aggregates, coalesce(sum(s.sequence - coalesce(m.sequence, 0)), 0)::bigint AS events
FROM unnest($1::uuid[], $2::bigint[]) AS s (aggregate_id, sequence)
LEFT JOIN event_mark m ON m.consumer = $3 AND m.topic = $4 AND m.aggregate_id = s.aggregate_id
WHERE coalesce(m.sequence, 0) < s.sequence
"""


BROKEN = "broken"
"""The actor of facts that a test commits by hand, and nobody can read."""
HOPS: tuple[tuple[Side, Side], ...] = (("accounts", "books"), ("books", "accounts"))
"""Who writes, and who reads it."""


class Witness:
    """Looks into a run from outside, by connections of its own."""

    def __init__(self, stage: Stage, bootstrap: str) -> None:
        self._urls = stage.urls
        self._run = stage.run
        self._bootstrap = bootstrap

    async def fetch(self, side: Side, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Ask a service's database."""
        connection = await asyncpg.connect(self._urls[side])
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def streams(self, side: Side) -> dict[UUID, int]:
        """Return the last sequence of each aggregate a service has published on its topic."""
        rows = await self.fetch(
            side, "SELECT aggregate_id, sequence FROM event_stream WHERE topic = $1", self.topic(side)
        )
        return {row["aggregate_id"]: row["sequence"] for row in rows}

    async def behind(self, reader: Side, streams: dict[UUID, int]) -> int:
        """Return how many aggregates a reader has not settled up to these sequences."""
        return int((await self._behind(reader, streams))["aggregates"])

    async def _behind(self, reader: Side, streams: dict[UUID, int]) -> asyncpg.Record:
        writer: Side = "books" if reader == "accounts" else "accounts"
        arguments = list(streams), list(streams.values()), f"{reader}{self._run}", self.topic(writer)
        return (await self.fetch(reader, _BEHIND, *arguments))[0]

    async def events_behind(self, reader: Side, streams: dict[UUID, int]) -> int:
        """Return how many events up to these sequences a reader has not settled."""
        return int((await self._behind(reader, streams))["events"])

    async def unsent(self, side: Side) -> int:
        """Return how many facts of a service's topic have not left, or wait to be sent again."""
        rows = await self.fetch(side, "SELECT count(*) FROM event_outbox WHERE topic = $1", self.topic(side))
        return int(rows[0]["count"])

    async def at_rest(self) -> bool:
        """Tell whether everything committed has left, and was settled by its reader, on both hops."""
        return not any(await self.progress())

    async def progress(self) -> tuple[int, ...]:
        """Return what is still on its way, on each hop: facts to send, aggregates behind, records not read."""
        figures = []
        for writer, reader in HOPS:
            figures += [await self.unsent(writer), await self.behind(reader, await self.streams(writer))]
            figures.append(await unread(self._bootstrap, f"{reader}{self._run}", self.topic(writer)))
        return tuple(figures)

    async def evidence(self, *, with_bus: bool = True, forgetful: Set[Side] = frozenset()) -> Evidence:
        """Read everything. ``forgetful`` are the readers whose inbox was emptied."""
        movements = await self.fetch("accounts", "SELECT token, account_id, amount FROM movement")
        balances = await self.fetch("accounts", "SELECT id, balance FROM account")
        copies = await self.fetch("books", "SELECT id, sequence, balance FROM account_copy")
        moved, confirmed = [
            replace(
                await self._flow(writer, reader),
                bus=await self._bus(self.topic(writer)) if with_bus else None,
                inbox=None if reader in forgetful else await self._inbox(reader),
            )
            for writer, reader in HOPS
        ]
        return Evidence(
            movements=[Movement(row["token"], row["account_id"], row["amount"]) for row in movements],
            balances={row["id"]: row["balance"] for row in balances},
            moved=replace(moved, copies={row["id"]: (row["sequence"], row["balance"]) for row in copies}),
            confirmed=confirmed,
        )

    async def _inbox(self, reader: Side) -> set[UUID]:
        return {row["event_id"] for row in await self.fetch(reader, _INBOX, f"{reader}{self._run}")}

    async def _flow(self, writer: Side, reader: Side) -> Flow:
        topic, consumer = self.topic(writer), f"{reader}{self._run}"
        parked = await self.fetch(reader, _PARKED, consumer, topic)
        return Flow(
            name=topic,
            streams=await self.streams(writer),
            ledger=[_event(row) for row in await self.fetch(writer, _LEDGER, topic)],
            unsent=await self.unsent(writer),
            bus=None,
            inbox=None,
            applied=[
                Event(row["event_id"], row["aggregate_id"], row["sequence"], amount=row["amount"])
                for row in await self.fetch(reader, _APPLIED)
            ],
            totals={row["id"]: row["total"] for row in await self.fetch(reader, _TOTALS[reader])},
            copies=None,
            parked=[Parked(row["event_id"], row["settled_as"], row["why"]) for row in parked],
        )

    def topic(self, side: Side) -> str:
        """Return the topic a service publishes on."""
        return account_topic(self._run) if side == "accounts" else page_topic(self._run)

    async def _bus(self, topic: str) -> list[list[Event]]:
        held = await records(self._bootstrap, topic)
        return [[event for record in batch if (event := _record(record)) is not None] for batch in held]


def _event(row: asyncpg.Record) -> Event:
    """Read a fact of the ledger; what a broken writer has put there names no command."""
    if row["actor"] == BROKEN:
        return Event(row["event_id"], row["aggregate_id"], row["sequence"])
    fact = orjson.loads(row["payload"])
    return Event(row["event_id"], row["aggregate_id"], row["sequence"], UUID(fact["token"]), fact["amount"])


def _record(record: ConsumerRecord) -> Event | None:
    """Read a record's envelope; None for a foreign one, which a test put there."""
    headers = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    try:
        return Event(UUID(headers["ce_id"]), UUID(headers["ce_subject"]), int(headers["ce_sequence"]))
    except (KeyError, ValueError):
        return None
