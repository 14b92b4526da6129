"""The slots as those who may book read them: what is offered is what would be given; a series given up at once."""

import asyncio
from uuid import UUID

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..accompaniments.test_catalogue import listed, offered, opened
from ..members.test_dates import on
from ..sittings.test_minutes import act
from .test_bookings import WITHIN_A_YEAR, admitted, booked, membership_suspended, reserved

SLOTS = "/accompaniment-slots"


async def test_a_place_is_offered_to_whom_it_would_be_given(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
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


async def test_what_is_left_of_a_series_is_given_up_at_once(membership: ServiceUnderTest) -> None:
    own, other, silent = [*(await admitted(membership, "A", "B")), *(await admitted(membership, "C", mail=False))]
    async with membership.client("delegation", delegation="occitanie") as client:
        offer = await offered(client, level="further")
        slots = await opened(client, offer, 10, weeks=3, capacity=2)
        [alone] = await opened(client, offer, 11)
        series = slots[0]["series_id"]
        assert [one["id"] for one in await listed(client, SLOTS, series=series)] == [one["id"] for one in slots]
        paths = [
            await booked(client, slots[at], member) for at, member in ((0, own), (1, own), (1, other), (2, silent))
        ]
        await act(client, f"{SLOTS}/{slots[2]['id']}", "POST", "cancel", reason="Formation")
        mails = len(await membership.rows("SELECT 1 FROM mail"))
        under, body = f"{SLOTS}/series/{series}/cancel", {"reason": "Arrêt de travail"}
        none = await client.post(under, json={**body, "first_day": on(40)})
        assert (none.status_code, none.json()["code"]) == (409, "series_over")
        shown = (await client.post(under, json={**body, "first_day": on(11)}, params={"dry_run": "true"})).json()
        assert [one["id"] for one in shown["items"]] == [slots[1]["id"]]
        assert sorted(one["name"] for one in shown["bookings"]) == ["A", "B"]
        assert len(await membership.rows("SELECT 1 FROM accompaniment_slot WHERE cancelled_at IS NOT NULL")) == 1
        assert len(await membership.rows("SELECT 1 FROM mail")) == mails
    async with membership.client("delegation", delegation="bretagne") as client:
        hidden = await client.post(under, json=body)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "series_not_found")
    async with membership.client("member", member_id=own) as client:
        assert (await client.post(under, json=body)).status_code == 403
    async with membership.days_later(11) as later, later.client("delegation", delegation="occitanie") as client:
        done = await client.post(under, json=body, headers={"Idempotency-Key": "serie-1"})
        again = await client.post(under, json=body, headers={"Idempotency-Key": "serie-1"})
        assert (done.status_code, again.json()) == (200, done.json()), done.text
        assert [one["id"] for one in done.json()["items"]] == [slots[1]["id"]], "the first one has been held"
        assert {(one["state"], one["cancel_reason"]) for one in done.json()["bookings"]} == {
            ("cancelled", "Arrêt de travail")
        }
        states = [(await client.get(path)).json()["state"] for path in paths]
        assert states == ["booked", "cancelled", "cancelled", "cancelled"]
        kept = (await client.get(f"{SLOTS}/{alone['id']}")).json()
        assert kept["cancelled_at"] is None
        over = await client.post(under, json=body)
        assert (over.status_code, over.json()["code"]) == (409, "series_over")
    told = await membership.rows("SELECT recipient FROM mail WHERE text LIKE '%Raison : Arrêt de travail%'")
    assert sorted(row.recipient for row in told) == ["presidence@a.example", "presidence@b.example"]


async def test_a_series_given_up_while_it_is_booked_leaves_nobody_waiting(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    async with membership.client("network") as client:
        slots = await opened(client, await offered(client), 10, weeks=2)
        under = f"{SLOTS}/series/{slots[0]['series_id']}/cancel"
        await asyncio.gather(
            reserved(client, slots[0], own), client.post(under, json={"reason": "x"}), reserved(client, slots[1], other)
        )
    assert await membership.rows("SELECT 1 FROM accompaniment_booking WHERE state = 'booked'") == []
    assert len(await membership.rows("SELECT 1 FROM accompaniment_slot WHERE cancelled_at IS NOT NULL")) == 2
