"""Types of API shapes: closed models, bounded texts, money as a decimal string."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from common.characters import has_controls, one_line
from common.money import CENT, CURRENCY


class Schema(BaseModel):
    """Base of every API shape: unknown fields are rejected, values are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


def _printable(text: str) -> str:
    if has_controls(text):
        raise ValueError("le texte contient un caractère de contrôle")
    if any("\ud800" <= char <= "\udfff" for char in text):  # JSON can write half a character, nothing can keep it
        raise ValueError("le texte contient un caractère incomplet")
    return text


Text = Annotated[str, AfterValidator(_printable), AfterValidator(one_line), Field(min_length=1, max_length=500)]
"""One line: it becomes the subject of a mail, the cell of an export, the name of a date in a calendar."""
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
"""A day for which dated rules can be held, and that a sum of days does not carry out of the calendar."""
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2101, 1, 1, tzinfo=UTC))]
"""An instant of the same years: in no time zone does it fall out of the calendar."""
LongText = Annotated[str, AfterValidator(_printable), Field(max_length=5_000)]


def _in_cents(amount: Decimal) -> Decimal:
    if not amount.is_finite() or (in_cents := amount.quantize(CENT)) != amount:
        raise ValueError("le montant s'écrit en euros, avec deux décimales au plus")
    return in_cents


Money = Annotated[
    Decimal,
    Field(ge=Decimal("-1e12"), le=Decimal("1e12"), allow_inf_nan=False),
    AfterValidator(_in_cents),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^-?\d+(\.\d{1,2})?$",
            "description": f"Montant en {CURRENCY}, chaîne décimale.",
            "examples": ["4808.00"],
        }
    ),
]

Quantity = Annotated[
    Decimal,
    Field(ge=Decimal(0), le=Decimal("1e15"), allow_inf_nan=False),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d+(\.\d+)?$",
            "description": "Quantité, chaîne décimale, dans l'unité dite à côté.",
            "examples": ["1250"],
        }
    ),
]
"""A figure that counts or measures something, never negative; its unit stands beside it."""
