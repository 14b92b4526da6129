"""The released versions of every fact: one JSON Schema and one golden example per version, kept for ever.

``schemas/<wire name>/<version>.json`` is what was promised, ``<version>.example.json`` the very bytes of one such fact,
``schemas/SHA256SUMS`` the proof that neither changed since. A release only ever adds files.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from common.compatibility import Break, JsonSchema, breaks, same
from common.events import Fact, dump

FOLDER = Path(__file__).parent / "schemas"
_SUMS = "SHA256SUMS"


class NotReleased(Exception):
    """A fact that no version describes yet."""


class IncompatibleChange(Exception):
    """A fact changed in a way that some reader, or the archive, does not survive."""

    def __init__(self, fact: type[Fact], found: list[Break]) -> None:
        super().__init__(f"{fact.wire_name} : " + " ; ".join(map(str, found)))
        self.breaks = found


@dataclass(frozen=True, slots=True)
class Release:
    """One released version of one fact."""

    wire_name: str
    version: int
    schema: JsonSchema
    example: bytes


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    """Return the JSON Schema of a fact as the code is now."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-topic": fact.topic,
        **fact.model_json_schema(),
    }


def released(wire_name: str, folder: Path = FOLDER) -> list[Release]:
    """Return the released versions of a fact, first to last; none for a fact that is new."""
    paths = [path for path in (folder / wire_name).glob("*.json") if path.stem.isdigit()]
    return [_read(wire_name, path) for path in sorted(paths, key=lambda path: int(path.stem))]


def latest(fact: type[Fact]) -> Release:
    """Return the last released version of a fact. Raises NotReleased.

    >>> from common.contracts.platform import ReplayRequested
    >>> latest(ReplayRequested).version
    1
    """
    versions = released(fact.wire_name)
    if not versions:
        raise NotReleased(f"{fact.wire_name} n'a pas encore de version : coorace contracts release.")
    return versions[-1]


def released_names(folder: Path = FOLDER) -> list[str]:
    """Return the wire names that were ever released."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def incompatibilities(fact: type[Fact], folder: Path = FOLDER) -> list[Break]:
    """Compare a fact as it is now with every released version, not only the last: archives hold them all."""
    current = schema_of(fact)
    found = [fault for release in released(fact.wire_name, folder) for fault in breaks(release.schema, current)]
    return list(dict.fromkeys(found))


def is_released(fact: type[Fact], folder: Path = FOLDER) -> bool:
    """Tell whether the last released version is the fact as it is now."""
    versions = released(fact.wire_name, folder)
    return bool(versions) and same(versions[-1].schema, schema_of(fact))


def release(fact: type[Fact], folder: Path = FOLDER) -> Release | None:
    """Release a fact as it is now; None when its last version says the same. Raises IncompatibleChange.

    An example written by hand at its place is kept; else one is made from the types of the fields.
    """
    if is_released(fact, folder):
        return None
    if found := incompatibilities(fact, folder):
        raise IncompatibleChange(fact, found)
    version = len(released(fact.wire_name, folder)) + 1
    place = folder / fact.wire_name
    place.mkdir(parents=True, exist_ok=True)
    schema, example = place / f"{version}.json", place / f"{version}.example.json"
    content = example.read_bytes().rstrip() if example.exists() else dump(_make_example(fact))
    example.write_bytes(dump(fact.model_validate_json(content)))
    schema.write_text(json.dumps(schema_of(fact), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    with (folder / _SUMS).open("a", encoding="utf-8") as sums:
        sums.writelines(f"{_digest(path)}  {path.relative_to(folder)}\n" for path in (schema, example))
    return _read(fact.wire_name, schema)


def changed_files(folder: Path = FOLDER) -> list[str]:
    """Return the released files that were changed, removed, or added behind the back of ``release``."""
    lines = (folder / _SUMS).read_text(encoding="utf-8").splitlines()
    promised = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    present = {str(path.relative_to(folder)): _digest(path) for path in folder.glob("*/*.json")}
    return sorted(name for name in promised.keys() | present.keys() if promised.get(name) != present.get(name))


def _make_example(fact: type[Fact]) -> Fact:
    """Make one fact whose every field is filled, always the same, from the types and examples of its fields."""
    schema = fact.model_json_schema()
    return fact.model_validate_json(orjson.dumps(_sample(schema, schema, "fact")))


def _read(wire_name: str, path: Path) -> Release:
    return Release(
        wire_name,
        int(path.stem),
        json.loads(path.read_text(encoding="utf-8")),
        path.with_suffix(".example.json").read_bytes(),
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sample(schema: Mapping[str, Any], root: Mapping[str, Any], name: str) -> Any:
    for value in _given_values(schema):
        return value
    if "$ref" in schema:
        return _sample(root["$defs"][schema["$ref"].rpartition("/")[2]], root, name)
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0], root, name)
    kind = schema.get("type")
    if kind == "object":
        fields: Iterable[tuple[str, Any]] = schema.get("properties", {}).items()
        return {field: _sample(part, root, field) for field, part in fields}
    if kind == "array":
        return [_sample(schema["items"], root, name)]
    return _SAMPLES.get(schema.get("format", kind), name)


def _given_values(schema: Mapping[str, Any]) -> Iterator[Any]:
    yield from schema.get("examples", ())
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]


_SAMPLES: Mapping[Any, Any] = {
    "uuid": "01981e1e-5c00-7000-8000-000000000001",
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:30:00Z",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}
