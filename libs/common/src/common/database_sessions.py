"""The sessions of a service's database, as PostgreSQL sees them: which relay holds which buckets, what stays open."""

import os
import socket
from datetime import datetime

from pydantic import Field
from sqlalchemy import text

from common.outbox import BUCKETS
from common.transaction import Read
from common.types import Schema

BUCKET_LOCKS = 0x0B0C
"""First half of the advisory lock keys of buckets, so that they never meet another use of advisory locks."""
_NAME_BYTES = 63
"""PostgreSQL cuts a longer name."""

_HOLDERS = text(
    "SELECT a.application_name AS relay, a.pid, host(a.client_addr) AS address, a.backend_start AS since,"
    " array_agg(CAST(CAST(l.objid AS bigint) AS integer) ORDER BY l.objid) AS buckets"
    " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.classid = :space AND l.objsubid = 2 AND l.granted"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " GROUP BY a.application_name, a.pid, a.client_addr, a.backend_start ORDER BY min(l.objid)"
)
_WAITING = text(
    "SELECT bucket, count(o.id) AS rows FROM unnest(CAST(:buckets AS smallint[])) AS b (bucket)"
    " LEFT JOIN event_outbox o USING (bucket) GROUP BY bucket ORDER BY bucket"
)
_OLDEST_TRANSACTION = text(
    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class BucketHolder(Schema):
    """Un relais et les seaux qu'il tient."""

    relay: str = Field(description="Son service, son processus, sa machine et son numéro", examples=["dues relay a1:7"])
    pid: int = Field(description="Sa session dans PostgreSQL")
    address: str | None
    since: datetime = Field(description="Depuis quand cette session est ouverte")
    buckets: list[int]


class FreeBucket(Schema):
    """Un seau que personne ne tient, et ce qui y attend."""

    bucket: int
    rows: int


def session_name(service: str, process: str, *, host: str | None = None, pid: int | None = None) -> str:
    """Return what the connections of this process are called: which service, which process, where.

    >>> session_name("dues", "relay", host="node-7", pid=12)
    'dues relay node-7:12'
    >>> len(session_name("dues", "relay", host="h" * 80, pid=12))
    63
    """
    start, end = f"{service} {process} ", f":{pid or os.getpid()}"
    return start + (host or socket.gethostname())[: _NAME_BYTES - len(start) - len(end)] + end


async def bucket_holders(read: Read) -> list[BucketHolder]:
    """Return the sessions that hold buckets of the outbox."""
    rows = await read.session.execute(_HOLDERS, {"space": BUCKET_LOCKS})
    return [BucketHolder.model_validate(row) for row in rows]


async def free_buckets(read: Read, holders: list[BucketHolder]) -> list[FreeBucket]:
    """Return the buckets that none of the holders has."""
    free = sorted(set(range(BUCKETS)) - {bucket for holder in holders for bucket in holder.buckets})
    return [FreeBucket.model_validate(row) for row in await read.session.execute(_WAITING, {"buckets": free})]


async def oldest_transaction_seconds(read: Read) -> float:
    """Return since when the oldest open transaction of this database runs; 0 without any."""
    return float((await read.session.execute(_OLDEST_TRANSACTION)).scalar_one())
