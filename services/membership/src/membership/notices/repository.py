"""Loads and saves notices; the only writer of their table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlmodel import col

from common.clock import legal_day
from common.identifiers import new_id
from common.mail import MAIL, MailStatus, Posted, posted
from common.transaction import Read, Tx
from membership.contacts.domain import Trace
from membership.notices.domain import (
    About,
    Means,
    Notice,
    NoticeNotFound,
    NoticePurpose,
    NoticeStatus,
    PostedLetter,
    trace_of,
)
from membership.notices.tables import NoticeRow


async def add_mails(
    tx: Tx, about: About, mails: Sequence[tuple[UUID, UUID, UUID]], late_reason: str | None = None
) -> None:
    """Record mails by structure: its id, the contact's, the mail's."""
    rows = [
        {**_notice(tx, about, member_id, Means.MAIL, late_reason), "contact_id": contact_id, "mail_id": mail_id}
        for member_id, contact_id, mail_id in mails
    ]
    if rows:
        await tx.session.execute(insert(NoticeRow), rows)


async def add_letters(tx: Tx, about: About, letters: Sequence[PostedLetter], late_reason: str | None = None) -> None:
    """Record letters that were posted."""
    rows = [{**_notice(tx, about, letter.member_id, Means.LETTER, late_reason), **asdict(letter)} for letter in letters]
    await tx.session.execute(insert(NoticeRow), rows)


def _notice(tx: Tx, about: About, member_id: UUID, means: Means, late_reason: str | None) -> dict[str, object]:
    return {
        "id": new_id(),
        "purpose": about.purpose.value,
        "about": about.key,
        "member_id": member_id,
        "means": means.value,
        "late_reason": late_reason,
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }


async def notices_of(read: Read, about: About, member_ids: Collection[UUID] | None = None) -> list[Notice]:
    """Load the notices of all structures or some, the oldest first, as long as the mails are kept that prove them."""
    query = select(NoticeRow).where(*_about(about))
    if member_ids is not None:
        query = query.where(col(NoticeRow.member_id).in_(member_ids))
    rows = (await read.session.execute(query.order_by(col(NoticeRow.id)))).scalars().all()
    mails = await posted(read, [row.mail_id for row in rows if row.mail_id])
    return [notice for row in rows if (notice := _notice_of(row, mails)) is not None]


async def notices_naming(read: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Load what was sent to some people, the oldest first, as long as the mails are kept that say it."""
    query = select(NoticeRow).where(col(NoticeRow.contact_id).in_(contact_ids)).order_by(col(NoticeRow.id))
    found = [(row, row.contact_id) for row in (await read.session.execute(query)).scalars() if row.contact_id]
    mails = await posted(read, [row.mail_id for row, _ in found if row.mail_id])
    return [
        trace_of(notice, contact_id, NoticePurpose(row.purpose), notice.sent_on or legal_day(notice.recorded_at))
        for row, contact_id in found
        if (notice := _notice_of(row, mails)) is not None
    ]


async def mails_about(read: Read, about: About, member_ids: Collection[UUID] | None = None) -> dict[UUID, UUID]:
    """Return the mails about the same by notice, to all structures or to some."""
    query = select(col(NoticeRow.id), col(NoticeRow.mail_id)).where(*_about(about))
    if member_ids is not None:
        query = query.where(col(NoticeRow.member_id).in_(member_ids))
    return {row.id: row.mail_id for row in await read.session.execute(query) if row.mail_id}


async def mails_to(read: Read, contact_ids: Collection[UUID], *purposes: NoticePurpose) -> dict[UUID, UUID]:
    """Return the mails to some people by notice, of some purposes."""
    query = select(col(NoticeRow.id), col(NoticeRow.mail_id)).where(
        col(NoticeRow.contact_id).in_(contact_ids), col(NoticeRow.purpose).in_(one.value for one in purposes)
    )
    return {row.id: row.mail_id for row in await read.session.execute(query) if row.mail_id}


async def drop(tx: Tx, notice_ids: Collection[UUID]) -> None:
    """Forget notices that were never sent."""
    await tx.session.execute(delete(NoticeRow).where(col(NoticeRow.id).in_(notice_ids)))


