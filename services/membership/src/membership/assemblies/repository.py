"""Loads and saves assemblies, who attends them and what they vote; the only writer of their tables."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from membership.assemblies.domain import (
    Assembly,
    AssemblyKind,
    AssemblyNotFound,
    AssemblyRule,
    AssemblyStatus,
    Attending,
    CandidacyElsewhere,
    CandidacyExists,
    CandidacyNotFound,
    Held,
    Item,
    Proxy,
    Replaced,
    Result,
    candidacy_of,
    stay_of,
)
from membership.assemblies.tables import AssemblyRow, AttendingRow, CandidacyRow, ProxyRow, ResultRow
from membership.contacts.domain import Trace

ASSEMBLY: Any = AssemblyRow.__table__  # type: ignore[attr-defined]
"""For the order of the list of assemblies."""
_AGENDA = TypeAdapter(tuple[Item, ...])
_RULE = TypeAdapter(AssemblyRule)
_RESULT = TypeAdapter(Result)


async def get(source: Read, assembly_id: UUID) -> Assembly:
    """Load an assembly. Raises AssemblyNotFound."""
    return to_domain(await _row(source, assembly_id))


async def hold(tx: Tx, assembly_id: UUID) -> Assembly:
    """Load an assembly and hold it until the end of the transaction. Raises AssemblyNotFound."""
    return to_domain(await _row(tx, assembly_id, for_update=True))


async def _row(source: Read, assembly_id: UUID, *, for_update: bool = False) -> AssemblyRow:
    row = await source.session.get(AssemblyRow, assembly_id, with_for_update=for_update or None, populate_existing=True)
    if row is None:
        raise AssemblyNotFound("Cette assemblée n'existe pas.")
    return row


def assemblies(
    statuses: Collection[AssemblyStatus], kind: AssemblyKind | None, year: int | None, *, prepared: bool
) -> Select[Any]:
    """Select the assemblies of some statuses, a kind, a year; those in preparation only where asked for."""
    query = select(AssemblyRow)
    if statuses:
        query = query.where(col(AssemblyRow.status).in_([status.value for status in statuses]))
    if kind:
        query = query.where(col(AssemblyRow.kind) == kind.value)
    if year:
        query = query.where(col(AssemblyRow.held_on).between(date(year, 1, 1), date(year, 12, 31)))
    return query if prepared else query.where(col(AssemblyRow.status) != AssemblyStatus.PREPARED.value)


async def add(tx: Tx, assembly: Assembly) -> None:
    """Insert an assembly."""
    await tx.session.execute(insert(AssemblyRow).values(**_values(assembly), minutes=None))


async def save(tx: Tx, assembly: Assembly, minutes: Mapping[str, Any] | None = None) -> None:
    """Write an assembly that was loaded for update; closed, with what its minutes say."""
    statement = update(AssemblyRow).where(col(AssemblyRow.id) == assembly.id)
    kept = {"minutes": dict(minutes)} if minutes is not None else {}
    await tx.session.execute(statement.values(**_values(assembly), **kept))


async def minutes_of(source: Read, assembly_id: UUID) -> dict[str, Any] | None:
    """Return what the minutes of an assembly say, None until it is closed. Raises AssemblyNotFound."""
    return (await _row(source, assembly_id)).minutes


def minutes_path(assembly_id: UUID, *, in_full: bool) -> str:
    """Return where the printed minutes of an assembly are kept: with their annex, or as every member reads them."""
    return f"assemblies/{assembly_id}.pdf" if in_full else f"assemblies/{assembly_id}-members.pdf"


async def attending_of(source: Read, assembly_id: UUID) -> list[Attending]:
    """Load every stay at an assembly, those that ended included, in the order of arrival."""
    query = select(AttendingRow).where(col(AttendingRow.assembly_id) == assembly_id)
    rows = await source.session.execute(query.order_by(col(AttendingRow.arrived_at), col(AttendingRow.member_id)))
    return [
        Attending(row.id, row.member_id, row.contact_id, row.name, row.arrived_at, row.left_at)
        for row in rows.scalars()
    ]


async def add_attending(tx: Tx, assembly_id: UUID, attending: Attending) -> None:
    """Insert that a structure came."""
    await tx.session.execute(insert(AttendingRow).values(**asdict(attending), assembly_id=assembly_id))


async def save_leaving(tx: Tx, attending: Attending) -> None:
    """Write that a structure left."""
    statement = update(AttendingRow).where(col(AttendingRow.id) == attending.id)
    await tx.session.execute(statement.values(left_at=attending.left_at))


async def proxies_of(source: Read, assembly_id: UUID) -> list[Proxy]:
    """Load the proxies of an assembly, those revoked included, the oldest first."""
    query = select(ProxyRow).where(col(ProxyRow.assembly_id) == assembly_id).order_by(col(ProxyRow.id))
    return [
        Proxy(
            row.id,
            row.giver_id,
            row.holder_id,
            row.given_at,
            row.given_by,
            row.revoked_at,
            row.revoked_by,
            row.revoked_reason,
        )
        for row in (await source.session.execute(query)).scalars()
    ]


async def add_proxy(tx: Tx, assembly_id: UUID, proxy: Proxy) -> None:
    """Insert a proxy."""
    await tx.session.execute(insert(ProxyRow).values(**asdict(proxy), assembly_id=assembly_id))


async def revoke_proxy(tx: Tx, proxy: Proxy, reason: str | None) -> None:
    """Write that a proxy was revoked, by whom, and why where it was said."""
    statement = update(ProxyRow).where(col(ProxyRow.id) == proxy.id)
    revoked = {"revoked_at": tx.now, "revoked_by": tx.actor.subject, "revoked_reason": reason}
    await tx.session.execute(statement.values(**revoked))


async def candidacies_of(source: Read, assembly_id: UUID) -> list[CandidacyRow]:
    """Load the candidacies of an assembly's elections, in the order in which they were received."""
    query = select(CandidacyRow).where(*_standing(assembly_id)).order_by(col(CandidacyRow.id))
    return list((await source.session.execute(query)).scalars())


