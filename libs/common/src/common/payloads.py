"""A fact's body as ops read it: an object when it is one, its text when it is not."""

from typing import Any, Self

from pydantic import Field
from pydantic_core import from_json

from common.types import Schema


class Payload(Schema):
    """Le corps d'un fait, sous l'une de ses deux formes."""

    fact: dict[str, Any] | None = Field(description="Le corps, si c'est un objet JSON")
    text: str | None = Field(description="Le corps, sinon")

    @classmethod
    def of(cls, stored: Any) -> Self:
        """Show a stored fact, whose attributes bear the names of this shape's other fields.

        >>> from types import SimpleNamespace
        >>> Payload.of(SimpleNamespace(payload=b'{"amount": NaN}'))
        Payload(fact=None, text='{"amount": NaN}')
        """
        fact = _json_object(stored.payload)
        text = None if fact is not None else stored.payload.decode("utf-8", "replace")
        others = {name: getattr(stored, name) for name in cls.model_fields if name not in Payload.model_fields}
        return cls(fact=fact, text=text, **others)


def _json_object(payload: bytes) -> dict[str, Any] | None:
    """Parse a body if it is an object that an answer can carry: neither endlessly nested nor beside the standard."""
    try:
        parsed = from_json(payload, allow_inf_nan=False)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
