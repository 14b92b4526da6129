"""Loads and saves imports and their rows; the only writer of their tables."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from common.db import copy_rows, raw
from common.transaction import Read, Tx
from membership.imports.domain import Finding, ImportStatus, PlannedRow, RowOutcome
from membership.imports.domain.refusals import ImportNotFound, LineNotFound
from membership.imports.tables import ImportLine, ImportRecord

_SET_MEMBERS = """
UPDATE import_line AS l SET member_id = c.member_id
FROM unnest($2::integer[], $3::uuid[]) AS c (row, member_id)
WHERE l.import_id = $1 AND l.row = c.row
"""


async def get(read: Read, import_id: UUID, *, for_update: bool = False) -> ImportRecord:
    """Load an import. Raises ImportNotFound."""
    record = await read.session.get(ImportRecord, import_id, with_for_update=for_update or None, populate_existing=True)
    if record is None:
        raise ImportNotFound("Cet import n'existe pas.")
    return record


async def get_line(tx: Tx, import_id: UUID, row: int) -> ImportLine:
    """Load a row and hold it. Raises LineNotFound."""
    line = await tx.session.get(ImportLine, (import_id, row), with_for_update=True, populate_existing=True)
    if line is None:
        raise LineNotFound(f"Le fichier n'a pas de ligne {row}.")
    return line


async def lines_after(read: Read, import_id: UUID, row: int, limit: int) -> list[ImportLine]:
    """Return the next rows of a file, in its order."""
    query = (
        select(ImportLine)
        .where(col(ImportLine.import_id) == import_id, col(ImportLine.row) > row)
        .order_by(col(ImportLine.row))
        .limit(limit)
    )
    return list((await read.session.execute(query)).scalars())


async def undecided_rows(read: Read, import_ids: Sequence[UUID]) -> dict[UUID, list[int]]:
    """Return the rows that wait for a person's decision, by import; an import where none waits is left out."""
    rows = func.array_agg(aggregate_order_by(col(ImportLine.row), col(ImportLine.row)))
    query = (
        select(col(ImportLine.import_id), rows)
        .where(
            col(ImportLine.import_id).in_(import_ids),
            col(ImportLine.outcome) == RowOutcome.SUSPECTED_DUPLICATE.value,
            col(ImportLine.decision).is_(None),
        )
        .group_by(col(ImportLine.import_id))
    )
    return {import_id: list(waiting) for import_id, waiting in await read.session.execute(query)}


async def another_is_applying(read: Read, import_id: UUID) -> bool:
    """Tell whether another import is being applied."""
    query = select(col(ImportRecord.id)).where(
        col(ImportRecord.status) == ImportStatus.APPLYING.value, col(ImportRecord.id) != import_id
    )
    return (await read.session.execute(query)).first() is not None


async def replace_plan(tx: Tx, import_id: UUID, planned: Sequence[PlannedRow]) -> None:
    """Write the plan of every row, in place of an earlier one."""
    await tx.session.execute(delete(ImportLine).where(col(ImportLine.import_id) == import_id))
    await copy_rows(tx.session, "import_line", (_values(import_id, line) for line in planned))


async def set_members(tx: Tx, import_id: UUID, created: dict[int, UUID]) -> None:
    """Note which structure each created row became."""
    connection = await raw(tx.session)
    await connection.execute(_SET_MEMBERS, import_id, list(created), list(created.values()))


def findings_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Write findings as they are stored and shown."""
    return [asdict(finding) for finding in findings]


def _values(import_id: UUID, line: PlannedRow) -> dict[str, object]:
    return {
        "import_id": import_id,
        "row": line.row.row,
        "name": line.row.name,
        "outcome": line.outcome.value,
        "decision": None,
        "member_id": line.member_id,
        "cells": _json(_cells(line)),
        "changes": _json([asdict(change) for change in line.changes]),
        "findings": _json(findings_json(line.findings)),
        "resembles_rows": _json(list(line.resembles_rows)),
        "resembles_members": _json([str(member) for member in line.resembles_members]),
    }


def _cells(line: PlannedRow) -> dict[str, Any]:
    row = line.row
    return {
        "number": row.number,
        "name": row.name,
        "activities": list(row.activities),
        "address": row.address,
        "postcode": row.postcode,
        "commune": row.commune,
        "department": row.department,
        "siren": row.siren,
        "siret": row.siret,
        "member_since": row.member_since,
        **(
            {"conventions": {kind.value: number for kind, number in row.conventions.items()}} if row.conventions else {}
        ),
    }


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()
