"""What people do with a renewal: open it, tell the members, record letters and returns, make exceptions, refuse.

A renewal is held before its structures: two who send at once do not tell a structure twice.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

from common.dated import rule_on
from common.errors import Refusal
from common.identifiers import new_id
from common.jobs import ReceiptLine, enqueue
from common.mail import Mail, post
from common.rights import Grant, Scope
from common.transaction import Tx
from membership.members import use_cases as members
from membership.members.domain import Departure, DepartureCause, Member, Topic, announced_departure, renew
from membership.members.queries import entries_of
from membership.members.use_cases import Why
from membership.renewals import documents, queries, repository
from membership.renewals.domain import (
    RENEWABLE,
    Line,
    NoNoticeSent,
    NoOptOut,
    NoticeStatus,
    PostedLetter,
    Renewal,
    RenewalState,
    SaidAnotherDay,
    open_renewal,
    require_excepted,
    require_exceptional,
    require_in_time,
    require_open_window,
    require_past,
    require_untold,
    require_year,
)
from membership.renewals.schemas import ExceptionsIn, LettersIn, OptOutIn, ReturnIn

NOTIFY = "renewals.notify"


async def open_year(tx: Tx, year: int) -> UUID:
    """Open the renewal of a year, with the days of the rule in force; return its id.

    Raises RenewalTooEarly, RenewalExists, RuleMissing.
    """
    require_year(year, tx.today)
    renewal = open_renewal(new_id(), year, rule_on(queries.renewal_rules(), date(year - 1, 12, 31)))
    await repository.add(tx, renewal)
    return renewal.id


async def ask_to_notify(tx: Tx, renewal_id: UUID) -> UUID:
    """Ask for a mail to every member to be told that can be reached by one; return the job's id.

    Raises RenewalNotFound, NoticeWindowClosed.
    """
    row = await repository.hold(tx, renewal_id)
    require_open_window(repository.to_domain(row), tx.today)
    row.job_id = await enqueue(tx, NOTIFY, subject_id=renewal_id)
    return row.job_id


async def notify_slice(tx: Tx, renewal_id: UUID, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Send a mail to the next structures to be told that can be reached by one; say what became of each.

    Raises RenewalNotFound, NoticeWindowClosed.
    """
    renewal = await _held(tx, renewal_id)
    require_open_window(renewal, tx.today)
    lines = await queries.lines_in(tx, renewal, [RenewalState.TO_NOTIFY], after=after, limit=limit)
    people = await queries.reachable(tx, renewal, lines)
    mailed = [(line.member, person) for line in lines if (person := people.get(line.member.id)) and person.email]
    mails = [
        Mail(recipient=person.email, subject=documents.subject(renewal), text=documents.notice_text(renewal, member))
        for member, person in mailed
        if person.email
    ]
    ids = await post(tx, mails)
    sent = [(member.id, person.contact_id, mail_id) for (member, person), mail_id in zip(mailed, ids, strict=True)]
    await repository.add_mails(tx, renewal.id, sent)
    told = {member_id for member_id, _, _ in sent}
    return [_told(row, line.member, mailed=line.member.id in told) for row, line in enumerate(lines, start=done + 1)]


async def record_letters(tx: Tx, grant: Grant, renewal_id: UUID, posted: LettersIn) -> None:
    """Record letters that were posted: all of them, or none.

    Raises RenewalNotFound, NotUpForRenewal, PostedInFuture, NoticeWindowClosed, NoticeNotNeeded.
    """
    renewal = await _held(tx, renewal_id)
    require_past(posted.posted_on, tx.today)
    require_open_window(renewal, posted.posted_on)
    lines = await queries.lines_of(tx, grant, renewal, [letter.member_id for letter in posted.letters])
    require_untold(_states(lines), renewal)
    numbers = {letter.member_id: letter.tracking_number for letter in posted.letters}
    letters = [
        PostedLetter(
            member_id=line.member.id,
            posted_on=posted.posted_on,
            tracking_number=numbers[line.member.id],
            recipient=documents.postal_address(line.member),
            text=documents.notice_text(renewal, line.member),
        )
        for line in lines
    ]
    await repository.add_letters(tx, renewal.id, letters)


async def record_return(tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID, returned: ReturnIn) -> None:
    """Record that the last notice to a structure came back: it proves nothing any more.

    Raises RenewalNotFound, NotUpForRenewal, NoNoticeSent, PostedInFuture.
    """
    renewal = await _held(tx, renewal_id)
    [line] = await queries.lines_of(tx, grant, renewal, [member_id])
    require_past(returned.returned_on, tx.today)
    notices = await repository.notices_of(tx, renewal.id, [member_id])
    if not notices or notices[-1].status is not NoticeStatus.SENT:
        raise NoNoticeSent(f"Aucun envoi à {line.member.name} ne peut être revenu.")
    await repository.save_return(tx, notices[-1].id, returned.returned_on, returned.reason)


