"""Reads of what the trainers may teach."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.programmes.queries.programmes import subjects
from training.programmes.queries.rules import theme_label
from training.rights import RIGHTS, Act
from training.trainers import domain, repository
from training.trainers.documents import competence_line
from training.trainers.domain import CompetenceNotFound, Withdrawal
from training.trainers.schemas import CompetenceFilters, CompetenceListParams, CompetenceOut
from training.trainers.tables import CompetenceRow, TrainerRow

COMPETENCE: Any = CompetenceRow.__table__  # type: ignore[attr-defined]
_LONGER: Any = COMPETENCE.alias("longer")
_TRAINER: Any = TrainerRow.__table__  # type: ignore[attr-defined]
_END: ColumnElement[date] = func.coalesce(COMPETENCE.c.valid_until, date(9999, 12, 31))
_ORDER = Order(
    columns={"assessed_on": COMPETENCE.c.assessed_on, "valid_until": _END, "name": _TRAINER.c.name_key},
    default="-assessed_on",
    unique=COMPETENCE.c.id,
)


def valid_on(day: date) -> ColumnElement[bool]:
    """Return ``Competence.lacking_on`` as a condition; a test holds the two together."""
    competence = COMPETENCE.c
    return and_(
        competence.assessed_on <= day,
        or_(competence.valid_until.is_(None), competence.valid_until >= day),
        or_(competence.withdrawn_on.is_(None), competence.withdrawn_on > day),
    )


def expiring(before: date) -> ColumnElement[bool]:
    """Return the condition that a competence ends before a day, and none of the same subject and trainer lasts."""
    longer = _LONGER.c
    lasts = exists().where(
        longer.trainer_id == COMPETENCE.c.trainer_id,
        longer.programme_code.is_not_distinct_from(COMPETENCE.c.programme_code),
        longer.theme.is_not_distinct_from(COMPETENCE.c.theme),
        longer.withdrawn_on.is_(None),
        or_(longer.valid_until.is_(None), longer.valid_until >= before),
    )
    return and_(COMPETENCE.c.withdrawn_on.is_(None), COMPETENCE.c.valid_until < before, ~lasts)


async def list_competences(read: Read, params: CompetenceListParams) -> Page[CompetenceOut]:
    """Return one page of what the trainers may teach."""
    rows, cursor, total = await paginate(read, _filtered(params), _ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_competences(read: Read, filters: CompetenceFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same competences as the list with the same filters."""
    query = _filtered(filters).order_by(_TRAINER.c.name_key, COMPETENCE.c.assessed_on, COMPETENCE.c.id)
    return map(competence_line, await _shown(read, (await read.session.execute(query)).all()))


async def find_competence(read: Read, competence_id: UUID) -> CompetenceOut:
    """Return a competence of a trainer. Raises CompetenceNotFound."""
    query = _query().where(COMPETENCE.c.id == competence_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise CompetenceNotFound("Cette compétence n'existe pas.")
    [shown] = await _shown(read, [row])
    return shown


def _query() -> Select[Any]:
    return select(CompetenceRow, _TRAINER.c.name).join(_TRAINER, _TRAINER.c.id == COMPETENCE.c.trainer_id)


def _filtered(filters: CompetenceFilters) -> Select[Any]:
    one_of = (
        (COMPETENCE.c.trainer_id, filters.trainer_id),
        (COMPETENCE.c.programme_code, filters.programme),
        (COMPETENCE.c.theme, filters.theme),
        (COMPETENCE.c.evidence, filters.evidence),
    )
    query = _query().where(*(column.in_(values) for column, values in one_of if values))
    if filters.valid_on:
        query = query.where(valid_on(filters.valid_on))
    if filters.expiring_before:
        query = query.where(expiring(filters.expiring_before), _TRAINER.c.archived_on.is_(None))
    if filters.withdrawn is not None:
        withdrawn = COMPETENCE.c.withdrawn_on
        query = query.where(withdrawn.is_not(None) if filters.withdrawn else withdrawn.is_(None))
    return query


async def _shown(read: Read, rows: Sequence[Any]) -> list[CompetenceOut]:
    codes = {row.programme_code for row, _ in rows if row.programme_code is not None}
    titles = {code: subject.title for code, subject in (await subjects(read, codes)).items()} if codes else {}
    return [_out(read, row, name, titles.get(row.programme_code) or theme_label(row.theme)) for row, name in rows]


def _out(read: Read, row: CompetenceRow, name: str, label: str) -> CompetenceOut:
    competence = repository.competence_of(row)
    lacking, withdrawal = competence.lacking_on(read.today), competence.withdrawal
    attempt = partial(domain.withdraw, competence, Withdrawal(read.today, "", read.actor.subject))
    allowed, blockers = tried({"withdraw": attempt} if grant_for(RIGHTS, Act.WRITE_TRAINERS, read.actor) else {})
    return CompetenceOut(
        id=row.id,
        trainer_id=row.trainer_id,
        trainer_name=name,
        programme_code=row.programme_code,
        theme=row.theme,
        subject_label=label,
        evidence=competence.evidence,
        evidence_label=competence.evidence.label,
        reference=row.reference,
        assessed_on=row.assessed_on,
        assessed_by=row.assessed_by,
        valid_until=row.valid_until,
        lacking=lacking,
        lacking_label=lacking.label if lacking else None,
        withdrawn_on=withdrawal.on if withdrawal else None,
        withdrawn_by=withdrawal.by if withdrawal else None,
        withdrawal_reason=withdrawal.reason if withdrawal else None,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        allowed_actions=allowed,
        blockers=blockers,
    )
