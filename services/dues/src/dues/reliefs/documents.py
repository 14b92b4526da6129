"""What solidarity requests write: the letter that tells a decision, an export."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.grids.domain import delegation_name
from dues.legal_entities.domain import LegalEntity
from dues.members.domain import KnownMember
from dues.plans.domain import Instalment
from dues.reliefs.domain import DecidedCall, Relief, ReliefKind, ReliefStatus, effects
from dues.reliefs.schemas import ReliefDecisionIn, ReliefOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "letter.typ"

EXPORT_HEADER = (
    "reference", "adherent", "delegation", "demande", "montant_demande", "annees", "appels", "reste_du", "statut",
    "deposee_le", "avis_avant_le", "avis", "seance", "paye_par_le_fonds",
)  # fmt: skip


def export_line(relief: ReliefOut) -> Sequence[object]:
    """Write a request as one line; why it was made is not for a spreadsheet."""
    return (
        relief.reference,
        relief.member_name,
        delegation_name(relief.delegation),
        relief.asks_label,
        relief.amount,
        " ; ".join(str(year) for year in relief.years),
        " ; ".join(relief.numbers),
        relief.owed,
        relief.status_label,
        relief.submitted_on,
        relief.advice_by,
        relief.opinion_label,
        relief.sitting_on,
        relief.granted,
    )


async def print_letter(document: Mapping[str, Any], on: date) -> bytes:
    """Return the PDF of what ``letter`` wrote, the same bytes each time it is asked for."""
    return await print_pdf(_TEMPLATE, document, on=on)


def letter(
    seller: LegalEntity,
    member: KnownMember,
    relief: Relief,
    given: ReliefDecisionIn,
    status: ReliefStatus,
    calls: Sequence[DecidedCall],
    instalments: Sequence[Instalment],
    on: date,
) -> dict[str, Any]:
    """Return what tells a member of a decision, word for word, with what it makes of its standing."""
    granted = sum((call.granted for call in calls), Decimal("0.00"))
    return {
        "seller": {
            "name": seller.name,
            "legal_form": seller.legal_form,
            "siren": seller.siren,
            "address": list(seller.address.lines),
            "email": seller.email,
        },
        "member": {"name": member.name, "address": list(member.mail_address.lines) if member.mail_address else []},
        "reference": relief.reference,
        "written_on": write_day(on),
        "submitted_on": write_day(relief.submitted_on),
        "sitting_on": write_day(given.sitting_on),
        "decided_by": given.decided_by,
        "asked": _asked(relief),
        "status": status.value,
        "decided": _decided(status, granted),
        "advice": _advice(relief),
        "reason": given.reason,
        "calls": [
            {
                "number": call.number,
                "year": str(call.year),
                "before": format_euros(call.owed + call.granted),
                "granted": format_euros(call.granted),
                "owed": format_euros(call.owed),
            }
            for call in calls
        ],
        "instalments": [{"day": write_day(one.day), "amount": format_euros(one.amount)} for one in instalments],
        "effects": effects(status, calls),
    }


def _asked(relief: Relief) -> str:
    if relief.asks is ReliefKind.PLAN:
        return "un échéancier"
    return f"une réduction de {format_euros(relief.amount)}" if relief.amount else "une réduction de tout ce qui est dû"


def _decided(status: ReliefStatus, granted: Decimal) -> str:
    if status is ReliefStatus.GRANTED_AS_PLAN:
        return "Échéancier accordé"
    return f"{format_euros(granted)} pris en charge" if granted else "Demande refusée"


def _advice(relief: Relief) -> str:
    if relief.opinion is not None:
        return f"Votre délégation a donné un avis {relief.opinion.label}."
    if relief.advice_by is None:
        return ""
    return f"Votre délégation n'a pas donné d'avis dans son délai, jusqu'au {write_day(relief.advice_by)}."
