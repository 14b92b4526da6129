"""``coorace events``: what ops see of the event stream of a service and do to it, over the service's own API."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NoReturn
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.table import Table

from common.cli.ops_client import OpsClient, Refused
from common.cli.reconciling import Difference, differences, positions
from common.contracts import TOPICS

app = typer.Typer(help="Les événements d'un service : voir, reprendre, renvoyer, comparer.", no_args_is_help=True)

Url = Annotated[str, typer.Option(envvar="PUBLIC_URL", help="Adresse de la plateforme.")]
Token = Annotated[str, typer.Option(envvar="COORACE_TOKEN", help="Jeton du rôle ops.", show_envvar=True)]
ServiceName = Annotated[str, typer.Option("--service", help="Le service, par exemple dues.")]
AsJson = Annotated[bool, typer.Option("--json", help="Pour un programme plutôt que pour un lecteur.")]
Topic = Annotated[str | None, typer.Option(help="Un seul sujet.")]
EventId = Annotated[UUID, typer.Argument(help="Identifiant de l'événement.")]
_LOCAL = "http://127.0.0.1:8080"

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def tail(
    service: ServiceName,
    token: Token,
    topic: Topic = None,
    after: Annotated[int | None, typer.Option(min=0, help="Après cette position ; sinon, les derniers.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
    url: Url = _LOCAL,
) -> None:
    """Le registre des faits publiés : qui, quand, quoi, pourquoi."""
    entries = _ask(OpsClient(service, url, token), "/events", topic=topic, cursor=after, limit=limit)["items"]
    columns = ("position", "occurred_at", "type", "aggregate_id", "sequence", "actor", "reason", "event_id")
    _show_rows(entries, columns, as_json)


@app.command()
def show(event_id: EventId, service: ServiceName, token: Token, as_json: AsJson = False, url: Url = _LOCAL) -> None:
    """Un fait publié, en entier."""
    entry = _ask(OpsClient(service, url, token), f"/events/{event_id}")
    if as_json:
        _write_json(entry)
        return
    for name, value in entry.items():
        if name != "fact":
            _out.print(f"{name:<14}{'' if value is None else value}")
    _out.print_json(data=entry["fact"])


@app.command()
def outbox(service: ServiceName, token: Token, as_json: AsJson = False, url: Url = _LOCAL) -> None:
    """La file d'envoi, les relais qui en tiennent les seaux, et ce que le bus a refusé."""
    waiting = _ask(OpsClient(service, url, token), "/events/outbox")
    if as_json:
        _write_json(waiting)
        return
    _out.print(f"{waiting['rows']} fait(s) à envoyer, le plus ancien depuis {waiting['oldest_seconds']:.0f} s.")
    if waiting["holders"]:
        _show_rows(waiting["holders"], ("relay", "since", "address", "pid", "buckets"), as_json)
    if waiting["free"]:
        _out.print("Seaux que personne ne tient, et ce qui y attend :")
        _show_rows(waiting["free"], ("bucket", "rows"), as_json)
    if waiting["quarantined"]:
        _out.print("Refusés par le bus, avec tout ce qui suit de leur agrégat :")
        _show_rows(waiting["quarantined"], ("event_id", "type", "aggregate_id", "sequence", "occurred_at"), as_json)


@app.command()
def parked(service: ServiceName, token: Token, as_json: AsJson = False, url: Url = _LOCAL) -> None:
    """Les événements mis de côté, dans l'ordre où ils seront repris."""
    _show_rows(
        _all(OpsClient(service, url, token), "/events/parked"),
        ("event_id", "type", "aggregate_id", "sequence", "why", "attempts", "fault"),
        as_json,
    )


@app.command()
def redrive(event_id: EventId, service: ServiceName, token: Token, as_json: AsJson = False, url: Url = _LOCAL) -> None:
    """Reprend un événement mis de côté, puis ceux qui l'attendent."""
    _settled(_do(OpsClient(service, url, token), f"/events/parked/{event_id}/redrive"), as_json)


@app.command()
def discard(
    event_id: EventId,
    service: ServiceName,
    token: Token,
    reason: Annotated[str, typer.Option(help="Pourquoi l'on y renonce ; conservé.")],
    as_json: AsJson = False,
    url: Url = _LOCAL,
) -> None:
    """Renonce pour de bon à un événement mis de côté, puis reprend ceux qui l'attendent."""
    _settled(_do(OpsClient(service, url, token), f"/events/parked/{event_id}/discard", {"reason": reason}), as_json)


