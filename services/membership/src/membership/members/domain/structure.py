"""What a structure is: who it is, where it stands in the federation, and what a file must hold before a sitting."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.members.domain.activities import ActivityKind, Convention
from membership.territory.domain import Territory

_RANKS = {kind: rank for rank, kind in enumerate(ActivityKind)}


class MemberStatus(Labelled):
    """Where a structure stands in the federation."""

    CANDIDATE = "candidate", "candidate"
    ACTIVE = "active", "adhérente"
    SUSPENDED = "suspended", "suspendue"
    LEFT = "left", "sortie"


class MemberNotFound(NotFound):
    """No such structure within reach."""

    code = "member_not_found"


class MemberMerged(MemberNotFound):
    """The record was a duplicate: its structure is read under ``into_id``."""

    code = "merged_into"


class MemberRetracted(MemberNotFound):
    """The record was entered by an import that was undone: there is no such structure."""

    code = "member_retracted"


class SirenTaken(Conflict):
    """Two structures cannot have one SIREN: it names the legal entity."""

    code = "siren_taken"


class SiretOfAnotherSiren(Invalid):
    """A SIRET names an establishment of one legal entity: it begins with that entity's SIREN."""

    code = "siret_of_another_siren"


class DelegationUnknown(Invalid):
    """No regional delegation has this code."""

    code = "delegation_unknown"


class ActivityNotHeld(Conflict):
    """An activity that is not held cannot end."""

    code = "activity_not_held"


class LastActivity(Conflict):
    """Dues, college and statistics follow a structure's activities: it always has one."""

    code = "last_activity"


class NotAGroup(Invalid):
    """A group is a structure of the register that is a GES, and another one than the structure itself."""

    code = "not_a_group"


class NotInGroup(Conflict):
    """Only a part of a group can leave it."""

    code = "not_in_group"


class FileIncomplete(Conflict):
    """A structure is admitted on a complete file."""

    code = "file_incomplete"


class MemberCategory(Labelled):
    """How a structure belongs: both owe the fixed part of the dues (assembly of 27 June 2024, RA 2024)."""

    ACTIVE = "active", "membre actif"
    ASSOCIATE = "associate", "membre associé"


