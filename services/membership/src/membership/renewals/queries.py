"""Reads of renewals. Where a structure stands is computed from the register and from what was sent, never stored."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from common.blockers import BlockerOut
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped import shipped_rules
from common.transaction import Read
from membership.contacts.domain import Addressee
from membership.contacts.queries import addressees
from membership.members.queries import (
    MEMBER_DELEGATION,
    MEMBER_ID,
    MEMBER_NAME,
    allowed_on,
    in_delegations,
    is_named_like,
)
from membership.renewals import documents, repository
from membership.renewals.domain import (
    ITS_ACTIONS,
    PENDING,
    RUN_ACTIONS,
    Line,
    Means,
    NoNoticeSent,
    Notice,
    NoticeNotNeeded,
    NoticeWindowClosed,
    NotUpForRenewal,
    Renewal,
    RenewalRule,
    RenewalState,
    possible_actions,
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
    RenewalCountOut,
    RenewalNoticeOut,
    RenewalOut,
    ToSendOut,
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
    rows, cursor, total = await paginate(source, _filtered(source, grant, renewal, params), _LINES, params)
    lines = [repository.to_line(row, renewal, source.today) for row in rows]
    return Page(items=await _shown(source, renewal, lines), next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, renewal_id: UUID, params: LineExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list with the same filters. Raises RenewalNotFound."""
    renewal = await _renewal(source, renewal_id)
    lines = await _in_order(source, renewal, _filtered(source, grant, renewal, params))
    return (documents.export_line(line) for line in await _shown(source, renewal, lines))


async def find_line(source: Read, grant: Grant, renewal_id: UUID, member_id: UUID) -> LineDetail:
    """Return one structure of a renewal with all that was sent to it. Raises RenewalNotFound, NotUpForRenewal."""
    renewal = await _renewal(source, renewal_id)
    [line] = await lines_of(source, grant, renewal, [member_id])
    [shown] = await _shown(source, renewal, [line])
    exceptions = await repository.exceptions_of(source, renewal.id, [member_id])
    notices = await repository.notices_of(source, renewal.id, [member_id])
    return LineDetail(
        **shown.model_dump(),
        notices=[
            RenewalNoticeOut(
                **{name: value for name, value in asdict(one).items() if name != "member_id"},
                means_label=one.means.label,
                status_label=one.status.label,
            )
            for one in notices
        ],
        exceptions=[ExceptionOut.model_validate(one) for one in exceptions],
        to_send=await _to_send(source, renewal, line),
    )


async def lines_of(source: Read, grant: Grant, renewal: Renewal, member_ids: Collection[UUID]) -> list[Line]:
    """Return some structures of a renewal, all of them within reach. Raises NotUpForRenewal."""
    query, _ = repository.lines(renewal, grant, source.today, member_ids)
    lines = [repository.to_line(row, renewal, source.today) for row in await source.session.execute(query)]
    if len(lines) < len(set(member_ids)):
        raise NotUpForRenewal(
            f"Une structure n'est pas adhérente le {renewal.opt_out_until:%d/%m/%Y}, ou pas dans votre périmètre."
        )
    return lines


async def lines_in(
    source: Read, renewal: Renewal, states: Collection[RenewalState], *, after: UUID | None, limit: int
) -> list[Line]:
    """Return the next structures of a renewal in some states, in the order of their ids, whoever asks."""
    query, state = repository.lines(renewal, Grant(source.actor, Scope.ALL), source.today)
    query = query.where(state.in_([wanted.value for wanted in states])).order_by(MEMBER_ID).limit(limit)
    if after is not None:
        query = query.where(MEMBER_ID > after)  # noqa: SIM300  # a column, whatever its capitals
    return [repository.to_line(row, renewal, source.today) for row in await source.session.execute(query)]


async def reachable(source: Read, renewal: Renewal, lines: Sequence[Line]) -> dict[UUID, Addressee]:
    """Return whom to write to of some structures. An address to which a notice of theirs failed is none."""
    ids = [line.member.id for line in lines]
    notices = await repository.notices_of(source, renewal.id, ids)
    failed = {notice.recipient for notice in notices if notice.has_failed and notice.recipient}
    return await addressees(source, ids, failed)


async def print_letters(source: Read, grant: Grant, renewal_id: UUID, member_ids: Sequence[UUID]) -> bytes:
    """Return the letters to post, one a page: to some structures, or to all that a mail cannot reach.

    Raises RenewalNotFound, NotUpForRenewal, NoticeNotNeeded.
    """
    renewal = await _renewal(source, renewal_id)
    if member_ids:
        lines = await lines_of(source, grant, renewal, member_ids)
        require_untold({line.member.name: line.state for line in lines}, renewal)
    else:
        to_notify = LineFilters(state=[RenewalState.TO_NOTIFY])
        lines = await _in_order(source, renewal, _filtered(source, grant, renewal, to_notify))
    people = await reachable(source, renewal, lines)
    letters = [
        documents.Letter(line.member, person.name if person else None)
        for line in lines
        if (person := people.get(line.member.id)) is None or member_ids or person.email is None
    ]
    if not letters:
        raise NoticeNotNeeded("Aucun courrier à imprimer : toutes sont informées, ou joignables par courriel.")
    return await documents.print_letters(renewal, letters, source.today)


