"""Lists: keyset cursors, one page shape, sort keys that an index serves."""

import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from common.errors import Invalid
from common.transaction import Read
from common.types import Schema

MOST_SHOWN = 200
"""The most that one answer shows of a list. One that data can make longer is a :class:`Page`."""
PAGE_SIZE = "Taille de page"
NEXT_PAGE = "Reprise : next_cursor de la page d'avant"
_MOST_DIGITS = 30
_SLICE = 250

T = TypeVar("T")
_R = TypeVar("_R")
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


class Page(Schema, Generic[T]):
    """Une page de résultats."""

    items: list[T]
    next_cursor: str | None = Field(description="À renvoyer dans cursor= pour la suite ; absent en fin de liste")
    total: int | None = Field(None, description="Nombre exact, donné si total=true")


class Whole(Schema, Generic[T]):
    """Une liste entière : elle ne grandit pas avec les données."""

    items: list[T] = Field(max_length=MOST_SHOWN)


class PageParams(Schema):
    """What every list accepts. A list's own filters extend it."""

    limit: Annotated[int, Field(ge=1, le=MOST_SHOWN, description=PAGE_SIZE)] = 50
    cursor: Annotated[
        str | None,
        Field(
            max_length=2_000,
            description=NEXT_PAGE,
            # Said and not checked here: whatever is not a cursor of this list is refused as such, with one code.
            json_schema_extra={"pattern": "^[A-Za-z0-9_-]*$"},
        ),
    ] = None
    total: Annotated[bool, Field(description="Compter aussi le total")] = False
    sort: Annotated[
        str | None, Field(max_length=200, description="Tri : clés séparées par des virgules, - pour inverser")
    ] = None


class BadCursor(Invalid):
    """A cursor this list did not give, or gave for another sort."""

    code = "cursor_invalid"


