"""A grid being prepared for the vote: plain figures, that may be unusable for as long as it is being written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from common.errors import Conflict, NotFound
from common.money import format_euros
from common.sourced import Datum, DatumStatus
from dues.grids.domain import (
    ActivityKind,
    Associates,
    BaseNature,
    Beneficiary,
    Grid,
    Group,
    Joiners,
    SeveralActivities,
    Share,
    write_rate,
)

T = TypeVar("T")


class DraftNotFound(NotFound):
    """No such draft of a grid."""

    code = "grid_draft_not_found"


class DraftSimulated(Conflict):
    """What was shown of a draft can be read again: a draft that was simulated is not deleted."""

    code = "grid_draft_simulated"
    title = "Projet de grille déjà simulé"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGroup:
    """Kinds that would be rated alike."""

    label: str
    kinds: tuple[ActivityKind, ...]
    rate: Decimal
    cap_hours: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShare:
    """A beneficiary's part, in percent."""

    beneficiary: Beneficiary
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is proposed to the assembly. Amounts in euros; a rate is a fraction."""

    fixed: Decimal
    base: BaseNature
    groups: tuple[PlannedGroup, ...]
    several_activities: SeveralActivities
    joiners: Joiners
    associates: Associates
    due_days: int
    shares: tuple[PlannedShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan under its name, for the year that it is proposed for, at one version."""

    id: UUID
    label: str
    year: int
    plan: Plan
    version: int
    simulated_at: datetime | None

    @property
    def grid(self) -> Grid:
        """The grid it would be, of which every figure is still to be voted."""
        return _grid(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a comparison: the words of both grids, None where a grid says nothing."""

    place: str
    label: str
    before: str | None
    after: str | None

    @property
    def changed(self) -> bool:
        """Whether the two grids differ there."""
        return self.before != self.after


# To begin from nothing: no group, no share, and the rules of the first entry of each list.
BLANK = Plan(
    fixed=Decimal("0.00"),
    base=BaseNature.TOTAL_OPERATING_INCOME,
    groups=(),
    several_activities=SeveralActivities.MAIN_ACTIVITY,
    joiners=Joiners.FULL_YEAR,
    associates=Associates.FIXED_PART,
    due_days=30,
    shares=(),
)


def plan_of(grid: Grid) -> Plan:
    """Return the figures of a grid, to begin a draft from."""
    return Plan(
        fixed=grid.fixed.value,
        base=grid.base.value,
        groups=tuple(
            PlannedGroup(
                label=group.label,
                kinds=group.kinds,
                rate=group.rate.value,
                cap_hours=group.cap_hours.value if group.cap_hours else None,
            )
            for group in grid.groups
        ),
        several_activities=grid.several_activities.value,
        joiners=grid.joiners.value,
        associates=grid.associates.value,
        due_days=grid.due_days.value,
        shares=tuple(PlannedShare(beneficiary=share.beneficiary, percent=share.percent.value) for share in grid.shares),
    )


def require_never_simulated(draft: Draft) -> None:
    """Let a draft be deleted that nobody saw the effects of. Raises ``DraftSimulated``."""
    if draft.simulated_at is not None:
        raise DraftSimulated("Ce projet a été simulé : ce qui en fut montré doit pouvoir se relire.")


def compare(before: Grid, after: Grid) -> tuple[Change, ...]:
    """Put two grids side by side, line by line: each kind of activity, then the rules, then the shares."""
    held, proposed = dict(_lines(before)), dict(_lines(after))
    return tuple(
        Change(place=place, label=label, before=held.get((place, label)), after=proposed.get((place, label)))
        for place, label in {**held, **proposed}
    )


def _lines(grid: Grid) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("fixed", "Part fixe"), format_euros(grid.fixed.value)
    yield ("base", "Base de la part variable"), grid.base.value.label
    groups = _group_by_kind(grid)
    for kind in ActivityKind:
        if kind in groups:
            yield (f"rate/{kind}", f"{kind.label} : taux"), write_rate(groups[kind].rate.value)
    for kind in ActivityKind:
        cap = groups[kind].cap_hours if kind in groups else None
        if cap is not None:
            yield (f"cap_hours/{kind}", f"{kind.label} : plafond"), f"{cap.value} heures de SMIC"
    yield ("several_activities", "Plusieurs activités"), grid.several_activities.value.label
    yield ("joiners", "Adhésion en cours d'année"), grid.joiners.value.label
    yield ("associates", "Membres associés"), grid.associates.value.label
    yield ("due_days", "Délai de règlement"), f"{grid.due_days.value} jours"
    for share in grid.shares:
        yield (f"share/{share.beneficiary}", share.beneficiary.label), write_rate(share.percent.value / 100)


def _group_by_kind(grid: Grid) -> Mapping[ActivityKind, Group]:
    """Return the group of each kind; of a kind that a draft names twice, the first, as an assessment would."""
    return {kind: group for group in reversed(grid.groups) for kind in group.kinds}


def _grid(draft: Draft) -> Grid:
    def proposed(value: T) -> Datum[T]:
        source = f"Projet de grille « {draft.label} »"
        return Datum(value=value, status=DatumStatus.ASSUMED, source=source, note="Proposé, pas encore voté.")

    plan = draft.plan
    return Grid(
        year=draft.year,
        vote=proposed(f"projet « {draft.label} », pas encore voté"),
        fixed=proposed(plan.fixed),
        base=proposed(plan.base),
        groups=tuple(
            Group(
                label=group.label,
                kinds=group.kinds,
                rate=proposed(group.rate),
                cap_hours=None if group.cap_hours is None else proposed(group.cap_hours),
            )
            for group in plan.groups
        ),
        several_activities=proposed(plan.several_activities),
        joiners=proposed(plan.joiners),
        associates=proposed(plan.associates),
        due_days=proposed(plan.due_days),
        shares=tuple(Share(beneficiary=one.beneficiary, percent=proposed(one.percent)) for one in plan.shares),
    )
