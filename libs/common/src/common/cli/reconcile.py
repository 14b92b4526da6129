"""``coorace events reconcile``: the proof that a reader has everything, and the request for what it has not."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any

import typer

from common.cli.ops_client import OpsClient, Refused
from common.cli.reconciling import (
    Cell,
    Comparison,
    Difference,
    Item,
    Replays,
    differences,
    differing_cells,
    digest,
    extra_events,
    missing_events,
    positions,
    replays,
)
from common.cli.screen import LOCAL, AsJson, Token, Topic, Url, err, fail, out, show_rows, write_json
from common.contracts import TOPICS
from common.digests import MOST_DAYS
from common.wording import counted

app = typer.Typer()

_IDS_A_REQUEST = 1_000
_SHOWN_ROWS = 50


@app.command()
def reconcile(
    token: Token,
    producer: Annotated[str, typer.Option(help="Le service qui publie.")],
    consumer: Annotated[str, typer.Option(help="Le service qui lit.")],
    topic: Topic = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Jours comparés fait par fait.")] = 7,
    redrive: Annotated[bool, typer.Option("--redrive", help="Redemander au producteur ce qui manque.")] = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Compare ce qu'un service a publié et ce qu'un autre en a : fait par fait, puis agrégat par agrégat."""
    topics = [topic] if topic else [name for name in TOPICS if name.partition(".")[0] == producer]
    pair = OpsClient(producer, url, token), OpsClient(consumer, url, token)
    try:
        compared = {name: found for name in topics if (found := _compare(*pair, name, days)) is not None}
        if not compared:
            fail(f"{consumer} n'écoute aucun sujet de {producer} : {', '.join(topics) or 'il ne publie rien'}.")
        if as_json:
            write_json({name: _comparison(found) for name, found in compared.items()})
        else:
            for name, found in compared.items():
                _show(name, producer, consumer, found)
        if redrive:
            _ask_again(pair[0], compared)
    except Refused as refusal:
        fail(str(refusal))
    if any(found.differs for found in compared.values()):
        raise typer.Exit(1)


def _compare(producer: OpsClient, consumer: OpsClient, topic: str, days: int) -> Comparison | None:
    """Compare two sides of a topic; None when the reader does not listen to it.

    The reader speaks first each time: what it has by then, its producer has published before.
    """
    try:
        received = digest(consumer.get("/streams/received/digest", topic=topic, days=days))
    except Refused as refusal:
        if refusal.code == "topic_not_read":
            return None
        raise
    published = digest(producer.get("/streams/published/digest", topic=topic, days=days))
    found = Comparison(since=max(published.since, received.since))
    for cell in differing_cells(published, received):
        _look_into(cell, producer, consumer, topic, found)
    settled = positions(consumer.pages("/streams/received", topic=topic))
    found.aggregates = differences(positions(producer.pages("/streams/published", topic=topic)), settled)
    return found


def _look_into(cell: Cell, producer: OpsClient, consumer: OpsClient, topic: str, found: Comparison) -> None:
    place = {"topic": topic, "day": cell.day, "bucket": cell.bucket}
    received: list[Item] = list(consumer.pages("/streams/received/events", **place))
    published: list[Item] = list(producer.pages("/streams/published/events", **place))
    found.missing += missing_events(published, received)
    found.extra += extra_events(published, received)


def _ask_again(producer: OpsClient, compared: dict[str, Comparison]) -> None:
    asked = sum(_replay(producer, topic, replays(found)) for topic, found in compared.items())
    leaving = counted(asked, "fait repart", "faits repartent")
    err.print(f"{leaving} de {producer.service} : comparez de nouveau dans un instant.")


def _replay(producer: OpsClient, topic: str, wanted: Replays) -> int:
    asked = 0
    for aggregate_id, after in wanted.aggregates:
        asked += producer.replay(topic=topic, aggregate_id=aggregate_id, after_sequence=after)
    ids = iter(wanted.events)
    while some := list(islice(ids, _IDS_A_REQUEST)):
        asked += producer.post("/events/replay/selected", {"event_ids": some})["events"]
    return asked


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "since": found.since,
        "missing": found.missing,
        "extra": found.extra,
        "aggregates": [_difference(item) for item in found.aggregates],
    }


def _difference(item: Difference) -> dict[str, Any]:
    return {
        "aggregate_id": item.aggregate_id,
        "published": item.published.sequence,
        "to_send": item.published.waiting,
        "settled": item.received.sequence,
        "parked": item.received.waiting,
        "missing": item.missing,
    }


def _show(topic: str, producer: str, consumer: str, found: Comparison) -> None:
    if not found.differs:
        out.print(f"{topic} : {consumer} a tout appliqué ; fait par fait depuis le {found.since}.")
        return
    if found.missing:
        missing = counted(len(found.missing), "fait publié", "faits publiés")
        out.print(f"{topic} : il manque à {consumer} {missing} depuis le {found.since}.")
        _show_some(found.missing, ("event_id", "type", "aggregate_id", "sequence", "occurred_at"))
    if found.extra:
        out.print(f"{topic} : {consumer} a {counted(len(found.extra), 'événement')} que {producer} ne connaît pas.")
        _show_some(found.extra, ("event_id", "received_at"))
    if found.aggregates:
        out.print(f"{topic} : {consumer} n'a pas tout appliqué de {counted(len(found.aggregates), 'agrégat')}.")
        rows = [_difference(item) for item in found.aggregates]
        _show_some(rows, tuple(rows[0]))


def _show_some(rows: Sequence[Item], columns: Sequence[str]) -> None:
    show_rows([dict(row) for row in rows[:_SHOWN_ROWS]], columns, as_json=False)
    if len(rows) > _SHOWN_ROWS:
        out.print(f"… et {len(rows) - _SHOWN_ROWS} de plus (--json les donne tous).")
