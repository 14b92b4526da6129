"""What is done with the agenda: sources say what their dates are; people write some by hand, and subscribe to it all.

A source tells in its own transaction, after its own row: the agenda never says what did not happen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from common.characters import one_line
from common.contracts.dues import InvoiceFact
from common.contracts.fg2i import GuaranteeFact
from common.contracts.gatherings import GatheringFact
from common.contracts.roles import Role
from common.etags import check_version
from common.identifiers import new_id
from common.moments import When, hours, whole_days
from common.secret_addresses import SecretAddressNotFound, digest, new_secret, require_room, require_unrevoked, revoke
from common.subscriptions import Event
from common.transaction import Actor, Tx
from membership.agenda import domain, queries, repository
from membership.agenda.domain import (
    AgendaEntry,
    AgendaEntryNotYours,
    AgendaFeed,
    AgendaMode,
    AgendaStatus,
    Audience,
    Source,
    Told,
    require_kind,
    require_zone,
    retell,
)
from membership.agenda.schemas import AgendaEntryAmend, AgendaEntryIn, AgendaMoveIn, AgendaWhenIn
from membership.members import queries as members
from membership.members.domain import DelegationUnknown
from membership.territory.domain import local_zone
from membership.territory.queries import zones

_STATUSES = {"scheduled": AgendaStatus.TENTATIVE, "cancelled": AgendaStatus.CANCELLED}
_AUDIENCES = {"public": Audience.PUBLIC, "members": Audience.MEMBERS}
_HEARD_WORDS = ("title", "kind", "venue", "city", "department", "delegation", "reason_code")


async def tell(tx: Tx, told: Sequence[Told]) -> None:
    """Show what a source says of some of its dates; said again, it changes nothing."""
    known = await repository.hold(tx, [one.id for one in told])
    entries = [retell(known.get(one.id), one, tx.now, heard=_heard_of(known.get(one.id))) for one in told]
    await repository.save(tx, [entry for entry in entries if known.get(entry.told.id) != entry])


async def hold(tx: Tx, ids: Sequence[UUID]) -> None:
    """Hold some dates before reading what is to be said of them: of two acts at once, the later sees what both left."""
    await repository.hold(tx, ids)


async def call(tx: Tx, called: Mapping[UUID, Sequence[UUID]]) -> None:
    """Say which structures are in some dates, where another capability than their source knows them."""
    known = await repository.hold(tx, list(called))
    await tell(tx, [replace(entry.told, participants=tuple(called[one])) for one, entry in known.items()])


async def hear(tx: Tx, event: Event[GatheringFact]) -> None:
    """Show what another service says of a gathering; what is older than what was heard changes nothing."""
    await _hear(tx, _gathering(event.fact), event.sequence)


async def hear_call(tx: Tx, event: Event[InvoiceFact]) -> None:
    """Show a structure until when it pays what it was called for."""
    state = event.fact.state
    await _hear(tx, domain.dues_deadline(state), event.sequence)


async def hear_guarantee(tx: Tx, event: Event[GuaranteeFact]) -> None:
    """Show a structure until when it is guaranteed."""
    state = event.fact.state
    told = domain.guarantee_end(state.id, state.member_id, state.ends_on, state.ended_on)
    await _hear(tx, told, event.sequence)


async def tell_calls_again(tx: Tx) -> None:
    """Show again until when structures pay: by night, what was called while nobody listened."""
    calls = await members.calls_due_since(tx, queries.shown_since(tx))
    await tell(tx, [domain.dues_deadline(call) for call in calls])


async def write(tx: Tx, given: AgendaEntryIn) -> UUID:
    """Write a date by hand; return its id.

    Raises AgendaKindUnknown, DelegationUnknown, AgendaEntryNotYours, AgendaZoneUnknown, HourSkipped,
    AgendaMomentPassed.
    """
    require_kind(queries.kinds().values(), given.kind)
    codes, delegation = queries.names_of_delegations(), given.delegation
    if "delegation" not in given.model_fields_set:
        delegation = queries.usual_delegation(tx)
    if delegation is not None and delegation not in codes:
        raise DelegationUnknown(f"« {delegation} » n'est pas une délégation. Codes : {', '.join(codes)}.")
    _require_yours(tx, delegation)
    told = Told(
        id=new_id(),
        source=Source.AGENDA,
        kind=given.kind,
        title=given.title,
        when=_when(given, local_zone(zones(), delegation)),
        audience=given.audience,
        delegation=delegation,
        description=given.description,
        mode=given.mode,
        place=given.place,
        url=given.url,
    )
    domain.require_coming(told.when, tx.now)
    await tell(tx, [told])
    return told.id


async def amend(tx: Tx, entry_id: UUID, if_match: str | None, change: AgendaEntryAmend) -> None:
    """Change what a date says, not its moment.

    Raises AgendaEntryNotFound, AgendaEntryNotYours, AgendaEntryElsewhere, AgendaEntryCancelled, AgendaKindUnknown,
    PreconditionMissing, PreconditionFailed.
    """
    given = change.model_dump(exclude_unset=True)

    def changed(entry: AgendaEntry) -> Told:
        domain.require_own(entry)
        if change.kind is not None:
            require_kind(queries.kinds().values(), change.kind)
        return replace(entry.told, **given)

    await _change(tx, entry_id, if_match, changed)


async def move(tx: Tx, entry_id: UUID, if_match: str | None, given: AgendaMoveIn) -> None:
    """Hold it at another moment, and elsewhere where a place is given.

    Raises AgendaEntryNotFound, AgendaEntryNotYours, AgendaEntryElsewhere, AgendaEntryCancelled, AgendaEntryOver,
    AgendaZoneUnknown, HourSkipped, AgendaMomentPassed, PreconditionMissing, PreconditionFailed.
    """

    def moved(entry: AgendaEntry) -> Told:
        domain.require_movable(entry, tx.now)
        when = _when(given, entry.told.when.zone)
        domain.require_coming(when, tx.now)
        place = given.place if "place" in given.model_fields_set else entry.told.place
        return replace(entry.told, when=when, place=place)

    await _change(tx, entry_id, if_match, moved)


async def cancel(tx: Tx, entry_id: UUID, if_match: str | None, reason: str) -> None:
    """Give it up; calendars show it cancelled, then drop it.

    Raises AgendaEntryNotFound, AgendaEntryNotYours, AgendaEntryElsewhere, AgendaEntryCancelled, AgendaEntryOver,
    PreconditionMissing, PreconditionFailed.
    """

    def cancelled(entry: AgendaEntry) -> Told:
        domain.require_movable(entry, tx.now)
        return replace(entry.told, status=AgendaStatus.CANCELLED, cancelled_reason=reason)

    await _change(tx, entry_id, if_match, cancelled)


async def open_feed(tx: Tx, label: str) -> tuple[AgendaFeed, str]:
    """Give the one who asks a secret address, with the rights of their token; return it with the secret, kept nowhere.

    Raises SecretAddressesTooMany.
    """
    rule = queries.agenda_rule(tx.today)
    require_room(await repository.hold_feeds_of(tx, tx.actor.subject), tx.today, rule.feeds_each)
    secret = new_secret()
    feed = AgendaFeed(
        id=new_id(),
        subject=tx.actor.subject,
        label=label,
        token_hash=digest(secret),
        roles=tuple(sorted(tx.actor.roles)),
        member_id=tx.actor.member_id,
        delegation=tx.actor.delegation,
        created_at=tx.now,
        expires_on=domain.expires_on(tx.today, rule, is_staff=_is_staff(tx.actor)),
    )
    await repository.add_feed(tx, feed)
    return feed, secret


async def renew_feed(tx: Tx, feed_id: UUID) -> None:
    """Let an address serve for another while, with the rights of today's token.

    Raises SecretAddressNotFound, SecretAddressRevoked, SecretAddressesTooMany.
    """
    rule, actor = queries.agenda_rule(tx.today), tx.actor
    others = [one for one in await repository.hold_feeds_of(tx, actor.subject) if one.id != feed_id]
    feed = await _own_feed(tx, feed_id)
    require_unrevoked(feed)
    require_room(others, tx.today, rule.feeds_each)
    renewed = replace(
        feed,
        roles=tuple(sorted(actor.roles)),
        member_id=actor.member_id,
        delegation=actor.delegation,
        expires_on=domain.expires_on(tx.today, rule, is_staff=_is_staff(actor)),
    )
    await repository.save_feed(tx, renewed)


async def revoke_feed(tx: Tx, feed_id: UUID) -> None:
    """Have one's own address serve no more. Raises SecretAddressNotFound, SecretAddressRevoked."""
    await _revoke(tx, await _own_feed(tx, feed_id))


