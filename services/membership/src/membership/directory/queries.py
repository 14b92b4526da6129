"""Reads of the directory: what the public sees and finds, and where each entry stands."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, false, func, literal, not_, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import BlockerOut, blockers_out, possible
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.shipped_data import shipped
from common.transaction import Read
from membership.certifications import queries as certifications
from membership.certifications.domain import Certification
from membership.directory import repository
from membership.directory.documents import entry_line, public_line
from membership.directory.domain import (
    FILLED_IN,
    Consent,
    DirectoryEntry,
    DirectoryEntryNotFound,
    DirectoryField,
    DirectoryTooLarge,
    Filled,
    Sector,
    is_guessable,
    named_by,
    not_shown,
    notices,
    of_divisions,
    words_of,
)
from membership.directory.repository import ENTRY, REGISTER, Meant, PublicRow
from membership.directory.schemas import (
    Coded,
    ConsentOut,
    DirectoryEntryOut,
    DirectoryExportParams,
    DirectoryFilters,
    DirectoryLine,
    DirectoryLineExportParams,
    DirectoryLineFilters,
    DirectoryLineParams,
    DirectoryListParams,
    FacetOut,
    FacetsOut,
    FieldOut,
    OfferOut,
    PublicEntryOut,
    PublicLabelOut,
    PurchasingOut,
    SectorOut,
    SectorsOut,
)
from membership.directory.tables import DirectoryEntryRow
from membership.members import queries as members
from membership.members.domain import ActivityKind, Member, MemberStatus, activity_of
from membership.rights import Act
from membership.territory.queries import load_territory

_ORDER = Order(columns={"name": REGISTER.name}, default="name", unique=REGISTER.id)
_MOST_EXPORTED = 5_000
_BLOCKED = {
    "fill": Act.FILL_DIRECTORY_ENTRIES,
    "consent": Act.CONSENT_TO_DIRECTORY,
    "record_consent": Act.RECORD_DIRECTORY_CONSENTS,
    "withdraw_consent": Act.WITHDRAW_DIRECTORY_CONSENTS,
}


@cache
def sectors() -> dict[str, Sector]:
    """Return the sectors shipped with the service, by code."""
    listed = shipped("membership.directory", "sectors.toml")["sectors"]
    found = (Sector(one["code"], one["name"], tuple(one.get("cpv", ())), tuple(one.get("words", ()))) for one in listed)
    return {sector.code: sector for sector in found}


def list_sectors() -> SectorsOut:
    """Return the sectors, with where the list comes from."""
    data = shipped("membership.directory", "sectors.toml")
    items = [
        SectorOut(code=one.code, name=one.name, cpv=list(one.cpv), words=list(one.words)) for one in sectors().values()
    ]
    return SectorsOut(items=items, status=data["status"], source=data["source"])


async def search(source: Read, params: DirectoryListParams) -> Page[PublicEntryOut]:
    """Return one page of the structures that the public sees."""
    rows, cursor, total = await paginate(source, await _searched(source, params), _ORDER, params)
    return Page(items=await _public_out(source, [PublicRow(*row) for row in rows]), next_cursor=cursor, total=total)


async def find_public(source: Read, member_id: UUID) -> PublicEntryOut:
    """Return a structure as the public sees it. Raises DirectoryEntryNotFound."""
    found = await _seen(source, member_id)
    if found is None:
        raise DirectoryEntryNotFound("Cette structure n'est pas dans l'annuaire, ou n'y est plus.")
    return found


async def public_export(source: Read, params: DirectoryExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises DirectoryTooLarge."""
    query = (await _searched(source, params)).order_by(REGISTER.name, REGISTER.id).limit(_MOST_EXPORTED + 1)
    rows = (await source.session.execute(query)).all()
    if len(rows) > _MOST_EXPORTED:
        raise DirectoryTooLarge(f"L'export est limité à {_MOST_EXPORTED} structures : précisez votre recherche.")
    return map(public_line, await _public_out(source, [PublicRow(*row) for row in rows]))


async def facets(source: Read, filters: DirectoryFilters) -> FacetsOut:
    """Count the structures that pass the filters by each value that they show."""
    searched = await _searched(source, filters)
    found = searched.with_only_columns(*repository.counted()).cte()
    columns = found.c
    held = certifications.held_labels(source.today).subquery()
    values = {
        "kinds": select(func.unnest(columns.kinds).label("value")),
        "sectors": select(func.unnest(columns.sectors).label("value")),
        "departments": select(func.unnest(columns.departments).label("value")),
        "delegations": select(columns.delegation.label("value")).where(columns.delegation.is_not(None)),
        "labels": select(columns.id, held.c.label.label("value"))
        .join(found, held.c.member_id == columns.id)
        .where(columns.labels)
        .distinct(),
    }
    counted = [select(literal("total"), literal("total"), func.count()).select_from(found)]
    for name, query in values.items():
        value = query.subquery().c.value
        counted.append(select(literal(name), value, func.count()).group_by(value))
    rows = (await source.session.execute(union_all(*counted))).all()
    names = _labels()
    by_facet: dict[str, list[FacetOut]] = {name: [] for name in (*values, "total")}
    for name, code, count in rows:
        by_facet[name].append(FacetOut(code=code, label=names.get(name, {}).get(code, code), count=count))
    [total] = by_facet.pop("total")
    ordered = {name: sorted(ones, key=lambda one: (-one.count, one.label)) for name, ones in by_facet.items()}
    return FacetsOut(total=total.count, **ordered)


