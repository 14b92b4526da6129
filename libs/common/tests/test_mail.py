"""Mails: one exists if and only if its transaction committed, and is then sent, whatever dies or is away meanwhile."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from structlog.testing import capture_logs

from common.errors import Conflict
from common.mail import MAIL, Mail, MailStatus, Posted, post, posted, retry
from common.mail_sending import MailSender, Patience
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Assemble
from common.transaction import Actor

from .notebook.app import service_with
from .notebook.processes import notebook_process
from .notebook.silence import silent_server

WRITER = Actor("writer")
SOON = Patience(first_wait=timedelta(milliseconds=10), longest_wait=timedelta(milliseconds=50))
LETTER = Mail(
    recipient="accueil@asso.example",
    subject="Votre carnet de l'été : ce qui change à la rentrée, et ce qu'il faut nous renvoyer d'ici là",
    text="Bonjour,\n\nL'été s'achève.\n.\nÀ bientôt — l'équipe\n",
)


@pytest_asyncio.fixture
async def notebook(assemble: Assemble, mailbox: Mailbox) -> ServiceUnderTest:
    """A service that sends its mails to the test's own server."""
    return await assemble(service_with(), SMTP_URL=mailbox.url, MAIL_FROM="L'équipe <carnet@notes.example>")


@pytest_asyncio.fixture
async def sender(notebook: ServiceUnderTest) -> AsyncIterator[MailSender]:
    """A sender at work, that tries again soon."""
    sender = notebook.mail_sender(SOON)
    async with running(sender.run):
        yield sender


def letters(count: int) -> list[Mail]:
    return [Mail(recipient="accueil@asso.example", subject=f"n° {number}", text="…") for number in range(count)]


async def send(service: ServiceUnderTest, *mails: Mail) -> list[UUID]:
    async with service.runtime.database.transaction(WRITER) as tx:
        return await post(tx, mails)


async def found(service: ServiceUnderTest, mail_id: UUID) -> Posted:
    async with service.runtime.database.reading(WRITER) as read:
        return (await posted(read, [mail_id]))[mail_id]


async def becomes(service: ServiceUnderTest, mail_id: UUID, status: MailStatus) -> Posted:
    async def seen() -> Posted | None:
        mail = await found(service, mail_id)
        return mail if mail.status is status else None

    return await eventually(seen, awaited=f"a mail {status}")


async def was_tried(service: ServiceUnderTest, mail_id: UUID, times: int = 1) -> bool:
    return (await found(service, mail_id)).attempts >= times


# -- posting --------------------------------------------------------------------------------------------------------


async def test_a_committed_mail_comes_once_with_its_headers_and_its_accents(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    [mail_id] = await send(notebook, LETTER)
    kept = await becomes(notebook, mail_id, MailStatus.SENT)
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


async def test_the_date_is_that_of_paris(notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender) -> None:
    [mail_id] = await send(notebook, LETTER)
    [mail] = await mailbox.holds()
    offset = parsedate_to_datetime(mail.message["Date"]).utcoffset()
    assert offset in (timedelta(hours=1), timedelta(hours=2))
    await becomes(notebook, mail_id, MailStatus.SENT)


async def test_what_is_rolled_back_is_never_sent(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    async def post_and_fail() -> None:
        async with notebook.runtime.database.transaction(WRITER) as tx:
            await post(tx, [LETTER])
            raise Conflict("non")

    with pytest.raises(Conflict):
        await post_and_fail()
    async with notebook.runtime.database.transaction(WRITER, dry_run=True) as tx:
        assert len(await post(tx, [LETTER])) == 1
    assert await notebook.rows("SELECT 1 FROM mail") == []
    [mail_id] = await send(notebook, *letters(1))
    await becomes(notebook, mail_id, MailStatus.SENT)
    assert mailbox.subjects == ["n° 0"]


async def test_many_are_posted_at_once_and_share_a_conversation(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    ids = await send(notebook, *letters(30))
    async with running(notebook.mail_sender().run):
        await mailbox.holds(30)
        await becomes(notebook, ids[-1], MailStatus.SENT)
    assert sorted(mailbox.subjects) == sorted(mail.subject for mail in letters(30))
    assert mailbox.conversations == 1
    async with notebook.runtime.database.reading(WRITER) as read:
        kept = await posted(read, ids)
        assert [kept[mail_id].subject for mail_id in ids] == [mail.subject for mail in letters(30)]
        assert await posted(read, []) == {}
        joined = await read.session.execute(select(MAIL.c.status).where(MAIL.c.id == ids[0]))
        assert joined.scalar_one() == "sent"
    assert await send(notebook) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "Bonjour\nBcc: autre@asso.example"},
        {"subject": "Bonjour\r"},
        {"subject": "Bonjour\u2028"},
        {"subject": "Bonjour \ud83d"},
        {"recipient": "accueil@asso.example\nBcc: autre@asso.example"},
        {"recipient": "accueil@asso.example\n"},
        {"recipient": "accueil@asso.example, autre@asso.example"},
        {"recipient": "Accueil <accueil@asso.example>"},
        {"recipient": "accueil"},
        {"recipient": "accueil@asso..example"},
        {"recipient": ""},
        {"text": "nul\x00"},
    ],
)
async def test_what_would_write_a_header_of_its_own_is_refused(
    notebook: ServiceUnderTest, wrong: dict[str, str]
) -> None:
    right = {"recipient": LETTER.recipient, "subject": LETTER.subject, "text": LETTER.text}
    async with notebook.runtime.database.transaction(WRITER) as tx:
        with pytest.raises(ValueError):  # noqa: PT011  # whichever of its kinds
            await post(tx, [LETTER, Mail(**{**right, **wrong})])
    assert await notebook.rows("SELECT 1 FROM mail") == []


