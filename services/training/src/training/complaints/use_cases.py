"""What is done with complaints: anybody files one; the training team records, answers and ends it; it is reopened.

Who complained is kept in one place, and leaves it whole.
"""

from functools import partial
from secrets import token_urlsafe

from common.contracts.roles import Role
from common.dated import rule_on
from common.etags import check_version
from common.idempotency import forget_answers
from common.identifiers import new_id
from common.mail import Mail, forget, post, withdraw
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from training.complaints import documents, repository
from training.complaints.domain import complaint as domain
from training.complaints.domain.complaint import (
    Channel,
    Complaint,
    ComplaintKind,
    ComplaintStep,
    TextRole,
)
from training.complaints.queries import complaints as queries
from training.complaints.schemas import (
    CloseIn,
    ComplaintActionIn,
    ComplaintIn,
    ComplaintRecordIn,
    FiledOut,
)
from training.complaints.tables import ComplainantRow
from training.improvements.domain.actions import Plan
from training.improvements.use_cases import link_complaint, plan_for_complaint

_ENTITY = "formation"
_BY_LINK = "complainant"


async def file(tx: Tx, given: ComplaintIn) -> FiledOut:
    """File a complaint, as anybody may; a structure's account files it as its own. Raises RuleMissing.

    Nothing is sent: whoever wrote an address may not be who reads there.
    """
    member_id = tx.actor.member_id if Role.MEMBER in tx.actor.roles else None
    channel = Channel.FORM if member_id is None else Channel.ACCOUNT
    said = ComplaintRecordIn(**given.model_dump(), channel=channel, member_id=member_id)
    complaint = await _receive(tx, said)
    return FiledOut(
        reference=complaint.reference,
        received_on=complaint.received_on,
        acknowledge_due_on=complaint.acknowledge_due_on,
        answer_due_on=complaint.answer_due_on,
        key=await _new_key(tx, complaint),
    )


async def record(tx: Tx, given: ComplaintRecordIn) -> str:
    """Record what came by another way; return its reference. Raises ReceivedInFuture, RuleMissing."""
    return (await _receive(tx, given)).reference


async def acknowledge(tx: Tx, grant: Grant, reference: str, if_match: str | None) -> None:
    """Say that a complaint was read, by mail if there is an address. Raises ComplaintNotFound, AlreadyAcknowledged."""
    complaint = domain.acknowledge(await _held(tx, grant, reference, if_match), tx.today)
    await repository.save(tx, complaint, ComplaintStep.ACKNOWLEDGE, tx.actor.subject)
    who = await repository.complainant(tx, complaint.id)
    if who is not None and who.email is not None:
        key = await _new_key(tx, complaint)
        await _send(tx, who, documents.acknowledgement(complaint, who.email, key, tx.public_url))


async def answer(tx: Tx, grant: Grant, reference: str, if_match: str | None, text: str) -> None:
    """Answer a complaint, by mail if there is an address. Raises ComplaintNotFound, NothingToAnswer."""
    complaint = domain.answer(await _held(tx, grant, reference, if_match), tx.today)
    await repository.save(tx, complaint, ComplaintStep.ANSWER, tx.actor.subject, {TextRole.ANSWER: text})
    who = await repository.complainant(tx, complaint.id)
    if who is not None and who.email is not None:
        key = await _new_key(tx, complaint)
        await _send(tx, who, documents.answer(complaint, who.email, text, key, tx.public_url))


async def plan_action(tx: Tx, grant: Grant, reference: str, if_match: str | None, given: ComplaintActionIn) -> None:
    """Plan an improvement action about a complaint.

    Raises ComplaintNotFound, AlreadyClosed, IndicatorUnknown, DueInPast, RuleMissing.
    """
    complaint = await _held(tx, grant, reference, if_match)
    await repository.save_version(tx, domain.tie(complaint))
    indicators = tuple(sorted(set(given.indicators)))
    plan = Plan(title=given.title, indicators=indicators, owner=given.owner, due_on=given.due_on)
    await plan_for_complaint(tx, plan, queries.cause_of(complaint))


async def link_action(tx: Tx, grant: Grant, reference: str, if_match: str | None, action: str) -> None:
    """Tie an action that is planned already to a complaint.

    Raises ComplaintNotFound, AlreadyClosed, ActionNotFound, CauseApart.
    """
    complaint = await _held(tx, grant, reference, if_match)
    await repository.save_version(tx, domain.tie(complaint))
    await link_complaint(tx, action, queries.cause_of(complaint))


