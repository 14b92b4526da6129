"""A federation that declared a year of its accounts, and closed the campaign."""

import random
from collections.abc import Collection, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import httpx
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.declarations.queries import questionnaire_of
from membership.members.domain import ActivityKind

from ..declarations.test_declaring import form, opened, put
from ..members.test_dates import TODAY
from ..members.test_register import receive, structure

REGIONS = {"occitanie": ("31", "31000"), "idf": ("75", "75001"), "bretagne": ("35", "35000")}
People = Sequence[tuple[str, str, int]]
"""Who declares: its activities, a delegation, how many."""
PEOPLE: People = (
    ("ai", "occitanie", 12),
    ("ai", "idf", 6),
    ("ai", "bretagne", 3),
    ("aci", "occitanie", 7),
    ("ai aci", "occitanie", 1),
    ("ebe", "idf", 1),
)

Declared = dict[str, tuple[str, str, dict[str, str]]]


async def all_admitted(membership: ServiceUnderTest, who: People) -> list[tuple[str, str, str]]:
    """All of them are admitted in one sitting: the id, the activity and the delegation of each."""
    async with membership.client("network", "board") as client:
        return await admitted(client, who)


async def admitted(client: httpx.AsyncClient, who: People) -> list[tuple[str, str, str]]:
    """Admit all of them in one sitting; return the id, the activity and the delegation of each."""
    people, votes = [], []
    for kind, region, count in who:
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


SHARED_OUT = {
    "clients": ("clients_private_profit", "clients_private_nonprofit", "clients_public", "clients_individuals"),
    "ages": ("women_under_26", "women_26_49", "women_50_over", "men_under_26", "men_26_49", "men_50_over"),
    "levels": ("below_bac", "bac_and_above"),
    "without_work": ("unemployed_under_1_year", "unemployed_1_to_2_years", "unemployed_over_2_years"),
    "exits": ("exits_lasting", "exits_transition", "exits_training"),
}
"""The questions that a whole is shared out among, as a structure answers them: together."""
AMOUNTS = (
    "subsidies_state",
    "subsidies_departments",
    "subsidies_municipalities",
    "subsidies_esf",
    "subsidies_regions_and_other",
    "subsidies_local",
    "subsidies_other",
    "wages_permanent",
    "wages_pathway",
    "taxes",
    "purchases",
)

ANSWERED = 0.8
"""How often somebody answers what may be left blank."""


def made_up(kinds: str, draw: random.Random, year: int = 2025) -> dict[str, str]:
    """Figures for all that a year asks, some of it left blank, that pass every check without a comment."""
    figures = {"total_operating_income": "5000000", "workforce_fte": str(draw.randint(5, 90))}
    for kind in kinds.split():
        asked = {one.code for one in questionnaire_of(str(year)).questions if one.is_asked_of(ActivityKind(kind))}
        figures |= {f"{code}@{kind}": str(value) for code, value in activity(draw, asked).items() if code in asked}
    return figures


def activity(draw: random.Random, asked: Collection[str]) -> dict[str, int]:
    """Figures of one activity; what is not required may be blank."""
    pathway, turnover = draw.randint(20, 200), draw.randint(200_000, 900_000)
    exits = draw.randint(1, pathway)
    known, dynamic = draw.randint(1, pathway), draw.randint(0, exits)
    wholes = {"clients": 100, "ages": pathway, "levels": pathway, "without_work": known, "exits": dynamic}
    sectors = [code for code in sorted(asked) if code.startswith("sector_")]
    groups = [shares(draw, 100, sectors), *(shares(draw, wholes[name], codes) for name, codes in SHARED_OUT.items())]
    said = {code: draw.randint(1_000, 90_000) for code in AMOUNTS}
    said |= {code: draw.randint(0, pathway) for code in ("rsa_recipients", "long_term_unemployed")}
    said |= {"exits": exits, "hours_pathway": draw.randint(100, 900) * pathway}
    return {
        "turnover": turnover,
        "temp_work_turnover": draw.randint(0, turnover),
        "charges": turnover,
        "headcount_permanent": draw.randint(1, 20),
        "headcount_pathway": pathway,
        **{code: value for code, value in said.items() if draw.random() < ANSWERED},
        **{code: value for group in groups if draw.random() < ANSWERED for code, value in group.items()},
    }


def shares(draw: random.Random, whole: int, codes: Sequence[str]) -> dict[str, int]:
    """Share a whole out among some of these questions; a blank beside others is zero, as a zero that was typed."""
    if not codes:
        return {}
    among = draw.sample(codes, k=draw.randint(1, len(codes)))
    cuts = sorted(draw.randint(0, whole) for _ in among[1:])
    return dict(zip(among, (high - low for low, high in pairwise([0, *cuts, whole])), strict=True))


async def declaring(membership: ServiceUnderTest, arranged: Arrange, people: People, year: int) -> Declared:
    """Have structures declare a year, and close it; return what each declared, by its id."""
    draw, said = random.Random(4), {}
    admitted_ = await arranged(membership, all_admitted, people)
    days = max(0, (date(year + 1, 1, 15) - TODAY).days)
    async with membership.days_later(days) as then, then.client("network", "board") as client:
        await opened(client, year, days=days)
        for member_id, kind, region in admitted_:
            figures, path = made_up(kind, draw, year), form(f"/members/{member_id}", year)
            saved = await put(client, path, figures, etag='"v0"')
            answer = await client.post(f"{path}/declare", headers={"If-Match": saved.headers["etag"]})
            assert answer.status_code == 200, answer.text
            said[member_id] = (kind, region, figures)
    async with membership.days_later(days + 1) as after, after.client("network") as client:
        etag = (await client.get(f"/declaration-campaigns/{year}")).headers["etag"]
        closed = await client.post(f"/declaration-campaigns/{year}/close", headers={"If-Match": etag})
        assert closed.status_code == 200, closed.text
    return said


async def published(membership: ServiceUnderTest, year: int = 2025, **body: Any) -> dict[str, Any]:
    days = max(1, (date(year + 1, 1, 17) - TODAY).days)
    async with membership.days_later(days) as after, after.client("network") as client:
        asked = await client.post("/observatory/editions", json={"year": year, **body})
        assert asked.status_code == 202, asked.text
        await after.run_jobs()
        edition = (await client.get(f"/observatory/editions/{asked.json()['id']}")).json()
        assert edition["status"] == "published", edition
        return dict(edition)


@pytest_asyncio.fixture
async def federation(membership: ServiceUnderTest, arranged: Arrange) -> Declared:
    """What each structure declared for 2025, by its id."""
    return await arranged(membership, declaring, arranged, PEOPLE, 2025)


async def an_edition_published(membership: ServiceUnderTest, arranged: Arrange) -> tuple[Declared, dict[str, Any]]:
    """The federation declared 2025, of which an edition is published: what was declared, and the edition."""
    return await arranged(membership, declaring, arranged, PEOPLE, 2025), await published(membership)


@pytest_asyncio.fixture
async def observed(membership: ServiceUnderTest, arranged: Arrange) -> tuple[Declared, dict[str, Any]]:
    """What each structure declared for 2025, by its id, and the edition that was published of it."""
    return await arranged(membership, an_edition_published, arranged)
