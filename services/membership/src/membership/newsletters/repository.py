"""Loads and saves newsletters, subscribers, subscriptions and issues; the only writer of their tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from membership.newsletters.domain import (
    Asked,
    ConfirmedBy,
    Issue,
    IssueNotFound,
    Newsletter,
    NewsletterNameTaken,
    NewsletterNotFound,
    StoppedBy,
    SubscriberNotFound,
    address_key,
    digest,
)
from membership.newsletters.tables import AskedRow, DeliveryRow, IssueRow, NewsletterRow, SubscriberRow, SubscriptionRow

_LIVE = col(SubscriptionRow.stopped_at).is_(None)
_CONFIRMED = col(SubscriptionRow.confirmed_at).is_not(None)
_UNKNOWN_KEY = "Cette clé n'est pas celle d'un abonnement, ou l'adresse est effacée."


async def add_newsletter(tx: Tx, newsletter: Newsletter) -> None:
    """Insert a newsletter. Raises NewsletterNameTaken."""
    try:
        async with tx.savepoint():
            await tx.session.execute(insert(NewsletterRow).values(**asdict(newsletter)))
    except IntegrityError as error:
        if "uq_newsletter_name" not in str(error.orig):
            raise
        raise NewsletterNameTaken(f"Une lettre ouverte s'appelle déjà « {newsletter.name} ».") from None


async def hold_newsletter(tx: Tx, newsletter_id: UUID) -> Newsletter:
    """Load a newsletter and hold it until the end of the transaction. Raises NewsletterNotFound."""
    row = await tx.session.get(NewsletterRow, newsletter_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NewsletterNotFound("Cette lettre n'existe pas.")
    return to_newsletter(row)


async def save_newsletter(tx: Tx, newsletter: Newsletter) -> None:
    """Write a newsletter that is held."""
    statement = update(NewsletterRow).where(col(NewsletterRow.id) == newsletter.id)
    await tx.session.execute(statement.values(**asdict(newsletter)))


async def hold_subscriber(tx: Tx, address: str, stop_key: str) -> SubscriberRow:
    """Return the subscriber of an address, known from now on, and hold it: two who ask at once are one."""
    key = address_key(address)
    values = {
        "id": new_id(),
        "address": address.strip(),
        "address_key": key,
        "address_digest": digest(key),
        "stop_key": stop_key,
        "created_at": tx.now,
    }
    await tx.session.execute(insert_or_not(SubscriberRow).values(**values).on_conflict_do_nothing())
    query = select(SubscriberRow).where(col(SubscriberRow.address_key) == key).with_for_update()
    return (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def hold_asked(tx: Tx, address: str) -> AskedRow:
    """Return how often an address was asked to confirm, and hold it: whoever asks at once is counted once each."""
    key = digest(address_key(address))
    begun = {"address_digest": key, "mails": 0, "mailed_that_day": 0}
    await tx.session.execute(insert_or_not(AskedRow).values(**begun).on_conflict_do_nothing())
    return await tx.session.get_one(AskedRow, key, with_for_update=True, populate_existing=True)


async def asked_of(source: Read, address: str) -> Asked:
    """Return how often an address was asked to confirm, without holding it."""
    row = await source.session.get(AskedRow, digest(address_key(address)))
    return Asked() if row is None else to_asked(row)


def to_asked(row: AskedRow) -> Asked:
    """Read a row as the rules know it."""
    return Asked(row.mails, row.mailed_on, row.mailed_that_day, row.refused_on)


def save_asked(row: AskedRow, asked: Asked) -> None:
    """Write how often a held address was asked."""
    row.mails, row.mailed_on, row.mailed_that_day = asked.mails, asked.mailed_on, asked.mailed_that_day
    row.refused_on = asked.refused_on


async def forget_asked(tx: Tx, row: SubscriberRow) -> None:
    """Forget how often the address of a subscriber was asked."""
    await tx.session.execute(delete(AskedRow).where(col(AskedRow.address_digest) == row.address_digest))


async def drop_asked(tx: Tx, before: date) -> None:
    """Forget how often an address was asked that was left alone for long enough."""
    last = func.greatest(col(AskedRow.mailed_on), col(AskedRow.refused_on))  # what is null is passed over
    await tx.session.execute(delete(AskedRow).where(func.coalesce(last < before, true())))


async def hold_by_key(tx: Tx, stop_key: str) -> SubscriberRow:
    """Return the subscriber whose mails bear a key, and hold it. Raises SubscriberNotFound."""
    query = select(SubscriberRow).where(col(SubscriberRow.stop_key) == stop_key).with_for_update()
    return found((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none())


async def hold_by_id(tx: Tx, subscriber_id: UUID) -> SubscriberRow:
    """Return a subscriber and hold it. Raises SubscriberNotFound."""
    row = await tx.session.get(SubscriberRow, subscriber_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise SubscriberNotFound("Cette personne n'est pas abonnée, ou ne l'est plus.")
    return row


def found(row: SubscriberRow | None) -> SubscriberRow:
    """Return a subscriber whose address is known. Raises SubscriberNotFound."""
    if row is None or row.address is None:
        raise SubscriberNotFound(_UNKNOWN_KEY)
    return row


async def live_of(source: Read, subscriber_id: UUID) -> list[SubscriptionRow]:
    """Return a subscriber's subscriptions that are not stopped."""
    return [row for row in await subscriptions_of(source, subscriber_id) if row.stopped_at is None]


