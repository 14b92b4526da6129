"""Reads of the follow-up: where each structure within reach stands, and how many answered."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped import shipped_rules
from common.transaction import Read
from membership.declarations import queries as declarations
from membership.declarations.domain import Campaign, CampaignStatus, DeclarationState, counted_on
from membership.declarations.schemas import ExemptionOut, ExtensionOut
from membership.follow_up import repository
from membership.follow_up.documents import export_line
from membership.follow_up.domain import ContactMeans, Count, ExpectationRule, NotFollowed, joined_by
from membership.follow_up.schemas import (
    CampaignOut,
    CountOut,
    FollowUpExportParams,
    FollowUpFilters,
    FollowUpLine,
    FollowUpListParams,
    FollowUpOut,
    NoteOut,
)
from membership.follow_up.tables import NoteRow
from membership.members import queries as members
from membership.members.domain import ActivityKind, MemberStatus, Topic
from membership.rights import RIGHTS, Act

_NOTE: Any = NoteRow.__table__  # type: ignore[attr-defined]
_ANSWERED = (DeclarationState.DECLARED.value, DeclarationState.CORRECTED.value)
_BELONGS = (MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value)
_NEVER = date(1, 1, 1)


@cache
def expectation_rules() -> tuple[ExpectationRule, ...]:
    """Return the dated rules of who is expected to declare, shipped with the service."""
    return shipped_rules("membership.follow_up", "expectation.toml", ExpectationRule)


async def find_campaign(source: Read, grant: Grant, year: int) -> CampaignOut:
    """Return a campaign and its answers within reach. Raises CampaignNotFound, RuleMissing."""
    return await campaign_out(source, grant, await declarations.campaign_of(source, year))


async def list_campaigns(source: Read, grant: Grant) -> list[CampaignOut]:
    """Return every campaign, latest year first: one a year. Raises RuleMissing."""
    return [await campaign_out(source, grant, campaign) for campaign in await declarations.campaigns(source)]


async def campaign_out(source: Read, grant: Grant, campaign: Campaign) -> CampaignOut:
    """Write a campaign as the API shows it. Raises RuleMissing."""
    rule = rule_on(expectation_rules(), campaign.opened_on)
    followed = _Followed(source, grant, campaign)
    may_run = grant_for(RIGHTS, Act.RUN_DECLARATIONS, source.actor) is not None
    is_open = campaign.status is CampaignStatus.OPEN
    return CampaignOut(
        year=campaign.year,
        questionnaire=campaign.questionnaire,
        status=campaign.status,
        status_label=campaign.status.label,
        opened_on=campaign.opened_on,
        closes_on=campaign.closes_on,
        extensions=[ExtensionOut.model_validate(extension) for extension in campaign.extensions],
        closed_on=campaign.closed_on,
        joined_by=joined_by(rule, campaign.year),
        rule_status=rule.status,
        rule_source=rule.source,
        count=_count_out(await followed.count()),
        by_delegation=await followed.count_by_delegation(),
        by_kind=await followed.count_by_kind(),
        version=campaign.version,
        allowed_actions=["extend", "close"] if may_run and is_open else [],
    )


async def list_follow_up(source: Read, grant: Grant, year: int, params: FollowUpListParams) -> Page[FollowUpLine]:
    """Return one page of where structures within reach stand. Raises CampaignNotFound, RuleMissing."""
    followed = _Followed(source, grant, await declarations.campaign_of(source, year))
    rows, cursor, total = await paginate(source, followed.lines(params), followed.order, params)
    return Page(items=await _lines_out(source, rows), next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, year: int, params: FollowUpExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises CampaignNotFound, RuleMissing."""
    followed = _Followed(source, grant, await declarations.campaign_of(source, year))
    query = followed.lines(params).order_by(members.MEMBER_NAME, followed.member_id)
    lines = await _lines_out(source, (await source.session.execute(query)).all())
    return map(export_line, lines)


