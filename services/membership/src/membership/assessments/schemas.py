"""API shapes of self-assessments."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, field_validator, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.assessments.domain import (
    Answer,
    AssessmentAct,
    AssessmentMode,
    AssessmentState,
    Done,
    Review,
    ReviewKind,
    ReviewState,
    SelfAssessment,
    Spread,
)
from membership.banks.domain import Scores
from membership.banks.schemas import LevelOut, ScoresOut
from membership.members.domain import Member

_REVIEW = ("id", "assessment_id", "kind", "author", "state", "opened_on", "given_on", "until", "reason", "version")
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9-]+$")]


class AssessmentIn(Schema):
    """Ouvrir une auto-évaluation de sa propre structure."""

    bank: Code = Field(examples=["cap-2026"])
    mode: AssessmentMode


class QuestionAnswerIn(Schema):
    """Ce qui change d'une réponse : les champs absents restent ce qu'ils sont, null efface.

    Un niveau et « sans objet » se remplacent l'un l'autre.
    """

    question: Code = Field(examples=["written-project"])
    level: int | None = Field(None, ge=0, le=10)
    not_applicable: bool = False
    comment: LongText | None = None
    evidence: Text | None = Field(None, description="Où est la preuve", examples=["Projet associatif, mars 2025"])

    def fields(self) -> dict[str, object]:
        """Return the fields the caller named."""
        return self.model_dump(exclude={"question"}, exclude_unset=True)


class AnswersIn(Schema):
    """Des réponses ; celles des autres questions restent ce qu'elles sont."""

    answers: Annotated[list[QuestionAnswerIn], Field(min_length=1, max_length=100)]

    @field_validator("answers")
    @classmethod
    def _one_each(cls, answers: list[QuestionAnswerIn]) -> list[QuestionAnswerIn]:
        if len({answer.question for answer in answers}) < len(answers):
            raise ValueError("une question figure deux fois")
        return answers


class QuestionAnswerOut(Schema):
    """Une réponse."""

    question: str
    level: int | None
    not_applicable: bool
    comment: str | None
    evidence: str | None
    recorded_at: AwareDatetime | None
    recorded_by: str | None = Field(description="Identifiant de l'auteur, jamais un nom ; lu dans la structure seule")

    @classmethod
    def of(cls, question: str, answer: Answer | None, *, own: bool = True) -> Self:
        """Write the answer to a question, or that there is none; who wrote it, only inside the structure."""
        told = asdict(answer or Answer())
        return cls(question=question, **(told if own else {**told, "recorded_by": None}))


class SpreadOut(Schema):
    """Comment les réponses de chacun se répartissent sur une question."""

    question: str
    levels: list[int] = Field(description="Combien ont répondu chaque niveau, de 0 au plus haut")
    not_applicable: int
    answers: int

    @classmethod
    def of(cls, question: str, spread: Spread) -> Self:
        """Write how answers to a question spread."""
        return cls(
            question=question,
            levels=list(spread.levels),
            not_applicable=spread.not_applicable,
            answers=spread.answers,
        )


class GroupOut(Schema):
    """Le groupe. Ce que les autres ont répondu ne se lit qu'une fois, la collecte finie."""

    gathered_on: date | None = Field(description="Le jour où la collecte a fini")
    begun: int = Field(description="Combien de personnes ont commencé leurs réponses, données ou non")
    given: int = Field(description="Combien les ont données")
    given_minimum: int = Field(description="Combien doivent les donner pour que la collecte finisse")
    answers_minimum: int = Field(description="Moins de réponses que cela à une question : leur répartition est tue")
    given_by_link: int = Field(description="Dont par un lien : la structure seule sait à qui elle l'a envoyé")
    spreads: list[SpreadOut] | None = Field(
        description="Par question, une fois la collecte finie. Celles des comptes n'y entrent que s'il y en a assez"
        " sans celles des liens ; sinon on ne lit que celles des liens"
    )


class SheetOut(Schema):
    """Les réponses d'une personne, lues d'elle seule."""

    answers: list[QuestionAnswerOut]
    answered: int
    questions: int
    given_at: AwareDatetime | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class RemarkIn(Schema):
    """L'avis de qui relit, sur une réponse. Vide, il retire celui qui y était."""

    question: Code
    level: int | None = Field(None, ge=0, le=10)
    comment: LongText | None = None
    action: Text | None = Field(None, description="Une action à proposer à la structure, qui la reprend ou non")

    @field_validator("comment", "action")
    @classmethod
    def _said(cls, text: str | None) -> str | None:
        return (text or "").strip() or None


class ReviewIn(Schema):
    """Des remarques, et la conclusion quand elle est prête ; le reste est gardé."""

    remarks: Annotated[list[RemarkIn], Field(max_length=100)] = Field(default_factory=list)
    conclusion: Annotated[LongText, Field(min_length=1)] | None = None

    @field_validator("conclusion")
    @classmethod
    def _concluded(cls, conclusion: str | None) -> str | None:
        if conclusion is not None and not conclusion.strip():
            raise ValueError("la conclusion est vide")
        return conclusion

    @field_validator("remarks")
    @classmethod
    def _one_each(cls, remarks: list[RemarkIn]) -> list[RemarkIn]:
        if len({remark.question for remark in remarks}) < len(remarks):
            raise ValueError("une question figure deux fois")
        return remarks


class PeerIn(Schema):
    """La structure invitée à relire, par sa référence ou son identifiant."""

    reference: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(None, examples=["STR-2026-00012"])
    member_id: UUID | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.reference is None) == (self.member_id is None):
            raise ValueError("donnez la référence de la structure, ou son identifiant")
        return self


class ReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class GivenUpIn(Schema):
    """Pourquoi elle est abandonnée, si l'on veut le dire."""

    reason: Text | None = None


class AssessmentRemarkOut(Schema):
    """L'avis de qui relit, sur une réponse."""

    question: str
    level: int | None
    comment: str | None
    action: str | None


class ReviewOut(Schema):
    """Une relecture. Tant qu'elle n'est pas rendue, seul son auteur lit ce qu'elle dit."""

    id: UUID
    assessment_id: UUID
    kind: ReviewKind
    kind_label: str
    author: str = Field(description="network, delegation:…, member:… ou invitation:… : jamais une personne")
    author_name: str = Field(
        description="Le réseau, la délégation, la structure ; d'une personne invitée, comme la structure la nomme,"
        " lu d'elle, de sa délégation et du réseau jusqu'à ce que ce nom soit effacé"
    )
    state: ReviewState
    state_label: str
    opened_on: date
    given_on: date | None
    until: date | None = Field(description="D'une personne invitée par un lien : le dernier jour où il sert")
    remarks: list[AssessmentRemarkOut] | None
    conclusion: str | None
    reason: str | None = Field(description="Pourquoi elle a été retirée")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]

    @classmethod
    def of(
        cls,
        review: Review,
        *,
        author_name: str,
        told: bool,
        allowed_actions: list[str],
        blockers: Mapping[str, list[BlockerOut]],
    ) -> Self:
        """Write a review; what it says, only when it is told."""
        remarks = [
            AssessmentRemarkOut(question=code, level=one.level, comment=one.comment, action=one.action)
            for code, one in review.remarks.items()
        ]
        return cls(
            **{name: getattr(review, name) for name in _REVIEW},
            kind_label=review.kind.label,
            author_name=author_name,
            state_label=review.state.label,
            remarks=remarks if told else None,
            conclusion=review.conclusion if told else None,
            allowed_actions=allowed_actions,
            blockers=blockers,
        )


class AssessmentOut(Schema):
    """Une auto-évaluation. Hors de la structure, on sait seulement de celle en cours qu'elle l'est."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    bank: str
    family: str
    mode: AssessmentMode | None
    mode_label: str | None
    state: AssessmentState
    state_label: str
    opened_on: date
    submitted_on: date | None
    closed_on: date | None
    points: int | None = Field(description="Une fois remise")
    level: LevelOut | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


def head_of(assessment: SelfAssessment, member: Member, scores: Scores | None, *, told: bool) -> dict[str, Any]:
    """Write what a list says of an assessment; how it is filled, only when it is told."""
    level = scores.whole.level if scores else None
    return {
        "id": assessment.id,
        "member_id": assessment.member_id,
        "name": member.name,
        "delegation": member.delegation,
        "bank": assessment.bank,
        "family": assessment.family,
        "mode": assessment.mode if told else None,
        "mode_label": assessment.mode.label if told else None,
        "state": assessment.state,
        "state_label": assessment.state.label,
        "opened_on": assessment.opened_on,
        "submitted_on": assessment.submitted_on,
        "closed_on": assessment.closed_on,
        "points": scores.whole.points if scores else None,
        "level": LevelOut.model_validate(level) if level else None,
        "version": assessment.version if told else 0,
    }


class DoneOut(Schema):
    """Un acte sur l'auto-évaluation."""

    at: AwareDatetime
    by: str | None = Field(description="Identifiant de l'auteur, jamais un nom ; lu dans la structure seule")
    act: AssessmentAct
    act_label: str
    reason: str | None

    @classmethod
    def of(cls, done: Done, *, own: bool) -> Self:
        """Write what was done; by whom, only inside the structure."""
        told = asdict(done)
        return cls(**(told if own else {**told, "by": None}), act_label=done.act.label)


class AssessmentDetail(AssessmentOut):
    """Une auto-évaluation, ses réponses et ce à quoi elles reviennent."""

    bank_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    bank_source: str
    answers: list[QuestionAnswerOut] | None
    missing: list[str] | None = Field(description="Les questions encore sans réponse")
    scores: ScoresOut | None
    group: GroupOut | None
    reviews: list[ReviewOut]
    history: list[DoneOut] | None = Field(description="Ce qui en a été fait, du plus ancien au plus récent")


class ReviewFilter(StrEnum):
    """Où en sont les relectures, des auto-évaluations remises et non closes."""

    MINE = "mine"
    INVITED = "invited"
    NONE = "none"


class AssessmentFilters(Schema):
    """Which assessments."""

    state: list[AssessmentState] = Field(default_factory=list, description="États")
    family: list[Code] = Field(
        default_factory=list, max_length=10, description="Familles de questionnaire, par leur code"
    )
    bank: list[Code] = Field(default_factory=list, max_length=10, description="Référentiels, par leur code")
    level: list[Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9_-]+$")]] = Field(
        default_factory=list, max_length=10, description="Le niveau de maturité, une fois remise"
    )
    review: ReviewFilter | None = Field(
        None,
        description="mine : que j'ai commencé à relire, ou où je suis invité ; invited : où une structure paire relit ;"
        " none : sans relecture d'un tiers ni d'une paire ; celle d'une personne invitée par un lien n'en est pas une",
    )
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    submitted_from: Day | None = Field(None, description="À partir de ce jour")
    submitted_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class AssessmentListParams(PageParams, AssessmentFilters):
    """Filters of the list of assessments."""


class AssessmentExportParams(AssessmentFilters):
    """The list as a file."""

    format: ExportFormat = "csv"
