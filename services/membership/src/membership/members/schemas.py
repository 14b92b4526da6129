"""API shapes of the register."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator
from stdnum.fr import siren as siren_numbers
from stdnum.fr import siret as siret_numbers

from common.blockers import BlockerOut, blockers_out
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Instant, Money, Schema, Text
from membership.members.domain import (
    ActivityKind,
    Convention,
    Correspondence,
    DepartureCause,
    Entry,
    Member,
    MemberCategory,
    MemberStatus,
    Purpose,
    StandingCode,
    Topic,
    Value,
    YearOfDues,
    missing_for_admission,
)
from membership.territory.schemas import Department, Postcode


def _siren(value: str) -> str:
    if not siren_numbers.is_valid(value):
        raise ValueError("ce SIREN n'est pas valable : neuf chiffres, dont une clé de contrôle")
    return siren_numbers.compact(value)


def _siret(value: str) -> str:
    if not siret_numbers.is_valid(value):
        raise ValueError("ce SIRET n'est pas valable : quatorze chiffres, dont une clé de contrôle")
    return siret_numbers.compact(value)


Siren = Annotated[str, Field(max_length=20, examples=["900000001"]), AfterValidator(_siren)]
Siret = Annotated[str, Field(max_length=20), AfterValidator(_siret)]


class ActivityOut(Schema):
    """Une activité de la structure."""

    kind: ActivityKind
    label: str
    main: bool
    convention: str | None = Field(None, description="Numéro de la convention avec l'État")
    convention_ends_on: date | None = None


class CorrespondenceAddressIn(Schema):
    """Où écrire. Un service ou un bureau, jamais le nom d'une personne."""

    attention: Text | None = Field(None, examples=["Service comptabilité"])
    street: Text
    postcode: Postcode
    city: Text


class CorrespondenceAddressOut(Schema):
    """Où l'on écrit."""

    attention: str | None
    street: str
    postcode: str
    city: str


class CorrespondenceOut(Schema):
    """L'adresse où vont les courriers d'un même objet."""

    purpose: Purpose
    label: str
    address: CorrespondenceAddressOut


class EntryOut(Schema):
    """Une inscription au registre : ce qui vaut à partir d'un jour, qui l'a inscrit, quand et pourquoi."""

    id: UUID
    topic: Topic
    topic_label: str
    key: str = Field(description="Lequel, quand l'objet est multiple : l'activité, le groupe, l'objet du courrier")
    effective_on: date
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    value: dict[str, Any] | None = Field(description="Absente quand l'objet prend fin ce jour-là")
    withdraws: UUID | None = Field(description="L'inscription que celle-ci retire : elle n'a jamais été vraie")
    withdrawn: bool = Field(description="Vrai si une autre l'a retirée")
    counts: bool = Field(description="Faux si une plus récente a pris sa place pour ce jour-là, ou l'a retirée")
    reason: str | None
    source: str | None = Field(description="D'où elle vient : une séance, un import, un courrier, une restructuration")
    allowed_actions: list[str]

    @classmethod
    def of(
        cls, entry: Entry, *, counts: bool = True, withdrawn: bool = False, allowed_actions: Sequence[str] = ()
    ) -> "EntryOut":
        """Write an entry as the API shows it."""
        return cls(
            id=entry.id,
            topic=entry.subject.topic,
            topic_label=entry.subject.topic.label,
            key=entry.subject.key,
            effective_on=entry.effective_on,
            recorded_at=entry.recorded_at,
            recorded_by=entry.recorded_by,
            value=_shown(entry.value) if entry.value is not None else None,
            withdraws=entry.withdraws,
            withdrawn=withdrawn,
            counts=counts,
            reason=entry.reason,
            source=entry.source,
            allowed_actions=list(allowed_actions),
        )


class Standing(Schema):
    """La situation de cotisation d'une année, telle que le service des cotisations l'a dite."""

    year: int
    standing: str = Field(description="up_to_date, grace, overdue, plan, exempt, not_called, unknown, puis d'autres")
    label: str = Field(examples=["cotisation 2026 : délai jusqu'au 16 mars 2026"])
    since: date | None = Field(None, description="Depuis quel jour elle en est là")
    until: date | None = Field(None, description="Le dernier jour où c'est vrai si rien ne se passe")
    called: Money = Field(description="Ce que demandent les appels de l'année, avoirs déduits")
    paid: Money
    owed: Money
    status: str = Field("none", description="none : pas d'appel ; sinon l'état du dernier, comme ce qui suit")
    invoice_id: UUID | None = None
    number: str | None = Field(None, examples=["COT-2026-00042"])
    total: Money | None = None
    issued_on: date | None = None
    due_on: date | None = None

    @classmethod
    def of(cls, dues: YearOfDues) -> "Standing":
        """Write what dues told of a year."""
        shown = {name: getattr(dues, name) for name in ("year", "until", "called", "paid", "owed")}
        if dues.calls:
            names = ("status", "number", "total", "issued_on", "due_on")
            shown |= {name: getattr(dues.calls[-1], name) for name in names} | {"invoice_id": dues.calls[-1].id}
        shown |= {"since": dues.told.since} if dues.told else {}
        return cls(standing=dues.code, label=f"cotisation {dues.year} : {dues.label}", **shown)


