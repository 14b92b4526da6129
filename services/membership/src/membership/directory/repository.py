"""Loads and saves what is filled in for the directory and the consents, and searches what of it is public.

The only writer of its tables. What a structure has not consented to show is masked here, in SQL: it leaves the database
neither as a value nor as a match.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col

from common.transaction import Read, Tx
from membership.certifications.queries import held_labels
from membership.directory.domain import (
    FILLED_IN,
    Consent,
    ConsentEnding,
    DirectoryEntry,
    DirectoryField,
    Ended,
    Filled,
    Offer,
    Purchasing,
    Written,
    is_guessable,
    searched,
)
from membership.directory.tables import DirectoryConsentRow, DirectoryEntryRow, DirectoryWordRow
from membership.members.domain import MemberStatus
from membership.members.queries import MEMBER_TOWN, PRESENT, TODAY

ENTRY: Any = DirectoryEntryRow.__table__  # type: ignore[attr-defined]
REGISTER: Any = TODAY.c
_TOLERANCE = text(
    "SELECT set_config('pg_trgm.similarity_threshold', '0.4', true),"
    " set_config('pg_trgm.strict_word_similarity_threshold', '0.4', true)"
)
_MOST_ALIKE = 5
MANY = 2_000
"""From how many on a word is common."""


class PublicRow(NamedTuple):
    """What the public may see of a structure; None where it has not consented, or has nothing."""

    id: UUID
    name: str
    city: str | None
    department: str | None
    delegation: str | None
    kinds: list[str] | None
    shows_labels: bool
    presentation: str | None
    offers: list[dict[str, str]] | None
    sectors: list[str] | None
    territory: list[str] | None
    website: str | None
    phone: str | None
    email: str | None
    purchasing: dict[str, str | None] | None


class Meant(NamedTuple):
    """What a word of a search may mean: itself, what is like it where nobody has it, and what lists call so.

    ``common``: so many show it that whoever does not is looked for, structure by structure, in the order of the list.
    """

    word: str
    guessed: bool
    alike: list[str]
    sectors: list[str]
    kinds: list[str]
    departments: list[str]
    labels: list[str]
    common: bool = False


class _Place(NamedTuple):
    """Where a word may stand: a condition on the entry, or on the register, and the field that it is shown under."""

    condition: ColumnElement[bool]
    of_register: bool = False
    field: DirectoryField | None = None

    def ids(self) -> Select[tuple[UUID]]:
        """Select who has it there, by an index of this place alone."""
        return _in_register(self.condition, self.field) if self.of_register else _in_entries(self.condition)

    def of_row(self) -> ColumnElement[bool]:
        """Return the condition on a structure that is looked at anyway."""
        return self.condition if self.field is None else and_(shows(self.field), self.condition)


async def entry_of(source: Read, member_id: UUID) -> DirectoryEntry:
    """Load a structure's entry, with all its consents; an empty one where nothing was done yet."""
    query = select(DirectoryEntryRow).where(col(DirectoryEntryRow.member_id) == member_id)
    found = await source.session.execute(query.execution_options(populate_existing=True))
    row = found.scalar_one_or_none()
    if row is None:
        return DirectoryEntry(member_id)
    return DirectoryEntry(member_id, filled_in(row), tuple(await _consents_of(source, member_id)), row.version)


async def save(tx: Tx, before: DirectoryEntry, after: DirectoryEntry) -> None:
    """Write an entry whose structure is held, and what became of its consents."""
    if after is before:
        return
    values = {**_values(after), "changed_at": tx.now, "changed_by": tx.actor.subject}
    statement = insert(DirectoryEntryRow).values(member_id=after.member_id, **values)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["member_id"], set_=values))
    words = [{"word": word} for word in sorted(set(values["public_words"].split()))]
    if words:
        await tx.session.execute(insert(DirectoryWordRow).values(words).on_conflict_do_nothing())
    known = {consent.id: consent for consent in before.consents}
    for consent in after.consents:
        if consent.id not in known:
            await tx.session.execute(insert(DirectoryConsentRow).values(**_consent_values(after.member_id, consent)))
        elif consent != known[consent.id] and consent.ended is not None:
            await _end(tx, consent.id, consent.ended)


async def remove(tx: Tx, member_id: UUID) -> None:
    """Delete an entry that was only handed on, and its consents: they are kept where they were given."""
    await tx.session.execute(delete(DirectoryConsentRow).where(col(DirectoryConsentRow.member_id) == member_id))
    await tx.session.execute(delete(DirectoryEntryRow).where(col(DirectoryEntryRow.member_id) == member_id))


def filled_in(row: DirectoryEntryRow) -> Filled:
    """Read what was filled in as the rules know it."""
    return Filled(
        presentation=row.presentation,
        offers=tuple(Offer(**offer) for offer in row.offers),
        sectors=tuple(row.sectors),
        territory=tuple(row.territory),
        website=row.website,
        phone=row.phone,
        email=row.email,
        purchasing=Purchasing(**row.purchasing) if row.purchasing else None,
    )


