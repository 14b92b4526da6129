"""What anybody finds in the catalogue: searched words, filters, counts, sheets and files."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    case,
    cast,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from common.pagination import Order, Page, PageParams, paginate
from common.transaction import Read
from training.programmes import repository
from training.programmes.documents import catalogue_line
from training.programmes.domain import (
    CatalogueTooLarge,
    Mode,
    ProgrammeKind,
    SheetNotFound,
    Understood,
    is_guessable,
    nearest,
    within,
    words_of,
)
from training.programmes.queries import programmes
from training.programmes.queries.rules import theme_label, themes
from training.programmes.repository import ENTRY
from training.programmes.schemas import (
    CatalogueExportParams,
    CatalogueFilters,
    CatalogueLine,
    CatalogueListParams,
    CataloguePage,
    FacetOut,
    FacetsOut,
    SheetOut,
    UnderstoodOut,
    VersionLine,
)

_MOST_EXPORTED = 5_000
_MILLION = 1_000_000
_NAMES = [name for name in CatalogueLine.model_fields if name in ENTRY.c]
_LINE = [ENTRY.c[name] for name in _NAMES]
_YES, _NO = "true", "false"


async def search(read: Read, params: CatalogueListParams) -> CataloguePage:
    """Return one page of the programmes on sale, and how the search was understood."""
    understood = await _understood(read, params.q)
    query = select(*_LINE).where(*_conditions(params, understood))
    rows, cursor, total = await paginate(read, query, _order(understood), params)
    words = [
        UnderstoodOut(word=one.word, understood_as=list(one.meant), guessed=one.is_guess) for one in understood or ()
    ]
    return CataloguePage(items=[_line(row) for row in rows], next_cursor=cursor, total=total, words=words)


async def facets(read: Read, filters: CatalogueFilters) -> FacetsOut:
    """Count the programmes that pass the filters by each value that they have."""
    columns = (ENTRY.c.kind, ENTRY.c.theme, ENTRY.c.modes, ENTRY.c.certifying)
    found = select(*columns).where(*_conditions(filters, await _understood(read, filters.q))).cte()
    values = {
        "kinds": select(found.c.kind.label("value")),
        "themes": select(found.c.theme.label("value")),
        "modes": select(func.unnest(found.c.modes).label("value")),
        "certifying": select(case((found.c.certifying, _YES), else_=_NO).label("value")),
    }
    counted = [select(literal("total"), literal("total"), func.count()).select_from(found)]
    for name, query in values.items():
        value = query.subquery().c.value
        counted.append(select(literal(name), value, func.count()).group_by(value))
    names = _labels()
    by_facet: dict[str, list[FacetOut]] = {name: [] for name in (*values, "total")}
    for name, code, count in await read.session.execute(union_all(*counted)):
        by_facet[name].append(FacetOut(code=code, label=names.get(name, {}).get(code, code), count=count))
    [total] = by_facet.pop("total")
    ordered = {name: sorted(ones, key=lambda one: (-one.count, one.label)) for name, ones in by_facet.items()}
    return FacetsOut(total=total.count, **ordered)


async def export(read: Read, params: CatalogueExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same programmes as the list, by title. Raises CatalogueTooLarge."""
    query = select(*_LINE).where(*_conditions(params, await _understood(read, params.q)))
    rows = (await read.session.execute(query.order_by(ENTRY.c.title_key).limit(_MOST_EXPORTED + 1))).all()
    if len(rows) > _MOST_EXPORTED:
        raise CatalogueTooLarge(f"L'export est limité à {_MOST_EXPORTED} programmes : précisez votre recherche.")
    return map(catalogue_line, map(_line, rows))


async def find_sheet(read: Read, code: str, number: int | None = None) -> SheetOut:
    """Return the sheet of a programme on sale, or an earlier version. Raises SheetNotFound, VersionNotFound."""
    entry = await _entry(read, code)
    row = await repository.version(read, entry.programme_id, number or entry.number)
    return programmes.sheet_out(code, ProgrammeKind(entry.kind), row)


async def list_versions(read: Read, code: str, params: PageParams) -> Page[VersionLine]:
    """Return one page of the versions of a programme on sale. Raises SheetNotFound."""
    await _entry(read, code)
    return await programmes.list_versions(read, code, params)


