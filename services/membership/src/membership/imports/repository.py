"""Loads and saves imports and their rows; the only writer of their tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from common.db import copy_rows, raw
from common.transaction import Read, Tx
from membership.duplicates.domain import REFERENCES
from membership.imports.domain import AT_WORK, Applied, Finding, MemberField, PlannedRow, RowOutcome
from membership.imports.domain.refusals import ImportNotFound, LineNotFound
from membership.imports.tables import ImportLine, ImportRecord
from membership.members.domain import Topic

_OWN = {"member_entry", "application", "import_line", "duplicate_pair"}
"""Tables that name a structure without anything being built on it: looked at apart, or only a suspicion."""
_NAMING = [one for one in REFERENCES if one.table not in _OWN]
_GROUP = "structures de son groupe"
_LABELS = (*(one.label for one in _NAMING), _GROUP)
_NAMED = " UNION ALL ".join(
    [
        *(f"SELECT {one.column} AS member_id, {rank} AS rank FROM {one.table}" for rank, one in enumerate(_NAMING)),  # noqa: S608
        f"SELECT CAST(part AS uuid), {len(_NAMING)} FROM member, jsonb_object_keys(held -> 'group') AS part",  # noqa: S608
    ]
)
_APPLIED = text(f"""
WITH line AS (
    SELECT row, name, member_id, undone, changes FROM import_line
    WHERE import_id = :import AND member_id IS NOT NULL
        AND (CAST(:rows AS integer[]) IS NULL OR row = ANY(CAST(:rows AS integer[])))
), told AS (
    SELECT e.member_id, e.topic, e.effective_on, e.source IS NOT DISTINCT FROM :source AS ours
    FROM line JOIN member_entry e ON e.member_id = line.member_id
), known AS (
    SELECT member_id, min(effective_on) AS first_day, bool_or(ours AND topic = 'status') AS entered,
        bool_or(ours) AS stated, array_agg(DISTINCT topic) FILTER (WHERE NOT ours) AS others
    FROM told GROUP BY member_id
), since AS (
    SELECT e.member_id, array_agg(DISTINCT e.topic) AS topics
    FROM known JOIN member_entry e ON e.member_id = known.member_id
    WHERE NOT known.entered AND e.source = :source AND e.withdraws IS NULL AND EXISTS (
        SELECT FROM member_entry later WHERE later.member_id = e.member_id AND later.topic = e.topic
            AND later.key = e.key AND later.recorded_at > e.recorded_at
    ) GROUP BY e.member_id
), named AS (
    SELECT naming.member_id, array_agg(DISTINCT naming.rank) AS ranks
    FROM ({_NAMED}) AS naming JOIN known ON known.member_id = naming.member_id AND known.entered
    GROUP BY naming.member_id
), asked AS (
    SELECT a.member_id, bool_or(a.status <> 'open' OR a.version <> 1) AS followed,
        max(a.member_since) FILTER (WHERE a.status = 'open') AS since
    FROM line JOIN application a ON a.member_id = line.member_id GROUP BY a.member_id
)
SELECT line.row, line.name, line.member_id, line.undone, line.changes, known.first_day, known.entered, known.stated,
    known.others, since.topics, named.ranks, asked.followed, asked.since, member.merged_into
FROM line JOIN known USING (member_id) JOIN member ON member.id = line.member_id
    LEFT JOIN since USING (member_id) LEFT JOIN named USING (member_id) LEFT JOIN asked USING (member_id)
ORDER BY line.row
""")  # noqa: S608  # our own names
_SET_UNDONE = """
UPDATE import_line AS l SET undone = c.undone
FROM unnest($2::integer[], $3::text[]) AS c (row, undone)
WHERE l.import_id = $1 AND l.row = c.row
"""
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


async def another_is_at_work(read: Read, import_id: UUID) -> bool:
    """Tell whether another import is being applied or undone."""
    query = select(col(ImportRecord.id)).where(
        col(ImportRecord.status).in_([status.value for status in AT_WORK]), col(ImportRecord.id) != import_id
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


async def applied(read: Read, import_id: UUID, rows: Sequence[int] | None = None) -> list[Applied]:
    """Return what the application of an import did by those of its rows that speak of a structure, all or some.

    One statement, however many rows.
    """
    bound = {"import": import_id, "source": source_of(import_id), "rows": None if rows is None else list(rows)}
    return [_applied(row) for row in await read.session.execute(_APPLIED, bound)]


async def set_undone(tx: Tx, import_id: UUID, undone: Mapping[int, str]) -> None:
    """Note what undoing made of some rows."""
    connection = await raw(tx.session)
    await connection.execute(_SET_UNDONE, import_id, list(undone), list(undone.values()))


def source_of(import_id: UUID) -> str:
    """Return what the register's entries say of coming from an import."""
    return f"import:{import_id}"


def _applied(row: Any) -> Applied:
    dated = next((change for change in row.changes if change["field"] == MemberField.MEMBER_SINCE), None)
    return Applied(
        row=row.row,
        name=row.name,
        member_id=row.member_id,
        first_day=row.first_day,
        entered=row.entered,
        stated=row.stated,
        undone=row.undone is not None,
        merged=row.merged_into is not None,
        others=[Topic(topic) for topic in row.others or ()],
        changed=[Topic(topic) for topic in row.topics or ()],
        followed=bool(row.followed),
        named_by=[_LABELS[rank] for rank in row.ranks or ()],
        dated=_day(dated["new"]) if dated else None,
        dated_before=_day(dated["old"]) if dated else None,
        said_since=row.since,
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


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
        "undone": None,
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
