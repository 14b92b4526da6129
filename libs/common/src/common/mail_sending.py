"""The sender of mails: hands over what is committed, in no order, as often as it takes and for five days at most.

A mail is offered while its row is locked: of several senders one has it, and a sender that is killed lets go of it at
once. What was accepted by then and not written down is sent again, with the same Message-ID. Several mails share a
conversation with the server, none shares a transaction.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any, Literal
from uuid import UUID

import asyncpg
import orjson
import structlog
from opentelemetry.trace import SpanKind

from common import failpoints, telemetry
from common.clock import PARIS, Clock
from common.db import Database
from common.faults import is_transient
from common.mail import MailStatus
from common.smtp import Conversation, ConversationLost, MailServer, NotAccepted, Unreachable, address_of
from common.waiting import at_most, first_of

_POLL_SECONDS = 0.5
_OPENING_SECONDS = 20.0
_MAIL_SECONDS = 60.0
"""What a server may take for one mail: some look at its content before they answer."""
_LAST_SECONDS = 5.0
"""What is left of it once the process is told to stop."""
_SESSION_LIMITS = {"idle_in_transaction_session_timeout": "75s"}
"""The transaction of a mail is silent while the server is asked, and no longer than that."""

# Rows that another sender has in hand are not due for this one.
_DUE = "FROM mail WHERE status = 'waiting' AND next_at <= $1"
_IS_ONE_DUE = f"SELECT 1 {_DUE} LIMIT 1 FOR UPDATE SKIP LOCKED"  # words of ours
_ALL_DUE = f"SELECT id {_DUE} FOR UPDATE SKIP LOCKED"
_CLAIM = f"""
SELECT id, recipient, subject, text, headers, message_id, posted_at, traceparent
{_DUE} ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_SETTLE = """
UPDATE mail SET status = $2, reply = $3, settled_at = $4, attempts = attempts + 1,
    first_tried_at = coalesce(first_tried_at, $4)
WHERE id = $1
"""
_POSTPONE = """
UPDATE mail SET attempts = attempts + 1, reply = $2, first_tried_at = coalesce(first_tried_at, $3),
    status = CASE WHEN first_tried_at <= $3 - $6::interval THEN 'abandoned' ELSE 'waiting' END,
    settled_at = CASE WHEN first_tried_at <= $3 - $6::interval THEN $3 END,
    next_at = $3 + least($5::interval, $4::interval * power(2, least(attempts, 20)))
WHERE id = ANY($1::uuid[]) RETURNING id, status
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a mail waits between two tries, twice as long each time, and for how long it is tried at all."""

    first_wait: timedelta = timedelta(seconds=15)
    longest_wait: timedelta = timedelta(minutes=15)
    give_up_after: timedelta = timedelta(days=5)


PATIENT = Patience()
ServerState = Literal["none", "unknown", "reached", "away"]


