"""Reads of applications, with what each still lacks."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, select

from common.blockers import BlockerOut
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from membership.applications.domain import ApplicationNotFound, ApplicationStatus
from membership.applications.schemas import ApplicationListParams, ApplicationOut
from membership.applications.tables import ApplicationRow
from membership.members.domain import Member, missing_for_admission
from membership.members.repository import to_domain
from membership.members.tables import MemberRow

_APPLICATION: Any = ApplicationRow.__table__  # type: ignore[attr-defined]
_MEMBER: Any = MemberRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"received_on": _APPLICATION.c.received_on, "name": _MEMBER.c.name},
    default="received_on,name",
    unique=_APPLICATION.c.id,
)
# The same rule as missing_for_admission, in SQL, so that a filter can use it; a test holds the two together.
_READY: ColumnElement[bool] = and_(
    func.cardinality(_MEMBER.c.activities) > 0,
    _MEMBER.c.street.is_not(None),
    _MEMBER.c.postcode.is_not(None),
    _MEMBER.c.city.is_not(None),
    _MEMBER.c.delegation.is_not(None),
)


async def find_application(read: Read, grant: Grant, application_id: UUID) -> ApplicationOut:
    """Return one application within reach. Raises ApplicationNotFound."""
    query = _query(grant).where(_APPLICATION.c.id == application_id)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise ApplicationNotFound("Cette candidature n'existe pas, ou n'est pas dans votre périmètre.")
    return _out(row[0], to_domain(row[1]))


async def list_applications(read: Read, grant: Grant, params: ApplicationListParams) -> Page[ApplicationOut]:
    """Return one page of applications within reach."""
    query = _query(grant)
    if params.status:
        query = query.where(_APPLICATION.c.status.in_([status.value for status in params.status]))
    if params.delegation:
        query = query.where(_MEMBER.c.delegation.in_(params.delegation))
    if params.ready is not None:
        query = query.where(_READY if params.ready else not_(_READY))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_out(row[0], to_domain(row[1])) for row in rows], next_cursor=cursor, total=total)


def _query(grant: Grant) -> Any:
    within = grant.covers(member=_MEMBER.c.id, delegation=_MEMBER.c.delegation)
    return select(ApplicationRow, MemberRow).join(MemberRow, _MEMBER.c.id == _APPLICATION.c.member_id).where(within)


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
