"""A mail server for tests: it speaks SMTP on a port of its own, keeps what it accepts, refuses what it is told to."""

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from common.testing.awaiting import eventually

Stage = Literal["MAIL", "RCPT", "DATA"]
_ACCEPTED = "250 2.0.0 Ok: queued as TEST"


@dataclass(frozen=True, slots=True)
class Received:
    """One mail that the server accepted: its envelope, and what it says."""

    sender: str
    recipient: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The text, decoded."""
        return str(self.message.get_content())


class Mailbox:
    """The server, on one port for all its lives. ``received`` is everything it accepted, in order."""

    def __init__(self, *, login: LoginPassword | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.conversations = 0
        self.logins = 0
        self.is_open = asyncio.Event()
        """While it is not set, a mail whose content has come gets no answer."""
        self.is_open.set()
        self._answers: dict[Stage, deque[str]] = defaultdict(deque)
        self._login = login
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._protocols: list[SMTP] = []
        self._port = 0

    @property
    def url(self) -> str:
        """What ``SMTP_URL`` is to say."""
        return f"smtp://127.0.0.1:{self._port}"

    @property
    def subjects(self) -> list[str]:
        """The subjects of what was accepted."""
        return [mail.subject for mail in self.received]

    async def holds(self, count: int = 1) -> Sequence[Received]:
        """Wait until that many mails have come, and return all that have."""
        await eventually(lambda: len(self.received) >= count, awaited=f"{count} mails")
        return self.received

    def answer_next(self, stage: Stage, *answers: str) -> None:
        """Answer the next commands of a stage with these; then accept again."""
        self._answers[stage] += answers

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._new_protocol, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut every conversation and listen no more."""
        if self._server:
            self._server.close()
            for protocol in self._protocols:
                if protocol.transport is not None:
                    protocol.transport.close()
            await self._server.wait_closed()
        self._server = None
        self._protocols.clear()

    def _new_protocol(self) -> SMTP:
        self.conversations += 1
        protocol = SMTP(
            self,
            hostname="mailbox.example",
            enable_SMTPUTF8=True,
            authenticator=self._authenticate if self._login else None,
            auth_required=self._login is not None and self._tls is not None,
            auth_require_tls=self._tls is not None,
            tls_context=self._tls,
        )
        self._protocols.append(protocol)
        return protocol

    def _authenticate(self, *arguments: Any) -> AuthResult:
        self.logins += 1
        return AuthResult(success=arguments[-1] == self._login, handled=False)

    # The names under which aiosmtpd asks.

    async def handle_MAIL(self, _: Any, __: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Answer to the sender's address."""
        answer = self._next("MAIL", "250 2.1.0 Ok")
        if answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, _: Any, __: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Answer to the recipient's address."""
        answer = self._next("RCPT", "250 2.1.5 Ok")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail, unless told otherwise."""
        await self.is_open.wait()
        answer = self._next("DATA", _ACCEPTED)
        if answer.startswith("2"):
            message = message_from_bytes(envelope.original_content or b"", EmailMessage, policy=SMTPUTF8)
            self.received.append(Received(str(envelope.mail_from), envelope.rcpt_tos[0], message))
        return answer

    def _next(self, stage: Stage, otherwise: str) -> str:
        return self._answers[stage].popleft() if self._answers[stage] else otherwise


@asynccontextmanager
async def running_mailbox(
    *, login: LoginPassword | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Mailbox]:
    """Run a mail server for as long as the block lasts.

    With a login and TLS, nobody gets in without them; with a login alone, it would take it in clear.
    """
    mailbox = Mailbox(login=login, tls=tls)
    await mailbox.start()
    try:
        yield mailbox
    finally:
        mailbox.is_open.set()
        await mailbox.stop()
