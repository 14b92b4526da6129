"""Cases 8 and 21, and the links: what can happen between a process and its database, and between it and the broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from chaos.faults.kafka_proxy import KafkaProxy
from chaos.faults.proxy import Proxy
from chaos.lengths import lasting
from chaos.load import Habits
from chaos.stage import ACCOUNTS, BOOKS, SESSION_TIMEOUT_SECONDS, Role, Stage, in_parts
from chaos.trial import Arena, Case, Trial, replace_in
from common.testing.awaiting import eventually

STATEMENT_SECONDS = 2
SILENCE_SECONDS = STATEMENT_SECONDS + 5
"""After so long without an answer a process gives its database's link up."""
LEFT_OPEN_SECONDS = 20
"""For so long the server keeps a transaction whose client says nothing."""
RELAY_SESSION_SECONDS = 60
"""For so long the server keeps the session of a relay that says nothing, and its hold on the buckets."""
REQUEST_SECONDS = 8
"""After so long without an answer the relay gives its broker's link up."""
AGAIN_SECONDS = 10
"""What a new connection, a place in the group and the backlog may take, with the pauses between attempts."""


@pytest.fixture
async def database(arena: Arena) -> AsyncIterator[Proxy]:
    """A link to PostgreSQL that can fail."""
    async with Proxy(urlsplit(arena.servers.postgres_url).port or 0) as link:
        yield link


@pytest.fixture
async def broker(arena: Arena) -> AsyncIterator[KafkaProxy]:
    """A link to the broker that can fail."""
    async with KafkaProxy(int(arena.servers.bootstrap.rpartition(":")[2])) as link:
        yield link


def impatient(*roles: Role) -> list[Role]:
    return [replace(role, environment={"CHAOS_DATABASE_STATEMENT_SECONDS": str(STATEMENT_SECONDS)}) for role in roles]


def by_database(whom: str, link: Proxy) -> Callable[[Stage], None]:
    return lambda stage: stage.tell(whom, database_port=link.port)


def by_broker(whom: str, link: Proxy) -> Callable[[Stage], None]:
    return lambda stage: stage.tell(whom, broker_port=link.port)


async def passes(trial: Trial, seconds: float) -> None:
    """Let a fault last, while commands are acknowledged all along."""
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        await trial.commands(20)


async def nothing_was_set_aside(trial: Trial) -> bool:
    return await trial.witness.fetch("books", "SELECT 1 FROM event_parked") == []


async def is_behind(trial: Trial) -> bool:
    return await trial.witness.behind("books", await trial.witness.streams("accounts")) > 0


STEADY = Habits(per_second=20)
"""What a reader catches up with quickly: recovery then shows when it noticed, not how fast it reads."""
API, RELAY, CONSUME = in_parts("books")
READING = (ACCOUNTS, API, RELAY, CONSUME)


async def test_the_readers_database_is_cut_off(arena: Arena, database: Proxy) -> None:
    """It waits, sets nothing aside, ends no process, and goes on by itself."""
    seconds = lasting(6, 60)
    case = Case("21", f"base du lecteur coupée {seconds:.0f} s, connexions refusées")
    async with arena.trial(case, *READING, habits=STEADY, told=by_database("books", database)) as trial:
        await trial.commands(20)
        await trial.recovered()
        database.cut()
        await passes(trial, seconds)
        assert await is_behind(trial)
        assert await nothing_was_set_aside(trial)
        await database.heal()
        await trial.goes_on()
        assert await nothing_was_set_aside(trial)
        assert not trial.stage.deaths(CONSUME.name)


@pytest.mark.full
async def test_the_readers_database_falls_silent(arena: Arena, database: Proxy) -> None:
    """For longer than it waits: new connections get no answer either, until the link heals."""
    seconds = lasting(SILENCE_SECONDS + 2, 90)
    case = Case("+", f"lien du lecteur à sa base muet {seconds:.0f} s, sans coupure")
    told = by_database("books", database)
    async with arena.trial(case, *impatient(*READING), habits=STEADY, told=told) as trial:
        await trial.commands(20)
        await trial.recovered()
        database.stall()
        await passes(trial, seconds)
        assert await is_behind(trial)
        await database.heal()
        await trial.goes_on()
        assert await nothing_was_set_aside(trial)
        assert not trial.stage.deaths(CONSUME.name)


