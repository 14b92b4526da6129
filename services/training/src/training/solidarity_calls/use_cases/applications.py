"""Applications: a structure writes one, submits it, or withdraws it."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from training.members.queries import members_behind, require_member
from training.solidarity_calls import domain, queries, repository
from training.solidarity_calls.domain import Application, Project, SolidarityMemberMissing
from training.solidarity_calls.schemas import SolidarityApplicationIn


async def draft_application(tx: Tx, grant: Grant, call_id: UUID, given: SolidarityApplicationIn) -> UUID:
    """Begin an application of the caller's structure; return its id.

    Raises SolidarityMemberMissing, SolidarityCallNotFound, SolidarityCallNotOpen, SolidarityPartnerWrong,
    MemberUnknown, MemberMerged.
    """
    if tx.actor.member_id is None:
        raise SolidarityMemberMissing("Votre jeton ne dit pas au nom de quelle structure vous demandez.")
    member = await require_member(tx, grant, tx.actor.member_id)
    call = await queries.reached_call(tx, call_id)
    domain.require_preparing(call, tx.today)
    project = await _project(tx, member.id, given)
    return await repository.add_application(tx, call, member.id, project)


async def change_application(
    tx: Tx, grant: Grant, application_id: UUID, if_match: str | None, given: SolidarityApplicationIn
) -> None:
    """Write a draft again, until its call closes.

    Raises SolidarityApplicationNotFound, SolidarityApplicationEnded, SolidarityApplicationNotDraft,
    SolidarityCallNotOpen, SolidarityPartnerWrong, PreconditionMissing, PreconditionFailed.
    """
    application = await held_application(tx, grant, application_id, if_match)
    domain.require_writable(application, tx.today)
    project = await _project(tx, application.member_id, given)
    await repository.save_project(tx, application, project)


async def submit(tx: Tx, grant: Grant, entity: str, application_id: UUID, if_match: str | None) -> None:
    """Submit a whole draft: it takes its number of ``entity``.

    Its call is held first, so that none comes in while it is ranked.

    Raises SolidarityApplicationNotFound, SolidarityApplicationEnded, SolidarityApplicationNotDraft,
    SolidarityCallNotOpen, SolidarityApplicationIncomplete, PreconditionMissing, PreconditionFailed.
    """
    await repository.hold_call(tx, (await queries.reached_application(tx, grant, application_id)).call.id)
    application = await held_application(tx, grant, application_id, if_match)
    domain.require_submittable(application, tx.today)
    [reference] = await take_numbers(tx, Series(entity, domain.JOURNAL, tx.today.year), 1)
    await repository.save_submitted(tx, application, reference)


async def withdraw(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None) -> None:
    """Withdraw an application until the ranking is frozen. Its call is held first, as by who freezes it.

    Raises SolidarityApplicationNotFound, SolidarityApplicationEnded, PreconditionMissing, PreconditionFailed.
    """
    await repository.hold_call(tx, (await queries.reached_application(tx, grant, application_id)).call.id)
    application = await held_application(tx, grant, application_id, if_match)
    domain.require_withdrawable(application)
    await repository.save_withdrawn(tx, application)


async def held_application(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None) -> Application:
    """Hold an application within reach, in the version that was read.

    Raises SolidarityApplicationNotFound, PreconditionMissing, PreconditionFailed.
    """
    await queries.reached_application(tx, grant, application_id)
    application = await repository.hold_application(tx, application_id)
    current = partial(queries.find_application, tx, grant, application_id)
    await check_version(if_match, application.version, current)
    return application


async def _project(tx: Tx, member_id: UUID, given: SolidarityApplicationIn) -> Project:
    known = await members_behind(tx, given.partners)
    domain.require_partners(member_id, given.partners, known)
    return given.project()
