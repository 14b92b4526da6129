"""One grammar for every API: what a client learnt from one route holds for all, or the route says why it does not.

Read from what ``docs/routes.md`` is written from. A route declares what it does otherwise by ``apart(rule, why)``: each
rule below is held against what was declared, so that nothing strays in silence and no reason outlives its need.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from common.discovery import find_services
from common.generated.lines import Line, lines_of
from common.openapi import described_routes
from common.pagination import MOST_SHOWN

ROOT = Path(__file__).parents[2]
SERVICES = [found.service for found in find_services(ROOT)]
LINES = [line for service in SERVICES for line in lines_of(service)]
ENDPOINTS = {
    f"{method} {route.path}": route.endpoint
    for service in SERVICES
    for route in described_routes(service.described)
    for method in route.methods or ()
}
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?")
SNAKE = re.compile(r"[a-z]+(_[a-z]+)*")
# What one follows with an identifier is said in the plural, or is one of these: a whole of which each is a part, the
# state of an event, what it is found by, or the year.
WHOLES = {
    "agenda", "attendance", "by-siren", "by-siret", "calendar", "catalogue", "directory", "follow-up", "parked",
    "preview", "quarantined", "unreadable", "{year}",
}  # fmt: skip
RANGE_ENDS = ("_until", "_since", "_min", "_max", "_gte", "_lte")
PAGE = {"items", "next_cursor", "total"}


def test_a_list_is_an_object_whatever_its_length() -> None:
    assert [str(line) for line in LINES if line.shape.get("type") == "array"] == [], "answer a Page, or a Whole"


def test_a_page_is_read_by_limit_and_cursor_and_nothing_else_is() -> None:
    for line in LINES:
        is_page = line.method == "GET" and line.fields.keys() >= PAGE
        assert is_page == ("cursor" in line.parameters), f"{line} has a cursor, or is a page, and not both"
        assert "limit" in line.parameters or not is_page, f"{line} has no limit"
        assert not {"page", "offset", "per_page"} & line.parameters.keys(), f"{line} is paged in another way"


def test_what_is_called_a_list_is_one() -> None:
    called = [line for line in LINES if line.said["operationId"].startswith("list")]
    assert [str(line) for line in called if not line.listing] == [], "answer a Page, a Whole, or call it otherwise"


def test_a_list_answered_whole_is_no_longer_than_a_page() -> None:
    whole = [line for line in LINES if line.listing == "entière"]
    assert [str(line) for line in whole if line.fields["items"]["maxItems"] > MOST_SHOWN] == [], "answer a Page"
    assert [str(line) for line in whole if "limit" in line.parameters] == []


def test_an_export_takes_the_filters_of_its_list() -> None:
    read = {line.path: line for line in LINES if line.method == "GET"}

    def narrows_otherwise(line: Line) -> bool:
        above = read.get(line.path.removesuffix("/export")) if line.path.endswith("/export") else None
        return above is not None and set(above.filters) != set(line.filters)

    assert _astray("filtres", narrows_otherwise) == []


def test_an_export_says_in_which_format() -> None:
    exports = [line for line in LINES if line.path.endswith("/export")]
    assert [str(line) for line in exports if "format" not in line.parameters or line.fields] == []


def test_filters_are_flat_and_named_alike() -> None:
    for line in LINES:
        for name in line.filters:
            kinds = {kind.get("type") for kind in _alternatives(line, line.parameters[name]["schema"])}
            assert "object" not in kinds, f"{line} takes {name} as an object"
            assert SNAKE.fullmatch(name), f"{line}: {name}"
            assert not name.endswith(RANGE_ENDS), f"{line}: a range is {name.rpartition('_')[0]}_from and _to"


def test_every_parameter_is_described() -> None:
    untold = {f"{line}: {one['name']}" for line in LINES for one in line.asked if not one.get("description")}
    assert untold == set(), "say in French what it asks for"


def test_one_word_names_a_structure_wherever_it_is_asked_for() -> None:
    assert [str(line) for line in LINES if "member" in line.parameters] == [], "its name is member_id"


def test_every_write_can_be_tried_and_every_post_repeated() -> None:
    for line in LINES:
        assert ("dry_run" in line.parameters) == (line.method != "GET"), str(line)
        assert ("Idempotency-Key" in line.parameters) == (line.method == "POST"), str(line)
        codes = {"idempotency_key_reused", "idempotency_key_in_progress"}
        assert codes <= set(line.codes) or line.method != "POST", str(line)


def test_a_change_says_which_version_it_has_seen() -> None:
    """Of what shows one: what replaces or amends a thing, or moves it on. What adds to it leaves others' additions."""
    versioned = {line.path for line in LINES if line.method == "GET" and line.is_versioned}

    def changes(line: Line) -> bool:
        return line.method in ("PUT", "PATCH") or _acts_on(line) in versioned

    assert _astray("version", lambda line: changes(line) and "If-Match" not in line.parameters) == []


