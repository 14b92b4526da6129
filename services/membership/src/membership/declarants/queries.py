"""Reads of the follow-up: where each structure within reach stands, and how many answered."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache, partial
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import possible, tried
from common.dated import rule_on
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.declarants import repository
from membership.declarants.documents import export_line, figure_lines, figures_header
from membership.declarants.domain import UNANSWERED, ContactMeans, Count, ExpectationRule, NotFollowed, acts, joined_by
from membership.declarants.schemas import (
    CampaignOut,
    CountOut,
    ExemptionOut,
    ExtensionOut,
    FollowUpExportParams,
    FollowUpFilters,
    FollowUpLine,
    FollowUpListParams,
    FollowUpOut,
    NoteOut,
)
from membership.declarants.tables import NoteRow
from membership.declarations import queries as declarations
from membership.declarations.domain import Campaign, DeclarationState, reminders_of, require_closable, require_open
from membership.members import queries as members
from membership.members.domain import ActivityKind, MemberStatus
from membership.notices import queries as notices
from membership.rights import RIGHTS, Act

_NOTE: Any = NoteRow.__table__  # type: ignore[attr-defined]
_ANSWERED = (DeclarationState.DECLARED.value, DeclarationState.CORRECTED.value)
_BELONGS = (MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value)
_NEVER = date(1, 1, 1)
_PLACE = func.coalesce(members.MEMBER_DELEGATION, "")


@cache
def expectation_rules() -> tuple[ExpectationRule, ...]:
    """Return the dated rules of who is expected to declare, shipped with the service."""
    return shipped_rules("membership.declarants", "expectation.toml", ExpectationRule)


async def find_campaign(source: Read, grant: Grant, year: int) -> CampaignOut:
    """Return a campaign and its answers within reach. Raises CampaignNotFound, RuleMissing."""
    return await campaign_out(source, grant, await declarations.campaign_of(source, year))


async def count_by_kind_and_delegation(source: Read, grant: Grant, year: int) -> dict[tuple[str, str], Count]:
    """Count who answered within reach by activity in each delegation. Raises CampaignNotFound, RuleMissing."""
    followed = await _Followed.of(source, grant, await declarations.campaign_of(source, year))
    return await followed.count_by_kind_and_delegation()


async def list_campaigns(source: Read, grant: Grant, params: PageParams) -> Page[CampaignOut]:
    """Return one page of the campaigns, latest year first: one a year. Raises RuleMissing."""
    campaigns, cursor, total = await declarations.page_of_campaigns(source, params)
    return Page(items=[await campaign_out(source, grant, one) for one in campaigns], next_cursor=cursor, total=total)


async def campaign_out(source: Read, grant: Grant, campaign: Campaign) -> CampaignOut:
    """Write a campaign as the API shows it. Raises RuleMissing."""
    rule = rule_on(expectation_rules(), campaign.opened_on)
    followed = await _Followed.of(source, grant, campaign)
    may_run = grant_for(RIGHTS, Act.RUN_DECLARATIONS, source.actor) is not None
    attempts = {"extend": partial(require_open, campaign), "close": partial(require_closable, campaign, source.today)}
    actions, blockers = tried(attempts) if may_run else ([], {})
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
        allowed_actions=actions,
        blockers=blockers,
    )


async def list_follow_up(source: Read, grant: Grant, year: int, params: FollowUpListParams) -> Page[FollowUpLine]:
    """Return one page of where structures within reach stand. Raises CampaignNotFound, RuleMissing."""
    followed = await _Followed.of(source, grant, await declarations.campaign_of(source, year))
    rows, cursor, total = await paginate(source, followed.lines(params), followed.order, params)
    return Page(items=await _lines_out(source, year, rows), next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, year: int, params: FollowUpExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises CampaignNotFound, RuleMissing."""
    followed = await _Followed.of(source, grant, await declarations.campaign_of(source, year))
    return map(export_line, await _by_name(source, followed, params))


