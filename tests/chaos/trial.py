"""A trial: a stage under load, something that goes wrong, and the checker's word on what is left."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from chaos.bank.settings import Settings
from chaos.checker import Verdict, judge
from chaos.evidence import Witness
from chaos.load import Command, Habits, Load
from chaos.operator import Operator
from chaos.report import Line
from chaos.servers import Servers
from chaos.stage import CAST, Role, Side, Stage, staged
from common.clock import Clock
from common.db import Database
from common.testing.awaiting import eventually
from common.testing.harness import settings_for

_SETTLED_WITHIN_SECONDS = 150.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the report: its number in the list of failure cases, and what is done, for a reader."""

    number: str
    done: str


@dataclass
class Trial:
    """What a test holds while its stage is under load."""

    case: Case
    stage: Stage
    load: Load
    witness: Witness
    operator: Operator
    bus_is_kept: bool = True
    """False once the test has emptied the broker: then the bus proves nothing."""
    forgetful: set[Side] = field(default_factory=set)
    """The readers whose inbox was emptied."""
    note: str = ""
    """What the report adds to the case: a figure that belongs to it alone."""
    patience: float = 45.0
    """Seconds without any progress after which what is missing counts as lost. More than the longest retry."""
    recovery_seconds: float | None = None
    healed_at: float = field(default_factory=time.monotonic)

    async def commands(self, count: int) -> None:
        """Let the clients have so many more acknowledged."""
        wanted = self.load.acknowledged + count
        await eventually(lambda: self.load.acknowledged >= wanted, awaited=f"{count} more commands", seconds=120)

    def healed(self) -> None:
        """Note that the fault is over, or that the process has died: recovery is counted from here."""
        self.healed_at = time.monotonic()

    async def recovered(self) -> None:
        """Wait until everything committed by now has taken effect in the books, and note how long recovery took."""
        streams = await self.witness.streams("accounts")

        async def caught_up() -> bool:
            return await self.witness.behind("books", streams) == 0

        await eventually(caught_up, awaited="the books up to date", seconds=_SETTLED_WITHIN_SECONDS)
        self.recovery_seconds = time.monotonic() - self.healed_at

    async def goes_on(self, count: int = 10) -> None:
        """The fault is over: recovery counts from here, until what more commands committed is in effect."""
        self.healed()
        await self.commands(count)
        await self.recovered()

    async def flows_for(self, seconds: float) -> None:
        """Require that commands take effect, again and again, for so long; the slowest of all is the recovery."""
        until = time.monotonic() + seconds
        worst = self.recovery_seconds or 0.0
        while time.monotonic() < until:
            await self.goes_on()
            worst = max(worst, self.recovery_seconds or 0.0)
        self.recovery_seconds = worst

    def unserved(self) -> list[Command]:
        """Return the commands that should have been done and were not, as far as their clients know."""
        return [command for command in self.load.sent if command.amount and command.outcome != "ok"]

    async def flows_beside(self, ill: set[UUID]) -> None:
        """Require that commands are acknowledged, and that what is not ill takes effect."""
        await self.commands(20)
        streams = await self.witness.streams("accounts")
        for account in ill:
            streams.pop(account, None)

        async def up_to_date() -> bool:
            return await self.witness.behind("books", streams) == 0

        await eventually(up_to_date, awaited="the other accounts up to date", seconds=60)

    async def rests(self) -> None:
        """Wait until nothing is on its way any more, however slow the machine is."""
        await eventually(self.witness.at_rest, awaited="everything applied", seconds=_SETTLED_WITHIN_SECONDS)

    async def settle(self) -> None:
        """Wait until nothing is on its way any more; a run that has stopped moving before that is judged as it is."""
        began = moved = time.monotonic()
        last = await self.witness.progress()
        while any(last):
            await asyncio.sleep(_LOOK_SECONDS)
            now = await self.witness.progress()
            moved = moved if now == last else time.monotonic()
            last = now
            if time.monotonic() > min(moved + self.patience, began + _SETTLED_WITHIN_SECONDS):
                return

    async def verdict(self) -> Verdict:
        """Let everything settle, then judge."""
        await self.settle()
        evidence = await self.witness.evidence(with_bus=self.bus_is_kept, forgetful=self.forgetful)
        return judge(self.load.sent, evidence)

    async def forget_inbox(self, side: Side) -> None:
        """Do what retention does after its days: a reader's inbox is empty, its marks are kept."""
        await self.witness.fetch(side, "DELETE FROM event_inbox")
        self.forgetful.add(side)

    async def has_left(self, side: Side) -> bool:
        """Tell whether all facts of a service have left, those sent again too."""
        return await self.witness.unsent(side) == 0

    async def taken_charge(self, reader: Side) -> bool:
        """Tell whether a reader has in its inbox all that the writer's ledger holds."""
        writer: Side = "books" if reader == "accounts" else "accounts"
        published = await self.witness.fetch(
            writer, "SELECT event_id FROM event_archive WHERE type <> 'replay.requested'"
        )
        received = await self.witness.fetch(reader, "SELECT event_id FROM event_inbox")
        return {row["event_id"] for row in published} <= {row["event_id"] for row in received}

    @asynccontextmanager
    async def holding(self, side: Side, table: str) -> AsyncIterator[None]:
        """Hold a table so that nobody can write it, as a careless session does."""
        connection = await asyncpg.connect(self.stage.urls[side])
        try:
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
                yield
        finally:
            await connection.close()

    @asynccontextmanager
    async def database(self, side: Side) -> AsyncIterator[Database]:
        """Open a service's database as its processes do, for a transaction that no client could ask for."""
        servers = self.stage.servers
        settings = settings_for(self.stage.service(side), self.stage.urls[side], servers.issuer, servers.logs)
        assert isinstance(settings, Settings)
        database = Database(settings, Clock(), "chaos")
        try:
            yield database
        finally:
            await database.close()


@dataclass
class Arena:
    """Where trials take place, one after another, each as a run of its own."""

    servers: Servers
    runs: Callable[[], str]
    lines: list[Line]
    mutants: list[Line]

    @asynccontextmanager
    async def trial(
        self, case: Case, *cast: Role, habits: Habits | None = None, told: Callable[[Stage], None] | None = None
    ) -> AsyncIterator[Trial]:
        """Run the cast under load; when the block ends, let it settle and hold it to the promise."""
        async with self.running(case, *cast, habits=habits, told=told) as trial:
            async with trial.load.flowing():
                yield trial
            await self.judge(trial)

    @asynccontextmanager
    async def running(
        self, case: Case, *cast: Role, habits: Habits | None = None, told: Callable[[Stage], None] | None = None
    ) -> AsyncIterator[Trial]:
        """Run the cast; what its clients do, and the judgement, are the test's."""
        async with staged(self.runs(), self.servers) as stage:
            if told:
                told(stage)
            await stage.enter(*(cast or CAST))
            load = Load(lambda: stage.apis("accounts"), self.servers.token("network"), habits or Habits())
            yield Trial(case, stage, load, Witness(stage, self.servers.bootstrap), Operator(stage))

    async def judge(self, trial: Trial) -> None:
        """Let a trial settle, enter it in the report, and require that the promise held."""
        verdict = await trial.verdict()
        case = trial.case
        self.lines.append(Line(case.number, case.done, verdict, trial.recovery_seconds, trial.note))
        assert verdict.holds, verdict.findings[:20]


def replace_in(cast: Sequence[Role], *roles: Role) -> tuple[Role, ...]:
    """Return a cast with some of its roles played differently."""
    others = {role.name: role for role in roles}
    return tuple(others.get(role.name, role) for role in cast)
