"""The ledger filled as the relay fills it, without a broker."""

from common import archive, partitions
from common.testing.harness import ServiceUnderTest


async def acknowledge(service: ServiceUnderTest, *sequences: int) -> None:
    """Move the outbox, or these sequences of it, to the ledger, as the relay does once the broker has everything."""
    connection = await service.runtime.database.connect()
    try:
        await partitions.prepare(connection)
        query = "SELECT id FROM event_outbox WHERE $1::bigint[] = '{}' OR sequence = ANY($1) ORDER BY id"
        await archive.move(connection, [row["id"] for row in await connection.fetch(query, list(sequences))])
    finally:
        await connection.close()
