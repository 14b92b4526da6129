"""What people do with a renewal: open it, tell the members, record letters and returns, make exceptions, refuse.

A renewal is held before its structures: two who send at once do not tell a structure twice.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from common.dated import rule_on
from common.errors import Refusal
from common.identifiers import new_id
from common.jobs import ReceiptLine, enqueue
from common.moments import whole_days
from common.rights import Grant, Scope
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import Audience, Source, Told
from membership.members import use_cases as members
from membership.members.domain import Departure, DepartureCause, Member, Topic, renew
from membership.members.queries import entries_of, require_not_merged
from membership.members.use_cases import Why
from membership.notices import use_cases as notices
from membership.notices.domain import require_past
from membership.notices.schemas import LettersIn, ReturnIn
from membership.renewals import queries, repository
from membership.renewals.domain import (
    RENEWABLE,
    Line,
    Renewal,
    RenewalState,
    open_renewal,
    refusal_in_force,
    require_excepted,
    require_exceptional,
    require_in_time,
    require_open_window,
    require_refused,
    require_staying,
    require_untold,
    require_year,
    said_on,
)
from membership.renewals.schemas import ExceptionsIn, OptOutIn
from membership.rights import Act
from membership.territory.domain import NETWORK_ZONE

NOTIFY = "renewals.notify"


async def open_year(tx: Tx, year: int) -> UUID:
    """Open the renewal of a year, with the days of the rule in force; return its id.

    Raises RenewalTooEarly, RenewalExists, RuleMissing.
    """
    require_year(year, tx.today)
    renewal = open_renewal(new_id(), year, rule_on(queries.renewal_rules(), date(year - 1, 12, 31)))
    await repository.add(tx, renewal)
    await agenda.tell(tx, [_deadline(renewal)])
    return renewal.id


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what it shows: by night, what was done while it did not listen yet."""
    for renewal_id in await repository.ids_since(tx, dates.shown_since(tx)):
        await agenda.tell(tx, [_deadline(repository.to_domain(await repository.hold(tx, renewal_id)))])


