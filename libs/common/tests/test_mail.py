"""Mails: one exists if and only if its transaction committed, and then comes once, as it was written."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from common.errors import Conflict
from common.mail import MAIL, Mail, MailStatus, post, posted, withdraw
from common.mail_sending import MailSender
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox

from .notebook.letters import LETTER, WRITER, becomes, letters, mailed


async def test_a_committed_mail_comes_once_with_its_headers_and_its_accents(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    [mail_id] = await mailed(postal, LETTER)
    kept = await becomes(postal, mail_id, MailStatus.SENT)
    [mail] = mailbox.received
    assert (mail.sender, mail.recipient) == ("carnet@notes.example", LETTER.recipient)
    assert mail.subject == LETTER.subject
    assert mail.text.replace("\r\n", "\n") == LETTER.text
    headers = mail.message
    assert str(headers["From"]) == "L'équipe <carnet@notes.example>"
    assert str(headers["To"]) == LETTER.recipient
    assert headers["Message-ID"] == kept.message_id == f"<{mail_id}@notes.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(headers["Date"]) == kept.posted_at.replace(microsecond=0)
    assert kept.reply == "250 2.0.0 Ok: queued as TEST"
    assert kept.settled_at is not None
    assert kept.settled_at >= kept.posted_at
    assert sender.server == "reached"


async def test_a_mail_of_a_list_says_how_to_leave_it(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    headers = {
        "List-Unsubscribe": "<https://notes.example/a-very-long-address/that/goes/on?key=0123456789012345678901234567>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    [mail_id] = await mailed(postal, replace(LETTER, headers=headers))
    await becomes(postal, mail_id, MailStatus.SENT)
    [mail] = mailbox.received
    assert {name: str(mail.message[name]) for name in headers} == headers


async def test_the_date_is_that_of_paris(postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender) -> None:
    [mail_id] = await mailed(postal, LETTER)
    [mail] = await mailbox.holds()
    offset = parsedate_to_datetime(mail.message["Date"]).utcoffset()
    assert offset in (timedelta(hours=1), timedelta(hours=2))
    await becomes(postal, mail_id, MailStatus.SENT)


async def test_what_is_rolled_back_is_never_sent(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    async def post_and_fail() -> None:
        async with postal.runtime.database.transaction(WRITER) as tx:
            await post(tx, [LETTER])
            raise Conflict("non")

    with pytest.raises(Conflict):
        await post_and_fail()
    async with postal.runtime.database.transaction(WRITER, dry_run=True) as tx:
        assert len(await post(tx, [LETTER])) == 1
    assert await postal.rows("SELECT 1 FROM mail") == []
    [mail_id] = await mailed(postal, *letters(1))
    await becomes(postal, mail_id, MailStatus.SENT)
    assert mailbox.subjects == ["n° 0"]


async def test_a_mail_is_withdrawn_until_it_is_sent(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    [sent] = await mailed(postal, LETTER)
    await becomes(postal, sent, MailStatus.SENT)
    async with postal.runtime.database.transaction(WRITER) as tx:
        [waiting] = await post(tx, [LETTER])
        assert await withdraw(tx, [waiting, sent]) == {waiting}
        assert set(await posted(tx, [waiting, sent])) == {sent}
    assert len(mailbox.received) == 1


@pytest.mark.parametrize(("answer", "gone"), [("250 2.0.0 Ok: queued as TEST", False), ("451 4.7.1 Greylisted", True)])
async def test_who_waits_knows_what_became_of_a_mail_that_a_sender_has_in_hand(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, answer: str, *, gone: bool
) -> None:
    mailbox.is_open.clear()
    mailbox.answer_next("DATA", *[answer] * 20)
    [mail_id] = await mailed(postal, LETTER)
    await eventually(lambda: in_hand(postal), awaited="the sender to have the mail in hand")
    async with postal.runtime.database.transaction(WRITER) as tx:
        assert await withdraw(tx, [mail_id]) == set(), "left to the sender"
        withdrawn = asyncio.create_task(withdraw(tx, [mail_id], wait=True))
        await eventually(lambda: postal.rows(_WAITING), awaited="the withdrawal to wait for the sender")
        mailbox.is_open.set()
        assert await withdrawn == ({mail_id} if gone else set())
    assert len(mailbox.received) == (0 if gone else 1)
    assert len(await postal.rows("SELECT 1 FROM mail")) == (0 if gone else 1)


_WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def in_hand(postal: ServiceUnderTest) -> bool:
    """Tell whether a sender holds the only mail there is."""
    async with postal.runtime.database.transaction(WRITER) as tx:
        return not (await tx.session.execute(text("SELECT 1 FROM mail FOR UPDATE SKIP LOCKED"))).all()


async def test_many_are_posted_at_once_and_share_a_conversation(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    ids = await mailed(postal, *letters(30))
    async with running(postal.mail_sender().run):
        await mailbox.holds(30)
        await becomes(postal, ids[-1], MailStatus.SENT)
    assert sorted(mailbox.subjects) == sorted(mail.subject for mail in letters(30))
    assert mailbox.conversations == 1
    async with postal.runtime.database.reading(WRITER) as read:
        kept = await posted(read, ids)
        assert [kept[mail_id].subject for mail_id in ids] == [mail.subject for mail in letters(30)]
        assert await posted(read, []) == {}
        joined = await read.session.execute(select(MAIL.c.status).where(MAIL.c.id == ids[0]))
        assert joined.scalar_one() == "sent"
    assert await mailed(postal) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient": "accueil@asso.example\nBcc: autre@asso.example"},
        {"recipient": "accueil@asso.example\n"},
        {"recipient": "accueil@asso.example, autre@asso.example"},
        {"recipient": "Accueil <accueil@asso.example>"},
        {"recipient": "accueil"},
        {"recipient": "accueil@asso..example"},
        {"recipient": "accueil@\u2603.example"},
        {"recipient": ""},
        {"headers": {"Bcc": "autre@asso.example"}},
        {"headers": {"List-Id": "<liste>\nBcc: autre@asso.example"}},
    ],
)
async def test_what_would_write_a_header_of_its_own_is_refused(postal: ServiceUnderTest, wrong: dict[str, Any]) -> None:
    right = {"recipient": LETTER.recipient, "subject": LETTER.subject, "text": LETTER.text}
    async with postal.runtime.database.transaction(WRITER) as tx:
        with pytest.raises(ValueError):  # noqa: PT011  # whichever of its kinds
            await post(tx, [LETTER, Mail(**{**right, **wrong})])
    assert await postal.rows("SELECT 1 FROM mail") == []


@pytest.mark.parametrize(
    ("subject", "seen"),
    [
        ("Bonjour\nBcc: autre@asso.example", "Bonjour Bcc: autre@asso.example"),
        ("Bonjour\r\n\r\nà tous", "Bonjour    à tous"),
        ("Bonjour\u2028à\x85tous", "Bonjour à tous"),
        ("L\x92essentiel\x00 \ud83d.", "L essentiel   ."),
    ],
)
async def test_a_subject_is_one_line_and_writes_no_header_of_its_own(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, subject: str, seen: str
) -> None:
    [mail_id] = await mailed(postal, replace(LETTER, subject=subject, text="L\x92été\x00\n\tfin \ud83d.\n"))
    await becomes(postal, mail_id, MailStatus.SENT)
    [mail] = mailbox.received
    assert (mail.recipient, mail.subject) == (LETTER.recipient, seen)
    assert (mail.message["Bcc"], len(mail.message.get_all("Subject"))) == (None, 1)
    assert mail.text.replace("\r\n", "\n") == "L été \n\tfin  .\n"


async def test_a_database_that_refuses_a_mail_does_not_repeat_it(postal: ServiceUnderTest) -> None:
    """Its error goes to the log."""
    async with postal.runtime.database.transaction(WRITER) as tx:
        await tx.session.execute(text("ALTER TABLE mail RENAME TO elsewhere"))
    with pytest.raises(DBAPIError, match="mail") as refused:
        await mailed(postal, LETTER)
    assert "asso.example" not in str(refused.value)
    assert "carnet" not in str(refused.value)


@pytest.mark.parametrize(
    ("recipient", "travels_as"),
    [("contact@école.example", "contact@xn--cole-9oa.example"), ("rené@asso.example", "rené@asso.example")],
)
async def test_an_address_beyond_ascii_is_written_as_the_mail_system_does(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, recipient: str, travels_as: str
) -> None:
    [mail_id] = await mailed(postal, Mail(recipient=recipient, subject="é", text="é"))
    await becomes(postal, mail_id, MailStatus.SENT)
    [mail] = mailbox.received
    assert (mail.recipient, mail.subject) == (travels_as, "é")
    assert f"\nTo: {travels_as}\n".encode() in mail.message.as_bytes().replace(b"\r", b"")
