"""Each process speaks for its own health, and ends without losing what it is at."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from common.consumer import Consumer
from common.database_sessions import session_name
from common.identifiers import new_id
from common.probes import Probes, SelfReport, consumer_follows, mails_leave, probe_app, relay_sends
from common.relay import Relay
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer
from common.testing.plugin import Assemble
from common.transaction import Actor, Read

from .notebook.app import service_with
from .notebook.bus import consumer_of, deliver_again, has_read_everything, relay_of
from .notebook.contracts import written_on
from .notebook.effects import Reader, publish, story
from .notebook.letters import letters, mailed
from .notebook.mortal_broker import TOPIC, MortalBroker
from .notebook.processes import notebook_process
from .notebook.silence import silent_server
from .test_consumer import Severed, send, stories
from .test_refusals import assert_problem
from .test_relay import is_drained, ledger_is_ready

LIMIT = 0.5
"""Seconds: what a test calls late."""
OPERATOR = Actor("operator")


class Probed:
    """What a process with one part answers on its own port."""

    def __init__(self, service: ServiceUnderTest) -> None:
        self.probes = Probes("notebook", service.runtime.database, loop_lag_limit_seconds=LIMIT)
        self._app = probe_app(self.probes)

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://probe") as client:
            return await client.get(path)

    async def is_ready(self) -> bool:
        return (await self.get("/health/ready")).status_code == 200

    async def refuses(self, words: str) -> bool:
        """Tell whether the process says that it is not ready, for this reason."""
        response = await self.get("/health/ready")
        return response.status_code == 503 and words in response.json()["detail"]

    async def says(self, name: str) -> Any:
        """Return one figure that the process shows of itself, ready or not."""
        answer = (await self.get("/health/ready")).json()
        return answer.get("figures", answer)[name]

    async def figure(self, name: str, **labels: str) -> float:
        """Return one figure of the process's metrics."""
        families = text_string_to_metric_families((await self.get("/metrics")).text)
        samples = [sample for family in families for sample in family.samples]
        [value] = [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]
        return value


def probed_relay(service: ServiceUnderTest, broker: str, *, limit: float = LIMIT) -> tuple[Relay, Probed]:
    relay, probed = relay_of(service, broker), Probed(service)
    probed.probes.require(relay_sends(relay, limit))
    return relay, probed


def probed_consumer(service: ServiceUnderTest, broker: str, topic: str, reader: Reader) -> tuple[Consumer, Probed]:
    consumer, probed = consumer_of(service, broker, topic, reader), Probed(service)
    probed.probes.require(consumer_follows(consumer.progress, 2.0))
    return consumer, probed


async def test_a_relay_is_not_ready_while_its_broker_is_away(notebook: ServiceUnderTest, mortal: MortalBroker) -> None:
    relay, probed = probed_relay(notebook, mortal.bootstrap)
    fact = written_on(TOPIC)
    assert await probed.refuses("n'a de session ouverte")
    async with running(relay.run):
        await eventually(probed.is_ready)
        assert await probed.figure("coorace_relay_buckets") == await probed.says("buckets_held") == 16
        await publish(notebook, *story(fact, ["before"]))
        await eventually(lambda: is_drained(notebook))
        mortal.kill()
        await publish(notebook, *story(fact, ["a"]))
        await eventually(lambda: probed.refuses("n'a de session ouverte"))
        assert await probed.figure("coorace_relay_buckets") == 0
        assert (await probed.get("/health/live")).status_code == 200
        mortal.start()
        await eventually(probed.is_ready, seconds=40)
        await eventually(lambda: is_drained(notebook))


@asynccontextmanager
async def ledger_held_shut(service: ServiceUnderTest) -> AsyncIterator[None]:
    """Keep a relay in the middle of its work: what it sends cannot leave the outbox."""
    async with service.runtime.database.transaction(OPERATOR) as tx:
        await tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('event_archive'))"))
        yield


