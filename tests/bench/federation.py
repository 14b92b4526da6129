"""A federation as large as wanted in the database of dues, and what its papers cost in memory."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg

from common.contracts.membership import ActivityState, MemberState, PostalAddress
from common.files import Files
from common.identifiers import new_id
from demo.generated import structures
from dues.invoices.documents import archive

_MEBIBYTE = 2**20


def states(members: int) -> Iterable[MemberState]:
    """Yield fictitious members as membership tells them."""
    for name, siren, types, street, postcode, city, department in structures(members):
        yield MemberState(
            id=new_id(),
            reference=name,
            name=name,
            siren=siren,
            status="active",
            activities=tuple(ActivityState(kind=k.lower(), main=i == 0) for i, k in enumerate(types.split("/"))),
            delegation="occitanie",
            department=department,
            address=PostalAddress(street=street, postcode=postcode, city=city),
            joined_on=date(2025, 1, 1),
            renewed_years=(2026,),
        )


async def fill(url: str, members: int) -> None:
    """Copy members into the table that the facts of membership fill, at their first fact."""
    connection = await asyncpg.connect(url)
    try:
        rows = [_row(state) for state in states(members)]
        await connection.copy_records_to_table("member", columns=tuple(rows[0]), records=[(*r.values(),) for r in rows])
        await connection.execute("VACUUM ANALYZE member")
    finally:
        await connection.close()


def _row(state: MemberState) -> dict[str, object]:
    shared = ("id", "name", "siren", "status", "category", "delegation", "joined_on")
    return {
        **{name: getattr(state, name) for name in shared},
        "sequence": 1,
        "activities": json.dumps([activity.model_dump() for activity in state.activities]),
        "address": json.dumps(state.address.model_dump()) if state.address else None,
        "renewed_years": list(state.renewed_years),
    }


def resident() -> float:
    """Return how much memory this process has now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / _MEBIBYTE


async def archived(files: Files, calls: Sequence[tuple[UUID, str]]) -> tuple[float, float]:
    """Read an archive of calls piece by piece, keeping none; return its size and the most memory meanwhile, in MiB."""
    size, most = 0, 0.0
    async for piece in archive(files, calls):
        size += len(piece)
        most = max(most, resident())
    return size / _MEBIBYTE, most
