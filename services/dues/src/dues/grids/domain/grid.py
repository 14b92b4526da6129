"""The grid of a year: what the assembly voted, and what is assumed where the vote could not be read.

A grid may be held that could not be applied, one that is being written: ``defects`` tells what is wrong with it.
"""

from dataclasses import dataclass
from decimal import Decimal

from common.errors import Conflict, NotFound
from common.labels import Labelled
from common.sourced import Datum


class GridNotFound(NotFound):
    """No grid is held for the year."""

    code = "grid_not_found"
    title = "Grille de cotisation introuvable"


class RateNotFound(Conflict):
    """The grid has no group for this kind of activity."""

    code = "rate_not_found"
    title = "Aucun taux pour ce type d'activité"


class ActivityKind(Labelled):
    """The kinds of activity that a grid rates (types of members in the activity report of 2024)."""

    AI = "ai", "AI"
    ACI = "aci", "ACI"
    EI = "ei", "EI"
    ETTI = "etti", "ETTI"
    ETT_ESS = "ett-ess", "ETT-ESS"
    SAP_PROXIM = "sap-proxim", "SAP Proxim'"
    EBE = "ebe", "EBE"
    GES = "ges", "GES"
    OTHER = "other", "autre entreprise"


class BaseNature(Labelled):
    """What the percentage applies to: the three readings that the published grid leaves open."""

    TOTAL_OPERATING_INCOME = "total_operating_income", "total des produits d'exploitation"
    TURNOVER = "turnover", "chiffre d'affaires"
    PAYROLL = "payroll", "masse salariale"


class SeveralActivities(Labelled):
    """How a structure with several agreements is rated."""

    MAIN_ACTIVITY = "main_activity", "taux de l'activité principale sur toute la base, un seul plafond"
    HIGHEST_RATE = "highest_rate", "taux le plus élevé de ses activités sur toute la base, un seul plafond"


class Joiners(Labelled):
    """What a structure that joins within the year owes for it."""

    FULL_YEAR = "full_year", "année entière due, sans prorata"
    MONTHLY = "monthly", "douzièmes à partir du mois d'adhésion, sur la part fixe et la part variable"


class Associates(Labelled):
    """What an associate member owes: the report prints the fixed part for all, "membres actifs et associés"."""

    FIXED_PART = "fixed_part", "part fixe seule"
    AS_ACTIVE = "as_active", "comme un membre actif"


class Beneficiary(Labelled):
    """Among whom dues are shared out."""

    NATIONAL_OFFER = "national-offer", "Offre nationale"
    DELEGATION = "delegation", "Délégation régionale"
    MUTUAL_FUND = "mutual-fund", "Fonds mutualisé pour les projets régionaux"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Kinds rated alike: a fraction of the base, capped at a number of hours of SMIC. Rate 0: fixed part only."""

    label: str
    kinds: tuple[ActivityKind, ...]
    rate: Datum[Decimal]
    cap_hours: Datum[int] | None = None

    @property
    def has_variable_part(self) -> bool:
        """Whether a base is needed to bill this group."""
        return self.rate.value > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A beneficiary's part of each due, in percent."""

    beneficiary: Beneficiary
    percent: Datum[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The dues of one calendar year. Amounts in euros; the base is that of the year before."""

    year: int
    vote: Datum[str]
    fixed: Datum[Decimal]
    base: Datum[BaseNature]
    groups: tuple[Group, ...]
    several_activities: Datum[SeveralActivities]
    joiners: Datum[Joiners]
    associates: Datum[Associates]
    due_days: Datum[int]
    shares: tuple[Share, ...]

    @property
    def base_year(self) -> int:
        """The year whose accounts give the base."""
        return self.year - 1

    def group_of(self, kind: str) -> Group:
        """Return the group that rates a kind of activity. Raises ``RateNotFound``."""
        for group in self.groups:
            if kind in group.kinds:
                return group
        raise RateNotFound(f"La grille {self.year} ne prévoit pas de taux pour le type « {kind} ».")


def kind_label(kind: str) -> str:
    """Return the French name of a kind of activity, or the kind itself where dues does not know it."""
    return next((known.label for known in ActivityKind if known == kind), kind)
