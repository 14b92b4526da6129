"""API shapes of declarations: the questionnaire, a structure's form and its revisions, a campaign's opening."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.types import Day, Quantity, Schema, Text
from membership.declarations.domain import (
    CampaignStatus,
    Change,
    Check,
    CheckKind,
    CheckSeverity,
    DeclarationState,
    Draft,
    Figure,
    Finding,
    Place,
    Question,
    Questionnaire,
    QuestionScope,
    Revision,
    Unit,
    decimals,
    name_place,
)
from membership.members.domain import ActivityKind

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["turnover"])]
Year = Annotated[int, Field(ge=2000, le=2100, description="Année des comptes")]


class SectionOut(Schema):
    """Une partie du formulaire."""

    code: str
    label: str


class QuestionOut(Schema):
    """Une question : un chiffre à donner."""

    code: str
    label: str
    help: str
    section: str
    unit: Unit
    unit_label: str
    decimals: int = Field(description="Décimales admises")
    scope: QuestionScope
    kinds: list[ActivityKind] = Field(description="Activités dont il est demandé ; vide : toutes")
    required: bool

    @classmethod
    def of(cls, question: Question) -> "QuestionOut":
        """Write a question as the API shows it."""
        return cls(
            code=question.code,
            label=question.label,
            help=question.help,
            section=question.section,
            unit=question.unit,
            unit_label=question.unit.label,
            decimals=decimals(question.unit),
            scope=question.scope,
            kinds=[kind for kind in ActivityKind if kind in question.kinds],
            required=question.required,
        )


class CheckOut(Schema):
    """Un contrôle : la somme de `parts` comparée à un total, à des bornes ou à l'an dernier."""

    code: str
    kind: CheckKind
    severity: CheckSeverity
    explanation: str
    parts: list[str] = Field(description="Codes des questions additionnées")
    total_of: str | None = Field(description="Code de la question qui est le total")
    total: Quantity | None = Field(description="Le total, quand c'est un nombre")
    low: Quantity | None
    high: Quantity | None
    percent: Quantity | None = Field(description="Écart admis avec l'an dernier, en pour cent")
    floor: Quantity | None = Field(description="Écart au-dessous duquel rien n'est demandé")
    tolerance: Quantity

    @classmethod
    def of(cls, check: Check) -> "CheckOut":
        """Write a check as the API shows it."""
        bounded, compared = check.kind is CheckKind.BETWEEN, check.kind is CheckKind.CHANGED_MORE_THAN
        return cls(
            code=check.code,
            kind=check.kind,
            severity=check.severity,
            explanation=check.explanation,
            parts=list(check.parts),
            total_of=check.total if isinstance(check.total, str) else None,
            total=check.total if isinstance(check.total, Decimal) else None,
            low=check.low if bounded else None,
            high=check.high if bounded else None,
            percent=check.percent if compared else None,
            floor=check.floor if compared else None,
            tolerance=check.tolerance,
        )


class QuestionnaireOut(Schema):
    """Une version du questionnaire : de quoi construire le formulaire."""

    version: str
    year: int = Field(description="Année de comptes pour laquelle elle est écrite")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
    sections: list[SectionOut]
    questions: list[QuestionOut]
    checks: list[CheckOut]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> "QuestionnaireOut":
        """Write a questionnaire as the API shows it; sections of which nothing is asked are left out."""
        used = {question.section for question in questionnaire.questions}
        return cls(
            version=questionnaire.version,
            year=questionnaire.year,
            status=questionnaire.status,
            source=questionnaire.source,
            sections=[SectionOut(code=one.code, label=one.label) for one in questionnaire.sections if one.code in used],
            questions=[QuestionOut.of(question) for question in questionnaire.questions],
            checks=[CheckOut.of(check) for check in questionnaire.checks],
        )


class QuestionnaireParams(Schema):
    """Of whom the questions are wanted."""

    kind: list[ActivityKind] = Field(
        default_factory=list, max_length=9, description="Ce qui est demandé de ces activités ; par défaut, de toutes"
    )


class FigureIn(Schema):
    """Un chiffre donné."""

    code: Code
    activity: ActivityKind | None = Field(None, description="Pour une question posée par activité")
    value: Annotated[Quantity, Field(le=Decimal("1e11"))]
    unit: Unit | None = Field(None, description="Si elle est dite, refusée quand ce n'est pas celle de la question")

    @property
    def figure(self) -> Figure:
        """The figure in the domain's words."""
        return Figure(Place(self.code, self.activity), self.value, self.unit)


class CommentIn(Schema):
    """Ce que la structure dit d'un contrôle à commenter. Rien d'une personne."""

    check: Code
    activity: ActivityKind | None = None
    comment: Text


class DraftIn(Schema):
    """Tout ce qui est saisi jusqu'ici, complet ou non : il prend la place de la saisie précédente."""

    figures: list[FigureIn] = Field(max_length=500)
    comments: list[CommentIn] = Field(default_factory=list, max_length=200)


class CorrectionIn(Schema):
    """Pourquoi la déclaration est corrigée."""

    reason: Text


class PreviousOut(Schema):
    """Ce qui avait été déclaré l'an dernier à la même question ; repris dans la saisie si la structure le demande."""

    value: Quantity
    year: int
    revision: int


class FigureOut(Schema):
    """Un chiffre du formulaire."""

    code: str
    activity: ActivityKind | None
    label: str
    unit: Unit
    required: bool
    value: Quantity | None = Field(
        description="Saisie en cours, sinon ce qui est déclaré ; pour qui ne fait que lire, toujours ce qui est déclaré"
    )
    declared: Quantity | None = Field(description="Ce qui est déclaré, tel que dernièrement corrigé")
    previous: PreviousOut | None
    carried_over: bool = Field(description="Repris de l'an dernier, et inchangé depuis : à vérifier")


