"""A member leaves: its notice, its day, and its change of mind.

A member may leave at any time: loi du 1er juillet 1901, art. 4. The notice is dated data, `assumed`; ADR 0021.
"""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from common.contracts.membership import MemberLeft, MemberUpdated
from common.dated import rule_on
from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.departures.domain import LeavesBeforeLetter, NoticeTooShort, ReceivedInFuture, leaving_day, notice_ends
from membership.departures.queries import notice_rules
from membership.members.domain import DepartureCause

from ..arrangements import admitted_by
from ..members.test_dates import TODAY, on
from ..members.test_register import admit, receive, structure

RULE = rule_on(notice_rules(), date(2026, 1, 1))
RECEIVED = date(2026, 3, 10)
END = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("received_on", "ends_on"),
    [
        (date(2026, 3, 10), date(2026, 6, 10)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 10, 1), date(2027, 1, 1)),
    ],
    ids=["de date à date", "le mois d'arrivée est plus court", "année bissextile", "passe l'année"],
)
def test_the_notice_runs_from_date_to_date(received_on: date, ends_on: date) -> None:
    assert notice_ends(received_on, RULE) == ends_on
    assert (RULE.months, RULE.status) == (3, "assumed")


@pytest.mark.parametrize(
    ("cause", "asked", "waived", "expected"),
    [
        pytest.param("resigned", None, False, END, id="démission : la fin du préavis"),
        pytest.param("resigned", date(2026, 12, 31), False, date(2026, 12, 31), id="plus tard, si elle le demande"),
        pytest.param("resigned", END, False, END, id="le jour même où le préavis finit"),
        pytest.param("resigned", date(2026, 6, 9), False, NoticeTooShort, id="la veille : trop tôt"),
        pytest.param("resigned", date(2026, 4, 1), True, date(2026, 4, 1), id="plus tôt, si la fédération y renonce"),
        pytest.param("resigned", None, True, RECEIVED, id="sans préavis, et sans autre jour : à réception"),
        pytest.param("resigned", date(2026, 3, 9), True, LeavesBeforeLetter, id="avant la lettre : jamais"),
        pytest.param("ceased", None, False, RECEIVED, id="cessation : aucun préavis"),
        pytest.param("ceased", date(2026, 1, 31), False, date(2026, 1, 31), id="cessation apprise après coup"),
    ],
)
def test_the_day_it_leaves(cause: str, asked: date | None, waived: bool, expected: date | type[Refusal]) -> None:
    told: dict[str, Any] = {"received_on": RECEIVED, "asked": asked, "waived": waived, "rule": RULE, "today": RECEIVED}
    if isinstance(expected, date):
        assert leaving_day(DepartureCause(cause), **told) == expected
    else:
        with pytest.raises(expected):
            leaving_day(DepartureCause(cause), **told)


def test_a_letter_that_has_not_come_is_not_recorded() -> None:
    with pytest.raises(ReceivedInFuture):
        leaving_day(
            DepartureCause.RESIGNED,
            received_on=RECEIVED,
            asked=None,
            waived=False,
            rule=RULE,
            today=RECEIVED - timedelta(days=1),
        )


async def joined(client: httpx.AsyncClient, name: str = "A") -> str:
    application = await receive(client, **structure(name))
    await admit(client, application, f"PV-{name}")
    return f"/members/{application['member_id']}"


async def told(client: httpx.AsyncClient, path: str, under: str = "departure", **body: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    body = {"cause": "resigned", "received_on": on(0), "reason": "courrier", **body} if under == "departure" else body
    return await client.post(f"{path}/{under}", json=body, headers={"If-Match": etag})


async def test_a_resignation_takes_effect_at_the_end_of_its_notice(membership: ServiceUnderTest) -> None:
    ends_on = notice_ends(TODAY, RULE)
    async with membership.client("network", "board") as client:
        path = await joined(client)
        notice = (await client.get("/departures/notice", params={"received_on": on(0)})).json()
        assert (notice["ends_on"], notice["months"], notice["status"]) == (ends_on.isoformat(), 3, "assumed")
        announced = await told(client, path)
        assert announced.status_code == 200, announced.text
        assert announced.json()["status"] == "active"
        [upcoming] = announced.json()["upcoming"]
        assert (upcoming["effective_on"], upcoming["value"]["cause"]) == (ends_on.isoformat(), "resigned")
        assert announced.json()["allowed_actions"] == ["amend", "withdraw_departure", "open_measure"]
        then = (await client.get(path, params={"as_of": ends_on.isoformat()})).json()
        assert (then["status"], then["left_on"], then["departure_label"]) == ("left", ends_on.isoformat(), "démission")
    async with membership.days_later((ends_on - TODAY).days) as that_day, that_day.client("network") as client:
        left = (await client.get(path)).json()
        assert (left["status"], left["status_label"], left["upcoming"]) == ("left", "sortie", [])
        asked = {"status": "left", "left_from": ends_on.isoformat(), "left_to": ends_on.isoformat()}
        assert [one["id"] for one in (await client.get("/members", params=asked)).json()["items"]] == [left["id"]]
        before = {"status": "left", "as_of": on(0)}
        assert (await client.get("/members", params=before)).json()["items"] == []
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberLeft)
    assert (fact.state.left_on, fact.state.departure_cause, fact.state.status) == (ends_on, "resigned", "left")


