"""When half-days are, in the hours that people read where they are, and what a plan may not be."""

from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.moments import HourSkipped
from training.programmes.domain import Mode
from training.sessions.domain import (
    Change,
    Slot,
    SlotsOverlap,
    SlotTimesWrong,
    Subject,
    Wanted,
    ZoneUnknown,
    carried,
    compare_slots,
    hours_of,
    lay_out,
    mode_of,
    require_zone,
)
from training.trainers.domain import Half

from .examples import ROOM, TRAINER, TUESDAY, WEDNESDAY, slots, two_days, wanted

ELSEWHERE = UUID(int=21)


@pytest.mark.parametrize(
    ("day", "zone", "starts_at"),
    [
        pytest.param(date(2027, 3, 2), "Europe/Paris", "2027-03-02T08:00:00+00:00", id="Paris, heure d'hiver"),
        pytest.param(date(2027, 3, 27), "Europe/Paris", "2027-03-27T08:00:00+00:00", id="la veille du changement"),
        pytest.param(date(2027, 3, 29), "Europe/Paris", "2027-03-29T07:00:00+00:00", id="après le changement"),
        pytest.param(date(2027, 3, 29), "Indian/Reunion", "2027-03-29T05:00:00+00:00", id="La Réunion, sans été"),
        pytest.param(date(2027, 3, 2), "Indian/Reunion", "2027-03-02T05:00:00+00:00", id="La Réunion, l'hiver"),
        pytest.param(date(2027, 3, 2), "America/Guadeloupe", "2027-03-02T13:00:00+00:00", id="Guadeloupe"),
        pytest.param(date(2027, 3, 2), "America/Cayenne", "2027-03-02T12:00:00+00:00", id="Guyane"),
    ],
)  # fmt: skip
def test_nine_in_the_morning_is_read_on_the_wall_of_the_room(day: date, zone: str, starts_at: str) -> None:
    [in_room] = slots(wanted(day), rooms={ROOM: zone})
    [remote] = lay_out([wanted(day, room_id=None, remote=True)], {}, zone)
    assert (in_room.starts_at.isoformat(), in_room.zone) == (starts_at, zone)
    assert remote.starts_at == in_room.starts_at
    assert (in_room.half_day.day, hours_of([in_room])) == (day, Decimal("3.50"))
    assert in_room.written().endswith("matin, 9 h 00 à 12 h 30")


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        pytest.param([{}, {}], SlotsOverlap, id="deux matinées le même jour"),
        pytest.param([{"ends": time(14)}, {"half": Half.AFTERNOON}], SlotsOverlap, id="la matinée déborde"),
        pytest.param(
            [{"begins": time(14), "ends": time(15)}, {"half": Half.AFTERNOON, "begins": time(9), "ends": time(10)}],
            SlotsOverlap, id="l'après-midi avant le matin",
        ),
        pytest.param([{"begins": time(12), "ends": time(9)}], SlotTimesWrong, id="finit avant de commencer"),
        pytest.param([{"begins": time(9), "ends": time(9)}], SlotTimesWrong, id="ne dure rien"),
    ],
)  # fmt: skip
def test_a_plan_that_nobody_can_follow_is_refused(asked: list[dict[str, Any]], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        slots(*(wanted(TUESDAY, **one) for one in asked))


def test_an_hour_that_the_clock_skips_is_no_hour() -> None:
    with pytest.raises(HourSkipped, match="02:30 n'existe pas"):
        slots(wanted(date(2027, 3, 28), begins=time(2, 30), ends=time(5)))


def test_half_days_of_two_places_are_compared_in_time() -> None:
    """A morning in La Réunion is over when the afternoon of the same day begins in Toulouse."""
    morning = wanted(TUESDAY, room_id=ELSEWHERE)
    afternoon = wanted(TUESDAY, Half.AFTERNOON)
    placed = slots(afternoon, morning, rooms={ROOM: "Europe/Paris", ELSEWHERE: "Indian/Reunion"})
    assert [slot.half_day.half for slot in placed] == [Half.MORNING, Half.AFTERNOON]
    assert hours_of(placed) == 7


@pytest.mark.parametrize("zone", ["Europe/Nulle", "", "../etc/passwd", "Paris"])
def test_a_zone_is_one_of_the_tz_database(zone: str) -> None:
    with pytest.raises(ZoneUnknown):
        require_zone(zone)


@pytest.mark.parametrize(
    ("places", "mode"),
    [
        pytest.param([(ROOM, False)], Mode.ON_SITE, id="en salle"),
        pytest.param([(None, True)], Mode.REMOTE, id="à distance"),
        pytest.param([(ROOM, True)], Mode.MIXED, id="en salle et à distance à la fois"),
        pytest.param([(ROOM, False), (None, True)], Mode.MIXED, id="une en salle, une à distance"),
        pytest.param([(None, False)], None, id="rien n'est dit"),
        pytest.param([], None, id="aucune demi-journée"),
    ],
)
def test_the_mode_follows_from_the_places(places: list[tuple[UUID | None, bool]], mode: Mode | None) -> None:
    asked = (
        wanted(TUESDAY, half, room_id=room_id, remote=remote)
        for half, (room_id, remote) in zip(Half, places, strict=False)
    )
    assert mode_of(slots(*asked)) is mode


@given(days=st.integers(-400, 400))
def test_carried_to_another_day_half_days_keep_the_hours_of_the_clock(days: int) -> None:
    before = two_days()
    ids = map(UUID, map("{:032x}".format, count(1_000)))
    after = lay_out(carried(before, days, ids), {ROOM: "Europe/Paris"}, "Europe/Paris")
    assert [(slot.half_day.day - old.half_day.day).days for old, slot in zip(before, after, strict=True)] == [days] * 4
    assert [_hours(slot) for slot in after] == [_hours(slot) for slot in before]
    assert not {slot.id for slot in after} & {slot.id for slot in before}


def _hours(slot: Slot) -> str:
    return slot.written().rpartition(", ")[2]


def test_a_move_says_what_it_changes_before_and_after() -> None:
    before = slots(wanted(TUESDAY), wanted(TUESDAY, Half.AFTERNOON), wanted(WEDNESDAY))
    tuesday, gone, wednesday = before
    later = Wanted(
        id=tuesday.id, half_day=tuesday.half_day, begins=time(10), ends=time(12), room_id=None, remote=True,
        trainers=(TRAINER,),
    )  # fmt: skip
    after = slots(later, wanted(WEDNESDAY), wanted(WEDNESDAY, Half.AFTERNOON))
    assert compare_slots(before, after, {ROOM: "Salle Jaurès"}) == (
        Change(subject=Subject.SLOT, slot_id=gone.id, before="2 mars 2027, après-midi, 13 h 30 à 17 h 00"),
        Change(
            subject=Subject.TIME, slot_id=tuesday.id, before="2 mars 2027, matin, 9 h 00 à 12 h 30",
            after="2 mars 2027, matin, 10 h 00 à 12 h 00",
        ),
        Change(subject=Subject.ROOM, slot_id=tuesday.id, before="Salle Jaurès", after=None),
        Change(subject=Subject.REMOTE, slot_id=tuesday.id, before="non", after="oui"),
        Change(subject=Subject.SLOT, slot_id=after[2].id, after="3 mars 2027, après-midi, 13 h 30 à 17 h 00"),
    )  # fmt: skip
    assert compare_slots(before, before, {ROOM: "Salle Jaurès"}) == ()
    assert wednesday == after[1]
    assert datetime.fromisoformat("2027-03-02T09:00:00+00:00") == after[0].starts_at
