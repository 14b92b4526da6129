"""What legal-desk tells the other services: when its webinars are held. Written by its first reader, the agenda."""

from typing import ClassVar

from common.contracts.gatherings import GatheringFact
from common.events import Fact


class WebinarFact(GatheringFact):
    """Un fait d'un webinaire juridique."""

    topic: ClassVar[str] = "legal-desk.webinar"


class WebinarScheduled(WebinarFact):
    """Un webinaire est annoncé."""

    wire_name: ClassVar[str] = "webinar.scheduled"


class WebinarMoved(WebinarFact):
    """Le webinaire a changé de moment ou de présentation."""

    wire_name: ClassVar[str] = "webinar.moved"


class WebinarCancelled(WebinarFact):
    """Le webinaire n'aura pas lieu."""

    wire_name: ClassVar[str] = "webinar.cancelled"


FACTS: tuple[type[Fact], ...] = (WebinarScheduled, WebinarMoved, WebinarCancelled)
