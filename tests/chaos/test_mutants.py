"""The checker, armed: it holds on the mechanism as it is, and turns red on every build that lacks a protection.

Each scenario is played twice, once on the mechanism and once on the mutant, so that what turns the checker red is the
missing protection and nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import getsource
from uuid import uuid4

import pytest

from chaos.checker import Kind
from chaos.load import Habits
from chaos.mutants import MUTANTS
from chaos.report import Line
from chaos.scenarios import an_early_transaction_locks_late
from chaos.stage import ACCOUNTS, BOOKS, Role, in_parts
from chaos.trial import Arena, Case, Trial, replace_in
from common.testing.awaiting import eventually

PATIENCE_SECONDS = 4.0
"""For a broken build: everything that could still move has come back by then, and a look takes a moment."""
POISON = 77
API, RELAY, CONSUME = in_parts("accounts")
READING = Role("books", "consume")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens, to whom, and what must then be wrong with the mutant."""

    mutant: str
    victim: Role
    cast: tuple[Role, ...]
    play: Callable[[Trial, Role], Awaitable[None]]
    finds: Kind


async def flow(trial: Trial, count: int = 40) -> None:
    async with trial.load.flowing():
        await trial.commands(count)


async def everything_comes_again(trial: Trial, _: Role) -> None:
    await flow(trial)
    await trial.rests()
    await trial.operator.replay("accounts")
    await trial.rests()


async def everything_comes_again_after_the_inbox_forgot(trial: Trial, _: Role) -> None:
    await flow(trial)
    await trial.rests()
    await trial.forget_inbox("books")
    await trial.operator.replay("accounts")
    await trial.rests()


async def the_reader_dies_before_its_commit(trial: Trial, victim: Role) -> None:
    """Each account has one event: none that follows would show the hole."""
    for _ in range(8):
        await trial.load.send(1, [uuid4()])
    await eventually(lambda: trial.has_left("accounts"))
    await trial.stage.enter(replace(victim, failpoint="transaction.written"))
    await trial.stage.died(victim.name)
    await trial.stage.answers(victim.name)


async def several_relays_race(trial: Trial, victim: Role) -> None:
    """Where there are buckets, each of the three has some."""
    others = [replace(victim, replica=replica) for replica in (2, 3)]
    await trial.stage.enter(*others)
    for relay in (victim, *others):
        await trial.stage.answers(relay.name)
    await flow(trial, 200)


async def a_slow_transaction_commits_a_lower_place(trial: Trial, _: Role) -> None:
    slow = Role("accounts", "api", replica=2, failpoint="transaction.written:SIGSTOP:1")
    await trial.stage.enter(slow)
    late = asyncio.ensure_future(trial.load.send(1, [uuid4()], api=trial.stage.api(slow.name)))
    await trial.stage.frozen(slow.name)
    await trial.load.send(2, [uuid4()], api=trial.stage.api(API.name))
    await eventually(lambda: trial.has_left("accounts"))
    trial.stage.thaw(slow.name)
    await late


async def an_early_transaction(trial: Trial, _: Role) -> None:
    await an_early_transaction_locks_late(trial)


async def commands_meet_on_one_account(trial: Trial, _: Role) -> None:
    await flow(trial, 150)


async def an_event_fails_until_its_reader_is_mended(trial: Trial, victim: Role) -> None:
    account = uuid4()
    for amount in (1, POISON, 2):
        await trial.load.send(amount, [account])
        await eventually(lambda: trial.has_left("accounts"))
    await eventually(lambda: trial.taken_charge("books"))
    await trial.stage.leave(victim.name)
    await trial.stage.enter(replace(victim, environment={}))
    [failed] = [event for event in await trial.operator.parked("books") if event["why"] == "failed"]
    await trial.operator.redrive("books", failed["event_id"])


async def the_relay_dies_before_it_sends(trial: Trial, victim: Role) -> None:
    await trial.load.send(1, [uuid4()])
    await trial.stage.enter(replace(victim, failpoint="relay.claimed"))
    await trial.stage.died(victim.name)
    await trial.stage.answers(victim.name)


async def the_writer_dies_after_its_commit(trial: Trial, victim: Role) -> None:
    await trial.load.send(1, [uuid4()])
    await trial.stage.died(victim.name)
    await trial.stage.answers(victim.name)
    await flow(trial, 5)


WRITING = (API, RELAY, CONSUME)
SHARING = replace(RELAY, environment={"CHAOS_RELAY_MAX_BUCKETS": "6"})
SCENARIOS = [
    Scenario("dedup-off", BOOKS, (ACCOUNTS, BOOKS), everything_comes_again, "doubled"),
    Scenario("mark-ignored", BOOKS, (ACCOUNTS, BOOKS), everything_comes_again_after_the_inbox_forgot, "doubled"),
    Scenario(
        "offset-before-commit", READING, (ACCOUNTS, Role("books", "relay")), the_reader_dies_before_its_commit, "lost"
    ),
    Scenario("skip-locked", SHARING, (API, SHARING, CONSUME, BOOKS), several_relays_race, "disordered"),
    Scenario("id-cursor", RELAY, (*WRITING, BOOKS), a_slow_transaction_commits_a_lower_place, "lost"),
    Scenario("xid-cursor", RELAY, (*WRITING, BOOKS), an_early_transaction, "disordered"),
    Scenario("event-before-lock", API, (*WRITING, BOOKS), commands_meet_on_one_account, "disordered"),
    Scenario(
        "successor-applied",
        replace(BOOKS, environment={"CHAOS_REFUSES": str(POISON)}),
        (ACCOUNTS, replace(BOOKS, environment={"CHAOS_REFUSES": str(POISON)})),
        an_event_fails_until_its_reader_is_mended,
        "lost",
    ),
    Scenario("ledger-before-acknowledgement", RELAY, (API, CONSUME, BOOKS), the_relay_dies_before_it_sends, "lost"),
    Scenario(
        "two-writes",
        replace(API, failpoint="transaction.committed"),
        (replace(API, failpoint="transaction.committed"), RELAY, CONSUME, BOOKS),
        the_writer_dies_after_its_commit,
        "lost",
    ),
]


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "broken"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.mutant)
async def test_the_checker_turns_red_when_a_protection_is_missing(
    arena: Arena, scenario: Scenario, broken: bool
) -> None:
    mutant = MUTANTS[scenario.mutant]
    victim = replace(scenario.victim, mutant=scenario.mutant) if broken else scenario.victim
    case = Case(scenario.mutant, mutant.lacks)
    habits = Habits(accounts=4, per_second=120)
    async with arena.running(case, *replace_in(scenario.cast, victim), habits=habits) as trial:
        trial.patience = PATIENCE_SECONDS if broken else trial.patience
        await scenario.play(trial, victim)
        verdict = await trial.verdict()
    if broken:
        arena.mutants.append(Line(scenario.mutant, mutant.lacks, verdict, None))
        assert verdict.count(scenario.finds), f"the checker did not see it: {verdict}"
    else:
        assert verdict.holds, verdict.findings[:10]


@pytest.mark.parametrize("name", MUTANTS)
def test_every_edit_finds_its_text(name: str) -> None:
    """The mechanism may change; a mutant that no longer changes anything would prove nothing."""
    sources: dict[str, str] = {}
    for edit in MUTANTS[name].edits:
        source = sources.get(edit.module) or getsource(import_module(edit.module))
        sources[edit.module] = edit.on(source)


def test_every_mutant_has_its_scenario() -> None:
    assert {scenario.mutant for scenario in SCENARIOS} == MUTANTS.keys()
