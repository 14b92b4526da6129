"""What people do with newsletters: subscribe, confirm, choose, stop; open one, write and send an issue; forget.

The subscriber is held first: who asks, confirms and stops at once do not miss each other.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from secrets import token_urlsafe
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import ReceiptLine, enqueue
from common.mail import post, withdraw
from common.rights import Grant, Scope
from common.transaction import Tx
from membership.newsletters import documents, domain, queries, repository
from membership.newsletters.documents import Sender
from membership.newsletters.domain import (
    ConfirmationNotFound,
    ConfirmedBy,
    Issue,
    Newsletter,
    NewsletterNotFound,
    StoppedBy,
    SubscriberNotFound,
    SubscriptionRule,
    asked_again,
    digest,
    is_quiet,
    may_be_asked,
    require_open,
    require_unsent,
)
from membership.newsletters.schemas import IssueIn, NewsletterIn, SubscribeIn
from membership.newsletters.tables import SubscriberRow, SubscriptionRow

SEND = "newsletters.send"


async def subscribe(tx: Tx, asked: SubscribeIn) -> None:
    """Ask for letters: the address is asked to confirm, unless it was often enough; nothing tells whether it is known.

    Raises NewsletterNotFound, RuleMissing.
    """
    letters = await queries.open_letters(tx, asked.newsletters)
    rule = rule_on(queries.subscription_rules(), tx.today)
    if is_quiet(await repository.asked_of(tx, asked.email), rule, tx.today):
        return
    subscriber = await repository.hold_subscriber(tx, asked.email, token_urlsafe(24))
    known = await repository.hold_asked(tx, asked.email)
    live = {one.newsletter_id: one for one in await repository.live_of(tx, subscriber.id)}
    for letter in letters:
        if letter.id not in live:
            live[letter.id] = repository.new_subscription(tx, subscriber.id, letter.id, rule.version)
    wanted = {letter.id: letter for letter in letters}
    pending = [one for one in live.values() if one.newsletter_id in wanted and one.confirmed_at is None]
    if pending and may_be_asked(repository.to_asked(known), rule, tx.today):
        await _ask_to_confirm(tx, subscriber, pending, [wanted[one.newsletter_id] for one in pending], rule)
        repository.save_asked(known, asked_again(repository.to_asked(known), rule, tx.today))


async def _ask_to_confirm(
    tx: Tx,
    subscriber: SubscriberRow,
    pending: Sequence[SubscriptionRow],
    letters: Sequence[Newsletter],
    rule: SubscriptionRule,
) -> None:
    """Send the one link that confirms exactly the letters its mail names."""
    secret = token_urlsafe(32)
    for one in pending:
        one.confirm_digest, one.confirm_until = digest(secret), domain.confirm_until(rule, tx.today)
    [subscriber.mail_id] = await post(tx, [documents.confirmation(subscriber, letters, secret, rule, tx.public_url)])


async def confirm(tx: Tx, secret: str) -> SubscriberRow:
    """Confirm what a link was sent for; pressed twice, it is confirmed once. A letter closed since is left aside.

    Raises ConfirmationNotFound, NewsletterClosed.
    """
    found = await repository.hold_confirmable(tx, secret, tx.today)
    if not found:
        raise ConfirmationNotFound("Ce lien n'est plus valable : demandez de nouveau à vous abonner.")
    rows = [row for row, letter in found if letter.closed_at is None]
    if not rows:
        require_open(found[0][1])
    for row in rows:
        repository.confirm(row, tx.now, ConfirmedBy.LINK)
    await tx.session.flush()
    subscriber = await repository.hold_by_id(tx, rows[0].subscriber_id)
    asked = await repository.hold_asked(tx, subscriber.address or "")
    repository.save_asked(asked, replace(repository.to_asked(asked), mails=0, refused_on=None))
    return subscriber


async def refuse(tx: Tx, key: str) -> None:
    """Say that it was not oneself who asked: the address is deleted, and left alone for a while.

    What it confirmed before stands, and is stopped like any other. An unknown key refuses nothing.
    """
    try:
        subscriber = repository.found(await repository.hold_by_key(tx, key))
    except SubscriberNotFound:
        return
    asked = await repository.hold_asked(tx, subscriber.address or "")
    repository.save_asked(asked, replace(repository.to_asked(asked), refused_on=tx.today))
    await _withdraw(tx, [subscriber.mail_id] if subscriber.mail_id else [])
    await repository.drop_pending(tx, subscriber)


async def choose(tx: Tx, key: str, wanted: Sequence[UUID]) -> SubscriberRow:
    """Receive these letters from now on, and no other. Raises SubscriberNotFound, NewsletterNotFound, RuleMissing."""
    subscriber = repository.found(await repository.hold_by_key(tx, key))
    live = {one.newsletter_id: one for one in await repository.live_of(tx, subscriber.id)}
    confirmed = {newsletter_id for newsletter_id, one in live.items() if one.confirmed_at is not None}
    new = await queries.open_letters(tx, [one for one in wanted if one not in confirmed])
    rule = rule_on(queries.subscription_rules(), tx.today)
    for letter in new:
        row = live.get(letter.id) or repository.new_subscription(tx, subscriber.id, letter.id, rule.version)
        repository.confirm(row, tx.now, ConfirmedBy.PREFERENCES)
    for newsletter_id, row in live.items():
        if newsletter_id not in wanted:
            await _stop(tx, row, StoppedBy.PREFERENCES)
    await tx.session.flush()
    return subscriber


async def stop(tx: Tx, key: str, newsletter_id: UUID | None) -> None:
    """Stop one letter, or all, in one click; what is stopped already stays so. An unknown key stops nothing."""
    try:
        subscriber = await repository.hold_by_key(tx, key)
    except SubscriberNotFound:
        return
    for row in await repository.live_of(tx, subscriber.id):
        if newsletter_id in (None, row.newsletter_id):
            await _stop(tx, row, StoppedBy.ONE_CLICK)


async def erase(tx: Tx, subscriber_id: UUID) -> SubscriberRow:
    """Forget an address at once: every letter stops, and nothing recognises it any more. Raises SubscriberNotFound."""
    row = await repository.hold_by_id(tx, subscriber_id)
    for subscription in await repository.live_of(tx, row.id):
        await _stop(tx, subscription, StoppedBy.ERASED)
    await _withdraw(tx, [row.mail_id] if row.mail_id else [])
    await repository.forget_asked(tx, row)
    if row.erased_at is None:
        repository.erase(row, tx.now, proof=False)
    await tx.session.flush()
    return row


async def open_newsletter(tx: Tx, grant: Grant, given: NewsletterIn) -> UUID:
    """Open a letter: a national one for the network, its own for a delegation.

    Raises NewsletterNotFound, NewsletterNameTaken.
    """
    delegation = given.delegation
    if grant.scope is Scope.DELEGATION and delegation != grant.actor.delegation:
        raise NewsletterNotFound("Une délégation n'ouvre que ses propres lettres.")
    letter = Newsletter(new_id(), given.name, given.description, given.topic, delegation, created_at=tx.now)
    await repository.add_newsletter(tx, letter)
    return letter.id


async def close_newsletter(tx: Tx, grant: Grant, newsletter_id: UUID, if_match: str | None) -> None:
    """Close a letter: nobody subscribes any more, nothing is sent in it, and what waits to be is taken back.

    Raises NewsletterNotFound, NewsletterClosed, PreconditionMissing, PreconditionFailed.
    """
    await queries.require_reached(tx, grant, newsletter_id)
    letter = await repository.hold_newsletter(tx, newsletter_id)
    await check_version(if_match, letter.version, partial(queries.find_letter, tx, grant, newsletter_id))
    await repository.save_newsletter(tx, domain.close(letter, tx.now))
    await _withdraw(tx, await repository.mails_of(tx, newsletter_id=newsletter_id))


async def write_issue(tx: Tx, grant: Grant, newsletter_id: UUID, given: IssueIn) -> UUID:
    """Write an issue, to be sent later. Raises NewsletterNotFound, NewsletterClosed."""
    letter = await queries.require_reached(tx, grant, newsletter_id)
    require_open(letter)
    issue = Issue(new_id(), letter.id, given.title, given.text, given.link, tx.now, tx.actor.subject)
    await repository.add_issue(tx, issue)
    return issue.id


async def amend_issue(tx: Tx, grant: Grant, issue_id: UUID, if_match: str | None, given: IssueIn) -> None:
    """Write an issue anew before it is sent.

    Raises IssueNotFound, IssueSent, NewsletterClosed, PreconditionMissing, PreconditionFailed.
    """
    issue = await _to_send(tx, grant, issue_id, if_match)
    written = replace(issue, title=given.title, text=given.text, link=given.link, version=issue.version + 1)
    await repository.save_issue(tx, written)


async def send_issue(tx: Tx, grant: Grant, issue_id: UUID, if_match: str | None) -> UUID:
    """Ask for an issue to go to whoever is confirmed when its turn comes; return the job's id.

    Raises IssueNotFound, IssueSent, NewsletterClosed, PreconditionMissing, PreconditionFailed.
    """
    issue = await _to_send(tx, grant, issue_id, if_match)
    job_id = await enqueue(tx, SEND, subject_id=issue.id)
    await repository.save_issue(tx, replace(issue, sent_at=tx.now, job_id=job_id, version=issue.version + 1))
    return job_id


async def send_slice(tx: Tx, issue_id: UUID, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Send an issue to the next confirmed subscribers that it has not gone to; to nobody once its letter is closed.

    Raises IssueNotFound, RuleMissing.
    """
    issue = await repository.hold_issue(tx, issue_id)
    letter = await repository.hold_newsletter(tx, issue.newsletter_id)
    if letter.closed_at is not None:
        return []
    rule = rule_on(queries.subscription_rules(), tx.today)
    sender = Sender(tx.public_url, tx.mail_domain)
    recipients = await repository.hold_recipients(tx, issue, after=after, limit=limit)
    mails = [documents.issue_mail(row.address or "", issue, letter, row.stop_key, rule, sender) for row in recipients]
    ids = await post(tx, mails)
    reached = [(row.id, mail_id) for row, mail_id in zip(recipients, ids, strict=True)]
    await repository.add_deliveries(tx, issue.id, reached)
    return [ReceiptLine(row, "mailed", subject_id=one.id) for row, one in enumerate(recipients, start=done + 1)]