async def withdrawn_of(source: Read, assembly_id: UUID) -> list[CandidacyRow]:
    """Load the candidacies that were withdrawn, or that an agenda written anew left without their election."""
    wanted = (col(CandidacyRow.assembly_id) == assembly_id, col(CandidacyRow.withdrawn_at).is_not(None))
    query = select(CandidacyRow).where(*wanted).order_by(col(CandidacyRow.withdrawn_at), col(CandidacyRow.id))
    return list((await source.session.execute(query)).scalars())


async def add_candidacy(tx: Tx, assembly_id: UUID, item_id: UUID, member_id: UUID, contact_id: UUID) -> None:
    """Insert a candidacy. Raises CandidacyExists, CandidacyElsewhere."""
    statement = upsert(CandidacyRow).values(
        id=new_id(),
        assembly_id=assembly_id,
        item_id=item_id,
        member_id=member_id,
        contact_id=contact_id,
        received_at=tx.now,
        received_by=tx.actor.subject,
    )
    added = await tx.session.execute(statement.on_conflict_do_nothing().returning(col(CandidacyRow.id)))
    if added.one_or_none() is None:
        standing = await candidacies_of(tx, assembly_id)
        if any((one.item_id, one.member_id) == (item_id, member_id) for one in standing):
            raise CandidacyExists("Cette structure est déjà candidate à cette élection.")
        raise CandidacyElsewhere(
            "Cette structure est candidate à une autre élection de l'assemblée : elle retire d'abord sa candidature."
        )