class FigureRef(Schema):
    """Quel chiffre."""

    code: str
    activity: ActivityKind | None

    @classmethod
    def of(cls, place: Place) -> "FigureRef":
        """Name a figure as the API does."""
        return cls(code=place.code, activity=place.activity)


class DeclarationFindingOut(Schema):
    """Un point à corriger ou à commenter."""

    code: str = Field(description="missing, not_asked, carried_over, ou le code d'un contrôle")
    activity: ActivityKind | None
    severity: CheckSeverity
    severity_label: str
    message: str = Field(description="La phrase à montrer, avec les chiffres comparés")
    figures: list[FigureRef]
    comment: str | None
    settled: bool = Field(description="Vrai pour un point à commenter qui l'est")

    @classmethod
    def of(cls, finding: Finding) -> "DeclarationFindingOut":
        """Write a finding as the API shows it."""
        return cls(
            code=finding.code,
            activity=finding.activity,
            severity=finding.severity,
            severity_label=finding.severity.label,
            message=finding.message,
            figures=[FigureRef.of(place) for place in finding.places],
            comment=finding.comment,
            settled=finding.is_settled,
        )


class FigureChangeOut(Schema):
    """Un chiffre corrigé : de quelle valeur à quelle valeur."""

    code: str
    activity: ActivityKind | None
    label: str
    before: Quantity | None
    after: Quantity | None

    @classmethod
    def of(cls, change: Change, questionnaire: Questionnaire) -> "FigureChangeOut":
        """Write a change as the API shows it."""
        return cls(
            code=change.place.code,
            activity=change.place.activity,
            label=name_place(change.place, questionnaire.by_code[change.place.code]),
            before=change.before,
            after=change.after,
        )


class ExplainedOut(Schema):
    """Un contrôle tel qu'il se lisait, et ce que la structure en a dit."""

    code: str
    activity: ActivityKind | None
    message: str
    comment: str


class RevisionOut(Schema):
    """Ce qui a été déclaré, ou corrigé ; rien ne le change plus."""

    number: int = Field(description="1 : la déclaration ; ensuite, les corrections")
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    reason: str | None
    total_operating_income: Quantity
    changes: list[FigureChangeOut] = Field(description="Vide pour la première")
    explained: list[ExplainedOut]

    @classmethod
    def of(cls, revision: Revision, differing: Sequence[Change], questionnaire: Questionnaire) -> "RevisionOut":
        """Write a revision as the API shows it."""
        return cls(
            number=revision.number,
            recorded_at=revision.recorded_at,
            recorded_by=revision.recorded_by,
            reason=revision.reason,
            total_operating_income=revision.base_of_dues,
            changes=[FigureChangeOut.of(change, questionnaire) for change in differing],
            explained=[ExplainedOut.model_validate(one) for one in revision.explained],
        )


class DeclaredFigureOut(Schema):
    """Un chiffre d'une révision."""

    code: str
    activity: ActivityKind | None
    label: str
    unit: Unit
    value: Quantity

    @classmethod
    def of(cls, place: Place, question: Question, value: Decimal) -> "DeclaredFigureOut":
        """Write a declared figure as the API shows it."""
        return cls(
            code=place.code,
            activity=place.activity,
            label=name_place(place, question),
            unit=question.unit,
            value=value,
        )


class DeclaredOut(RevisionOut):
    """Une révision entière : ce qu'elle déclare, et ce qu'elle change à la précédente."""

    member_id: UUID
    year: int
    questionnaire: str
    figures: list[DeclaredFigureOut] = Field(description="Dans l'ordre du formulaire")


class DraftOut(Schema):
    """La saisie en cours."""

    saved_at: AwareDatetime
    saved_by: str

    @classmethod
    def of(cls, draft: Draft) -> "DraftOut":
        """Write a draft as the API shows it."""
        return cls(saved_at=draft.saved_at, saved_by=draft.saved_by)


class CommentOut(Schema):
    """Un commentaire de la saisie en cours."""

    check: str
    activity: ActivityKind | None
    comment: str


class DeclarationOut(Schema):
    """La déclaration d'une structure pour une année de comptes, commencée ou non."""

    id: UUID | None = Field(description="Absent tant que rien n'est saisi")
    member_id: UUID
    name: str
    delegation: str | None
    year: int
    questionnaire: str = Field(description="Version du questionnaire")
    campaign_status: CampaignStatus
    closes_on: date = Field(description="Dernier jour dans les délais ; après, elle est reçue et marquée tardive")
    state: DeclarationState
    state_label: str
    late: bool
    exemption_reason: str | None
    activities: list[ActivityKind] = Field(description="Exercées dans l'année, d'après le registre")
    figures: list[FigureOut] = Field(description="Tout ce qui est demandé, dans l'ordre du formulaire")
    comments: list[CommentOut]
    findings: list[DeclarationFindingOut] = Field(
        description="Tout ce qui reste à corriger ou à commenter dans la saisie"
    )
    draft: DraftOut | None
    revisions: list[RevisionOut]
    version: int = Field(description="0 tant que rien n'est saisi")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Pourquoi une action n'est pas possible maintenant")


class CampaignIn(Schema):
    """Ouvrir la déclaration d'une année de comptes."""

    year: Year
    questionnaire: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]+)?$")] | None = Field(
        None, description="Par défaut, la version écrite pour cette année"
    )
    closes_on: Day = Field(description="Dernier jour pour déclarer dans les délais")


class ExtensionIn(Schema):
    """Donner plus de temps à toutes."""

    closes_on: Day
    reason: Text
