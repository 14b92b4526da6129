"""The slots as those who may book read them: what is offered is what would be given; a series given up at once."""

from uuid import UUID

from common.testing.harness import ServiceUnderTest

from ..accompaniments.test_catalogue import listed, offered, opened
from .test_bookings import WITHIN_A_YEAR, admitted, booked, membership_suspended, reserved

SLOTS = "/accompaniment-slots"


async def test_a_place_is_offered_to_whom_it_would_be_given(membership: ServiceUnderTest) -> None:
    own, other = await admitted(membership, "A", "B")
    async with membership.client("network") as client:
        offer = await offered(client)
        [first] = await opened(client, offer, WITHIN_A_YEAR, capacity=3)
        [again] = await opened(client, offer, WITHIN_A_YEAR + 1, capacity=3)
        [zest] = await opened(client, await offered(client, kind="zest"), WITHIN_A_YEAR + 2)
        [aci] = await opened(client, await offered(client, kind="zest", activities=["aci"]), WITHIN_A_YEAR + 3)
        where = {one["id"]: name for name, one in (("first", first), ("again", again), ("zest", zest), ("aci", aci))}

    async def told(member: UUID) -> dict[str, str | None]:
        async with membership.client("member", member_id=member) as client:
            found: dict[str, str | None] = {}
            for one in await listed(client, SLOTS):
                alone = (await client.get(f"{SLOTS}/{one['id']}")).json()
                assert (alone["allowed_actions"], alone["blockers"]) == (one["allowed_actions"], one["blockers"])
                answer = await client.post(
                    "/accompaniment-bookings",
                    json={"slot_id": one["id"], "member_id": str(member)},
                    params={"dry_run": "true"},
                )
                code = one["blockers"]["book"][0]["code"] if "book" in one["blockers"] else None
                assert answer.json().get("code") == code, "what is told is what the act answers"
                assert ("book" in one["allowed_actions"]) is (code is None)
                found[where[one["id"]]] = code
            return found

    assert await told(own) == {"first": None, "again": None, "zest": None, "aci": "activity_not_served"}
    async with membership.client("member", member_id=own) as client:
        await booked(client, first, own)
    assert await told(own) == {
        "first": "slot_already_booked", "again": "first_level_used", "zest": None, "aci": "activity_not_served",
    }  # fmt: skip
    assert (await told(other))["first"] is None
    await membership_suspended(membership, other)
    assert set((await told(other)).values()) == {"member_cannot_book"}
    async with membership.client("delegation", delegation="occitanie") as client:
        assert all("book" in one["allowed_actions"] for one in await listed(client, SLOTS))
        assert (await reserved(client, again, own)).json()["code"] == "first_level_used"
