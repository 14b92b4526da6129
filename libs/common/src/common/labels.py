"""Enumerations that carry their French label, so that a screen, a PDF and an error show the same word."""

from enum import StrEnum
from typing import Any, Self


class Labelled(StrEnum):
    """A string enumeration whose members are declared as ``NAME = "wire_value", "Libellé"``.

    >>> class Colour(Labelled):
    ...     RED = "red", "rouge"
    >>> Colour.RED, Colour("red").label
    (<Colour.RED: 'red'>, 'rouge')
    """

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the wire value as the string itself and the label beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Describe each value by its label in the APIs, where the class's own words are the code's."""
        reference: dict[str, Any] = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        schema["description"] = " ; ".join(f"`{member.value}` : {member.label}" for member in cls)
        return reference
