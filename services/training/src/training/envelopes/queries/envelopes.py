"""Reads of the envelopes, and of where their money stood at an instant."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.envelopes import repository
from training.envelopes.domain import (
    NOTHING,
    Envelope,
    EnvelopeMovementKind,
    EnvelopeState,
    Position,
    position_of,
    require_not_closed,
    require_open,
    state_on,
)
from training.envelopes.schemas import (
    EnvelopeBalanceOut,
    EnvelopeBalanceParams,
    EnvelopeExportParams,
    EnvelopeFilters,
    EnvelopeListParams,
    EnvelopeOut,
    EnvelopePositionOut,
    EnvelopeRulesIo,
)
from training.envelopes.tables import EnvelopeRow, MovementRow
from training.rights import RIGHTS, Act

ENVELOPE: Any = EnvelopeRow.__table__  # type: ignore[attr-defined]
_MOVEMENT: Any = MovementRow.__table__  # type: ignore[attr-defined]
_AVAILABLE = ENVELOPE.c.contributed - ENVELOPE.c.reserved - ENVELOPE.c.consumed
_ORDER = Order(
    columns={name: ENVELOPE.c[name] for name in ("closes_on", "opens_on", "year", "title")},
    default="-closes_on",
    unique=ENVELOPE.c.id,
)

ENVELOPES_HEADER = (
    "titre", "nature", "annee", "financeur", "ouvre_le", "clot_le", "etat", "verse", "reserve", "consomme",
    "disponible",
)  # fmt: skip


async def find_envelope(read: Read, envelope_id: UUID) -> EnvelopeOut:
    """Return one envelope. Raises EnvelopeNotFound."""
    return _out(read, await repository.get_envelope(read, envelope_id))


async def list_envelopes(read: Read, params: EnvelopeListParams) -> Page[EnvelopeOut]:
    """Return one page of envelopes."""
    rows, cursor, total = await paginate(read, _filtered(read, params), _ORDER, params)
    items = [_out(read, repository.envelope_of(row, in_use=in_use)) for row, in_use in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_envelopes(read: Read, params: EnvelopeExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same envelopes as the list with the same filters."""
    query = _filtered(read, params).order_by(ENVELOPE.c.closes_on.desc(), ENVELOPE.c.id.desc())
    rows = (await read.session.execute(query)).all()
    return (_line(read, repository.envelope_of(row, in_use=in_use)) for row, in_use in rows)


async def envelopes_open(read: Read, kinds: Sequence[str]) -> list[Envelope]:
    """Return the envelopes of some kinds that can be reserved today, those that close first before the others."""
    query = _listed().where(ENVELOPE.c.kind.in_(kinds), _stands(EnvelopeState.OPEN, read))
    rows = (await read.session.execute(query.order_by(ENVELOPE.c.closes_on, ENVELOPE.c.id))).all()
    return [repository.envelope_of(row, in_use=in_use) for row, in_use in rows]


async def balance(read: Read, envelope_id: UUID, params: EnvelopeBalanceParams) -> EnvelopeBalanceOut:
    """Return where the money of an envelope stood at an instant: what its movements until then sum to.

    Raises EnvelopeNotFound.
    """
    await repository.get_envelope(read, envelope_id)
    at = params.at or read.now
    until = (_MOVEMENT.c.envelope_id == envelope_id, _MOVEMENT.c.recorded_at <= at)
    query = select(_MOVEMENT.c.kind, func.count(), func.sum(_MOVEMENT.c.amount)).where(*until)
    rows = (await read.session.execute(query.group_by(_MOVEMENT.c.kind))).all()
    sums = dict.fromkeys(EnvelopeMovementKind, NOTHING) | {
        EnvelopeMovementKind(kind): amount for kind, _, amount in rows
    }
    count = sum(movements for _, movements, _ in rows)
    return EnvelopeBalanceOut(at=at, movements=count, sums=sums, position=position_out(position_of(sums)))


def position_out(position: Position) -> EnvelopePositionOut:
    """Show where money stands."""
    return EnvelopePositionOut.model_validate(position)


def _listed() -> Select[Any]:
    return select(EnvelopeRow, repository.IN_USE).execution_options(populate_existing=True)


def _filtered(read: Read, filters: EnvelopeFilters) -> Select[Any]:
    query = _listed()
    if filters.kind:
        query = query.where(ENVELOPE.c.kind.in_([kind.value for kind in filters.kind]))
    if filters.year:
        query = query.where(ENVELOPE.c.year.in_(filters.year))
    if filters.state:
        query = query.where(or_(*(_stands(state, read) for state in filters.state)))
    if filters.expires_before:
        query = query.where(ENVELOPE.c.closes_on < filters.expires_before, _AVAILABLE > 0)
    if filters.q:
        words = (ENVELOPE.c.title, ENVELOPE.c.funder)
        query = query.where(or_(*(column.icontains(filters.q, autoescape=True) for column in words)))
    return query


def _stands(state: EnvelopeState, read: Read) -> ColumnElement[bool]:
    """The rule of ``state_on``, as the database applies it to a whole list."""
    opens, closes, today = ENVELOPE.c.opens_on, ENVELOPE.c.closes_on, read.today
    stands: dict[EnvelopeState, ColumnElement[bool]] = {
        EnvelopeState.ANNOUNCED: opens > today,
        EnvelopeState.OPEN: and_(opens <= today, closes >= today),
        EnvelopeState.CLOSED: closes < today,
    }
    return stands[state]


def _out(read: Read, envelope: Envelope) -> EnvelopeOut:
    said, state = envelope.said, state_on(envelope.said, read.today)
    actions, blockers = tried(_acts(read, envelope))
    return EnvelopeOut(
        id=envelope.id,
        kind=said.kind,
        kind_label=said.kind.label,
        title=said.title,
        year=said.year,
        funder=said.funder,
        opens_on=said.opens_on,
        closes_on=said.closes_on,
        state=state,
        state_label=state.label,
        rules=EnvelopeRulesIo.model_validate(said.rules),
        position=position_out(envelope.position),
        version=envelope.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _acts(read: Read, envelope: Envelope) -> dict[str, Callable[[], object]]:
    if grant_for(RIGHTS, Act.RUN_ENVELOPES, read.actor) is None:
        return {}
    return {
        "change": lambda: None,
        "contribute": partial(require_not_closed, envelope, read.today),
        "correct": lambda: None,
        "reserve": partial(require_open, envelope, read.today),
    }


def _line(read: Read, envelope: Envelope) -> Sequence[object]:
    said, stands = envelope.said, envelope.position
    return (
        said.title,
        said.kind.label,
        said.year,
        said.funder,
        said.opens_on,
        said.closes_on,
        state_on(said, read.today).label,
        stands.contributed,
        stands.reserved,
        stands.consumed,
        stands.available,
    )
