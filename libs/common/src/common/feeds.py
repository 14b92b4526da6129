"""What changed, for front ends and outside systems: a feed by cursor, and the same feed live.

Both read the ledger, so they show what the broker acknowledged, in one order that never changes; rights are applied to
every entry. A resource that left an actor's reach disappears from its feed with it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from sqlalchemy import Select
from starlette.requests import Request

from common import archive
from common.archive import LAST_POSITION
from common.db import Database
from common.door import Door, ReadDep
from common.errors import NotFound
from common.pagination import PAGE_SIZE
from common.problem import problems
from common.quarantine import DISCARDED
from common.rights import Grant, allow
from common.transaction import Read
from common.types import Schema
from common.waiting import first_of

_LIVE_SECONDS = 0.5
_LIVE_ENTRIES = 200


class ChangesDropped(NotFound):
    """The feed cannot be resumed there: some of what came after is no longer kept."""

    code = "changes_no_longer_kept"
    title = "N'est plus conservé"
    status = 410


Visible = Callable[[Grant], Select[tuple[UUID]]]
"""Selects the ids of the resources within a grant's reach."""


class Change(Schema):
    """Un fait survenu à une ressource, et son état public après lui."""

    position: int = Field(description="À renvoyer dans after= (ou Last-Event-ID) pour la suite")
    id: UUID
    type: str = Field(examples=["member.joined"])
    sequence: int
    occurred_at: datetime
    fact: dict[str, Any]


class Changes(Schema):
    """Les changements après une position, du plus ancien au plus récent."""

    items: list[Change]
    next_after: int = Field(
        description="La position d'où repartir ; égale à `after`, il n'y a rien de plus. Une page vide n'est pas la fin"
    )


async def _changes(read: Read, grant: Grant, topic: str, visible: Visible, *, after: int, limit: int) -> Changes:
    """Return one page of the feed of a topic, within the grant's reach.

    Raises ChangesDropped when something of the topic after that position is no longer kept.
    """
    entries = await archive.entries(read, after=after, limit=limit, topic=topic)
    await _require_kept(read, topic, after)  # after the reading: what was dropped just before it is seen
    ids = {entry.aggregate_id for entry in entries}
    query = visible(grant)
    column = query.selected_columns[0]
    seen = set((await read.session.execute(query.where(column.in_(ids)))).scalars()) if ids else set()
    items = [
        Change(
            position=entry.position,
            id=entry.aggregate_id,
            type=entry.type,
            sequence=entry.sequence,
            occurred_at=entry.occurred_at,
            fact=orjson.loads(entry.payload),
        )
        for entry in entries
        if entry.aggregate_id in seen and entry.type != DISCARDED
    ]
    return Changes(items=items, next_after=entries[-1].position if entries else after)


async def _require_kept(read: Read, topic: str, after: int) -> None:
    start, end = await archive.extent(read, topic)
    if not start <= after <= end:  # beyond the end: it was given before the ledger was restored with loss
        last = await archive.last_position(read)
        raise ChangesDropped(
            f"Les changements qui suivent la position {after} ne sont plus tous conservés :"
            f" relisez la liste entière, puis repartez de la position {last}.",
            extra={"resume_after": last},
        )


async def _live(
    database: Database, grant: Grant, topic: str, visible: Visible, *, after: int | None, until: asyncio.Event
) -> AsyncIterator[ServerSentEvent]:
    """Yield the feed as it grows, from a position or from now; each event's id is the position to resume from.

    It ends with ``until``, when the process is about to end: the client resumes elsewhere.
    """
    position = after
    while not until.is_set():
        async with database.reading(grant.actor) as read:
            if position is None:
                position = await archive.last_position(read)
            page = await _changes(read, grant, topic, visible, after=position, limit=_LIVE_ENTRIES)
        for item in page.items:
            yield ServerSentEvent(id=str(item.position), event=item.type, data=item.model_dump(mode="json"))
        if page.next_after == position:
            await first_of(until, seconds=_LIVE_SECONDS)
        position = page.next_after


def feed_routes(path: str, *, topic: str, act: StrEnum, visible: Visible, name: str, tag: str) -> APIRouter:
    """Make the two doors of a topic's feed under ``path``: ``/changes`` by cursor, ``/stream`` live.

    ``name`` is the resource in operation ids (``Member``); a service includes this router before the one that has
    ``{id}`` under the same path.
    """
    router = APIRouter(prefix=path, tags=[tag], route_class=Door)
    may_read = Depends(allow(act))

    async def resumable(
        read: ReadDep,
        _: Annotated[Grant, may_read],
        last_event_id: Annotated[
            int | None, Header(alias="Last-Event-ID", ge=0, le=LAST_POSITION, description="Le dernier événement reçu")
        ] = None,
    ) -> int | None:
        if last_event_id is not None:
            await _require_kept(read, topic, last_event_id)
        return last_event_id

    @router.get(
        "/changes",
        operation_id=f"list{name}Changes",
        summary="Ce qui a changé",
        responses=problems(ChangesDropped),
    )
    async def list_changes(
        read: ReadDep,
        grant: Annotated[Grant, may_read],
        after: Annotated[int, Query(ge=0, le=LAST_POSITION, description="Reprise : next_after de la page d'avant")] = 0,
        limit: Annotated[int, Query(ge=1, le=500, description=PAGE_SIZE)] = 100,
    ) -> Changes:
        """Les faits après une position, pour qui tient une copie.

        410 : ils ne sont plus tous conservés. Relire la liste entière, puis repartir de `resume_after`.
        """
        return await _changes(read, grant, topic, visible, after=after, limit=limit)

    @router.get(
        "/stream",
        operation_id=f"stream{name}s",
        summary="Les changements en direct (SSE)",
        response_class=EventSourceResponse,
        responses=problems(ChangesDropped),
    )
    async def stream(
        request: Request, grant: Annotated[Grant, may_read], after: Annotated[int | None, Depends(resumable)]
    ) -> AsyncIterator[ServerSentEvent]:
        """À partir de maintenant, ou d'où l'on s'était arrêté (Last-Event-ID), si ce qui suit est encore conservé."""
        runtime = request.app.state.runtime
        until = runtime.probes.draining
        async for event in _live(runtime.database, grant, topic, visible, after=after, until=until):
            yield event

    return router
