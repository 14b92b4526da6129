"""One member under two grids. Both amounts come from ``preview``, the very code of the campaign's run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from common.errors import Blocker
from common.labels import Labelled
from dues.campaigns.domain import CampaignPreview, Member, preview
from dues.grids.domain import Assessment, Grid
from dues.simulations.domain.scenario import Scenario


class Outcome(Labelled):
    """What the draft changes for a member."""

    WINNER = "winner", "paierait moins"
    LOSER = "loser", "paierait plus"
    SAME = "same", "paierait autant"
    BLOCKED = "blocked", "montant inconnu"


class GridRole(Labelled):
    """Which of the two grids."""

    REFERENCE = "reference", "grille de référence"
    DRAFT = "draft", "projet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a member owes under a grid, or every reason why that is not known."""

    assessment: Assessment | None
    blockers: tuple[Blocker, ...]

    @property
    def total(self) -> Decimal | None:
        """The amount, in euros."""
        return self.assessment.total if self.assessment else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A member, and what it owes under each grid."""

    member: Member
    reference: Due
    draft: Due

    @property
    def difference(self) -> Decimal | None:
        """What the draft adds, in euros; None where either amount is not known."""
        before, after = self.reference.total, self.draft.total
        return None if before is None or after is None else after - before

    @property
    def outcome(self) -> Outcome:
        """What the draft changes."""
        if self.difference is None:
            return Outcome.BLOCKED
        if self.difference == 0:
            return Outcome.SAME
        return Outcome.LOSER if self.difference > 0 else Outcome.WINNER

    @property
    def kind(self) -> str | None:
        """The kind it is counted under: the one rated today, so that a draft that rates another moves nobody."""
        rated = self.reference.assessment or self.draft.assessment
        main = next((one for one in self.member.activities if one.main or len(self.member.activities) == 1), None)
        return rated.kind if rated else main.kind if main else None


def compare_members(scenario: Scenario, members: Iterable[Member]) -> list[Compared]:
    """Compute what each member owes under both grids, in the order given."""
    held = [_supposed(scenario, member) for member in members]
    before, after = (_dues(scenario, grid, held) for grid in (scenario.reference, scenario.draft))
    return [
        Compared(member=member, reference=reference, draft=draft)
        for member, reference, draft in zip(held, before, after, strict=True)
    ]


def _dues(scenario: Scenario, grid: Grid, members: Sequence[Member]) -> list[Due]:
    looked: CampaignPreview = preview(grid, (scenario.smic,), members, ())
    dues = {line.member.id: Due(assessment=line.assessment, blockers=()) for line in looked.billable}
    dues |= {line.member.id: Due(assessment=None, blockers=line.blockers) for line in looked.blocked}
    return [dues[member.id] for member in members]


def _supposed(scenario: Scenario, member: Member) -> Member:
    """Renew the members of this year for the one to come: its renewal has not taken place yet."""
    if scenario.renewed_in is None:
        return member
    stays = scenario.renewed_in in member.renewed_years or member.joined_on.year == scenario.renewed_in
    return replace(member, renewed_years=(*member.renewed_years, scenario.year)) if stays else member
