"""A year's campaign: who is billed, who is blocked and why. The preview and the run decide with the same function."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Blocker, Conflict, NotFound, Refusal
from common.wording import write_day
from dues.entities.domain import LegalEntity
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A year's campaign, for what follows it. ``seller`` is the legal entity as it was at its opening."""

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
