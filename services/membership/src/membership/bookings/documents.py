"""What bookings write: mails to the structures, without the name of anybody, and the lines of an export."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from common.mail import Mail
from membership.accompaniments.domain import Offer, Slot, write_there
from membership.bookings.domain import Deliverable
from membership.bookings.schemas import BookingOut

_KEPT_DAYS: Final = 365
EXPORT_HEADER = (
    "reference", "nom", "delegation", "type", "niveau", "titre", "debut", "fuseau", "situation", "reservee_le",
    "annulee_par", "raison",
)  # fmt: skip


def export_line(booking: BookingOut) -> Sequence[object]:
    """Write a booking as one line, its times at the hour of the place."""
    return (
        booking.reference,
        booking.name,
        booking.delegation,
        booking.kind_label,
        booking.level.label,
        booking.promised.title,
        write_there(booking.starts_at, booking.zone),
        booking.zone,
        booking.state_label,
        booking.booked_at.isoformat(),
        booking.cancelled_side.label if booking.cancelled_side else None,
        booking.cancel_reason,
    )


def confirmed(sender: str, slot: Slot, offer: Offer, until: datetime | None, holder: str, recipient: str) -> Mail:
    """Confirm a place: when, where, how to prepare, until when it is dropped; booked late, whom to call instead."""
    preparation = [f"Pour vous préparer : {offer.terms.preparation}"] if offer.terms.preparation else []
    parts = [
        f"Une place est réservée pour votre structure : « {offer.terms.title} ».",
        _when_and_where(slot),
        *preparation,
        _how_to_drop(slot, until, holder),
    ]
    return _mail(recipient, f"Réservation confirmée : {offer.terms.title}", parts, sender)


def moved(sender: str, slot: Slot, offer: Offer, recipient: str) -> Mail:
    """Tell that a slot has another time or place, and that the place can be dropped."""
    parts = [
        f"« {offer.terms.title} » change de moment ou de lieu. Votre place est gardée.",
        _when_and_where(slot),
        "Si cela ne vous convient pas, rendez-la depuis votre espace adhérent, jusqu'au début.",
    ]
    return _mail(recipient, f"Changement : {offer.terms.title}", parts, sender)


def cancelled(sender: str, slot: Slot, offer: Offer, reason: str, recipient: str) -> Mail:
    """Tell that a structure has no place any more, and why."""
    parts = [
        f"Votre place pour « {offer.terms.title} », le {write_there(slot.starts_at, slot.zone)}, est annulée.",
        f"Raison : {reason}",
        "D'autres créneaux sont dans votre espace adhérent.",
    ]
    return _mail(recipient, f"Annulation : {offer.terms.title}", parts, sender)


def asked(sender: str, slot: Slot, offer: Offer, recipient: str) -> Mail:
    """Ask what the structure thought of an accompaniment, without a link: it answers where it is known."""
    parts = [
        f"Votre structure a suivi « {offer.terms.title} » le {write_there(slot.starts_at, slot.zone)}.",
        "Qu'en pensez-vous ? Quelques questions vous attendent dans votre espace adhérent, avec cette réservation.",
        "Vos notes ne sont montrées qu'en moyenne, à partir de cinq réponses.",
    ]
    return _mail(recipient, f"Votre avis : {offer.terms.title}", parts, sender)


def delivered(sender: str, deliverable: Deliverable, offer: Offer, recipient: str) -> Mail:
    """Tell that something was delivered, and where to read it."""
    parts = [
        f"À la suite de « {offer.terms.title} », un livrable vous est remis ({deliverable.kind.label}).",
        "Il se lit dans votre espace adhérent, avec cette réservation.",
    ]
    return _mail(recipient, f"Livrable : {offer.terms.title}", parts, sender)


def _how_to_drop(slot: Slot, until: datetime | None, holder: str) -> str:
    if until is None:
        return f"Réservée peu avant, elle ne se rend plus en ligne. Si vous ne pouvez pas venir, appelez {holder}."
    return f"Vous pouvez la rendre depuis votre espace adhérent jusqu'au {write_there(until, slot.zone)}."


def _when_and_where(slot: Slot) -> str:
    lines = [f"Quand : {write_there(slot.starts_at, slot.zone)} (heure locale, {slot.zone})"]
    lines += [f"Où : {slot.place}"] if slot.place else []
    lines += [f"Lien : {slot.link}"] if slot.link else []
    return "\n".join(lines)


def _mail(recipient: str, subject: str, parts: Sequence[str], sender: str) -> Mail:
    text = "\n\n".join(["Madame, Monsieur,", *parts, f"L'équipe réseau de {sender}"]) + "\n"
    return Mail(recipient=recipient, subject=subject, text=text, kept_days=_KEPT_DAYS)
