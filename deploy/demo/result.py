"""What the story prints at its end: rows read, refused and why, members, calls, total."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from common.money import format_euros
from common.wording import counted


@dataclass(slots=True)
class Result:
    """The figures of the story, gathered from the receipts of its jobs."""

    imports: list[tuple[str, Counter[str]]] = field(default_factory=list)
    refused: list[tuple[str, int, str, str]] = field(default_factory=list)
    blocked: Counter[str] = field(default_factory=Counter)
    blocked_reasons: dict[str, str] = field(default_factory=dict)
    members: int = 0
    candidates: int = 0
    invoices: int = 0
    total: Decimal = Decimal(0)
    example: dict[str, Any] = field(default_factory=dict)

    def note_import(self, name: str, receipt: list[dict[str, Any]]) -> None:
        """Keep what became of the rows of a file, and every row that was not taken with its reason."""
        self.imports.append((name, Counter(line["outcome"] for line in receipt)))
        self.refused += [
            (name, line["row"], line["code"], line["message"])
            for line in receipt
            if line["outcome"] in ("error", "skipped")
        ]

    def note_blocked(self, receipt: list[dict[str, Any]]) -> None:
        """Keep why members were not called."""
        for line in receipt:
            if line["outcome"] == "blocked":
                self.blocked[line["code"]] += 1
                self.blocked_reasons[line["code"]] = line["message"]


def show(result: Result, console: Console, public_url: str) -> None:
    """Print the result and where to look next."""
    console.print(_imports(result))
    for name, row, code, message in result.refused:
        console.print(f"  [yellow]{name}, ligne {row}[/yellow] : {message} [dim]({code})[/dim]")
    console.print(_figures(result))
    for code, count in result.blocked.items():
        console.print(
            f"  [yellow]{counted(count, 'non appelé', 'non appelés')}[/yellow], {code} : {result.blocked_reasons[code]}"
        )
    standing = result.example["standing"]
    console.print(
        f"  Exemple : {result.example['name']}, {standing['label']} : {standing['number']},"
        f" {format_euros(Decimal(standing['total']))}, échéance {standing['due_on']}"
    )
    console.print(
        f"\n  Appels PDF : {public_url}/dues/v1/invoices/{standing['invoice_id']}/pdf"
        " [dim](jeton : make -s token AS=finance)[/dim]"
    )


def _imports(result: Result) -> Table:
    table = Table(title="Import des annuaires", title_justify="left", show_edge=False, pad_edge=False)
    for column in ("fichier", "lues", "créées", "inchangées", "modifiées", "écartées", "en erreur"):
        table.add_column(column, justify="left" if column == "fichier" else "right", overflow="fold")
    for name, counts in result.imports:
        outcomes = ("created", "unchanged", "changed", "skipped", "error")
        table.add_row(name, str(counts.total()), *(str(counts[outcome]) for outcome in outcomes))
    return table


def _figures(result: Result) -> Table:
    table = Table(title="Résultat", title_justify="left", show_edge=False, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Adhérents", str(result.members))
    table.add_row("Candidatures à compléter", str(result.candidates))
    table.add_row("Appels de cotisation", str(result.invoices))
    table.add_row("Total appelé", format_euros(result.total))
    return table
