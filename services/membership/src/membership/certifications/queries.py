"""Reads of labels and certifications."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from common.blockers import possible
from common.errors import Refusal, obstacle
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.shipped_data import shipped
from common.transaction import Read
from membership.certifications import repository
from membership.certifications.documents import export_line
from membership.certifications.domain import (
    Certification,
    CertificationNotFound,
    CertificationStanding,
    CertificationStatus,
    Label,
    require_revocable,
    require_verifiable,
    require_withdrawable,
    standing,
)
from membership.certifications.schemas import (
    CertificationFilters,
    CertificationListParams,
    CertificationOut,
    LabelCountOut,
    LabelCountParams,
    LabelCountsOut,
    LabelOut,
    LabelsOut,
)
from membership.certifications.tables import CertificationRow
from membership.members.domain import Member, MemberStatus
from membership.members.queries import (
    MEMBER_NAME,
    allowed_on,
    in_delegations,
    is_named_like,
    joined_with_member,
    member_of,
    register_on,
    still_belongs,
)
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
        LabelOut(
            code=one.code, name=one.name, since=one.since, until=one.until, levels=list(one.levels), named=one.named
        )
        for one in labels().values()
    ]
    return LabelsOut(items=items, status=data["status"], source=data["source"])


async def list_certifications(source: Read, grant: Grant, params: CertificationListParams) -> Page[CertificationOut]:
    """Return one page of certifications within reach."""
    rows, cursor, total = await paginate(source, _filtered(source, grant, params), _ORDER, params)
    return Page(items=await _listed(source, rows, params), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, filters: CertificationFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same certifications as the list with the same filters."""
    query = _filtered(source, grant, filters).order_by(MEMBER_NAME, _TABLE.c.obtained_on, _TABLE.c.id)
    return map(export_line, await _listed(source, (await source.session.execute(query)).all(), filters))


async def count_labels(source: Read, grant: Grant, params: LabelCountParams) -> LabelCountsOut:
    """Count the structures within reach that had each label, at each level, on a day, of those that belonged then."""
    day = params.as_of or source.today
    register = register_on(day)
    belonging = [MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value]
    query = _query(grant).where(
        _TABLE.c.obtained_on <= day,
        _standing(day) == CertificationStanding.VALID.value,
        _TABLE.c.member_id.in_(select(register.c.id).where(register.c.status.in_(belonging))),
    )
    if params.delegation:
        query = query.where(in_delegations(params.delegation))
    key = (_TABLE.c.label, _TABLE.c.title, _TABLE.c.level)
    counted = query.with_only_columns(*key, func.count(_TABLE.c.member_id.distinct()).label("structures"))
    rows = await source.session.execute(counted.group_by(*key).order_by(*key))
    items = [
        LabelCountOut(
            label=row.label,
            label_name=row.title or labels()[row.label].name,
            level=row.level,
            structures=row.structures,
        )
        for row in rows
    ]
    return LabelCountsOut(as_of=day, items=items)


