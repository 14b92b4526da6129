"""What is published of a year: frozen with its definitions, beside what is counted since, printed on one page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import text

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor

from ..declarants.test_follow_up import member
from ..declarations.test_declaring import FIGURES, declared, form
from ..members.test_dates import TODAY
from .test_counting import enrolment, figures, question

YEAR = TODAY.year
SPRING = date(YEAR + 1, 4, 15)
FIRST = date(YEAR, 1, 1)
PATH = f"/yearly-figures/{YEAR}"


async def two_trained(membership: ServiceUnderTest) -> None:
    """Two members in Occitanie, two trainees, and the next spring has come."""
    async with membership.client("network", "board") as client:
        ids = [await member(client, name) for name in "AB"]
    session = uuid4()
    await membership.receive(*(enrolment(session, one, "7", FIRST, delegation="occitanie") for one in ids))
    async with membership.days_later((SPRING - TODAY).days):
        pass


@pytest_asyncio.fixture
async def now(membership: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[ServiceUnderTest]:
    """The service in the next spring: the report of the year is being written."""
    await arranged(membership, two_trained)
    async with membership.days_later((SPRING - TODAY).days) as then:
        yield then


async def publish(client: httpx.AsyncClient, etag: str | None = None, **body: Any) -> httpx.Response:
    seen = etag or (await client.get(PATH)).headers["etag"]
    return await client.post(f"{PATH}/publish", json=body, headers={"If-Match": seen})


async def edition(client: httpx.AsyncClient, number: int = 1, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"{PATH}/editions/{number}", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def value(shown: dict[str, Any], code: str) -> Any:
    return next(one["value"] for one in shown["figures"] if one["code"] == code)


async def test_what_is_published_does_not_move_and_the_present_value_stands_beside(
    now: ServiceUnderTest,
) -> None:
    async with now.client("network") as client:
        before = (await client.get(PATH)).json()
        assert (before["version"], before["provisional"], before["allowed_actions"]) == (0, False, ["publish"])
        assert all(one["published"] is None for one in before["figures"])
        published = await publish(client)
        assert published.status_code == 201, published.text
        assert published.headers["location"] == f"/membership/v1{PATH}/editions/1"
        kept = await edition(client)
        assert kept == published.json()
        assert {one["code"]: one["value"] for one in kept["figures"]} == {
            one["code"]: one["value"] for one in before["figures"]
        }
        await now.receive(enrolment(uuid4(), None, "7", FIRST))
        assert await edition(client) == kept
        after = await figures(client, YEAR)
        trainees = after["training.trainees"]
        assert trainees["value"] == "3"
        assert trainees["published"] == {
            "edition": 1,
            "published_on": SPRING.isoformat(),
            "value": "2",
            "differs": True,
        }
        assert after["members.at_year_end"]["published"]["differs"] is False
        again = await publish(client)
        assert (again.status_code, again.json()["code"]) == (400, "revision_unexplained")
        second = await publish(client, reason="Une session oubliée.")
        assert (second.status_code, second.json()["number"], value(second.json(), "training.trainees")) == (201, 2, "3")
        assert await edition(client) == kept
        listed = (await client.get(f"{PATH}/editions", params={"total": True})).json()
        assert ([one["number"] for one in listed["items"]], listed["total"]) == ([2, 1], 2)
        assert (await figures(client, YEAR))["training.trainees"]["published"]["edition"] == 2
        await a_definition_is_kept(now, client)


async def a_definition_is_kept(now: ServiceUnderTest, client: httpx.AsyncClient) -> None:
    """An edition carries its definitions: whatever the service ships later, it says what it said."""
    [row] = await now.rows("SELECT figures->0->>'definition' AS told FROM yearly_edition WHERE number = 1")
    assert (await edition(client))["figures"][0]["definition"] == row.told


async def test_a_dry_run_shows_the_edition_and_keeps_nothing(now: ServiceUnderTest) -> None:
    async with now.client("network") as client:
        tried = await client.post(f"{PATH}/publish", json={}, params={"dry_run": True}, headers={"If-Match": '"v0"'})
        assert (tried.status_code, tried.json()["number"], value(tried.json(), "training.trainees")) == (201, 1, "2")
        assert (await client.get(f"{PATH}/editions")).json()["items"] == []
        asked = {"If-Match": '"v0"', "Idempotency-Key": "rapport-2026"}
        first = await client.post(f"{PATH}/publish", json={}, headers=asked)
        again = await client.post(f"{PATH}/publish", json={}, headers=asked)
        assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


async def test_of_two_who_publish_at_once_one_is_told(now: ServiceUnderTest) -> None:
    async with now.client("network") as client:
        answers = await asyncio.gather(*(publish(client, '"v0"') for _ in range(3)))
        assert sorted(one.status_code for one in answers) == [201, 412, 412]
        late = next(one.json() for one in answers if one.status_code == 412)
        assert (late["code"], late["current"]["version"]) == ("version_changed", 1)
        assert len(await now.rows("SELECT 1 FROM yearly_edition")) == 1


@pytest.mark.parametrize(
    ("year", "headers", "status", "code"),
    [
        pytest.param(YEAR + 1, {"If-Match": '"v0"'}, 409, "year_still_running", id="l'année court"),
        pytest.param(YEAR + 2, {"If-Match": '"v0"'}, 409, "year_still_running", id="une année à venir"),
        pytest.param(2014, {"If-Match": '"v0"'}, 404, "figures_not_defined", id="sans définition"),
        pytest.param(YEAR, {}, 428, "if_match_missing", id="sans la version lue"),
        pytest.param(YEAR, {"If-Match": '"v1"'}, 412, "version_changed", id="une autre version"),
    ],
)
async def test_what_cannot_be_published(
    membership: ServiceUnderTest, year: int, headers: dict[str, str], status: int, code: str
) -> None:
    async with membership.days_later((SPRING - TODAY).days) as now, now.client("network") as client:
        refused = await client.post(f"/yearly-figures/{year}/publish", json={}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        running = (await client.get(f"/yearly-figures/{YEAR + 1}")).json()
        assert (running["allowed_actions"], running["blockers"]["publish"][0]["code"]) == ([], "year_still_running")


async def test_who_reads_what_is_published(now: ServiceUnderTest) -> None:
    """The network's counts are everybody's; a delegation's are its own; what structures declare is not told to all."""
    await now.receive(question(FIRST, None, "occitanie"))
    async with now.client("network", "board") as client:
        ids = [one["member_id"] for one in (await client.get(f"{PATH}/members.at_year_end/rows")).json()["items"]]
        ids += [await member(client, name) for name in "CDE"]
        campaign = {"year": YEAR, "questionnaire": "2025", "closes_on": f"{YEAR + 1}-06-30"}
        assert (await client.post("/declaration-campaigns", json=campaign)).status_code == 201
        for number, own in enumerate(ids):
            if number == 4:
                few = (await publish(client)).json()
                [hidden] = [one for one in few["figures"] if one["code"] == "activity.turnover"]
                assert (hidden["value"], hidden["missing"], hidden["rows"]) == (None, "too_few", None)
                assert (await figures(client, YEAR))["activity.turnover"]["published"]["differs"] is False
            await declared(client, form(f"/members/{own}", YEAR), FIGURES)
        enough = (await publish(client, reason="La dernière a déclaré.")).json()
        assert (value(enough, "activity.turnover"), enough["reason"]) == ("3062002.5", "La dernière a déclaré.")
        assert value(await edition(client, 2, delegation="occitanie"), "legal_desk.asked") == "1"
    for role in ("member", "board", "finance", "delegation"):
        async with now.client(role, member_id=uuid4(), delegation="idf") as client:
            shown = await edition(client, 2)
            codes = {one["code"] for one in shown["figures"]}
            assert "training.trainees" in codes
            assert not {"activity.turnover", "activity.permanents", "fg2i.amount", "dues.amount_called"} & codes
            assert shown["reason"] is None, role
            listed = (await client.get(f"{PATH}/editions")).json()["items"]
            assert [one["reason"] for one in listed] == [None, None], role
            other = await client.get(f"{PATH}/editions/2", params={"delegation": "occitanie"})
            assert (other.status_code, other.json()["code"]) == (404, "delegation_not_found"), role
    async with now.client("delegation", delegation="occitanie") as client:
        shown = await edition(client, 2, delegation="occitanie")
        assert (shown["name"], value(shown, "training.trainees")) == ("Occitanie", "2")
        assert value(shown, "activity.turnover") == "3062002.5"


