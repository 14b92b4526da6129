"""API shapes of the trainers, of what they may teach and of when they are not there."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field
from stdnum.fr import siret

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from training.programmes.schemas import Code, Price
from training.trainers.domain import CostUnit, Evidence, Half, NotTaught, TrainerKind, UnavailabilityReason


def _siret(value: str) -> str:
    if not siret.is_valid(value):
        raise ValueError("ce SIRET n'est pas valable : quatorze chiffres, dont une clé de contrôle")
    return siret.compact(value)


Siret = Annotated[str, Field(max_length=20, examples=["90000000100017"]), AfterValidator(_siret)]
Nda = Annotated[str, Field(pattern=r"^[0-9]{11}$", examples=["11900000000"])]
DelegationCode = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40, examples=["occitanie"])]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 .]{5,24}$", examples=["01 49 23 70 50"])]
Name = Annotated[Text, Field(max_length=200)]
Query = Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans casse ni accents")]
Theme = Annotated[Text, Field(max_length=40, examples=["support"])]


class ContractorBody(Schema):
    """La structure pour qui un sous-traitant forme, et le contrat qui la lie à l'organisme (indicateur 27)."""

    name: Name = Field(examples=["Coopérative d'essai"])
    siret: Siret
    nda: Nda | None = Field(None, description="Son numéro de déclaration d'activité, si elle en a un")
    subcontract: Text | None = Field(None, description="Référence du contrat de sous-traitance", examples=["ST-2026-4"])


class CostBody(Schema):
    """Ce que coûte le formateur aujourd'hui, hors taxes ; ses frais sont ceux de chaque session."""

    amount: Price
    unit: CostUnit
    note: Annotated[LongText, Field(max_length=1_000)] = ""


class TrainerBody(Schema):
    """Un formateur, en entier."""

    name: Name = Field(examples=["Camille EXEMPLE"])
    kind: TrainerKind
    email: EmailStr | None = Field(None, max_length=200)
    phone: Phone | None = None
    account: Text | None = Field(
        None, description="Sujet de son jeton d'accès : de quoi signer l'émargement ; un compte n'est qu'à un formateur"
    )
    contractor: ContractorBody | None = Field(None, description="D'un sous-traitant, et de lui seul")
    delegations: list[DelegationCode] = Field(
        default_factory=list, max_length=20, description="Délégations où il intervient, par leur code"
    )
    cost: CostBody | None = None


class ErasureIn(Schema):
    """Pourquoi les données d'un formateur s'effacent."""

    reason: Text = Field(description="Sans nommer personne", examples=["Demande de l'intéressé, trois ans après"])


class TrainerLine(Schema):
    """Un formateur, dans la liste."""

    id: UUID
    name: str
    kind: TrainerKind
    kind_label: str
    delegations: list[str]
    email: str | None = Field(description="Montré à l'équipe formation seule")
    phone: str | None = Field(description="De même")
    archived_on: date | None


class TrainerOut(TrainerLine):
    """Un formateur. Le compte et le coût ne sont montrés qu'à l'équipe formation."""

    account: str | None
    contractor: ContractorBody | None
    cost: CostBody | None
    erased_on: date | None
    erasure_reason: str | None
    changed_at: datetime
    changed_by: str
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class TrainerFilters(Schema):
    """Which trainers: the same filters on list and export."""

    q: Query = None
    kind: list[TrainerKind] = Field(default_factory=list, max_length=2, description="Salarié, sous-traitant")
    delegation: list[DelegationCode] = Field(
        default_factory=list, max_length=20, description="Qui intervient dans l'une de ces délégations"
    )
    programme: Code | None = Field(
        None,
        description="Qui peut l'enseigner : une compétence de ce programme, ou de son thème s'il est au catalogue,"
        " valable le jour de `available_on`, sinon aujourd'hui",
    )
    theme: Theme | None = Field(None, description="Qui a une compétence de ce thème, valable le même jour")
    available_on: Day | None = Field(None, description="Sans indisponibilité déclarée ce jour-là")
    half: Half | None = Field(None, description="De ce jour, cette moitié seule ; absente : la journée")
    expiring_before: Day | None = Field(
        None, description="Dont une compétence finit, ou a fini, avant ce jour, sans qu'une autre du même objet dure"
    )
    archived: bool = Field(False, description="true : ceux qui sont archivés ; sinon ceux en activité")