async def find_certification(source: Read, grant: Grant, certification_id: UUID) -> CertificationOut:
    """Return one certification within reach. Raises CertificationNotFound."""
    row = (await source.session.execute(_query(grant).where(_TABLE.c.id == certification_id))).one_or_none()
    if row is None:
        raise CertificationNotFound("Cette certification n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(source, [(repository.to_domain(row[0]), member_of(row))], source.today)
    return shown


async def labels_of(source: Read, member_ids: Sequence[UUID]) -> dict[UUID, list[Certification]]:
    """Return the certifications of some structures that are valid today, one a label: the one obtained last."""
    valid = _standing(source.today) == CertificationStanding.VALID.value
    query = (
        select(CertificationRow)
        .where(_TABLE.c.member_id.in_(member_ids), valid)
        .order_by(_TABLE.c.label, _TABLE.c.title.nulls_first(), _TABLE.c.obtained_on, _END)
    )
    found: dict[UUID, dict[tuple[str, str | None], Certification]] = {member_id: {} for member_id in member_ids}
    for row in (await source.session.execute(query)).scalars():
        found[row.member_id][row.label, row.title] = repository.to_domain(row)
    return {member_id: list(by_label.values()) for member_id, by_label in found.items()}


def held_labels(today: date) -> Select[tuple[UUID, str]]:
    """Select which structures hold which labels on a day, whoever asks."""
    valid = _standing(today) == CertificationStanding.VALID.value
    return select(_TABLE.c.member_id, _TABLE.c.label).where(valid)


def _query(grant: Grant) -> Select[Any]:
    return joined_with_member(select(CertificationRow), _TABLE.c.member_id, grant)


def _filtered(source: Read, grant: Grant, filters: CertificationFilters) -> Select[Any]:
    day = filters.as_of or source.today
    one_of = (
        (_TABLE.c.label, filters.label),
        (_TABLE.c.level, filters.level),
        (_standing(day), filters.standing),
        (_STATUS, filters.status),
    )
    wanted = [column.in_([str(value) for value in values]) for column, values in one_of if values]
    if filters.delegation:
        wanted.append(in_delegations(filters.delegation))
    if filters.member_id:
        wanted.append(_TABLE.c.member_id == filters.member_id)
    if filters.q:
        wanted.append(is_named_like(filters.q))
    return _query(grant).where(*wanted, *_in_time(filters, day))


def _in_time(filters: CertificationFilters, day: date) -> Iterator[ColumnElement[bool]]:
    if filters.as_of:
        yield _TABLE.c.obtained_on <= filters.as_of
    if filters.obtained_from:
        yield _TABLE.c.obtained_on >= filters.obtained_from
    if filters.obtained_to:
        yield _TABLE.c.obtained_on <= filters.obtained_to
    if filters.expiring_before:
        yield _expiring(day, filters.expiring_before)
    if filters.lapsed:
        yield and_(_standing(day) == CertificationStanding.EXPIRED.value, still_belongs(), ~_renewed(day))


def _standing(day: date) -> ColumnElement[str]:
    """Return ``standing`` as a column; a test holds the two together."""
    return case(
        (_TABLE.c.withdrawn_at.is_not(None), CertificationStanding.WITHDRAWN.value),
        (_TABLE.c.revoked_on <= day, CertificationStanding.REVOKED.value),
        (_TABLE.c.valid_until < day, CertificationStanding.EXPIRED.value),
        else_=CertificationStanding.VALID.value,
    )


_STATUS: ColumnElement[str] = case(
    (_TABLE.c.verified_at.is_not(None), CertificationStatus.VERIFIED.value), else_=CertificationStatus.DECLARED.value
)


def _expiring(day: date, before: date) -> ColumnElement[bool]:
    """Return the condition that a member's certification ends by a day, and that it has not renewed it."""
    valid = _standing(day) == CertificationStanding.VALID.value
    return and_(valid, _TABLE.c.valid_until < before, still_belongs(), ~_renewed(day))


def _renewed(day: date) -> ColumnElement[bool]:
    """Return the condition that the structure obtained the same label again, later and for longer."""
    later = aliased(CertificationRow)
    return exists().where(
        col(later.member_id) == _TABLE.c.member_id,
        col(later.label) == _TABLE.c.label,
        col(later.title) == _TABLE.c.title,
        col(later.withdrawn_at).is_(None),
        or_(col(later.revoked_on).is_(None), col(later.revoked_on) > day),
        col(later.obtained_on) > _TABLE.c.obtained_on,
        col(later.obtained_on) <= day,
        or_(col(later.valid_until).is_(None), col(later.valid_until) > _TABLE.c.valid_until),
    )


async def _listed(source: Read, rows: Sequence[Any], filters: CertificationFilters) -> list[CertificationOut]:
    found = [(repository.to_domain(row[0]), member_of(row)) for row in rows]
    return await _shown(source, found, filters.as_of or source.today)


async def _shown(source: Read, found: Sequence[tuple[Certification, Member]], day: date) -> list[CertificationOut]:
    ids = [member.id for _, member in found]
    record = await allowed_on(source, Act.RECORD_CERTIFICATIONS, ids)
    checks = await allowed_on(source, Act.VERIFY_CERTIFICATIONS, ids)
    return [
        _out(one, member, day, _verdicts(source, one, record=member.id in record, checks=member.id in checks))
        for one, member in found
    ]


def _verdicts(source: Read, one: Certification, *, record: bool, checks: bool) -> dict[str, Refusal | None]:
    """Return what whoever asks may do with a record: each act with what refuses it, or None."""
    verifies = checks and one.member_id != source.actor.member_id
    acts: dict[str, Callable[[], object]] = {}
    if record:
        acts["withdraw"] = partial(require_withdrawable, one, verifies=verifies)
        acts["revoke"] = partial(require_revocable, one)
    if checks:
        acts["verify"] = partial(require_verifiable, one, source.actor.member_id)
    return {name: obstacle(rule) for name, rule in acts.items()}


def _out(one: Certification, member: Member, day: date, verdicts: dict[str, Refusal | None]) -> CertificationOut:
    stands, withdrawal, revocation = standing(one, day), one.withdrawal, one.revocation
    status = CertificationStatus.VERIFIED if one.verification else CertificationStatus.DECLARED
    allowed, blockers = possible(verdicts)
    return CertificationOut(
        id=one.id,
        member_id=one.member_id,
        name=member.name,
        delegation=member.delegation,
        label=one.label,
        label_name=one.title or labels()[one.label].name,
        level=one.level,
        certifier=one.certifier,
        obtained_on=one.obtained_on,
        valid_until=one.valid_until,
        evidence=one.evidence,
        standing=stands,
        standing_label=stands.label,
        status=status,
        status_label=status.label,
        verified_at=one.verification.at if one.verification else None,
        verified_by=one.verification.by if one.verification else None,
        revoked_on=revocation.on if revocation else None,
        revoked_by=revocation.by if revocation else None,
        revoked_reason=revocation.reason if revocation else None,
        recorded_at=one.recorded_at,
        recorded_by=one.recorded_by,
        withdrawn_at=withdrawal.at if withdrawal else None,
        withdrawn_by=withdrawal.by if withdrawal else None,
        withdrawn_reason=withdrawal.reason if withdrawal else None,
        version=one.version,
        allowed_actions=allowed,
        blockers=blockers,
    )
