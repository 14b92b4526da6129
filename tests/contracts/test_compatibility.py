"""The compatibility check itself: every change that some reader would not survive is caught, and named."""

from typing import Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, create_model

from common.compatibility import Kind, breaks
from common.events import Fact, State
from common.releases import IncompatibleChange, changed_files, is_released, release, released, schema_of

Fields = dict[str, Any]


class Room(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(extra="forbid")

    floor: int


class Floor(BaseModel):
    """The same part without its field."""

    level: int = 0


RELEASED: Fields = {
    "name": (str, ...),
    "colour": (Literal["red", "green"], ...),
    "owner": (UUID | None, ...),
    "note": (str | None, None),
    "rooms": (tuple[Room, ...], ...),
    "prices": (dict[str, int], ...),
}


def fact(fields: Fields, topic: str = "town.house") -> type[Fact]:
    state = create_model("HouseState", __base__=State, **fields)
    named = type("Named", (Fact,), {"wire_name": "house.built", "topic": topic, "__annotations__": _CLASS_VARIABLES})
    return create_model("HouseBuilt", __base__=named, state=(state, ...))


_CLASS_VARIABLES = {"wire_name": ClassVar[str], "topic": ClassVar[str]}


def without(name: str) -> Fields:
    return {key: value for key, value in RELEASED.items() if key != name}


BAD_CHANGES = [
    pytest.param(without("name"), "state.name", Kind.REMOVED, id="champ retiré"),
    pytest.param(without("note"), "state.note", Kind.REMOVED, id="champ facultatif retiré"),
    pytest.param({**without("name"), "label": (str | None, None)}, "state.name", Kind.REMOVED, id="champ renommé"),
    pytest.param({**RELEASED, "name": (int, ...)}, "state.name", Kind.RETYPED, id="type changé"),
    pytest.param({**RELEASED, "owner": (str | None, ...)}, "state.owner", Kind.RETYPED, id="format changé"),
    pytest.param({**RELEASED, "owner": (UUID | int | None, ...)}, "state.owner", Kind.RETYPED, id="un type de plus"),
    pytest.param({**RELEASED, "rooms": (tuple[str, ...], ...)}, "state.rooms[]", Kind.RETYPED, id="liste retypée"),
    pytest.param({**RELEASED, "rooms": (Room, ...)}, "state.rooms", Kind.RETYPED, id="liste devenue objet"),
    pytest.param({**RELEASED, "prices": (dict[str, str], ...)}, "state.prices{}", Kind.RETYPED, id="valeurs retypées"),
    pytest.param(
        {**RELEASED, "rooms": (tuple[Floor, ...], ...)}, "state.rooms[].floor", Kind.REMOVED, id="retrait en profondeur"
    ),
    pytest.param({**RELEASED, "owner": (UUID, ...)}, "state.owner", Kind.NULLABILITY, id="null n'est plus admis"),
    pytest.param({**RELEASED, "name": (str | None, ...)}, "state.name", Kind.NULLABILITY, id="null devient possible"),
    pytest.param({**RELEASED, "note": (str | None, ...)}, "state.note", Kind.MADE_REQUIRED, id="devenu obligatoire"),
    pytest.param({**RELEASED, "name": (str, "-")}, "state.name", Kind.MADE_OPTIONAL, id="devenu facultatif"),
    pytest.param({**RELEASED, "extra": (str, ...)}, "state.extra", Kind.ADDED_REQUIRED, id="nouveau et obligatoire"),
    pytest.param({**RELEASED, "colour": (Literal["red"], ...)}, "state.colour", Kind.NARROWED, id="valeur retirée"),
    pytest.param(
        {**RELEASED, "colour": (Literal["red", "green", "blue"], ...)},
        "state.colour",
        Kind.WIDENED,
        id="valeur ajoutée",
    ),
    pytest.param({**RELEASED, "colour": (str, ...)}, "state.colour", Kind.RETYPED, id="énumération ouverte"),
    pytest.param(
        {**RELEASED, "name": (str, Field(max_length=35))}, "state.name", Kind.CONSTRAINED, id="contrainte resserrée"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "path", "kind"), BAD_CHANGES)
def test_a_change_that_breaks_a_reader_is_named(fields: Fields, path: str, kind: Kind) -> None:
    found = breaks(schema_of(fact(RELEASED)), schema_of(fact(fields)))
    assert [(fault.path, fault.kind) for fault in found] == [(path, kind)]


def test_a_fact_does_not_move_to_another_topic() -> None:
    found = breaks(schema_of(fact(RELEASED)), schema_of(fact(RELEASED, topic="town.street")))
    assert [fault.kind for fault in found] == [Kind.MOVED]


GOOD_CHANGES = [
    pytest.param(RELEASED, id="rien"),
    pytest.param({**RELEASED, "extra": (str | None, None)}, id="champ facultatif ajouté"),
    pytest.param({**RELEASED, "room": (Room | None, None)}, id="objet facultatif ajouté"),
    pytest.param({**RELEASED, "name": (str, Field(description="Au cadastre"))}, id="description ajoutée"),
    pytest.param(dict(reversed(RELEASED.items())), id="ordre des champs"),
]


@pytest.mark.parametrize("fields", GOOD_CHANGES)
def test_a_change_that_every_reader_survives_passes(fields: Fields) -> None:
    assert breaks(schema_of(fact(RELEASED)), schema_of(fact(fields))) == []


def test_every_released_version_counts_and_not_only_the_last(tmp_path: Any) -> None:
    first, second = fact(RELEASED), fact({**RELEASED, "extra": (str | None, None)})
    assert release(first, tmp_path) is not None
    assert release(second, tmp_path) is not None
    assert release(second, tmp_path) is None
    assert [version.version for version in released("house.built", tmp_path)] == [1, 2]
    with pytest.raises(IncompatibleChange) as refused:
        release(fact({**RELEASED, "extra": (int | None, None)}), tmp_path)
    assert [fault.path for fault in refused.value.breaks] == ["state.extra"]
    assert not is_released(first, tmp_path)


def test_a_released_file_that_changed_is_named(tmp_path: Any) -> None:
    release(fact(RELEASED), tmp_path)
    (tmp_path / "house.built" / "1.json").write_text("{}")
    (tmp_path / "house.built" / "2.example.json").write_text("{}")
    assert changed_files(tmp_path) == ["house.built/1.json", "house.built/2.example.json"]
