"""What a service listens to. A capability's ``consumers.py`` declares it as a list, one line each:

SUBSCRIPTIONS = (follow(MemberState, into=MemberCopy), on(DuesInvoiced, note_the_call))
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from common.contracts import BY_NAME
from common.events import Fact, Received, State
from common.transaction import Tx

F = TypeVar("F", bound=Fact)
F_co = TypeVar("F_co", bound=Fact, covariant=True)


@dataclass(frozen=True, slots=True)
class Event(Generic[F_co]):
    """A fact as a handler receives it, with where it stands in its aggregate's history."""

    id: UUID
    sequence: int
    occurred_at: datetime
    fact: F_co


def event_of(received: Received) -> Event[Any]:
    """Return a record as handlers receive it. Raises ValueError for one whose fact nobody subscribed to."""
    if received.fact is None:
        raise ValueError("an event without a fact has no effect")
    envelope = received.envelope
    return Event(envelope.event_id, envelope.sequence, envelope.occurred_at, received.fact)


@dataclass(frozen=True, slots=True)
class On:
    """Call a use case for each fact of one kind, in order per aggregate."""

    fact: type[Fact]
    handler: Callable[[Tx, Event[Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Follow:
    """Keep a copy of an aggregate's public state in a table of one's own."""

    facts: frozenset[type[Fact]]
    table: Table

    async def apply(self, tx: Tx, events: Sequence[Event[Any]]) -> None:
        """Save the latest state of each aggregate among the events, unless the copy is further on already."""
        latest = {event.fact.state.id: event for event in events if type(event.fact) in self.facts}
        if not latest:
            return
        columns = [column.name for column in self.table.columns]
        rows = [_row(columns, event) for event in latest.values()]
        statement = insert(self.table)
        changes = {name: statement.excluded[name] for name in columns if name != "id"}
        await tx.session.execute(
            statement.on_conflict_do_update(
                index_elements=["id"],
                set_=changes,
                where=self.table.c.sequence < statement.excluded.sequence,
            ),
            rows,
        )


Subscription = On | Follow


def on(fact: type[F], handler: Callable[[Tx, Event[F]], Awaitable[None]]) -> On:
    """Subscribe a use case to a kind of fact. It must accept to run in one transaction with its neighbours."""
    return On(fact, handler)


def follow(
    state: type[State], *, into: type[SQLModel], contracts: Iterable[type[Fact]] = tuple(BY_NAME.values())
) -> Follow:
    """Keep in ``into`` the columns it has of every aggregate whose facts, among ``contracts``, carry ``state``.

    The table needs ``id`` and ``sequence``; its other columns bear names of the state's fields.
    Raises ValueError at start-up when a column is no field of the state, or when no fact carries the state.
    """
    facts = frozenset(fact for fact in contracts if fact.model_fields["state"].annotation is state)
    table: Table = into.__table__  # type: ignore[attr-defined]
    unknown = {column.name for column in table.columns} - set(state.model_fields) - {"sequence"}
    if unknown or not facts:
        raise ValueError(f"{into.__name__} cannot follow {state.__name__}: {sorted(unknown) or 'no fact carries it'}")
    return Follow(facts, table)


def wanted_facts(subscriptions: Iterable[Subscription]) -> Mapping[str, type[Fact]]:
    """Return the kinds of facts somebody subscribed to, by wire name: the only ones worth parsing.

    >>> from common.contracts.platform import ReplayRequested
    >>> list(wanted_facts([on(ReplayRequested, print)])) == [ReplayRequested.wire_name]
    True
    """
    facts: set[type[Fact]] = set()
    for subscription in subscriptions:
        facts |= subscription.facts if isinstance(subscription, Follow) else {subscription.fact}
    return {fact.wire_name: fact for fact in facts}


def _row(columns: Sequence[str], event: Event[Any]) -> dict[str, Any]:
    state = event.fact.state.model_dump()
    return {name: event.sequence if name == "sequence" else _stored(state[name]) for name in columns}


def _stored(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
