"""A fact's body as ops read it: an object when it is one, its text when it is not."""

from typing import Any

from pydantic import Field
from pydantic_core import from_json

from common.types import Schema


class Payload(Schema):
    """Le corps d'un fait, sous l'une de ses deux formes."""

    fact: dict[str, Any] | None = Field(description="Le corps, si c'est un objet JSON")
    text: str | None = Field(description="Le corps, sinon")


def readable(payload: bytes) -> dict[str, Any]:
    """Return the two fields of ``Payload``.

    >>> readable(b'{"amount": NaN}')
    {'fact': None, 'text': '{"amount": NaN}'}
    """
    fact = _json_object(payload)
    return {"fact": fact, "text": None if fact is not None else payload.decode("utf-8", "replace")}


def _json_object(payload: bytes) -> dict[str, Any] | None:
    """Parse a body if it is an object that an answer can carry: neither endlessly nested nor beside the standard."""
    try:
        parsed = from_json(payload, allow_inf_nan=False)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
