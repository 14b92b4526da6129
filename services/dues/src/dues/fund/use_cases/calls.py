"""Calls for projects: write one, open it with what the fund has, and record what the board decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.transaction import Tx
from dues.fund import queries, repository
from dues.fund.documents import letter
from dues.fund.domain import (
    NOTHING,
    Award,
    Commitment,
    Decision,
    FundApplication,
    FundCall,
    FundSource,
    FundSourceKind,
    require_closed,
    require_decisions,
    require_draft,
    require_openable,
    require_sitting,
    require_sound,
    require_within_envelope,
    scheduled,
)
from dues.fund.schemas import FundCallIn, FundDecisionsIn
from dues.fund.use_cases.money import commit
from dues.legal_entities.domain import LegalEntity


async def draft_call(tx: Tx, given: FundCallIn) -> UUID:
    """Write a call; return its id. Raises FundCallDatesWrong, FundCallAmountsWrong."""
    said = given.said()
    require_sound(said)
    return await repository.add_call(tx, said)


async def change_call(tx: Tx, call_id: UUID, if_match: str | None, given: FundCallIn) -> None:
    """Write a draft again.

    Raises FundCallNotFound, FundCallNotDraft, FundCallDatesWrong, FundCallAmountsWrong, PreconditionMissing,
    PreconditionFailed.
    """
    call = await _held(tx, call_id, if_match)
    require_draft(call)
    said = given.said()
    require_sound(said)
    await repository.save_call(tx, replace(call, said=said))


async def delete_call(tx: Tx, call_id: UUID, if_match: str | None) -> None:
    """Give a draft up. Raises FundCallNotFound, FundCallNotDraft, PreconditionMissing, PreconditionFailed."""
    require_draft(await _held(tx, call_id, if_match))
    await repository.delete_call(tx, call_id)


async def open_call(tx: Tx, call_id: UUID, if_match: str | None) -> None:
    """Open a call: every delegation reads it, and its envelope is reserved on what the fund has.

    Raises FundCallNotFound, FundCallNotDraft, FundCallDatesWrong, FundShort, PreconditionMissing, PreconditionFailed.
    """
    await repository.hold_fund(tx)
    call = await _held(tx, call_id, if_match)
    stands = await queries.position(tx, tx.today)
    require_openable(call, stands.available, tx.today)
    await repository.save_call(tx, replace(call, opened_on=tx.today))


async def decide(tx: Tx, seller: LegalEntity, call_id: UUID, if_match: str | None, given: FundDecisionsIn) -> None:
    """Record what the board decided of some or all of the applications; once none waits, the call is decided.

    The fund is held first, as by whoever moves its money, then the call: two acts never award one euro twice.

    Raises FundCallNotFound, FundCallNotClosed, FundSittingDayWrong, FundDecidedTwice, FundApplicationNotWaiting,
    FundAwardTooLarge, FundReasonMissing, FundEnvelopeExceeded, FundScheduleWrong, FundShort, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    await repository.hold_fund(tx)
    call = await _held(tx, call_id, if_match)
    require_closed(call, tx.today)
    require_sitting(call, given.sitting_on, tx.today)
    waiting = await repository.hold_waiting(tx, call_id)
    decisions = [one.decision() for one in given.decisions]
    require_decisions(waiting, decisions)
    newly = sum((one.amount for one in decisions if one.amount), NOTHING)
    require_within_envelope(call, await repository.awarded_of(tx, call_id) + newly)
    await _decide(tx, seller, waiting, decisions, given.sitting_on)
    ended = len(decisions) == len(waiting)
    await repository.save_call(tx, replace(call, decided_on=tx.today if ended else None))


async def _decide(
    tx: Tx,
    seller: LegalEntity,
    waiting: Sequence[FundApplication],
    decisions: Sequence[Decision],
    sitting_on: date,
) -> None:
    found = {one.id: one for one in waiting}
    for decision in decisions:
        application = found[decision.application_id]
        if decision.amount is None:
            await repository.save_refused(tx, application, decision, sitting_on)
            continue
        rule = rule_on(queries.schedule_rules(), sitting_on)
        instalments = scheduled(decision.amount, decision.schedule, rule)
        award = Award(amount=decision.amount, sitting_on=sitting_on, instalments=instalments)
        wanted = Commitment(
            source=FundSource(FundSourceKind.AWARD, application.id),
            amount=award.amount,
            piece=application.reference or "",
            label=application.project.title,
            delegation=application.delegation,
        )
        await commit(tx, wanted, of_call=application.call.id)
        told = letter(seller, application, decision, award, tx.today)
        await repository.save_awarded(tx, application, decision, award, told)


async def _held(tx: Tx, call_id: UUID, if_match: str | None) -> FundCall:
    await queries.reached_call(tx, call_id)
    call = await repository.hold_call(tx, call_id)
    await check_version(if_match, call.version, partial(queries.find_call, tx, call_id))
    return call