async def posting_days(read: Read) -> list[tuple[NoticePurpose, date]]:
    """Return the days on which letters were posted that are kept, with what they were for."""
    query = select(col(NoticeRow.purpose), col(NoticeRow.posted_on)).where(col(NoticeRow.posted_on).is_not(None))
    return [(NoticePurpose(purpose), day) for purpose, day in await read.session.execute(query.distinct()) if day]


async def drop_letters(tx: Tx, days: Collection[tuple[NoticePurpose, date]]) -> int:
    """Forget the letters that were posted on some days; return how many."""
    of_those_days = tuple_(col(NoticeRow.purpose), col(NoticeRow.posted_on)).in_(
        [(one.value, day) for one, day in days]
    )
    gone = await tx.session.execute(delete(NoticeRow).where(of_those_days).returning(col(NoticeRow.id)))
    return len(gone.all())


async def drop_unproven(tx: Tx) -> int:
    """Forget the notices of mails that are kept no more; return how many."""
    kept = exists().where(MAIL.c.id == col(NoticeRow.mail_id))
    statement = delete(NoticeRow).where(col(NoticeRow.mail_id).is_not(None), ~kept).returning(col(NoticeRow.id))
    return len((await tx.session.execute(statement)).all())


def _notice_of(row: NoticeRow, mails: Mapping[UUID, Posted]) -> Notice | None:
    if row.mail_id is None:
        return _letter(row)
    mail = mails.get(row.mail_id)
    return _mailed(row, mail) if mail else None


def _mailed(row: NoticeRow, mail: Posted) -> Notice:
    sent_at = mail.settled_at if mail.status is MailStatus.SENT else None
    return replace(
        _letter(row),
        status=NoticeStatus.RETURNED if row.returned_on else NoticeStatus(mail.status.value),
        sent_on=legal_day(sent_at) if sent_at else None,
        sent_at=sent_at,
        recipient=mail.recipient or None,
        subject=mail.subject,
        message_id=mail.message_id,
        reply=mail.reply,
        text=mail.text or None,
    )


def _letter(row: NoticeRow) -> Notice:
    return Notice(
        id=row.id,
        member_id=row.member_id,
        means=Means(row.means),
        status=NoticeStatus.RETURNED if row.returned_on else NoticeStatus.SENT,
        sent_on=row.posted_on,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        tracking_number=row.tracking_number,
        returned_on=row.returned_on,
        returned_reason=row.returned_reason,
        late_reason=row.late_reason,
    )


async def member_told(read: Read, about: About, notice_id: UUID) -> UUID:
    """Return the structure that a notice went to. Raises NoticeNotFound."""
    row = await read.session.get(NoticeRow, notice_id)
    if row is None or (row.purpose, row.about) != (about.purpose.value, about.key):
        raise NoticeNotFound("Cet envoi n'existe pas ici.")
    return row.member_id


async def save_return(tx: Tx, notice_id: UUID, returned_on: date, reason: str) -> None:
    """Record that a notice came back."""
    statement = update(NoticeRow).where(col(NoticeRow.id) == notice_id)
    await tx.session.execute(statement.values(returned_on=returned_on, returned_reason=reason))


def told(about: About, first: date | None = None, last: date | None = None) -> FromClause:
    """Select by structure when it was told, in a window or at any time, and whether a mail to it is under way.

    ``told_on`` and ``last_told_on`` are the first and the last day on which a notice left that did not come back,
    ``times`` how many did; ``sending`` speaks of every day.
    """
    notice: Any = NoticeRow.__table__.c  # type: ignore[attr-defined]
    in_paris = func.timezone("Europe/Paris", MAIL.c.settled_at)
    sent_on = case((MAIL.c.status == MailStatus.SENT.value, cast(in_paris, Date)), else_=notice.posted_on)
    stayed = notice.returned_on.is_(None)
    left = and_(stayed, sent_on.between(first or date.min, last or date.max))
    waiting = and_(stayed, func.coalesce(MAIL.c.status == MailStatus.WAITING.value, False))
    return (
        select(
            notice.member_id,
            func.min(sent_on).filter(left).label("told_on"),
            func.max(sent_on).filter(left).label("last_told_on"),
            func.count().filter(left).label("times"),
            func.bool_or(waiting).label("sending"),
        )
        .outerjoin(MAIL, MAIL.c.id == notice.mail_id)
        .where(*_about(about))
        .group_by(notice.member_id)
        .subquery()
    )


def _about(about: About) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(NoticeRow.purpose) == about.purpose.value, col(NoticeRow.about) == about.key
