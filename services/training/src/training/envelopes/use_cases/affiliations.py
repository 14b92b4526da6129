"""Affiliations to the group account: the convention, the account data, the payment, the confirmation."""

from datetime import date
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from training.envelopes import domain, queries, repository
from training.envelopes.domain import Affiliation, AffiliationStep, AffiliationTaken, EnvelopeMovementKind, Movement
from training.envelopes.schemas import (
    AffiliationAccountIn,
    AffiliationConfirmationIn,
    AffiliationIn,
    AffiliationPaymentIn,
)
from training.envelopes.use_cases.money import bring_in
from training.members.queries import require_member


async def sign_convention(tx: Tx, grant: Grant, given: AffiliationIn) -> UUID:
    """Begin the affiliation of a structure to the group account of a year; return its id.

    Raises EnvelopeNotFound, EnvelopeClosed, AffiliationNotOfGroupAccount, AffiliationOperatorWrong,
    AffiliationDayWrong, AffiliationTaken, MemberUnknown, MemberMerged.
    """
    await require_member(tx, grant, given.member_id)
    envelope = await repository.get_envelope(tx, given.envelope_id)
    domain.require_not_closed(envelope, tx.today)
    domain.require_joinable(envelope.said, given.operator)
    domain.require_signed(given.convention_on, tx.today)
    affiliation = Affiliation(
        id=new_id(),
        envelope_id=given.envelope_id,
        member_id=given.member_id,
        member_type=given.member_type,
        operator=given.operator,
        step=AffiliationStep.CONVENTION,
        convention_on=given.convention_on,
    )
    if not await repository.add_affiliation(tx, affiliation):
        raise AffiliationTaken("Cette structure est déjà affiliée à ce compte, ou en train de l'être.")
    return affiliation.id


async def take_account(
    tx: Tx, grant: Grant, affiliation_id: UUID, if_match: str | None, given: AffiliationAccountIn
) -> None:
    """Note the account data: what is due follows from the gross payroll of the year before.

    Raises AffiliationNotFound, AffiliationStepWrong, AffiliationDayWrong, RuleMissing, PreconditionMissing,
    PreconditionFailed.
    """
    held = await _held(tx, grant, affiliation_id, if_match)
    envelope = await repository.get_envelope(tx, held.envelope_id)
    rule = queries.rates_on(date(envelope.said.year, 1, 1))
    due = domain.contribution(given.payroll, held.member_type, rule)
    await repository.save_affiliation(tx, domain.take_account(held, given.received_on, tx.today, given.payroll, due))


async def pay(tx: Tx, grant: Grant, affiliation_id: UUID, if_match: str | None, given: AffiliationPaymentIn) -> None:
    """Note the payment of a structure: it comes into the envelope.

    Raises AffiliationNotFound, AffiliationStepWrong, AffiliationDayWrong, AffiliationAmountUnexplained,
    EnvelopeNotFound, EnvelopeClosed, EnvelopeShort, PreconditionMissing, PreconditionFailed.
    """
    held = await _held(tx, grant, affiliation_id, if_match)
    envelope = await repository.get_envelope(tx, held.envelope_id)
    domain.require_not_closed(envelope, tx.today)
    paid = domain.pay(
        held, given.paid_on, tx.today, amount=given.amount, cora_code=given.cora_code, reason=given.reason
    )
    movement = Movement(
        kind=EnvelopeMovementKind.CONTRIBUTION,
        amount=given.amount,
        cause=f"Affiliation {envelope.said.year}, code Cora {given.cora_code}",
        label=envelope.said.title,
        member_id=held.member_id,
        happened_on=given.paid_on,
    )
    await bring_in(tx, held.envelope_id, movement)
    await repository.save_affiliation(tx, paid)


async def confirm(
    tx: Tx, grant: Grant, affiliation_id: UUID, if_match: str | None, given: AffiliationConfirmationIn
) -> None:
    """Note that the confirmation letter has gone.

    Raises AffiliationNotFound, AffiliationStepWrong, AffiliationDayWrong, PreconditionMissing, PreconditionFailed.
    """
    held = await _held(tx, grant, affiliation_id, if_match)
    await repository.save_affiliation(tx, domain.confirm(held, given.confirmed_on, tx.today))


async def withdraw(tx: Tx, grant: Grant, affiliation_id: UUID, if_match: str | None) -> None:
    """Give an affiliation up before anything is paid.

    Raises AffiliationNotFound, AffiliationStepWrong, PreconditionMissing, PreconditionFailed.
    """
    held = await _held(tx, grant, affiliation_id, if_match)
    await repository.save_affiliation(tx, domain.withdraw(held))


async def _held(tx: Tx, grant: Grant, affiliation_id: UUID, if_match: str | None) -> Affiliation:
    affiliation = await repository.hold_affiliation(tx, affiliation_id)
    await check_version(if_match, affiliation.version, partial(queries.find_affiliation, tx, grant, affiliation_id))
    return affiliation
