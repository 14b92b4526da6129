"""Rights: one table per service, role by act by scope, applied inside the queries.

    RIGHTS: Rights = {Act.READ_MEMBERS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION}}

A route names its act with ``grant: Annotated[Grant, Depends(allow(Act.READ_MEMBERS))]``; its query adds
``grant.covers(...)`` before any LIMIT. What one may not see does not exist (404), also in counts and exports.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import ColumnElement, false, true
from starlette.requests import Request

from common.auth import ANYONE, Unauthenticated
from common.contracts.roles import Role
from common.errors import Forbidden
from common.transaction import Actor


class Scope(IntEnum):
    """How far a right reaches; when several roles give it, the widest holds."""

    OWN = 1
    DELEGATION = 2
    ALL = 3


Rights = Mapping[StrEnum, Mapping[Role, Scope]]


class CommonAct(StrEnum):
    """The acts every service has."""

    FOLLOW_JOBS = "jobs.follow"
    OPERATE_EVENTS = "events.operate"
    OPERATE_MAILS = "mails.operate"


COMMON_RIGHTS: Rights = {
    CommonAct.FOLLOW_JOBS: {
        **{role: Scope.OWN for role in Role if role is not Role.ANYONE},
        Role.OPS: Scope.ALL,
    },
    CommonAct.OPERATE_EVENTS: {Role.OPS: Scope.ALL},
    CommonAct.OPERATE_MAILS: {Role.OPS: Scope.ALL},
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One actor's right to one act, as far as it reaches."""

    actor: Actor
    scope: Scope

    def covers(self, *, member: ColumnElement[Any] | Any, delegation: ColumnElement[Any] | Any) -> ColumnElement[bool]:
        """Return the condition under which a row is within reach, for the query's WHERE."""
        if self.scope is Scope.ALL:
            return true()
        if self.scope is Scope.DELEGATION:
            return false() if self.actor.delegation is None else delegation == self.actor.delegation
        return false() if self.actor.member_id is None else member == self.actor.member_id

    def reaches(self, delegation: str | None) -> bool:
        """Tell whether what a delegation holds is within reach, or what is held for all of them (None)."""
        if self.scope is Scope.ALL:
            return True
        return delegation is not None and delegation == self.actor.delegation


def grant_for(rights: Rights, act: StrEnum, actor: Actor) -> Grant | None:
    """Return the widest grant an actor's roles give for an act, None when they give none.

    >>> grant_for(COMMON_RIGHTS, CommonAct.OPERATE_EVENTS, Actor("anne", roles=frozenset({Role.OPS}))).scope.name
    'ALL'
    >>> grant_for(COMMON_RIGHTS, CommonAct.OPERATE_EVENTS, Actor("zoé")) is None
    True
    """
    scopes = [scope for role, scope in rights[act].items() if role in actor.roles or role is Role.ANYONE]
    return Grant(actor, max(scopes)) if scopes else None


def allow(act: StrEnum) -> Callable[[Request], Awaitable[Grant]]:
    """Make the dependency that lets an act through, or refuses it: 401 without a token, 403 without the right."""

    async def check(request: Request) -> Grant:
        actor: Actor = request.state.actor
        grant = grant_for(request.app.state.rights, act, actor)
        if grant is None and actor is ANYONE:
            raise Unauthenticated("Cette action demande un jeton d'accès.")
        if grant is None:
            raise Forbidden("Votre rôle ne permet pas cette action.", extra={"act": str(act)})
        return grant

    check.act = act  # type: ignore[attr-defined]  # read by the conformance tests and the generated rights table
    return check


MayOperate = Annotated[Grant, Depends(allow(CommonAct.OPERATE_EVENTS))]
"""Every route by which ops see the event stream and act on it takes this parameter."""
