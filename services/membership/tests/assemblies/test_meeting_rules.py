"""An assembly under way: who is there at an instant, who elects to which seats, what is recorded once.

The statutes were not read: numbers and shares are dated data, `assumed`; the rest is decided in ADR 0027.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.assemblies.domain import (
    Assembly,
    AssemblyDayToCome,
    AssemblyKind,
    Attending,
    CandidacyNotFound,
    CandidateOutside,
    Electors,
    Headcount,
    Held,
    Item,
    ItemInconsistent,
    ItemKind,
    ItemNotFound,
    ItemOfAnotherKind,
    ItemVoted,
    Meeting,
    MomentOutside,
    NotEntitled,
    Poll,
    Result,
    Room,
    Tally,
    Voice,
    WithdrawalUnexplained,
    candidacy_of,
    headcount,
    item_of,
    quorum_blockers,
    require_candidate,
    require_candidates,
    require_explained,
    require_moment,
    require_recordable,
    require_scope,
    require_unvoted,
    set_agenda,
    stay_of,
    unchanged_elections,
    unvoted,
    verdict,
)
from membership.assemblies.domain import AssemblyStatus as Status
from membership.board.domain import SeatScope
from membership.electoral_roll.domain import Exclusion, Reason, RollLine

from .test_rules import AT, DAY, RESOLUTION, ROLL, RULE, SEATS, candidate, given, line, one

MINUTE = timedelta(minutes=1)
COLLEGE = Item(UUID(int=3), ItemKind.ELECTION, "Collège", scope=SeatScope.COLLEGE, scope_code="production", seats=1)
OPEN = Assembly(
    UUID(int=9), AssemblyKind.ORDINARY, "AG", DAY, "Paris", Status.OPEN, agenda=(RESOLUTION, SEATS),
    roll_id=UUID(int=7), opened_at=AT,
)  # fmt: skip


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


def stay(letter: str, arrived: int = 0, left: int | None = None) -> Attending:
    """Read minutes after the opening."""
    until = None if left is None else AT + left * MINUTE
    return Attending(UUID(int=500), one(letter), None, letter, AT + arrived * MINUTE, until)


def meeting(present: str = "AB", *pairs: str, assembly: Assembly = OPEN, **fields: Any) -> Meeting:
    known: dict[str, Any] = {
        "assembly": assembly,
        "rule": RULE,
        "roll_id": UUID(int=7),
        "roll": ROLL,
        "attending": [stay(letter) for letter in present],
        "proxies": given(*pairs),
        "results": {},
    }
    return Meeting(**{**known, **fields})


@pytest.mark.parametrize(
    ("minute", "there"),
    [
        pytest.param(-1, False, id="une minute avant d'arriver"),
        pytest.param(0, True, id="à l'instant où elle arrive"),
        pytest.param(29, True, id="une minute avant de partir"),
        pytest.param(30, False, id="à l'instant où elle part"),
    ],
)
def test_who_is_there_at_an_instant(minute: int, there: bool) -> None:
    at = AT + minute * MINUTE
    assert stay("A", 0, 30).is_there(at) is there
    assert stay("A").is_there(at) is (minute >= 0)
    counted = meeting(attending=[stay("A", 0, 30)]).room(at)
    assert (counted.present, counted.votes) == ((1, 1) if there else (0, 0))


@pytest.mark.parametrize(
    ("minute", "stands"),
    [
        pytest.param(-1, False, id="avant d'être donné"),
        pytest.param(0, True, id="à l'instant où il est donné"),
        pytest.param(9, True, id="juste avant sa révocation"),
        pytest.param(10, False, id="à l'instant de sa révocation"),
    ],
)
def test_what_a_proxy_is_worth_at_an_instant(minute: int, stands: bool) -> None:
    [proxy] = given("CA")
    revoked = replace(proxy, revoked_at=AT + 10 * MINUTE)
    at = AT + minute * MINUTE
    assert revoked.stood(at) is stands
    assert proxy.stood(at) is (minute >= 0)
    held = meeting(attending=[stay("A", -60)], proxies=[revoked])
    assert held.room(at).represented == (1 if stands else 0)
    assert (held.room().represented, held.standing) == (0, [])


def test_now_counts_who_has_not_left() -> None:
    now = meeting(attending=[stay("A"), stay("B", 0, 30)])
    assert (now.present, now.room().votes) == ({one("A")}, 1)


@pytest.mark.parametrize(
    ("opened", "minute", "now", "refusal"),
    [
        pytest.param(True, 0, 60, None, id="à l'ouverture"),
        pytest.param(True, -1, 60, MomentOutside, id="avant l'ouverture"),
        pytest.param(True, 60, 60, None, id="maintenant"),
        pytest.param(True, 61, 60, MomentOutside, id="dans une minute"),
        pytest.param(False, -30, 60, None, id="pas encore ouverte : depuis le matin"),
        pytest.param(False, -31, 60, MomentOutside, id="avant le matin de l'assemblée"),
        pytest.param(False, -30, -30, None, id="le matin même, à la première minute"),
        pytest.param(False, -31, -31, AssemblyDayToCome, id="ce n'est pas encore son jour"),
    ],
)
def test_at_what_time_somebody_comes_or_leaves(
    opened: bool, minute: int, now: int, refusal: type[Refusal] | None
) -> None:
    assembly = replace(OPEN, opened_at=AT if opened else None)
    at, morning = AT + minute * MINUTE, AT - 30 * MINUTE
    assert found(lambda: require_moment(assembly, at, morning, AT + now * MINUTE)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("item", "code", "refusal"),
    [
        pytest.param(SEATS, "idf", None, id="deux sièges sur deux d'une délégation"),
        pytest.param(SEATS, "atlantide", ItemInconsistent, id="une délégation inconnue"),
        pytest.param(replace(SEATS, seats=3), "idf", ItemInconsistent, id="trois sièges sur deux"),
        pytest.param(COLLEGE, "production", None, id="un collège"),
        pytest.param(COLLEGE, "idf", ItemInconsistent, id="une délégation n'est pas un collège"),
        pytest.param(RESOLUTION, None, None, id="une résolution n'a pas de périmètre"),
    ],
)
def test_seats_are_of_a_known_region_or_college(item: Item, code: str | None, refusal: type[Refusal] | None) -> None:
    names: dict[SeatScope, Collection[str]] = {SeatScope.REGION: {"idf"}, SeatScope.COLLEGE: {"production"}}
    assert found(lambda: require_scope(replace(item, scope_code=code), names, 2)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("item", "who", "refusal"),
    [
        pytest.param(SEATS, line("A"), None, id="de la délégation"),
        pytest.param(SEATS, line("A", 1, "occitanie"), CandidateOutside, id="d'une autre délégation"),
        pytest.param(COLLEGE, line("A", 1, "occitanie"), None, id="du collège, d'où qu'elle soit"),
        pytest.param(COLLEGE, line("A", college="others"), CandidateOutside, id="d'un autre collège"),
    ],
)
def test_a_seat_goes_to_a_structure_of_its_own(item: Item, who: RollLine, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_candidate(item, who)) is (refusal or type(None))


def test_votes_go_to_those_who_stand() -> None:
    require_candidates([one("A")], [one("A"), one("B")])
    with pytest.raises(CandidacyNotFound):
        require_candidates([one("A"), one("C")], [one("A"), one("B")])


def test_a_point_is_of_the_agenda_and_of_its_kind() -> None:
    assert item_of(OPEN, SEATS.id, ItemKind.ELECTION) == SEATS
    with pytest.raises(ItemOfAnotherKind, match="Sièges"):
        item_of(OPEN, SEATS.id, ItemKind.RESOLUTION)
    with pytest.raises(ItemNotFound):
        item_of(OPEN, COLLEGE.id, ItemKind.ELECTION)
    assert unvoted(OPEN, [RESOLUTION.id]) == (SEATS,)


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        pytest.param(replace(SEATS, title="Autres mots", seats=1), True, id="les mêmes sièges, autrement dits"),
        pytest.param(replace(SEATS, scope_code="occitanie"), False, id="d'une autre délégation"),
        pytest.param(replace(SEATS, id=UUID(int=8)), False, id="un autre point"),
        pytest.param(RESOLUTION, False, id="une résolution n'a pas de candidatures"),
    ],
)
def test_whose_candidacies_stay_when_the_agenda_is_written_again(item: Item, kept: bool) -> None:
    assert unchanged_elections(OPEN, replace(OPEN, agenda=(item,))) == ({item.id} if kept else set())


VOICES = (Voice(one("A"), 1), Voice(one("E"), 2, one("A")), Voice(one("F"), 1))
ELECTED = Result(
    SEATS.id, Headcount(1, 1, 1, 2, 8, 9, 3), VOICES, poll=Poll((candidate("A", 3),), (), 1, "A"),
    candidates=(candidate("A", 3), candidate("B", 1)),
)  # fmt: skip
VOTED = replace(
    ELECTED, item_id=RESOLUTION.id, poll=None, candidates=(),
    verdict=verdict(Tally(1, 0, 0), RULE.majority_of(AssemblyKind.ORDINARY, None), Room(VOICES, (), 8, 9, 3)),
)  # fmt: skip
WITHDRAWN = replace(VOTED, verdict=None, withdrawn="reporté")


@pytest.mark.parametrize(
    ("before", "reason", "refusal"),
    [
        pytest.param(None, None, None, id="la première fois"),
        pytest.param(VOTED, None, ItemVoted, id="une seconde fois, sans dire pourquoi"),
        pytest.param(VOTED, "mal compté", None, id="corrigé, avec une raison"),
        pytest.param(WITHDRAWN, None, ItemVoted, id="retiré, puis voté sans dire pourquoi"),
    ],
)
def test_a_vote_is_recorded_once(before: Result | None, reason: str | None, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_recordable("Comptes", before, reason)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("before", "refusal"),
    [
        pytest.param(None, None, id="rien n'est voté"),
        pytest.param(WITHDRAWN, None, id="retiré déjà : d'autres mots"),
        pytest.param(VOTED, ItemVoted, id="une résolution votée"),
        pytest.param(ELECTED, ItemVoted, id="une élection faite"),
    ],
)
def test_what_was_voted_is_not_withdrawn(before: Result | None, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_unvoted("Comptes", before)) is (refusal or type(None))


def test_a_result_says_what_became_of_its_point() -> None:
    assert [result.voted for result in (VOTED, ELECTED, WITHDRAWN)] == [True, True, False]
    assert VOTED.explanation.endswith("La résolution est adoptée.")
    assert (ELECTED.explanation, WITHDRAWN.explanation) == ("A", "Retiré de l'ordre du jour : reporté")
    assert [meeting(results={SEATS.id: one}).voted for one in (ELECTED, WITHDRAWN)] == [True, False]


def test_the_room_in_figures() -> None:
    counted = headcount(Room(VOICES, (), 8, 9, 3))
    assert counted == Headcount(2, 1, 2, 2, 8, 9, 3)
    assert counted.votes == 4


@pytest.mark.parametrize(
    ("needed", "sentence"),
    [
        pytest.param(4, None, id="quatre voix sur quatre demandées"),
        pytest.param(5, "4 voix présentes ou représentées sur 9 inscrites ; il en faut 5.", id="il en manque une"),
    ],
)
def test_a_room_says_what_its_quorum_lacks(needed: int, sentence: str | None) -> None:
    blockers = quorum_blockers(Room(VOICES, (), 8, 9, needed))
    assert [one.message for one in blockers] == ([sentence] if sentence else [])


def test_of_an_empty_room_one_vote_is_needed_at_least() -> None:
    [blocker] = quorum_blockers(Room((), (), 8, 9, 0))
    assert blocker.message.endswith("il en faut 1.")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(SEATS, Electors(2, 3, 6, 7), id="d'une délégation : les siennes, pouvoirs compris"),
        pytest.param(RESOLUTION, Electors(3, 4, 7, 8), id="toute la salle"),
    ],
)
def test_who_elects_to_which_seats(item: Item, expected: Electors) -> None:
    """Weights count: E has two votes, by proxy; F is of another delegation; Z is on the roll without a vote."""
    roll = {**ROLL, one("F"): line("F", 1, "occitanie")}
    assert meeting(roll=roll).electors(item, VOICES) == expected


def test_a_correction_is_checked_by_the_room_that_voted() -> None:
    now = meeting("AB", results={SEATS.id: ELECTED, RESOLUTION.id: WITHDRAWN})
    assert now.room_of(SEATS.id).voices == VOICES
    assert now.room_of(RESOLUTION.id) == now.room_of(UUID(int=99)) == now.room()


NOT_YET = replace(ROLL[one("A")], votes=0, reasons=(Reason(Exclusion.UNPAID, "Impayée."),))


def test_until_the_roll_is_frozen_who_may_still_vote_counts_among_them() -> None:
    roll = {one("A"): NOT_YET, one("B"): line("B")}
    before, after = meeting(roll=roll, roll_id=None), meeting(roll=roll)
    assert [len(before.voting), len(after.voting)] == [2, 1]
    assert before.elector(one("A")) == NOT_YET
    with pytest.raises(NotEntitled, match="Impayée"):
        after.elector(one("A"))
    with pytest.raises(NotEntitled, match="Alpha ne vote pas"):
        after.elector(one("X"), "Alpha")


@pytest.mark.parametrize(
    ("frozen", "who", "told", "expected"),
    [
        pytest.param(
            False,
            "A",
            True,
            "Sous réserve de la liste électorale, qui n'est pas encore figée.",
            id="la liste n'est pas figée",
        ),
        pytest.param(True, "B", True, None, id="vote, et de ce périmètre"),
        pytest.param(
            True, "C", True, "N'est plus de ce périmètre : la candidature ne compte pas.", id="vote, mais ailleurs"
        ),
        pytest.param(
            True, "A", True, "Ne vote pas à cette assemblée : la candidature ne compte pas. Impayée.", id="dit"
        ),
        pytest.param(True, "A", False, "Ne vote pas à cette assemblée : la candidature ne compte pas.", id="tu"),
        pytest.param(True, "X", True, "Ne vote pas à cette assemblée : la candidature ne compte pas.", id="inconnue"),
    ],
)
def test_what_a_candidacy_depends_on(frozen: bool, who: str, told: bool, expected: str | None) -> None:
    roll = {one("A"): NOT_YET, one("B"): line("B"), one("C"): line("C", 1, "occitanie")}
    said = meeting(roll=roll, roll_id=UUID(int=7) if frozen else None).reservation(SEATS, one(who), told=told)
    assert said == expected


def test_before_the_opening_a_proxy_lapses_by_the_frozen_roll_alone() -> None:
    prepared = replace(OPEN, opened_at=None)
    roll = {**ROLL, one("C"): NOT_YET}
    assert meeting("", "CA", "DA", assembly=prepared, roll=roll).lapsed.keys() == {one("C")}
    assert meeting("", "CA", assembly=prepared, roll=roll, roll_id=None).lapsed == {}
    assert meeting("A", "DA", "EB").lapsed.keys() == {one("E")}  # open: who holds it is not there


@pytest.mark.parametrize(
    ("reason", "by_itself", "refusal"),
    [
        pytest.param(None, True, None, id="la structure, sans un mot"),
        pytest.param(None, False, WithdrawalUnexplained, id="la fédération pour elle, sans dire pourquoi"),
        pytest.param("appel du 3 juin", False, None, id="la fédération, avec une raison"),
    ],
)
def test_who_takes_back_for_another_says_why(
    reason: str | None, by_itself: bool, refusal: type[Refusal] | None
) -> None:
    assert found(lambda: require_explained(reason, by_itself=by_itself)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("status", "withdrawn", "stays", "stands"),
    [
        pytest.param(Status.OPEN, False, True, True, id="ouverte : présence et candidature la retiennent"),
        pytest.param(Status.OPEN, True, True, False, id="une candidature retirée n'engage plus"),
        pytest.param(Status.CLOSED, False, False, False, id="close : le procès-verbal le garde"),
        pytest.param(Status.CANCELLED, False, False, False, id="annulée"),
    ],
)
def test_what_keeps_a_name_until_the_minutes(status: Status, withdrawn: bool, stays: bool, stands: bool) -> None:
    """RGPD, art. 17.3: what is needed as a proof is not erased; ADR 0037 says which traces are."""
    held = Held("AG", DAY, status)
    taken_back = datetime(2027, 6, 1, tzinfo=UTC) if withdrawn else None
    trace = stay_of(held, UUID(int=5), UUID(int=6), one("A"), AT, None)
    stood = candidacy_of(held, UUID(int=5), UUID(int=6), one("A"), AT, taken_back, ELECTED)
    assert (trace.engages is not None, stood.engages is not None) == (stays, stands)
    assert (stood.value["votes"], stood.value["elected"]) == (3, True)
    assert trace.day == stood.day == date(2027, 6, 24)


def test_a_candidacy_says_what_it_got() -> None:
    held = Held("AG", DAY, Status.CLOSED)
    beaten = candidacy_of(held, UUID(int=5), UUID(int=6), one("B"), AT, None, ELECTED)
    unvoted_yet = candidacy_of(held, UUID(int=5), UUID(int=6), one("B"), AT, None, None)
    assert [(it.value["votes"], it.value["elected"]) for it in (beaten, unvoted_yet)] == [(1, False), (None, None)]


def test_a_second_convening_needs_no_quorum_and_an_election_no_majority() -> None:
    needed = [meeting("A", assembly=replace(OPEN, second_of=second)).room().needed for second in (None, UUID(int=8))]
    assert needed == [2, 0]
    with pytest.raises(ItemInconsistent, match="sans majorité"):
        set_agenda(replace(OPEN, status=Status.PREPARED), [replace(SEATS, majority="simple")], RULE)
