"""``coorace events``: what ops see of what a service published and do to it, over the service's own API."""

from typing import Annotated
from uuid import UUID

import typer

from common.cli import parked, quarantine, reconcile, unreadable
from common.cli.ops_client import OpsClient
from common.cli.screen import (
    LOCAL,
    AsJson,
    EventId,
    ServiceName,
    Token,
    Topic,
    Url,
    answered,
    ask,
    out,
    show_entry,
    show_outcome,
    show_rows,
    write_json,
)
from common.wording import counted

app = typer.Typer(help="Les événements d'un service : voir, reprendre, renvoyer, comparer.", no_args_is_help=True)


@app.command()
def tail(
    service: ServiceName,
    token: Token,
    topic: Topic = None,
    after: Annotated[int | None, typer.Option(min=0, help="Après cette position ; sinon, les derniers.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Le registre des faits publiés : qui, quand, quoi, pourquoi."""
    entries = ask(OpsClient(service, url, token), "/events", topic=topic, cursor=after, limit=limit)["items"]
    columns = ("position", "occurred_at", "type", "aggregate_id", "sequence", "actor", "reason", "event_id")
    show_rows(entries, columns, as_json)


@app.command()
def show(event_id: EventId, service: ServiceName, token: Token, as_json: AsJson = False, url: Url = LOCAL) -> None:
    """Un fait publié, en entier."""
    show_entry(ask(OpsClient(service, url, token), f"/events/{event_id}"), as_json)


@app.command()
def outbox(service: ServiceName, token: Token, as_json: AsJson = False, url: Url = LOCAL) -> None:
    """La file d'envoi, les relais qui en tiennent les seaux, et ce que le bus a refusé."""
    waiting = ask(OpsClient(service, url, token), "/events/outbox")
    if as_json:
        write_json(waiting)
        return
    out.print(f"{counted(waiting['rows'], 'fait')} à envoyer, le plus ancien depuis {waiting['oldest_seconds']:.0f} s.")
    if waiting["holders"]:
        show_rows(waiting["holders"], ("relay", "since", "address", "pid", "buckets"), as_json)
    if waiting["free"]:
        out.print("Seaux que personne ne tient, et ce qui y attend :")
        show_rows(waiting["free"], ("bucket", "rows"), as_json)
    if waiting["quarantined"]:
        refused = counted(waiting["quarantined"], "fait refusé", "faits refusés")
        out.print(f"{refused} par le bus : voir coorace events quarantined.")


@app.command()
def replay(
    service: ServiceName,
    token: Token,
    topic: Topic = None,
    aggregate: Annotated[UUID | None, typer.Option(help="Un seul agrégat.")] = None,
    after_sequence: Annotated[int, typer.Option(min=0, help="Après ce numéro d'ordre.")] = 0,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Renvoie des faits du registre ; ceux qui les ont les ignorent."""
    client, aggregate_id = OpsClient(service, url, token), str(aggregate) if aggregate else None
    sent = answered(lambda: client.replay(topic=topic, aggregate_id=aggregate_id, after_sequence=after_sequence))
    show_outcome({"events": sent}, f"{counted(sent, 'fait repart', 'faits repartent')}.", as_json)


for _part in (quarantine, parked, unreadable, reconcile):
    app.add_typer(_part.app)
