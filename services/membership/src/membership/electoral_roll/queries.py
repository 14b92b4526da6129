"""Reads of the electoral roll: live for any day, as it was frozen, and from one to another.

A roll is computed by the one rule, ``enrol``, and filtered where it stands: the federation has hundreds of structures.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from common.blockers import BlockerOut, blockers_out, tried
from common.clock import legal_day
from common.dated import rule_on
from common.errors import Blocker, obstacle
from common.pagination import BadCursor, Order, Page, PageParams, page_of, paginate, sift
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped
from common.transaction import Read
from membership.electoral_roll import repository
from membership.electoral_roll.documents import export_line
from membership.electoral_roll.domain import (
    Change,
    Contest,
    ContestOpen,
    ContestStatus,
    ContestWindowOpen,
    NotOnRoll,
    Roll,
    RollLine,
    RollRule,
    changes,
    corrected,
    counted,
    enrol,
    require_contestable,
    require_sealable,
    require_unsealed,
)
from membership.electoral_roll.repository import ROLL, contests_query
from membership.electoral_roll.schemas import (
    CollegeCountOut,
    ContestListParams,
    ContestOut,
    CorrectionOut,
    ExclusionCountOut,
    LiveRollParams,
    Moment,
    RollChangeOut,
    RollCountsOut,
    RollDiffParams,
    RollFilters,
    RollLineDetail,
    RollLineOut,
    RollListParams,
    RollOut,
    RollRuleOut,
    RollSummary,
)
from membership.members.domain import Member, YearOfDues, normalise
from membership.members.queries import MEMBER_NAME, allowed_on, dues_until, member_of
from membership.rights import RIGHTS, Act

T = TypeVar("T")
S = TypeVar("S")
_ROLLS = Order(columns={"as_of": ROLL.c.as_of}, default="-as_of", unique=ROLL.c.id)
_BY_NAME = Order(columns={"name": MEMBER_NAME}, default="name", unique=MEMBER_NAME)
_NOT_ON_ROLL = "Cette structure n'est pas sur la liste : elle n'était pas adhérente, ou n'est pas dans votre périmètre."
NOW = Moment(as_of=None, known_at=None)


@cache
def roll_rules() -> tuple[RollRule, ...]:
    """Return the dated rules of the roll shipped with the service."""
    rules = shipped("membership.electoral_roll", "roll.toml")["rules"]
    return TypeAdapter(tuple[RollRule, ...]).validate_python(rules)


@dataclass(frozen=True, slots=True)
class LiveRoll:
    """The roll of a day, as far as a grant reaches."""

    as_of: date
    rule: RollRule
    lines: list[RollLine]


async def live_roll(
    source: Read, grant: Grant, moment: Moment = NOW, member_ids: Collection[UUID] | None = None
) -> LiveRoll:
    """Compute the roll of a day within reach, of all structures or of some. Raises RuleMissing.

    The register says what was true that day, and what was known of it; a call for dues counts from the day it was
    issued, with what is known of it now; where a structure stands, if it stood so that day already.
    """
    day = moment.as_of or source.today
    rule = rule_on(roll_rules(), day)
    members = await repository.members_on(source, grant, day, moment.known_at, member_ids)
    called = None if member_ids is None else [member.id for member in members]
    return LiveRoll(day, rule, await _enrolled(source, members, moment, called))


async def _enrolled(
    source: Read, members: Sequence[Member], moment: Moment, called: Collection[UUID] | None
) -> list[RollLine]:
    """Return the lines of structures as they were on the day, from the dues of all or of some."""
    day = moment.as_of or source.today
    rule = rule_on(roll_rules(), day)
    heard = min(day, legal_day(moment.known_at)) if moment.known_at else day
    known = await dues_until(source, day.year, called)
    return [enrol(member, _heard(known.get(member.id, ()), heard), rule, day) for member in members]


def _heard(dues: Iterable[YearOfDues], day: date) -> list[YearOfDues]:
    """Return what of some years of dues was already so on a day: calls issued, standings entered by then."""
    years = (
        YearOfDues(
            year.year,
            tuple(call for call in year.calls if call.issued_on <= day),
            year.told if year.told and year.told.since <= day else None,
        )
        for year in dues
    )
    return [year for year in years if year.calls or year.told]


async def summarize(source: Read, grant: Grant, params: LiveRollParams) -> RollSummary:
    """Return the counts of the roll of a day. Raises RuleMissing."""
    roll = await live_roll(source, grant, params)
    lines = [line for line in roll.lines if _passes(line, params)]
    return RollSummary(as_of=roll.as_of, rule=RollRuleOut.of(roll.rule), counts=_counts(lines, roll.rule))


async def list_live(source: Read, grant: Grant, filters: LiveRollParams, params: PageParams) -> Page[RollLineOut]:
    """Return one page of the roll of a day. Raises RuleMissing."""
    day = filters.as_of or source.today
    colleges = colleges_of(rule_on(roll_rules(), day))
    words = normalise(filters.q or "")
    query, order = repository.members_query(grant, day, filters.known_at, delegations=filters.delegation, words=words)

    async def shown(rows: Sequence[Any]) -> list[RollLineOut | None]:
        members = [repository.to_member(row) for row in rows]
        lines = await _enrolled(source, members, filters, [member.id for member in members])
        return [_shown(line, filters, colleges) for line in lines]

    return await sift(source, query, order, params, shown)


async def find_live(source: Read, grant: Grant, member_id: UUID, moment: Moment) -> RollLineOut:
    """Return one structure's line on the roll of a day. Raises RuleMissing, NotOnRoll."""
    roll = await live_roll(source, grant, moment, [member_id])
    return RollLineOut.of(_only(roll.lines), colleges_of(roll.rule))


