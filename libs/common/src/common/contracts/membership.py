"""What membership tells the other services: who is a member, since when, and what may be known of it."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from common.events import Fact, State


class ActivityState(BaseModel):
    """One agreement or activity of a structure (``ai``, ``aci``, ``etti`` …); one of them is the main one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    main: bool


class PostalAddress(BaseModel):
    """An organisation's correspondence address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    street: str
    postcode: str
    city: str


class MemberState(State):
    """A member structure as the federation knows it after the fact."""

    reference: str
    name: str
    siren: str | None
    status: Literal["active", "suspended", "left"]
    activities: tuple[ActivityState, ...]
    delegation: str | None
    department: str | None
    address: PostalAddress | None
    joined_on: date


class MemberFact(Fact):
    """Any fact of a member."""

    topic: ClassVar[str] = "membership.member"

    state: MemberState


class MemberJoined(MemberFact):
    """A sitting of the board admitted the structure; it is a member from ``joined_on``."""

    wire_name: ClassVar[str] = "member.joined"

    joined_on: date
    sitting_id: UUID
    minutes_reference: str


class MemberUpdated(MemberFact):
    """Something public about the member changed; ``changed`` names the fields of the state."""

    wire_name: ClassVar[str] = "member.updated"

    changed: tuple[str, ...]


FACTS: tuple[type[Fact], ...] = (MemberJoined, MemberUpdated)
