"""What the register says of a day, and of what was known: the rules against a register kept day by day.

Decided in ADR 0020.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.members.domain import (
    ActivityKind,
    Admission,
    Convention,
    Correspondence,
    Entry,
    EntryNotFound,
    EntryOfADecision,
    EntrySuperseded,
    LastActivity,
    Member,
    MemberCategory,
    MemberStatus,
    NotInRegisterThen,
    Purpose,
    Subject,
    Topic,
    counting,
    differences,
    in_force,
    on_day,
    periods,
    require_activities,
    since,
    stood,
    to_withdraw,
    values_of,
    written,
)

ADDRESS = Subject(Topic.ADDRESS)
ACTIVITY = Subject(Topic.ACTIVITY, "ai")
FIRST_DAY = date(2026, 1, 1)
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def instant(hour: int) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def entry(
    hour: int, effective: int, city: str | None, *, subject: Subject = ADDRESS, withdraws: int | None = None
) -> Entry:
    """Recorded at an hour, for a day on: a city, none (it ended), or the withdrawal of what another hour recorded."""
    return Entry(
        id=UUID(int=hour + 1),
        member_id=UUID(int=1),
        subject=subject,
        effective_on=day(effective),
        recorded_at=instant(hour),
        recorded_by="somebody",
        value=None if city is None else {"city": city},
        withdraws=None if withdraws is None else UUID(int=withdraws + 1),
    )


def city(entries: Sequence[Entry], as_of: int, known: int | None = None) -> str | None:
    found = in_force(entries, day(as_of), None if known is None else instant(known)).get(ADDRESS)
    return found.value["city"] if found and found.value else None


MOVES = [entry(0, 0, "TOULOUSE"), entry(1, 10, "MURET")]


@pytest.mark.parametrize(
    ("entries", "as_of", "known", "expected"),
    [
        pytest.param(MOVES, 9, None, "TOULOUSE", id="la veille du déménagement"),
        pytest.param(MOVES, 10, None, "MURET", id="le jour même"),
        pytest.param(MOVES, 10, 0, "TOULOUSE", id="ce jour-là, d'après ce que l'on savait avant de l'apprendre"),
        pytest.param([MOVES[1]], 9, None, None, id="avant la première inscription"),
        pytest.param([*MOVES, entry(2, 5, "BLAGNAC")], 7, None, "BLAGNAC", id="appris après coup : vaut dès son jour"),
        pytest.param([*MOVES, entry(2, 5, "BLAGNAC")], 12, None, "MURET", id="... et jusqu'au changement suivant"),
        pytest.param([*MOVES, entry(2, 10, "BLAGNAC")], 12, None, "BLAGNAC", id="corrigé pour le même jour"),
        pytest.param([*MOVES, entry(2, 10, "BLAGNAC")], 12, 1, "MURET", id="... ce que l'on croyait avant de corriger"),
        pytest.param([*MOVES, entry(2, 10, None, withdraws=1)], 12, None, "TOULOUSE", id="retiré : jamais vrai"),
        pytest.param([*MOVES, entry(2, 10, None, withdraws=1)], 12, 1, "MURET", id="... mais on l'a cru"),
        pytest.param(
            [*MOVES, entry(2, 10, "BLAGNAC"), entry(3, 10, None, withdraws=2)],
            12,
            None,
            "MURET",
            id="une correction retirée : ce que le jour disait avant elle compte de nouveau",
        ),
        pytest.param([*MOVES, entry(2, 10, None)], 12, None, None, id="a pris fin ce jour-là"),
        pytest.param([*MOVES, entry(2, 10, None)], 9, None, "TOULOUSE", id="... et valait encore la veille"),
        pytest.param(
            [*MOVES, entry(2, 10, None, withdraws=1), entry(3, 10, "AUCH")],
            12,
            None,
            "AUCH",
            id="inscrit de nouveau après un retrait",
        ),
    ],
)
def test_what_holds_on_a_day(entries: list[Entry], as_of: int, known: int | None, expected: str | None) -> None:
    assert city(entries, as_of, known) == expected


@st.composite
def registers(draw: st.DrawFn) -> list[Entry]:
    """Draw entries in the order of their recording; what is withdrawn was recorded before and still counted."""
    entries: list[Entry] = []
    for hour in range(draw(st.integers(0, 12))):
        what = draw(st.sampled_from(["A", "B", None, "withdrawal"]))
        standing = counting(entries)
        if what == "withdrawal" and standing:
            wrong = draw(st.sampled_from(standing))
            marker = entry(hour, 0, None, subject=wrong.subject)
            entries.append(replace(marker, effective_on=wrong.effective_on, withdraws=wrong.id))
        elif what != "withdrawal":
            entries.append(
                entry(hour, draw(st.integers(0, 6)), what, subject=draw(st.sampled_from([ADDRESS, ACTIVITY])))
            )
    return entries


def kept_day_by_day(entries: Sequence[Entry], as_of: int, known: int) -> dict[Subject, str]:
    """Walk through the days as a clerk with a paper register would: a page a day, what is withdrawn crossed out."""
    pages: dict[int, list[Entry]] = {}
    for one in entries:
        if one.recorded_at <= instant(known):
            page = pages.setdefault((one.effective_on - FIRST_DAY).days, [])
            if one.withdraws is None:
                page.append(one)
            else:
                page[:] = [other for other in page if other.id != one.withdraws]
    held: dict[Subject, str] = {}
    for number in range(as_of + 1):
        for one in pages.get(number, []):
            held.pop(one.subject, None)
            if one.value is not None:
                held[one.subject] = one.value["city"]
    return held


@given(registers(), st.integers(0, 7), st.integers(0, 12), st.randoms(use_true_random=False))
def test_it_is_what_a_register_kept_day_by_day_says(
    entries: list[Entry], as_of: int, known: int, dice: random.Random
) -> None:
    shuffled = sorted(entries, key=lambda _: dice.random())
    found = values_of(in_force(shuffled, day(as_of), instant(known)))
    assert {subject: value["city"] for subject, value in found.items()} == kept_day_by_day(entries, as_of, known)


@given(registers(), st.integers(0, 7), st.booleans())
def test_the_periods_say_of_each_day_what_holds_on_it(entries: list[Entry], entered: int, merged: bool) -> None:
    told = [Topic.NAME, Topic.STATUS, Topic.CATEGORY, *([Topic.MERGED] if merged else [])]
    entries = [*entries, *(entry(20 + n, entered, "E", subject=Subject(topic)) for n, topic in enumerate(told))]
    drawn = periods(entries)
    for number in range(9):
        covering = [one for one in drawn if one.first_day <= day(number) <= (one.last_day or date.max)]
        holds = number >= entered and not merged
        assert [one.values for one in covering] == ([values_of(in_force(entries, day(number)))] if holds else [])


FULL = Member(
    id=UUID(int=1),
    reference="STR-2026-00001",
    name="Structure fictive",
    status=MemberStatus.ACTIVE,
    category=MemberCategory.ASSOCIATE,
    activities=(ActivityKind.ETTI, ActivityKind.AI, ActivityKind.ACI),
    chosen_main=ActivityKind.ETTI,
    conventions={ActivityKind.AI: Convention("AI 031 24 0001", date(2026, 12, 31)), ActivityKind.ETTI: Convention("E")},
    siren="900000001",
    siret="90000000100017",
    street="1 rue des Exemples",
    postcode="31000",
    city="TOULOUSE",
    department="31",
    covering_delegation="occitanie",
    imposed_delegation="paca",
    groups=frozenset({UUID(int=7), UUID(int=8)}),
    correspondence={Purpose.DUES: Correspondence("2 rue B", "31000", "TOULOUSE", "Service comptabilité")},
    admission=Admission(date(2026, 1, 15), UUID(int=9), "PV-CA-2026-01"),
)
BARE = Member(id=UUID(int=1), reference="STR-2026-00001", name="Structure fictive")


@pytest.mark.parametrize("member", [FULL, BARE], ids=["tout est connu", "le nom seul"])
def test_what_is_written_is_read_again(member: Member) -> None:
    bare = Member(id=member.id, reference=member.reference, name="")
    assert stood(bare, written(member), member.as_of) == member


def test_from_one_state_to_another_and_back() -> None:
    there, back = differences(written(BARE), written(FULL)), differences(written(FULL), written(BARE))
    assert {subject for subject, value in back.items() if value is None} == there.keys() - written(BARE).keys()
    assert differences(written(FULL), written(replace(FULL, version=9))) == {}


def test_a_structure_is_unknown_before_its_first_day() -> None:
    with pytest.raises(NotInRegisterThen):
        on_day(BARE, MOVES, day(20))


NAMED = entry(5, 0, None, subject=Subject(Topic.STATUS))


@pytest.mark.parametrize(
    ("entries", "number", "refusal"),
    [
        pytest.param(MOVES, 9, EntryNotFound, id="inconnue"),
        pytest.param([entry(2, 0, None, subject=Subject(Topic.MANDATE))], 2, EntryNotFound, id="d'une personne"),
        pytest.param([*MOVES, entry(2, 10, "AUCH")], 1, EntrySuperseded, id="remplacée pour le même jour"),
        pytest.param([*MOVES, entry(2, 10, None, withdraws=1)], 1, EntrySuperseded, id="déjà retirée"),
        pytest.param([*MOVES, entry(2, 10, None, withdraws=1)], 2, EntrySuperseded, id="un retrait"),
        pytest.param([NAMED], 5, EntryOfADecision, id="une décision"),
    ],
)
def test_only_what_counts_is_withdrawn(entries: list[Entry], number: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        to_withdraw(entries, UUID(int=number + 1))


def test_what_counts_is_one_entry_a_subject_and_day() -> None:
    entries = [*MOVES, entry(2, 10, "AUCH"), entry(3, 10, "X", subject=ACTIVITY)]
    assert [one.id.int - 1 for one in counting(entries)] == [0, 2, 3]
    assert to_withdraw(entries, UUID(int=3)) == entries[2]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(MOVES, 10, id="depuis son inscription"),
        pytest.param([*MOVES, entry(2, 5, "MURET")], 5, id="appris après coup : depuis plus tôt"),
        pytest.param([*MOVES, entry(2, 5, "MURET"), entry(3, 7, "AUCH")], 10, id="... sauf interruption"),
        pytest.param([*MOVES, entry(2, 5, "MURET"), entry(3, 7, None)], 10, id="... ou vacance"),
    ],
)
def test_since_when_a_value_holds(entries: list[Entry], expected: int) -> None:
    assert since(entries, in_force(entries, day(20))[ADDRESS]) == day(expected)


def test_announced_ends_that_leave_no_activity_are_refused() -> None:
    held = [entry(0, 0, "x", subject=ACTIVITY), entry(1, 0, "x", subject=Subject(Topic.ACTIVITY, "aci"))]
    one_ends = [*held, entry(2, 10, None, subject=Subject(Topic.ACTIVITY, "aci"))]
    require_activities(BARE, held, one_ends)
    with pytest.raises(LastActivity, match="11/01/2026"):
        require_activities(BARE, one_ends, [*one_ends, entry(3, 5, None, subject=ACTIVITY)])
    with pytest.raises(LastActivity):
        require_activities(BARE, held[:1], [*held[:1], entry(3, 0, None, subject=ACTIVITY, withdraws=0)])
