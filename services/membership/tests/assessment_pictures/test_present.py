"""The present picture: neither one reading, nor two, nor that of the period once it is over, shows a structure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.assessment_pictures.domain import WHOLE, Contribution, Handed, draw_present, settled

from ..departures.test_departures import told
from ..duplicates.test_merging import merge
from ..members.test_dates import TODAY, enter
from .test_pictures import CAP, MEASURES, PERIOD, admitted, picture_of, points_of, submitted_by

DAY = date(2026, 1, 5)


def handed(where: str, points: Sequence[int | None] | None = None, who: Sequence[int] | None = None) -> list[Handed]:
    """Submit in turn, a letter for each delegation: different structures that say different things, unless told."""
    said = points or [40 + rank % 20 for rank in range(len(where))]
    return [
        Handed(
            UUID(int=who[rank] if who else rank),
            DAY + timedelta(days=rank),
            Contribution(place, dict.fromkeys(MEASURES, said[rank]), ""),
        )
        for rank, place in enumerate(where)
    ]


@pytest.mark.parametrize(
    ("where", "insiders", "counted"),
    [
        pytest.param("aaaaa", False, 0, id="cinq : le prochain bloc manque encore"),
        pytest.param("aaaaaaaaa", False, 0, id="neuf : quatre de plus seraient de trop peu"),
        pytest.param("aaaaaaaaaa", False, 5, id="dix : les cinq premières, cinq attendent"),
        pytest.param("aaaaaaaaaaaaaa", False, 5, id="quatorze : comme à dix"),
        pytest.param("aaaaaaaaaaaaaaa", False, 10, id="quinze : cinq de plus"),
        pytest.param(
            "aaaaaaaaaaaaaaa", True, 0, id="une seule délégation : elle connaît les siennes, il n'y en a pas d'autre"
        ),
        pytest.param("abcdefghijkl", True, 6, id="un bloc est de cinq hors de n'importe laquelle : six"),
        pytest.param(
            "aaaabaaaabaaaabaaaabaaaab" * 2, True, 25, id="a en a quatre sur cinq : il en faut cinq des autres"
        ),
    ],
)
def test_it_moves_by_blocks_and_lets_one_wait(where: str, insiders: bool, counted: int) -> None:
    found = settled(CAP, WHOLE, handed(where), 5, insiders=insiders)
    assert found == handed(where)[:counted]


@pytest.mark.parametrize(
    ("points", "counted"),
    [
        pytest.param(
            [40, 100, 100, 100, 100, 100] * 2, 0, id="une à 40, cinq ailleurs à 100 : sa délégation trouverait chacune"
        ),
        pytest.param([40, 40, 40, 40, 40, 60] * 2, 0, id="toutes à 40 hors de la délégation de la sixième"),
        pytest.param([40, 60, 100, 100, 100, 100] * 2, 6, id="deux, de deux délégations : aucune ne la trouve"),
    ],
)
def test_a_block_does_not_say_one_thing_outside_a_delegation(points: list[int], counted: int) -> None:
    """Of six delegations, one structure each, then six more."""
    given_ = handed("abcdef" * 2, points)
    assert len(settled(CAP, WHOLE, given_, 5, insiders=True)) == counted
    assert (draw_present(CAP, given_, 5, insiders=True).themes[WHOLE] is not None) == bool(counted)


@pytest.mark.parametrize(
    ("points", "who", "counted"),
    [
        pytest.param([100] * 15, None, 0, id="toutes au plus haut : jamais"),
        pytest.param([100] * 8 + [90] + [50, 60, 70, 80, 90], None, 9, id="le bloc attend qu'une dise autre chose"),
        pytest.param(
            [40, 50, 60, 70, 80] * 2, [0] * 5 + [1] * 5, 0, id="deux structures qui recommencent restent deux"
        ),
        pytest.param([40, 50, 60, 70, 80] * 2, [0, 1, 2, 3, 4] * 2, 5, id="cinq qui recommencent sont un bloc"),
        pytest.param([40, None, 50, None] * 5, None, 9, id="sans objet : ne compte pas dans ce thème"),
    ],
)
def test_what_a_block_is_of(points: list[int | None], who: list[int] | None, counted: int) -> None:
    given_ = handed("a" * len(points), points, who)
    assert len(settled(CAP, WHOLE, given_, 5, insiders=False)) == len(
        [one for one in given_[:counted] if one.brought.points[WHOLE] is not None]
    )


def test_a_structure_counts_for_what_it_submitted_last() -> None:
    present = draw_present(
        CAP,
        handed("aaaaaaaaaaaaaaa", [40, 50, 60, 70, 80, *range(10, 20)], [*range(5), *range(5), *range(5, 10)]),
        5,
        insiders=False,
    )
    cell = present.themes[WHOLE]
    assert (present.structures, cell and cell.mean, present.counted_to) == (5, 12, DAY + timedelta(days=9))


SUBMISSIONS = st.lists(
    st.tuples(
        st.integers(0, 25), st.sampled_from(["a", "a", "a", "b", "c", None]), st.sampled_from([None, 0, 40, 55, 100])
    ),
    max_size=70,
)


def _differ_by_many(some: Sequence[Handed], more: Sequence[Handed], *, insiders: bool) -> bool:
    """Whether two readings are the same, or differ by five structures that no delegation has alone."""
    between = {one.structure: one.brought.delegation for one in more if one not in some}
    largest = max(Counter(between.values()).values(), default=0) if insiders else 0
    return not between or len(between) - largest >= 5


@settings(max_examples=200, deadline=None)
@given(SUBMISSIONS, st.booleans())
def test_no_two_readings_differ_by_few(said: list[tuple[int, str | None, int | None]], insiders: bool) -> None:
    every = [
        Handed(UUID(int=who), DAY + timedelta(days=rank), Contribution(where, dict.fromkeys(MEASURES, points), ""))
        for rank, (who, where, points) in enumerate(said)
    ]
    readings: list[list[Handed]] = [[]]
    for until in range(len(every) + 1):
        found = settled(CAP, WHOLE, every[:until], 5, insiders=insiders)
        if found != readings[-1]:
            readings.append(found)
        if found:  # the picture of the period, once it is over
            waiting = [one for one in every[:until] if one.brought.points[WHOLE] is not None]
            assert _differ_by_many(found, waiting, insiders=insiders)
            assert len(waiting) > len(found)
    for before, after in pairwise(readings):
        assert after[: len(before)] == before, "ce qui a compté compte toujours"
        assert _differ_by_many(before, after, insiders=insiders)


async def present_of(membership: ServiceUnderTest, role: str, **claims: Any) -> dict[str, Any]:
    async with membership.client(role, **claims) as client:
        answer = await client.get("/assessment-pictures/present", params={"family": "cap"})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_where_a_delegation_stands_now(membership: ServiceUnderTest) -> None:
    south = [0, 1, 2, 3, 4, 4, 1, 2, 3, 0]
    for rank, level in enumerate(south):
        await submitted_by(membership, f"S{rank}", level)
    for rank in range(4):
        await submitted_by(membership, f"W{rank}", rank, department="35", postcode="35000")
    early = await present_of(membership, "network")
    assert early["country"]["structures"] is None, "ce qui est remis aujourd'hui compte demain"
    async with membership.days_later(1) as later:
        mine = await present_of(later, "delegation", delegation="occitanie")
        points = [points_of(level) for level in south[:5]]
        [row] = mine["delegations"]
        assert (row["delegation"], row["structures"], row["members"]) == ("occitanie", 5, 10)
        assert (row["whole"]["mean"], row["counted_to"]) == (int(sum(points) / 5 + 0.5), TODAY.isoformat())
        assert (mine["first"], mine["last"]) == (PERIOD.first.isoformat(), TODAY.isoformat())
        assert mine["country"]["structures"] is None, "hors d'Occitanie, quatre"
        rows = {one["delegation"]: one for one in (await present_of(later, "network"))["delegations"]}
        assert (rows["occitanie"], rows["bretagne"]["structures"], len(rows)) == (row, None, 14)
        other = await present_of(later, "delegation", delegation="bretagne")
        assert [one["delegation"] for one in other["delegations"]] == ["bretagne"]
        for role in ("finance", "board"):
            assert (await present_of(later, role))["delegations"] == [], "le pays seul"
        async with later.client("member") as client:
            assert (await client.get("/assessment-pictures/present", params={"family": "cap"})).status_code == 403
        async with later.client("network") as client:
            unknown = await client.get("/assessment-pictures/present", params={"family": "cap-1999"})
            assert (unknown.status_code, unknown.json()["code"]) == (404, "bank_not_found")


async def ten_submitted(membership: ServiceUnderTest) -> None:
    """S0 to S9, all of Occitanie, submitted an assessment: each answer is that of two."""
    for rank in range(10):
        await submitted_by(membership, f"S{rank}", rank % 5)


async def test_what_becomes_of_a_structure_does_not_move_it(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """Who moves, or is merged with its duplicate, would be found by the difference."""
    await arranged(membership, ten_submitted)
    stays = await admitted(membership, "Same")
    async with membership.days_later(1) as later:
        before = await present_of(later, "delegation", delegation="occitanie")
        async with later.client("network", "board") as client:
            listed = (await client.get("/assessments", params={"q": "S1"})).json()["items"]
            moved = (await client.get("/assessments", params={"q": "S2"})).json()["items"]
            await merge(client, f"/members/{stays}", f"/members/{listed[0]['member_id']}")
            await enter(
                client,
                f"/members/{moved[0]['member_id']}",
                topic="delegation",
                code="bretagne",
                reason="suivie de là",
            )
        after = await present_of(later, "delegation", delegation="occitanie")
    for found in (before, after):
        found["country"].pop("members")
        found["delegations"][0].pop("members")
    assert after == before


async def test_the_period_over_counts_whom_the_present_counted(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """Twelve submitted, five count. If all but one of those who wait left, moved or were merged, the last picture less
    the present one would be of one: each counts as it submitted, where it was then."""
    await arranged(membership, ten_submitted)
    for rank in (10, 11):
        await submitted_by(membership, f"S{rank}", rank % 5)
    stays = await admitted(membership, "Same")
    async with membership.days_later(1) as later:
        [now] = (await present_of(later, "delegation", delegation="occitanie"))["delegations"]
        assert now["structures"] == 5
        async with later.client("network", "board") as client:
            waiting = [
                (await client.get("/assessments", params={"q": f"S{rank}"})).json()["items"][0]["member_id"]
                for rank in (6, 7, 8)
            ]
            await merge(client, f"/members/{stays}", f"/members/{waiting[0]}")
            gone = await told(client, f"/members/{waiting[1]}", cause="ceased")
            assert gone.status_code == 200, gone.text
            await enter(client, f"/members/{waiting[2]}", topic="delegation", code="bretagne", reason="suivie de là")
    async with membership.days_later((PERIOD.last - TODAY).days + 1) as over, over.client("network") as client:
        picture = await picture_of(client)
    [row] = [one for one in picture["delegations"] if one["delegation"] == "occitanie"]
    points = [points_of(rank % 5) for rank in range(12)]
    assert (row["structures"], row["whole"]["mean"]) == (12, int(sum(points) / 12 + 0.5))
    assert picture["country"]["structures"] == 12
