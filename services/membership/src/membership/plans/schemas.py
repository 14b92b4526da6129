"""API shapes of progress plans, and of the progress from one assessment to the next."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.tabular import ExportFormat
from common.types import Day, Schema, Text
from membership.assessments.domain import SelfAssessment
from membership.assessments.schemas import Code
from membership.banks.domain import Bank
from membership.plans.domain import ActionOrigin, ActionState, Comparison, PlanAction, Progress, is_late


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
    by: str | None = Field(description="Identifiant de l'auteur, jamais un nom ; lu dans la structure seule")
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
    origin: ActionOrigin
    origin_label: str
    late: bool = Field(description="L'échéance est passée et l'action n'est ni faite ni abandonnée")
    state: ActionState
    state_label: str
    reason: str | None
    changes: list[ActionChangeOut] = Field(description="Du plus ancien au plus récent")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]

    @classmethod
    def of(
        cls,
        action: PlanAction,
        *,
        theme: str | None,
        today: date,
        own: bool,
        allowed_actions: list[str],
        blockers: Mapping[str, list[BlockerOut]],
    ) -> Self:
        """Write an action of a plan; who changed it, only inside the structure."""
        told = asdict(action)
        del told["assessment_id"]
        if not own:
            told["changes"] = [{**change, "by": None} for change in told["changes"]]
        return cls(
            **told,
            theme=theme,
            late=is_late(action, today),
            state_label=action.state.label,
            origin_label=action.origin.label,
            allowed_actions=allowed_actions,
            blockers=blockers,
        )


class ProposalOut(Schema):
    """Ce qui pourrait être ajouté au plan, le plus utile d'abord."""

    question: str
    theme: str
    text: str
    level: int | None = Field(description="Le plus bas de la réponse et des relectures rendues")
    target: int | None
    due_on: date
    origin: ActionOrigin
    origin_label: str


class LeftOverOut(Schema):
    """Une action inachevée du plan d'avant, que l'on peut reprendre."""

    id: UUID
    question: str | None
    text: str
    owner: str | None
    due_on: date
    state: ActionState


class CarryOverIn(Schema):
    """Les actions du plan d'avant à reprendre."""

    actions: Annotated[list[UUID], Field(max_length=100)] | None = Field(
        None, description="Absent : toutes celles qui sont inachevées et que le plan n'a pas"
    )
    due_on: Day = Field(description="Leur nouvelle échéance")


class PlanOut(Schema):
    """Le plan de progrès."""

    assessment_id: UUID
    states: dict[ActionState, int] = Field(description="Combien d'actions en sont où ; tous y sont")
    actions: list[ActionOut]
    proposals: list[ProposalOut] = Field(description="Pour les questions dont le plan ne dit rien")
    left_over: list[LeftOverOut] = Field(description="Inachevées dans le plan d'avant, et absentes de celui-ci")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class PlanExportParams(Schema):
    """The plan as a file."""

    format: ExportFormat = "csv"
