"""Eight issuers at once on one series; ``make bench`` has them at it for a minute."""

from bench.issuers import WRITERS, issue_together
from common.testing.harness import ServiceUnderTest

from ..campaigns.test_campaign import joined, open_campaign, run

EACH = 25


async def test_issuers_at_once_leave_neither_a_duplicate_nor_a_hole(dues: ServiceUnderTest) -> None:
    await dues.receive(*(joined(rank, "ai") for rank in range(1, WRITERS + 1)))
    async with dues.client("finance") as client:
        await run(dues, client, (await open_campaign(client))["id"])
    notes, books = await issue_together(dues, lambda done: done < EACH)
    assert (len(notes.places), notes.is_sound) == (WRITERS * EACH, True)
    assert (len(books.places), books.is_sound) == (WRITERS * (EACH + 1), True)
