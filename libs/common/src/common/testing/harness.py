"""A service under test: its real application on its real database, driven door by door."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import event, text
from starlette.datastructures import State

from common.clock import Clock
from common.contracts import BY_NAME
from common.events import Envelope, Fact, dump
from common.identifiers import new_id
from common.jobs import JobKind, JobRun
from common.mail_sending import PATIENT, MailSender, Patience
from common.service import Runtime, Service
from common.settings import CommonSettings
from common.testing.issuer import TestIssuer
from common.transaction import Actor, Tx
from common.worker import Worker


class ServiceUnderTest:
    """One service in this process, with a database of its own."""

    def __init__(self, service: Service, runtime: Runtime, issuer: TestIssuer) -> None:
        self.service = service
        self.runtime = runtime
        self.app = _app(service, runtime)
        self._issuer = issuer
        self.sequences: dict[UUID, int] = {}
        """The last fact that it was told of each aggregate of another service."""

    def token(self, *roles: str) -> str:
        """Return a good token for a person with these roles."""
        return self._issuer.token(*roles)

    @asynccontextmanager
    async def client(
        self, *roles: str, member_id: UUID | None = None, delegation: str | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Open an HTTP client for a person with these roles; without roles, without a token."""
        headers = {}
        if roles:
            token = self._issuer.token(*roles, member_id=member_id, delegation=delegation)
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        base_url = f"http://test/{self.service.name}/v1"
        async with httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers) as client:
            yield client

    @asynccontextmanager
    async def days_later(self, days: int) -> AsyncIterator["ServiceUnderTest"]:
        """Open the same service on the same database on another day, after the daily jobs of that day."""
        settings = self.runtime.settings.model_copy(update={"clock_shift_days": days})
        clock = Clock(days)
        runtime = replace(self.runtime, settings=settings, clock=clock, database=self.runtime.database.told_by(clock))
        later = ServiceUnderTest(self.service, runtime, self._issuer)
        await later.worker().ask_for_the_day()
        daily = [kind.name for kind in self.service.jobs if kind.daily]
        due = "SELECT id FROM job WHERE kind = ANY(:kinds) AND status = 'queued' ORDER BY run_after, id"
        for row in await later.rows(due, kinds=daily):
            await later.run_job(row.id)
        yield later

    @contextmanager
    def statements(self) -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
        """Note the statements that the service sends meanwhile, each with its parameters."""
        sent: list[tuple[str, tuple[Any, ...]]] = []

        def note(_: object, __: object, statement: str, parameters: tuple[Any, ...], *___: object) -> None:
            sent.append((statement, parameters))

        engine = self.runtime.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def worker(self) -> Worker:
        """Return what a jobs process runs."""
        runtime = self.runtime
        return Worker(runtime.database, runtime.clock, runtime.files, self.service.jobs)

    def mail_sender(self, patience: Patience = PATIENT) -> MailSender:
        """Return what a jobs process runs beside its worker."""
        runtime, settings = self.runtime, self.runtime.settings
        sender = settings.mail_sender
        return MailSender(runtime.database, runtime.clock, settings.mail_server, sender, patience=patience)

    async def run_jobs(self) -> None:
        """Run every due job to its end, step by step, as a worker does."""
        while job_id := await self._next_job():
            await self.run_job(job_id)

    async def run_job(self, job_id: UUID) -> None:
        """Run one job to its end."""
        await self.worker().run_to_end(job_id)

    async def run_step(self, job_id: UUID) -> None:
        """Run a job until its next step is committed: then the process is told to stop."""
        stop, runtime = asyncio.Event(), self.runtime

        def stopping(kind: JobKind) -> JobKind:
            async def step(tx: Tx, run: JobRun) -> bool:
                stop.set()
                return await kind.step(tx, run)

            return replace(kind, step=step)

        kinds = map(stopping, self.service.jobs)
        await Worker(runtime.database, runtime.clock, runtime.files, kinds).run_to_end(job_id, stop)

    async def published(self) -> list[Fact]:
        """Return the facts waiting in the outbox, in order."""
        async with self.runtime.database.reading(Actor("test")) as read:
            rows = await read.session.execute(text("SELECT type, payload FROM event_outbox ORDER BY id"))
            return [BY_NAME[row.type].read(row.payload) for row in rows]

    async def receive(self, *facts: Fact) -> None:
        """Let the service's inbox apply facts, as its consumer does with a batch."""
        inbox = self.runtime.inbox
        received = [inbox.parse(self._envelope(fact), dump(fact)) for fact in facts]
        async with self.runtime.database.transaction(Actor(f"service:{self.service.name}")) as tx:
            await inbox.apply(tx, received)

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Look into the database."""
        async with self.runtime.database.reading(Actor("test")) as read:
            return list((await read.session.execute(text(query), parameters)).all())

    async def _next_job(self) -> UUID | None:
        query = "SELECT id FROM job WHERE status IN ('queued', 'running') AND run_after <= :now ORDER BY id LIMIT 1"
        rows = await self.rows(query, now=self.runtime.clock.now())
        return rows[0].id if rows else None

    def _envelope(self, fact: Fact) -> Envelope:
        sequence = self.sequences.get(fact.state.id, 0) + 1
        self.sequences[fact.state.id] = sequence
        return Envelope(
            event_id=new_id(),
            source="/coorace/test",
            type=fact.wire_name,
            topic=fact.topic,
            aggregate_id=fact.state.id,
            sequence=sequence,
            occurred_at=datetime.now(UTC),
            traceparent=None,
        )


_described: dict[tuple[object, ...], Service] = {}
"""By the name and the routers that a service had; it is kept, so that no other takes their place in memory."""


def described(service: Service) -> FastAPI:
    """Return a service's routes, described once a session: hundreds of them, for each test."""
    return _described.setdefault((service.name, *map(id, service.routers)), service).described


def _app(service: Service, runtime: Runtime) -> FastAPI:
    """Put a runtime behind a service's routes."""
    app = copy(described(service))
    app.middleware_stack = None
    app.state = State({"rights": service.rights, "runtime": runtime})
    return app


@asynccontextmanager
async def assembled(
    service: Service, database_url: str, issuer: TestIssuer, folder: Path, **overrides: Any
) -> AsyncIterator[ServiceUnderTest]:
    """Assemble a service on a migrated database for as long as the block lasts."""
    runtime = Runtime.start(service, settings_for(service, database_url, issuer, folder, **overrides), process="test")
    try:
        yield ServiceUnderTest(service, runtime, issuer)
    finally:
        await runtime.close()


def settings_for(
    service: Service, database_url: str, issuer: TestIssuer, folder: Path, **overrides: Any
) -> CommonSettings:
    """Return settings for a test: everything a process reads from its environment, given by name."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "files_url": f"file://{folder}",
        "database_pool_size": 4,
        "COORACE_ENVIRONMENT": "development",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "OIDC_ISSUER": issuer.url,
        "OIDC_JWKS_URL": issuer.jwks_url,
        **overrides,
    }
    return service.settings(**values)
