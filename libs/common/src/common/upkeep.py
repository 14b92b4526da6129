"""What a relay does for its service's tables between two sends: a slice at a time, also when it never idles."""

import asyncio

import asyncpg
import structlog

from common import partitions, retention
from common.retention import Keeping

_REST_SECONDS = 60.0
_BREATH_SECONDS = 0.25
"""Between two slices of a long work: facts go first, and autovacuum keeps up."""

log = structlog.get_logger(__name__)


class Upkeep:
    """Makes the ledger's days ahead of time, and lets go of what is past its keeping."""

    def __init__(self, connection: asyncpg.Connection, keeping: Keeping) -> None:
        self._connection = connection
        self._keeping = keeping
        self._expired = partitions.ExpiredDays(connection, keeping.archive_days) if keeping.archive_days else None
        self._prepare_at = self._slice_at = 0.0

    async def turn(self, *, alone: bool) -> None:
        """Do what is due. ``alone`` says that no other relay forgets at the same time: this one may."""
        now = asyncio.get_running_loop().time()
        try:
            if now >= self._prepare_at:
                self._prepare_at = now + _REST_SECONDS
                await partitions.prepare(self._connection, by_month=self._keeping.archive_days is None)
            if alone and now >= self._slice_at:
                self._slice_at = now + _REST_SECONDS
                if await self._forget_slice():
                    self._slice_at = now + _BREATH_SECONDS
        except asyncpg.PostgresError as error:  # the facts go on; what is due will be due again
            log.warning("upkeep_failed", error=f"{type(error).__name__}: {error}")

    async def _forget_slice(self) -> bool:
        more = await retention.sweep(self._connection, self._keeping)
        return (self._expired is not None and await self._expired.drop_slice()) or more
