"""Mails of a test: letters to send, and what becomes of them."""

from datetime import timedelta
from uuid import UUID

from common.mail import Mail, MailStatus, Posted, post, posted
from common.mail_sending import Patience
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

WRITER = Actor("writer")
SOON = Patience(first_wait=timedelta(milliseconds=10), longest_wait=timedelta(milliseconds=50))
LETTER = Mail(
    recipient="accueil@asso.example",
    subject="Votre carnet de l'été : ce qui change à la rentrée, et ce qu'il faut nous renvoyer d'ici là",
    text="Bonjour,\n\nL'été s'achève.\n.\nÀ bientôt — l'équipe\n",
)


def letters(count: int) -> list[Mail]:
    return [Mail(recipient="accueil@asso.example", subject=f"n° {number}", text="…") for number in range(count)]


async def mailed(service: ServiceUnderTest, *mails: Mail) -> list[UUID]:
    async with service.runtime.database.transaction(WRITER) as tx:
        return await post(tx, mails)


async def found(service: ServiceUnderTest, mail_id: UUID) -> Posted:
    async with service.runtime.database.reading(WRITER) as read:
        return (await posted(read, [mail_id]))[mail_id]


async def becomes(service: ServiceUnderTest, mail_id: UUID, status: MailStatus) -> Posted:
    async def seen() -> Posted | None:
        mail = await found(service, mail_id)
        return mail if mail.status is status else None

    return await eventually(seen, awaited=f"a mail {status}")


async def was_tried(service: ServiceUnderTest, mail_id: UUID, times: int = 1) -> bool:
    return (await found(service, mail_id)).attempts >= times
