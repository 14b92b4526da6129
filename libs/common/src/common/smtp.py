"""A conversation with a mail server: what may be said to it, and whose fault it is when it says no.

An answer about the recipient or the content is the mail's. Anything before them (the connection, TLS, the login, the
sender's address) is ours to mend: no mail is to blame, and all of them wait.
"""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from urllib.parse import unquote, urlsplit

import aiosmtplib
import idna
import structlog
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

_ANSWER_SECONDS = 45.0
_GOODBYE_SECONDS = 2.0
_MOST_CHARACTERS = 500
_LOGIN_NEEDED = 530
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+")
_DEFAULT_PORTS = {"smtp": 25, "smtps": 465}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, and as whom."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read ``smtp://user:password@host:port`` or ``smtps://…``. Raises ValueError, which never repeats the URL."""
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("an SMTP server is smtp://host:port or smtps://host:port")
        return cls(
            host=parts.hostname,
            port=parts.port or _DEFAULT_PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


def address_of(text: str) -> Address:
    """Read one bare address, its domain written as the mail system does (IDNA 2008, as the API reads addresses).

    >>> str(address_of("accueil@école.example")), str(address_of("achats@Straße.example"))
    ('accueil@xn--cole-9oa.example', 'achats@xn--strae-oqa.example')

    Raises ValueError: there is none, or more than one, or something beside it.
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError("this is not one bare mail address")
    local, _, domain = text.rpartition("@")
    return Address(username=local, domain=idna.encode(domain, uts46=True).decode())


def sender_of(text: str) -> Address:
    """Read an address that may have a name before it.

    >>> str(sender_of("Le Carnet <carnet@notes.example>"))
    'Le Carnet <carnet@notes.example>'

    Raises ValueError.
    """
    name, bracket, rest = text.rpartition("<")
    if bracket and not rest.endswith(">"):
        raise ValueError("a sender is « Name <address> »")
    address = address_of(rest.removesuffix(">") if bracket else text.strip())
    return Address(display_name=name.strip().strip('"'), username=address.username, domain=address.domain)


class Unreachable(Exception):
    """The server is away, or does not let us in: no mail was offered. Its text holds no personal data."""


class ConversationLost(Exception):
    """The server ended a conversation that had served before: what to try again at once on a new one."""


class NotAccepted(Exception):
    """The server did not take a mail. ``lasting`` says whether it never will."""

    def __init__(self, reply: str, *, code: int | None = None, lasting: bool = False) -> None:
        super().__init__("a mail was not accepted")  # the reply may repeat its recipient: not for a log
        self.reply = reply
        self.code = code
        self.lasting = lasting


class Conversation:
    """One connection to the server at a time, for as many mails as it takes."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client = self._new_client()
        self._has_served = False

    @property
    def is_open(self) -> bool:
        """Whether there is someone at the other end, as far as we know."""
        return self._client.is_connected

    async def open(self) -> None:
        """Connect, encrypt when the server offers it, and log in. Raises Unreachable."""
        self._client = self._new_client()
        self._has_served = False
        try:
            await self._client.connect()
            if self._client.is_ehlo_or_helo_needed:
                await self._client.ehlo()
        except (SMTPException, OSError, ValueError) as error:
            self._client.close()
            raise Unreachable(_reply_of(error)) from error
        except BaseException:
            self._client.close()
            raise

    async def deliver(self, sender: Address, recipient: Address, content: bytes) -> str:
        """Hand one mail over and return what the server answered. Raises NotAccepted, ConversationLost."""
        had_served, self._has_served = self._has_served, True
        try:
            return await self._offer(sender, recipient, content)
        except NotAccepted:
            await self._start_afresh()
            if had_served and not self.is_open:
                raise ConversationLost from None
            raise
        except BaseException:  # cut off in the middle: what the server says next would answer something else
            self._client.close()
            raise

    async def close(self) -> None:
        """Say goodbye, if there is someone to say it to."""
        if not self.is_open:
            return
        try:
            await self._client.quit(timeout=_GOODBYE_SECONDS)
        except (SMTPException, OSError):
            pass  # the mails were settled one by one; a goodbye changes nothing
        finally:
            self._client.close()

    def _new_client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            # None encrypts where it is offered. A password never crosses the network in clear, whatever is offered.
            start_tls=None if server.tls or server.username is None else True,
            timeout=_ANSWER_SECONDS,
        )

    async def _offer(self, sender: Address, recipient: Address, content: bytes) -> str:
        beyond_ascii = not recipient.addr_spec.isascii()
        if beyond_ascii and not self._client.supports_extension("smtputf8"):
            raise NotAccepted("Le serveur n'accepte pas d'adresse internationalisée (SMTPUTF8).", lasting=True)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if beyond_ascii else []
        try:
            await self._client.mail(sender.addr_spec, options=options, encoding="utf-8")
            await self._client.rcpt(recipient.addr_spec, encoding="utf-8")
            answer = await self._client.data(content)
        except SMTPSenderRefused as error:
            if error.code >= 500:
                log.error("mail_sender_refused", reply=_reply_of(error))  # noqa: TRY400  # the answer is all there is
            raise NotAccepted(_reply_of(error), code=error.code) from error
        except (SMTPRecipientRefused, SMTPDataError) as error:
            lasting = error.code >= 500 and error.code != _LOGIN_NEEDED
            raise NotAccepted(_reply_of(error), code=error.code, lasting=lasting) from error
        except (SMTPException, OSError) as error:
            self._client.close()
            raise NotAccepted(_reply_of(error)) from error
        return _tidy(f"{answer.code} {answer.message}")

    async def _start_afresh(self) -> None:
        """Let the server forget the mail it did not take."""
        if self.is_open:
            try:
                await self._client.rset(timeout=_GOODBYE_SECONDS)
            except (SMTPException, OSError):
                self._client.close()


def _reply_of(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return _tidy(f"{error.code} {error.message}")
    return _tidy(f"{type(error).__name__}: {error}")


def _tidy(reply: str) -> str:
    """Make a server's words fit to keep: one line, of bounded length, of characters that a database holds."""
    words = re.sub(r"[\x00-\x1f\x7f]+", " ", reply).encode("utf-8", "replace").decode()
    return words[:_MOST_CHARACTERS].strip()