async def revoke_feed_of_somebody(tx: Tx, feed_id: UUID) -> None:
    """Have anybody's address serve no more: who left a post reads no more of it.

    Raises SecretAddressNotFound, SecretAddressRevoked.
    """
    feed = await repository.hold_feed(tx, feed_id)
    if feed is None:
        raise SecretAddressNotFound("Cette adresse n'existe pas.")
    await _revoke(tx, feed)


async def forget_feeds(tx: Tx) -> int:
    """Drop the addresses that have served no more for long enough; return how many."""
    kept_from = tx.today - timedelta(days=queries.agenda_rule(tx.today).feed_kept_days)
    return await repository.drop_feeds(tx, kept_from)


async def read_feed(tx: Tx, secret: str) -> AgendaFeed:
    """Return the feed of a secret address, and write down the day. Raises SecretAddressNotFound."""
    feed = await repository.serving(tx, digest(secret), tx.today)
    if feed is None:
        raise SecretAddressNotFound("Cet abonnement n'existe pas, a été retiré, ou a expiré : demandez-en un autre.")
    await repository.note_use(tx, feed.id, tx.today)
    return feed


async def _hear(tx: Tx, told: Told, sequence: int) -> None:
    before = (await repository.hold(tx, [told.id])).get(told.id)
    if domain.is_new(before, sequence):
        await repository.save(tx, [retell(before, told, tx.now, heard=sequence)])


