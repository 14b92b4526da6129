"""Quotes through the API: who asks, what is kept for ever, what is printed, what is told of the rules."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import member, opened, person, quote_body, quoted, refused, standing
from ..programmes.arrangements import published

ELSEWHERE = {
    "name": "Organisme d'ailleurs", "siret": "73282932000074", "street": "1 rue de l'Exemple", "postcode": "75001",
    "city": "PARIS",
}  # fmt: skip


async def test_a_quote_keeps_its_price_its_steps_and_its_proof(training: ServiceUnderTest) -> None:
    held = await opened(training, 5, 1)
    today = training.runtime.clock.now().date()
    await training.receive(standing(1, "overdue", today.year, today.replace(day=1)))
    async with training.client("member", member_id=UUID(int=1)) as mine:
        made = (await mine.post("/quotes", json=quote_body(held, 1, 3))).json()
        assert made["reference"] == f"DEV-{today.year}-00001"
        assert (made["price"]["basis"], made["price"]["total"]) == ("standard", "2100.00")
        assert "en retard" in made["price"]["steps"][0]["text"]
        assert (made["proof"]["standing"], made["rules_status"]) == ("overdue", "assumed")
        assert made["valid_until"] == (today + timedelta(30)).isoformat()
        assert made["allowed_actions"] == ["accept", "renew"]
        rules = (await mine.get("/quotes/rules")).json()["items"]
        assert {rule["status"] for rule in rules} == {"assumed"}
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text("UPDATE quote SET total = 0"))


async def test_a_price_that_is_not_held_any_more_is_renewed(training: ServiceUnderTest) -> None:
    held = await opened(training, 5, 1)
    async with training.client("training") as team:
        old = await quoted(team, held, 1)
    async with training.days_later(31) as later, later.client("training") as team:
        assert (await team.get(f"/quotes/{old}")).json()["status"] == "expired"
        late = await team.post("/enrolment-requests", json={"quote_id": old, "names_by": held.means.first.isoformat()})
        assert refused(late) == (409, "quote_expired")
        again = (await team.post(f"/quotes/{old}/renew")).json()
        assert (again["renews"], again["status"]) == (old, "valid")
        for status, found in (("expired", [old]), ("valid", [again["id"]]), ("accepted", [])):
            listed = (await team.get("/quotes", params={"status": status})).json()["items"]
            assert [one["id"] for one in listed] == found


async def test_the_team_alone_gives_a_price_and_quotes_for_others(training: ServiceUnderTest) -> None:
    held = await opened(training, 5, 1, 2)
    given = {"given_price": {"unit": "900.00", "reason": "Deux jours sur place"}}
    cut = {"discount": {"reason": "Groupe", "percent": "10"}}
    async with training.client("member", member_id=UUID(int=1)) as mine:
        for said in (given, cut, {"buyer": {"organisation": ELSEWHERE}}):
            assert refused(await mine.post("/quotes", json=quote_body(held, 1, **said))) == (403, "price_not_yours")
        assert refused(await mine.post("/quotes", json=quote_body(held, 2))) == (404, "member_unknown")
    async with training.client("training") as team:
        tailored = (await team.post("/quotes", json=quote_body(held, 1, **given, **cut))).json()
        assert (tailored["price"]["basis"], tailored["price"]["total"]) == ("tailor_made", "810.00")
        other = (await team.post("/quotes", json=quote_body(held, 1, buyer={"organisation": ELSEWHERE}))).json()
        assert (other["buyer_name"], other["price"]["basis"]) == ("Organisme d'ailleurs", "standard")
        alone = await person(team, None)
        individual = (await team.post("/quotes", json=quote_body(held, 1, buyer={"trainee_id": alone}))).json()
        assert individual["buyer_name"] == "Camille EXEMPLE"
    async with training.client("member", member_id=UUID(int=1)) as mine:
        assert refused(await mine.post(f"/quotes/{tailored['id']}/renew")) == (403, "price_not_yours")
        assert refused(await mine.get(f"/quotes/{other['id']}")) == (404, "quote_not_found")
    async with training.client("board") as board:
        shown = (await board.get(f"/quotes/{individual['id']}")).json()
        assert shown["buyer_name"] == "personne à ses frais"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"buyer": {}}, id="sans acheteur"),
        pytest.param({"programme_code": "CIP-01"}, id="une session et un programme"),
        pytest.param({"discount": {"reason": "Rien"}}, id="une remise de rien"),
        pytest.param({"buyer": {"organisation": {**ELSEWHERE, "siret": "73282932000075"}}}, id="un SIRET faux"),
    ],
)
async def test_what_makes_no_sense_is_not_asked(training: ServiceUnderTest, said: dict[str, Any]) -> None:
    async with training.client("training") as team:
        body = {"session_id": str(UUID(int=9)), "buyer": {"member_id": str(UUID(int=1))}, "seats": 1, **said}
        assert (await team.post("/quotes", json=body)).status_code == 422


async def test_a_programme_is_quoted_before_a_session_is_chosen(training: ServiceUnderTest) -> None:
    await training.receive(member(1))
    async with training.client("training") as team:
        await published(team, "SUR-01", on_request=True, price=None, member_price=None)
        body = {"programme_code": "SUR-01", "buyer": {"member_id": str(UUID(int=1))}, "seats": 2}
        assert refused(await team.post("/quotes", json=body)) == (409, "price_missing")
        given = {"given_price": {"unit": "900.00", "reason": "Deux jours sur place"}}
        made = (await team.post("/quotes", json={**body, **given})).json()
        assert (made["session_id"], made["price"]["total"]) == (None, "1800.00")
        unsaid = await team.post("/enrolment-requests", json={"quote_id": made["id"], "names_by": "2100-01-01"})
        assert refused(unsaid) == (409, "quote_not_of_session")
        over = [{"funder": "Uniformation", "amount": "1800.01"}]
        refusal = await team.post("/quotes", json={**body, **given, "announced_funding": over})
        assert refusal.json()["code"] == "funding_too_large"
        cut = {"discount": {"reason": "Trop", "amount": "1800.01"}}
        assert (await team.post("/quotes", json={**body, **given, **cut})).json()["code"] == "discount_too_large"


async def test_a_quote_is_printed_and_exported(training: ServiceUnderTest) -> None:
    held = await opened(training, 5, 1)
    funding = [{"funder": "Uniformation", "amount": "500.00"}]
    async with training.client("training") as team:
        made = await quoted(team, held, 1, 3, announced_funding=funding)
        printed = await team.get(f"/quotes/{made}/pdf")
        assert printed.headers["content-type"] == "application/pdf"
        said = " ".join(PdfReader(io.BytesIO(printed.content)).pages[0].extract_text().split())
        for words in (
            "DEV-",
            "Structure 1",
            "3 places à 560,00",
            "Uniformation",
            "Reste à la charge",
            "261-4-4° a",
            "Déclaration d'activité",
        ):
            assert words in said
        assert (await team.get(f"/quotes/{made}/pdf")).content == printed.content
        lines = (await team.get("/quotes/export")).text.splitlines()
        assert len(lines) == 2
        assert "1680.00;1180.00" in lines[1].replace(",", ".")