async def test_a_member_changes_its_mind_before_its_day(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        none = await told(client, path, "departure/withdraw", reason="-")
        assert (none.status_code, none.json()["code"]) == (404, "no_departure_announced")
        await told(client, path)
        twice = await told(client, path, effective_on=on(200))
        assert (twice.status_code, twice.json()["code"]) == (409, "not_a_member")
        assert notice_ends(TODAY, RULE).strftime("%d/%m/%Y") in twice.json()["detail"]
        stays = await told(client, path, "departure/withdraw", reason="le conseil de la structure a revoté")
        assert (stays.status_code, stays.json()["upcoming"]) == (200, [])
        assert (await client.get(path, params={"as_of": on(365)})).json()["status"] == "active"
        again = await told(client, path, effective_on=on(200))
        assert again.json()["upcoming"][0]["effective_on"] == on(200)
    assert not [fact for fact in await membership.published() if isinstance(fact, MemberLeft | MemberUpdated)]


async def test_a_shorter_notice_needs_the_federation_s_waiver(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        refused = await told(client, path, effective_on=on(0))
        assert (refused.status_code, refused.json()["code"]) == (409, "notice_too_short")
        assert refused.json()["notice_ends_on"] == notice_ends(TODAY, RULE).isoformat()
        at_once = await told(client, path, effective_on=on(0), notice_waived=True)
        assert (at_once.json()["status"], at_once.json()["left_on"]) == ("left", on(0))
        assert at_once.json()["allowed_actions"] == [
            "amend", "apply_again", "correct_joining", "correct_leaving",
        ]  # fmt: skip
        again = await told(client, path)
        assert (again.status_code, again.json()["code"]) == (409, "not_a_member")


async def test_what_ceased_to_be_leaves_on_its_day_also_when_it_is_learned_late(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.days_later(30) as later, later.client("network") as client:
        ceased = await told(client, path, cause="ceased", received_on=on(30), effective_on=on(12))
        assert (ceased.json()["status"], ceased.json()["left_on"]) == ("left", on(12))
        assert (await client.get(path, params={"as_of": on(11)})).json()["status"] == "active"
        assert (await client.get(path, params={"as_of": on(12)})).json()["status"] == "left"


async def test_what_was_announced_of_a_membership_ends_with_it(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """A resignation for later gives way to the structure's end, and does not come back after it."""
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await told(client, path, effective_on=on(200))
        ceased = await told(client, path, cause="ceased", effective_on=on(0))
        assert ceased.status_code == 200, ceased.text
        assert (ceased.json()["departure_cause"], ceased.json()["upcoming"]) == ("ceased", [])
        assert (await client.get(path, params={"as_of": on(201)})).json()["departure_cause"] == "ceased"


async def test_a_notice_for_the_end_of_time_is_refused(membership: ServiceUnderTest) -> None:
    async with membership.client("delegation", delegation="occitanie") as client:
        refused = await client.get("/departures/notice", params={"received_on": "9999-12-31"})
        assert (refused.status_code, refused.json()["code"]) == (422, "validation")


async def test_one_that_left_comes_back_under_its_reference(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        member_id = path.rpartition("/")[2]
        still = await client.post("/applications/again", json={"member_id": member_id})
        assert (still.status_code, still.json()["code"]) == (409, "already_member")
        reference = (await told(client, path, effective_on=on(0), notice_waived=True)).json()["reference"]
    async with membership.days_later(40) as later, later.client("network", "board") as client:
        again = await client.post("/applications/again", json={"member_id": member_id})
        assert again.status_code == 201, again.text
        twice = await client.post("/applications/again", json={"member_id": member_id})
        assert (twice.status_code, twice.json()["code"]) == (409, "application_already_open")
        await admit(client, again.json(), "PV-9")
        back = (await client.get(path)).json()
        assert (back["reference"], back["status"], back["joined_on"]) == (reference, "active", on(40))
        assert (back["left_on"], back["departure_cause"]) == (None, None)
        assert (await client.get(path, params={"as_of": on(20)})).json()["status"] == "left"


async def test_only_the_network_records_departures(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.get(path)).json()["allowed_actions"] == ["amend"]
        assert (await told(client, path)).status_code == 403


async def test_what_gave_way_to_a_departure_stands_again_when_it_is_taken_back(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """A cessation recorded by mistake does not keep the structure whose resignation was announced."""
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await told(client, path, effective_on=on(200), reason="démission du 3 mars")
        await told(client, path, cause="ceased", effective_on=on(100))
        stays = await told(client, path, "departure/withdraw", reason="une autre structure")
        assert stays.status_code == 200, stays.text
        [upcoming] = stays.json()["upcoming"]
        assert (upcoming["value"]["cause"], upcoming["effective_on"], upcoming["reason"]) == (
            "resigned",
            on(200),
            "démission du 3 mars",
        )
        assert (await told(client, path, "departure/withdraw", reason="elle reste")).json()["upcoming"] == []
        assert (await client.get(path, params={"as_of": on(365)})).json()["status"] == "active"
