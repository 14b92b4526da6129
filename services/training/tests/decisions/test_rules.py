"""The rules of decisions in tables: forecast, suggestion, who goes where, until when one may refuse."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from training.decisions.domain import (
    DecisionAct,
    Figures,
    Filling,
    ForecastBasis,
    ForecastRule,
    Nearness,
    NotSister,
    Place,
    RefusalRule,
    ReseatKept,
    Sister,
    comparable,
    decline_by,
    forecast,
    nearness,
    point,
    ranked,
    require_declinable,
    require_sisters,
    suggest,
)
from training.enrolments.domain import (
    Enrolment,
    EnrolmentStatus,
    Leaving,
    SeatEvent,
    SeatEventKind,
    SeatRequest,
    place,
    replayed,
)
from training.sessions.domain import NotAnnounced, Session, SessionEnded, SessionStatus

from ..sessions.examples import NOW, session, terms

RULE = ForecastRule(since=date(2000, 1, 1), sessions_min=5, sessions_most=500, status="assumed", source="essai")
REFUSAL = RefusalRule(since=date(2000, 1, 1), working_days=5, status="assumed", source="essai")
HALF = {30: 2, 20: 3, 5: 5}
"""Ten people in the end, half of them three weeks before."""


def held(count: int, changes: dict[int, int] | None = None, *, code: str = "CIP-01", theme: str = "support"):
    return [Filling(programme_code=code, theme=theme, changes=changes or HALF)] * count


@pytest.mark.parametrize(
    ("days", "share"),
    [(31, "0"), (30, "1/5"), (21, "1/5"), (20, "1/2"), (6, "1/2"), (5, "1"), (0, "1")],
)
def test_the_share_taken_so_many_days_before(days: int, share: str) -> None:
    """Decision 0065: forecast from past fill curves."""
    assert held(1)[0].share_at(days) == Fraction(share)


@pytest.mark.parametrize(
    ("taken", "days", "maximum", "past", "found"),
    [
        pytest.param(3, 20, 12, held(5), (6, 6, 6, ForecastBasis.PROGRAMME, 5), id="trois à mi-chemin : six"),
        pytest.param(3, 20, 5, held(5), (5, 5, 5, ForecastBasis.PROGRAMME, 5), id="jamais plus que le maximum"),
        pytest.param(3, 2, 12, held(5), (3, 3, 3, ForecastBasis.PROGRAMME, 5), id="la veille : ce qu'il y a"),
        pytest.param(3, 20, 12, held(4), (None, None, None, None, 4), id="quatre sessions : pas de prévision"),
        pytest.param(0, 20, 12, held(5), (None, None, None, None, 5), id="personne : rien à prolonger"),
        pytest.param(1, 40, 12, held(5), (None, None, None, None, 5), id="trop tôt : personne ne l'était non plus"),
        pytest.param(
            3,
            20,
            12,
            [*held(4), *held(1, code="CIP-02")],
            (6, 6, 6, ForecastBasis.THEME, 5),
            id="à défaut, le thème",
        ),
        pytest.param(
            3, 20, 12, [*held(4), *held(1, code="RH-01", theme="hr")], (6, 6, 6, ForecastBasis.ALL, 5), id="sinon, tout"
        ),
        pytest.param(3, 20, 12, held(5, {20: 4, 8: -4}), (None, None, None, None, 0), id="des sessions vidées"),
        pytest.param(
            4,
            20,
            30,
            [*held(1, {20: 2, 1: 8}), *held(1, {20: 4, 1: 6}), *held(1), *held(1, {20: 8, 1: 2}), *held(1, {20: 10})],
            (8, 5, 10, ForecastBasis.PROGRAMME, 5),
            id="entre les quarts : 40 % et 80 %",
        ),
        pytest.param(
            4,
            20,
            30,
            [*held(2, {1: 10}), *held(3)],
            (8, 8, 30, ForecastBasis.PROGRAMME, 5),
            id="un quart sans personne",
        ),
    ],
)
def test_a_forecast_prolongs_how_past_sessions_filled(
    taken: int, days: int, maximum: int, past: list[Filling], found: tuple[object, ...]
) -> None:
    told = forecast(taken, days, maximum, past, "CIP-01", "support", RULE)
    assert (told.expected, told.low, told.high, told.basis, told.sessions) == found
    assert told.explanation.startswith("Pas de prévision") == (told.expected is None)


@given(
    st.integers(1, 30),
    st.integers(0, 90),
    st.integers(1, 30),
    st.lists(st.dictionaries(st.integers(0, 90), st.integers(1, 6), min_size=1, max_size=6), min_size=5, max_size=12),
)
def test_a_forecast_stays_within_its_range_and_the_seats(
    taken: int, days: int, maximum: int, past: list[dict[int, int]]
) -> None:
    fillings = [Filling(programme_code="CIP-01", theme="support", changes=one) for one in past]
    told = forecast(taken, days, maximum, fillings, "CIP-01", "support", RULE)
    if told.expected is not None and told.low is not None and told.high is not None:
        assert told.low <= told.expected <= told.high <= maximum
    at = point(comparable(fillings, "CIP-01", "support", 5)[1], days)
    assert 0 <= at.low <= at.share <= at.high <= 1


FIGURES = Figures(
    taken=4,
    offered=0,
    waiting=0,
    minimum=6,
    maximum=12,
    expected=None,
    low=None,
    high=None,
    revenue=Decimal("2000.00"),
    costs=Decimal("3000.00"),
    cancelling=Decimal("200.00"),
    cancelling_unknown=Decimal("0.00"),
)
TOULOUSE = Place(delegation="occitanie", department="31", remote=False)


def sister(free: int, number: int = 1, **at: object) -> Sister:
    return Sister(
        session_id=UUID(int=number),
        reference=f"SES-2026-{number:05d}",
        first_day=date(2027, 1, number),
        at=replace(TOULOUSE, **at),  # type: ignore[arg-type]  # fields of its own
        free=free,
    )


@pytest.mark.parametrize(
    ("said", "sisters", "can_wait", "act", "reason"),
    [
        pytest.param({"taken": 6}, [], True, "confirm", "le minimum de 6 est atteint", id="le minimum est atteint"),
        pytest.param({"expected": 6}, [], True, "postpone", "atteint le minimum", id="la prévision l'atteint"),
        pytest.param({"expected": 6}, [], False, "cancel", "Il manque 2", id="elle l'atteint, mais c'est demain"),
        pytest.param({"expected": 5}, [sister(4)], True, "merge", "Il manque 2", id="une autre a la place"),
        pytest.param({}, [sister(3)], True, "cancel", "Il manque 2", id="une autre n'a pas assez de place"),
        pytest.param({"taken": 0}, [sister(9)], True, "cancel", "Il manque 6", id="personne à reporter"),
        pytest.param({"cancelling": Decimal("1000.00")}, [], True, "confirm", "coûte moins", id="annuler coûte autant"),
        pytest.param({"cancelling": Decimal("999.99")}, [], True, "cancel", "Il manque 2", id="un centime de moins"),
        pytest.param({"costs": None}, [], True, "cancel", "Il manque 2", id="aucun coût saisi"),
    ],
)
def test_what_the_rule_would_suggest(
    said: dict[str, object], sisters: list[Sister], can_wait: bool, act: str, reason: str
) -> None:
    """Decision 0065: a suggestion of this house, with its reasons."""
    told = suggest(replace(FIGURES, **said), sisters, can_wait=can_wait)  # type: ignore[arg-type]  # fields of its own
    assert told.act is DecisionAct(act)
    assert reason in told.reasons[0]
    assert (told.into is not None) == (told.act is DecisionAct.MERGE)


@pytest.mark.parametrize(
    ("said", "margin", "expected"),
    [
        pytest.param({}, "-1000.00", None, id="sans prévision"),
        pytest.param({"expected": 7}, "-1000.00", "500.00", id="avec sept, au prix moyen"),
        pytest.param({"costs": None, "expected": 7}, None, None, id="aucun coût saisi"),
    ],
)
def test_a_margin_is_worked_out_where_its_terms_are_known(
    said: dict[str, object], margin: str | None, expected: str | None
) -> None:
    figures = replace(FIGURES, **said)  # type: ignore[arg-type]  # fields of its own
    assert figures.margin == (None if margin is None else Decimal(margin))
    assert figures.expected_margin == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("other", "near"),
    [
        pytest.param({}, Nearness.DEPARTMENT, id="même département"),
        pytest.param({"department": "34"}, Nearness.DELEGATION, id="même délégation"),
        pytest.param({"department": None, "delegation": None, "remote": True}, Nearness.REMOTE, id="à distance"),
        pytest.param({"department": "59", "delegation": "nord"}, Nearness.ELSEWHERE, id="ailleurs"),
        pytest.param({"department": None, "delegation": None}, Nearness.ELSEWHERE, id="nul ne sait où"),
    ],
)
def test_how_near_another_session_is(other: dict[str, object], near: Nearness) -> None:
    assert nearness(TOULOUSE, sister(1, **other).at) is near


def test_sessions_to_go_to_are_those_with_room_the_nearest_first_then_the_soonest() -> None:
    far, near_late, near_soon = sister(9, 1, department="59", delegation="nord"), sister(1, 3), sister(1, 2)
    assert ranked(TOULOUSE, [far, near_late, sister(0, 4), near_soon]) == [near_soon, near_late, far]


@pytest.mark.parametrize(
    ("today", "first", "until"),
    [
        pytest.param(date(2026, 11, 23), date(2027, 1, 5), date(2026, 11, 30), id="cinq jours ouvrés"),
        pytest.param(date(2026, 11, 9), date(2027, 1, 5), date(2026, 11, 17), id="le 11 novembre n'est pas ouvré"),
        pytest.param(date(2026, 11, 23), date(2026, 11, 26), date(2026, 11, 25), id="avant le premier jour"),
    ],
)
def test_until_when_another_session_is_refused(today: date, first: date, until: date) -> None:
    assert decline_by(today, first, REFUSAL) == until
    require_declinable(until, until)
    with pytest.raises(ReseatKept):
        require_declinable(until, until + timedelta(1))


def other(**said: object) -> Session:
    return replace(session(status=SessionStatus.SCHEDULED), **{"id": UUID(int=2), **said})  # type: ignore[arg-type]


MEMBERS = UUID(int=30), UUID(int=31)


@pytest.mark.parametrize(
    ("reserved_for", "sister_said", "now", "refusal"),
    [
        pytest.param((), {}, NOW, None, id="le même programme, à venir"),
        pytest.param((), {"status": SessionStatus.CONFIRMED}, NOW, None, id="confirmée"),
        pytest.param((), {"id": UUID(int=1)}, NOW, NotSister, id="elle-même"),
        pytest.param((), {"pinned": replace(session().pinned, code="CIP-02")}, NOW, NotSister, id="un autre programme"),
        pytest.param((), {"pinned": replace(session().pinned, number=2)}, NOW, None, id="une autre version"),
        pytest.param((), {"status": SessionStatus.DRAFT}, NOW, NotAnnounced, id="en préparation"),
        pytest.param((), {"status": SessionStatus.CANCELLED}, NOW, SessionEnded, id="annulée"),
        pytest.param((), {}, NOW + timedelta(days=57), NotSister, id="commencée"),
        pytest.param((), {"terms": terms(reserved_for=MEMBERS)}, NOW, NotSister, id="réservée à d'autres"),
        pytest.param(MEMBERS[:1], {"terms": terms(reserved_for=MEMBERS)}, NOW, None, id="réservée aux mêmes et plus"),
        pytest.param(
            MEMBERS, {"terms": terms(reserved_for=MEMBERS[:1])}, NOW, NotSister, id="à une partie d'entre eux"
        ),
        pytest.param(MEMBERS, {}, NOW, None, id="ouverte à tous"),
    ],
)
def test_where_people_can_go(
    reserved_for: tuple[UUID, ...], sister_said: dict[str, object], now: datetime, refusal: type[Refusal] | None
) -> None:
    """Decision 0065: another session of the same programme, announced, open to them, and not begun."""
    home = session(terms=terms(reserved_for=reserved_for), status=SessionStatus.SCHEDULED)
    with pytest.raises(refusal) if refusal else nullcontext():
        require_sisters(home, [other(**sister_said)], now)


def leaving(number: int, had: int, waited: int = 0, *, together: bool = False, asked: int | None = None) -> Leaving:
    request = SeatRequest(
        id=UUID(int=number),
        reference=f"INS-2026-{number:05d}",
        session_id=UUID(int=99),
        quote_id=UUID(int=number),
        programme_code="CIP-01",
        buyer=str(number),
        buyer_name=str(number),
        individual=False,
        member_id=None,
        seats=had + waited,
        together=together,
        place=number,
        unit_price=Decimal("560.00"),
        names_by=None,
        contact_email=None,
        asked_at=datetime(2026, 1, asked or number, tzinfo=UTC),
        asked_by="essai",
    )
    seats = [
        Enrolment(
            id=UUID(int=100 * number + rank),
            request_id=request.id,
            session_id=request.session_id,
            rank=rank,
            status=EnrolmentStatus.CONFIRMED if rank < had else EnrolmentStatus.WAITING,
            trainee_id=None,
        )
        for rank in range(had + waited)
    ]
    return Leaving(request=request, had=tuple(seats[:had]), waited=tuple(seats[had:]))


@pytest.mark.parametrize(
    ("people", "free", "found"),
    [
        pytest.param([leaving(1, 2), leaving(2, 1)], [3], [(1, 0, 2, 0), (2, 0, 1, 0)], id="tous tiennent"),
        pytest.param([leaving(1, 2), leaving(2, 1)], [2], [(1, 0, 2, 0), (2, 0, 0, 1)], id="le premier d'abord"),
        pytest.param(
            [leaving(1, 1, asked=9), leaving(2, 1)], [1], [(2, 0, 1, 0), (1, 0, 0, 1)], id="par date de demande"
        ),
        pytest.param(
            [leaving(1, 0, 1), leaving(2, 1)], [1], [(2, 0, 1, 0), (1, 0, 0, 1)], id="qui avait une place d'abord"
        ),
        pytest.param([leaving(1, 3)], [2], [(1, 0, 2, 1)], id="une partie, si le demandeur l'admet"),
        pytest.param([leaving(1, 3, together=True)], [2], [(1, 0, 0, 3)], id="ensemble ou pas du tout"),
        pytest.param([leaving(1, 3, together=True)], [2, 3], [(1, 1, 3, 0)], id="ensemble, à la seconde"),
        pytest.param([leaving(1, 3)], [1, 1], [(1, 0, 1, 1), (1, 1, 1, 0)], id="partagés, le reste attend la première"),
        pytest.param([leaving(1, 1, 1)], [5], [(1, 0, 1, 1)], id="qui attendait attend encore, puis se voit proposer"),
    ],
)
def test_who_goes_where(people: list[Leaving], free: list[int], found: list[tuple[int, int, int, int]]) -> None:
    """Decision 0065: request, session, seats taken, seats waited for."""
    placings = place(people, free)
    assert [
        (one.request.id.int, one.sister, len(one.taken), len(one.lacking) + len(one.waited)) for one in placings
    ] == (found)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.booleans()), max_size=8),
    st.lists(st.integers(0, 6), min_size=1, max_size=3),
)
def test_nobody_is_lost_and_no_session_holds_more_than_its_seats(
    asked: list[tuple[int, int, bool]], free: list[int]
) -> None:
    people = [leaving(n, had, waited, together=split) for n, (had, waited, split) in enumerate(asked, 1)]
    placings = place(people, free)
    before = sorted(seat.id for one in people for seat in (*one.had, *one.waited))
    assert sorted(seat.id for one in placings for seat in one.seats) == before
    for sister_rank, seats in enumerate(free):
        assert sum(len(one.taken) for one in placings if one.sister == sister_rank) <= seats


def line(number: int, kind: SeatEventKind, seats: int, given: int = 0, *, together: bool = False) -> SeatEvent:
    who = {"request_id": UUID(int=number), "buyer": str(number)} if number > 1 else {}
    return SeatEvent(number=number, act=1, kind=kind, seats=seats, given=given, together=together, **who)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        pytest.param([(SeatEventKind.RESEATED, 3, 2, False)], [], id="deux tiennent, la troisième attend"),
        pytest.param(
            [(SeatEventKind.RESEATED, 3, 1, False)], [2, 2], id="une place libre laissée à qui en avait trois"
        ),
        pytest.param([(SeatEventKind.RESEATED, 3, 0, True)], [], id="ensemble : aucune"),
        pytest.param([(SeatEventKind.RESEATED, 3, 2, True)], [2], id="ensemble, et pourtant séparés"),
        pytest.param(
            [(SeatEventKind.RESEATED, 2, 2, False), (SeatEventKind.CARRIED, 1, 0, False)], [], id="qui attendait attend"
        ),
        pytest.param([(SeatEventKind.CARRIED, 1, 1, False)], [2], id="qui attendait est placé d'office"),
    ],
)
def test_the_log_proves_who_was_carried(lines: list[tuple[SeatEventKind, int, int, bool]], wrong: list[int]) -> None:
    """Decision 0065: two seats, and people of another session; the rule finds the lines that it does not explain."""
    log = [line(1, SeatEventKind.OPENED, 2)]
    log += [line(number, kind, seats, given, together=one) for number, (kind, seats, given, one) in enumerate(lines, 2)]
    assert [found.number for found in replayed(log)] == wrong
