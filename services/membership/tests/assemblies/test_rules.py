"""Quorum, proxies, majorities and elections, as a secretary of an assembly would check them.

The statutes were not read: delays, shares and ties are dated data, `assumed`; the rest is decided in ADR 0027.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.dated import rule_on
from common.errors import Refusal
from membership.assemblies.domain import (
    Assembly,
    AssemblyAgendaEmpty,
    AssemblyDayToCome,
    AssemblyKind,
    AssemblyRule,
    AssemblyState,
    AssemblyStatus,
    AssemblyWithoutQuorum,
    Ballots,
    Candidate,
    Choice,
    ConvenedTooLate,
    ConveningInconsistent,
    HolderUnavailable,
    Item,
    ItemInconsistent,
    ItemKind,
    ItemsUnvoted,
    MajorityUnknown,
    NotEntitled,
    NotSecond,
    Proxy,
    ProxyChained,
    ProxyGiven,
    ProxyOutside,
    ProxyToOneself,
    RollMissing,
    Room,
    SeatsTwice,
    SecondAgenda,
    Tally,
    TallyInconsistent,
    TieRule,
    TooManyProxies,
    Voice,
    amend,
    cancel,
    close,
    convene,
    elect,
    entitled,
    open_on,
    require_ballots,
    require_proxy,
    require_quorum,
    require_second,
    room,
    set_agenda,
    tally_of,
    verdict,
)
from membership.assemblies.queries import assembly_rules
from membership.board.domain import SeatScope
from membership.electoral_roll.domain import Exclusion, Reason, RollLine

DAY = date(2027, 6, 24)
RULE = rule_on(assembly_rules(), DAY)
AT = datetime(2027, 6, 24, 9, tzinfo=UTC)


def line(letter: str, votes: int = 1, delegation: str = "idf", college: str = "production") -> RollLine:
    return RollLine(one(letter), f"STR-{letter}", letter, delegation, date(2020, 1, 1), college, votes)


def one(letter: str) -> UUID:
    return UUID(int=ord(letter))


def given(*pairs: str) -> list[Proxy]:
    """Read « AB » : A donne pouvoir à B."""
    return [
        Proxy(UUID(int=1000 + rank), one(pair[0]), one(pair[1]), AT + timedelta(minutes=rank), "x")
        for rank, pair in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("pair", "standing", "rule", "refusal"),
    [
        pytest.param("AB", [], RULE, None, id="un pouvoir"),
        pytest.param("AB", ["CB"], RULE, None, id="un deuxième pour la même"),
        pytest.param("AB", ["CB", "DB"], RULE, TooManyProxies, id="un troisième : deux au plus"),
        pytest.param("AA", [], RULE, ProxyToOneself, id="à soi-même"),
        pytest.param("AB", ["AC"], RULE, ProxyGiven, id="déjà donné à une autre"),
        pytest.param("AB", ["CA"], RULE, ProxyChained, id="celle qui donne en tient un"),
        pytest.param("AB", ["BC"], RULE, ProxyChained, id="celle qui reçoit en a donné un"),
        pytest.param("AE", [], RULE, None, id="d'une délégation à l'autre : permis"),
        pytest.param("AE", [], replace(RULE, across_delegations=False), ProxyOutside, id="interdit par la règle"),
        pytest.param("AE", [], replace(RULE, across_colleges=False), ProxyOutside, id="d'un collège à l'autre"),
    ],
)
def test_what_makes_a_proxy(pair: str, standing: list[str], rule: AssemblyRule, refusal: type[Refusal] | None) -> None:
    lines = {letter: line(letter) for letter in "ABCD"}
    lines |= {"Z": line("Z", 0), "E": line("E", 1, "occitanie", "intermediation")}
    if refusal is None:
        require_proxy(lines[pair[0]], lines[pair[1]], given(*standing), rule)
    else:
        with pytest.raises(refusal):
            require_proxy(lines[pair[0]], lines[pair[1]], given(*standing), rule)


ROLL = {one(letter): line(letter, votes) for letter, votes in zip("ABCDEFGZ", (1, 1, 1, 1, 2, 1, 1, 0), strict=True)}


def counted(present: str, *pairs: str, kind: AssemblyKind = AssemblyKind.ORDINARY, second: bool = False) -> Room:
    return room(ROLL, [one(letter) for letter in present], given(*pairs), kind, RULE, second=second)


@pytest.mark.parametrize(
    ("present", "pairs", "votes", "lapsed"),
    [
        pytest.param("AB", [], (2, 0), 0, id="deux présentes"),
        pytest.param("AB", ["CA", "DA"], (2, 2), 0, id="deux pouvoirs qui comptent"),
        pytest.param("AB", ["EA"], (2, 2), 0, id="un pouvoir de deux voix"),
        pytest.param("ABC", ["CA"], (3, 0), 1, id="celle qui vient vote elle-même"),
        pytest.param("B", ["CA"], (1, 0), 1, id="celle qui tient n'est pas là"),
        pytest.param("A", ["CA", "DA", "EA"], (1, 2), 1, id="le troisième pouvoir ne compte pas"),
        pytest.param("AZ", ["ZA"], (1, 0), 1, id="celle qui ne vote pas ne compte pas"),
    ],
)
def test_the_votes_in_the_room(present: str, pairs: list[str], votes: tuple[int, int], lapsed: int) -> None:
    now = counted(present, *pairs)
    assert (now.present, now.represented) == votes
    assert len(now.lapsed) == lapsed
    assert (now.enrolled, now.enrolled_structures) == (8, 7)


@pytest.mark.parametrize(
    ("kind", "present", "second", "needed", "reached"),
    [
        pytest.param(AssemblyKind.ORDINARY, "AB", False, 2, True, id="ordinaire : un quart de 8"),
        pytest.param(AssemblyKind.ORDINARY, "A", False, 2, False, id="ordinaire : une voix ne suffit pas"),
        pytest.param(AssemblyKind.EXTRAORDINARY, "ABC", False, 4, False, id="extraordinaire : trois sur huit"),
        pytest.param(AssemblyKind.EXTRAORDINARY, "ABE", False, 4, True, id="extraordinaire : la moitié"),
        pytest.param(AssemblyKind.EXTRAORDINARY, "A", True, 0, True, id="seconde convocation : sans quorum"),
        pytest.param(AssemblyKind.EXTRAORDINARY, "", True, 0, False, id="seconde convocation : personne"),
    ],
)
def test_the_quorum(kind: AssemblyKind, present: str, second: bool, needed: int, reached: bool) -> None:
    now = counted(present, kind=kind, second=second)
    assert (now.needed, now.has_quorum) == (needed, reached)
    if not reached:
        with pytest.raises(AssemblyWithoutQuorum):
            require_quorum(now)
    assert RULE.status == "assumed"


FULL = Room(tuple(Voice(UUID(int=n), 1) for n in range(20)), (), 20, 20, 5)


@pytest.mark.parametrize(
    ("majority", "votes", "adopted", "needed"),
    [
        pytest.param("simple", (6, 5, 0), True, 6, id="simple : 6 contre 5"),
        pytest.param("simple", (5, 5, 0), False, 6, id="simple : égalité, rejetée"),
        pytest.param("simple", (3, 2, 10), True, 3, id="simple : les abstentions ne comptent pas"),
        pytest.param("simple", (0, 0, 10), False, 1, id="simple : que des abstentions, rejetée"),
        pytest.param("absolute", (3, 2, 10), False, 8, id="absolue : les abstentions comptent"),
        pytest.param("absolute", (8, 2, 5), True, 8, id="absolue : plus de la moitié de 15"),
        pytest.param("two_thirds", (8, 4, 0), True, 8, id="deux tiers : exactement"),
        pytest.param("two_thirds", (7, 4, 5), False, 8, id="deux tiers de 11 : il en faut 8"),
        pytest.param("two_thirds", (0, 0, 3), False, 1, id="deux tiers de rien : rejetée"),
    ],
)
def test_what_carries_a_resolution(majority: str, votes: tuple[int, int, int], adopted: bool, needed: int) -> None:
    decided = verdict(Tally(*votes), RULE.majority_of(AssemblyKind.ORDINARY, majority), FULL)
    assert (decided.adopted, decided.needed) == (adopted, needed)
    assert decided.explanation.endswith("adoptée." if adopted else "rejetée.")


def test_the_kind_of_assembly_gives_the_majority() -> None:
    assert RULE.majority_of(AssemblyKind.ORDINARY, None).code == "simple"
    assert RULE.majority_of(AssemblyKind.EXTRAORDINARY, None).code == "two_thirds"
    with pytest.raises(MajorityUnknown):
        RULE.majority_of(AssemblyKind.ORDINARY, "unanimity")
    with pytest.raises(MajorityUnknown, match="two_thirds"):
        RULE.majority_of(AssemblyKind.EXTRAORDINARY, "simple")


def test_no_more_votes_than_in_the_room() -> None:
    with pytest.raises(TallyInconsistent, match="21 voix pour 20"):
        verdict(Tally(15, 5, 1), RULE.majority_of(AssemblyKind.ORDINARY, None), FULL)
    with pytest.raises(TallyInconsistent, match="1 structure"):
        tally_of({UUID(int=99): Choice.FOR}, FULL.voices)


def test_named_votes_weigh_what_the_roll_says_proxies_included() -> None:
    now = counted("AB", "EA")
    tally, named = tally_of({one("A"): Choice.FOR, one("B"): Choice.AGAINST, one("E"): Choice.FOR}, now.voices)
    assert tally == Tally(3, 1, 0)
    assert {vote.member_id: vote.votes for vote in named}[one("E")] == 2


def candidate(letter: str, votes: int, year: int = 2000) -> Candidate:
    return Candidate(one(letter), UUID(int=1), letter, date(year, 1, 1), votes)


@pytest.mark.parametrize(
    ("candidates", "seats", "elected", "tied", "vacant"),
    [
        pytest.param([candidate("A", 3), candidate("B", 9)], 1, "B", "", 0, id="le plus de voix"),
        pytest.param([candidate("A", 3), candidate("B", 9)], 2, "BA", "", 0, id="deux sièges"),
        pytest.param([candidate("A", 9)], 2, "A", "", 1, id="moins de candidats que de sièges"),
        pytest.param([candidate("A", 9), candidate("B", 0)], 2, "A", "", 1, id="sans une voix : pas élue"),
        pytest.param(
            [candidate("A", 5, 2001), candidate("B", 5, 1990)], 1, "B", "", 0, id="égalité : la plus ancienne"
        ),
        pytest.param(
            [candidate("C", 9), candidate("A", 5), candidate("B", 5)], 2, "C", "AB", 1, id="rien ne départage"
        ),
        pytest.param([candidate("A", 5), candidate("B", 5)], 2, "AB", "", 0, id="égalité sans effet"),
        pytest.param([], 1, "", "", 1, id="personne ne se présente"),
    ],
)
def test_who_is_elected(candidates: list[Candidate], seats: int, elected: str, tied: str, vacant: int) -> None:
    poll = elect(candidates, seats, TieRule.ELDEST_MEMBERSHIP)
    assert "".join(one.name for one in poll.elected) == elected
    assert "".join(one.name for one in poll.tied) == tied
    assert poll.vacant == vacant


def test_a_tie_says_how_it_was_parted_or_is_not() -> None:
    both = [candidate("A", 5, 2001), candidate("B", 5, 1990)]
    assert "B (01/01/1990) devant A (01/01/2001)" in elect(both, 1, TieRule.ELDEST_MEMBERSHIP).explanation
    unparted = elect(both, 1, TieRule.NONE)
    assert (unparted.elected, unparted.vacant) == ((), 1)
    assert unparted.explanation == (
        "Personne n'est élu. À égalité de 5 voix, rien ne départage A, B. 1 siège à pourvoir."
    )


@pytest.mark.parametrize(
    ("ballots", "votes", "seats", "electors", "why"),
    [
        pytest.param(Ballots(10, 1, 1), [5, 3], 1, 10, None, id="tout se tient"),
        pytest.param(Ballots(10, 0, 0), [10, 8], 2, 10, None, id="deux sièges : jusqu'à deux noms"),
        pytest.param(Ballots(11, 0, 0), [11], 1, 10, "11 voix dans l'urne pour 10", id="plus de voix que d'électeurs"),
        pytest.param(Ballots(10, 6, 5), [0], 1, 10, "6 voix blanches et 5 nulles", id="plus de blancs que de voix"),
        pytest.param(Ballots(10, 1, 1), [5, 2], 1, 10, "7 voix données", id="une voix manque"),
        pytest.param(Ballots(10, 0, 0), [6, 5], 1, 10, "11 voix données", id="une voix de trop"),
        pytest.param(Ballots(10, 1, 1), [9, 0], 2, 10, "plus que les 8", id="un candidat au-dessus des valables"),
        pytest.param(Ballots(4, 0, 0), [2, 1], 2, 10, "au moins 4 et au plus 8", id="un bulletin sans nom"),
    ],
)
def test_the_tellers_figures_tie(
    ballots: Ballots, votes: list[int], seats: int, electors: int, why: str | None
) -> None:
    candidates = [candidate(letter, count) for letter, count in zip("ABCD", votes, strict=False)]
    if why is None:
        require_ballots(ballots, candidates, seats, electors)
    else:
        with pytest.raises(TallyInconsistent, match=why):
            require_ballots(ballots, candidates, seats, electors)


RESOLUTION = Item(UUID(int=1), ItemKind.RESOLUTION, "Comptes 2026")
PREPARED = Assembly(UUID(int=9), AssemblyKind.ORDINARY, "AG", DAY, "Paris", agenda=(RESOLUTION,))
CONVENED = convene(PREPARED, RULE, DAY - timedelta(15), DAY - timedelta(15))
OPEN = open_on(CONVENED, RULE, UUID(int=7), DAY, AT)

LATER = DAY + timedelta(days=20)
HELD = close(OPEN, [RESOLUTION.id], has_quorum=True)
FAILED = close(OPEN, [], has_quorum=False)
SEATS = Item(UUID(int=2), ItemKind.ELECTION, "Sièges", scope=SeatScope.REGION, scope_code="idf", seats=2)


def reasons(*codes: Exclusion) -> tuple[Reason, ...]:
    return tuple(Reason(code, f"{code.label}.") for code in codes)


@pytest.mark.parametrize(
    ("codes", "frozen", "votes"),
    [
        pytest.param((), True, True, id="vote"),
        pytest.param((Exclusion.UNPAID,), True, False, id="la liste figée fait foi"),
        pytest.param((Exclusion.NOT_RENEWED, Exclusion.UNPAID), False, True, id="cela peut encore changer : réserve"),
        pytest.param((Exclusion.NO_VOTE,), False, False, id="une associée n'a pas de voix"),
        pytest.param((Exclusion.LEFT,), False, False, id="sortie"),
    ],
)
def test_who_may_stand_or_give_a_proxy(codes: tuple[Exclusion, ...], frozen: bool, votes: bool) -> None:
    known = replace(line("A", 0 if codes else 1), reasons=reasons(*codes))
    if votes:
        assert entitled(known, frozen=frozen) == known
        return
    with pytest.raises(NotEntitled, match=codes[0].label):
        entitled(known, frozen=frozen)
    with pytest.raises(NotEntitled) as untold:
        entitled(known, frozen=frozen, told=False)
    assert untold.value.message == "Cette structure ne vote pas à cette assemblée."


def test_of_others_nobody_learns_their_proxies() -> None:
    for standing in (["BC"], ["CB", "DB"]):
        with pytest.raises(HolderUnavailable):
            require_proxy(line("A"), line("B"), given(*standing), RULE, told=False)


def test_an_assembly_is_convened_cancelled_and_moved() -> None:
    told = convene(PREPARED, RULE, DAY - timedelta(20), DAY - timedelta(10), "courriel du 4 juin")
    assert (told.convened_on, told.convened_by) == (DAY - timedelta(20), "courriel du 4 juin")
    assert amend(CONVENED, {"place": "Lyon"}).place == "Lyon"
    with pytest.raises(AssemblyState):
        amend(CONVENED, {"place": "Lyon", "held_on": DAY})
    assert cancel(CONVENED, "grève").status is AssemblyStatus.CANCELLED
    assert cancel(PREPARED, "grève").cancelled == "grève"


def test_an_assembly_goes_its_way() -> None:
    assert (CONVENED.status, CONVENED.roll_day) == (AssemblyStatus.CONVENED, date(2027, 6, 9))
    assert (OPEN.rule, OPEN.roll_id) == (RULE, UUID(int=7))
    assert close(OPEN, [RESOLUTION.id], has_quorum=True).quorum_failed is False
    failed = close(OPEN, [], has_quorum=False)
    assert failed.quorum_failed is True
    require_second(failed, AssemblyKind.ORDINARY, LATER, taken=False)


@pytest.mark.parametrize(
    ("settled", "has_quorum", "failed"),
    [
        pytest.param("12", True, False, id="tout est voté ou retiré"),
        pytest.param("12", False, False, id="tout est voté, puis la salle s'est vidée"),
        pytest.param("1", False, True, id="un point retiré ou voté, l'autre sans quorum : close, reste à reprendre"),
        pytest.param("", False, True, id="jamais de quorum"),
        pytest.param("1", True, None, id="un point que la salle peut voter : pas close"),
    ],
)
def test_an_assembly_closes_on_what_it_could_vote(settled: str, has_quorum: bool, failed: bool | None) -> None:
    assembly = replace(OPEN, agenda=(RESOLUTION, SEATS))
    ids = [UUID(int=int(number)) for number in settled]
    if failed is None:
        with pytest.raises(ItemsUnvoted, match="Sièges"):
            close(assembly, ids, has_quorum=has_quorum)
    else:
        assert close(assembly, ids, has_quorum=has_quorum).quorum_failed is failed


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda: convene(PREPARED, RULE, DAY - timedelta(14), DAY - timedelta(14)), ConvenedTooLate),
        (lambda: convene(replace(PREPARED, agenda=()), RULE, DAY - timedelta(30), DAY, "x"), AssemblyAgendaEmpty),
        (lambda: convene(CONVENED, RULE, DAY - timedelta(30), DAY - timedelta(30)), AssemblyState),
        (lambda: convene(PREPARED, RULE, DAY - timedelta(20), DAY - timedelta(21), "courrier"), ConveningInconsistent),
        (lambda: convene(PREPARED, RULE, DAY - timedelta(20), DAY - timedelta(19)), ConveningInconsistent),
        (lambda: cancel(OPEN, "grève"), AssemblyState),
        (lambda: open_on(CONVENED, RULE, UUID(int=7), DAY - timedelta(1), AT), AssemblyDayToCome),
        (lambda: open_on(CONVENED, RULE, None, DAY, AT), RollMissing),
        (lambda: open_on(PREPARED, RULE, UUID(int=7), DAY, AT), AssemblyState),
        (lambda: close(OPEN, [], has_quorum=True), ItemsUnvoted),
        (lambda: close(CONVENED, [], has_quorum=False), AssemblyState),
        (lambda: set_agenda(CONVENED, [RESOLUTION], RULE), AssemblyState),
        (lambda: set_agenda(PREPARED, [replace(RESOLUTION, seats=1)], RULE), ItemInconsistent),
        (lambda: set_agenda(PREPARED, [replace(RESOLUTION, kind=ItemKind.ELECTION)], RULE), ItemInconsistent),
        (lambda: set_agenda(PREPARED, [replace(RESOLUTION, majority="x")], RULE), MajorityUnknown),
        (lambda: require_second(HELD, AssemblyKind.ORDINARY, LATER, taken=False), NotSecond),
        (lambda: require_second(FAILED, AssemblyKind.EXTRAORDINARY, LATER, taken=False), NotSecond),
        (lambda: require_second(FAILED, AssemblyKind.ORDINARY, LATER, taken=True), NotSecond),
        (lambda: require_second(FAILED, AssemblyKind.ORDINARY, DAY, taken=False), NotSecond),
        (lambda: set_agenda(replace(PREPARED, second_of=HELD.id), [RESOLUTION], RULE), SecondAgenda),
        (lambda: set_agenda(PREPARED, [SEATS, replace(SEATS, id=UUID(int=3))], RULE), SeatsTwice),
    ],
    ids=[
        "convoquée 14 jours avant", "sans ordre du jour", "deux fois", "convoquée demain",
        "convoquée hier sans preuve", "annulée une fois ouverte", "ouverte la veille", "sans liste",
        "ouverte sans convocation", "close sans voter", "close sans ouvrir", "ordre du jour changé après convocation",
        "résolution avec un siège", "élection sans siège", "majorité inconnue", "seconde après une assemblée tenue",
        "seconde d'une autre sorte", "une troisième convocation", "seconde le même jour",
        "autre ordre du jour à la seconde", "deux élections aux mêmes sièges",
    ],
)  # fmt: skip
def test_what_an_assembly_refuses(act: object, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        act()  # type: ignore[operator]


def test_a_region_elects_to_its_own_seats() -> None:
    assert [SEATS.takes(line("A")), SEATS.takes(line("A", 1, "occitanie"))] == [True, False]
    college = replace(SEATS, scope=SeatScope.COLLEGE, scope_code="production")
    assert [college.takes(line("A")), college.takes(line("A", college="others"))] == [True, False]
