"""Reads of imports: the preview as a person looks at it."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from common.pagination import Order, Page, PageParams, paginate
from common.transaction import Read
from membership.imports import repository
from membership.imports.domain import ImportStatus, MemberField, RowOutcome, allowed_actions
from membership.imports.schemas import ChangeOut, FindingOut, ImportLineOut, ImportOut, LineParams
from membership.imports.tables import ImportLine, ImportRecord

_FILE: Any = ImportRecord.__table__  # type: ignore[attr-defined]
_FILE_ORDER = Order(columns={"created_at": _FILE.c.created_at}, default="-created_at", unique=_FILE.c.id)
_LINE: Any = ImportLine.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"row": _LINE.c.row}, default="row", unique=_LINE.c.row)


async def find_import(read: Read, import_id: UUID) -> ImportOut:
    """Return one import. Raises ImportNotFound."""
    return await shown(read, await repository.get(read, import_id))


async def shown(read: Read, record: ImportRecord) -> ImportOut:
    """Write a loaded import as the API shows it, with the rows that wait for a decision."""
    undecided = await repository.undecided_rows(read, [record.id])
    return _import_out(record, undecided.get(record.id, []))


async def list_imports(read: Read, params: PageParams) -> Page[ImportOut]:
    """Return one page of imports, newest first unless sorted otherwise."""
    records, cursor, total = await paginate(read, select(ImportRecord), _FILE_ORDER, params)
    undecided = await repository.undecided_rows(read, [record.id for record in records])
    items = [_import_out(record, undecided.get(record.id, [])) for record in records]
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


def _import_out(record: ImportRecord, undecided: list[int]) -> ImportOut:
    status = ImportStatus(record.status)
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
        version=record.version,
        allowed_actions=allowed_actions(status, undecided),
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
