"""What is to be reminded today, computed when asked for: the same for list, count, export, reconciliation and run."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, func, select

from common.blockers import blockers_out
from common.dated import rule_on
from common.pagination import Order, Page, sift
from common.rights import Grant, grant_for
from common.shipped_data import shipped
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.invoices.queries import owed_by
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member, records_of
from dues.reminders.domain import LateCall, Proposal, ReminderRule, Ripe, by_member, propose, ripe
from dues.reminders.queries.holds import call_excuses, excused, last_region_calls
from dues.reminders.queries.sent import count_letters, reminded_of
from dues.reminders.schemas import (
    LateCallOut,
    ReminderGapOut,
    ReminderGapsOut,
    ReminderLevelOut,
    ReminderProposalFilters,
    ReminderProposalOut,
    ReminderProposalParams,
    ReminderRuleOut,
)
from dues.rights import RIGHTS, Act

_SLICE = 1_000
"""Members whose calls are read at once."""
_STOPPED = {"held", "promised", "call_held", "relief_under_study", "in_plan"}
"""Blockers that somebody decided, unlike delays that run."""
_GAPS = {
    "ready": "à envoyer, et pas envoyée",
    "held": "relances de la structure suspendues",
    "call_held": "relances de l'appel suspendues",
    "promised": "règlement promis à la délégation",
    "relief_under_study": "demande de solidarité à l'étude",
    "in_plan": "échéancier tenu",
    "region_may_call": "la délégation peut encore appeler",
    "reminded_recently": "relancée il y a peu",
}

PROPOSAL_HEADER = (
    "adherent", "delegation", "rang", "depuis_le", "appels", "demande", "echu", "plus_ancienne_echeance",
    "jours_de_retard", "a_appeler_avant_le", "appelee_le", "empeche",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LateMember:
    """A member that owes something past the first delay, and the letter that it would be sent, if one is due."""

    late_total: Decimal
    oldest_due_on: date
    member_id: UUID
    name: str
    delegation: str | None
    proposal: Proposal | None


class Proposed(NamedTuple):
    """A member with the letter that it would be sent."""

    member: LateMember
    proposal: Proposal


@cache
def reminder_rules() -> tuple[ReminderRule, ...]:
    """Return the levels of reminders and their delays, as they hold from each day on."""
    rules = shipped("dues.reminders", "levels.toml")["rules"]
    return TypeAdapter(tuple[ReminderRule, ...]).validate_python(rules)


def rule_out(today: date) -> ReminderRuleOut:
    """Return the levels and delays of a day as they are shown. Raises RuleMissing."""
    rule = rule_on(reminder_rules(), today)
    return ReminderRuleOut(
        since=rule.since,
        levels=[ReminderLevelOut.model_validate(level) for level in rule.levels],
        region_days=rule.region_days,
        region_days_are=rule.region_days_are,
        region_days_are_label=rule.region_days_are.label,
        longest_hold_days=rule.longest_hold_days,
        longest_promise_days=rule.longest_promise_days,
        status=rule.status,
        status_label=rule.status.label,
        source=rule.source,
        note=rule.note,
    )


async def list_proposals(read: Read, grant: Grant, params: ReminderProposalParams) -> Page[ReminderProposalOut]:
    """Return one page of what is to be reminded today, within reach. Raises RuleMissing."""
    query = _late(read, grant, params)
    columns = {"name": query.selected_columns.name, "due_on": query.selected_columns.oldest_due_on}
    columns["owed"] = query.selected_columns.late_total
    order = Order(columns=columns, default="due_on", unique=query.selected_columns.id)
    return await sift(read, query, order, params, partial(_sifted, read, params))


async def proposals_of(read: Read, grant: Grant, filters: ReminderProposalFilters) -> list[Proposed]:
    """Return all that is to be reminded today with these filters, by name. Raises RuleMissing."""
    late = await _late_members(read, grant, filters)
    found = (Proposed(one, one.proposal) for one in late if one.proposal)
    return [one for one in found if _passes(one.proposal, filters)]


async def export_proposals(read: Read, grant: Grant, filters: ReminderProposalFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same proposals as the list with the same filters. Raises RuleMissing."""
    found = [_out(read, *one) for one in await proposals_of(read, grant, filters)]
    return (
        (
            one.member_name,
            delegation_name(one.delegation),
            one.level_label,
            one.since,
            " ; ".join(call.number for call in one.calls),
            one.owed,
            one.late_total,
            one.oldest_due_on,
            one.days_late,
            one.call_by,
            one.called_on,
            " ".join(blocker.message for blocker in one.blockers.get("send", ())),
        )
        for one in found
    )


