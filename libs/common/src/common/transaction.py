"""What a use case is handed: a transaction that a door opened and will commit.

Use cases take ``tx`` first, read, decide, save and publish, and never commit. Reads take the narrower ``Read``,
so that a read cannot be handed to a function that writes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import legal_day
from common.events import Fact

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person's token, or a service on its own account. Identifiers only, no names."""

    subject: str
    roles: frozenset[str] = frozenset()
    member_id: UUID | None = None
    delegation: str | None = None


@dataclass(frozen=True, slots=True)
class PendingFact:
    """A fact published in a transaction that has not ended, with the reason its author gave."""

    fact: Fact
    reason: str | None


@dataclass(slots=True)
class Read:
    """A read-only look at the database, at one instant, for one actor."""

    session: AsyncSession
    now: datetime
    actor: Actor

    @property
    def today(self) -> date:
        """The legal day (Paris) of this transaction."""
        return legal_day(self.now)


@dataclass(slots=True)
class Tx(Read):
    """One transaction: everything done through it happens, with its facts, or nothing does."""

    dry_run: bool = False
    mail_domain: str = "localhost"
    """Where the mails of this service come from: what their Message-IDs end with."""
    public_url: str = "http://localhost"
    """Where the platform is, seen from outside: what the links of a mail begin with."""
    pending: list[PendingFact] = field(default_factory=list)
    closing: dict[Callable[["Tx", Sequence[Any]], Awaitable[None]], list[Any]] = field(default_factory=dict)

    def publish(self, fact: Fact, *, reason: str | None = None) -> None:
        """Publish a fact when, and only when, this transaction commits.

        Rows are written last, after everything the use case locked, so that an aggregate's events are in the order
        of its changes.
        """
        self.pending.append(PendingFact(fact, reason))

    def at_end(self, work: Callable[["Tx", Sequence[_Item]], Awaitable[None]], items: Iterable[_Item]) -> None:
        """Have a work done at the end of this transaction, once, on all that is given to it until then.

        For what everybody waits for, such as a series of numbers: it is held last, after everything the use case
        locked, and for the shortest time.
        """
        self.closing.setdefault(work, []).extend(items)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Do a part that may fail alone: on an error all that it did and said is undone, and the error goes on."""
        published = len(self.pending)
        given = {work: len(items) for work, items in self.closing.items()}
        try:
            async with self.session.begin_nested():
                yield
        except BaseException:
            del self.pending[published:]
            for work, items in self.closing.items():
                del items[given.get(work, 0) :]
            raise