async def test_an_edition_fits_on_one_page(now: ServiceUnderTest) -> None:
    async with now.client("network") as client:
        await publish(client)
        printed = await client.get(f"{PATH}/editions/1/pdf")
    async with now.client("member", member_id=uuid4()) as client:
        assert (await client.get(f"{PATH}/editions/1/pdf")).status_code == 200
        hidden = await client.get(f"{PATH}/editions/1/pdf", params={"delegation": "occitanie"})
        assert hidden.status_code == 404
    assert printed.headers["content-type"] == "application/pdf"
    pages = PdfReader(BytesIO(printed.content)).pages
    words_of = " ".join(pages[0].extract_text().split())
    assert len(pages) == 1
    for words in (
        f"Chiffres clés {YEAR}",
        "Ensemble du réseau",
        "Stagiaires formés 2",
        "Sans valeur",
        "Pôles suivis",
        "partielle : comptée depuis le",
    ):
        assert words in words_of, words


async def test_a_delegation_that_an_edition_does_not_know(now: ServiceUnderTest) -> None:
    """Territories change: what was published before a delegation was says nothing of it, and nothing fails."""
    async with now.client("network") as client:
        await publish(client)
        async with now.runtime.database.transaction(Actor("test")) as tx:
            without = (
                "UPDATE yearly_edition SET figures = (SELECT jsonb_agg(one #- '{values,bretagne}')"
                " FROM jsonb_array_elements(figures) one)"
            )
            await tx.session.execute(text(without))
        unknown = await client.get(f"{PATH}/editions/1", params={"delegation": "bretagne"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "delegation_not_found")
        told = await figures(client, YEAR, delegation="bretagne")
        assert {one["published"] for one in told.values()} == {None}
        assert (await edition(client, delegation="occitanie"))["name"] == "Occitanie"