@pytest.mark.full
async def test_the_readers_connections_to_its_database_are_forgotten(arena: Arena, database: Proxy) -> None:
    """They stay half-open for good, and nobody is told: the reader must notice by itself.

    The transaction it was in stays open on the server, which ends it a while later; its locks hold the reader up.
    """
    case = Case("+", "connexions du lecteur à sa base oubliées du pare-feu, les nouvelles passent")
    told = by_database(CONSUME.name, database)
    async with arena.trial(case, *impatient(*READING), habits=STEADY, told=told) as trial:
        await trial.commands(20)
        await trial.recovered()
        database.forget()
        await trial.goes_on()
        assert trial.recovery_seconds is not None
        assert trial.recovery_seconds < max(SILENCE_SECONDS, LEFT_OPEN_SECONDS) + AGAIN_SECONDS
        assert await nothing_was_set_aside(trial)
        assert not trial.stage.deaths(CONSUME.name)


@pytest.mark.full
@pytest.mark.parametrize("part", ["api", "relay"])
async def test_the_writers_connections_to_its_database_are_forgotten(arena: Arena, database: Proxy, part: str) -> None:
    """Half-open for good. The relay's hold its buckets until the server ends its session, 60 s later."""
    cast = in_parts("accounts")
    [victim] = [role for role in cast if role.part == part]
    case = Case("+", f"connexions de {victim.name} à sa base oubliées du pare-feu, les nouvelles passent")
    habits = Habits(per_second=20, asks_again=0.7)
    async with arena.trial(
        case, *impatient(*cast), BOOKS, habits=habits, told=by_database(victim.name, database)
    ) as trial:
        await trial.commands(20)
        await trial.recovered()
        database.forget()
        await trial.goes_on()
        assert trial.recovery_seconds is not None
        if part == "api":
            assert trial.load.left_unanswered
        else:
            assert SILENCE_SECONDS < trial.recovery_seconds < RELAY_SESSION_SECONDS + AGAIN_SECONDS
        assert not trial.stage.deaths(victim.name)


@pytest.mark.full
async def test_the_writers_database_hears_and_cannot_answer(arena: Arena, database: Proxy) -> None:
    """Commits take place and nobody learns of it: the clients cannot know, and ask again under the same key."""
    seconds = lasting(SILENCE_SECONDS + 2, 60)
    api, relay, consume = in_parts("accounts")
    case = Case("+", f"base de l'API d'écriture : réponses perdues {seconds:.0f} s, demandes reçues")
    cast = (*impatient(api), relay, consume, BOOKS)
    habits = Habits(asks_again=0.7)
    async with arena.trial(case, *cast, habits=habits, told=by_database(api.name, database)) as trial:
        await trial.commands(20)
        database.hold_answers()
        await asyncio.sleep(seconds)  # the fault's own length: no command is answered
        await database.heal()
        await trial.goes_on(20)
        assert trial.load.left_unanswered


async def test_the_answer_to_a_send_is_lost_after_the_append(arena: Arena, broker: KafkaProxy) -> None:
    """The batch is on the bus, its writer cannot know, and sends it again."""
    case = Case("8", "réponse du courtier perdue après l'écriture, dix fois")
    async with arena.trial(case, ACCOUNTS, BOOKS, told=by_broker("accounts", broker)) as trial:
        for _ in range(10):
            await trial.commands(5)
            await asyncio.wait_for(broker.lose_next_produce_answer().wait(), 30)
        await trial.goes_on()
    assert arena.lines[-1].verdict.repeats > 0


async def test_the_writers_link_to_the_broker_is_cut(arena: Arena, broker: KafkaProxy) -> None:
    seconds = lasting(4, 60)
    case = Case("+", f"lien de l'écrivain au courtier coupé {seconds:.0f} s")
    await commands_go_on_without_the_broker(arena, case, broker, broker.cut, seconds)


@pytest.mark.full
async def test_the_writers_link_to_the_broker_falls_silent(arena: Arena, broker: KafkaProxy) -> None:
    seconds = lasting(REQUEST_SECONDS + 2, 60)
    case = Case("+", f"lien de l'écrivain au courtier muet {seconds:.0f} s, sans coupure")
    await commands_go_on_without_the_broker(arena, case, broker, broker.stall, seconds)


