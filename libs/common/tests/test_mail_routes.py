"""What ops see of mails: what became of each and what the server said, never whom it is for nor what it says."""

from typing import Any
from uuid import UUID

import pytest

from common.identifiers import new_id
from common.mail import Mail, MailStatus, masked
from common.testing.awaiting import running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox

from .notebook.letters import becomes, mailed
from .test_refusals import assert_problem

SECRET = Mail(recipient="marie.durand@asso.example", subject="Objet secret", text="Texte secret")


async def listed(service: ServiceUnderTest, query: str = "") -> Any:
    async with service.client("ops") as ops:
        response = await ops.get(f"/mails{query}")
        assert response.status_code == 200
        assert "durand" not in response.text
        assert "secret" not in response.text
        return response.json()


async def refused_then_sent(service: ServiceUnderTest, mailbox: Mailbox) -> tuple[UUID, UUID]:
    mailbox.answer_next("RCPT", "550 5.1.1 <Marie.Durand@asso.example>: inconnue")
    [refused, sent] = await mailed(service, SECRET, SECRET)
    async with running(service.mail_sender().run):
        await becomes(service, refused, MailStatus.REFUSED)
        await becomes(service, sent, MailStatus.SENT)
    return refused, sent


async def test_ops_see_what_became_of_mails_newest_first(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    refused, sent = await refused_then_sent(postal, mailbox)
    [waiting] = await mailed(postal, SECRET)
    items = (await listed(postal))["items"]
    assert [item["id"] for item in items] == [str(waiting), str(sent), str(refused)]
    assert [item["status"] for item in items] == ["waiting", "sent", "refused"]
    assert {item["recipient"] for item in items} == {"m…@asso.example"}
    assert [item["reply"] for item in items] == [
        None,
        "250 2.0.0 Ok: queued as TEST",
        "550 5.1.1 <M…@asso.example>: inconnue",
    ]
    assert [item["next_at"] is None for item in items] == [False, True, True]
    assert [item["allowed_actions"] for item in items] == [[], [], ["retry"]]


async def test_the_list_narrows_and_turns_its_pages(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    refused, sent = await refused_then_sent(postal, mailbox)
    only = await listed(postal, "?status=refused&status=abandoned")
    assert [item["id"] for item in only["items"]] == [str(refused)]
    first = await listed(postal, "?limit=1")
    second = await listed(postal, f"?limit=1&cursor={first['next_cursor']}")
    assert [page["items"][0]["id"] for page in (first, second)] == [str(sent), str(refused)]
    assert second["next_cursor"] is None


async def test_a_refused_mail_is_tried_again_when_ops_say_so(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    refused, sent = await refused_then_sent(postal, mailbox)
    async with postal.client("ops") as ops:
        answer = await ops.post(f"/mails/{refused}/retry")
        assert (answer.status_code, answer.json()["status"], answer.json()["settled_at"]) == (200, "waiting", None)
        assert_problem(await ops.post(f"/mails/{refused}/retry"), 409, "mail_not_retryable")
        assert_problem(await ops.post(f"/mails/{sent}/retry"), 409, "mail_not_retryable")
        assert_problem(await ops.post(f"/mails/{new_id()}/retry"), 404, "mail_not_found")
    async with running(postal.mail_sender().run):
        kept = await becomes(postal, refused, MailStatus.SENT)
    assert kept.attempts == 1
    assert len(mailbox.received) == 2


async def test_a_retry_shown_only_changes_nothing(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    refused, _ = await refused_then_sent(postal, mailbox)
    async with postal.client("ops") as ops:
        answer = await ops.post(f"/mails/{refused}/retry?dry_run=true")
    assert answer.json()["status"] == "waiting"
    assert (await listed(postal, "?status=refused"))["items"] != []


@pytest.mark.parametrize("role", ["network", "finance", "board", "delegation", "member"])
async def test_nobody_else_sees_them(postal: ServiceUnderTest, role: str) -> None:
    async with postal.client(role) as somebody:
        assert_problem(await somebody.get("/mails"), 403, "forbidden")
        assert_problem(await somebody.post(f"/mails/{new_id()}/retry"), 403, "forbidden")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("marie.durand@asso.example", "m…@asso.example"),
        ("550 <marie+x@asso.example>, (a@b.example): non", "550 <m…@asso.example>, (a…@b.example): non"),
        ("rcpt='é.a@école.example'", "rcpt='é…@école.example'"),
        ("250 2.0.0 Ok: queued as 4XYZ", "250 2.0.0 Ok: queued as 4XYZ"),
    ],
)
def test_an_address_is_masked_wherever_it_stands(text: str, shown: str) -> None:
    assert masked(text) == shown
