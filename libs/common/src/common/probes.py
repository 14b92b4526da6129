"""What a process says of itself: that it lives, whether it can do its work, and its figures.

Live: the event loop answers. Ready: nothing stands in the way of the process's own work; what other processes of the
service do is theirs to say. The figures of the database are the same whichever process one asks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import nan
from typing import Any

import asyncpg
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common import telemetry
from common.auth import ANYONE
from common.database_sessions import oldest_transaction_seconds
from common.db import Database
from common.errors import Unavailable
from common.event_health import EventHealth, event_health
from common.loop_lag import LoopLag
from common.mail import MailHealth, mail_health
from common.mail_sending import MailSender, ServerState
from common.problem import problem_response
from common.progress import Progress
from common.relay import Relay
from common.transaction import Read
from common.types import Schema

_ANSWER_SECONDS = 2.0
_FIGURES_SECONDS = 2.0
_NO_ANSWER = (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

# A row held behind one that the broker refused waits for ops, not for the relay; a row sent again is old by nature.
# The first of each bucket is its oldest, within the length of a transaction.
_OLDEST_OF_BUCKETS = text(
    "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(first.recorded_at)), 0)::float8"
    " FROM unnest(CAST(:buckets AS smallint[])) AS b (bucket), LATERAL ("
    "  SELECT o.recorded_at FROM event_outbox o WHERE o.bucket = b.bucket AND NOT o.replayed"
    "  AND NOT EXISTS (SELECT 1 FROM event_outbox q WHERE q.quarantined_at IS NOT NULL"
    "   AND q.topic = o.topic AND q.aggregate_id = o.aggregate_id)"
    "  ORDER BY o.id LIMIT 1) AS first"
)

Check = Callable[[Read], Awaitable[str | None]]
"""Returns what stands in the way, as a French sentence, or None."""


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What a part of a process says of itself: its condition, and its figures by their name in ``Health``."""

    check: Check
    figures: Callable[[], dict[str, Any]]


log = structlog.get_logger(__name__)


class NotReady(Unavailable):
    """Something stands in the way of the process's work, or it is about to end."""

    code = "not_ready"


class Alive(Schema):
    """Le processus répond."""

    status: str = "ok"


class Health(Schema):
    """Un processus et ses chiffres ; ceux de la base sont absents quand elle tarde à les donner."""

    status: str = "ok"
    loop_lag_seconds: float
    outbox_oldest_seconds: float | None = None
    quarantined_facts: int | None = None
    parked_events: int | None = None
    unreadable_records: int | None = None
    mails_waiting: int | None = None
    mails_waiting_oldest_seconds: float | None = None
    mail_server: ServerState | None = Field(
        None,
        description="Serveur de courriels de ce processus : `none`, SMTP_URL est absente et les courriels attendent ;"
        " `unknown`, pas encore demandé ; `reached`, il a répondu au dernier essai ; `away`, il n'a pas répondu",
    )
    buckets_held: int | None = Field(None, description="Seaux de la file d'envoi que ce relais tient")
    lag_events: int | None = Field(None, description="Enregistrements que ce lecteur n'a pas réglés")
    lag_seconds: float | None = Field(None, description="Âge du plus ancien")
    repeated_events: int | None = Field(None, description="Répétitions que ce lecteur a écartées depuis son démarrage")