def _deadline(renewal: Renewal) -> Told:
    """Return what the agenda shows of a renewal: by when each structure has been told of it."""
    return Told(
        id=renewal.id,
        source=Source.RENEWALS,
        kind="renewal_deadline",
        title=f"Renouvellement {renewal.year} : les structures en sont informées au plus tard ce jour",
        when=whole_days(renewal.notice_until, renewal.notice_until, NETWORK_ZONE),
        audience=Audience.MEMBERS,
    )


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

    Raises RenewalNotFound, NoticeWindowClosed, RuleMissing.
    """
    renewal = await _held(tx, renewal_id)
    require_open_window(renewal, tx.today)
    lines = await queries.lines_in(tx, renewal, [RenewalState.TO_NOTIFY], after=after, limit=limit)
    write = queries.writer(renewal, tx.today)
    return await notices.send_mails(tx, renewal.about, [line.member for line in lines], write, done)


async def record_letters(tx: Tx, grant: Grant, renewal_id: UUID, posted: LettersIn) -> None:
    """Record letters that were posted: all of them, or none.

    Raises RenewalNotFound, NotUpForRenewal, DayNotCome, NoticeWindowClosed, NoticeNotNeeded, NoPostalAddress,
    RuleMissing.
    """
    renewal = await _held(tx, renewal_id)
    require_past(posted.posted_on, tx.today)
    require_open_window(renewal, posted.posted_on)
    lines = await queries.lines_of(tx, grant, renewal, list(posted.numbers))
    require_untold(lines, renewal)
    write = queries.writer(renewal, posted.posted_on)
    await notices.record_letters(tx, renewal.about, [line.member for line in lines], write, posted)


async def record_return(tx: Tx, renewal_id: UUID, notice_id: UUID, returned: ReturnIn) -> UUID:
    """Record that a notice came back: it proves nothing any more. Return whose it was.

    Raises RenewalNotFound, NoticeNotFound, DayNotCome, NoticeNotSent, ReturnedBeforeSent.
    """
    renewal = await _held(tx, renewal_id)
    return await notices.record_return(tx, renewal.about, notice_id, Act.RUN_RENEWALS, returned)


async def make_exceptions(tx: Tx, grant: Grant, renewal_id: UUID, wanted: ExceptionsIn) -> None:
    """Renew structures although they could not be told in time: on 1 January, or at once if it has come.

    Raises RenewalNotFound, NotUpForRenewal, ExceptionNotNeeded, MemberNotFound, and what ``renew`` raises.
    """
    renewal = await _held(tx, renewal_id)
    lines = await queries.lines_of(tx, grant, renewal, wanted.members)
    require_exceptional(lines, renewal)
    await repository.add_exceptions(tx, renewal.id, [line.member.id for line in lines], wanted.reason)
    if tx.today >= renewal.renews_on:
        held = await members.hold(tx, [line.member.id for line in lines])
        for member in held.values():
            await _renew(tx, renewal, member, wanted.reason)


async def withdraw_exceptions(tx: Tx, grant: Grant, renewal_id: UUID, wanted: ExceptionsIn) -> None:
    """Take exceptions back before they renew. Raises RenewalNotFound, NotUpForRenewal, NoException."""
    renewal = await _held(tx, renewal_id)
    lines = await queries.lines_of(tx, grant, renewal, wanted.members)
    require_excepted(lines)
    await repository.withdraw_exceptions(tx, renewal.id, wanted.members, wanted.reason)


async def opt_out(
    tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID, if_match: str | None, said: OptOutIn
) -> None:
    """Record that a structure refuses to be renewed: it leaves on 1 January.

    Raises RenewalNotFound, NotUpForRenewal, MemberNotFound, SaidAnotherDay, DayNotCome, OptOutTooLate, NotAMember,
    StatusContradicted, NotInRegisterThen, SirenTaken, PreconditionMissing, PreconditionFailed.
    """
    day = said_on(said.said_on, tx.today, by_itself=grant.scope is Scope.OWN)
    renewal, member = await _concerned(tx, grant, renewal_id, member_id, if_match)
    [line] = await queries.lines_of(tx, grant, renewal, [member_id])
    require_staying(line, tx.today)
    require_in_time(renewal, day, tx.today)
    why = Why(said.reason, source=f"renewal:{renewal.id}")
    departure = Departure(renewal.renews_on, DepartureCause.NOT_RENEWED, said_on=day)
    await members.depart(tx, member, departure, why)


async def withdraw_opt_out(
    tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID, if_match: str | None, reason: str
) -> None:
    """Take the refusal of this renewal back before 1 January; a departure that had given way to it stands again.

    Raises RenewalNotFound, NotUpForRenewal, MemberNotFound, NoOptOut, StatusContradicted, SirenTaken,
    PreconditionMissing, PreconditionFailed.
    """
    renewal, member = await _concerned(tx, grant, renewal_id, member_id, if_match)
    known = await entries_of(tx, [member.id], [Topic.STATUS])
    refusal = require_refused(refusal_in_force(known[member.id], renewal), renewal, member.name, tx.today)
    await members.withdraw(tx, member, [refusal], reason)


async def renew_slice(tx: Tx, renewal_id: UUID, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Renew the next structures that were told in time, or for which an exception is made; say what became of each.

    One that cannot be renewed stays as it is, for a person to look at; the others go on. Raises RenewalNotFound.
    """
    renewal = await _held(tx, renewal_id)
    lines = await queries.lines_in(tx, renewal, RENEWABLE, after=after, limit=limit)
    held = await members.hold(tx, [line.member.id for line in lines], merged=True)
    exceptions = await queries.exceptions_of(tx, renewal, list(held))
    receipt = []
    for row, line in enumerate(lines, start=done + 1):
        member = held[line.member.id]
        outcome = ReceiptLine(row, "renewed", subject_id=member.id, reference=member.reference)
        try:
            async with tx.savepoint():
                await require_not_merged(tx, member)
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


async def _concerned(
    tx: Tx, grant: Grant, renewal_id: UUID, member_id: UUID, if_match: str | None
) -> tuple[Renewal, Member]:
    """Return a renewal and one of its structures, held, in the version that the caller has read.

    Raises RenewalNotFound, NotUpForRenewal, MemberNotFound, PreconditionMissing, PreconditionFailed.
    """
    renewal = await _held(tx, renewal_id)
    await queries.lines_of(tx, grant, renewal, [member_id])
    return renewal, await members.hold_version(tx, grant, member_id, if_match)


def _told_on(line: Line) -> str:
    return f"informée le {line.standing.notified_on:%d/%m/%Y}"
