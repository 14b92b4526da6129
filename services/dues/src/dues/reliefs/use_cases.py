"""What is done with solidarity requests: asked, advised, decided, paid by the fund or spread, withdrawn, undone.

An act holds the request first, then the fund, then the money and its calls, each time in the same order.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from common.clock import legal_day
from common.dated import rule_on
from common.etags import check_version
from common.files import Files, keep_sent
from common.identifiers import new_id
from common.money import format_euros
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from common.uploads import SentFile
from common.wording import write_day
from dues.fund.domain import Commitment, FundSource, FundSourceKind
from dues.fund.use_cases import commit as commit_fund
from dues.fund.use_cases import pay as pay_from_fund
from dues.fund.use_cases import take_back as give_back_to_fund
from dues.invoices.domain import OwedCall
from dues.invoices.queries import open_calls, standing_calls
from dues.legal_entities.domain import LegalEntity
from dues.members.domain import KnownMember
from dues.members.queries import members_behind, require_member
from dues.plans.domain import Instalment
from dues.plans.queries import reached as reached_plan
from dues.plans.schemas import PlanIn
from dues.plans.use_cases import agree
from dues.receipts.domain import Entered, ReceiptMethod, Wanted, propose
from dues.receipts.use_cases import hold as hold_receipt
from dues.receipts.use_cases import receive
from dues.receipts.use_cases import revoke as revoke_receipt
from dues.reliefs import events, queries, repository
from dues.reliefs.documents import letter
from dues.reliefs.domain import (
    JOURNAL,
    MOST_CALLS,
    DecidedCall,
    Relief,
    ReliefCall,
    ReliefCallsWrong,
    ReliefOutcome,
    ReliefStatus,
    ReliefStepKind,
    recognise_attachment,
    reduction,
    require_asked,
    require_attachable,
    require_decidable,
    require_decision,
    require_owed,
    require_revocable,
    require_unadvised,
    require_under_study,
    status_of,
    still_paid,
    taken_back,
)
from dues.reliefs.repository import Step
from dues.reliefs.schemas import ReliefAdviceIn, ReliefDecisionIn, ReliefIn, ReliefRevokeIn
from dues.reliefs.tables import ReliefAttachmentRow

_NOTHING = Decimal("0.00")


async def ask(tx: Tx, grant: Grant, entity: str, given: ReliefIn) -> UUID:
    """Ask for relief of what a member owes; return the id of the request. Its reminders stop meanwhile.

    Raises MemberUnknown, MemberMerged, ReliefAskedWrong, ReliefCallsWrong, ReliefNothingOwed, ReliefTooLarge,
    ReliefUnderStudy, RuleMissing.
    """
    require_asked(given.asks, given.amount, scheduled=given.schedule is not None)
    member = await require_member(tx, grant, given.member_id)
    owed = await _chosen(tx, member.id, given)
    require_owed(given.amount, sum(owed.values(), _NOTHING))
    [reference] = await take_numbers(tx, Series(entity, JOURNAL, tx.today.year), 1)
    relief = Relief(
        id=new_id(),
        reference=reference,
        member_id=member.id,
        asks=given.asks,
        amount=given.amount,
        invoice_ids=tuple(owed),
        submitted_on=tx.today,
        advice_by=rule_on(queries.advice_rules(), tx.today).by(tx.today, member.delegation),
    )
    wish = given.schedule.model_dump(mode="json") if given.schedule else None
    await repository.add(tx, relief, owed, given.reason, wish)
    await repository.add_step(tx, relief.id, Step(kind=ReliefStepKind.SUBMITTED, text=given.reason))
    return relief.id


async def attach(tx: Tx, grant: Grant, files: Files, relief_id: UUID, sent: SentFile) -> None:
    """Add a document. The store is asked before anything is held: a slow one holds nobody up.

    Raises ReliefNotFound, ReliefEnded, ReliefAttachmentsTooMany, ReliefAttachmentTooLarge, ReliefAttachmentUnreadable.
    """
    require_attachable(await queries.reached(tx, grant, relief_id), 0)
    kept = await keep_sent(tx, files, f"reliefs/{relief_id}", sent, recognise_attachment(sent.content))
    row = ReliefAttachmentRow(relief_id=relief_id, **asdict(kept))
    relief = await repository.hold(tx, relief_id)
    require_attachable(relief, len(await repository.attachments_of(tx, relief_id)))
    await repository.add_attachment(tx, row)


async def detach(tx: Tx, grant: Grant, relief_id: UUID, if_match: str | None, attachment_id: UUID) -> None:
    """Take a document away while nothing is decided: the journal says which, and when it was sent.

    Raises ReliefNotFound, ReliefEnded, ReliefAttachmentNotFound, PreconditionMissing, PreconditionFailed.
    """
    relief = await _held(tx, grant, relief_id, if_match)
    require_under_study(relief)
    found = await queries.find_attachment(tx, grant, relief_id, attachment_id)
    await repository.delete_attachment(tx, found.id)
    said = f"{found.filename}, envoyée le {write_day(legal_day(found.sent_at))}"
    await repository.note(tx, relief, Step(kind=ReliefStepKind.DETACHED, text=said))


async def advise(tx: Tx, grant: Grant, relief_id: UUID, if_match: str | None, given: ReliefAdviceIn) -> None:
    """Note what the region thinks of a request, also after its day while nothing is decided.

    Raises ReliefNotFound, ReliefEnded, ReliefAdvised, PreconditionMissing, PreconditionFailed.
    """
    relief = await _held(tx, grant, relief_id, if_match)
    require_unadvised(relief)
    step = Step(kind=ReliefStepKind.ADVISED, text=given.text, opinion=given.opinion)
    await repository.note(tx, relief, step, status=ReliefStatus.ADVISED.value, opinion=given.opinion.value)


async def withdraw(tx: Tx, grant: Grant, relief_id: UUID, if_match: str | None, reason: str) -> None:
    """Withdraw a request that is not decided.

    Raises ReliefNotFound, ReliefEnded, PreconditionMissing, PreconditionFailed.
    """
    relief = await _held(tx, grant, relief_id, if_match)
    require_under_study(relief)
    step = Step(kind=ReliefStepKind.WITHDRAWN, text=reason)
    await repository.note(tx, relief, step, status=ReliefStatus.WITHDRAWN.value)


async def decide(
    tx: Tx, grant: Grant, seller: LegalEntity, relief_id: UUID, if_match: str | None, given: ReliefDecisionIn
) -> None:
    """Record the national decision, and do what it says: the fund pays, or the calls are spread.

    Raises ReliefNotFound, ReliefEnded, ReliefAdviceAwaited, ReliefSittingWrong, ReliefDecisionWrong, ReliefNothingOwed,
    ReliefTooLarge, FundShort, PaymentTooLarge, CallAlreadyPlanned, CallNotOpen, ScheduleTotalWrong, ScheduleDaysWrong,
    TooManyInstalments, ScheduleTooLong, InstalmentTooSmall, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    relief = await _held(tx, grant, relief_id, if_match)
    require_decidable(relief, tx.today)
    require_decision(relief, given.decision(), tx.today)
    member = (await members_behind(tx, [relief.member_id]))[relief.member_id]
    done, instalments = await _carry_out(tx, grant, seller.code, relief, member, given)
    step = Step(kind=ReliefStepKind.DECIDED, text=given.reason, decided_by=given.decided_by)
    await repository.note(tx, relief, step, **done, sitting_on=given.sitting_on)
    status, about = ReliefStatus(done["status"]), (await repository.calls_of(tx, [relief_id]))[relief_id]
    calls = await _decided_calls(tx, member.id, about)
    written = letter(seller, member, relief, given, status, calls, instalments, tx.today)
    await repository.save_letter(tx, relief_id, written)
    if status is not ReliefStatus.REFUSED:
        granted = sum((call.granted for call in about), _NOTHING)
        tx.publish(events.granted(relief, member.id, status, granted, about))


