"""The platform as `make up` starts it, on ports and in a folder of its own, and ways to look into it."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaProducer

from common.events import Envelope, Fact, dump
from common.identifiers import new_id
from devstack.personas import delegation_codes, persona
from devstack.ports import free_port
from devstack.postgres import admin_url
from devstack.services import discover
from devstack.settings import Settings
from devstack.tokens import token_for

_PORTS = (
    *("GATEWAY_PORT", "KAFKA_PORT", "POSTGRES_PORT", "ISSUER_PORT", "MAIL_PORT"),
    *(f"{service.prefix}_PORT" for service in discover(Settings.from_environment({}), {})),
)
_SERVERS = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "OIDC_ISSUER", "OIDC_JWKS_URL")


@dataclass(frozen=True)
class Platform:
    """A running platform."""

    environment: Mapping[str, str]

    @classmethod
    def in_folder(cls, folder: Path) -> "Platform":
        """Describe a platform that keeps everything in a folder; nothing is started yet."""
        inherited = {name: value for name, value in os.environ.items() if name not in _SERVERS}
        ports = {name: str(free_port()) for name in _PORTS}
        return cls({**inherited, **ports, "COORACE_LOCAL": str(folder)})

    @property
    def settings(self) -> Settings:
        """What the local stack reads from the environment."""
        return Settings.from_environment(self.environment)

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return f"127.0.0.1:{self.settings.kafka_port}"

    def command(self, module: str, *words: str) -> str:
        """Run a module of the project in this platform's environment; return what it printed."""
        return self._run([sys.executable, "-m", module, *words])

    def _run(self, words: list[str], **environment: str) -> str:
        done = subprocess.run(  # noqa: S603  # our own commands
            words,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def coorace(self, *words: str) -> str:
        """Run the `coorace` command as ops do."""
        return self._run(
            [str(Path(sysconfig.get_path("scripts")) / "coorace"), *words],
            PUBLIC_URL=self.settings.public_url,
            COORACE_TOKEN=self.token("ops"),
            COORACE_ENVIRONMENT="development",
            KAFKA_BOOTSTRAP_SERVERS=self.bootstrap,
        )

    def token(self, name: str, subject: str | None = None) -> str:
        """Return a persona's token, or that of another person who has the same rights."""
        who = persona(name, delegation_codes())
        return token_for(replace(who, name=subject or who.name), self.settings)

    def client(self, name: str, subject: str | None = None) -> httpx.Client:
        """Open the APIs as a persona, or as another person who has the same rights, through the gateway."""
        headers = {"Authorization": f"Bearer {self.token(name, subject)}"}
        return httpx.Client(base_url=self.settings.public_url, headers=headers, timeout=30)

    def public_client(self) -> httpx.Client:
        """Open the APIs as anybody, without a token."""
        return httpx.Client(base_url=self.settings.public_url, timeout=30)

    async def send(self, *facts: Fact, first: int = 1) -> None:
        """Put facts of one aggregate on the bus, numbered from the first: as a service not built yet will."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        await producer.start()
        try:
            for sequence, fact in enumerate(facts, start=first):
                producer_name = fact.topic.partition(".")[0]
                envelope = Envelope(
                    event_id=new_id(),
                    source=f"/coorace/{producer_name}",
                    type=fact.wire_name,
                    topic=fact.topic,
                    aggregate_id=fact.state.id,
                    sequence=sequence,
                    occurred_at=datetime.now(UTC),
                    traceparent=None,
                )
                key = str(fact.state.id).encode()
                await producer.send_and_wait(fact.topic, dump(fact), key=key, headers=envelope.headers())
        finally:
            await producer.stop()

    async def query(self, service: str, sql: str) -> list[dict[str, Any]]:
        """Look into a service's database."""
        root = admin_url(self.settings.local / "postgres", self.settings.postgres_port)
        connection = await asyncpg.connect(root.rpartition("/")[0] + f"/{service}")
        try:
            return [dict(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    def spans(self) -> list[dict[str, Any]]:
        """Return every span the services wrote."""
        files = (self.settings.local / "traces").glob("*.jsonl")
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
