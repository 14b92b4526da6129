"""Nothing about a natural person crosses the bus: topics keep what they are given."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from common.contracts import BY_NAME
from common.events import Fact

PERSONAL = re.compile(
    r"(first|last|given|family|full|maiden)_?name|person|contact|e?mail|phone|mobile|fax|birth|gender|civility"
    r"|nir\b|ssn|iban|comment|message|question|text|note|signat",
)


def field_names(schema: dict[str, Any]) -> Iterator[str]:
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


@pytest.mark.parametrize("fact", [pytest.param(fact, id=name) for name, fact in sorted(BY_NAME.items())])
def test_no_field_of_a_fact_is_about_a_person(fact: type[Fact]) -> None:
    assert [name for name in field_names(fact.model_json_schema()) if PERSONAL.search(name)] == []


@pytest.mark.parametrize("name", ["contact_email", "last_name", "phone", "birth_date", "question_text", "iban"])
def test_the_net_catches_what_it_should(name: str) -> None:
    assert PERSONAL.search(name)
