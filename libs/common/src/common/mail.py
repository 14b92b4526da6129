"""Mails: written in the transaction that makes them due, so that one exists if and only if the transaction commits.

Sending is at least once: a process that dies after the server's word and before ours sends again. The Message-ID is
fixed at posting, so that the receiving server can recognise the repeat. ``mail_sending`` does it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import column, table, text

from common.characters import one_line, writable
from common.errors import Conflict, NotFound
from common.identifiers import new_id
from common.labels import Labelled
from common.smtp import address_of
from common.telemetry import current_traceparent
from common.transaction import Read, Tx

_INSERT = text(
    "INSERT INTO mail (id, recipient, subject, text, headers, kept_days, message_id, posted_at, waiting_since, next_at,"
    " traceparent)"
    " SELECT id, recipient, subject, text, CAST(headers AS jsonb), kept_days, '<' || id || '@' || :domain || '>', :now,"
    " :now, :now, :traceparent"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:recipients AS text[]), CAST(:subjects AS text[]),"
    " CAST(:texts AS text[]), CAST(:headers AS text[]), CAST(:kept AS integer[]))"
    " AS u (id, recipient, subject, text, headers, kept_days)"
)
_RETRY = text(
    "UPDATE mail SET status = 'waiting', settled_at = NULL, first_tried_at = NULL, attempts = 0,"
    " waiting_since = :now, next_at = :now"
    " WHERE id = :id AND status = ANY(CAST(:retryable AS text[])) AND recipient <> '' RETURNING 1"
)
_FORGET = text(
    "UPDATE mail SET recipient = '', text = '', reply = NULL WHERE id = ANY(CAST(:ids AS uuid[]))"
    " AND status <> 'waiting'"
)
_WITHDRAW = (
    "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'waiting'"
    " ORDER BY id FOR UPDATE {held}) RETURNING id"
)
_WITHDRAW_AT_ONCE = text(_WITHDRAW.format(held="SKIP LOCKED"))
_WITHDRAW_FOR_SURE = text(_WITHDRAW.format(held=""))
_ADDRESS = re.compile(r"([^\s@<>\"'(),;:])[^\s@<>\"'(),;:]*@([^\s@<>\"'(),;:]+)")
_HEALTH = text(
    "SELECT count(*) AS waiting,"
    " greatest(coalesce(extract(epoch FROM CAST(:now AS timestamptz) - min(waiting_since)), 0), 0)::float8"
    " AS oldest_seconds FROM mail WHERE status = 'waiting'"
)


class MailStatus(Labelled):
    """Where a mail stands. ``REFUSED``: the server said that it never will; ``ABANDONED``: five days of tries."""

    WAITING = "waiting", "à envoyer"
    SENT = "sent", "envoyé"
    REFUSED = "refused", "refusé"
    ABANDONED = "abandoned", "abandonné"


_KEPT_DAYS = 1_825
"""Five years, the limitation period of common law (code civil, art. 2224): a mail is the proof that it was sent.

Assumed: the article is general knowledge, not read at its source, and nobody has confirmed that it is what applies.
"""
_HEADERS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
"""What a mail may say of itself: which list it comes from (RFC 2919), how to leave it in one click (RFC 8058)."""
RETRYABLE = (MailStatus.REFUSED, MailStatus.ABANDONED)
"""What ops may have tried again."""

_POSTED = (
    "id",
    "recipient",
    "subject",
    "text",
    "message_id",
    "status",
    "posted_at",
    "settled_at",
    "reply",
    "attempts",
)
_FIND = text(f"SELECT {', '.join(_POSTED)} FROM mail WHERE id = ANY(CAST(:ids AS uuid[]))")  # noqa: S608  # names of ours
MAIL = table("mail", *map(column, (*_POSTED, "next_at")))
"""For the joins of a capability that shows what became of its mails."""


class MailNotFound(NotFound):
    """This service has no such mail, or no longer."""

    code = "mail_not_found"


class MailNotRetryable(Conflict):
    """The mail is sent, or about to be tried: there is nothing to try again."""

    code = "mail_not_retryable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, in plain text, to one address. ``kept_days``: for how long it proves something, once settled.

    ``headers`` are those it bears beside those of every mail, of ``_HEADERS`` only.
    """

    recipient: str
    subject: str
    text: str
    kept_days: int = _KEPT_DAYS
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail of the outbox and what became of it; ``reply`` is the server's last word."""

    id: UUID
    recipient: str
    subject: str
    text: str
    message_id: str
    status: MailStatus
    posted_at: datetime
    settled_at: datetime | None
    reply: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class MailHealth:
    """How many mails wait, and for how long the oldest has."""

    waiting: int
    oldest_seconds: float