async def export_live(source: Read, grant: Grant, params: LiveRollParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export of the roll of a day. Raises RuleMissing."""
    roll = await live_roll(source, grant, params)
    return _export([line for line in roll.lines if _passes(line, params)], roll.rule)


async def list_rolls(source: Read, grant: Grant, params: RollListParams) -> Page[RollOut]:
    """Return one page of frozen rolls, the latest day first, each as far as the grant reaches."""
    query = repository.rolls_query(params.as_of, params.sealed, counting=params.counting)
    rows, cursor, total = await paginate(source, query, _ROLLS, params)
    items = [await _roll_out(source, grant, repository.to_domain(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_roll(source: Read, grant: Grant, roll_id: UUID) -> RollOut:
    """Return one frozen roll, as far as the grant reaches. Raises RollNotFound."""
    return await _roll_out(source, grant, await repository.get(source, roll_id))


async def roll_frozen_for(source: Read, day: date) -> Roll | None:
    """Return the frozen roll that counts for a day, if there is one."""
    return await repository.counting_for(source, day)


async def sealing_blockers(source: Read, day: date) -> tuple[Blocker, ...]:
    """Say what keeps an assembly from opening now on the roll that counts for a day."""
    roll = await repository.counting_for(source, day)
    if roll is None:
        return ()
    try:
        require_sealable(roll, await repository.contests_of(source, roll.id), source.today, waived=False)
    except (ContestOpen, ContestWindowOpen) as refusal:
        return (Blocker(refusal.code, refusal.message),)
    return ()


async def frozen_rule(source: Read, roll_id: UUID) -> RollRule:
    """Return the rule that a frozen roll was computed by. Raises RollNotFound."""
    return (await repository.get(source, roll_id)).rule


async def sealed_roll(source: Read, roll_id: UUID) -> dict[UUID, RollLine]:
    """Return the lines of a frozen roll by structure, with its corrections, whoever asks."""
    return await _by_member(source, Grant(source.actor, Scope.ALL), roll_id)


async def list_frozen(
    source: Read, grant: Grant, roll_id: UUID, filters: RollFilters, params: PageParams
) -> Page[RollLineOut]:
    """Return one page of a frozen roll, with its corrections. Raises RollNotFound."""
    roll = await repository.get(source, roll_id)
    colleges, corrections = colleges_of(roll.rule), await repository.corrections_of(source, roll_id)

    async def shown(rows: Sequence[Any]) -> list[RollLineOut | None]:
        lines = [corrected(repository.to_line(row), corrections) for row in rows]
        return [_shown(line, filters, colleges) for line in lines]

    return await sift(source, repository.frozen_query(grant, roll_id), repository.LINES, params, shown)


async def export_frozen(source: Read, grant: Grant, roll_id: UUID, filters: RollFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export of a frozen roll, with its corrections. Raises RollNotFound."""
    roll = await repository.get(source, roll_id)
    lines = (await _by_member(source, grant, roll_id)).values()
    return _export([line for line in lines if _passes(line, filters)], roll.rule)


async def frozen_line(source: Read, grant: Grant, roll_id: UUID, member_id: UUID) -> RollLine:
    """Return one structure's line on a frozen roll, with its corrections. Raises NotOnRoll."""
    return _only((await _by_member(source, grant, roll_id, [member_id])).values())


async def find_frozen(source: Read, grant: Grant, roll_id: UUID, member_id: UUID) -> RollLineDetail:
    """Return one structure's line on a frozen roll, as frozen and since. Raises RollNotFound, NotOnRoll."""
    roll = await repository.get(source, roll_id)
    frozen = _only(await repository.frozen_lines(source, grant, roll_id, [member_id]))
    corrections = [one for one in await repository.corrections_of(source, roll_id) if one.member_id == member_id]
    contests = [one for one in await repository.contests_of(source, roll_id) if one.member_id == member_id]
    colleges = colleges_of(roll.rule)
    mine = member_id in await allowed_on(source, Act.CONTEST_ROLLS, [member_id])
    blocked = _contest_blockers(roll, contests, member_id, source.today)
    return RollLineDetail(
        **RollLineOut.of(corrected(frozen, corrections), colleges).model_dump(),
        frozen=RollLineOut.of(frozen, colleges),
        corrections=[CorrectionOut.of(one) for one in corrections],
        contests=[ContestOut.of(one) for one in contests],
        allowed_actions=["contest"] if mine and not blocked else [],
        blockers={"contest": blocked} if mine and blocked else {},
    )


async def list_contests(source: Read, grant: Grant, roll_id: UUID, params: ContestListParams) -> Page[ContestOut]:
    """Return one page of the contests of a roll within reach, the oldest first. Raises RollNotFound."""
    await repository.get(source, roll_id)
    query, order = contests_query(grant, roll_id, params.status)
    rows, cursor, total = await paginate(source, query, order, params)
    items = [
        ContestOut.of(repository.to_contest(row[0])).model_copy(update={"name": member_of(row).name}) for row in rows
    ]
    return Page(items=items, next_cursor=cursor, total=total)


async def compare(source: Read, grant: Grant, roll_id: UUID, params: RollDiffParams) -> Page[RollChangeOut]:
    """Return one page of what differs between a frozen roll and another, or the live one. Raises RollNotFound."""
    roll = await repository.get(source, roll_id)
    before = await _by_member(source, grant, roll_id)
    if params.against:
        rule = (await repository.get(source, params.against)).rule
        after = await _by_member(source, grant, params.against)
    else:
        live = await live_roll(source, grant)
        rule, after = live.rule, {line.member_id: line for line in live.lines}
    found = [one for one in changes(before, after) if not params.kind or one.kind in params.kind]
    names = {**colleges_of(roll.rule), **colleges_of(rule)}

    def place(change: Change) -> tuple[str, str]:
        return change.line.name, str(change.line.member_id)

    return cut_page(found, params, place, lambda change: RollChangeOut.of(change, names))


def colleges_of(rule: RollRule) -> dict[str, str]:
    """Return the name of each college of a rule by code."""
    return {college.code: college.name for college in rule.colleges}


async def _by_member(
    source: Read, grant: Grant, roll_id: UUID, member_ids: Collection[UUID] | None = None
) -> dict[UUID, RollLine]:
    corrections = await repository.corrections_of(source, roll_id)
    lines = await repository.frozen_lines(source, grant, roll_id, member_ids)
    return {line.member_id: corrected(line, corrections) for line in lines}


def _only(lines: Collection[RollLine]) -> RollLine:
    if not lines:
        raise NotOnRoll(_NOT_ON_ROLL)
    return next(iter(lines))


async def _roll_out(source: Read, grant: Grant, roll: Roll) -> RollOut:
    lines = await _by_member(source, grant, roll.id)
    contests = await repository.contests_of(source, roll.id)
    corrections = await repository.corrections_of(source, roll.id)
    runs = grant_for(RIGHTS, Act.RUN_ROLLS, source.actor) is not None
    actions, blockers = tried({"correct": partial(require_unsealed, roll)}) if runs else ([], {})
    return RollOut(
        id=roll.id,
        title=roll.title,
        as_of=roll.as_of,
        frozen_at=roll.frozen_at,
        frozen_by=roll.frozen_by,
        contest_until=roll.contest_until,
        sha256=roll.sha256,
        replaces=roll.replaces,
        replaced_at=roll.replaced_at,
        corrections=sum(one.member_id in lines for one in corrections),
        sealed_at=roll.sealed_at,
        rule=RollRuleOut.of(roll.rule),
        counts=_counts(lines.values(), roll.rule),
        open_contests=sum(one.status is ContestStatus.OPEN and one.member_id in lines for one in contests),
        version=roll.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _contest_blockers(roll: Roll, contests: Sequence[Contest], member_id: UUID, today: date) -> list[BlockerOut]:
    refusal = obstacle(partial(require_contestable, roll, contests, member_id, today))
    return blockers_out([refusal] if refusal else [])


def _shown(line: RollLine, filters: RollFilters, colleges: Mapping[str, str]) -> RollLineOut | None:
    return RollLineOut.of(line, colleges) if _passes(line, filters) else None


def _passes(line: RollLine, filters: RollFilters) -> bool:
    return (
        (not filters.college or line.college in filters.college)
        and (not filters.delegation or line.delegation in filters.delegation)
        and filters.entitled in (None, line.entitled)
        and (not filters.reason or any(one.code in filters.reason for one in line.reasons))
        and (not filters.remark or any(one.code in filters.remark for one in line.remarks))
        and (not filters.q or normalise(filters.q) in normalise(line.name))
    )


def _counts(lines: Collection[RollLine], rule: RollRule) -> RollCountsOut:
    voting = [line for line in lines if line.entitled]
    return RollCountsOut(
        structures=len(lines),
        entitled=len(voting),
        votes=sum(line.votes for line in voting),
        colleges=[
            CollegeCountOut(
                college=college.code,
                name=college.name,
                entitled=sum(line.college == college.code for line in voting),
                votes=sum(line.votes for line in voting if line.college == college.code),
            )
            for college in rule.colleges
        ],
        exclusions=[
            ExclusionCountOut(code=code, label=code.label, count=count)
            for code, count in counted(lines).items()
            if count
        ],
    )


def _export(lines: Collection[RollLine], rule: RollRule) -> Iterator[Sequence[object]]:
    return (export_line(line, colleges_of(rule)) for line in sorted(lines, key=_place))


def _place(line: RollLine) -> tuple[str, str]:
    return line.name, str(line.member_id)


def cut_page(
    found: Collection[T], params: PageParams, place: Callable[[T], tuple[str, str]], shown: Callable[[T], S]
) -> Page[S]:
    """Cut one page of what was computed; the cursor is the structure it ended with."""
    descending = _BY_NAME.parse(params.sort)[0].descending
    ordered = sorted(found, key=place, reverse=descending)
    start = 0
    if params.cursor:
        ids = [place(one)[1] for one in ordered]
        if params.cursor not in ids:
            raise BadCursor("Ce curseur n'est pas de cette liste, ou la liste a changé : reprenez au début.")
        start = ids.index(params.cursor) + 1
    cut = page_of(ordered[start : start + params.limit + 1], params.limit, lambda one: place(one)[1])
    return Page(
        items=[shown(one) for one in cut.items],
        next_cursor=cut.next_cursor,
        total=len(ordered) if params.total else None,
    )
