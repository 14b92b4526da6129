"""Who reviews for whom: nobody their own structure, a peer that was proposed or named, and those who left no more."""

from typing import Any

import pytest

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.departures.domain import notice_ends

from ..departures.test_departures import RULE, told
from ..members.test_dates import TODAY
from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act
from .test_alone import levels, opened, structure_of, structures_of, submitted
from .test_reviews import total


@pytest.mark.parametrize(
    ("role", "claims", "author"),
    [
        pytest.param("delegation", {"delegation": "occitanie"}, "delegation:occitanie", id="une délégation"),
        pytest.param("network", {}, "network", id="le réseau"),
    ],
)
async def test_who_is_of_the_structure_is_never_its_third_party(
    membership: ServiceUnderTest, arranged: Arrange, role: str, claims: dict[str, Any], author: str
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
    async with membership.client(role, **claims) as adviser:
        opened_review = await adviser.post(f"{path}/reviews")
        assert opened_review.json()["author"] == author
        review = f"{path}/reviews/{opened_review.json()['id']}"
        etag = opened_review.headers["etag"]
        await adviser.patch(review, json={"conclusion": "Insuffisant."}, headers={"If-Match": etag})
    async with membership.client(role, "member", member_id=own, **claims) as director:
        seen = await director.get(review)
        assert (seen.json()["conclusion"], seen.json()["allowed_actions"]) == (None, [])
        assert "review" not in (await director.get(path)).json()["allowed_actions"]
        assert await total(director, review="mine") == 0
        written = await director.patch(
            review, json={"conclusion": "Parfait."}, headers={"If-Match": seen.headers["etag"]}
        )
        assert (written.status_code, written.json()["code"]) == (404, "review_not_found")
        for verb, body in (("give", {}), ("withdraw", {"reason": "gêne"})):
            refused = await act(director, review, "POST", verb, **body)
            assert (refused.status_code, refused.json()["code"]) == (404, "review_not_found")
        for door in ("reviews", "peer-proposals"):
            body = {"reference": "STR-1"} if door == "peer-proposals" else None
            assert (await director.post(f"{path}/{door}", json=body)).json()["code"] == "own_assessment"


async def test_a_peer_is_proposed_then_accepted(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, peer = await arranged(membership, structures_of, "A", "B")
    async with membership.client("network") as network:
        reference = (await network.get(f"/members/{peer}")).json()["reference"]
    async with (
        membership.client("member", member_id=own) as member,
        membership.client("member", member_id=peer) as guest,
        membership.client("delegation", delegation="occitanie") as adviser,
    ):
        path = await submitted(member)
        for shapeless in ({}, {"reference": reference, "member_id": str(peer)}):
            assert (await member.post(f"{path}/peers", json=shapeless)).status_code == 422
        unknown = await member.post(f"{path}/peers", json={"reference": "STR-0000-00000"})
        assert (unknown.status_code, unknown.json()["code"]) == (409, "peer_unfit")
        assert (await guest.post(f"{path}/peer-proposals", json={"reference": reference})).status_code == 404
        proposed = await adviser.post(f"{path}/peer-proposals", json={"reference": reference})
        assert (proposed.status_code, proposed.json()["state"]) == (201, "proposed"), proposed.text
        review = f"{path}/reviews/{proposed.json()['id']}"
        # The structure decides: until then the peer sees nothing, and the delegation invites nobody.
        assert (await guest.get(path)).status_code == 404
        assert (await adviser.post(f"{review}/accept")).status_code == 403
        seen = (await member.get(review)).json()
        assert (seen["author_name"], seen["allowed_actions"]) == ("B", ["accept", "withdraw"])
        acts = {"accept": ("POST", "/accept", {}), "withdraw": ("POST", "/withdraw", {"reason": "agenda"})}
        assert await try_acts(member, review, acts) == {"accept", "withdraw"}
        accepted = await act(member, review, "POST", "accept")
        assert accepted.json()["state"] == "open", accepted.text
        assert (await act(member, review, "POST", "accept")).json()["code"] == "review_not_proposed"
        assert await try_acts(member, review, acts) == {"withdraw"}
        written = {"write": ("PATCH", "", {"conclusion": "Vu."}), "give": ("POST", "/give", {})}
        assert await try_acts(guest, review, written) == {"write"}
        assert (await guest.get(path)).status_code == 200
        assert [await total(one, review="invited") for one in (guest, member, adviser)] == [1, 1, 1]
        assert [await total(one, review="mine") for one in (guest, member, adviser)] == [1, 0, 0]
        await act(member, review, "POST", "withdraw", reason="agenda")
        assert await try_acts(member, review, acts) == set()
        named = await member.post(f"{path}/peers", json={"reference": reference})
        assert (named.status_code, named.json()["author_name"]) == (201, "B")


async def test_remarks_are_kept_as_they_are_meant(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member, membership.client("network") as network:
        path = await submitted(member, written_project=4)
        started = await network.post(f"{path}/reviews")
        review, etag = f"{path}/reviews/{started.json()['id']}", {"If-Match": started.headers["etag"]}
        lost = await network.patch(review, json={"remarks": [{"question": "inconnue", "level": 1}]}, headers=etag)
        assert [one["pointer"] for one in lost.json()["errors"]] == ["/remarks/inconnue"]
        assert (await network.patch(review, json={"conclusion": "  "}, headers=etag)).status_code == 422
        remarks = [{"question": "volunteers", "comment": " "}, {"question": "written-project", "level": 1}]
        kept = await network.patch(review, json={"remarks": remarks, "conclusion": "À revoir."}, headers=etag)
        assert [one["question"] for one in kept.json()["remarks"]] == ["written-project"]
        refused = await member.post(f"{path}/plan/actions", json={"question": "written-project"})
        assert refused.json()["code"] == "question_unknown"
        await act(network, review, "POST", "give")
        [proposal] = [
            one
            for one in (await member.get(f"{path}/plan")).json()["proposals"]
            if one["question"] == "written-project"
        ]
        assert (proposal["level"], proposal["origin"]) == (1, "review")
        added = await member.post(f"{path}/plan/actions", json={"question": "written-project"})
        assert (added.status_code, added.json()["origin"]) == (201, "review")


async def test_what_is_closed_is_taken_up_again_with_a_reason(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
        early = await act(member, path, "POST", "reopen", reason="x")
        assert (early.status_code, early.json()["code"]) == (409, "assessment_not_closed")
        await act(member, path, "POST", "close")
        back = await act(member, path, "POST", "reopen", reason="Close par erreur.")
        assert (back.json()["state"], back.json()["closed_on"]) == ("submitted", None)
        last = back.json()["history"][-1]
        assert (last["act"], last["reason"], last["by"]) == ("reopen", "Close par erreur.", "test-member")


async def test_the_network_takes_back_what_a_delegation_left_open(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
    async with membership.client("delegation", delegation="occitanie") as adviser:
        review = f"{path}/reviews/{(await adviser.post(f'{path}/reviews')).json()['id']}"
    async with membership.client("network") as network:
        assert (await network.get(review)).json()["allowed_actions"] == ["withdraw"]
        assert (await act(network, review, "POST", "withdraw", reason="Partie.")).status_code == 204
    async with membership.client("member", member_id=own) as member:
        assert (await act(member, path, "POST", "close")).json()["state"] == "closed"


async def test_a_structure_that_left_acts_and_reads_no_more(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, peer = await arranged(membership, structures_of, "A", "B")
    async with (
        membership.client("member", member_id=own) as member,
        membership.client("member", member_id=peer) as leaving,
    ):
        path = await submitted(member)
        await member.post(f"{path}/peers", json={"member_id": str(peer)})
        assert (await leaving.get(path)).status_code == 200
        sent = await submitted(leaving, "cap-rse-2026")
        draft = await opened(leaving)
        await act(leaving, draft, "PATCH", "answers", answers=levels("cap-2026", 2))
    async with membership.client("network", "board") as network:
        assert (await told(network, f"/members/{peer}")).status_code == 200
    days = (notice_ends(TODAY, RULE) - TODAY).days + 1
    async with membership.days_later(days) as later:
        async with later.client("member", member_id=peer) as left:
            assert (await left.get(path)).status_code == 404
            assert await total(left, review="mine") == 0
            for refused in (
                await act(left, draft, "POST", "submit"),
                await left.post(f"{sent}/peers", json={"member_id": str(own)}),
                await left.post("/assessments", json={"bank": "cap-2026", "mode": "alone"}),
            ):
                assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")
            assert (await left.get(sent)).status_code == 200  # what it wrote stays its own
        async with later.client("network") as network:
            refused = await network.post(f"{sent}/reviews")
            assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")


async def test_a_delegation_that_does_not_cover_the_structure_takes_nothing_back(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """A director who also speaks for a delegation, invited as a peer beyond it, is a peer there and nothing more."""
    own = await arranged(membership, structure_of, "A")
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("B", department="35", postcode="35000"))
        await admit(client, application, "PV-B")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
        await member.post(f"{path}/peers", json={"member_id": application["member_id"]})
    async with membership.client("network") as network:
        third = (await network.post(f"{path}/reviews")).json()["id"]
    both = {"delegation": "bretagne", "member_id": application["member_id"]}
    async with membership.client("delegation", "member", **both) as guest:
        seen = (await guest.get(path)).json()
        assert ([one["kind"] for one in seen["reviews"]], seen["allowed_actions"]) == (["peer"], [])
        assert seen["history"] is None
        assert (await guest.get(f"{path}/reviews/{third}")).status_code == 404
        assert (await guest.post(f"{path}/reviews")).status_code == 404
