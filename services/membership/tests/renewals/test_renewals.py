"""A year is renewed: members are told, some refuse, some cannot be reached; on 1 January the others are renewed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from pypdf import PdfReader

from common.contracts.membership import MemberLeft, MemberRenewed
from common.mail_sending import Patience
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Arrange, Assemble
from membership.app import service

from ..contacts.test_contacts import known, seat
from ..departures.test_departures import told
from ..members.test_dates import TODAY
from ..members.test_register import admit, receive, structure

YEAR = TODAY.year + (1 if date(TODAY.year, 10, 15) > TODAY else 2)
OCTOBER, DECEMBER = date(YEAR - 1, 10, 15), date(YEAR - 1, 12, 15)
JANUARY = date(YEAR, 1, 2)
SOON = Patience(first_wait=timedelta(milliseconds=10), longest_wait=timedelta(milliseconds=50))
ADDRESS = "presidence@{}.example"


@pytest_asyncio.fixture
async def membership(assemble: Assemble, mailbox: Mailbox) -> ServiceUnderTest:
    """The service, its mails going to the test's own server."""
    return await assemble(service, SMTP_URL=mailbox.url)


@asynccontextmanager
async def at(membership: ServiceUnderTest, day: date, *roles: str, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Act on a day, after the jobs of that day."""
    async with (
        membership.days_later((day - TODAY).days) as then,
        then.client(*(roles or ("network", "board")), **claims) as client,
    ):
        yield client


async def joined(client: httpx.AsyncClient, name: str, *, mail: bool = True, **where: str) -> str:
    """Admit a structure whose president has a mail address, or not; return its id."""
    application = await receive(client, **structure(name, **where))
    await admit(client, application, f"PV-{name}")
    member_id = str(application["member_id"])
    path = f"/members/{member_id}"
    email = {"email": ADDRESS.format(name.lower())} if mail else {}
    person = {"given_name": "Camille", "family_name": f"EXEMPLE {name}", **email}
    await seat(client, path, seat="president", contact_id=await known(client, path, person))
    return member_id


async def opened(client: httpx.AsyncClient, year: int = YEAR) -> str:
    answer = await client.post("/renewals", json={"year": year})
    assert answer.status_code == 201, answer.text
    return f"/renewals/{answer.json()['id']}"


async def one_up_for_renewal(membership: ServiceUnderTest, *, mail: bool = True) -> tuple[str, str]:
    """Alpha is a member, and the renewal of the year is opened in October: who, and which."""
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha", mail=mail)
    async with at(membership, OCTOBER) as client:
        return member_id, await opened(client)


async def said_no(
    client: httpx.AsyncClient, renewal: str, member_id: str, under: str = "", **body: Any
) -> httpx.Response:
    """Refuse, or take the refusal back, as the version that was read."""
    path = f"{renewal}/members/{member_id}"
    etag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/opt-out{under}", json=body, headers={"If-Match": etag})


async def states(client: httpx.AsyncClient, renewal: str) -> dict[str, str]:
    """Return where each structure stands by name; each is found by the filter of its state, and counted there."""
    lines = (await client.get(f"{renewal}/members")).json()["items"]
    counts = (await client.get(renewal)).json()["states"]
    for state, count in counts.items():
        found = (await client.get(f"{renewal}/members", params={"state": state, "total": "true"})).json()
        assert {one["name"] for one in found["items"]} == {one["name"] for one in lines if one["state"] == state}
        assert found["total"] == count
    return {one["name"]: one["state"] for one in lines}


async def notified(membership: ServiceUnderTest, mailbox: Mailbox, renewal: str, day: date, mails: int) -> Any:
    """Send the mails on a day, and wait until the server took them or refused them; return the job's receipt."""
    async with membership.days_later((day - TODAY).days) as then, then.client("network") as client:
        asked = await client.post(f"{renewal}/notify")
        assert asked.status_code == 202, asked.text
        await then.run_jobs()
        async with running(then.mail_sender(SOON).run):
            await eventually(lambda: _settled(then, mails), awaited="every mail settled")
        return (await client.get(asked.headers["location"].removeprefix("/membership/v1") + "/receipt")).json()["items"]


async def _settled(service: ServiceUnderTest, mails: int) -> bool:
    rows = await service.rows("SELECT status FROM mail")
    return len(rows) == mails and all(row.status != "waiting" for row in rows)


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages]


def renewed(facts: list[Any]) -> Callable[[str], list[int]]:
    return lambda member_id: [
        fact.year for fact in facts if isinstance(fact, MemberRenewed) and fact.state.id == UUID(member_id)
    ]


