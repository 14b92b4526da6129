"""Gapless numbers."""

import asyncio

import pytest

from common.errors import Conflict
from common.numbering import Series, last_taken, take_numbers
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

SERIES = Series("federation", "COT", 2026)


async def take(service: ServiceUnderTest, count: int, series: Series = SERIES) -> list[str]:
    async with service.runtime.database.transaction(Actor("test")) as tx:
        return await take_numbers(tx, series, count)


async def take_and_fail(service: ServiceUnderTest) -> None:
    async with service.runtime.database.transaction(Actor("test")) as tx:
        await take_numbers(tx, SERIES, 5)
        raise Conflict("la campagne est refusée")


async def test_ten_takers_at_once_leave_no_hole_and_share_no_number(notebook: ServiceUnderTest) -> None:
    sizes = [1, 7, 3, 12, 5, 1, 9, 2, 4, 6]
    runs = await asyncio.gather(*(take(notebook, size) for size in sizes))
    assert [len(run) for run in runs] == sizes
    assert all(run == sorted(run) for run in runs)
    taken = sorted(number for run in runs for number in run)
    assert taken == [SERIES.number(rank) for rank in range(1, sum(sizes) + 1)]


async def test_a_rollback_gives_its_numbers_back(notebook: ServiceUnderTest) -> None:
    assert await take(notebook, 2) == ["COT-2026-00001", "COT-2026-00002"]
    with pytest.raises(Conflict):
        await take_and_fail(notebook)
    assert await take(notebook, 1) == ["COT-2026-00003"]


async def test_nothing_asked_takes_nothing(notebook: ServiceUnderTest) -> None:
    assert await take(notebook, 0) == []
    assert await take(notebook, 1) == ["COT-2026-00001"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Series("federation", "COT", 2027), id="l'année suivante"),
        pytest.param(Series("federation", "AVO", 2026), id="un autre journal"),
        pytest.param(Series("offer", "COT", 2026), id="une autre entité"),
    ],
)
async def test_series_do_not_share_their_numbers(notebook: ServiceUnderTest, other: Series) -> None:
    await take(notebook, 3)
    assert await take(notebook, 1, other) == [other.number(1)]


async def test_the_last_rank_of_each_series_is_known(notebook: ServiceUnderTest) -> None:
    await take(notebook, 3)
    async with notebook.runtime.database.reading(Actor("reader")) as read:
        assert await last_taken(read, "federation") == {("COT", 2026): 3}