class MailSender:
    """Sends due mails one at a time; a slow server holds up nothing else of its process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        server: MailServer | None,
        sender: Address,
        *,
        patience: Patience = PATIENT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._conversation = Conversation(server) if server else None
        self._sender = sender
        self._patience = patience
        self._wakeup = database.new_wakeup()
        self.server: ServerState = "unknown" if server else "none"
        """What the last try to speak to the server came to."""

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; a lost database connection is replaced. Without a server, mails wait."""
        if self._conversation is None:
            log.warning("mails_wait", reason="SMTP_URL is not set")
            await stop.wait()
            return
        while not stop.is_set():
            try:
                connection = await self._database.connect(_SESSION_LIMITS)
                try:
                    await self._work(connection, self._conversation, stop)
                finally:
                    connection.terminate()
                    await self._conversation.close()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("mail_sender_interrupted", error=type(error).__name__)
                await first_of(stop, seconds=1.0)

    async def _work(self, connection: asyncpg.Connection, conversation: Conversation, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._wakeup.clear()
            if not await self._send_one(connection, conversation, stop):
                await conversation.close()
                await first_of(stop, self._wakeup, seconds=_POLL_SECONDS)

    async def _send_one(self, connection: asyncpg.Connection, conversation: Conversation, stop: asyncio.Event) -> bool:
        """Try one due mail; return whether to look for another at once."""
        if not await connection.fetchval(_IS_ONE_DUE, self._clock.now()):
            return False
        if not conversation.is_open and not await self._open(connection, conversation, stop):
            return False
        async with connection.transaction():
            row = await connection.fetchrow(_CLAIM, self._clock.now())
            if row is None:
                return False
            with telemetry.span_of("send mail", SpanKind.CLIENT, row["traceparent"]):
                await self._offer(connection, conversation, row, stop)
        return True

    async def _open(self, connection: asyncpg.Connection, conversation: Conversation, stop: asyncio.Event) -> bool:
        """Begin a conversation; when there is none to be had, that was a try of every mail that is due."""
        try:
            async with at_most(_OPENING_SECONDS, stop=stop, then=_LAST_SECONDS):
                await conversation.open()
        except (Unreachable, TimeoutError) as error:
            if stop.is_set():
                return False
            self.server = "away"
            reply = str(error) or f"Aucune réponse en {_OPENING_SECONDS:g} s."
            log.warning("mail_server_unreachable", reply=reply)
            async with connection.transaction():
                due = [row["id"] for row in await connection.fetch(_ALL_DUE, self._clock.now())]
                await self._postpone(connection, due, reply)
            return False
        self.server = "reached"
        return True

    async def _offer(
        self, connection: asyncpg.Connection, conversation: Conversation, row: Any, stop: asyncio.Event
    ) -> None:
        """Offer a claimed mail to the server and write down what it said. Interrupted, it is as if never tried."""
        now = self._clock.now()
        try:
            async with at_most(_MAIL_SECONDS, stop=stop, then=_LAST_SECONDS):
                recipient = address_of(row["recipient"])
                reply = await conversation.deliver(self._sender, recipient, _compose(row, self._sender, recipient))
        except ConversationLost:
            return
        except NotAccepted as refusal:
            log.warning("mail_not_accepted", mail_id=str(row["id"]), code=refusal.code, lasting=refusal.lasting)
            if refusal.lasting:
                await self._settle(connection, row["id"], MailStatus.REFUSED, refusal.reply, now)
            else:
                await self._postpone(connection, [row["id"]], refusal.reply)
        except TimeoutError:
            if not stop.is_set():
                log.warning("mail_not_accepted", mail_id=str(row["id"]), code=None, lasting=False)
                await self._postpone(connection, [row["id"]], f"Aucune réponse en {_MAIL_SECONDS:g} s.")
        except Exception as error:  # noqa: BLE001  # a mail that cannot be written must not stop the others
            log.error("mail_not_offered", mail_id=str(row["id"]), error=type(error).__name__)  # noqa: TRY400  # no text
            await self._postpone(connection, [row["id"]], f"Erreur inattendue ({type(error).__name__}).")
        else:
            failpoints.reached("mail.accepted")
            await self._settle(connection, row["id"], MailStatus.SENT, reply, now)

    async def _settle(
        self, connection: asyncpg.Connection, mail_id: UUID, status: MailStatus, reply: str, now: datetime
    ) -> None:
        await connection.execute(_SETTLE, mail_id, status, reply, now)
        telemetry.MAILS_SETTLED.labels(status).inc()

    async def _postpone(self, connection: asyncpg.Connection, mails: Sequence[UUID], reply: str) -> None:
        """Try again later, or give up what was tried for long enough."""
        patience = self._patience
        tried = await connection.fetch(
            _POSTPONE,
            mails,
            reply,
            self._clock.now(),
            patience.first_wait,
            patience.longest_wait,
            patience.give_up_after,
        )
        for row in tried:
            if row["status"] == MailStatus.ABANDONED:
                log.error("mail_abandoned", mail_id=str(row["id"]))
                telemetry.MAILS_SETTLED.labels(MailStatus.ABANDONED).inc()


def _compose(row: Any, sender: Address, recipient: Address) -> bytes:
    """Write a mail as it travels: the same bytes at every try, as long as the sender is the same."""
    message = EmailMessage(policy=SMTP if recipient.addr_spec.isascii() else SMTPUTF8)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = row["subject"]
    message["Date"] = row["posted_at"].astimezone(PARIS)
    message["Message-ID"] = row["message_id"]
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    for name, value in orjson.loads(row["headers"]).items():
        message[name] = value
    message.set_content(row["text"], cte="quoted-printable")
    return message.as_bytes()
