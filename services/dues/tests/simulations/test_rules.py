"""A simulation is the campaign's own preview, twice, and every figure is the sum of its members."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.sourced import DatumStatus
from dues.campaigns.domain import Member, preview
from dues.drafts.domain import Draft, Plan, plan_of
from dues.grids.domain import (
    Activity,
    ActivityKind,
    Associates,
    Joiners,
    SeveralActivities,
    SmicNotPublished,
    declared_base,
)
from dues.grids.queries import grid_of, smic_table
from dues.simulations.domain import (
    COMPARED,
    Outcome,
    Scenario,
    Simulated,
    SmicPublished,
    Summary,
    assumptions,
    compare_members,
    scenario_of,
    summarise,
)

GRID = grid_of(2026)
PLAN = plan_of(GRID)
TODAY = date(2026, 11, 23)


def scenario(plan: Plan = PLAN, year: int = 2026, **given: Any) -> Scenario:
    draft = Draft(id=UUID(int=1), label="Essai", year=2026, plan=plan, version=1, simulated_at=None)
    values = {"smic_hourly": None, "use_published_medians": False, "today": TODAY, **given}
    return scenario_of(GRID, draft.grid, year, smic_table(), **values)


def member(rank: int, kind: str, base: str | None, **changed: Any) -> Member:
    held = Member(
        id=UUID(int=rank),
        name=f"Structure {rank}",
        status="active",
        activities=(Activity(kind=kind, main=True),),
        joined_on=date(2020, 1, 1),
        renewed_years=(2026,),
        delegation="occitanie",
        base=None if base is None else declared_base(Decimal(base)),
    )
    return replace(held, **changed)


def simulated(plan: Plan, *members: Member) -> tuple[list[Simulated], Summary]:
    asked = scenario(plan)
    lines = [
        Simulated(
            member_id=one.member.id,
            delegation=one.member.delegation,
            kind=one.kind,
            outcome=one.outcome,
            reference=one.reference.total,
            draft=one.draft.total,
            blockers=tuple({blocker.code for blocker in (*one.reference.blockers, *one.draft.blockers)}),
        )
        for one in compare_members(asked, members)
    ]
    return lines, summarise(asked, lines)


# 400 hours of 12.02 euros cap the variable part at 4,808.00; 450 hours at 5,409.00.
HIGHER_CAP = replace(PLAN, groups=(replace(PLAN.groups[0], cap_hours=450), *PLAN.groups[1:]))
LOWER_RATE = replace(PLAN, groups=(replace(PLAN.groups[0], rate=Decimal("0.005")), *PLAN.groups[1:]))
RATED_GES = replace(PLAN, groups=(*PLAN.groups[:3], replace(PLAN.groups[3], rate=Decimal("0.001"), cap_hours=400)))


@pytest.mark.parametrize(
    ("plan", "kind", "base", "before", "after", "outcome"),
    [
        pytest.param(
            HIGHER_CAP, "etti", "998493", "5608.00", "6209.00", Outcome.LOSER, id="plafonnée : plafond relevé"
        ),
        pytest.param(HIGHER_CAP, "ai", "748664", "5291.98", "5291.98", Outcome.SAME, id="sous le plafond : rien"),
        pytest.param(LOWER_RATE, "ai", "748664", "5291.98", "4543.32", Outcome.WINNER, id="taux abaissé"),
        pytest.param(LOWER_RATE, "aci", "1058130", "2916.26", "2916.26", Outcome.SAME, id="un autre groupe"),
        pytest.param(RATED_GES, "ges", "100000", "800.00", "900.00", Outcome.LOSER, id="GES désormais au taux"),
    ],
)
def test_a_member_wins_loses_or_stays(
    plan: Plan, kind: str, base: str, before: str, after: str, outcome: Outcome
) -> None:
    [compared] = compare_members(scenario(plan), [member(1, kind, base)])
    assert (compared.reference.total, compared.draft.total) == (Decimal(before), Decimal(after))
    assert (compared.difference, compared.outcome) == (Decimal(after) - Decimal(before), outcome)


def test_an_amount_unknown_under_one_grid_is_no_difference() -> None:
    [compared] = compare_members(scenario(RATED_GES), [member(1, "ges", None)])
    assert (compared.reference.total, compared.draft.total) == (Decimal(800), None)
    assert (compared.difference, compared.outcome) == (None, Outcome.BLOCKED)
    assert [one.code for one in compared.draft.blockers] == ["base_missing"]
    _, summary = simulated(RATED_GES, member(1, "ges", None), member(2, "ai", "100000"))
    assert (summary.members, summary.blocked, summary.total.sums.reference) == (2, 1, Decimal(1400))
    assert [(one.code, one.count) for one in summary.reasons] == [("base_missing", 1)]


def test_the_published_smic_is_taken_and_none_may_be_assumed_beside_it() -> None:
    assert scenario().smic.hourly.value == Decimal("12.02")
    with pytest.raises(SmicPublished, match="12,02"):
        scenario(smic_hourly=Decimal("12.40"))


def test_a_year_whose_smic_is_not_published_needs_it_assumed_and_says_so() -> None:
    with pytest.raises(SmicNotPublished):
        scenario(year=2027)
    asked = scenario(year=2027, smic_hourly=Decimal("12.40"))
    assert (asked.smic.hourly.value, asked.smic.hourly.status) == (Decimal("12.40"), DatumStatus.ASSUMED)
    told = "\n".join(assumptions(asked)).replace("\u00a0", " ")
    assert "SMIC horaire au 1er janvier 2027 : 12,40 €. Le SMIC du 1er janvier 2027 n'est pas publié." in told
    assert "celle de 2026, votée par l'assemblée générale du 27 juin 2024, supposée reconduite pour 2027" in told
    assert "Les adhérentes de 2026 sont supposées le rester en 2027." in told
    assert "comptes 2026" in told


@pytest.mark.parametrize(
    ("changed", "billed"),
    [
        pytest.param({}, True, id="renouvelée cette année : supposée rester"),
        pytest.param({"renewed_years": (), "joined_on": date(2026, 3, 1)}, True, id="arrivée cette année"),
        pytest.param({"renewed_years": (2025,)}, False, id="pas renouvelée cette année"),
        pytest.param({"status": "left"}, False, id="partie"),
    ],
)
def test_who_is_a_member_this_year_is_supposed_to_stay_the_next(changed: dict[str, Any], billed: bool) -> None:
    asked = scenario(year=2027, smic_hourly=Decimal("12.40"))
    [compared] = compare_members(asked, [member(1, "ai", "100000", **changed)])
    assert (compared.draft.total is not None) is billed


def test_a_draft_that_rates_another_activity_moves_nobody_to_another_kind() -> None:
    both = (Activity(kind="aci", main=True), Activity(kind="ai", main=False))
    plan = replace(PLAN, several_activities=SeveralActivities.HIGHEST_RATE)
    [compared] = compare_members(scenario(plan), [member(1, "aci", "100000", activities=both)])
    assert (compared.kind, compared.difference) == ("aci", Decimal("400.00"))


BASES = st.one_of(st.none(), st.decimals(0, 3_000_000, places=2).map(str))
KINDS = st.sampled_from([*(kind.value for kind in ActivityKind), "coop"])
ACTIVITIES = st.lists(st.builds(Activity, kind=KINDS, main=st.booleans()), max_size=3).map(tuple)
MEMBERS = st.lists(
    st.builds(
        member,
        rank=st.just(0),
        kind=st.just("ai"),
        base=BASES,
        activities=ACTIVITIES,
        status=st.sampled_from(["active", "active", "active", "left"]),
        joined_on=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
        renewed_years=st.sampled_from([(2026,), ()]),
        delegation=st.sampled_from(["occitanie", "idf", None]),
        category=st.sampled_from(["active", "associate"]),
    ),
    max_size=12,
).map(lambda held: [replace(one, id=UUID(int=rank)) for rank, one in enumerate(held)])
PLANS = st.builds(
    replace,
    st.sampled_from([PLAN, HIGHER_CAP, LOWER_RATE, RATED_GES]),
    fixed=st.decimals(0, 2_000, places=2),
    joiners=st.sampled_from(Joiners),
    several_activities=st.sampled_from(SeveralActivities),
    associates=st.sampled_from(Associates),
)


@given(MEMBERS)
def test_the_grid_in_force_simulated_is_the_campaigns_preview_member_by_member(members: list[Member]) -> None:
    looked = preview(GRID, smic_table(), members, set())
    owed = {line.member.id: line.assessment.total for line in looked.billable}
    for compared in compare_members(scenario(), members):
        assert compared.reference.total == compared.draft.total == owed.get(compared.member.id)
        assert compared.outcome is (Outcome.SAME if compared.member.id in owed else Outcome.BLOCKED)
    _, summary = simulated(PLAN, *members)
    assert summary.total.sums.draft == looked.totals.total
    assert {one.code: one.sums.draft for one in summary.by_delegation} == {
        code: totals.total for code, totals in looked.by_delegation.items()
    }
    assert {one.code: one.sums.draft for one in summary.by_kind} == {
        kind: totals.total for kind, totals in looked.by_kind.items()
    }


@given(PLANS, MEMBERS)
def test_every_figure_is_the_sum_of_its_rows(plan: Plan, members: list[Member]) -> None:
    lines, summary = simulated(plan, *members)
    assert summary.members == len(members)
    total = summary.total.sums
    for figures in (summary.by_delegation, summary.by_kind, summary.distribution):
        assert sum(one.sums.count for one in figures) == total.count
        assert sum(one.sums.reference for one in figures) == total.reference
        assert sum(one.sums.draft for one in figures) == total.draft
    assert sum(part.reference for part in summary.by_beneficiary) == total.reference
    assert sum(part.draft for part in summary.by_beneficiary) == total.draft
    assert summary.total.winners.difference + summary.total.losers.difference == total.difference
    for figure in (summary.total, *summary.by_delegation, *summary.by_kind, *summary.distribution, *summary.reasons):
        held = [line for line in lines if _passes(figure.filters, line)]
        assert len(held) == (figure.count if hasattr(figure, "count") else figure.sums.count)


def _passes(filters: tuple[tuple[str, str], ...], line: Simulated) -> bool:
    """Tell whether a line is in the list that a figure opens, by the list's own rules."""
    wanted = dict(filters)
    outcomes = {value for name, value in filters if name == "outcome"}
    difference = None if line.reference is None or line.draft is None else line.draft - line.reference
    rules: dict[str, Callable[[str], bool]] = {
        "outcome": lambda _: line.outcome.value in outcomes,
        "delegation": lambda code: line.delegation == code,
        "kind": lambda code: line.kind == code,
        "blocker": lambda code: code in line.blockers,
        "difference_from": lambda least: difference is not None and difference >= Decimal(least),
        "difference_to": lambda most: difference is not None and difference <= Decimal(most),
    }
    return all(rules[name](value) for name, value in wanted.items())


def test_the_bands_are_told_in_words_and_none_overlaps() -> None:
    _, summary = simulated(PLAN)
    told = [(one.label.replace("\u202f", " ").replace("\u00a0", " "), one.filters) for one in summary.distribution]
    assert [label for label, _ in told] == [
        "baisse de plus de 1 000 €",
        "baisse de 500 € à 1 000 €",
        "baisse de 100 € à 500 €",
        "baisse jusqu'à 100 €",
        "inchangée",
        "hausse jusqu'à 100 €",
        "hausse de 100 € à 500 €",
        "hausse de 500 € à 1 000 €",
        "hausse de plus de 1 000 €",
    ]
    assert told[3][1] == (*COMPARED, ("difference_from", "-100"), ("difference_to", "-0.01"))
    assert told[0][1] == (*COMPARED, ("difference_to", "-1000.01"))
