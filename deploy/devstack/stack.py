"""Bring the whole platform up, narrowly or whole, and take it down again."""

import asyncio
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx

from devstack import apache, broker, databases, inbox, postgres
from devstack.broker import LANE_NAMES, Lane, LaneChoice
from devstack.errors import StackError
from devstack.gateway import gateway_program
from devstack.ports import require_free
from devstack.processes import Program, launch, run, wait_until_ready
from devstack.registry import Registry
from devstack.screen import Screen, Step
from devstack.services import Service, common_environment, service_environment
from devstack.settings import Settings

READY_SECONDS = 60.0
HOLD_DATA = {"postgres", "kafka"}

COORACE = Path(sysconfig.get_path("scripts")) / "coorace"


@dataclass(frozen=True, slots=True)
class Stack:
    """The platform on this machine."""

    settings: Settings
    services: tuple[Service, ...]
    screen: Screen

    @property
    def registry(self) -> Registry:
        """Which processes run."""
        return Registry(self.settings.local / "run")

    # -- up ---------------------------------------------------------------------------------------------------

    def up(self, chosen: tuple[Service, ...]) -> None:
        """Start what ``chosen`` needs and does not run yet; return when everything answers.

        What already runs as it would be started now is left alone; what runs differently is started again.
        """
        with ThreadPoolExecutor() as pool:
            waited = [pool.submit(self._databases), pool.submit(self._gateway)]
            if self.settings.starts_issuer:
                waited.append(pool.submit(self._issuer))
            if self.settings.smtp_url is None:
                waited.append(pool.submit(self._inbox))
            waited.append(pool.submit(self._bus, with_topics=bool(chosen)))
            _all_done(waited)
            _all_done([pool.submit(self._service, service) for service in chosen])

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return self.settings.kafka_bootstrap or f"127.0.0.1:{self.settings.kafka_port}"

    @property
    def admin_url(self) -> str:
        """The database administrator's address."""
        local = self.settings.local / "postgres"
        return self.settings.database_url or postgres.admin_url(local, self.settings.postgres_port)

    def _databases(self) -> None:
        """A server that accepts connections, with a database for every service."""
        if self.settings.database_url is None:
            with self.screen.step("PostgreSQL") as step:
                self._postgres(step)
        with self.screen.step("Bases de données") as step:
            for service in self.services:
                asyncio.run(self._database(service))
            step.note = ", ".join(service.package for service in self.services)

    def _postgres(self, step: Step) -> None:
        data, port = self.settings.local / "postgres", self.settings.postgres_port
        postgres.prepare_cluster(data)
        program = postgres.server_program(data, port, self.settings.logs / "postgres.log")
        self._ensure(program, lambda: postgres.accepts_connections(port), port, "POSTGRES_PORT")
        step.note = f"127.0.0.1:{port}"

    async def _database(self, service: Service) -> str:
        passwords = self.settings.local / "passwords"
        return await databases.prepare_database(self.admin_url, service.package, passwords)

    def _bus(self, *, with_topics: bool) -> None:
        """A broker that answers; and that holds every topic, if services are about to need them."""
        if self.settings.kafka_bootstrap is None:
            self._broker()
        if not with_topics:
            return
        with self.screen.step("Sujets Kafka") as step:
            if self._lane_in_use() == "embedded":
                step.note = "créés avec le courtier"
            else:
                run((str(COORACE), "topics", "create"), environment=common_environment(self.settings, self.bootstrap))

    def _broker(self) -> None:
        choice = self._obtain_kafka(self._lane())
        with self.screen.step(f"Kafka ({LANE_NAMES[choice.lane]})") as step:
            folder, port = self.settings.local / "kafka", self.settings.kafka_port
            topics = self._topics() if choice.lane == "embedded" else {}
            program = broker.broker_program(choice.lane, folder, port, topics, self.settings.logs / "kafka.log")
            self._lane_file.write_text(choice.lane)
            self._ensure(program, lambda: broker.answers(self.bootstrap), port, "KAFKA_PORT")
            step.note = f"{self.bootstrap}, {choice.reason}"

    def _lane(self) -> LaneChoice:
        """The lane asked for; else that of the broker that runs; else the machine's."""
        running = self._lane_in_use() if self.registry.find("kafka") else None
        if running is not None and self.settings.broker is None:
            return LaneChoice(running, "déjà démarré")
        return broker.choose_lane(self.settings.broker)

    def _obtain_kafka(self, choice: LaneChoice) -> LaneChoice:
        """Fetch Kafka's jars if the lane needs them; without them, another lane unless this one was imposed."""
        if choice.lane == "embedded" or apache.jars_present():
            return choice
        try:
            with self.screen.step("Kafka : téléchargement depuis Maven Central (45 Mo, une seule fois)"):
                apache.fetch_jars()
        except StackError as error:
            if self.settings.broker == "apache":
                raise
            cause = str(error).splitlines()[-1]
            return LaneChoice("embedded", f"les fichiers de Kafka n'ont pas pu être téléchargés : {cause}")
        return choice

    def _topics(self) -> dict[str, int]:
        """The topics of the platform, as the `coorace` command lists them."""
        environment = common_environment(self.settings, self.bootstrap)
        listed = run((str(COORACE), "topics", "list"), environment=environment).split()
        return dict(zip(listed[::2], map(int, listed[1::2]), strict=True))

    def _lane_in_use(self) -> Lane | None:
        """The lane of the broker that we started last; None for one that runs elsewhere."""
        if self.settings.kafka_bootstrap is not None:
            return None
        return "embedded" if self._lane_file.read_text() == "embedded" else "apache"

    @property
    def _lane_file(self) -> Path:
        return self.settings.local / "kafka" / "lane"

    def _issuer(self) -> None:
        port = self.settings.issuer_port
        program = Program(
            name="issuer",
            command=(
                *(sys.executable, "-m", "uvicorn", "--factory", "devstack.issuer:create_app"),
                *("--host", "127.0.0.1", "--port", str(port), "--no-access-log"),
            ),
            log=self.settings.logs / "issuer.log",
            cwd=self.settings.root,
            environment={
                "COORACE_ENVIRONMENT": self.settings.environment,
                "DEV_ISSUER_FOLDER": str(self.settings.local / "issuer"),
                "OIDC_ISSUER": self.settings.issuer_url,
            },
        )
        with self.screen.step("Émetteur de jetons de développement"):
            self._ensure(program, lambda: _answers(self.settings.jwks_url), port, "ISSUER_PORT")

    def _inbox(self) -> None:
        program, port = inbox.inbox_program(self.settings), self.settings.mail_port
        with self.screen.step("Boîte aux lettres") as step:
            self._ensure(program, lambda: inbox.answers(port), port, "MAIL_PORT")
            step.note = f"127.0.0.1:{port}"

    def _gateway(self) -> None:
        program, url = gateway_program(self.settings, self.services), self.settings.public_url
        with self.screen.step("Passerelle") as step:
            self._ensure(program, lambda: _answers(url), self.settings.gateway_port, "GATEWAY_PORT")
            step.note = url

    def _service(self, service: Service) -> None:
        """A service that is ready to work, its database at the schema of its code."""
        url = asyncio.run(self._database(service))
        environment = service_environment(service, self.settings, self.bootstrap, url)
        module = (sys.executable, "-m", service.package)
        log = self.settings.logs / f"{service.name}.log"
        program = Program(service.name, (*module, "all"), log, service.folder, environment)
        if not self._current(program):
            with self.screen.step(f"{service.name} : migration"):
                migration_log = self.settings.logs / f"{service.name}-migrate.log"
                run((*module, "migrate"), cwd=service.folder, environment=environment, log=migration_log)
        ready = f"http://127.0.0.1:{service.port}/{service.name}/health/ready"
        with self.screen.step(service.name):
            self._ensure(program, lambda: _answers(ready), service.port, f"{service.prefix}_PORT")

    def _current(self, program: Program) -> bool:
        record = self.registry.find(program.name)
        return record is not None and record.fingerprint == program.fingerprint

    def _ensure(self, program: Program, ready: Callable[[], bool], port: int, variable: str) -> None:
        """Have ``program`` running and ready on ``port``."""
        if not self._current(program):
            self.registry.stop(program.name)
            require_free(port, label=program.name, variable=variable)
            self.registry.remember(program, launch(program))
        record = self.registry.find(program.name)
        if record is None:
            raise StackError(f"{program.name} s'est arrêté au démarrage : lisez {program.log}.")
        wait_until_ready(ready, record.running, program, READY_SECONDS)

    # -- the demonstration ------------------------------------------------------------------------------------

    def play_demo(self) -> None:
        """Play the story on the running platform, its output straight to the screen."""
        if not demo_exists():
            raise StackError("Ce dépôt n'a pas de démonstration (deploy/demo/story.py).")
        command = (sys.executable, "-m", "demo.story")
        played = subprocess.run(command, cwd=self.settings.root, check=False)  # noqa: S603
        if played.returncode != 0:
            raise StackError("La démonstration n'est pas allée au bout : voir ci-dessus, puis make logs.")
        self._demo_stamp.touch()

    @property
    def demo_is_loaded(self) -> bool:
        """Whether the story has been played since the last reset."""
        return self._demo_stamp.exists()

    @property
    def _demo_stamp(self) -> Path:
        return self.settings.local / "demo.loaded"

    # -- down and reset ---------------------------------------------------------------------------------------

    def down(self, name: str | None = None) -> None:
        """Stop the process called ``name``, or all of them, those that hold the data last."""
        running = set(self.registry.names())
        known = {service.name for service in self.services} | HOLD_DATA | {"gateway", "issuer", "mail"} | running
        if name is not None:
            if name not in known:
                raise StackError(f"Rien ne s'appelle « {name} » ici : {', '.join(sorted(known))}.")
            running &= {name}
        for group in (running - HOLD_DATA, running & HOLD_DATA):
            with ThreadPoolExecutor() as pool:
                list(pool.map(self._stop, sorted(group)))

    def _stop(self, name: str) -> None:
        with self.screen.step(f"Arrêt de {name}"):
            self.registry.stop(name)

    def reset(self) -> None:
        """Stop everything and forget all data, keys and passwords."""
        self.down()
        with self.screen.step("Effacement de .local"):
            shutil.rmtree(self.settings.local, ignore_errors=True)

    def reset_service(self, service: Service) -> None:
        """Stop one service and forget its data and how far it has read; the rest of the platform goes on."""
        self.down(service.name)
        if self.settings.database_url is None:
            with self.screen.step("PostgreSQL") as step:
                self._postgres(step)
        with self.screen.step(f"Effacement des données de {service.name}"):
            asyncio.run(databases.drop_database(self.admin_url, service.package))
            shutil.rmtree(self.settings.local / "files" / service.name, ignore_errors=True)
            self._demo_stamp.unlink(missing_ok=True)
        self._forget_reading(service)

    def _forget_reading(self, service: Service) -> None:
        if self.settings.kafka_bootstrap is None:
            self._broker()
            if self._lane_in_use() == "embedded":
                self.down("kafka")  # it has no administration API: emptying its memory is the only way
                return
        with self.screen.step(f"Positions de lecture de {service.name}"):
            broker.forget_reading(self.bootstrap, service.name)


def _all_done(steps: list[Future[None]]) -> None:
    """Wait for every step, so that what can start does; then fail as the first that failed."""
    wait(steps)
    for step in steps:
        step.result()


def demo_exists() -> bool:
    """Whether the repository has a story to play."""
    return find_spec("demo") is not None and find_spec("demo.story") is not None


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False
