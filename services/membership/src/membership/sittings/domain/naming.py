"""Whom a sitting names by a mandate of the board; what is kept of them, and why."""

from collections.abc import Mapping
from uuid import UUID

from common.errors import Blocker
from common.wording import write_day
from membership.contacts.domain import Keeping, Trace
from membership.sittings.domain.sitting import Sitting, SittingStatus

ATTENDEES = Keeping(
    "sitting",
    "attendees",
    "Présences aux séances du conseil",
    "Gardées avec le nom que donne le procès-verbal d'une séance close ou annulée : c'est une preuve.",
)


def traces_of(sitting: Sitting, mandates: Mapping[UUID, Trace]) -> list[Trace]:
    """Return what a sitting says of those who hold some mandates, by mandate: whoever is named by hand is nobody.

    Until it is closed, it is to name them: they are forgotten after, or taken off the list first.
    """
    first = Blocker(
        "contact_at_sitting",
        f"Séance du conseil du {write_day(sitting.held_on)} : attendez d'abord sa clôture, ou corrigez qui y est venu.",
    )
    return [
        Trace(
            keeping=ATTENDEES,
            id=sitting.id,
            contact_id=mandate.contact_id,
            member_id=mandate.member_id,
            day=sitting.held_on,
            value={
                "minutes_reference": sitting.minutes_reference,
                "presence": one.presence.value,
                "capacity": one.capacity,
            },
            engages=first if sitting.status is SittingStatus.OPEN else None,
        )
        for one in sitting.attendees
        if one.mandate_id is not None and (mandate := mandates.get(one.mandate_id)) is not None
    ]
