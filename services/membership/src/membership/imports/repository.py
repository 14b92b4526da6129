"""Loads and saves imports and their rows; the only writer of their tables."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, Uuid, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from common.db import copy_rows, raw
from common.jobs import past_runs
from common.transaction import Read, Tx
from membership.duplicates.domain import REFERENCES
from membership.imports.domain import (
    APPLY,
    PREVIEW,
    Applied,
    Finding,
    ImportStatus,
    MemberField,
    PlannedRow,
    RowOutcome,
)
from membership.imports.domain.refusals import ImportBusy, ImportNotFound, LineNotFound
from membership.imports.tables import ImportLine, ImportRecord
from membership.members.domain import Topic
from membership.members.queries import groups_among
from membership.sittings.queries import before_board

_OWN = {"member_entry", "member_period", "application", "import_line", "duplicate_pair"}
"""Tables that name a structure without anything being built on it: looked at apart, or only a suspicion."""
_NAMING = [one for one in REFERENCES if one.table not in _OWN]
_GROUP = "structures de son groupe"
_IDS = ARRAY(Uuid)
_LABELS = [one.label for one in _NAMING]
_LINES = """
SELECT line.row, line.name, line.member_id, line.undone, line.changes, member.merged_into
FROM import_line AS line JOIN member ON member.id = line.member_id WHERE line.import_id = :import {some}
ORDER BY line.row
"""
_ALL_LINES, _SOME_LINES = text(_LINES.format(some="")), text(_LINES.format(some="AND line.row = ANY(:rows)"))
_ENTERED = text("""
SELECT member_id, min(effective_on) AS first_day, coalesce(bool_or(source = :source), false) AS stated,
    coalesce(bool_or(source = :source AND topic = 'status'), false) AS entered,
    array_agg(topic) FILTER (WHERE source IS DISTINCT FROM :source) AS others
FROM member_entry JOIN unnest(:ids) AS asked (member_id) USING (member_id) GROUP BY member_id
""")
_CHANGED = text("""
SELECT e.member_id, array_agg(e.topic) AS topics FROM unnest(:ids) AS asked (member_id)
    JOIN member_entry e ON e.member_id = asked.member_id
WHERE e.source = :source AND e.withdraws IS NULL AND EXISTS (
    SELECT FROM member_entry later WHERE later.member_id = e.member_id AND later.topic = e.topic AND later.key = e.key
        AND later.recorded_at > e.recorded_at
) GROUP BY e.member_id
""")
_FOLLOWED = text("""
SELECT member_id, bool_or(status <> 'open' OR version <> 1) AS followed,
    max(member_since) FILTER (WHERE status = 'open') AS since
FROM application JOIN unnest(:ids) AS asked (member_id) USING (member_id) GROUP BY member_id
""")
_NAMING_ROWS = " UNION ALL ".join(
    f"SELECT {one.column} AS member_id, {rank} AS rank FROM {one.table}"  # noqa: S608
    for rank, one in enumerate(_NAMING)
)
# An array would be weighed element by element, for each of these tables.
_NAMED = text(
    f"SELECT DISTINCT member_id, rank FROM ({_NAMING_ROWS}) AS naming"  # noqa: S608  # our own names
    " JOIN unnest(:ids) AS asked (member_id) USING (member_id)"
)
_ONE_AT_WORK = "uq_import_file_applying"
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


async def begin(tx: Tx, record: ImportRecord, status: ImportStatus) -> None:
    """Write that a held import is being applied, or undone. Raises ImportBusy: the table lets one do so at a time."""
    try:
        async with tx.savepoint():
            record.status = status.value
            record.version += 1
            await tx.session.flush()
    except IntegrityError as error:
        if _ONE_AT_WORK not in str(error.orig):
            raise
        raise ImportBusy("Un autre import est en cours d'application ou d'annulation : attendez sa fin.") from None


async def applied_until(read: Read, import_id: UUID) -> int:
    """Return the last row that was applied of the plan as it is now: a fresh preview plans what was left."""
    until = 0
    for run in await past_runs(read, import_id):
        if run.kind == PREVIEW and run.status == "succeeded":
            until = 0
        elif run.kind == APPLY:
            until = max(until, run.cursor.get("row", 0))
    return until


async def is_undone_in_part(read: Read, import_id: UUID) -> bool:
    """Tell whether something that an import did was undone."""
    query = select(col(ImportLine.row)).where(
        col(ImportLine.import_id) == import_id, col(ImportLine.undone).is_not(None)
    )
    return (await read.session.execute(query.limit(1))).first() is not None


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

    As many statements, however many rows; brought together here, as no statistics of freshly imported tables say how
    many rows a join would meet.
    """
    some = {} if rows is None else {"rows": list(rows)}
    found = await read.session.execute(_ALL_LINES if rows is None else _SOME_LINES, {"import": import_id, **some})
    lines, until = list(found), await applied_until(read, import_id)
    ids = [line.member_id for line in lines]
    known = await _by_member(read, _ENTERED, ids, source=source_of(import_id))
    created = [member_id for member_id, one in known.items() if one.entered]
    others = [member_id for member_id, one in known.items() if one.stated and not one.entered]
    changed = await _by_member(read, _CHANGED, others, source=source_of(import_id))
    followed = await _by_member(read, _FOLLOWED, ids)
    named: defaultdict[UUID, list[str]] = defaultdict(list)
    for member_id, rank in await read.session.execute(
        _NAMED.bindparams(bindparam("ids", type_=_IDS)), {"ids": created}
    ):
        named[member_id].append(_LABELS[rank])
    for member_id in await groups_among(read, created):
        named[member_id].append(_GROUP)
    sittings: defaultdict[UUID, list[str]] = defaultdict(list)
    for sitting in await before_board(read, ids):
        sittings[sitting.member_id].append(sitting.minutes_reference)
    return [
        replace(
            _applied(line, known[line.member_id], changed.get(line.member_id), followed.get(line.member_id), until),
            named_by=sorted(named[line.member_id]),
            before_board=sittings[line.member_id],
        )
        for line in lines
    ]


async def _by_member(read: Read, statement: TextClause, ids: Sequence[UUID], **bound: str) -> dict[UUID, Any]:
    typed = statement.bindparams(bindparam("ids", type_=_IDS))
    return {row.member_id: row for row in await read.session.execute(typed, {"ids": ids, **bound})}


async def set_undone(tx: Tx, import_id: UUID, undone: Mapping[int, str]) -> None:
    """Note what undoing made of some rows."""
    connection = await raw(tx.session)
    await connection.execute(_SET_UNDONE, import_id, list(undone), list(undone.values()))


def source_of(import_id: UUID) -> str:
    """Return what the register's entries say of coming from an import."""
    return f"import:{import_id}"


def _applied(line: Any, known: Any, changed: Any, followed: Any, until: int) -> Applied:
    """A day is a fact of the application, which says not whence: it is of the import where its row was applied."""
    changes = line.changes if line.row <= until else ()
    dated = next((change for change in changes if change["field"] == MemberField.MEMBER_SINCE), None)
    return Applied(
        row=line.row,
        name=line.name,
        member_id=line.member_id,
        first_day=known.first_day,
        entered=known.entered,
        stated=known.stated,
        undone=line.undone is not None,
        merged=line.merged_into is not None,
        others=[Topic(topic) for topic in known.others or ()],
        changed=[Topic(topic) for topic in changed.topics] if changed else (),
        followed=bool(followed and followed.followed),
        dated=_day(dated["new"]) if dated else None,
        dated_before=_day(dated["old"]) if dated else None,
        said_since=followed.since if followed else None,
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
