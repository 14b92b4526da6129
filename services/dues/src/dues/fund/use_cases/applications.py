"""Applications: a delegation writes one, submits it, adds its documents, or withdraws it."""

from dataclasses import asdict, replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.files import Files, keep_sent
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from common.uploads import SentFile
from dues.fund import queries, repository
from dues.fund.domain import (
    JOURNAL,
    FundApplication,
    FundApplicationStatus,
    FundAttachmentKind,
    FundDelegationMissing,
    recognise_attachment,
    require_attachable,
    require_changeable,
    require_complete,
    require_preparing,
    require_submittable,
    require_waiting,
)
from dues.fund.schemas import FundApplicationIn
from dues.fund.tables import FundAttachmentRow


async def draft_application(tx: Tx, call_id: UUID, given: FundApplicationIn) -> UUID:
    """Begin an application of the caller's delegation; return its id.

    Raises FundDelegationMissing, FundCallNotFound, FundCallNotOpen.
    """
    delegation = tx.actor.delegation
    if delegation is None:
        raise FundDelegationMissing("Votre jeton ne dit pas au nom de quelle délégation vous demandez.")
    call = await queries.reached_call(tx, call_id)
    require_preparing(call, tx.today)
    return await repository.add_application(tx, call, delegation, given.project())


async def change_application(
    tx: Tx, grant: Grant, application_id: UUID, if_match: str | None, given: FundApplicationIn
) -> None:
    """Write an application again, until its call closes; submitted, it stays whole.

    Raises FundApplicationNotFound, FundApplicationEnded, FundCallNotOpen, FundApplicationIncomplete,
    PreconditionMissing, PreconditionFailed.
    """
    application = await held_application(tx, grant, application_id, if_match)
    require_changeable(application, tx.today)
    changed = replace(application, project=given.project())
    if application.status is FundApplicationStatus.SUBMITTED:
        require_complete(changed.project, application.call)
    await repository.save_project(tx, changed)


async def submit(tx: Tx, grant: Grant, entity: str, application_id: UUID, if_match: str | None) -> None:
    """Submit a draft: it takes its number. Its call is held first, so that none comes in while the last is decided.

    Raises FundApplicationNotFound, FundApplicationEnded, FundApplicationNotDraft, FundCallNotOpen,
    FundApplicationIncomplete, PreconditionMissing, PreconditionFailed.
    """
    reached = await queries.reached_application(tx, grant, application_id)
    await repository.hold_call(tx, reached.call.id)
    application = await held_application(tx, grant, application_id, if_match)
    require_submittable(application, tx.today)
    [reference] = await take_numbers(tx, Series(entity, JOURNAL, tx.today.year), 1)
    await repository.save_submitted(tx, application, reference)


async def withdraw(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None) -> None:
    """Withdraw an application that is not decided.

    Raises FundApplicationNotFound, FundApplicationEnded, PreconditionMissing, PreconditionFailed.
    """
    application = await held_application(tx, grant, application_id, if_match)
    require_waiting(application)
    await repository.save_withdrawn(tx, application)


async def attach(
    tx: Tx, grant: Grant, files: Files, application_id: UUID, kind: FundAttachmentKind, sent: SentFile
) -> None:
    """Add a document. The store is asked before anything is held: a slow one holds nobody up.

    Raises FundApplicationNotFound, FundApplicationEnded, FundCallNotOpen, FundAwardMissing, FundAttachmentsTooMany,
    FundAttachmentTooLarge, FundAttachmentUnreadable.
    """
    require_attachable(await queries.reached_application(tx, grant, application_id), kind, tx.today, 0)
    row = await _stored(tx, files, application_id, kind, sent)
    application = await repository.hold_application(tx, application_id)
    held = (await repository.attachments_of(tx, [application_id]))[application_id]
    require_attachable(application, kind, tx.today, sum(one.kind == kind.value for one in held))
    await repository.add_attachment(tx, row)


async def detach(tx: Tx, grant: Grant, application_id: UUID, attachment_id: UUID) -> None:
    """Take a document of an application away, until its call closes; a report stays.

    Raises FundApplicationNotFound, FundAttachmentNotFound, FundApplicationEnded, FundCallNotOpen.
    """
    found = await queries.find_attachment(tx, grant, application_id, attachment_id)
    require_changeable(await repository.hold_application(tx, application_id), tx.today)
    await repository.delete_attachment(tx, found.id)


async def held_application(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None) -> FundApplication:
    """Hold an application within reach, in the version that was read.

    Raises FundApplicationNotFound, PreconditionMissing, PreconditionFailed.
    """
    await queries.reached_application(tx, grant, application_id)
    application = await repository.hold_application(tx, application_id)
    current = partial(queries.find_application, tx, grant, application_id)
    await check_version(if_match, application.version, current)
    return application


async def _stored(
    tx: Tx, files: Files, application_id: UUID, kind: FundAttachmentKind, sent: SentFile
) -> FundAttachmentRow:
    kept = await keep_sent(tx, files, f"fund/{application_id}", sent, recognise_attachment(sent.content))
    return FundAttachmentRow(application_id=application_id, kind=kind.value, **asdict(kept))
