"""``coorace topics``: the topics of the bus, listed, created, wiped."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from common import topics
from common.contracts import TOPICS
from common.topics import NoAdministration, TopicSettings

app = typer.Typer(help="Les sujets du bus.", no_args_is_help=True)
Bootstrap = Annotated[str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Adresse du bus.")]

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command("list")
def list_topics() -> None:
    """Écrit chaque sujet et son nombre de partitions, un par ligne, et rien d'autre."""
    partitions = TopicSettings().partitions
    for topic in TOPICS:
        typer.echo(f"{topic} {partitions}")


@app.command()
def create(bootstrap: Bootstrap) -> None:
    """Crée les sujets qui manquent ; ceux qui existent restent comme ils sont."""
    try:
        created = _run(topics.create(bootstrap, TopicSettings()))
    except NoAdministration as error:
        _fail(
            "Ce bus n'a pas d'interface d'administration : ses sujets se donnent à son démarrage. "
            f"Il lui manque : {', '.join(error.missing)}."
        )
    _out.print(f"Sujets créés : {', '.join(created)}" if created else "Tous les sujets existent.")


@app.command()
def wipe(
    bootstrap: Bootstrap,
    yes: Annotated[bool, typer.Option("--yes", help="Confirme : tout ce que le bus contient est perdu.")] = False,
    environment: Annotated[
        str, typer.Option(envvar="COORACE_ENVIRONMENT", help="Seul « development » le permet.")
    ] = "",
) -> None:
    """Efface tous les sujets et les recrée vides (développement seulement) ; « events replay » les remplit."""
    if environment != "development":
        _fail("On n'efface les sujets qu'en développement (COORACE_ENVIRONMENT=development).")
    if not yes:
        _fail("Rien n'est effacé sans --yes.")
    try:
        created = _run(topics.wipe(bootstrap, TopicSettings()))
    except NoAdministration:
        _fail("Ce bus n'a pas d'interface d'administration : pour le vider, redémarrez-le.")
    _out.print(f"Sujets vidés : {', '.join(created)}")


def _run(work: Coroutine[Any, Any, list[str]]) -> list[str]:
    try:
        return asyncio.run(work)
    except (KafkaError, OSError, TimeoutError) as error:
        _fail(f"Le bus ne répond pas comme attendu : {error or type(error).__name__}")


def _fail(sentence: str) -> NoReturn:
    _err.print(sentence)
    raise typer.Exit(1)
