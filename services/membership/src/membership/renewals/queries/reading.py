"""Reads of renewals. Where a structure stands is computed from the register and from what was sent, never stored."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from common.blockers import BlockerOut, possible
from common.errors import FieldError, obstacle
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.members.domain import Member, MemberNotFound, Topic
from membership.members.queries import (
    MEMBER_DELEGATION,
    MEMBER_ID,
    MEMBER_NAME,
    allowed_on,
    calls_to_settle,
    entries_of,
    find,
    in_delegations,
    is_named_like,
)
from membership.notices import queries as notices
from membership.notices.domain import Federation, Means, Reach, Written, reach_of, require_postable
from membership.notices.queries import Write, federation_on
from membership.notices.schemas import ToSendOut
from membership.renewals import documents, repository
from membership.renewals.documents import File
from membership.renewals.domain import (
    GOING,
    ITS_ACTIONS,
    RUN_ACTIONS,
    Line,
    NoNoticeSent,
    NoticeNotNeeded,
    NotUpForRenewal,
    Renewal,
    RenewalRule,
    RenewalState,
    Standing,
    obstacles,
    problem_of,
    refusals,
    require_open_window,
    require_untold,
)
from membership.renewals.schemas import (
    ExceptionOut,
    LineDetail,
    LineExportParams,
    LineFilters,
    LineListParams,
    LineOut,
    RefusalOut,
    RenewalCountOut,
    RenewalOut,
)
from membership.renewals.tables import RenewalRow
from membership.rights import RIGHTS, Act

_RENEWAL: Any = RenewalRow.__table__  # type: ignore[attr-defined]
_RENEWALS = Order(columns={"year": _RENEWAL.c.year}, default="-year", unique=_RENEWAL.c.id)
_LINES = Order(columns={"name": MEMBER_NAME}, default="name", unique=MEMBER_ID)


@cache
def renewal_rules() -> tuple[RenewalRule, ...]:
    """Return the dated rules of notice shipped with the service."""
    return shipped_rules("membership.renewals", "renewal.toml", RenewalRule)


def writer(renewal: Renewal, day: date) -> Write:
    """Return what words the notices of a renewal that leave on a day. Raises RuleMissing."""
    return partial(_notice, renewal, federation_on(day))


def _notice(renewal: Renewal, federation: Federation, member: Member, means: Means) -> Written:
    return documents.notice(renewal, member, federation, means)


async def list_renewals(source: Read, grant: Grant, params: PageParams) -> Page[RenewalOut]:
    """Return one page of renewals, the latest year first, each as far as the grant reaches."""
    rows, cursor, total = await paginate(source, select(RenewalRow), _RENEWALS, params)
    return Page(items=[await _out(source, grant, row) for row in rows], next_cursor=cursor, total=total)


async def find_renewal(source: Read, grant: Grant, renewal_id: UUID) -> RenewalOut:
    """Return one renewal, as far as the grant reaches. Raises RenewalNotFound."""
    return await _out(source, grant, await repository.get(source, renewal_id))


async def list_lines(source: Read, grant: Grant, renewal_id: UUID, params: LineListParams) -> Page[LineOut]:
    """Return one page of the structures of a renewal within reach. Raises RenewalNotFound."""
    renewal = await _renewal(source, renewal_id)
    rows, cursor, total = await paginate(source, selected(source, grant, renewal, params), _LINES, params)
    lines = [repository.to_line(row, renewal, source.today) for row in rows]
    return Page(items=await _shown(source, renewal, lines), next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, renewal_id: UUID, params: LineExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list with the same filters. Raises RenewalNotFound."""
    renewal = await _renewal(source, renewal_id)
    lines = await _in_order(source, renewal, selected(source, grant, renewal, params))
    return (documents.export_line(line) for line in await _shown(source, renewal, lines))


async def of_year(source: Read, year: int) -> Renewal | None:
    """Return the renewal of a year, if it was opened, whoever asks."""
    row = await repository.renewal_of(source, year)
    return repository.to_domain(row) if row else None


async def find_line(source: Read, grant: Grant, renewal_id: UUID, member_id: UUID) -> LineDetail:
    """Return all there is of one structure in a renewal. Raises RenewalNotFound, NotUpForRenewal, RuleMissing."""
    renewal = await _renewal(source, renewal_id)
    file = await _file(source, grant, renewal, member_id)
    [shown] = await _shown(source, renewal, [file.line])
    may_run = bool(await allowed_on(source, Act.RUN_RENEWALS, [member_id]))
    return LineDetail(
        **shown.model_dump(),
        version=file.line.member.version,
        notices=notices.notices_out(file.notices, may_record=may_run),
        exceptions=[ExceptionOut.model_validate(one) for one in file.exceptions],
        refusals=[RefusalOut.of(one) for one in file.refusals],
        to_send=await _to_send(source, renewal, file.line),
        to_follow=await _to_follow(source, renewal, file.line),
    )


