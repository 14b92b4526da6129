"""Reads of newsletters: what one can subscribe to, what one receives, what was sent, what is known of an address."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, null, select
from sqlmodel import col

from common.blockers import possible
from common.dated import rule_on
from common.errors import Refusal, obstacle
from common.mail import masked
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.newsletters import repository
from membership.newsletters.domain import (
    ConfirmedBy,
    Issue,
    IssueNotFound,
    Newsletter,
    NewsletterNotFound,
    StoppedBy,
    SubscriberNotFound,
    SubscriptionRule,
    SubscriptionState,
    address_key,
    digest,
    require_open,
    require_unsent,
)
from membership.newsletters.repository import to_issue, to_newsletter
from membership.newsletters.schemas import (
    ConsentTextOut,
    IssueOut,
    NewsletterListParams,
    NewsletterOut,
    PreferenceOut,
    PreferencesOut,
    PublicNewsletterOut,
    PublicNewsletterParams,
    SubscriberOut,
    SubscriptionOut,
)
from membership.newsletters.tables import DeliveryRow, IssueRow, NewsletterRow, SubscriberRow, SubscriptionRow
from membership.rights import RIGHTS, Act

_LETTER: Any = NewsletterRow.__table__  # type: ignore[attr-defined]
_ISSUE: Any = IssueRow.__table__  # type: ignore[attr-defined]
_SUBSCRIPTION: Any = SubscriptionRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"name": _LETTER.c.name}, default="name", unique=_LETTER.c.id)
_ISSUES = Order(columns={"created_at": _ISSUE.c.created_at}, default="-created_at", unique=_ISSUE.c.id)


@cache
def subscription_rules() -> tuple[SubscriptionRule, ...]:
    """Return the dated rules of subscriptions, shipped with the service."""
    return shipped_rules("membership.newsletters", "rules.toml", SubscriptionRule)


def consent_text(source: Read) -> ConsentTextOut:
    """Return what a person who subscribes today consents to. Raises RuleMissing."""
    return ConsentTextOut.model_validate(rule_on(subscription_rules(), source.today), extra="ignore")


async def list_open(source: Read, params: PublicNewsletterParams) -> Page[PublicNewsletterOut]:
    """Return one page of the letters that anybody may subscribe to."""
    query = select(NewsletterRow).where(_LETTER.c.closed_at.is_(None))
    if params.delegation:
        query = query.where(_LETTER.c.delegation.in_(params.delegation))
    if params.topic:
        query = query.where(_LETTER.c.topic.in_(params.topic))
    if params.national is not None:
        is_national = _LETTER.c.delegation.is_(None)
        query = query.where(is_national if params.national else ~is_national)
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = [PublicNewsletterOut.model_validate(to_newsletter(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def list_sent(source: Read, grant: Grant, params: NewsletterListParams) -> Page[NewsletterOut]:
    """Return one page of the letters within reach."""
    query = select(NewsletterRow).where(_within(grant))
    if params.open is not None:
        is_open = _LETTER.c.closed_at.is_(None)
        query = query.where(is_open if params.open else ~is_open)
    if params.delegation:
        query = query.where(_LETTER.c.delegation.in_(params.delegation))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    return Page(items=await _letters_out(source, map(to_newsletter, rows)), next_cursor=cursor, total=total)


async def find_letter(source: Read, grant: Grant, newsletter_id: UUID) -> NewsletterOut:
    """Return one letter within reach. Raises NewsletterNotFound."""
    [shown] = await _letters_out(source, [await require_reached(source, grant, newsletter_id)])
    return shown


async def require_reached(source: Read, grant: Grant, newsletter_id: UUID) -> Newsletter:
    """Return a letter within reach. Raises NewsletterNotFound."""
    query = select(NewsletterRow).where(_LETTER.c.id == newsletter_id, _within(grant))
    row = (await source.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise NewsletterNotFound("Cette lettre n'existe pas, ou n'est pas dans votre périmètre.")
    return to_newsletter(row)


async def open_letters(source: Read, ids: Sequence[UUID]) -> list[Newsletter]:
    """Return letters that anybody may subscribe to, by their id. Raises NewsletterNotFound."""
    query = select(NewsletterRow).where(_LETTER.c.id.in_(ids), _LETTER.c.closed_at.is_(None)).order_by(_LETTER.c.name)
    found = [to_newsletter(row) for row in (await source.session.execute(query)).scalars()]
    if len(found) < len(set(ids)):
        raise NewsletterNotFound("L'une de ces lettres n'existe pas, ou est close.")
    return found


async def list_issues(source: Read, grant: Grant, newsletter_id: UUID, params: Any) -> Page[IssueOut]:
    """Return one page of a letter's issues, the latest first. Raises NewsletterNotFound."""
    letter = await require_reached(source, grant, newsletter_id)
    query = select(IssueRow).where(_ISSUE.c.newsletter_id == letter.id)
    rows, cursor, total = await paginate(source, query, _ISSUES, params)
    items = [await _issue_out(source, letter, to_issue(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_issue(source: Read, grant: Grant, issue_id: UUID) -> IssueOut:
    """Return an issue within reach. Raises IssueNotFound."""
    letter, issue = await require_issue(source, grant, issue_id)
    return await _issue_out(source, letter, issue)


async def require_issue(source: Read, grant: Grant, issue_id: UUID) -> tuple[Newsletter, Issue]:
    """Return an issue within reach, and its letter. Raises IssueNotFound."""
    query = select(IssueRow, NewsletterRow).join(NewsletterRow, _LETTER.c.id == _ISSUE.c.newsletter_id)
    query = query.where(_ISSUE.c.id == issue_id, _within(grant))
    row = (await source.session.execute(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise IssueNotFound("Ce numéro n'existe pas, ou n'est pas dans votre périmètre.")
    return to_newsletter(row[1]), to_issue(row[0])


async def preferences_by_key(source: Read, key: str) -> PreferencesOut:
    """Return what the address whose mails bear a key receives. Raises SubscriberNotFound."""
    query = select(SubscriberRow).where(col(SubscriberRow.stop_key) == key)
    row = repository.found((await source.session.execute(query)).scalar_one_or_none())
    return await preferences_of(source, row)


async def preferences_of(source: Read, subscriber: SubscriberRow) -> PreferencesOut:
    """Return what an address receives, among what it could."""
    live = await repository.live_of(source, subscriber.id)
    received = {one.newsletter_id for one in live if one.confirmed_at is not None}
    query = select(NewsletterRow).where(_LETTER.c.closed_at.is_(None) | _LETTER.c.id.in_(received))
    letters = (await source.session.execute(query.order_by(_LETTER.c.name, _LETTER.c.id))).scalars()
    items = [PreferenceOut(newsletter=one.id, name=one.name, subscribed=one.id in received) for one in letters]
    return PreferencesOut(address=masked(subscriber.address or ""), key=subscriber.stop_key, items=items)


async def find_by_address(source: Read, address: str) -> SubscriberOut:
    """Return all that is known of an address, however it is written. Raises SubscriberNotFound.

    Of one that was let go of after its last stop, the proof is found by whoever shows the address.
    """
    query = select(SubscriberRow).where(col(SubscriberRow.address_digest) == digest(address_key(address)))
    latest = query.order_by(col(SubscriberRow.erased_at).desc().nulls_first()).limit(1)
    row = (await source.session.execute(latest)).scalar_one_or_none()
    if row is None:
        raise SubscriberNotFound("Cette adresse n'est pas abonnée, ou ne l'est plus.")
    return await subscriber_out(source, row)


async def subscriber_out(source: Read, row: SubscriberRow) -> SubscriberOut:
    """Write all that is known of a subscriber."""
    subscriptions = await repository.subscriptions_of(source, row.id)
    names = await _names(source, [one.newsletter_id for one in subscriptions])
    sent = select(func.count()).where(col(DeliveryRow.subscriber_id) == row.id)
    return SubscriberOut(
        id=row.id,
        address=row.address,
        created_at=row.created_at,
        erased_at=row.erased_at,
        subscriptions=[_subscription_out(one, names[one.newsletter_id]) for one in subscriptions],
        received=int((await source.session.execute(sent)).scalar_one()),
        allowed_actions=[] if row.erased_at else ["erase"],
    )


def _subscription_out(row: SubscriptionRow, name: str) -> SubscriptionOut:
    state = SubscriptionState.CONFIRMED if row.confirmed_at else SubscriptionState.PENDING
    return SubscriptionOut(
        newsletter=row.newsletter_id,
        name=name,
        state=SubscriptionState.ENDED if row.stopped_at else state,
        asked_at=row.asked_at,
        text_version=row.text_version,
        confirmed_at=row.confirmed_at,
        confirmed_by=ConfirmedBy(row.confirmed_by) if row.confirmed_by else None,
        stopped_at=row.stopped_at,
        stopped_by=StoppedBy(row.stopped_by) if row.stopped_by else None,
    )


async def _names(source: Read, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await source.session.execute(select(_LETTER.c.id, _LETTER.c.name).where(_LETTER.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=null(), delegation=_LETTER.c.delegation)


async def _letters_out(source: Read, letters: Any) -> list[NewsletterOut]:
    listed = list(letters)
    counts = await _counts(source, [letter.id for letter in listed])
    return [_letter_out(source, letter, counts.get(letter.id, (0, 0, 0))) for letter in listed]


async def _counts(source: Read, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Count what is to be confirmed, confirmed and stopped, of each letter."""
    live, confirmed = _SUBSCRIPTION.c.stopped_at.is_(None), _SUBSCRIPTION.c.confirmed_at.is_not(None)
    query = (
        select(
            _SUBSCRIPTION.c.newsletter_id,
            func.count().filter(live, ~confirmed),
            func.count().filter(live, confirmed),
            func.count().filter(~live),
        )
        .where(_SUBSCRIPTION.c.newsletter_id.in_(ids))
        .group_by(_SUBSCRIPTION.c.newsletter_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in await source.session.execute(query)}


def _letter_out(source: Read, letter: Newsletter, counts: tuple[int, int, int]) -> NewsletterOut:
    refusal = _refusal(letter)
    may = grant_for(RIGHTS, Act.SEND_NEWSLETTERS, source.actor) is not None
    actions, blockers = possible(dict.fromkeys(("write", "close"), refusal)) if may else ([], {})
    pending, confirmed, ended = counts
    return NewsletterOut(
        id=letter.id,
        name=letter.name,
        description=letter.description,
        topic=letter.topic,
        delegation=letter.delegation,
        created_at=letter.created_at,
        closed_at=letter.closed_at,
        pending=pending,
        confirmed=confirmed,
        ended=ended,
        version=letter.version,
        allowed_actions=actions,
        blockers=blockers,
    )


async def _issue_out(source: Read, letter: Newsletter, issue: Issue) -> IssueOut:
    posted = select(func.count()).where(col(DeliveryRow.issue_id) == issue.id)
    actions, blockers = possible(dict.fromkeys(("amend", "send"), _refusal(letter, issue)))
    return IssueOut(
        id=issue.id,
        newsletter_id=issue.newsletter_id,
        title=issue.title,
        text=issue.text,
        link=issue.link,
        created_at=issue.created_at,
        created_by=issue.created_by,
        sent_at=issue.sent_at,
        job_id=issue.job_id,
        posted=int((await source.session.execute(posted)).scalar_one()),
        recipients=int((await source.session.execute(_waiting(issue))).scalar_one()),
        version=issue.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _waiting(issue: Issue) -> Select[Any]:
    """Count the confirmed subscribers that an issue has not gone to."""
    columns = _SUBSCRIPTION.c
    reached = exists().where(
        col(DeliveryRow.issue_id) == issue.id, col(DeliveryRow.subscriber_id) == columns.subscriber_id
    )
    live = (columns.confirmed_at.is_not(None), columns.stopped_at.is_(None))
    return select(func.count()).where(columns.newsletter_id == issue.newsletter_id, *live, ~reached)


def _refusal(letter: Newsletter, issue: Issue | None = None) -> Refusal | None:
    unsent = () if issue is None else (partial(require_unsent, issue),)
    return obstacle(partial(require_open, letter), *unsent)
