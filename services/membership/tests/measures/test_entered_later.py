"""A measure opened, notified and decided before anybody typed it: its days are its own, and so is its hearing."""

from datetime import date, timedelta

import httpx
import pytest

from common.contracts.membership import MemberSuspended
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.measures.domain import DaysInconsistent, require_opened

from ..arrangements import admitted_by
from ..departures.test_departures import joined
from ..members.test_dates import on
from ..sittings.test_minutes import act
from .test_measures import NOTICE, sat

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("opened_on", "accepted"),
    [
        pytest.param(TODAY, True, id="aujourd'hui"),
        pytest.param(TODAY - timedelta(days=5), True, id="mardi dernier"),
        pytest.param(TODAY - timedelta(days=365), True, id="il y a un an"),
        pytest.param(TODAY - timedelta(days=366), False, id="il y a plus d'un an : l'année est fausse"),
        pytest.param(TODAY + timedelta(days=1), False, id="demain"),
    ],
)
def test_the_day_a_measure_was_opened(opened_on: date, accepted: bool) -> None:
    if accepted:
        require_opened(opened_on, TODAY)
    else:
        with pytest.raises(DaysInconsistent):
            require_opened(opened_on, TODAY)


async def opened(client: httpx.AsyncClient, path: str, opened_on: str, kind: str = "suspension") -> httpx.Response:
    return await client.post(f"{path}/measures", json={"kind": kind, "grounds": "x", "opened_on": opened_on})


async def test_the_board_suspended_last_week_and_it_is_typed_today(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.days_later(30) as later, later.client("network", "board") as client:
        measure = (await opened(client, path, on(5))).json()
        assert (measure["opened_on"], measure["entered_on"]) == (on(5), on(30))
        procedure = f"/measures/{measure['id']}"
        early = await act(client, procedure, "POST", "notifications", received_on=on(4), **NOTICE)
        assert (early.status_code, early.json()["code"]) == (400, "days_inconsistent")
        notified = await act(client, procedure, "POST", "notifications", received_on=on(6), **NOTICE)
        assert notified.json()["hearing"]["decidable_from"] == on(21)
        body = {"held_on": on(20), "in_office": 9, "present": 9, "minutes_reference": "PV-J20"}
        sitting = f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"
        vote = {"matter_id": measure["id"], "outcome": "pronounced", "votes_for": 9}
        refused = await act(client, sitting, "POST", "decisions", decisions=[vote])
        assert (refused.status_code, refused.json()["code"]) == (409, "not_heard")
        sitting = await sat(client, 22, {"matter_id": measure["id"], "outcome": "pronounced"})
        assert (await act(client, sitting, "POST", "close")).status_code == 200
        statuses = [(await client.get(path, params={"as_of": on(day)})).json()["status"] for day in (21, 22, 30)]
        assert statuses == ["active", "suspended", "suspended"]
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberSuspended)


async def test_a_measure_was_about_a_member_on_the_day_it_was_opened(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        before = await opened(client, path, on(-1))
        assert (before.status_code, before.json()["code"]) == (404, "not_in_register_then")
        to_come = await opened(client, path, on(1))
        assert (to_come.status_code, to_come.json()["code"]) == (400, "days_inconsistent")
        reinstated = await opened(client, path, on(0), "reinstatement")
        assert (reinstated.status_code, reinstated.json()["code"]) == (409, "not_suspended")
