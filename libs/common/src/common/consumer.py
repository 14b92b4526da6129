"""The event door: reads batches from the broker, applies each in one transaction, then commits the offset.

A transient fault (database away, lock, disk) is retried in place. A permanent one is isolated by halving the batch,
and the event at fault is parked with everything behind it of its aggregate; other aggregates flow on.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import chain, repeat
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from common import event_gaps
from common.db import Database
from common.events import Envelope, Received
from common.faults import is_transient, took_too_long
from common.inbox import EffectFailed, Inbox
from common.progress import CountsRebalances, Progress
from common.remade_logs import RemadeLogs
from common.transaction import Actor
from common.unreadable import Unreadable, keep
from common.waiting import first_of, within
from common.watchdog import Watchdog

_BATCH_RECORDS = 500
_POLL_MS = 500
_SILENCE_MS = 10_000
_STOP_DEADLINE_SECONDS = 5.0
_SESSION_TIMEOUT_SECONDS = 10
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_GAP_PATIENCE_SECONDS = 10.0
_SLOW_TRIES = 10
"""How often one event may take too long before it is set aside: a database that is slow for a while is forgiven."""

log = structlog.get_logger(__name__)


class Consumer:
    """One consumer process of a service. More of them than partitions would idle, and be ended by their watchdog."""

    def __init__(
        self,
        database: Database,
        inbox: Inbox,
        *,
        bootstrap: str,
        session_timeout_seconds: int = _SESSION_TIMEOUT_SECONDS,
        watchdog: Watchdog | None = None,
        gap_patience_seconds: float = _GAP_PATIENCE_SECONDS,
        slow_tries: int = _SLOW_TRIES,
    ) -> None:
        self._database = database
        self._inbox = inbox
        self._bootstrap = bootstrap
        self._watchdog = watchdog
        self._gap_patience = gap_patience_seconds
        self._session_timeout_ms = session_timeout_seconds * 1_000
        self._logs = RemadeLogs()
        self.progress = Progress(inbox.consumer)
        self._actor = Actor(subject=f"service:{inbox.consumer}")
        self._slow_tries = slow_tries
        self._slow: Counter[UUID] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop. A broken client is thrown away and made anew."""
        while not stop.is_set():
            client = self._new_client()
            client.subscribe(self._inbox.topics(), listener=CountsRebalances(self._inbox.consumer))
            try:
                await client.start()
                self.progress.attach(client)
                await self._poll(client, stop)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("consumer_interrupted", error=f"{type(error).__name__}: {error}")
                self._beat()  # a broker that is away is not a consumer that hangs
                await first_of(stop, seconds=1.0)
            finally:
                self.progress.attach(None)
                await within(_STOP_DEADLINE_SECONDS, client.stop())

    def _new_client(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._inbox.consumer,  # and no group_instance_id: see docs/decisions/0018
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=self._session_timeout_ms,
            # Joining may take the group as long as a session; anything silent longer is a link that is dead.
            request_timeout_ms=self._session_timeout_ms + _SILENCE_MS,
            heartbeat_interval_ms=self._session_timeout_ms // 10,
            max_poll_interval_ms=300_000,
            metadata_max_age_ms=10_000,
        )

    async def _poll(self, client: AIOKafkaConsumer, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time() + self._gap_patience
        while not stop.is_set():
            batches = await client.getmany(timeout_ms=_POLL_MS, max_records=_BATCH_RECORDS)
            records = [record for batch in batches.values() for record in batch]
            await self.progress.polled(records)
            if records and await self._settle(records, stop):
                await self._commit(client, batches)
                self._logs.settled(batches)
            if not stop.is_set():
                await self.progress.settled(records)
            if records or (self.progress.partitions and self.progress.unread == 0):
                self._beat()
            if loop.time() >= look_at:
                look_at = loop.time() + self._gap_patience
                await self._ask_for_missing()
                await self._read_remade_logs(client)

    async def _settle(self, records: Sequence[ConsumerRecord], stop: asyncio.Event) -> bool:
        """Apply or park every record, retrying through transient faults; False when told to stop before that."""
        readable, unreadable = self._decode(records)
        for pause in chain(_RETRY_SECONDS, repeat(_RETRY_SECONDS[-1])):
            try:
                await self._keep_unreadable(unreadable)
                await self._process(readable)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("consumer_retries", error=f"{type(error).__name__}: {error}", pause_seconds=pause)
                self._beat()
                await first_of(stop, seconds=pause)
                if stop.is_set():
                    return False
            else:
                self._slow.clear()
                return True
        return False

    def _decode(self, records: Sequence[ConsumerRecord]) -> tuple[list[Received], list[Unreadable]]:
        readable: list[Received] = []
        unreadable: list[Unreadable] = []
        for record in records:
            try:
                envelope = Envelope.from_headers(record.topic, record.headers)
            except ValueError as error:
                place = (record.topic, record.partition, record.offset)
                unreadable.append(Unreadable(*place, record.key, record.headers, record.value, str(error)))
            else:
                readable.append(self._inbox.parse(envelope, record.value or b""))
        return readable, unreadable

    async def _process(self, batch: Sequence[Received]) -> None:
        """Apply a batch in one transaction; on a permanent fault halve it until the event at fault stands alone."""
        if not batch:
            return
        try:
            async with self._database.transaction(self._actor) as tx:
                decision = await self._inbox.apply(tx, batch)
        except Exception as error:
            if is_transient(error) and not self._must_be_isolated(error, batch):
                raise
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._process(batch[:middle])
                await self._process(batch[middle:])
            else:
                failure = error if isinstance(error, EffectFailed) else EffectFailed(batch[0], error)
                await self._set_aside(batch[0], failure)
            return
        self.progress.count("applied", len(decision.ready))
        self.progress.count("parked", len(decision.parked))
        fresh = len(decision.ready) - len(decision.released) + len(decision.parked)
        self.progress.count("repeated", len(batch) - fresh)

    def _must_be_isolated(self, error: Exception, batch: Sequence[Received]) -> bool:
        """Tell whether a statement that took too long calls for less: half the batch, in the end all but one event."""
        if not took_too_long(error):
            return False
        if len(batch) == 1:
            self._slow[batch[0].envelope.event_id] += 1
        return len(batch) > 1 or self._slow[batch[0].envelope.event_id] >= self._slow_tries

    async def _set_aside(self, received: Received, failure: EffectFailed) -> None:
        """Park the event at fault. When it was one that waited behind a gap, the one that filled the gap goes on."""
        culprit = failure.event
        async with self._database.transaction(self._actor) as tx:
            await self._inbox.park_failed(tx, failure)
        self.progress.count("parked", 1)
        log.error(
            "event_parked",
            event_id=str(culprit.envelope.event_id),
            event_type=culprit.envelope.type,
            aggregate_id=str(culprit.envelope.aggregate_id),
            fault=failure.fault,
        )
        if culprit is not received:
            await self._process([received])

    async def _keep_unreadable(self, unreadable: Sequence[Unreadable]) -> None:
        if not unreadable:
            return
        async with self._database.transaction(self._actor) as tx:
            for item in unreadable:
                await keep(tx, self._inbox, item)
        self.progress.count("unreadable", len(unreadable))

    async def _commit(self, client: AIOKafkaConsumer, batches: dict[TopicPartition, list[ConsumerRecord]]) -> None:
        """Commit the offsets after the database has; a failure only means that the inbox will skip some repeats."""
        offsets = {partition: batch[-1].offset + 1 for partition, batch in batches.items() if batch}
        try:
            await client.commit(offsets)
        except KafkaError as error:
            log.warning("offset_commit_failed", error=f"{type(error).__name__}: {error}")

    async def _ask_for_missing(self) -> None:
        try:
            async with self._database.transaction(self._actor) as tx:
                asked = await event_gaps.ask(tx, self._inbox, self._gap_patience)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("gap_check_postponed", error=type(error).__name__)
        else:
            if asked:
                log.warning("missing_events_asked_for", aggregates=asked)

    async def _read_remade_logs(self, client: AIOKafkaConsumer) -> None:
        try:
            remade = await self._logs.read_again(client)
        except (KafkaError, TimeoutError) as error:
            log.warning("log_check_postponed", error=type(error).__name__)
        else:
            if remade:
                log.warning("logs_made_anew", partitions=sorted(f"{one.topic}/{one.partition}" for one in remade))

    def _beat(self) -> None:
        if self._watchdog:
            self._watchdog.beat()
