"""The table that a run ends with: one line a case, for people; and the same as a document's table."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from chaos.checker import Verdict
from devstack.broker import choose_lane

_COLUMNS = (
    "cas",
    "ce qui est fait",
    "commandes ok/refus/inconnues",
    "faits",
    "répétitions absorbées",
    "perdus",
    "doublés",
    "en désordre",
    "reprise",
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"


@dataclass(frozen=True, slots=True)
class Line:
    """One case: what was done, what the checker says, and how long recovery took."""

    case: str
    done: str
    verdict: Verdict
    recovery_seconds: float | None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the line as text."""
        verdict = self.verdict
        commands = "/".join(str(verdict.commands[outcome]) for outcome in ("ok", "fail", "unknown"))
        recovery = "—" if self.recovery_seconds is None else f"{self.recovery_seconds:.1f} s".replace(".", ",")
        figures = (
            verdict.events,
            verdict.repeats,
            *(verdict.count(kind) for kind in ("lost", "doubled", "disordered")),
        )
        done = f"{self.done} ({self.note})" if self.note else self.done
        return (self.case, done, commands, *(str(figure) for figure in figures), recovery)


def show(title: str, lines: Sequence[Line]) -> None:
    """Print the table on a terminal, unless it is empty."""
    if not lines:
        return
    table = Table(title=title, title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in _COLUMNS[:2] else "right")
    for line in lines:
        table.add_row(*line.cells(), style=None if line.verdict.holds else "red")
    Console(width=160).print(table)


def markdown(lines: Sequence[Line]) -> str:
    """Return the table as it stands in the documentation, in the order of the cases."""
    ordered = sorted(lines, key=lambda line: (not line.case.isdecimal(), line.case.zfill(2)))
    rows = [_COLUMNS, ("---", "---", *(["--:"] * (len(_COLUMNS) - 2))), *(line.cells() for line in ordered)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def write(part: str, content: str) -> None:
    """Replace one part of the document on reliability by what was just measured.

    Raises ValueError when the document has no such part.
    """
    begin, end = f"<!-- {part} -->\n", f"<!-- fin de {part} -->"
    before, found, rest = DOCUMENT.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{DOCUMENT} has no part called {part}")
    DOCUMENT.write_text(f"{before}{begin}\n{content}\n\n{end}{after}", encoding="utf-8")


def measured(what: str) -> str:
    """Say what figures are of, where and when they were measured."""
    machine = f"{os.cpu_count()} cœurs, {psutil.virtual_memory().total / 2**30:.0f} Gio"
    broker = {"apache": "Apache Kafka", "embedded": "courtier embarqué"}[choose_lane().lane]
    day = f"{datetime.now(UTC):%d/%m/%Y}"
    return f"Mesuré le {day} : {what}, {broker}, {machine}, Python {platform.python_version()}."
