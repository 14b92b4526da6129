"""Receiving applications, one by one or by a file's hundreds, and making their file ready for a sitting."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.applications import domain, queries, repository
from membership.applications.domain import (
    Application,
    ApplicationStatus,
    Document,
    DocumentState,
    Lifting,
    Opinion,
    Reservation,
    check,
    decide,
    recognise,
    require_asked,
    require_documents_of_use,
    require_open,
    require_received,
)
from membership.applications.schemas import (
    ApplicationAgainIn,
    ApplicationIn,
    ApplicationWithdrawalIn,
    LiftingIn,
    OpinionIn,
)
from membership.measures.use_cases import abandon_open
from membership.members.domain import Member, Topic, require_free_to_apply
from membership.members.queries import applying_among, entries_of
from membership.members.use_cases import Why, candidate, hold_within, note_applying, register

_NO_DAYS: Mapping[UUID, date] = {}


async def receive_application(tx: Tx, application: ApplicationIn) -> UUID:
    """Enter a structure in the register as a candidate, with its application; return the application's id.

    Raises SirenTaken, SiretOfAnotherSiren, ReceivedInFuture, ReceivedTooLongAgo.
    """
    fields = application.model_dump(exclude={"received_on"})
    fields["activities"] = tuple(dict.fromkeys(application.activities))
    day = _received_on(tx, application)
    [received] = await receive_candidates(tx, [candidate(**fields)], received_on=day)
    return received.id


async def receive_again(tx: Tx, grant: Grant, application: ApplicationAgainIn) -> UUID:
    """Receive another application of a structure: refused, taken back, or one that left; return the application's id.

    Whatever the board still had to decide of its former membership is given up.

    Raises MemberNotFound, AlreadyMember, ApplicationAlreadyOpen, ReceivedInFuture, ReceivedTooLongAgo.
    """
    day = _received_on(tx, application)
    structure = await hold_within(tx, grant, application.member_id)
    statuses = await entries_of(tx, [structure.id], [Topic.STATUS])
    applying = bool(await repository.applying(tx, [structure.id]))
    require_free_to_apply(structure, statuses[structure.id], tx.today, applying=applying)
    await abandon_open(tx, structure.id)
    received = Application(id=new_id(), member_id=structure.id, received_on=day)
    await repository.add(tx, [received])
    await note_applying(tx, structure.id, applying=True)
    return received.id


def _received_on(tx: Tx, application: ApplicationIn | ApplicationAgainIn) -> date:
    day = application.received_on or tx.today
    require_received(day, tx.today)
    return day


async def receive_candidates(
    tx: Tx,
    candidates: Sequence[Member],
    source: str | None = None,
    *,
    received_on: date | None = None,
    documents_asked: bool = True,
    since: Mapping[UUID, date] = _NO_DAYS,
) -> list[Application]:
    """Enter structures in the register, each with an open application received on a day, by default today.

    ``source`` says where they come from, e.g. which import; ``since`` from which day on they are said to be members.
    """
    day = received_on or tx.today
    entered = await register(tx, candidates, day, Why(source=source))
    applications = [
        Application(
            id=new_id(),
            member_id=member.id,
            received_on=day,
            documents_asked=documents_asked,
            member_since=since.get(member.id),
        )
        for member in entered
    ]
    await repository.add(tx, applications)
    return applications


async def hold_open_of(tx: Tx, member_ids: Sequence[UUID]) -> dict[UUID, Application]:
    """Load the open applications of some structures by structure, and hold them until the end of the transaction."""
    return {one.member_id: one for one in await repository.hold_open_of(tx, member_ids)}


async def date_membership(tx: Tx, application: Application, member_since: date | None) -> None:
    """Write on a held application since when its structure is said to be a member. Raises ApplicationDecided."""
    await repository.save(tx, domain.date_membership(application, member_since))


async def send_document(
    tx: Tx, grant: Grant, files: Files, application_id: UUID, *, item: str, filename: str, content: bytes
) -> None:
    """Add a document to the file of an application within reach; of the same item, it takes the place of the last.

    Raises ApplicationNotFound, ApplicationDecided, DocumentNotAsked, DocumentUnreadable, DocumentTooLarge.
    """
    application, structure = await queries.reached(tx, grant, application_id)
    require_documents_of_use(application)
    require_asked(await queries.checklist_of(tx, application, structure), item)
    media_type, name = recognise(filename, content)
    document = Document(id=new_id(), item=item, filename=name, media_type=media_type, size=len(content), sent_at=tx.now)
    path = f"applications/{application.id}/{document.id}"
    # Stored before the application is held: a slow store must not hold up the closing of a sitting. Rolled back, it is
    # a file that no row names.
    stored = await files.put(path, content, dry_run=tx.dry_run)
    application = await _held(tx, grant, application_id)
    require_documents_of_use(application)
    repository.add_document(tx, application.id, document, stored)
    await _next_version(tx, application)


async def check_document(
    tx: Tx,
    grant: Grant,
    application_id: UUID,
    document_id: UUID,
    if_match: str | None,
    state: DocumentState,
    remark: str | None = None,
) -> None:
    """Accept or refuse a document of an application within reach.

    Raises ApplicationNotFound, ApplicationDecided, DocumentNotFound, DocumentDecided, PreconditionMissing,
    PreconditionFailed.
    """
    application = await _held_version(tx, grant, application_id, if_match)
    require_documents_of_use(application)
    row = await repository.document_row(tx, application.id, document_id)
    repository.save_check(tx, row, check(repository.document_of(row), state, remark))
    await _next_version(tx, application)


async def give_opinion(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None, opinion: OpinionIn) -> None:
    """Give the delegation's opinion on an application within reach, or another one in its place.

    Raises ApplicationNotFound, ApplicationDecided, PreconditionMissing, PreconditionFailed.
    """
    application = await _held_version(tx, grant, application_id, if_match)
    require_open(application)
    given = Opinion(
        delegation=str(tx.actor.delegation),  # only a delegation reaches this, and only what is its own
        advice=opinion.advice,
        text=opinion.text,
        given_on=tx.today,
        given_by=tx.actor.subject,
    )
    repository.add_opinion(tx, application.id, given)
    await _next_version(tx, application)


async def withdraw(
    tx: Tx, grant: Grant, application_id: UUID, if_match: str | None, withdrawal: ApplicationWithdrawalIn
) -> None:
    """Take an application within reach back, on its structure's word.

    Raises ApplicationNotFound, ApplicationDecided, WithdrawalMisdated, PreconditionMissing, PreconditionFailed.
    """
    application = await _held_version(tx, grant, application_id, if_match)
    day = withdrawal.withdrawn_on or tx.today
    await repository.save(tx, domain.withdraw(application, day, withdrawal.reason, tx.today))
    await note_applying(tx, application.member_id, applying=False)


async def lift_reservation(
    tx: Tx, grant: Grant, application_id: UUID, number: int, if_match: str | None, lifted: LiftingIn
) -> None:
    """Say that a reservation of an admission within reach was lifted.

    Raises ApplicationNotFound, ReservationNotFound, ReservationLifted, LiftingDayInconsistent, PreconditionMissing,
    PreconditionFailed.
    """
    application = await _held_version(tx, grant, application_id, if_match)
    lifting = Lifting(lifted.lifted_on or tx.today, tx.actor.subject, lifted.remark)
    await repository.save(tx, domain.lift(application, number, lifting, tx.today))


async def hold(tx: Tx, application_ids: Sequence[UUID]) -> dict[UUID, Application]:
    """Load those of these that are applications, and hold them until the end of the transaction."""
    return await repository.get_many_for_update(tx, application_ids)


async def settle(
    tx: Tx,
    application: Application,
    status: ApplicationStatus,
    *,
    sitting_id: UUID,
    decided_on: date,
    reservations: tuple[Reservation, ...],
) -> None:
    """Record the board's decision on a held application. Raises ApplicationDecided, ReceivedLater."""
    decided = decide(application, status, sitting_id=sitting_id, decided_on=decided_on, reservations=reservations)
    await repository.save(tx, decided)
    await note_applying(tx, decided.member_id, applying=False)


async def note_carried(tx: Tx, member_ids: Collection[UUID]) -> None:
    """Keep with structures whether an application is to be decided, once theirs were carried from one to another."""
    applying = await repository.applying(tx, list(member_ids))
    for member_id in sorted(applying ^ await applying_among(tx, member_ids)):
        await note_applying(tx, member_id, applying=member_id in applying)


async def _held(tx: Tx, grant: Grant, application_id: UUID) -> Application:
    await queries.reached(tx, grant, application_id)
    [application] = (await repository.get_many_for_update(tx, [application_id])).values()
    return application


async def _held_version(tx: Tx, grant: Grant, application_id: UUID, if_match: str | None) -> Application:
    application = await _held(tx, grant, application_id)
    await check_version(if_match, application.version, partial(queries.find_application, tx, grant, application_id))
    return application


async def _next_version(tx: Tx, application: Application) -> None:
    await repository.save_version(tx, application.id, application.version + 1)
