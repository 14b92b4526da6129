"""What training tells the other services: when its sessions are held. Written by its first reader, the agenda."""

from typing import ClassVar

from common.contracts.gatherings import GatheringFact
from common.events import Fact


class SessionFact(GatheringFact):
    """Un fait d'une session de formation."""

    topic: ClassVar[str] = "training.session"


class SessionScheduled(SessionFact):
    """Une session est annoncée."""

    wire_name: ClassVar[str] = "session.scheduled"


class SessionConfirmed(SessionFact):
    """La session aura lieu."""

    wire_name: ClassVar[str] = "session.confirmed"


class SessionMoved(SessionFact):
    """La session a changé de moment, de lieu ou de présentation."""

    wire_name: ClassVar[str] = "session.moved"


class SessionCancelled(SessionFact):
    """La session n'aura pas lieu."""

    wire_name: ClassVar[str] = "session.cancelled"


FACTS: tuple[type[Fact], ...] = (SessionScheduled, SessionConfirmed, SessionMoved, SessionCancelled)