async def find_follow_up(source: Read, grant: Grant, year: int, member_id: UUID) -> FollowUpOut:
    """Return how a structure within reach is followed.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, RuleMissing.
    """
    [line] = await _lines_out(source, [await require_followed(source, grant, year, member_id)])
    may_read = bool(await members.allowed_on(source, Act.NOTE_DECLARANTS, [member_id]))
    notes = await repository.notes_of(source, year, member_id) if may_read else []
    exemptions = await declarations.exemptions_of(source, year, member_id)
    return FollowUpOut(
        **dict(line),
        notes=[NoteOut(**asdict(note), means_label=note.means.label) for note in notes],
        exemptions=[ExemptionOut.model_validate(exemption) for exemption in exemptions],
    )


async def require_followed(source: Read, grant: Grant, year: int, member_id: UUID) -> Any:
    """Return the line of a structure within reach that is followed.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, RuleMissing.
    """
    member = await members.find(source, grant, member_id)
    followed = _Followed(source, grant, await declarations.campaign_of(source, year))
    query = followed.lines(FollowUpFilters()).where(followed.member_id == member_id)
    row = (await source.session.execute(query)).one_or_none()
    if row is None:
        raise NotFollowed(f"{member.name} n'est pas attendue pour la déclaration {year}.")
    return row


class _Followed:
    """The structures within reach that are expected to declare a year, and those that did though nobody expected it."""

    def __init__(self, source: Read, grant: Grant, campaign: Campaign) -> None:
        self._source = source
        self._grant = grant
        self._day = counted_on(campaign, source.today)
        reached = members.visible(grant).subquery()
        status = members.held_on(self._day, Topic.STATUS, [""])
        standing = declarations.standings(campaign.year)
        contact = _last_notes(campaign.year)
        self.member_id: ColumnElement[UUID] = reached.c.id
        self._expected = func.coalesce(_is_expected(status, campaign), False)
        self._state = func.coalesce(standing.c.state, DeclarationState.NOT_STARTED.value)
        self._late = func.coalesce(standing.c.late, False)
        self._contact_on = contact.c.made_on
        self._columns = (
            self.member_id,
            self._expected.label("expected"),
            self._state.label("state"),
            self._late.label("late"),
            func.coalesce(standing.c.exempt, False).label("exempt"),
            standing.c.declared_on.label("declared_on"),
            contact.c.made_on.label("last_contact_on"),
            contact.c.means.label("last_contact_means"),
        )
        self._from = (
            reached.outerjoin(status, status.c.member_id == reached.c.id)
            .outerjoin(standing, standing.c.member_id == reached.c.id)
            .outerjoin(contact, contact.c.member_id == reached.c.id)
        )

    @property
    def order(self) -> Order:
        """What the list can be sorted by."""
        return Order(
            columns={
                "name": members.MEMBER_NAME,
                "delegation": func.coalesce(members.MEMBER_DELEGATION, ""),
                "last_contact_on": func.coalesce(self._contact_on, _NEVER),
            },
            default="name",
            unique=self.member_id,
        )

    def lines(self, filters: FollowUpFilters) -> Select[Any]:
        """Select where each of them stands, with the structure itself, that pass the filters."""
        query = select(*self._columns).select_from(self._from)
        query = query.where(or_(self._expected, self._state.in_(_ANSWERED)))
        query = members.joined_with_member(query, self.member_id, self._grant)
        if filters.state:
            query = query.where(self._state.in_([state.value for state in filters.state]))
        if filters.delegation:
            query = query.where(members.in_delegations(filters.delegation))
        if filters.kind:
            held = members.held_on(self._day, Topic.ACTIVITY, [kind.value for kind in filters.kind])
            query = query.where(self.member_id.in_(select(held.c.member_id)))
        if filters.late is not None:
            query = query.where(self._late == filters.late)
        if filters.q:
            query = query.where(members.is_named_like(filters.q))
        return query

    async def count(self) -> Count:
        """Count those that are expected by where they stand."""
        row = (await self._source.session.execute(select(*_counts(self._counted())))).one()
        return _count(row)

    async def count_by_delegation(self) -> dict[str, CountOut]:
        """Do the same by delegation; those of none stand under an empty code."""
        counted = self._counted()
        group = func.coalesce(counted.c.delegation, "")
        return await self._grouped(select(group, *_counts(counted)).group_by(group).order_by(group))

    async def count_by_kind(self) -> dict[str, CountOut]:
        """Do the same by activity; a structure counts for each of its own."""
        counted = self._counted()
        held = members.held_on(self._day, Topic.ACTIVITY, [kind.value for kind in ActivityKind])
        query = select(held.c.key, *_counts(counted)).join(held, held.c.member_id == counted.c.id)
        return await self._grouped(query.group_by(held.c.key).order_by(held.c.key))

    async def _grouped(self, query: Select[Any]) -> dict[str, CountOut]:
        rows = await self._source.session.execute(query)
        return {group: _count_out(_count(counts)) for group, *counts in rows}

    def _counted(self) -> Any:
        query = self.lines(FollowUpFilters()).where(self._expected)
        delegation = members.MEMBER_DELEGATION.label("delegation")
        return query.with_only_columns(*self._columns, delegation, maintain_column_froms=True).subquery()


