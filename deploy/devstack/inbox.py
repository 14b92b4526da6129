"""The inbox of a developer's machine: it takes every mail the services send, and delivers none.

``aiosmtpd`` with its own Maildir handler, in a process of its own; ``make mails`` reads the folder.
"""

import email
import sys
from dataclasses import dataclass
from datetime import datetime
from email.policy import default
from pathlib import Path
from smtplib import SMTP, SMTPException

from devstack.processes import Program
from devstack.settings import Settings

_ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail, as a list shows it."""

    sent_at: datetime | None
    recipient: str
    subject: str


def folder(settings: Settings) -> Path:
    """Where the mails are."""
    return settings.local / "mail"


def inbox_program(settings: Settings) -> Program:
    """The inbox's command line."""
    settings.local.mkdir(parents=True, exist_ok=True)
    return Program(
        name="mail",
        command=(
            *(sys.executable, "-m", "aiosmtpd", "--nosetuid", "--smtputf8"),
            *("--listen", f"127.0.0.1:{settings.mail_port}"),
            *("--class", "aiosmtpd.handlers.Mailbox", str(folder(settings))),
        ),
        log=settings.logs / "mail.log",
        cwd=settings.root,
    )


def answers(port: int) -> bool:
    """Whether a mail server says hello on ``port``."""
    try:
        with SMTP("127.0.0.1", port, timeout=_ANSWER_SECONDS) as server:
            return server.noop()[0] == 250
    except (OSError, SMTPException):
        return False


def caught(settings: Settings) -> list[Caught]:
    """What came, oldest first."""
    files = [path for name in ("new", "cur") for path in (folder(settings) / name).glob("*")]
    return [_read(path) for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)]


def _read(path: Path) -> Caught:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    date = message["Date"]
    return Caught(date.datetime if date else None, str(message["To"] or ""), str(message["Subject"] or ""))