async def close(tx: Tx, grant: Grant, reference: str, if_match: str | None, given: CloseIn) -> None:
    """End a complaint: its cause, and an action or why there is none.

    Raises ComplaintNotFound, AlreadyClosed, NotAnswered, FollowUpMissing, FollowUpContradicted.
    """
    complaint = await _held(tx, grant, reference, if_match)
    has_actions = bool(await queries.actions_about(tx, complaint))
    ended = domain.close(complaint, tx.today, has_actions=has_actions, has_reason=given.no_action is not None)
    texts = {TextRole.CAUSE: given.cause, **({TextRole.NO_ACTION: given.no_action} if given.no_action else {})}
    await repository.save(tx, ended, ComplaintStep.CLOSE, tx.actor.subject, texts)


async def reopen(tx: Tx, grant: Grant, reference: str, if_match: str | None, text: str) -> None:
    """Take a complaint up again, as its answer does not satisfy. Raises ComplaintNotFound, NotAnswered, RuleMissing."""
    await _reopen(tx, await _held(tx, grant, reference, if_match), text, tx.actor.subject)


async def reopen_by_link(tx: Tx, key: str, if_match: str | None, text: str) -> None:
    """Do the same for whoever has the link. Raises ComplaintLinkNotFound, NotAnswered, RuleMissing."""
    complaint = await repository.hold(tx, (await queries.opened_by(tx, key)).id)
    await check_version(if_match, complaint.version, partial(queries.follow, tx, key))
    await _reopen(tx, complaint, text, _BY_LINK)


async def erase(tx: Tx, grant: Grant, reference: str, if_match: str | None, *, texts: bool) -> None:
    """Forget who complained: name, address, links, mails; on demand what was written. What was done stays.

    Raises ComplaintNotFound, AlreadyErased, ErasedTooEarly.
    """
    complaint = domain.erase(await _held(tx, grant, reference, if_match), tx.today)
    who = await repository.complainant(tx, complaint.id)
    if who is not None:
        await withdraw(tx, who.mail_ids, wait=True)
        await forget(tx, who.mail_ids)
    await forget_answers(tx, complaint.reference)
    await repository.forget(tx, complaint.id, texts=texts)
    await repository.save(tx, complaint, ComplaintStep.ERASE, tx.actor.subject)


async def _receive(tx: Tx, given: ComplaintRecordIn) -> Complaint:
    received_on = given.received_on or tx.today
    domain.require_received(received_on, tx.today)
    rule = rule_on(queries.deadlines(), received_on)
    acknowledge_due_on = domain.acknowledge_due(rule, received_on)
    [reference] = await take_numbers(tx, Series(_ENTITY, _journal(given.kind), tx.today.year), 1)
    complaint = Complaint(
        id=new_id(),
        reference=reference,
        kind=given.kind,
        channel=given.channel,
        member_id=given.member_id,
        session=given.session,
        programme=given.programme,
        received_on=received_on,
        acknowledge_due_on=acknowledge_due_on,
        answer_due_on=domain.answer_due(rule, received_on),
        due_on=acknowledge_due_on,
    )
    await repository.add(tx, complaint, tx.actor.subject, given.text)
    await repository.keep_complainant(tx, complaint.id, given.name, given.email)
    return complaint


def _journal(kind: ComplaintKind) -> str:
    """Return the series of a reference: reports have their own, as a hole in the other would tell of one."""
    return "SIG" if kind.is_restricted else "REC"


async def _reopen(tx: Tx, complaint: Complaint, text: str, by: str) -> None:
    opened = domain.reopen(complaint, rule_on(queries.deadlines(), tx.today), tx.today)
    await repository.save(tx, opened, ComplaintStep.REOPEN, by, {TextRole.DISSATISFACTION: text})


async def _held(tx: Tx, grant: Grant, reference: str, if_match: str | None) -> Complaint:
    found = await queries.reached(tx, grant, reference)
    complaint = await repository.hold(tx, found.id)
    await check_version(if_match, complaint.version, partial(queries.find_complaint, tx, grant, reference))
    return complaint


async def _new_key(tx: Tx, complaint: Complaint) -> str:
    key = token_urlsafe(32)
    await repository.open_link(tx, complaint.id, queries.digest(key))
    return key


async def _send(tx: Tx, who: ComplainantRow, mail: Mail) -> None:
    [mail_id] = await post(tx, [mail])
    await repository.note_mail(tx, who, mail_id)
