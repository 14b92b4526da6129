"""Reads of applications, with what each still lacks."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, not_, select

from common.blockers import BlockerOut
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from membership.applications.domain import ApplicationNotFound, ApplicationStatus
from membership.applications.schemas import ApplicationListParams, ApplicationOut
from membership.applications.tables import ApplicationRow
from membership.members.domain import Member, missing_for_admission
from membership.members.queries import (
    MEMBER_NAME,
    has_complete_file,
    in_delegations,
    joined_with_member,
    member_of,
)

_APPLICATION: Any = ApplicationRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"received_on": _APPLICATION.c.received_on, "name": MEMBER_NAME},
    default="received_on,name",
    unique=_APPLICATION.c.id,
)


async def find_application(read: Read, grant: Grant, application_id: UUID) -> ApplicationOut:
    """Return one application within reach. Raises ApplicationNotFound."""
    query = _query(grant).where(_APPLICATION.c.id == application_id)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise ApplicationNotFound("Cette candidature n'existe pas, ou n'est pas dans votre périmètre.")
    return _out(row[0], member_of(row))


async def list_applications(read: Read, grant: Grant, params: ApplicationListParams) -> Page[ApplicationOut]:
    """Return one page of applications within reach."""
    query = _query(grant)
    if params.status:
        query = query.where(_APPLICATION.c.status.in_([status.value for status in params.status]))
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    if params.ready is not None:
        query = query.where(has_complete_file() if params.ready else not_(has_complete_file()))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_out(row[0], member_of(row)) for row in rows], next_cursor=cursor, total=total)


def _query(grant: Grant) -> Select[Any]:
    return joined_with_member(select(ApplicationRow), _APPLICATION.c.member_id, grant)


def _out(row: ApplicationRow, member: Member) -> ApplicationOut:
    blockers = missing_for_admission(member) if row.status == ApplicationStatus.OPEN else ()
    return ApplicationOut(
        id=row.id,
        member_id=row.member_id,
        name=member.name,
        delegation=member.delegation,
        received_on=row.received_on,
        status=ApplicationStatus(row.status),
        status_label=ApplicationStatus(row.status).label,
        sitting_id=row.sitting_id,
        decided_on=row.decided_on,
        ready=row.status == ApplicationStatus.OPEN and not blockers,
        blockers=[BlockerOut(code=b.code, message=b.message) for b in blockers],
    )
