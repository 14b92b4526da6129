"""Envelopes: write one, note what comes in, correct it."""

from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.rights import Grant
from common.transaction import Tx
from training.envelopes import domain, queries, repository
from training.envelopes.domain import EnvelopeKind, EnvelopeMovementKind, EnvelopeText, Movement
from training.envelopes.schemas import EnvelopeContributionIn, EnvelopeCorrectionIn, EnvelopeIn
from training.envelopes.use_cases.money import bring_in
from training.members.queries import require_member


async def create_envelope(tx: Tx, given: EnvelopeIn) -> UUID:
    """Write an envelope, empty; return its id.

    Raises EnvelopeDatesWrong, EnvelopeFunderWrong, EnvelopeUnsourced, RuleMissing.
    """
    return await repository.add_envelope(tx, _said(given))


async def change_envelope(tx: Tx, envelope_id: UUID, if_match: str | None, given: EnvelopeIn) -> None:
    """Write an envelope again; once something was reserved on it, its title and its last day only.

    Raises EnvelopeNotFound, EnvelopeInUse, EnvelopeDatesWrong, EnvelopeFunderWrong, EnvelopeUnsourced, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    envelope = await repository.get_envelope(tx, envelope_id, for_update=True)
    await check_version(if_match, envelope.version, partial(queries.find_envelope, tx, envelope_id))
    said = _said(given)
    domain.require_changeable(envelope, said)
    await repository.save_text(tx, replace(envelope, said=said))


async def contribute(tx: Tx, grant: Grant, envelope_id: UUID, given: EnvelopeContributionIn) -> None:
    """Note money that came into an envelope.

    Raises EnvelopeNotFound, EnvelopeClosed, EnvelopeShort, ContributionDayWrong, MemberUnknown, MemberMerged.
    """
    if given.member_id is not None:
        await require_member(tx, grant, given.member_id)
    domain.require_not_closed(await repository.get_envelope(tx, envelope_id), tx.today)
    domain.require_come(given.happened_on, tx.today)
    movement = Movement(
        kind=EnvelopeMovementKind.CONTRIBUTION,
        amount=given.amount,
        cause=given.cause,
        label=given.label,
        member_id=given.member_id,
        happened_on=given.happened_on,
    )
    await bring_in(tx, envelope_id, movement)


async def correct(tx: Tx, envelope_id: UUID, given: EnvelopeCorrectionIn) -> None:
    """Correct what came in by a difference, never below what is used.

    Raises EnvelopeNotFound, EnvelopeShort, CorrectionWrong.
    """
    domain.require_correction(given.amount)
    movement = Movement(kind=EnvelopeMovementKind.CORRECTED, amount=given.amount, cause=given.cause, label=given.label)
    await bring_in(tx, envelope_id, movement)


def _said(given: EnvelopeIn) -> EnvelopeText:
    """Return what is said of an envelope; a group account is held by the operator of its year, when none is named."""
    operator = None
    if given.kind is EnvelopeKind.GROUP_ACCOUNT:
        operator = queries.operator_on(date(given.year, 1, 1)).name
    said = given.said(operator)
    domain.require_sound(said, operator)
    return said
