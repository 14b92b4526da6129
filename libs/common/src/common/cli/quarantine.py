"""``coorace events quarantined|retry|discard-quarantined``: facts that the broker refused."""

from typing import Annotated
from uuid import UUID

import typer

from common.cli.ops_client import OpsClient
from common.cli.screen import (
    LOCAL,
    AsJson,
    EventId,
    Reason,
    ServiceName,
    Token,
    Topic,
    Url,
    act,
    ask,
    ask_all,
    show_entry,
    show_outcome,
    show_rows,
)

app = typer.Typer()


@app.command()
def quarantined(
    service: ServiceName,
    token: Token,
    event_id: Annotated[UUID | None, typer.Argument(help="Le fait à lire en entier.")] = None,
    topic: Topic = None,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Les faits que le bus a refusés, et ce qui attend derrière chacun ; ou l'un d'eux, en entier."""
    client = OpsClient(service, url, token)
    if event_id is not None:
        show_entry(ask(client, f"/events/quarantined/{event_id}"), as_json)
        return
    columns = ("event_id", "type", "aggregate_id", "sequence", "quarantined_at", "behind", "fault")
    show_rows(ask_all(client, "/events/quarantined", topic=topic), columns, as_json)


@app.command()
def retry(event_id: EventId, service: ServiceName, token: Token, as_json: AsJson = False, url: Url = LOCAL) -> None:
    """Tente de nouveau l'envoi d'un fait que le bus a refusé, puis de ceux qui le suivent."""
    answer = act(OpsClient(service, url, token), f"/events/quarantined/{event_id}/retry")
    show_outcome(answer, "Le fait repart, et ceux qui le suivent.", as_json)


@app.command()
def discard_quarantined(
    event_id: EventId, service: ServiceName, token: Token, reason: Reason, as_json: AsJson = False, url: Url = LOCAL
) -> None:
    """Renonce pour de bon à envoyer un fait refusé ; il reste lisible, avec l'auteur et la raison."""
    answer = act(OpsClient(service, url, token), f"/events/quarantined/{event_id}/discard", {"reason": reason})
    show_outcome(answer, "Aucun lecteur n'aura ce fait ; ceux qui le suivent partent.", as_json)
