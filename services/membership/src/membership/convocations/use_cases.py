"""What people do to convene: send the mails, record the letters that were posted and what came back.

An assembly is held first: two who send at once do not convene a structure twice.
"""

from uuid import UUID

from common.jobs import ReceiptLine, enqueue
from common.transaction import Tx
from membership.assemblies.domain import AssemblyStatus, ConvocationState, about, late_reason_on
from membership.assemblies.queries import convocations_of
from membership.assemblies.use_cases import hold_meeting
from membership.convocations import queries
from membership.convocations.domain import ConvocationNotNeeded
from membership.convocations.schemas import ConvocationLettersIn
from membership.notices import use_cases as notices
from membership.notices.domain import require_past
from membership.notices.schemas import ReturnIn
from membership.rights import Act

SEND = "convocations.send"
_RECORDED = (AssemblyStatus.CONVENED, AssemblyStatus.OPEN)


async def ask_to_send(tx: Tx, assembly_id: UUID, late_reason: str | None, *, elsewhere: bool) -> UUID:
    """Ask for a mail to every structure that votes and was not convened yet; return the job's id.

    With ``elsewhere``, those too that were, but not from here.

    Raises AssemblyNotFound, AssemblyState, ConvocationTooEarly, ConvocationTooLate, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, AssemblyStatus.CONVENED)
    late_reason_on(meeting.assembly, meeting.rule, tx.today, late_reason)
    return await enqueue(tx, SEND, subject_id=assembly_id, late_reason=late_reason, elsewhere=elsewhere)


async def send_slice(
    tx: Tx,
    assembly_id: UUID,
    done: int,
    late_reason: str | None,
    *,
    after: UUID | None,
    limit: int,
    elsewhere: bool = False,
) -> list[ReceiptLine]:
    """Send a mail to the next structures to convene, in the order of their ids; say what became of each.

    Raises AssemblyNotFound, AssemblyState, ConvocationTooEarly, ConvocationTooLate, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, AssemblyStatus.CONVENED)
    late = late_reason_on(meeting.assembly, meeting.rule, tx.today, late_reason)
    waiting = queries.to_convene(await convocations_of(tx, meeting), elsewhere=elsewhere)
    members = sorted((one.member for one in waiting), key=lambda member: member.id)
    following = [member for member in members if after is None or member.id > after][:limit]
    write = await queries.writer(tx, meeting, tx.today)
    return await notices.send_mails(tx, about(meeting.assembly), following, write, done, late_reason=late)


async def record_letters(tx: Tx, assembly_id: UUID, posted: ConvocationLettersIn) -> None:
    """Record convocations that were posted: all of them, or none.

    Raises AssemblyNotFound, AssemblyState, DayNotCome, ConvocationTooEarly, ConvocationTooLate, ConvocationNotFound,
    ConvocationNotNeeded, NoPostalAddress, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, *_RECORDED)
    require_past(posted.posted_on, tx.today)
    late = late_reason_on(meeting.assembly, meeting.rule, posted.posted_on, posted.late_reason)
    chosen = queries.select(await convocations_of(tx, meeting), posted.numbers)
    told = [one.member.name for one in chosen if one.state in (ConvocationState.SENDING, ConvocationState.CONVENED)]
    if told:
        raise ConvocationNotNeeded(f"Déjà convoquées, ou en cours d'envoi : {', '.join(told[:_NAMED])}.")
    write = await queries.writer(tx, meeting, posted.posted_on)
    members = [one.member for one in chosen]
    await notices.record_letters(tx, about(meeting.assembly), members, write, posted, late_reason=late)


async def record_return(tx: Tx, assembly_id: UUID, notice_id: UUID, returned: ReturnIn) -> UUID:
    """Record that a convocation came back: it proves nothing any more. Return whose it was.

    Raises AssemblyNotFound, AssemblyState, NoticeNotFound, DayNotCome, NoticeNotSent, ReturnedBeforeSent, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, *_RECORDED, AssemblyStatus.CLOSED)
    return await notices.record_return(tx, about(meeting.assembly), notice_id, Act.RUN_ASSEMBLIES, returned)


_NAMED = 5
