"""Databases for tests, each as a migration leaves it: what a test wrote is taken out again for the next one.

What many tests begin with is done once, by the service itself, and put back for each of them: ``arranged``.
"""

import shutil
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
from alembic.script import ScriptDirectory

from common import migrations
from common.files import Files
from common.identifiers import new_id
from common.probes import Probes
from common.service import Runtime, Service
from common.testing.harness import ServiceUnderTest, settings_for
from common.testing.issuer import TestIssuer
from common.testing.snapshots import Snapshot

_Given = ParamSpec("_Given")
_Told = TypeVar("_Told")

_LOANS = 200
"""After so many, a database has more dead rows in its indexes than a new one costs."""
_LARGE_BYTES = 2_000_000
_SPENT = (
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
)
_TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
# Whatever a statement may change of a schema leaves a younger row in one of these; an analysis counts the rows.
_SCHEMA = """
SELECT concat_ws(' ',
    (SELECT concat_ws(' ', count(*), max(xmin::text::bigint), sum(greatest(reltuples, 0))) FROM pg_class
        WHERE oid >= 16384),
    (SELECT concat_ws(' ', count(*), max(xmin::text::bigint)) FROM pg_trigger),
    (SELECT concat_ws(' ', count(*), max(xmin::text::bigint)) FROM pg_constraint WHERE oid >= 16384),
    (SELECT concat_ws(' ', count(*), max(xmin::text::bigint)) FROM pg_proc WHERE oid >= 16384))
"""
_WIND_BACK = """
SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""


@dataclass(slots=True)
class Lent:
    """A database that one test has to itself, with what a service runs on there."""

    runtime: Runtime
    sweeper: asyncpg.Connection
    schema: str
    written: str
    """The query that says which tables, empty after the migrations, have rows."""
    loans: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return self.runtime.settings.database_url

    def runtime_of(self, service: Service, folder: Path) -> Runtime:
        """Return what a service runs on, its files in a folder of the test's own."""
        settings = self.runtime.settings.model_copy(update={"files_url": f"file://{folder}"})
        return replace(
            self.runtime,
            settings=settings,
            files=Files(settings.files_url),
            inbox=service.inbox(),
            probes=Probes(service.name, self.runtime.database, loop_lag_limit_seconds=settings.loop_lag_limit_seconds),
        )

    async def holds(self) -> list[str]:
        """Return the tables that have rows, but for those that the migrations filled."""
        return [row["name"] for row in await self.sweeper.fetch(self.written)]

    async def swept(self) -> bool:
        """Take out what a test wrote. False if it changed the schema too, left much, held it or cut us off: spent."""
        self.loans += 1
        try:
            return await self._swept()
        except _SPENT:
            return False

    async def _swept(self) -> bool:
        if self.loans >= _LOANS or await self.sweeper.fetchval(_SCHEMA) != self.schema:
            return False
        rows = await self.sweeper.fetch(self.written)
        if any(row["bytes"] > _LARGE_BYTES for row in rows):
            return False
        deletions = "".join(f'DELETE FROM "{row["name"]}";' for row in rows)  # noqa: S608  # our own names
        # As a replica, the server does not ask what keeps a row from being deleted: triggers and references.
        wiping = f"SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '1s'; {deletions}{_WIND_BACK}"
        await self.sweeper.execute(f"BEGIN;{wiping};COMMIT")
        return True

    async def close(self) -> None:
        """Let go of it."""
        await self.sweeper.close()
        await self.runtime.close()


@dataclass(frozen=True, slots=True)
class _Arranged:
    """What a service was brought to: its rows, its files, what it was told, and what the test is told."""

    rows: Snapshot
    files: Path
    sequences: dict[UUID, int]
    told: Any