@app.command()
def replay(
    service: ServiceName,
    token: Token,
    topic: Topic = None,
    aggregate: Annotated[UUID | None, typer.Option(help="Un seul agrégat.")] = None,
    after_sequence: Annotated[int, typer.Option(min=0, help="Après ce numéro d'ordre.")] = 0,
    as_json: AsJson = False,
    url: Url = _LOCAL,
) -> None:
    """Renvoie des faits du registre ; ceux qui les ont les ignorent."""
    body = {
        "topic": topic,
        "aggregate_id": str(aggregate) if aggregate else None,
        "after_sequence": after_sequence,
    }
    answer = _do(OpsClient(service, url, token), "/events/replay", body)
    if as_json:
        _write_json(answer)
    else:
        _out.print(f"{answer['events']} fait(s) repartent.")


@app.command()
def retry(event_id: EventId, service: ServiceName, token: Token, as_json: AsJson = False, url: Url = _LOCAL) -> None:
    """Tente de nouveau l'envoi d'un fait que le bus a refusé."""
    answer = _do(OpsClient(service, url, token), f"/events/outbox/{event_id}/retry")
    if as_json:
        _write_json(answer)
    else:
        _out.print("Le fait repart, et ceux qui le suivent.")


@app.command()
def reconcile(
    token: Token,
    producer: Annotated[str, typer.Option(help="Le service qui publie.")],
    consumer: Annotated[str, typer.Option(help="Le service qui lit.")],
    topic: Topic = None,
    as_json: AsJson = False,
    url: Url = _LOCAL,
) -> None:
    """Compare, agrégat par agrégat, ce qu'un service a publié et ce qu'un autre en a appliqué."""
    topics = [topic] if topic else [name for name in TOPICS if name.partition(".")[0] == producer]
    pair = OpsClient(producer, url, token), OpsClient(consumer, url, token)
    compared = {name: found for name in topics if (found := _compare(*pair, name)) is not None}
    if not compared:
        _fail(f"{consumer} n'écoute aucun sujet de {producer} : {', '.join(topics) or 'il ne publie rien'}.")
    if as_json:
        _write_json({name: [_difference(item) for item in items] for name, items in compared.items()})
    else:
        for name, items in compared.items():
            _show_differences(name, consumer, items)
    if any(compared.values()):
        raise typer.Exit(1)


def _compare(producer: OpsClient, consumer: OpsClient, topic: str) -> list[Difference] | None:
    """Compare two sides of a topic; None when the reader does not listen to it."""
    try:
        received = positions(consumer.pages("/streams/received", topic=topic))
        return differences(positions(producer.pages("/streams/published", topic=topic)), received)
    except Refused as refusal:
        if refusal.code == "topic_not_read":
            return None
        _fail(str(refusal))


def _difference(item: Difference) -> dict[str, Any]:
    return {
        "aggregate_id": item.aggregate_id,
        "published": item.published.sequence,
        "to_send": item.published.waiting,
        "settled": item.received.sequence,
        "parked": item.received.waiting,
        "missing": item.missing,
    }


def _show_differences(topic: str, consumer: str, items: Sequence[Difference]) -> None:
    if not items:
        _out.print(f"{topic} : {consumer} a tout appliqué.")
        return
    _out.print(f"{topic} : {consumer} n'a pas tout appliqué de {len(items)} agrégat(s).")
    _show_rows([_difference(item) for item in items], tuple(_difference(items[0])), as_json=False)


def _settled(answer: Any, as_json: bool) -> None:
    if as_json:
        _write_json(answer)
        return
    _out.print(f"{len(answer['applied'])} événement(s) appliqué(s), {answer['remaining']} encore en attente.")


def _ask(client: OpsClient, path: str, **parameters: Any) -> Any:
    try:
        return client.get(path, **parameters)
    except Refused as refusal:
        _fail(str(refusal))


def _all(client: OpsClient, path: str) -> list[Any]:
    try:
        return list(client.pages(path))
    except Refused as refusal:
        _fail(str(refusal))


def _do(client: OpsClient, path: str, body: dict[str, Any] | None = None) -> Any:
    try:
        return client.post(path, body)
    except Refused as refusal:
        _fail(str(refusal))


def _show_rows(rows: Iterable[dict[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    rows = list(rows)
    if as_json:
        _write_json(rows)
        return
    if not rows:
        _out.print("Rien.")
        return
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    _out.print(table)


def _write_json(value: Any) -> None:
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _fail(sentence: str) -> NoReturn:
    _err.print(sentence)
    raise typer.Exit(1)
