"""``python -m devstack …``: the commands behind the Makefile."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from common.wording import counted
from devstack import inbox, personas, tokens
from devstack.errors import StackError
from devstack.screen import Screen
from devstack.services import Service, discover, narrow
from devstack.settings import Settings
from devstack.stack import Stack, demo_exists

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()

ServiceOption = Annotated[str, typer.Option("--service", help="Un seul service, par exemple dues.")]


@app.command()
def up(
    service: ServiceOption = "",
    only: Annotated[str, typer.Option(help="« infra » : les serveurs sans les services.")] = "",
) -> None:
    """Démarre ce qui ne tourne pas encore ; rend la main quand tout est prêt."""
    if only not in ("", "infra"):
        raise StackError(f"--only {only} n'existe pas : --only infra.")
    started = time.monotonic()
    with _stack() as stack:
        chosen = () if only else narrow(stack.services, service)
        with stack.screen:
            stack.up(chosen)
        if not (service or only) and demo_exists() and not stack.demo_is_loaded:
            stack.play_demo()
        _show_addresses(stack, chosen, time.monotonic() - started)


@app.command()
def down(service: ServiceOption = "") -> None:
    """Arrête tout, ou un seul service. Les données restent."""
    with _stack() as stack, stack.screen:
        stack.down(service or None)


@app.command()
def reset(service: ServiceOption = "") -> None:
    """Arrête et efface toutes les données, ou celles d'un seul service."""
    with _stack() as stack, stack.screen:
        if not service:
            stack.reset()
            return
        (chosen,) = narrow(stack.services, service)
        stack.reset_service(chosen)
    console.print(f"Relancez : make up S={service}. Si le bus était vide : coorace events replay.", highlight=False)


@app.command()
def logs(service: ServiceOption = "") -> None:
    """Suit les journaux, ou ceux d'un seul processus ; Ctrl-C pour arrêter."""
    folder = Settings.from_environment(os.environ).logs
    files = sorted(str(path) for path in folder.glob(f"{service or '*'}.log"))
    if not files:
        raise StackError(f"Aucun journal dans {folder} : la plateforme a-t-elle démarré ? make up")
    os.execvp("tail", ["tail", "-n", "50", "-F", *files])  # noqa: S606, S607  # the terminal is now tail's


@app.command()
def mails() -> None:
    """Montre les courriels que les services ont envoyés."""
    settings = Settings.from_environment(os.environ)
    if settings.smtp_url is not None:
        raise StackError("Les courriels partent vers le serveur de SMTP_URL : la boîte aux lettres d'ici n'en a pas.")
    caught = inbox.caught(settings)
    table = Table("Date", "À", "Objet", box=None, padding=(0, 2, 0, 0))
    for mail in caught:
        date = f"{mail.sent_at:%d/%m/%Y %H:%M:%S}" if mail.sent_at else "–"
        table.add_row(date, escape(mail.recipient), escape(mail.subject))
    if caught:
        console.print(table, highlight=False)
    console.print(f"{counted(len(caught), 'courriel')} dans {inbox.folder(settings)}", highlight=False, soft_wrap=True)


@app.command()
def demo() -> None:
    """Rejoue l'histoire de démonstration."""
    with _stack() as stack:
        stack.play_demo()


@app.command()
def token(persona: str) -> None:
    """Écrit un jeton, et rien d'autre."""
    who = personas.persona(persona, personas.delegation_codes())
    typer.echo(tokens.token_for(who, Settings.from_environment(os.environ)))


def main() -> None:
    """Run a command; what a person must act on goes to the error stream, in French."""
    try:
        app()
    except StackError as error:
        Console(stderr=True).print(f"[red]{escape(str(error))}[/red]", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrompu. make up reprend là où il en était, make down arrête tout.")
        sys.exit(130)


@contextmanager
def _stack() -> Iterator[Stack]:
    """The stack of this repository, held by one command at a time."""
    settings = Settings.from_environment(os.environ)
    stack = Stack(settings, discover(settings, os.environ), Screen(console))
    # Beside the folder, not in it: reset removes the folder while it holds the lock.
    lock = settings.local.with_name(f"{settings.local.name}.lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError("Une autre commande make est en cours sur cette copie : attendez sa fin.") from None
        yield stack


def _show_addresses(stack: Stack, services: tuple[Service, ...], seconds: float) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("Passerelle", stack.settings.public_url)
    for service in services:
        table.add_row(service.name, f"{stack.settings.public_url}/{service.name}/docs")
    table.add_row("Kafka", stack.bootstrap)
    table.add_row("PostgreSQL", stack.admin_url.rpartition("@")[2])
    table.add_row("Courriels", f"{stack.settings.mail_url.rpartition('@')[2]}, lus par make mails")
    table.add_row("Jeton", "make -s token AS=network")
    elapsed = f"{seconds:.1f}".replace(".", ",")
    console.print(f"\n[bold]Prêt en {elapsed} s.[/bold]", highlight=False)
    console.print(table, highlight=False)


if __name__ == "__main__":
    main()
