"""API shapes of self-assessments."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, field_validator, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.assessments.domain import (
    ActionState,
    Answer,
    AssessmentMode,
    AssessmentState,
    Comparison,
    PlanAction,
    Progress,
    Review,
    ReviewKind,
    ReviewState,
    SelfAssessment,
    Spread,
    is_late,
)
from membership.banks.domain import Bank
from membership.banks.schemas import LevelOut, ScoresOut

_REVIEW = ("id", "assessment_id", "kind", "author", "state", "opened_on", "given_on", "reason", "version")
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9-]+$")]


class AssessmentIn(Schema):
    """Ouvrir une auto-évaluation de sa propre structure."""

    bank: Code = Field(examples=["cap-2026"])
    mode: AssessmentMode


class QuestionAnswerIn(Schema):
    """Une réponse ; sans niveau ni « sans objet », elle reste à donner et son commentaire est gardé."""

    question: Code = Field(examples=["written-project"])
    level: int | None = Field(None, ge=0, le=10)
    not_applicable: bool = False
    comment: LongText | None = None
    evidence: Text | None = Field(None, description="Où est la preuve", examples=["Projet associatif, mars 2025"])


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
    """Le groupe. Ce que les autres ont donné ne se lit, nombre compris, qu'après avoir donné ses propres réponses."""

    gathered_on: date | None = Field(description="Le jour où la collecte a fini")
    given: int | None = Field(description="Combien de personnes ont donné leurs réponses")
    spreads: list[SpreadOut] | None = Field(description="Par question, à partir de deux réponses")


class SheetOut(Schema):
    """Les réponses d'une personne, lues d'elle seule."""

    answers: list[QuestionAnswerOut]
    answered: int
    questions: int
    given_at: AwareDatetime | None
    version: int
    allowed_actions: list[str]


class RemarkIn(Schema):
    """L'avis de qui relit, sur une réponse."""

    question: Code
    level: int | None = Field(None, ge=0, le=10)
    comment: LongText | None = None


class ReviewIn(Schema):
    """Des remarques, et la conclusion quand elle est prête ; le reste est gardé."""

    remarks: Annotated[list[RemarkIn], Field(max_length=100)] = Field(default_factory=list)
    conclusion: Annotated[LongText, Field(min_length=1)] | None = None

    @field_validator("remarks")
    @classmethod
    def _one_each(cls, remarks: list[RemarkIn]) -> list[RemarkIn]:
        if len({remark.question for remark in remarks}) < len(remarks):
            raise ValueError("une question figure deux fois")
        return remarks


class PeerIn(Schema):
    """La structure invitée à relire."""

    member_id: UUID


class ReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class AssessmentRemarkOut(Schema):
    """L'avis de qui relit, sur une réponse."""

    question: str
    level: int | None
    comment: str | None


