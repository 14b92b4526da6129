"""What makes six services one house: a service declares what it is, and receives everything else.

service = Service(name="dues", title="Cotisations", settings=Settings, rights=RIGHTS, routers=…, subscriptions=…)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData
from starlette.requests import Request
from starlette.responses import Response

from common import (
    digest_routes,
    job_routes,
    mail_routes,
    ops_routes,
    parked_routes,
    problem,
    quarantine_routes,
    replays,
    stream_routes,
    unreadable_routes,
)
from common.auth import Tokens
from common.clock import Clock
from common.database_sessions import session_name
from common.db import Database
from common.files import Files
from common.inbox import Inbox
from common.jobs import JobKind
from common.openapi import DescribedApp
from common.probes import Alive, Health, NotReady, Probes
from common.rights import Rights
from common.settings import CommonSettings
from common.subscriptions import Subscription

_MAX_BODY_BYTES = 1_000_000
# An address with a name in it stands before one that takes any identifier there.
_COMMON_ROUTES = (
    job_routes,
    mail_routes,
    parked_routes,
    unreadable_routes,
    quarantine_routes,
    ops_routes,
    stream_routes,
    digest_routes,
)


@dataclass(frozen=True)
class Service:
    """One service: its words, and which doors lead to which use cases."""

    name: str
    title: str
    description: str
    settings: type[CommonSettings]
    rights: Rights
    metadata: MetaData
    migrations: Path
    routers: Sequence[APIRouter] = ()
    subscriptions: Sequence[Subscription] = ()
    jobs: Sequence[JobKind] = ()

    def inbox(self) -> Inbox:
        """Return the consumer side: the service's own subscriptions, and the answer to requests for a replay."""
        return Inbox(self.name, (*self.subscriptions, replays.answer_as(self.name)))

    @cached_property
    def described(self) -> FastAPI:
        """Its HTTP door with nothing behind it, to read its routes and its OpenAPI description: assembled once."""
        return _described(self)


@dataclass(frozen=True)
class Runtime:
    """What the doors of one process share."""

    settings: CommonSettings
    clock: Clock
    database: Database
    tokens: Tokens
    files: Files
    inbox: Inbox
    probes: Probes

    @classmethod
    def start(cls, service: Service, settings: CommonSettings, *, process: str) -> "Runtime":
        """Build the parts of a process from its settings. Connections are opened when first needed."""
        clock = Clock(settings.clock_shift_days)
        database = Database(settings, clock, session_name(service.name, process))
        return cls(
            settings=settings,
            clock=clock,
            database=database,
            tokens=Tokens(settings),
            files=Files(settings.files_url),
            inbox=service.inbox(),
            probes=Probes(service.name, database, loop_lag_limit_seconds=settings.loop_lag_limit_seconds),
        )

    async def close(self) -> None:
        """Let go of the database."""
        await self.database.close()


def create_app(service: Service, runtime: Runtime) -> FastAPI:
    """Assemble the HTTP door of a service under its path prefix, on what it needs to run."""
    app = _described(service)
    app.state.runtime = runtime
    return app


def _described(service: Service) -> FastAPI:
    """Assemble the HTTP door without anything behind it: enough to read its routes and its OpenAPI description."""
    prefix = f"/{service.name}"
    routers = (*service.routers, *(module.router for module in _COMMON_ROUTES))
    app = DescribedApp(
        title=service.title,
        description=service.description,
        version="1",
        openapi_url=f"{prefix}/openapi.json",
        openapi_tags=[{"name": tag} for tag in dict.fromkeys(tag for router in routers for tag in router.tags)],
        docs_url=f"{prefix}/docs",
        redoc_url=None,
        max_body_size=_MAX_BODY_BYTES,
        telemetry={"metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.rights = service.rights
    problem.install(app)
    for router in routers:
        app.include_router(router, prefix=f"{prefix}/v1")
    app.include_router(_health_router(), prefix=prefix)
    return app


def _health_router() -> APIRouter:
    router = APIRouter(tags=["Santé"])

    @router.get("/health/live", operation_id="isAlive", summary="Le processus répond")
    async def live() -> Alive:
        """Sans rien demander à personne."""
        return Alive()

    @router.get(
        "/health/ready", operation_id="isReady", summary="L'API peut travailler", responses=problem.problems(NotReady)
    )
    async def ready(request: Request) -> Health:
        """Il lui faut sa base ; le bus peut manquer, les faits attendent dans la file d'envoi."""
        runtime: Runtime = request.app.state.runtime
        return await runtime.probes.readiness(with_parts=False)

    @router.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        runtime: Runtime = request.app.state.runtime
        return await runtime.probes.metrics()

    return router
