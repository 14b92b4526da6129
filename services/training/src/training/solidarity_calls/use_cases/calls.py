"""Calls of the solidarity funds: write one, open it, freeze its ranking, record what was decided."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.transaction import Tx
from training.envelopes.domain import EnvelopeKind, EnvelopeNotFound
from training.envelopes.queries import find_envelope
from training.envelopes.use_cases import reserve
from training.solidarity_calls import domain, queries, repository
from training.solidarity_calls.domain import (
    NOTHING,
    Application,
    Call,
    CallText,
    Decision,
    SolidarityEnvelopeWrong,
    subject_of,
)
from training.solidarity_calls.schemas import SolidarityCallIn, SolidarityDecisionsIn


async def draft_call(tx: Tx, given: SolidarityCallIn) -> UUID:
    """Write a call; return its id. Raises SolidarityCallWrong, SolidarityEnvelopeWrong."""
    return await repository.add_call(tx, await _said(tx, given))


async def change_call(tx: Tx, call_id: UUID, if_match: str | None, given: SolidarityCallIn) -> None:
    """Write a draft again.

    Raises SolidarityCallNotFound, SolidarityCallNotDraft, SolidarityCallWrong, SolidarityEnvelopeWrong,
    PreconditionMissing, PreconditionFailed.
    """
    call = await _held(tx, call_id, if_match)
    domain.require_draft(call)
    await repository.save_call(tx, replace(call, said=await _said(tx, given)))


async def delete_call(tx: Tx, call_id: UUID, if_match: str | None) -> None:
    """Give a draft up.

    Raises SolidarityCallNotFound, SolidarityCallNotDraft, PreconditionMissing, PreconditionFailed.
    """
    domain.require_draft(await _held(tx, call_id, if_match))
    await repository.delete_call(tx, call_id)


async def open_call(tx: Tx, call_id: UUID, if_match: str | None) -> None:
    """Open a call: every structure reads it, and its criteria hold from now on.

    Raises SolidarityCallNotFound, SolidarityCallNotDraft, SolidarityCallPast, SolidarityBudgetShort, EnvelopeNotFound,
    PreconditionMissing, PreconditionFailed.
    """
    call = await _held(tx, call_id, if_match)
    envelope = await find_envelope(tx, call.said.envelope_id)
    domain.require_openable(call, envelope.position.available, tx.today)
    await repository.save_call(tx, replace(call, opened_on=tx.today))


async def freeze_ranking(tx: Tx, call_id: UUID, if_match: str | None) -> None:
    """Rank the applications by their scores, for good.

    Raises SolidarityCallNotFound, SolidarityNotScoring, SolidarityScoresMissing, PreconditionMissing,
    PreconditionFailed.
    """
    call = await _held(tx, call_id, if_match)
    domain.require_scoring(call, tx.today)
    waiting = await repository.hold_waiting(tx, call_id)
    scores = await repository.scores_of(tx, [one.id for one in waiting])
    ranked = domain.ranking(call, scores, {one.id: one.reference or "" for one in waiting})
    await repository.save_ranked(tx, waiting, ranked)
    await repository.save_call(tx, replace(call, ranked_on=tx.today))


async def decide(tx: Tx, call_id: UUID, if_match: str | None, given: SolidarityDecisionsIn) -> None:
    """Record what was decided of every application at once; what is awarded is reserved on the envelope.

    Raises SolidarityCallNotFound, SolidarityNotRanked, SolidarityDecided, SolidarityDecisionsWrong,
    SolidarityAwardTooLarge, SolidarityReasonMissing, SolidarityBudgetExceeded, EnvelopeNotFound, EnvelopeNotOpen,
    EnvelopeShort, PreconditionMissing, PreconditionFailed.
    """
    call = await _held(tx, call_id, if_match)
    domain.require_ranked(call)
    waiting = await repository.hold_waiting(tx, call_id)
    decisions = [one.decision() for one in given.decisions]
    domain.require_decisions(call, waiting, decisions)
    await _award(tx, waiting, decisions)
    awarded = sum((one.amount for one in decisions if one.amount), NOTHING)
    await repository.save_call(tx, replace(call, decided_on=tx.today), awarded=awarded)


async def _award(tx: Tx, waiting: Sequence[Application], decisions: Sequence[Decision]) -> None:
    found = {one.id: one for one in waiting}
    for decision in decisions:
        application = found[decision.application_id]
        await repository.save_decided(tx, application, decision)
        if decision.amount is not None:
            said, subject = application.call.said, subject_of(application)
            await reserve(tx, said.envelope_id, subject, decision.amount, f"Décision du jury, {said.title}")


async def _said(tx: Tx, given: SolidarityCallIn) -> CallText:
    """Return what a call says. Raises SolidarityCallWrong, SolidarityEnvelopeWrong."""
    said = given.said()
    domain.require_sound(said)
    try:
        envelope = await find_envelope(tx, said.envelope_id)
    except EnvelopeNotFound:
        raise SolidarityEnvelopeWrong("Cette enveloppe n'existe pas.") from None
    if envelope.kind is not EnvelopeKind.SOLIDARITY_FUND:
        raise SolidarityEnvelopeWrong("Un appel partage une enveloppe des fonds mutualisés solidaires.")
    return said


async def _held(tx: Tx, call_id: UUID, if_match: str | None) -> Call:
    call = await repository.hold_call(tx, call_id)
    await check_version(if_match, call.version, partial(queries.find_call, tx, call_id))
    return call
