"""Cases 4, 6 and 9: a broker that answers, and whose answer is no; of two brokers, one that does not answer."""

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chaos.bank.contracts import account_topic, page_topic
from chaos.conftest import PARTITIONS
from chaos.stage import ACCOUNTS, BOOKS, Side, in_parts
from chaos.trial import Arena, Case, Trial
from common.contracts.platform import ReplayRequested
from common.testing.awaiting import eventually
from devstack.embedded_broker import Api, MockCluster, Refusal

SIDES: Sequence[Side] = ("accounts", "books")
PADDING_BYTES = 150_000
LIMIT_BYTES = 100_000
USUAL_LIMIT_BYTES = 1_048_588


RUN = "errors"
"""Their own name for every run on such brokers, each of which knows this run's topics only."""


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    """Two brokers in the test's own process: they refuse on demand."""
    topics = account_topic(RUN), page_topic(RUN), ReplayRequested.topic
    with MockCluster(dict.fromkeys(topics, PARTITIONS), brokers=2) as cluster:
        yield cluster


@pytest.fixture
def own_arena(arena: Arena, cluster: MockCluster) -> Arena:
    """Where trials take place on those brokers."""
    servers = replace(arena.servers, broker_of_the_test=cluster.bootstrap)
    return replace(arena, servers=servers, runs=lambda: RUN)


async def test_a_relay_dies_when_some_partitions_of_several_are_acknowledged(
    own_arena: Arena, cluster: MockCluster
) -> None:
    """The other partitions are led by a broker that is away: the claim is half on the bus when the relay dies."""
    api, relay, consume = in_parts("accounts")
    victim = replace(relay, failpoint="relay.partition-acknowledged")
    case = Case("4", "SIGKILL du relais, les partitions d'un courtier d'épreuve sur deux acquittées")
    async with own_arena.trial(case, api, consume, BOOKS) as trial:
        for partition in range(PARTITIONS):
            cluster.move_leader(account_topic(trial.stage.run), partition, 1 + partition % 2)
        for side in SIDES:
            cluster.move_coordinator(trial.stage.service(side).name, 1)
        await trial.commands(40)
        cluster.take_down(2)
        await trial.stage.enter(victim)
        await trial.stage.died(victim.name)
        assert await trial.witness.fetch("accounts", "SELECT 1 FROM event_archive") == []
        cluster.bring_up(2)
        await trial.goes_on(30)
    assert own_arena.lines[-1].verdict.repeats > 0


class Limit(Protocol):
    """How a broker comes to refuse a record, and what ends that."""

    arena: Arena

    async def lower(self, trial: Trial) -> None:
        """Have a large record refused."""

    async def lift(self, trial: Trial) -> None:
        """Refuse nothing any more."""


@dataclass
class TopicLimit:
    """Apache Kafka's own: the largest record that a topic takes."""

    arena: Arena

    async def lower(self, trial: Trial) -> None:
        await self._set(trial, LIMIT_BYTES)

    async def lift(self, trial: Trial) -> None:
        await self._set(trial, USUAL_LIMIT_BYTES)

    async def _set(self, trial: Trial, limit: int) -> None:
        topic = account_topic(trial.stage.run)
        changed = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(limit)})
        admin = AIOKafkaAdminClient(bootstrap_servers=self.arena.servers.bootstrap)
        await admin.start()
        try:
            await admin.alter_configs([changed])
        finally:
            await admin.close()


@dataclass
class OneRefusal:
    """librdkafka's brokers have no limit: they refuse the next batch, whosever it is."""

    arena: Arena
    cluster: MockCluster

    async def lower(self, trial: Trial) -> None:
        self.cluster.refuse_next(Api.PRODUCE, Refusal.MESSAGE_TOO_LARGE)

    async def lift(self, trial: Trial) -> None:
        """Nothing holds."""


@pytest.fixture
def limit(request: pytest.FixtureRequest, arena: Arena) -> Limit:
    if arena.servers.lane == "apache":
        return TopicLimit(arena)
    return OneRefusal(request.getfixturevalue("own_arena"), request.getfixturevalue("cluster"))


