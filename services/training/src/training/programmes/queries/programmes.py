"""What the staff reads of the programmes: where each stands, its draft, its versions and what they change."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.programmes import domain, repository
from training.programmes.domain import Content, Field, Issue, Programme, ProgrammeKind
from training.programmes.queries.rules import known_for, referential_on, theme_label
from training.programmes.schemas import (
    ChangeOut,
    ComparisonOut,
    ComparisonParams,
    ContentBody,
    DefectOut,
    PartOut,
    ProgrammeLine,
    ProgrammeListParams,
    ProgrammeOut,
    SheetOut,
    VersionLine,
)
from training.programmes.tables import ProgrammeRow, VersionRow
from training.rights import RIGHTS, Act

_PROGRAMME: Any = ProgrammeRow.__table__  # type: ignore[attr-defined]
_VERSION: Any = VersionRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _PROGRAMME.c[name] for name in ("code", "changed_at")}, default="code", unique=_PROGRAMME.c.id
)
_NUMBERS = Order(columns={"number": _VERSION.c.number}, default="-number", unique=_VERSION.c.programme_id)
_ACTS = {
    "rewrite": Act.WRITE_PROGRAMMES,
    "open_draft": Act.WRITE_PROGRAMMES,
    "discard_draft": Act.WRITE_PROGRAMMES,
    "delete": Act.WRITE_PROGRAMMES,
    "publish": Act.PUBLISH_PROGRAMMES,
    "retire": Act.RETIRE_PROGRAMMES,
    "resume": Act.RETIRE_PROGRAMMES,
}


async def find_programme(read: Read, code: str) -> ProgrammeOut:
    """Return a programme, with its draft and all that keeps it from being published. Raises ProgrammeNotFound."""
    row = await repository.get(read, code)
    programme = repository.programme_of(row)
    last = await last_issue(read, programme)
    known, referential = await known_for(read, programme.draft), referential_on(read.today)
    found = domain.defects(programme.draft, programme.kind, referential, known, code) if programme.draft else ()
    issue = issue_from(programme.draft, known) if programme.draft else Issue(content=Content(title=row.title))
    sold_in = await repository.sold_in(read, code)
    unsold = await unsold_parts(read, last)
    attempts: dict[str, Callable[[], object]] = {
        "rewrite": partial(domain.draft_of, programme),
        "open_draft": partial(domain.open_draft, programme, last.content if last else None),
        "discard_draft": partial(domain.discard_draft, programme),
        "publish": partial(domain.publish, programme, issue, last, found),
        "retire": partial(domain.retire, programme, sold_in),
        "resume": partial(domain.resume, programme, unsold),
        "delete": partial(domain.require_never_published, programme),
    }
    mine = {name: attempt for name, attempt in attempts.items() if grant_for(RIGHTS, _ACTS[name], read.actor)}
    allowed, blockers = tried(mine)
    return ProgrammeOut(
        code=code,
        kind=programme.kind,
        kind_label=programme.kind.label,
        status=programme.status,
        status_label=programme.status.label,
        title=row.title,
        current_number=programme.current,
        draft=ContentBody.model_validate(programme.draft) if programme.draft else None,
        defects=[DefectOut.model_validate(one) for one in found],
        referential=referential.code,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        version=row.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


class Subject(NamedTuple):
    """What a programme is called, and its theme while it is in the catalogue."""

    title: str
    theme: str | None


async def subjects(read: Read, codes: Collection[str]) -> dict[str, Subject]:
    """Return what those of some programmes that exist are about, on sale or not."""
    query = select(_PROGRAMME.c.code, _PROGRAMME.c.title, repository.ENTRY.c.theme).where(_PROGRAMME.c.code.in_(codes))
    joined = query.outerjoin(repository.ENTRY, repository.ENTRY.c.programme_id == _PROGRAMME.c.id)
    return {code: Subject(title, theme) for code, title, theme in await read.session.execute(joined)}


async def list_programmes(read: Read, params: ProgrammeListParams) -> Page[ProgrammeLine]:
    """Return one page of the programmes, published or not."""
    query = select(ProgrammeRow)
    if params.kind:
        query = query.where(_PROGRAMME.c.kind.in_(params.kind))
    if params.status:
        query = query.where(_PROGRAMME.c.status.in_(params.status))
    if params.has_draft is not None:
        has_one = _PROGRAMME.c.draft.is_not(None)
        query = query.where(has_one if params.has_draft else ~has_one)
    if params.q:
        columns = (_PROGRAMME.c.code, _PROGRAMME.c.title)
        query = query.where(or_(*(column.icontains(params.q, autoescape=True) for column in columns)))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_line(row) for row in rows], next_cursor=cursor, total=total)


async def list_versions(read: Read, code: str, params: Any) -> Page[VersionLine]:
    """Return one page of the versions of a programme. Raises ProgrammeNotFound."""
    programme = await repository.get(read, code)
    query = select(VersionRow).where(_VERSION.c.programme_id == programme.id)
    rows, cursor, total = await paginate(read, query, _NUMBERS, params)
    return Page(items=[_version_line(row) for row in rows], next_cursor=cursor, total=total)


async def find_version(read: Read, code: str, number: int) -> SheetOut:
    """Return one version of a programme. Raises ProgrammeNotFound, VersionNotFound."""
    row = await repository.get(read, code)
    return sheet_out(code, ProgrammeKind(row.kind), await repository.version(read, row.id, number))


async def compare_versions(read: Read, code: str, params: ComparisonParams) -> ComparisonOut:
    """Put a version beside another, or beside the draft. Raises ProgrammeNotFound, VersionNotFound, DraftMissing."""
    programme = repository.programme_of(await repository.get(read, code))
    before = repository.issue_of(await repository.version(read, programme.id, params.before))
    after = await _issue(read, programme, params.after)
    changes = [
        ChangeOut(
            field=one.field,
            label=one.field.label,
            before=one.before,
            after=one.after,
            added=list(one.added),
            removed=list(one.removed),
            reordered=one.reordered,
        )
        for one in domain.compare(before, after)
    ]
    return ComparisonOut(before=params.before, after=params.after, changes=changes)


async def last_issue(read: Read, programme: Programme) -> Issue | None:
    """Return what the current version says, None of a programme that was never published."""
    row = await repository.last_version(read, programme)
    return repository.issue_of(row) if row else None


async def unsold_parts(read: Read, last: Issue | None) -> set[str]:
    """Return the parts of a version that are not on sale."""
    codes = {part.code for part in last.parts} if last else set()
    return codes - (await repository.on_sale(read, codes)).keys() if codes else set()


def issue_from(content: Content, known: domain.Known) -> Issue:
    """Return what a draft would say, published now."""
    return Issue(content=domain.settled(content, known), parts=domain.parts_of(content, known))


def sheet_out(code: str, kind: ProgrammeKind, row: VersionRow) -> SheetOut:
    """Write a version as a sheet."""
    issue = repository.issue_of(row)
    return SheetOut(
        code=code,
        kind=kind,
        kind_label=kind.label,
        number=row.number,
        title=issue.content.title,
        published_on=row.published_on,
        referential=row.referential,
        theme_label=theme_label(issue.content.theme),
        content=ContentBody.model_validate(issue.content),
        parts=[PartOut(code=part.code, number=part.number, title=part.title) for part in issue.parts],
        certifying=issue.content.is_certifying,
    )


async def _issue(read: Read, programme: Programme, number: int | None) -> Issue:
    if number is not None:
        return repository.issue_of(await repository.version(read, programme.id, number))
    draft = domain.draft_of(programme)
    return issue_from(draft, await known_for(read, draft))


def _line(row: ProgrammeRow) -> ProgrammeLine:
    return ProgrammeLine.model_validate(
        {
            "code": row.code,
            "kind": row.kind,
            "status": row.status,
            "title": row.title,
            "current_number": row.current,
            "has_draft": row.draft is not None,
            "changed_at": row.changed_at,
        }
    )


def _version_line(row: VersionRow) -> VersionLine:
    return VersionLine(
        number=row.number,
        title=row.content[Field.TITLE.value],
        published_on=row.published_on,
        referential=row.referential,
    )
