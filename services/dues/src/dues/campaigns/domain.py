"""A year's campaign: who is billed, who is blocked and why. The preview and the run decide with the same function."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from common.errors import Blocker, Conflict, NotFound, Refusal
from common.money import format_euros
from common.wording import write_day
from dues.grids.domain import (
    Activity,
    Assessment,
    Base,
    Grid,
    PublishedMedians,
    SmicTable,
    assess,
    hourly_smic,
    main_activity,
    published_median,
)
from dues.legal_entities.domain import LegalEntity

BLOCKER_LABELS: Mapping[str, str] = {
    "already_billed": "Déjà appelé",
    "not_active": "N'est pas un membre actif",
    "joined_later": "A adhéré après l'année",
    "not_renewed": "Adhésion non renouvelée",
    "delegation_missing": "Sans délégation régionale",
    "base_missing": "Sans base déclarée ni médiane",
    "no_activity": "Aucune activité",
    "main_activity_unclear": "Activité principale indéterminée",
    "rate_not_found": "Type d'activité que la grille ne connaît pas",
}
"""What keeps members from being called, where they are counted and not named."""
OWES_NOTHING = frozenset({"not_active", "joined_later", "not_renewed"})
"""Those of whom nothing is asked for the year, whatever else is missing."""

_STATUS_LABELS = {"suspended": "adhésion suspendue", "left": "a quitté la fédération"}


class CampaignNotFound(NotFound):
    """No such campaign."""

    code = "campaign_not_found"


class CampaignExists(Conflict):
    """A year has one campaign; newcomers are billed by running it again."""

    code = "campaign_exists"


class CampaignRunning(Conflict):
    """A run is under way."""

    code = "campaign_running"


class CampaignOfAnother(Conflict):
    """The campaign is that of another legal entity: its series of numbers is not this one's."""

    code = "campaign_of_another_entity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A year's campaign, for what follows it. ``seller`` is the legal entity as it was at its last run."""

    id: UUID
    year: int
    use_published_medians: bool
    seller: LegalEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A structure as its facts describe it, with the base found for it, if any."""

    id: UUID
    name: str
    status: str
    activities: tuple[Activity, ...]
    joined_on: date
    renewed_years: tuple[int, ...]
    delegation: str | None
    base: Base | None
    category: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Billable:
    """A member that the campaign bills, and what it owes."""

    member: Member
    delegation: str
    assessment: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A member that the campaign cannot bill, with every reason, so that all can be lifted at once."""

    member: Member
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Number of calls and amounts in euros."""

    count: int
    fixed: Decimal
    variable: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPreview:
    """What the campaign of a year bills, and what it leaves out."""

    year: int
    billable: tuple[Billable, ...]
    blocked: tuple[Blocked, ...]

    @property
    def totals(self) -> Totals:
        """The totals of the campaign."""
        return _sum(self.billable)

    @property
    def by_delegation(self) -> Mapping[str, Totals]:
        """The totals of each delegation, by code."""
        return _sum_by(self.billable, lambda line: line.delegation)

    @property
    def by_kind(self) -> Mapping[str, Totals]:
        """The totals of each kind of activity rated."""
        return _sum_by(self.billable, lambda line: line.assessment.kind)

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many members each reason keeps from being billed."""
        return Counter(blocker.code for line in self.blocked for blocker in line.blockers)


def require_runnable(year: int, opened_by: LegalEntity, now: LegalEntity, *, running: bool) -> None:
    """Let a campaign be run, once at a time, by the entity that opened it, whatever its name, address or account.

    Raises CampaignRunning, CampaignOfAnother.
    """
    if running:
        raise CampaignRunning(f"La campagne {year} est en cours d'exécution.")
    if opened_by.code != now.code:
        raise CampaignOfAnother(f"Cette campagne est celle de {opened_by.name} ({opened_by.code}).")


def base_of(declared: Base | None, activities: Sequence[Activity], medians: PublishedMedians) -> Base | None:
    """Return the declared base, or else the median published for the main activity, or else None."""
    if declared is not None:
        return declared
    try:
        return published_median(medians, main_activity(activities).kind)
    except Refusal:
        return None  # the preview says why the main activity is not known


def preview(
    grid: Grid, smic: SmicTable, members: Iterable[Member], already_billed: Collection[UUID]
) -> CampaignPreview:
    """Decide for each member, in the order given, whether it is billed and how much.

    ``already_billed`` are the members that hold a call for the year. Raises ``SmicNotPublished``: without the SMIC
    of 1 January nobody can be billed.
    """
    hourly_smic(smic, on=date(grid.year, 1, 1))
    billable: list[Billable] = []
    blocked: list[Blocked] = []
    for member in members:
        blockers = _blockers(grid, member, already_billed)
        assessment = _assess(grid, smic, member, blockers)
        if assessment is None or blockers or member.delegation is None:
            blocked.append(Blocked(member=member, blockers=tuple(blockers)))
        else:
            billable.append(Billable(member=member, delegation=member.delegation, assessment=assessment))
    return CampaignPreview(year=grid.year, billable=tuple(billable), blocked=tuple(blocked))


def _blockers(grid: Grid, member: Member, already_billed: Collection[UUID]) -> list[Blocker]:
    blockers = []
    if member.status != "active":
        label = _STATUS_LABELS.get(member.status, member.status)
        blockers.append(Blocker("not_active", f"La structure n'est pas un membre actif : {label}."))
    if member.joined_on.year > grid.year:
        day = write_day(member.joined_on)
        blockers.append(Blocker("joined_later", f"La structure a adhéré le {day}, après l'année {grid.year}."))
    elif member.joined_on.year < grid.year and grid.year not in member.renewed_years:
        blockers.append(Blocker("not_renewed", f"L'adhésion n'est pas renouvelée pour {grid.year}."))
    if member.id in already_billed:
        blockers.append(Blocker("already_billed", f"La cotisation {grid.year} a déjà été appelée."))
    if member.delegation is None:
        blockers.append(
            Blocker("delegation_missing", "Aucune délégation régionale : la part régionale n'a pas de bénéficiaire.")
        )
    return blockers


