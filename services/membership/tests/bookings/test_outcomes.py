"""What was held leaves something; an outcome told by mistake is taken back, and what was told is kept."""

import asyncio
from typing import Any
from uuid import UUID

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..accompaniments.test_catalogue import offered, opened
from ..members.test_dates import on
from ..satisfaction.test_satisfaction import held, opinion
from ..sittings.test_minutes import act
from .test_bookings import WITHIN_A_YEAR, admitted, booked, mails, reserved


async def test_what_was_held_leaves_something(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    async with membership.client("delegation", delegation="occitanie") as client:
        offer = await offered(client)
        following = await offered(client, level="further", title="Coodiag : la suite")
        [slot] = await opened(client, offer, 2, capacity=2)
        path, missed = await booked(client, slot, own), await booked(client, slot, other)
        early = await act(client, path, "POST", "hold")
        assert (early.status_code, early.json()["code"]) == (409, "slot_not_begun")
    async with membership.days_later(3) as later:
        async with later.client("delegation", delegation="occitanie") as client:
            unheld = await client.post(f"{path}/deliverables", json=left())
            assert (unheld.status_code, unheld.json()["code"]) == (409, "accompaniment_not_held")
            assert (await act(client, path, "POST", "hold")).json()["state"] == "held"
            both = await act(client, path, "POST", "absent")
            assert (both.status_code, both.json()["code"]) == (409, "booking_settled")
            assert (await act(client, missed, "POST", "absent")).json()["state"] == "absent"
            given = await client.post(
                f"{path}/deliverables", json=left(next_accompaniment_id=following.rpartition("/")[2])
            )
            assert given.status_code == 201, given.text
            [one] = given.json()["deliverables"]
            for wrong, code in (
                ({"delivered_on": on(1)}, "delivered_another_day"),
                ({"link": "http://exemple.example"}, "validation"),
                ({"link": None}, "validation"),
                ({"next_accompaniment_id": str(UUID(int=1))}, "accompaniment_not_found"),
            ):
                assert (await client.post(f"{path}/deliverables", json=left(**wrong))).json()["code"] == code
        async with later.client("member", member_id=own) as client:
            [seen] = (await client.get(path)).json()["deliverables"]
            assert (seen["title"], seen["kind_label"], seen["allowed_actions"]) == ("Compte rendu", "compte rendu", [])
            assert (await client.post(f"{path}/deliverables", json=left())).status_code == 403
        async with later.client("member", member_id=other) as client:
            [again] = await opened_by_network(later, offer)
            await booked(client, again, other)  # nobody came: the free first level is not used
        async with later.client("network") as client:
            under = f"deliverables/{one['id']}/withdraw"
            blind = await client.post(f"{path}/{under}", json={"reason": "x"})
            assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
            old = await client.post(f"{path}/{under}", json={"reason": "x"}, headers={"If-Match": '"v1"'})
            assert (old.status_code, old.json()["code"]) == (412, "version_changed")
            taken = await act(client, path, "POST", under, reason="Mauvais document")
            assert taken.json()["deliverables"][0]["withdrawn_reason"] == "Mauvais document"
            twice = await act(client, path, "POST", under, reason="x")
            assert (twice.status_code, twice.json()["code"]) == (409, "deliverable_withdrawn")
            assert (await client.get(path)).json()["deliverables"][0]["link"] is not None
        async with later.client("member", member_id=own) as client:
            [seen] = (await client.get(path)).json()["deliverables"]
            assert (seen["title"], seen["link"], seen["summary"]) == ("Compte rendu", None, None)
            assert (seen["withdrawn_at"] is not None, seen["withdrawn_reason"]) == (True, None)
    subjects = [subject.partition(" : ")[0] for _, subject in await mails(membership)]
    assert subjects.count("Votre avis") == subjects.count("Livrable") == 1


async def opened_by_network(membership: ServiceUnderTest, offer: str) -> list[dict[str, Any]]:
    async with membership.client("network") as client:
        return await opened(client, offer, 40)


def left(**fields: Any) -> dict[str, Any]:
    return {"kind": "report", "title": "Compte rendu", "link": "https://docs.example/cr", **fields}


async def test_an_outcome_told_by_mistake_is_taken_back(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    path, _ = await held(membership, [own, other])
    async with membership.days_later(3) as later:
        async with later.client("delegation", delegation="occitanie") as client:
            assert (await act(client, path, "POST", "reopen")).status_code == 422
            again = await act(client, path, "POST", "reopen", reason="Cochée pour la voisine.")
            assert (again.status_code, again.json()["state"], again.json()["outcome_at"]) == (200, "booked", None)
            opinions = [to for to, subject in await mails(membership) if subject.startswith("Votre avis")]
            assert opinions == ["presidence@b.example"], "A is not asked about what it did not have"
            [kept] = again.json()["reopenings"]
            assert (kept["state"], kept["reason"], kept["by"]) == ("held", "Cochée pour la voisine.", "test-delegation")
            assert (kept["at"][:10], kept["outcome_at"][:10]) == (on(3), on(3))
            twice = await act(client, path, "POST", "reopen", reason="x")
            assert (twice.status_code, twice.json()["code"]) == (409, "booking_not_settled")
            assert (await act(client, path, "POST", "absent")).json()["state"] == "absent"
            back = await act(client, path, "POST", "reopen", reason="Arrivée en retard.")
            assert [one["state"] for one in back.json()["reopenings"]] == ["held", "absent"]
        async with later.client("member", member_id=own) as client:
            seen = (await client.get(path)).json()
            assert (seen["state"], seen["reopenings"]) == ("booked", [])
            early = await client.post(f"{path}/satisfaction", json=opinion())
            assert early.json()["code"] == "accompaniment_not_held"
            refused = await client.post(f"{path}/reopen", json={"reason": "x"}, headers={"If-Match": '"v1"'})
            assert refused.status_code == 403
        async with later.client("delegation", delegation="bretagne") as client:
            hidden = await client.post(f"{path}/reopen", json={"reason": "x"}, headers={"If-Match": '"v1"'})
            assert hidden.status_code == 404


async def test_what_an_outcome_was_built_upon_stands_against_it(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    path, rated = await held(membership, [own, other])
    async with membership.days_later(3) as later:
        async with later.client("member", member_id=other) as client:
            assert (await client.post(f"{rated}/satisfaction", json=opinion())).status_code == 201
        async with later.client("delegation", delegation="occitanie") as client:
            [given] = (await client.post(f"{path}/deliverables", json=left())).json()["deliverables"]
            for one, code in ((path, "booking_delivered"), (rated, "booking_answered")):
                shown = (await client.get(one)).json()
                assert [blocker["code"] for blocker in shown["blockers"]["reopen"]] == [code]
                refused = await act(client, one, "POST", "reopen", reason="x")
                assert (refused.status_code, refused.json()["code"]) == (409, code)
            await act(client, path, "POST", f"deliverables/{given['id']}/withdraw", reason="Erreur")
            assert "reopen" in (await client.get(path)).json()["allowed_actions"]
    async with membership.days_later(3 + 366) as later, later.client("delegation", delegation="occitanie") as client:
        for one in (path, rated):  # the opinion is nobody's by now: a second one could not be told from it
            late = await act(client, one, "POST", "reopen", reason="x")
            assert (late.status_code, late.json()["code"]) == (409, "outcome_fixed")


async def test_a_place_nobody_came_to_uses_the_free_first_level_again(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """Which the structure may have used meanwhile, or be using at this very moment."""
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        offer = await offered(client)
        [slot], [again] = await opened(client, offer, WITHIN_A_YEAR), await opened(client, offer, WITHIN_A_YEAR + 9)
        path = await booked(client, slot, own)
    async with membership.days_later(WITHIN_A_YEAR + 1) as later, later.client("network") as client:
        await act(client, path, "POST", "absent")
        both = await asyncio.gather(reserved(client, again, own), act(client, path, "POST", "reopen", reason="Venue."))
        assert sorted(answer.status_code for answer in both) in ([200, 409], [201, 409])
        assert {answer.json().get("code") for answer in both} == {None, "first_level_used"}
        if both[0].status_code == 201:
            shown = (await client.get(path)).json()
            assert [blocker["code"] for blocker in shown["blockers"]["reopen"]] == ["first_level_used"]
