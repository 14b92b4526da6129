"""What structures thought: given once, changed for a while, shown as averages only, nobody's after a year.

Decided in ADR 0030; days and the least number of answers are dated data, `assumed`.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.bookings.queries import survey_on
from membership.satisfaction.domain import Tally, shown, together

from ..accompaniments.test_catalogue import listed, offered, opened
from ..bookings.test_bookings import admitted, booked
from ..members.test_dates import TODAY
from ..sittings.test_minutes import act

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
YEAR_LATER = 400
FIGURES = "/accompaniment-satisfaction/figures"


def opinion(rating: int = 4, **fields: Any) -> dict[str, Any]:
    return {"ratings": {question.code: rating for question in survey_on(TODAY).questions}, **fields}


async def held(membership: ServiceUnderTest, members: list[UUID], region: str = "occitanie") -> list[str]:
    """Book and hold one workshop tomorrow for some structures; return their bookings."""
    async with membership.client("delegation", delegation=region) as client:
        [slot] = await opened(client, await offered(client, region), 2, capacity=50)
        paths = [await booked(client, slot, member) for member in members]
    async with membership.days_later(3) as later, later.client("delegation", delegation=region) as client:
        for path in paths:
            assert (await act(client, path, "POST", "hold")).status_code == 200
    return paths


async def rated(
    membership: ServiceUnderTest, days: int, path: str, member: UUID, body: dict[str, Any]
) -> httpx.Response:
    async with membership.days_later(days) as later, later.client("member", member_id=member) as client:
        return await client.post(f"{path}/satisfaction", json=body)


@pytest.mark.parametrize(
    ("counts", "places"),
    [
        pytest.param({"occitanie": {ONE: 4}}, [], id="quatre réponses : rien"),
        pytest.param(
            {"occitanie": {ONE: 5}},
            [(None, None), ("occitanie", None), ("occitanie", ONE)],
            id="cinq réponses : tout",
        ),
        pytest.param(
            {"occitanie": {ONE: 7}, "bretagne": {TWO: 3}},
            [(None, None)],
            id="trois à côté de sept : ni l'une ni l'autre, qui s'en déduirait",
        ),
        pytest.param(
            {"occitanie": {ONE: 7}, "bretagne": {TWO: 3}, "pdl": {THREE: 4}},
            [(None, None), ("occitanie", None), ("occitanie", ONE)],
            id="trois et quatre se couvrent",
        ),
        pytest.param(
            {"occitanie": {ONE: 6, TWO: 2}},
            [(None, None), ("occitanie", None)],
            id="deux offres dont une petite : leur total seul",
        ),
    ],
)
def test_what_may_be_shown(counts: dict[str, dict[UUID, int]], places: list[tuple[str | None, UUID | None]]) -> None:
    assert shown({"coodiag": counts}, 5) == {("coodiag", *place) for place in places}


def test_an_average_is_of_answers_and_not_of_averages() -> None:
    whole = together([Tally(1, {"usefulness": 5}, {"usefulness": 1}), Tally(3, {"usefulness": 6}, {"usefulness": 3})])
    assert (whole.answers, whole.averages) == (4, {"usefulness": Decimal("2.8")})


async def test_an_opinion_is_given_once_and_changed_in_time(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    path, _ = await held(membership, [own, other])
    early = await rated(membership, 0, path, other, opinion())
    assert early.status_code == 404
    async with membership.days_later(4) as later:
        async with later.client("member", member_id=own) as client:
            under = f"{path}/satisfaction"
            assert (await client.get(under)).json()["code"] == "satisfaction_not_found"
            for wrong in ({"usefulness": 5}, {**opinion()["ratings"], "autre": 3}):
                refused = await client.post(under, json={"ratings": wrong})
                assert (refused.status_code, refused.json()["code"]) == (400, "ratings_incomplete")
            assert (await client.post(under, json=opinion(6))).status_code == 422
            assert "rate" in (await client.get(path)).json()["allowed_actions"]
            given = await client.post(under, json=opinion(3, comment="Utile."))
            assert (given.status_code, given.json()["allowed_actions"]) == (201, ["change"])
            again = await client.post(under, json=opinion())
            assert (again.status_code, again.json()["code"]) == (409, "satisfaction_given")
            seen = (await client.get(path)).json()
            assert ("rate" in seen["allowed_actions"], seen["blockers"]["rate"][0]["code"]) == (
                False,
                "satisfaction_given",
            )
            assert (await client.put(under, json=opinion())).status_code == 428
        for role in ("network", "delegation", "board"):
            async with later.client(role, delegation="occitanie") as client:
                assert (await client.get(under)).status_code == 403
    async with membership.days_later(34) as later, later.client("member", member_id=own) as client:
        changed = await client.put(under, json=opinion(5, comment="Très utile.", quotable=True), headers=_first())
        assert (changed.json()["ratings"]["usefulness"], changed.json()["version"]) == (5, 2)
    async with membership.days_later(35) as later:
        async with later.client("member", member_id=own) as client:
            late = await client.put(under, json=opinion(), headers={"If-Match": '"v2"'})
            assert (late.status_code, late.json()["code"]) == (409, "satisfaction_fixed")
            assert (await client.get(under)).json()["allowed_actions"] == ["withdraw_quote"]
            acts = {"change": ("PUT", "", opinion()), "withdraw_quote": ("POST", "/withdraw-quote", {})}
            assert await try_acts(client, under, acts) == {"withdraw_quote"}
            assert (await client.get("/accompaniment-satisfaction/comments")).status_code == 403
        async with later.client("delegation", delegation="occitanie") as client:
            [comment] = await listed(client, "/accompaniment-satisfaction/comments", quotable="true")
            assert (comment["name"], comment["comment"]) == ("A", "Très utile.")
            assert "ratings" not in comment
        async with later.client("delegation", delegation="bretagne") as client:
            assert await listed(client, "/accompaniment-satisfaction/comments") == []
        quote = f"{under}/withdraw-quote"
        async with later.client("member", member_id=other) as client:
            hidden = await client.post(quote, headers={"If-Match": '"v2"'})
            assert (hidden.status_code, hidden.json()["code"]) == (404, "booking_not_found")
        async with later.client("member", member_id=own) as client:
            assert (await client.post(quote)).status_code == 428
            old = await client.post(quote, headers=_first())
            assert (old.status_code, old.json()["code"]) == (412, "version_changed")
            taken = (await client.post(quote, headers={"If-Match": '"v2"'})).json()
            assert (taken["quotable"], taken["comment"], taken["allowed_actions"]) == (False, "Très utile.", [])
            assert await try_acts(client, under, acts) == set()
            again = await client.post(quote, headers={"If-Match": '"v3"'})
            assert (again.status_code, again.json()["code"]) == (409, "not_quotable")
        async with later.client("delegation", delegation="occitanie") as client:
            assert await listed(client, "/accompaniment-satisfaction/comments", quotable="true") == []
            assert (await client.post(quote, headers={"If-Match": '"v3"'})).status_code == 403


def _first() -> dict[str, str]:
    return {"If-Match": '"v1"'}


async def test_only_what_was_held_is_rated(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client))
        path = await booked(client, slot, own)
    refused = await rated(membership, 0, path, own, opinion())
    assert (refused.status_code, refused.json()["code"]) == (409, "accompaniment_not_held")


async def test_averages_from_five_answers_then_nobodys_and_the_same(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    members = await arranged(membership, admitted, *"ABCDE")
    paths = await held(membership, members)
    year = await _slot_year(membership)
    for rating, path, member in zip((5, 4, 4, 3), paths[:4], members[:4], strict=True):
        assert (await rated(membership, 4, path, member, opinion(rating, comment="Bien."))).status_code == 201
    async with membership.client("network") as client:
        whole, region = (await client.get(FIGURES, params={"year": year})).json()["items"]
        assert (whole["booked"], whole["held"], whole["structures"], whole["answers"]) == (5, 5, 5, 4)
        assert (whole["averages"], region["averages"], region["offers"][0]["averages"]) == (None, None, None)
    assert (await rated(membership, 4, paths[4], members[4], opinion(3))).status_code == 201
    async with membership.client("board") as client:
        before = (await client.get(FIGURES, params={"year": year})).json()
        whole, region = before["items"]
        assert (whole["delegation"], region["delegation"]) == (None, "occitanie")
        assert whole["averages"]["usefulness"] == region["offers"][0]["averages"]["usefulness"] == "3.8"
        assert (await client.get(FIGURES, params={"year": year + 1})).json()["items"] == []
    async with membership.client("delegation", delegation="bretagne") as client:
        assert (await client.get(FIGURES, params={"year": year})).json()["items"] == []
    named = {row.id for row in await membership.rows("SELECT id FROM accompaniment_satisfaction")}
    async with membership.days_later(4 + 364) as later:
        assert len(await later.rows("SELECT 1 FROM accompaniment_satisfaction WHERE booking_id IS NOT NULL")) == 5
    async with membership.days_later(YEAR_LATER) as later:
        rows = await later.rows("SELECT * FROM accompaniment_satisfaction")
        assert {(row.booking_id, row.comment, row.answered_at, row.quotable) for row in rows} == {
            (None, None, None, False)
        }
        assert not named & {row.id for row in rows}
        receipt = await later.rows("SELECT counts::text FROM job WHERE kind = 'satisfaction.make_anonymous'")
        assert any("5" in row.counts for row in receipt)
        async with later.client("board") as client:
            assert (await client.get(FIGURES, params={"year": year})).json() == before
        async with later.client("network") as client:
            assert await listed(client, "/accompaniment-satisfaction/comments") == []
        async with later.client("member", member_id=members[0]) as client:
            assert (await client.get(f"{paths[0]}/satisfaction")).status_code == 404
            second = await client.post(f"{paths[0]}/satisfaction", json=opinion(1))
            assert (second.status_code, second.json()["code"]) == (409, "satisfaction_too_late")
            seen = (await client.get(paths[0])).json()
            assert [one["code"] for one in seen["blockers"]["rate"]] == ["satisfaction_too_late"]
            assert await later.rows("SELECT 1 FROM accompaniment_booking WHERE answered") == []


async def _slot_year(membership: ServiceUnderTest) -> int:
    query = "SELECT extract(year FROM starts_at AT TIME ZONE 'Europe/Paris') AS year FROM accompaniment_slot"
    [row] = await membership.rows(query)
    return int(row.year)
