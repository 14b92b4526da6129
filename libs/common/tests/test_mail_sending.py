"""Sending: what is committed arrives, whatever the server says, and whatever is away, slow or dies meanwhile."""

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from common.mail import Mail, MailStatus, post, retry
from common.mail_sending import MailSender
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Assemble

from .notebook.app import service_with
from .notebook.letters import LETTER, SOON, WRITER, becomes, found, letters, mailed, was_tried
from .notebook.processes import notebook_process
from .notebook.silence import silent_server

# -- what the server says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_temporary_refusal_is_tried_again(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, stage: Any
) -> None:
    mailbox.answer_next(stage, "450 4.2.1 Revenez plus tard", "451 4.3.0 Pas encore")
    [mail_id] = await mailed(postal, LETTER)
    kept = await becomes(postal, mail_id, MailStatus.SENT)
    assert kept.attempts == 3
    assert len(mailbox.received) == 1


async def test_a_temporary_refusal_is_waited_out(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.answer_next("RCPT", "450 4.2.1 Revenez plus tard")
    [late, prompt] = await mailed(postal, *letters(2))
    async with running(postal.mail_sender().run):
        await becomes(postal, prompt, MailStatus.SENT)
    kept = await found(postal, late)
    assert (kept.status, kept.attempts, kept.reply) == (MailStatus.WAITING, 1, "450 4.2.1 Revenez plus tard")
    [row] = await postal.rows("SELECT next_at - first_tried_at AS wait FROM mail WHERE id = :id", id=late)
    assert timedelta(seconds=15) <= row.wait < timedelta(seconds=20)


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 15), (1, 30), (2, 60), (5, 480), (6, 900), (7, 900), (1_000_000, 900)]
)
async def test_each_wait_is_twice_the_one_before_up_to_a_quarter_of_an_hour(
    postal: ServiceUnderTest, mailbox: Mailbox, tries: int, seconds: int
) -> None:
    mailbox.answer_next("RCPT", "450 4.2.1 Revenez plus tard")
    async with postal.runtime.database.transaction(WRITER) as tx:
        [mail_id] = await post(tx, [LETTER])
        await tx.session.execute(text("UPDATE mail SET attempts = :tries"), {"tries": tries})
    async with running(postal.mail_sender().run):
        await eventually(lambda: was_tried(postal, mail_id, tries + 1))
    [row] = await postal.rows("SELECT next_at - first_tried_at AS wait FROM mail")
    assert row.wait == timedelta(seconds=seconds)


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
async def test_a_lasting_refusal_is_final_and_keeps_the_answer(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, stage: Any
) -> None:
    mailbox.answer_next(stage, "550 5.1.1 <accueil@asso.example>: inconnu")
    [refused, taken] = await mailed(postal, *letters(2))
    kept = await becomes(postal, refused, MailStatus.REFUSED)
    assert (kept.reply, kept.attempts) == ("550 5.1.1 <accueil@asso.example>: inconnu", 1)
    assert kept.settled_at is not None
    await becomes(postal, taken, MailStatus.SENT)
    assert mailbox.subjects == ["n° 1"]
    assert mailbox.conversations == 1


@pytest.mark.parametrize(
    ("stage", "answer"),
    [("MAIL", "550 5.7.1 Expéditeur refusé"), ("RCPT", "530 5.7.0 Identifiez-vous d'abord")],
)
async def test_what_is_not_the_recipients_fault_is_ours_to_mend(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender, stage: Any, answer: str
) -> None:
    mailbox.answer_next(stage, answer)
    [mail_id] = await mailed(postal, LETTER)
    kept = await becomes(postal, mail_id, MailStatus.SENT)
    assert kept.attempts == 2


async def test_a_server_that_ends_a_long_conversation_is_called_again_at_once(
    postal: ServiceUnderTest, mailbox: Mailbox
) -> None:
    mailbox.answer_next("MAIL", "250 2.1.0 Ok", "421 4.7.0 Assez pour cette fois")
    ids = await mailed(postal, *letters(3))
    async with running(postal.mail_sender().run):
        for mail_id in ids:
            assert (await becomes(postal, mail_id, MailStatus.SENT)).attempts == 1
    assert mailbox.conversations == 2