async def revoke(tx: Tx, grant: Grant, relief_id: UUID, if_match: str | None, given: ReliefRevokeIn) -> None:
    """Undo a reduction, or a part of it: its calls are owed again, the fund has its money again, the books say both.

    Raises ReliefNotFound, ReliefNotRevocable, ReliefRevokeTooLarge, FundCommitmentShort, ReceiptNotFound, ReceiptEnded,
    InvoiceNotFound, PaymentTooLarge, PaymentNotThere, PreconditionMissing, PreconditionFailed.
    """
    relief = await _held(tx, grant, relief_id, if_match)
    granted, receipt_id = require_revocable(relief)
    taken, reason = taken_back(granted, given.amount), given.reason
    await give_back_to_fund(tx, _source(relief), taken, returned_on=tx.today, bank_reference=None, reason=reason)
    receipt = await hold_receipt(tx, receipt_id)
    await revoke_receipt(tx, receipt, reason)
    member = (await members_behind(tx, [relief.member_id]))[relief.member_id]
    left = granted - taken
    if left:
        status = ReliefStatus.GRANTED_IN_PART
        step = Step(kind=ReliefStepKind.REVOKED_IN_PART, text=f"{format_euros(taken)} repris. {reason}")
        paid = await _pay_less(tx, grant, receipt.entity, relief, member, left)
    else:
        status, step, paid = ReliefStatus.REVOKED, Step(kind=ReliefStepKind.REVOKED, text=reason), {}
    await repository.note(tx, relief, step, status=status.value, **paid)
    calls = (await repository.calls_of(tx, [relief_id]))[relief_id]
    tx.publish(events.revoked(relief, member.id, status, left, calls))


Done = tuple[dict[str, Any], Sequence[Instalment]]
"""What a decision changes of a request, and the instalments that it agrees."""


async def _carry_out(
    tx: Tx, grant: Grant, entity: str, relief: Relief, member: KnownMember, given: ReliefDecisionIn
) -> Done:
    match given.outcome:
        case ReliefOutcome.REDUCTION:
            return await _reduce(tx, grant, entity, relief, member, given)
        case ReliefOutcome.PLAN:
            return await _spread(tx, grant, entity, relief, member, given)
        case ReliefOutcome.REFUSAL:
            return {"status": ReliefStatus.REFUSED.value}, ()


