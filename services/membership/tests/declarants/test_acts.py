"""What a followed structure allows is what doing it answers."""

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest

from .test_follow_up import FOLLOW_UP

WHY = {"reason": "-"}
ACTS = {"exempt": ("POST", "/exempt", WHY), "withdraw_exemption": ("POST", "/withdraw-exemption", WHY)}


async def test_who_is_excused_is_not_excused_again(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network", "board") as client:
        assert await try_acts(client, f"{FOLLOW_UP}/{ids['D']}", ACTS) == {"withdraw_exemption"}
        assert await try_acts(client, f"{FOLLOW_UP}/{ids['E']}", ACTS) == {"exempt"}