@pytest.mark.parametrize(
    ("recipient", "travels_as"),
    [("contact@école.example", "contact@xn--cole-9oa.example"), ("rené@asso.example", "rené@asso.example")],
)
async def test_an_address_beyond_ascii_is_written_as_the_mail_system_does(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, recipient: str, travels_as: str
) -> None:
    [mail_id] = await send(notebook, Mail(recipient=recipient, subject="é", text="é"))
    await becomes(notebook, mail_id, MailStatus.SENT)
    [mail] = mailbox.received
    assert (mail.recipient, mail.subject) == (travels_as, "é")
    assert f"\nTo: {travels_as}\n".encode() in mail.message.as_bytes().replace(b"\r", b"")


# -- what the server says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_temporary_refusal_is_tried_again(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, stage: Any
) -> None:
    mailbox.answer_next(stage, "450 4.2.1 Revenez plus tard", "451 4.3.0 Pas encore")
    [mail_id] = await send(notebook, LETTER)
    kept = await becomes(notebook, mail_id, MailStatus.SENT)
    assert kept.attempts == 3
    assert len(mailbox.received) == 1


async def test_a_temporary_refusal_is_waited_out(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.answer_next("RCPT", "450 4.2.1 Revenez plus tard")
    [late, prompt] = await send(notebook, *letters(2))
    async with running(notebook.mail_sender().run):
        await becomes(notebook, prompt, MailStatus.SENT)
    kept = await found(notebook, late)
    assert (kept.status, kept.attempts, kept.reply) == (MailStatus.WAITING, 1, "450 4.2.1 Revenez plus tard")
    [row] = await notebook.rows("SELECT next_at - first_tried_at AS wait FROM mail WHERE id = :id", id=late)
    assert timedelta(seconds=15) <= row.wait < timedelta(seconds=20)


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
async def test_a_lasting_refusal_is_final_and_keeps_the_answer(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, stage: Any
) -> None:
    mailbox.answer_next(stage, "550 5.1.1 <accueil@asso.example>: inconnu")
    [refused, taken] = await send(notebook, *letters(2))
    kept = await becomes(notebook, refused, MailStatus.REFUSED)
    assert (kept.reply, kept.attempts) == ("550 5.1.1 <accueil@asso.example>: inconnu", 1)
    assert kept.settled_at is not None
    await becomes(notebook, taken, MailStatus.SENT)
    assert mailbox.subjects == ["n° 1"]
    assert mailbox.conversations == 1


@pytest.mark.parametrize(
    ("stage", "answer"),
    [("MAIL", "550 5.7.1 Expéditeur refusé"), ("RCPT", "530 5.7.0 Identifiez-vous d'abord")],
)
async def test_what_is_not_the_recipients_fault_is_ours_to_mend(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, stage: Any, answer: str
) -> None:
    mailbox.answer_next(stage, answer)
    [mail_id] = await send(notebook, LETTER)
    kept = await becomes(notebook, mail_id, MailStatus.SENT)
    assert kept.attempts == 2


async def test_a_server_that_ends_a_long_conversation_is_called_again_at_once(
    notebook: ServiceUnderTest, mailbox: Mailbox
) -> None:
    mailbox.answer_next("MAIL", "250 2.1.0 Ok", "421 4.7.0 Assez pour cette fois")
    ids = await send(notebook, *letters(3))
    async with running(notebook.mail_sender().run):
        for mail_id in ids:
            assert (await becomes(notebook, mail_id, MailStatus.SENT)).attempts == 1
    assert mailbox.conversations == 2


async def test_what_is_odd_in_an_answer_is_kept_as_words(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    mailbox.answer_next("RCPT", f"550-5.1.1 {'x' * 900}\r\n550 5.1.1 fin")
    [mail_id] = await send(notebook, LETTER)
    kept = await becomes(notebook, mail_id, MailStatus.REFUSED)
    assert kept.reply is not None
    assert len(kept.reply) == 500
    assert "\n" not in kept.reply


# -- what is away, slow or dies -------------------------------------------------------------------------------------


async def test_mails_wait_for_a_server_that_is_away(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    await mailbox.stop()
    ids = await send(notebook, *letters(3))
    for mail_id in ids:
        await eventually(lambda tried=mail_id: was_tried(notebook, tried, 2))  # type: ignore[misc]
    kept = await found(notebook, ids[0])
    assert kept.status is MailStatus.WAITING
    assert kept.reply is not None
    assert kept.reply.startswith("SMTPConnectError")
    assert sender.server == "away"
    await mailbox.start()
    await mailbox.holds(3)
    assert sorted(mailbox.subjects) == ["n° 0", "n° 1", "n° 2"]
    assert sender.server == "reached"


async def test_a_mail_is_abandoned_after_five_days_of_tries(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    await mailbox.stop()
    [mail_id] = await send(notebook, LETTER)
    async with running(notebook.mail_sender().run):
        await eventually(lambda: was_tried(notebook, mail_id))
    async with notebook.days_later(4) as later, running(later.mail_sender().run):
        await eventually(lambda: was_tried(notebook, mail_id, 2))
    assert (await found(notebook, mail_id)).status is MailStatus.WAITING
    async with notebook.days_later(6) as later, running(later.mail_sender().run):
        kept = await becomes(notebook, mail_id, MailStatus.ABANDONED)
    assert (kept.attempts, kept.settled_at is None) == (3, False)
    await mailbox.start()
    async with notebook.days_later(7) as later, running(later.mail_sender().run):
        async with later.runtime.database.transaction(WRITER) as tx:
            await retry(tx, mail_id)
        kept = await becomes(later, mail_id, MailStatus.SENT)
    assert mailbox.received[0].message["Message-ID"] == kept.message_id


async def test_a_mail_that_nobody_tried_is_not_given_up(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    """Its five days begin with the first try, not while no process sends."""
    [mail_id] = await send(notebook, LETTER)
    mailbox.answer_next("RCPT", "450 4.2.1 Revenez plus tard")
    async with notebook.days_later(30) as later, running(later.mail_sender().run):
        await eventually(lambda: was_tried(later, mail_id))
    assert (await found(notebook, mail_id)).status is MailStatus.WAITING


async def test_without_a_server_mails_wait(assemble: Assemble) -> None:
    service = await assemble(service_with())
    sender = service.mail_sender()
    async with running(sender.run):
        [mail_id] = await send(service, LETTER)
        assert sender.server == "none"
    kept = await found(service, mail_id)
    assert (kept.status, kept.attempts) == (MailStatus.WAITING, 0)


async def test_a_sender_killed_after_the_servers_word_sends_again_under_the_same_name(
    notebook: ServiceUnderTest, mailbox: Mailbox
) -> None:
    told = {"SMTP_URL": mailbox.url, "MAIL_FROM": "L'équipe <carnet@notes.example>"}
    doomed = {**told, "COORACE_FAILPOINT": "mail.accepted:SIGKILL:3"}
    async with notebook_process(notebook, "jobs", platform=doomed) as jobs:
        ids = await send(notebook, *letters(5))
        assert await asyncio.wait_for(jobs.process.wait(), 20) == -signal.SIGKILL
    assert mailbox.subjects == ["n° 0", "n° 1", "n° 2"]
    assert [(await found(notebook, mail_id)).status for mail_id in ids[:3]] == ["sent", "sent", "waiting"]
    async with notebook_process(notebook, "jobs", platform=told) as jobs:
        for mail_id in ids:
            await becomes(notebook, mail_id, MailStatus.SENT)
        assert await jobs.stop() == 0
    assert sorted(mailbox.subjects) == ["n° 0", "n° 1", "n° 2", "n° 2", "n° 3", "n° 4"]
    first, again = [mail.message for mail in mailbox.received if mail.subject == "n° 2"]
    assert first["Message-ID"] == again["Message-ID"]
    assert first.as_bytes() == again.as_bytes()


async def test_of_two_senders_one_has_a_mail(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.is_open.clear()
    async with AsyncExitStack() as senders:
        for number in (1, 2):
            # The second mail is later than the first: who has it had to pass over that one.
            await send(notebook, Mail(recipient="a@asso.example", subject=str(number), text=""))
            await senders.enter_async_context(running(notebook.mail_sender().run))
            await eventually(lambda awaited=number: mailbox.conversations == awaited)  # type: ignore[misc]
        ids = await send(notebook, *letters(40))
        mailbox.is_open.set()
        await mailbox.holds(42)
        for mail_id in ids:
            await becomes(notebook, mail_id, MailStatus.SENT)
    assert sorted(mailbox.subjects) == sorted(["1", "2", *(mail.subject for mail in letters(40))])


async def test_a_sender_told_to_stop_finishes_the_mail_it_is_at(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.is_open.clear()
    ids = await send(notebook, *letters(2))
    async with running(notebook.mail_sender().run) as stop:
        await eventually(lambda: mailbox.conversations == 1)
        stop.set()
        mailbox.is_open.set()
    statuses = [(await found(notebook, mail_id)).status for mail_id in ids]
    assert len(mailbox.received) == statuses.count(MailStatus.SENT) <= 1


async def test_a_silent_server_does_not_keep_the_process_from_ending(assemble: Assemble) -> None:
    async with silent_server() as address:
        service = await assemble(service_with(), SMTP_URL=f"smtp://{address}")
        [mail_id] = await send(service, LETTER)
        async with notebook_process(service, "jobs", platform={"SMTP_URL": f"smtp://{address}"}) as jobs:
            await eventually(jobs.is_ready)
            assert await jobs.stop() == 0
        assert (await found(service, mail_id)).status is MailStatus.WAITING


async def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(
    notebook: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    async with notebook.runtime.database.transaction(WRITER) as tx:
        [poison] = await post(tx, letters(1))
        await tx.session.execute(text("UPDATE mail SET recipient = 'nobody'"))
    [mail_id] = await send(notebook, LETTER)
    await becomes(notebook, mail_id, MailStatus.SENT)
    assert (await found(notebook, poison)).reply == "Erreur inattendue (ValueError)."


# -- what is told ---------------------------------------------------------------------------------------------------


async def test_no_log_names_anybody_or_says_what_was_written(notebook: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.answer_next(
        "RCPT", "550 5.1.1 <accueil@asso.example>: inconnu", "450 4.2.1 <accueil@asso.example>: attendez"
    )
    mailbox.answer_next("MAIL", "250 2.1.0 Ok", "250 2.1.0 Ok", "550 5.7.1 Expéditeur refusé")
    mails = [Mail(recipient="accueil@asso.example", subject="Objet secret", text="Texte secret")] * 4
    with capture_logs() as logs:
        async with running(notebook.mail_sender(SOON).run):
            for mail_id in (await send(notebook, *mails))[1:]:
                await becomes(notebook, mail_id, MailStatus.SENT)
    told = repr(logs)
    assert {"mail_not_accepted", "mail_sender_refused"} == {entry["event"] for entry in logs}
    assert "accueil" not in told
    assert "secret" not in told
