"""Loads and saves the programmes, their versions and the catalogue; the only writer of their tables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import String, bindparam, cast, delete, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from common.characters import normalise
from common.transaction import Read, Tx
from training.programmes.domain import (
    Content,
    Issue,
    Part,
    Programme,
    ProgrammeKind,
    ProgrammeNotFound,
    ProgrammeStatus,
    Searched,
    VersionNotFound,
)
from training.programmes.tables import CatalogueRow, ProgrammeRow, VersionRow, WordRow

_CONTENT = TypeAdapter(Content)
_PARTS = TypeAdapter(tuple[Part, ...])
_PROGRAMME: Any = ProgrammeRow.__table__  # type: ignore[attr-defined]
ENTRY: Any = CatalogueRow.__table__  # type: ignore[attr-defined]
FRENCH: ColumnElement[Any] = literal_column("'french'::regconfig")

# How many programmes have each word whole (an ending aside), or else as a beginning. They are counted, not looked for:
# with a first one in sight, PostgreSQL would read the whole catalogue for a rare word rather than its index.
_HOW_MANY = text(
    "SELECT q.word, numnode(plainto_tsquery('french', q.word)) > 0 AS full_word, w.whole, CASE WHEN w.whole = 0 THEN"
    " (SELECT count(*) FROM catalogue_entry b WHERE b.words @@ to_tsquery('simple', q.word || ':*')) ELSE 0 END"
    " AS begun FROM unnest(:words) WITH ORDINALITY AS q(word, place) CROSS JOIN LATERAL"
    " (SELECT count(*) AS whole FROM catalogue_entry e WHERE e.words @@ plainto_tsquery('french', q.word)) w"
    " ORDER BY q.place"
).bindparams(bindparam("words", type_=ARRAY(String)))
_ALIKE = text(
    "SELECT q.word, c.word FROM unnest(:words) AS q(word) CROSS JOIN LATERAL"
    " (SELECT w.word FROM catalogue_word w ORDER BY w.word <-> q.word LIMIT 12) c"
).bindparams(bindparam("words", type_=ARRAY(String)))


def programme_of(row: ProgrammeRow) -> Programme:
    """Read a programme."""
    return Programme(
        id=row.id,
        code=row.code,
        kind=ProgrammeKind(row.kind),
        status=ProgrammeStatus(row.status),
        current=row.current,
        draft=None if row.draft is None else _CONTENT.validate_python(row.draft),
        version=row.version,
    )


def issue_of(row: VersionRow) -> Issue:
    """Read what a version says."""
    return Issue(content=_CONTENT.validate_python(row.content), parts=_PARTS.validate_python(row.parts))


async def get(read: Read, code: str, *, for_update: bool = False) -> ProgrammeRow:
    """Load a programme. Raises ProgrammeNotFound."""
    query = select(ProgrammeRow).where(col(ProgrammeRow.code) == code)
    if for_update:
        query = query.with_for_update()
    found = await read.session.execute(query.execution_options(populate_existing=True))
    row = found.scalar_one_or_none()
    if row is None:
        raise ProgrammeNotFound("Aucun programme n'a ce code.")
    return row


async def add(tx: Tx, programme: Programme, content: Content) -> bool:
    """Save a new programme; tell whether its code was free."""
    values = {**_values(tx, programme, content), "created_at": tx.now, "created_by": tx.actor.subject}
    statement = insert(ProgrammeRow).values(id=programme.id, code=programme.code, **values)
    added = await tx.session.execute(statement.on_conflict_do_nothing().returning(col(ProgrammeRow.id)))
    return added.scalar_one_or_none() is not None


async def save(tx: Tx, row: ProgrammeRow, programme: Programme, said: Content) -> None:
    """Save what a programme became; ``said`` is what it is called by: its draft, or its current version."""
    for name, value in _values(tx, programme, programme.draft or said).items():
        setattr(row, name, value)
    await tx.session.flush()


async def remove(tx: Tx, programme_id: UUID) -> None:
    """Delete a programme that has no version."""
    await tx.session.execute(delete(ProgrammeRow).where(col(ProgrammeRow.id) == programme_id))


async def version(read: Read, programme_id: UUID, number: int) -> VersionRow:
    """Load a version. Raises VersionNotFound."""
    row = await read.session.get(VersionRow, (programme_id, number))
    if row is None:
        raise VersionNotFound("Ce programme n'a pas de version de ce numéro.")
    return row


async def last_version(read: Read, programme: Programme) -> VersionRow | None:
    """Load the current version, None of a programme that was never published."""
    if programme.current is None:
        return None
    return await read.session.get(VersionRow, (programme.id, programme.current))


async def add_version(tx: Tx, programme_id: UUID, number: int, issue: Issue, referential: str) -> VersionRow:
    """Keep what a programme says from now on, for ever; return the version."""
    row = VersionRow(
        programme_id=programme_id,
        number=number,
        content=_CONTENT.dump_python(issue.content, mode="json"),
        parts=_PARTS.dump_python(issue.parts, mode="json"),
        referential=referential,
        published_on=tx.today,
        published_at=tx.now,
        published_by=tx.actor.subject,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row


async def list_in_catalogue(tx: Tx, programme: Programme, row: VersionRow, searched: Searched) -> None:
    """Put a programme's version in the catalogue, in the place of the one before."""
    issue = issue_of(row)
    content = issue.content
    values = {
        "code": programme.code,
        "kind": programme.kind.value,
        "number": row.number,
        "published_on": row.published_on,
        "title": content.title,
        "title_key": normalise(content.title),
        "theme": content.theme,
        "modes": [mode.value for mode in content.modes],
        "certifying": content.is_certifying,
        "hours": content.hours,
        "price": content.price,
        "member_price": content.member_price,
        "parts": [part.code for part in issue.parts],
        "words": _weighed(searched),
    }
    statement = insert(CatalogueRow).values(programme_id=programme.id, **values)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["programme_id"], set_=values))
    words = [{"word": word} for word in searched.words]
    await tx.session.execute(insert(WordRow).values(words).on_conflict_do_nothing())


