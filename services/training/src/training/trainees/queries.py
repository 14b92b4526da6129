"""Reads of the trainees, within reach: a structure reads its own people, the training team everybody."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, null, select

from common.characters import normalise
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from training.members.queries import members_behind
from training.trainees import repository
from training.trainees.domain import Trainee, TraineeNotFound
from training.trainees.schemas import TraineeLine, TraineeListParams, TraineeOut
from training.trainees.tables import TraineeRow

_TRAINEE: Any = TraineeRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"name": _TRAINEE.c.name_key}, default="name", unique=_TRAINEE.c.id)
_MOST_NAMESAKES = 20


async def require_trainees(read: Read, grant: Grant, ids: Collection[UUID]) -> dict[UUID, Trainee]:
    """Return people within reach, by id. Raises TraineeNotFound for one who is not."""
    query = _reached(grant).where(_TRAINEE.c.id.in_(ids))
    found = {row.id: repository.to_domain(row) for row in (await read.session.execute(query)).scalars()}
    if len(found) < len(set(ids)):
        raise TraineeNotFound("Cette personne n'est pas connue, ou n'est pas de votre structure.")
    return found


async def find_trainee(read: Read, grant: Grant, trainee_id: UUID) -> TraineeOut:
    """Return a person within reach. Raises TraineeNotFound."""
    trainee = (await require_trainees(read, grant, [trainee_id]))[trainee_id]
    namesakes = await _namesakes(read, grant, trainee)
    return TraineeOut(
        id=trainee.id,
        first_name=trainee.first_name,
        last_name=trainee.last_name,
        email=trainee.email,
        member_id=trainee.member_id,
        member_name=(await _names(read, [trainee.member_id])).get(trainee.member_id),
        situation=trainee.situation,
        situation_label=trainee.situation.label,
        namesakes=namesakes,
        version=trainee.version,
    )


async def list_trainees(read: Read, grant: Grant, params: TraineeListParams) -> Page[TraineeLine]:
    """Return one page of the people within reach."""
    query = _reached(grant)
    if params.q:
        for word in normalise(params.q).split():
            query = query.where(_TRAINEE.c.name_key.contains(word, autoescape=True))
    if params.member_id:
        query = query.where(_TRAINEE.c.member_id.in_(params.member_id))
    if params.situation:
        query = query.where(_TRAINEE.c.situation.in_(params.situation))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    names = await _names(read, {row.member_id for row in rows})
    items = [
        TraineeLine.model_validate(
            {
                **{name: getattr(row, name) for name in TraineeLine.model_fields if name != "member_name"},
                "member_name": names.get(row.member_id),
            }
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=cursor, total=total)


async def names_of(read: Read, ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    """Return what people are called, by id: of rows that were reached already."""
    return {one: person.name for one, person in (await people_of(read, ids)).items()}


async def people_of(read: Read, ids: Collection[UUID | None]) -> dict[UUID | None, Trainee]:
    """Return people, by id: of rows that were reached already."""
    query = select(TraineeRow).where(_TRAINEE.c.id.in_([one for one in ids if one]))
    return {row.id: repository.to_domain(row) for row in (await read.session.execute(query)).scalars()}


async def addresses_of(read: Read, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return where people are written to, by id, of those who gave an address: of rows that were reached already."""
    query = select(_TRAINEE.c.id, _TRAINEE.c.email).where(_TRAINEE.c.id.in_(ids), _TRAINEE.c.email.is_not(None))
    return {row.id: row.email for row in await read.session.execute(query)}


def _reached(grant: Grant) -> Select[Any]:
    return select(TraineeRow).where(_within(grant))


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=_TRAINEE.c.member_id, delegation=null())


async def _namesakes(read: Read, grant: Grant, trainee: Trainee) -> list[UUID]:
    same = (_TRAINEE.c.name_key == trainee.name_key, _TRAINEE.c.member_id.is_not_distinct_from(trainee.member_id))
    query = select(_TRAINEE.c.id).where(_within(grant), *same, _TRAINEE.c.id != trainee.id).order_by(_TRAINEE.c.id)
    return list((await read.session.execute(query.limit(_MOST_NAMESAKES))).scalars())


async def _names(read: Read, ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    known = await members_behind(read, [one for one in ids if one])
    return {record: member.name for record, member in known.items()}