async def _reduce(
    tx: Tx, grant: Grant, entity: str, relief: Relief, member: KnownMember, given: ReliefDecisionIn
) -> Done:
    """Let the fund pay what is granted: each beneficiary has its part as if the member had paid."""
    calls = await _owing(tx, relief, member)
    owed = sum((call.owed for call in calls), _NOTHING)
    amount = reduction(relief, given.decision(), owed)
    label = f"Remise de solidarité, {member.name}"
    wanted = Commitment(
        source=_source(relief), amount=amount, piece=relief.reference, label=label, delegation=member.delegation
    )
    await commit_fund(tx, wanted)
    await pay_from_fund(tx, wanted.source, amount, tx.today, None)
    amounts = propose(amount, calls)
    paid = await _receive_from_fund(tx, grant, entity, relief, member, amounts)
    await repository.save_granted(tx, relief.id, amounts)
    return {"status": status_of(relief, amount, owed).value, **paid}, ()


async def _pay_less(
    tx: Tx, grant: Grant, entity: str, relief: Relief, member: KnownMember, left: Decimal
) -> dict[str, Any]:
    """Let the fund pay what is left of a reduction that was undone, on the calls that it paid."""
    amounts = still_paid((await repository.calls_of(tx, [relief.id]))[relief.id], left)
    await repository.save_granted(tx, relief.id, amounts)
    paid = {invoice_id: amount for invoice_id, amount in amounts.items() if amount}
    return await _receive_from_fund(tx, grant, entity, relief, member, paid)


async def _receive_from_fund(
    tx: Tx, grant: Grant, entity: str, relief: Relief, member: KnownMember, amounts: Mapping[UUID, Decimal]
) -> dict[str, Any]:
    """Enter what the fund pays of some calls; return what that makes of the request."""
    amount = sum(amounts.values(), _NOTHING)
    entered = Entered(
        method=ReceiptMethod.FUND,
        amount=amount,
        received_on=tx.today,
        member_id=member.id,
        payer_reference=relief.reference,
    )
    receipt_id = await receive(tx, grant, entity, entered, Wanted(amounts))
    return {"granted": amount, "receipt_id": receipt_id}


async def _spread(
    tx: Tx, grant: Grant, entity: str, relief: Relief, member: KnownMember, given: ReliefDecisionIn
) -> Done:
    """Agree the plan that is granted, on what is still owed."""
    calls = await _owing(tx, relief, member)
    require_owed(None, sum((call.owed for call in calls), _NOTHING))
    asked = {"member_id": member.id, "invoice_ids": [call.id for call in calls], "schedule": given.schedule}
    plan_in = PlanIn.model_validate({**asked, "reason": f"Demande de solidarité {relief.reference}"})
    plan_id = await agree(tx, grant, entity, plan_in)
    plan = (await reached_plan(tx, grant, plan_id)).plan
    return {"status": ReliefStatus.GRANTED_AS_PLAN.value, "plan_id": plan_id}, plan.schedule.instalments


async def _owing(tx: Tx, relief: Relief, member: KnownMember) -> list[OwedCall]:
    return [call for call in await open_calls(tx, member.id) if call.id in relief.invoice_ids]


async def _decided_calls(tx: Tx, member_id: UUID, about: Collection[ReliefCall]) -> list[DecidedCall]:
    """Return the calls of a request as its letter tells them, once it is decided."""
    exempt = await queries.exempt_years(tx, await standing_calls(tx, [member_id]))
    return [
        DecidedCall(
            number=call.number,
            year=call.year,
            due_on=call.due_on,
            granted=call.granted,
            owed=call.owed,
            exempt=(member_id, call.year) in exempt,
        )
        for call in about
    ]


async def _chosen(tx: Tx, member_id: UUID, given: ReliefIn) -> dict[UUID, Decimal]:
    """Return what is owed of the calls asked about: those named, of one year, or all. Raises ReliefCallsWrong."""
    owed = {
        call.id: call.owed
        for call in await standing_calls(tx, [member_id])
        if call.owed and given.year in (None, call.year)
    }
    named = owed if given.invoice_ids is None else given.invoice_ids
    if not owed.keys() >= set(named):
        raise ReliefCallsWrong("Un de ces appels n'est pas de cette structure, ou plus rien n'en est dû.")
    if len(named) > MOST_CALLS:
        raise ReliefCallsWrong(f"Une demande porte sur {MOST_CALLS} appels au plus : nommez-les.")
    return {invoice_id: owed[invoice_id] for invoice_id in named}


async def _held(tx: Tx, grant: Grant, relief_id: UUID, if_match: str | None) -> Relief:
    """Hold a request within reach, in the version that was read."""
    await queries.reached(tx, grant, relief_id)
    relief = await repository.hold(tx, relief_id)
    await check_version(if_match, relief.version, partial(queries.find_relief, tx, grant, relief_id))
    return relief


def _source(relief: Relief) -> FundSource:
    return FundSource(FundSourceKind.RELIEF, relief.id)
