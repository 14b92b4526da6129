"""What was ever promised about a fact still holds: schemas, examples, and who may be how strict."""

from itertools import pairwise
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from common import releases
from common.contracts import BY_NAME
from common.events import Fact, dump
from common.releases import Release

FACTS = [pytest.param(fact, id=name) for name, fact in sorted(BY_NAME.items())]
RELEASES = [
    pytest.param(release, id=f"{name} {release.version}")
    for name in releases.released_names()
    for release in releases.released(name)
]


@pytest.mark.parametrize("fact", FACTS)
def test_the_fact_is_compatible_with_everything_released(fact: type[Fact]) -> None:
    assert releases.incompatibilities(fact) == []


@pytest.mark.parametrize("fact", FACTS)
def test_the_fact_is_released_as_it_is(fact: type[Fact]) -> None:
    assert releases.is_released(fact), f"{fact.wire_name}: coorace contracts release"


def test_no_released_fact_was_withdrawn() -> None:
    assert set(releases.released_names()) == set(BY_NAME)


def test_no_released_file_was_touched() -> None:
    assert releases.changed_files() == []


@pytest.mark.parametrize("name", releases.released_names())
def test_versions_follow_each_other(name: str) -> None:
    versions = [release.version for release in releases.released(name)]
    assert versions[0] == 1
    assert all(later == earlier + 1 for earlier, later in pairwise(versions))


@pytest.mark.parametrize("release", RELEASES)
def test_the_example_parses_for_ever_and_loses_nothing(release: Release) -> None:
    fact = BY_NAME[release.wire_name].read(release.example)
    assert _contains(orjson.loads(dump(fact)), orjson.loads(release.example))


@pytest.mark.parametrize("fact", FACTS)
def test_the_last_example_is_produced_byte_for_byte(fact: type[Fact]) -> None:
    example = releases.released(fact.wire_name)[-1].example
    assert dump(fact.model_validate_json(example)) == example


@pytest.mark.parametrize("fact", FACTS)
def test_producers_are_closed_and_readers_tolerant_at_every_depth(fact: type[Fact]) -> None:
    example = releases.released(fact.wire_name)[-1].example
    known = fact.read(example)
    for place, payload in _with_a_field_more(orjson.loads(example)):
        assert fact.read(orjson.dumps(payload)) == known, place
        with pytest.raises(ValidationError, match="extra_forbidden"):
            fact.model_validate_json(orjson.dumps(payload))


@pytest.mark.parametrize("fact", FACTS)
def test_every_part_of_a_fact_is_closed_and_immutable(fact: type[Fact]) -> None:
    for part in _parts(fact):
        assert (part.model_config.get("extra"), part.model_config.get("frozen")) == ("forbid", True), part.__name__


@pytest.mark.parametrize("fact", FACTS)
def test_the_fact_says_what_it_means_and_whose_it_is(fact: type[Fact]) -> None:
    producer = fact.topic.partition(".")[0]
    assert fact.__module__ == f"common.contracts.{producer.replace('-', '_')}"
    assert fact.__doc__, "a fact without a meaning"
    assert "." in fact.wire_name


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(name in whole and _contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_contains, whole, part))
    return bool(whole == part)


def _with_a_field_more(payload: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return copies of a payload, each with one unknown field in one of its objects."""
    found: list[tuple[str, Any]] = []
    if isinstance(payload, dict):
        found.append((path, {**payload, "not_known_yet": 1}))
        for name, value in payload.items():
            found += [(at, {**payload, name: item}) for at, item in _with_a_field_more(value, f"{path}/{name}")]
    elif isinstance(payload, list):
        for rank, value in enumerate(payload):
            changed = _with_a_field_more(value, f"{path}/{rank}")
            found += [(at, [*payload[:rank], item, *payload[rank + 1 :]]) for at, item in changed]
    return found


def _parts(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            found |= _parts(part)
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models_in(argument)]
