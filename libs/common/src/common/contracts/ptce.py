"""What ptce tells the other services: when poles are visited and meet, which they are, what is done for them.

Written by its first readers, the agenda and the yearly figures.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from common.contracts.gatherings import GatheringFact
from common.events import Fact, State
from common.types import Quantity


class VisitFact(GatheringFact):
    """Un fait d'une visite de pôle."""

    topic: ClassVar[str] = "ptce.visit"


class VisitScheduled(VisitFact):
    """Une visite est annoncée."""

    wire_name: ClassVar[str] = "visit.scheduled"


class VisitConfirmed(VisitFact):
    """La visite aura lieu."""

    wire_name: ClassVar[str] = "visit.confirmed"


class VisitMoved(VisitFact):
    """La visite a changé de moment, de lieu ou de présentation."""

    wire_name: ClassVar[str] = "visit.moved"


class VisitCancelled(VisitFact):
    """La visite n'aura pas lieu."""

    wire_name: ClassVar[str] = "visit.cancelled"


class MeetingFact(GatheringFact):
    """Un fait d'une réunion de pôles."""

    topic: ClassVar[str] = "ptce.meeting"


class MeetingScheduled(MeetingFact):
    """Une réunion est annoncée."""

    wire_name: ClassVar[str] = "meeting.scheduled"


class MeetingConfirmed(MeetingFact):
    """La réunion aura lieu."""

    wire_name: ClassVar[str] = "meeting.confirmed"


class MeetingMoved(MeetingFact):
    """La réunion a changé de moment, de lieu ou de présentation."""

    wire_name: ClassVar[str] = "meeting.moved"


class MeetingCancelled(MeetingFact):
    """La réunion n'aura pas lieu."""

    wire_name: ClassVar[str] = "meeting.cancelled"


class PoleState(State):
    """Un pôle territorial de coopération économique (PTCE) après le fait."""

    member_id: UUID | None = Field(description="La structure qui le porte, si elle est au registre des adhérentes")
    delegation: str | None = Field(description="Celle de son territoire", examples=["occitanie"])
    status: str = Field(description="registered, ended ; un autre ne se compte pas", examples=["registered"])
    registered_on: date
    ended_on: date | None = Field(description="Premier jour où il n'est plus suivi")


class PoleFact(Fact):
    """Un fait d'un pôle."""

    topic: ClassVar[str] = "ptce.pole"

    state: PoleState


class PoleRegistered(PoleFact):
    """Un pôle est suivi par la fédération."""

    wire_name: ClassVar[str] = "pole.registered"


class DeliveryState(State):
    """Un service du bouquet rendu à un pôle, après le fait."""

    pole_id: UUID
    service_code: str = Field(description="Dans le catalogue du bouquet", examples=["legal_support"])
    delegation: str | None = Field(description="Celle du territoire du pôle", examples=["occitanie"])
    status: str = Field(description="delivered, cancelled ; un autre ne se compte pas", examples=["delivered"])
    delivered_on: date
    days: Quantity


class DeliveryFact(Fact):
    """Un fait d'un service rendu à un pôle."""

    topic: ClassVar[str] = "ptce.service"

    state: DeliveryState


class ServiceDelivered(DeliveryFact):
    """Un service est rendu à un pôle ; redit, il corrige les jours, ou l'annule."""

    wire_name: ClassVar[str] = "service.delivered"


FACTS: tuple[type[Fact], ...] = (
    PoleRegistered,
    ServiceDelivered,
    VisitScheduled,
    VisitConfirmed,
    VisitMoved,
    VisitCancelled,
    MeetingScheduled,
    MeetingConfirmed,
    MeetingMoved,
    MeetingCancelled,
)
