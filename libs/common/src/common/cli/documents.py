"""``coorace contracts``, ``openapi`` and ``docs``: what is written from the code, released and committed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from common import generated, releases
from common.contracts import BY_NAME
from common.discovery import find_services

contracts = typer.Typer(help="Les versions publiées des faits.", no_args_is_help=True)
Root = Annotated[Path, typer.Option(help="Racine du dépôt.")]

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@contracts.callback()
def _group() -> None:
    """Keep ``release`` a command of its own: with one command, typer would make it the group."""


@contracts.command()
def release() -> None:
    """Publie une nouvelle version de chaque fait qui a changé sans rien casser ; refuse les autres."""
    refused = False
    for name, fact in sorted(BY_NAME.items()):
        try:
            version = releases.release(fact)
        except releases.IncompatibleChange as error:
            refused = True
            _err.print(f"{error}\nUn changement incompatible est un nouveau fait : {name}.v2, publié à côté.")
        else:
            _out.print(f"{name} : version {version.version} publiée" if version else f"{name} : inchangé")
    if refused:
        raise typer.Exit(1)


def openapi(service: Annotated[str, typer.Argument(help="Le service.")], root: Root = Path()) -> None:
    """Écrit la description OpenAPI d'un service."""
    for found in find_services(root):
        if found.service.name == service:
            typer.echo(generated.openapi_document(found.service), nl=False)
            return
    _err.print(f"Aucun service ne s'appelle « {service} ».")
    raise typer.Exit(1)


def docs(
    root: Root = Path(),
    check: Annotated[bool, typer.Option("--check", help="Ne rien écrire : dire ce qui n'est plus à jour.")] = False,
) -> None:
    """Récrit les documents tirés du code : OpenAPI, AsyncAPI, docs/events.md, docs/rights.md, docs/routes.md."""
    try:
        stale = generated.outdated(root)
    except releases.NotReleased as error:
        _err.print(str(error))
        raise typer.Exit(1) from None
    if check and stale:
        _err.print(f"Plus à jour : {', '.join(map(str, stale))}. Lancez coorace docs.")
        raise typer.Exit(1)
    for path, content in generated.documents(root).items() if stale else ():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    _out.print(f"Écrit : {', '.join(map(str, stale))}" if stale else "Les documents sont à jour.")
