"""What calendars are told, and how long: RFC 5545 §3.8.7.4 for the sequence; the delays, ``data/rule.toml``."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.calendars.domain import CalendarRule, Said, SlotStatus, Told, retell, shown
from training.calendars.queries.rules import calendar_rule

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
RULE = calendar_rule(date(2027, 3, 1))
SAID = Said(
    starts_at=NOW + timedelta(days=10),
    ends_at=NOW + timedelta(days=10, hours=3),
    zone="Europe/Paris",
    status=SlotStatus.CONFIRMED,
    title="Accompagner",
    place="Salle",
    description="Session.",
    url="https://visio.example.org",
)
ID = UUID(int=1)
TOLD = Told(slot_id=ID, said=SAID, sequence=3, told_at=NOW - timedelta(days=9), changed_at=NOW - timedelta(days=5))
GONE = retell({ID: TOLD}, {}, NOW)[ID]


@pytest.mark.parametrize(
    ("known", "present", "status", "sequence", "changed"),
    [
        pytest.param(None, SAID, "confirmed", 0, True, id="nouvelle"),
        pytest.param(TOLD, SAID, "confirmed", 3, False, id="redite"),
        pytest.param(TOLD, replace(SAID, place="Ailleurs"), "confirmed", 4, True, id="autre salle"),
        pytest.param(TOLD, replace(SAID, starts_at=NOW), "confirmed", 4, True, id="autre heure"),
        pytest.param(TOLD, None, "cancelled", 4, True, id="plus dans ce calendrier"),
        pytest.param(GONE, None, "cancelled", 4, False, id="annulation redite"),
        pytest.param(GONE, SAID, "confirmed", 5, True, id="revenue"),
    ],
)
def test_what_is_told_next(known: Told | None, present: Said | None, status: str, sequence: int, changed: bool) -> None:
    later = NOW + timedelta(hours=1)
    [told] = retell({ID: known} if known else {}, {ID: present} if present else {}, later).values()
    assert (told.said.status, told.sequence, told.changed_at == later) == (status, sequence, changed)
    assert told.told_at == (known.told_at if known else later)


def test_what_nobody_was_told_is_cancelled_nowhere() -> None:
    assert retell({}, {}, NOW) == {}


def test_what_is_cancelled_says_no_address_any_more() -> None:
    assert (GONE.said.url, GONE.said.place, GONE.said.starts_at) == (None, "Salle", SAID.starts_at)


@given(st.lists(st.dictionaries(st.integers(0, 3), st.sampled_from(["Accompagner", "Écouter"])), max_size=8))
def test_a_sequence_never_goes_back_and_nothing_is_dropped_in_silence(plans: list[dict[int, str]]) -> None:
    """Whatever the plans that follow each other, and however often each is read."""
    known: dict[UUID, Told] = {}
    for hours, plan in enumerate(plan for plan in plans for _ in range(2)):
        present = {UUID(int=number): replace(SAID, title=title) for number, title in plan.items()}
        now = NOW + timedelta(hours=hours)
        after = retell(known, present, now)
        assert {slot for slot, one in after.items() if one.said.status is not SlotStatus.CANCELLED} == set(present)
        assert set(known) <= set(after)
        for slot, one in known.items():
            changed = after[slot].said != one.said
            assert (after[slot].sequence, after[slot].changed_at) == (
                (one.sequence + 1, now) if changed else (one.sequence, one.changed_at)
            )
        known = after


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        pytest.param(TOLD, True, id="à venir"),
        pytest.param(replace(TOLD, said=replace(SAID, ends_at=NOW - timedelta(days=90))), True, id="passée, 90 jours"),
        pytest.param(replace(TOLD, said=replace(SAID, ends_at=NOW - timedelta(days=91))), False, id="passée, 91 jours"),
        pytest.param(replace(GONE, changed_at=NOW - timedelta(days=90)), True, id="annulée il y a 90 jours"),
        pytest.param(replace(GONE, changed_at=NOW - timedelta(days=91)), False, id="annulée il y a 91 jours"),
    ],
)
def test_how_long_a_half_day_is_shown(told: Told, seen: bool) -> None:
    assert bool(shown([told], RULE, NOW)) is seen


def test_of_too_many_the_nearest_to_come_stay() -> None:
    few: CalendarRule = replace(RULE, most_in_a_calendar=3)
    days = (-20, -2, 1, 8, 30)
    told = [
        replace(TOLD, slot_id=UUID(int=rank), said=replace(SAID, starts_at=at, ends_at=at + timedelta(hours=3)))
        for rank, at in enumerate(NOW + timedelta(days=day) for day in days)
    ]
    assert [one.slot_id.int for one in shown(told, few, NOW)] == [2, 3, 4]
    assert [one.slot_id.int for one in shown(told[:4], few, NOW)] == [1, 2, 3]
