"""Case 24: a version replaced by another, process by process and under load, and what leaves on purpose.

Clients go through the gateway, as in production: what they are answered is what people would see.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import orjson
import pytest

from chaos.bank.accounts import REFUSED_AMOUNT, AmountRefused
from chaos.evidence import Witness
from chaos.gateway import gateway
from chaos.load import Habits, Load
from chaos.operator import Operator
from chaos.stage import BOOKS, SESSION_TIMEOUT_SECONDS, Role, Side, in_parts, staged
from chaos.trial import Arena, Case, Trial
from common.testing.awaiting import eventually

AS_IN_PRODUCTION = {"CHAOS_DRAIN_SECONDS": "3", "CHAOS_CONSUMER_WATCHDOG_SECONDS": "120"}
"""The gateway sees within two seconds that an API is about to go; nobody ends a reader that is merely slow."""
STOP_SECONDS = 10.0
_HABITS = Habits(per_second=40, asks_again=0)
_TURNS = 6
"""How often the one version must follow the other: a version that takes over from another makes one turn."""
_VERSIONS = "SELECT payload FROM event_archive WHERE topic = $1 AND position > $2 ORDER BY position"
_LAST_POSITION = "SELECT coalesce(max(position), 0) FROM event_archive WHERE topic = $1"
_SET_ASIDE = "SELECT (SELECT count(*) FROM event_parked) + (SELECT count(*) FROM event_unreadable)"


def accounts_of(*, next_version: bool = False) -> tuple[Role, ...]:
    """Return the writing service: two APIs behind the gateway, a relay, a reader of what the books confirm."""
    cast = in_parts("accounts")
    api, relay, consume = (replace(role, next_version=next_version, environment=AS_IN_PRODUCTION) for role in cast)
    return api, replace(api, replica=2), relay, consume


def books_of(*, next_version: bool = False) -> tuple[Role, ...]:
    """Return the reading service."""
    _, relay, consume = (replace(role, next_version=next_version) for role in in_parts("books"))
    return relay, replace(consume, environment=AS_IN_PRODUCTION)


@asynccontextmanager
async def changing(arena: Arena, case: Case, *cast: Role, migrated: bool = False) -> AsyncIterator[Trial]:
    """Run the cast under load behind a gateway; then hold it to the promise, and to having failed nobody.

    ``migrated``: the databases are at the next version's schema from the start.
    """
    async with staged(arena.runs(), arena.servers) as stage:
        if migrated:
            await stage.migrate("accounts", next_version=True)
            await stage.migrate("books", next_version=True)
        await stage.enter(*cast)
        async with gateway(stage, "accounts") as door:
            load = Load(lambda: [door], arena.servers.issuer.token("network"), _HABITS)
            trial = Trial(case, stage, load, Witness(stage, arena.servers.bootstrap), Operator(stage))
            async with load.flowing():
                yield trial
                await trial.goes_on(20)
            await arena.judge(trial)
            await nobody_was_failed(trial)


async def nobody_was_failed(trial: Trial) -> None:
    """Require that every command was done but those to refuse, that nothing was set aside, that nobody fell."""
    refused = [command for command in trial.load.sent if command.amount == REFUSED_AMOUNT]
    assert trial.unserved() == []
    assert [command for command in refused if AmountRefused.code not in command.detail] == []
    sides: tuple[Side, ...] = "accounts", "books"
    assert [await trial.witness.fetch(side, _SET_ASIDE) for side in sides] == [[(0,)], [(0,)]]
    fallen = [name for name in trial.stage.names() if any(trial.stage.deaths(name))]
    assert fallen == [], trial.stage.log(fallen[0])[-3000:]


async def both_serve(trial: Trial, side: Side) -> None:
    """Wait until both versions of a service have published in turns: neither waits for the other to be gone."""
    topic = trial.witness.topic(side)
    start = (await trial.witness.fetch(side, _LAST_POSITION, topic))[0][0]

    async def in_turns() -> bool:
        rows = await trial.witness.fetch(side, _VERSIONS, topic, start)
        versions = ["currency" in orjson.loads(row["payload"])["state"] for row in rows]
        return sum(one != other for one, other in pairwise(versions)) >= _TURNS

    await eventually(in_turns, awaited=f"both versions of {side} at work", seconds=30)


async def replaced(trial: Trial, role: Role) -> None:
    """Replace a process by another version of it, as a deployment does: the one ends, then the other starts."""
    seconds = await trial.stage.leave(role.name)
    assert seconds < STOP_SECONDS, role.name
    await trial.stage.enter(role)


async def change_accounts(trial: Trial, *, next_version: bool) -> None:
    """Bring the writing service to another version, one process after the other."""
    await trial.stage.migrate("accounts", next_version=next_version)
    await trial.commands(20)
    first, second, *others = accounts_of(next_version=next_version)
    await replaced(trial, first)
    await both_serve(trial, "accounts")
    await replaced(trial, second)
    await asyncio.gather(*(replaced(trial, role) for role in others))


async def change_books(trial: Trial, *, next_version: bool) -> None:
    """Bring the reading service to another version: the new reader joins the group before the old one leaves it."""
    await trial.stage.migrate("books", next_version=next_version)
    await trial.commands(20)
    relay, consume = books_of(next_version=next_version)
    await trial.stage.enter(replace(consume, replica=2))
    await both_serve(trial, "books")
    await asyncio.gather(trial.stage.leave(consume.name), replaced(trial, relay))
    await trial.commands(20)
    await trial.recovered()


async def test_writers_change_before_readers(arena: Arena) -> None:
    case = Case("24", "nouvelle version : les écrivains d'abord, puis les lecteurs")
    async with changing(arena, case, *accounts_of(), *books_of()) as trial:
        await change_accounts(trial, next_version=True)
        await change_books(trial, next_version=True)


@pytest.mark.full
async def test_readers_change_before_writers(arena: Arena) -> None:
    case = Case("24", "nouvelle version : les lecteurs d'abord, puis les écrivains")
    async with changing(arena, case, *accounts_of(), *books_of()) as trial:
        await change_books(trial, next_version=True)
        await change_accounts(trial, next_version=True)


@pytest.mark.full
async def test_the_version_before_comes_back(arena: Arena) -> None:
    """The code goes back; the schema stays expanded, which the version before has never heard of."""
    case = Case("24", "retour à la version d'avant, schéma élargi gardé : écrivains, puis lecteurs")
    cast = *accounts_of(next_version=True), *books_of(next_version=True)
    async with changing(arena, case, *cast, migrated=True) as trial:
        await change_accounts(trial, next_version=False)
        await change_books(trial, next_version=False)


API, SECOND_API, RELAY, CONSUME = accounts_of()
IN_ONE = Role("accounts", "all", environment=AS_IN_PRODUCTION)
STOPS = {
    "api": (API, SECOND_API, RELAY, CONSUME),
    "relay": (RELAY, replace(RELAY, replica=2), API, SECOND_API, CONSUME),
    "all": (IN_ONE, replace(IN_ONE, replica=2)),
}
"""A service where there are two of what is told to stop, which is named first."""


@pytest.mark.parametrize("cast", STOPS.values(), ids=STOPS)
async def test_what_is_told_to_stop_fails_nobody(arena: Arena, cast: tuple[Role, ...]) -> None:
    role = cast[0]
    case = Case("24", f"SIGTERM de {role.name}, un second à côté")
    async with changing(arena, case, *cast, replace(BOOKS, environment=AS_IN_PRODUCTION)) as trial:
        await trial.commands(20)
        await stops(trial, role)


async def stops(trial: Trial, role: Role) -> None:
    """Tell a process to stop; require that it ends well and in time."""
    seconds = await trial.stage.leave(role.name)
    trial.note = f"arrêt en {seconds:.1f} s".replace(".", ",")
    assert trial.stage.deaths(role.name) == [0]
    assert seconds < STOP_SECONDS


@pytest.mark.full
async def test_a_reader_told_to_stop_gives_its_seat_to_others_at_once(arena: Arena) -> None:
    """Its session is four times longer than the other one needs to go on.

    Only Apache Kafka shows it: the embedded broker makes the others wait for a session, which is short there.
    """
    leaves_at_once = arena.servers.lane == "apache"
    session = 30 if leaves_at_once else SESSION_TIMEOUT_SECONDS
    told = {**AS_IN_PRODUCTION, "CHAOS_CONSUMER_SESSION_TIMEOUT_SECONDS": str(session)}
    relay, consume = books_of()
    reader = replace(consume, environment=told)
    other = replace(reader, replica=2, next_version=True)  # of another version, so that one sees who reads
    case = Case("24", f"SIGTERM d'un lecteur sur deux (session de {session} s)")
    async with changing(arena, case, *accounts_of(), relay, reader, other, migrated=True) as trial:
        await both_serve(trial, "books")
        await stops(trial, reader)
    assert trial.recovery_seconds is not None
    assert trial.recovery_seconds < (session / 4 if leaves_at_once else 4 * session)
