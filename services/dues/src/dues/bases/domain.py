"""Whose word a base rests on: the structure's declaration, or what was entered here. What it gives: ``grids.domain``.

Each statement is kept. The one made last counts, whichever arrives last: a declaration that the bus held up does not
undo what was entered since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.errors import NotFound
from common.labels import Labelled


class BaseNotDeclared(NotFound):
    """The member declared nothing for that year."""

    code = "base_not_declared"


class BaseSource(Labelled):
    """Where a statement comes from."""

    DECLARATION = "declaration", "déclaration d'activité"
    ENTERED = "entered", "saisie dans les cotisations"


@dataclass(frozen=True, slots=True)
class Statement:
    """One amount stated for the accounts of a year: when, by whom, and by which revision of the declaration if by one.

    ``number`` is its rank in the order of arrival.
    """

    number: int
    amount: Decimal
    source: BaseSource
    stated_at: datetime
    stated_on: date
    stated_by: str | None = None
    revision: int | None = None


def counting(statements: Sequence[Statement]) -> Statement:
    """Return the statement that counts: the one made last. There is at least one."""
    return max(statements, key=lambda one: (one.stated_at, one.number))


def is_heard(statements: Sequence[Statement], revision: int) -> bool:
    """Tell whether a revision of the declaration, or a later one, has already been heard of."""
    return any(one.revision is not None and one.revision >= revision for one in statements)
