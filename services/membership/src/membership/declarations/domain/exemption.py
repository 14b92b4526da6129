"""Excusing a structure from a year's declaration: nothing is overwritten, who said so and why stays."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.errors import Conflict


class AlreadyExempt(Conflict):
    """A structure is excused once at a time."""

    code = "already_exempt"


class NotExempt(Conflict):
    """Only an exemption that stands is withdrawn."""

    code = "not_exempt"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A structure is not expected to declare a year: why, who said so, and who took it back where somebody did."""

    id: UUID
    reason: str
    granted_at: datetime
    granted_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawal_reason: str | None = None


def require_not_exempt(year: int, *, exempt: bool) -> None:
    """Let a structure be excused once at a time. Raises AlreadyExempt."""
    if exempt:
        raise AlreadyExempt(f"Cette structure est déjà dispensée de la déclaration {year}.")


def require_exempt(year: int, *, exempt: bool) -> None:
    """Let only an exemption that stands be withdrawn. Raises NotExempt."""
    if not exempt:
        raise NotExempt(f"Cette structure n'est pas dispensée de la déclaration {year}.")