class ReviewOut(Schema):
    """Une relecture. Tant qu'elle n'est pas rendue, seul son auteur lit ce qu'elle dit."""

    id: UUID
    assessment_id: UUID
    kind: ReviewKind
    kind_label: str
    author: str = Field(description="network, delegation:… ou member:… : jamais une personne")
    state: ReviewState
    state_label: str
    opened_on: date
    given_on: date | None
    remarks: list[AssessmentRemarkOut] | None
    conclusion: str | None
    reason: str | None = Field(description="Pourquoi elle a été retirée")
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, review: Review, *, told: bool, allowed_actions: list[str]) -> Self:
        """Write a review; what it says, only when it is told."""
        remarks = [
            AssessmentRemarkOut(question=code, level=one.level, comment=one.comment)
            for code, one in review.remarks.items()
        ]
        return cls(
            **{name: getattr(review, name) for name in _REVIEW},
            kind_label=review.kind.label,
            state_label=review.state.label,
            remarks=remarks if told else None,
            conclusion=review.conclusion if told else None,
            allowed_actions=allowed_actions,
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


class AssessmentDetail(AssessmentOut):
    """Une auto-évaluation, ses réponses et ce à quoi elles reviennent."""

    bank_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    bank_source: str
    answers: list[QuestionAnswerOut] | None
    missing: list[str] | None = Field(description="Les questions encore sans réponse")
    scores: ScoresOut | None
    group: GroupOut | None
    reviews: list[ReviewOut]


class AssessmentListParams(PageParams):
    """Filters of the list of assessments."""

    state: list[AssessmentState] = Field(default_factory=list)
    family: list[Code] = Field(default_factory=list, max_length=10)
    bank: list[Code] = Field(default_factory=list, max_length=10)
    delegation: list[str] = Field(default_factory=list, max_length=20)
    member: UUID | None = None
    submitted_from: Day | None = None
    submitted_to: Day | None = None
    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class ProgressComparisonOut(Schema):
    """Ce à quoi les mêmes questions revenaient, et reviennent."""

    code: str
    name: str
    compared: int = Field(description="Les questions qui ont un niveau les deux fois")
    questions: int
    before: int | None
    after: int | None
    change: int | None

    @classmethod
    def of(cls, code: str, name: str, one: Comparison) -> Self:
        """Write a comparison."""
        return cls(code=code, name=name, change=one.change, **asdict(one))


class ProgressOut(Schema):
    """Le chemin depuis l'auto-évaluation d'avant, sur les seules questions posées les deux fois."""

    before_id: UUID | None = Field(description="Absente pour la première")
    before_bank: str | None
    before_on: date | None
    same_version: bool | None
    same_scale: bool | None = Field(description="Sinon, chaque réponse compte en part de sa propre échelle")
    out_of: int
    whole: ProgressComparisonOut | None
    themes: list[ProgressComparisonOut]

    @classmethod
    def of(cls, bank: Bank, before: SelfAssessment | None, progress: Progress | None) -> Self:
        """Write the progress since an assessment, or that there was none."""
        return cls(
            before_id=before.id if before else None,
            before_bank=before.bank if before else None,
            before_on=before.submitted_on if before else None,
            same_version=progress.same_version if progress else None,
            same_scale=progress.same_scale if progress else None,
            out_of=bank.out_of,
            whole=ProgressComparisonOut.of(bank.code, bank.name, progress.whole) if progress else None,
            themes=[
                ProgressComparisonOut.of(theme.code, theme.name, progress.themes[theme.code]) for theme in bank.themes
            ]
            if progress
            else [],
        )


class ActionIn(Schema):
    """Une action que la structure ajoute à son plan ; avec une question, celle que la banque propose pour elle."""

    question: Code | None = None
    text: Text | None = Field(None, description="Par défaut, l'action proposée pour la question")
    due_on: Day | None = Field(None, description="Par défaut, le délai proposé pour la question")
    owner: Text | None = Field(None, description="Une fonction, pas un nom", examples=["direction"])

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.question is None and (self.text is None or self.due_on is None):
            raise ValueError("une action sans question a un texte et une échéance")
        return self


class ActionAmend(Schema):
    """Ce qui change d'une action ; les champs absents restent ce qu'ils sont."""

    text: Text | None = None
    due_on: Day | None = None
    owner: Text | None = Field(None, description="Une fonction, pas un nom ; null : personne encore")
    state: ActionState | None = None
    reason: Text | None = Field(None, description="Pourquoi elle est abandonnée")

    def fields(self) -> dict[str, object]:
        """Return the fields the caller named. Only the owner can be taken away."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name == "owner"}


class ActionChangeOut(Schema):
    """Ce qu'une action disait avant un changement."""

    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    before: dict[str, str | int | None]


class ActionOut(Schema):
    """Une action du plan."""

    id: UUID
    rank: int
    question: str | None
    theme: str | None = Field(description="Le nom du thème de la question")
    text: str
    level: int | None = Field(description="Le niveau répondu")
    target: int | None = Field(description="Le niveau visé : le suivant")
    owner: str | None = Field(description="Une fonction, pas un nom")
    due_on: date
    late: bool = Field(description="L'échéance est passée et l'action n'est ni faite ni abandonnée")
    state: ActionState
    state_label: str
    reason: str | None
    changes: list[ActionChangeOut] = Field(description="Du plus ancien au plus récent")
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, action: PlanAction, *, theme: str | None, today: date, allowed_actions: list[str]) -> Self:
        """Write an action of a plan."""
        told = asdict(action)
        del told["assessment_id"]
        return cls(
            **told,
            theme=theme,
            late=is_late(action, today),
            state_label=action.state.label,
            allowed_actions=allowed_actions,
        )


class ProposalOut(Schema):
    """Ce qui pourrait être ajouté au plan, le plus utile d'abord."""

    question: str
    theme: str
    text: str
    level: int
    target: int
    due_on: date


class PlanOut(Schema):
    """Le plan de progrès."""

    assessment_id: UUID
    states: dict[ActionState, int] = Field(description="Combien d'actions en sont où ; tous y sont")
    actions: list[ActionOut]
    proposals: list[ProposalOut] = Field(description="Pour les questions dont le plan ne dit rien")
    allowed_actions: list[str]


class PlanExportParams(Schema):
    """The plan as a file."""

    format: ExportFormat = "csv"
