"""Who sees which dates: one condition for a page, a count, one date and a calendar."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from common.contracts.roles import Role
from common.rights import Grant, Scope, grant_for
from common.transaction import Actor, Read
from membership.agenda.domain import (
    Audience,
    Source,
)
from membership.agenda.tables import AgendaEntryRow
from membership.members.domain import Member, MemberStatus
from membership.members.queries import structures_of
from membership.rights import RIGHTS, Act

_TABLE: Any = AgendaEntryRow.__table__  # type: ignore[attr-defined]
_MEMBERS = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)


async def seen_by(source: Read, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody sees a date: one alternative for each audience."""
    own = await _structure_of(source, actor)
    audiences = {
        Audience.PUBLIC: true(),
        Audience.MEMBERS: _of_members(actor, own),
        Audience.PARTICIPANTS: _of_participants(actor, own),
        # Who reads the sittings reads when they are held.
        Audience.BOARD: true() if grant_for(RIGHTS, Act.READ_SITTINGS, actor) else false(),
    }
    seen = [and_(_TABLE.c.audience == audience.value, reached) for audience, reached in audiences.items()]
    is_slot = _TABLE.c.source == Source.ACCOMPANIMENTS.value
    return or_(and_(not_(is_slot), or_(*seen)), and_(is_slot, _of_slots(actor, own)))


async def _structure_of(source: Read, actor: Actor) -> Member | None:
    """Return the member that somebody is of, as it is today; the record of a duplicate leads to the one that stays.

    None for who is of none, or of one that is no member or none any more.
    """
    member_id = actor.member_id if Role.MEMBER in actor.roles else None
    while member_id is not None:
        structure = (await structures_of(source, [member_id])).get(member_id)
        if structure is None:
            return None
        if structure.merged_into is None:
            return structure if structure.status in _MEMBERS else None
        member_id = structure.merged_into
    return None


def _of_members(actor: Actor, own: Member | None) -> ColumnElement[bool]:
    """Return the condition for what is for members: of their delegation, or of all. Those who left see it no more."""
    grant = grant_for(RIGHTS, Act.READ_AGENDA, actor)
    if grant is None or (grant.scope is Scope.OWN and own is None):
        return false()
    if grant.scope is Scope.ALL:
        return true()
    return _of_delegation(own.delegation if grant.scope is Scope.OWN and own else actor.delegation)


def _of_slots(actor: Actor, own: Member | None) -> ColumnElement[bool]:
    """Return the condition for slots of accompaniments: who reads these, as far as that reaches.

    A structure sees those with a place to book, and those it is in: full, of a closed offer, or cancelled under it.
    """
    grant = grant_for(RIGHTS, Act.READ_ACCOMPANIMENTS, actor)
    if grant is None or (grant.scope is Scope.OWN and own is None):
        return false()
    if grant.scope is Scope.ALL:
        return true()
    if grant.scope is Scope.OWN and own:
        return or_(and_(_TABLE.c.listed, _of_delegation(own.delegation)), _TABLE.c.participants.contains([own.id]))
    return _of_delegation(actor.delegation)


def _of_delegation(delegation: str | None) -> ColumnElement[bool]:
    return or_(_TABLE.c.delegation.is_(None), _TABLE.c.delegation == delegation)


def _of_participants(actor: Actor, own: Member | None) -> ColumnElement[bool]:
    """Return the condition for what is for those called to it: who reads the meetings, as far as that reaches."""
    grant: Grant | None = grant_for(RIGHTS, Act.READ_MEETINGS, actor)
    if grant is None:
        return false()
    if grant.scope is Scope.OWN:
        return _TABLE.c.participants.contains([own.id]) if own else false()
    return grant.covers(member=None, delegation=_TABLE.c.delegation)
