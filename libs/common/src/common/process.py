"""The processes of a service, one image: ``python -m dues api | consume | relay | jobs | migrate | all``."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog
import typer
import uvicorn
import uvloop
from prometheus_client import start_http_server

from common import failpoints, migrations, telemetry
from common.consumer import Consumer
from common.failpoints import Failpoint
from common.jobs import Worker
from common.relay import Relay
from common.service import Runtime, Service, create_app
from common.settings import CommonSettings
from common.watchdog import Watchdog

_STOP_SECONDS = 20

log = structlog.get_logger(__name__)
Part = Callable[[Service, Runtime, asyncio.Event], Awaitable[None]]


def main(service: Service) -> None:
    """Run the command line of one service."""
    command = typer.Typer(help=f"{service.title} : les processus du service.", no_args_is_help=True)
    parts: dict[str, tuple[Part, ...]] = {
        "api": (_api,),
        "relay": (_relay,),
        "consume": (_consume,),
        "jobs": (_jobs,),
        "all": (_api, _relay, _consume, _jobs),
    }
    for name, chosen in parts.items():
        command.command(name, help=_HELP[name])(_runner(service, name, chosen))

    @command.command(help="Met la base au schéma de cette version.")
    def migrate() -> None:
        migrations.upgrade(service, service.settings())

    command()


_HELP = {
    "api": "Répond aux demandes HTTP.",
    "relay": "Envoie au bus les faits enregistrés.",
    "consume": "Applique les faits des autres services.",
    "jobs": "Exécute les travaux longs.",
    "all": "Tout cela dans un seul processus, pour une machine de développement.",
}


def _runner(service: Service, name: str, parts: Sequence[Part]) -> Callable[[], None]:
    def run() -> None:
        settings = service.settings()
        failpoints.arm(Failpoint.parse(settings.failpoint) if settings.failpoint else None)
        telemetry.set_up(service.name, name, traces_file=settings.traces_file)
        if settings.metrics_port:
            start_http_server(settings.metrics_port)
        uvloop.run(_run(service, settings, parts))

    return run


async def _run(service: Service, settings: CommonSettings, parts: Sequence[Part]) -> None:
    """Run the parts until one fails or a signal says stop; then all get the same time to end."""
    runtime = Runtime.start(service, settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    tasks = [asyncio.ensure_future(part(service, runtime, stop)) for part in parts]
    log.info("process_started", parts=[part.__name__.strip("_") for part in parts])
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
    for task in late:
        task.cancel()
    await runtime.close()
    failures = [error for task in tasks if task.done() and not task.cancelled() and (error := task.exception())]
    if failures or late:
        log.error("process_ended_badly", late=len(late), exc_info=failures[0] if failures else None)
        raise SystemExit(1)
    log.info("process_ended")


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: one place decides when a process stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield


async def _api(service: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        create_app(service, runtime),
        host=runtime.settings.host,
        port=runtime.settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_STOP_SECONDS // 2,
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


async def _relay(service: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    relay = Relay(
        runtime.database,
        bootstrap=runtime.settings.kafka_bootstrap_servers,
        source=f"/coorace/{service.name}",
        max_buckets=runtime.settings.relay_max_buckets,
        keeping=runtime.settings.keeping,
    )
    await relay.run(stop)


async def _consume(_: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    watchdog = Watchdog()
    watchdog.start()
    consumer = Consumer(
        runtime.database,
        runtime.inbox,
        bootstrap=runtime.settings.kafka_bootstrap_servers,
        instance=runtime.settings.consumer_instance,
        watchdog=watchdog,
    )
    await consumer.run(stop)


async def _jobs(service: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    await Worker(runtime.database, runtime.clock, runtime.files, service.jobs).run(stop)
