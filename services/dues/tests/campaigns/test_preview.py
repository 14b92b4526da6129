"""The 2026 campaign: who is billed, who is blocked and why."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from dues.campaigns.domain import Member, Totals, base_of, preview
from dues.grids.domain import Activity, BaseOrigin, SmicNotPublished, declared_base
from dues.grids.queries import grid_of, published_medians, smic_table

GRID = grid_of(2026)


def member(rank: int, kind: str, base: str | None, delegation: str | None = "occitanie") -> Member:
    return Member(
        id=UUID(int=rank),
        name=f"Structure {rank}",
        status="active",
        activities=(Activity(kind=kind, main=True),),
        joined_on=date(2020, 1, 1),
        renewed_years=(2026,),
        delegation=delegation,
        base=None if base is None else declared_base(Decimal(base)),
    )


MEMBER = member(1, "ai", "100000")


@pytest.mark.parametrize(
    ("changed", "blockers"),
    [
        pytest.param({"base": None}, {"base_missing": "type AI"}, id="ni base ni médiane"),
        pytest.param({"activities": ()}, {"no_activity": "Aucune activité"}, id="aucune activité"),
        pytest.param(
            {"activities": (Activity(kind="coop", main=True),)}, {"rate_not_found": "« coop »"}, id="type sans taux"
        ),
        pytest.param({"status": "left"}, {"not_active": "a quitté la fédération"}, id="partie"),
        pytest.param({"status": "suspended"}, {"not_active": "adhésion suspendue"}, id="suspendue"),
        pytest.param({"status": "dormant"}, {"not_active": "dormant"}, id="statut inconnu"),
        pytest.param({"delegation": None}, {"delegation_missing": "part régionale"}, id="sans délégation"),
        pytest.param(
            {"joined_on": date(2027, 1, 1)}, {"joined_later": "1er janvier 2027"}, id="adhésion l'année suivante"
        ),
        pytest.param(
            {"renewed_years": (2025, 2027)}, {"not_renewed": "pas renouvelée pour 2026"}, id="renouvelée avant et après"
        ),
        pytest.param({"renewed_years": ()}, {"not_renewed": "pas renouvelée pour 2026"}, id="jamais renouvelée"),
        pytest.param(
            {"status": "left", "delegation": None, "base": None},
            {"not_active": "quitté", "delegation_missing": "régionale", "base_missing": "AI"},
            id="toutes les raisons à la fois",
        ),
    ],
)
def test_a_blocked_member_is_told_every_reason(changed: dict[str, object], blockers: dict[str, str]) -> None:
    result = preview(GRID, smic_table(), [replace(MEMBER, **changed)], set())  # type: ignore[arg-type]
    assert not result.billable
    told = {blocker.code: blocker.message for blocker in result.blocked[0].blockers}
    assert told.keys() == blockers.keys()
    for code, excerpt in blockers.items():
        assert excerpt in told[code]


def test_a_member_already_billed_is_not_billed_twice() -> None:
    result = preview(GRID, smic_table(), [MEMBER], {MEMBER.id})
    assert [blocker.code for blocker in result.blocked[0].blockers] == ["already_billed"]


@pytest.mark.parametrize(
    ("joined_on", "renewed_years"),
    [
        pytest.param(date(2020, 1, 1), (2026,), id="renouvelée"),
        pytest.param(date(2020, 1, 1), (2025, 2026, 2027), id="renouvelée aussi avant et après"),
        pytest.param(date(2026, 12, 31), (), id="adhérente de l'année : rien à renouveler"),
    ],
)
def test_an_active_member_is_billed_whenever_it_joined(joined_on: date, renewed_years: tuple[int, ...]) -> None:
    result = preview(GRID, smic_table(), [replace(MEMBER, joined_on=joined_on, renewed_years=renewed_years)], set())
    assert result.billable[0].assessment.total == Decimal("1400.00")


def test_the_totals_are_told_whole_by_delegation_and_by_kind() -> None:
    members = [
        member(1, "ai", "748664", "occitanie"),
        member(2, "etti", "998493", "idf"),
        member(3, "ges", None, "idf"),
        member(4, "ebe", None, "idf"),
    ]
    result = preview(GRID, smic_table(), members, set())

    def totals(count: int, fixed: str, variable: str, total: str) -> Totals:
        return Totals(count=count, fixed=Decimal(fixed), variable=Decimal(variable), total=Decimal(total))

    assert result.totals == totals(3, "2400.00", "9299.98", "11699.98")
    assert result.by_delegation == {
        "idf": totals(2, "1600.00", "4808.00", "6408.00"),
        "occitanie": totals(1, "800.00", "4491.98", "5291.98"),
    }
    assert result.by_kind == {
        "ai": totals(1, "800.00", "4491.98", "5291.98"),
        "etti": totals(1, "800.00", "4808.00", "5608.00"),
        "ges": totals(1, "800.00", "0.00", "800.00"),
    }
    assert [blocked.member.id for blocked in result.blocked] == [UUID(int=4)]


def test_a_campaign_of_nobody_totals_nothing() -> None:
    assert preview(GRID, smic_table(), [], set()).totals.total == 0


def test_a_year_whose_smic_is_not_published_bills_nobody() -> None:
    with pytest.raises(SmicNotPublished):
        preview(replace(GRID, year=2027), smic_table(), [MEMBER], set())


AI = Activity(kind="ai", main=True)


@pytest.mark.parametrize(
    ("declared", "activities", "origin", "amount"),
    [
        pytest.param("5", (AI,), BaseOrigin.DECLARED, "5", id="la déclaration l'emporte"),
        pytest.param(None, (AI,), BaseOrigin.PUBLISHED_MEDIAN, "748664", id="à défaut, la médiane du type"),
        pytest.param(None, (Activity(kind="ebe", main=True),), None, None, id="type sans médiane"),
        pytest.param(None, (), None, None, id="aucune activité"),
    ],
)
def test_a_base_is_declared_or_else_the_published_median(
    declared: str | None, activities: tuple[Activity, ...], origin: BaseOrigin | None, amount: str | None
) -> None:
    own = None if declared is None else declared_base(Decimal(declared))
    base = base_of(own, activities, published_medians())
    found = (None, None) if base is None else (base.origin, base.amount.value)
    assert found == (origin, None if amount is None else Decimal(amount))