def test_a_version_that_is_asked_for_can_be_missing_or_past() -> None:
    for line in LINES:
        refused = {"if_match_missing", "version_changed"} <= set(line.codes)
        assert ("If-Match" in line.parameters) == refused, str(line)


def test_what_is_changed_by_its_version_shows_its_version() -> None:
    shown = {line.shape["title"] for line in LINES if line.method == "GET" and line.is_versioned}
    changed = [line for line in LINES if "If-Match" in line.parameters and line.method in ("PUT", "PATCH")]
    assert [str(line) for line in changed if line.shape["title"] not in shown] == [], "no GET answers that shape"


def test_an_answer_that_has_a_version_says_it_in_its_tag() -> None:
    untold = [line for line in LINES if line.is_versioned and not re.search(r"(versioned|set_etag)\(", _source(line))]
    assert [str(line) for line in untold] == [], "answer versioned(response, …)"


def test_work_that_goes_on_is_a_job_to_follow() -> None:
    assert _astray("travail", lambda line: line.status == "202" and '"Location"' not in _source(line)) == []


def test_a_resource_with_a_life_says_what_can_be_done_to_it_and_what_keeps_the_rest() -> None:
    """One has a life whose state can refuse what is done to it. What no state closes depends on rights alone.

    It says so of itself, or of each of its parts where what is done is done to one of them, as to a seat.
    """

    def falls_short(line: Line) -> bool:
        is_shown = line.method == "GET" and ("allowed_actions" in line.fields or line.is_versioned)
        return is_shown and has_life(line) and not says_it(line.fields) and not part_by_part(line)

    def part_by_part(line: Line) -> bool:
        return "allowed_actions" not in line.fields and any(map(says_it, _parts(line)))

    def says_it(fields: Mapping[str, Any]) -> bool:
        return {"allowed_actions", "blockers"} <= fields.keys()

    def has_life(line: Line) -> bool:
        paths = {one.path for one in LINES if one.method == "GET" and one.fields and one.shape == line.shape}
        return any(_refuses_in_its_state(one) for one in LINES if any(_is_of(one, path) for path in paths))

    assert _astray("actions", falls_short) == []


def test_a_success_says_what_was_done() -> None:
    """A read and a change answer 200, a creation 201, work that goes on 202; 204 where nothing is left to show."""
    for line in LINES:
        assert line.status in {"GET": ("200",), "POST": ("200", "201", "202", "204")}.get(line.method, ("200", "204"))
        is_removal = line.method == "DELETE" or line.path.endswith("/withdraw")
        assert line.status != "204" or is_removal, f"{line} answers nothing: answer the new state"
        assert line.fields or line.status == "204" or line.method == "GET", f"{line} answers no state"


def test_paths_are_plural_and_in_kebab_case() -> None:
    for line in LINES:
        segments = line.path.split("/")[1:]
        for segment in segments:
            assert segment.startswith("{") or KEBAB.fullmatch(segment), f"{line}: {segment}"
        for before, segment in pairwise(segments):
            assert _is_collection(before) or not segment.startswith("{"), f"{line}: {before} is not in the plural"