class Purpose(Labelled):
    """What a letter is about, where a structure wants some of them elsewhere than at its address."""

    DUES = "dues", "cotisations"
    MEETINGS = "meetings", "convocations et votes"
    TRAINING = "training", "formation"
    LEGAL = "legal", "questions juridiques"


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Where letters of one purpose go. ``attention`` names a service or an office, never a person."""

    street: str
    postcode: str
    city: str
    attention: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """The day a structure became a member, and the sitting that decided it."""

    joined_on: date
    sitting_id: UUID
    minutes_reference: str


class DepartureCause(Labelled):
    """Why a structure is no longer a member."""

    RESIGNED = "resigned", "démission"
    EXCLUDED = "excluded", "exclusion"
    CEASED = "ceased", "cessation d'activité"
    ABSORBED = "absorbed", "fusion"
    NOT_RENEWED = "not_renewed", "non-renouvellement"


@dataclass(frozen=True, slots=True)
class Departure:
    """How a structure left: ``left_on`` is the first day on which it is no longer a member.

    ``successor`` is the structure that took over what an absorbed one was and owes; ``said_on`` the day on which one
    that refused its renewal said so.
    """

    left_on: date
    cause: DepartureCause
    successor: UUID | None = None
    said_on: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A structure known to the federation: a candidate first, a member from the day a sitting gave, until it leaves.

    Of its ``activities`` the first is the main one: ``chosen_main``, the one it states first, while it has it (assumed:
    no source says which agreement of several is the main one). The others follow in the federation's order. ``groups``
    are the GES it belongs to, themselves structures of the register. ``renewed_years`` are the years for which its
    membership was renewed, in order; the one in which it joined is none of them. ``merged_into`` is the record of the
    same structure that stays, where this one turned out to be a duplicate; one ``retracted`` was never to be entered.
    ``as_of`` is the day whose state this is, where it comes from the register.
    """

    id: UUID
    reference: str
    name: str
    status: MemberStatus = MemberStatus.CANDIDATE
    category: MemberCategory = MemberCategory.ACTIVE
    activities: tuple[ActivityKind, ...] = ()
    chosen_main: ActivityKind | None = None
    conventions: Mapping[ActivityKind, Convention] = field(default_factory=dict)
    siren: str | None = None
    siret: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    department: str | None = None
    covering_delegation: str | None = None
    imposed_delegation: str | None = None
    groups: frozenset[UUID] = frozenset()
    correspondence: Mapping[Purpose, Correspondence] = field(default_factory=dict)
    admission: Admission | None = None
    departure: Departure | None = None
    renewed_years: tuple[int, ...] = ()
    merged_into: UUID | None = None
    retracted: bool = False
    version: int = 1
    as_of: date | None = None

    @property
    def main_activity(self) -> ActivityKind | None:
        """The activity whose rules apply to the whole structure where only one can."""
        return self.activities[0] if self.activities else None

    @property
    def delegation(self) -> str | None:
        """The regional delegation it belongs to: imposed by somebody with a reason, or else that of its address."""
        return self.imposed_delegation or self.covering_delegation

    @property
    def is_present(self) -> bool:
        """Whether the record is a structure: neither a duplicate of one, nor what an import was undone of."""
        return self.merged_into is None and not self.retracted

    @property
    def joined_on(self) -> date | None:
        """The day it became a member; None for a candidate."""
        return self.admission.joined_on if self.admission else None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a structure is recognised by: its name as compared, where it is, and every number it bears or ever bore."""

    id: UUID
    name: str
    postcode: str | None = None
    department: str | None = None
    siren: str | None = None
    sirens: frozenset[str] = frozenset()
    sirets: frozenset[str] = frozenset()
    conventions: frozenset[str] = frozenset()


def merged(into: Member) -> MemberMerged:
    """Say under which record a structure is read, whose other record was a duplicate."""
    return MemberMerged(
        f"Cet enregistrement était un doublon : la structure est {into.name} ({into.reference}).",
        extra={"into_id": str(into.id)},
    )


def siren_of(siret: str) -> str:
    """Return the SIREN within a SIRET: its first nine digits, before the five of the establishment.

    >>> siren_of("90000000100017")
    '900000001'
    """
    return siret[:9]


def identified(member: Member) -> Member:
    """Hold the SIRET and the SIREN together: a SIRET fills a SIREN not held yet. Raises SiretOfAnotherSiren."""
    if member.siret is None:
        return member
    siren = siren_of(member.siret)
    if member.siren not in (None, siren):
        raise SiretOfAnotherSiren(f"Le SIRET {member.siret} ne commence pas par le SIREN {member.siren}.")
    return replace(member, siren=siren)


def missing_for_admission(member: Member) -> tuple[Blocker, ...]:
    """Say what a file still lacks before a sitting can decide on it.

    A structure's kind and address are what the federation's own directories print of every member
    (Coorace Occitanie, Rapport d'activité 2024); its SIREN is asked for, and its absence does not stop a file.
    """
    blockers = []
    if not member.activities:
        blockers.append(Blocker("activity_missing", "Aucune activité (AI, ACI, ETTI…) n'est renseignée."))
    if not (member.street and member.postcode and member.city):
        blockers.append(Blocker("address_missing", "L'adresse n'est pas renseignée en entier."))
    if member.delegation is None:
        blockers.append(Blocker("delegation_missing", "Aucune délégation régionale ne couvre cette adresse."))
    return tuple(blockers)


def require_complete(member: Member) -> None:
    """Let only a complete file through. Raises FileIncomplete."""
    missing = missing_for_admission(member)
    if missing:
        raise FileIncomplete(
            f"Le dossier de {member.name} est incomplet : {' '.join(blocker.message for blocker in missing)}",
            extra={"member_id": str(member.id), "missing": [blocker.code for blocker in missing]},
        )


def amend(member: Member, fields: Mapping[str, Any]) -> Member:
    """Change what is known of a structure.

    An activity that it no longer has takes its convention with it; a new postcode, its department.

    Raises SiretOfAnotherSiren.
    """
    moved = {"department": None} if fields.get("postcode", member.postcode) != member.postcode else {}
    chosen = {"chosen_main": next(iter(fields["activities"]), None)} if "activities" in fields else {}
    return _agreed(identified(replace(member, **{**moved, **chosen, **fields})))


def _agreed(member: Member) -> Member:
    """Put activities in order, and let go of the conventions of those that the structure no longer has."""
    kept = {kind: convention for kind, convention in member.conventions.items() if kind in member.activities}
    in_order = ordered(member.activities, member.chosen_main)
    if (in_order, kept) == (member.activities, member.conventions):
        return member
    return replace(member, activities=in_order, conventions=kept)


def ordered(kinds: Collection[ActivityKind], main: ActivityKind | None) -> tuple[ActivityKind, ...]:
    """Put the main activity before the others; where it is not among them, the first in the federation's order is."""
    return tuple(sorted(set(kinds), key=lambda kind: (kind is not main, _RANKS[kind])))


def located(member: Member, territory: Territory) -> Member:
    """Find the department from the postcode where none is given, and the delegation that covers the address."""
    return replace(member, **location(territory, member.department, member.postcode))


def location(territory: Territory, department: str | None, postcode: str | None) -> dict[str, Any]:
    """Return what an address says of where a structure is, as the fields of a structure."""
    covering = territory.delegation_of(department, postcode)
    return {
        "department": department or (territory.department_of(postcode) if postcode else None),
        "covering_delegation": covering.code if covering else None,
    }


def impose_delegation(member: Member, code: str | None, territory: Territory) -> Member:
    """Attach a structure to a delegation whatever its address, or to that of its address again.

    Raises DelegationUnknown.
    """
    if code is not None and code not in {delegation.code for delegation in territory.delegations}:
        raise DelegationUnknown(f"Aucune délégation n'a le code « {code} ».")
    return replace(member, imposed_delegation=code)


def pursue(member: Member, kind: ActivityKind, *, main: bool) -> Member:
    """Begin an activity, or make it the main one."""
    activities = tuple(dict.fromkeys((*member.activities, kind)))
    return _agreed(replace(member, activities=activities, chosen_main=kind if main else member.chosen_main))


def agree(member: Member, kind: ActivityKind, convention: Convention | None) -> Member:
    """Set the convention of an activity, or say that it has none."""
    others = {held: known for held, known in member.conventions.items() if held is not kind}
    return replace(member, conventions={**others, **({kind: convention} if convention else {})})


def give_up(member: Member, kind: ActivityKind) -> Member:
    """End an activity, and its convention with it; which one is chosen as the main one is not touched.

    Raises ActivityNotHeld.
    """
    if kind not in member.activities:
        raise ActivityNotHeld(f"{member.name} n'a pas l'activité {kind.label}.")
    return _agreed(replace(member, activities=tuple(held for held in member.activities if held is not kind)))


def join_group(member: Member, group: Member) -> Member:
    """Make a structure part of a group. Raises NotAGroup."""
    if ActivityKind.GES not in group.activities or group.id == member.id:
        raise NotAGroup(f"{group.name} n'est pas un groupe économique solidaire (GES).")
    return replace(member, groups=member.groups | {group.id})


def leave_group(member: Member, group_id: UUID) -> Member:
    """End a structure's part in a group. Raises NotInGroup."""
    if group_id not in member.groups:
        raise NotInGroup(f"{member.name} n'appartient pas à ce groupe.")
    return replace(member, groups=member.groups - {group_id})


def address_for(member: Member, purpose: Purpose) -> Correspondence | None:
    """Return where letters of one purpose go: where the structure wants them, or else its own address, if known."""
    chosen = member.correspondence.get(purpose)
    if chosen is not None or not (member.street and member.postcode and member.city):
        return chosen
    return Correspondence(street=member.street, postcode=member.postcode, city=member.city)


def write_to(member: Member, purpose: Purpose, address: Correspondence | None) -> Member:
    """Send the letters of one purpose to an address, or to the structure's own again."""
    others = {held: known for held, known in member.correspondence.items() if held is not purpose}
    return replace(member, correspondence={**others, **({purpose: address} if address else {})})
