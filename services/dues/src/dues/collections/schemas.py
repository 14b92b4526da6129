"""API shapes of collections."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.sourced import DatumStatus
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from dues.collections.domain import CollectionAct, CollectionLineState, CollectionState, SequenceType
from dues.mandates.domain import Scheme
from dues.receipts.domain import ReturnAction


class CollectionIn(Schema):
    """Une remise à préparer : ce qui est échu ce jour-là, sous les mandats d'un même règlement."""

    collection_on: Day = Field(description="Un jour ouvré TARGET, assez lointain pour prévenir à temps")
    scheme: Scheme = Field(Scheme.CORE, description="Le schéma de prélèvement")


class CollectionReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class SettlementIn(Schema):
    """Le jour où la banque a réglé la remise."""

    settled_on: Day


class CollectionReturnIn(Schema):
    """Un prélèvement revenu."""

    reason: Text = Field(description="Code de motif de la banque", examples=["AM04"])
    returned_on: Day


class CollectedCallOut(Schema):
    """Ce qui est prélevé d'un appel."""

    invoice_id: UUID
    number: str = Field(examples=["COT-2026-00042"])
    amount: Money


class ProposedLineOut(Schema):
    """Un prélèvement qui serait fait."""

    member_id: UUID
    name: str
    delegation: str | None
    calls: list[CollectedCallOut]
    amount: Money
    rum: str
    sequence: SequenceType
    sequence_label: str


class LeftOutOut(Schema):
    """Une somme échue qui ne se prélève pas, et pourquoi."""

    member_id: UUID
    name: str
    delegation: str | None
    calls: list[str]
    amount: Money
    code: str
    message: str


class CollectionPreviewOut(Schema):
    """Ce que la remise prélèverait si on la préparait maintenant."""

    collection_on: date
    scheme: Scheme
    last_notice_on: date = Field(description="Dernier jour pour prévenir")
    last_file_on: date = Field(description="Dernier jour pour remettre le fichier à la banque")
    count: int
    total: Money
    lines: list[ProposedLineOut]
    left_out: list[LeftOutOut]


class StateSumOut(Schema):
    """Combien de prélèvements en sont là, et leur somme."""

    state: CollectionLineState
    state_label: str
    count: int
    total: Money


class CollectionStepOut(Schema):
    """Ce qui a été fait de la remise."""

    act: CollectionAct
    act_label: str
    reason: str | None
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class CollectionOut(Schema):
    """Une remise de prélèvements."""

    id: UUID
    reference: str = Field(examples=["PRV-2026-00007"])
    collection_on: date
    scheme: Scheme
    scheme_label: str
    state: CollectionState
    state_label: str
    last_notice_on: date
    last_file_on: date
    count: int = Field(description="Sans ceux qui en ont été retirés")
    total: Money = Field(description="Sans ceux qui en ont été retirés")
    by_state: list[StateSumOut]
    left_out_count: int
    filed_on: date | None
    settled_on: date | None
    job_id: UUID | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class CollectionDetail(CollectionOut):
    """Une remise, ce qu'elle a laissé de côté, ce qui en a été fait."""

    left_out: list[LeftOutOut]
    steps: list[CollectionStepOut]


class CollectionLineOut(Schema):
    """Un prélèvement. Le compte est entier pour les finances et la structure, masqué pour le réseau, absent sinon."""

    id: UUID
    run_id: UUID
    run_reference: str
    end_to_end: str = Field(description="Ce que la banque en redit", examples=["PRV-2026-00007-00042"])
    collection_on: date
    member_id: UUID
    member_name: str
    delegation: str | None
    calls: list[CollectedCallOut]
    amount: Money
    rum: str
    sequence: SequenceType
    sequence_label: str
    debtor_name: str | None
    iban: str | None = Field(examples=["FR76 **** **** 097"])
    state: CollectionLineState
    state_label: str
    notified_on: date | None
    withdrawn: BlockerOut | None
    receipt_id: UUID | None
    receipt_number: str | None
    returned_on: date | None
    return_reason: str | None
    return_action: ReturnAction | None
    return_action_label: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class RuleOut(Schema):
    """Un chiffre daté, son état et sa source."""

    value: str
    status: DatumStatus
    source: str
    note: str


class AfterReturnOut(Schema):
    """Ce que les prélèvements font d'un retour."""

    action: ReturnAction
    action_label: str
    suspends: bool = Field(description="Le mandat est suspendu, jusqu'à ce que quelqu'un le reprenne")
    other_mandate: bool = Field(description="La somme ne se prélève de nouveau que sous un autre mandat")


class CollectionRulesOut(Schema):
    """Les règles d'un jour de prélèvement ; `assumed` : à confirmer."""

    since: date
    notice_days: RuleOut
    submission_days: RuleOut
    first_sequence: RuleOut
    most_presentations: RuleOut
    after_return_status: DatumStatus
    after_return_source: str
    after_return_note: str
    after_return: list[AfterReturnOut]


class CollectionFilters(Schema):
    """Which runs."""

    state: list[CollectionState] = Field(default_factory=list, max_length=20, description="États")
    scheme: list[Scheme] = Field(default_factory=list, max_length=5, description="Schémas de prélèvement")
    collection_from: Day | None = Field(None, description="À partir de ce jour")
    collection_to: Day | None = Field(None, description="Jusqu'à ce jour compris")


class CollectionListParams(PageParams, CollectionFilters):
    """Filters, order and page of the list of runs."""


class CollectionLineFilters(Schema):
    """Which collections: the same filters on list, count and export."""

    run_id: list[UUID] = Field(default_factory=list, max_length=50, description="Exécutions")
    state: list[CollectionLineState] = Field(default_factory=list, max_length=20, description="États")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, la référence ou la RUM")] = (
        None
    )


class CollectionLineListParams(PageParams, CollectionLineFilters):
    """Filters, order and page of the list of collections."""


class CollectionLineExportParams(CollectionLineFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
