"""Reads of satisfaction: one's own answer, the comments, the figures of a year under secrecy."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, null, select

from common.blockers import tried
from common.clock import beginning, legal_day
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope
from common.transaction import Read
from membership.accompaniments.queries import kinds
from membership.bookings import queries as bookings
from membership.satisfaction import repository
from membership.satisfaction.domain import (
    SatisfactionNotFound,
    Tally,
    require_changeable,
    require_quotable,
    shown,
    together,
)
from membership.satisfaction.schemas import (
    AccompanimentAnswerOut,
    AccompanimentCommentOut,
    AccompanimentCountOut,
    AccompanimentFigureOut,
    AccompanimentFiguresOut,
    AnswerListParams,
    CommentListParams,
    OfferFigureOut,
    SatisfactionOut,
    SurveyOut,
    SurveyQuestionOut,
)
from membership.satisfaction.tables import SatisfactionRow

_TABLE: Any = SatisfactionRow.__table__  # type: ignore[attr-defined]
_COMMENTS = Order(columns={"answered_at": _TABLE.c.answered_at}, default="-answered_at", unique=_TABLE.c.id)
_ANSWERS = Order(columns={"kind": _TABLE.c.kind}, default="kind", unique=_TABLE.c.id)
DELEGATION: ColumnElement[str | None] = _TABLE.c.delegation
"""The structure's when it booked."""
_NOTHING = Tally(0, {}, {})


def show_survey(day: date) -> SurveyOut:
    """Return the same as the API shows it. Raises RuleMissing."""
    rule = bookings.survey_on(day)
    questions = [SurveyQuestionOut.model_validate(question) for question in rule.questions]
    return SurveyOut(
        questions=questions,
        changeable_days=rule.changeable_days,
        named_days=rule.named_days,
        minimum=rule.minimum,
        status=rule.status,
        source=rule.source,
    )


async def find_answer(source: Read, grant: Grant, booking_id: UUID) -> SatisfactionOut:
    """Return a structure's own answer. Raises BookingNotFound, SatisfactionNotFound, RuleMissing."""
    await bookings.booking_of(source, grant, booking_id)
    given = await repository.answer_of(source, booking_id)
    if given is None or given.answered_at is None:
        raise SatisfactionNotFound("Aucun avis n'est donné sur cette réservation.")
    answered_on = legal_day(given.answered_at)
    change = partial(require_changeable, answered_on, bookings.survey_on(answered_on), source.today)
    actions, blockers = tried({"change": change, "withdraw_quote": partial(require_quotable, given)})
    return SatisfactionOut(
        booking_id=booking_id,
        ratings=dict(given.ratings),
        comment=given.comment,
        quotable=given.quotable,
        answered_at=given.answered_at,
        version=given.version,
        allowed_actions=actions,
        blockers=blockers,
    )


async def list_comments(source: Read, grant: Grant, params: CommentListParams) -> Page[AccompanimentCommentOut]:
    """Return one page of what structures within reach wrote, while it is named."""
    query = bookings.joined_with_booking(select(SatisfactionRow), _TABLE.c.booking_id, grant)
    query = query.where(_TABLE.c.comment.is_not(None))
    if params.kind:
        query = query.where(_TABLE.c.kind.in_(params.kind))
    if params.quotable is not None:
        query = query.where(_TABLE.c.quotable == params.quotable)
    rows, cursor, total = await paginate(source, query, _COMMENTS, params)
    return Page(items=[_comment_out(row) for row in rows], next_cursor=cursor, total=total)


async def list_answers(source: Read, grant: Grant, params: AnswerListParams) -> Page[AccompanimentAnswerOut]:
    """Return one page of the answers within reach, by what they are about; they stay when they are nobody's."""
    rows, cursor, total = await paginate(source, selected(grant, params), _ANSWERS, params)
    return Page(items=[_answer_out(row) for row in rows], next_cursor=cursor, total=total)


