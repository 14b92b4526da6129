"""Reads of the applications. A draft is its structure's own; what was submitted is read by the staff and the board.

Of the jury, nothing is in these lists, sorts and exports until the ranking is frozen, nor ever for a structure.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from training.members.queries import MEMBER_NAME, joined_with_member
from training.rights import RIGHTS, Act
from training.solidarity_calls import repository
from training.solidarity_calls.domain import (
    AWARDED,
    Application,
    Award,
    Judged,
    Score,
    SolidarityApplicationNotFound,
    Spent,
    defects,
    require_award,
    require_judged,
    require_part_open,
    require_scoring,
    require_standing,
    require_submittable,
    require_withdrawable,
    require_writable,
)
from training.solidarity_calls.queries.calls import CALL, reads_all
from training.solidarity_calls.schemas import (
    ApplicationExportParams,
    ApplicationFilters,
    ApplicationListParams,
    SolidarityApplicationDetail,
    SolidarityApplicationOut,
    SolidarityAwardOut,
    SolidarityBudgetLineIo,
    SolidarityDefectOut,
    SolidaritySpendingOut,
    SpendingListParams,
)
from training.solidarity_calls.tables import ApplicationRow, CallRow, SpendingRow

APPLICATION: Any = ApplicationRow.__table__  # type: ignore[attr-defined]
_SPENDING: Any = SpendingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: APPLICATION.c[name] for name in ("created_at", "asked", "trainees", "title")},
    default="-created_at",
    unique=APPLICATION.c.id,
)
_SPENT = Order(columns={"spent_on": _SPENDING.c.spent_on}, default="spent_on", unique=_SPENDING.c.id)

APPLICATIONS_HEADER = (
    "reference", "appel", "annee", "structure", "projet", "statut", "public", "stagiaires", "heures", "cout", "demande",
    "deposee_le", "accorde", "stagiaires_accordes", "depense", "stagiaires_formes", "heures_donnees", "reste",
    "close_le", "raison",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """An application within reach, with all that is shown of it; ``own``: what the reader did of it as a juror."""

    row: ApplicationRow
    application: Application
    member_name: str
    spent: Spent
    own: Score | None


async def find_application(read: Read, grant: Grant, application_id: UUID) -> SolidarityApplicationDetail:
    """Return one application within reach, whole. Raises SolidarityApplicationNotFound."""
    [one] = await _known(read, [await _row(read, grant, application_id)])
    project = one.application.project
    return SolidarityApplicationDetail(
        **_fields(read, one),
        description=project.description,
        costs=[SolidarityBudgetLineIo(label=line.label, amount=line.amount) for line in project.costs],
        defects=[SolidarityDefectOut.model_validate(fault) for fault in defects(project, one.application.call)],
    )


async def reached_application(read: Read, grant: Grant, application_id: UUID) -> Application:
    """Return an application within reach as the rules know it. Raises SolidarityApplicationNotFound."""
    row, call, *_ = await _row(read, grant, application_id)
    return repository.application_of(row, call)


async def list_applications(read: Read, grant: Grant, params: ApplicationListParams) -> Page[SolidarityApplicationOut]:
    """Return one page of applications within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, grant, params), _ORDER, params)
    items = [SolidarityApplicationOut(**_fields(read, one)) for one in await _known(read, rows)]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_applications(read: Read, grant: Grant, params: ApplicationExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same applications as the list with the same filters."""
    query = _filtered(read, grant, params).order_by(APPLICATION.c.created_at.desc(), APPLICATION.c.id.desc())
    found = await _known(read, (await read.session.execute(query)).all())
    return (_line(one) for one in found)


async def list_spending(
    read: Read, grant: Grant, application_id: UUID, params: SpendingListParams
) -> Page[SolidaritySpendingOut]:
    """Return one page of what an award was spent on. Raises SolidarityApplicationNotFound."""
    await _row(read, grant, application_id)
    query = select(SpendingRow).where(_SPENDING.c.application_id == application_id)
    rows, cursor, total = await paginate(read, query, _SPENT, params)
    items = [
        SolidaritySpendingOut.model_validate(row.model_dump(exclude={"application_id", "recorded_by"})) for row in rows
    ]
    return Page(items=items, next_cursor=cursor, total=total)


async def applications_of(read: Read, grant: Grant, call_id: UUID) -> list[Judged]:
    """Return the applications of a call that were submitted and not withdrawn, in the order of the ranking."""
    standing = APPLICATION.c.status.not_in(("draft", "withdrawn"))
    query = _query(read, grant).where(APPLICATION.c.call_id == call_id, standing)
    rows = (await read.session.execute(query.order_by(APPLICATION.c.rank, APPLICATION.c.reference))).all()
    return [Judged(repository.application_of(row, call), name, row.reason) for row, call, _, name, _ in rows]


async def _row(read: Read, grant: Grant, application_id: UUID) -> Any:
    row = (await read.session.execute(_query(read, grant).where(APPLICATION.c.id == application_id))).one_or_none()
    if row is None:
        raise SolidarityApplicationNotFound("Cette demande n'existe pas, ou n'est pas dans votre périmètre.")
    return row


async def _known(read: Read, rows: Collection[Any]) -> list[_Known]:
    ids = [row.id for row, *_ in rows]
    spent, own = await repository.spent_of(read, ids), await repository.own_scores(read, ids)
    return [
        _Known(row, repository.application_of(row, call), name, spent[row.id], own.get(row.id))
        for row, call, _, name, _ in rows
    ]


def _query(read: Read, grant: Grant) -> Select[Any]:
    query: Select[Any] = select(ApplicationRow).add_columns(CallRow)
    query = query.join(CallRow, CALL.c.id == APPLICATION.c.call_id)
    query = joined_with_member(query, APPLICATION.c.member_id, grant).where(_within(read, grant))
    return query.execution_options(populate_existing=True)


def _within(read: Read, grant: Grant) -> ColumnElement[bool]:
    if grant.scope is not Scope.ALL:
        return true()
    seen: ColumnElement[bool] = APPLICATION.c.submitted_on.is_not(None)
    own = grant_for(RIGHTS, Act.WRITE_SOLIDARITY_APPLICATIONS, read.actor)
    return seen if own is None else or_(seen, own.covers(member=APPLICATION.c.member_id, delegation=None))


def _filtered(read: Read, grant: Grant, filters: ApplicationFilters) -> Select[Any]:
    query = _query(read, grant)
    for column, values in (
        (APPLICATION.c.call_id, filters.call_id),
        (CALL.c.year, filters.year),
        (APPLICATION.c.member_id, filters.member_id),
        (APPLICATION.c.status, filters.status),
        (APPLICATION.c.public, filters.public),
    ):
        if values:
            query = query.where(column.in_(values))
    if filters.unclosed is not None:
        unclosed = and_(APPLICATION.c.status.in_([one.value for one in AWARDED]), APPLICATION.c.closed_on.is_(None))
        query = query.where(unclosed if filters.unclosed else ~unclosed)
    if filters.q:
        words = (APPLICATION.c.reference, APPLICATION.c.title, MEMBER_NAME)
        query = query.where(or_(*(column.icontains(filters.q, autoescape=True) for column in words)))
    return query


def _acts(read: Read, one: _Known) -> dict[str, Callable[[], object]]:
    """Return the rule of each act that the reader may do to an application, if its state lets them."""
    application, acts = one.application, dict[str, Callable[[], object]]()
    own = grant_for(RIGHTS, Act.WRITE_SOLIDARITY_APPLICATIONS, read.actor)
    if own is not None and read.actor.member_id == application.member_id:
        acts |= {
            "change": partial(require_writable, application, read.today),
            "submit": partial(require_submittable, application, read.today),
            "withdraw": partial(require_withdrawable, application),
        }
    if grant_for(RIGHTS, Act.SCORE_SOLIDARITY_APPLICATIONS, read.actor) is not None:
        acts |= dict.fromkeys(("score", "recuse"), partial(_require_judgeable, read, one))
    if grant_for(RIGHTS, Act.RUN_SOLIDARITY_CALLS, read.actor) is not None:
        acts |= dict.fromkeys(("spend", "close"), partial(_require_followed, application.award))
    return acts


def _require_judgeable(read: Read, one: _Known) -> None:
    require_scoring(one.application.call, read.today)
    require_judged(one.application)
    require_part_open(one.own)


def _require_followed(award: Award | None) -> None:
    require_standing(require_award(award))


def _fields(read: Read, one: _Known) -> dict[str, Any]:
    row, application = one.row, one.application
    said = application.call.said
    actions, blockers = tried(_acts(read, one))
    judged = reads_all(read.actor)
    return {
        "id": row.id,
        "call_id": row.call_id,
        "call_title": said.title,
        "year": said.year,
        "member_id": row.member_id,
        "member_name": one.member_name,
        "reference": row.reference,
        "status": application.status,
        "status_label": application.status.label,
        "title": row.title,
        "partners": row.partners,
        "public": application.project.public,
        "trainees": row.trainees,
        "hours": row.hours,
        "asked": row.asked,
        "cost": application.project.cost,
        "submitted_on": row.submitted_on,
        "rank": row.rank if judged else None,
        "score": row.score if judged else None,
        "reason": row.reason,
        "award": _award(application.award, one.spent),
        "version": row.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _left(award: Award, spent: Spent) -> Any:
    return award.amount - spent.amount if award.closed_on is None else 0


def _award(award: Award | None, spent: Spent) -> SolidarityAwardOut | None:
    if award is None:
        return None
    return SolidarityAwardOut(
        amount=award.amount,
        trainees=award.trainees,
        decided_on=award.decided_on,
        spent=spent.amount,
        trainees_trained=spent.trainees,
        hours_given=spent.hours,
        left=_left(award, spent),
        closed_on=award.closed_on,
    )


def _line(one: _Known) -> Sequence[object]:
    row, application = one.row, one.application
    award = application.award
    return (
        row.reference,
        application.call.said.title,
        application.call.said.year,
        one.member_name,
        row.title,
        application.status.label,
        application.project.public.label if application.project.public else None,
        row.trainees,
        row.hours,
        application.project.cost,
        row.asked,
        row.submitted_on,
        row.awarded,
        row.awarded_trainees,
        one.spent.amount if award else None,
        one.spent.trainees if award else None,
        one.spent.hours if award else None,
        _left(award, one.spent) if award else None,
        row.closed_on,
        row.reason,
    )
