"""What a call says is settled when it is issued, and written when it is printed or taken back."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.contracts.membership import Correspondence, MemberUpdated, PostalAddress
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.invoices import repository
from dues.invoices.use_cases import write_papers

from ..campaigns.test_campaign import joined, open_campaign, run
from .test_einvoice_reading import with_siren

PAPERS = "SELECT number, explanation, document, einvoice, einvoice_defects FROM invoice ORDER BY number"


async def issued(dues: ServiceUnderTest, client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Call three structures, one of which has no SIREN, and print nothing yet; return the calls by number."""
    await dues.receive(
        with_siren(1, "ai", "123456782", "occitanie"), with_siren(2, "ges", "732829320", "bretagne"), joined(3, "aci")
    )
    campaign = await open_campaign(client)
    asked = await client.post(f"/campaigns/{campaign['id']}/run", headers={"If-Match": '"v1"'})
    await dues.run_job(UUID(asked.json()["job_id"]))
    calls = (await client.get("/invoices", params={"sort": "number"})).json()["items"]
    return [(await client.get(f"/invoices/{call['id']}")).json() for call in calls]


async def test_a_call_not_printed_yet_is_explained_and_has_no_file(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        before = await issued(dues, finance)
        assert [(row.document, row.einvoice) for row in await dues.rows(PAPERS)] == [(None, None)] * 3
        for call in before:
            assert (call["pdf_ready"], call["einvoice"], call["allowed_actions"]) == (False, False, ["void"])
            missing = await finance.get(f"/invoices/{call['id']}/xml")
            assert (missing.status_code, missing.json()["code"]) == (404, "file_missing")
        await dues.run_jobs()
        for call in before:
            after = (await finance.get(f"/invoices/{call['id']}")).json()
            assert after["explanation"] == call["explanation"]
            assert after["explanation"][-1]["amount"] == call["total"]
    kept = {row.number: row for row in await dues.rows(PAPERS)}
    assert [row.einvoice is None for row in kept.values()] == [False, False, True]
    assert [one["rule"] for one in kept["COT-2026-00003"].einvoice_defects] == ["BR-FR-12"]


async def test_a_paper_written_later_says_what_was_settled_that_day(dues: ServiceUnderTest) -> None:
    """The structure moves, changes its name and its activity between the issue and the printing."""
    async with dues.client("finance") as finance:
        [first, *_] = await issued(dues, finance)
        state = joined(1, "etti").state.model_copy(
            update={
                "name": "Un autre nom",
                "siren": None,
                "address": PostalAddress(street="9 rue Neuve", postcode="75001", city="PARIS"),
            }
        )
        await dues.receive(MemberUpdated(state=state, changed=("name", "siren", "address", "activities")))
        await dues.run_jobs()
    paper = (await dues.rows(PAPERS))[0]
    assert paper.document["buyer"] == {
        "name": "Structure 001 ai",
        "siren": "123\u00a0456\u00a0782",
        "address": ["1 rue des Essais", "31000 TOULOUSE"],
    }
    assert paper.einvoice["buyer"]["siren"] == "123456782"
    assert paper.explanation == first["explanation"]


async def test_what_is_taken_back_before_it_is_printed_reads_as_the_call_will(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        [call, *_] = await issued(dues, finance)
        voided = await finance.post(f"/invoices/{call['id']}/void", json={"reason": "mistake", "note": "Erreur."})
        assert voided.status_code == 201, voided.text
        [credit] = await dues.rows("SELECT document, einvoice FROM credit")
        await dues.run_jobs()
    paper = (await dues.rows(PAPERS))[0]
    for part in ("seller", "buyer", "vat"):
        assert credit.document[part] == paper.document[part]
    assert credit.einvoice["preceding"] == [{"number": call["number"], "issued_on": call["issued_on"]}]


async def test_what_calls_have_in_common_is_kept_once_for_all_of_an_issue(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await issued(dues, finance)
    assert len(await dues.rows("SELECT id FROM invoice_terms")) == 1


async def test_writing_asks_as_much_of_the_database_for_three_calls_as_for_one(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await issued(dues, finance)
    [campaign] = await dues.rows("SELECT id FROM campaign")
    counts = []
    for limit in (1, 2):
        async with dues.runtime.database.transaction(Actor("test")) as tx:
            rows = await repository.to_print(tx, campaign.id, limit)
            with dues.statements() as sent:
                await write_papers(tx, rows)
            counts.append(len(sent))
    assert counts == [1, 1]


async def test_letters_go_where_the_structure_asked_for(dues: ServiceUnderTest) -> None:
    fact = with_siren(1, "ai", "123456782", "occitanie")
    elsewhere = Correspondence(purpose="dues", address=PostalAddress(street="BP 12", postcode="81000", city="ALBI"))
    others = Correspondence(purpose="meetings", address=PostalAddress(street="BP 99", postcode="09000", city="FOIX"))
    state = fact.state.model_copy(update={"correspondence": (others, elsewhere)})
    await dues.receive(fact.model_copy(update={"state": state}))
    async with dues.client("finance") as finance:
        await run(dues, finance, (await open_campaign(finance))["id"])
    [paper] = await dues.rows(PAPERS)
    assert paper.document["buyer"]["address"] == ["BP 12", "81000 ALBI"]
    assert paper.einvoice["buyer"]["address"]["city"] == "TOULOUSE"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE invoice SET total = total + 1, fixed = fixed + 1", id="un montant appelé"),
        pytest.param("UPDATE invoice SET issued_on = issued_on - 1", id="un jour d'émission"),
        pytest.param("UPDATE invoice SET particulars = '{}'", id="ce dont le papier s'écrit"),
        pytest.param("UPDATE invoice SET document = '{}'", id="un papier écrit"),
        pytest.param("DELETE FROM invoice", id="un appel"),
        pytest.param("UPDATE invoice_share SET amount = amount + 1", id="une part annoncée"),
        pytest.param("DELETE FROM invoice_terms", id="ce que des appels ont en commun"),
        pytest.param("UPDATE credit SET total = total + 1, fixed = fixed + 1", id="un avoir émis"),
        pytest.param("DELETE FROM credit", id="un avoir émis, effacé"),
        pytest.param("UPDATE receipt SET amount = amount + 1", id="un règlement"),
        pytest.param("DELETE FROM receipt", id="un règlement, effacé"),
    ],
)
async def test_what_was_issued_cannot_be_rewritten(dues: ServiceUnderTest, statement: str) -> None:
    async with dues.client("finance") as finance:
        [call, *_] = await issued(dues, finance)
        await finance.post(f"/invoices/{call['id']}/void", json={"reason": "mistake", "note": "Erreur."})
        body = {"method": "transfer", "amount": "10.00", "received_on": call["issued_on"]}
        received = await finance.post("/receipts", json=body)
        assert received.status_code == 201, received.text
    with pytest.raises(DBAPIError, match="is only added to"):
        async with dues.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(text(statement))