class Probes:
    """One process's word about itself. The parts that run in it add what each must hold to."""

    def __init__(self, service: str, database: Database, *, loop_lag_limit_seconds: float) -> None:
        self._service = service
        self._database = database
        self._loop_lag_limit = loop_lag_limit_seconds
        self._parts: list[SelfReport] = []
        self.loop_lag = LoopLag()
        self.draining = asyncio.Event()
        """Set when the process is about to end and new requests should go elsewhere."""

    def require(self, part: SelfReport) -> None:
        """Add a part of this process: its condition becomes one of readiness."""
        self._parts.append(part)

    async def readiness(self, *, with_parts: bool) -> Health:
        """Return the figures if the process can do its work. Raises NotReady: all that stands in the way, and them.

        Without its parts, a process answers for its API alone: commands work while the bus is away.
        """
        reasons = self._of_the_process()
        stored, mails = None, None
        try:
            async with self._database.watching(ANYONE) as read:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await read.session.execute(text("SELECT 1"))
                    reasons += [await part.check(read) for part in self._parts if with_parts]
                stored, mails = await self._stored_figures(read)
        except _NO_ANSWER as error:
            log.warning("database_does_not_answer", error=f"{type(error).__name__}: {error}")
            reasons.append(f"La base ne répond pas ({type(error).__name__}).")
        health = self._health(stored, mails)
        told = [reason for reason in reasons if reason]
        if told:
            figures = health.model_dump(mode="json", exclude={"status"})
            raise NotReady(" ".join(told), extra={"figures": figures})
        return health

    def _health(self, stored: EventHealth | None, mails: MailHealth | None) -> Health:
        return Health(
            loop_lag_seconds=self.loop_lag.seconds(),
            outbox_oldest_seconds=stored.outbox_oldest_seconds if stored else None,
            quarantined_facts=stored.quarantined if stored else None,
            parked_events=stored.parked if stored else None,
            unreadable_records=stored.unreadable if stored else None,
            mails_waiting=mails.waiting if mails else None,
            mails_waiting_oldest_seconds=mails.oldest_seconds if mails else None,
            **{name: figure for part in self._parts for name, figure in part.figures().items()},
        )

    def _of_the_process(self) -> list[str | None]:
        lag, limit = self.loop_lag.seconds(), self._loop_lag_limit
        return [
            "Ce processus s'arrête." if self.draining.is_set() else None,
            f"La boucle d'événements a eu {lag:.1f} s de retard (limite {limit:g} s)." if lag > limit else None,
        ]

    async def _stored_figures(self, read: Read) -> tuple[EventHealth | None, MailHealth | None]:
        """Return the figures, None when they take long: a large outbox must not make its service unready."""
        try:
            async with asyncio.timeout(_FIGURES_SECONDS):
                return await event_health(read), await mail_health(read)
        except TimeoutError:
            return None, None

    async def metrics(self) -> Response:
        """Return everything that Prometheus reads from this process; what the database does not say is NaN."""
        health, mails, oldest_transaction = None, None, nan
        try:
            async with self._database.watching(ANYONE) as read, asyncio.timeout(_ANSWER_SECONDS + _FIGURES_SECONDS):
                oldest_transaction = await oldest_transaction_seconds(read)
                health, mails = await event_health(read), await mail_health(read)
        except _NO_ANSWER as error:
            log.warning("figures_missing", error=f"{type(error).__name__}: {error}")
        telemetry.OLDEST_TRANSACTION_SECONDS.set(oldest_transaction)
        telemetry.OUTBOX_ROWS.set(health.outbox_rows if health else nan)
        telemetry.OUTBOX_OLDEST_SECONDS.set(health.outbox_oldest_seconds if health else nan)
        telemetry.QUARANTINED.set(health.quarantined if health else nan)
        telemetry.PARKED.labels(self._service).set(health.parked if health else nan)
        telemetry.UNREADABLE.labels(self._service).set(health.unreadable if health else nan)
        telemetry.MAILS_WAITING.set(mails.waiting if mails else nan)
        telemetry.MAILS_OLDEST_SECONDS.set(mails.oldest_seconds if mails else nan)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def relay_sends(relay: Relay, limit_seconds: float) -> SelfReport:
    """Make the condition of a relay: it is connected, and nothing waits for long in the buckets it holds."""

    async def check(read: Read) -> str | None:
        if relay.held is None:
            return "Ce relais n'a de session ouverte avec le bus et la base à la fois."
        age = float((await read.session.execute(_OLDEST_OF_BUCKETS, {"buckets": relay.held})).scalar_one())
        if age <= limit_seconds:
            return None
        return f"Un fait des seaux de ce relais attend depuis {age:.0f} s (limite {limit_seconds:g} s)."

    return SelfReport(check, lambda: {"buckets_held": len(relay.held or ())})


def consumer_follows(progress: Progress, limit_seconds: float) -> SelfReport:
    """Make the condition of a consumer: it has partitions, it hears from the broker, and it keeps up."""

    async def check(_: Read) -> str | None:
        lag, silence = progress.lag_seconds(), progress.silent_seconds()
        if lag > limit_seconds:
            return f"Le plus ancien fait non appliqué a {lag:.0f} s (limite {limit_seconds:g} s)."
        if progress.partitions == 0:
            return "Le bus n'a attribué aucune partition à ce lecteur."
        if silence > limit_seconds:
            return "Le bus ne dit plus rien à ce lecteur d'une de ses partitions."
        return None

    def figures() -> dict[str, Any]:
        return {
            "lag_events": progress.unread if progress.has_polled else None,
            "lag_seconds": progress.lag_seconds() if progress.has_polled else None,
            "repeated_events": progress.outcomes["repeated"],
        }

    return SelfReport(check, figures)


def mails_leave(sender: MailSender) -> SelfReport:
    """Make the word of a sender of mails. No condition: without its server mails wait, as facts do without the bus."""

    async def check(_: Read) -> str | None:
        return None

    return SelfReport(check, lambda: {"mail_server": sender.server})


def probe_app(probes: Probes) -> Starlette:
    """Make what a process without an API answers on its own port."""

    async def live(_: Request) -> Response:
        return JSONResponse(Alive().model_dump())

    async def ready(_: Request) -> Response:
        try:
            health = await probes.readiness(with_parts=True)
        except NotReady as refusal:
            return problem_response(refusal)
        return JSONResponse(health.model_dump(mode="json"))

    async def metrics(_: Request) -> Response:
        return await probes.metrics()

    return Starlette(
        routes=[Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)],
    )


def closing_when_draining(app: ASGIApp, draining: asyncio.Event) -> ASGIApp:
    """Wrap an application so that, once it drains, each answer ends its connection: the next request goes elsewhere."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and draining.is_set():
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await app(scope, receive, closing)

    return wrapped
