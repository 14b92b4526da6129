"""What a structure is agreed for, however it is spelt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from common.characters import normalise
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


@dataclass(frozen=True, slots=True)
class Convention:
    """The agreement with the State under which an activity runs: its number, and its last day where it is known."""

    number: str
    ends_on: date | None = None


def printed_conventions(kinds: Iterable[ActivityKind], conventions: Mapping[ActivityKind, Convention]) -> str:
    """Write the numbers of conventions after the kinds that they are for.

    >>> printed_conventions([ActivityKind.AI, ActivityKind.ACI], {ActivityKind.ACI: Convention("031 24 0012")})
    'ACI 031 24 0012'
    """
    return ", ".join(
        f"{printed_activities([kind])} {conventions[kind].number}" for kind in kinds if kind in conventions
    )
