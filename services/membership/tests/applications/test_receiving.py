"""The day on which an application came: on paper it comes before it is typed in, and a sitting may be in between."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from membership.applications.domain import ReceivedTooLongAgo, require_received
from membership.departures.domain import ReceivedInFuture

from ..departures.test_departures import joined, told
from ..members.test_dates import TODAY, on
from ..members.test_register import receive, structure


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        pytest.param(0, None, id="aujourd'hui"),
        pytest.param(-11, None, id="sur papier, onze jours plus tôt"),
        pytest.param(-365, None, id="il y a un an"),
        pytest.param(-366, ReceivedTooLongAgo, id="il y a plus d'un an : une faute de frappe"),
        pytest.param(1, ReceivedInFuture, id="demain"),
    ],
)
def test_on_which_days_a_file_may_have_come(days: int, refusal: type[Refusal] | None) -> None:
    today = date(2026, 6, 12)
    if refusal is None:
        require_received(today + timedelta(days), today)
    else:
        with pytest.raises(refusal):
            require_received(today + timedelta(days), today)


async def decided(client: httpx.AsyncClient, application: dict[str, Any], held_on: str, outcome: str) -> httpx.Response:
    sitting = {"held_on": held_on, "in_office": 9, "present": 9, "minutes_reference": f"PV-{held_on}"}
    path = f"/sittings/{(await client.post('/sittings', json=sitting)).json()['id']}"
    votes = (
        {"votes_for": 9, "reservations": ["pièces"]} if outcome == "admitted" else {"votes_against": 9, "votes_for": 0}
    )
    vote = {"matter_id": application["id"], "outcome": outcome, **votes}
    recorded = await client.post(f"{path}/decisions", json={"decisions": [vote]}, headers={"If-Match": '"v1"'})
    if recorded.status_code != 200:
        return recorded
    return await client.post(f"{path}/close", headers={"If-Match": '"v2"'})


@pytest.mark.parametrize("outcome", ["admitted", "refused"])
async def test_a_file_typed_in_after_the_sitting_that_decided_on_it(membership: ServiceUnderTest, outcome: str) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"), received_on=on(-11))
        assert application["received_on"] == on(-11)
        closed = await decided(client, application, on(-2), outcome)
        assert closed.status_code == 200, closed.text
        path = f"/members/{application['member_id']}"
        member = (await client.get(path)).json()
        assert (member["status"], member["joined_on"]) == (
            ("active", on(-2)) if outcome == "admitted" else ("candidate", None)
        )
        on_the_way = (await client.get(path, params={"as_of": on(-3)})).json()
        assert on_the_way["status"] == "candidate"
        before = await client.get(path, params={"as_of": on(-12)})
        assert (before.status_code, before.json()["code"]) == (404, "not_in_register_then")


async def test_a_file_that_came_after_the_sitting_is_not_decided_by_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"), received_on=on(-2))
        refused = await decided(client, application, on(-3), "admitted")
    assert (refused.status_code, refused.json()["code"]) == (409, "application_received_later")


async def test_one_that_left_applies_again_on_paper(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await joined(client)
        gone = await told(client, path, cause="ceased", effective_on=on(0))
        assert gone.json()["status"] == "left", gone.text
        again = {"member_id": path.rpartition("/")[2], "received_on": on(0)}
        received = await client.post("/applications/again", json=again)
        assert (received.status_code, received.json()["received_on"]) == (201, on(0)), received.text


@pytest.mark.parametrize(
    ("received_on", "code"),
    [(on(1), "received_in_future"), ((TODAY - timedelta(days=366)).isoformat(), "received_too_long_ago")],
)
async def test_an_impossible_day_is_refused_and_nothing_entered(
    membership: ServiceUnderTest, received_on: str, code: str
) -> None:
    async with membership.client("network") as client:
        refused = await client.post("/applications", json={**structure("A"), "received_on": received_on})
        assert (refused.status_code, refused.json()["code"]) == (400, code)
        assert (await client.get("/members")).json()["items"] == []
