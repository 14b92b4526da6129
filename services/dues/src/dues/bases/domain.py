"""Whose word a base rests on: the structure's declaration, or what was entered here. What it gives: ``grids.domain``.

Each statement is kept. Of a declaration its last revision speaks, whatever the clocks; of it and what was entered, the
one stated last counts, whichever arrives last: a declaration that the bus held up does not undo what was entered since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.errors import Invalid, NotFound
from common.labels import Labelled


class BaseNotDeclared(NotFound):
    """The member declared nothing for that year."""

    code = "base_not_declared"


class BaseReasonMissing(Invalid):
    """The structure has declared that year: who enters another amount says why."""

    code = "base_reason_missing"


class BaseSource(Labelled):
    """Where a statement comes from."""

    DECLARATION = "declaration", "déclaration d'activité"
    ENTERED = "entered", "saisie dans les cotisations"


@dataclass(frozen=True, slots=True)
class Statement:
    """One amount stated for the accounts of a year: when, by whom, and by which revision of the declaration if by one.

    ``number`` is its rank in the order of arrival. ``reason`` is why it was entered, where that was said.
    """

    number: int
    amount: Decimal
    source: BaseSource
    stated_at: datetime
    stated_on: date
    stated_by: str | None = None
    revision: int | None = None
    reason: str | None = None


def counting(statements: Sequence[Statement]) -> Statement:
    """Return the statement that counts: the last made of those entered and the highest revision. There is at least one.

    Revisions follow each other by their number: the clocks that dated them may differ.
    """
    highest = max((one.revision for one in statements if one.revision is not None), default=None)
    return max((one for one in statements if one.revision == highest or one.revision is None), key=_stated)


def in_order(statements: Sequence[Statement]) -> list[Statement]:
    """Return statements in the order in which they were made."""
    return sorted(statements, key=_stated)


def require_explained(statements: Sequence[Statement], reason: str | None) -> None:
    """Let an amount be entered beside a declaration with its reason only. Raises BaseReasonMissing."""
    if reason is None and any(one.source is BaseSource.DECLARATION for one in statements):
        raise BaseReasonMissing("La structure a déclaré cette année : dites pourquoi un autre montant est saisi.")


def is_heard(statements: Sequence[Statement], revision: int) -> bool:
    """Tell whether a revision of the declaration, or a later one, has already been heard of."""
    return any(one.revision is not None and one.revision >= revision for one in statements)


def _stated(statement: Statement) -> tuple[datetime, int]:
    return statement.stated_at, statement.number