async def figures_table(
    source: Read, grant: Grant, year: int, params: FollowUpExportParams
) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """Return what the structures of the list declared for a year, by activity: a header, and lines.

    Raises CampaignNotFound, QuestionnaireNotFound, RuleMissing.
    """
    campaign = await declarations.campaign_of(source, year)
    questions = declarations.questionnaire_of(campaign.questionnaire).questions
    lines = await _by_name(source, await _Followed.of(source, grant, campaign), params)
    revisions = await declarations.last_revisions(source, year, [line.member_id for line in lines])
    declared = ((line, revisions[line.member_id]) for line in lines if line.member_id in revisions)
    table = chain.from_iterable(figure_lines(line, revision, questions) for line, revision in declared)
    return figures_header(questions), table


async def unanswered(
    source: Read, grant: Grant, campaign: Campaign, filters: FollowUpFilters, member_ids: Collection[UUID] | None = None
) -> list[FollowUpLine]:
    """Return the structures within reach that have to answer and did not, of the list with these filters, by name.

    Of some of them where they are named. Raises RuleMissing.
    """
    followed = await _Followed.of(source, grant, campaign)
    query = followed.lines(filters.model_copy(update={"expected": True})).order_by(members.MEMBER_NAME)
    query = query.where(followed.state.in_([state.value for state in UNANSWERED]))
    if member_ids is not None:
        query = query.where(followed.member_id.in_(member_ids))
    return await _lines_out(source, campaign.year, (await source.session.execute(query)).all())


async def selected(source: Read, grant: Grant, campaign: Campaign, filters: FollowUpFilters) -> Select[Any]:
    """Select where structures within reach stand that pass the filters, for a list or a count. Raises RuleMissing."""
    return (await _Followed.of(source, grant, campaign)).lines(filters)


async def find_follow_up(source: Read, grant: Grant, year: int, member_id: UUID) -> FollowUpOut:
    """Return how a structure within reach is followed.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, RuleMissing.
    """
    [line] = await _lines_out(source, year, [await require_followed(source, grant, year, member_id)])
    may_read = bool(await members.allowed_on(source, Act.NOTE_DECLARANTS, [member_id]))
    notes = await repository.notes_of(source, year, member_id) if may_read else []
    sent = await notices.readable_notices(source, reminders_of(year), [member_id]) if may_read else []
    exemptions = await declarations.exemptions_of(source, year, member_id)
    return FollowUpOut(
        **dict(line),
        notes=[NoteOut(**asdict(note), means_label=note.means.label) for note in notes],
        exemptions=[ExemptionOut.model_validate(exemption) for exemption in exemptions],
        reminder_notices=notices.notices_out(sent, may_record=False),
    )


async def require_followed(source: Read, grant: Grant, year: int, member_id: UUID) -> Any:
    """Return the line of a structure within reach that is followed.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, RuleMissing.
    """
    member = await members.find(source, grant, member_id)
    campaign = await declarations.campaign_of(source, year)
    followed = await _Followed.of(source, grant, campaign, member_id=member_id)
    query = followed.lines(FollowUpFilters()).where(followed.member_id == member_id)
    row = (await source.session.execute(query)).one_or_none()
    if row is None:
        raise NotFollowed(f"{member.name} n'est pas attendue pour la déclaration {year}.")
    return row


