"""A member as dues knows it: what membership last said."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.errors import NotFound
from common.legal_entities import Address


class MemberUnknown(NotFound):
    """Membership has not told us of such a member, or it is not within reach."""

    code = "member_unknown"


class MemberMerged(MemberUnknown):
    """The record was a duplicate: what is stated of its structure is read and written under ``into_id``."""

    code = "merged_into"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMember:
    """A member's public state. ``activities`` are pairs of a kind and whether it is the main one.

    ``mail_address`` is where letters about dues go: where it asked for, or else its own address. ``category`` is
    ``active`` or ``associate``: ``active`` where membership said nothing since we keep it.
    """

    id: UUID
    name: str
    siren: str | None
    status: str
    category: str
    activities: tuple[tuple[str, bool], ...]
    delegation: str | None
    address: Address | None
    mail_address: Address | None
    joined_on: date
    renewed_years: tuple[int, ...]
