"""Whether a structure was a member on a day, as far as membership and dues have told us."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.errors import NotFound

_OF_MEMBERS = ("active", "suspended", "left")
"""States of a structure that was admitted. A reader takes one that it does not know for inactive (contract)."""


class MemberUnknown(NotFound):
    """Membership has not told us of such a member, or it is not within reach."""

    code = "member_unknown"


class MemberMerged(MemberUnknown):
    """The record was a duplicate: what is asked for its structure is asked under ``into_id``."""

    code = "merged_into"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMember:
    """A member's public state. ``status``: active, suspended (a member still, without its rights) or left."""

    id: UUID
    reference: str
    name: str
    siren: str | None
    siret: str | None
    status: str
    category: str
    delegation: str | None
    department: str | None
    joined_on: date
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stood with the dues of a year, in the words of dues. ``told_on``: the legal day we were told."""

    year: int
    code: str
    since: date
    until: date | None
    told_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What proves a member price: whether a structure was a member on a day, and where it stood with its dues.

    ``standings``: of each year that dues told of by the end of that day, the last year first.
    """

    member: KnownMember
    day: date
    is_member: bool
    standings: tuple[Standing, ...] = ()

    def standing_of(self, year: int) -> Standing | None:
        """Return where it stood with a year, None where dues had told nothing: it may not be called yet."""
        return next((one for one in self.standings if one.year == year), None)


def is_member_on(known: KnownMember, day: date) -> bool:
    """Tell whether a structure was a member on a day: from ``joined_on``, and until the eve of ``left_on``.

    A suspended one is. Source: contract of ``membership.member`` (``left_on``: first day on which it is not any more).
    """
    if known.status not in _OF_MEMBERS:
        return False
    return known.joined_on <= day and (known.left_on is None or day < known.left_on)


def known_by(told: Iterable[Standing], day: date) -> tuple[Standing, ...]:
    """Return what was known at the end of a day of each year, the last year first; ``told`` is in its order."""
    last = {one.year: one for one in told if one.told_on <= day}
    return tuple(last[year] for year in sorted(last, reverse=True))
