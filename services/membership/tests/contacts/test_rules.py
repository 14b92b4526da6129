"""Who holds a seat and may leave it, what is known of a person from a day on, and what keeps a name: the rules.

The billing contact is never empty by decision of the house; the order of those who lead is `assumed`; both, and what
an erasure waits for (RGPD, art. 17.3), are in ADR 0020 and ADR 0037.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.errors import Blocker, Refusal, obstacle
from membership.contacts.domain import (
    Acquaintance,
    BillingSeatNeeded,
    ContactChangeToCome,
    Details,
    Keeping,
    Mandate,
    Seat,
    SeatVacant,
    Trace,
    amended,
    answerable_for_invoices,
    erasure_blockers,
    held_or_to_come,
    mandates,
    person,
    require_leavable,
    require_no_change_to_come,
    seat_of,
    unite,
    written,
)
from membership.members.domain import Entry, Member, MemberStatus, Subject, Value

DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
MEMBER = Member(UUID(int=1), "STR-1", "Alpha", MemberStatus.ACTIVE)
ANNE, BINTA = UUID(int=11), UUID(int=12)
DETAILS = Details("Anne", "Exemple", email="anne@alpha.example", phone="01")


def entry(subject: Subject, day: date, value: Value | None, minutes: int = 0) -> Entry:
    number = UUID(int=1000 + minutes)
    return Entry(number, MEMBER.id, subject, day, AT + timedelta(minutes=minutes), "n", value)


def seated(seat: Seat, who: UUID, day: date = DAY, minutes: int = 0) -> Entry:
    return entry(seat_of(seat), day, {"contact_id": str(who)}, minutes)


@pytest.mark.parametrize(
    ("status", "seat", "held", "refusal"),
    [
        pytest.param(MemberStatus.ACTIVE, Seat.DIRECTOR, True, None, id="la direction se laisse vacante"),
        pytest.param(MemberStatus.ACTIVE, Seat.DIRECTOR, False, SeatVacant, id="vacante déjà"),
        pytest.param(MemberStatus.ACTIVE, Seat.BILLING, True, BillingSeatNeeded, id="jamais la facturation"),
        pytest.param(MemberStatus.SUSPENDED, Seat.BILLING, True, BillingSeatNeeded, id="ni suspendue"),
        pytest.param(MemberStatus.LEFT, Seat.BILLING, True, None, id="sortie : la facturation aussi"),
    ],
)
def test_which_seat_is_left_without_a_successor(
    status: MemberStatus, seat: Seat, held: bool, refusal: type[Refusal] | None
) -> None:
    known = {seat_of(seat): seated(seat, ANNE)} if held else {}
    act: Callable[[], object] = lambda: require_leavable(replace(MEMBER, status=status), seat, known)  # noqa: E731
    assert type(obstacle(act)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        pytest.param(DAY, None, id="aujourd'hui"),
        pytest.param(DAY + timedelta(1), ContactChangeToCome, id="demain"),
    ],
)
def test_what_is_known_of_a_person_changes_once_its_day_has_come(day: date, refusal: type[Refusal] | None) -> None:
    assert type(obstacle(lambda: require_no_change_to_come(day, DAY))) is (refusal or type(None))


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        pytest.param([Seat.PRESIDENT, Seat.BILLING], Seat.BILLING, id="la facturation"),
        pytest.param([Seat.PRESIDENT, Seat.DIRECTOR, Seat.TREASURER], Seat.TREASURER, id="puis la trésorerie"),
        pytest.param([Seat.PRESIDENT, Seat.DIRECTOR], Seat.DIRECTOR, id="puis la direction"),
        pytest.param([Seat.PRESIDENT], Seat.PRESIDENT, id="puis la présidence"),
        pytest.param([Seat.TRAINING], None, id="la formation n'en répond pas"),
    ],
)
def test_who_answers_for_invoices(seats: list[Seat], expected: Seat | None) -> None:
    found = answerable_for_invoices([Mandate(seat, ANNE, DAY) for seat in seats])
    assert (found.seat if found else None) is expected


@pytest.mark.parametrize(
    ("as_of", "known_at", "holder"),
    [
        pytest.param(date(2026, 2, 28), None, None, id="la veille du premier jour"),
        pytest.param(DAY, None, ANNE, id="le premier jour"),
        pytest.param(date(2026, 8, 31), None, ANNE, id="la veille de la succession"),
        pytest.param(date(2026, 9, 1), None, BINTA, id="le jour de la succession"),
        pytest.param(date(2026, 9, 1), AT, ANNE, id="ce que l'on savait avant de l'inscrire"),
        pytest.param(date(2026, 9, 1), AT + timedelta(minutes=1), BINTA, id="à l'instant où elle fut inscrite"),
    ],
)
def test_who_holds_a_seat_on_a_day_as_known_at_an_instant(
    as_of: date, known_at: datetime | None, holder: UUID | None
) -> None:
    known = [seated(Seat.DIRECTOR, ANNE), seated(Seat.DIRECTOR, BINTA, date(2026, 9, 1), minutes=1)]
    assert [one.contact_id for one in mandates(known, as_of, known_at)] == ([holder] if holder else [])


def test_a_vacant_seat_has_no_holder() -> None:
    known = [seated(Seat.DIRECTOR, ANNE), entry(seat_of(Seat.DIRECTOR), date(2026, 9, 1), None, minutes=1)]
    assert mandates(known, date(2026, 9, 1)) == []


def test_who_is_to_hold_a_seat_is_told_with_who_holds_one() -> None:
    known = [
        seated(Seat.DIRECTOR, ANNE),
        seated(Seat.BILLING, BINTA, DAY + timedelta(1), minutes=1),
        entry(seat_of(Seat.DIRECTOR), DAY + timedelta(2), None, minutes=2),
        entry(person(ANNE), DAY, written(DETAILS), minutes=3),
    ]
    found = held_or_to_come(known, DAY)
    assert [(one.seat, one.contact_id, one.since) for one in found] == [
        (Seat.DIRECTOR, ANNE, DAY),
        (Seat.BILLING, BINTA, DAY + timedelta(1)),
    ]


def test_an_amendment_lasts_until_something_else_was_told() -> None:
    """Moved on 1 March, told on 1 June with another phone: the new address lasts, the phone of June stays."""
    known = [
        entry(person(ANNE), date(2026, 1, 1), written(DETAILS)),
        entry(person(ANNE), date(2026, 6, 1), written(replace(DETAILS, phone="02")), minutes=1),
    ]
    found = amended(known, ANNE, DETAILS, {"email": "a@alpha.example", "phone": "03"}, DAY)
    assert {day: (one.email, one.phone) for day, one in found.items()} == {
        date(2026, 1, 1): ("anne@alpha.example", "01"),
        DAY: ("a@alpha.example", "03"),
        date(2026, 6, 1): ("a@alpha.example", "02"),
    }
    same_day = amended(known, ANNE, DETAILS, {"phone": "03"}, date(2026, 6, 1))
    assert (same_day[date(2026, 6, 1)].phone, same_day[date(2026, 1, 1)].phone) == ("03", "01")


def test_of_somebody_the_register_knows_only_later_the_first_that_was_told_holds() -> None:
    later = entry(person(ANNE), date(2026, 6, 1), written(replace(DETAILS, phone="02")))
    assert amended([later], ANNE, DETAILS, {"email": None}, DAY)[DAY] == replace(DETAILS, phone="02", email=None)
    assert amended([], ANNE, DETAILS, {"phone": "03"}, DAY) == {DAY: replace(DETAILS, phone="03")}


def test_what_stands_against_an_erasure_is_said_in_whole() -> None:
    keeping = Keeping("assembly_candidacy", "contact_id", "Candidatures", "")
    trace = Trace(keeping, UUID(int=5), ANNE, MEMBER.id, DAY, {}, engages=Blocker("contact_stands", "Candidate."))
    found = erasure_blockers([Seat.DIRECTOR, Seat.BILLING], [trace, replace(trace, engages=None)])
    assert [one.code for one in found] == ["contact_seated", "contact_stands"]
    assert Seat.DIRECTOR.label in found[0].message
    assert Seat.PRESIDENT.label not in found[0].message
    assert erasure_blockers([], [replace(trace, engages=None)]) == []


@pytest.mark.parametrize(
    ("here", "there", "twin"),
    [
        pytest.param(DETAILS, replace(DETAILS, email="ANNE@alpha.example"), True, id="même adresse, même nom"),
        pytest.param(DETAILS, replace(DETAILS, given_name="Binta"), False, id="une adresse commune, deux noms"),
        pytest.param(DETAILS, replace(DETAILS, email="a@beta.example"), False, id="deux adresses"),
        pytest.param(replace(DETAILS, email=None), replace(DETAILS, email=None), False, id="aucune adresse : deux"),
    ],
)
def test_who_is_the_same_person_in_a_duplicate(here: Details, there: Details, twin: bool) -> None:
    found = unite([Acquaintance(ANNE, here)], [Acquaintance(BINTA, there)], [], [])
    assert (found.twins, found.carried) == (({BINTA: ANNE}, ()) if twin else ({}, (BINTA,)))


@pytest.mark.parametrize(
    ("here", "preferred", "seats"),
    [
        pytest.param([], [], {Seat.DIRECTOR: BINTA}, id="vacant ici : celle du doublon le prend"),
        pytest.param([Seat.DIRECTOR], [], {}, id="occupé ici : il garde qui le tient"),
        pytest.param([Seat.DIRECTOR], [Seat.DIRECTOR], {Seat.DIRECTOR: BINTA}, id="choisi à l'autre"),
    ],
)
def test_who_holds_the_seats_of_a_merged_record(
    here: list[Seat], preferred: list[Seat], seats: dict[Seat, UUID]
) -> None:
    other = replace(DETAILS, email="b@beta.example")
    held = [Mandate(seat, ANNE, DAY) for seat in here]
    theirs = [Mandate(Seat.DIRECTOR, BINTA, DAY), Mandate(Seat.PRESIDENT, UUID(int=99), DAY)]
    found = unite([Acquaintance(ANNE, DETAILS)], [Acquaintance(BINTA, other)], held, theirs, preferred)
    assert found.seats == seats


def test_a_twin_that_holds_the_seat_already_changes_nothing() -> None:
    both = [Acquaintance(ANNE, DETAILS)], [Acquaintance(BINTA, DETAILS)]
    held, theirs = [Mandate(Seat.DIRECTOR, ANNE, DAY)], [Mandate(Seat.DIRECTOR, BINTA, DAY)]
    assert unite(*both, held, theirs, [Seat.DIRECTOR]).seats == {}
