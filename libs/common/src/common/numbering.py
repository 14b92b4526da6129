"""Gapless numbers, per legal entity, journal and year.

Numbers are taken at issue, inside the transaction that writes what they number: a rollback gives them back, so a
failed run leaves no hole. One counter update serves a whole run, whatever its size.
"""

from dataclasses import dataclass

from sqlalchemy import text

from common.transaction import Read, Tx


@dataclass(frozen=True, slots=True)
class Series:
    """One continuous sequence, e.g. the calls for dues (``COT``) of one legal entity in one year."""

    entity: str
    journal: str
    year: int

    def number(self, rank: int) -> str:
        """Write the readable reference of a rank.

        >>> Series("federation", "COT", 2026).number(42)
        'COT-2026-00042'
        """
        return f"{self.journal}-{self.year}-{rank:05d}"


_TAKE = text(
    "INSERT INTO number_series AS s (entity, journal, year, last) VALUES (:entity, :journal, :year, :count)"
    " ON CONFLICT (entity, journal, year) DO UPDATE SET last = s.last + :count RETURNING last"
)

_LAST = text("SELECT journal, year, last FROM number_series WHERE entity = :entity")


async def last_taken(read: Read, entity: str) -> dict[tuple[str, int], int]:
    """Return the last rank taken of each series of an entity, by journal and year."""
    rows = await read.session.execute(_LAST, {"entity": entity})
    return {(row.journal, row.year): row.last for row in rows}


async def take_numbers(tx: Tx, series: Series, count: int) -> list[str]:
    """Take the next ``count`` numbers of a series, in order. Other takers wait until this transaction ends."""
    if count == 0:
        return []
    result = await tx.session.execute(
        _TAKE, {"entity": series.entity, "journal": series.journal, "year": series.year, "count": count}
    )
    last: int = result.scalar_one()
    return [series.number(rank) for rank in range(last - count + 1, last + 1)]
