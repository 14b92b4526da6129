"""The picture of a year: what is shown is right, and what is hidden cannot be found again."""

from collections.abc import Sequence
from datetime import date
from itertools import product
from statistics import mean, median
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from membership.banks.queries import bank_of
from membership.pictures.domain import Contribution, Picture, PictureNotOver, draw, require_over

from ..assessments.test_alone import submitted
from ..members.test_dates import TODAY
from ..members.test_register import admit, receive, structure

CAP = bank_of("cap-2026")
THEMES = [theme.code for theme in CAP.themes]
LEVELS = [level.code for level in CAP.levels]


def some(delegation: str | None, count: int, points: int = 40, level: str = "under_way") -> list[Contribution]:
    return [Contribution(delegation, dict.fromkeys(THEMES, points + rank), level) for rank in range(count)]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        pytest.param({"a": 6, "b": 8}, {"a": 6, "b": 8}, id="toutes assez nombreuses"),
        pytest.param({"a": 6, "b": 8, "c": 2}, {"b": 8}, id="une petite en emporte une autre"),
        pytest.param({"a": 6, "b": 3, "c": 2}, {"a": 6}, id="deux petites se couvrent"),
        pytest.param({"a": 6, "b": 1, "c": 2}, {}, id="deux petites trop petites"),
        pytest.param({"a": 3}, {}, id="trop peu dans tout le pays"),
        pytest.param({"a": 6, None: 2, "b": 7}, {"b": 7}, id="sans délégation compte aussi"),
    ],
)
def test_which_delegations_are_shown(counts: dict[str | None, int], shown: dict[str | None, int]) -> None:
    picture = draw(CAP, [one for part, count in counts.items() for one in some(part, count)])
    assert {part: row.structures for part, row in picture.parts.items() if row.structures} == shown
    whole = sum(counts.values())
    assert picture.country.structures == (whole if whole >= 5 else None)
    for part, row in picture.parts.items():
        assert all((cell is not None) == (part in shown) for cell in row.themes.values())


CONTRIBUTIONS = st.lists(
    st.builds(
        Contribution,
        delegation=st.sampled_from(["a", "b", "c", None]),
        points=st.fixed_dictionaries({theme: st.one_of(st.none(), st.integers(0, 100)) for theme in THEMES}),
        level=st.sampled_from(LEVELS),
    ),
    max_size=60,
)


@given(CONTRIBUTIONS)
def test_nothing_small_is_found_by_subtraction(contributions: list[Contribution]) -> None:
    picture = draw(CAP, contributions)
    shown = [part for part, row in picture.parts.items() if row.structures is not None]
    if picture.country.structures is not None:
        _is_safe(picture.country.structures, [picture.parts[part].structures or 0 for part in shown])
    for theme in THEMES:
        known = [part for part, row in picture.parts.items() if row.themes[theme] is not None]
        if picture.country.themes[theme] is not None:
            _is_safe(_having(contributions, theme), [_having(contributions, theme, part) for part in known])
    _levels_are_safe(picture, contributions)


def test_levels_do_not_tell_a_count_that_is_hidden() -> None:
    large = [one for part in ("a", "b") for level in LEVELS for one in some(part, 5, level=level)]
    picture = draw(CAP, [*large, *some("c", 2)])
    hidden = [part for part, row in picture.parts.items() if row.structures is None]
    assert hidden == ["a", "c"]
    assert {count for part in hidden for count in picture.parts[part].levels.values()} == {None}


def _is_safe(whole: int, parts: Sequence[int]) -> None:
    """Every part that is told counts five, and so does all that any of them leave of the whole, unless nothing."""
    assert all(part >= 5 for part in (whole, *parts))
    left = whole - sum(parts)
    assert left == 0 or left >= 5


def _having(contributions: Sequence[Contribution], theme: str, part: str | None = "*") -> int:
    return sum(one.points[theme] is not None and part in ("*", one.delegation) for one in contributions)


def _levels_are_safe(picture: Picture, contributions: Sequence[Contribution]) -> None:
    country = picture.country
    if country.structures is not None:
        _is_safe(country.structures, [count for count in country.levels.values() if count is not None])
    told = [part for part, row in picture.parts.items() if any(count is not None for count in row.levels.values())]
    for part, level in product(told, LEVELS):
        count = picture.parts[part].levels[level]
        assert count == sum(one.delegation == part and one.level == level for one in contributions)
        assert picture.parts[part].structures is not None
    for level in LEVELS:
        whole = country.levels[level]
        if told and whole is not None:
            _is_safe(whole, [picture.parts[part].levels[level] or 0 for part in told])


def test_a_running_year_is_not_drawn() -> None:
    require_over(2026, date(2027, 1, 1))
    with pytest.raises(PictureNotOver) as refused:
        require_over(2026, date(2026, 12, 31))
    assert isinstance(refused.value, Refusal)


async def submitted_by(membership: ServiceUnderTest, name: str, level: int, **where: str) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure(name, **where))
        await admit(client, application, f"PV-{name}")
    async with membership.client("member", member_id=application["member_id"]) as client:
        await submitted(client, level=level)


async def picture_of(client: httpx.AsyncClient, year: int = TODAY.year) -> dict[str, Any]:
    answer = await client.get("/assessments/picture", params={"bank": "cap-2026", "year": year})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_picture_of_a_year(membership: ServiceUnderTest) -> None:
    south, west = [0, 1, 2, 3, 4, 4], [2, 2, 2, 2, 2]
    for rank, level in enumerate(south):
        await submitted_by(membership, f"S{rank}", level)
    for rank, level in enumerate(west):
        await submitted_by(membership, f"W{rank}", level, department="35", postcode="35000")
    async with membership.client("network") as client:
        early = await client.get("/assessments/picture", params={"bank": "cap-2026", "year": TODAY.year})
        assert (early.status_code, early.json()["code"]) == (409, "picture_year_not_over")
    days = (date(TODAY.year + 1, 1, 1) - TODAY).days
    async with membership.days_later(days) as later:
        for role, claims in (("network", {}), ("board", {}), ("finance", {}), ("delegation", {"delegation": "idf"})):
            async with later.client(role, **claims) as client:
                picture = await picture_of(client)
        rows = {row["delegation"]: row for row in picture["delegations"]}
        points = [level * 25 for level in south]
        cell = rows["occitanie"]["themes"][0]
        assert (rows["occitanie"]["structures"], rows["bretagne"]["structures"]) == (6, 5)
        assert (cell["mean"], cell["median"]) == (int(mean(points) + 0.5), int(median(points) + 0.5))
        assert picture["country"]["structures"] == 11
        assert rows["idf"]["structures"] is None
        # Under way: S1, S2 and the five of the west; the other levels count two each, and are hidden with it or not.
        shown = {level["code"]: level["structures"] for level in picture["country"]["levels"]}
        assert [count for count in shown.values() if count is not None and count < 5] == []
        assert all(level["structures"] is None for row in rows.values() for level in row["levels"])
        async with later.client("member") as client:
            refused = await client.get("/assessments/picture", params={"bank": "cap-2026", "year": TODAY.year})
            assert refused.status_code == 403
        await submitted_by(later, "Late", 4)
        async with later.client("network") as client:
            assert await picture_of(client) == picture
            unknown = await client.get("/assessments/picture", params={"bank": "cap-1999", "year": TODAY.year})
            assert (unknown.status_code, unknown.json()["code"]) == (404, "bank_not_found")