class BadSort(Invalid):
    """A sort key the list does not offer."""

    code = "sort_unknown"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column of a list's order."""

    name: str
    column: Column
    descending: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What a list can be sorted by. Columns must not be null.

    ``unique`` breaks ties, in the direction of the last key: an index on the one and the other serves both directions.
    """

    columns: Mapping[str, Column]
    default: str
    unique: Column

    def parse(self, wanted: str | None) -> list[SortKey]:
        """Read ``-due_on,number``. Raises BadSort."""
        keys = []
        for part in (wanted or self.default).split(","):
            name = part.strip().removeprefix("-")
            if name not in self.columns:
                offered = ", ".join(self.columns)
                raise BadSort(f"Tri inconnu : « {name} ». Tris possibles : {offered}.")
            keys.append(SortKey(name, self.columns[name], part.strip().startswith("-")))
        return [*keys, SortKey("", self.unique, descending=keys[-1].descending)]


def page_of(items: Sequence[T], limit: int, place: Callable[[T], object]) -> Page[T]:
    """Make a page of items of which one more than the limit was read; the last one's place is the cursor.

    >>> page = page_of(["a", "b", "c"], 2, str.upper)
    >>> page.items, page.next_cursor
    (['a', 'b'], 'B')
    """
    shown = list(items[:limit])
    return Page(items=shown, next_cursor=str(place(shown[-1])) if len(items) > limit else None)


async def paginate(
    read: Read, query: Select[Any], order: Order, params: PageParams
) -> tuple[Sequence[Any], str | None, int | None]:
    """Run one page of a query: its rows, the cursor of the next page, and the total when asked for."""
    keys = order.parse(params.sort)
    rows = await _rows(read, query, keys, _place(params, keys), params.limit + 1)
    total = None
    if params.total:
        total = (await read.session.execute(select(func.count()).select_from(query.subquery()))).scalar_one()
    shown = rows[: params.limit]
    width = len(keys)
    cursor = _encode(keys, shown[-1][-width:]) if len(rows) > params.limit else None
    return _bare(shown, width), cursor, total


async def sift(
    read: Read,
    query: Select[Any],
    order: Order,
    params: PageParams,
    shown: Callable[[Sequence[Any]], Awaitable[Sequence[T | None]]],
) -> Page[T]:
    """Run one page of a query of which no condition can tell what is on it.

    Rows are read in slices, in the list's order, until the page is full: a page's worth first, which is enough where
    nothing is left out. ``shown`` turns a slice into what the page shows of it, None for a row that is left out.
    """
    keys = order.parse(params.sort)
    width = len(keys)
    found: list[tuple[T, Sequence[Any]]] = []
    async for rows in _slices(read, query, keys, _place(params, keys), params.limit + 1):
        found += _present(await shown(_bare(rows, width)), [row[-width:] for row in rows])
        if len(found) > params.limit:
            break
    total = None
    if params.total:
        slices = _slices(read, query, keys, None, _SLICE)
        total = sum([len(_present(await shown(_bare(rows, width)), rows)) async for rows in slices])
    cursor = _encode(keys, found[params.limit - 1][1]) if len(found) > params.limit else None
    return Page(items=[one for one, _ in found[: params.limit]], next_cursor=cursor, total=total)


async def _slices(
    read: Read, query: Select[Any], keys: Sequence[SortKey], place: Sequence[Any] | None, size: int
) -> AsyncIterator[Sequence[Row[Any]]]:
    while rows := await _rows(read, query, keys, place, size):
        yield rows
        if len(rows) < size:
            return
        place, size = rows[-1][-len(keys) :], _SLICE


def _present(shown: Sequence[T | None], places: Sequence[_R]) -> list[tuple[T, _R]]:
    return [(one, place) for one, place in zip(shown, places, strict=True) if one is not None]


async def _rows(
    read: Read, query: Select[Any], keys: Sequence[SortKey], place: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    """Return the rows after a place, each with the values of its keys at its end."""
    if place is not None:
        query = query.where(_after(keys, place))
    columns = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    page = query.order_by(*columns).limit(limit).add_columns(*(key.column for key in keys))
    return (await read.session.execute(page)).all()


def _bare(rows: Sequence[Row[Any]], width: int) -> list[Any]:
    """Return the rows without their keys; of one column, that column."""
    return [row[0] if len(row) == width + 1 else row[:-width] for row in rows]


def _place(params: PageParams, keys: Sequence[SortKey]) -> Sequence[Any] | None:
    return _decode(params.cursor, keys) if params.cursor else None


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition "strictly after these values".

    In one direction it is a comparison of rows, which an index finds its place by; in mixed ones each key may differ.
    """
    if len({key.descending for key in keys}) == 1:
        columns, place = tuple_(*(key.column for key in keys)), tuple_(*map(_literal, keys, values))
        return columns < place if keys[0].descending else columns > place
    alternatives = []
    for index, key in enumerate(keys):
        equal = [earlier.column == value for earlier, value in zip(keys[:index], values, strict=False)]
        beyond = key.column < values[index] if key.descending else key.column > values[index]
        alternatives.append(and_(*equal, beyond))
    return or_(*alternatives)


def _literal(key: SortKey, value: Any) -> ColumnElement[Any]:
    return literal(value, key.column.type)


def _signature(keys: Sequence[SortKey]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.name}" for key in keys)


def _encode(keys: Sequence[SortKey], values: Sequence[Any]) -> str:
    raw = orjson.dumps([_signature(keys), *values], default=str)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[SortKey]) -> list[Any]:
    refusal = BadCursor("Ce curseur n'est pas de cette liste, ou pas de ce tri : reprenez au début.")
    try:
        signature, *values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if signature != _signature(keys) or len(values) != len(keys):
            raise refusal
        return [_typed(value, key.column) for value, key in zip(values, keys, strict=True)]
    except (ValueError, TypeError, binascii.Error, ArithmeticError):
        raise refusal from None


def _typed(value: Any, column: Column) -> Any:
    python_type = column.type.python_type
    read = _READ.get(python_type)
    if not isinstance(value, str if read else python_type):
        raise TypeError(f"{value!r} is not of the column's type")
    return read(value) if read else value


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} is no instant without its offset")
    return instant


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or abs(amount.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"{text} is no amount a column holds")
    return amount


_READ: Mapping[type, Callable[[str], Any]] = {
    date: date.fromisoformat,
    datetime: _instant,
    Decimal: _amount,
    UUID: UUID,
}
"""How to read back the values that JSON has no type for."""