async def post(tx: Tx, mails: Sequence[Mail]) -> list[UUID]:
    """Have mails sent when, and only when, this transaction commits; return their ids, in order.

    A subject is made one line, and what nothing can write is a space in it and in the text: what a person typed, or a
    file said, before any rule about it must not keep a mail, and those beside it, from going.

    Raises ValueError: an address that is not one, a line break in a header, or nothing to keep it for. It is a mistake
    of ours.
    """
    for mail in mails:
        _check(mail)
    ids = [new_id() for _ in mails]
    if ids:
        await tx.session.execute(
            _INSERT,
            {
                "ids": ids,
                "recipients": [mail.recipient for mail in mails],
                "subjects": [one_line(mail.subject) for mail in mails],
                "texts": [writable(mail.text) for mail in mails],
                "headers": [orjson.dumps(dict(mail.headers)).decode() for mail in mails],
                "kept": [mail.kept_days for mail in mails],
                "domain": tx.mail_domain,
                "now": tx.now,
                "traceparent": current_traceparent(),
            },
        )
    return ids


async def withdraw(tx: Tx, ids: Collection[UUID], *, wait: bool = False) -> set[UUID]:
    """Take mails back that were not sent yet: nothing of them is left. Return which.

    One that a sender has in hand is left to it, and may wait again if the server does not take it now; with ``wait``,
    what became of it is waited for, as long as for any lock, so that the others have gone, or never will.
    """
    statement = _WITHDRAW_FOR_SURE if wait else _WITHDRAW_AT_ONCE
    return set((await tx.session.execute(statement, {"ids": list(ids)})).scalars())


async def forget(tx: Tx, ids: Collection[UUID]) -> None:
    """Leave of mails that went, or never will, what became of them: neither to whom, nor what they said."""
    await tx.session.execute(_FORGET, {"ids": list(ids)})


async def posted(read: Read, ids: Collection[UUID]) -> dict[UUID, Posted]:
    """Return mails by their id; those that this service does not have, or no longer, are missing."""
    rows = (await read.session.execute(_FIND, {"ids": list(ids)})).all()
    return {row.id: Posted(**{**row._mapping, "status": MailStatus(row.status)}) for row in rows}


async def retry(tx: Tx, mail_id: UUID) -> None:
    """Have a refused or abandoned mail tried anew, with five days before it. Raises MailNotFound, MailNotRetryable."""
    if not await posted(tx, [mail_id]):
        raise MailNotFound("Ce service n'a pas ce courriel.")
    parameters = {"id": mail_id, "now": tx.now, "retryable": list(RETRYABLE)}
    if (await tx.session.execute(_RETRY, parameters)).one_or_none() is None:
        raise MailNotRetryable("Seul un courriel refusé ou abandonné, dont on sait encore l'adresse, se retente.")


async def mail_health(read: Read) -> MailHealth:
    """Read the figures of now."""
    row = (await read.session.execute(_HEALTH, {"now": read.now})).one()
    return MailHealth(**row._mapping)


def masked(text: str) -> str:
    """Hide whom the addresses of a text belong to.

    >>> masked("550 <marie.durand@exemple.fr>: inconnue")
    '550 <m…@exemple.fr>: inconnue'
    """
    return _ADDRESS.sub(r"\1…@\2", text)


def _check(mail: Mail) -> None:
    address_of(mail.recipient)
    if mail.kept_days < 1:
        raise ValueError("a mail is kept for a day at least")
    if not all(name in _HEADERS and value.isascii() and value.isprintable() for name, value in mail.headers.items()):
        raise ValueError("a header is one of the list, and one line of plain characters")
