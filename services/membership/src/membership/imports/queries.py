"""Reads of imports: the preview as a person looks at it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from common.blockers import blockers_out, possible
from common.pagination import Order, Page, PageParams, paginate
from common.transaction import Read
from membership.imports import repository
from membership.imports.domain import (
    ImportStatus,
    MemberField,
    RowOutcome,
    Undoing,
    UndoOutcome,
    allowed_actions,
    undo_fingerprint,
    undo_obstacle,
    undoing,
    was_applied,
)
from membership.imports.domain.refusals import ImportNotApplied
from membership.imports.schemas import (
    ChangeOut,
    FindingOut,
    ImportLineOut,
    ImportOut,
    ImportUndoLine,
    ImportUndoPlan,
    LineParams,
)
from membership.imports.tables import ImportLine, ImportRecord

_FILE: Any = ImportRecord.__table__  # type: ignore[attr-defined]
_FILE_ORDER = Order(columns={"created_at": _FILE.c.created_at}, default="-created_at", unique=_FILE.c.id)
_LINE: Any = ImportLine.__table__  # type: ignore[attr-defined]
_MOST_KEPT = 200
_ORDER = Order(columns={"row": _LINE.c.row}, default="row", unique=_LINE.c.row)


async def find_import(read: Read, import_id: UUID) -> ImportOut:
    """Return one import. Raises ImportNotFound."""
    return await shown(read, await repository.get(read, import_id))


async def shown(read: Read, record: ImportRecord) -> ImportOut:
    """Write a loaded import as the API shows it, with the rows that wait for a decision."""
    undecided = await repository.undecided_rows(read, [record.id])
    return _import_out(read, record, undecided.get(record.id, []))


async def list_imports(read: Read, params: PageParams) -> Page[ImportOut]:
    """Return one page of imports, newest first unless sorted otherwise."""
    records, cursor, total = await paginate(read, select(ImportRecord), _FILE_ORDER, params)
    undecided = await repository.undecided_rows(read, [record.id for record in records])
    items = [_import_out(read, record, undecided.get(record.id, [])) for record in records]
    return Page(items=items, next_cursor=cursor, total=total)


async def list_lines(read: Read, import_id: UUID, params: LineParams) -> Page[ImportLineOut]:
    """Return one page of the rows of an import. Raises ImportNotFound."""
    await repository.get(read, import_id)
    query = select(ImportLine).where(_LINE.c.import_id == import_id)
    if params.outcome:
        query = query.where(_LINE.c.outcome.in_([outcome.value for outcome in params.outcome]))
    if params.code:
        query = query.where(or_(*(_LINE.c.findings.contains([{"code": code}]) for code in params.code)))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[line_out(row) for row in rows], next_cursor=cursor, total=total)


async def show_undo(read: Read, import_id: UUID) -> ImportUndoPlan:
    """Return what undoing an import would do now. Raises ImportNotFound, ImportNotApplied."""
    record = await repository.get(read, import_id)
    obstacle = undo_obstacle(ImportStatus(record.status), record.undoable_until, read.today)
    if isinstance(obstacle, ImportNotApplied):
        raise obstacle
    rows = await undone_rows(read, import_id)
    kept = [one for one in rows if one.outcome is UndoOutcome.KEPT]
    return ImportUndoPlan(
        plan=undo_fingerprint(rows),
        undoable_until=record.undoable_until,
        counts=Counter(one.outcome for one in rows),
        kept=[_undo_line(one) for one in kept[:_MOST_KEPT]],
        blockers=blockers_out([obstacle] if obstacle else []),
    )


async def list_undo_rows(read: Read, import_id: UUID, params: PageParams) -> Page[ImportUndoLine]:
    """Return one page of the rows of an import that speak of a structure, with what undoing makes of each.

    Raises ImportNotFound, ImportNotApplied.
    """
    record = await repository.get(read, import_id)
    obstacle = undo_obstacle(ImportStatus(record.status), record.undoable_until, read.today)
    if isinstance(obstacle, ImportNotApplied):
        raise obstacle
    query = select(ImportLine).where(_LINE.c.import_id == import_id, _LINE.c.member_id.is_not(None))
    lines, cursor, total = await paginate(read, query, _ORDER, params)
    rows = await undone_rows(read, import_id, [line.row for line in lines])
    return Page(items=[_undo_line(one) for one in rows], next_cursor=cursor, total=total)


async def undone_rows(read: Read, import_id: UUID, rows: Sequence[int] | None = None) -> list[Undoing]:
    """Return what undoing an import would make of its rows that speak of a structure, all or some."""
    return [undoing(one) for one in await repository.applied(read, import_id, rows)]


def _undo_line(one: Undoing) -> ImportUndoLine:
    return ImportUndoLine(
        row=one.done.row,
        name=one.done.name,
        member_id=one.done.member_id,
        outcome=one.outcome,
        outcome_label=one.outcome.label,
        blockers=blockers_out(one.blockers),
    )


def _import_out(read: Read, record: ImportRecord, undecided: list[int]) -> ImportOut:
    status = ImportStatus(record.status)
    until = record.undoable_until
    undo = {"undo": undo_obstacle(status, until, read.today)} if was_applied(status, until) else {}
    undoable, blockers = possible(undo)
    return ImportOut(
        id=record.id,
        filename=record.filename,
        size=record.size,
        sha256=record.sha256,
        status=status,
        status_label=status.label,
        job_id=record.job_id,
        counts=record.counts,
        findings=[FindingOut.model_validate(finding) for finding in record.findings],
        undecided=undecided,
        created_at=record.created_at,
        applied_at=record.applied_at,
        undoable_until=record.undoable_until,
        undone_at=record.undone_at,
        undone_by=record.undone_by,
        undo_reason=record.undo_reason,
        version=record.version,
        allowed_actions=[*allowed_actions(status, undecided), *undoable],
        blockers=blockers,
    )


def line_out(line: ImportLine) -> ImportLineOut:
    """Write a row as the API shows it."""
    return ImportLineOut(
        row=line.row,
        name=line.name,
        member_since=line.cells.get("member_since"),
        outcome=RowOutcome(line.outcome),
        outcome_label=RowOutcome(line.outcome).label,
        decision=line.decision,
        member_id=line.member_id,
        undone=UndoOutcome(line.undone) if line.undone else None,
        changes=[
            ChangeOut(
                field=MemberField(item["field"]),
                label=MemberField(item["field"]).label,
                old=item["old"],
                new=item["new"],
            )
            for item in line.changes
        ],
        findings=[FindingOut.model_validate(finding) for finding in line.findings],
        resembles_rows=line.resembles_rows,
        resembles_members=[UUID(member) for member in line.resembles_members],
    )