async def _file(source: Read, grant: Grant, renewal: Renewal, member_id: UUID) -> File:
    """Return all there is of a structure, also where it is no longer up for renewal. Raises NotUpForRenewal."""
    found = await _lines(source, grant, renewal, [member_id])
    line = found[0] if found else await _no_longer(source, grant, renewal, member_id)
    known = await entries_of(source, [member_id], [Topic.STATUS])
    file = File(
        line,
        notices=await notices.readable_notices(source, renewal.about, [member_id]),
        exceptions=await repository.exceptions_of(source, renewal.id, [member_id]),
        refusals=refusals(known[member_id], renewal),
    )
    if line.state is RenewalState.NOT_CONCERNED and file.is_empty:
        raise _not_up(renewal, [member_id])
    return file


async def _no_longer(source: Read, grant: Grant, renewal: Renewal, member_id: UUID) -> Line:
    try:
        member = await find(source, grant, member_id)
    except MemberNotFound:
        raise _not_up(renewal, [member_id]) from None
    return Line(member, Standing(), RenewalState.NOT_CONCERNED)


async def lines_of(source: Read, grant: Grant, renewal: Renewal, member_ids: Collection[UUID]) -> list[Line]:
    """Return some structures of a renewal, all of them within reach. Raises NotUpForRenewal."""
    lines = await _lines(source, grant, renewal, member_ids)
    others = set(member_ids) - {line.member.id for line in lines}
    if others:
        raise _not_up(renewal, sorted(others))
    return lines


async def _lines(source: Read, grant: Grant, renewal: Renewal, member_ids: Collection[UUID]) -> list[Line]:
    query, _ = repository.lines(renewal, grant, source.today, member_ids)
    return [repository.to_line(row, renewal, source.today) for row in await source.session.execute(query)]


def _not_up(renewal: Renewal, member_ids: Sequence[UUID]) -> NotUpForRenewal:
    sentence = f"n'est pas adhérente le {renewal.opt_out_until:%d/%m/%Y}, ou pas dans votre périmètre."
    errors = [FieldError(f"/members/{one}", NotUpForRenewal.code, f"Cette structure {sentence}") for one in member_ids]
    return NotUpForRenewal(f"Une structure {sentence}", errors=errors)


async def lines_in(
    source: Read, renewal: Renewal, states: Collection[RenewalState], *, after: UUID | None, limit: int
) -> list[Line]:
    """Return the next structures of a renewal in some states, in the order of their ids, whoever asks."""
    query, state = repository.lines(renewal, Grant(source.actor, Scope.ALL), source.today)
    query = query.where(state.in_([wanted.value for wanted in states])).order_by(MEMBER_ID).limit(limit)
    if after is not None:
        query = query.where(MEMBER_ID > after)  # noqa: SIM300  # a column, whatever its capitals
    return [repository.to_line(row, renewal, source.today) for row in await source.session.execute(query)]


async def print_letters(source: Read, grant: Grant, renewal_id: UUID, member_ids: Sequence[UUID]) -> bytes:
    """Return the letters to post, one a page: to some structures, or to all that a letter only can reach.

    Raises RenewalNotFound, NotUpForRenewal, NoticeWindowClosed, NoticeNotNeeded, NoPostalAddress, RuleMissing.
    """
    renewal = await _renewal(source, renewal_id)
    require_open_window(renewal, source.today)
    if member_ids:
        lines = await lines_of(source, grant, renewal, member_ids)
        require_untold(lines, renewal)
        require_postable([line.member for line in lines])
    else:
        to_notify = LineFilters(state=[RenewalState.TO_NOTIFY])
        lines = await _in_order(source, renewal, selected(source, grant, renewal, to_notify))
    named = [line.member for line in lines]
    people = await notices.reachable(source, renewal.about, [member.id for member in named])
    letters = notices.letters_to(named, people, writer(renewal, source.today), member_ids)
    if not letters:
        raise NoticeNotNeeded(
            "Aucun courrier à imprimer : toutes sont informées, joignables par courriel, ou sans adresse postale."
        )
    title = f"Renouvellement {renewal.year} : courriers"
    return await notices.print_letters(title, letters, federation_on(source.today), source.today)


async def print_proof(source: Read, grant: Grant, renewal_id: UUID, member_id: UUID) -> bytes:
    """Return the paper that says what was sent to a structure, what it said, and what was decided for it.

    Raises RenewalNotFound, NotUpForRenewal, NoNoticeSent, RuleMissing.
    """
    renewal = await _renewal(source, renewal_id)
    file = await _file(source, grant, renewal, member_id)
    if file.is_empty:
        raise NoNoticeSent(f"Rien n'a été envoyé à {file.line.member.name} pour le renouvellement {renewal.year}.")
    return await documents.print_proof(renewal, file, federation_on(source.today), source.today)


