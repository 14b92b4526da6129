"""Writes one AsyncAPI 3.0 document per service: the topics it publishes on and reads, and the facts they carry."""

from collections.abc import Iterable
from inspect import getdoc
from typing import Any

from common.events import Fact
from common.generated.listeners import heard_by, published_by
from common.releases import latest
from common.service import Service

_HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0.2, Kafka binding, binary mode.",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "Id of the event, the same however often sent"},
        "ce_source": {"type": "string", "examples": ["/coorace/membership"]},
        "ce_type": {"type": "string"},
        "ce_subject": {"type": "string", "format": "uuid", "description": "Id of the aggregate, also the record's key"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_dataschema": {"type": "string"},
        "ce_sequence": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Dense per aggregate, from 1"},
        "ce_droppedthrough": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "On a replay only: the last sequence of the aggregate that no longer exists",
        },
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context, absent on a replay"},
    },
    "required": [
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_dataschema", "ce_sequence",
        "content-type",
    ],
}  # fmt: skip


def asyncapi_document(service: Service) -> dict[str, Any]:
    """Return the document of one service."""
    sent, heard = published_by(service.name), heard_by(service)
    facts = sorted({*sent, *heard}, key=lambda fact: fact.wire_name)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": service.title,
            "version": "1",
            "description": f"The facts that {service.name} publishes and hears.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, facts) for topic in sorted({fact.topic for fact in facts})},
        "operations": {**_operations("send", sent), **_operations("receive", heard)},
        "components": {
            "messages": {fact.wire_name: _message(fact) for fact in facts},
            "schemas": {"headers": _HEADERS, **{fact.wire_name: _payload(fact) for fact in facts}},
        },
    }


def _channel(topic: str, facts: Iterable[type[Fact]]) -> dict[str, Any]:
    return {
        "address": topic,
        "messages": {
            fact.wire_name: {"$ref": f"#/components/messages/{fact.wire_name}"} for fact in facts if fact.topic == topic
        },
    }


def _operations(action: str, facts: Iterable[type[Fact]]) -> dict[str, Any]:
    return {
        f"{action}.{fact.wire_name}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{fact.topic}"},
            "messages": [{"$ref": f"#/channels/{fact.topic}/messages/{fact.wire_name}"}],
        }
        for fact in facts
    }


def _message(fact: type[Fact]) -> dict[str, Any]:
    return {
        "name": fact.wire_name,
        "summary": " ".join((getdoc(fact) or "").split()),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"#/components/schemas/{fact.wire_name}"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}}},
    }


def _payload(fact: type[Fact]) -> dict[str, Any]:
    """Return the released schema of a fact; what it refers to moves to where this document has it."""
    schema: dict[str, Any] = _moved(dict(latest(fact).schema), f"#/components/schemas/{fact.wire_name}")
    return schema


def _moved(schema: Any, place: str) -> Any:
    if isinstance(schema, list):
        return [_moved(item, place) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: place + value.removeprefix("#") if key == "$ref" else _moved(value, place)
        for key, value in schema.items()
        if key != "$schema"
    }
