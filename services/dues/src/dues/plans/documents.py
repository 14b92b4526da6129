"""What instalment plans write: the schedule to sign, the sentences that say where a balance comes from, an export."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import grouped, write_day
from dues.grids.domain import delegation_name
from dues.legal_entities.domain import LegalEntity
from dues.plans.domain import Plan, PlanLimits, PlannedCall, Schedule
from dues.plans.schemas import PlanOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "schedule.typ"

EXPORT_HEADER = (
    "reference", "adherent", "delegation", "etat", "convenu_le", "appels", "total", "regle", "credite", "reste",
    "du_en_plus", "prochaine_echeance", "reste_de_l_echeance", "en_retard_depuis", "rupture_proposee", "fin_le",
    "raison_de_la_fin",
)  # fmt: skip


def export_line(plan: PlanOut) -> Sequence[object]:
    """Write a plan as one line."""
    return (
        plan.reference,
        plan.name,
        delegation_name(plan.delegation),
        plan.state_label,
        plan.agreed_on,
        " ; ".join(plan.numbers),
        plan.total,
        plan.paid,
        plan.credited,
        plan.left,
        plan.beyond,
        plan.next_on,
        plan.next_left,
        plan.late_since,
        "oui" if plan.broken_proposed else "non",
        plan.ended_on,
        plan.end_reason,
    )


def explained(schedule: Schedule) -> list[str]:
    """Say where the balance of a schedule comes from, and what has become of it."""
    return [
        *(_of_call(call, schedule.agreed_on) for call in schedule.calls),
        f"L'échéancier partage {format_euros(schedule.total)}, ce qui restait dû le {write_day(schedule.agreed_on)}.",
        *_since(schedule),
    ]


async def print_schedule(plan: Plan, name: str, entity: LegalEntity, limits: PlanLimits) -> bytes:
    """Return the paper to sign: what was agreed, whatever has been paid since."""
    schedule = plan.schedule
    data = {
        "reference": plan.reference,
        "member": name,
        "agreed_on": write_day(schedule.agreed_on),
        "replaces": write_day(plan.past[-1].agreed_on) if plan.past else "",
        "reason": schedule.reason,
        "total": format_euros(schedule.total),
        "instalments": [
            {"rank": str(one.rank), "day": write_day(one.day), "amount": format_euros(one.amount)}
            for one in schedule.instalments
        ],
        "calls": [
            {
                "number": call.number,
                "year": str(call.year),
                "total": format_euros(call.total),
                "settled": format_euros(call.total - call.balance),
                "balance": format_euros(call.balance),
            }
            for call in schedule.calls
        ],
        "late_days": limits.broken_after_days,
        "assumed": limits.status == "assumed",
        "entity": {"name": entity.name, "address": list(entity.address.lines), "iban": grouped(entity.iban, 4)},
    }
    return await print_pdf(_TEMPLATE, data, on=schedule.agreed_on)


def _of_call(call: PlannedCall, on: date) -> str:
    return (
        f"Appel {call.number} ({call.year}) : {format_euros(call.total)} appelés, {format_euros(call.then.paid)} réglés"
        f" et {format_euros(call.then.credited)} annulés par des avoirs le {write_day(on)} ;"
        f" il en restait {format_euros(call.balance)}."
    )


def _since(schedule: Schedule) -> list[str]:
    said = []
    if schedule.paid > 0:
        said.append(f"Depuis, {format_euros(schedule.paid)} ont été réglés : les premières échéances d'abord.")
    if schedule.paid < 0:
        said.append(f"Depuis, {format_euros(-schedule.paid)} réglés avant l'échéancier sont revenus impayés.")
    if schedule.credited:
        credited = format_euros(schedule.credited)
        said.append(f"Depuis, {credited} ont été annulés par des avoirs : les dernières échéances d'abord.")
    if schedule.beyond:
        said.append(f"{format_euros(schedule.beyond)} sont dus en plus : l'échéancier ne les couvre pas, modifiez-le.")
    return said
