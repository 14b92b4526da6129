"""``make soak``: a long run at a steady rate, and whether memory, lag and tables stay flat.

The database's clock runs one day a minute, so that the ledger's partitions are made, filled and dropped and the inbox
forgets, as in a month of life. At the end the sums are held against each other, as everywhere in this proof, and what
still grows once retention is at work makes the run fail.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import mean
from uuid import UUID

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chaos import report
from chaos.bank.contracts import account_topic, page_topic
from chaos.evidence import Witness
from chaos.faults.clock import Clock, movable_clock
from chaos.load import Habits, Load
from chaos.servers import running_servers
from chaos.stage import Side, Stage, in_parts, staged
from common.contracts.platform import ReplayRequested
from common.telemetry import set_up_logs
from common.testing.awaiting import eventually
from common.testing.issuer import running_issuer
from devstack.broker import choose_lane

RUN = "00"
EVENTS_A_COMMAND = 5
LOOK_SECONDS = 10.0
SECONDS_A_DAY = 60.0
ACCOUNTS = 500
PARTITIONS = 6
RETENTION = {"CHAOS_ARCHIVE_DAYS": "14", "CHAOS_INBOX_DAYS": "14"}
"""The least that the mechanism allows."""
FULL_MINUTE = 18.0
"""From then on as much is forgotten each minute as comes: what grows still, grows without end."""
GROWTH = 0.05
LEAST = 1.0
"""What does not count as growth: a megabyte, a second, a day. Of memory, half a megabyte: it should not grow at all."""
MARGIN = 1.03
"""A little more is sent than is asked for: what flows must not be less, and a client that is late never makes up."""
_SIDES: dict[str, Side] = {"accounts": "accounts", "books": "books", "confirmed": "accounts"}
_SIZES = """
SELECT (SELECT count(*) FROM event_outbox) AS outbox_rows,
       pg_total_relation_size('event_outbox') AS outbox_bytes,
       pg_total_relation_size('event_inbox') AS inbox_bytes,
       pg_total_relation_size('event_mark') AS mark_bytes,
       (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint FROM pg_inherits
        WHERE inhparent = 'event_archive'::regclass) AS ledger_bytes,
       (SELECT count(*) FROM pg_inherits WHERE inhparent = 'event_archive'::regclass) AS partitions,
       (SELECT count(*) FROM event_parked) AS parked
"""
# Sums and orders, in the database: a million effects are not held in memory.
_TOTALS = {
    "accounts": "SELECT coalesce(sum(amount), 0)::bigint AS amount, count(*) AS number,"
    " count(DISTINCT token) AS commands FROM movement",
    "books": "SELECT coalesce(sum(total), 0)::bigint AS amount, coalesce(sum(entries), 0)::bigint AS number FROM page",
    "confirmed": "SELECT coalesce(sum(confirmed), 0)::bigint AS amount, count(*) AS number FROM account",
}
_UPKEEP = """
SELECT coalesce(sum(autovacuum_count), 0)::bigint AS vacuums,
       coalesce(sum(n_tup_del) FILTER (WHERE relname = 'event_inbox'), 0)::bigint AS forgotten,
       (SELECT coalesce(max(position), 0) FROM event_feed_start) AS dropped
FROM pg_stat_user_tables
"""
_DISORDER = """
SELECT count(*) FILTER (WHERE sequence = before) AS doubled,
       count(*) FILTER (WHERE sequence > before + 1) AS lost,
       count(*) FILTER (WHERE sequence < before) AS disordered