async def _entry(read: Read, code: str) -> Any:
    found = await read.session.execute(select(ENTRY).where(ENTRY.c.code == code))
    entry = found.one_or_none()
    if entry is None:
        raise SheetNotFound("Le catalogue n'a pas de programme de ce code, ou ne l'a plus.")
    return entry


async def _understood(read: Read, question: str | None) -> list[Understood] | None:
    """Return what each full word of a search is taken for; None where nothing is searched.

    A word is taken as it is where a programme has it, else as a beginning, else for its nearest ones.
    """
    if question is None:
        return None
    held = [one for one in await repository.how_many(read, words_of(question)) if one.full_word]
    unknown = [one.word for one in held if not one.whole and not one.begun and is_guessable(one.word)]
    guessed = await _guessed(read, unknown) if unknown else {}
    return [
        Understood(word=one.word, meant=(one.word,), begun=not one.whole)
        if one.whole or one.begun
        else Understood(word=one.word, meant=guessed.get(one.word, ()))
        for one in held
    ]


async def _guessed(read: Read, unknown: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the nearest words of the catalogue as it is now: what left it is not proposed."""
    near = {word: within(word, alike) for word, alike in (await repository.words_like(read, unknown)).items()}
    asked = dict.fromkeys(one for ones in near.values() for one in ones)
    known = {one.word for one in await repository.how_many(read, asked) if one.whole}
    return {word: nearest(word, [one for one in ones if one in known]) for word, ones in near.items()}


def _conditions(filters: CatalogueFilters, understood: list[Understood] | None) -> Iterator[ColumnElement[bool]]:
    if understood is not None:
        yield ENTRY.c.words.op("@@", is_comparison=True)(_asked(understood))
    if filters.kind:
        yield ENTRY.c.kind.in_(filters.kind)
    if filters.theme:
        yield ENTRY.c.theme.in_(filters.theme)
    if filters.mode:
        yield ENTRY.c.modes.overlap(cast([mode.value for mode in filters.mode], ARRAY(String)))
    if filters.certifying is not None:
        yield ENTRY.c.certifying if filters.certifying else not_(ENTRY.c.certifying)
    for column, least, most in (
        (ENTRY.c.hours, filters.hours_from, filters.hours_to),
        (ENTRY.c.price, filters.price_from, filters.price_to),
    ):
        yield from _within(column, least, most)


def _within(column: Any, least: Decimal | None, most: Decimal | None) -> Iterator[ColumnElement[bool]]:
    if least is not None:
        yield column >= least
    if most is not None:
        yield column <= most


def _asked(understood: list[Understood]) -> ColumnElement[Any]:
    """Return all the words of a search, each as one of those that it may mean; of none, or of an unknown one, nothing.

    They are letters and digits only: nothing in them is an operator of the search.
    """
    known = understood and all(one.meant for one in understood)
    words = " & ".join(_term(one) for one in understood) if known else ""
    # A subquery is worked out once; the bare function would be for each programme, in a plan that is kept.
    return select(func.to_tsquery(repository.FRENCH, words)).scalar_subquery()


def _term(one: Understood) -> str:
    return f"{one.word}:*" if one.begun else f"({' | '.join(one.meant)})"


def _order(understood: list[Understood] | None) -> Order:
    """Return what the catalogue is sorted by: what is searched by how well it matches, else by title."""
    columns = {"title": ENTRY.c.title_key, "published_on": ENTRY.c.published_on}
    if not understood:
        return Order(columns=columns, default="title", unique=ENTRY.c.programme_id)
    # A whole number: what a cursor holds must read back as the very number that it is compared with.
    rank = cast(func.ts_rank(ENTRY.c.words, _asked(understood)) * _MILLION, Integer)
    return Order(columns={"relevance": rank, **columns}, default="-relevance", unique=ENTRY.c.programme_id)


def _line(row: Sequence[Any]) -> CatalogueLine:
    said = dict(zip(_NAMES, row, strict=True))
    labels = {"kind_label": ProgrammeKind(said["kind"]).label, "theme_label": theme_label(said["theme"])}
    return CatalogueLine.model_validate({**said, **labels})


def _labels() -> dict[str, dict[str, str]]:
    return {
        "kinds": {kind.value: kind.label for kind in ProgrammeKind},
        "themes": themes(),
        "modes": {mode.value: mode.label for mode in Mode},
        "certifying": {_YES: "certifiant", _NO: "non certifiant"},
    }
