"""A disk that is really full under a running PostgreSQL: a log that nobody rotated, a volume sized too small.

A tablespace stands on a small tmpfs; chosen tables go there; a table of ballast takes all that is left. Only they
are short of room: the server, its other tables and its write-ahead log live on.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import asyncpg

from devstack.postgres import SYSTEM_USER
from devstack.processes import run

TABLESPACE = "small_disk"
BALLAST = "small_disk_ballast"

_LARGE_ROWS, _ONE_ROW = 64, 1
_ROW_BYTES = 7_000
"""A row of this size has a page of PostgreSQL to itself: 8 kB on the disk."""

_FAMILY = """
WITH family AS (SELECT $1::text::regclass AS oid UNION SELECT relid FROM pg_partition_tree($1::text::regclass))
SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM family
UNION ALL
SELECT 'INDEX', indexrelid::regclass::text FROM pg_index WHERE indrelid IN (SELECT oid FROM family)
"""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A disk for a PostgreSQL server that was started with ``launcher``.

    The addresses that its methods take are an administrator's, with the path of the database meant.
    """

    folder: Path
    launcher: tuple[str, ...]

    async def take(self, url: str, *tables: str) -> None:
        """Move ``tables`` to the disk, with their indexes and partitions, those to come included."""
        async with _session(url) as session:
            if not await session.fetchval("SELECT 1 FROM pg_tablespace WHERE spcname = $1", TABLESPACE):
                await session.execute(f"CREATE TABLESPACE {TABLESPACE} LOCATION '{self.folder}'")
            for table in tables:
                for row in await session.fetch(_FAMILY, table):
                    await session.execute(f"ALTER {row['kind']} {row['name']} SET TABLESPACE {TABLESPACE}")

    async def fill(self, url: str) -> None:
        """Write ballast until PostgreSQL answers 53100, disk full, to one page more.

        A table still takes the rows that fit in the pages it has: the next page is what it is refused.
        """
        async with _session(url) as session:
            await session.execute(
                f"CREATE TABLE IF NOT EXISTS {BALLAST} (bytes bytea STORAGE PLAIN)"
                f" WITH (autovacuum_enabled = off) TABLESPACE {TABLESPACE}"
            )
            for rows in (_LARGE_ROWS, _ONE_ROW):
                await _write_until_full(session, rows)

    async def free(self, url: str) -> None:
        """Throw the ballast away: somebody made room."""
        async with _session(url) as session:
            await session.execute(f"DROP TABLE {BALLAST}")


@contextmanager
def small_disk(megabytes: int = 32) -> Iterator[SmallDisk]:
    """Make the disk; start the server with its ``launcher`` and stop it within the block.

    Root mounts it for everybody. Anybody else mounts it for the server alone, in a namespace that ends with it: a
    server killed there finds its tablespace gone, and does not start again. Raises StackError where the system
    allows neither.
    """
    folder = Path(mkdtemp(prefix="coorace-disk-"))
    mount = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "coorace-small-disk", str(folder))
    try:
        if os.geteuid() == 0:
            run(mount)
            shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
            yield SmallDisk(folder, ())
        else:
            namespace = ("unshare", "--user", "--map-current-user", "--keep-caps", "--mount")
            run((*namespace, *mount))  # says here and now what the system does not allow
            yield SmallDisk(folder, (*namespace, "sh", "-c", f'{" ".join(mount)} && exec "$@"', "sh"))
    finally:
        if folder.is_mount():
            run(("umount", "--lazy", str(folder)))  # lazily: a server that a test left behind does not keep it
        folder.rmdir()


async def _write_until_full(session: asyncpg.Connection, rows: int) -> None:
    with suppress(asyncpg.DiskFullError):
        while True:
            await session.execute(
                f"INSERT INTO {BALLAST} SELECT $2 FROM generate_series(1, $1)",  # noqa: S608  # our own name
                *(rows, bytes(_ROW_BYTES)),
            )


@asynccontextmanager
async def _session(url: str) -> AsyncIterator[asyncpg.Connection]:
    session = await asyncpg.connect(url)
    try:
        yield session
    finally:
        await session.close()
