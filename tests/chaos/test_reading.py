"""Cases 14 to 20 and 23: what can happen between the broker and an effect."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from chaos.bank.contracts import account_topic
from chaos.bus import copy_to_other_partitions, rewind, settled
from chaos.evidence import BROKEN
from chaos.lengths import lasting
from chaos.stage import ACCOUNTS, SESSION_TIMEOUT_SECONDS, WATCHDOG_SECONDS, in_parts
from chaos.trial import Arena, Case, Trial, replace_in
from common.outbox import bucket_of
from common.testing.awaiting import eventually
from common.watchdog import EXIT_CODE

API, RELAY, CONSUME = in_parts("books")
READING = (ACCOUNTS, API, RELAY, CONSUME)
SECOND = replace(CONSUME, replica=2)
POISON = 77
READ_AGAIN = 'coorace_events_consumed_total{.*outcome="repeated"}'
REBALANCES = "coorace_consumer_rebalances_total{.*}"

BEFORE = Case("15", "SIGKILL du lecteur avant de valider"), "transaction.written::6"
AFTER = Case("14", "SIGKILL du lecteur, base validée, position non"), "transaction.committed::6"


@pytest.mark.parametrize(("case", "point", "applied"), [(*AFTER, True), (*BEFORE, False)], ids=["14", "15"])
async def test_a_reader_dies_around_its_commit(arena: Arena, case: Case, point: str, applied: bool) -> None:
    """Its next life, which takes seconds to begin, finds the events applied, or applies them."""
    victim = replace(CONSUME, failpoint=point)
    async with arena.trial(case, *replace_in(READING, victim)) as trial:
        await trial.stage.died(victim.name)
        topic, group = trial.witness.topic("accounts"), trial.stage.service("books").name
        taken = await trial.witness.fetch("books", "SELECT count(*) FROM event_inbox WHERE topic = $1", topic)
        passed = await settled(arena.servers.bootstrap, group, topic)
        assert (taken[0]["count"] > sum(passed.values())) is applied
        await trial.goes_on(30)


@pytest.mark.full
async def test_a_frozen_reader_wakes_up_after_its_partitions_moved(arena: Arena) -> None:
    """It is stopped with its transaction open, longer than its session; its successor waits for the same events."""
    case = Case("16", "lecteur gelé, transaction ouverte, au-delà de sa session ; dégelé ensuite")
    zombie = replace(
        CONSUME, failpoint="transaction.written:SIGSTOP:6", environment={"CHAOS_CONSUMER_WATCHDOG_SECONDS": "120"}
    )
    async with arena.trial(case, *replace_in(READING, zombie), SECOND) as trial:
        await trial.stage.frozen(zombie.name)
        trial.healed()
        await trial.recovered()
        trial.stage.thaw(zombie.name)
        await trial.commands(30)
        await eventually(lambda: "consumer_retries" in trial.stage.log(zombie.name), awaited="its commit refused")
        assert trial.stage.deaths(zombie.name) == []


@pytest.mark.full
async def test_a_blocked_loop_rejoins_its_group(arena: Arena) -> None:
    seconds = SESSION_TIMEOUT_SECONDS + 3
    case = Case("17", f"boucle du lecteur bloquée {seconds} s, au-delà de sa session")
    blocked = replace(CONSUME, environment={"CHAOS_BLOCKED_SECONDS": str(seconds)})
    async with arena.trial(case, *replace_in(READING, blocked)) as trial:
        await trial.commands(20)
        await trial.recovered()
        trial.stage.block(blocked.name)
        await trial.goes_on(20)
        await eventually(lambda: joined_again(trial), awaited="its place in the group asked for again")
        assert trial.stage.deaths(blocked.name) == []


async def joined_again(trial: Trial) -> bool:
    return await trial.stage.measured(CONSUME.name, REBALANCES) > 1


@pytest.mark.full
async def test_a_reader_blocked_for_good_is_ended_by_its_watchdog(arena: Arena) -> None:
    case = Case("17", "boucle du lecteur bloquée pour toujours : le chien de garde l'arrête")
    blocked = replace(CONSUME, environment={"CHAOS_BLOCKED_SECONDS": str(100 * WATCHDOG_SECONDS)})
    async with arena.trial(case, *replace_in(READING, blocked)) as trial:
        await trial.commands(20)
        await trial.recovered()
        trial.stage.block(blocked.name)
        trial.healed()
        await trial.stage.died(blocked.name, code=EXIT_CODE)
        await trial.recovered()


@pytest.mark.full
async def test_members_that_come_and_go(arena: Arena) -> None:
    """A stranger joins the readers' group and leaves it every second; it takes partitions and reads nothing."""
    seconds = lasting(10, 120)
    case = Case("18", f"un membre du groupe arrive et part chaque seconde, {seconds:.0f} s")
    async with arena.trial(case, *READING, SECOND) as trial:
        stop = asyncio.Event()
        stranger = asyncio.ensure_future(comes_and_goes(trial, stop))
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            before = await effects(trial)
            await eventually(partial(more_effects, trial, before), awaited="progress in the midst of it")
        stop.set()
        trial.healed()
        await trial.recovered()
        again = sum([await trial.stage.measured(one.name, READ_AGAIN) for one in (CONSUME, SECOND)])
        times = await stranger
        assert times >= seconds / 10, "the embedded broker makes each newcomer wait"
        trial.note = f"{times} passages, {again:.0f} relectures"
        assert again < await effects(trial)


