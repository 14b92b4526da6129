"""What else than a hold keeps a member from being reminded: a request under study, a plan that is kept."""

from datetime import timedelta
from typing import Any

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_duplicates import merged
from .desk import FIRST, OTHER, OWN, Desk, call_members, on_day

A, B, C = "Structure 001 ges", "Structure 002 ges", "Structure 003 ges"


async def ask_relief(desk: Desk, member_id: Any = OWN) -> dict[str, Any]:
    body = {"member_id": str(member_id), "asks": "reduction", "reason": "Trésorerie à zéro."}
    answer = await desk.ask("POST", "/reliefs", "member", who={"member_id": member_id}, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_member_whose_request_is_under_study_is_not_reminded(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        one = await ask_relief(desk)
        assert await desk.proposals() == [(A, 1, ["relief_under_study"]), (B, 1, []), (C, 1, [])]
        assert await desk.proposals("held=true") == [(A, 1, ["relief_under_study"])]
        run = await desk.sent(filter={})
        assert (run["count"], [skipped["code"] for skipped in run["skipped"]]) == (2, ["relief_under_study"])
        situation = await desk.read(f"/reminders/members/{OWN}")
        message = situation["excused"]["message"]
        assert (one["reference"] in message, "Trésorerie" in message) == (True, False)
        gap = next(gap for gap in (await desk.read("/reminders/gaps"))["gaps"] if gap["code"] == "relief_under_study")
        assert (gap["members"], gap["label"]) == (1, "demande de solidarité à l'étude")
        seen, why = {"If-Match": f'"v{one["version"]}"'}, {"reason": "Une aide est venue"}
        assert (await desk.ask("POST", f"/reliefs/{one['id']}/withdraw", json=why, headers=seen)).status_code == 200
        assert await desk.proposals("ready=true") == [(A, 1, [])]


async def test_what_was_decided_excuses_nobody_any_more(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        one = await ask_relief(desk)
    async with on_day(dues, FIRST + 16) as desk:
        assert await desk.proposals() == [(A, 1, ["relief_under_study"])]
        said = {"decided_by": "Bureau", "sitting_on": str(desk.today), "reason": "Après examen."}
        seen = {"If-Match": f'"v{one["version"]}"'}
        path, refusal = f"/reliefs/{one['id']}/decide", {"outcome": "refusal", **said}
        assert (await desk.ask("POST", path, json=refusal, headers=seen)).status_code == 200
        assert await desk.proposals() == [(A, 1, [])]


async def test_a_plan_excuses_its_calls_while_it_is_kept(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1, 2])
    async with on_day(dues, FIRST) as desk:
        days = [str(desk.today + timedelta(days=days)) for days in (5, 40)]
        parts = {"instalments": [{"day": day, "amount": "400.00"} for day in days]}
        plan = {"member_id": str(OWN), "schedule": parts, "reason": "Trésorerie"}
        agreed = await desk.ask("POST", "/plans", json=plan)
        assert agreed.status_code == 201, agreed.text
        assert await desk.proposals() == [(A, 1, ["in_plan"]), (B, 1, [])]
        calls = {one["member_id"]: one["id"] for one in await desk.listed("/invoices")}
        own = await desk.read(f"/reminders/calls/{calls[str(OWN)]}")
        assert (own["held"]["code"], agreed.json()["reference"] in own["held"]["message"]) == ("in_plan", True)
        assert (await desk.read(f"/reminders/calls/{calls[str(OTHER)]}"))["held"] is None
    async with on_day(dues, FIRST + 5) as desk:
        assert await desk.proposals() == [(A, 1, ["in_plan"]), (B, 1, [])]
    async with on_day(dues, FIRST + 6) as desk:
        assert await desk.proposals() == [(A, 1, []), (B, 1, [])], "an instalment is late: reminded as any other"
        await desk.pay(OWN, "400.00")
        assert await desk.proposals() == [(A, 1, ["in_plan"]), (B, 1, [])]


async def test_a_request_of_a_duplicate_excuses_the_member_it_was_one_of(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged, [1, 2])
    async with on_day(dues, FIRST) as desk:
        await ask_relief(desk, OTHER)
    await dues.receive(merged(2, into=1, kind="ges"))
    async with on_day(dues, FIRST) as desk:
        assert await desk.proposals() == [(A, 1, ["relief_under_study"])]