async def test_a_year_is_renewed(membership: ServiceUnderTest, mailbox: Mailbox) -> None:
    async with membership.client("network", "board") as client:
        told_by_mail, by_letter = await joined(client, "Alpha"), await joined(client, "Bravo", mail=False)
        refuses, unreachable = await joined(client, "Charlie"), await joined(client, "Delta", mail=False)
        await joined(client, "Echo", mail=False)
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
        assert set((await states(client, renewal)).values()) == {"to_notify"}
        preview = (await client.get(f"{renewal}/members/{told_by_mail}")).json()["to_send"]
        assert (preview["means"], preview["recipient"]) == ("mail", "presidence@alpha.example")
        assert f"jusqu'au 31 décembre {YEAR - 1} inclus" in preview["text"]

    receipt = await notified(membership, mailbox, renewal, OCTOBER, 2)
    outcomes = sorted((line["outcome"], line["code"]) for line in receipt)
    assert outcomes == [("letter_needed", "no_mail_address")] * 3 + [("mailed", None)] * 2
    assert {mail.recipient for mail in mailbox.received} == {"presidence@alpha.example", "presidence@charlie.example"}
    assert f"renouvelée pour {YEAR}" in mailbox.received[0].text

    async with at(membership, OCTOBER) as client:
        assert sorted((await states(client, renewal)).values()) == ["notified"] * 2 + ["to_notify"] * 3
        letters = pages((await client.get(f"{renewal}/letters")).content)
        assert len(letters) == 3
        assert "Bravo À l'attention de Camille EXEMPLE Bravo 1 rue des Exemples 31000 VILLE" in letters[0]
        assert f"Dernier jour pour refuser le renouvellement : 31 décembre {YEAR - 1}" in letters[0]
        assert "Expéditeur : Coorace, 1 rue de l'Exemple (adresse fictive), 00000 VILLE FICTIVE" in letters[0]
        body = {
            "posted_on": OCTOBER.isoformat(),
            "letters": [{"member_id": by_letter, "tracking_number": "1A 1"}, {"member_id": unreachable}],
        }
        assert (await client.post(f"{renewal}/letters", json=body)).status_code == 200
        back = {"returned_on": OCTOBER.isoformat(), "reason": "destinataire inconnu"}
        [sent] = (await client.get(f"{renewal}/members/{unreachable}")).json()["notices"]
        line = (await client.post(f"{renewal}/notices/{sent['id']}/return", json=back)).json()
        assert (line["state"], line["problem"]) == ("to_notify", "courrier postal revenu : destinataire inconnu")

    async with at(membership, DECEMBER) as client:
        [letter] = (await client.get(f"{renewal}/members/{by_letter}")).json()["notices"]
        assert letter["recipient"] == "Bravo, 1 rue des Exemples, 31000 VILLE"
        assert (letter["tracking_number"], letter["status"]) == ("1A 1", "sent")
        assert f"jusqu'au 31 décembre {YEAR - 1} inclus" in letter["text"]
    async with at(membership, DECEMBER, "member", member_id=UUID(refuses)) as client:
        refused = await said_no(client, renewal, refuses, reason="fusion à venir")
        assert (refused.status_code, refused.json()["state"]) == (200, "opted_out")
    async with at(membership, DECEMBER) as client:
        exception = {"members": [unreachable], "reason": "jointe par téléphone, elle reste"}
        assert (await client.post(f"{renewal}/exceptions", json=exception)).status_code == 200
        assert await states(client, renewal) == {
            "Alpha": "notified",
            "Bravo": "notified",
            "Charlie": "opted_out",
            "Delta": "excepted",
            "Echo": "unproven",
        }
        assert (await client.get(f"/members/{refuses}")).json()["status"] == "active"

    async with at(membership, JANUARY) as client:
        expected = {"Alpha": "renewed", "Bravo": "renewed", "Charlie": "opted_out", "Delta": "renewed"}
        assert await states(client, renewal) == {**expected, "Echo": "unproven"}
        left = (await client.get(f"/members/{refuses}")).json()
        assert (left["status"], left["left_on"], left["departure_label"]) == (
            "left",
            f"{YEAR}-01-01",
            "non-renouvellement",
        )
        alpha = (await client.get(f"/members/{told_by_mail}")).json()
        assert (alpha["renewed_years"], alpha["status"]) == ([YEAR], "active")
        before = await client.get(f"/members/{told_by_mail}", params={"as_of": f"{YEAR - 1}-12-31"})
        assert before.json()["renewed_years"] == []
        [entry] = (await client.get(f"/members/{told_by_mail}/entries", params={"topic": "renewal"})).json()["items"]
        assert (entry["effective_on"], entry["allowed_actions"]) == (f"{YEAR}-01-01", [])
        assert entry["reason"] == f"informée le {OCTOBER:%d/%m/%Y}"
    facts = await membership.published()
    years = renewed(facts)
    assert (years(told_by_mail), years(by_letter), years(unreachable), years(refuses)) == ([YEAR], [YEAR], [YEAR], [])
    [departure] = [fact for fact in facts if isinstance(fact, MemberLeft)]
    assert (departure.state.id, departure.state.departure_cause) == (UUID(refuses), "not_renewed")