async def find_entry(source: Read, grant: Grant, member_id: UUID) -> DirectoryEntryOut:
    """Return the entry of a structure within reach. Raises MemberNotFound."""
    member = await members.find(source, grant, member_id)
    entry = await repository.entry_of(source, member_id)
    filled, consented = entry.filled, entry.consented
    hidden = not_shown(entry, member.status)
    _, blockers = possible({"show": hidden})
    fields = [
        FieldOut(
            field=one,
            label=one.label,
            filled=one not in FILLED_IN or one in filled.fields,
            consented=one in consented,
        )
        for one in DirectoryField
    ]
    return DirectoryEntryOut(
        member_id=member.id,
        name=member.name,
        status=member.status,
        presentation=filled.presentation,
        offers=_offers([(offer.sector, offer.title) for offer in filled.offers]),
        sectors=_sectors(filled.sectors),
        territory=list(filled.territory),
        website=filled.website,
        phone=filled.phone,
        email=filled.email,
        purchasing=PurchasingOut.model_validate(filled.purchasing) if filled.purchasing else None,
        fields=fields,
        missing=[one for one in FILLED_IN if one not in filled.fields],
        notices=_notices(filled),
        consents=[_consent_out(consent) for consent in entry.consents],
        shown=hidden is None,
        public=await _seen(source, member_id),
        version=entry.version,
        allowed_actions=await _allowed(source, member, entry),
        blockers=blockers,
    )


async def list_entries(source: Read, grant: Grant, params: DirectoryLineParams) -> Page[DirectoryLine]:
    """Return one page of where the entries of members within reach stand."""
    rows, cursor, total = await paginate(source, _lines(grant, params), _ORDER, params)
    return Page(items=[_line(row) for row in rows], next_cursor=cursor, total=total)