def _heard_of(entry: AgendaEntry | None) -> int | None:
    return entry.heard if entry else None


def _is_staff(actor: Actor) -> bool:
    """Tell whether somebody sees more than a structure does."""
    return any(role != Role.MEMBER for role in actor.roles)


async def _own_feed(tx: Tx, feed_id: UUID) -> AgendaFeed:
    feed = await repository.hold_feed(tx, feed_id)
    if feed is None or feed.subject != tx.actor.subject:
        raise SecretAddressNotFound("Cette adresse n'existe pas, ou n'est pas la vôtre.")
    return feed


async def _revoke(tx: Tx, feed: AgendaFeed) -> None:
    await repository.save_feed(tx, revoke(feed, tx.now, tx.actor.subject))


async def _change(tx: Tx, entry_id: UUID, if_match: str | None, change: Callable[[AgendaEntry], Told]) -> None:
    await queries.entry_of(tx, tx.actor, entry_id)
    entry = (await repository.hold(tx, [entry_id]))[entry_id]
    _require_yours(tx, entry.told.delegation)
    await check_version(if_match, entry.version, partial(queries.find_entry, tx, tx.actor, entry_id))
    await repository.save(tx, [retell(entry, change(entry), tx.now)])


def _require_yours(tx: Tx, delegation: str | None) -> None:
    if not queries.may_write(tx, delegation):
        whose = f"la délégation « {delegation} »" if delegation else "le réseau"
        raise AgendaEntryNotYours(f"Cette date est tenue par {whose} : adressez-vous à qui la tient.")


def _when(given: AgendaWhenIn, usual: str) -> When:
    zone = given.zone or usual
    require_zone(queries.network_zones(), zone)
    if given.starts_at is None:
        return whole_days(given.day, given.last_day or given.day, zone)
    return hours(given.day, given.starts_at, given.ends_at, zone, given.last_day)


def _gathering(fact: GatheringFact) -> Told:
    """Read what another service tells; what no calendar can carry of it is left out."""
    state = fact.state.model_copy(update={name: _heard(getattr(fact.state, name)) for name in _HEARD_WORDS})
    status = _STATUSES.get(state.status, AgendaStatus.CONFIRMED)
    town = f"{state.city} ({state.department})" if state.city and state.department else state.city or state.department
    return Told(
        id=state.id,
        source=Source(fact.topic.partition(".")[0]),
        kind=state.kind,
        title=state.title,
        when=domain.between(state.starts_at, state.ends_at, state.zone, all_day=state.all_day),
        audience=_AUDIENCES.get(state.audience, Audience.PARTICIPANTS),
        delegation=state.delegation,
        mode=AgendaMode(state.mode) if state.mode in set(AgendaMode) else None,
        place=", ".join(part for part in (state.venue, town) if part) or None,
        url=state.url if state.url and domain.is_web_page(state.url) else None,
        status=status,
        cancelled_reason=queries.why_cancelled(state.reason_code) if status is AgendaStatus.CANCELLED else None,
        participants=None,
    )


def _heard(word: str | None) -> str | None:
    return None if word is None else one_line(word).strip()
