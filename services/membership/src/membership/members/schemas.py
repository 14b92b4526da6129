"""API shapes of the register."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from stdnum.fr import siren as siren_numbers
from stdnum.fr import siret as siret_numbers

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Schema, Text
from membership.members.domain import ActivityKind, MemberStatus


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
Postcode = Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["31000"])]
Department = Annotated[str, Field(pattern=r"^([0-9]{2}|2[AB]|97[1-8])$", examples=["31"])]


class ActivityOut(Schema):
    """Une activité de la structure."""

    kind: ActivityKind
    label: str
    main: bool


class Standing(Schema):
    """La situation de cotisation, telle que le service des cotisations l'a dite."""

    year: int
    status: str = Field(description="none : pas d'appel ; issued : appelée")
    label: str
    invoice_id: UUID | None = None
    number: str | None = Field(None, examples=["COT-2026-00042"])
    total: str | None = Field(None, examples=["5291.98"])
    issued_on: date | None = None
    due_on: date | None = None


class MemberOut(Schema):
    """Une structure : candidate, puis adhérente."""

    id: UUID
    reference: str = Field(examples=["STR-2026-00012"])
    name: str
    siren: str | None
    siret: str | None
    status: MemberStatus
    status_label: str
    activities: list[ActivityOut]
    delegation: str | None
    department: str | None
    street: str | None
    postcode: str | None
    city: str | None
    joined_on: date | None
    version: int
    standing: Standing | None = Field(description="Absente tant que la structure n'est pas adhérente")
    missing: list[BlockerOut] = Field(description="Ce qui manque au dossier")
    allowed_actions: list[str]


class MemberAmend(Schema):
    """Ce que l'on sait de plus ou mieux ; les champs absents restent ce qu'ils sont."""

    name: Text | None = None
    siren: Siren | None = None
    siret: Siret | None = None
    activities: Annotated[list[ActivityKind], Field(min_length=1, max_length=9)] | None = Field(
        None, description="La première est l'activité principale"
    )
    street: Text | None = None
    postcode: Postcode | None = None
    city: Text | None = None
    department: Department | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named, in the domain's types."""
        named = self.model_dump(exclude_unset=True, exclude_none=True)
        if "activities" in named:
            named["activities"] = tuple(dict.fromkeys(named["activities"]))
        return named


class MemberFilters(Schema):
    """Which structures: the same filters on list, count and export."""

    status: list[MemberStatus] = Field(default_factory=list)
    delegation: list[str] = Field(default_factory=list, max_length=20)
    department: list[str] = Field(default_factory=list, max_length=110)
    kind: list[ActivityKind] = Field(default_factory=list, description="Ayant l'une de ces activités")
    joined_from: date | None = None
    joined_to: date | None = None
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class MemberListParams(PageParams, MemberFilters):
    """Filters, order and page of the list of structures."""


class MemberExportParams(MemberFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class DelegationOut(Schema):
    """Une délégation régionale."""

    code: str
    name: str
    departments: list[str]