async def subscriptions_of(source: Read, subscriber_id: UUID) -> Sequence[SubscriptionRow]:
    """Return all that is known of a subscriber's subscriptions, the oldest first."""
    query = select(SubscriptionRow).where(col(SubscriptionRow.subscriber_id) == subscriber_id)
    ordered = query.order_by(col(SubscriptionRow.asked_at), col(SubscriptionRow.id))
    return (await source.session.execute(ordered.execution_options(populate_existing=True))).scalars().all()


def new_subscription(tx: Tx, subscriber_id: UUID, newsletter_id: UUID, text_version: str) -> SubscriptionRow:
    """Return a subscription that was just asked for, added to the transaction."""
    row = SubscriptionRow(
        id=new_id(),
        subscriber_id=subscriber_id,
        newsletter_id=newsletter_id,
        asked_at=tx.now,
        text_version=text_version,
        confirm_digest=None,
        confirm_until=None,
        confirmed_at=None,
        confirmed_by=None,
        stopped_at=None,
        stopped_by=None,
    )
    tx.session.add(row)
    return row


def confirm(row: SubscriptionRow, at: datetime, by: ConfirmedBy) -> None:
    """Write that a subscription is confirmed; one that is stays as it was."""
    if row.confirmed_at is None:
        row.confirmed_at, row.confirmed_by = at, by.value


def stop(row: SubscriptionRow, at: datetime, by: StoppedBy) -> None:
    """Write that a subscription is stopped."""
    row.stopped_at, row.stopped_by = at, by.value


def erase(row: SubscriberRow, at: datetime, *, proof: bool) -> None:
    """Let go of an address; with ``proof``, what recognises it if it is shown again stays."""
    row.address = row.address_key = None
    row.erased_at = at
    if not proof:
        row.address_digest = None


async def drop_pending(tx: Tx, row: SubscriberRow) -> None:
    """Delete what a held subscriber was asked to confirm, and the address where nothing else is known of it.

    Where something is that it stopped, its proof stays without the address.
    """
    pending = (col(SubscriptionRow.subscriber_id) == row.id, _LIVE, ~_CONFIRMED)
    await tx.session.execute(delete(SubscriptionRow).where(*pending))
    left = await subscriptions_of(tx, row.id)
    if not left:
        await tx.session.delete(row)
    elif all(one.stopped_at is not None for one in left):
        erase(row, tx.now, proof=True)


async def mails_of(source: Read, *, subscriber_id: UUID | None = None, newsletter_id: UUID | None = None) -> list[UUID]:
    """Return the mails by which the issues of a letter, or of all, went to a subscriber, or to all."""
    query = select(col(DeliveryRow.mail_id)).join(IssueRow, col(IssueRow.id) == col(DeliveryRow.issue_id))
    if subscriber_id is not None:
        query = query.where(col(DeliveryRow.subscriber_id) == subscriber_id)
    if newsletter_id is not None:
        query = query.where(col(IssueRow.newsletter_id) == newsletter_id)
    return list((await source.session.execute(query)).scalars())


async def drop_deliveries(tx: Tx, mail_ids: Collection[UUID]) -> None:
    """Delete that issues went by some mails: they were taken back."""
    await tx.session.execute(delete(DeliveryRow).where(col(DeliveryRow.mail_id).in_(mail_ids)))


