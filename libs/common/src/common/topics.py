"""The topics of the bus: one per aggregate type, with partitions fixed up front, created by us."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.contracts import TOPICS

_CONFIGURATION = {
    # The broker's own clock. By ours, a clock that is ahead would have its records refused, and old facts that are
    # sent again would be old enough to be deleted before they are read.
    "message.timestamp.type": "LogAppendTime",
    "retention.ms": str(7 * 24 * 3600 * 1000),  # an inbox remembers for twice as long, at least
}
_POLL_SECONDS = 0.1
_GONE_SECONDS = 30.0


class TopicSettings(BaseSettings):
    """How many partitions and copies each topic gets. Partitions never change: keys would move."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    partitions: int = Field(6, ge=1, validation_alias="COORACE_TOPIC_PARTITIONS")
    replication: int = Field(1, ge=1, validation_alias="COORACE_TOPIC_REPLICATION")


class NoAdministration(Exception):
    """The broker has no controller, so no administration API; ``missing`` are the topics it should hold."""

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__("the broker has no administration API")
        self.missing = sorted(missing)


async def create(bootstrap: str, settings: TopicSettings) -> list[str]:
    """Create the topics the broker lacks and return them. Raises NoAdministration if it lacks some and cannot."""
    cluster = await _metadata(bootstrap)
    missing = sorted(set(TOPICS) - cluster.topics())
    if not missing:
        return []
    async with _administration(bootstrap, cluster, missing) as admin:
        answer = await admin.create_topics(
            [
                NewTopic(name, settings.partitions, settings.replication, topic_configs=_CONFIGURATION)
                for name in missing
            ]
        )
        _check(answer.topic_errors, tolerated=TopicAlreadyExistsError)
    return missing


async def wipe(bootstrap: str, settings: TopicSettings) -> list[str]:
    """Delete every topic of ours with all it holds, and create it anew, empty. Raises NoAdministration."""
    cluster = await _metadata(bootstrap)
    present = sorted(set(TOPICS) & cluster.topics())
    if present:
        async with _administration(bootstrap, cluster, ()) as admin:
            answer = await admin.delete_topics(present)
            _check(answer.topic_error_codes)
        await _until_gone(bootstrap, present)
    return await create(bootstrap, settings)


async def _metadata(bootstrap: str) -> ClusterMetadata:
    """Ask about all topics at once: asking for one by name would create it on some brokers."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        return await client.fetch_all_metadata()
    finally:
        await client.close()


@asynccontextmanager
async def _administration(
    bootstrap: str, cluster: ClusterMetadata, missing: Iterable[str]
) -> AsyncIterator[AIOKafkaAdminClient]:
    if cluster.controller is None:
        raise NoAdministration(missing)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


def _check(errors: Iterable[tuple[object, ...]], tolerated: type[KafkaError] | None = None) -> None:
    for name, code, *_ in errors:
        error = for_code(code)
        if code != 0 and error is not tolerated:
            raise error(str(name))


async def _until_gone(bootstrap: str, topics: Iterable[str]) -> None:
    async with asyncio.timeout(_GONE_SECONDS):
        while True:
            if not set(topics) & (await _metadata(bootstrap)).topics():
                return
            await asyncio.sleep(_POLL_SECONDS)