async def commands_go_on_without_the_broker(
    arena: Arena, case: Case, broker: KafkaProxy, fails: Callable[[], None], seconds: float
) -> None:
    async with arena.trial(case, *in_parts("accounts"), BOOKS, told=by_broker("accounts", broker)) as trial:
        await trial.commands(20)
        fails()
        await passes(trial, seconds)
        assert not await trial.has_left("accounts")
        await broker.heal()
        await trial.goes_on()
        assert trial.unserved() == []


@pytest.mark.full
async def test_the_writers_connections_to_the_broker_are_forgotten(arena: Arena, broker: KafkaProxy) -> None:
    case = Case("+", "connexions de l'écrivain au courtier oubliées du pare-feu, les nouvelles passent")
    api, relay, consume = in_parts("accounts")
    async with arena.trial(case, api, relay, consume, BOOKS, told=by_broker(relay.name, broker)) as trial:
        await trial.commands(20)
        broker.forget()
        await trial.goes_on()
        assert trial.recovery_seconds is not None
        assert trial.recovery_seconds < REQUEST_SECONDS + AGAIN_SECONDS


@pytest.mark.full
async def test_the_writers_link_to_the_broker_is_slow(arena: Arena, broker: KafkaProxy) -> None:
    seconds = lasting(4, 60)
    case = Case("+", f"lien de l'écrivain au courtier : 200 ms de plus à l'aller et au retour, {seconds:.0f} s")
    async with arena.trial(case, ACCOUNTS, BOOKS, told=by_broker("accounts", broker)) as trial:
        broker.delay(0.2)
        await trial.commands(20)
        await passes(trial, seconds)
        trial.healed()
        await trial.recovered()  # with the delay: it slows and stops nothing


@pytest.mark.full
@pytest.mark.parametrize(("how", "fails"), [("muet", KafkaProxy.stall), ("coupé", KafkaProxy.cut)])
async def test_the_readers_link_to_the_broker_fails(
    arena: Arena, broker: KafkaProxy, how: str, fails: Callable[[KafkaProxy], None]
) -> None:
    """Beyond its session: the group gives its partitions away while it knows nothing of it."""
    seconds = lasting(SESSION_TIMEOUT_SECONDS + 2, 90)
    case = Case("+", f"lien du lecteur au courtier {how} {seconds:.0f} s, au-delà de sa session")
    async with arena.trial(case, *READING, habits=STEADY, told=by_broker(CONSUME.name, broker)) as trial:
        await trial.commands(20)
        await trial.recovered()
        fails(broker)
        await passes(trial, seconds)
        assert await is_behind(trial)
        await broker.heal()
        await trial.goes_on()
        assert await nothing_was_set_aside(trial)


@pytest.mark.full
async def test_the_readers_connections_to_the_broker_are_forgotten(arena: Arena, broker: KafkaProxy) -> None:
    """Its session ends without it; it notices one session and 10 s after, and joins its group again."""
    case = Case("+", "connexions du lecteur au courtier oubliées du pare-feu, les nouvelles passent")
    patient = replace(CONSUME, environment={"CHAOS_CONSUMER_WATCHDOG_SECONDS": "60"})
    cast = replace_in(READING, patient)
    async with arena.trial(case, *cast, habits=STEADY, told=by_broker(CONSUME.name, broker)) as trial:
        await trial.commands(20)
        await trial.recovered()
        broker.forget()
        await trial.goes_on()
        assert trial.recovery_seconds is not None
        assert trial.recovery_seconds < SESSION_TIMEOUT_SECONDS + 10 + AGAIN_SECONDS
        assert await nothing_was_set_aside(trial)
        assert not trial.stage.deaths(CONSUME.name)


@pytest.mark.full
async def test_of_two_readers_one_falls_silent(arena: Arena, broker: KafkaProxy) -> None:
    """The other takes its partitions over once its session has ended; it comes back with what it held in hand."""
    second = replace(CONSUME, replica=2)
    seconds = lasting(SESSION_TIMEOUT_SECONDS + 4, 90)
    case = Case("+", f"un lecteur sur deux muet {seconds:.0f} s pour le courtier ; l'autre prend ses partitions")
    told = by_broker(CONSUME.name, broker)
    async with arena.trial(case, *READING, second, habits=STEADY, told=told) as trial:
        await trial.commands(20)
        await trial.recovered()
        broker.stall()
        await trial.goes_on()  # recovery is the other's: it counts from the silence on
        await passes(trial, seconds)
        await broker.heal()
        await trial.commands(10)
        await eventually(lambda: nothing_was_set_aside(trial))
