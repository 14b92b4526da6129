"""Traces that cross the bus, logs that carry them, and the meters ops watch.

HTTP spans come from FastAPI itself. An outbox row keeps the trace of the request that made the fact; the relay and
every consumer add their spans to that same trace.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.environment_variables import OTEL_EXPORTER_OTLP_ENDPOINT
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("coorace")
_PATH, _ROUTE = "url.path", "http.route"
_LONGEST_WORD = 30
"""Longer than any word of a route, shorter than any secret."""

OUTBOX_OLDEST_SECONDS = Gauge("coorace_outbox_oldest_seconds", "Age of the oldest fact not yet sent")
OUTBOX_ROWS = Gauge("coorace_outbox_rows", "Facts not yet sent")
QUARANTINED = Gauge("coorace_outbox_quarantined", "Facts the broker refused")
PUBLISHED = Counter("coorace_events_published", "Facts acknowledged by the broker", ["topic"])
PUBLISH_SECONDS = Histogram("coorace_publish_seconds", "From commit to the broker's acknowledgement")
CONSUMED = Counter("coorace_events_consumed", "Events by outcome", ["consumer", "outcome"])
CONSUMER_LAG = Gauge("coorace_consumer_lag_events", "Records not yet settled", ["consumer"])
CONSUMER_LAG_SECONDS = Gauge("coorace_consumer_lag_seconds", "Age of the oldest record not settled", ["consumer"])
REBALANCES = Counter("coorace_consumer_rebalances", "Times the group shared its partitions out anew", ["consumer"])
RELAY_BUCKETS = Gauge("coorace_relay_buckets", "Buckets of the outbox that this relay holds")
LOOP_LAG_SECONDS = Gauge("coorace_loop_lag_seconds", "Worst lateness of the event loop, of late")
OLDEST_TRANSACTION_SECONDS = Gauge("coorace_oldest_transaction_seconds", "Age of the database's oldest transaction")
PARKED = Gauge("coorace_parked_events", "Events parked and not settled", ["consumer"])
UNREADABLE = Gauge("coorace_unreadable_records", "Records that could not be read and are not settled", ["consumer"])
MAILS_WAITING = Gauge("coorace_mails_waiting", "Mails not yet sent")
MAILS_OLDEST_SECONDS = Gauge("coorace_mails_waiting_oldest_seconds", "Age of the oldest mail not yet sent")
MAILS_SETTLED = Counter("coorace_mails_settled", "Mails sent, refused or abandoned", ["outcome"])
"""Alert on age, on parked events and on unreadable records, never on rates."""


def set_up(service: str, process: str, *, traces_file: str | None) -> None:
    """Configure logs and traces for one process. Spans go to OTLP when its endpoint is set, to a file when named."""
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.instance.id": process}))
    if _otlp_configured():
        provider.add_span_processor(BatchSpanProcessor(_RoutesForPaths(OTLPSpanExporter())))
    if traces_file:
        path = Path(traces_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        out = path.open("a", encoding="utf-8")
        exporter = _RoutesForPaths(ConsoleSpanExporter(out=out, formatter=_json_line))
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    set_up_logs(service, process)


class _RoutesForPaths(SpanExporter):
    """Exports spans with the route in place of the path: the address of a feed is its reader's secret.

    FastAPI writes the path of every request; a trace is read by more people than may know it.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export spans, their paths taken out."""
        return self._exporter.export([_without_path(span) for span in spans])

    def shutdown(self) -> None:
        """Stop the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Have the exporter send what it holds."""
        return self._exporter.force_flush(timeout_millis)


def route_of(scope: Mapping[str, Any]) -> str:
    """Return what a log may say of the address of a request: its route, or its path cut where no route answers."""
    route: str | None = getattr(scope.get("route"), "path", None)
    return route or _cut(scope["path"])


def _without_path(span: ReadableSpan) -> ReadableSpan:
    attributes = dict(span.attributes or {})
    if _PATH not in attributes:
        return span
    attributes[_PATH] = attributes.get(_ROUTE) or _cut(str(attributes[_PATH]))
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=span.events,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _cut(path: str) -> str:
    """Return a path that no route answers without what may be a secret in it, as where its end was lost in a copy.

    >>> _cut("/membership/v1/agenda/calendars/" + "x" * 43)
    '/membership/v1/agenda/calendars/…'
    """
    return "/".join(part if len(part) <= _LONGEST_WORD else "…" for part in path.split("/"))


def _otlp_configured() -> bool:
    return OTEL_EXPORTER_OTLP_ENDPOINT in os.environ


def _json_line(span: ReadableSpan) -> str:
    return json.dumps(json.loads(span.to_json()), separators=(",", ":")) + "\n"


def set_up_logs(service: str, process: str) -> None:
    """Configure logs alone: one JSON line an entry, on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_trace,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service, process=process)


def _add_trace(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    trace_id = current_trace_id()
    if trace_id:
        entry["trace_id"] = trace_id
    return entry


def current_trace_id() -> str | None:
    """Return the hexadecimal id of the trace under way, None outside of one.

    >>> current_trace_id() is None
    True
    """
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


def current_traceparent() -> str | None:
    """Return the W3C ``traceparent`` of the span under way, None outside of one.

    >>> current_traceparent() is None
    True
    """
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span_of(name: str, kind: SpanKind, traceparent: str | None) -> Iterator[None]:
    """Run a block as a span of the trace that ``traceparent`` belongs to; without one, no span is made.

    >>> with span_of("apply", SpanKind.CONSUMER, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
    ...     current_trace_id()
    '0af7651916cd43dd8448eb211c80319c'
    """
    if traceparent is None:
        yield
        return
    with _TRACER.start_as_current_span(name, context=_parent(traceparent), kind=kind):
        yield


def record_span(
    name: str,
    kind: SpanKind,
    traceparent: str | None,
    *,
    started_at: int,
    attributes: dict[str, str],
) -> None:
    """Record work already done, since ``started_at`` (nanoseconds), as a span of the trace that caused it."""
    if traceparent is None:
        return
    span = _TRACER.start_span(
        name, context=_parent(traceparent), kind=kind, start_time=started_at, attributes=attributes
    )
    span.end()


def _parent(traceparent: str) -> Context:
    return _PROPAGATOR.extract({"traceparent": traceparent})