async def test_a_relay_answers_for_its_own_buckets_only(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    relay, probed = probed_relay(notebook, broker)
    stand_by, probed_stand_by = probed_relay(notebook, broker)
    async with running(relay.run):
        await eventually(lambda: ledger_is_ready(notebook))
        async with running(stand_by.run):
            await eventually(probed_stand_by.is_ready)
            async with ledger_held_shut(notebook):
                await publish(notebook, *story(written_on(topic), ["a"]))
                await eventually(lambda: probed.refuses("attend depuis"))
                assert await probed_stand_by.is_ready()
            await eventually(probed.is_ready)


async def test_what_the_broker_refused_is_for_ops_and_not_for_the_relay(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    """The same for what is sent again: it is old by nature."""
    relay, probed = probed_relay(notebook, broker, limit=60)
    aggregate, replayed = new_id(), new_id()
    fact = written_on(topic)
    await publish(notebook, *story(fact, ["refused", "behind"], aggregate), *story(fact, ["again"], replayed))
    async with notebook.runtime.database.transaction(OPERATOR) as tx:
        await tx.session.execute(text("UPDATE event_outbox SET recorded_at = recorded_at - interval '1 hour'"))
        await tx.session.execute(
            text("UPDATE event_outbox SET quarantined_at = now() WHERE aggregate_id = :id AND sequence = 1"),
            {"id": aggregate},
        )
        await tx.session.execute(
            text("UPDATE event_outbox SET replayed = true WHERE aggregate_id = :id"), {"id": replayed}
        )
    relay.held = tuple(range(16))
    assert await probed.is_ready()
    assert await probed.figure("coorace_outbox_oldest_seconds") > 3_000
    async with notebook.runtime.database.transaction(OPERATOR) as tx:
        await tx.session.execute(text("UPDATE event_outbox SET quarantined_at = NULL"))
    assert await probed.refuses("attend depuis 36")


async def test_a_consumer_is_not_ready_while_it_cannot_write_what_it_read(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    fact, reader = written_on(topic), Severed(cuts=0)
    consumer, probed = probed_consumer(notebook, broker, topic, reader)
    assert await probed.refuses("aucune partition")
    assert await probed.says("lag_events") is None
    async with running(consumer.run):
        await eventually(probed.is_ready)
        await send(notebook, broker, *story(fact, ["a"]))
        await eventually(lambda: has_read_everything(broker, topic))
        assert await probed.figure("coorace_consumer_lag_seconds", consumer=topic) == 0
        reader.cuts = 10**6
        await send(notebook, broker, *story(fact, ["b"]))
        await eventually(lambda: probed.refuses("fait non appliqué"))
        assert await probed.figure("coorace_consumer_lag_seconds", consumer=topic) > 2
        assert await probed.figure("coorace_consumer_lag_events", consumer=topic) == 1
        assert await probed.says("lag_seconds") > 2
        assert await probed.says("lag_events") == 1
        reader.cuts = 0
        await eventually(probed.is_ready)
        assert (
            await probed.figure("coorace_consumer_lag_events", consumer=topic) == await probed.says("lag_events") == 0
        )
    assert await probed.refuses("aucune partition")


async def test_a_consumer_that_the_broker_no_longer_answers_is_not_ready(
    notebook: ServiceUnderTest, mortal: MortalBroker
) -> None:
    consumer, probed = probed_consumer(notebook, mortal.bootstrap, TOPIC, Reader())
    async with running(consumer.run):
        await eventually(probed.is_ready)
        mortal.kill()
        await eventually(lambda: probed.refuses("Le bus"))
        mortal.start()
        await eventually(probed.is_ready, seconds=60)


async def test_repeats_and_rebalances_are_counted(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    consumer, probed = probed_consumer(notebook, broker, topic, Reader())
    await send(notebook, broker, *stories(written_on(topic), [new_id() for _ in range(5)], 2))
    async with running(consumer.run):
        await eventually(lambda: has_read_everything(broker, topic))
        for _ in range(2):
            await deliver_again(broker, topic)
            await eventually(lambda: has_read_everything(broker, topic))
    assert await probed.figure("coorace_events_consumed_total", consumer=topic, outcome="applied") == 10
    assert await probed.figure("coorace_events_consumed_total", consumer=topic, outcome="repeated") == 10 + 20
    assert await probed.says("repeated_events") == 10 + 20
    assert await probed.figure("coorace_consumer_rebalances_total", consumer=topic) == 1


async def test_the_age_of_an_open_transaction_is_seen(notebook: ServiceUnderTest) -> None:
    probed = Probed(notebook)
    assert await probed.figure("coorace_oldest_transaction_seconds") < LIMIT

    async def is_old() -> bool:
        return await probed.figure("coorace_oldest_transaction_seconds") > LIMIT

    async with notebook.runtime.database.transaction(OPERATOR) as tx:
        await tx.session.execute(text("SELECT 1"))
        await eventually(is_old)


def block_the_loop(seconds: float) -> None:
    time.sleep(seconds)


async def test_a_loop_that_was_blocked_is_seen_after_the_fact(notebook: ServiceUnderTest) -> None:
    probed = Probed(notebook)
    beating = asyncio.ensure_future(probed.probes.loop_lag.run())
    try:
        assert await probed.is_ready()
        block_the_loop(2 * LIMIT)
        assert await probed.refuses("boucle d'événements")
        assert await probed.figure("coorace_loop_lag_seconds") >= LIMIT
        assert (await probed.get("/health/live")).status_code == 200
    finally:
        beating.cancel()


@asynccontextmanager
async def cut_from_its_database(service: ServiceUnderTest, postgres_url: str) -> AsyncIterator[None]:
    """Close a database to everybody while the block lasts."""
    name = urlsplit(service.runtime.settings.database_url).path[1:]
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        yield
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        await admin.close()


async def ready(service: ServiceUnderTest) -> httpx.Response:
    async with service.client() as client:
        return await client.get("http://test/notebook/health/ready")


async def test_without_its_database_nothing_is_ready_and_everything_is_when_it_is_back(
    notebook: ServiceUnderTest, postgres_url: str
) -> None:
    probed = Probed(notebook)
    async with cut_from_its_database(notebook, postgres_url):
        assert_problem(await ready(notebook), 503, "not_ready")
        assert await probed.refuses("La base ne répond pas")
        assert (await probed.get("/health/live")).status_code == 200
        assert math.isnan(await probed.figure("coorace_outbox_rows"))
        assert await probed.figure("coorace_loop_lag_seconds") >= 0
    assert (await ready(notebook)).status_code == 200
    assert await probed.is_ready()
    assert await probed.figure("coorace_outbox_rows") == 0


async def test_a_database_that_says_nothing_is_given_up_in_time(issuer: TestIssuer, tmp_path: Path) -> None:
    async with silent_server() as address, asyncio.timeout(10):
        url = f"postgresql://nobody@{address}/nothing"
        async with assembled(service_with(), url, issuer, tmp_path) as service:
            started = time.monotonic()
            assert_problem(await ready(service), 503, "not_ready")
            assert time.monotonic() - started < 3


async def test_readiness_does_not_queue_behind_the_work(assemble: Assemble) -> None:
    service = await assemble(service_with(), database_pool_size=1)
    async with service.runtime.database.transaction(OPERATOR) as tx:
        await tx.session.execute(text("SELECT 1"))
        assert (await ready(service)).status_code == 200


async def test_the_api_answers_for_itself_alone(notebook: ServiceUnderTest) -> None:
    async def always_late(_: Read) -> str:
        return "Toujours en retard."

    notebook.runtime.probes.require(SelfReport(always_late, dict))
    assert (await ready(notebook)).status_code == 200


async def test_ops_see_who_holds_the_buckets_and_which_nobody_holds(
    notebook: ServiceUnderTest, broker: str, topic: str
) -> None:
    await publish(notebook, *(one for _ in range(40) for one in story(written_on(topic), ["a"])))

    async def outbox() -> Any:
        async with notebook.client("ops") as ops:
            return (await ops.get("/ops/events/outbox")).json()

    before = await outbox()
    assert (before["holders"], sum(free["rows"] for free in before["free"])) == ([], 40)
    async with notebook_process(notebook, "relay", broker, relay_max_buckets="12") as relay:
        await eventually(relay.is_ready)
        seen = await outbox()
        assert await relay.stop() == 0
    [holder] = seen["holders"]
    assert holder["relay"] == session_name("notebook", "relay", pid=relay.process.pid)
    assert sorted([*holder["buckets"], *(free["bucket"] for free in seen["free"])]) == list(range(16))
    assert len(holder["buckets"]) == 12
    assert [free["bucket"] for free in (await outbox())["free"]] == list(range(16))


async def test_mails_that_wait_are_seen_and_keep_no_process_from_being_ready(postal: ServiceUnderTest) -> None:
    probed, sender = Probed(postal), postal.mail_sender()
    probed.probes.require(mails_leave(sender))
    assert await probed.says("mails_waiting_oldest_seconds") == await probed.says("mails_waiting") == 0
    await mailed(postal, *letters(3))
    async with postal.runtime.database.transaction(OPERATOR) as tx:
        await tx.session.execute(text("UPDATE mail SET waiting_since = waiting_since - interval '1 hour'"))
    assert await probed.is_ready()
    assert await probed.says("mail_server") == "unknown"
    assert await probed.says("mails_waiting") == await probed.figure("coorace_mails_waiting") == 3
    assert await probed.says("mails_waiting_oldest_seconds") > 3_599
    assert await probed.figure("coorace_mails_waiting_oldest_seconds") > 3_599
    async with running(sender.run):
        await eventually(lambda: no_mail_waits(probed))
    assert await probed.says("mail_server") == "reached"
    assert await probed.figure("coorace_mails_settled_total", outcome="sent") >= 3


async def no_mail_waits(probed: Probed) -> bool:
    return await probed.says("mails_waiting") == 0


async def test_a_process_says_that_it_has_no_mail_server(notebook: ServiceUnderTest) -> None:
    async with notebook_process(notebook, "jobs") as jobs, httpx.AsyncClient() as client:
        assert (await client.get(f"{jobs.url}/health/ready")).json()["mail_server"] == "none"
        assert await jobs.stop() == 0