class _Followed:
    """The structures within reach that are expected to declare a year, and those that did though nobody expected it."""

    def __init__(self, source: Read, grant: Grant, year: int, expected: ColumnElement[bool] | Sequence[UUID]) -> None:
        self._source = source
        self._grant = grant
        self.year = year
        reached = members.visible(grant).subquery()
        self.member_id: ColumnElement[UUID] = reached.c.id
        if isinstance(expected, Sequence):
            expected = self.member_id == any_(literal(expected, ARRAY(Uuid)))
        self._expected = expected
        self._from, self._standing = declarations.with_standing(reached, self.member_id, year)
        # A structure counts for what it declared for, as in the portraits, even where it does something else today.
        answered = self._standing.state.in_(_ANSWERED)
        self._kinds = case((answered, self._standing.activities), else_=members.MEMBER_ACTIVITIES)
        self._noted = _last_note(year, self.member_id)
        self._reminded = notices.told(reminders_of(year))
        self._columns = (
            self.member_id,
            self._expected.label("expected"),
            self._standing.state.label("state"),
            self._standing.late.label("late"),
            self._standing.exempt.label("exempt"),
            self._standing.declared_on,
            self._noted.c.made_on,
            self._noted.c.means,
            self._kinds.label("kinds"),
            self._reminded.c.last_told_on,
            func.coalesce(self._reminded.c.times, 0),
            func.coalesce(self._reminded.c.sending, False),
        )

    @classmethod
    async def of(cls, source: Read, grant: Grant, campaign: Campaign, *, member_id: UUID | None = None) -> "_Followed":
        """Follow a campaign; of one structure, nothing is read of the others. Raises RuleMissing."""
        rule = rule_on(expectation_rules(), campaign.opened_on)
        last = joined_by(rule, campaign.year)
        if campaign.closed_on is None:
            # ``is_expected``, which a test holds it to.
            in_time = last >= members.MEMBER_JOINED_ON if last else true()
            return cls(source, grant, campaign.year, and_(members.still_belongs(), in_time))
        then = await source.session.execute(expected_on(campaign.closed_on, last, member_id))
        return cls(source, grant, campaign.year, list(then.scalars()))

    @property
    def state(self) -> ColumnElement[str]:
        """Where each stands."""
        state: ColumnElement[str] = self._standing.state
        return state

    @property
    def order(self) -> Order:
        """What the list can be sorted by."""
        return Order(
            columns={
                "name": members.MEMBER_NAME,
                "delegation": _PLACE,
                "last_contact_on": func.coalesce(self._noted.c.made_on, _NEVER),
            },
            default="name",
            unique=self.member_id,
        )

    def lines(self, filters: FollowUpFilters) -> Select[Any]:
        """Select where each of them stands, with the structure itself, that pass the filters."""
        state, late = self._standing.state, self._standing.late
        reminded = self._reminded
        known = self._from.outerjoin(self._noted, true()).outerjoin(reminded, reminded.c.member_id == self.member_id)
        query = select(*self._columns).select_from(known)
        query = query.where(or_(self._expected, state.in_(_ANSWERED)))
        query = members.joined_with_member(query, self.member_id, self._grant)
        if filters.state:
            query = query.where(state.in_([wanted.value for wanted in filters.state]))
        if filters.delegation:
            query = query.where(members.in_delegations(filters.delegation))
        if filters.kind:
            kinds = cast([kind.value for kind in filters.kind], ARRAY(String))
            query = query.where(self._kinds.op("&&")(kinds))
        if filters.expected is not None:
            query = query.where(self._expected if filters.expected else not_(self._expected))
        if filters.late is not None:
            query = query.where(late == filters.late)
        if filters.reminded is not None:
            query = query.where((func.coalesce(self._reminded.c.times, 0) > 0) == filters.reminded)
        if filters.q:
            query = query.where(members.is_named_like(filters.q))
        return query

    async def count(self) -> Count:
        """Count those that are expected by where they stand."""
        return (await self._grouped())[()]

    async def count_by_delegation(self) -> dict[str, CountOut]:
        """Do the same by delegation; those of none stand under an empty code."""
        return {place: _count_out(count) for (place,), count in (await self._grouped(_PLACE)).items()}

    async def count_by_kind(self) -> dict[str, CountOut]:
        """Do the same by activity, declared for the year or else of today; a structure counts for each of its own."""
        return {kind: _count_out(count) for (kind,), count in (await self._grouped(func.unnest(self._kinds))).items()}

    async def count_by_kind_and_delegation(self) -> dict[tuple[str, str], Count]:
        """Do the same by both."""
        return await self._grouped(func.unnest(self._kinds), _PLACE)

    async def _grouped(self, *groups: ColumnElement[Any]) -> dict[Any, Count]:
        counted = self._counted(*groups)
        by = [counted.c[f"group_{rank}"] for rank in range(len(groups))]
        query = select(*by, *_counts(counted)).group_by(*by).order_by(*by)
        rows = map(list, await self._source.session.execute(query))
        return {tuple(row[: len(by)]): Count(*row[len(by) :]) for row in rows}

    def _counted(self, *groups: ColumnElement[Any]) -> Any:
        columns = (self.member_id, self._standing.state.label("state"), self._standing.late.label("late"))
        grouped = (*columns, *(group.label(f"group_{rank}") for rank, group in enumerate(groups)))
        query = select(*grouped).select_from(self._from).where(self._expected)
        joined = members.joined_with_member(query, self.member_id, self._grant)
        return joined.with_only_columns(*grouped, maintain_column_froms=True).subquery()


