"""``coorace events parked|redrive|redrive-all|discard``: events set aside by a reader."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.progress import track

from common.cli.ops_client import OpsClient, Refused
from common.cli.screen import (
    LOCAL,
    AsJson,
    DryRun,
    EventId,
    Reason,
    ServiceName,
    Token,
    Topic,
    Url,
    act,
    ask,
    ask_all,
    err,
    fail,
    out,
    show_entry,
    show_outcome,
    show_rows,
    write_json,
)
from common.wording import counted

app = typer.Typer()

Aggregate = Annotated[UUID | None, typer.Option(help="Un seul agrégat.")]
Type = Annotated[str | None, typer.Option("--type", help="Un seul type de fait.")]
Fault = Annotated[str | None, typer.Option(help="Une seule classe de faute : ce qui précède le deux-points.")]
Why = Annotated[str | None, typer.Option(help="failed, behind ou gap.")]

_BY_EVENT: tuple[str, Sequence[str]] = (
    "/events/parked",
    ("event_id", "type", "aggregate_id", "sequence", "why", "attempts", "fault"),
)
_BY_AGGREGATE: tuple[str, Sequence[str]] = (
    "/events/parked/aggregates",
    ("aggregate_id", "since", "event_id", "type", "sequence", "why", "behind", "fault"),
)


@app.command()
def parked(
    service: ServiceName,
    token: Token,
    event_id: Annotated[UUID | None, typer.Argument(help="L'événement à lire en entier.")] = None,
    by_aggregate: Annotated[bool, typer.Option("--by-aggregate", help="Une ligne par agrégat retenu.")] = False,
    topic: Topic = None,
    aggregate: Aggregate = None,
    type_: Type = None,
    why: Why = None,
    fault: Fault = None,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Les événements mis de côté, dans l'ordre où ils seront repris ; ou l'un d'eux, en entier."""
    client = OpsClient(service, url, token)
    if event_id is not None:
        show_entry(ask(client, f"/events/parked/{event_id}"), as_json)
        return
    filters = {"topic": topic, "aggregate_id": aggregate, "type": type_, "why": why, "fault": fault}
    path, columns = _BY_AGGREGATE if by_aggregate else _BY_EVENT
    show_rows(ask_all(client, path, **filters), columns, as_json)


@app.command()
def redrive(
    event_id: EventId,
    service: ServiceName,
    token: Token,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Reprend un événement mis de côté, puis ceux qui l'attendent."""
    client = OpsClient(service, url, token)
    _resumed(act(client, f"/events/parked/{event_id}/redrive", dry_run=dry_run), dry_run, as_json)


@app.command()
def redrive_all(
    service: ServiceName,
    token: Token,
    topic: Topic = None,
    aggregate: Aggregate = None,
    type_: Type = None,
    fault: Fault = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Reprend tous les agrégats en échec que rien n'exclut, chacun dans l'ordre et pour lui-même."""
    client = OpsClient(service, url, token)
    filters = {"topic": topic, "aggregate_id": aggregate, "type": type_, "fault": fault}
    held = [one for one in ask_all(client, "/events/parked/aggregates", **filters) if one["why"] != "gap"]
    results = [_redriven(client, one, dry_run) for one in _watched(held)]
    still = [one for one in results if one["remaining"]]
    if as_json:
        write_json(results)
    else:
        applied = counted(sum(one["applied"] for one in results), "événement appliqué", "événements appliqués")
        freed = counted(len(results) - len(still), "libéré")
        sentence = f"{counted(len(results), 'agrégat')} repris, {freed} ; {applied}."
        out.print(_said(sentence, dry_run))
        if still:
            out.print("Encore retenus :")
            show_rows(still, ("aggregate_id", "type", "applied", "remaining", "refusal"), as_json)
    if still:
        raise typer.Exit(1)


@app.command()
def discard(
    event_id: EventId,
    service: ServiceName,
    token: Token,
    reason: Reason,
    as_json: AsJson = False,
    url: Url = LOCAL,
) -> None:
    """Renonce pour de bon à un événement mis de côté, puis reprend ceux qui l'attendent."""
    answer = act(OpsClient(service, url, token), f"/events/parked/{event_id}/discard", {"reason": reason})
    _resumed(answer, False, as_json)


def _redriven(client: OpsClient, held: dict[str, Any], dry_run: bool) -> dict[str, Any]:
    """Redrive one aggregate. A refusal is this aggregate's alone, unless it would be everybody's."""
    found = {"aggregate_id": held["aggregate_id"], "topic": held["topic"], "type": held["type"]}
    try:
        answer = client.post(f"/events/parked/{held['event_id']}/redrive", dry_run=dry_run)
    except Refused as refusal:
        if refusal.code in (None, "unauthenticated", "forbidden"):
            fail(str(refusal))
        return {**found, "applied": 0, "remaining": 1 + held["behind"], "refusal": str(refusal)}
    return {**found, "applied": len(answer["applied"]), "remaining": answer["remaining"], "refusal": None}


def _watched(held: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return track(held, "Reprise", console=err, transient=True, disable=not err.is_terminal)


def _resumed(answer: Any, dry_run: bool, as_json: bool) -> None:
    applied = counted(len(answer["applied"]), "événement appliqué", "événements appliqués")
    sentence = f"{applied}, {answer['remaining']} encore en attente."
    show_outcome(answer, _said(sentence, dry_run), as_json)


def _said(sentence: str, dry_run: bool) -> str:
    return f"Aperçu, rien n'est enregistré : {sentence}" if dry_run else sentence