async def leave_catalogue(tx: Tx, programme_id: UUID) -> None:
    """Take a programme out of the catalogue."""
    await tx.session.execute(delete(CatalogueRow).where(col(CatalogueRow.programme_id) == programme_id))


async def hold_parts(tx: Tx, codes: Collection[str]) -> None:
    """Keep programmes from leaving the catalogue until this transaction ends."""
    query = select(_PROGRAMME.c.id).where(_PROGRAMME.c.code.in_(codes)).order_by(_PROGRAMME.c.code)
    await tx.session.execute(query.with_for_update(read=True))


async def on_sale(read: Read, codes: Collection[str]) -> dict[str, Part]:
    """Return those of some programmes that are on sale and can be parts of others, by code."""
    query = select(ENTRY).where(ENTRY.c.code.in_(codes), ENTRY.c.kind == ProgrammeKind.PROGRAMME.value)
    rows = (await read.session.execute(query)).mappings()
    return {row["code"]: Part(**{name: row[name] for name in Part.__dataclass_fields__}) for row in rows}


async def sold_in(read: Read, code: str) -> list[str]:
    """Return the codes of what is sold and made of a programme."""
    query = select(ENTRY.c.code).where(ENTRY.c.parts.contains(cast([code], ARRAY(String))))
    return list((await read.session.execute(query)).scalars())


class Held(NamedTuple):
    """A word of a search: whether it can be looked for, how many programmes have it whole, or else as a beginning."""

    word: str
    full_word: bool
    whole: int
    begun: int


async def how_many(read: Read, words: Collection[str]) -> list[Held]:
    """Count the programmes that have each of some words."""
    if not words:
        return []
    return [Held(*row) for row in await read.session.execute(_HOW_MANY, {"words": list(words)})]


async def words_like(read: Read, words: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the words that the catalogue held once and that are written most like each of some, by their trigrams."""
    found: dict[str, list[str]] = {}
    for word, alike in await read.session.execute(_ALIKE, {"words": list(words)}):
        found.setdefault(word, []).append(alike)
    return found


def _values(tx: Tx, programme: Programme, said: Content) -> dict[str, Any]:
    draft = programme.draft
    return {
        "kind": programme.kind.value,
        "status": programme.status.value,
        "current": programme.current,
        "draft": None if draft is None else _CONTENT.dump_python(draft, mode="json"),
        "title": said.title,
        "version": programme.version,
        "changed_at": tx.now,
        "changed_by": tx.actor.subject,
    }


def _weighed(searched: Searched) -> ColumnElement[Any]:
    """Return the stems of a programme's texts, the title's before the objectives' before the rest's."""
    weighed = _weighing("A", searched.title).op("||")(_weighing("B", searched.objectives))
    both: ColumnElement[Any] = weighed.op("||")(_weighing("C", searched.rest))
    return both


def _weighing(weight: str, words: str) -> ColumnElement[Any]:
    return func.setweight(func.to_tsvector(FRENCH, words), literal_column(f"'{weight}'"))