class TrainerListParams(PageParams, TrainerFilters):
    """Filters, order and page of the list of trainers."""


class TrainerExportParams(TrainerFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class CompetenceIn(Schema):
    """Ce qu'un formateur peut enseigner : un programme, ou tous ceux d'un thème ; l'un des deux."""

    trainer_id: UUID
    programme_code: Code | None = None
    theme: Theme | None = None
    evidence: Evidence
    reference: Text = Field(description="Où est la preuve", examples=["Titre professionnel, dossier RH F-12"])
    assessed_on: Day
    assessed_by: Text = Field(description="Une fonction ou un service, jamais un nom", examples=["Responsable RH"])
    valid_until: Day | None = Field(None, description="Dernier jour ; absent : sans fin")


class CompetenceWithdrawalIn(Schema):
    """Pourquoi une compétence n'est plus reconnue."""

    reason: Text = Field(examples=["Habilitation non renouvelée"])


class CompetenceOut(Schema):
    """Ce qu'un formateur peut enseigner, et ce qui le montre. Retirée, elle reste lisible."""

    id: UUID
    trainer_id: UUID
    trainer_name: str
    programme_code: str | None
    theme: str | None
    subject_label: str = Field(description="Le titre du programme, ou le thème")
    evidence: Evidence
    evidence_label: str
    reference: str
    assessed_on: date
    assessed_by: str
    valid_until: date | None
    lacking: NotTaught | None = Field(description="Pourquoi elle ne vaut pas aujourd'hui ; absent : elle vaut")
    lacking_label: str | None
    withdrawn_on: date | None
    withdrawn_by: str | None
    withdrawal_reason: str | None
    recorded_at: datetime
    recorded_by: str
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class CompetenceFilters(Schema):
    """Which competences: the same filters on list and export."""

    trainer_id: list[UUID] = Field(default_factory=list, max_length=100, description="De ces formateurs")
    programme: list[Code] = Field(default_factory=list, max_length=20, description="De ces programmes")
    theme: list[Theme] = Field(default_factory=list, max_length=20, description="De ces thèmes")
    evidence: list[Evidence] = Field(default_factory=list, max_length=4, description="Ce qui la montre")
    valid_on: Day | None = Field(None, description="Qui valait, ou vaudra, ce jour-là")
    expiring_before: Day | None = Field(
        None, description="Qui finit, ou a fini, avant ce jour, sans qu'une autre du même objet dure"
    )
    withdrawn: bool | None = Field(None, description="true : retirées ; false : les autres ; absent : toutes")


class CompetenceListParams(PageParams, CompetenceFilters):
    """Filters, order and page of the list of competences."""


class CompetenceExportParams(CompetenceFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class UnavailabilityIn(Schema):
    """Quand un formateur n'est pas là : de la première demi-journée à la dernière, comprises."""

    trainer_id: UUID
    first_day: Day
    first_half: Half = Half.MORNING
    last_day: Day
    last_half: Half = Half.AFTERNOON
    reason: UnavailabilityReason


class UnavailabilityOut(Schema):
    """Quand un formateur n'est pas là."""

    id: UUID
    trainer_id: UUID
    trainer_name: str
    first_day: date
    first_half: Half
    last_day: date
    last_half: Half
    reason: UnavailabilityReason | None = Field(description="Montrée à l'équipe formation seule")


class UnavailabilityListParams(PageParams):
    """Filters, order and page of the list of unavailabilities."""

    trainer_id: list[UUID] = Field(default_factory=list, max_length=100, description="De ces formateurs")
    day_from: Day | None = Field(None, description="Qui n'est pas finie avant ce jour")
    day_to: Day | None = Field(None, description="Qui a commencé ce jour-là au plus tard")
