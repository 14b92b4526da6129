"""The inbox: what the services send on a developer's machine stays there, and can be read."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from smtplib import SMTP

import pytest
from typer.testing import CliRunner

from devstack.__main__ import app
from devstack.errors import StackError
from devstack.inbox import Caught, answers, caught, inbox_program
from devstack.processes import Program, launch, wait_until_ready
from devstack.settings import Settings

POSTED_AT = datetime(2026, 7, 14, 8, 30, tzinfo=UTC)


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Program]:
    program = inbox_program(settings)
    running = launch(program)
    wait_until_ready(lambda: answers(settings.mail_port), running, program, seconds=20)
    yield program
    with suppress(ProcessLookupError):
        running.stop()


def deliver(settings: Settings, recipient: str, subject: str) -> None:
    message = EmailMessage(policy=SMTPUTF8)
    message["From"], message["To"], message["Subject"] = "carnet@notes.example", recipient, subject
    message["Date"] = POSTED_AT
    message.set_content("Bonjour")
    with SMTP("127.0.0.1", settings.mail_port, timeout=5) as server:
        server.send_message(message)


@pytest.mark.usefixtures("inbox")
def test_what_was_sent_is_there_to_read_oldest_first(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert caught(settings) == []
    deliver(settings, "accueil@asso.example", "Votre carnet de l'été [à lire]")
    deliver(settings, "rené@asso.example", "Deuxième")
    assert caught(settings) == [
        Caught(POSTED_AT, "accueil@asso.example", "Votre carnet de l'été [à lire]"),
        Caught(POSTED_AT, "rené@asso.example", "Deuxième"),
    ]
    monkeypatch.setenv("COORACE_LOCAL", str(settings.local))
    monkeypatch.delenv("SMTP_URL", raising=False)
    shown = CliRunner().invoke(app, ["mails"]).stdout
    assert "14/07/2026 08:30:00" in shown
    assert "Votre carnet de l'été [à lire]" in shown
    assert "2 courriels" in shown


def test_before_anything_was_sent_there_is_nothing(settings: Settings) -> None:
    assert not answers(settings.mail_port)
    assert caught(settings) == []


def test_mails_that_go_elsewhere_are_not_looked_for_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://carnet:secret@mail.example")
    refused = CliRunner().invoke(app, ["mails"])
    assert isinstance(refused.exception, StackError)
    assert "secret" not in str(refused.exception)


def test_a_mail_server_that_runs_elsewhere_is_the_one_that_services_are_told(settings: Settings) -> None:
    elsewhere = replace(settings, smtp_url="smtp://carnet:secret@mail.example")
    assert elsewhere.mail_url == "smtp://carnet:secret@mail.example"
    assert "secret" not in repr(elsewhere)