def selected(grant: Grant, params: AnswerListParams) -> Select[Any]:
    """Select the answers within reach that pass the filters, for a list or a count."""
    query: Select[Any] = select(SatisfactionRow).where(grant.covers(member=null(), delegation=DELEGATION))
    for column, wanted in ((_TABLE.c.kind, params.kind), (DELEGATION, params.delegation)):
        if wanted:
            query = query.where(column.in_(wanted))
    return query.where(_TABLE.c.year == params.year) if params.year else query


async def figures(source: Read, grant: Grant, year: int) -> AccompanimentFiguresOut:
    """Count a year by kind and delegation, and show what averages may be shown. Raises RuleMissing."""
    region = None if grant.scope is Scope.ALL else grant.actor.delegation or ""
    rows = await bookings.yearly(source, region, beginning(date(year, 1, 1)), beginning(date(year + 1, 1, 1)))
    rule = bookings.survey_on(source.today)
    table = _Table(rows, await repository.tallies(source, year, region), rule.minimum)
    return AccompanimentFiguresOut(year=year, survey=show_survey(source.today), items=table.lines())


class _Table:
    """The bookings and the answers of a year, by kind, delegation and offer."""

    def __init__(self, rows: Iterable[Any], tallies: dict[repository.Group, Tally], minimum: int) -> None:
        self._rows = {(row.kind, row.delegation, row.offer_id): row for row in rows}
        self._tallies = tallies
        self._minimum = minimum
        self._groups = sorted({*self._rows, *tallies})
        counts: dict[str, dict[str, dict[UUID, int]]] = {}
        for kind, region, offer_id in self._groups:
            answers = tallies.get((kind, region, offer_id), _NOTHING).answers
            counts.setdefault(kind, {}).setdefault(region, {})[offer_id] = answers
        self._shown = shown(counts, minimum)

    def lines(self) -> list[AccompanimentFigureOut]:
        """Write each kind in all, then in each delegation."""
        lines = []
        for kind in sorted({group[0] for group in self._groups}):
            lines.append(self._line(kind, None))
            regions = sorted({group[1] for group in self._groups if group[0] == kind})
            lines += [self._line(kind, region) for region in regions]
        return lines

    def _line(self, kind: str, region: str | None) -> AccompanimentFigureOut:
        groups = [group for group in self._groups if group[0] == kind and region in (None, group[1])]
        offers = [] if region is None else groups
        count = self._count(groups, is_shown=(kind, region, None) in self._shown)
        return AccompanimentFigureOut(
            kind=kind,
            kind_label=kinds()[kind].label,
            delegation=region,
            offers=[
                OfferFigureOut(accompaniment_id=one[2], **dict(self._count([one], is_shown=one in self._shown)))
                for one in offers
            ],
            **dict(count),
        )

    def _count(self, groups: list[repository.Group], *, is_shown: bool) -> AccompanimentCountOut:
        rows = [self._rows[group] for group in groups if group in self._rows]
        tally = together([self._tallies[group] for group in groups if group in self._tallies])
        told = {code: one for code, one in tally.averages.items() if tally.counts[code] >= self._minimum}
        return AccompanimentCountOut(
            booked=sum(row.booked for row in rows),
            held=sum(row.held for row in rows),
            absent=sum(row.absent for row in rows),
            structures=len({member for row in rows for member in row.structures or ()}),
            answers=tally.answers,
            averages=told if is_shown else None,
        )


def _answer_out(row: SatisfactionRow) -> AccompanimentAnswerOut:
    return AccompanimentAnswerOut(
        kind=row.kind,
        kind_label=kinds()[row.kind].label,
        accompaniment_id=row.offer_id,
        delegation=row.delegation,
        year=row.year,
    )


def _comment_out(row: Any) -> AccompanimentCommentOut:
    given = repository.to_domain(row[0])
    booking, _, offer, member = bookings.known_of(row[1:])
    return AccompanimentCommentOut(
        booking_id=booking.id,
        member_id=member.id,
        name=member.name,
        kind=given.kind,
        title=offer.terms.title,
        comment=given.comment or "",
        quotable=given.quotable,
        answered_at=given.answered_at or booking.booked_at,
    )
