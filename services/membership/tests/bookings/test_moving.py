"""A slot is moved under those who booked it, or who are booking it."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.bookings.domain import Booking, moved

from ..accompaniments.test_catalogue import LINK, listed, offered, opened
from ..members.test_dates import on
from ..sittings.test_minutes import act
from .test_bookings import PATH, admitted, reserved

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("free_year", "year", "expected"),
    [
        pytest.param(2027, 2027, (2027, None), id="la même année"),
        pytest.param(2027, 2028, (None, "Créneau déplacé à une autre année."), id="une autre année"),
        pytest.param(None, 2028, (None, None), id="rien de gratuit n'était compté"),
    ],
)
def test_a_slot_moved_to_another_year_gives_the_free_first_level_back(
    free_year: int | None, year: int, expected: tuple[int | None, str | None]
) -> None:
    booking = moved(
        Booking(UUID(int=1), UUID(int=2), UUID(int=3), 1, "coodiag", UUID(int=4), None, NOW, "x", free_year=free_year),
        year,
    )
    assert (booking.free_year, booking.allowance_reason) == expected


async def test_a_place_is_booked_at_the_hour_the_slot_then_has(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """The slot is moved while a structure books it: whoever comes second has seen what the first one did."""
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as network:
        [slot] = await opened(network, await offered(network))
        to = {"day": on(12), "begins": "09:00", "minutes": 60, "link": LINK}
        answers = await asyncio.gather(
            act(network, f"/accompaniment-slots/{slot['id']}", "POST", "move", **to), reserved(network, slot, own)
        )
        assert [answer.status_code for answer in answers] == [200, 201], [answer.text for answer in answers]
        [booking] = await listed(network, PATH)
        told = [mail.text for mail in await membership.rows("SELECT text FROM mail ORDER BY posted_at, id")]
    assert booking["starts_at"][:10] == on(12)
    assert f"{int(on(12)[-2:])} " in told[-1]
