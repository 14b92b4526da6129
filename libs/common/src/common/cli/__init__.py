"""The command ``coorace``: what developers and ops do at a terminal, beside each service's own processes."""

import typer

from common.cli import documents, events, topics

app = typer.Typer(
    help="Les sujets du bus, les événements de chaque service, les contrats et les documents qui en sont tirés.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(topics.app, name="topics")
app.add_typer(events.app, name="events")
app.add_typer(documents.contracts, name="contracts")
app.command("openapi")(documents.openapi)
app.command("docs")(documents.docs)


def main() -> None:
    """Run the command line."""
    app()
