"""The printed reminder: a letter to a member for all the calls that it is reminded of; a run's are one document."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.sourced import DatumStatus
from common.wording import grouped, write_day
from dues.legal_entities.domain import LegalEntity
from dues.members.domain import KnownMember
from dues.reminders.domain import Proposal, ReminderRule, Ripe

TEMPLATE: Final = Path(__file__).parent / "templates" / "letter.typ"


async def print_letters(letters: Sequence[Mapping[str, Any]], on: date) -> bytes:
    """Return the PDF of what ``letter`` wrote, each on a page of its own; the same bytes each time it is asked for."""
    return await print_pdf(TEMPLATE, {"letters": letters}, on=on)


def letter(
    proposal: Proposal, member: KnownMember, entity: LegalEntity, rule: ReminderRule, today: date
) -> dict[str, Any]:
    """Return what the template prints: the sums and dates of today, and the text of the letter's level."""
    level, seller = proposal.level, entity
    return {
        "subject": level.subject,
        "day": write_day(today),
        "registered": level.registered,
        "seller": {
            "name": seller.name,
            "legal_form": seller.legal_form,
            "address": list(seller.address.lines),
            "siren": grouped(seller.siren, 3),
            "email": seller.email,
            "iban": grouped(seller.iban, 4),
        },
        "buyer": {
            "name": member.name,
            "siren": grouped(member.siren, 3) if member.siren else "à compléter",
            "address": list(member.mail_address.lines) if member.mail_address else ["Adresse à compléter"],
        },
        "text": list(level.text),
        "calls": [_line(one, today) for one in proposal.calls],
        "total": format_euros(proposal.owed),
        "follows": level.follows,
        "reservation": rule.note if rule.status is DatumStatus.ASSUMED else "",
    }


def _line(one: Ripe, today: date) -> dict[str, str]:
    late = (today - one.call.due_on).days
    before = f"{one.last.label} du {write_day(one.last.on)}" if one.last else ""
    return {
        "number": one.call.number,
        "year": str(one.call.year),
        "due_on": write_day(one.call.due_on),
        "late": f"{late} jours de retard",
        "level": one.level.label,
        "before": before,
        "owed": format_euros(one.call.owed),
    }