async def test_a_record_too_large_is_held_with_its_aggregate_until_the_limit_is_lifted(limit: Limit) -> None:
    """In the middle of a bucket that flows. Then it leaves first: the bus's order is the checker's."""
    case = Case("6", "le courtier refuse un fait trop gros ; limite levée, renvoi par l'exploitant")
    async with limit.arena.trial(case, ACCOUNTS, BOOKS) as trial:
        await trial.commands(20)
        refused = await eventually(lambda: large_commands_until_one_is_refused(trial, limit), seconds=30)
        ill = {UUID(fact["aggregate_id"]) for _, fact in refused}
        for account in ill:
            await trial.load.send(2, [account])
        await trial.flows_beside(ill)
        for side, fact in refused:
            assert await sent_from(trial, side, fact) == 0
        await limit.lift(trial)
        trial.healed()
        for side, fact in refused:
            await trial.operator.retry(side, fact["event_id"])
        await trial.commands(10)
        await trial.recovered()
        assert [await trial.operator.quarantined(side) for side in SIDES] == [[], []]


Refused = list[tuple[Side, dict[str, Any]]]


async def large_commands_until_one_is_refused(trial: Trial, limit: Limit) -> Refused:
    """Send one, wait a little for the refusal; return what was refused, of either service."""
    await limit.lower(trial)
    await trial.load.send(1, [uuid4()], padding=os.urandom(PADDING_BYTES).hex())

    async def refused() -> Refused:
        return [(side, fact) for side in SIDES for fact in await trial.operator.quarantined(side)]

    with suppress(AssertionError):
        return await eventually(refused, awaited="a refusal", seconds=1)
    return []


async def sent_from(trial: Trial, side: Side, fact: dict[str, Any]) -> int:
    """Return how many facts of an aggregate left from this one on."""
    query = "SELECT 1 FROM event_archive WHERE topic = $1 AND aggregate_id = $2 AND sequence >= $3"
    return len(await trial.witness.fetch(side, query, fact["topic"], fact["aggregate_id"], fact["sequence"]))


async def replicas_are_missing(trial: Trial, cluster: MockCluster) -> None:
    for _ in range(4):
        cluster.refuse_next(Api.PRODUCE, *[Refusal.NOT_ENOUGH_REPLICAS] * 5, *[Refusal.REQUEST_TIMED_OUT] * 2)
        cluster.refuse_next(Api.PRODUCE, *[Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND] * 3)
        await trial.commands(20)
    told = "NotEnoughReplicasError", "NotEnoughReplicasAfterAppendError", "RequestTimedOutError"

    def each_was_met() -> bool:
        logs = trial.stage.log(ACCOUNTS.name) + trial.stage.log(BOOKS.name)
        return all(error in logs for error in told)

    await eventually(each_was_met, awaited="each error met by one relay or the other")


async def leaders_move(trial: Trial, cluster: MockCluster) -> None:
    for broker in (2, 1, 2, 1):
        for topic in (account_topic(trial.stage.run), page_topic(trial.stage.run)):
            for partition in range(PARTITIONS):
                cluster.move_leader(topic, partition, broker)
        cluster.refuse_next(Api.PRODUCE, *[Refusal.NOT_LEADER_OR_FOLLOWER] * 3)
        cluster.refuse_next(Api.FETCH, *[Refusal.NOT_LEADER_OR_FOLLOWER] * 3)
        await trial.commands(20)


async def coordinators_move(trial: Trial, cluster: MockCluster) -> None:
    for broker in (2, 1):
        for side in SIDES:
            cluster.move_coordinator(trial.stage.service(side).name, broker)
        cluster.refuse_next(
            Api.FIND_COORDINATOR, Refusal.COORDINATOR_NOT_AVAILABLE, Refusal.COORDINATOR_LOAD_IN_PROGRESS
        )
        cluster.refuse_next(Api.OFFSET_COMMIT, *[Refusal.NOT_COORDINATOR] * 2)
        cluster.refuse_next(Api.HEARTBEAT, Refusal.REBALANCE_IN_PROGRESS, Refusal.COORDINATOR_NOT_AVAILABLE)
        await trial.commands(20)


ERRORS: dict[str, Callable[[Trial, MockCluster], Awaitable[None]]] = {
    "répliques insuffisantes, délais dépassés": replicas_are_missing,
    "chefs de partition déplacés": leaders_move,
    "coordinateurs de groupe déplacés": coordinators_move,
}


@pytest.mark.parametrize(("done", "play"), ERRORS.items(), ids=ERRORS)
async def test_errors_that_pass_are_transparent(
    own_arena: Arena, cluster: MockCluster, done: str, play: Callable[[Trial, MockCluster], Awaitable[None]]
) -> None:
    async with own_arena.trial(
        Case("9", f"erreurs du courtier d'épreuve en charge : {done}"), ACCOUNTS, BOOKS
    ) as trial:
        await trial.commands(20)
        await play(trial, cluster)
        await trial.goes_on()
        assert [await trial.operator.quarantined(side) for side in SIDES] == [[], []]
