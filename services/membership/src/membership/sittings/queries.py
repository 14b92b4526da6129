"""Reads of the board's sittings."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.blockers import BlockerOut
from common.dated import rule_on
from common.pagination import Order, Page, PageParams, paginate
from common.shipped import shipped_rules
from common.transaction import Read
from membership.applications.queries import withdrawn_among
from membership.matters.queries import matters_of
from membership.measures.queries import hearing_rules
from membership.sittings import repository
from membership.sittings.documents import minutes
from membership.sittings.domain import (
    QuorumRule,
    Sitting,
    SittingClosed,
    SittingStatus,
    Takeover,
    closing_blockers,
    matters_named,
)
from membership.sittings.schemas import (
    AgendaItemOut,
    AttendeeOut,
    DecisionOut,
    LeftAsideOut,
    QuorumOut,
    SittingOut,
    TakeoverOut,
)
from membership.sittings.tables import SittingRow

_TABLE: Any = SittingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"held_on": _TABLE.c.held_on}, default="-held_on", unique=_TABLE.c.id)


@cache
def quorum_rules() -> tuple[QuorumRule, ...]:
    """Return the dated rules of quorum shipped with the service."""
    return shipped_rules("membership.sittings", "quorum.toml", QuorumRule)


async def find_sitting(read: Read, sitting_id: UUID) -> SittingOut:
    """Return one sitting. Raises SittingNotFound."""
    return await shown(read, await repository.get(read, sitting_id))


async def list_sittings(read: Read, params: PageParams) -> Page[SittingOut]:
    """Return one page of sittings, newest first unless sorted otherwise."""
    rows, cursor, total = await paginate(read, select(SittingRow), _ORDER, params)
    sittings = await repository.with_decisions(read, rows)
    return Page(items=await _shown(read, sittings), next_cursor=cursor, total=total)


async def draft_minutes(source: Read, sitting_id: UUID) -> dict[str, Any]:
    """Return what the minutes of an open sitting would say now. Raises SittingNotFound, SittingClosed."""
    sitting = await repository.get(source, sitting_id)
    if sitting.status is SittingStatus.CLOSED:
        raise SittingClosed("La séance est close : son procès-verbal n'est plus un projet.")
    return await written_minutes(source, sitting)


async def written_minutes(source: Read, sitting: Sitting) -> dict[str, Any]:
    """Write the minutes of a loaded sitting."""
    matters = await matters_of(source, list(sitting.decisions))
    day = sitting.held_on
    return minutes(sitting, rule_on(quorum_rules(), day), rule_on(hearing_rules(), day), matters)


async def find_minutes(source: Read, sitting_id: UUID) -> str:
    """Return where the minutes of a sitting are kept, once printed. Raises SittingNotFound."""
    await repository.get(source, sitting_id)
    return repository.minutes_path(sitting_id)


async def takeover_out(source: Read, taken: Takeover) -> TakeoverOut:
    """Write what a list taken over wrote down, and what it leaves."""
    left = [
        LeftAsideOut(
            application_id=one.application.id,
            member_id=one.structure.id,
            name=one.structure.name,
            blockers=[BlockerOut(code=why.code, message=why.message) for why in one.blockers],
        )
        for one in taken.left_aside
    ]
    return TakeoverOut(sitting=await shown(source, taken.sitting), recorded=taken.recorded, left_aside=left)


async def withdrawn_from(source: Read, sittings: Sequence[Sitting]) -> set[UUID]:
    """Return the applications that open sittings name and that their structures took back."""
    named = [matters_named(sitting) for sitting in sittings if sitting.status is SittingStatus.OPEN]
    return await withdrawn_among(source, set().union(*named))


async def shown(source: Read, sitting: Sitting) -> SittingOut:
    """Write a loaded sitting as the API shows it."""
    [written] = await _shown(source, [sitting])
    return written


async def _shown(source: Read, sittings: Sequence[Sitting]) -> list[SittingOut]:
    withdrawn = await withdrawn_from(source, sittings)
    return [_out(sitting, source.today, withdrawn) for sitting in sittings]


def _out(sitting: Sitting, today: date, withdrawn: Collection[UUID]) -> SittingOut:
    attendance = sitting.attendance
    rule = rule_on(quorum_rules(), sitting.held_on)
    needed = rule.needed(attendance.in_office)
    blockers = closing_blockers(sitting, rule, today, withdrawn)
    actions = ["amend", "attend", "set_agenda", "record_decisions"] if sitting.status is SittingStatus.OPEN else []
    actions += ["take_over"] if actions and sitting.takes_over else []
    return SittingOut(
        id=sitting.id,
        held_on=sitting.held_on,
        in_office=attendance.in_office,
        present=attendance.present,
        represented=attendance.represented,
        minutes_reference=sitting.minutes_reference,
        status=sitting.status,
        status_label=sitting.status.label,
        takes_over=sitting.takes_over,
        quorum=QuorumOut(
            needed=needed,
            taking_part=attendance.taking_part,
            reached=attendance.taking_part >= needed,
            most_proxies=rule.most_proxies,
            status=rule.status,
            source=rule.source,
        ),
        attendees=[
            AttendeeOut(
                name=attendee.name,
                capacity=attendee.capacity,
                presence=attendee.presence,
                presence_label=attendee.presence.label,
                proxy=attendee.proxy,
            )
            for attendee in sitting.attendees
        ],
        agenda=[
            AgendaItemOut(
                title=item.title,
                matter_id=item.matter_id,
                withdrawn=sitting.status is SittingStatus.OPEN and item.matter_id in withdrawn,
                record=item.record,
            )
            for item in sitting.agenda
        ],
        decisions=[
            DecisionOut(
                matter_id=decision.matter_id,
                kind=decision.kind,
                kind_label=decision.kind.label,
                outcome=decision.outcome,
                outcome_label=decision.outcome.label,
                votes_for=decision.votes_for,
                votes_against=decision.votes_against,
                abstentions=decision.abstentions,
                effective_on=decision.effective_on,
                reservations=list(decision.reservations),
            )
            for decision in sitting.decisions.values()
        ],
        version=sitting.version,
        allowed_actions=[*actions, *([] if blockers else ["close"])],
        blockers={"close": [BlockerOut(code=b.code, message=b.message) for b in blockers]} if blockers else {},
    )