async def effects(trial: Trial) -> int:
    [row] = await trial.witness.fetch("books", "SELECT count(*) FROM applied")
    return int(row[0])


async def more_effects(trial: Trial, than: int) -> bool:
    return await effects(trial) > than


async def comes_and_goes(trial: Trial, stop: asyncio.Event) -> int:
    """Join and leave, again and again; return how often. The embedded broker mistakes some joins for another's."""
    times = 0
    while not stop.is_set():
        client = AIOKafkaConsumer(
            account_topic(trial.stage.run),
            bootstrap_servers=trial.stage.servers.bootstrap,
            group_id=trial.stage.service("books").name,
            enable_auto_commit=False,
            session_timeout_ms=SESSION_TIMEOUT_SECONDS * 1000,
        )
        with suppress(KafkaError):
            await client.start()
            await asyncio.sleep(1)
            times += 1
        await client.stop()
    return times


async def test_an_event_sent_again_elsewhere(arena: Arena) -> None:
    """An operator copies records to other partitions of the topic: the same events, out of their order."""
    case = Case("19", "des faits recopiés à la main dans d'autres partitions")
    async with arena.trial(case, *READING) as trial:
        await trial.commands(40)
        await trial.recovered()
        copies = await copy_to_other_partitions(arena.servers.bootstrap, trial.witness.topic("accounts"))
        trial.bus_is_kept = False  # the copies are not in the order of anything
        await trial.goes_on()
        assert copies
        await eventually(lambda: read_again(trial, copies), awaited="the copies read")
        trial.note = f"{copies} copies, toutes relues et écartées"


async def read_again(trial: Trial, times: int) -> bool:
    """Tell whether the reader has set so many repeats aside in its present life."""
    return await trial.stage.measured(CONSUME.name, READ_AGAIN) >= times


async def test_a_rule_that_fails_holds_its_aggregate_until_it_is_mended(arena: Arena) -> None:
    """The failing version sets aside; the next version is deployed; an operator redrives, in order."""
    case = Case("20", "un effet échoue ; version corrigée déployée, reprise dans l'ordre")
    failing = replace(CONSUME, environment={"CHAOS_REFUSES": str(POISON)})
    async with arena.trial(case, *replace_in(READING, failing)) as trial:
        ill = [uuid4() for _ in range(5)]
        for amount in (1, POISON, 2, 3):
            for account in ill:
                await trial.load.send(amount, [account])
        await eventually(lambda: held(trial, len(ill) * 3), awaited="the ill accounts set aside", seconds=60)
        await trial.flows_beside(set(ill))
        await trial.stage.leave(failing.name)
        await trial.stage.enter(CONSUME)
        trial.healed()
        for event in await trial.operator.parked("books"):
            if event["why"] == "failed":
                answer = await trial.operator.redrive("books", event["event_id"])
                assert answer.is_success, answer.text
        await trial.recovered()
        assert await trial.operator.parked("books") == []


async def held(trial: Trial, count: int) -> bool:
    return len(await trial.operator.parked("books")) >= count


