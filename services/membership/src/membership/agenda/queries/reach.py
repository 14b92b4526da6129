"""Who sees which dates: one condition for a page, a count, one date and a calendar."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from common.contracts.roles import Role
from common.rights import Grant, Scope, grant_for
from common.transaction import Actor, Read
from membership.agenda.domain import (
    Audience,
)
from membership.agenda.tables import AgendaEntryRow
from membership.members.domain import MemberStatus
from membership.members.queries import structures_of
from membership.rights import RIGHTS, Act

_TABLE: Any = AgendaEntryRow.__table__  # type: ignore[attr-defined]
_MEMBERS = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)


async def seen_by(source: Read, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody sees a date: one alternative for each audience."""
    audiences = {
        Audience.PUBLIC: true(),
        Audience.MEMBERS: await _of_members(source, actor),
        Audience.PARTICIPANTS: _of_participants(actor),
        # Who reads the sittings reads when they are held.
        Audience.BOARD: true() if grant_for(RIGHTS, Act.READ_SITTINGS, actor) else false(),
    }
    seen = [and_(_TABLE.c.audience == audience.value, reached) for audience, reached in audiences.items()]
    return and_(_TABLE.c.listed, or_(*seen))


async def _of_members(source: Read, actor: Actor) -> ColumnElement[bool]:
    """Return the condition for what is for members: of their delegation, or of all. Those who left see it no more."""
    grant = grant_for(RIGHTS, Act.READ_AGENDA, actor)
    if grant is None or (grant.scope is Scope.OWN and Role.MEMBER not in actor.roles):
        return false()
    if grant.scope is Scope.ALL:
        return true()
    delegation = actor.delegation
    if grant.scope is Scope.OWN:
        known = await structures_of(source, [actor.member_id] if actor.member_id else [])
        structure = next((one for one in known.values() if one.status in _MEMBERS), None)
        if structure is None:
            return false()
        delegation = structure.delegation
    return or_(_TABLE.c.delegation.is_(None), _TABLE.c.delegation == delegation)


def _of_participants(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for what is for those called to it: who reads the meetings, as far as that reaches."""
    grant: Grant | None = grant_for(RIGHTS, Act.READ_MEETINGS, actor)
    if grant is None:
        return false()
    if grant.scope is Scope.OWN:
        return _TABLE.c.participants.contains([actor.member_id]) if actor.member_id else false()
    return grant.covers(member=None, delegation=_TABLE.c.delegation)
