"""Loads and saves the envelopes, their ledger and the affiliations; the only writer of their tables."""

from training.envelopes.repository.affiliations import (
    add_affiliation,
    affiliation_of,
    hold_affiliation,
    save_affiliation,
)
from training.envelopes.repository.envelopes import (
    IN_USE,
    Moved,
    add_envelope,
    envelope_of,
    get_envelope,
    note,
    save_text,
    take,
)
from training.envelopes.repository.reservations import (
    get_reservation,
    reservation_for,
    reservation_of,
    reserve_for,
    save_use,
)

__all__ = [
    "IN_USE",
    "Moved",
    "add_affiliation",
    "add_envelope",
    "affiliation_of",
    "envelope_of",
    "get_envelope",
    "get_reservation",
    "hold_affiliation",
    "note",
    "reservation_for",
    "reservation_of",
    "reserve_for",
    "save_affiliation",
    "save_text",
    "save_use",
    "take",
]
