"""API shapes of attendance."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Instant, Quantity, Schema, Text
from training.attendance.domain import Aside, CorrectionReason, Kind, Method, Reason
from training.sessions.domain import SessionStatus
from training.trainers.domain import Half

SigningKey = Annotated[str, Field(min_length=20, max_length=100)]
DeviceName = Annotated[Text, Field(max_length=64)]
Stroke = Annotated[str, Field(max_length=50_000, description="Signature dessinée : PNG de 30 Ko au plus, en base64")]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hours = Annotated[Quantity, Field(max_digits=4, decimal_places=2)]


class MarkIn(Schema):
    """Ce qui est dit d'une personne pour une demi-journée."""

    enrolment_id: UUID
    kind: Kind = Field(description="present, partial ou absent")
    hours: Hours | None = Field(None, description="Heures suivies, d'une présence en partie seulement")
    reason: Reason | None = Field(None, description="D'une absence, ou d'une présence en partie")
    device: DeviceName | None = Field(None, description="L'appareil, comme il se nomme")
    stroke: Stroke | None = None


class CorrectionIn(Schema):
    """Ce qui est, et pourquoi on le corrige. Aucun texte libre : un registre ne s'efface pas."""

    kind: Kind = Field(description="present, partial ou absent")
    hours: Hours | None = Field(None, description="Heures suivies, d'une présence en partie seulement")
    reason: Reason | None = Field(None, description="D'une absence, ou d'une présence en partie")
    correction_reason: CorrectionReason


class ClosingIn(Schema):
    """La signature du formateur. L'équipe dit lequel a signé la feuille."""

    trainer_id: UUID | None = Field(None, description="Saisie d'une feuille papier : qui l'a signée")
    device: DeviceName | None = None
    stroke: Stroke | None = None


class OwnSignatureIn(Schema):
    """Sa propre signature, par son lien."""

    slot_id: UUID
    code: str = Field(min_length=6, max_length=12, description="Le code que dit le formateur")
    device: DeviceName | None = None
    stroke: Stroke | None = None


class IssuedCode(Schema):
    """Un code, montré une fois."""

    enrolment_id: UUID
    name: str | None
    code: str
    expires_at: AwareDatetime


class SentLink(Schema):
    """À qui un lien de signature est parti ; sans adresse, on signe sur l'appareil du formateur."""

    enrolment_id: UUID
    name: str | None
    mailed: bool


class AttendanceMarkOut(Schema):
    """Ce que le registre dit d'une place, pour une demi-journée."""

    enrolment_id: UUID
    name: str | None = Field(description="Montré à l'équipe, au formateur, et à la structure de la personne")
    kind: Kind | None = Field(description="Absent : rien n'est encore signé")
    label: str | None
    hours: Quantity | None
    reason: Reason | None
    reason_label: str | None
    method: Method | None
    number: int | None = Field(description="La ligne du registre")
    at: AwareDatetime | None
    hash: str | None


class AttendanceBesideOut(Schema):
    """Une ligne gardée à côté : elle ne compte pas tant que personne n'a tranché."""

    number: int
    enrolment_id: UUID | None
    kind: Kind
    why: Aside
    why_label: str
    at: AwareDatetime


class HalfDaySheetOut(Schema):
    """Une demi-journée."""

    slot_id: UUID
    day: date
    half: Half
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    hours: Quantity
    opened_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    marks: list[AttendanceMarkOut]
    beside: list[AttendanceBesideOut]
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class HoursFollowedOut(Schema):
    """Ce qu'une personne a suivi."""

    enrolment_id: UUID
    name: str | None
    hours: Quantity
    half_days: int
    last_day: date | None


class SigningRuleOut(Schema):
    """Quand s'ouvre une demi-journée, combien servent un code et un lien ; d'où cela vient."""

    opens_minutes: int = Field(description="Minutes avant le début")
    code_minutes: int
    link_days: int
    status: str = Field(description="`assumed` : un choix de la maison, à confirmer")
    source: str


