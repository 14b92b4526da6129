"""Which changes of a fact its readers and its archives survive: the strictest rule, in both directions, for ever.

A ledger keeps what was sent years ago and is replayed to today's readers (backward); a service of last month reads
what is sent today (forward). So between any two versions of one fact only one thing may differ: a field that both sides
can do without. Everything else is a new fact (``member.joined.v2``), published beside the first until nobody reads it.

Pure: two JSON Schemas in, what breaks out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.labels import Labelled

JsonSchema = Mapping[str, Any]

_NOTES = {"$defs", "$id", "$schema", "default", "description", "examples", "title"}
_PARTS = {"additionalProperties", "anyOf", "items", "properties", "required"}


class Kind(Labelled):
    """What breaks, and for whom."""

    MOVED = "moved", "le sujet a changé : l'ordre des faits de l'agrégat serait perdu"
    REMOVED = "removed", "champ retiré ou renommé : les lecteurs en place l'attendent"
    ADDED_REQUIRED = "added_required", "nouveau champ obligatoire : les faits archivés ne l'ont pas"
    MADE_REQUIRED = "made_required", "champ devenu obligatoire : les faits archivés peuvent ne pas l'avoir"
    MADE_OPTIONAL = "made_optional", "champ devenu facultatif : les lecteurs en place l'attendent"
    RETYPED = "retyped", "type changé"
    NULLABILITY = "nullability", "null admis d'un côté et pas de l'autre"
    NARROWED = "narrowed", "valeur retirée : elle figure peut-être dans les archives"
    WIDENED = "widened", "valeur ajoutée : les lecteurs en place la refusent"
    CONSTRAINED = "constrained", "contrainte changée"


@dataclass(frozen=True, slots=True)
class Break:
    """One difference that some reader does not survive, and where it stands in the fact."""

    path: str
    kind: Kind

    def __str__(self) -> str:
        """Write the break for the person who made it."""
        return f"{self.path or 'le fait'} : {self.kind.label}"


def breaks(released: JsonSchema, current: JsonSchema) -> list[Break]:
    """Return every difference that is not an added optional field.

    >>> released = {"type": "object", "properties": {"day": {"type": "string"}}}
    >>> retyped = {"type": "object", "properties": {"day": {"type": "integer"}}}
    >>> [str(one) for one in breaks(released, retyped)]
    ['day : type changé']
    >>> breaks(released, {"type": "object", "properties": {**released["properties"], "note": {"type": "string"}}})
    []
    """
    old, new = _resolved(released, released), _resolved(current, current)
    return list(_compare(old, new, ""))


def same(released: JsonSchema, current: JsonSchema) -> bool:
    """Tell whether two schemas accept the same facts, whatever their descriptions say.

    >>> same({"type": "string", "description": "Le nom"}, {"type": "string", "description": "La raison sociale"})
    True
    """
    return bool(_resolved(released, released) == _resolved(current, current))


def _compare(old: JsonSchema, new: JsonSchema, path: str) -> Iterator[Break]:
    if "anyOf" in old or "anyOf" in new:
        yield from _compare_alternatives(old, new, path)
        return
    if old.get("type") != new.get("type"):
        yield Break(path, Kind.RETYPED)
        return
    yield from _compare_keywords(old, new, path)
    yield from _compare_fields(old, new, path)
    for part, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(old.get(part), Mapping) and isinstance(new.get(part), Mapping):
            yield from _compare(old[part], new[part], path + mark)


def _compare_alternatives(old: JsonSchema, new: JsonSchema, path: str) -> Iterator[Break]:
    before, after = _alternatives(old), _alternatives(new)
    if (_NULL in before) != (_NULL in after):
        yield Break(path, Kind.NULLABILITY)
    before, after = [s for s in before if s != _NULL], [s for s in after if s != _NULL]
    if len(before) != len(after):
        yield Break(path, Kind.RETYPED)
        return
    for one, other in zip(before, after, strict=True):
        yield from _compare(one, other, path)


def _compare_keywords(old: JsonSchema, new: JsonSchema, path: str) -> Iterator[Break]:
    for keyword in sorted((set(old) | set(new)) - _PARTS):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        if keyword == "enum" and isinstance(before, list) and isinstance(after, list):
            if not set(before) <= set(after):
                yield Break(path, Kind.NARROWED)
            if not set(after) <= set(before):
                yield Break(path, Kind.WIDENED)
        else:
            yield Break(path, _KEYWORD_KINDS.get(keyword, Kind.CONSTRAINED))


def _compare_fields(old: JsonSchema, new: JsonSchema, path: str) -> Iterator[Break]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name, schema in before.items():
        at = f"{path}.{name}" if path else name
        if name not in after:
            yield Break(at, Kind.REMOVED)
            continue
        if (name in needed_before) != (name in needed_after):
            yield Break(at, Kind.MADE_OPTIONAL if name in needed_before else Kind.MADE_REQUIRED)
        yield from _compare(schema, after[name], at)
    for name in sorted(needed_after - set(before)):
        yield Break(f"{path}.{name}" if path else name, Kind.ADDED_REQUIRED)


_NULL = {"type": "null"}
_KEYWORD_KINDS = {
    "format": Kind.RETYPED,
    "enum": Kind.RETYPED,
    "x-topic": Kind.MOVED,
}


def _alternatives(schema: JsonSchema) -> list[Any]:
    return list(schema.get("anyOf", [schema]))


def _resolved(schema: Any, root: JsonSchema) -> Any:
    """Write a schema out: references replaced, notes dropped, one way to say "one of these values".

    Whether unknown fields are refused is dropped too: producers are closed, readers never are.
    """
    if isinstance(schema, list):
        return [_resolved(item, root) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return _resolved({**target, **{key: value for key, value in schema.items() if key != "$ref"}}, root)
    plain = {key: value for key, value in schema.items() if key not in _NOTES and value is not False}
    if "const" in plain:
        plain["enum"] = [plain.pop("const")]
    resolved = {key: _resolved(value, root) for key, value in plain.items() if key != "properties"}
    if "properties" in plain:
        # Under "properties" stand names of fields, one of which may well be "title".
        resolved["properties"] = {name: _resolved(field, root) for name, field in plain["properties"].items()}
    if "required" in resolved:
        resolved["required"] = sorted(resolved["required"])
    return resolved
