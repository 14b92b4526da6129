"""What legal-desk tells the other services: when its webinars are held, and that it was asked, never by whom nor what.

Written by its first readers, the agenda and the yearly figures.
"""

from datetime import date
from typing import ClassVar

from pydantic import Field

from common.contracts.gatherings import GatheringFact
from common.events import Fact, State


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


class LegalQuestionState(State):
    """Une question au service juridique après le fait : son thème et ses jours.

    Ni sa structure ni son contenu : qui demande conseil ne se dit à aucun autre service.
    """

    theme_code: str = Field(examples=["labour_law"])
    delegation: str | None = Field(description="Celle qui couvre la structure qui demande", examples=["occitanie"])
    status: str = Field(description="asked, answered ; un autre ne se compte pas", examples=["answered"])
    asked_on: date
    answered_on: date | None


class LegalQuestionFact(Fact):
    """Un fait d'une question au service juridique."""

    topic: ClassVar[str] = "legal-desk.question"

    state: LegalQuestionState


class QuestionAsked(LegalQuestionFact):
    """Une adhérente a posé une question."""

    wire_name: ClassVar[str] = "question.asked"


class QuestionAnswered(LegalQuestionFact):
    """La réponse est envoyée."""

    wire_name: ClassVar[str] = "question.answered"


FACTS: tuple[type[Fact], ...] = (WebinarScheduled, WebinarMoved, WebinarCancelled, QuestionAsked, QuestionAnswered)
