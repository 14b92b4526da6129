"""What a member enterprise is: the activities it is agreed for, and how two spellings of a name compare."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled


class ActivityKind(Labelled):
    """The kinds of member enterprise, as listed in the federation's Rapport d'activité 2024.

    One legal structure may hold several (AI/ACI, AI/ACI/GES: Coorace Occitanie, Rapport d'activité 2024).
    """

    AI = "ai", "AI (association intermédiaire)"
    ACI = "aci", "ACI (atelier et chantier d'insertion)"
    EI = "ei", "EI (entreprise d'insertion)"
    ETTI = "etti", "ETTI (entreprise de travail temporaire d'insertion)"
    ETT_ESS = "ett-ess", "ETT-ESS (entreprise de travail temporaire de l'économie sociale et solidaire)"
    SAP_PROXIM = "sap-proxim", "SAP Proxim' (services à la personne)"
    EBE = "ebe", "EBE (entreprise à but d'emploi)"
    GES = "ges", "GES (groupe économique solidaire)"
    OTHER = "other", "autre"


# What a file may write for each kind, the way the federation prints it first. Case, accents and punctuation
# do not matter.
ACTIVITY_SPELLINGS: dict[ActivityKind, tuple[str, ...]] = {
    ActivityKind.AI: ("AI", "association intermédiaire"),
    ActivityKind.ACI: ("ACI", "atelier et chantier d'insertion", "atelier chantier d'insertion"),
    ActivityKind.EI: ("EI", "entreprise d'insertion"),
    ActivityKind.ETTI: ("ETTI", "entreprise de travail temporaire d'insertion"),
    ActivityKind.ETT_ESS: (
        "ETT-ESS",
        "entreprise de travail temporaire de l'économie sociale et solidaire",
    ),
    ActivityKind.SAP_PROXIM: ("SAP Proxim'", "Proxim'"),
    ActivityKind.EBE: ("EBE", "entreprise à but d'emploi"),
    ActivityKind.GES: ("GES", "groupe économique solidaire"),
    ActivityKind.OTHER: ("autre", "autres"),
}

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """Fold case, accents, ligatures and punctuation, so that two spellings of one name are equal.

    For comparing only: what is kept and shown stays as printed.

    >>> normalise("L'Abeille  Verte — CLERMONT-L'HÉRAULT")
    'l abeille verte clermont l herault'
    """
    folded = text.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded.translate(_LIGATURES))
        folded = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    return _NOT_ALPHANUMERIC.sub(" ", folded).strip()


_KIND_BY_SPELLING = {
    normalise(spelling): kind for kind, spellings in ACTIVITY_SPELLINGS.items() for spelling in spellings
}


def activity_of(spelling: str) -> ActivityKind | None:
    """Recognise one kind from any accepted spelling, ``None`` when unknown.

    >>> activity_of("Proxim’").value
    'sap-proxim'
    """
    return _KIND_BY_SPELLING.get(normalise(spelling))


def printed_activities(kinds: Iterable[ActivityKind]) -> str:
    """Write kinds the way the federation prints them.

    >>> printed_activities([ActivityKind.AI, ActivityKind.ETT_ESS])
    'AI/ETT-ESS'
    """
    return "/".join(ACTIVITY_SPELLINGS[kind][0] for kind in kinds)


class MemberStatus(Labelled):
    """Where a structure stands in the federation."""

    CANDIDATE = "candidate", "candidate"
    ACTIVE = "active", "adhérente"


class MemberNotFound(NotFound):
    """No such structure within reach."""

    code = "member_not_found"


class SirenTaken(Conflict):
    """Two structures cannot have one SIREN: it names the legal entity."""

    code = "siren_taken"


class SiretOfAnotherSiren(Invalid):
    """A SIRET names an establishment of one legal entity: it begins with that entity's SIREN."""

    code = "siret_of_another_siren"


class AlreadyMember(Conflict):
    """The structure was admitted before."""

    code = "already_member"


class FileIncomplete(Conflict):
    """A structure is admitted on a complete file."""

    code = "file_incomplete"


@dataclass(frozen=True, slots=True)
class Member:
    """A structure known to the federation: a candidate first, a member from the day a sitting gave.

    ``activities`` come in the order in which the structure states them; the first is taken as the main one (assumed:
    no source says which agreement of several is the main one).
    """

    id: UUID
    reference: str
    name: str
    status: MemberStatus
    department: str | None = None
    delegation: str | None = None
    activities: tuple[ActivityKind, ...] = ()
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    siren: str | None = None
    siret: str | None = None
    joined_on: date | None = None
    version: int = 1

    @property
    def main_activity(self) -> ActivityKind | None:
        """The activity whose rules apply to the whole structure where only one can."""
        return self.activities[0] if self.activities else None


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


def admit(member: Member, joined_on: date) -> Member:
    """Make a candidate a member from a day. Raises AlreadyMember."""
    if member.status is not MemberStatus.CANDIDATE:
        raise AlreadyMember(f"{member.name} est déjà adhérente depuis le {member.joined_on}.")
    return replace(member, status=MemberStatus.ACTIVE, joined_on=joined_on, version=member.version + 1)


def amend(member: Member, **fields: Any) -> tuple[Member, tuple[str, ...]]:
    """Change what is known of a structure; return it with the names of the fields that really changed."""
    changed = tuple(name for name, value in fields.items() if getattr(member, name) != value)
    if not changed:
        return member, ()
    return replace(member, **{name: fields[name] for name in changed}, version=member.version + 1), changed