async def print_proof(source: Read, grant: Grant, renewal_id: UUID, member_id: UUID) -> bytes:
    """Return the paper that says what was sent to a structure.

    Raises RenewalNotFound, NotUpForRenewal, NoNoticeSent.
    """
    renewal = await _renewal(source, renewal_id)
    [line] = await lines_of(source, grant, renewal, [member_id])
    notices = await repository.notices_of(source, renewal.id, [member_id])
    if not notices:
        raise NoNoticeSent(f"Rien n'a été envoyé à {line.member.name} pour le renouvellement {renewal.year}.")
    return await documents.print_proof(renewal, line, notices, source.today)


async def exceptions_of(source: Read, renewal: Renewal, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return why an exception is made for each of some structures that have one."""
    rows = await repository.exceptions_of(source, renewal.id, member_ids)
    return {row.member_id: row.reason for row in rows if row.withdrawn_at is None}


async def _renewal(source: Read, renewal_id: UUID) -> Renewal:
    return repository.to_domain(await repository.get(source, renewal_id))


def _filtered(source: Read, grant: Grant, renewal: Renewal, filters: LineFilters) -> Select[Any]:
    query, state = repository.lines(renewal, grant, source.today)
    if filters.state:
        query = query.where(state.in_([wanted.value for wanted in filters.state]))
    if filters.delegation:
        query = query.where(in_delegations(filters.delegation))
    if filters.q:
        query = query.where(is_named_like(filters.q))
    return query


async def _in_order(source: Read, renewal: Renewal, query: Select[Any]) -> list[Line]:
    rows = await source.session.execute(query.order_by(MEMBER_NAME, MEMBER_ID))
    return [repository.to_line(row, renewal, source.today) for row in rows]


async def _out(source: Read, grant: Grant, row: RenewalRow) -> RenewalOut:
    renewal = repository.to_domain(row)
    counts = await _counts(source, grant, renewal)
    runs = grant_for(RIGHTS, Act.RUN_RENEWALS, source.actor) is not None
    blocked = _window_blockers(renewal, source.today)
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
        allowed_actions=["notify"] if runs and not blocked else [],
        blockers={"notify": blocked} if runs and blocked else {},
    )


def _window_blockers(renewal: Renewal, today: date) -> list[BlockerOut]:
    try:
        require_open_window(renewal, today)
    except NoticeWindowClosed as refusal:
        return [BlockerOut(code=refusal.code, message=refusal.message)]
    return []


async def _counts(source: Read, grant: Grant, renewal: Renewal) -> list[RenewalCountOut]:
    query, state = repository.lines(renewal, grant, source.today)
    grouped = query.with_only_columns(MEMBER_DELEGATION, state, func.count()).group_by(MEMBER_DELEGATION, state)
    found = {(row[0], RenewalState(row[1])): row[2] for row in await source.session.execute(grouped)}
    ranks = list(RenewalState)
    return [
        RenewalCountOut(delegation=delegation, state=state, state_label=state.label, count=count)
        for (delegation, state), count in sorted(
            found.items(), key=lambda item: (item[0][0] or "", ranks.index(item[0][1]))
        )
    ]


async def _shown(source: Read, renewal: Renewal, lines: Sequence[Line]) -> list[LineOut]:
    ids = [line.member.id for line in lines]
    last = {notice.member_id: notice for notice in await repository.notices_of(source, renewal.id, ids)}
    exceptions = await exceptions_of(source, renewal, ids)
    allowed = {
        **dict.fromkeys(RUN_ACTIONS, await allowed_on(source, Act.RUN_RENEWALS, ids)),
        **dict.fromkeys(ITS_ACTIONS, await allowed_on(source, Act.REFUSE_RENEWAL, ids)),
    }
    return [
        _line_out(
            line,
            last.get(line.member.id),
            exceptions.get(line.member.id),
            [
                action
                for action in possible_actions(line, renewal, source.today, last.get(line.member.id))
                if line.member.id in allowed[action]
            ],
        )
        for line in lines
    ]


def _line_out(line: Line, last: Notice | None, exception: str | None, allowed_actions: list[str]) -> LineOut:
    return LineOut(
        member_id=line.member.id,
        reference=line.member.reference,
        name=line.member.name,
        delegation=line.member.delegation,
        state=line.state,
        state_label=line.state.label,
        notified_on=line.standing.notified_on,
        problem=last.problem if last and line.state in PENDING else None,
        exception=exception,
        allowed_actions=allowed_actions,
    )


async def _to_send(source: Read, renewal: Renewal, line: Line) -> ToSendOut | None:
    if line.state is not RenewalState.TO_NOTIFY:
        return None
    person = (await reachable(source, renewal, [line])).get(line.member.id)
    means = Means.MAIL if person and person.email else Means.LETTER
    return ToSendOut(
        means=means,
        means_label=means.label,
        recipient=person.email if person else None,
        subject=documents.subject(renewal),
        text=documents.notice_text(renewal, line.member),
    )