async def hold_confirmable(tx: Tx, secret: str, today: date) -> list[tuple[SubscriptionRow, Newsletter]]:
    """Return the live subscriptions that a link confirms, or confirmed, each with its letter; hold them with their
    subscriber.
    """
    query = (
        select(SubscriptionRow, NewsletterRow)
        .join(NewsletterRow, col(NewsletterRow.id) == col(SubscriptionRow.newsletter_id))
        .join(SubscriberRow, col(SubscriberRow.id) == col(SubscriptionRow.subscriber_id))
        .where(
            col(SubscriptionRow.confirm_digest) == digest(secret),
            col(SubscriptionRow.confirm_until) >= today,
            _LIVE,
        )
        .with_for_update(of=[SubscriptionRow, SubscriberRow])
    )
    rows = await tx.session.execute(query.execution_options(populate_existing=True))
    return [(row[0], to_newsletter(row[1])) for row in rows]


async def add_issue(tx: Tx, issue: Issue) -> None:
    """Insert an issue."""
    await tx.session.execute(insert(IssueRow).values(**asdict(issue)))


async def hold_issue(tx: Tx, issue_id: UUID) -> Issue:
    """Load an issue and hold it. Raises IssueNotFound."""
    row = await tx.session.get(IssueRow, issue_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise IssueNotFound("Ce numéro n'existe pas.")
    return to_issue(row)


async def save_issue(tx: Tx, issue: Issue) -> None:
    """Write an issue that is held."""
    statement = update(IssueRow).where(col(IssueRow.id) == issue.id)
    await tx.session.execute(statement.values(**asdict(issue)))


async def hold_recipients(tx: Tx, issue: Issue, *, after: UUID | None, limit: int) -> list[SubscriberRow]:
    """Return the next subscribers whom an issue goes to, confirmed as of now, and hold their subscriptions."""
    query = (
        select(SubscriberRow)
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .where(
            col(SubscriptionRow.newsletter_id) == issue.newsletter_id,
            _LIVE,
            _CONFIRMED,
            col(SubscriberRow.address).is_not(None),
            ~exists().where(
                col(DeliveryRow.issue_id) == issue.id, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id)
            ),
        )
        .order_by(col(SubscriberRow.id))
        .limit(limit)
        .with_for_update(read=True)
    )
    if after is not None:
        query = query.where(col(SubscriberRow.id) > after)
    return list((await tx.session.execute(query.execution_options(populate_existing=True))).scalars())


async def add_deliveries(tx: Tx, issue_id: UUID, mails: Collection[tuple[UUID, UUID]]) -> None:
    """Write to whom an issue went, by which mail: the database refuses a second time."""
    values = [
        {"issue_id": issue_id, "subscriber_id": subscriber_id, "mail_id": mail_id, "posted_at": tx.now}
        for subscriber_id, mail_id in mails
    ]
    if values:
        await tx.session.execute(insert(DeliveryRow), values)


async def drop_unconfirmed(tx: Tx, asked_before: datetime) -> int:
    """Delete what nobody confirmed in time, and the addresses of which nothing else is known."""
    late = col(SubscriptionRow.confirm_until) < tx.today
    never_mailed = col(SubscriptionRow.confirm_until).is_(None) & (col(SubscriptionRow.asked_at) < asked_before)
    statement = delete(SubscriptionRow).where(col(SubscriptionRow.confirmed_at).is_(None), late | never_mailed)
    dropped = await tx.session.execute(statement.returning(col(SubscriptionRow.id)))
    known = exists().where(col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
    await tx.session.execute(
        delete(SubscriberRow).where(~known, col(SubscriberRow.created_at) < asked_before),
    )
    return len(dropped.all())


async def erase_stopped(tx: Tx, stopped_before: datetime) -> int:
    """Let go of the addresses whose last subscription was stopped before an instant; the proof of consent stays."""
    last = (
        select(func.max(col(SubscriptionRow.stopped_at)))
        .where(col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .scalar_subquery()
    )
    live = exists().where(col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id), _LIVE)
    statement = (
        update(SubscriberRow)
        .where(col(SubscriberRow.address).is_not(None), ~live, last < stopped_before)
        .values(address=None, address_key=None, erased_at=tx.now)
    )
    return len((await tx.session.execute(statement.returning(col(SubscriberRow.id)))).all())


def to_newsletter(row: NewsletterRow) -> Newsletter:
    """Read a row as the rules know a newsletter."""
    return Newsletter(
        id=row.id,
        name=row.name,
        description=row.description,
        topic=row.topic,
        delegation=row.delegation,
        created_at=row.created_at,
        closed_at=row.closed_at,
        version=row.version,
    )


def to_issue(row: IssueRow) -> Issue:
    """Read a row as the rules know an issue."""
    return Issue(
        id=row.id,
        newsletter_id=row.newsletter_id,
        title=row.title,
        text=row.text,
        link=row.link,
        created_at=row.created_at,
        created_by=row.created_by,
        sent_at=row.sent_at,
        job_id=row.job_id,
        version=row.version,
    )
