"""Reads of labels and certifications."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.shipped import shipped
from common.transaction import Read
from membership.certifications import repository
from membership.certifications.domain import (
    Certification,
    CertificationNotFound,
    CertificationStanding,
    Label,
    standing,
)
from membership.certifications.schemas import CertificationListParams, CertificationOut, LabelOut, LabelsOut
from membership.certifications.tables import CertificationRow
from membership.members.domain import Member
from membership.members.queries import MEMBER_NAME, allowed_on, in_delegations, joined_with_member, member_of
from membership.rights import Act

_TABLE: Any = CertificationRow.__table__  # type: ignore[attr-defined]
_END: ColumnElement[date] = func.coalesce(_TABLE.c.valid_until, date(9999, 12, 31))
_ORDER = Order(
    columns={"obtained_on": _TABLE.c.obtained_on, "valid_until": _END, "name": MEMBER_NAME},
    default="-obtained_on",
    unique=_TABLE.c.id,
)


@cache
def labels() -> dict[str, Label]:
    """Return the labels shipped with the service, by code."""
    listed = shipped("membership.certifications", "labels.toml")["labels"]
    found = (Label(**{**one, "levels": tuple(one.get("levels", ()))}) for one in listed)
    return {label.code: label for label in found}


def list_labels() -> LabelsOut:
    """Return the labels, with where the list comes from."""
    data = shipped("membership.certifications", "labels.toml")
    items = [
        LabelOut(code=one.code, name=one.name, since=one.since, until=one.until, levels=list(one.levels))
        for one in labels().values()
    ]
    return LabelsOut(items=items, status=data["status"], source=data["source"])


async def list_certifications(source: Read, grant: Grant, params: CertificationListParams) -> Page[CertificationOut]:
    """Return one page of certifications within reach."""
    query = _query(grant)
    if params.label:
        query = query.where(_TABLE.c.label.in_(params.label))
    if params.standing:
        query = query.where(_standing(source.today).in_([one.value for one in params.standing]))
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    if params.member:
        query = query.where(_TABLE.c.member_id == params.member)
    if params.expiring_before:
        query = query.where(_expiring(source.today, params.expiring_before))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = await _shown(source, [(repository.to_domain(row[0]), member_of(row)) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def find_certification(source: Read, grant: Grant, certification_id: UUID) -> CertificationOut:
    """Return one certification within reach. Raises CertificationNotFound."""
    row = (await source.session.execute(_query(grant).where(_TABLE.c.id == certification_id))).one_or_none()
    if row is None:
        raise CertificationNotFound("Cette certification n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(source, [(repository.to_domain(row[0]), member_of(row))])
    return shown


async def labels_of(source: Read, member_ids: Sequence[UUID]) -> dict[UUID, list[Certification]]:
    """Return the certifications of some structures that are valid today, one a label: the one that lasts longest."""
    valid = _standing(source.today) == CertificationStanding.VALID.value
    query = select(CertificationRow).where(_TABLE.c.member_id.in_(member_ids), valid).order_by(_TABLE.c.label, _END)
    found: dict[UUID, dict[str, Certification]] = {member_id: {} for member_id in member_ids}
    for row in (await source.session.execute(query)).scalars():
        found[row.member_id][row.label] = repository.to_domain(row)
    return {member_id: list(by_label.values()) for member_id, by_label in found.items()}


def held_labels(today: date) -> Select[tuple[UUID, str]]:
    """Select which structures hold which labels on a day, whoever asks."""
    valid = _standing(today) == CertificationStanding.VALID.value
    return select(_TABLE.c.member_id, _TABLE.c.label).where(valid)


def _query(grant: Grant) -> Select[Any]:
    return joined_with_member(select(CertificationRow), _TABLE.c.member_id, grant)


def _standing(today: date) -> ColumnElement[str]:
    """Return ``standing`` as a column; a test holds the two together."""
    return case(
        (_TABLE.c.withdrawn_at.is_not(None), CertificationStanding.WITHDRAWN.value),
        (_TABLE.c.valid_until < today, CertificationStanding.EXPIRED.value),
        else_=CertificationStanding.VALID.value,
    )


def _expiring(today: date, before: date) -> ColumnElement[bool]:
    """Return the condition that a certification ends by a day, and that the same label is not held for longer."""
    later = aliased(CertificationRow)
    renewed = exists().where(
        col(later.member_id) == _TABLE.c.member_id,
        col(later.label) == _TABLE.c.label,
        col(later.withdrawn_at).is_(None),
        or_(col(later.valid_until).is_(None), col(later.valid_until) > _TABLE.c.valid_until),
    )
    valid = _standing(today) == CertificationStanding.VALID.value
    return and_(valid, _TABLE.c.valid_until < before, ~renewed)


async def _shown(source: Read, found: Sequence[tuple[Certification, Member]]) -> list[CertificationOut]:
    may = await allowed_on(source, Act.RECORD_CERTIFICATIONS, [member.id for _, member in found])
    return [_out(one, member, source.today, may_record=member.id in may) for one, member in found]


def _out(one: Certification, member: Member, today: date, *, may_record: bool) -> CertificationOut:
    stands, withdrawal = standing(one, today), one.withdrawal
    return CertificationOut(
        id=one.id,
        member_id=one.member_id,
        name=member.name,
        delegation=member.delegation,
        label=one.label,
        label_name=labels()[one.label].name,
        level=one.level,
        certifier=one.certifier,
        obtained_on=one.obtained_on,
        valid_until=one.valid_until,
        evidence=one.evidence,
        standing=stands,
        standing_label=stands.label,
        recorded_at=one.recorded_at,
        recorded_by=one.recorded_by,
        withdrawn_at=withdrawal.at if withdrawal else None,
        withdrawn_by=withdrawal.by if withdrawal else None,
        withdrawn_reason=withdrawal.reason if withdrawal else None,
        version=one.version,
        allowed_actions=["withdraw"] if may_record and withdrawal is None else [],
    )
