"""API shapes of satisfaction, and of the figures of a year."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import LongText, Quantity, Schema

Rating = Annotated[int, Field(ge=1, le=5)]
Ratings = Annotated[dict[str, Rating], Field(max_length=20)]


class SurveyQuestionOut(Schema):
    """Une question, notée de 1 (pas du tout) à 5 (tout à fait)."""

    code: str
    text: str


class SurveyOut(Schema):
    """Ce qui est demandé après un accompagnement, et ce qu'il advient des réponses."""

    questions: list[SurveyQuestionOut]
    changeable_days: int
    named_days: int = Field(description="Au-delà, la réponse n'est plus reliée à la structure")
    minimum: int = Field(description="Nombre de réponses sous lequel aucune moyenne n'est montrée")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class SatisfactionIn(Schema):
    """L'avis de la structure. Les notes ne se lisent qu'en moyenne ; le commentaire, par qui accompagne."""

    ratings: Ratings = Field(examples=[{"expectations": 5, "usefulness": 4, "organisation": 5, "recommendation": 5}])
    comment: LongText | None = Field(None, description="Lu par la délégation et le réseau, sans nom de personne")
    quotable: bool = Field(
        False, description="Le commentaire peut être cité ailleurs ; se retire à tout moment, tant que l'avis est nommé"
    )


class SatisfactionOut(Schema):
    """L'avis de la structure sur un accompagnement."""

    booking_id: UUID
    ratings: dict[str, int]
    comment: str | None
    quotable: bool
    answered_at: AwareDatetime
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class AccompanimentCommentOut(Schema):
    """Ce qu'une structure a écrit d'un accompagnement ; ses notes ne se lisent qu'en moyenne."""

    booking_id: UUID
    member_id: UUID
    name: str
    kind: str
    title: str
    comment: str
    quotable: bool
    answered_at: AwareDatetime


class CommentListParams(PageParams):
    """Filters of the comments."""

    kind: list[str] = Field(default_factory=list, max_length=20, description="Natures")
    quotable: bool | None = Field(None, description="Que l'on peut citer, ou non")


class AccompanimentAnswerOut(Schema):
    """Un avis donné : sur quoi et quand, sans la structure ni ses notes."""

    kind: str
    kind_label: str
    accompaniment_id: UUID
    delegation: str | None = Field(description="Celle de la structure à la réservation")
    year: int


class AnswerListParams(PageParams):
    """Filters of the answers."""

    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(None, description="Celle de l'accompagnement")
    kind: list[str] = Field(default_factory=list, max_length=20, description="Natures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")


class AccompanimentCountOut(Schema):
    """Ce qui s'est fait, et ce qui en a été pensé."""

    booked: int = Field(description="Places réservées et non annulées")
    held: int
    absent: int
    structures: int = Field(description="Structures accompagnées, chacune une fois")
    answers: int
    averages: dict[str, Quantity] | None = Field(
        description="Moyenne de chaque question ; null : trop peu de réponses, ou le reste s'en déduirait"
    )


class OfferFigureOut(AccompanimentCountOut):
    """Les chiffres d'une offre."""

    accompaniment_id: UUID


class AccompanimentFigureOut(AccompanimentCountOut):
    """Les chiffres d'un type dans une délégation, ou dans toutes."""

    kind: str
    kind_label: str
    delegation: str | None = Field(description="Celle de la structure à la réservation ; null : toutes ; vide : aucune")
    offers: list[OfferFigureOut] = Field(description="Par offre ; vide pour le total des délégations")


class AccompanimentFiguresOut(Schema):
    """Une année d'accompagnements, dans le périmètre de l'appelant."""

    year: int
    survey: SurveyOut
    items: list[AccompanimentFigureOut]
