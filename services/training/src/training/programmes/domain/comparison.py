"""What a version changes: field by field, and item by item where a field is a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from common.labels import Labelled
from common.money import format_euros
from training.programmes.domain.content import Contact, Field
from training.programmes.domain.programme import Issue

_EUROS = (Field.PRICE, Field.MEMBER_PRICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that differs: its words before and after or, of a list, what came and what went."""

    field: Field
    before: str | None = None
    after: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reordered: bool = False


def compare(before: Issue, after: Issue) -> tuple[Change, ...]:
    """Return the fields that differ, in the order of the sheet. A part differs also by its version."""
    return tuple(_changes(before, after))


def _changes(before: Issue, after: Issue) -> Iterator[Change]:
    for field in Field:
        old, new = _said(before, field), _said(after, field)
        if old == new:
            continue
        if isinstance(old, tuple) and isinstance(new, tuple):
            yield Change(
                field=field,
                added=tuple(one for one in new if one not in old),
                removed=tuple(one for one in old if one not in new),
                reordered=[one for one in old if one in new] != [one for one in new if one in old],
            )
        else:
            yield Change(field=field, before=_written(field, old), after=_written(field, new))


def _said(issue: Issue, field: Field) -> object:
    if field is Field.PARTS and issue.parts:
        return tuple(f"{part.code} (version {part.number})" for part in issue.parts)
    value = getattr(issue.content, field.value)
    return tuple(_item(one) for one in value) if isinstance(value, tuple) else value


def _item(value: object) -> str:
    return value.label if isinstance(value, Labelled) else str(value)


def _written(field: Field, value: object) -> str | None:
    match value:
        case None | "" | ():
            return None
        case bool():
            return "oui" if value else "non"
        case Labelled():
            return value.label
        case Decimal() if field in _EUROS:
            return format_euros(value)
        case Decimal():
            return f"{value.normalize():f}".replace(".", ",")
        case tuple():
            return " ; ".join(map(_item, value))
        case Contact():
            return ", ".join(part for part in (value.office, value.email, value.phone) if part)
        case _:
            return str(value)
