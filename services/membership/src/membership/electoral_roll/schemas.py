"""API shapes of the electoral roll."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Instant, LongText, Schema, Text
from membership.electoral_roll.domain import (
    Change,
    ChangeKind,
    Contest,
    ContestStatus,
    Correction,
    CorrectionKind,
    Exclusion,
    Reserve,
    RollLine,
    RollRule,
)


class CollegeOut(Schema):
    """Un collège et le nombre de voix de chaque structure qui en est."""

    code: str
    name: str
    votes: int


class RollRuleOut(Schema):
    """La règle qui dit qui vote."""

    seniority_months: int = Field(description="Mois d'adhésion qu'il faut avoir, de quantième à quantième")
    renewal_required: bool
    dues_required: bool
    older_dues_count: bool = Field(description="La situation d'une année d'avant compte comme celle de l'année")
    excluding_standings: list[str] = Field(
        description="Les situations de cotisation qui excluent ; vide : aucune", examples=[["overdue"]]
    )
    contest_days: int
    colleges: list[CollegeOut]
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str

    @classmethod
    def of(cls, rule: RollRule) -> "RollRuleOut":
        """Write a rule as the API shows it."""
        return cls(
            seniority_months=rule.seniority_months,
            renewal_required=rule.renewal_required,
            dues_required=rule.dues_required,
            older_dues_count=rule.older_dues_count,
            excluding_standings=list(rule.excluding_standings),
            contest_days=rule.contest_days,
            colleges=[CollegeOut(code=one.code, name=one.name, votes=one.votes) for one in rule.colleges],
            status=rule.status,
            source=rule.source,
        )


class ExclusionOut(Schema):
    """Pourquoi une structure ne vote pas."""

    code: Exclusion
    label: str
    message: str = Field(examples=["Adhésion non renouvelée pour 2027 (jamais renouvelée)."])


class RemarkOut(Schema):
    """Ce qu'il faut savoir d'une ligne, et qui n'exclut personne."""

    code: Reserve
    label: str
    message: str


class RollLineOut(Schema):
    """Une structure sur la liste électorale."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    joined_on: date
    college: str | None
    college_name: str | None
    entitled: bool = Field(description="Elle vote")
    votes: int
    reasons: list[ExclusionOut] = Field(description="Toutes les raisons pour lesquelles elle ne vote pas")
    remarks: list[RemarkOut]

    @classmethod
    def of(cls, line: RollLine, colleges: Mapping[str, str]) -> "RollLineOut":
        """Write a line as the API shows it."""
        return cls(
            member_id=line.member_id,
            reference=line.reference,
            name=line.name,
            delegation=line.delegation,
            joined_on=line.joined_on,
            college=line.college,
            college_name=colleges.get(line.college or ""),
            entitled=line.entitled,
            votes=line.votes,
            reasons=[ExclusionOut(code=one.code, label=one.code.label, message=one.message) for one in line.reasons],
            remarks=[RemarkOut(code=one.code, label=one.code.label, message=one.message) for one in line.remarks],
        )


class CollegeCountOut(Schema):
    """Combien de structures d'un collège votent, et avec combien de voix."""

    college: str
    name: str
    entitled: int
    votes: int


class ExclusionCountOut(Schema):
    """Combien de structures une raison exclut ; celle qui en a deux compte dans les deux."""

    code: Exclusion
    label: str
    count: int


class RollCountsOut(Schema):
    """Les comptes d'une liste, dans le périmètre de l'appelant et avec ses filtres."""

    structures: int
    entitled: int
    votes: int
    colleges: list[CollegeCountOut]
    exclusions: list[ExclusionCountOut]


class RollSummary(Schema):
    """La liste d'un jour, en comptes."""

    as_of: date
    rule: RollRuleOut
    counts: RollCountsOut


class RollOut(Schema):
    """Une liste figée."""

    id: UUID
    title: str
    as_of: date
    frozen_at: AwareDatetime
    frozen_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    contest_until: date = Field(description="Dernier jour où une structure peut contester")
    sha256: str = Field(description="Empreinte de la liste telle qu'elle fut figée, corrections exclues")
    replaces: UUID | None = Field(description="La liste qu'elle remplace, et dont elle a repris les corrections")
    replaced_at: AwareDatetime | None = Field(description="Une autre liste de ce jour la remplace")
    corrections: int = Field(description="Corrections décidées ou reprises, dans le périmètre de l'appelant")
    sealed_at: AwareDatetime | None = Field(description="Une assemblée s'est ouverte sur elle : elle ne change plus")
    rule: RollRuleOut
    counts: RollCountsOut
    open_contests: int
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class Moment(Schema):
    """Which day is looked at, and from what was known at which instant."""

    as_of: Day | None = Field(None, description="Le jour de la liste ; aujourd'hui par défaut")
    known_at: Instant | None = Field(
        None,
        description="D'après ce que le registre disait à cet instant ; de la cotisation, ce qui valait ce jour-là",
    )


