"""API shapes of the evaluations."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import LongText, Schema
from training.evaluations.domain import EvaluationKind, EvaluationStatus, QuestionKind
from training.programmes.schemas import Code

Key = Annotated[str, Field(min_length=20, max_length=100)]
_QuestionCode = Annotated[str, Field(min_length=1, max_length=40)]
_Year = Annotated[int, Field(ge=2000, le=2100, description="L'année où la session finit")]


class EvaluationQuestionOut(Schema):
    """Une question."""

    code: str
    kind: QuestionKind
    label: str
    options: list[str] = Field(description="D'un choix : le premier se répond par 1")
    highest: int | None = Field(description="La note la plus haute, la plus basse est 1 ; absente d'un texte")


class QuestionnaireOut(Schema):
    """Un questionnaire, à partir d'un jour."""

    kind: EvaluationKind
    kind_label: str
    since: date
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmé")
    source: str
    intro: str
    questions: list[EvaluationQuestionOut]


class EvaluationFormOut(Schema):
    """Ce qu'ouvre un lien : les questions, et jusqu'à quand y répondre. Jamais ce qui fut répondu sans nom."""

    kind: EvaluationKind
    kind_label: str
    title: str = Field(description="La formation")
    status: EvaluationStatus
    closes_on: date
    intro: str
    questions: list[EvaluationQuestionOut]
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class EvaluationAnswerIn(Schema):
    """Les réponses : une note à chaque question qui en a, un texte où l'on veut."""

    marks: Annotated[dict[_QuestionCode, int], Field(max_length=100)] = Field(examples=[{"overall": 4}])
    texts: Annotated[dict[_QuestionCode, Annotated[LongText, Field(min_length=1)]], Field(max_length=20)] = Field(
        default_factory=dict
    )


class EvaluationLine(Schema):
    """Une personne à qui l'on a demandé, et si elle a répondu."""

    id: UUID
    kind: EvaluationKind
    kind_label: str
    session_id: UUID
    enrolment_id: UUID
    programme_code: str
    trainee_id: UUID
    trainee_name: str | None
    asked_on: date
    chased: int = Field(description="Rappels envoyés")
    closes_on: date = Field(description="Dernier jour pour répondre")
    status: EvaluationStatus
    status_label: str
    answered_on: date | None


class EvaluationOut(EvaluationLine):
    """La même ; avec les réponses, d'un positionnement seulement : les autres ne se rattachent à personne."""

    questions: list[EvaluationQuestionOut]
    marks: dict[str, int] | None
    texts: dict[str, str] | None


class EvaluationListParams(PageParams):
    """Filtres, tri et page."""

    kind: list[EvaluationKind] | None = Field(None, max_length=3, description="Avant, à chaud, à froid")
    status: list[EvaluationStatus] | None = Field(None, max_length=3, description="Où en est la réponse")
    session_id: UUID | None = Field(None, description="Une session")
    programme_code: Code | None = Field(None, description="Un programme")


class EvaluationLinkOut(Schema):
    """Un lien à donner de la main à la main ; il ne se montre qu'une fois."""

    key: str


class ResultsParams(Schema):
    """De quoi les résultats : d'une session, d'un programme, d'une année, ou de tout."""

    kind: EvaluationKind = Field(EvaluationKind.HOT, description="hot ou cold ; un positionnement ne se compte pas")
    year: _Year | None = Field(None, description="L'année où les sessions se terminent")
    programme_code: Code | None = Field(None, description="Un programme")
    session_id: UUID | None = Field(None, description="Une session")


class CommentListParams(PageParams, ResultsParams):
    """De quoi les commentaires, et leur page."""


class CommentOut(Schema):
    """Un texte, sans qui l'a écrit ni quand."""

    question: str
    text: str


class QuestionResultOut(Schema):
    """Ce qui fut répondu à une question, ensemble."""

    code: str
    label: str
    n: int
    mean: Decimal | None = Field(description="Moyenne, au dixième ; absente d'un choix")
    median: Decimal | None = Field(description="Médiane ; absente d'un choix")
    distribution: dict[int, int] = Field(description="Combien ont donné chaque note")


class ResultsOut(Schema):
    """Les résultats : combien à qui l'on a demandé, combien ont répondu, et ce qui peut se montrer."""

    kind: EvaluationKind
    asked: int
    answered: int
    response_rate: Decimal | None = Field(description="answered / asked, en pour cent")
    shown: int = Field(description="Réponses comptées dans `questions` : de sessions closes, cinq ensemble au moins")
    held_back: int = Field(description="Réponses données qui ne se montrent pas encore, ou pas à ce détail")
    minimum: int
    questions: list[QuestionResultOut]


class ResultIndicatorOut(Schema):
    """Un indicateur de résultats, avec sa méthode (indicateur 2)."""

    code: str
    label: str
    value: Decimal | None = Field(description="Absente : moins de personnes que le minimum, ou rien de clos")
    unit: str
    n: int | None = Field(description="Sur combien ; absent sous le minimum")
    formula: str
    why_absent: str | None


class YearResultsOut(Schema):
    """Les indicateurs d'une année : des sessions qui y ont fini."""

    year: int
    indicators: list[ResultIndicatorOut]


class ProgrammeResultsOut(Schema):
    """Les indicateurs de résultats d'un programme, publics."""

    code: str
    minimum: int
    status: str = Field(description="published ou assumed : la règle du minimum et des envois")
    source: str
    years: list[YearResultsOut] = Field(max_length=200)