def _shown(value: Value) -> dict[str, Any]:
    """Leave out what is kept for searching only."""
    return {name: item for name, item in value.items() if name != "normalized"}


_IDENTITY = ("id", "reference", "name", "siren", "siret", "status", "category", "joined_on", "version")
_PLACE = ("delegation", "department", "street", "postcode", "city")


class MemberOut(Schema):
    """Une structure : candidate, adhérente, puis peut-être sortie."""

    id: UUID
    reference: str = Field(examples=["STR-2026-00012"])
    name: str
    siren: str | None
    siret: str | None
    status: MemberStatus
    status_label: str
    category: MemberCategory
    category_label: str
    activities: list[ActivityOut]
    delegation: str | None
    delegation_imposed: bool = Field(description="Vrai si elle ne suit pas l'adresse")
    groups: list[UUID] = Field(description="Les groupes (GES) dont elle fait partie")
    department: str | None
    street: str | None
    postcode: str | None
    city: str | None
    correspondence: list[CorrespondenceOut] = Field(description="Les courriers qui ne vont pas à son adresse")
    joined_on: date | None
    renewed_years: list[int] = Field(
        description="Les années pour lesquelles l'adhésion est renouvelée ; celle où elle adhère n'a pas à l'être"
    )
    left_on: date | None = Field(description="Premier jour où elle n'est plus adhérente")
    departure_cause: DepartureCause | None
    departure_label: str | None
    successor_id: UUID | None = Field(description="La structure qui l'a absorbée")
    version: int
    standing: Standing | None = Field(description="Absente tant que la structure n'est pas adhérente")
    missing: list[BlockerOut] = Field(description="Ce qui manque au dossier")
    upcoming: list[EntryOut] = Field(description="Ce qui est déjà inscrit pour un jour à venir")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]

    @classmethod
    def of(
        cls,
        member: Member,
        *,
        standing: Standing | None = None,
        upcoming: Sequence[Entry] = (),
        acts: tuple[Sequence[str], Mapping[str, list[BlockerOut]]] = ((), {}),
    ) -> "MemberOut":
        """Write a structure as the API shows it."""
        return cls(
            **{name: getattr(member, name) for name in (*_IDENTITY, *_PLACE)},
            status_label=member.status.label,
            category_label=member.category.label,
            activities=_activities(member),
            delegation_imposed=member.imposed_delegation is not None,
            groups=sorted(member.groups),
            correspondence=[
                CorrespondenceOut(
                    purpose=purpose, label=purpose.label, address=CorrespondenceAddressOut(**asdict(address))
                )
                for purpose, address in sorted(member.correspondence.items())
            ],
            renewed_years=list(member.renewed_years),
            left_on=member.departure.left_on if member.departure else None,
            departure_cause=member.departure.cause if member.departure else None,
            departure_label=member.departure.cause.label if member.departure else None,
            successor_id=member.departure.successor if member.departure else None,
            standing=standing,
            missing=blockers_out(missing_for_admission(member)),
            upcoming=[EntryOut.of(entry) for entry in upcoming],
            allowed_actions=list(acts[0]),
            blockers=dict(acts[1]),
        )


def _activities(member: Member) -> list[ActivityOut]:
    written = []
    for kind in member.activities:
        convention = member.conventions.get(kind)
        written.append(
            ActivityOut(
                kind=kind,
                label=kind.label,
                main=kind is member.main_activity,
                convention=convention.number if convention else None,
                convention_ends_on=convention.ends_on if convention else None,
            )
        )
    return written


class Then(Schema):
    """A day and an instant: what was true, and what was known."""

    as_of: date | None = Field(None, description="Ce qui était vrai ce jour-là ; aujourd'hui par défaut")
    known_at: Instant | None = Field(None, description="Ce que l'on savait à cet instant ; maintenant par défaut")


NOW = Then(as_of=None, known_at=None)


class Dated(Schema):
    """What every change may say of itself."""

    effective_on: date | None = Field(None, description="Vaut à partir de ce jour ; aujourd'hui par défaut")
    reason: Text | None = Field(None, description="Pourquoi ; se lit dans l'historique")


