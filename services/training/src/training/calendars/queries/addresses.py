"""Reads of the addresses of calendars within reach, never what makes them secret."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from common.blockers import tried
from common.contracts.roles import Role
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope
from common.secret_addresses import SecretAddressNotFound, require_unrevoked
from common.transaction import Read
from training.calendars import repository
from training.calendars.domain import CalendarAddress, Reader
from training.calendars.schemas import CalendarFeedListParams, CalendarFeedOut
from training.calendars.tables import AddressRow
from training.members.queries import records_of, require_member
from training.trainees.queries import require_trainees
from training.trainers.domain import TrainerNotFound, require_active
from training.trainers.queries import ids_of_account, trainers_by_id

_ADDRESS: Any = AddressRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"created_at": _ADDRESS.c.created_at}, default="-created_at", unique=_ADDRESS.c.id)
_SAME = ("id", "reader", "reader_id", "through", "label", "created_at", "expires_on", "last_used_on", "revoked_at")


async def recipient_of(read: Read, grant: Grant, reader: Reader, reader_id: UUID) -> str | None:
    """Return the mail address of a person formed within reach; None for the others, who are within reach as well.

    Raises TrainerNotFound, TrainerErased, TrainerArchived, TraineeNotFound, MemberUnknown, MemberMerged.
    """
    if reader is Reader.TRAINER:
        trainer = (await trainers_by_id(read, [reader_id]))[reader_id]
        if grant.scope is not Scope.ALL and trainer.profile.account != grant.actor.subject:
            raise TrainerNotFound("Ce formateur n'existe pas.")
        require_active(trainer)
        return None
    theirs = _of_structure(grant)
    if reader is Reader.STRUCTURE:
        await require_member(read, theirs, reader_id)
        return None
    return (await require_trainees(read, theirs, [reader_id]))[reader_id].email


async def reached(read: Read, grant: Grant, address_id: UUID) -> CalendarAddress:
    """Return an address within reach. Raises SecretAddressNotFound."""
    query = _within(grant).where(_ADDRESS.c.id == address_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise SecretAddressNotFound("Cette adresse n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_address(row)


async def find_feed(read: Read, grant: Grant, address_id: UUID) -> CalendarFeedOut:
    """Return an address within reach, as the API shows it. Raises SecretAddressNotFound."""
    return feed_out(await reached(read, grant, address_id))


async def list_feeds(read: Read, grant: Grant, params: CalendarFeedListParams) -> Page[CalendarFeedOut]:
    """Return one page of the addresses within reach, the latest first."""
    query = _within(grant).where(*_chosen(read, params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[feed_out(repository.to_address(row)) for row in rows], next_cursor=cursor, total=total)


def feed_out(address: CalendarAddress) -> CalendarFeedOut:
    """Write an address as the API shows it, without what makes it secret."""
    allowed, blockers = tried({name: partial(require_unrevoked, address) for name in ("renew", "revoke")})
    return CalendarFeedOut(
        **{name: getattr(address, name) for name in _SAME},
        reader_label=address.reader.label,
        mailed=address.mail_id is not None,
        allowed_actions=allowed,
        blockers=blockers,
    )


def _within(grant: Grant) -> Select[Any]:
    """Return the addresses within reach: a structure's own, those it gave its people, and one's own as a trainer."""
    query = select(AddressRow)
    if grant.scope is Scope.ALL:
        return query
    records = records_of(_of_structure(grant).actor.member_id)
    own = {
        Reader.TRAINER: _ADDRESS.c.reader_id.in_(ids_of_account(grant.actor.subject)),
        Reader.TRAINEE: _ADDRESS.c.through.in_(records),
        Reader.STRUCTURE: _ADDRESS.c.reader_id.in_(records),
    }
    return query.where(or_(*(and_(_ADDRESS.c.reader == reader.value, reach) for reader, reach in own.items())))


def _of_structure(grant: Grant) -> Grant:
    """Return how far somebody reaches as a structure: not at all who is none, whatever structure the token names."""
    if grant.scope is Scope.ALL or Role.MEMBER in grant.actor.roles:
        return grant
    return Grant(replace(grant.actor, member_id=None), grant.scope)


def _chosen(read: Read, params: CalendarFeedListParams) -> Iterator[ColumnElement[bool]]:
    if params.reader:
        yield _ADDRESS.c.reader == params.reader.value
    if params.reader_id:
        yield _ADDRESS.c.reader_id == params.reader_id
    if params.serving is not None:
        serving = and_(_ADDRESS.c.revoked_at.is_(None), _ADDRESS.c.expires_on >= read.today)
        yield serving if params.serving else not_(serving)
