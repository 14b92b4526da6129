"""Who did not answer is reminded by mail: who the follow-up shows, not twice too soon, never who answered meanwhile."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.declaration_reminders.domain import ReminderState, reminder_state
from membership.declaration_reminders.queries import reminder_rules
from membership.declarations import use_cases as declarations
from membership.notices import use_cases as notices
from membership.notices.domain import About, NoticePurpose, PostedLetter, Reach
from membership.notices.repository import add_letters

from ..board.test_takeover import waiting
from ..contacts.test_contacts import SACHA, known, seat
from ..declarants.conftest import a_campaign_under_way
from ..declarants.test_follow_up import CAMPAIGN, FOLLOW_UP, exported_lines
from ..declarations.test_declaring import FIGURES, declared, form
from ..members.test_dates import TODAY
from ..renewals.test_renewals import SOON, _settled, membership

__all__ = ["membership"]
REMINDERS = f"{CAMPAIGN}/reminders"
RULE = reminder_rules()[0]
DAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("last", "sending", "reach", "expected"),
    [
        pytest.param(None, False, Reach.MAIL, "to_write", id="jamais relancée"),
        pytest.param(date(2026, 5, 5), False, Reach.MAIL, "to_write", id="il y a quinze jours"),
        pytest.param(date(2026, 5, 6), False, Reach.MAIL, "recent", id="il y a quatorze jours"),
        pytest.param(None, True, Reach.MAIL, "recent", id="en cours d'envoi"),
        pytest.param(None, False, Reach.LETTER, "unreached", id="un courrier seul l'atteint"),
        pytest.param(date(2026, 5, 6), False, Reach.NONE, "recent", id="relancée, puis plus d'adresse"),
    ],
)
def test_whom_a_reminder_goes_to(last: date | None, sending: bool, reach: Reach, expected: str) -> None:
    """Fifteen days between two: assumed (reminders/data/reminder.toml)."""
    assert reminder_state(last, RULE, DAY, sending=sending, reach=reach) is ReminderState(expected)
    assert RULE.status == "assumed"


async def led(client: httpx.AsyncClient, ids: dict[str, str], *names: str) -> dict[str, str]:
    people = {}
    for name in names:
        path = f"/members/{ids[name]}"
        person = {"given_name": "Camille", "family_name": name, "email": f"direction@{name.lower()}.example"}
        people[name] = await known(client, path, person)
        await seat(client, path, seat="director", contact_id=people[name])
    return people


async def plan(client: httpx.AsyncClient, **params: Any) -> dict[str, str]:
    answer = await client.get(REMINDERS, params=params)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    lines = {line["name"]: line["reminder"] for line in shown["items"]}
    assert [shown[state] for state in ("to_write", "recent", "unreached")] == [
        list(lines.values()).count(state) for state in ("to_write", "recent", "unreached")
    ]
    return lines


async def written(service: ServiceUnderTest, mails: int) -> None:
    await service.run_jobs()
    async with running(service.mail_sender(SOON).run):
        await eventually(lambda: _settled(service, mails), awaited="every mail settled")


async def line_of(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    [line] = [one for one in (await client.get(FOLLOW_UP)).json()["items"] if one["name"] == name]
    return dict(line)


async def test_those_the_follow_up_shows_are_reminded_and_not_again_too_soon(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    ids = await arranged(membership, a_campaign_under_way)
    async with membership.client("network", "board") as client:
        await led(client, ids, "A", "B", "C", "D")
        assert await plan(client) == {"C": "to_write", "E": "unreached"}
        assert await plan(client, state="declared") == {}
        await led(client, ids, "E")
    async with membership.client("delegation", delegation="idf") as client:
        assert await plan(client) == {"E": "to_write"}
        beyond = await client.post(REMINDERS, json={"member_id": [ids["C"]]})
        assert (beyond.status_code, beyond.json()["code"]) == (409, "nobody_to_remind")
        asked = await client.post(REMINDERS, json={})
        assert asked.status_code == 202, asked.text
        await written(membership, 1)
        line = await line_of(client, "E")
        assert (line["reminded_on"], line["reminders"], line["reminding"]) == (TODAY.isoformat(), 1, False)
        [notice] = (await client.get(f"{FOLLOW_UP}/{ids['E']}")).json()["reminder_notices"]
        assert (notice["recipient"], notice["status"]) == ("direction@e.example", "sent")
    [mail] = mailbox.received
    assert (mail.recipient, mail.subject) == (
        "direction@e.example", "Déclaration d'activité 2025 : celle de votre structure est attendue",
    )  # fmt: skip
    assert "À déclarer jusqu'au" in mail.text
    async with membership.client("network") as client:
        assert await plan(client) == {"C": "to_write", "E": "recent"}
        assert [one["relances"] for one in exported_lines(await client.get(f"{FOLLOW_UP}/export"))] == list("00001")
        reminded = (await client.get(FOLLOW_UP, params={"reminded": True})).json()["items"]
        assert [one["name"] for one in reminded] == ["E"]
    async with membership.days_later(RULE.days - 1) as soon, soon.client("network") as client:
        assert (await plan(client))["E"] == "recent"
    async with membership.days_later(RULE.days) as then:
        async with then.client("network") as client:
            asked = await client.post(REMINDERS, json={"member_id": [ids["E"]]})
            assert asked.status_code == 202, asked.text
        await written(then, 2)
        async with then.client("network") as client:
            line = await line_of(client, "E")
            assert (line["reminded_on"], line["reminders"]) == ((TODAY + timedelta(days=RULE.days)).isoformat(), 2)


async def test_who_answers_meanwhile_is_left_alone(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    ids = await arranged(membership, a_campaign_under_way)
    async with membership.client("network", "board") as client:
        await led(client, ids, "C", "E")
        asked = await client.post(REMINDERS, json={})
        again = await client.post(REMINDERS, json={})
        assert (asked.status_code, again.status_code) == (202, 202)
        excused = await client.post(f"{FOLLOW_UP}/{ids['C']}/exempt", json={"reason": "créée depuis"})
        assert excused.status_code == 200
        await membership.run_jobs()
        receipt = await client.get(asked.headers["location"].removeprefix("/membership/v1") + "/receipt")
        outcomes = {line["subject_id"]: (line["outcome"], line["code"]) for line in receipt.json()["items"]}
        assert outcomes == {ids["C"]: ("skipped", "answered"), ids["E"]: ("mailed", None)}
        assert len(await membership.rows("SELECT 1 FROM mail")) == 1, "two who remind at once write once"
        assert (await line_of(client, "E"))["reminding"] is True
        await declared(client, form(f"/members/{ids['E']}"), FIGURES)
        assert await membership.rows("SELECT 1 FROM mail") == [], "one that had not left is taken back"
        assert ((await line_of(client, "E"))["reminding"], (await line_of(client, "E"))["reminders"]) == (False, 0)
        nobody = await client.post(REMINDERS, json={})
        assert (nobody.status_code, nobody.json()["code"]) == (409, "nobody_to_remind")
    assert mailbox.received == []


async def test_nobody_is_excused_while_a_slice_of_reminders_is_written(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """Who writes has read who is excused: a reminder written after that would not be taken back."""
    ids = await arranged(membership, a_campaign_under_way)
    async with membership.client("network", "board") as client:
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            await declarations.hold_campaign(tx, 2025)
            excused = asyncio.create_task(
                client.post(f"{FOLLOW_UP}/{ids['C']}/exempt", json={"reason": "créée depuis"})
            )
            await eventually(lambda: waiting(membership), awaited="the exemption to wait for the reminders")
        assert (await excused).status_code == 200


async def test_a_reminder_does_not_outlive_who_it_was_sent_to(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    ids = await arranged(membership, a_campaign_under_way)
    async with membership.client("network", "board") as client:
        person = (await led(client, ids, "E"))["E"]
        await client.post(REMINDERS, json={})
        await written(membership, 1)
        [told] = (await client.get(f"/contacts/{person}/personal-data")).json()["kept"]
        assert told["records"][0]["value"]["recipient"] == "direction@e.example"
        other = await known(client, f"/members/{ids['E']}", SACHA)
        await seat(client, f"/members/{ids['E']}", seat="director", contact_id=other)
        etag = (await client.get(f"/contacts/{person}")).headers["etag"]
        erased = await client.post(f"/contacts/{person}/erase", json={"ground": "request"}, headers={"If-Match": etag})
        assert erased.status_code == 200, erased.text
        [mail] = await membership.rows("SELECT recipient, text, reply, status FROM mail")
        assert (mail.recipient, mail.text, mail.reply, mail.status) == ("", "", None, "sent")
        assert (await line_of(client, "E"))["reminders"] == 1, "that it was reminded stays true"


async def test_what_has_no_time_left_is_forgotten(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    """The days are those of notices/data/keeping.toml: 400 for a reminder, ten years for a renewal's letter."""
    ids = await arranged(membership, a_campaign_under_way)
    async with membership.client("network", "board") as client:
        await led(client, ids, "E")
        await client.post(REMINDERS, json={})
        await written(membership, 1)
    posted_on = TODAY - timedelta(days=3)
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        letter = PostedLetter(UUID(ids["E"]), posted_on, None, "1 rue A", "Renouvellement", "Bonjour")
        await add_letters(tx, About(NoticePurpose.RENEWAL, str(UUID(int=1))), [letter])
    for days, left in ((3_647, ["letter", "mail"]), (3_648, ["mail"])):
        async with membership.days_later(days) as then, then.runtime.database.transaction(Actor("test")) as tx:
            await notices.forget_old(tx)
        assert [row.means for row in await membership.rows("SELECT means FROM notice ORDER BY means")] == left
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(text("DELETE FROM mail"))  # as the sweep does, whose clock is the database's
        assert await notices.forget_old(tx) == 1
    assert await membership.rows("SELECT 1 FROM notice") == []
