"""The mails of a service, as ops see them: what became of each, and one more try. Never what they say, nor to whom."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import select

from common import mail
from common.door import Door, ReadDep, TxDep
from common.mail import MAIL, MailNotFound, MailNotRetryable, MailStatus, masked
from common.pagination import NEXT_PAGE, PAGE_SIZE, Page, page_of
from common.problem import problems
from common.rights import CommonAct, Grant, allow
from common.types import Schema

_SHOWN = ("id", "recipient", "message_id", "status", "posted_at", "settled_at", "next_at", "attempts", "reply")
_MAILS = select(*(MAIL.c[name] for name in _SHOWN))

MayOperateMails = Annotated[Grant, Depends(allow(CommonAct.OPERATE_MAILS))]
router = APIRouter(prefix="/mails", tags=["Courriels"], route_class=Door)


class MailOut(Schema):
    """Un courriel et ce qu'il est devenu ; ni son objet, ni son texte."""

    id: UUID
    recipient: str = Field(description="Masqué", examples=["m…@exemple.fr"])
    message_id: str = Field(description="Son nom chez tous les serveurs, le même à chaque envoi")
    status: MailStatus
    posted_at: datetime
    settled_at: datetime | None = Field(description="Quand il a été envoyé, refusé ou abandonné")
    next_at: datetime | None = Field(description="Prochain essai, s'il est à envoyer")
    attempts: int = Field(description="Essais, depuis qu'il est à envoyer")
    reply: str | None = Field(
        description="Dernière réponse du serveur, adresses masquées", examples=["250 2.0.0 Ok: queued as 4XYZ"]
    )
    allowed_actions: list[str]


@router.get("", operation_id="listMails", summary="Les courriels de ce service")
async def list_mails(
    read: ReadDep,
    _: MayOperateMails,
    status: Annotated[list[MailStatus] | None, Query(description="Ne garder que ces états")] = None,
    cursor: Annotated[UUID | None, Query(description=NEXT_PAGE)] = None,
    limit: Annotated[int, Query(ge=1, le=200, description=PAGE_SIZE)] = 50,
) -> Page[MailOut]:
    """Du plus récent au plus ancien ; ceux que l'on garde encore."""
    query = _MAILS.order_by(MAIL.c.id.desc()).limit(limit + 1)
    if status:
        query = query.where(MAIL.c.status.in_(status))
    if cursor is not None:
        query = query.where(MAIL.c.id < cursor)
    rows = (await read.session.execute(query)).all()
    return page_of([_out(row) for row in rows], limit, lambda one: one.id)


@router.post(
    "/{mail_id}/retry",
    operation_id="retryMail",
    summary="Tenter de nouveau l'envoi d'un courriel",
    responses=problems(MailNotFound, MailNotRetryable),
)
async def retry(mail_id: UUID, tx: TxDep, _: MayOperateMails) -> MailOut:
    """Un courriel refusé ou abandonné est de nouveau à envoyer, pour cinq jours d'essais."""
    await mail.retry(tx, mail_id)
    return _out((await tx.session.execute(_MAILS.where(MAIL.c.id == mail_id))).one())


def _out(row: Any) -> MailOut:
    status = MailStatus(row.status)
    return MailOut(
        id=row.id,
        recipient=masked(row.recipient),
        message_id=row.message_id,
        status=status,
        posted_at=row.posted_at,
        settled_at=row.settled_at,
        next_at=row.next_at if status is MailStatus.WAITING else None,
        attempts=row.attempts,
        reply=masked(row.reply) if row.reply else None,
        allowed_actions=["retry"] if status in mail.RETRYABLE else [],
    )
