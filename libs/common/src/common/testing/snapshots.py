"""What a database holds, taken at one moment and put back in another that is empty: no statement is planned for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import asyncpg

_COLUMNS = """
SELECT c.relname AS name, array_agg(a.attname ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = ''
GROUP BY c.relname
"""
_COUNTERS = """
SELECT seqrelid::regclass::text AS name, pg_sequence_last_value(seqrelid) AS value FROM pg_sequence
WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, as COPY writes them."""

    columns: Sequence[str]
    rows: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows of some tables, and how far each counter had come."""

    tables: Mapping[str, Table]
    counters: Mapping[str, int]

    @classmethod
    async def of(cls, connection: asyncpg.Connection, names: Sequence[str]) -> "Snapshot":
        """Take the rows of these tables, and all counters."""
        columns = {row["name"]: row["columns"] for row in await connection.fetch(_COLUMNS)}
        tables = {}
        for name in names:
            rows = BytesIO()
            await connection.copy_from_table(name, columns=columns[name], output=rows, format="binary")
            tables[name] = Table(columns[name], rows.getvalue())
        return cls(tables, {row["name"]: row["value"] for row in await connection.fetch(_COUNTERS)})

    async def put_back(self, connection: asyncpg.Connection) -> None:
        """Fill a database whose tables are empty. Triggers and references are not asked: the rows were here before."""
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for name, table in self.tables.items():
                await connection.copy_to_table(name, columns=table.columns, source=BytesIO(table.rows), format="binary")
            for name, value in self.counters.items():
                await connection.execute("SELECT setval($1::text::regclass, $2)", name, value)