async def test_a_year_already_begun_is_renewed_by_exceptions_at_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        first, second = await joined(client, "Alpha"), await joined(client, "Bravo")
    async with at(membership, JANUARY) as client:
        renewal = await opened(client)
        assert set((await states(client, renewal)).values()) == {"unproven"}
        closed = await client.post(f"{renewal}/notify")
        assert (closed.status_code, closed.json()["code"]) == (409, "notice_window_closed")
        shown = (await client.get(renewal)).json()
        assert (shown["allowed_actions"], shown["blockers"]["notify"][0]["code"]) == ([], "notice_window_closed")
        body = {"members": [first, second], "reason": "reprise des adhésions d'avant l'outil"}
        assert (await client.post(f"{renewal}/exceptions", json=body)).json()["states"]["renewed"] == 2
        again = await client.post(f"{renewal}/exceptions", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "exception_not_needed")
        assert "Alpha (renouvelée), Bravo (renouvelée)" in again.json()["detail"]
        kept = await client.post(f"{renewal}/exceptions/withdraw", json=body)
        assert (kept.status_code, kept.json()["code"]) == (404, "no_exception")
    assert renewed(await membership.published())(first) == [YEAR]


async def test_an_address_that_failed_is_not_written_to_again(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    mailbox.answer_next("RCPT", "550 5.1.1 No such user")
    await notified(membership, mailbox, renewal, OCTOBER, 1)
    [again] = await notified(membership, mailbox, renewal, OCTOBER, 1)
    assert (again["outcome"], mailbox.received) == ("letter_needed", [])
    async with at(membership, OCTOBER) as client:
        line = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert line["state"] == "to_notify"
        assert line["problem"] == "courriel refusé par le serveur de courrier : 550 5.1.1 No such user"
        assert (line["to_send"]["means"], len(line["notices"])) == ("letter", 1)
        path = f"/members/{member_id}"
        sacha = {"given_name": "Sacha", "family_name": "FICTIF", "email": "direction@alpha.example"}
        await seat(client, path, seat="director", contact_id=await known(client, path, sacha))
        assert (await client.get(f"{renewal}/members/{member_id}")).json()["to_send"]["means"] == "mail"
    [mailed] = await notified(membership, mailbox, renewal, OCTOBER, 2)
    assert (mailed["outcome"], [mail.recipient for mail in mailbox.received]) == ("mailed", ["direction@alpha.example"])


async def test_what_was_sent_is_proven_on_paper(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    async with at(membership, OCTOBER) as client:
        none = await client.get(f"{renewal}/members/{member_id}/proof")
        assert (none.status_code, none.json()["code"]) == (404, "no_notice_sent")
    await notified(membership, mailbox, renewal, OCTOBER, 1)
    async with at(membership, DECEMBER) as client:
        proof = await client.get(f"{renewal}/members/{member_id}/proof")
        assert proof.headers["content-type"] == "application/pdf"
        [page] = pages(proof.content)
    message_id = str(mailbox.received[0].message["Message-ID"])
    day = f"{OCTOBER.day} octobre {OCTOBER.year}"
    for told_there in (f"Courriel du {day}", message_id.strip("<>")[:20], "250 2.0.0 Ok", "À confirmer"):
        assert told_there in page


async def test_a_refusal_is_taken_back_or_comes_too_late(membership: ServiceUnderTest, arranged: Arrange) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    async with at(membership, DECEMBER, "member", member_id=UUID(member_id)) as client:
        other_day = await said_no(client, renewal, member_id, said_on=OCTOBER.isoformat())
        assert (other_day.status_code, other_day.json()["code"]) == (403, "said_another_day")
        nothing = await said_no(client, renewal, member_id, "/withdraw", reason="-")
        assert (nothing.status_code, nothing.json()["code"]) == (404, "no_opt_out")
        await said_no(client, renewal, member_id)
        twice = await said_no(client, renewal, member_id)
        assert (twice.status_code, twice.json()["code"]) == (409, "not_a_member")
        back = await said_no(client, renewal, member_id, "/withdraw", reason="le conseil a revoté")
        assert (back.status_code, back.json()["state"]) == (200, "unproven")
    async with at(membership, JANUARY) as client:
        late = await said_no(client, renewal, member_id, said_on=JANUARY.isoformat())
        assert (late.status_code, late.json()["code"]) == (409, "opt_out_too_late")


async def test_a_refusal_posted_in_time_ends_what_was_renewed_meanwhile(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal, mail=False)
    async with at(membership, OCTOBER) as client:
        letters = {"posted_on": OCTOBER.isoformat(), "letters": [{"member_id": member_id}]}
        await client.post(f"{renewal}/letters", json=letters)
    async with at(membership, JANUARY) as client:
        assert (await client.get(f"/members/{member_id}")).json()["renewed_years"] == [YEAR]
        refused = await said_no(client, renewal, member_id, said_on=DECEMBER.isoformat(), reason="courrier")
        assert (refused.status_code, refused.json()["state"]) == (200, "opted_out"), refused.text
        left = (await client.get(f"/members/{member_id}")).json()
        assert (left["status"], left["left_on"], left["renewed_years"]) == ("left", f"{YEAR}-01-01", [])


async def test_who_is_up_for_renewal(membership: ServiceUnderTest) -> None:
    """The members of 31 December: not a candidate, not one that left before; one that goes on 1 January is said so."""
    async with membership.client("network", "board") as client:
        await joined(client, "Alpha")
        before, on_the_day, after = [f"/members/{await joined(client, name)}" for name in ("Bravo", "Charlie", "Delta")]
        await told(client, before, effective_on=DECEMBER.isoformat(), notice_waived=True)
        await told(client, on_the_day, effective_on=f"{YEAR}-01-01", notice_waived=True)
        await told(client, after, effective_on=f"{YEAR}-02-01")
        await receive(client, **structure("Candidate"))
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
        assert await states(client, renewal) == {"Alpha": "to_notify", "Charlie": "leaving", "Delta": "leaving"}
        nobody = await client.get(f"{renewal}/members/{before.rpartition('/')[2]}")
        assert (nobody.status_code, nobody.json()["code"]) == (404, "not_up_for_renewal")
        letters = {"posted_on": OCTOBER.isoformat(), "letters": [{"member_id": on_the_day.rpartition("/")[2]}]}
        unneeded = await client.post(f"{renewal}/letters", json=letters)
        assert (unneeded.status_code, unneeded.json()["code"]) == (409, "notice_not_needed")


async def test_each_sees_its_own_part(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        mine = await joined(client, "Alpha")
        other = await joined(client, "Bravo", department="75", postcode="75001")
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
        rows = (await client.get(f"{renewal}/members/export", params={"state": "to_notify"})).text.splitlines()
        assert [row.split(";")[1:4] for row in rows[1:]] == [
            ["Alpha", "occitanie", "à informer"],
            ["Bravo", "idf", "à informer"],
        ]
        assert [one["name"] for one in (await client.get(f"{renewal}/members?q=brav")).json()["items"]] == ["Bravo"]
    async with at(membership, OCTOBER, "delegation", delegation="occitanie") as client:
        assert await states(client, renewal) == {"Alpha": "to_notify"}
        assert (await client.get(renewal)).json()["counts"][0]["delegation"] == "occitanie"
        assert (await client.get(f"{renewal}/members/{other}")).json()["code"] == "not_up_for_renewal"
        assert (await client.post(f"{renewal}/notify")).status_code == 403
    async with at(membership, OCTOBER, "member", member_id=UUID(mine)) as client:
        assert await states(client, renewal) == {"Alpha": "to_notify"}
        line = (await client.get(f"{renewal}/members/{mine}")).json()
        assert line["allowed_actions"] == ["opt_out"]
        assert set(line["blockers"]) == {"withdraw_opt_out"}
        hidden = await client.post(f"{renewal}/members/{other}/opt-out", json={}, headers={"If-Match": '"v1"'})
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not_up_for_renewal")
        assert [one["pointer"] for one in hidden.json()["errors"]] == [f"/members/{other}"]


async def test_a_year_is_opened_once_and_not_too_early(membership: ServiceUnderTest) -> None:
    async with at(membership, OCTOBER) as client:
        await opened(client)
        again = await client.post("/renewals", json={"year": YEAR})
        assert (again.status_code, again.json()["code"]) == (409, "renewal_exists")
        early = await client.post("/renewals", json={"year": YEAR + 1})
        assert (early.status_code, early.json()["code"]) == (409, "renewal_too_early")
        assert [one["year"] for one in (await client.get("/renewals")).json()["items"]] == [YEAR]