def unreadable(account: UUID) -> dict[str, bytes]:
    """Return bodies that are sound but for one thing."""
    sound = f'{{"state": {{"id": "{account}", "balance": 1, "movements": 1}}, "token": "{account}", "amount": 1}}'
    bodies = {
        "schéma": sound.replace('"balance": 1, ', ""),
        "type": sound.replace('"amount": 1', '"amount": "un"'),
        "profondeur": sound.replace('"amount"', '"more": ' + "[" * 300 + "]" * 300 + ', "amount"'),
        "NaN": sound.replace('"amount": 1', '"amount": NaN'),
        "NUL": sound.replace('"token": "', '"token": "\0'),
        "NUL écrit": sound.replace('"token": "', '"token": "\\u0000'),
    }
    return {name: body.encode() for name, body in bodies.items()}


_UNREADABLE = """
WITH next AS (
    UPDATE event_stream SET sequence = sequence + 1 WHERE topic = $1 AND aggregate_id = $2 RETURNING sequence
)
INSERT INTO event_outbox (event_id, topic, aggregate_id, sequence, bucket, type, payload, actor, occurred_at)
SELECT gen_random_uuid(), $1, $2, sequence, $3, 'account.moved', $4, $5, now() FROM next
"""


async def commit_unreadable(trial: Trial, account: UUID, payload: bytes) -> None:
    """Do what a broken writer does: commit a fact that says nothing readable."""
    topic = trial.witness.topic("accounts")
    await trial.witness.fetch("accounts", _UNREADABLE, topic, account, bucket_of(account), payload, BROKEN)


async def test_a_payload_nobody_can_read_is_given_up_with_a_reason(arena: Arena) -> None:
    """A broken writer committed them: they are in its ledger, and will never be readable. What follows must flow."""
    case = Case("20", "des faits illisibles (schéma, type, profondeur, NaN, NUL), abandonnés avec une raison")
    async with arena.trial(case, *READING) as trial:
        ill = {name: uuid4() for name in unreadable(uuid4())}
        for name, account in ill.items():
            await trial.load.send(1, [account])
            await commit_unreadable(trial, account, unreadable(account)[name])
            await trial.load.send(2, [account])
        await eventually(lambda: held(trial, 2 * len(ill)), awaited="the ill accounts set aside", seconds=60)
        await trial.flows_beside(set(ill.values()))
        trial.healed()
        for event in await trial.operator.parked("books"):
            if event["why"] == "failed":
                answer = await trial.operator.discard("books", event["event_id"], "écrit par une version fautive")
                assert answer.is_success, answer.text
        await trial.recovered()
        assert await trial.operator.parked("books") == []


async def test_foreign_records_are_kept_and_hold_nobody_up(arena: Arena) -> None:
    case = Case("20", "des enregistrements étrangers, sans enveloppe lisible")
    async with arena.trial(case, *READING) as trial:
        await trial.commands(10)
        topic, foreign = account_topic(trial.stage.run), unreadable(uuid4()).values()
        async with AIOKafkaProducer(bootstrap_servers=trial.stage.servers.bootstrap) as producer:
            for value in foreign:
                await producer.send_and_wait(topic, value, headers=[("ce_id", b"\xff")])
        await trial.goes_on(20)
        kept = await trial.witness.fetch("books", "SELECT 1 FROM event_unreadable")
        assert len(kept) == len(foreign)


async def test_everything_comes_again_after_the_inbox_forgot(arena: Arena) -> None:
    case = Case("23", "toute l'histoire renvoyée, boîte de réception oubliée")
    async with arena.trial(case, *READING) as trial:
        await trial.commands(80)
        await trial.recovered()
        await trial.forget_inbox("books")
        trial.healed()
        await trial.operator.replay("accounts")
        await trial.commands(20)
        await trial.recovered()
    assert arena.lines[-1].verdict.repeats > 0


async def test_the_topic_is_read_from_its_beginning_after_the_inbox_forgot(arena: Arena) -> None:
    """Somebody set the group's place back to 0: the marks alone know what was applied."""
    case = Case("23", "position du lecteur remise à 0, boîte de réception oubliée")
    async with arena.trial(case, *READING) as trial:
        await trial.commands(80)
        await trial.recovered()
        await trial.stage.leave(CONSUME.name)
        await trial.forget_inbox("books")
        topic = trial.witness.topic("accounts")
        passed = await rewind(arena.servers.bootstrap, trial.stage.service("books").name, topic)
        assert passed
        await trial.stage.enter(CONSUME)
        await trial.goes_on(20)
        await eventually(lambda: read_again(trial, passed), awaited="everything read again")
        trial.note = f"{passed} faits relus et écartés"
