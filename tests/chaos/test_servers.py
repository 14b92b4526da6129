"""Cases 7 and 21, and the loss of everything that Kafka holds: what can happen to the servers."""

import asyncio
from dataclasses import replace

import pytest

from chaos.bank.contracts import account_topic, page_topic
from chaos.lengths import lasting
from chaos.stage import BOOKS, SESSION_TIMEOUT_SECONDS, Role, in_parts
from chaos.trial import Arena, Case, Trial
from common.contracts.platform import ReplayRequested
from common.testing.awaiting import eventually

API, RELAY, CONSUME = in_parts("accounts")
WRITING = (API, RELAY, CONSUME, BOOKS)
STOP_SECONDS = 10.0


async def test_without_a_broker_commands_succeed(arena: Arena) -> None:
    """And a relay that is told to stop meanwhile does."""
    seconds = lasting(8, 60)
    case = Case("7", f"courtier absent {seconds:.0f} s (SIGKILL), puis relancé")
    async with arena.trial(case, *WRITING) as trial:
        await trial.commands(20)
        await trial.recovered()
        arena.servers.kill_broker()
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            await trial.commands(10)
        assert await trial.stage.leave(RELAY.name) < STOP_SECONDS
        assert trial.stage.deaths(RELAY.name) == [0]
        await trial.stage.enter(RELAY)
        await asyncio.to_thread(arena.servers.start_broker)
        if arena.servers.lane == "embedded":  # it keeps nothing
            trial.bus_is_kept = False
            await trial.operator.replay("accounts")
            await trial.operator.replay("books")
        await trial.goes_on()
        assert trial.unserved() == []


async def test_a_topic_is_made_again_under_its_reader(arena: Arena) -> None:
    """When the reader looks again, the new log has passed its place; what it never saw stands before that.

    Its session outlives the fault, unless the broker forgets all sessions: then it would be long to notice.
    """
    session = 60 if arena.servers.lane == "apache" else SESSION_TIMEOUT_SECONDS
    patience = {"CHAOS_CONSUMER_SESSION_TIMEOUT_SECONDS": str(session), "CHAOS_CONSUMER_WATCHDOG_SECONDS": "120"}
    reader = replace(BOOKS, environment=patience)
    case = Case("+", "sujet supprimé, refait et rempli au-delà de la place d'un lecteur gelé ; dégelé ensuite")
    async with arena.trial(case, API, RELAY, CONSUME, reader) as trial:
        await trial.commands(60)
        await trial.recovered()
        trial.stage.freeze(reader.name)
        await trial.stage.leave(RELAY.name)
        await arena.servers.empty_broker([account_topic(trial.stage.run)])
        trial.bus_is_kept = False
        await trial.commands(20)
        await trial.operator.replay("accounts")
        await trial.stage.enter(RELAY)
        await eventually(lambda: trial.has_left("accounts"), awaited="the new facts sent, and then the old ones")
        trial.stage.thaw(reader.name)
        await trial.goes_on()
        await eventually(lambda: noticed(trial, reader), awaited="the new log noticed")


def noticed(trial: Trial, reader: Role) -> bool:
    """Tell whether a reader has seen that a log is another one. Where the broker forgot its groups, it starts anew."""
    return "logs_made_anew" in trial.stage.log(reader.name) or trial.stage.servers.lane == "embedded"


@pytest.mark.full
async def test_the_broker_loses_everything(arena: Arena) -> None:
    """Every topic of the run is emptied under load, and the ledgers are sent again, as the runbook says."""
    async with arena.trial(Case("+", "le courtier perd tout son contenu, en charge ; puis renvoi"), *WRITING) as trial:
        await trial.commands(60)
        topics = account_topic(trial.stage.run), page_topic(trial.stage.run), ReplayRequested.topic
        await arena.servers.empty_broker(topics)
        trial.bus_is_kept = False
        trial.healed()
        await trial.operator.replay("books")
        await trial.operator.replay("accounts")
        await trial.commands(20)
        await trial.recovered()


async def test_postgres_dies(arena: Arena) -> None:
    """Both databases at once, in the middle of everything: what was acknowledged is there afterwards."""
    case = Case("21", "PostgreSQL tué (kill -9), puis relancé")
    async with arena.trial(case, *WRITING) as trial:
        for _ in range(2):
            await trial.commands(30)
            arena.servers.kill_postgres()
            await asyncio.to_thread(arena.servers.start_postgres)
        await trial.goes_on(20)