async def forget(tx: Tx) -> tuple[int, int]:
    """Drop what was not confirmed in time, and let go of the addresses that have no use; return how many of each.

    Raises RuleMissing.
    """
    rule = rule_on(queries.subscription_rules(), tx.today)
    await repository.drop_asked(tx, tx.today - timedelta(days=rule.quiet_days))
    dropped = await repository.drop_unconfirmed(tx, tx.now - timedelta(days=rule.confirm_days))
    return dropped, await repository.erase_stopped(tx, tx.now - timedelta(days=rule.erase_days))


async def _stop(tx: Tx, row: SubscriptionRow, by: StoppedBy) -> None:
    """Stop a held subscription; what waits to be sent of its letter is taken back."""
    repository.stop(row, tx.now, by)
    await _withdraw(tx, await repository.mails_of(tx, subscriber_id=row.subscriber_id, newsletter_id=row.newsletter_id))


async def _withdraw(tx: Tx, mail_ids: Sequence[UUID]) -> None:
    """Take back what was not sent yet of some mails: it went to nobody."""
    await repository.drop_deliveries(tx, await withdraw(tx, mail_ids))


async def _to_send(tx: Tx, grant: Grant, issue_id: UUID, if_match: str | None) -> Issue:
    letter, _ = await queries.require_issue(tx, grant, issue_id)
    issue = await repository.hold_issue(tx, issue_id)
    await check_version(if_match, issue.version, partial(queries.find_issue, tx, grant, issue_id))
    require_unsent(issue)
    require_open(letter)
    return issue
