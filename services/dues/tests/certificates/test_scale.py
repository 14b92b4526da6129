"""A campaign of 55,000 calls is counted in as many statements as one of three."""

import json

from common.testing.harness import ServiceUnderTest
from dues.legal_entities.queries import DEMO_ENTITY, freeze_entity, load_entity

from ..receivables.scale import CALLS, CAMPAIGN, large_federation
from .closing import Closing, figures


async def test_a_federation_a_hundred_times_as_large_is_counted(dues: ServiceUnderTest) -> None:
    async with large_federation(dues, paid=CALLS // 2) as connection, dues.client("finance") as client:
        seller = json.dumps(freeze_entity(load_entity(DEMO_ENTITY)))
        await connection.execute("UPDATE campaign SET seller = $1::text::jsonb", seller)
        closing = Closing(f"/campaigns/{CAMPAIGN}", client, client)
        with dues.statements() as sent:
            shown = await closing.shown()
    assert figures(shown, "calls")["issued"][0] == CALLS
    assert figures(shown, "receipts")["transfer"][0] == CALLS // 2
    assert len(sent) <= 40