def shows(field: DirectoryField) -> ColumnElement[bool]:
    """Return the condition that a structure consents to show a field."""
    condition: ColumnElement[bool] = ENTRY.c.consented.contains(_texts([field.value]))
    return condition


def public() -> Select[Any]:
    """Select ``PublicRow`` of every structure that the public sees."""
    masked = {
        DirectoryField.CITY: REGISTER.city,
        DirectoryField.DEPARTMENT: REGISTER.department,
        DirectoryField.DELEGATION: REGISTER.delegation,
        DirectoryField.KINDS: REGISTER.activities,
        DirectoryField.LABELS: None,
        **{field: ENTRY.c[field.value] for field in FILLED_IN},
    }
    columns = [
        shows(field).label(field.value)
        if column is None
        else case((shows(field), column), else_=null()).label(field.value)
        for field, column in masked.items()
    ]
    return (
        select(ENTRY.c.member_id.label("id"), REGISTER.name, *columns)
        .join(TODAY, REGISTER.id == ENTRY.c.member_id)
        .where(*_seen())
    )


def counted() -> list[ColumnElement[Any]]:
    """Return the columns that facets count, in the place of those of ``public``: each value once a structure."""
    served, own = ENTRY.c.public_territory, case((shows(DirectoryField.DEPARTMENT), REGISTER.department), else_=null())
    stands = or_(own.is_(None), own == any_(served))
    return [
        ENTRY.c.member_id.label("id"),
        case((shows(DirectoryField.KINDS), REGISTER.activities), else_=null()).label("kinds"),
        ENTRY.c.public_sectors.label("sectors"),
        case((stands, served), else_=func.array_append(served, own)).label("departments"),
        case((shows(DirectoryField.DELEGATION), REGISTER.delegation), else_=null()).label("delegation"),
        shows(DirectoryField.LABELS).label("labels"),
    ]


