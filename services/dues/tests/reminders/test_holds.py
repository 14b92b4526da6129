"""Holds: who is not reminded for a time, why, until when; lifted early with a reason, nothing overwritten."""

from datetime import timedelta
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_duplicates import merged
from .desk import FIRST, OTHER, OWN, THIRD, call_members, on_day

A, B, C = "Structure 001 ges", "Structure 002 ges", "Structure 003 ges"


async def test_a_held_member_is_in_no_run_until_the_hold_ends_by_itself(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        hold = (await desk.place("delegation", who={"delegation": "occitanie"})).json()
        assert (hold["state"], hold["reason_label"], hold["allowed_actions"]) == (
            "in_force",
            "somme contestée",
            ["lift"],
        )
        run = await desk.sent(filter={})
        assert (run["count"], [one["code"] for one in run["skipped"]]) == (2, ["held"])
        [blocker] = (await desk.listed("/reminders/proposals?held=true"))[0]["blockers"]["send"]
        assert blocker["message"].endswith(": somme contestée.")
        assert "Conteste la base" not in blocker["message"], "its text stays with the hold"
    async with on_day(dues, FIRST + 10) as desk:
        assert await desk.proposals() == [(A, 1, ["held"])]
    async with on_day(dues, FIRST + 11) as desk:
        assert await desk.proposals() == [(A, 1, [])]
        [ended] = await desk.listed("/reminder-holds?state=ended")
        assert (ended["id"], ended["lifted_on"]) == (hold["id"], None)
        assert ended["blockers"]["lift"][0]["code"] == "reminder_hold_ended"


async def test_a_hold_of_one_call_leaves_the_member_its_other_calls(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        calls = {one["member_id"]: one["id"] for one in await desk.listed("/invoices")}
        hold = (await desk.place(invoice_id=calls[str(OWN)])).json()
        assert (hold["invoice_number"], await desk.proposals("held=true")) == (
            "COT-2026-00001",
            [(A, 1, ["call_held"])],
        )
        elsewhere = await desk.place(invoice_id=calls[str(OTHER)])
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "invoice_not_found")
        assert (await desk.sent(filter={}))["count"] == 2
        own, other = [await desk.read(f"/reminders/calls/{calls[str(one)]}") for one in (OWN, OTHER)]
        assert (own["held"]["code"], own["excused"], own["reminded"]) == ("call_held", None, [])
        assert (other["held"], [one["level_label"] for one in other["reminded"]]) == (None, ["relance amiable"])


async def test_a_hold_is_lifted_early_with_a_reason_and_stays_to_be_read(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        hold = (await desk.place()).json()
        path = f"/reminder-holds/{hold['id']}"
        why = {"reason": "Accord trouvé."}
        assert (await desk.ask("POST", f"{path}/lift", json=why)).status_code == 428
        lifted = (await desk.ask("POST", f"{path}/lift", json=why, headers={"If-Match": '"v1"'})).json()
        assert (lifted["state"], lifted["lifted_reason"], lifted["until"]) == (
            "lifted",
            "Accord trouvé.",
            hold["until"],
        )
        assert (lifted["reason"], lifted["note"], lifted["placed_by"]) == (
            hold["reason"],
            hold["note"],
            hold["placed_by"],
        )
        again = await desk.ask("POST", f"{path}/lift", json=why, headers={"If-Match": '"v2"'})
        assert (again.status_code, again.json()["code"]) == (409, "reminder_hold_ended")
        assert await desk.proposals() == [(A, 1, [])]


async def test_of_two_holds_the_last_to_end_is_told(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        await desk.place(until=str(desk.today + timedelta(days=20)), reason="difficulty")
        await desk.place(until=str(desk.today + timedelta(days=5)))
        [blocker] = (await desk.listed("/reminders/proposals"))[0]["blockers"]["send"]
    assert blocker["message"].endswith(": structure en difficulté.")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"days": 91}, 400, "reminder_hold_days_wrong", id="trop longue"),
        pytest.param({"days": -1}, 400, "reminder_hold_days_wrong", id="déjà finie"),
        pytest.param({"note": ""}, 422, "validation", id="sans raison écrite"),
        pytest.param({"reason": "because"}, 422, "validation", id="une raison inconnue"),
        pytest.param({"member_id": "00000000-0000-0000-0000-000000000099"}, 404, "member_unknown", id="une inconnue"),
    ],
)
async def test_a_hold_that_makes_no_sense_is_refused(
    dues: ServiceUnderTest, arranged: Arrange, given: dict[str, Any], status: int, code: str
) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        days = given.pop("days", 5)
        refused = await desk.place(**{"until": str(desk.today + timedelta(days=days)), **given})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert await desk.listed("/reminder-holds") == []


async def test_the_list_of_holds_is_filtered_and_exported(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        await desk.place(until=str(desk.today + timedelta(days=3)))
        await desk.place(member_id=str(OTHER), reason="solidarity", since=str(desk.today + timedelta(days=2)))
        await desk.place(member_id=str(THIRD), reason="difficulty")
        found = {
            query: [one["member_name"] for one in await desk.listed(f"/reminder-holds?sort=name&{query}")]
            for query in (
                "",
                "state=in_force",
                "state=coming&state=lifted",
                "reason=difficulty",
                "delegation=bretagne",
                f"member_id={OWN}",
                f"until_before={desk.today + timedelta(days=4)}",
                "q=002",
            )
        }
        page = await desk.read("/reminder-holds?limit=1&total=true&sort=name")
        rest = await desk.listed(f"/reminder-holds?sort=name&cursor={page['next_cursor']}")
        export = (await desk.ask("GET", "/reminder-holds/export?delegation=bretagne")).text
    assert list(found.values()) == [[A, B, C], [A, C], [B], [C], [C], [A], [A], [B]]
    assert (page["total"], [one["member_name"] for one in rest]) == (3, [B, C])
    assert (f"{C};Bretagne;" in export, A in export) == (True, False)


async def test_what_was_said_of_a_duplicate_holds_for_its_structure(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        assert (await desk.place(member_id=str(THIRD))).status_code == 201
    await dues.receive(merged(3, into=1, kind="ges"))
    async with on_day(dues, FIRST) as desk:
        [proposal] = await desk.listed(f"/reminders/proposals?member_id={OWN}")
        assert [call["number"][-1] for call in proposal["calls"]] == ["1", "3"]
        assert [blocker["code"] for blocker in proposal["blockers"]["send"]] == ["held"]
        assert [one["member_name"] for one in await desk.listed(f"/reminder-holds?member_id={OWN}")] == [A]
        refused = await desk.place(member_id=str(THIRD))
        assert (refused.status_code, refused.json()["code"]) == (404, "merged_into")