def _assess(grid: Grid, smic: SmicTable, member: Member, blockers: list[Blocker]) -> Assessment | None:
    try:
        return assess(grid, smic, member.base, member.activities, joined_on=member.joined_on, category=member.category)
    except Refusal as refusal:
        blockers.append(Blocker(refusal.code, refusal.message))
        return None


def _sum(lines: Collection[Billable]) -> Totals:
    assessments = [line.assessment for line in lines]
    zero = Decimal("0.00")
    return Totals(
        count=len(assessments),
        fixed=sum((due.fixed for due in assessments), zero),
        variable=sum((due.variable for due in assessments), zero),
        total=sum((due.total for due in assessments), zero),
    )


def _sum_by(lines: Iterable[Billable], key: Callable[[Billable], str]) -> dict[str, Totals]:
    groups: defaultdict[str, list[Billable]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return {name: _sum(groups[name]) for name in sorted(groups)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How many members the year concerns: called, to be called by the next run, kept from it, or owing nothing."""

    called: int
    to_call: int
    blocked: int
    owing_nothing: int
    reasons: Mapping[str, int]

    @property
    def due(self) -> int:
        """How many members owe dues for the year."""
        return self.called + self.to_call + self.blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What was called of some members, in euros, and what became of it; calls that were voided aside."""

    members: int
    calls: int
    called: Decimal
    credited: Decimal
    paid: Decimal
    owed: Decimal
    overdue: Decimal
    with_mandate: int
    owed_with_mandate: Decimal

    @property
    def rate(self) -> Decimal | None:
        """What share of what is asked for has come, in percent; None where nothing is asked for."""
        return _percent(self.paid, self.called - self.credited)

    @property
    def mandate_rate(self) -> Decimal | None:
        """What share of the members called can be collected from, in percent."""
        return _percent(Decimal(self.with_mandate), Decimal(self.members))


@dataclass(frozen=True, slots=True)
class Week:
    """The money of one week, by the day of the money, and all that came until its end."""

    monday: date
    received: Decimal
    cumulative: Decimal


@dataclass(frozen=True, slots=True)
class DashboardFigure:
    """One figure, as it is written, and what it counts."""

    code: str
    label: str
    value: str
    explanation: str


def take_census(called: int, looked: CampaignPreview) -> Census:
    """Count the members, of whom ``looked`` are those not called yet."""
    codes = [{blocker.code for blocker in line.blockers} for line in looked.blocked]
    owing_nothing = sum(bool(found & OWES_NOTHING) for found in codes)
    return Census(
        called=called,
        to_call=len(looked.billable),
        blocked=len(codes) - owing_nothing,
        owing_nothing=owing_nothing,
        reasons=looked.reasons,
    )


def weeks_of(received: Mapping[date, Decimal]) -> tuple[Week, ...]:
    """Return every week from the first that has money to the last, those without any too; keys are Mondays."""
    weeks: list[Week] = []
    total = Decimal("0.00")
    monday = min(received, default=date.min)
    while received and monday <= max(received):
        amount = received.get(monday, Decimal("0.00"))
        total += amount
        weeks.append(Week(monday, amount, total))
        monday += timedelta(days=7)
    return tuple(weeks)


def figures_of(census: Census, total: Recovery) -> tuple[DashboardFigure, ...]:
    """Return what a campaign is followed by, each figure with what it counts."""
    return tuple(
        DashboardFigure(*one)
        for one in (
            ("due", "Adhérents qui doivent l'année", str(census.due), "Appelés, à appeler et bloqués."),
            ("called", "Appelés", str(census.called), "Ont un appel en vigueur pour l'année."),
            ("to_call", "À appeler", str(census.to_call), "La prochaine exécution les appellerait."),
            (
                "blocked",
                "Bloqués",
                str(census.blocked),
                "Doivent l'année, mais il manque de quoi les appeler ; les raisons sont comptées à part.",
            ),
            (
                "owing_nothing",
                "Ne doivent pas l'année",
                str(census.owing_nothing),
                "Pas membres actifs, arrivés après l'année, ou non renouvelés.",
            ),
            ("amount_called", "Appelé", format_euros(total.called), "Appels et compléments émis ; sans ceux annulés."),
            ("credited", "Crédité", format_euros(total.credited), "Avoirs émis sur ces appels."),
            ("paid", "Réglé", format_euros(total.paid), "Argent mis sur ces appels, moins ce qui en a été repris."),
            ("owed", "Reste dû", format_euros(total.owed), "Appelé, moins crédité, moins réglé."),
            ("overdue", "Échu", format_euros(total.overdue), "Du reste dû, ce dont l'échéance est passée."),
            ("rate", "Recouvrement", write_percent(total.rate), "Réglé, sur appelé moins crédité."),
            (
                "mandates",
                "Prélevables",
                write_percent(total.mandate_rate),
                f"Ont un mandat actif : {total.with_mandate}, qui doivent {format_euros(total.owed_with_mandate)}.",
            ),
        )
    )


def write_percent(rate: Decimal | None) -> str:
    """Write a share as it is read, a dash for none.

    >>> write_percent(Decimal("62.5"))
    '62,5\\xa0%'
    """
    return "–" if rate is None else f"{rate}\u00a0%".replace(".", ",")


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if whole else None