def test_an_operation_begins_by_a_verb_of_its_method() -> None:
    reads = re.compile(
        r"(assess|compare|count|download|explain|export|find|get|list|open|preview|print|propose|read|search|show|stream|"
        r"subscribe|summarise|tail|verify|digest)[A-Z]"
    )
    found = [line.said["operationId"] for line in LINES if line.method == "GET"]
    assert [name for name in found if not reads.match(name)] == []


@pytest.mark.parametrize("service", sorted({line.service for line in LINES}))
def test_what_is_sent_is_closed_and_money_is_never_a_number(service: str) -> None:
    schemas = next(line.schemas for line in LINES if line.service == service)
    for line in LINES:
        sent = line.said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        for body in _alternatives(line, sent) if line.service == service else ():
            assert body.get("additionalProperties") is False or body.get("type") == "null", f"{line} takes anything"
    numbers = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, said in schema.get("properties", {}).items()
        if "number" in {kind.get("type") for kind in said.get("anyOf", [said])} and not field.endswith("_seconds")
    }
    assert numbers == set(), "an amount or a figure is a decimal string"


def test_days_and_instants_are_dated() -> None:
    formats = {"on": {"date"}, "at": {"date-time", "time"}}
    for line in LINES:
        for name, said in line.fields.items():
            allowed = formats.get(name.rpartition("_")[2]) if "_" in name else None
            given = {kind["format"] for kind in _alternatives(line, said) if "format" in kind}
            assert allowed is None or given <= allowed, f"{line}: {name} is {given}"


def test_each_rule_that_is_not_followed_is_one_of_these() -> None:
    assert {rule for line in LINES for rule in line.apart} == {"travail", "version"}


def _acts_on(line: Line) -> str:
    """Return the path of the thing that a write removes or moves on; none where it adds to a collection."""
    above, _, last = line.path.rpartition("/")
    is_verb = line.method == "POST" and line.status != "201" and not _is_collection(last)
    return line.path if line.method == "DELETE" else above if is_verb else ""


def _is_of(line: Line, path: str) -> bool:
    return line.path == path or line.path.startswith(f"{path}/")


def _refuses_in_its_state(line: Line) -> bool:
    """Tell whether it is a write that declares a conflict of its own, beside a key that is still in use."""
    conflicts = line.said["responses"].get("409", {}).get("description", "").split(" · ")
    return line.method != "GET" and any(code and "idempotency_key" not in code for code in conflicts)


def _is_collection(segment: str) -> bool:
    return segment.endswith("s") or segment in WHOLES


def _parts(line: Line) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of what an answer lists, list by list."""
    for said in line.fields.values():
        yield line.resolved(said.get("items", {})).get("properties", {})


def _astray(rule: str, strays: Callable[[Line], bool]) -> list[str]:
    """Return the routes that stray from a rule without a reason, and those whose reason has lost its object."""
    return [
        f"{line} strays: mend it, or say why" if rule not in line.apart else f"{line} does not stray: no reason is due"
        for line in LINES
        if strays(line) != (rule in line.apart)
    ]


def _source(line: Line) -> str:
    """Return the source of a route's function, and of those of its module that it leaves its answer to."""
    endpoint = ENDPOINTS[str(line)]
    source, module = inspect.getsource(endpoint), inspect.getmodule(endpoint)
    helpers = {getattr(module, name, None) for name in re.findall(r"\b_\w+(?=\()", source)}
    return source + "".join(inspect.getsource(one) for one in helpers if inspect.isfunction(one))


def _alternatives(line: Line, schema: dict[str, Any]) -> Iterator[Any]:
    """Yield what a schema may be, each where it stands."""
    whole = line.resolved(schema)
    for part in whole.get("oneOf") or whole.get("anyOf") or ([whole] if whole else []):
        yield line.resolved(part)
