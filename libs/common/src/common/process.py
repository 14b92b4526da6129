"""The processes of a service, one image: ``python -m dues api | consume | relay | jobs | migrate | all``."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog
import typer
import uvicorn
import uvloop
from starlette.types import ASGIApp

from common import failpoints, migrations, telemetry
from common.consumer import Consumer
from common.failpoints import Failpoint
from common.mail_sending import MailSender
from common.probes import closing_when_draining, consumer_follows, mails_leave, probe_app, relay_sends
from common.relay import Relay
from common.service import Runtime, Service, create_app
from common.settings import CommonSettings
from common.waiting import within
from common.watchdog import Watchdog
from common.worker import Worker

_STOP_SECONDS = 8
"""What the parts of a process have to finish what they are at: a batch, a step, the requests under way."""
_KEEP_ALIVE_SECONDS = 5
"""What a connection may stay unused. More than the gateway's (``deploy/service.caddy``), which must close it first."""
_CUT_OFF_SECONDS = 0.5
"""What a part then has to let go of its connections. What it was at is done again by the next process."""
_ALLOCATIONS_BETWEEN_LOOKS = 100_000

log = structlog.get_logger(__name__)
_Part = Callable[[Service, Runtime, asyncio.Event], Awaitable[None]]


def main(service: Service) -> None:
    """Run the command line of one service."""
    command = typer.Typer(help=f"{service.title} : les processus du service.", no_args_is_help=True)
    parts: dict[str, tuple[_Part, ...]] = {
        "api": (_api,),
        "relay": (_relay, _probes),
        "consume": (_consume, _probes),
        "jobs": (_jobs, _mails, _probes),
        "all": (_api, _relay, _consume, _jobs, _mails),
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
    "jobs": "Exécute les travaux longs et envoie les courriels.",
    "all": "Tout cela dans un seul processus, pour une machine de développement.",
}


def _runner(service: Service, name: str, parts: Sequence[_Part]) -> Callable[[], None]:
    def run() -> None:
        settings = service.settings()
        failpoints.arm(Failpoint.parse(settings.failpoint) if settings.failpoint else None)
        telemetry.set_up(service.name, name, traces_file=settings.traces_file)
        spare_the_collector()
        uvloop.run(_run(service, settings, name, parts))

    return run


def spare_the_collector() -> None:
    """Let the garbage collector look at what is made from now on, and less often.

    What is imported lives as long as the process: looked at again and again, it took up to half the time of a big job.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_LOOKS)


async def _run(service: Service, settings: CommonSettings, name: str, parts: Sequence[_Part]) -> None:
    """Run the parts until one fails or a signal says stop; then all get the same time to end."""
    runtime = Runtime.start(service, settings, process=name)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_name, stop.set)
    heartbeat = asyncio.ensure_future(runtime.probes.loop_lag.run())
    tasks = [asyncio.ensure_future(part(service, runtime, stop)) for part in parts]
    log.info("process_started", parts=[part.__name__.strip("_") for part in parts])
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    late = await _cut_off_late(tasks)
    heartbeat.cancel()
    await within(_CUT_OFF_SECONDS, runtime.close())
    failures = [error for task in tasks if task.done() and not task.cancelled() and (error := task.exception())]
    if failures or late:
        log.error("process_ended_badly", late=late, exc_info=failures[0] if failures else None)
        raise SystemExit(1)
    log.info("process_ended")


async def _cut_off_late(tasks: Sequence[asyncio.Future[None]]) -> int:
    """Wait for the parts to end, end those that take too long, and return how many did."""
    _, late = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=_CUT_OFF_SECONDS)
    return len(late)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: one place decides when a process stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield


async def _serve(app: ASGIApp, runtime: Runtime, port: int, stop: asyncio.Event, *, drain_seconds: int) -> None:
    """Serve HTTP until told to stop; then drain, stop listening, and let the requests under way finish."""
    config = uvicorn.Config(
        app,
        host=runtime.settings.host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS - 1 - drain_seconds,
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    runtime.probes.draining.set()
    await asyncio.wait((serving,), timeout=drain_seconds)
    server.should_exit = True
    await serving


async def _api(service: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    settings = runtime.settings
    app = closing_when_draining(create_app(service, runtime), runtime.probes.draining)
    await _serve(app, runtime, settings.port, stop, drain_seconds=settings.drain_seconds)


async def _probes(_: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    """Answer for a process that has no API."""
    port = runtime.settings.metrics_port
    if port is None:
        await stop.wait()
    else:
        await _serve(probe_app(runtime.probes), runtime, port, stop, drain_seconds=0)


async def _relay(service: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    settings = runtime.settings
    relay = Relay(
        runtime.database,
        bootstrap=settings.kafka_bootstrap_servers,
        source=f"/coorace/{service.name}",
        max_buckets=settings.relay_max_buckets,
        keeping=settings.keeping,
    )
    runtime.probes.require(relay_sends(relay, settings.relay_age_limit_seconds))
    await relay.run(stop)


async def _consume(_: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    settings = runtime.settings
    watchdog = Watchdog(settings.consumer_watchdog_seconds)
    watchdog.start()
    consumer = Consumer(
        runtime.database,
        runtime.inbox,
        bootstrap=settings.kafka_bootstrap_servers,
        session_timeout_seconds=settings.consumer_session_timeout_seconds,
        watchdog=watchdog,
    )
    runtime.probes.require(consumer_follows(consumer.progress, settings.consumer_lag_limit_seconds))
    await consumer.run(stop)


async def _jobs(service: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    await Worker(runtime.database, runtime.clock, runtime.files, service.jobs).run(stop)


async def _mails(_: Service, runtime: Runtime, stop: asyncio.Event) -> None:
    settings = runtime.settings
    sender = MailSender(runtime.database, runtime.clock, settings.mail_server, settings.mail_sender)
    runtime.probes.require(mails_leave(sender))
    await sender.run(stop)
