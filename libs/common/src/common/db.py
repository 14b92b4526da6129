"""One service's database: where every transaction of the product begins and ends.

``commit`` stands here and nowhere else. Three doors come through: HTTP, events and jobs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from copy import copy
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from common import failpoints
from common.clock import Clock
from common.outbox import write_outbox
from common.settings import CommonSettings
from common.transaction import Actor, Read, Tx

_SESSION_LIMITS = {
    "lock_timeout": "10s",
    # A frozen process keeps its locks that long; nothing of ours is silent longer in the middle of a transaction.
    "idle_in_transaction_session_timeout": "20s",
    # A process whose machine is gone keeps its connections, and their locks, 30 s: then the server has noticed.
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}
_CONNECT_SECONDS = 10.0
_SILENCE_SECONDS = 5.0
"""How much longer than its longest statement a database may be silent before its link is given up as half-open."""
_CLOSING_SECONDS = 2.0
_SIGN_OF_LIFE_SECONDS = 5.0
"""How often a transaction that computes speaks: a quarter of the time it may be silent."""

_Result = TypeVar("_Result")


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is not typed
    """Ends politely, but not on a link that has fallen silent: that would take as long as a statement."""

    async def close(self, *, timeout: float | None = _CLOSING_SECONDS) -> None:  # noqa: ASYNC109  # asyncpg's own
        """Say goodbye and close; without an answer in time, only close, and raise TimeoutError."""
        await super().close(timeout=timeout)


class Database:
    """Hands out reads and transactions, and dedicated connections to what needs a session of its own."""

    def __init__(self, settings: CommonSettings, clock: Clock, name: str) -> None:
        """``name`` is what its connections are called in ``pg_stat_activity``."""
        self._url = settings.database_url
        self._clock = clock
        self._mail_domain = settings.mail_sender.domain
        self._public_url = settings.public_url
        longest = settings.database_statement_seconds
        self._connection: dict[str, Any] = {
            "server_settings": {**_SESSION_LIMITS, "statement_timeout": f"{longest}s", "application_name": name},
            "timeout": _CONNECT_SECONDS,
            "command_timeout": longest + _SILENCE_SECONDS,
            "connection_class": _Connection,
        }
        # An error of the database goes to the log: what people wrote, and to whom, does not go with it.
        self.engine: AsyncEngine = create_async_engine(
            settings.sqlalchemy_url,
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_recycle=1800,
            json_serializer=json_text,
            json_deserializer=orjson.loads,
            connect_args=self._connection,
            hide_parameters=True,
        )
        event.listen(self.engine.sync_engine, "handle_error", _silence_is_a_lost_link)
        watching = create_async_engine(
            settings.sqlalchemy_url, poolclass=NullPool, connect_args=self._connection, hide_parameters=True
        )
        read_only = self.engine.execution_options(postgresql_readonly=True)
        self._write_session = async_sessionmaker(self.engine, expire_on_commit=False)
        self._read_session = async_sessionmaker(read_only, expire_on_commit=False, autoflush=False)
        self._watch_session = async_sessionmaker(watching.execution_options(postgresql_readonly=True), autoflush=False)
        self._wakeups: list[asyncio.Event] = []

    @asynccontextmanager
    async def reading(self, actor: Actor) -> AsyncIterator[Read]:
        """Open a read-only transaction. No connection is taken before the first statement."""
        async with self._read_session() as session:
            yield Read(session=session, now=self._clock.now(), actor=actor)

    @asynccontextmanager
    async def watching(self, actor: Actor) -> AsyncIterator[Read]:
        """Open a read on a connection of its own: who watches a process must not queue behind its work."""
        async with self._watch_session() as session:
            yield Read(session=session, now=self._clock.now(), actor=actor)

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, dry_run: bool = False) -> AsyncIterator[Tx]:
        """Open a transaction; on a clean exit do what waits for its end, write its facts and commit.

        On an error everything is rolled back.

        A dry run does all of it, the facts included, and rolls back at the end.
        """
        async with self._write_session() as session:
            tx = Tx(
                session=session,
                now=self._clock.now(),
                actor=actor,
                dry_run=dry_run,
                mail_domain=self._mail_domain,
                public_url=self._public_url,
            )
            yield tx
            await session.flush()
            for work, items in tx.closing.items():
                await work(tx, items)
            await write_outbox(tx)
            if dry_run:
                await session.rollback()
                return
            failpoints.reached("transaction.written")
            await session.commit()
            failpoints.reached("transaction.committed")
            for wakeup in self._wakeups:
                wakeup.set()

    def told_by(self, clock: Clock) -> "Database":
        """Return this database, its connections included, under another clock."""
        other = copy(self)
        other._clock = clock
        return other

    def new_wakeup(self) -> asyncio.Event:
        """Return an event set after each commit of this process, so that its relay and worker need not wait to poll."""
        wakeup = asyncio.Event()
        self._wakeups.append(wakeup)
        return wakeup

    async def connect(self, limits: Mapping[str, str] | None = None) -> asyncpg.Connection:
        """Open a connection of its own, outside the pool: for advisory locks that live as long as a process.

        ``limits`` are server settings for this session, beside those of every session.
        """
        server_settings = {**self._connection["server_settings"], **(limits or {})}
        return await asyncpg.connect(self._url, **{**self._connection, "server_settings": server_settings})

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


def _silence_is_a_lost_link(context: ExceptionContext) -> None:
    """Give up the whole pool with the connection that got no answer, else each of the others must be waited for.

    The server ends a statement that is too long before its client does: a client's time is over on silence alone.
    """
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = context.invalidate_pool_on_disconnect = True


async def raw(session: AsyncSession) -> asyncpg.Connection:
    """Return the asyncpg connection under a session, for COPY and other things SQLAlchemy has no words for."""
    connection = await session.connection()
    fairy = await connection.get_raw_connection()
    return fairy.driver_connection


async def computed(session: AsyncSession, work: Callable[..., _Result], *arguments: object) -> _Result:
    """Do a long computation in a thread, in the middle of a transaction that the database must not take for dead."""
    computing = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    while not (await asyncio.wait([computing], timeout=_SIGN_OF_LIFE_SECONDS))[0]:
        await session.execute(text("SELECT 1"))
    return computing.result()


def json_text(value: object) -> str:
    """Write a value as a JSON column takes it; dataclasses by their fields, amounts as texts.

    >>> json_text({"amount": Decimal("1.50")})
    '{"amount":"1.50"}'
    """
    return orjson.dumps(value, default=_text).decode()


def _text(value: object) -> str:
    """Write what JSON has no word for, and the identifiers of a driver."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON keeps")


async def copy_rows(session: AsyncSession, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert many rows by COPY, the same columns in each; what goes into a JSON column is given as ``json_text``.

    Rows given one by one are made while the database takes in those before. Raises asyncpg's own errors, e.g.
    UniqueViolationError.
    """
    remaining = iter(rows)
    first = next(remaining, None)
    if first is not None:
        connection = await raw(session)
        records = (tuple(row.values()) for row in chain([first], remaining))
        await connection.copy_records_to_table(table, columns=tuple(first), records=records)
