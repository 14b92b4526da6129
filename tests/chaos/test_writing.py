"""Cases 1 to 3, 5 and 10 to 13: what can happen between a command and the broker."""

import asyncio
from dataclasses import replace
from statistics import median
from uuid import uuid4

import pytest
from sqlalchemy import text

from chaos.lengths import lasting
from chaos.load import Habits
from chaos.scenarios import an_early_transaction_locks_late
from chaos.stage import BOOKS, Role, in_parts
from chaos.trial import Arena, Case, Trial, replace_in
from common.outbox import BUCKETS
from common.testing.awaiting import eventually
from common.transaction import Actor

API, RELAY, CONSUME = in_parts("accounts")
WRITING = (API, RELAY, CONSUME, BOOKS)
_RELAYS_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 2828"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid"
)
RELAY_POLL_SECONDS = 0.25
"""What a relay that nothing wakes up waits between two looks: noise, for a median."""
_OPEN = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction' AND application_name LIKE '%:' || $1
"""

BEFORE = Case("1", "SIGKILL de l'API, faits écrits, rien de validé"), "transaction.written"
AFTER = Case("2", "SIGKILL de l'API, validé, relais non réveillé"), "transaction.committed"


@pytest.mark.parametrize(("case", "point", "done"), [(*BEFORE, False), (*AFTER, True)], ids=["1", "2"])
async def test_an_api_dies_around_its_commit(arena: Arena, case: Case, point: str, done: bool) -> None:
    """At work on one command, which its client does not ask for again."""
    victim = replace(API, replica=2, failpoint=point, in_service=False)
    async with arena.trial(case, *WRITING, victim, habits=Habits(asks_again=0)) as trial:
        account = uuid4()
        command = await trial.load.send(1, [account], api=trial.stage.api(victim.name))
        await trial.stage.died(victim.name)
        assert command.outcome == "unknown"
        await trial.goes_on(30)
        await eventually(lambda: trial.has_left("accounts"), awaited="everything in the ledger")
        moved = await trial.witness.fetch("accounts", "SELECT token FROM movement WHERE account_id = $1", account)
        told = await trial.witness.fetch("accounts", "SELECT 1 FROM event_archive WHERE aggregate_id = $1", account)
        assert ([row["token"] for row in moved], len(told)) == (([command.token], 1) if done else ([], 0))


async def test_a_relay_dies_between_acknowledgement_and_ledger(arena: Arena) -> None:
    case = Case("3", "SIGKILL du relais entre l'accusé et le registre")
    victim = replace(RELAY, failpoint="relay.acknowledged::8")
    async with arena.trial(case, *replace_in(WRITING, victim)) as trial:
        await trial.stage.died(victim.name)
        await trial.goes_on(30)
    assert arena.lines[-1].verdict.repeats > 0


async def test_a_frozen_relay_wakes_up_after_another_took_its_place(arena: Arena) -> None:
    """It has claimed rows and sends them again, long after they were sent by its successor."""
    case = Case("5", "relais gelé, sa session coupée, un second prend la suite ; puis dégelé")
    async with arena.trial(case, *replace_in(WRITING, replace(RELAY, failpoint="relay.claimed:SIGSTOP:8"))) as trial:
        await trial.stage.frozen(RELAY.name)
        await trial.stage.enter(replace(RELAY, replica=2))
        await trial.witness.fetch("accounts", _RELAYS_SESSIONS)
        trial.healed()
        await trial.recovered()
        trial.stage.thaw(RELAY.name)
        await trial.commands(30)
    assert arena.lines[-1].verdict.repeats > 0


async def test_a_slow_transaction_with_a_lower_place_delays_nobody(arena: Arena) -> None:
    """Not for longer than PostgreSQL leaves a silent transaction open: 20 s."""
    seconds = lasting(3, 12)
    slow = replace(API, replica=2, failpoint="transaction.written:SIGSTOP:1", in_service=False)
    async with arena.trial(
        Case("10", f"transaction lente ({seconds:.0f} s) sous un identifiant plus bas"), *WRITING
    ) as trial:
        await trial.stage.enter(slow)
        late = asyncio.ensure_future(trial.load.send(1, [uuid4()], api=trial.stage.api(slow.name)))
        await trial.stage.frozen(slow.name)
        await trial.flows_for(seconds)
        assert await is_open(trial, slow), "what flows does so while the slow one holds its place"
        trial.stage.thaw(slow.name)
        trial.healed()
        await late
        await trial.recovered()


async def is_open(trial: Trial, role: Role) -> bool:
    """Tell whether a process holds a transaction open."""
    return bool(await trial.witness.fetch("accounts", _OPEN, str(trial.stage.pid(role.name))))


async def is_closed(trial: Trial, role: Role) -> bool:
    return not await is_open(trial, role)


@pytest.mark.full
async def test_an_api_frozen_with_its_transaction_open_loses_it(arena: Arena) -> None:
    """PostgreSQL ends it after 20 s and frees what it locked; thawed, the API can only say that it failed."""
    case = Case("+", "API gelée avec sa transaction et ses verrous, au-delà des 20 s de PostgreSQL ; dégelée ensuite")
    frozen = replace(API, replica=2, failpoint="transaction.written:SIGSTOP:1", in_service=False)
    async with arena.trial(case, *WRITING, frozen, habits=Habits(asks_again=0)) as trial:
        account = uuid4()
        late = asyncio.ensure_future(trial.load.send(1, [account], api=trial.stage.api(frozen.name)))
        await trial.stage.frozen(frozen.name)
        await eventually(lambda: is_closed(trial, frozen), awaited="the transaction ended by PostgreSQL", seconds=40)
        await trial.load.send(2, [account], api=trial.stage.api(API.name))
        trial.stage.thaw(frozen.name)
        assert (await late).outcome == "unknown"
        await trial.goes_on()
        moved = await trial.witness.fetch("accounts", "SELECT amount FROM movement WHERE account_id = $1", account)
        assert [row["amount"] for row in moved] == [2]


@pytest.mark.full
async def test_a_relay_frozen_for_long_gives_its_buckets_up(arena: Arena) -> None:
    """Nobody cuts its session: PostgreSQL does, after 60 s without a word from it. Then it wakes up."""
    case = Case("5", "relais gelé au-delà de sa session (60 s), un second prend la suite ; puis dégelé")
    frozen = replace(RELAY, failpoint="relay.claimed:SIGSTOP:8")
    async with arena.trial(case, *replace_in(WRITING, frozen)) as trial:
        await trial.stage.frozen(frozen.name)
        await trial.stage.enter(replace(RELAY, replica=2))
        await trial.goes_on()
        trial.stage.thaw(frozen.name)
        await trial.commands(30)
    assert arena.lines[-1].verdict.repeats > 0


async def test_an_early_transaction_that_locks_late_comes_second(arena: Arena) -> None:
    async with arena.trial(Case("11", "deux commandes sur un compte, l'une datée avant son verrou"), *WRITING) as trial:
        await an_early_transaction_locks_late(trial)
        trial.healed()
        await trial.recovered()


async def test_commands_meet_on_one_account(arena: Arena) -> None:
    """On the mechanism as it is; that the checker sees the same without its lock is for ``test_mutants.py``."""
    case = Case("13", "toutes les commandes sur un même compte, la place prise sous son verrou")
    async with arena.trial(case, *WRITING, habits=Habits(accounts=1, at_once=1, clients=12, per_second=400)) as trial:
        await trial.commands(100)
        await trial.goes_on()


async def test_an_open_transaction_in_another_database_changes_nothing(arena: Arena) -> None:
    seconds = lasting(3, 600)
    case = Case("12", f"transaction ouverte {seconds:.0f} s dans une autre base du même serveur")
    habits = Habits(per_second=10)  # all of it must fit the 5 MB a partition that the embedded broker keeps
    async with arena.trial(case, *WRITING, habits=habits) as trial, trial.database("books") as elsewhere:
        await trial.witness.fetch("books", "CREATE TABLE elsewhere (n integer)")
        usual = await delays(trial, 5)
        beside: list[float] = []
        end = asyncio.get_running_loop().time() + seconds
        async with elsewhere.transaction(Actor("writer")) as tx:
            while asyncio.get_running_loop().time() < end:
                await tx.session.execute(text("INSERT INTO elsewhere VALUES (1)"))
                beside += await delays(trial, 3)
        trial.note = f"délai médian {median(beside):.2f} s, sans elle {median(usual):.2f} s".replace(".", ",")
        assert median(beside) < 3 * median(usual) + RELAY_POLL_SECONDS


async def delays(trial: Trial, times: int) -> list[float]:
    """Return how long what was just committed takes to have its effect, again and again."""
    found = []
    for _ in range(times):
        await trial.goes_on(5)
        found.append(trial.recovery_seconds or 0.0)
    return found


@pytest.mark.full
@pytest.mark.parametrize("victim", ["accounts-api", "accounts-relay", "accounts-consume", "books-all"])
async def test_a_process_dies_at_any_moment(arena: Arena, victim: str) -> None:
    case = Case("+", f"SIGKILL de {victim} à des moments quelconques")
    async with arena.trial(case, *WRITING) as trial:
        for life in range(1, 4):
            await trial.commands(10 + trial.load.dice.randint(0, 20))
            trial.stage.kill(victim)
            await trial.stage.died(victim, times=life)
        await trial.goes_on()


async def both_send(trial: Trial) -> bool:
    held = [
        await trial.stage.measured(name, "coorace_relay_buckets") for name in ("accounts-relay", "accounts-relay-2")
    ]
    return held == [BUCKETS / 2, BUCKETS / 2]


@pytest.mark.full
async def test_everything_twice(arena: Arena) -> None:
    """Two of every process of both services, each of which is killed in turn. Both relays send at once."""
    half = {"CHAOS_RELAY_MAX_BUCKETS": str(BUCKETS // 2)}
    first = [replace(role, environment=half) for role in (*in_parts("accounts"), *in_parts("books"))]
    cast = [*first, *(replace(role, replica=2) for role in first)]
    async with arena.trial(Case("+", "tous les processus en double, tués l'un après l'autre"), *cast) as trial:
        for role in cast:
            await trial.commands(10)
            trial.stage.kill(role.name)
            await trial.stage.died(role.name)
        await trial.goes_on()
        await eventually(lambda: both_send(trial), awaited="half of the buckets each")
