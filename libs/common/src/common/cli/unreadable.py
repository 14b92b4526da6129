"""``coorace events unreadable|redrive-unreadable|discard-unreadable``: records that a reader could not read."""

from typing import Annotated, Any
from uuid import UUID

import typer

from common.cli.ops_client import OpsClient
from common.cli.screen import (
    LOCAL,
    AsJson,
    Reason,
    ServiceName,
    Token,
    Topic,
    Url,
    act,
    ask,
    ask_all,
    out,
    show_fields,
    show_outcome,
    show_rows,
    write_json,
)

app = typer.Typer()

RecordId = Annotated[UUID, typer.Argument(help="Identifiant de l'enregistrement.")]
_OUTCOMES = {
    "applied": "L'événement {event_id} est appliqué.",
    "parked": "L'événement {event_id} est lu, et mis de côté : voir coorace events parked {event_id}.",
    "known": "L'événement {event_id} était déjà connu : rien à faire.",
}


@app.command()
def unreadable(
    service: ServiceName,
    token: Token,
    record_id: Annotated[UUID | None, typer.Argument(help="L'enregistrement à lire en entier.")] = None,
    topic: Topic = None,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Les enregistrements illisibles que personne n'a réglés ; ou l'un d'eux, en entier."""
    client = OpsClient(service, url, token)
    if record_id is None:
        columns = ("id", "received_at", "topic", "partition", "offset", "fault")
        show_rows(ask_all(client, "/events/unreadable", topic=topic), columns, as_json)
        return
    record = ask(client, f"/events/unreadable/{record_id}")
    if as_json:
        write_json(record)
        return
    show_fields(record, "key", "headers", "payload")
    for header in record["headers"]:
        out.print(f"{header['name']!r} : {_readable(header['value'])}")
    out.print(f"clé : {_readable(record['key'])}")
    out.print(f"corps : {_readable(record['payload'])}")


@app.command()
def redrive_unreadable(
    record_id: RecordId, service: ServiceName, token: Token, as_json: AsJson = False, url: Url = LOCAL
) -> None:
    """Lit de nouveau un enregistrement, avec le code d'aujourd'hui ; lisible, il suit le chemin de tout événement."""
    answer = act(OpsClient(service, url, token), f"/events/unreadable/{record_id}/redrive")
    show_outcome(answer, _OUTCOMES[answer["outcome"]].format(event_id=answer["event_id"]), as_json)


@app.command()
def discard_unreadable(
    record_id: RecordId, service: ServiceName, token: Token, reason: Reason, as_json: AsJson = False, url: Url = LOCAL
) -> None:
    """Renonce pour de bon à un enregistrement illisible ; il reste lisible, avec l'auteur et la raison."""
    answer = act(OpsClient(service, url, token), f"/events/unreadable/{record_id}/discard", {"reason": reason})
    show_outcome(answer, "L'enregistrement ne compte plus parmi ceux à régler.", as_json)


def _readable(value: dict[str, Any] | None) -> str:
    return "absent" if value is None else f"{value['text']!r} (base64 : {value['base64']})"
