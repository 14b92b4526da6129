"""What a person types holds in the mails that repeat it; what was kept before that was the rule stops no other mail."""

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox

from .accompaniments.test_catalogue import offered, opened
from .bookings.test_bookings import admitted, booked
from .contacts.test_contacts import known, seat
from .newsletters.test_newsletters import asked, confirmed, written
from .newsletters.test_newsletters import opened as opened_letter
from .renewals.test_renewals import OCTOBER, at, joined, membership, notified
from .renewals.test_renewals import opened as opened_renewal

__all__ = ["membership"]
LATIN_1 = "L\u0092essentiel"
"""« L’essentiel » of a Windows-1252 file that was read as Latin-1: its apostrophe became a control character."""
RIGHT_TO_LEFT = "achats@א1.com"
"""Valid since IDNA 2008; IDNA 2003 does not write it."""

_RENAME = (
    "UPDATE member SET held = jsonb_set(held, '{name,\"\",name}', to_jsonb(CAST($1 AS text)))"
    " WHERE id = CAST(CAST($2 AS text) AS uuid)"
)


async def kept_before(membership: ServiceUnderTest, statement: str, *values: str) -> None:
    """Write what was accepted once."""
    async with membership.runtime.database.engine.begin() as connection:
        assert (await connection.exec_driver_sql(statement, values)).rowcount == 1


async def offer(client: httpx.AsyncClient, title: str) -> httpx.Response:
    body = {
        "kind": "coodiag", "delegation": "occitanie", "level": "first", "title": title, "duration_minutes": 60,
        "mode": "remote",
    }  # fmt: skip
    return await client.post("/accompaniments", json=body)


@pytest.mark.parametrize("title", [pytest.param(LATIN_1, id="latin-1"), pytest.param("A\u007fB", id="effacement")])
async def test_a_title_that_no_mail_writes_is_refused(membership: ServiceUnderTest, title: str) -> None:
    async with membership.client("network") as client:
        answer = await offer(client, title)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/title")


async def test_a_title_of_two_lines_is_kept_on_one(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        assert (await offer(client, "Achats\nde décembre\u2028")).json()["title"] == "Achats de décembre "


async def test_an_accompaniment_named_before_the_rule_is_booked(membership: ServiceUnderTest) -> None:
    [own] = await admitted(membership, "A")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client))
    await kept_before(membership, "UPDATE accompaniment_edition SET title = $1", f"{LATIN_1}\nde 2026")
    async with membership.client("member", member_id=own) as client:
        await booked(client, slot, own)
    [mail] = await membership.rows("SELECT * FROM mail")
    assert mail.subject == "Réservation confirmée : L essentiel de 2026"


async def test_an_issue_titled_before_the_rule_is_sent(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as network:
        letter = await opened_letter(network, "Achats")
        await confirmed(membership, letter)
        path, etag = await written(network, letter)
        await kept_before(membership, "UPDATE newsletter_issue SET title = 'Achats\ndécembre'")
        assert (await network.post(f"{path}/send", headers={"If-Match": etag})).status_code == 202
        await membership.run_jobs()
        assert (await network.get(path)).json()["posted"] == 1
    [mail] = await membership.rows("SELECT * FROM mail WHERE subject LIKE 'Achats%'")
    assert mail.subject == "Achats décembre"


async def test_a_structure_named_before_the_rule_is_told_with_the_others(
    membership: ServiceUnderTest, mailbox: Mailbox
) -> None:
    """And one whose president reads mails under a domain that only IDNA 2008 writes."""
    async with membership.client("network", "board") as client:
        await joined(client, "Alpha")
        named, far = await joined(client, "Bravo"), await joined(client, "Charlie", mail=False)
        person = {"given_name": "Camille", "family_name": "EXEMPLE", "email": RIGHT_TO_LEFT}
        await seat(
            client, f"/members/{far}", seat="director", contact_id=await known(client, f"/members/{far}", person)
        )
    await kept_before(membership, _RENAME, "L\u0092Étoile", named)
    async with at(membership, OCTOBER) as client:
        renewal = await opened_renewal(client)
    receipt = await notified(membership, mailbox, renewal, OCTOBER, 3)
    assert [line["outcome"] for line in receipt] == ["mailed"] * 3
    assert {mail.recipient for mail in mailbox.received} == {
        "presidence@alpha.example", "presidence@bravo.example", "achats@xn--1-zhc.com",
    }  # fmt: skip
    [told] = [mail for mail in mailbox.received if mail.recipient == "presidence@bravo.example"]
    assert "Votre structure, L Étoile (référence" in told.text


async def test_an_address_that_only_the_newer_idna_writes_is_subscribed(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as network, membership.client() as anybody:
        letter = await opened_letter(network)
        await asked(anybody, letter, email=RIGHT_TO_LEFT)
    [mail] = await membership.rows("SELECT * FROM mail")
    assert mail.recipient == RIGHT_TO_LEFT
