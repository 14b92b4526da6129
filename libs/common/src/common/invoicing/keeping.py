"""How an electronic invoice is kept: as it was at its issue, term for term."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from common.invoicing.einvoice import EInvoice

_EINVOICE = TypeAdapter(EInvoice)


def to_kept(einvoice: EInvoice) -> dict[str, Any]:
    """Write an e-invoice as a JSON column keeps it."""
    kept: dict[str, Any] = _EINVOICE.dump_python(einvoice, mode="json")
    return kept


def from_kept(kept: Mapping[str, Any] | None) -> EInvoice | None:
    """Read an e-invoice as it was kept, where one was."""
    return None if kept is None else _EINVOICE.validate_python(kept)