async def exceptions_of(source: Read, renewal: Renewal, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return why an exception is made for each of some structures that have one."""
    rows = await repository.exceptions_of(source, renewal.id, member_ids)
    return {row.member_id: row.reason for row in rows if row.withdrawn_at is None}


async def _renewal(source: Read, renewal_id: UUID) -> Renewal:
    return repository.to_domain(await repository.get(source, renewal_id))


def selected(source: Read, grant: Grant, renewal: Renewal, filters: LineFilters) -> Select[Any]:
    """Select the structures of a renewal within reach that pass the filters, for a list or a count."""
    query, state = repository.lines(renewal, grant, source.today)
    if filters.state:
        query = query.where(state.in_([wanted.value for wanted in filters.state]))
    if filters.delegation:
        query = query.where(in_delegations(filters.delegation))
    return query.where(is_named_like(filters.q)) if filters.q else query


async def _in_order(source: Read, renewal: Renewal, query: Select[Any]) -> list[Line]:
    rows = await source.session.execute(query.order_by(MEMBER_NAME, MEMBER_ID))
    return [repository.to_line(row, renewal, source.today) for row in rows]


async def _out(source: Read, grant: Grant, row: RenewalRow) -> RenewalOut:
    renewal = repository.to_domain(row)
    counts = await _counts(source, grant, renewal)
    runs = grant_for(RIGHTS, Act.RUN_RENEWALS, source.actor) is not None
    closed = obstacle(partial(require_open_window, renewal, source.today))
    allowed, blockers = possible(dict.fromkeys(("notify", "print_letters"), closed) if runs else {})
    return RenewalOut(
        id=row.id,
        year=row.year,
        renews_on=renewal.renews_on,
        notice_from=row.notice_from,
        notice_until=row.notice_until,
        opt_out_until=renewal.opt_out_until,
        rule_status=row.rule_status,
        rule_source=row.rule_source,
        states={state: sum(one.count for one in counts if one.state is state) for state in RenewalState},
        counts=counts,
        job_id=row.job_id,
        opened_at=row.opened_at,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def _counts(source: Read, grant: Grant, renewal: Renewal) -> list[RenewalCountOut]:
    query, state = repository.lines(renewal, grant, source.today)
    grouped = query.with_only_columns(MEMBER_DELEGATION, state, func.count()).group_by(MEMBER_DELEGATION, state)
    rows = [(code, RenewalState(name), count) for code, name, count in await source.session.execute(grouped)]
    rows.sort(key=lambda row: (row[0] or "", list(RenewalState).index(row[1])))
    return [RenewalCountOut(delegation=code, state=one, state_label=one.label, count=n) for code, one, n in rows]


async def _shown(source: Read, renewal: Renewal, lines: Sequence[Line]) -> list[LineOut]:
    ids = [line.member.id for line in lines]
    last = {notice.member_id: notice for notice in await notices.readable_notices(source, renewal.about, ids)}
    exceptions = await exceptions_of(source, renewal, ids)
    means = await _means(source, renewal, lines)
    allowed = {
        **dict.fromkeys(RUN_ACTIONS, await allowed_on(source, Act.RUN_RENEWALS, ids)),
        **dict.fromkeys(ITS_ACTIONS, await allowed_on(source, Act.REFUSE_RENEWAL, ids)),
    }
    grant = grant_for(RIGHTS, Act.REFUSE_RENEWAL, source.actor)
    by_itself = grant is not None and grant.scope is Scope.OWN
    shown = []
    for line in lines:
        member_id, failed = line.member.id, last.get(line.member.id)
        found = obstacles(line, renewal, source.today, by_itself=by_itself)
        actions, blockers = possible({name: found[name] for name in found if member_id in allowed[name]})
        shown.append(
            LineOut.of(
                line,
                means=means.get(member_id),
                problem=problem_of(line, renewal, source.today, failed.problem if failed else None),
                exception=None if line.state in GOING else exceptions.get(member_id),
                allowed_actions=actions,
                blockers=blockers,
            )
        )
    return shown


async def _means(source: Read, renewal: Renewal, lines: Sequence[Line]) -> dict[UUID, Reach]:
    """Return how each structure that is to be told can be."""
    to_tell = [line.member for line in lines if line.state is RenewalState.TO_NOTIFY]
    ids = [member.id for member in to_tell]
    people = await notices.reachable(source, renewal.about, ids) if to_tell else {}
    return {member.id: reach_of(member, people.get(member.id)) for member in to_tell}


async def _to_send(source: Read, renewal: Renewal, line: Line) -> ToSendOut | None:
    if line.state is not RenewalState.TO_NOTIFY:
        return None
    return await notices.to_send(source, renewal.about, line.member, writer(renewal, source.today))


async def _to_follow(source: Read, renewal: Renewal, line: Line) -> list[BlockerOut]:
    """Say what a refusal leaves to somebody: the call for dues of the year, if it was made."""
    if line.state is not RenewalState.OPTED_OUT:
        return []
    calls = await calls_to_settle(source, line.member.id, renewal.year)
    sentence = f"{line.member.name} : des appels de cotisation sont à régler ({', '.join(calls)})."
    return [BlockerOut(code="calls", message=sentence)] if calls else []
