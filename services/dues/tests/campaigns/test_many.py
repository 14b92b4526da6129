"""A federation of more members than a statement takes parameters."""

from common.identifiers import new_id
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.bases.queries import declared_amounts
from dues.invoices.queries import billed_members
from dues.invoices.use_cases import hold_calls

MANY = 40_000


async def test_a_campaign_looks_at_any_number_of_members_at_once(dues: ServiceUnderTest) -> None:
    members = [new_id() for _ in range(MANY)]
    async with dues.runtime.database.transaction(Actor("test")) as tx:
        assert await billed_members(tx, 2026, members) == set()
        assert await declared_amounts(tx, 2024, members) == {}
        await hold_calls(tx, members)
