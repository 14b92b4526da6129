"""Reads of our copy of the members."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.errors import NotFound
from common.rights import Grant
from common.transaction import Read
from dues.members.tables import MemberCopy

MEMBER: Any = MemberCopy.__table__  # type: ignore[attr-defined]


class MemberUnknown(NotFound):
    """Membership has not told us of such a member, or it is not within reach."""

    code = "member_unknown"


async def require_member(read: Read, grant: Grant, member_id: UUID) -> MemberCopy:
    """Return a member within reach. Raises MemberUnknown."""
    within = grant.covers(member=MEMBER.c.id, delegation=MEMBER.c.delegation)
    query = select(MemberCopy).where(MEMBER.c.id == member_id, within)
    member = (await read.session.execute(query)).scalar_one_or_none()
    if member is None:
        raise MemberUnknown("Cet adhérent n'est pas connu des cotisations, ou n'est pas dans votre périmètre.")
    return member