FROM (SELECT sequence, coalesce(lag(sequence) OVER (PARTITION BY aggregate_id ORDER BY place), 0) AS before
      FROM applied) AS steps
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at everything, some seconds after the last."""

    minute: float
    memory: dict[str, int]
    """Resident bytes, by process."""
    lag_events: int
    lag_seconds: float
    sizes: dict[str, dict[str, int]]
    """By service."""


class Soak:
    """One long run."""

    def __init__(self, stage: Stage, load: Load, witness: Witness, clock: Clock) -> None:
        self._stage = stage
        self._load = load
        self._witness = witness
        self._clock = clock
        self.samples: list[Sample] = []
        self.seconds = 0.0
        """How long the load flowed."""

    async def run(self, minutes: float) -> None:
        """Keep the load flowing, and look at everything every few seconds."""
        began = time.monotonic()
        with Progress(transient=True) as progress:
            task = progress.add_task("endurance", total=minutes * 60)
            async with self._load.flowing(), self._days_go_by():
                while (elapsed := time.monotonic() - began) < minutes * 60:
                    self.samples.append(await self._look(elapsed / 60))
                    progress.update(task, completed=elapsed, description=self._said())
                    await asyncio.sleep(LOOK_SECONDS)
        self.seconds = time.monotonic() - began
        await eventually(self._witness.at_rest, awaited="everything applied", seconds=120)

    @asynccontextmanager
    async def _days_go_by(self) -> AsyncIterator[None]:
        async def turn() -> None:
            for day in count(1):
                await asyncio.sleep(SECONDS_A_DAY)
                self._clock.move(day * 86_400)

        turning = asyncio.ensure_future(turn())
        try:
            yield
        finally:
            turning.cancel()

    async def _look(self, minute: float) -> Sample:
        streams = await self._witness.streams("accounts")
        asked = time.monotonic()
        behind = await self._witness.events_behind("books", streams)
        await eventually(lambda: self._reached(streams), awaited="the books up to date", seconds=120)
        return Sample(
            minute=minute,
            memory={name: psutil.Process(self._stage.pid(name)).memory_info().rss for name in self._stage.names()},
            lag_events=behind,
            lag_seconds=time.monotonic() - asked,
            sizes={side: dict((await self._witness.fetch(side, _SIZES))[0]) for side in ("accounts", "books")},
        )

    async def _reached(self, streams: dict[UUID, int]) -> bool:
        return await self._witness.behind("books", streams) == 0

    def _said(self) -> str:
        last = self.samples[-1]
        memory = sum(last.memory.values()) / 1e6
        return f"{self._load.acknowledged} commandes, retard {last.lag_seconds:.2f} s, {memory:.0f} Mo"

    async def upkeep(self) -> list[dict[str, int]]:
        """Return what each database did for its tables meanwhile: vacuums, rows forgotten, how far its ledger went."""
        return [dict((await self._witness.fetch(side, _UPKEEP))[0]) for side in ("accounts", "books")]

    @property
    def unanswered(self) -> int:
        """How many commands nobody knows the end of."""
        return len(self._load.sent) - self._load.acknowledged

    async def rate(self) -> float:
        """Return how many facts a second the accounts published."""
        [row] = await self._witness.fetch("accounts", _TOTALS["accounts"])
        return float(row["number"]) / self.seconds

    async def harm(self) -> dict[str, int]:
        """Return what does not tie: all zero when the promise held."""
        totals = {name: dict((await self._witness.fetch(side, _TOTALS[name]))[0]) for name, side in _SIDES.items()}
        steps = [dict((await self._witness.fetch(side, _DISORDER))[0]) for side in ("accounts", "books")]
        return {
            "sommes": totals["accounts"]["amount"] - totals["books"]["amount"],
            "confirmations": totals["accounts"]["amount"] - totals["confirmed"]["amount"],
            "effets": totals["accounts"]["number"] - totals["books"]["number"],
            "commandes": self._load.acknowledged - totals["accounts"]["commands"],
            **{kind: sum(step[kind] for step in steps) for kind in ("lost", "doubled", "disordered")},
        }


def figures(samples: Sequence[Sample]) -> dict[str, list[float]]:
    """Return each figure that must stay flat, over time: megabytes, events, seconds."""
    processes = samples[0].memory
    tables = ("outbox_bytes", "inbox_bytes", "mark_bytes", "ledger_bytes")
    return {
        **{f"mémoire de {name} (Mo)": [sample.memory[name] / 1e6 for sample in samples] for name in processes},
        "retard du lecteur (faits)": [float(sample.lag_events) for sample in samples],
        "retard du lecteur (s)": [sample.lag_seconds for sample in samples],
        **{
            f"{side}.{table.removesuffix('_bytes')} (Mo)": [sample.sizes[side][table] / 1e6 for sample in samples]
            for side in ("accounts", "books")
            for table in tables
        },
        **{
            f"{side} : jours au registre": [float(sample.sizes[side]["partitions"]) for sample in samples]
            for side in ("accounts", "books")
        },
    }


def growing(samples: Sequence[Sample]) -> list[str]:
    """Return the figures that still grow when nothing should: in the last part of the run against the one before.

    Empty for a run too short to tell. Lag in events comes and goes with each batch: lag in seconds says the same.
    """
    full = [sample for sample in samples if sample.minute >= FULL_MINUTE]
    before, after = full[: len(full) // 2], full[len(full) // 2 :]
    if not before:
        return []
    earlier, later = figures(before), figures(after)
    return [name for name, values in later.items() if _grows(name, mean(earlier[name]), mean(values))]


def _grows(name: str, before: float, after: float) -> bool:
    if name.endswith("(faits)"):
        return False
    if name.startswith("mémoire"):
        return after > before + LEAST / 2
    return after > max(before * (1 + GROWTH), before + LEAST)


def show(samples: Sequence[Sample], summary: str) -> None:
    """Print the figures: their mean in each third of the run, and the highest."""
    table = Table(title=f"Endurance : {samples[-1].minute:.0f} minutes", title_justify="left")
    for name in ("figure", "premier tiers", "deuxième", "dernier", "le plus haut"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for row in _rows(samples):
        table.add_row(*row)
    console = Console(width=120)
    console.print(table)
    console.print(summary)


def markdown(samples: Sequence[Sample], summary: str) -> str:
    """Return the figures as they stand in the documentation, with two charts."""
    minutes = samples[-1].minute
    memory = [sum(sample.memory.values()) / 1e6 for sample in samples]
    lines = [
        summary,
        "",
        "| figure | premier tiers | deuxième | dernier | le plus haut |",
        "| --- | --: | --: | --: | --: |",
        *("| " + " | ".join(row) + " |" for row in _rows(samples)),
        "",
        _chart("Mémoire de tous les processus (Mo)", memory, minutes),
        "",
        _chart("Retard du lecteur (s)", [sample.lag_seconds for sample in samples], minutes),
    ]
    return "\n".join(lines)


def _said_of(run: Soak, rate: float, harm: Mapping[str, int], upkeep: Sequence[Mapping[str, int]]) -> str:
    days = round(run.seconds / SECONDS_A_DAY)
    vacuums, forgotten = (sum(one[figure] for one in upkeep) for figure in ("vacuums", "forgotten"))
    dropped = " et ".join(str(one["dropped"]) for one in upkeep)
    return "\n".join(
        (
            f"{run.seconds / 60:.0f} minutes, {rate:.0f} faits par seconde chez chacun des deux services.",
            f"Écarts à la fin : {', '.join(f'{name} : {value}' for name, value in harm.items())}.",
            f"{days} jours ont passé : {vacuums} passages d'autovacuum, {forgotten} lignes oubliées des boîtes.",
            f"Registres effacés jusqu'aux positions {dropped}. {run.unanswered} commandes sans réponse.",
            _said_of_growth(run.samples),
        )
    )


def _said_of_growth(samples: Sequence[Sample]) -> str:
    if samples[-1].minute <= FULL_MINUTE:
        return f"Trop court pour dire ce qui grossit : il faut plus de {FULL_MINUTE:.0f} minutes."
    grown = growing(samples)
    return f"Grossit encore : {', '.join(grown)}." if grown else f"Rien ne grossit après {FULL_MINUTE:.0f} minutes."


def _chart(title: str, values: Sequence[float], minutes: float) -> str:
    """Draw at most sixty points: each is the mean of its neighbours."""
    width = max(1, len(values) // 60)
    points = [mean(values[start : start + width]) for start in range(0, len(values), width)]
    return (
        f'```mermaid\nxychart-beta\n    title "{title}"\n    x-axis "minutes" 0 --> {minutes:.0f}\n'
        f"    line [{', '.join(f'{point:.3g}' for point in points)}]\n```"
    )


def _rows(samples: Sequence[Sample]) -> Iterator[tuple[str, ...]]:
    """Yield each figure: its mean in each third of the run, and the highest."""
    third = max(1, len(samples) // 3)
    for name, values in figures(samples).items():
        parts = (values[:third], values[third : 2 * third], values[2 * third :])
        yield (name, *(f"{mean(part):.2f}".replace(".", ",") for part in parts), f"{max(values):.2f}".replace(".", ","))


async def soak(minutes: float, events_per_second: float, *, write_report: bool) -> int:
    """Run it; return the exit code: 0 when so much flowed, sums tie, old rows were let go and nothing grows."""
    names = [ReplayRequested.topic, account_topic(RUN), page_topic(RUN)]
    accounts_at_once = 2 * EVENTS_A_COMMAND - 1  # drawn evenly from 1 up: that is EVENTS_A_COMMAND on average
    habits = Habits(
        clients=24,
        accounts=ACCOUNTS,
        at_once=accounts_at_once,
        per_second=MARGIN * events_per_second / EVENTS_A_COMMAND,
        refused=0,
    )
    cast = [replace(role, environment=RETENTION) for side in ("accounts", "books") for role in in_parts(side)]
    with (
        running_issuer() as issuer,
        tempfile.TemporaryDirectory(prefix="coorace-soak-") as folder,
        movable_clock() as clock,
        running_servers(Path(folder), issuer, dict.fromkeys(names, PARTITIONS), clock.environment) as servers,
    ):
        async with staged(RUN, servers) as stage:
            await stage.enter(*cast)
            run = Soak(
                stage,
                Load(lambda: stage.apis("accounts"), servers.token("network"), habits),
                Witness(stage, servers.bootstrap),
                clock,
            )
            await run.run(minutes)
            rate, harm, upkeep = await run.rate(), await run.harm(), await run.upkeep()
    summary = _said_of(run, rate, harm, upkeep)
    show(run.samples, summary)
    failings = [name for name, gap in harm.items() if gap] + growing(run.samples)
    if rate < events_per_second:
        failings.append(f"le débit : {events_per_second:.0f} faits par seconde voulus")
    if minutes > FULL_MINUTE:
        failings += [name for one in upkeep for name, done in one.items() if not done]
    if failings:
        print(f"Ne tient pas : {', '.join(failings)}.")  # noqa: T201  # what a command says
        return 1
    if write_report:
        measured = report.measured("endurance")
        report.write(f"endurance {choose_lane().lane}", f"{measured}\n\n{markdown(run.samples, summary)}")
    return 0


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="chaos.soak", description="Une longue marche, et ce qui ne doit pas grossir.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--events", type=float, default=500.0, help="faits par seconde")
    parser.add_argument("--write-report", action="store_true", help="écrit les figures dans docs/reliability.md")
    options = parser.parse_args()
    set_up_logs("soak", "soak")
    raise SystemExit(asyncio.run(soak(options.minutes, options.events, write_report=options.write_report)))


if __name__ == "__main__":
    main()
