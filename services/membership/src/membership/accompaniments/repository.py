"""Loads and saves offers and slots; the only writer of their tables."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from common.transaction import Read, Tx
from membership.accompaniments.domain import AdviserBusy, Level, MeetingMode, Offer, Slot, SlotFull, Terms
from membership.accompaniments.tables import OfferEditionRow, OfferRow, SlotRow
from membership.members.domain import ActivityKind, normalise

_EXCLUDED = "23P01"


async def hold_offer(tx: Tx, offer_id: UUID) -> Offer:
    """Load an offer that was reached, and hold it until the end of the transaction."""
    query = select(OfferRow).where(col(OfferRow.id) == offer_id).with_for_update()
    row = (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one()
    edition = await tx.session.get(OfferEditionRow, (row.id, row.edition))
    if edition is None:
        raise LookupError(f"{row.id} has no edition {row.edition}")
    return to_offer(row, edition)


async def add_offer(tx: Tx, offer: Offer) -> None:
    """Insert an offer with its first edition."""
    await tx.session.execute(insert(OfferRow).values(**_offer_values(offer)))
    await tx.session.execute(insert(OfferEditionRow).values(**_edition_values(tx, offer)))


async def save_offer(tx: Tx, before: Offer, offer: Offer) -> None:
    """Write an offer that was held, with a new edition where its words changed."""
    if offer.edition != before.edition:
        await tx.session.execute(insert(OfferEditionRow).values(**_edition_values(tx, offer)))
    await tx.session.execute(update(OfferRow).where(col(OfferRow.id) == offer.id).values(**_offer_values(offer)))


async def hold_slot(tx: Tx, slot_id: UUID) -> Slot:
    """Load a slot that was reached, and hold it until the end of the transaction."""
    query = select(SlotRow).where(col(SlotRow.id) == slot_id).with_for_update()
    return to_slot((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def hold_slots(tx: Tx, slot_ids: Collection[UUID]) -> list[Slot]:
    """Load slots that were reached, by time, and hold them, in one order for everybody."""
    query = select(SlotRow).where(col(SlotRow.id).in_(slot_ids)).order_by(col(SlotRow.id)).with_for_update()
    rows = (await tx.session.execute(query.execution_options(populate_existing=True))).scalars()
    return sorted(map(to_slot, rows), key=lambda slot: slot.starts_at)


async def add_slots(tx: Tx, slots: Sequence[Slot]) -> None:
    """Insert slots, all or none. Raises AdviserBusy."""
    async with _one_at_a_time(tx):
        values = [{**asdict(slot), "recorded_by": tx.actor.subject} for slot in slots]
        await tx.session.execute(insert(SlotRow), values)


async def save_moved(tx: Tx, slot: Slot) -> None:
    """Write a slot that was held and has another time. Raises AdviserBusy."""
    async with _one_at_a_time(tx):
        await save_slot(tx, slot)


async def save_slot(tx: Tx, slot: Slot) -> None:
    """Write a slot that was held and stays where it is."""
    await tx.session.execute(update(SlotRow).where(col(SlotRow.id) == slot.id).values(**asdict(slot)))


async def take_place(tx: Tx, slot_id: UUID) -> None:
    """Take one place, if there is one left at this very moment. Raises SlotFull."""
    left = (col(SlotRow.id) == slot_id, col(SlotRow.taken) < col(SlotRow.capacity), col(SlotRow.cancelled_at).is_(None))
    taken = update(SlotRow).where(*left).values(taken=col(SlotRow.taken) + 1).returning(col(SlotRow.id))
    if (await tx.session.execute(taken)).one_or_none() is None:
        raise SlotFull("La dernière place vient d'être prise : choisissez un autre créneau.")


async def give_back_place(tx: Tx, slot_id: UUID) -> None:
    """Give one place back to whoever books next."""
    given = update(SlotRow).where(col(SlotRow.id) == slot_id).values(taken=col(SlotRow.taken) - 1)
    await tx.session.execute(given)


async def slots_of(source: Read, slot_ids: Collection[UUID]) -> list[tuple[Slot, Offer]]:
    """Return some slots with their offers, as both are now."""
    edition = and_(
        col(OfferEditionRow.offer_id) == col(OfferRow.id), col(OfferEditionRow.edition) == col(OfferRow.edition)
    )
    query = select(SlotRow, OfferRow, OfferEditionRow).join(OfferRow, col(OfferRow.id) == col(SlotRow.offer_id))
    query = query.join(OfferEditionRow, edition).where(col(SlotRow.id).in_(slot_ids))
    rows = await source.session.execute(query.execution_options(populate_existing=True))
    return [(to_slot(slot), to_offer(offer, words)) for slot, offer, words in rows]


async def slots_since(source: Read, since: datetime) -> list[UUID]:
    """Return the slots that begin at an instant or later."""
    query = select(col(SlotRow.id)).where(col(SlotRow.starts_at) >= since)
    return list((await source.session.execute(query)).scalars())


async def coming_slots(source: Read, offer_id: UUID, now: datetime) -> list[UUID]:
    """Return the slots of an offer that have not begun."""
    query = select(col(SlotRow.id)).where(col(SlotRow.offer_id) == offer_id, col(SlotRow.starts_at) > now)
    return list((await source.session.execute(query)).scalars())


def to_offer(row: OfferRow, edition: OfferEditionRow) -> Offer:
    """Read a row and one of its editions as the rules know an offer."""
    terms = to_terms(edition)
    return Offer(row.id, row.kind, row.delegation, Level(row.level), terms, row.is_open, edition.edition, row.version)


def to_terms(row: OfferEditionRow) -> Terms:
    """Read what an edition promises."""
    return Terms(
        title=row.title,
        description=row.description,
        preparation=row.preparation,
        duration_minutes=row.duration_minutes,
        mode=MeetingMode(row.mode),
        activities=tuple(ActivityKind(kind) for kind in row.activities),
    )


def to_slot(row: SlotRow) -> Slot:
    """Read a row as the rules know a slot."""
    return Slot(**{name: getattr(row, name) for name in Slot.__dataclass_fields__})


@asynccontextmanager
async def _one_at_a_time(tx: Tx) -> AsyncIterator[None]:
    try:
        async with tx.savepoint():
            yield
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _EXCLUDED:
            raise
        raise AdviserBusy(
            "La personne qui accompagne a déjà un créneau à ce moment : changez l'heure, ou la personne."
        ) from error


def _offer_values(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.id,
        "kind": offer.kind,
        "delegation": offer.delegation,
        "level": offer.level.value,
        "is_open": offer.is_open,
        "edition": offer.edition,
        "version": offer.version,
    }


def _edition_values(tx: Tx, offer: Offer) -> dict[str, Any]:
    terms = offer.terms
    return {
        "offer_id": offer.id,
        "edition": offer.edition,
        **asdict(terms),
        "normalized": normalise(terms.title),
        "mode": terms.mode.value,
        "activities": [kind.value for kind in terms.activities],
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }
