"""API shapes of duplicates."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Schema, Text
from membership.contacts.domain import Seat
from membership.duplicates.domain import CHOOSABLE, FieldName, FormState, PairState, Reason, Side
from membership.members.domain import Member, MemberStatus

Version = Annotated[int, Field(ge=1, description="La version de l'enregistrement que l'on a lue")]


def _choosable(fields: list[FieldName]) -> list[FieldName]:
    for field in fields:
        if field not in CHOOSABLE:
            raise ValueError(f"ce champ ne se choisit pas ({field.label}) : ce que disent les deux est réuni")
    return fields


Taken = Annotated[list[FieldName], Field(max_length=len(CHOOSABLE)), AfterValidator(_choosable)]
_CHOICES = ", ".join(field.value for field in FieldName if field in CHOOSABLE)


Years = Annotated[list[int], Field(max_length=50)]


class MergeChoices(Schema):
    """Ce que l'on choisit d'une réunion."""

    take: Taken | None = Field(
        None,
        description=f"Les champs repris de l'enregistrement qui s'efface, parmi {_CHOICES} ; par défaut, ceux que"
        " l'autre ne dit pas. Les autres champs réunissent ce que disent les deux",
    )
    take_nothing: bool = Field(False, description="N'en reprendre aucun, même par défaut")
    seats: list[Seat] = Field(
        default_factory=list, description="Les sièges pourvus des deux côtés, repris de l'enregistrement qui s'efface"
    )
    declared_by_stays: Years = Field(
        default_factory=list, description="Les années déclarées des deux côtés où vaut celle de qui reste"
    )
    declared_by_goes: Years = Field(
        default_factory=list,
        description="Celles où vaut celle de qui s'efface : elle devient une correction de l'autre",
    )

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if both := sorted(set(self.declared_by_stays) & set(self.declared_by_goes)):
            raise ValueError(f"une seule des deux déclarations vaut ({both[0]})")
        return self

    @property
    def chosen(self) -> list[FieldName] | None:
        """The fields to take; None: those that the rules say."""
        return [] if self.take_nothing else self.take

    @property
    def declared(self) -> dict[int, Side]:
        """Whose declaration of a year was chosen."""
        return {
            **dict.fromkeys(self.declared_by_stays, Side.STAYS),
            **dict.fromkeys(self.declared_by_goes, Side.GOES),
        }


class DuplicateReportIn(Schema):
    """Deux enregistrements qui sont peut-être la même structure, et que rien n'a rapprochés."""

    first_id: UUID
    second_id: UUID


class DuplicateReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class MergePlanParams(MergeChoices):
    """What somebody would choose, to see what it comes to."""

    stays_id: UUID | None = Field(
        None, description="L'enregistrement qui reste ; par défaut l'adhérente, sinon la plus ancienne"
    )


class MergeIn(MergeChoices):
    """Réunir : ce que le plan a montré, avec les versions lues et les mêmes choix."""

    stays_id: UUID
    stays_version: Version
    goes_version: Version
    plan: Annotated[str, Field(min_length=10, max_length=300)] = Field(
        description="L'empreinte du plan que l'on a lu : réunir ne fait que ce qu'il a montré"
    )
    reason: Text = Field(description="Se lit dans l'historique", examples=["Saisie deux fois, à l'import et à la main"])


class DuplicateReason(Schema):
    """Une raison de croire que c'est la même structure."""

    code: Reason
    label: str


class RecordOut(Schema):
    """Un enregistrement du registre."""

    id: UUID
    reference: str
    name: str
    siren: str | None
    siret: str | None
    status: MemberStatus
    status_label: str
    delegation: str | None
    postcode: str | None
    city: str | None
    joined_on: date | None
    version: int

    @classmethod
    def of(cls, member: Member) -> "RecordOut":
        """Write a record as the API shows it."""
        return cls(
            id=member.id,
            reference=member.reference,
            name=member.name,
            siren=member.siren,
            siret=member.siret,
            status=member.status,
            status_label=member.status.label,
            delegation=member.delegation,
            postcode=member.postcode,
            city=member.city,
            joined_on=member.joined_on,
            version=member.version,
        )


class RowsOut(Schema):
    """Ce que d'autres parties du service tiennent de l'enregistrement qui s'efface."""

    table: str
    label: str
    count: int
    why: str | None = Field(description="Pourquoi cela reste à l'enregistrement réuni")