class MemberAmend(Dated):
    """Ce que l'on sait de plus ou mieux ; les champs absents restent ce qu'ils sont."""

    name: Text | None = None
    siren: Siren | None = None
    siret: Siret | None = None
    category: MemberCategory | None = None
    activities: Annotated[list[ActivityKind], Field(min_length=1, max_length=9)] | None = Field(
        None, description="La première est l'activité principale"
    )
    street: Text | None = None
    postcode: Postcode | None = None
    city: Text | None = None
    department: Department | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named, in the domain's types."""
        named = self.model_dump(exclude_unset=True, exclude_none=True, exclude={"effective_on", "reason"})
        if "activities" in named:
            named["activities"] = tuple(dict.fromkeys(named["activities"]))
        return named


class ActivityEntryIn(Dated):
    """Une activité commence, change de convention ou de rang, ou prend fin."""

    topic: Literal["activity"]
    kind: ActivityKind
    ended: bool = False
    main: bool = Field(False, description="Devient l'activité principale")
    convention: Text | None = Field(None, description="Numéro de la convention avec l'État ; null : elle n'en a plus")
    convention_ends_on: date | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "ActivityEntryIn":
        if self.convention_ends_on and not self.convention:
            raise ValueError("la fin d'une convention se donne avec son numéro")
        if self.ended and (self.main or self.convention):
            raise ValueError("une activité qui prend fin n'a ni rang ni convention")
        return self

    @property
    def names_convention(self) -> bool:
        """Whether the caller said something of the convention; else it stays what it is."""
        return "convention" in self.model_fields_set

    @property
    def agreement(self) -> Convention | None:
        """The convention in the domain's words."""
        return Convention(self.convention, self.convention_ends_on) if self.convention else None


class DelegationEntryIn(Dated):
    """La structure est rattachée à une délégation qui n'est pas celle de son adresse, ou ne l'est plus."""

    topic: Literal["delegation"]
    code: Text | None = Field(description="null : de nouveau celle de l'adresse", examples=["idf"])
    reason: Text = Field(description="Pourquoi elle ne suit pas l'adresse")


class GroupEntryIn(Dated):
    """La structure entre dans un groupe économique solidaire (GES), ou en sort."""

    topic: Literal["group"]
    group_id: UUID = Field(description="La structure du registre qui est le groupe")
    ended: bool = False


class CorrespondenceEntryIn(Dated):
    """Les courriers d'un même objet vont à une autre adresse que celle de la structure, ou y reviennent."""

    topic: Literal["correspondence"]
    purpose: Purpose
    address: CorrespondenceAddressIn | None = Field(description="null : de nouveau celle de la structure")

    @property
    def written(self) -> Correspondence | None:
        """The address in the domain's words."""
        return Correspondence(**self.address.model_dump()) if self.address else None


EntryIn = Annotated[
    ActivityEntryIn | DelegationEntryIn | GroupEntryIn | CorrespondenceEntryIn, Field(discriminator="topic")
]


class WithdrawalIn(Schema):
    """Retirer une inscription qui n'a jamais été vraie."""

    reason: Text


class MemberFilters(Schema):
    """Which structures: the same filters on list, count and export."""

    status: list[MemberStatus] = Field(default_factory=list, description="États")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    department: list[str] = Field(default_factory=list, max_length=110, description="Départements, par leur numéro")
    kind: list[ActivityKind] = Field(default_factory=list, description="Ayant l'une de ces activités")
    category: list[MemberCategory] = Field(default_factory=list, description="Qualités de membre")
    group: list[UUID] = Field(default_factory=list, max_length=20, description="Faisant partie de l'un de ces groupes")
    joined_from: date | None = Field(None, description="À partir de ce jour")
    joined_to: date | None = Field(None, description="Jusqu'à ce jour compris")
    left_from: date | None = Field(None, description="Sorties depuis ce jour")
    left_to: date | None = Field(None, description="Jusqu'à ce jour compris")
    called: int | None = Field(None, ge=2000, le=2100, description="Appelées pour la cotisation de cette année")
    not_called: int | None = Field(None, ge=2000, le=2100, description="Non appelées pour celle de cette année")
    standing: list[StandingCode] = Field(default_factory=list, description="Où en est la cotisation de l'année")
    standing_year: int | None = Field(None, ge=2000, le=2100, description="De quelle année ; celle en cours par défaut")
    billing_contact: bool | None = Field(None, description="Dont une personne répond des factures, ou dont aucune")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class MemberListParams(PageParams, MemberFilters, Then):
    """Filters, order and page of the list of structures, as of a day."""


class EntryListParams(PageParams):
    """Filters of the register's entries of one structure."""

    topic: list[Topic] = Field(default_factory=list, description="Sujets")


class MemberExportParams(MemberFilters, Then):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
