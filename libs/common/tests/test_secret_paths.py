"""An address may be a secret: neither a trace nor a log has more of it than its route."""

from typing import Any, cast
from uuid import uuid4

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common.telemetry import _RoutesForPaths, route_of
from common.testing.harness import ServiceUnderTest

SECRET = "Zm9yLXlvdXItZXllcy1vbmx5LXNlY3JldC1hZGRyZXNz"  # of nothing


async def test_a_trace_has_the_route_of_a_request_and_not_its_path(standing: ServiceUnderTest) -> None:
    """Where a route answers, and where none does, as when the end of an address was lost in a copy."""
    spans = InMemorySpanExporter()
    provider = cast("TracerProvider", trace.get_tracer_provider())
    provider.add_span_processor(SimpleSpanProcessor(_RoutesForPaths(spans)))
    note_id = uuid4()
    async with standing.client("network") as client:
        assert (
            await client.put(f"/notes/{note_id}", json={"title": "x"}, headers={"If-Match": "x"})
        ).status_code == 404
        assert (await client.get(f"/notes/of/{SECRET}")).status_code == 404
    finished = spans.get_finished_spans()
    spans.shutdown()
    said = "".join(span.to_json() for span in finished)
    assert str(note_id) not in said
    assert SECRET not in said
    paths = {str((span.attributes or {}).get("url.path")) for span in finished}
    assert {"/notebook/v1/notes/{note_id}", "/notebook/v1/notes/of/…"} <= paths


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("/notebook/v1/notes/{note_id}/doomed", "/notebook/v1/notes/{note_id}/doomed", id="sa route"),
        pytest.param(None, "/notebook/v1/notes/…/doomed", id="sans route"),
    ],
)
def test_a_log_has_the_route_too(path: str | None, said: str) -> None:
    class Route:
        def __init__(self) -> None:
            self.path = path

    scope: dict[str, Any] = {"path": f"/notebook/v1/notes/{SECRET}/doomed"}
    assert route_of({**scope, "route": Route()} if path else scope) == said


async def test_an_unexpected_error_is_logged_by_its_route(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        with structlog.testing.capture_logs() as logs:
            assert (await client.post("/notes", json={"title": "doomed", "rank": 1})).status_code == 500
    [entry] = [one for one in logs if one["event"] == "unexpected_error"]
    assert (entry["route"], "path" in entry) == ("/notes", False)