async def stays_naming(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Load every stay at an assembly of some people, the first one first."""
    query = select(AttendingRow, AssemblyRow).where(col(AttendingRow.contact_id).in_(contact_ids))
    joined = query.join(AssemblyRow, col(AssemblyRow.id) == col(AttendingRow.assembly_id))
    rows = await source.session.execute(joined.order_by(col(AttendingRow.arrived_at), col(AttendingRow.id)))
    return [
        stay_of(_held(assembly), row.id, row.contact_id, row.member_id, row.arrived_at, row.left_at)
        for row, assembly in rows
        if row.contact_id is not None
    ]


async def candidacies_naming(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Load every candidacy of some people with what became of it, the first one first."""
    standing = and_(col(ResultRow.item_id) == col(CandidacyRow.item_id), col(ResultRow.replaced_at).is_(None))
    query = (
        select(CandidacyRow, AssemblyRow, ResultRow)
        .join(AssemblyRow, col(AssemblyRow.id) == col(CandidacyRow.assembly_id))
        .outerjoin(ResultRow, and_(standing, col(ResultRow.assembly_id) == col(CandidacyRow.assembly_id)))
        .where(col(CandidacyRow.contact_id).in_(contact_ids))
        .order_by(col(CandidacyRow.received_at), col(CandidacyRow.id))
    )
    return [
        candidacy_of(
            _held(assembly),
            row.id,
            row.contact_id,
            row.member_id,
            row.received_at,
            row.withdrawn_at,
            _RESULT.validate_python(found.result) if found else None,
        )
        for row, assembly, found in await source.session.execute(query)
    ]


def _held(row: AssemblyRow) -> Held:
    return Held(row.title, row.held_on, AssemblyStatus(row.status))


async def copy_candidacies(tx: Tx, first_id: UUID, second_id: UUID, item_ids: Collection[UUID]) -> None:
    """Let those who stood for some elections of an assembly stand for them at its second convening."""
    rows = [
        {
            "id": new_id(),
            "assembly_id": second_id,
            "item_id": one.item_id,
            "member_id": one.member_id,
            "contact_id": one.contact_id,
            "received_at": one.received_at,
            "received_by": one.received_by,
        }
        for one in await candidacies_of(tx, first_id)
        if one.item_id in item_ids
    ]
    if rows:
        await tx.session.execute(insert(CandidacyRow), rows)


async def withdraw_candidacy(tx: Tx, assembly_id: UUID, item_id: UUID, member_id: UUID, reason: str | None) -> None:
    """Write that a candidacy was withdrawn, by whom, and why where it was said. Raises CandidacyNotFound."""
    wanted = (col(CandidacyRow.item_id) == item_id, col(CandidacyRow.member_id) == member_id)
    statement = update(CandidacyRow).where(*_standing(assembly_id), *wanted).values(_withdrawn(tx, reason))
    gone = await tx.session.execute(statement.returning(col(CandidacyRow.id)))
    if gone.one_or_none() is None:
        raise CandidacyNotFound("Cette structure n'est pas candidate à cette élection.")


async def keep_candidacies(tx: Tx, assembly_id: UUID, item_ids: Collection[UUID], reason: str) -> None:
    """Withdraw the candidacies to any other election, while the assembly is prepared."""
    others = (*_standing(assembly_id), col(CandidacyRow.item_id).not_in(item_ids))
    await tx.session.execute(update(CandidacyRow).where(*others).values(_withdrawn(tx, reason)))


def _standing(assembly_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return col(CandidacyRow.assembly_id) == assembly_id, col(CandidacyRow.withdrawn_at).is_(None)


def _withdrawn(tx: Tx, reason: str | None) -> dict[str, Any]:
    return {"withdrawn_at": tx.now, "withdrawn_by": tx.actor.subject, "withdrawn_reason": reason}


async def results_of(source: Read, assembly_id: UUID) -> dict[UUID, Result]:
    """Load what became of the points of an assembly's agenda."""
    query = select(ResultRow).where(col(ResultRow.assembly_id) == assembly_id, col(ResultRow.replaced_at).is_(None))
    rows = (await source.session.execute(query)).scalars()
    return {row.item_id: _RESULT.validate_python(row.result) for row in rows}


async def replaced_of(source: Read, assembly_id: UUID) -> list[Replaced]:
    """Load the results of an assembly that were corrected since, the first one corrected first."""
    query = select(ResultRow).where(col(ResultRow.assembly_id) == assembly_id)
    rows = await source.session.execute(query.order_by(col(ResultRow.replaced_at)))
    return [
        Replaced(_RESULT.validate_python(row.result), row.replaced_at, row.replaced_reason)
        for row in rows.scalars()
        if row.replaced_at is not None and row.replaced_reason is not None
    ]


async def save_result(tx: Tx, assembly_id: UUID, result: Result, reason: str | None) -> None:
    """Write what became of one point; what was written of it before stays, with why it was corrected."""
    before = update(ResultRow).where(
        col(ResultRow.assembly_id) == assembly_id,
        col(ResultRow.item_id) == result.item_id,
        col(ResultRow.replaced_at).is_(None),
    )
    replaced = {"replaced_at": tx.now, "replaced_by": tx.actor.subject, "replaced_reason": reason}
    await tx.session.execute(before.values(**replaced))
    values = {"id": new_id(), "assembly_id": assembly_id, "item_id": result.item_id}
    written = _RESULT.dump_python(result, mode="json")
    await tx.session.execute(
        insert(ResultRow).values(**values, result=written, recorded_at=tx.now, recorded_by=tx.actor.subject)
    )


async def has_second(source: Read, assembly_id: UUID) -> bool:
    """Tell whether an assembly was convened a second time already."""
    query = select(col(AssemblyRow.id)).where(
        col(AssemblyRow.second_of) == assembly_id, col(AssemblyRow.status) != AssemblyStatus.CANCELLED.value
    )
    return (await source.session.execute(query)).first() is not None


def to_domain(row: AssemblyRow) -> Assembly:
    """Turn a row into the assembly the rules know."""
    return Assembly(
        id=row.id,
        kind=AssemblyKind(row.kind),
        title=row.title,
        held_on=row.held_on,
        place=row.place,
        status=AssemblyStatus(row.status),
        second_of=row.second_of,
        agenda=_AGENDA.validate_python(row.agenda),
        convened_on=row.convened_on,
        convened_by=row.convened_by,
        roll_day=row.roll_day,
        roll_id=row.roll_id,
        rule=_RULE.validate_python(row.rule) if row.rule else None,
        waiver=row.waiver,
        opened_at=row.opened_at,
        quorum_failed=row.quorum_failed,
        cancelled=row.cancelled,
        version=row.version,
    )


def _values(assembly: Assembly) -> dict[str, object]:
    return {
        "id": assembly.id,
        "kind": assembly.kind.value,
        "title": assembly.title,
        "held_on": assembly.held_on,
        "place": assembly.place,
        "status": assembly.status.value,
        "second_of": assembly.second_of,
        "agenda": _AGENDA.dump_python(assembly.agenda, mode="json"),
        "convened_on": assembly.convened_on,
        "convened_by": assembly.convened_by,
        "roll_day": assembly.roll_day,
        "roll_id": assembly.roll_id,
        "rule": _RULE.dump_python(assembly.rule, mode="json") if assembly.rule else None,
        "waiver": assembly.waiver,
        "opened_at": assembly.opened_at,
        "quorum_failed": assembly.quorum_failed,
        "cancelled": assembly.cancelled,
        "version": assembly.version,
    }


async def ids_since(source: Read, day: date) -> list[UUID]:
    """Return those that were convened for a day or later, in one order."""
    row = AssemblyRow
    query = select(col(row.id)).where(col(row.held_on) >= day, col(row.convened_on).is_not(None))
    return list((await source.session.execute(query.order_by(col(row.id)))).scalars())
