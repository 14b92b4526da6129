"""What is done with calendars: give an address, renew it, revoke it; tell a calendar what is, and what is no more.

The reader is held first where an address is given, the address where it is told: of two at once, the second sees what
the first left.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from common.identifiers import new_id
from common.mail import forget as forget_mails
from common.mail import post, withdraw
from common.rights import Grant, Scope
from common.secret_addresses import (
    SecretAddressNotFound,
    digest,
    new_secret,
    require_room,
    require_unrevoked,
)
from common.secret_addresses import (
    revoke as revoked,
)
from common.transaction import Tx
from training.calendars import documents, domain, repository
from training.calendars.domain import CalendarAddress, Reader, Told
from training.calendars.queries.addresses import reached, recipient_of
from training.calendars.queries.half_days import half_days_of
from training.calendars.queries.rules import calendar_rule
from training.calendars.schemas import CalendarFeedIn
from training.trainers.queries import is_erased


async def open_feed(tx: Tx, grant: Grant, given: CalendarFeedIn) -> tuple[CalendarAddress, str]:
    """Give the secret address of somebody's calendar; return it with its path, kept nowhere.

    A person formed who has a mail address is sent it as well.

    Raises TrainerNotFound, TrainerErased, TrainerArchived, TraineeNotFound, MemberUnknown, MemberMerged,
    SecretAddressesTooMany, RuleMissing.
    """
    recipient = await recipient_of(tx, grant, given.reader, given.reader_id)
    rule, secret = calendar_rule(tx.today), new_secret()
    await repository.hold_reader(tx, given.reader_id)
    others = await repository.addresses_of(tx, given.reader, given.reader_id)
    require_room(others, tx.today, rule.feeds_each)
    address = CalendarAddress(
        id=new_id(),
        token_hash=digest(secret),
        created_at=tx.now,
        created_by=tx.actor.subject,
        expires_on=domain.expires_on(tx.today, rule),
        reader=given.reader,
        reader_id=given.reader_id,
        through=grant.actor.member_id if given.reader is Reader.TRAINEE and grant.scope is not Scope.ALL else None,
        label=given.label,
    )
    path = f"/training/v1/calendars/{secret}.ics"
    if recipient is not None:
        [mail_id] = await post(tx, [documents.address_given(recipient, path, tx.public_url, address, rule)])
        address = replace(address, mail_id=mail_id)
    await repository.add_address(tx, address)
    return address, path


async def renew(tx: Tx, grant: Grant, address_id: UUID) -> None:
    """Let an address serve for another while, expired or not.

    Raises SecretAddressNotFound, SecretAddressRevoked, SecretAddressesTooMany, RuleMissing.
    """
    found = await reached(tx, grant, address_id)
    await repository.hold_reader(tx, found.reader_id)
    address, rule = await repository.hold_address(tx, address_id), calendar_rule(tx.today)
    require_unrevoked(address)
    others = [one for one in await repository.addresses_of(tx, found.reader, found.reader_id) if one.id != address_id]
    require_room(others, tx.today, rule.feeds_each)
    await repository.save_address(tx, replace(address, expires_on=domain.expires_on(tx.today, rule)))


async def revoke(tx: Tx, grant: Grant, address_id: UUID) -> None:
    """Have an address serve no more, at once; the mail that bears it goes no more, or says it no more.

    Raises SecretAddressNotFound, SecretAddressRevoked.
    """
    await reached(tx, grant, address_id)
    address = revoked(await repository.hold_address(tx, address_id), tx.now, tx.actor.subject)
    await repository.save_address(tx, address)
    if address.mail_id is not None:
        await withdraw(tx, [address.mail_id], wait=True)
        await forget_mails(tx, [address.mail_id])


async def read_feed(tx: Tx, secret: str) -> tuple[CalendarAddress, list[Told]]:
    """Return the address of a secret and what its calendar shows now; write down the day, and what it was told.

    Raises SecretAddressNotFound, RuleMissing.
    """
    address = await repository.serving(tx, digest(secret), tx.today)
    if address is None or (address.reader is Reader.TRAINER and await is_erased(tx, address.reader_id)):
        raise SecretAddressNotFound("Cet abonnement n'existe pas, a été retiré, ou a expiré : demandez-en un autre.")
    await repository.note_use(tx, address)
    told = await _told(tx, address)
    return address, domain.shown(told, calendar_rule(tx.today), tx.now)


async def forget(tx: Tx) -> tuple[int, int]:
    """Drop the addresses that have long served no more, and what was told of what is long over; return how many.

    Raises RuleMissing.
    """
    rule = calendar_rule(tx.today)
    addresses = await repository.drop_addresses(tx, tx.today - timedelta(days=rule.feed_kept_days))
    return addresses, await repository.drop_told(tx, domain.shown_since(rule, tx.now))


async def _told(tx: Tx, address: CalendarAddress) -> list[Told]:
    """Return what a calendar is told now. Most often it is what it was: nothing is held, nothing is written."""
    before, now = await _retold(tx, address)
    if before != now:
        await repository.hold_address(tx, address.id)
        before, now = await _retold(tx, address)
        changed = [one for slot_id, one in now.items() if before.get(slot_id) != one]
        if changed:
            await repository.save_told(tx, address.id, changed)
    return list(now.values())


async def _retold(tx: Tx, address: CalendarAddress) -> tuple[dict[UUID, Told], dict[UUID, Told]]:
    since = domain.shown_since(calendar_rule(tx.today), tx.now)
    before = await repository.told(tx, address.id, since)
    return before, domain.retell(before, await half_days_of(tx, address, since), tx.now)