async def gaps(read: Read, grant: Grant) -> ReminderGapsOut:
    """Return who should have been reminded by today and was not, with why, beside all that is late.

    Raises RuleMissing.
    """
    late = await _late_members(read, grant, ReminderProposalFilters())
    due = [one.proposal for one in late if one.proposal]
    because: dict[str, list[Proposal]] = {}
    for proposal in due:
        for code in {blocker.code for blocker in proposal.blockers} or {"ready"}:
            because.setdefault(code, []).append(proposal)
    not_printed, not_dispatched = await count_letters(read, grant)
    return ReminderGapsOut(
        day=read.today,
        late_members=len(late),
        late_total=sum((one.late_total for one in late), Decimal(0)),
        due_members=len(due),
        nothing_due=len(late) - len(due),
        gaps=[
            ReminderGapOut(
                code=code, label=label, members=len(because[code]), owed=sum(one.owed for one in because[code])
            )
            for code, label in _GAPS.items()
            if code in because
        ],
        not_printed=not_printed,
        not_dispatched=not_dispatched,
    )


async def find_proposal(read: Read, grant: Grant, member_id: UUID) -> ReminderProposalOut | None:
    """Return what a member within reach would be sent today. Raises RuleMissing."""
    found = await proposals_of(read, grant, ReminderProposalFilters(member_id=[member_id]))
    return next((_out(read, *one) for one in found), None)


def _late(read: Read, grant: Grant, filters: ReminderProposalFilters) -> Select[Any]:
    """Select the members within reach that owe something past the first delay, with how much and since when."""
    late = owed_by(rule_on(reminder_rules(), read.today).late_by(read.today)).subquery("late")
    total, oldest = func.sum(late.c.owed), func.min(late.c.due_on)
    sums: Select[Any] = select(total.label("late_total"), oldest.label("oldest_due_on")).select_from(late)
    query = joined_with_member(sums, late.c.member_id, grant).group_by(MEMBER_ID, MEMBER_NAME, MEMBER_DELEGATION)
    if filters.member_id:
        query = query.where(MEMBER_ID.in_(filters.member_id))
    if filters.delegation:
        query = query.where(MEMBER_DELEGATION.in_(filters.delegation))
    if filters.q:
        query = query.where(MEMBER_NAME.icontains(filters.q, autoescape=True))
    if filters.amount_from is not None:
        query = query.having(total >= filters.amount_from)
    if filters.days_late_from is not None:
        query = query.having(oldest <= read.today - timedelta(days=filters.days_late_from))
    return select(query.subquery("members"))


async def _late_members(read: Read, grant: Grant, filters: ReminderProposalFilters) -> list[LateMember]:
    query = _late(read, grant, filters)
    query = query.order_by(query.selected_columns.name, query.selected_columns.id)
    rows = (await read.session.execute(query)).all()
    slices = [await _with_proposals(read, rows[at : at + _SLICE]) for at in range(0, len(rows), _SLICE)]
    return [one for found in slices for one in found]


