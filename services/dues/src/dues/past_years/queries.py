"""Reads of the past years: who reads a member's calls reads what it was called before them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from common.blockers import tried
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member, require_member
from dues.past_years import repository
from dues.past_years.domain import (
    ImportStatus,
    KnownYear,
    RowOutcome,
    YearState,
    require_appliable,
    require_previewable,
)
from dues.past_years.schemas import (
    HistoryImportOut,
    MemberHistoryOut,
    PastYearFilters,
    PastYearListParams,
    PastYearOut,
)
from dues.past_years.tables import HistoryImportRow, HistoryYearRow
from dues.rights import RIGHTS, Act

_YEAR: Any = HistoryYearRow.__table__  # type: ignore[attr-defined]
_IMPORT: Any = HistoryImportRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"year": _YEAR.c.year, "name": MEMBER_NAME, "called": _YEAR.c.called, "paid": _YEAR.c.paid},
    default="-year",
    unique=_YEAR.c.id,
)
_IMPORT_ORDER = Order(columns={"created_at": _IMPORT.c.created_at}, default="-created_at", unique=_IMPORT.c.id)

EXPORT_HEADER = (
    "annee", "adherent", "nom", "delegation", "appele", "regle", "reste_du", "etat", "note", "repris_le", "corrige_le",
)  # fmt: skip


async def find_import(read: Read, import_id: UUID) -> HistoryImportOut:
    """Return one import. Raises HistoryImportNotFound."""
    return import_out(await repository.get(read, import_id))


async def list_imports(read: Read, params: PageParams) -> Page[HistoryImportOut]:
    """Return one page of imports."""
    rows, cursor, total = await paginate(read, select(HistoryImportRow), _IMPORT_ORDER, params)
    return Page(items=[import_out(row) for row in rows], next_cursor=cursor, total=total)


def import_out(row: HistoryImportRow) -> HistoryImportOut:
    """Write an import as the API shows it."""
    status = ImportStatus(row.status)
    actions, blockers = tried(
        {
            "preview": partial(require_previewable, status),
            "apply": partial(require_appliable, status, row.counts.get(RowOutcome.ERROR, 0)),
        }
    )
    return HistoryImportOut(
        id=row.id,
        filename=row.filename,
        size=row.size,
        sha256=row.sha256,
        status=status,
        status_label=status.label,
        job_id=row.job_id,
        counts=row.counts,
        created_at=row.created_at,
        created_by=row.created_by,
        applied_at=row.applied_at,
        version=row.version,
        allowed_actions=actions,
        blockers=blockers,
    )


async def list_years(read: Read, grant: Grant, params: PastYearListParams) -> Page[PastYearOut]:
    """Return one page of past years within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    notes = _notes(read)
    return Page(items=[_out(row, notes=notes) for row in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: PastYearFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same years as the list with the same filters."""
    rows = await read.session.execute(_filtered(grant, filters).order_by(_YEAR.c.year, MEMBER_NAME, _YEAR.c.id))
    notes = _notes(read)
    return (
        (
            one.year,
            str(one.member_id),
            one.member_name,
            delegation_name(one.delegation),
            one.called,
            one.paid,
            one.owed,
            one.state_label,
            one.note,
            one.recorded_on,
            one.corrected_on,
        )
        for one in (_out(row, notes=notes) for row in rows.all())
    )


async def member_history(read: Read, grant: Grant, member_id: UUID) -> MemberHistoryOut:
    """Return the past years of a member within reach. Raises MemberUnknown, MemberMerged."""
    member = await require_member(read, grant, member_id)
    everything = PastYearFilters(member_id=[member_id], corrected=None)
    query = _filtered(Grant(read.actor, Scope.ALL), everything).order_by(_YEAR.c.year.desc(), _YEAR.c.id.desc())
    notes = _notes(read)
    told = [_out(row, notes=notes) for row in await read.session.execute(query)]
    years = [one for one in told if one.corrected_on is None]
    zero = Decimal("0.00")
    return MemberHistoryOut(
        member_id=member.id,
        member_name=member.name,
        called=sum((one.called for one in years), zero),
        paid=sum((one.paid for one in years), zero),
        owed=sum((one.owed for one in years), zero),
        years=years,
        corrected=[one for one in told if one.corrected_on is not None],
    )


async def years_known_on(read: Read, records: Collection[UUID], day: date) -> list[KnownYear]:
    """Return what was known at the end of a day of the past years of some records of one member, oldest first."""
    columns = _YEAR.c
    query = select(HistoryYearRow).where(
        columns.member_id.in_(records),
        columns.recorded_on <= day,
        or_(columns.corrected_on.is_(None), columns.corrected_on > day),
    )
    rows = (await read.session.execute(query.order_by(columns.year, columns.id))).scalars()
    return [KnownYear(row.year, repository.said(row)) for row in rows]


def _filtered(grant: Grant, filters: PastYearFilters) -> Select[Any]:
    columns = _YEAR.c
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (columns.year, filters.year),
        (MEMBER_DELEGATION, filters.delegation),
        (columns.state, [state.value for state in filters.state]),
    ):
        if values:
            conditions.append(column.in_(values))
    if filters.member_id:  # the record itself too: whoever holds an old identifier finds what was said under it
        conditions.append(or_(columns.member_id.in_(filters.member_id), MEMBER_ID.in_(filters.member_id)))
    if filters.corrected is not None:
        corrected = columns.corrected_on.is_not(None)
        conditions.append(corrected if filters.corrected else ~corrected)
    if filters.q:
        conditions.append(MEMBER_NAME.icontains(filters.q, autoescape=True))
    return joined_with_member(select(HistoryYearRow), columns.member_id, grant).where(*conditions)


def _notes(read: Read) -> bool:
    return grant_for(RIGHTS, Act.IMPORT_HISTORY, read.actor) is not None


def _out(found: Any, *, notes: bool) -> PastYearOut:
    row, member_id, name, delegation = found
    said = repository.said(row)
    state = YearState(row.state)
    return PastYearOut(
        id=row.id,
        member_id=member_id,
        member_name=name,
        delegation=delegation,
        year=row.year,
        called=row.called,
        paid=row.paid,
        owed=said.owed,
        state=state,
        state_label=state.label,
        note=row.note if notes else None,
        recorded_on=row.recorded_on,
        corrected_on=row.corrected_on,
        import_id=row.import_id,
        row=row.row,
    )