class MergeOut(Schema):
    """La réunion de deux enregistrements."""

    id: UUID
    stays_id: UUID
    goes_id: UUID
    reason: str
    done_at: AwareDatetime
    done_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    undoable_until: date
    undone_at: AwareDatetime | None
    undo_reason: str | None
    carried: list[RowsOut] = Field(description="Ce qui est passé à l'enregistrement qui reste")
    to_follow: list[BlockerOut] = Field(description="Ce que la réunion n'a pas emporté d'elle-même : à suivre")


class DuplicateLine(Schema):
    """Un cas : deux enregistrements qui sont peut-être la même structure."""

    id: UUID
    first: RecordOut
    second: RecordOut
    state: PairState
    state_label: str
    score: int = Field(description="De 0 à 100 : dans quel ordre regarder, jamais une décision")
    reasons: list[DuplicateReason]
    found_at: AwareDatetime
    proposed_at: AwareDatetime | None = Field(description="Une délégation propose de les réunir")
    proposed_by: str | None = Field(description="Identifiant de l'auteur, jamais un nom")
    proposed_reason: str | None
    dismissed_at: AwareDatetime | None
    dismissed_by: str | None
    dismissed_reason: str | None
    version: int
    allowed_actions: list[str]


class DuplicateOut(DuplicateLine):
    """Un cas, avec sa dernière réunion."""

    suggested_stays_id: UUID
    merge: MergeOut | None
    blockers: dict[str, list[BlockerOut]] = Field(description="Ce qui empêche une action que l'on pourrait demander")


class MergeField(Schema):
    """Un champ, tel que chaque enregistrement le dit et tel que la structure l'aura."""

    field: FieldName
    label: str
    of_stays: str | None
    of_goes: str | None
    becomes: str | None
    differs: bool = Field(description="Vrai si les deux disent deux choses")
    choosable: bool = Field(description="Vrai si `take` peut le reprendre de l'enregistrement qui s'efface")
    taken: bool


class MergePerson(Schema):
    """Une personne de l'enregistrement qui s'efface."""

    contact_id: UUID
    name: str
    email: str | None
    same_as: UUID | None = Field(description="Déjà connue de l'autre : même adresse électronique et même nom")


class MergeSeat(Schema):
    """Un siège, et la personne qui l'occupera. Absente : il reste vacant, ou garde la sienne."""

    seat: Seat
    label: str
    of_stays: UUID | None
    of_goes: UUID | None
    becomes: UUID | None


class MergeDeclaration(Schema):
    """Une année dont les deux ont une déclaration."""

    year: int
    of_stays: FormState
    of_goes: FormState
    stands: Side | None = Field(description="Celle qui vaut ; null : à choisir")
    to_choose: bool = Field(description="Vrai si aucune n'est plus avancée que l'autre")


class MergePlan(Schema):
    """Tout ce que la réunion ferait, et tout ce qui est à régler avant."""

    plan: str = Field(description="L'empreinte de ce plan, à redonner pour réunir")

    stays: RecordOut
    goes: RecordOut
    fields: list[MergeField]
    people: list[MergePerson]
    seats: list[MergeSeat]
    declarations: list[MergeDeclaration]
    carried: list[RowsOut] = Field(description="Ce qui passe à l'enregistrement qui reste")
    left: list[RowsOut] = Field(description="Ce qui reste à l'enregistrement réuni")
    blockers: list[BlockerOut] = Field(description="Ce qui est à régler avant")
    to_follow: list[BlockerOut] = Field(description="Ce que la réunion n'emporte pas d'elle-même : à suivre")
    undoable_until: date


class DuplicateListParams(PageParams):
    """Filters of the list of pairs."""

    state: list[PairState] = Field(default_factory=lambda: [PairState.SUSPECTED], description="États")
    reason: list[Reason] = Field(default_factory=list, description="Motifs")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="De l'un des deux")
    member_id: UUID | None = Field(None, description="L'un des deux")
    proposed: bool | None = Field(None, description="Qu'une délégation propose de réunir")
    q: Annotated[
        str | None, Field(min_length=2, max_length=100, description="Dans l'un des noms, sans accents ni casse")
    ] = None


class DuplicateSearchOut(Schema):
    """La recherche est demandée."""

    job_id: UUID


def rows_out(counted: Sequence[tuple[str, str, int, str]]) -> list[RowsOut]:
    """Write counts of rows, those of one label together, leaving out what there is none of."""
    by_label: dict[str, RowsOut] = {}
    for table, label, count, why in counted:
        if count:
            known = by_label.get(label)
            total = count + (known.count if known else 0)
            by_label[label] = RowsOut(table=table, label=label, count=total, why=why or None)
    return list(by_label.values())
