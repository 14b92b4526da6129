"""Reads of what moved in the envelopes, and of what is reserved on them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.envelopes import repository
from training.envelopes.domain import (
    EnvelopeMovementKind,
    FundedSubjectKind,
    Reservation,
    ReservationNotFound,
    require_something_left,
    require_something_spent,
)
from training.envelopes.queries.envelopes import ENVELOPE
from training.envelopes.schemas import (
    EnvelopeMovementOut,
    EnvelopeReservationOut,
    MovementExportParams,
    MovementFilters,
    MovementListParams,
    ReservationExportParams,
    ReservationFilters,
    ReservationListParams,
)
from training.envelopes.tables import MovementRow, ReservationRow
from training.rights import RIGHTS, Act

_MOVEMENT: Any = MovementRow.__table__  # type: ignore[attr-defined]
_RESERVATION: Any = ReservationRow.__table__  # type: ignore[attr-defined]
_MOVEMENTS = Order(columns={"recorded_at": _MOVEMENT.c.recorded_at}, default="-recorded_at", unique=_MOVEMENT.c.id)
_RESERVATIONS = Order(
    columns={"reserved_on": _RESERVATION.c.reserved_on}, default="reserved_on", unique=_RESERVATION.c.id
)

MOVEMENTS_HEADER = (
    "enveloppe", "rang", "note_le", "nature", "montant", "objet", "structure", "cause", "banque_le", "note_par",
)  # fmt: skip
RESERVATIONS_HEADER = (
    "enveloppe", "pour", "objet", "structure", "reserve_le", "reserve", "libere", "consomme", "rendu", "reste",
)  # fmt: skip


async def list_movements(read: Read, params: MovementListParams) -> Page[EnvelopeMovementOut]:
    """Return one page of the ledger."""
    rows, cursor, total = await paginate(read, _moved(params), _MOVEMENTS, params)
    return Page(items=[_movement(row) for row, _ in rows], next_cursor=cursor, total=total)


async def export_movements(read: Read, params: MovementExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same movements as the list with the same filters, in their order."""
    query = _moved(params).order_by(_MOVEMENT.c.recorded_at, _MOVEMENT.c.id)
    rows = (await read.session.execute(query)).all()
    return (
        (
            title,
            row.number,
            row.recorded_at,
            EnvelopeMovementKind(row.kind).label,
            row.amount,
            row.label,
            row.member_id,
            row.cause,
            row.happened_on,
            row.recorded_by,
        )
        for row, title in rows
    )


async def find_reservation(read: Read, reservation_id: UUID) -> EnvelopeReservationOut:
    """Return one reservation. Raises ReservationNotFound."""
    row = (await read.session.execute(_reserved().where(_RESERVATION.c.id == reservation_id))).one_or_none()
    if row is None:
        raise ReservationNotFound("Cette réservation n'existe pas.")
    return _reservation(read, *row)


async def list_reservations(read: Read, params: ReservationListParams) -> Page[EnvelopeReservationOut]:
    """Return one page of reservations."""
    rows, cursor, total = await paginate(read, _filtered(read, params), _RESERVATIONS, params)
    return Page(items=[_reservation(read, *row) for row in rows], next_cursor=cursor, total=total)


async def export_reservations(read: Read, params: ReservationExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same reservations as the list with the same filters."""
    query = _filtered(read, params).order_by(_RESERVATION.c.reserved_on, _RESERVATION.c.id)
    rows = (await read.session.execute(query)).all()
    return (_line(repository.reservation_of(row), title) for row, title in rows)


async def awards_of(read: Read, member_id: UUID) -> list[Reservation]:
    """Return what is still reserved for a structure as awards, the oldest first."""
    left = _RESERVATION.c.reserved > _RESERVATION.c.released + _RESERVATION.c.consumed
    query = select(ReservationRow).where(
        _RESERVATION.c.member_id == member_id, _RESERVATION.c.subject_kind == FundedSubjectKind.AWARD.value, left
    )
    rows = (await read.session.execute(query.order_by(_RESERVATION.c.id))).scalars()
    return [repository.reservation_of(row) for row in rows]


def _moved(filters: MovementFilters) -> Select[Any]:
    query = select(MovementRow).add_columns(ENVELOPE.c.title).join(ENVELOPE, ENVELOPE.c.id == _MOVEMENT.c.envelope_id)
    for name in ("envelope_id", "reservation_id", "member_id", "kind"):
        values = getattr(filters, name)
        if values:
            query = query.where(_MOVEMENT.c[name].in_(values))
    if filters.recorded_from:
        query = query.where(_MOVEMENT.c.recorded_at >= filters.recorded_from)
    if filters.recorded_to:
        query = query.where(_MOVEMENT.c.recorded_at <= filters.recorded_to)
    return query


def _reserved() -> Select[Any]:
    query = select(ReservationRow).add_columns(ENVELOPE.c.title)
    query = query.join(ENVELOPE, ENVELOPE.c.id == _RESERVATION.c.envelope_id)
    return query.execution_options(populate_existing=True)


def _filtered(read: Read, filters: ReservationFilters) -> Select[Any]:
    query = _reserved()
    for name in ("envelope_id", "subject_kind", "member_id"):
        values = getattr(filters, name)
        if values:
            query = query.where(_RESERVATION.c[name].in_(values))
    if filters.idle_days:
        before = read.today - timedelta(days=filters.idle_days)
        left = _RESERVATION.c.reserved > _RESERVATION.c.released
        query = query.where(_RESERVATION.c.reserved_on < before, left, _RESERVATION.c.consumed == 0)
    if filters.q:
        query = query.where(_RESERVATION.c.label.icontains(filters.q, autoescape=True))
    return query


def _movement(row: MovementRow) -> EnvelopeMovementOut:
    kind = EnvelopeMovementKind(row.kind)
    return EnvelopeMovementOut.model_validate({**row.model_dump(), "kind": kind, "kind_label": kind.label})


def _reservation(read: Read, row: ReservationRow, title: str) -> EnvelopeReservationOut:
    reservation = repository.reservation_of(row)
    actions, blockers = tried(_acts(read, reservation))
    return EnvelopeReservationOut(
        **row.model_dump(),
        envelope_title=title,
        subject_kind_label=reservation.subject.kind.label,
        left=reservation.use.left,
        allowed_actions=actions,
        blockers=blockers,
    )


def _acts(read: Read, reservation: Reservation) -> dict[str, Callable[[], object]]:
    if grant_for(RIGHTS, Act.RUN_ENVELOPES, read.actor) is None:
        return {}
    left = partial(require_something_left, reservation.use)
    return {"release": left, "consume": left, "return": partial(require_something_spent, reservation.use)}


def _line(reservation: Reservation, title: str) -> Sequence[object]:
    subject, use = reservation.subject, reservation.use
    return (
        title,
        subject.kind.label,
        subject.label,
        subject.member_id,
        reservation.reserved_on,
        use.reserved,
        use.released,
        use.consumed,
        use.returned,
        use.left,
    )
