"""Settling what corrected bases change: credit notes of what was too much, complements of the rest, told row by row."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from common.errors import Refusal
from common.jobs import ReceiptLine, enqueue
from common.money import format_euros
from common.transaction import Tx
from dues.adjustments.domain import Difference, paid_of, too_little
from dues.adjustments.queries import differences
from dues.campaigns.domain import Campaign
from dues.campaigns.queries import campaign_of
from dues.campaigns.use_cases import buyer_of
from dues.credit_notes.domain import CreditReason
from dues.credit_notes.schemas import CreditWhy
from dues.credit_notes.use_cases import credit_at_once
from dues.grids.queries import grid_of
from dues.invoices.domain import Called, Due, Parts
from dues.invoices.use_cases import ask_to_print, issue_calls
from dues.receipts.use_cases import make_room

SETTLE = "adjustments.settle"


async def ask_to_settle(tx: Tx, campaign_id: UUID, member_ids: Sequence[UUID]) -> UUID:
    """Ask for the differences of some members, or of all, to be settled; return the job. Raises CampaignNotFound."""
    await campaign_of(tx, campaign_id)
    return await enqueue(tx, SETTLE, subject_id=campaign_id, members=[str(one) for one in member_ids])


async def settle(
    tx: Tx, campaign: Campaign, called: Mapping[UUID, Sequence[Called]], *, after: int
) -> list[ReceiptLine]:
    """Settle the differences of some members, each alone: what is refused of one holds nobody else up.

    The campaign is held, so that no other run sees the same difference. Lines are numbered from ``after`` on.
    """
    lines = []
    for row, difference in enumerate(await differences(tx, campaign, called), start=after + 1):
        try:
            async with tx.savepoint():
                done = await _settle_one(tx, campaign, difference)
        except Refusal as refusal:
            done = ("blocked", None, f"{difference.call.member_name} : {refusal.message}", refusal.code)
        outcome, reference, message, code = done
        lines.append(
            ReceiptLine(
                row, outcome, code=code, message=message, subject_id=difference.call.member_id, reference=reference
            )
        )
    return lines


Outcome = tuple[str, str | None, str, str | None]
"""The outcome, the reference of what was issued, what is told, and the code of a refusal."""


async def _settle_one(tx: Tx, campaign: Campaign, one: Difference) -> Outcome:
    name = one.call.member_name
    if one.refusal is not None:
        raise one.refusal
    if not one.matters:
        return "unchanged", None, name, None
    references = [await _credit(tx, campaign, call, parts) for call, parts in one.credits]
    if too_little(one.parts).total:
        references.append(await _complement(tx, campaign, one))
    outcome = "credited" if one.parts.total < 0 else "called"
    told = f"{name} : {format_euros(one.parts.total)}"
    if one.paid_beyond:
        told += f", dont {format_euros(one.paid_beyond)} étaient réglés : cet argent est de nouveau à affecter"
    return outcome, " ; ".join(references), told, None


async def _credit(tx: Tx, campaign: Campaign, call: Called, parts: Parts) -> str:
    """Credit parts of a call, once what was paid of them is taken back; return the number."""
    note = f"Cotisation {campaign.year} recalculée sur la base corrigée."
    if paid := paid_of(call, parts):
        await make_room(tx, call.id, paid, note)
    why = CreditWhy(reason=CreditReason.CORRECTED, note=note)
    return await credit_at_once(tx, campaign.seller.code, call.id, parts, why)


async def _complement(tx: Tx, campaign: Campaign, one: Difference) -> str:
    """Call for what was too little; return the number. Its shares go to the delegation that the call was of."""
    if one.due is None:
        raise ValueError("nothing is owed that was not assessed")
    missing = too_little(one.parts)
    already = Parts(one.due.fixed, one.due.variable).less(missing)
    buyer = buyer_of(one.member, one.call.delegation)
    due = Due(buyer=buyer, assessment=one.due, already=already, rank=one.next_rank)
    [invoice] = await issue_calls(tx, campaign.id, grid_of(campaign.year), campaign.seller, [due])
    await ask_to_print(tx, campaign.id)
    return invoice.number
