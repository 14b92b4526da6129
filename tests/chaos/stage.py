"""The stage: one run's databases and processes, and a supervisor that starts again whatever dies, as production has."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

import httpx

from chaos.bank import accounts, books
from chaos.bank.settings import Traits
from chaos.servers import Servers
from common.service import Service
from common.testing.awaiting import eventually
from devstack.ports import free_port
from devstack.processes import Program, Running, launch, run

Side = Literal["accounts", "books"]
Part = Literal["api", "relay", "consume", "all", "migrate"]

_TESTS = Path(__file__).parents[1]
_LOOK_SECONDS = 0.05
SESSION_TIMEOUT_SECONDS = 3
"""The least that the services and the broker of these runs allow."""
WATCHDOG_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Role:
    """One process of the cast: which service, which part, and what is particular to it."""

    side: Side
    part: Part
    replica: int = 1
    failpoint: str | None = None
    """Armed in its first life only: the supervisor starts it again without."""
    next_version: bool = False
    mutant: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    in_service: bool = True
    """Whether clients send it their commands; one that is out of service is only asked by name."""

    @property
    def name(self) -> str:
        """What the process is called on stage: ``accounts-relay``, ``books-consume-2``."""
        return f"{self.side}-{self.part}" + (f"-{self.replica}" if self.replica > 1 else "")

    @property
    def answers(self) -> bool:
        """Whether it has an API."""
        return self.part in ("api", "all")


ACCOUNTS = Role("accounts", "all")
BOOKS = Role("books", "all")
CAST = (ACCOUNTS, BOOKS)
"""The usual cast: each service in one process."""


def in_parts(side: Side) -> tuple[Role, ...]:
    """Return a service as production runs it: one process a part."""
    return Role(side, "api"), Role(side, "relay"), Role(side, "consume")


@dataclass(slots=True)
class _Actor:
    """A process on stage, in its present life."""

    role: Role
    port: int
    running: Running | None = None
    wanted: bool = True
    deaths: list[int] = field(default_factory=list)
    """Exit codes of its past lives."""


class Stage:
    """One run. Processes are known by their names in the cast."""

    def __init__(self, run: str, servers: Servers, urls: Mapping[Side, str]) -> None:
        self.run = run
        self.servers = servers
        self.urls = urls
        """The databases' own addresses, whatever the processes are told."""
        self._database_links: dict[str, int] = {}
        self._broker_links: dict[str, int] = {}
        self._actors: dict[str, _Actor] = {}

    @classmethod
    async def set(cls, run: str, servers: Servers) -> Self:
        """Make the databases of a run; no process runs yet."""
        urls: dict[Side, str] = {
            "accounts": await servers.databases.fresh(service_of("accounts", Traits(run))),
            "books": await servers.databases.fresh(service_of("books", Traits(run))),
        }
        return cls(run, servers, urls)

    def tell(self, whom: str, *, database_port: int | None = None, broker_port: int | None = None) -> None:
        """Tell a service, or one process of it by name, the port of a link. It holds from its next life."""
        if database_port:
            self._database_links[whom] = database_port
        if broker_port:
            self._broker_links[whom] = broker_port

    def service(self, side: Side) -> Service:
        """Return a service of this run as this version declares it."""
        return service_of(side, Traits(self.run))

    async def enter(self, *cast: Role) -> None:
        """Start processes together; those with an API are waited for."""
        for role in cast:
            actor = self._actors.get(role.name) or _Actor(role, free_port())
            actor.role, actor.wanted = role, True
            self._actors[role.name] = actor
            self._start(actor)
        for role in cast:
            if role.answers:
                await self.answers(role.name)

    async def migrate(self, side: Side, *, next_version: bool) -> None:
        """Do what a deployment does first: a version brings its service's database to its schema.

        Raises StackError, with what was printed, when it cannot.
        """
        role = Role(side, "migrate", next_version=next_version)
        command = sys.executable, "-m", "chaos.bank", side, role.part
        environment, log = self._environment(role, port=0), self._log(role.name)
        await asyncio.to_thread(run, command, cwd=_TESTS, environment=environment, log=log)

    async def answers(self, name: str) -> None:
        """Wait until a process is ready."""
        actor = self._actors[name]
        url = f"{self.api(name) if actor.role.answers else f'http://127.0.0.1:{actor.port}'}/health/ready"
        async with httpx.AsyncClient(timeout=5) as client:

            async def is_ready() -> bool:
                try:
                    return (await client.get(url)).is_success
                except httpx.HTTPError:
                    return False

            try:
                await eventually(is_ready, awaited=f"{name} ready", seconds=60)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{self.log(name)[-3_000:]}") from error

    def api(self, name: str) -> str:
        """Return the address of a process's API."""
        actor = self._actors[name]
        return f"http://127.0.0.1:{actor.port}/{actor.role.side}{self.run}"

    def apis(self, side: Side) -> list[str]:
        """Return the addresses of the processes of a service that clients send to."""
        return [self.api(name) for name in self.serving(side)]

    def serving(self, side: Side) -> list[str]:
        """Return the processes of a service that clients send to."""
        roles = {name: actor.role for name, actor in self._actors.items()}
        return [name for name, role in roles.items() if role.side == side and role.in_service and role.answers]

    def port(self, name: str) -> int:
        """Return the port of a process's API."""
        return self._actors[name].port

    async def measured(self, name: str, pattern: str) -> float:
        """Return a measure of a process; 0 when it has not been taken. The pattern is that of its name and labels."""
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(f"http://127.0.0.1:{self.port(name)}/metrics")
        found = re.search(rf"^{pattern} (\S+)$", answer.text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def pid(self, name: str) -> int:
        """Return the process in its present life."""
        return self._running(name).pid

    def names(self) -> list[str]:
        """Return the cast."""
        return list(self._actors)

    def kill(self, name: str) -> None:
        """End a process as a power cut would; the supervisor starts it again."""
        os.kill(self.pid(name), signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """Stop a process in the middle of whatever it does: a machine that swaps, a virtual machine that is moved."""
        os.kill(self.pid(name), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a frozen process go on as if nothing had happened."""
        os.kill(self.pid(name), signal.SIGCONT)

    def block(self, name: str) -> None:
        """Block a process's event loop for the time its environment says."""
        os.kill(self.pid(name), signal.SIGUSR1)

    async def leave(self, name: str) -> float:
        """Ask a process to end and do not start it again; return the seconds it took. ``deaths`` has its exit code."""
        actor, running = self._actors[name], self._running(name)
        actor.wanted = False
        asked = time.monotonic()
        os.kill(running.pid, signal.SIGTERM)
        await eventually(lambda: actor.running is not running, awaited=f"the end of {name}", seconds=30)
        return time.monotonic() - asked

    async def died(self, name: str, *, times: int = 1, code: int = -signal.SIGKILL) -> None:
        """Wait until a process has died so many times, and require that each death was of this kind."""
        await eventually(lambda: len(self.deaths(name)) >= times, awaited=f"the death of {name}", seconds=60)
        assert self.deaths(name) == [code] * times, self.log(name)[-3_000:]

    async def frozen(self, name: str) -> None:
        """Wait until a process has been stopped by its failpoint."""
        status = Path(f"/proc/{self.pid(name)}/stat")
        await eventually(lambda: status.read_text().rpartition(")")[2].split()[0] == "T", awaited=f"{name} frozen")

    def deaths(self, name: str) -> list[int]:
        """Return the exit codes of a process's past lives; a signal is negative."""
        return self._actors[name].deaths

    def log(self, name: str) -> str:
        """Return all that a process has written in this run."""
        return self._log(name).read_text(errors="replace")

    async def supervise(self) -> None:
        """Start again whatever died and is wanted, until cancelled."""
        while True:
            for actor in self._actors.values():
                self._look_after(actor)
            await asyncio.sleep(_LOOK_SECONDS)

    def close(self) -> None:
        """End every process, frozen ones too."""
        for actor in self._actors.values():
            actor.wanted = False
            if actor.running:
                actor.running.kill()

    def _look_after(self, actor: _Actor) -> None:
        child = actor.running.child if actor.running else None
        code = child.poll() if child else None
        if code is None:
            return
        actor.running = None
        actor.deaths.append(code)
        if actor.wanted:
            actor.role = replace(actor.role, failpoint=None)
            self._start(actor)

    def _start(self, actor: _Actor) -> None:
        role = actor.role
        actor.running = launch(
            Program(
                name=role.name,
                command=(sys.executable, "-m", "chaos.bank", role.side, role.part),
                log=self._log(role.name),
                cwd=_TESTS,
                environment=self._environment(role, actor.port),
            )
        )

    def _log(self, name: str) -> Path:
        return self.servers.logs / f"{self.run}-{name}.log"

    def _running(self, name: str) -> Running:
        running = self._actors[name].running
        assert running is not None, f"{name} does not run"
        return running

    def _environment(self, role: Role, port: int) -> dict[str, str]:
        database_url, bootstrap = self.urls[role.side], self.servers.bootstrap
        if port_of_link := self._database_links.get(role.name, self._database_links.get(role.side)):
            database_url = _by_port(database_url, port_of_link)
        if port_of_link := self._broker_links.get(role.name, self._broker_links.get(role.side)):
            bootstrap = f"127.0.0.1:{port_of_link}"
        environment = {
            "CHAOS_RUN": self.run,
            "CHAOS_VERSION": "next" if role.next_version else "present",
            "CHAOS_DATABASE_URL": database_url,
            "CHAOS_FILES_URL": self.servers.logs.as_uri(),
            "CHAOS_PORT": str(port),
            "CHAOS_METRICS_PORT": str(port),
            "CHAOS_CONSUMER_SESSION_TIMEOUT_SECONDS": str(SESSION_TIMEOUT_SECONDS),
            "CHAOS_CONSUMER_WATCHDOG_SECONDS": str(WATCHDOG_SECONDS),
            "COORACE_ENVIRONMENT": "development",
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "OIDC_ISSUER": self.servers.issuer.url,
            "OIDC_JWKS_URL": self.servers.issuer.jwks_url,
            **role.environment,
        }
        if role.failpoint:
            environment["COORACE_FAILPOINT"] = role.failpoint
        if role.mutant:
            environment["CHAOS_MUTANT"] = role.mutant
        return environment


def _by_port(url: str, port: int) -> str:
    """Return a database's URL by way of a link."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")))


def service_of(side: Side, traits: Traits) -> Service:
    """Return one of the two services."""
    return accounts.service(traits) if side == "accounts" else books.service(traits)


@asynccontextmanager
async def staged(run: str, servers: Servers) -> AsyncIterator[Stage]:
    """Set a stage, supervised, for as long as the block lasts."""
    stage = await Stage.set(run, servers)
    supervisor = asyncio.ensure_future(stage.supervise())
    try:
        yield stage
    finally:
        supervisor.cancel()
        stage.close()
        for url in stage.urls.values():
            await servers.databases.drop(url)
