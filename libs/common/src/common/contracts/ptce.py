"""What ptce tells the other services: when poles are visited and meet. Written by its first reader, the agenda."""

from typing import ClassVar

from common.contracts.gatherings import GatheringFact
from common.events import Fact


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


FACTS: tuple[type[Fact], ...] = (
    VisitScheduled,
    VisitConfirmed,
    VisitMoved,
    VisitCancelled,
    MeetingScheduled,
    MeetingConfirmed,
    MeetingMoved,
    MeetingCancelled,
)
