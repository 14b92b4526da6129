"""Reminding: letters made for what is proposed and still true, how they left; holds; the calls that regions make."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from common.dated import rule_on
from common.errors import Blocker
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.rights import Grant, Scope
from common.transaction import Tx
from dues.invoices.domain import InvoiceNotFound
from dues.invoices.queries import reached
from dues.invoices.use_cases import hold_calls
from dues.legal_entities.domain import LegalEntity
from dues.members.queries import members_behind, records_of, require_member
from dues.reminders import queries, repository
from dues.reminders.documents import letter
from dues.reminders.domain import (
    Dispatch,
    Hold,
    NobodyToRemind,
    RegionCall,
    ReminderChoiceUnclear,
    require_call,
    require_dispatch,
    require_hold_days,
    require_liftable,
    require_unsent,
)
from dues.reminders.queries import Proposed
from dues.reminders.repository import Letter
from dues.reminders.schemas import (
    RegionCallIn,
    ReminderDispatchIn,
    ReminderHoldIn,
    ReminderProposalFilters,
    ReminderRunDispatchIn,
    ReminderSendIn,
)

PRINT = "reminders.print"
_WHATEVER_STOPS_THEM: Mapping[str, Any] = {"ready": None, "held": None, "to_call": None, "blocker": [], "level": []}
_NOTHING_DUE = Blocker("nothing_due", "Rien n'est à relancer aujourd'hui : réglé, relancé, ou pas encore au délai.")


async def send(tx: Tx, grant: Grant, entity: LegalEntity, wanted: ReminderSendIn) -> tuple[UUID, UUID]:
    """Remind whom is chosen of what is still owed; return the run and the job that prints its letters.

    The calls are held, then all is looked at again: whoever paid meanwhile, or was reminded by another run, is left
    out and told. Raises ReminderChoiceUnclear, NobodyToRemind, RuleMissing.
    """
    filters = _filters(wanted)
    planned = {one.member.member_id: one for one in await queries.proposals_of(tx, grant, filters)}
    letters = [one.proposal for one in planned.values()]
    await hold_calls(tx, [one.call.id for each in letters for one in (*each.calls, *each.waiting)])
    still = filters.model_copy(update=_WHATEVER_STOPS_THEM)
    found = {one.member.member_id: one for one in await queries.proposals_of(tx, grant, still)}
    chosen = list(dict.fromkeys(wanted.member_ids or planned))
    ready = [found[one] for one in chosen if one in planned and one in found and not found[one].proposal.blockers]
    sent = {one.member.member_id for one in ready}
    skipped = [_skipped(one, found.get(one) or planned.get(one), found.get(one)) for one in chosen if one not in sent]
    if not ready:
        raise NobodyToRemind("Aucune structure choisie ne peut être relancée.", extra={"skipped": skipped})
    run_id = new_id()
    await repository.add_run(tx, run_id, await _letters(tx, entity, ready), skipped)
    return run_id, await enqueue(tx, PRINT, subject_id=run_id)


async def note_sent(tx: Tx, grant: Grant, reminder_id: UUID, if_match: str | None, given: ReminderDispatchIn) -> None:
    """Note how a letter left.

    Raises ReminderNotFound, ReminderSent, ReminderNotPrinted, ReminderDispatchWrong, PreconditionMissing,
    PreconditionFailed.
    """
    current = partial(queries.find_reminder, tx, grant, reminder_id)
    await current()
    row = await repository.hold_reminder(tx, reminder_id)
    await check_version(if_match, row.version, current)
    require_unsent(row.dispatched_on, printed=row.pdf_sha256 is not None)
    how = Dispatch(means=given.means, sent_on=given.sent_on, reference=given.reference)
    require_dispatch(how, row.reminded_on, tx.today)
    await repository.dispatch(tx, row, how)


async def note_run_sent(tx: Tx, run_id: UUID, given: ReminderRunDispatchIn) -> int:
    """Note how the letters of a run left together, those that are to be registered aside; return how many.

    Raises ReminderRunNotFound, ReminderNotPrinted, ReminderDispatchWrong.
    """
    run = await repository.run_of(tx, run_id)
    require_unsent(None, printed=run.pdf_sha256 is not None)
    how = Dispatch(means=given.means, sent_on=given.sent_on, reference=None)
    require_dispatch(how, run.reminded_on, tx.today)
    return await repository.dispatch_run(tx, run_id, how)


async def place_hold(tx: Tx, grant: Grant, given: ReminderHoldIn) -> UUID:
    """Stop the reminders of a member within reach, or of one of its calls, for a time; return the hold's id.

    Raises MemberUnknown, MemberMerged, InvoiceNotFound, HoldDaysWrong, RuleMissing.
    """
    member = await require_member(tx, grant, given.member_id)
    if given.invoice_id is not None:
        await _require_call_of(tx, member.id, given.invoice_id)
    since = given.since or tx.today
    require_hold_days(since, given.until, rule_on(queries.reminder_rules(), tx.today), tx.today)
    hold = Hold(
        id=new_id(),
        member_id=member.id,
        invoice_id=given.invoice_id,
        reason=given.reason,
        since=since,
        until=given.until,
        lifted_on=None,
    )
    await repository.add_hold(tx, hold, given.note)
    return hold.id


async def lift_hold(tx: Tx, grant: Grant, hold_id: UUID, if_match: str | None, reason: str) -> None:
    """End a hold today, before its day.

    Raises ReminderHoldNotFound, HoldEnded, PreconditionMissing, PreconditionFailed.
    """
    current = partial(queries.find_hold, tx, grant, hold_id)
    await current()
    row = await repository.hold_hold(tx, hold_id)
    await check_version(if_match, row.version, current)
    require_liftable(repository.hold_of(row), tx.today)
    await repository.lift(tx, row, reason)


async def note_region_call(tx: Tx, grant: Grant, given: RegionCallIn) -> UUID:
    """Note that a region called a member within reach, and what it promised; return the call's id.

    Raises MemberUnknown, MemberMerged, RegionCallWrong, RuleMissing.
    """
    member = await require_member(tx, grant, given.member_id)
    call = RegionCall(member_id=member.id, day=given.day, outcome=given.outcome, promised_for=given.promised_for)
    require_call(call, rule_on(queries.reminder_rules(), tx.today), tx.today)
    return await repository.add_region_call(tx, call, given.note)


def _filters(wanted: ReminderSendIn) -> ReminderProposalFilters:
    if (wanted.member_ids is None) == (wanted.filter is None):
        raise ReminderChoiceUnclear("Dites qui relancer : des structures (member_ids) ou un filtre (filter).")
    return wanted.filter or ReminderProposalFilters(member_id=wanted.member_ids or [])


async def _letters(tx: Tx, entity: LegalEntity, ready: Sequence[Proposed]) -> list[Letter]:
    members = await members_behind(tx, [one.member.member_id for one in ready])
    rule = rule_on(queries.reminder_rules(), tx.today)
    return [
        Letter(
            id=new_id(),
            member_id=one.member.member_id,
            proposal=one.proposal,
            document=letter(one.proposal, members[one.member.member_id], entity, rule, tx.today),
        )
        for one in ready
    ]


def _skipped(member_id: UUID, known: Proposed | None, now: Proposed | None) -> dict[str, Any]:
    """Say why a member that was chosen is not reminded: what stops it now, or that nothing is due any more."""
    why = now.proposal.blockers[0] if now and now.proposal.blockers else _NOTHING_DUE
    name = known.member.name if known else None
    return {"member_id": str(member_id), "member_name": name, "code": why.code, "message": why.message}


async def _require_call_of(tx: Tx, member_id: UUID, invoice_id: UUID) -> None:
    """Let a call be one of a member, be it issued to a record that was its duplicate. Raises InvoiceNotFound."""
    call = await reached(tx, Grant(tx.actor, Scope.ALL), invoice_id)  # the member is within reach: so are its calls
    if call.member_id not in await records_of(tx, [member_id]):
        raise InvoiceNotFound("Cet appel de cotisation n'est pas de cette structure.")
