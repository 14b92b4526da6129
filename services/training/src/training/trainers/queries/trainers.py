"""Reads of the trainers themselves. Contact details, account and cost are shown to whoever writes them alone."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import String

from common.blockers import tried
from common.characters import normalise
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.programmes.queries.programmes import subjects
from training.rights import RIGHTS, Act
from training.trainers import domain, repository
from training.trainers.documents import trainer_line
from training.trainers.domain import Half, HalfOfNoDay, Trainer, TrainerNotFound
from training.trainers.queries.competences import COMPETENCE, expiring, valid_on
from training.trainers.schemas import (
    ContractorBody,
    CostBody,
    TrainerFilters,
    TrainerLine,
    TrainerListParams,
    TrainerOut,
)
from training.trainers.tables import TrainerRow, UnavailabilityRow

_TRAINER: Any = TrainerRow.__table__  # type: ignore[attr-defined]
_ABSENCE: Any = UnavailabilityRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"name": _TRAINER.c.name_key}, default="name", unique=_TRAINER.c.id)


async def trainers_by_id(read: Read, ids: Collection[UUID]) -> Mapping[UUID, Trainer]:
    """Return some trainers, whole: what each may teach, when it is not there, what it costs. Raises TrainerNotFound."""
    found = await trainers_of(read, ids)
    if found.keys() != set(ids):
        raise TrainerNotFound("Ce formateur n'existe pas.")
    return found


async def trainer_of_account(read: Read, account: str) -> UUID | None:
    """Return the trainer whose account it is, None where the register ties it to nobody, or to one who left."""
    query = select(_TRAINER.c.id).where(_TRAINER.c.account == account, _TRAINER.c.archived_on.is_(None))
    found: UUID | None = await read.session.scalar(query)
    return found


async def trainers_of(read: Read, ids: Collection[UUID]) -> Mapping[UUID, Trainer]:
    """Return those of some trainers that exist, for who holds them by a reference."""
    return await repository.get(read, ids) if ids else {}


def ids_of_account(subject: str) -> Select[Any]:
    """Return the id of the trainer whose account a subject is, as a subquery."""
    return select(_TRAINER.c.id).where(_TRAINER.c.account == subject)


async def is_erased(read: Read, trainer_id: UUID) -> bool:
    """Tell whether nothing is kept any more of who a trainer was."""
    query = select(exists().where(_TRAINER.c.id == trainer_id, _TRAINER.c.erased_on.is_not(None)))
    return bool((await read.session.execute(query)).scalar_one())


def shows_all(read: Read) -> bool:
    """Tell whether who asks is shown what is of the person: contact details, account, cost, reasons of absence."""
    return grant_for(RIGHTS, Act.WRITE_TRAINERS, read.actor) is not None


async def find_trainer(read: Read, trainer_id: UUID) -> TrainerOut:
    """Return a trainer. Raises TrainerNotFound."""
    query = select(TrainerRow).where(_TRAINER.c.id == trainer_id)
    row = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise TrainerNotFound("Ce formateur n'existe pas.")
    trainer, whole = repository.trainer_of(row), shows_all(read)
    contractor, cost = trainer.profile.contractor, trainer.profile.cost
    allowed, blockers = tried(_attempts(read, trainer))
    return TrainerOut(
        **_line(row, whole=whole).model_dump(),
        account=row.account if whole else None,
        contractor=ContractorBody.model_validate(contractor) if contractor else None,
        cost=CostBody.model_validate(cost) if cost and whole else None,
        erased_on=row.erased_on,
        erasure_reason=row.erasure_reason,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        version=row.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_trainers(read: Read, params: TrainerListParams) -> Page[TrainerLine]:
    """Return one page of the trainers. Raises HalfOfNoDay."""
    rows, cursor, total = await paginate(read, await _filtered(read, params), _ORDER, params)
    whole = shows_all(read)
    return Page(items=[_line(row, whole=whole) for row in rows], next_cursor=cursor, total=total)


async def export_trainers(read: Read, filters: TrainerFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same trainers as the list with the same filters. Raises HalfOfNoDay."""
    query = (await _filtered(read, filters)).order_by(_TRAINER.c.name_key, _TRAINER.c.id)
    whole = shows_all(read)
    rows = (await read.session.execute(query)).scalars().all()
    return (trainer_line(_line(row, whole=whole), repository.trainer_of(row).profile.contractor) for row in rows)


