"""A call for dues as one who pays it, or looks for who did, sees it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedCall:
    """What is still owed of a call, by which member: the one behind the record that was called."""

    id: UUID
    number: str
    member_id: UUID
    member_name: str
    owed: Decimal
    due_on: date
