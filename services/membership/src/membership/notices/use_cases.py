"""Writing to structures so that it can be proven: mails that go once, letters that were posted, what came back.

Whoever calls holds what the notices are about: two who send at once do not tell a structure twice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from common.errors import Blocker
from common.jobs import ReceiptLine
from common.mail import Mail, forget, post, withdraw
from common.transaction import Tx
from membership.members.domain import Member
from membership.members.queries import allowed_on
from membership.notices import queries, repository
from membership.notices.domain import (
    About,
    Means,
    NoticeNotFound,
    NoticePurpose,
    PostedLetter,
    is_kept,
    letter_address,
    postal_address,
    reach_of,
    require_past,
    require_postable,
    require_returnable,
    require_sent_before,
    why_unmailed,
)
from membership.notices.queries import Write
from membership.notices.schemas import LettersIn, ReturnIn
from membership.rights import Act


async def send_mails(
    tx: Tx, about: About, members: Sequence[Member], write: Write, done: int, *, late_reason: str | None = None
) -> list[ReceiptLine]:
    """Send a mail to those structures that can be reached by one; say what became of each, after ``done`` others.

    Raises RuleMissing.
    """
    people = await queries.reachable(tx, about, [member.id for member in members])
    kept_days = queries.keeping_rule(about.purpose, tx.today).days
    mailed = [
        (member, person.contact_id, _mail(write, member, person.email, kept_days))
        for member in members
        if (person := people.get(member.id)) and person.email
    ]
    ids = await post(tx, [mail for _, _, mail in mailed])
    sent = [(member.id, contact_id, mail_id) for (member, contact_id, _), mail_id in zip(mailed, ids, strict=True)]
    await repository.add_mails(tx, about, sent, late_reason)
    reaches = {member.id: reach_of(member, people.get(member.id)) for member in members}
    return [
        _receipt(row, member, why_unmailed(member, reaches[member.id])) for row, member in enumerate(members, done + 1)
    ]


def _mail(write: Write, member: Member, recipient: str, kept_days: int) -> Mail:
    written = write(member, Means.MAIL)
    return Mail(recipient=recipient, subject=written.subject, text=written.text, kept_days=kept_days)


async def record_letters(
    tx: Tx, about: About, members: Sequence[Member], write: Write, posted: LettersIn, *, late_reason: str | None = None
) -> None:
    """Record letters that were posted: all of them, or none. Raises DayNotCome, NoPostalAddress."""
    require_past(posted.posted_on, tx.today)
    require_postable(members)
    letters = [
        PostedLetter(
            member_id=member.id,
            posted_on=posted.posted_on,
            tracking_number=posted.numbers[member.id],
            recipient=postal_address(member, address),
            subject=written.subject,
            text=written.text,
        )
        for member in members
        if (address := letter_address(member)) is not None and (written := write(member, Means.LETTER))
    ]
    await repository.add_letters(tx, about, letters, late_reason)


async def record_return(tx: Tx, about: About, notice_id: UUID, act: Act, returned: ReturnIn) -> UUID:
    """Record that a notice came back: it proves nothing any more. Return whose it was.

    Raises NoticeNotFound, DayNotCome, NoticeNotSent, ReturnedBeforeSent.
    """
    member_id = await repository.member_told(tx, about, notice_id)
    found = [one for one in await repository.notices_of(tx, about, [member_id]) if one.id == notice_id]
    within = await allowed_on(tx, act, [member_id])
    if not found or member_id not in within:
        raise NoticeNotFound("Cet envoi n'existe plus, ou n'est pas dans votre périmètre.")
    require_past(returned.returned_on, tx.today)
    require_returnable(found[0])
    require_sent_before(found[0], returned.returned_on)
    await repository.save_return(tx, notice_id, returned.returned_on, returned.reason)
    return member_id


async def take_back(tx: Tx, about: About, member_id: UUID | None = None) -> None:
    """Take back what was written, to all or to a structure, and has not gone yet: it has no use any more."""
    member_ids = None if member_id is None else [member_id]
    await _withdraw(tx, await repository.mails_about(tx, about, member_ids))


async def forget_people(tx: Tx, contact_ids: Collection[UUID]) -> None:
    """Send nothing more to some people, and forget where reminders went, and what they said.

    What has not gone proves nothing yet, and can be sent to whoever comes after them; a reminder never does.
    """
    await _withdraw(tx, await repository.mails_to(tx, contact_ids, *NoticePurpose))
    await forget(tx, (await repository.mails_to(tx, contact_ids, NoticePurpose.REMINDER)).values())


async def forget_old(tx: Tx) -> int:
    """Forget what was kept for long enough, or of which the mail was; return how many. Raises RuleMissing."""
    days = [
        (purpose, day)
        for purpose, day in await repository.posting_days(tx)
        if not is_kept(day, queries.keeping_rule(purpose, day), tx.today)
    ]
    return await repository.drop_letters(tx, days) + await repository.drop_unproven(tx)


async def _withdraw(tx: Tx, mails: Mapping[UUID, UUID]) -> None:
    """Take mails back that were not sent yet, with the notices they are of."""
    if mails:
        gone = await withdraw(tx, mails.values(), wait=True)
        await repository.drop(tx, [notice_id for notice_id, mail_id in mails.items() if mail_id in gone])


def _receipt(row: int, member: Member, unmailed: Blocker | None) -> ReceiptLine:
    line = ReceiptLine(row, "mailed", subject_id=member.id, reference=member.reference)
    if unmailed is None:
        return line
    outcome = "unreachable" if unmailed.code == "no_address" else "letter_needed"
    return replace(line, outcome=outcome, code=unmailed.code, message=unmailed.message)
