"""What every run stands on: PostgreSQL, the broker and the issuer of tokens; two of them can be killed."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from common.testing.awaiting import eventually
from common.testing.databases import Databases
from common.testing.issuer import TestIssuer
from devstack.broker import Broker, choose_lane, start_broker
from devstack.ports import free_port
from devstack.postgres import PostgresServer, start_postgres


@dataclass
class Servers:
    """The servers of a session of trials."""

    folder: Path
    issuer: TestIssuer
    topics: Mapping[str, int]
    """Every topic of every run: the embedded broker can make none later."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the servers' processes are told: a clock of their own, say."""
    postgres_launcher: tuple[str, ...] = ()
    """A command that turns into PostgreSQL's, on a disk of its own, say."""
    broker_of_the_test: str | None = None
    """The address of a broker that a test runs itself, in place of ours."""
    _postgres_port: int = field(default_factory=free_port)
    _broker_port: int = field(default_factory=free_port)
    _postgres: PostgresServer | None = None
    _broker: Broker | None = None
    _databases: Databases | None = None

    @property
    def bootstrap(self) -> str:
        """The broker's address, in all its lives."""
        return self.broker_of_the_test or f"127.0.0.1:{self._broker_port}"

    @property
    def lane(self) -> str:
        """Which broker it is."""
        return choose_lane().lane

    @property
    def postgres_url(self) -> str:
        """PostgreSQL's address, in all its lives."""
        assert self._postgres is not None
        return self._postgres.url

    @property
    def databases(self) -> Databases:
        """Where runs get their databases."""
        if self._databases is None:
            self._databases = Databases(self.postgres_url, self.issuer, self.folder / "templates")
        return self._databases

    @property
    def logs(self) -> Path:
        """Where processes write their logs."""
        return self.folder / "logs"

    def token(self, role: str) -> str:
        """Return a token that is good whatever the clock says."""
        return self.issuer.sign({**self.issuer.claims(role), "iat": 0, "exp": 2**32})

    def start_postgres(self) -> None:
        """Start PostgreSQL; after a kill it recovers what was committed."""
        self._postgres = start_postgres(
            self.folder / "postgres",
            self._postgres_port,
            environment=self.environment,
            launcher=self.postgres_launcher,
        )

    def kill_postgres(self) -> None:
        """End PostgreSQL as a power cut would."""
        assert self._postgres is not None
        self._postgres.kill()

    def start_broker(self) -> None:
        """Start the broker. Apache Kafka finds its records again, the embedded broker starts empty."""
        folder, lane = self.folder / "kafka", choose_lane().lane
        self._broker = start_broker(lane, folder, self._broker_port, self.topics, environment=self.environment)

    def kill_broker(self) -> None:
        """End the broker as a power cut would."""
        assert self._broker is not None
        self._broker.kill()

    async def empty_broker(self, topics: Iterable[str]) -> None:
        """Lose everything that some topics hold: they are made again, empty."""
        if self.lane == "embedded":
            self.kill_broker()
            await asyncio.to_thread(self.start_broker)
            return
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        names = list(topics)
        for deleted in admin.delete_topics(names).values():
            deleted.result(timeout=30)
        await eventually(lambda: not set(names) & admin.list_topics(timeout=10).topics.keys(), awaited="topics deleted")
        for created in admin.create_topics([NewTopic(name, self.topics[name], 1) for name in names]).values():
            created.result(timeout=30)

    def __post_init__(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)


@contextmanager
def running_servers(
    folder: Path,
    issuer: TestIssuer,
    topics: Mapping[str, int],
    environment: Mapping[str, str] | None = None,
    postgres_launcher: tuple[str, ...] = (),
) -> Iterator[Servers]:
    """Run the servers for as long as the block lasts."""
    servers = Servers(folder, issuer, topics, environment or {}, postgres_launcher)
    servers.start_postgres()
    servers.start_broker()
    try:
        yield servers
    finally:
        servers.kill_broker()
        servers.kill_postgres()
