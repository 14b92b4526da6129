"""A federation that declared its accounts of 2025, and closed its campaign."""

import random

import httpx
import pytest_asyncio

from common.testing.harness import ServiceUnderTest

from ..declarations.test_declaring import declared, form, opened
from ..members.test_register import receive, structure

REGIONS = {"occitanie": ("31", "31000"), "idf": ("75", "75001"), "bretagne": ("35", "35000")}
PEOPLE = [
    ("ai", "occitanie", 12),
    ("ai", "idf", 6),
    ("ai", "bretagne", 3),
    ("aci", "occitanie", 7),
    ("ai aci", "occitanie", 1),
    ("ebe", "idf", 1),
]
"""Who declares: its activities, a delegation, how many."""

Declared = dict[str, tuple[str, str, dict[str, str]]]


async def admitted(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    """Admit all of them in one sitting; return the id, the activity and the delegation of each."""
    people, votes = [], []
    for kind, region, count in PEOPLE:
        department, postcode = REGIONS[region]
        for rank in range(count):
            fields = structure(f"{kind} {region} {rank}", department, postcode) | {"activities": kind.split()}
            application = await receive(client, **fields)
            people.append((str(application["member_id"]), kind, region))
            vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 9, "reservations": ["pièces"]}
            votes.append(vote)
    sitting = {"held_on": application["received_on"], "in_office": 9, "present": 9, "minutes_reference": "PV-1"}
    path = f"/sittings/{(await client.post('/sittings', json=sitting)).json()['id']}"
    await client.post(f"{path}/decisions", json={"decisions": votes}, headers={"If-Match": '"v1"'})
    closed = await client.post(f"{path}/close", headers={"If-Match": '"v2"'})
    assert closed.status_code == 200, closed.text
    return people


def made_up(kinds: str, draw: random.Random) -> dict[str, str]:
    """Figures that pass every check without a comment."""
    figures = {"total_operating_income": "5000000"}
    for kind in kinds.split():
        pathway, turnover = draw.randint(20, 200), draw.randint(200_000, 900_000)
        women = draw.randint(0, pathway)
        figures |= {
            f"turnover@{kind}": str(turnover),
            f"charges@{kind}": str(turnover),
            f"headcount_permanent@{kind}": str(draw.randint(1, 20)),
            f"headcount_pathway@{kind}": str(pathway),
            f"subsidies_state@{kind}": str(draw.randint(1_000, 90_000)),
        }
        if draw.random() < 0.7:  # not everybody answers everything; a blank beside the other is zero
            figures[f"men_26_49@{kind}"] = str(pathway - women)
            figures |= (
                {f"women_26_49@{kind}": str(women)} if draw.random() < 0.8 else {f"men_50_over@{kind}": str(women)}
            )
    return figures


@pytest_asyncio.fixture
async def federation(membership: ServiceUnderTest) -> Declared:
    """What each structure declared for 2025, by its id."""
    draw, said = random.Random(4), {}
    async with membership.client("network", "board") as client:
        people = await admitted(client)
        await opened(client, 2025, days=0)
        for member_id, kind, region in people:
            figures = made_up(kind, draw)
            await declared(client, form(f"/members/{member_id}"), figures)
            said[member_id] = (kind, region, figures)
    async with membership.days_later(1) as after, after.client("network") as client:
        etag = (await client.get("/declaration-campaigns/2025")).headers["etag"]
        closed = await client.post("/declaration-campaigns/2025/close", headers={"If-Match": etag})
        assert closed.status_code == 200, closed.text
    return said
