"""Invoices through the API: two for one action, one of a person, credit notes, settlements, lists, papers."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.invoicing.files import xml_inside
from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import acted, opened, refused, seated
from .arrangements import (
    ADDRESS,
    AFTER,
    AGREED,
    FUNDER,
    arranged,
    billed,
    bought_by_a_person,
    issue,
    issued,
    on_share,
    own,
)


async def today_of(training: ServiceUnderTest) -> str:
    return training.runtime.clock.now().date().isoformat()


async def test_subrogation_is_two_invoices_for_one_action(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team:
        billing = await billed(team, request, FUNDER)
        assert [one["amount"] for one in billing["shares"]] == ["320.00", "800.00"]
        assert refused(await issue(team, billing, 1)) == (409, "share_not_agreed")
        agreed = await on_share(team, billing, 1, "agree", {**AGREED, "agreed_on": await today_of(training)})
        assert agreed.json()["shares"][1]["status_label"] == "accordée"
        early = await issue(team, billing, 1)
        assert refused(early) == (409, "session_not_over")
        assert "certificat de réalisation" in early.json()["detail"]
        first = await issued(team, billing)
    async with training.days_later(AFTER) as later, later.client("finance") as finance:
        second = await issued(finance, billing, 1)
        await later.run_jobs()
        for one in (first, second):
            assert one["number"].startswith(f"FOR-{one['issued_on'][:4]}-")
        assert (first["total"], second["total"], second["payer_name"]) == ("320.00", "800.00", "Opérateur d'essai")
        assert "dossier 2026-OPE-0042" in second["lines"][0]
        assert any("261, 4, 4° a" in one for one in second["mentions"])
        assert "ne vaut pas agrément de l'État" in second["registration"]
        whole = (await finance.get(f"/billings/{billing['id']}")).json()
        assert (whole["total"], whole["invoiced"], whole["to_invoice"]) == ("1120.00", "1120.00", "0.00")
        pdf = (await finance.get(f"/invoices/{second['id']}/pdf")).content
        page = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
        for said in ("Opérateur d'essai", "2026-OPE-0042", "40 €", "800,00", "Prix de l'action", "320,00"):
            assert said in page, said
        assert b"VATEX-FR-CGI261-4" in xml_inside(pdf)
        xml = await finance.get(f"/invoices/{second['id']}/xml")
        assert xml.content == xml_inside(pdf)
    told = await training.published()
    assert not [fact for fact in told if fact.wire_name.startswith(("invoice", "billing"))]


async def test_a_refusal_gives_the_part_back_to_the_buyer(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team:
        billing = await billed(team, request, FUNDER)
        after = (await on_share(team, billing, 1, "refuse")).json()
        assert [(one["status"], one["amount"]) for one in after["shares"]] == [
            ("agreed", "1120.00"),
            ("refused", "0.00"),
        ]
        assert after["shares"][1]["blockers"]["agree"][0]["code"] == "share_refused"
        assert refused(await on_share(team, billing, 0, "refuse")) == (409, "share_of_buyer")
        more = await acted(team, f"/billings/{billing['id']}", "ask", FUNDER)
        assert [one["amount"] for one in more.json()["shares"]] == ["320.00", "0.00", "800.00"]
        too_much = await acted(team, f"/billings/{billing['id']}", "ask", {**FUNDER, "amount": "320.01"})
        assert refused(too_much) == (409, "shares_too_large")
        stale = await team.post(f"/billings/{billing['id']}/revise", headers={"If-Match": '"v1"'})
        assert refused(stale) == (412, "version_changed")
        again = await team.post("/billings", json={"request_id": request["id"]})
        assert refused(again) == (409, "billing_exists")


async def test_a_request_that_waits_is_not_billed(training: ServiceUnderTest) -> None:
    held, _ = await arranged(training, 1)
    async with training.client("training") as team:
        waiting = await seated(team, held, 2)
        answer = await team.post("/billings", json={"request_id": waiting["id"]})
        assert refused(answer) == (409, "seats_pending")
        await acted(team, f"/enrolment-requests/{waiting['id']}", "withdraw", {"reason": "absence"})
        answer = await team.post("/billings", json={"request_id": waiting["id"]})
        assert refused(answer) == (409, "nothing_to_bill")


async def test_nothing_is_asked_of_a_person_before_they_may_withdraw_no_more(training: ServiceUnderTest) -> None:
    request = await bought_by_a_person(training)
    async with training.client("training") as team:
        billing = await billed(team, request)
        early = await issue(team, billing, address=ADDRESS, amount="1.00")
        assert refused(early) == (409, "withdrawal_pending")
        last_day = training.runtime.clock.now().date() + timedelta(10)
        assert early.json()["until"] == last_day.isoformat()
    async with training.days_later(15) as later, later.client("training") as team:
        whole = await issue(team, billing, address=ADDRESS)
        assert refused(whole) == (409, "instalment_too_large")
        most = whole.json()["most"]
        assert refused(await issue(team, billing, amount=most)) == (400, "payer_address_missing")
        first = await issued(team, billing, amount=most, address=ADDRESS)
        assert (first["total"], first["paper_only"], first["einvoice"]) == ("210.00", True, False)
        assert (first["payer_name"], first["einvoice_defects"]) == ("une personne à ses frais", [])
        assert refused(await issue(team, billing, amount="0.01", address=ADDRESS)) == (409, "instalment_too_large")
        await later.run_jobs()
        page = PdfReader(io.BytesIO((await team.get(f"/invoices/{first['id']}/pdf")).content)).pages[0].extract_text()
        assert "EXEMPLE" in page
        assert "40 €" not in page
        assert refused(await team.get(f"/invoices/{first['id']}/xml")) == (404, "einvoice_missing")
        async with later.client("board") as board:
            assert (await board.get(f"/invoices/{first['id']}")).json()["payer_name"] == "une personne à ses frais"
            assert refused(await board.get(f"/invoices/{first['id']}/pdf")) == (404, "invoice_not_found")
    async with training.days_later(AFTER) as later, later.client("training") as team:
        assert (await issued(team, billing, address=ADDRESS))["total"] == "490.00"


async def test_a_seat_given_back_after_the_invoice_is_on_the_list_until_credited(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team, training.client("finance") as finance:
        billing = await billed(team, request)
        made = await issued(team, billing)
        assert (await finance.get("/billings", params={"to_revise": True})).json()["items"] == []
        await acted(team, f"/enrolments/{request['seats'][0]['id']}", "withdraw", {"reason": "absence"})
        [line] = (await finance.get("/billings", params={"to_revise": True})).json()["items"]
        assert (line["sold"], line["invoiced"], line["to_credit"]) == ("560.00", "1120.00", "560.00")
        assert refused(await acted(team, f"/billings/{billing['id']}", "revise")) == (409, "share_invoiced")
        why = {"reason": "seat_given_back", "note": "Place rendue avant le début"}
        path = f"/invoices/{made['id']}/credit-notes"
        assert (await team.post(path, json=why)).status_code == 403
        tried = await finance.post(path, json={**why, "amount": "560.00"}, params={"dry_run": "true"})
        assert (tried.status_code, tried.json()["number"][-5:]) == (201, "00001")
        note = (await finance.post(path, json={**why, "amount": "560.00"})).json()
        assert (note["number"][-5:], note["amount"], note["invoice_number"]) == ("00001", "560.00", made["number"])
        assert refused(await issue(team, billing)) == (409, "seats_changed")
        after = (await acted(team, f"/billings/{billing['id']}", "revise")).json()
        assert (after["total"], after["invoiced"], after["to_credit"], after["to_revise"]) == (
            "560.00", "560.00", "0.00", False,
        )  # fmt: skip
        assert refused(await issue(team, billing)) == (409, "nothing_to_invoice")
        too_much = await finance.post(path, json={**why, "amount": "560.01"})
        assert refused(too_much) == (409, "credit_too_large")
        rest = (await finance.post(path, json=why)).json()
        shown = (await finance.get(f"/invoices/{made['id']}")).json()
        assert (shown["status"], shown["owed"]) == ("credited", "0.00")
        assert shown["credit_notes"] == [note["number"], rest["number"]]
        await training.run_jobs()
        pdf = (await finance.get(f"/credit-notes/{note['id']}/pdf")).content
        assert made["number"] in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
        assert made["number"].encode() in (await finance.get(f"/credit-notes/{note['id']}/xml")).content
        listed = (await finance.get("/credit-notes", params={"reason": "seat_given_back", "total": True})).json()
        assert listed["total"] == 2
        assert rest["number"] in (await finance.get("/credit-notes/export")).text


async def test_a_structure_without_a_siren_is_told_why_it_has_no_e_invoice(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 2)
    async with training.client("training") as team:
        billing = await billed(team, await seated(team, held, 2))
        assert refused(await issue(team, billing)) == (400, "payer_address_missing")
        made = await issued(team, billing, address=ADDRESS)
        assert (made["payer_name"], made["paper_only"], made["einvoice"]) == ("Structure 2", False, False)
        assert "BR-FR-12" in [one["rule"] for one in made["einvoice_defects"]]
        await training.run_jobs()
        assert (await team.get(f"/invoices/{made['id']}/pdf")).status_code == 200


async def test_what_is_paid_is_recorded_for_ever(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("finance") as finance:
        made = await issued(finance, await billed(finance, request))
        path, today = f"/invoices/{made['id']}/settlements", await today_of(training)
        part = await finance.post(path, json={"amount": "500.00", "paid_on": today, "reference": "Virement"})
        assert (part.json()["status"], part.json()["owed"]) == ("partly_paid", "620.00")
        more = {"amount": "620.01", "paid_on": today, "reference": "Virement"}
        assert refused(await finance.post(path, json=more)) == (409, "settlement_too_large")
        assert refused(await finance.post(path, json={**more, "amount": "0.00"})) == (400, "settlement_empty")
        assert refused(await finance.post(path, json={**more, "amount": "-500.01"})) == (409, "settlement_not_there")
        paid = (await finance.post(path, json={**more, "amount": "620.00"})).json()
        assert (paid["status"], [one["amount"] for one in paid["settlements"]]) == ("paid", ["500.00", "620.00"])
        assert paid["blockers"]["credit"][0]["code"] == "credit_too_large"
    for statement in ("UPDATE invoice_settlement SET amount = 1", "DELETE FROM invoice_settlement"):
        with pytest.raises(DBAPIError):
            async with training.runtime.database.engine.begin() as connection:
                await connection.execute(text(statement))


async def test_a_preview_takes_no_number_and_two_who_issue_at_once_issue_one(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team:
        billing = await billed(team, request)
        seen = await issue(team, billing, dry_run=True)
        assert seen.json()["number"].endswith("-00001")
        assert (await team.get("/invoices")).json()["items"] == []
        answers = await asyncio.gather(*(issue(team, billing) for _ in range(4)))
        assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
        [only] = (await team.get("/invoices")).json()["items"]
        assert only["number"].endswith("-00001")


async def test_a_structure_sees_its_own(training: ServiceUnderTest) -> None:
    _, request = await arranged(training)
    async with training.client("training") as team:
        billing = await billed(team, request, FUNDER)
        made = await issued(team, billing)
    async with training.client("member", **own(1)) as buyer, training.client("member", **own(2)) as stranger:
        shown = (await buyer.get(f"/invoices/{made['id']}")).json()
        assert (shown["payer_name"], shown["allowed_actions"], shown["blockers"]) == ("Structure 1", [], {})
        assert (await buyer.get("/billings", params={"total": True})).json()["total"] == 1
        for path in (f"/invoices/{made['id']}", f"/invoices/{made['id']}/pdf", f"/billings/{billing['id']}"):
            assert (await stranger.get(path)).status_code == 404, path
        for path in ("/invoices", "/billings", "/credit-notes"):
            assert (await stranger.get(path, params={"total": True})).json()["total"] == 0, path
        assert (
            await buyer.post("/invoices", json={"billing_id": billing["id"], "share_id": made["share_id"]})
        ).status_code == 403


async def _found(training: ServiceUnderTest, **params: Any) -> list[str]:
    async with training.client("finance") as finance:
        page = (await finance.get("/invoices", params={"sort": "number", **params})).json()
        names = (await finance.get("/invoices/export", params=params)).text.splitlines()[1:]
    found = [one["number"][-1] for one in page["items"]]
    assert [line.split(";")[0][-1] for line in names] == found
    return found


async def test_the_filters_of_list_and_export_are_the_same(training: ServiceUnderTest) -> None:
    held, request = await arranged(training)
    async with training.client("finance") as finance:
        billing = await billed(finance, request)
        first = await issued(finance, billing, amount="100.00")
        await issued(finance, billing, amount="200.00")
        paid = {"amount": "100.00", "paid_on": await today_of(training), "reference": "Virement"}
        await finance.post(f"/invoices/{first['id']}/settlements", json=paid)
    assert await _found(training, session_id=held.id) == ["1", "2"]
    assert await _found(training, status="paid") == ["1"]
    assert await _found(training, status="issued") == ["2"]
    assert await _found(training, payer="opco") == []
    assert await _found(training, payer_siren="900000001") == ["1", "2"]
    assert await _found(training, member_id=request["member_id"], billing_id=billing["id"]) == ["1", "2"]
    assert await _found(training, overdue="true") == []
    assert await _found(training, issued_from="2000-01-02", issued_to="2000-01-03") == []
    async with training.days_later(31) as later:
        assert await _found(later, overdue="true") == ["2"]
        assert await _found(later, overdue="false") == ["1"]
