"""The command ``coorace``: what developers and ops do at a terminal, beside each service's own processes."""

import typer

from common import cli_docs, cli_events, cli_topics

app = typer.Typer(
    help="Les sujets du bus, les événements de chaque service, les contrats et les documents qui en sont tirés.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(cli_topics.app, name="topics")
app.add_typer(cli_events.app, name="events")
app.add_typer(cli_docs.contracts, name="contracts")
app.command("openapi")(cli_docs.openapi)
app.command("docs")(cli_docs.docs)


def main() -> None:
    """Run the command line."""
    app()