async def make_exceptions(tx: Tx, grant: Grant, renewal_id: UUID, wanted: ExceptionsIn) -> None:
    """Renew structures although they could not be told in time: on 1 January, or at once if it has come.

    Raises RenewalNotFound, NotUpForRenewal, ExceptionNotNeeded, and what ``renew`` raises.
    """
    renewal = await _held(tx, renewal_id)
    lines = await queries.lines_of(tx, grant, renewal, wanted.members)
    require_exceptional(_states(lines), renewal)
    await repository.add_exceptions(tx, renewal.id, [line.member.id for line in lines], wanted.reason)
    if tx.today >= renewal.renews_on:
        held = await members.hold(tx, [line.member.id for line in lines])
        for member in held.values():
            await _renew(tx, renewal, member, wanted.reason)


async def withdraw_exceptions(tx: Tx, grant: Grant, renewal_id: UUID, wanted: ExceptionsIn) -> None:
    """Take exceptions back before they renew. Raises RenewalNotFound, NotUpForRenewal, NoException."""
    renewal = await _held(tx, renewal_id)
    lines = await queries.lines_of(tx, grant, renewal, wanted.members)
    require_excepted(_states(lines))
    await repository.withdraw_exceptions(tx, renewal.id, wanted.members, wanted.reason)


async def opt_out(tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID, said: OptOutIn) -> None:
    """Record that a structure refuses to be renewed: it leaves on 1 January.

    Raises RenewalNotFound, NotUpForRenewal, SaidAnotherDay, PostedInFuture, OptOutTooLate, NotAMember,
    StatusContradicted, NotInRegisterThen, SirenTaken.
    """
    said_on = said.said_on or tx.today
    if grant.scope is Scope.OWN and said_on != tx.today:
        raise SaidAnotherDay("Un refus dit un autre jour est enregistré par la fédération.")
    renewal, member = await _concerned(tx, grant, renewal_id, member_id)
    require_in_time(renewal, said_on, tx.today)
    why = Why(said.reason, source=f"opt-out:{said_on.isoformat()}")
    await members.depart(tx, member, Departure(renewal.renews_on, DepartureCause.NOT_RENEWED), why)


async def withdraw_opt_out(tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID, reason: str) -> None:
    """Take a refusal back before 1 January.

    Raises RenewalNotFound, NotUpForRenewal, NoOptOut, StatusContradicted, SirenTaken.
    """
    renewal, member = await _concerned(tx, grant, renewal_id, member_id)
    known = await entries_of(tx, [member.id], [Topic.STATUS])
    entry = announced_departure(known[member.id], tx.today)
    refused = entry is not None and (entry.value or {})["cause"] == DepartureCause.NOT_RENEWED.value
    if entry is None or not refused:
        raise NoOptOut(f"{member.name} n'a pas refusé le renouvellement {renewal.year}, ou n'est plus adhérente.")
    await members.withdraw(tx, member, [entry], reason)


async def renew_slice(tx: Tx, renewal: Renewal, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Renew the next structures that were told in time, or for which an exception is made; say what became of each.

    One that cannot be renewed stays as it is, for a person to look at; the others go on.
    """
    lines = await queries.lines_in(tx, renewal, RENEWABLE, after=after, limit=limit)
    held = await members.hold(tx, [line.member.id for line in lines])
    exceptions = await queries.exceptions_of(tx, renewal, list(held))
    receipt = []
    for row, line in enumerate(lines, start=done + 1):
        member = held[line.member.id]
        outcome = ReceiptLine(row, "renewed", subject_id=member.id, reference=member.reference)
        try:
            async with tx.savepoint():
                await _renew(tx, renewal, member, exceptions.get(member.id) or _told_on(line))
        except Refusal as refusal:
            outcome = replace(outcome, outcome="refused", code=refusal.code, message=refusal.message)
        receipt.append(outcome)
    return receipt


async def _renew(tx: Tx, renewal: Renewal, member: Member, reason: str) -> None:
    """Renew a held structure. Raises NotAMember, NotInRegisterThen."""
    why = Why(reason, source=f"renewal:{renewal.id}")
    await members.apply(tx, member, lambda then: renew(then, renewal.year), renewal.renews_on, why)


async def _held(tx: Tx, renewal_id: UUID) -> Renewal:
    return repository.to_domain(await repository.hold(tx, renewal_id))


async def _concerned(tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID) -> tuple[Renewal, Member]:
    """Return a renewal and one of its structures, held. Raises RenewalNotFound, NotUpForRenewal."""
    renewal = await _held(tx, renewal_id)
    await queries.lines_of(tx, grant, renewal, [member_id])
    return renewal, (await members.hold(tx, [member_id]))[member_id]


def _states(lines: Collection[Line]) -> dict[str, RenewalState]:
    return {line.member.name: line.state for line in lines}


def _told_on(line: Line) -> str:
    return f"informée le {line.standing.notified_on:%d/%m/%Y}"


def _told(row: int, member: Member, *, mailed: bool) -> ReceiptLine:
    line = ReceiptLine(row, "mailed", subject_id=member.id, reference=member.reference)
    if mailed:
        return line
    return replace(
        line, outcome="letter_needed", code="no_mail_address", message=f"Aucun courriel n'atteint {member.name}."
    )
