"""API shapes of mandates."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Schema, Text
from dues.mandates.domain import MandateAct, MandateKind, MandateState, Party, Scheme, Signature

Iban = Annotated[
    Text, Field(max_length=50, description="Avec ou sans espaces", examples=["FR76 0000 0000 0000 0000 0000 097"])
]
Bic = Annotated[Text, Field(max_length=15, description="Lu dans l'IBAN quand la banque est connue")]
Holder = Annotated[Text, Field(max_length=70, description="Titulaire du compte ; la structure, par défaut")]
BankDay = Annotated[
    Day, Field(description="En B2B : le jour où la banque de la structure a confirmé avoir enregistré le mandat")
]


class MandateIn(Schema):
    """Un mandat à faire signer."""

    member_id: UUID
    kind: MandateKind = MandateKind.RECURRENT
    scheme: Scheme = Scheme.CORE
    debtor_name: Holder | None = None
    iban: Iban
    bic: Bic | None = None
    rum: Annotated[Text, Field(max_length=70)] | None = Field(
        None, description="Par les finances : la référence d'un mandat déjà signé, repris d'un autre outil"
    )


class MandateSigningIn(Schema):
    """Ce qui se lit sur le mandat signé."""

    signed_on: Day
    place: Annotated[Text, Field(max_length=70, examples=["Toulouse"])]
    how: Signature = Signature.PAPER
    bank_confirmed_on: BankDay | None = None
    last_presented_on: Day | None = Field(
        None, description="Pour un mandat repris : le dernier prélèvement présenté par l'outil d'avant"
    )


class MandateAmendmentIn(Schema):
    """Un autre compte à débiter, à partir d'un jour."""

    since: Day
    debtor_name: Holder | None = Field(None, description="Titulaire du compte ; le même, par défaut")
    iban: Iban
    bic: Bic | None = None
    bank_confirmed_on: BankDay | None = None
    reason: Text | None = Field(None, examples=["Changement de banque, courrier de la structure"])


class MandateReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class MandateRevocationIn(Schema):
    """Qui met fin au mandat, et pourquoi."""

    by: Party = Field(Party.DEBTOR, description="D'une structure pour elle-même : toujours elle")
    reason: Text


class MandateAmendmentOut(Schema):
    """Un changement, daté ; le mandat d'avant se lit encore."""

    number: int
    since: date
    debtor_name: str | None
    iban: str | None
    bic: str | None
    creditor_name: str | None
    creditor_ics: str | None
    reason: str | None
    bank_confirmed_on: date | None
    presented_on: date | None = Field(description="Le prélèvement qui l'a dit aux banques ; absent, le prochain")
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class SignedDocumentOut(Schema):
    """Un document signé ; il se télécharge, et ne s'affiche jamais dans le navigateur."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    sent_at: AwareDatetime
    sent_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    counts: bool = Field(description="Vrai pour le dernier envoyé")


class MandateStepOut(Schema):
    """Ce qui a été fait du mandat."""

    act: MandateAct
    act_label: str
    reason: str | None
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class LapseOut(Schema):
    """La règle d'extinction, et d'où elle vient."""

    months: int
    status: str = Field(description="`assumed` : à confirmer")
    source: str


class MandateOut(Schema):
    """Un mandat de prélèvement SEPA, et le compte d'aujourd'hui : entier pour les finances et la structure, masqué pour
    le réseau, absent pour la délégation."""

    id: UUID
    rum: str = Field(examples=["RUM-2026-00042"])
    member_id: UUID
    name: str
    delegation: str | None
    state: MandateState
    state_label: str
    kind: MandateKind
    kind_label: str
    scheme: Scheme
    scheme_label: str
    debtor_name: str | None
    iban: str | None = Field(examples=["FR76 **** **** 097"])
    bic: str | None
    creditor_name: str
    creditor_ics: str
    prepared_on: date
    signed_on: date | None
    signed_document: bool = Field(description="Le document signé est reçu")
    last_presented_on: date | None
    lapses_on: date | None = Field(description="Dernier jour où il se prélève, si rien n'est présenté d'ici là")
    ended_on: date | None
    ended_by: Party | None
    ended_by_label: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class MandateDetail(MandateOut):
    """Un mandat, ce qui en a changé, ses documents et ce qui en a été fait."""

    signed_place: str | None
    signed_how: Signature | None
    signed_how_label: str | None
    bank_confirmed_on: date | None
    lapse: LapseOut
    amendments: list[MandateAmendmentOut]
    documents: list[SignedDocumentOut] = Field(description="Pour les finances et la structure")
    steps: list[MandateStepOut]


class CreditorAdoptionOut(Schema):
    """Le créancier tel qu'il s'appelle aujourd'hui, et combien de mandats l'ont appris."""

    name: str
    ics: str
    changed: int


class MandateFilters(Schema):
    """Which mandates: the same filters on list, count and export."""

    state: list[MandateState] = Field(default_factory=list, max_length=20, description="États")
    kind: list[MandateKind] = Field(default_factory=list, max_length=20, description="Natures")
    scheme: list[Scheme] = Field(default_factory=list, max_length=20, description="Schémas de prélèvement")
    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    lapsing_before: Day | None = Field(None, description="Signés, qui s'éteindraient avant ce jour")
    to_confirm: bool | None = Field(None, description="Le document signé est reçu, la signature reste à confirmer")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans la référence ou le nom")] = None


class MandateListParams(PageParams, MandateFilters):
    """Filters, order and page of the list of mandates."""


class MandateExportParams(MandateFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
