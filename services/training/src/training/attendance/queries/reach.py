"""Whose attendance one reads: all of it, that of the sessions one teaches, or that of one's own people."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true

from common.contracts.roles import Role
from common.dated import rule_on
from common.rights import Grant, Scope
from common.secret_addresses import digest
from common.shipped_data import shipped_rules
from common.transaction import Read
from training.attendance import repository
from training.attendance.domain import SigningLink, SigningLinkNotFound, SigningRule
from training.enrolments.queries.roster import Seated, seat_of, seated_in
from training.sessions.domain import Session, SessionNotFound
from training.sessions.queries.sessions import session_of
from training.trainers.queries.trainers import trainer_of_account


@dataclass(frozen=True, slots=True)
class Reached:
    """A session within reach: its seats that are, and the trainer who reaches it, if one does.

    ``named``: whether who reads may read the names: the team, the trainer of the session, the structure of the person.
    """

    session: Session
    seats: tuple[Seated, ...]
    trainer_id: UUID | None
    named: bool


_OUT_OF_REACH = "Cette session n'existe pas, ou n'est pas dans votre périmètre."


@cache
def _rules() -> tuple[SigningRule, ...]:
    return shipped_rules("training.attendance", "signing.toml", SigningRule)


def signing_rule(read: Read) -> SigningRule:
    """Return the rule of today. Raises RuleMissing."""
    return rule_on(_rules(), read.today)


async def reached(read: Read, grant: Grant, session_id: UUID) -> Reached:
    """Return a session whose attendance is within reach. Raises SessionNotFound."""
    session = await session_of(read, session_id)
    seats = tuple(await seated_in(read, session_id))
    if grant.scope is Scope.ALL:
        return Reached(session, seats, None, named=Role.TRAINING in grant.actor.roles)
    trainer_id = await own_trainer(read, grant)
    if trainer_id is not None and any(trainer_id in slot.trainers for slot in session.slots):
        return Reached(session, seats, trainer_id, named=True)
    own = tuple(seat for seat in seats if _is_own(grant, seat))
    if not own:
        raise SessionNotFound(_OUT_OF_REACH)
    return Reached(session, own, None, named=True)


async def taught(read: Read, grant: Grant, session_id: UUID) -> Reached:
    """Return a session whose attendance somebody takes: its trainer, or the team. Raises SessionNotFound."""
    found = await reached(read, grant, session_id)
    if grant.scope is not Scope.ALL and found.trainer_id is None:
        raise SessionNotFound(_OUT_OF_REACH)
    return found


async def own_trainer(read: Read, grant: Grant) -> UUID | None:
    """Return the trainer that somebody is, by the account that the register knows."""
    if Role.TRAINER not in grant.actor.roles:
        return None
    return await trainer_of_account(read, grant.actor.subject)


async def by_link(read: Read, key: str) -> tuple[SigningLink, Seated]:
    """Return a link that serves, and the seat of the person who has it. Raises SigningLinkNotFound."""
    link = await repository.find_link(read, digest(key))
    seat = await seat_of(read, link.enrolment_id) if link else None
    if link is None or seat is None or not link.opens(seat.trainee_id, read.today):
        raise SigningLinkNotFound("Ce lien ne sert pas, ou ne sert plus.")
    return link, seat


def within(grant: Grant, member: ColumnElement[Any], taught: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """Return the condition that a mark is within reach; ``taught``: that the session is one's own to teach."""
    if grant.scope is Scope.ALL:
        return true()
    is_member = Role.MEMBER in grant.actor.roles and grant.actor.member_id is not None
    own = member == grant.actor.member_id if is_member else false()
    return own if taught is None else or_(own, taught)


def _is_own(grant: Grant, seat: Seated) -> bool:
    actor = grant.actor
    return Role.MEMBER in actor.roles and actor.member_id is not None and seat.member_id == actor.member_id
