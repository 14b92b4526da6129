"""From the fund's tenth of the dues to the balance of a project: two delegations, finance and the board."""

from decimal import Decimal
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..ledger.books import check_books
from ..receipts.desk import Desk
from .projects import BRETAGNE, INCOME, OCCITANIE, PDF, PROJECT, TODAY, Fund, day, days_later, fund, paying, two_paid


async def test_a_call_from_its_draft_to_the_last_payment(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        assert await now.sums() == (INCOME, "0.00", "0.00", INCOME)
        call = await now.call()
        assert call["state"] == "open"
        assert await now.sums("free", "reserved", "available") == (INCOME, "120.00", "40.00")
        own = await now.application(call)
        other = await now.application(call, BRETAGNE, asked="60.00", funding=[{"label": "État", "amount": "140.00"}])
        assert [own["reference"][-5:], other["reference"][-5:]] == ["00001", "00002"]
        early = await now.decide(call, {"application_id": own["id"], "amount": "80.00"})
        assert early.json()["code"] == "fund_call_not_closed"
    async with days_later(dues, 10) as then:
        first = await then.awarded(call, own, conditions="Un bilan en fin de projet.")
        assert (first["status"], first["award"]["left"]) == ("awarded", "80.00")
        assert [(one["amount"], one["needs_report"]) for one in first["award"]["instalments"]] == [
            ("56.00", False),
            ("24.00", True),
        ]
        too_much = await then.decide(call, {"application_id": other["id"], "amount": "60.00"})
        assert too_much.json()["code"] == "fund_envelope_exceeded"
        why = {"application_id": other["id"], "amount": "40.00", "reason": "L'enveloppe est épuisée."}
        assert (await then.decide(call, why)).json()["state"] == "decided"
        assert await then.sums() == (INCOME, "120.00", "0.00", "40.00")
        assert await then.sums("reserved", "available") == ("0.00", "40.00")
        assert (await then.act(first, "payments", **paying(1, day(10)))).status_code == 200
        assert await then.sums() == (INCOME, "64.00", "56.00", "40.00")
        await then.lines_tie()
    async with days_later(dues, 200) as after:
        balance = await after.act(first, "payments", **paying(2, day(200)))
        assert balance.json()["code"] == "fund_report_missing"
        assert (await after.act(first, "report", received_on=day(150))).status_code == 200
        assert (await after.act(first, "payments", **paying(2, day(200), amount="20.00"))).status_code == 200
        assert first["award"]["left"] == "4.00"
        assert (await after.act(first, "release", reason="Dépensé moins que prévu.")).status_code == 200
        assert (first["award"]["left"], first["award"]["closed_on"]) == ("0.00", day(200))
        rest = {"amount": "6.00", "returned_on": day(190), "bank_reference": "VIR-9", "reason": "Reste de l'acompte."}
        assert (await after.act(first, "return", **rest)).status_code == 200
        assert await after.sums() == (INCOME, "40.00", "70.00", "50.00")
        await after.lines_tie()
        past = {str(TODAY): (INCOME, "0.00", "0.00", INCOME), day(10): (INCOME, "64.00", "56.00", "40.00")}
        assert {one: await after.sums(as_of=one) for one in past} == past
        assert await after.sums("reserved", as_of=day(9)) == ("120.00",)
        await check_books(dues)


async def test_dues_that_are_taken_back_leave_the_fund(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now, dues.client("finance") as client:
        receipt = (await client.get("/receipts", params={"sort": "number"})).json()["items"][0]
        await Desk(client).done(receipt, "cancel", reason="Saisi deux fois")
        shown = await now.get("/statement")
        assert [shown[name] for name in ("received", "taken_back", "free")] == ["160.00", "-80.00", "80.00"]
        lines = (await now.get("/movements", kind="taken_back"))["items"]
        assert [(line["amount"], line["free"], line["source_kind"]) for line in lines] == [("-80.00", "-80.00", "dues")]
        await now.lines_tie()
        assert (await now.ask("POST", "/calls", json={})).status_code == 422
        draft = await now.call(opened=False)
        assert draft["blockers"]["open"][0]["code"] == "fund_short"


async def test_a_call_is_written_then_read_by_all_and_changes_no_more(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        draft = await now.call(opened=False)
        assert (await now.get("/calls", "delegation", who=OCCITANIE))["items"] == []
        assert (await now.ask("GET", f"/calls/{draft['id']}", "board")).status_code == 404
        seen = {"If-Match": '"v1"'}
        body = {key: draft[key] for key in ("text", "criteria", "year", "opens_on", "closes_on")}
        wrong = {**body, "title": "Autre", "envelope": "100.00", "max_award": "101.00"}
        path = f"/calls/{draft['id']}"
        refused = await now.ask("PUT", path, headers=seen, json=wrong)
        assert refused.json()["code"] == "fund_call_amounts_wrong"
        better = {**wrong, "max_award": "90.00"}
        assert (await now.ask("PUT", path, headers=seen, json=better)).json()["title"] == "Autre"
        stale = await now.try_on("calls", draft, "open")
        assert stale.status_code == 412
        draft["version"] = 2
        assert (await now.try_on("calls", draft, "open")).status_code == 200
        assert (await now.ask("PUT", path, headers={"If-Match": '"v3"'}, json=better)).status_code == 409
        assert (await now.ask("DELETE", path, headers={"If-Match": '"v3"'})).status_code == 409
        [read] = (await now.get("/calls", "delegation", who=OCCITANIE))["items"]
        assert (read["state"], read["totals"], read["allowed_actions"]) == ("open", None, [])
        other = await now.call(opened=False)
        gone = await now.ask("DELETE", f"/calls/{other['id']}", headers={"If-Match": '"v1"'})
        assert gone.status_code == 204
        assert len((await now.get("/calls"))["items"]) == 1


async def test_an_application_is_written_until_its_call_closes(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        one = await now.application(call, submitted=False, asked="70.00")
        missing = await now.try_on("applications", one, "submit", "delegation", who=OCCITANIE)
        assert missing.json()["code"] == "fund_application_incomplete"
        assert [error["pointer"] for error in missing.json()["errors"]] == ["/funding"]
        assert [blocker["code"] for blocker in one["blockers"]["submit"]] == ["fund_application_incomplete"]
        await changed(now, one)
        assert (await now.try_on("applications", one, "submit", "delegation", who=OCCITANIE)).status_code == 200
        again = await now.try_on("applications", one, "submit", "delegation", who=OCCITANIE)
        assert again.json()["code"] == "fund_application_not_draft"
        await changed(now, one, title="Achats et transports")
        broken = await put(now, one, costs=[])
        assert broken.json()["code"] == "fund_application_incomplete"
        late = await now.application(call, BRETAGNE, submitted=False)
        gone = await now.application(call, BRETAGNE)
        assert (await now.try_on("applications", gone, "withdraw", "delegation", who=BRETAGNE)).status_code == 200
        assert (await now.get(f"/calls/{call['id']}"))["totals"] == {
            "applications": 2,
            "waiting": 1,
            "asked": "80.00",
            "awarded": "0.00",
            "left": "120.00",
        }
    async with days_later(dues, 9) as last:
        await changed(last, one, title="Achats")
        assert (await last.try_on("applications", late, "submit", "delegation", who=BRETAGNE)).status_code == 200
        third = await last.application(call, BRETAGNE, submitted=False)
    async with days_later(dues, 10) as closed:
        assert (await put(closed, one)).json()["code"] == "fund_call_not_open"
        too_late = await closed.try_on("applications", third, "submit", "delegation", who=BRETAGNE)
        assert too_late.json()["code"] == "fund_call_not_open"
        await closed.try_on("applications", late, "withdraw", "delegation", who=BRETAGNE)
        assert late["status"] == "withdrawn"
        refusal = {"application_id": one["id"]}
        assert (await closed.decide(call, refusal)).json()["code"] == "fund_reason_missing"
        ended = await closed.decide(call, {**refusal, "reason": "Hors de l'appel."})
        assert (ended.json()["state"], ended.json()["totals"]["left"]) == ("decided", "120.00")
        assert await closed.sums("free", "available") == (INCOME, INCOME)
        told = await closed.get(f"/applications/{one['id']}", "delegation", who=OCCITANIE)
        assert (told["status"], told["reason"], told["award"]) == ("refused", "Hors de l'appel.", None)


async def test_a_call_that_nobody_answered_ends_with_nothing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
    async with days_later(dues, 10) as then:
        assert (await then.decide(call)).json()["state"] == "decided"
        assert await then.sums("available") == (INCOME,)
        assert (await then.decide(call)).json()["code"] == "fund_call_not_closed"


async def test_documents_are_pdf_and_as_many_as_they_may(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        one = await now.application(call)
        path = f"/applications/{one['id']}/attachments"

        async def send(who: Fund, content: bytes = PDF[1], kind: str = "support") -> Any:
            files = {"file": (PDF[0], content, PDF[2])}
            return await who.ask("POST", path, "delegation", who=OCCITANIE, files=files, data={"kind": kind})

        assert (await send(now, b"PK")).json()["code"] == "fund_attachment_unreadable"
        assert (await send(now, kind="report")).json()["code"] == "fund_award_missing"
        for _ in range(10):
            assert (await send(now)).status_code == 201
        assert (await send(now)).json()["code"] == "fund_attachments_too_many"
        shown = await now.get(f"/applications/{one['id']}", "delegation", who=OCCITANIE)
        assert [blocker["code"] for blocker in shown["blockers"]["attach"]] == ["fund_attachments_too_many"]
        first = shown["attachments"][0]
        assert (await now.ask("DELETE", f"{path}/{first['id']}", "delegation", who=OCCITANIE)).status_code == 204
        assert (await now.ask("GET", f"{path}/{first['id']}")).json()["code"] == "fund_attachment_not_found"
        kept = await now.ask("GET", f"{path}/{shown['attachments'][1]['id']}")
        assert (kept.content, kept.headers["content-type"]) == (PDF[1], "application/pdf")
    async with days_later(dues, 10) as then:
        assert (await send(then)).json()["code"] == "fund_call_not_open"
        awarded = await then.awarded(call, one)
        report = await send(then, kind="report")
        assert [piece["kind"] for piece in report.json()["attachments"]].count("report") == 1
        assert (await then.act(awarded, "report", received_on=day(10))).status_code == 200
        assert (await then.act(awarded, "report", received_on=day(10))).json()["code"] == "fund_report_received"


async def one_awarded(dues: ServiceUnderTest) -> dict[str, Any]:
    """An application was awarded the day after its call closed."""
    await two_paid(dues)
    call = await Fund(dues).call()
    one = await Fund(dues).application(call)
    async with days_later(dues, 10) as then:
        return await then.awarded(call, one)


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        pytest.param("payments", paying(3, TODAY), "fund_instalment_not_found", id="aucun versement de ce rang"),
        pytest.param("payments", paying(1, day(9)), "fund_day_wrong", id="avant la décision"),
        pytest.param("payments", paying(1, day(11)), "fund_day_wrong", id="demain"),
        pytest.param("payments", paying(1, day(10), amount="56.01"), "fund_instalment_too_large", id="trop"),
        pytest.param("report", {"received_on": day(11)}, "fund_day_wrong", id="un bilan de demain"),
        pytest.param(
            "return",
            {"amount": "0.01", "returned_on": day(10), "bank_reference": "V", "reason": "Reste"},
            "fund_commitment_short",
            id="rendu sans avoir été versé",
        ),
    ],
)
async def test_what_is_wrong_of_an_award_writes_nothing(
    dues: ServiceUnderTest, arranged: Arrange, act: str, body: dict[str, Any], code: str
) -> None:
    awarded = await arranged(dues, one_awarded)
    async with days_later(dues, 10) as then:
        before = await then.sums()
        answer = await then.act(awarded, act, **body)
        assert answer.json()["code"] == code
        assert await then.sums() == before == (INCOME, "80.00", "0.00", "80.00")


async def test_the_board_says_how_an_award_is_paid(dues: ServiceUnderTest, arranged: Arrange) -> None:
    schedule = [{"label": "En une fois", "amount": "80.00"}]
    async with fund(dues, arranged) as now:
        call = await now.call()
        one = await now.application(call)
    async with days_later(dues, 10) as then:
        wrong = {"application_id": one["id"], "amount": "80.00", "schedule": [{**schedule[0], "amount": "79.99"}]}
        assert (await then.decide(call, wrong)).json()["code"] == "fund_schedule_wrong"
        before = await then.decide(call, sitting_on=day(9))
        assert before.json()["code"] == "fund_sitting_day_wrong"
        awarded = await then.awarded(call, one, schedule=schedule)
        assert (await then.act(awarded, "payments", **paying(1, day(10)))).status_code == 200
        assert awarded["award"]["closed_on"] == day(10)
        assert (await then.act(awarded, "payments", **paying(1, day(10)))).json()["code"] == "fund_award_closed"
        assert (await then.act(awarded, "release", reason="Rien")).json()["code"] == "fund_award_closed"
        rule = await then.get("/schedule")
        assert (rule["status"], sum(Decimal(part["percent"]) for part in rule["parts"])) == ("assumed", 100)


async def put(who: Fund, one: dict[str, Any], **given: Any) -> Any:
    headers = {"If-Match": f'"v{one["version"]}"'}
    body = {**PROJECT, **given}
    return await who.ask("PUT", f"/applications/{one['id']}", "delegation", who=OCCITANIE, headers=headers, json=body)


async def changed(who: Fund, one: dict[str, Any], **given: Any) -> None:
    answer = await put(who, one, **given)
    assert answer.status_code == 200, answer.text
    one.update(answer.json())
