"""Reads of papers: one, a page, an export, those of a session beside what they would say now, the pages to print."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, null

from common.blockers import tried
from common.clock import legal_day
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from training.organisation.domain import Organisation
from training.papers import domain, repository
from training.papers.documents import paper_line, print_paper
from training.papers.domain import (
    Consequence,
    Difference,
    Paper,
    PaperNotFound,
    PaperStatus,
    Scene,
    SentHow,
    SignedCopy,
    Terms,
)
from training.papers.queries.rules import rule_of
from training.papers.queries.scene import scene_of
from training.papers.schemas import (
    ComparedPaper,
    DifferenceOut,
    PaperFilters,
    PaperLine,
    PaperListParams,
    PaperOut,
    SessionPaperParams,
    SignedCopyOut,
    TermOut,
)
from training.papers.tables import PaperRow, PaperStateRow
from training.quotes.queries import session_within
from training.rights import RIGHTS, Act
from training.sessions.queries.sessions import session_of

_PAPER: Any = PaperRow.__table__  # type: ignore[attr-defined]
_STATE: Any = PaperStateRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"issued_at": _PAPER.c.issued_at, "number": _PAPER.c.number}, default="-issued_at", unique=_PAPER.c.id
)


class Beside(NamedTuple):
    """A paper beside what it would say now: None of one that would not be made any more."""

    paper: Paper
    now: Terms | None
    differences: tuple[Difference, ...]
    consequence: Consequence


async def paper_within(read: Read, grant: Grant, paper_id: UUID) -> Paper:
    """Return a paper within reach. Raises PaperNotFound."""
    query = _reached(grant).where(_PAPER.c.id == paper_id).execution_options(populate_existing=True)
    found = (await read.session.execute(query)).one_or_none()
    if found is None:
        raise PaperNotFound("Ce papier n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(*found)


async def find_paper(read: Read, grant: Grant, organisation: Organisation, paper_id: UUID) -> PaperOut:
    """Return a paper within reach, beside what it would say now.

    Raises PaperNotFound, SessionNotFound, ProgrammeNotFound, VersionNotFound, TrainerNotFound, RoomNotFound,
    RuleMissing.
    """
    paper = await paper_within(read, grant, paper_id)
    scene = await scene_of(read, organisation, await session_of(read, paper.session_id))
    copy = await repository.find_copy(read, paper_id)
    allowed, blockers = tried(_attempts(read, paper, scene))
    return PaperOut(
        **compared(beside(paper, scene)).model_dump(),
        terms=[TermOut(term=term, label=term.label, lines=list(lines)) for term, lines in paper.terms.items()],
        sha256=paper.sha256,
        sent_at=paper.sent_at,
        sent_how=paper.sent_how,
        signed_copy=SignedCopyOut.model_validate(copy) if copy else None,
        voided_at=paper.voided_at,
        version=paper.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_papers(read: Read, grant: Grant, params: PaperListParams) -> Page[PaperLine]:
    """Return one page of the papers within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=[line_of(repository.to_domain(*row)) for row in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: PaperFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same papers as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(_PAPER.c.number))).all()
    return (paper_line(line_of(repository.to_domain(*row))) for row in rows)


async def list_of_session(
    read: Read, grant: Grant, organisation: Organisation, session_id: UUID, params: SessionPaperParams
) -> Page[ComparedPaper]:
    """Return one page of the papers of a session within reach, each beside what it would say now.

    Raises SessionNotFound, ProgrammeNotFound, VersionNotFound, TrainerNotFound, RoomNotFound, RuleMissing.
    """
    await session_within(read, grant, session_id)
    filters = PaperFilters(kind=params.kind, status=params.status, session_id=[session_id])
    rows, cursor, total = await paginate(read, _filtered(grant, filters), _ORDER, params)
    scene = await scene_of(read, organisation, await session_of(read, session_id)) if rows else None
    items = [compared(beside(repository.to_domain(*row), scene)) for row in rows] if scene else []
    return Page(items=items, next_cursor=cursor, total=total)


async def print_within(read: Read, grant: Grant, paper_id: UUID) -> tuple[bytes, str]:
    """Return the pages of a paper within reach, and its number. Raises PaperNotFound."""
    paper = await paper_within(read, grant, paper_id)
    return await print_paper(paper), paper.number


async def copy_within(read: Read, grant: Grant, paper_id: UUID) -> SignedCopy:
    """Return the signed copy of a paper within reach. Raises PaperNotFound, SignedCopyMissing."""
    await paper_within(read, grant, paper_id)
    return await repository.get_copy(read, paper_id)


def beside(paper: Paper, scene: Scene) -> Beside:
    """Put a paper beside what it would say now. Raises RuleMissing.

    What is void, or of a half-day that has begun, is compared with nothing any more.
    """
    if paper.status is PaperStatus.VOIDED or domain.is_past(scene, paper.subject):
        return Beside(paper, paper.terms, (), Consequence.NONE)
    rule = rule_of(paper.subject.kind, scene.today)
    now = domain.write(scene, paper.subject, rule)
    found = domain.compare(rule, paper.terms, now)
    return Beside(paper, now, found, domain.consequence_of(found, now))


def compared(seen: Beside) -> ComparedPaper:
    """Show a paper beside what it would say now."""
    return ComparedPaper(
        **line_of(seen.paper).model_dump(),
        outdated=seen.consequence.outdates,
        consequence=seen.consequence,
        consequence_label=seen.consequence.label,
        differences=differences_out(seen.differences),
    )


def line_of(paper: Paper) -> PaperLine:
    """Write a paper as one line."""
    return PaperLine(
        id=paper.id,
        number=paper.number,
        kind=paper.subject.kind,
        kind_label=paper.subject.kind.label,
        session_id=paper.session_id,
        about=paper.subject.about,
        member_id=paper.subject.member_id,
        status=paper.status,
        status_label=paper.status.label,
        issued_at=paper.issued_at,
        replaces=paper.replaces,
        replaced_by=paper.replaced_by,
        void_reason=paper.void_reason,
    )


def differences_out(found: Collection[Difference]) -> list[DifferenceOut]:
    """Write what a paper would say otherwise."""
    return [
        DifferenceOut(
            term=one.term,
            label=one.term.label,
            before=list(one.before),
            after=list(one.after),
            text=one.text,
            consequence=one.consequence,
            consequence_label=one.consequence.label,
        )
        for one in found
    ]


def _attempts(read: Read, paper: Paper, scene: Scene) -> dict[str, Callable[[], object]]:
    address = domain.recipient(scene, paper.subject)
    today = read.today
    attempts: dict[str, tuple[Act, Callable[[], object]]] = {
        "send": (Act.RUN_PAPERS, partial(domain.send, paper, SentHow.MAIL, address, read.now)),
        "void": (Act.RUN_PAPERS, partial(domain.require_live, paper)),
        "sign": (Act.SIGN_PAPERS, partial(domain.sign, paper, today, legal_day(paper.issued_at), today)),
    }
    return {name: attempt for name, (act, attempt) in attempts.items() if grant_for(RIGHTS, act, read.actor)}


def _reached(grant: Grant) -> Select[Any]:
    return repository.with_state().where(grant.covers(member=_PAPER.c.member_id, delegation=null()))


def _filtered(grant: Grant, params: PaperFilters) -> Select[Any]:
    query = _reached(grant)
    wanted = {
        _PAPER.c.kind: params.kind,
        _STATE.c.status: params.status,
        _PAPER.c.session_id: params.session_id,
        _PAPER.c.member_id: params.member_id,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    return query