class Databases:
    """Makes databases on one PostgreSQL server: migrated once per service and session, then copied, then lent again."""

    def __init__(self, admin_url: str, issuer: TestIssuer, folder: Path) -> None:
        self._admin_url = admin_url
        self._issuer = issuer
        self._folder = folder
        self._templates: dict[str, str] = {}
        self._idle: dict[str, list[Lent]] = {}
        self._lent: dict[str, Lent] = {}
        self._arranged: dict[tuple[object, ...], _Arranged] = {}

    async def fresh(self, service: Service) -> str:
        """Return the URL of a new, migrated, empty database for a service."""
        if service.name not in self._templates:
            self._templates[service.name] = await self._template(service)
        return await self._create(f"t_{new_id().hex}", self._templates[service.name])

    async def empty(self) -> str:
        """Return the URL of a new database that nothing has migrated."""
        return await self._create(f"t_{new_id().hex}", "template0")

    async def lend(self, service: Service) -> Lent:
        """Return a migrated, empty database for a service, its connections warm from another test if there was one."""
        idle = self._idle.setdefault(service.name, [])
        lent = idle.pop() if idle else await self._new_loan(service)
        self._lent[lent.url] = lent
        return lent

    async def take_back(self, service: Service, lent: Lent) -> None:
        """Make a database ready for another test, or drop it."""
        del self._lent[lent.url]
        if await lent.swept():
            self._idle[service.name].append(lent)
        else:
            await lent.close()
            await self.drop(lent.url)

    async def arranged(
        self,
        service: ServiceUnderTest,
        arrange: Callable[Concatenate[ServiceUnderTest, _Given], Awaitable[_Told]],
        *given: _Given.args,
        **named: _Given.kwargs,
    ) -> _Told:
        """Bring a service that nothing was done to yet to where ``arrange`` brings it, and return what that returns.

        It is called once a session for what it is given; then its rows and files are put back. What it returns is
        data: identifiers, numbers, days; no client and no service.
        """
        lent = self._lent[service.runtime.settings.database_url]
        files = _folder_of(service)
        assert not await lent.holds(), "arrange first: something was written already"  # noqa: S101  # a test's mistake
        key = (service.service.name, arrange, given, *sorted(named.items()))
        if key not in self._arranged:
            told = await arrange(service, *given, **named)
            kept = self._folder / f"arranged-{len(self._arranged)}"
            if files.exists():
                shutil.copytree(files, kept)
            rows = await Snapshot.of(lent.sweeper, await lent.holds())
            self._arranged[key] = _Arranged(rows, kept, dict(service.sequences), deepcopy(told))
            return told
        known = self._arranged[key]
        await known.rows.put_back(lent.sweeper)
        if known.files.exists():
            shutil.copytree(known.files, files, dirs_exist_ok=True)
        service.sequences.update(known.sequences)
        told_again: _Told = deepcopy(known.told)
        return told_again

    async def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')
        finally:
            await connection.close()

    async def close(self) -> None:
        """Let go of them all: the loop cannot end while a connection is open."""
        for lent in (*chain.from_iterable(self._idle.values()), *self._lent.values()):
            await lent.close()

    async def _new_loan(self, service: Service) -> Lent:
        url = await self.fresh(service)
        settings = settings_for(service, url, self._issuer, self._folder)
        sweeper = await asyncpg.connect(url)
        tables = [row["relname"] for row in await sweeper.fetch(_TABLES)]
        filled = {row["name"] for row in await sweeper.fetch(_written(tables))}
        return Lent(
            runtime=Runtime.start(service, settings, process="test"),
            sweeper=sweeper,
            schema=await sweeper.fetchval(_SCHEMA),
            written=_written([table for table in tables if table not in filled]),
        )

    async def _template(self, service: Service) -> str:
        name = f"template_{service.name.replace('-', '_')}_{new_id().hex}"
        url = await self._create(name, "template0")
        await migrations.upgrade_async(service, settings_for(service, url, self._issuer, self._folder))
        return name

    async def _create(self, name: str, template: str) -> str:
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await connection.close()
        return urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{name}"))


def migration(service: Service, revision: str) -> ModuleType:
    """Return a migration as the module it is, for a test of what it makes of rows."""
    module: ModuleType = ScriptDirectory(service.migrations).get_revision(revision).module
    return module


def _folder_of(service: ServiceUnderTest) -> Path:
    return Path(urlsplit(service.runtime.settings.files_url).path)


def _written(tables: list[str]) -> str:
    """Return the query that says which of these tables have rows, and how large they are."""
    return " UNION ALL ".join(
        f"SELECT '{table}' AS name, pg_relation_size('\"{table}\"') AS bytes"  # noqa: S608  # our own names
        f' WHERE EXISTS (SELECT FROM "{table}")'
        for table in tables
    )