def _attempts(read: Read, trainer: Trainer) -> dict[str, Callable[[], object]]:
    attempts: dict[str, tuple[Act, Callable[[], object]]] = {
        "amend": (Act.WRITE_TRAINERS, partial(domain.require_active, trainer)),
        "archive": (Act.WRITE_TRAINERS, partial(domain.archive, trainer, read.today)),
        "restore": (Act.WRITE_TRAINERS, partial(domain.restore, trainer)),
        "erase": (Act.ERASE_TRAINERS, partial(domain.erase, trainer, read.today, "")),
    }
    return {name: attempt for name, (act, attempt) in attempts.items() if grant_for(RIGHTS, act, read.actor)}


async def _filtered(read: Read, filters: TrainerFilters) -> Select[Any]:
    archived = _TRAINER.c.archived_on
    query = select(TrainerRow).where(archived.is_not(None) if filters.archived else archived.is_(None))
    if filters.q:
        query = query.where(_TRAINER.c.name_key.contains(normalise(filters.q), autoescape=True))
    if filters.kind:
        query = query.where(_TRAINER.c.kind.in_(filters.kind))
    if filters.delegation:
        query = query.where(_TRAINER.c.delegations.op("&&")(literal(filters.delegation, ARRAY(String))))
    if filters.expiring_before:
        query = query.where(_has(expiring(filters.expiring_before)))
    day = filters.available_on or read.today
    if filters.theme:
        query = query.where(_has(COMPETENCE.c.theme == filters.theme, valid_on(day)))
    if filters.programme:
        query = query.where(_has(await _of_programme(read, filters.programme), valid_on(day)))
    return query.where(*_there(filters))


async def _of_programme(read: Read, code: str) -> ColumnElement[bool]:
    """Return ``Competence.concerns`` as a condition on a competence; a test holds the two together."""
    of_code: ColumnElement[bool] = COMPETENCE.c.programme_code == code
    subject = (await subjects(read, [code])).get(code)
    return or_(of_code, COMPETENCE.c.theme == subject.theme) if subject and subject.theme else of_code


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(COMPETENCE.c.trainer_id == _TRAINER.c.id, *conditions)


def _there(filters: TrainerFilters) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that a trainer is there on a day, or on half of it; as ``taken`` tells it."""
    if filters.available_on is None:
        if filters.half is not None:
            raise HalfOfNoDay("Dites aussi le jour, dans `available_on`.")
        return
    begins = _place(filters.available_on, filters.half or Half.MORNING)
    ends = _place(filters.available_on, filters.half or Half.AFTERNOON)
    first = tuple_(_ABSENCE.c.first_day, _ABSENCE.c.first_half == Half.AFTERNOON.value)
    last = tuple_(_ABSENCE.c.last_day, _ABSENCE.c.last_half == Half.AFTERNOON.value)
    yield ~exists().where(_ABSENCE.c.trainer_id == _TRAINER.c.id, first <= ends, last >= begins)


def _place(day: date, half: Half) -> Any:
    return tuple_(literal(day), literal(half is Half.AFTERNOON))


def _line(row: TrainerRow, *, whole: bool) -> TrainerLine:
    kind = domain.TrainerKind(row.kind)
    return TrainerLine(
        id=row.id,
        name=row.name,
        kind=kind,
        kind_label=kind.label,
        delegations=row.delegations,
        email=row.email if whole else None,
        phone=row.phone if whole else None,
        archived_on=row.archived_on,
    )