def is_of_kind(kinds: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a structure shows one of these activities."""
    return and_(shows(DirectoryField.KINDS), REGISTER.activities.overlap(_texts(kinds)))


def sells_in(sectors: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a structure shows one of these sectors, or an offer in it."""
    condition: ColumnElement[bool] = ENTRY.c.public_sectors.overlap(_texts(sectors))
    return condition


def is_for(departments: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a structure shows that it serves one of these departments, or stands in it."""
    return _is_among(
        _in_entries(ENTRY.c.public_territory.overlap(_texts(departments))),
        _in_register(REGISTER.department.in_(departments), DirectoryField.DEPARTMENT),
    )


def is_covered_by(delegations: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a structure shows one of these delegations."""
    return and_(shows(DirectoryField.DELEGATION), REGISTER.delegation.in_(delegations))


def has_purchasing() -> ColumnElement[bool]:
    """Return the condition that a structure shows whom buyers reach."""
    return and_(shows(DirectoryField.PURCHASING), ENTRY.c.purchasing.is_not(None))


def holds(labels: Collection[str], today: date) -> ColumnElement[bool]:
    """Return the condition that a structure shows that it holds one of these labels on a day."""
    held = held_labels(today).subquery()
    holding = exists().where(held.c.member_id == ENTRY.c.member_id, held.c.label.in_(labels))
    return and_(shows(DirectoryField.LABELS), holding)


def has_word(meant: Meant, today: date) -> ColumnElement[bool]:
    """Return the condition that a structure shows what a word means.

    Each place is searched by an index of its own: an alternative over two tables would have none. What nearly everybody
    shows is found sooner by looking at each structure of the page.
    """
    places = _places(meant, today)
    return or_(*(place.of_row() for place in places)) if meant.common else _is_among(*(place.ids() for place in places))


async def how_many_show(source: Read, meant: Meant, today: date) -> int:
    """Return how many show what a word means, once for each place; of more than many, also who is not shown.

    All of them are counted: with a bound in sight, PostgreSQL would look for a rare word without an index.
    """
    found = union_all(*(place.ids() for place in _places(meant, today))).subquery()
    count = select(func.count()).select_from(found)
    many = int((await source.session.execute(count)).scalar_one())
    if not 0 < many < MANY:
        return many
    showing = select(ENTRY.c.member_id).join(TODAY, REGISTER.id == ENTRY.c.member_id).where(*_seen())
    return int((await source.session.execute(count.where(found.c[0].in_(showing)))).scalar_one())


async def words_like(source: Read, word: str) -> list[str]:
    """Return the words once shown that are most like one, a letter or two wrong; also for a name, from now on.

    Nobody's words are looked through one by one: that takes seconds where there are many.
    """
    await source.session.execute(_TOLERANCE)
    nearest = DirectoryWordRow.__table__.c.word  # type: ignore[attr-defined]
    query = select(nearest).where(nearest.op("%", is_comparison=True)(word))
    alike = await source.session.execute(query.order_by(func.similarity(nearest, word).desc()).limit(_MOST_ALIKE))
    return list(alike.scalars())


def _places(meant: Meant, today: date) -> list[_Place]:
    places = _written(meant.word)
    if meant.guessed:
        places += _resembling(meant.word)
        places += [_Place(ENTRY.c.public_stems.op("@@", is_comparison=True)(_stem(word))) for word in meant.alike]
    if meant.sectors:
        places.append(_Place(sells_in(meant.sectors)))
    if meant.kinds:
        places.append(_Place(REGISTER.activities.overlap(_texts(meant.kinds)), True, DirectoryField.KINDS))
    if meant.departments:
        places.append(_Place(is_for(meant.departments)))
    if meant.labels:
        places.append(_Place(holds(meant.labels, today)))
    return places


def _is_among(*places: Select[tuple[UUID]]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = ENTRY.c.member_id.in_(union_all(*places))
    return condition


def _in_entries(condition: ColumnElement[bool]) -> Select[tuple[UUID]]:
    return select(ENTRY.c.member_id).where(ENTRY.c.listed, condition).correlate(None)


def _seen() -> tuple[ColumnElement[bool], ...]:
    return ENTRY.c.listed, REGISTER.status == MemberStatus.ACTIVE.value, PRESENT


def _in_register(condition: ColumnElement[bool], field: DirectoryField | None = None) -> Select[tuple[UUID]]:
    """Select the structures whose register fulfils a condition, among those that show the field it is about."""
    query = select(REGISTER.id).where(REGISTER.status == MemberStatus.ACTIVE.value, PRESENT, condition).correlate(None)
    if field is None:
        return query
    return query.join(ENTRY, ENTRY.c.member_id == REGISTER.id).where(shows(field))


def _stem(word: str) -> ColumnElement[Any]:
    """Return a word as full-text search compares it: its stem, or what begins with it."""
    return func.to_tsquery(literal_column("'french'::regconfig"), f"'{word}':*")


def _written(word: str) -> list[_Place]:
    """Return where a word shows: of its family in what is filled in, in a name or a town whole or as a beginning."""
    pattern = rf"\m{word}" if is_guessable(word) else rf"\m{word}\M"
    return [
        _Place(ENTRY.c.public_stems.op("@@", is_comparison=True)(_stem(word))),
        _Place(REGISTER.normalized_name.regexp_match(pattern), True),
        _Place(MEMBER_TOWN.regexp_match(pattern), True, DirectoryField.CITY),
    ]


def _resembling(word: str) -> list[_Place]:
    """Return where a name, or a town, has a word like this one."""
    like = literal(word).op("<<%", is_comparison=True)
    return [_Place(like(REGISTER.normalized_name), True), _Place(like(MEMBER_TOWN), True, DirectoryField.CITY)]


def _texts(values: Iterable[str]) -> ColumnElement[Any]:
    return cast(list(values), ARRAY(String))


async def _end(tx: Tx, consent_id: UUID, ended: Ended) -> None:
    statement = update(DirectoryConsentRow).where(col(DirectoryConsentRow.id) == consent_id)
    await tx.session.execute(statement.values(ended_at=ended.at, ended_by=ended.by, ending=ended.ending.value))


async def _consents_of(source: Read, member_id: UUID) -> list[Consent]:
    query = select(DirectoryConsentRow).where(col(DirectoryConsentRow.member_id) == member_id)
    ordered = query.order_by(col(DirectoryConsentRow.given_at), col(DirectoryConsentRow.id))
    rows = await source.session.execute(ordered.execution_options(populate_existing=True))
    return [_to_consent(row) for row in rows.scalars()]


def _to_consent(row: DirectoryConsentRow) -> Consent:
    written = Written(row.signed_on, row.reference) if row.signed_on and row.reference else None
    ended = None
    if row.ended_at is not None and row.ending is not None:
        ended = Ended(row.ended_at, row.ended_by or "", ConsentEnding(row.ending))
    return Consent(row.id, DirectoryField(row.field), row.given_at, row.given_by, written, ended)


def _consent_values(member_id: UUID, consent: Consent) -> dict[str, object]:
    return {
        "id": consent.id,
        "member_id": member_id,
        "field": consent.field.value,
        "given_at": consent.given_at,
        "given_by": consent.given_by,
        "signed_on": consent.written.signed_on if consent.written else None,
        "reference": consent.written.reference if consent.written else None,
    }


def _values(entry: DirectoryEntry) -> dict[str, Any]:
    filled, public = entry.filled, searched(entry)
    return {
        "presentation": filled.presentation,
        "offers": [asdict(offer) for offer in filled.offers],
        "sectors": list(filled.sectors),
        "territory": list(filled.territory),
        "website": filled.website,
        "phone": filled.phone,
        "email": filled.email,
        "purchasing": asdict(filled.purchasing) if filled.purchasing else None,
        "filled": _codes(filled.fields),
        "consented": _codes(entry.consented),
        "listed": DirectoryField.LISTED in entry.consented,
        "public_sectors": list(public.sectors),
        "public_territory": list(public.territory),
        "public_words": public.words,
        "version": entry.version,
    }


def _codes(fields: Collection[DirectoryField]) -> list[str]:
    return [field.value for field in fields]
