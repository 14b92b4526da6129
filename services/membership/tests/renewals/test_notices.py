"""What is sent, to whom, who may read it, and what its return changes."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from common.retention import Keeping, sweep
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Arrange

from ..contacts.test_contacts import known, seat
from .test_renewals import (
    DECEMBER,
    JANUARY,
    OCTOBER,
    at,
    joined,
    membership,
    notified,
    one_up_for_renewal,
    opened,
    pages,
    states,
)

__all__ = ["membership"]
ADDRESS = "presidence@alpha.example"


async def line_of(client: httpx.AsyncClient, renewal: str, member_id: str) -> dict[str, Any]:
    return dict((await client.get(f"{renewal}/members/{member_id}")).json())


async def returned(client: httpx.AsyncClient, renewal: str, notice: dict[str, Any], day: date, why: str) -> Any:
    body = {"returned_on": day.isoformat(), "reason": why}
    return await client.post(f"{renewal}/notices/{notice['id']}/return", json=body)


async def test_an_address_is_shown_only_to_who_may_read_people(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    async with at(membership, OCTOBER, "board") as client:
        assert (await line_of(client, renewal, member_id))["to_send"]["recipient"] == "p…@alpha.example"
    mailbox.answer_next("RCPT", f"550 5.1.1 <{ADDRESS}>: No such user")
    await notified(membership, mailbox, renewal, OCTOBER, 1)
    for role, shown in (("network", ADDRESS), ("finance", ADDRESS), ("board", "p…@alpha.example")):
        async with at(membership, OCTOBER, role) as client:
            line = await line_of(client, renewal, member_id)
            [notice] = line["notices"]
            listed = (await client.get(f"{renewal}/members")).json()["items"][0]
            export = (await client.get(f"{renewal}/members/export")).text
            [page] = pages((await client.get(f"{renewal}/members/{member_id}/proof")).content)
            assert notice["recipient"] == shown
            assert all(f"<{shown}>" in text for text in (notice["reply"], line["problem"], listed["problem"], export))
            assert shown in page
            assert role != "board" or all(ADDRESS not in text for text in (str(line), str(listed), export, page))


async def test_a_return_names_its_notice(membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    async with at(membership, OCTOBER) as client:
        following = f"/renewals/{UUID(int=9)}"
    await notified(membership, mailbox, renewal, OCTOBER, 1)
    async with at(membership, DECEMBER) as client:
        [notice] = (await line_of(client, renewal, member_id))["notices"]
        assert (notice["allowed_actions"], notice["blockers"]) == (["record_return"], {})
        assert notice["sent_at"].startswith(OCTOBER.isoformat())
        early = await returned(client, renewal, notice, OCTOBER - timedelta(days=1), "inconnue")
        assert (early.status_code, early.json()["code"]) == (400, "returned_before_sent")
        future = await returned(client, renewal, notice, JANUARY, "inconnue")
        assert (future.status_code, future.json()["code"]) == (400, "day_not_come")
        elsewhere = await returned(client, following, notice, DECEMBER, "inconnue")
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "renewal_not_found")
        unknown = await returned(client, renewal, {"id": UUID(int=9)}, DECEMBER, "inconnue")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "notice_not_found")
    async with at(membership, JANUARY) as client:
        assert await states(client, renewal) == {"Alpha": "renewed"}
        assert (await line_of(client, renewal, member_id))["problem"] is None
        back = await returned(client, renewal, notice, JANUARY, "boîte inconnue")
        assert (back.status_code, back.json()["state"]) == (200, "renewed")
        assert (back.json()["problem"], back.json()["notified_on"]) == ("courriel revenu : boîte inconnue", None)
        assert back.json()["notices"][0]["blockers"]["record_return"][0]["code"] == "notice_not_sent"
        twice = await returned(client, renewal, notice, JANUARY, "boîte inconnue")
        assert (twice.status_code, twice.json()["code"]) == (409, "notice_not_sent")


async def test_the_proof_outlives_other_mails_and_its_end_breaks_nothing(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    await notified(membership, mailbox, renewal, OCTOBER, 1)
    connection = await membership.runtime.database.connect()
    try:
        await connection.execute("UPDATE mail SET settled_at = settled_at - interval '1 year'")
        for days, kept in ((3_600, 1), (3_700, 0)):
            aged = "UPDATE mail SET settled_at = now() - make_interval(days => $1)"
            await connection.execute(aged, days)
            await sweep(connection, Keeping())
            assert len(await membership.rows("SELECT 1 FROM mail")) == kept
    finally:
        await connection.close()
    async with at(membership, OCTOBER) as client:
        line = await line_of(client, renewal, member_id)
        assert (line["notices"], line["state"]) == ([], "to_notify")
        none = await client.get(f"{renewal}/members/{member_id}/proof")
        assert (none.status_code, none.json()["code"]) == (404, "no_notice_sent")


async def test_without_an_address_no_letter_is_printed_nor_recorded(
    membership: ServiceUnderTest, mailbox: Mailbox
) -> None:
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha", mail=False)
    connection = await membership.runtime.database.connect()
    try:  # as an import may have left it
        await connection.execute(
            "UPDATE member_entry SET value = jsonb_set(value, '{street}', 'null') WHERE topic = 'address'"
        )
        await connection.execute("UPDATE member SET held = jsonb_set(held, '{address,\"\",street}', 'null')")
    finally:
        await connection.close()
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
        line = await line_of(client, renewal, member_id)
        assert (line["means"], line["means_label"]) == ("none", "ni courriel ni adresse postale")
        assert line["blockers"]["record_letter"][0]["code"] == "no_postal_address"
        assert line["to_send"]["recipient"] is None
        printed = await client.get(f"{renewal}/letters", params={"member_id": member_id})
        assert (printed.status_code, printed.json()["code"]) == (409, "no_postal_address")
        assert (await client.get(f"{renewal}/letters")).json()["code"] == "notice_not_needed"
        letters = {"posted_on": OCTOBER.isoformat(), "letters": [{"member_id": member_id}]}
        posted = await client.post(f"{renewal}/letters", json=letters)
        assert (posted.status_code, posted.json()["code"]) == (409, "no_postal_address")
    [receipt] = await notified(membership, mailbox, renewal, OCTOBER, 0)
    assert (receipt["outcome"], receipt["code"]) == ("unreachable", "no_address")


async def test_letters_are_printed_in_their_window_and_kept_as_printed(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal, mail=False)
    async with at(membership, OCTOBER) as client:
        assert (await client.get(renewal)).json()["allowed_actions"] == ["notify", "print_letters"]
        assert (await line_of(client, renewal, member_id))["means"] == "letter"
        [page] = pages((await client.get(f"{renewal}/letters")).content)
        letters = {"posted_on": OCTOBER.isoformat(), "letters": [{"member_id": member_id}]}
        await client.post(f"{renewal}/letters", json=letters)
        [kept] = (await line_of(client, renewal, member_id))["notices"]
        bare = page.replace(" ", "").replace("-", "")
        for part in (kept["subject"], *kept["text"].split("\n\n")):
            words = part.split("\n")[1] if part.startswith("=") else part
            assert words.replace(" ", "").replace("-", "").strip() in bare
        many = await client.get(f"{renewal}/letters", params={"member_id": [member_id] * 201})
        assert many.status_code == 422
    async with at(membership, DECEMBER) as client:
        closed = await client.get(f"{renewal}/letters")
        assert (closed.status_code, closed.json()["code"]) == (409, "notice_window_closed")
        shown = (await client.get(renewal)).json()
        assert set(shown["blockers"]) == {"notify", "print_letters"}


async def test_an_address_that_failed_for_one_is_good_for_another(
    membership: ServiceUnderTest, mailbox: Mailbox
) -> None:
    """One person presides over two structures: a mail about the one that came back says nothing of the other."""
    async with membership.client("network", "board") as client:
        first, second = await joined(client, "Alpha"), await joined(client, "Bravo", mail=False)
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
    await notified(membership, mailbox, renewal, OCTOBER, 1)
    async with at(membership, OCTOBER) as client:
        [notice] = (await line_of(client, renewal, first))["notices"]
        await returned(client, renewal, notice, OCTOBER, "boîte pleine")
        path = f"/members/{second}"
        person = {"given_name": "Camille", "family_name": "EXEMPLE", "email": ADDRESS}
        await seat(client, path, seat="president", contact_id=await known(client, path, person))
        assert (await line_of(client, renewal, first))["means"] == "letter"
        assert (await line_of(client, renewal, second))["means"] == "mail"


async def test_a_renewal_whose_notice_came_late_says_what_it_waits_for(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    async with at(membership, JANUARY) as client:
        body = {"posted_on": OCTOBER.isoformat(), "letters": [{"member_id": member_id}]}
        assert (await client.post(f"{renewal}/letters", json=body)).status_code == 200
        line = await line_of(client, renewal, member_id)
        assert line["state"] == "notified"
        assert line["problem"].startswith("renouvellement pas encore inscrit")
    async with at(membership, JANUARY + timedelta(days=1)) as client:
        assert await states(client, renewal) == {"Alpha": "renewed"}