def _is_expected(status: Any, campaign: Campaign) -> ColumnElement[bool]:
    """Return ``is_expected`` as a condition on what the register held of a structure; a test holds the two together."""
    last = joined_by(rule_on(expectation_rules(), campaign.opened_on), campaign.year)
    belongs = status.c.value["status"].astext.in_(_BELONGS)
    return belongs if last is None else and_(belongs, cast(status.c.value["joined_on"].astext, Date) <= last)


def _last_notes(year: int) -> Any:
    latest = (_NOTE.c.member_id, _NOTE.c.made_on.desc(), _NOTE.c.id.desc())
    return (
        select(_NOTE.c.member_id, _NOTE.c.made_on, _NOTE.c.means)
        .ext(distinct_on(_NOTE.c.member_id))
        .where(_NOTE.c.year == year)
        .order_by(*latest)
        .subquery()
    )


def _counts(counted: Any) -> list[ColumnElement[int]]:
    """Return the columns of a ``Count``, in its order."""
    state = counted.c.state
    answered = state.in_(_ANSWERED)
    conditions = (
        state == DeclarationState.EXEMPT.value,
        answered,
        state == DeclarationState.DRAFT.value,
        state == DeclarationState.NOT_STARTED.value,
        and_(answered, counted.c.late),
    )
    return [func.count(counted.c.id), *(func.count().filter(condition) for condition in conditions)]


def _count(counted: Sequence[int]) -> Count:
    return Count(*counted)


def _count_out(count: Count) -> CountOut:
    return CountOut(**asdict(count), rate=count.rate)


async def _lines_out(source: Read, rows: Sequence[Any]) -> list[FollowUpLine]:
    ids = [row[0] for row in rows]
    may_note = await members.allowed_on(source, Act.NOTE_DECLARANTS, ids)
    may_run = await members.allowed_on(source, Act.RUN_DECLARATIONS, ids)
    return [_line_out(row, notes=row[0] in may_note, runs=row[0] in may_run) for row in rows]


def _line_out(row: Any, *, notes: bool, runs: bool) -> FollowUpLine:
    member = members.member_of(row)
    member_id, expected, state, late, exempt, declared_on, contact_on, means = row[:-1]
    stands = DeclarationState(state)
    actions = {
        "note": notes,
        "exempt": runs and not exempt,
        "withdraw_exemption": runs and exempt,
    }
    return FollowUpLine(
        member_id=member_id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        activities=list(member.activities),
        expected=expected,
        state=stands,
        state_label=stands.label,
        late=late,
        declared_on=declared_on,
        last_contact_on=contact_on,
        last_contact_means=ContactMeans(means) if means else None,
        allowed_actions=[action for action, possible in actions.items() if possible],
    )
