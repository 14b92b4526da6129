"""How the commands of ops ask a service and show its answer: the same options, tables, JSON and refusals everywhere."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.table import Table

from common.cli.ops_client import OpsClient, Refused

Url = Annotated[str, typer.Option(envvar="PUBLIC_URL", help="Adresse de la plateforme.")]
Token = Annotated[str, typer.Option(envvar="COORACE_TOKEN", help="Jeton du rôle ops.", show_envvar=True)]
ServiceName = Annotated[str, typer.Option("--service", help="Le service, par exemple dues.")]
AsJson = Annotated[bool, typer.Option("--json", help="Pour un programme plutôt que pour un lecteur.")]
EventId = Annotated[UUID, typer.Argument(help="Identifiant de l'événement.")]
Topic = Annotated[str | None, typer.Option(help="Un seul sujet.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Dire ce qui se passerait, et ne rien enregistrer.")]
Reason = Annotated[str, typer.Option(help="Pourquoi l'on y renonce ; conservé.")]
T = TypeVar("T")
LOCAL = "http://127.0.0.1:8080"

out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def answered(call: Callable[[], T]) -> T:
    """Return what a service answers, or say its refusal and end."""
    try:
        return call()
    except Refused as refusal:
        fail(str(refusal))


def ask(client: OpsClient, path: str, **parameters: Any) -> Any:
    """Read a route, or say the refusal and end."""
    return answered(lambda: client.get(path, **parameters))


def ask_all(client: OpsClient, path: str, **parameters: Any) -> list[Any]:
    """Read every page of a list, or say the refusal and end."""
    return answered(lambda: list(client.pages(path, **parameters)))


def act(client: OpsClient, path: str, body: dict[str, Any] | None = None, *, dry_run: bool = False) -> Any:
    """Act on a route, or say the refusal and end."""
    return answered(lambda: client.post(path, body, dry_run=dry_run))


def show_rows(rows: Iterable[dict[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    """Show a list as a table, or whole as JSON."""
    rows = list(rows)
    if as_json:
        write_json(rows)
        return
    if not rows:
        out.print("Rien.")
        return
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    out.print(table)


def show_fields(entry: dict[str, Any], *but: str) -> None:
    """Show one thing, a field per line."""
    for name, value in entry.items():
        if name not in but:
            out.print(f"{name:<16}{'' if value is None else value}")


def show_entry(entry: dict[str, Any], as_json: bool) -> None:
    """Show a fact in full: its fields, then its body."""
    if as_json:
        write_json(entry)
        return
    show_fields(entry, "fact", "text")
    if entry["fact"] is not None:
        out.print_json(data=entry["fact"])
    else:
        out.print(entry["text"])


def show_outcome(answer: Any, sentence: str, as_json: bool) -> None:
    """Show what an act came to: the answer for a program, a sentence for a reader."""
    if as_json:
        write_json(answer)
    else:
        out.print(sentence)


def write_json(value: Any) -> None:
    """Write an answer for a program."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def fail(sentence: str) -> NoReturn:
    """Say why the command ends here."""
    err.print(sentence)
    raise typer.Exit(1)