async def _sifted(
    read: Read, filters: ReminderProposalFilters, rows: Sequence[Any]
) -> list[ReminderProposalOut | None]:
    return [
        _out(read, one, one.proposal) if one.proposal and _passes(one.proposal, filters) else None
        for one in await _with_proposals(read, rows)
    ]


async def _with_proposals(read: Read, rows: Sequence[Any]) -> list[LateMember]:
    found = await _proposals(read, [row[2] for row in rows])
    return [
        LateMember(total, oldest, member_id, name, delegation, found.get(member_id))
        for total, oldest, member_id, name, delegation in rows
    ]


async def _proposals(read: Read, member_ids: Collection[UUID]) -> dict[UUID, Proposal | None]:
    """Return the letter of each of these members that one is due to. Raises RuleMissing."""
    rule, today = rule_on(reminder_rules(), read.today), read.today
    calls = await late_calls(read, member_ids, rule)
    reminded = await reminded_of(read, [call.id for call in calls])
    stopped = await call_excuses(read, [call.id for call in calls], today)
    excuses = await excused(read, member_ids, today)
    region_calls = await last_region_calls(read, member_ids, today)
    ripes = [ripe(call, reminded.get(call.id, ()), stopped.get(call.id, ()), rule, today) for call in calls]
    return {
        member_id: propose(found, excuses.get(member_id), region_calls.get(member_id), rule, today)
        for member_id, found in by_member(one for one in ripes if one).items()
    }


async def late_calls(read: Read, member_ids: Collection[UUID], rule: ReminderRule) -> list[LateCall]:
    """Return the calls of these members of which something is owed past the first delay."""
    records = await records_of(read, member_ids)
    late = owed_by(rule.late_by(read.today)).subquery("late")
    rows = await read.session.execute(select(late).where(late.c.member_id.in_(records)))
    return [LateCall(**{**row, "member_id": records[row["member_id"]]}) for row in rows.mappings()]


def _passes(proposal: Proposal, filters: ReminderProposalFilters) -> bool:
    """Tell whether a proposal is one that the filters keep; what SQL could tell, it has told already."""
    codes = {blocker.code for blocker in proposal.blockers}
    stopped = bool(codes & _STOPPED)
    wanted = (
        (filters.ready, not codes),
        (filters.held, stopped),
        (filters.to_call, proposal.to_call and not stopped),
    )
    return (
        (not filters.level or proposal.level.rank in filters.level)
        and (not filters.blocker or bool(codes & set(filters.blocker)))
        and all(asked is None or asked == told for asked, told in wanted)
    )


def _out(read: Read, member: LateMember, proposal: Proposal) -> ReminderProposalOut:
    sends = grant_for(RIGHTS, Act.SEND_REMINDERS, read.actor) is not None
    level = proposal.level
    return ReminderProposalOut(
        member_id=member.member_id,
        member_name=member.name,
        delegation=member.delegation,
        level=level.rank,
        level_label=level.label,
        since=proposal.since,
        owed=proposal.owed,
        late_total=member.late_total,
        oldest_due_on=member.oldest_due_on,
        days_late=(read.today - member.oldest_due_on).days,
        calls=[_call_out(one, read.today) for one in proposal.calls],
        waiting=[_call_out(one, read.today) for one in proposal.waiting],
        call_by=proposal.call_by,
        called_on=proposal.called_on,
        to_call=proposal.to_call,
        allowed_actions=["send"] if sends and not proposal.blockers else [],
        blockers={"send": blockers_out(proposal.blockers)} if proposal.blockers else {},
    )


def _call_out(one: Ripe, today: date) -> LateCallOut:
    return LateCallOut(
        invoice_id=one.call.id,
        number=one.call.number,
        year=one.call.year,
        due_on=one.call.due_on,
        days_late=(today - one.call.due_on).days,
        owed=one.call.owed,
        level=one.level.rank,
        level_label=one.level.label,
        since=one.since,
        reminded_on=one.last.on if one.last else None,
        blockers=blockers_out(one.blockers),
    )
