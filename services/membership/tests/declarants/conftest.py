"""A campaign that is followed: some declared, some did not."""

import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..declarations.test_declaring import FIGURES, declared, form, make, opened, put
from ..members.test_register import receive, structure
from .test_follow_up import FOLLOW_UP, member


async def a_campaign_under_way(membership: ServiceUnderTest) -> dict[str, str]:
    """Five members and a candidate: A declared, B corrected, C is filling in, D is excused, E did nothing."""
    async with membership.client("network", "board") as client:
        ids = {
            "A": await member(client, "A"),
            "B": await member(client, "B", "77"),
            "C": await member(client, "C", kinds=("ai", "aci")),
            "D": await member(client, "D"),
            "E": await member(client, "E", "77"),
        }
        await receive(client, **structure("F"))
        await opened(client, 2025)
        for name in "AB":
            await declared(client, form(f"/members/{ids[name]}"), FIGURES)
        path = form(f"/members/{ids['B']}")
        await put(client, path, {**FIGURES, "total_operating_income": "748000"})
        assert (await make(client, path, "correct", reason="erreur de report")).status_code == 200
        await put(client, form(f"/members/{ids['C']}"), {"turnover@ai": "1"})
        excused = await client.post(f"{FOLLOW_UP}/{ids['D']}/exempt", json={"reason": "créée en 2026"})
        assert excused.status_code == 200, excused.text
    return ids


@pytest_asyncio.fixture
async def ids(membership: ServiceUnderTest, arranged: Arrange) -> dict[str, str]:
    """The members that are followed, by their names."""
    return await arranged(membership, a_campaign_under_way)
