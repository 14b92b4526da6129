"""Reminding structures of their declaration: those that the follow-up shows, and that have not answered by then.

A campaign is held while its reminders are written: nobody declares meanwhile, and two who remind at once do not write
to a structure twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from common.jobs import ReceiptLine, enqueue
from common.rights import Grant, Scope
from common.transaction import Tx
from common.wording import counted
from membership.declarants.schemas import FollowUpFilters
from membership.declaration_reminders import queries
from membership.declaration_reminders.domain import NobodyToRemind, ReminderState
from membership.declaration_reminders.schemas import RemindersIn
from membership.declarations.domain import reminders_of
from membership.declarations.use_cases import hold_campaign
from membership.members.queries import structures_of
from membership.notices import use_cases as notices

SEND = "reminders.send"


async def ask_to_remind(tx: Tx, grant: Grant, year: int, wanted: RemindersIn) -> UUID:
    """Ask for a mail to each structure of the list that can be reminded today; return the job's id.

    Raises CampaignNotFound, NobodyToRemind, RuleMissing.
    """
    plan = await queries.preview(tx, grant, year, wanted)
    chosen = sorted(line.member_id for line in plan.items if line.reminder is ReminderState.TO_WRITE)
    if not chosen:
        raise NobodyToRemind(
            f"Personne à relancer : {counted(plan.recent, 'relancée')} depuis moins de {plan.days_between} jours,"
            f" {plan.unreached} sans courriel, les autres ont répondu."
        )
    return await enqueue(tx, SEND, year=year, members=chosen)


async def send_slice(tx: Tx, year: int, member_ids: Sequence[UUID], done: int) -> list[ReceiptLine]:
    """Write to some structures that did not answer by now; say what became of each, in their order.

    Raises CampaignNotFound, RuleMissing.
    """
    campaign = await hold_campaign(tx, year)
    everybody = Grant(tx.actor, Scope.ALL)  # those named were within reach of who asked
    lines = await queries.lines_of(tx, everybody, campaign, FollowUpFilters(), member_ids)
    states = {line.member_id: line.reminder for line in lines}
    members = await structures_of(tx, member_ids)
    writing = [members[one] for one in member_ids if states.get(one) is ReminderState.TO_WRITE]
    written = await notices.send_mails(tx, reminders_of(year), writing, queries.writer(tx, campaign), done)
    sent = {line.subject_id: line for line in written}
    return [
        replace(sent[one], row=row) if one in sent else _skipped(row, one, members[one].reference, states.get(one))
        for row, one in enumerate(member_ids, start=done + 1)
    ]


def _skipped(row: int, member_id: UUID, reference: str, state: ReminderState | None) -> ReceiptLine:
    code = state.value if state else "answered"
    message = state.label if state else "a répondu, ou n'est plus attendue"
    return ReceiptLine(row, "skipped", code=code, message=message, subject_id=member_id, reference=reference)
