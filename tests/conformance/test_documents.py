"""What is generated is committed, current and well-formed."""

import json
from pathlib import Path
from typing import Any

import pytest

from common import generated
from common.contracts import BY_NAME, TOPICS
from common.discovery import Found, find_services
from common.generated.listeners import published_by

ROOT = Path(__file__).parents[2]
FOUND = find_services(ROOT)
# Services to come whose first reader has written what they will say: docs/decisions/0029-encounters.md.
AWAITED = {"fg2i", "legal-desk", "ptce"}
every_service = pytest.mark.parametrize("found", [pytest.param(found, id=found.service.name) for found in FOUND])


def test_the_committed_documents_are_what_the_code_says() -> None:
    assert generated.outdated(ROOT) == [], "coorace docs"


@every_service
def test_the_asyncapi_document_holds_together(found: Found) -> None:
    document = json.loads((found.folder / "asyncapi.json").read_text(encoding="utf-8"))
    assert document.keys() == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert document["asyncapi"] == "3.0.0"
    assert document["info"].keys() >= {"title", "version"}
    for topic, channel in document["channels"].items():
        assert channel["address"] == topic
        assert channel["messages"]
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = _target(document, operation["channel"])
        assert all(_target(document, message) in _messages(document, channel) for message in operation["messages"])
    for message in document["components"]["messages"].values():
        assert _target(document, message["payload"])["type"] == "object"
        assert _target(document, message["headers"])["required"]
    assert [reference for reference in _references(document) if not _target(document, {"$ref": reference})] == []


@every_service
def test_a_service_sends_the_facts_of_its_own_topics(found: Found) -> None:
    operations = json.loads((found.folder / "asyncapi.json").read_text(encoding="utf-8"))["operations"]
    sent = {name.removeprefix("send.") for name, one in operations.items() if one["action"] == "send"}
    assert sent == {fact.wire_name for fact in published_by(found.service.name)}


def test_every_fact_has_a_producer_among_the_services() -> None:
    producers = {found.service.name for found in FOUND} | AWAITED
    published = {fact.wire_name for producer in producers for fact in published_by(producer)}
    assert published == set(BY_NAME)


def test_no_service_that_runs_is_awaited() -> None:
    assert {found.service.name for found in FOUND} & AWAITED == set()


def test_topics_are_named_after_their_producer_and_their_aggregate() -> None:
    producers = {found.service.name for found in FOUND} | AWAITED | {"platform"}
    assert all(topic.partition(".")[0] in producers and topic.count(".") == 1 for topic in TOPICS)


@every_service
def test_the_openapi_document_refers_to_what_it_defines(found: Found) -> None:
    document = json.loads((found.folder / "openapi.json").read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1")
    assert [reference for reference in _references(document) if not _target(document, {"$ref": reference})] == []


def _messages(document: dict[str, Any], channel: dict[str, Any]) -> list[Any]:
    return [_target(document, message) for message in channel["messages"].values()]


def _target(document: dict[str, Any], reference: dict[str, Any]) -> Any:
    """Follow a local reference, and those it leads to."""
    while "$ref" in reference:
        found: Any = document
        for part in reference["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        reference = found
    return reference


def _references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [reference for item in part for reference in _references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [reference for value in part.values() for reference in _references(value)]
