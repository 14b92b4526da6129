"""Who takes which seat of the board, and from whom.

Two seats a region: rapport d'activité 2024. The term and the seats of colleges are dated data, `assumed`; the rest is
decided in ADR 0027.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from common.dated import rule_on
from common.errors import Refusal
from membership.board.domain import (
    BoardMandate,
    Elected,
    HoldsAnotherSeat,
    MandateDaysInconsistent,
    MandateEnd,
    MandateEnded,
    Place,
    SeatFilledLater,
    SeatScope,
    TooManyElected,
    ending,
    require_endable,
    require_one_seat,
    succeed,
    term_of,
)
from membership.board.queries import board_rules

DAY = date(2027, 6, 24)
RULE = rule_on(board_rules(), DAY)
TERM = date(2028, 6, 20)


def mandate(number: int, letter: str, until: date = TERM, ended_on: date | None = None) -> BoardMandate:
    place = Place(SeatScope.REGION, "occitanie", number)
    return BoardMandate(UUID(int=number), place, elected(letter), date(2025, 6, 20), until, UUID(int=9), ended_on)


def elected(letter: str) -> Elected:
    return Elected(UUID(int=ord(letter)), UUID(int=1000 + ord(letter)))


@pytest.mark.parametrize(
    ("held", "winners", "seated"),
    [
        pytest.param([], "AB", {1: "A", 2: "B"}, id="sièges libres, dans l'ordre des voix"),
        pytest.param([mandate(1, "C"), mandate(2, "D")], "AB", {1: "A", 2: "B"}, id="deux successions"),
        pytest.param([mandate(1, "C"), mandate(2, "A")], "AB", {2: "A", 1: "B"}, id="réélue : garde son siège"),
        pytest.param([mandate(1, "C")], "A", {2: "A"}, id="le siège libre d'abord"),
        pytest.param(
            [mandate(1, "C"), mandate(2, "D", date(2027, 12, 1))], "A", {2: "A"}, id="puis celui qui finit d'abord"
        ),
        pytest.param([mandate(1, "C"), mandate(2, "D", DAY)], "A", {2: "A"}, id="un mandat à son terme est libre"),
    ],
)
def test_who_takes_which_seat(held: list[BoardMandate], winners: str, seated: dict[int, str]) -> None:
    found = succeed(SeatScope.REGION, "occitanie", 2, held, [elected(letter) for letter in winners], DAY)
    assert {one.place.number: chr(one.elected.member_id.int) for one in found} == seated
    current = {one.place.number: one for one in held}
    assert all(one.predecessor == current.get(one.place.number) for one in found)


COLLEGE = Place(SeatScope.COLLEGE, "production", 1)


def of_college(number: int, letter: str, since: date = date(2025, 6, 20)) -> BoardMandate:
    return replace(mandate(number, letter), place=replace(COLLEGE, number=number), since=since)


@pytest.mark.parametrize(
    ("held", "winners", "seated"),
    [
        pytest.param("AB", "D", {3: "D"}, id="partielle : le siège libre, et personne ne perd le sien"),
        pytest.param("AB", "B", {2: "B"}, id="partielle : celle qui siège garde son seul siège"),
        pytest.param("ABC", "D", {1: "D"}, id="aucun siège libre : celui qui finit d'abord"),
        pytest.param("", "ABC", {1: "A", 2: "B", 3: "C"}, id="premier conseil"),
        pytest.param("ABC", "CDE", {3: "C", 1: "D", 2: "E"}, id="une seule réélue sur trois"),
    ],
)
def test_who_takes_which_seat_of_a_college_of_three(held: str, winners: str, seated: dict[int, str]) -> None:
    current = [of_college(number, letter) for number, letter in enumerate(held, start=1)]
    found = succeed(SeatScope.COLLEGE, "production", 3, current, [elected(letter) for letter in winners], DAY)
    assert {one.place.number: chr(one.elected.member_id.int) for one in found} == seated
    assert {one.place.number for one in found if one.predecessor} == {one for one in seated if one <= len(held)}


def test_a_seat_that_a_later_assembly_filled_is_not_given_again() -> None:
    later = of_college(1, "A", since=date(2027, 7, 1))
    with pytest.raises(SeatFilledLater, match="depuis le 1er juillet 2027"):
        succeed(SeatScope.COLLEGE, "production", 3, [later], [elected("D")], DAY)


@pytest.mark.parametrize(
    ("place", "held", "refused"),
    [
        pytest.param(COLLEGE, mandate(1, "A"), True, id="tient un siège de région"),
        pytest.param(COLLEGE, mandate(1, "A", until=DAY), False, id="au terme de ce siège"),
        pytest.param(COLLEGE, of_college(2, "A"), False, id="les siens : elle se représente"),
    ],
)
def test_a_structure_holds_one_seat(place: Place, held: BoardMandate, refused: bool) -> None:
    if refused:
        with pytest.raises(HoldsAnotherSeat, match=r"Alpha tient déjà un siège du conseil \(occitanie, siège 1\)"):
            require_one_seat("Alpha", place, [held], DAY)
    else:
        require_one_seat("Alpha", place, [held], DAY)


def test_the_seats_of_regions_and_colleges_are_dated_data() -> None:
    assert [RULE.seats_of(SeatScope.REGION, "idf"), RULE.seats_of(SeatScope.COLLEGE, "production")] == [2, 2]
    assert RULE.seats_of(SeatScope.COLLEGE, "associates") == 0


def test_no_more_are_seated_than_there_are_seats() -> None:
    with pytest.raises(TooManyElected):
        succeed(SeatScope.REGION, "occitanie", 2, [], [elected(letter) for letter in "ABC"], DAY)


def test_a_mandate_lasts_its_term() -> None:
    assert term_of(DAY, RULE) == date(2030, 6, 24)
    assert RULE.status == "assumed"
    assert [mandate(1, "A").is_held_on(day) for day in (date(2025, 6, 19), date(2025, 6, 20), date(2028, 6, 19))] == [
        False,
        True,
        True,
    ]
    assert mandate(1, "A").is_held_on(TERM) is False
    assert mandate(1, "A", ended_on=DAY).is_held_on(DAY) is False


def test_a_succession_says_when_and_why_the_other_ended() -> None:
    assert ending(mandate(1, "A"), DAY) == (DAY, MandateEnd.SUCCEEDED)
    assert ending(mandate(1, "A", until=date(2027, 1, 1)), DAY) == (date(2027, 1, 1), MandateEnd.TERM)


@pytest.mark.parametrize(
    ("held", "day", "refusal"),
    [
        pytest.param(mandate(1, "A"), DAY, None, id="aujourd'hui"),
        pytest.param(mandate(1, "A", ended_on=DAY), DAY, MandateEnded, id="déjà fini"),
        pytest.param(mandate(1, "A", until=DAY), DAY, MandateEnded, id="à son terme"),
        pytest.param(mandate(1, "A"), date(2025, 6, 19), MandateDaysInconsistent, id="avant son début"),
        pytest.param(mandate(1, "A"), date(2027, 6, 25), MandateDaysInconsistent, id="demain"),
    ],
)
def test_when_a_mandate_is_ended(held: BoardMandate, day: date, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_endable(held, day, DAY)
    else:
        with pytest.raises(refusal):
            require_endable(held, day, DAY)