class AttendanceOut(Schema):
    """L'émargement d'une session."""

    session_id: UUID
    reference: str
    title: str
    status: SessionStatus
    lines: int = Field(description="Les lignes du registre")
    hash: str = Field(description="L'empreinte de la dernière")
    half_days: list[HalfDaySheetOut]
    followed: list[HoursFollowedOut]
    rule: SigningRuleOut
    is_complete: bool = Field(description="Chaque demi-journée est signée par son formateur")


class AttendanceFilters(Schema):
    """Les filtres des présences et absences."""

    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    kind: list[Kind] | None = Field(None, description="Présent, en partie, absent")
    reason: list[Reason] | None = Field(None, description="Le motif ; `unsaid` : à dire")
    session_id: list[UUID] | None = Field(None, description="Une session, ou plusieurs")
    member_id: list[UUID] | None = Field(None, description="Une structure, ou plusieurs")


class AttendanceListParams(AttendanceFilters, PageParams):
    """Les filtres de la liste."""


class AttendanceExportParams(AttendanceFilters):
    """Les filtres d'un export."""

    format: ExportFormat = "csv"


class AttendanceLine(Schema):
    """Une présence ou une absence."""

    session_id: UUID
    session_reference: str
    slot_id: UUID
    day: date
    half: Half
    enrolment_id: UUID
    member_id: UUID | None
    name: str | None
    kind: Kind
    label: str
    hours: Quantity
    reason: Reason | None
    reason_label: str | None
    method: Method
    number: int


class LedgerOut(Schema):
    """Le registre d'une session, tel que le vérificateur public le lit."""

    format: str = "coorace-attendance-1"
    session: UUID
    entries: list[dict[str, Any]] = Field(description="Ce dont l'empreinte est prise, ligne par ligne, et `hash`")
    devices: list[dict[str, str]] = Field(description="Les appareils et leur clé publique")


class SealOut(Schema):
    """Un sceau : rien que des empreintes."""

    number: int
    hash: str
    content: dict[str, Any] = Field(description="Ce dont l'empreinte est prise")


class OwnHalfDay(Schema):
    """Une demi-journée, pour qui la signe."""

    slot_id: UUID
    written: str
    is_open: bool
    signed_at: AwareDatetime | None
    kind: Kind | None


class OwnAttendanceOut(Schema):
    """Ce qu'ouvre un lien de signature."""

    reference: str
    title: str
    half_days: list[OwnHalfDay]


class DeviceIn(Schema):
    """Un appareil à enregistrer, avant de perdre le réseau."""

    trainer_id: UUID | None = Field(None, description="L'équipe dit de quel formateur")
    label: DeviceName
    public_key: Hex = Field(description="Clé publique Ed25519, 32 octets en hexadécimal")


class DeviceOut(Schema):
    """Un appareil enregistré pour une session, et où en est sa chaîne."""

    id: UUID
    trainer_id: UUID
    label: str
    public_key: str
    registered_at: AwareDatetime
    number: int
    hash: str


class DeviceEntryIn(Schema):
    """Une ligne écrite hors ligne."""

    number: int = Field(ge=1, le=100_000)
    previous: Hex
    at: Instant = Field(description="L'heure de l'appareil")
    slot_id: UUID
    kind: Kind
    enrolment_id: UUID | None = None
    hours: Hours | None = None
    reason: Reason | None = None
    stroke: Hex | None = Field(None, description="L'empreinte du dessin")
    signature: str = Field(pattern=r"^[0-9a-f]{128}$", description="Ed25519, 64 octets en hexadécimal")

    @model_validator(mode="after")
    def _hours_in_part(self) -> Self:
        if self.hours is not None and self.kind is not Kind.PARTIAL:
            raise ValueError("des heures ne se disent que d'une présence en partie")
        return self


class DeviceSyncIn(Schema):
    """Ce qu'un appareil a écrit, dans l'ordre ; le renvoyer ne fait rien de plus."""

    clock: Instant = Field(description="L'heure de l'appareil en ce moment : son écart à la nôtre est écrit")
    entries: list[DeviceEntryIn] = Field(min_length=1, max_length=500)


class DeviceSyncOut(Schema):
    """Où en est l'appareil, et ce qui fut gardé à côté."""

    device: DeviceOut
    added: int
    beside: list[AttendanceBesideOut]