class RollFilters(Schema):
    """Filters of the structures of a roll."""

    college: Annotated[list[str], Field(max_length=20)] = Field(
        default_factory=list, description="Collèges, par leur code"
    )
    delegation: Annotated[list[str], Field(max_length=20)] = Field(
        default_factory=list, description="Délégations, par leur code"
    )
    entitled: bool | None = Field(None, description="Votent, ou ne votent pas")
    reason: list[Exclusion] = Field(default_factory=list, description="Motifs")
    remark: list[Reserve] = Field(default_factory=list, description="Réserves")
    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class LiveRollParams(Moment, RollFilters):
    """The roll of a day: filters."""


class LiveRollListParams(LiveRollParams, PageParams):
    """The roll of a day: filters and page."""


class LiveRollExportParams(LiveRollParams):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class FrozenRollListParams(RollFilters, PageParams):
    """The lines of a frozen roll: filters and page."""


class FrozenRollExportParams(RollFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class RollIn(Schema):
    """La liste à figer."""

    title: Text = Field(examples=["Assemblée générale ordinaire du 24 juin 2027"])
    as_of: Day
    replaces: UUID | None = Field(
        None,
        description="La liste de ce jour qu'elle remplace, contestations répondues ; ses corrections sont reprises",
    )


class RollListParams(PageParams):
    """The frozen rolls: filters and page."""

    as_of: Day | None = Field(None, description="Celles de ce jour")
    sealed: bool | None = Field(None, description="Une assemblée s'est ouverte sur elle, ou non")
    counting: bool = Field(False, description="Sans celles qu'une autre a remplacées")


class ContestIn(Schema):
    """Ce qu'une structure conteste de sa ligne."""

    reason: LongText = Field(min_length=1, examples=["Notre cotisation a été réglée le 3 mars."])


class ContestOut(Schema):
    """Une contestation et sa réponse."""

    id: UUID
    member_id: UUID
    name: str | None = Field(None, description="La structure, dans une liste de contestations")
    reason: str
    made_at: AwareDatetime
    made_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    status: ContestStatus
    status_label: str
    answer: str | None
    answered_at: AwareDatetime | None
    answered_by: str | None

    @classmethod
    def of(cls, contest: Contest) -> "ContestOut":
        """Write a contest as the API shows it."""
        return cls(**asdict(contest), status_label=contest.status.label)


class ContestListParams(PageParams):
    """The contests of a roll: filters and page."""

    status: list[ContestStatus] = Field(default_factory=list, description="États")


class RejectionIn(Schema):
    """Pourquoi une contestation n'est pas fondée."""

    answer: LongText = Field(min_length=1)


class RollCorrectionIn(Schema):
    """Une décision sur une ligne : combien de voix, dans quel collège, et pourquoi."""

    member_id: UUID
    votes: Annotated[int, Field(ge=0, le=1_000)] = Field(description="0 la retire ; au plus celles de son collège")
    college: Annotated[Text, Field(max_length=50)] | None = Field(None, description="Par défaut, celui de sa ligne")
    reason: Text
    contest_id: UUID | None = Field(None, description="La contestation à laquelle elle donne raison")


class CorrectionOut(Schema):
    """Une décision sur une ligne. La dernière compte."""

    kind: CorrectionKind
    kind_label: str
    college: str | None
    votes: int
    reason: str
    decided_on: date
    decided_at: AwareDatetime
    decided_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    contest_id: UUID | None

    @classmethod
    def of(cls, one: Correction) -> "CorrectionOut":
        """Write a correction as the API shows it."""
        kept = {name: value for name, value in asdict(one).items() if name != "member_id"}
        return cls(**kept, kind_label=one.kind.label)


class RollLineDetail(RollLineOut):
    """Une ligne d'une liste figée : comme elle est, comme elle fut figée, et ce qui s'est passé entre les deux."""

    frozen: RollLineOut
    corrections: list[CorrectionOut]
    contests: list[ContestOut]
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class RollDiffParams(PageParams):
    """What a frozen roll is compared with."""

    against: UUID | None = Field(None, description="Une autre liste figée ; à défaut, la liste d'aujourd'hui")
    kind: list[ChangeKind] = Field(default_factory=list, description="Natures")


class RollChangeOut(Schema):
    """Une structure dont le droit de vote diffère, et pourquoi."""

    member_id: UUID
    name: str
    delegation: str | None
    kind: ChangeKind
    kind_label: str
    why: str
    before: RollLineOut | None
    after: RollLineOut | None

    @classmethod
    def of(cls, change: Change, colleges: Mapping[str, str]) -> "RollChangeOut":
        """Write a difference as the API shows it."""
        return cls(
            member_id=change.line.member_id,
            name=change.line.name,
            delegation=change.line.delegation,
            kind=change.kind,
            kind_label=change.kind.label,
            why=change.why(colleges),
            before=RollLineOut.of(change.before, colleges) if change.before else None,
            after=RollLineOut.of(change.after, colleges) if change.after else None,
        )
