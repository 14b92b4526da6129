"""Writes ``docs/events.md``: every fact, what it means and carries, who publishes it, who listens and how."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import getdoc
from typing import Any

from common.contracts import BY_NAME
from common.events import Fact
from common.generated.listeners import Listener, listeners, producer_of
from common.releases import latest
from common.service import Service

_HEAD = """\
# Événements

Écrit par `coorace docs` d'après les contrats et les abonnements : ne pas modifier à la main.

Chaque enregistrement est un CloudEvent 1.0.2 en mode binaire : les attributs dans les en-têtes (`ce_id`, `ce_type`,
`ce_subject`, `ce_sequence`…), le fait en JSON dans la valeur, l'identifiant de l'agrégat comme clé. Les faits d'un
agrégat sont dans l'ordre ; chacun porte l'état public de l'agrégat après lui. Un lecteur ignore les champs qu'il ne
connaît pas, et les types auxquels il ne s'est pas abonné : `fact.discarded` tient la place d'un fait que le bus a
refusé et auquel un exploitant a renoncé.
"""


_TYPES = {
    "string": "texte",
    "integer": "entier",
    "boolean": "vrai ou faux",
    "object": "objet",
    "null": "absent",
    "any": "tout",
}


def events_document(services: Sequence[Service]) -> str:
    """Return the document in Markdown."""
    heard = listeners(services)
    facts = [fact for _, fact in sorted(BY_NAME.items())]
    sections = [_section(fact, heard[fact]) for fact in facts]
    return "\n".join([_HEAD, *_table(facts, heard), "", *sections])


def _table(facts: Iterable[type[Fact]], heard: Mapping[type[Fact], Sequence[Listener]]) -> Iterator[str]:
    yield "| fait | sujet | publié par | lu par |"
    yield "|---|---|---|---|"
    for fact in facts:
        names = ", ".join(dict.fromkeys(listener.service for listener in heard[fact])) or "personne encore"
        yield f"| [`{fact.wire_name}`](#{_anchor(fact)}) | `{fact.topic}` | {producer_of(fact)} | {names} |"


def _section(fact: type[Fact], heard: Sequence[Listener]) -> str:
    version = latest(fact)
    reactions = [f"- **{listener.service}** {listener.reaction}" for listener in heard] or ["- personne encore"]
    example = json.dumps(json.loads(version.example), indent=2, ensure_ascii=False)
    return "\n".join(
        [
            f"## {fact.wire_name}",
            "",
            " ".join((getdoc(fact) or "").split()).replace("``", "`"),
            "",
            f"Sujet `{fact.topic}`, publié par {producer_of(fact)}, version {version.version} du schéma.",
            "",
            "Qui le lit :",
            "",
            *reactions,
            "",
            "| champ | type | |",
            "|---|---|---|",
            *_fields(fact.model_json_schema()),
            "",
            "```json",
            example,
            "```",
            "",
        ]
    )


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _fields_of(schema, schema, "")


def _fields_of(schema: Mapping[str, Any], root: Mapping[str, Any], path: str) -> Iterator[str]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        at = f"{path}.{name}" if path else name
        note = field.get("description", "") if name in required else f"{field.get('description', '')} (facultatif)"
        yield f"| `{at}` | {_type(field, root)} | {note.strip()} |"
        inside = _object_in(field, root)
        if inside is not None:
            repeated = "[]" if "items" in field else ""
            yield from _fields_of(inside, root, at + repeated)


def _object_in(field: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the object a field holds, directly, in a list, or unless it is null."""
    if "$ref" in field:
        target: Mapping[str, Any] = root["$defs"][field["$ref"].rpartition("/")[2]]
        return target if "properties" in target else None
    for part in (field.get("items"), *field.get("anyOf", ())):
        if isinstance(part, Mapping) and (found := _object_in(part, root)) is not None:
            return found
    return None


def _type(field: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return _type(root["$defs"][field["$ref"].rpartition("/")[2]], root)
    if "anyOf" in field:
        return " ou ".join(_type(part, root) for part in field["anyOf"])
    if "const" in field or "enum" in field:
        return " ou ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"liste : {_type(field['items'], root)}"
    return _TYPES.get(kind := str(field.get("format", field.get("type", "any"))), kind)


def _anchor(fact: type[Fact]) -> str:
    return fact.wire_name.replace(".", "")
