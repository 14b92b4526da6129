"""Who sees which dates: one condition for a page, a count, one date and a calendar."""

from typing import Any

from sqlalchemy import ColumnElement, and_, any_, exists, false, func, or_, select, true

from common.contracts.roles import Role
from common.rights import Grant, Scope, grant_for
from common.transaction import Actor, Read
from membership.agenda.domain import (
    Audience,
    Source,
)
from membership.agenda.tables import AgendaEntryRow
from membership.members.domain import Member, MemberStatus
from membership.members.queries import TODAY, structures_of
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
        Audience.STRUCTURE: _calls(own) if own else false(),
    }
    seen = [and_(_TABLE.c.audience == audience.value, reached) for audience, reached in audiences.items()]
    apart = {Source.ACCOMPANIMENTS: _of_slots(actor, own), Source.INTERVIEWS: _of_interviews(actor, own)}
    others = and_(_TABLE.c.source.not_in([one.value for one in apart]), or_(*seen))
    return or_(others, *(and_(_TABLE.c.source == one.value, reached) for one, reached in apart.items()))


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
    """Return the condition for what is for members: of their delegation, or of all, or where theirs has a place.

    Those who left see it no more.
    """
    grant = grant_for(RIGHTS, Act.READ_AGENDA, actor)
    if grant is None or (grant.scope is Scope.OWN and own is None):
        return false()
    if grant.scope is Scope.ALL:
        return true()
    if grant.scope is Scope.OWN and own:
        return or_(_of_delegation(own.delegation), _calls(own))
    return _of_delegation(actor.delegation)


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
        return or_(and_(_TABLE.c.listed, _of_delegation(own.delegation)), _calls(own))
    return _of_delegation(actor.delegation)


def _of_interviews(actor: Actor, own: Member | None) -> ColumnElement[bool]:
    """Return the condition for interviews: the structure's own, and those of the structures of one's delegation today.

    Nobody else's calendar: the network reads them where they are kept.
    """
    grant = grant_for(RIGHTS, Act.READ_INTERVIEWS, actor)
    if grant is None:
        return false()
    if grant.scope is Scope.OWN:
        return _calls(own) if own else false()
    covered = exists().where(TODAY.c.id == any_(_TABLE.c.participants), TODAY.c.delegation == actor.delegation)
    return covered if actor.delegation else false()


def _calls(own: Member) -> ColumnElement[bool]:
    """Return the condition that a date calls a structure, under its own record or one that was merged into it."""
    records = select(TODAY.c.id).where(or_(TODAY.c.id == own.id, TODAY.c.merged_into == own.id))
    called: ColumnElement[bool] = _TABLE.c.participants.overlap(func.array(records.scalar_subquery()))
    return called


def _of_delegation(delegation: str | None) -> ColumnElement[bool]:
    return or_(_TABLE.c.delegation.is_(None), _TABLE.c.delegation == delegation)


def _of_participants(actor: Actor, own: Member | None) -> ColumnElement[bool]:
    """Return the condition for what is for those called to it: who reads the meetings, as far as that reaches."""
    grant: Grant | None = grant_for(RIGHTS, Act.READ_MEETINGS, actor)
    if grant is None:
        return false()
    if grant.scope is Scope.OWN:
        return _calls(own) if own else false()
    return grant.covers(member=None, delegation=_TABLE.c.delegation)
