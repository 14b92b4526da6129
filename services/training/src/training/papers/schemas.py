"""API shapes of the papers."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Schema, Text
from training.papers.domain import ClauseUse, Consequence, PaperKind, PaperStatus, SentHow, Term
from training.sessions.schemas import Reason, SessionSlotBody

Kinds = Annotated[list[PaperKind], Field(min_length=1, max_length=6)]


class PaperIssueIn(Schema):
    """Les sortes de papiers à émettre."""

    kinds: Kinds


class SessionChangeIn(Schema):
    """Ce qui change d'une session, et pourquoi. Rien de dit : seuls ses papiers dépassés sont refaits."""

    reason: Reason
    slots: list[SessionSlotBody] | None = Field(
        None, max_length=MOST_SHOWN, description="Ses demi-journées, toutes : dates, salles, formateurs"
    )
    adopt_version: bool = Field(False, description="Suivre la version en vigueur du programme")

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        if self.slots is not None and self.adopt_version:
            raise ValueError("un seul changement à la fois : les demi-journées, ou la version du programme")
        return self


class PaperReason(Schema):
    """Pourquoi."""

    reason: Reason


class PaperSendIn(Schema):
    """Comment le papier parvient à qui il est pour."""

    how: SentHow = SentHow.MAIL


class TermOut(Schema):
    """Une chose que le papier dit."""

    term: Term
    label: str
    lines: list[str]


class DifferenceOut(Schema):
    """Ce que le papier dirait autrement aujourd'hui."""

    term: Term
    label: str
    before: list[str]
    after: list[str]
    text: str = Field(examples=["Dates : du 3 au 4 mars 2027 → du 10 au 11 mars 2027"])
    consequence: Consequence
    consequence_label: str


class PaperLine(Schema):
    """Un papier, dans la liste."""

    id: UUID
    number: str = Field(examples=["CONV-2026-00001"])
    kind: PaperKind
    kind_label: str
    session_id: UUID
    about: UUID = Field(description="Demande, inscription, demi-journée ou session, selon la sorte")
    member_id: UUID | None
    status: PaperStatus
    status_label: str
    issued_at: datetime
    replaces: UUID | None
    replaced_by: UUID | None
    void_reason: str


class ComparedPaper(PaperLine):
    """Un papier, à côté de ce qu'il dirait aujourd'hui."""

    outdated: bool = Field(description="Il est à remplacer, à signer de nouveau, ou n'a plus d'objet")
    consequence: Consequence
    consequence_label: str
    differences: list[DifferenceOut]


class SignedCopyOut(Schema):
    """L'exemplaire signé."""

    filename: str
    size: int
    sha256: str
    signed_on: date
    signatory: str
    sent_at: datetime
    sent_by: str


class PaperOut(ComparedPaper):
    """Un papier : ce qu'il dit, où il en est."""

    terms: list[TermOut]
    sha256: str
    sent_at: datetime | None
    sent_how: SentHow | None
    signed_copy: SignedCopyOut | None
    voided_at: datetime | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class PapersIssuedOut(Schema):
    """Ce qui vient d'être émis."""

    items: list[PaperLine] = Field(max_length=5_000)


class PaperReplacedOut(Schema):
    """Un papier qu'un changement annule : par quoi, ce qui y change, à qui le nouveau va."""

    paper: PaperLine
    consequence: Consequence
    consequence_label: str
    differences: list[DifferenceOut]
    sign_again: bool
    recipient: str | None = Field(description="Adresse à qui le nouveau va ; absente : inconnue, ou papier pour tous")
    replacement: PaperLine | None = Field(description="Absent : il n'a plus d'objet")


class SessionChangedOut(Schema):
    """Ce qu'un changement entraîne. En `dry_run`, ce qu'il entraînerait."""

    session_id: UUID
    version: int
    replaced: list[PaperReplacedOut] = Field(max_length=5_000)
    informed: list[ComparedPaper] = Field(max_length=5_000, description="Toujours valables : le changement se signale")


class PaperFilters(Schema):
    """Which papers: the same filters on list and export."""

    kind: list[PaperKind] = Field(default_factory=list, max_length=6, description="Sortes")
    status: list[PaperStatus] = Field(default_factory=list, max_length=4, description="Où ils en sont")
    session_id: list[UUID] = Field(default_factory=list, max_length=50, description="Sessions")
    member_id: list[UUID] = Field(default_factory=list, max_length=50, description="Structures")


class PaperListParams(PageParams, PaperFilters):
    """Filters, order and page of the papers."""


class PaperExportParams(PaperFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class SessionPaperParams(PageParams):
    """Filters, order and page of the papers of a session."""

    kind: list[PaperKind] = Field(default_factory=list, max_length=6, description="Sortes")
    status: list[PaperStatus] = Field(default_factory=list, max_length=4, description="Où ils en sont")


class MentionOfPaper(Schema):
    """Une chose qu'un papier dit, l'article qui la demande, ce que son changement entraîne."""

    term: Term
    label: str
    article: str
    required: bool
    change: Consequence
    change_label: str


class PaperRuleOut(Schema):
    """Ce qu'une sorte de papier dit."""

    kind: PaperKind
    kind_label: str
    since: date
    status: str = Field(description="published, ou assumed : à confirmer")
    source: str
    mentions: list[MentionOfPaper]


class ClauseOut(Schema):
    """Une clause, mot pour mot."""

    use: ClauseUse
    use_label: str
    text: str
    status: str
    source: str


class PaperRulesOut(Schema):
    """Ce que les papiers disent aujourd'hui, et d'où cela vient."""

    kinds: list[PaperRuleOut]
    changes_status: str
    changes_source: str
    clauses: list[ClauseOut]


Signatory = Annotated[
    Text, Field(max_length=200, description="Fonction de qui a signé, sans son nom", examples=["Direction"])
]
