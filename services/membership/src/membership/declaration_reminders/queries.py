"""Reads of reminders: who did not answer, and what a reminder asked for today would do for each."""

from collections import Counter
from collections.abc import Collection
from functools import cache
from uuid import UUID

from common.dated import rule_on
from common.rights import Grant
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.declarants.queries import unanswered
from membership.declarants.schemas import FollowUpFilters
from membership.declaration_reminders.documents import reminder
from membership.declaration_reminders.domain import ReminderRule, ReminderState, again_on, reminder_state
from membership.declaration_reminders.schemas import ReminderFilters, ReminderLine, RemindersOut
from membership.declarations.domain import Campaign, reminders_of
from membership.declarations.queries import campaign_of
from membership.members.domain import Member
from membership.members.queries import structures_of
from membership.notices.domain import Means, Written, reach_of
from membership.notices.queries import Write, federation_on, reachable


@cache
def reminder_rules() -> tuple[ReminderRule, ...]:
    """Return the dated rules of reminders shipped with the service."""
    return shipped_rules("membership.declaration_reminders", "reminder.toml", ReminderRule)


async def preview(source: Read, grant: Grant, year: int, filters: ReminderFilters) -> RemindersOut:
    """Return whom a reminder of today would reach, whom not, and what it says. Raises CampaignNotFound, RuleMissing."""
    campaign = await campaign_of(source, year)
    lines = await lines_of(source, grant, campaign, filters, filters.member_id or None)
    rule, counts = rule_on(reminder_rules(), source.today), Counter(line.reminder for line in lines)
    first = next((line.member_id for line in lines if line.reminder is ReminderState.TO_WRITE), None)
    members = await structures_of(source, [first] if first else [])
    written = writer(source, campaign)(members[first], Means.MAIL) if first else None
    return RemindersOut(
        year=year,
        to_write=counts[ReminderState.TO_WRITE],
        recent=counts[ReminderState.RECENT],
        unreached=counts[ReminderState.UNREACHED],
        items=lines,
        subject=written.subject if written else None,
        text=written.text if written else None,
        days_between=rule.days,
        rule_status=rule.status,
        rule_source=rule.source,
    )


async def lines_of(
    source: Read,
    grant: Grant,
    campaign: Campaign,
    filters: FollowUpFilters,
    member_ids: Collection[UUID] | None = None,
) -> list[ReminderLine]:
    """Return who did not answer, with what a reminder of today would do for each. Raises RuleMissing."""
    lines = await unanswered(source, grant, campaign, filters, member_ids)
    ids = [line.member_id for line in lines]
    people = await reachable(source, reminders_of(campaign.year), ids)
    members, rule = await structures_of(source, ids), rule_on(reminder_rules(), source.today)
    shown = []
    for line in lines:
        reach = reach_of(members[line.member_id], people.get(line.member_id))
        state = reminder_state(line.reminded_on, rule, source.today, sending=line.reminding, reach=reach)
        shown.append(
            ReminderLine(
                **line.model_dump(),
                reminder=state,
                reminder_label=state.label,
                again_on=again_on(line.reminded_on, rule) if line.reminded_on else None,
                means=reach,
            )
        )
    return shown


def writer(source: Read, campaign: Campaign) -> Write:
    """Return what words the reminders that leave today. Raises RuleMissing."""
    federation = federation_on(source.today)

    def write(member: Member, _: Means) -> Written:
        return reminder(campaign, member, federation, source.today)

    return write
