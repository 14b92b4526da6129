"""The story of late calls: proposed, reminded, called by their region, put in notice, paid, held."""

import asyncio
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from pypdf import PdfReader

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .desk import DUE, FIRST, NOTICE, OTHER, OWN, SECOND, THIRD, call_members, on_day

A, B, C = "Structure 001 ges", "Structure 002 ges", "Structure 003 ges"


async def test_a_run_says_whether_its_letters_can_be_noted_as_sent(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk, desk.dues.client("finance") as finance:
        asked = (await desk.send(OWN)).json()["run"]["id"]
        acts = {"note_sent": ("POST", "/sent", {"means": "post", "sent_on": str(desk.today)})}
        assert await try_acts(finance, f"/reminders/runs/{asked}", acts) == set()
        await desk.dues.run_jobs()
        assert await try_acts(finance, f"/reminders/runs/{asked}", acts) == {"note_sent"}


async def test_three_levels_one_after_the_other_and_then_no_more(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST - 1) as desk:
        assert await desk.proposals() == []
    async with on_day(dues, FIRST) as desk:
        assert await desk.proposals() == [(A, 1, [])]
        run = await desk.sent(OWN)
        assert (run["count"], run["owed"], run["skipped"], run["pdf_ready"]) == (1, DUE, [], True)
        assert await desk.proposals() == []
    async with on_day(dues, SECOND) as desk:
        assert await desk.proposals() == [(A, 2, ["region_may_call"])]
        refused = await desk.send(OWN)
        assert (refused.status_code, refused.json()["code"]) == (409, "nobody_to_remind")
        assert [one["code"] for one in refused.json()["skipped"]] == ["region_may_call"]
    async with on_day(dues, SECOND + 8) as desk:
        [proposal] = await desk.listed("/reminders/proposals")
        assert (proposal["to_call"], proposal["called_on"], proposal["blockers"]) == (True, None, {})
        await desk.sent(OWN)
    async with on_day(dues, NOTICE) as desk:
        run = await desk.sent(filter={"ready": True})
        [notice] = await desk.listed(f"/reminders?run_id={run['id']}")
        assert (notice["level_label"], notice["registered"], notice["owed"]) == ("mise en demeure", True, DUE)
    async with on_day(dues, NOTICE + 200) as desk:
        assert await desk.proposals() == []
        assert [one["level"] for one in await desk.listed("/reminders?settled=false")] == [3, 2, 1]
        await desk.pay()
        assert await desk.listed("/reminders?settled=false") == []
        assert {one["owed_now"] for one in await desk.listed("/reminders")} == {"0.00"}


async def test_who_paid_meanwhile_is_not_reminded_and_the_receipt_says_so(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        await desk.pay(OWN)
        await desk.place(member_id=str(THIRD))
        answer = await desk.send(OWN, OTHER, THIRD, UUID(int=77))
        assert answer.status_code == 202, answer.text
        await desk.dues.run_jobs()
        lines = await desk.listed(f"/jobs/{answer.json()['job_id']}/receipt")
    assert [(line["outcome"], line["code"], line["subject_id"]) for line in lines] == [
        ("skipped", "nothing_due", str(OWN)),
        ("skipped", "held", str(THIRD)),
        ("skipped", "nothing_due", str(UUID(int=77))),
        ("printed", None, str(OTHER)),
    ]


async def test_a_dry_run_shows_what_the_run_does_and_writes_nothing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        body = {"filter": {"delegation": ["occitanie"]}}
        shown = await desk.ask("POST", "/reminders/runs", json=body, params={"dry_run": True})
        assert (shown.status_code, shown.json()["run"]["count"], shown.json()["run"]["owed"]) == (202, 2, "1600.00")
        assert await desk.listed("/reminders") == []
        assert (await desk.sent(**body))["owed"] == "1600.00"
        assert await desk.proposals() == [(C, 1, [])]


async def test_two_runs_at_once_remind_each_call_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        answers = await asyncio.gather(*(desk.send(filter={}) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"nobody_to_remind"}
        reminders = await desk.listed("/reminders")
    assert sorted(one["member_name"] for one in reminders) == [A, B, C]


async def test_a_payment_and_a_run_at_once_never_remind_what_is_paid(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        _, answer = await asyncio.gather(desk.pay(), desk.send(OWN))
        reminders = await desk.listed("/reminders")
    assert (answer.status_code, len(reminders)) in ((202, 1), (409, 0))
    reminded_before_the_payment = [one for one in reminders if one["owed"] == DUE and one["owed_now"] == "0.00"]
    assert reminded_before_the_payment == reminders


async def test_printing_stopped_in_the_middle_goes_on_where_it_was(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, range(1, 26))
    async with on_day(dues, FIRST) as desk:
        job_id = UUID((await desk.send(filter={})).json()["job_id"])
        await desk.dues.run_step(job_id)
        printed = await desk.dues.rows("SELECT id FROM reminder WHERE pdf_sha256 IS NOT NULL")
        assert len(printed) == 20
        await desk.dues.run_jobs()
        lines = await desk.listed(f"/jobs/{job_id}/receipt?limit=1000")
        [run] = await desk.listed("/reminders/runs")
    assert sorted({line["row"] for line in lines}) == list(range(1, 26))
    assert (len(lines), run["not_printed"], run["pdf_ready"]) == (25, 0, True)


async def test_a_returned_payment_is_reminded_at_the_level_that_follows(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        await desk.sent(OWN)
        receipt = await desk.pay()
    async with on_day(dues, SECOND + 8) as desk:
        assert await desk.proposals() == []
        returned = await desk.ask(
            "POST",
            f"/receipts/{receipt['id']}/return",
            json={"reason": "AC04", "returned_on": str(desk.today)},
            headers={"If-Match": f'"v{receipt["version"]}"'},
        )
        assert returned.status_code == 200, returned.text
        assert await desk.proposals() == [(A, 2, [])]


async def test_the_letters_say_what_is_owed_since_when_and_how_to_pay(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        run = await desk.sent(OWN, OTHER)
        [letter] = await desk.listed(f"/reminders?member_id={OWN}")
        pdf = await desk.ask("GET", f"/reminders/{letter['id']}/pdf", "member", who={"member_id": OWN})
        whole = await desk.ask("GET", f"/reminders/runs/{run['id']}/pdf")
        again = await desk.ask("GET", f"/reminders/{letter['id']}/pdf")
    assert pdf.content == again.content
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    for said in (A, "COT-2026-00001", "15 jours de retard", "31000 TOULOUSE", "FR76", "À confirmer par la fédération"):
        assert said in text.replace("\u00a0", " "), said
    assert len(pypdfium2.PdfDocument(pdf.content)) == 1
    assert len(pypdfium2.PdfDocument(whole.content)) == 2


async def test_how_letters_left_is_noted_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        asked = (await desk.send(OWN, OTHER)).json()["run"]
        posted = {"means": "post", "sent_on": str(desk.today)}
        early = await desk.ask("POST", f"/reminders/runs/{asked['id']}/sent", json=posted)
        assert early.json()["code"] == "reminder_not_printed"
        await desk.dues.run_jobs()
        assert (await desk.read("/reminders/gaps"))["not_dispatched"] == 2
        [letter] = await desk.listed(f"/reminders?member_id={OWN}")
        registered = {"means": "registered", "sent_on": str(desk.today), "reference": "1A 234 567"}
        path, seen = f"/reminders/{letter['id']}/sent", {"If-Match": '"v1"'}
        noted = await desk.ask("POST", path, json=registered, headers=seen)
        assert (noted.json()["means_label"], noted.json()["dispatch_reference"]) == ("lettre recommandée", "1A 234 567")
        stale = await desk.ask("POST", path, json=registered, headers=seen)
        twice = await desk.ask("POST", path, json=registered, headers={"If-Match": '"v2"'})
        assert (stale.status_code, twice.json()["code"]) == (412, "reminder_sent")
        rest = await desk.ask("POST", f"/reminders/runs/{asked['id']}/sent", json=posted)
        assert rest.json() == {"noted": 1}
        assert await desk.listed("/reminders?dispatched=false") == []


async def test_what_should_have_been_sent_and_was_not_is_told_with_why(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST + 3) as desk:
        assert (await desk.place(member_id=str(OTHER))).status_code == 201
        gaps = await desk.read("/reminders/gaps")
        own = await desk.read("/reminders/gaps", "delegation", delegation="bretagne")
        assert await desk.proposals("blocker=held") == [(B, 1, ["held"])]
        await desk.sent(filter={})
        after = await desk.read("/reminders/gaps")
    assert [(one["code"], one["members"], one["owed"]) for one in gaps["gaps"]] == [
        ("ready", 2, "1600.00"),
        ("held", 1, "800.00"),
    ]
    assert (gaps["late_members"], gaps["late_total"], gaps["nothing_due"]) == (3, "2400.00", 0)
    assert (own["late_members"], [one["code"] for one in own["gaps"]]) == (1, ["ready"])
    assert (after["nothing_due"], [one["code"] for one in after["gaps"]]) == (2, ["held"])


async def test_a_region_calls_and_a_promise_holds_until_its_day(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        await desk.sent(OWN)
    region: dict[str, Any] = {"delegation": "occitanie"}
    async with on_day(dues, SECOND) as desk:
        [to_call] = await desk.listed("/reminders/proposals?to_call=true", "delegation", **region)
        assert to_call["call_by"] > str(desk.today)
        call = {
            "member_id": str(OWN),
            "day": str(desk.today),
            "outcome": "promised",
            "promised_for": str(desk.today + timedelta(days=9)),
            "note": "Paiera après le conseil.",
        }
        noted = await desk.ask("POST", "/reminders/region-calls", "delegation", who=region, json=call)
        assert noted.status_code == 201, noted.text
        assert noted.json()["situation"]["excused"]["code"] == "promised"
        assert await desk.proposals("to_call=true") == []
        assert await desk.proposals("held=true") == [(A, 2, ["promised"])]
    async with on_day(dues, SECOND + 9) as desk:
        assert await desk.proposals() == [(A, 2, ["promised"])]
    async with on_day(dues, SECOND + 10) as desk:
        assert await desk.proposals() == [(A, 2, [])]
        [listed] = await desk.listed("/reminders/region-calls?outcome=promised", "delegation", **region)
        assert (listed["outcome_label"], listed["note"]) == ("règlement promis", "Paiera après le conseil.")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({}, 400, "reminder_choice_unclear", id="personne"),
        pytest.param({"member_ids": [str(OWN)], "filter": {}}, 400, "reminder_choice_unclear", id="les deux"),
        pytest.param({"member_ids": [str(OWN)] * 201}, 422, "validation", id="plus que ce qui se demande en une fois"),
        pytest.param({"member_ids": []}, 422, "validation", id="une liste vide"),
        pytest.param({"filter": {"rank": 2}}, 422, "validation", id="un filtre inconnu"),
        pytest.param({"filter": {"level": [3]}}, 409, "nobody_to_remind", id="personne à ce rang"),
    ],
)
async def test_a_choice_that_is_none_is_refused(
    dues: ServiceUnderTest, arranged: Arrange, body: dict[str, Any], status: int, code: str
) -> None:
    await call_members(dues, arranged, [1])
    async with on_day(dues, FIRST) as desk:
        refused = await desk.ask("POST", "/reminders/runs", json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert await desk.listed("/reminders/runs") == []