def expected_on(day: date, last: date | None, member_id: UUID | None = None) -> Select[Any]:
    """Select who was expected on the day a campaign was closed, of all structures or one, whoever asks.

    It is ``is_expected``, which a test holds it to.
    """
    then = members.register_on(day, None if member_id is None else [member_id])
    query = select(then.c.id).where(then.c.status.in_(_BELONGS))
    return query if last is None else query.where(then.c.joined_on <= last)


def _last_note(year: int, member_id: ColumnElement[UUID]) -> Any:
    return (
        select(_NOTE.c.made_on, _NOTE.c.means)
        .where(_NOTE.c.year == year, _NOTE.c.member_id == member_id)
        .order_by(_NOTE.c.made_on.desc(), _NOTE.c.id.desc())
        .limit(1)
        .lateral()
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


def _count_out(count: Count) -> CountOut:
    return CountOut(**asdict(count), rate=count.rate)


async def _by_name(source: Read, followed: _Followed, filters: FollowUpFilters) -> list[FollowUpLine]:
    query = followed.lines(filters).order_by(members.MEMBER_NAME, followed.member_id)
    return await _lines_out(source, followed.year, (await source.session.execute(query)).all())


async def _lines_out(source: Read, year: int, rows: Sequence[Any]) -> list[FollowUpLine]:
    ids = [row[0] for row in rows]
    may_note = await members.allowed_on(source, Act.NOTE_DECLARANTS, ids)
    may_run = await members.allowed_on(source, Act.RUN_DECLARATIONS, ids)
    return [_line_out(year, row, notes=row[0] in may_note, runs=row[0] in may_run) for row in rows]


def _line_out(year: int, row: Any, *, notes: bool, runs: bool) -> FollowUpLine:
    member = members.member_of(row)
    member_id, expected, state, late, exempt, declared_on, contact_on, means, kinds, *told = row[:-1]
    reminded_on, reminders, reminding = told
    stands = DeclarationState(state)
    may = {"note": notes, "remind": notes, "exempt": runs, "withdraw_exemption": runs}
    here = acts(year, stands, expected=expected, exempt=exempt)
    actions, blockers = possible({act: refusal for act, refusal in here.items() if may[act]})
    return FollowUpLine(
        member_id=member_id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        activities=[kind for kind in ActivityKind if kind.value in kinds],
        expected=expected,
        state=stands,
        state_label=stands.label,
        late=late,
        exempt=exempt,
        declared_on=declared_on,
        last_contact_on=contact_on,
        last_contact_means=ContactMeans(means) if means else None,
        reminded_on=reminded_on,
        reminders=reminders,
        reminding=reminding,
        allowed_actions=actions,
        blockers=blockers,
    )