async def test_what_is_odd_in_an_answer_is_kept_as_words(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    mailbox.answer_next("RCPT", f"550-5.1.1 {'x' * 900}\r\n550 5.1.1 fin")
    [mail_id] = await mailed(postal, LETTER)
    kept = await becomes(postal, mail_id, MailStatus.REFUSED)
    assert kept.reply is not None
    assert len(kept.reply) == 500
    assert "\n" not in kept.reply


# -- what is away, slow or dies -------------------------------------------------------------------------------------


async def test_mails_wait_for_a_server_that_is_away(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    await mailbox.stop()
    ids = await mailed(postal, *letters(3))
    for mail_id in ids:
        await eventually(lambda tried=mail_id: was_tried(postal, tried, 2))  # type: ignore[misc]
    kept = await found(postal, ids[0])
    assert kept.status is MailStatus.WAITING
    assert kept.reply is not None
    assert kept.reply.startswith("SMTPConnectError")
    assert sender.server == "away"
    await mailbox.start()
    await mailbox.holds(3)
    assert sorted(mailbox.subjects) == ["n° 0", "n° 1", "n° 2"]
    assert sender.server == "reached"


async def test_a_mail_is_abandoned_after_five_days_of_tries(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    await mailbox.stop()
    [mail_id] = await mailed(postal, LETTER)
    async with running(postal.mail_sender().run):
        await eventually(lambda: was_tried(postal, mail_id))
    async with postal.days_later(4) as later, running(later.mail_sender().run):
        await eventually(lambda: was_tried(postal, mail_id, 2))
    assert (await found(postal, mail_id)).status is MailStatus.WAITING
    async with postal.days_later(6) as later, running(later.mail_sender().run):
        kept = await becomes(postal, mail_id, MailStatus.ABANDONED)
    assert (kept.attempts, kept.settled_at is None) == (3, False)
    await mailbox.start()
    async with postal.days_later(7) as later, running(later.mail_sender().run):
        async with later.runtime.database.transaction(WRITER) as tx:
            await retry(tx, mail_id)
        kept = await becomes(later, mail_id, MailStatus.SENT)
    assert mailbox.received[0].message["Message-ID"] == kept.message_id


async def test_a_mail_that_nobody_tried_is_not_given_up(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    """Its five days begin with the first try, not while no process sends."""
    [mail_id] = await mailed(postal, LETTER)
    mailbox.answer_next("RCPT", "450 4.2.1 Revenez plus tard")
    async with postal.days_later(30) as later, running(later.mail_sender().run):
        await eventually(lambda: was_tried(later, mail_id))
    assert (await found(postal, mail_id)).status is MailStatus.WAITING


async def test_without_a_server_mails_wait(assemble: Assemble) -> None:
    service = await assemble(service_with())
    sender = service.mail_sender()
    async with running(sender.run):
        [mail_id] = await mailed(service, LETTER)
        assert sender.server == "none"
    kept = await found(service, mail_id)
    assert (kept.status, kept.attempts) == (MailStatus.WAITING, 0)


async def test_a_sender_killed_after_the_servers_word_sends_again_under_the_same_name(
    postal: ServiceUnderTest, mailbox: Mailbox
) -> None:
    told = {"SMTP_URL": mailbox.url, "MAIL_FROM": "L'équipe <carnet@notes.example>"}
    doomed = {**told, "COORACE_FAILPOINT": "mail.accepted:SIGKILL:3"}
    async with notebook_process(postal, "jobs", platform=doomed) as jobs:
        ids = await mailed(postal, *letters(5))
        assert await asyncio.wait_for(jobs.process.wait(), 20) == -signal.SIGKILL
    assert mailbox.subjects == ["n° 0", "n° 1", "n° 2"]
    assert [(await found(postal, mail_id)).status for mail_id in ids[:3]] == ["sent", "sent", "waiting"]
    async with notebook_process(postal, "jobs", platform=told) as jobs:
        for mail_id in ids:
            await becomes(postal, mail_id, MailStatus.SENT)
        assert await jobs.stop() == 0
    assert sorted(mailbox.subjects) == ["n° 0", "n° 1", "n° 2", "n° 2", "n° 3", "n° 4"]
    first, again = [mail.message for mail in mailbox.received if mail.subject == "n° 2"]
    assert first["Message-ID"] == again["Message-ID"]
    assert first.as_bytes() == again.as_bytes()


async def test_of_two_senders_one_has_a_mail(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.is_open.clear()
    async with AsyncExitStack() as senders:
        for number in (1, 2):
            # The second mail is later than the first: who has it had to pass over that one.
            await mailed(postal, Mail(recipient="a@asso.example", subject=str(number), text=""))
            await senders.enter_async_context(running(postal.mail_sender().run))
            await eventually(lambda awaited=number: mailbox.conversations == awaited)  # type: ignore[misc]
        ids = await mailed(postal, *letters(40))
        mailbox.is_open.set()
        await mailbox.holds(42)
        for mail_id in ids:
            await becomes(postal, mail_id, MailStatus.SENT)
    assert sorted(mailbox.subjects) == sorted(["1", "2", *(mail.subject for mail in letters(40))])


async def test_a_sender_told_to_stop_finishes_the_mail_it_is_at(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.is_open.clear()
    ids = await mailed(postal, *letters(2))
    async with running(postal.mail_sender().run) as stop:
        await eventually(lambda: mailbox.conversations == 1)
        stop.set()
        mailbox.is_open.set()
    statuses = [(await found(postal, mail_id)).status for mail_id in ids]
    assert len(mailbox.received) == statuses.count(MailStatus.SENT) <= 1


async def test_a_silent_server_does_not_keep_the_process_from_ending(assemble: Assemble) -> None:
    async with silent_server() as address:
        service = await assemble(service_with(), SMTP_URL=f"smtp://{address}")
        [mail_id] = await mailed(service, LETTER)
        async with notebook_process(service, "jobs", platform={"SMTP_URL": f"smtp://{address}"}) as jobs:
            await eventually(jobs.is_ready)
            assert await jobs.stop() == 0
        assert (await found(service, mail_id)).status is MailStatus.WAITING


async def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(
    postal: ServiceUnderTest, mailbox: Mailbox, sender: MailSender
) -> None:
    async with postal.runtime.database.transaction(WRITER) as tx:
        [poison] = await post(tx, letters(1))
        await tx.session.execute(text("UPDATE mail SET recipient = 'nobody'"))
    [mail_id] = await mailed(postal, LETTER)
    await becomes(postal, mail_id, MailStatus.SENT)
    assert (await found(postal, poison)).reply == "Erreur inattendue (ValueError)."


# -- what is told ---------------------------------------------------------------------------------------------------


async def test_no_log_names_anybody_or_says_what_was_written(postal: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.answer_next(
        "RCPT", "550 5.1.1 <accueil@asso.example>: inconnu", "450 4.2.1 <accueil@asso.example>: attendez"
    )
    mailbox.answer_next("MAIL", "250 2.1.0 Ok", "250 2.1.0 Ok", "550 5.7.1 Expéditeur refusé")
    mails = [Mail(recipient="accueil@asso.example", subject="Objet secret", text="Texte secret")] * 4
    with capture_logs() as logs:
        async with running(postal.mail_sender(SOON).run):
            for mail_id in (await mailed(postal, *mails))[1:]:
                await becomes(postal, mail_id, MailStatus.SENT)
    told = repr(logs)
    assert {"mail_not_accepted", "mail_sender_refused"} == {entry["event"] for entry in logs}
    assert "accueil" not in told
    assert "secret" not in told
