"""Whom somebody in the network office has to chase: no contact for the invoices, and who may apply again."""

from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from ..contacts.test_contacts import CAMILLE, SACHA, known, seat
from ..departures.test_departures import joined, told
from ..sittings.test_minutes import act
from .test_dates import entered, joining, on
from .test_register import admit, receive, structure


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    page = (await client.get("/members", params={"total": True, **params})).json()
    lines = (await client.get("/members/export", params=params)).text.splitlines()[1:]
    listed = [one["name"] for one in page["items"]]
    assert [line.split(";")[1] for line in lines] == listed
    assert page["total"] == len(listed)
    return listed


async def test_structures_of_which_nobody_answers_for_the_invoices_are_found(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        paths = {name: await entered(client, name) for name in ("A", "B", "C", "D")}
        people = {name: await known(client, paths[name], CAMILLE) for name in "ABC"}
        await seat(client, paths["A"], seat="billing", contact_id=people["A"])
        await seat(client, paths["B"], seat="treasurer", contact_id=people["B"], effective_on=on(10))
        await seat(client, paths["C"], seat="training", contact_id=people["C"])
        assert await names(client, billing_contact=False) == ["B", "C", "D"]
        assert await names(client, billing_contact=True) == ["A"]
        for name, path in paths.items():
            contact = (await client.get(f"{path}/billing")).json()["contact"]
            assert (contact is not None) == (name == "A"), "the filter is what the structure shows"
        assert await names(client, billing_contact=True, as_of=on(10)) == ["A", "B"]
        assert await names(client, billing_contact=False, as_of=on(10)) == ["C", "D"]
        held = await seat(client, paths["A"], seat="billing", contact_id=await known(client, paths["A"], SACHA))
        assert held.status_code == 200
        assert await names(client, billing_contact=True) == ["A"]
    async with membership.days_later(10) as that_day, that_day.client("network") as client:
        assert await names(client, billing_contact=False) == ["C", "D"]
        await seat(client, paths["B"], "leave", seat="treasurer")
        assert await names(client, billing_contact=False) == ["B", "C", "D"]
    async with membership.client("delegation", delegation="bretagne") as client:
        assert await names(client, billing_contact=False) == []


async def actions(client: httpx.AsyncClient, path: str) -> list[str]:
    shown = (await client.get(path)).json()
    assert shown in (await client.get("/members")).json()["items"]
    return [one for one in shown["allowed_actions"] if one == "apply_again"]


async def apply_again(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.post("/applications/again", json={"member_id": path.rpartition("/")[2]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_candidate_that_thought_better_of_it_may_apply_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        path = f"/members/{application['member_id']}"
        assert await actions(client, path) == []
        await act(client, f"/applications/{application['id']}", "POST", "withdraw", reason="projet reporté")
        assert await actions(client, path) == ["apply_again"]
        async with membership.client("delegation", delegation="occitanie") as local:
            assert await actions(local, path) == []
        await apply_again(client, path)
        assert await actions(client, path) == []


async def test_a_candidate_that_was_refused_may_apply_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        path = f"/members/{application['member_id']}"
        refused = {"outcome": "refused", "votes_for": 0, "votes_against": 9, "reservations": []}
        await admit(client, application, **refused)
        assert await actions(client, path) == ["apply_again"]
        await admit(client, await apply_again(client, path), "PV-2")
        assert await actions(client, path) == []


async def test_who_left_may_apply_again_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await joined(client)
        await told(client, path, notice_waived=True)
        assert await actions(client, path) == ["apply_again"]
        await apply_again(client, path)
        assert await actions(client, path) == []


async def test_who_is_admitted_for_a_day_to_come_does_not_apply_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        assert await actions(client, f"/members/{await joining(client, on(5))}") == []
