"""What becomes of an award: its instalments are paid, its report comes, what is left of it is released."""

from uuid import UUID

from common.accounting.posting import record
from common.rights import Grant
from common.transaction import Tx
from dues.fund import entries, repository
from dues.fund.domain import (
    FundApplication,
    FundSource,
    FundSourceKind,
    require_amount,
    require_awarded,
    require_payable,
    require_since_decision,
    require_standing,
    require_unreported,
)
from dues.fund.schemas import FundPaymentIn, FundReleaseIn, FundReportIn, FundReturnIn
from dues.fund.use_cases.applications import held_application
from dues.fund.use_cases.money import pay, release, take_back


async def pay_instalment(
    tx: Tx, grant: Grant, entity: str, application_id: UUID, if_match: str | None, given: FundPaymentIn
) -> None:
    """Note that an instalment was paid, whole or less; with the last euro that is committed, the award is closed.

    Raises FundApplicationNotFound, FundAwardMissing, FundAwardClosed, FundInstalmentNotFound, FundInstalmentPaid,
    FundInstalmentTooLarge, FundReportMissing, FundDayWrong, FundCommitmentShort, PreconditionMissing,
    PreconditionFailed.
    """
    await repository.hold_fund(tx)
    application = await held_application(tx, grant, application_id, if_match)
    award = require_awarded(application)
    instalment = require_payable(award, given.instalment)
    amount = given.amount or instalment.amount
    require_amount(instalment, amount)
    require_since_decision(award, given.paid_on, tx.today)
    outflow = await pay(tx, _source(application), amount, given.paid_on, given.bank_reference)
    await repository.save_paid(tx, application, instalment.number, amount, given.paid_on)
    await repository.save_award(tx, application, **({} if outflow.left else {"closed_on": tx.today}))
    record(tx, [entries.paid(entity, application, instalment.number, amount, given.paid_on)])


async def note_report(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None, given: FundReportIn) -> None:
    """Note that the report of a project was received: what waited for it can be paid.

    Raises FundApplicationNotFound, FundAwardMissing, FundReportReceived, FundDayWrong, PreconditionMissing,
    PreconditionFailed.
    """
    application = await held_application(tx, grant, application_id, if_match)
    award = require_awarded(application)
    require_unreported(award)
    require_since_decision(award, given.received_on, tx.today)
    await repository.save_award(tx, application, report_received_on=given.received_on)


async def release_award(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None, given: FundReleaseIn) -> None:
    """Free again all that is left of an award.

    Raises FundApplicationNotFound, FundAwardMissing, FundAwardClosed, FundCommitmentShort, PreconditionMissing,
    PreconditionFailed.
    """
    await repository.hold_fund(tx)
    application = await held_application(tx, grant, application_id, if_match)
    require_standing(require_awarded(application))
    source = _source(application)
    left = (await repository.outflows(tx, source.kind, [source.id]))[source.id].left
    await release(tx, source, left, given.reason)
    await repository.save_award(tx, application, closed_on=tx.today)


async def note_return(
    tx: Tx, grant: Grant, entity: str, application_id: UUID, if_match: str | None, given: FundReturnIn
) -> None:
    """Note what a delegation gave back of what it was paid.

    Raises FundApplicationNotFound, FundAwardMissing, FundDayWrong, FundCommitmentShort, PreconditionMissing,
    PreconditionFailed.
    """
    await repository.hold_fund(tx)
    application = await held_application(tx, grant, application_id, if_match)
    require_since_decision(require_awarded(application), given.returned_on, tx.today)
    movement_id = await take_back(
        tx,
        _source(application),
        given.amount,
        returned_on=given.returned_on,
        bank_reference=given.bank_reference,
        reason=given.reason,
    )
    await repository.save_award(tx, application)
    record(tx, [entries.given_back(entity, application, movement_id, given.amount, given.returned_on)])


def _source(application: FundApplication) -> FundSource:
    return FundSource(FundSourceKind.AWARD, application.id)