async def entries_export(source: Read, grant: Grant, params: DirectoryLineExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list."""
    rows = await source.session.execute(_lines(grant, params).order_by(REGISTER.name, REGISTER.id))
    return (entry_line(_line(row)) for row in rows)


async def _searched(source: Read, filters: DirectoryFilters) -> Select[Any]:
    """Select what the public sees that passes the filters."""
    meant = [await _meant(source, word) for word in words_of(filters.q or "")]
    of_words = [repository.has_word(one, source.today) for one in meant]
    if filters.q and not meant:  # little words say nothing of anybody
        of_words = [false()]
    return repository.public().where(*_conditions(source, filters), *of_words)


def _conditions(source: Read, filters: DirectoryFilters) -> Iterator[ColumnElement[bool]]:
    if filters.kind:
        yield repository.is_of_kind([kind.value for kind in filters.kind])
    if filters.sector:
        yield repository.sells_in(filters.sector)
    if filters.cpv:
        yield repository.sells_in(of_divisions(filters.cpv, sectors().values()))
    if filters.department:
        yield repository.is_for(filters.department)
    if filters.delegation:
        yield repository.is_covered_by(filters.delegation)
    if filters.label:
        yield repository.holds(filters.label, source.today)
    if filters.purchasing is not None:
        has_one = repository.has_purchasing()
        yield has_one if filters.purchasing else not_(has_one)


async def _meant(source: Read, word: str) -> Meant:
    """Return what a word of a search may mean: a misspelt one is guessed only where nobody has it as it is."""
    kind = activity_of(word)
    told: dict[str, Any] = {
        "sectors": named_by(word, {one.code: (one.name, *one.words) for one in sectors().values()}),
        "kinds": [kind.value] if kind else [],
        "departments": _departments(word),
        "labels": named_by(word, {one.code: (one.name,) for one in certifications.labels().values()}),
    }
    meant = Meant(word, guessed=False, alike=[], **told)
    showing = await repository.how_many_show(source, meant, source.today)
    if showing or any(told.values()) or not is_guessable(word):
        return meant._replace(common=showing >= repository.MANY)
    return meant._replace(guessed=True, alike=await repository.words_like(source, word))


def _departments(word: str) -> list[str]:
    """Return the departments that a word names, or whose region it names: a buyer asks for either."""
    territory = load_territory()
    regions = {one.code: one for one in territory.delegations}
    named = named_by(word, {code: (name,) for code, name in territory.departments.items()})
    meant = named_by(word, {code: (one.name,) for code, one in regions.items()})
    return sorted({*named, *(department for code in meant for department in regions[code].departments)})


async def _seen(source: Read, member_id: UUID) -> PublicEntryOut | None:
    row = (await source.session.execute(repository.public().where(ENTRY.c.member_id == member_id))).one_or_none()
    return (await _public_out(source, [PublicRow(*row)]))[0] if row else None


async def _public_out(source: Read, rows: Sequence[PublicRow]) -> list[PublicEntryOut]:
    held = await certifications.labels_of(source, [row.id for row in rows if row.shows_labels])
    return [
        PublicEntryOut(
            id=row.id,
            name=row.name,
            city=row.city,
            department=row.department,
            delegation=row.delegation,
            kinds=None if row.kinds is None else [_kind(code) for code in row.kinds],
            labels=[_label(one) for one in held[row.id]] if row.shows_labels else None,
            presentation=row.presentation,
            offers=None if row.offers is None else _offers([(one["sector"], one["title"]) for one in row.offers]),
            sectors=None if row.sectors is None else _sectors(row.sectors),
            territory=row.territory,
            website=row.website,
            phone=row.phone,
            email=row.email,
            purchasing=PurchasingOut.model_validate(row.purchasing) if row.purchasing else None,
        )
        for row in rows
    ]


def _label(held: Certification) -> PublicLabelOut:
    return PublicLabelOut(
        code=held.label,
        name=held.title or certifications.labels()[held.label].name,
        level=held.level,
        valid_until=held.valid_until,
        verified=held.verification is not None,
    )


def _kind(code: str) -> Coded:
    return Coded(code=code, label=ActivityKind(code).label)


def _sectors(codes: Sequence[str]) -> list[Coded]:
    return [Coded(code=code, label=_sector_name(code)) for code in codes]


def _sector_name(code: str) -> str:
    known = sectors().get(code)  # one that has left the list stays legible
    return known.name if known else code


def _offers(offers: Sequence[tuple[str, str]]) -> list[OfferOut]:
    return [OfferOut(sector=code, sector_label=_sector_name(code), title=title) for code, title in offers]


def _labels() -> dict[str, dict[str, str]]:
    territory = load_territory()
    return {
        "kinds": {kind.value: kind.label for kind in ActivityKind},
        "sectors": {code: sector.name for code, sector in sectors().items()},
        "departments": dict(territory.departments),
        "delegations": {delegation.code: delegation.name for delegation in territory.delegations},
        "labels": {code: label.name for code, label in certifications.labels().items()},
    }


def _notices(filled: Filled) -> list[BlockerOut]:
    return blockers_out(notices(filled))


async def _allowed(source: Read, member: Member, entry: DirectoryEntry) -> list[str]:
    actions = ["withdraw_consent"] if entry.consented else []
    if member.status in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED):
        actions = ["fill", "consent", "record_consent", *actions]
    return [one for one in actions if await members.allowed_on(source, _BLOCKED[one], [member.id])]


def _consent_out(consent: Consent) -> ConsentOut:
    written, ended = consent.written, consent.ended
    return ConsentOut(
        id=consent.id,
        field=consent.field,
        field_label=consent.field.label,
        given_at=consent.given_at,
        given_by=consent.given_by,
        signed_on=written.signed_on if written else None,
        reference=written.reference if written else None,
        in_force=ended is None,
        ended_at=ended.at if ended else None,
        ended_by=ended.by if ended else None,
        ending=ended.ending if ended else None,
        ending_label=ended.ending.label if ended else None,
    )


def _lines(grant: Grant, filters: DirectoryLineFilters) -> Select[Any]:
    """Select the entries, begun or not, of the members within reach that pass the filters, each with its structure."""
    reached = members.visible(grant).subquery()
    query = select(DirectoryEntryRow).select_from(reached.outerjoin(ENTRY, ENTRY.c.member_id == reached.c.id))
    query = members.joined_with_member(query, reached.c.id, grant).where(members.still_belongs())
    if filters.shown is not None:
        shown = func.coalesce(ENTRY.c.listed, False) & (REGISTER.status == MemberStatus.ACTIVE.value)  # SQL
        query = query.where(shown if filters.shown else not_(shown))
    if filters.missing:
        query = query.where(_lacks(ENTRY.c.filled, [one for one in filters.missing if one in FILLED_IN]))
    if filters.without_consent:
        query = query.where(_lacks(ENTRY.c.consented, filters.without_consent))
    if filters.delegation:
        query = query.where(members.in_delegations(filters.delegation))
    if filters.q:
        query = query.where(members.is_named_like(filters.q))
    return query


def _lacks(column: Any, fields: Sequence[DirectoryField]) -> ColumnElement[bool]:
    """Return the condition that one of these fields is not among those of a column; of no entry, all are lacking."""
    return or_(column.is_(None), not_(column.contains(cast([field.value for field in fields], ARRAY(String)))))


def _line(row: Any) -> DirectoryLine:
    entry, member = row[0], members.member_of(row)
    filled = repository.filled_in(entry) if entry else Filled()
    consented = entry.consented if entry else []
    return DirectoryLine(
        member_id=member.id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        status=member.status,
        shown=member.status is MemberStatus.ACTIVE and entry is not None and entry.listed,
        filled=len(filled.fields),
        missing=[one for one in FILLED_IN if one not in filled.fields],
        without_consent=[one for one in DirectoryField if one.value not in consented],
        notices=_notices(filled),
    )
