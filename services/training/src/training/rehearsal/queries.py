"""Reads of what rehearsals found."""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from training.attendance.queries.showing import sheets_of
from training.rehearsal import domain, repository
from training.rehearsal.documents import finding_line
from training.rehearsal.domain import ADVICE, Case, Finding, FindingNotFound, Thresholds
from training.rehearsal.schemas import FindingFilters, FindingLine, FindingListParams, FindingOut
from training.rehearsal.tables import FindingRow
from training.rights import RIGHTS, Act
from training.sessions.domain import Session
from training.sessions.queries.sessions import SESSION
from training.trainers.queries.trainers import trainers_by_id

_FINDING: Any = FindingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"found_at": _FINDING.c.found_at}, default="-found_at", unique=_FINDING.c.id)


@cache
def _rules() -> tuple[Thresholds, ...]:
    return shipped_rules("training.rehearsal", "thresholds.toml", Thresholds)


def thresholds(read: Read) -> Thresholds:
    """Return the thresholds of today. Raises RuleMissing."""
    return rule_on(_rules(), read.today)


async def case_of(read: Read, session: Session) -> Case:
    """Return what is examined of a session. Raises TrainerNotFound, RuleMissing."""
    sheets, entries = await sheets_of(read, session)
    ids = {one for slot in session.slots for one in slot.trainers}
    ids |= {sheet.closed.said.trainer_id for sheet in sheets if sheet.closed and sheet.closed.said.trainer_id}
    known = await trainers_by_id(read, ids) if ids else {}
    away = {one: trainer.unavailabilities for one, trainer in known.items()}
    return Case(session, sheets, entries, away, thresholds(read), read.now)


async def list_findings(read: Read, params: FindingListParams) -> Page[FindingLine]:
    """Return one page of the findings."""
    rows, cursor, total = await paginate(read, _filtered(params), _ORDER, params)
    return Page(items=[_line(*row) for row in rows], next_cursor=cursor, total=total)


async def export_findings(read: Read, filters: FindingFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same findings as the list with the same filters."""
    rows = (await read.session.execute(_filtered(filters).order_by(_FINDING.c.id))).all()
    return (finding_line(_line(*row)) for row in rows)


async def find_finding(read: Read, finding_id: UUID) -> FindingOut:
    """Return a finding, and what can be done of it. Raises FindingNotFound."""
    query = _joined().where(_FINDING.c.id == finding_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise FindingNotFound("Ce constat n'existe pas.")
    finding = repository.to_domain(row[0])
    may_explain = grant_for(RIGHTS, Act.RUN_REHEARSAL, read.actor) is not None
    attempts = {"explain": partial(domain.require_explicable, finding)} if may_explain else {}
    allowed, blockers = tried(attempts)
    return FindingOut(
        **_shown(finding, row[1]),
        explanation=finding.explanation,
        explained_at=finding.explained_at,
        explained_by=finding.explained_by,
        corrected_at=finding.corrected_at,
        version=finding.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


def _joined() -> Select[Any]:
    return select(FindingRow, SESSION.c.reference).join(SESSION, SESSION.c.id == _FINDING.c.session_id)


def _filtered(params: FindingFilters) -> Select[Any]:
    query = _joined()
    wanted = {
        _FINDING.c.state: params.state,
        _FINDING.c.code: params.code,
        _FINDING.c.session_id: params.session_id,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    return query


def _line(row: FindingRow, reference: str) -> FindingLine:
    return FindingLine(**_shown(repository.to_domain(row), reference))


def _shown(finding: Finding, reference: str) -> dict[str, Any]:
    found = finding.found
    return {
        "id": finding.id,
        "session_id": finding.session_id,
        "session_reference": reference,
        "slot_id": found.slot_id,
        "code": found.code,
        "label": found.code.label,
        "said": found.said,
        "advice": ADVICE[found.code],
        "state": finding.state,
        "state_label": finding.state.label,
        "found_at": finding.found_at,
    }
