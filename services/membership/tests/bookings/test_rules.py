"""Who books which place, what is free, and until when it is dropped or told of: the rules, as an adviser checks them.

What is free and until when is dated data, `assumed` (no regulation was read); the rest is decided in ADR 0030.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.accompaniments.domain import Level, MeetingMode, Offer, Slot, Terms
from membership.bookings.domain import (
    AccompanimentNotHeld,
    ActivityNotServed,
    Booking,
    BookingAnswered,
    BookingCancellation,
    BookingCancelTooLate,
    BookingDelivered,
    BookingNotSettled,
    BookingSettled,
    BookingState,
    CancelledBy,
    DelegationNotServed,
    Deliverable,
    DeliverableKind,
    DeliverableWithdrawal,
    DeliverableWithdrawn,
    DeliveredAnotherDay,
    FirstLevelUsed,
    MemberCannotBook,
    OutcomeFixed,
    SatisfactionGiven,
    SatisfactionTooLate,
    SlotAlreadyBooked,
    SlotNotBegun,
    cancel,
    droppable_until,
    moved,
    reopen,
    require_allowance,
    require_deliverable,
    require_droppable,
    require_not_booked,
    require_rateable,
    require_served,
    require_settled,
    settle,
    withdraw,
)
from membership.bookings.queries import survey_on
from membership.members.domain import ActivityKind, Member, MemberStatus

STARTS = datetime(2026, 12, 3, 8, tzinfo=UTC)
DROP_UNTIL = STARTS - timedelta(hours=48)
DAY, SECOND = STARTS.date(), timedelta(seconds=1)
SURVEY = survey_on(DAY)
TERMS = Terms("Coodiag", "Diagnostic", "Vos comptes", 60, MeetingMode.REMOTE)
OFFER = Offer(UUID(int=1), "coodiag", "occitanie", Level.FIRST, TERMS)
SLOT = Slot(
    UUID(int=2), OFFER.id, STARTS, STARTS + timedelta(hours=1), "Europe/Paris", 1, "a", None, None,
    book_until=STARTS - timedelta(hours=24), cancel_until=DROP_UNTIL,
)  # fmt: skip
MEMBER = Member(
    UUID(int=3), "STR-1", "Alpha", MemberStatus.ACTIVE, activities=(ActivityKind.AI,), covering_delegation="occitanie"
)
BOOKED = Booking(
    UUID(int=4), SLOT.id, OFFER.id, 1, "coodiag", MEMBER.id, "occitanie", STARTS - timedelta(days=10), "m",
    free_year=2026,
)  # fmt: skip
HELD, ABSENT, DROPPED = (
    replace(BOOKED, state=state, outcome_at=STARTS, outcome_by="a")
    for state in (BookingState.HELD, BookingState.ABSENT, BookingState.CANCELLED)
)


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


@pytest.mark.parametrize(
    ("member", "offer", "refusal"),
    [
        pytest.param({}, {}, None, id="une adhérente de la délégation qui offre"),
        pytest.param({"status": MemberStatus.SUSPENDED}, {}, MemberCannotBook, id="suspendue"),
        pytest.param({"status": MemberStatus.LEFT}, {}, MemberCannotBook, id="sortie"),
        pytest.param({"status": MemberStatus.CANDIDATE}, {}, MemberCannotBook, id="candidate"),
        pytest.param({"covering_delegation": "bretagne"}, {}, DelegationNotServed, id="d'une autre délégation"),
        pytest.param({"covering_delegation": "bretagne"}, {"delegation": None}, None, id="offre du réseau : toutes"),
        pytest.param({}, {"terms": replace(TERMS, activities=(ActivityKind.AI, ActivityKind.EI))}, None, id="pour AI"),
        pytest.param(
            {}, {"terms": replace(TERMS, activities=(ActivityKind.EI,))}, ActivityNotServed, id="pour les EI seulement"
        ),
    ],
)
def test_an_accompaniment_is_for_active_members(
    member: dict[str, Any], offer: dict[str, Any], refusal: type[Refusal] | None
) -> None:
    assert found(lambda: require_served(replace(MEMBER, **member), replace(OFFER, **offer))) is (refusal or type(None))


@pytest.mark.parametrize(
    ("held", "year", "refusal"),
    [
        pytest.param([], 2026, None, id="le premier de l'année"),
        pytest.param([BOOKED], 2026, FirstLevelUsed, id="un autre est réservé la même année"),
        pytest.param([HELD], 2026, FirstLevelUsed, id="un autre s'est tenu"),
        pytest.param([BOOKED], 2027, None, id="l'année suivante : de nouveau gratuit"),
        pytest.param([DROPPED], 2026, None, id="une place rendue ne compte pas"),
        pytest.param([ABSENT], 2026, None, id="une absence ne compte pas"),
        pytest.param([replace(BOOKED, kind="zest")], 2026, None, id="un autre type ne compte pas"),
        pytest.param([replace(BOOKED, free_year=None)], 2026, None, id="accordé en plus : ne compte pas"),
        pytest.param([replace(BOOKED, free_year=None)], None, None, id="un niveau qui n'est pas compté"),
    ],
)
def test_the_first_level_is_free_once_a_kind_and_a_year(
    held: list[Booking], year: int | None, refusal: type[Refusal] | None
) -> None:
    assert found(lambda: require_allowance(held, "coodiag", year, "Coodiag")) is (refusal or type(None))


@pytest.mark.parametrize(
    ("held", "refusal"),
    [
        pytest.param(BOOKED, SlotAlreadyBooked, id="déjà réservé"),
        pytest.param(HELD, SlotAlreadyBooked, id="déjà tenu"),
        pytest.param(DROPPED, None, id="une place rendue se reprend"),
        pytest.param(replace(BOOKED, slot_id=UUID(int=99)), None, id="un autre créneau"),
    ],
)
def test_a_structure_has_one_place_of_a_slot(held: Booking, refusal: type[Refusal] | None) -> None:
    elsewhere = replace(BOOKED, slot_id=UUID(int=98))
    assert found(lambda: require_not_booked([held, elsewhere], SLOT)) is (refusal or type(None))


SINCE = replace(SLOT, moved_at=BOOKED.booked_at + SECOND)
LATE = replace(BOOKED, booked_at=DROP_UNTIL + SECOND)


@pytest.mark.parametrize(
    ("booking", "slot", "now", "refusal"),
    [
        pytest.param(BOOKED, SLOT, DROP_UNTIL, None, id="48 heures avant, à la seconde"),
        pytest.param(BOOKED, SLOT, DROP_UNTIL + SECOND, BookingCancelTooLate, id="une seconde après"),
        pytest.param(replace(BOOKED, booked_at=DROP_UNTIL), SLOT, DROP_UNTIL, None, id="réservée à la limite même"),
        pytest.param(LATE, SLOT, LATE.booked_at, BookingCancelTooLate, id="réservée après la limite : ne se rend pas"),
        pytest.param(BOOKED, SINCE, STARTS, None, id="déplacé depuis : jusqu'au début"),
        pytest.param(BOOKED, SINCE, STARTS + SECOND, BookingCancelTooLate, id="déplacé, mais commencé"),
        pytest.param(
            BOOKED,
            replace(SLOT, moved_at=BOOKED.booked_at),
            STARTS,
            BookingCancelTooLate,
            id="déplacé avant de réserver",
        ),
        pytest.param(HELD, SLOT, DROP_UNTIL, BookingSettled, id="tenu : ne se rend plus"),
        pytest.param(DROPPED, SLOT, DROP_UNTIL, BookingSettled, id="rendue déjà"),
    ],
)
def test_until_when_a_structure_drops_its_place(
    booking: Booking, slot: Slot, now: datetime, refusal: type[Refusal] | None
) -> None:
    assert found(lambda: require_droppable(booking, slot, now)) is (refusal or type(None))


def test_a_structure_reads_until_when_it_drops_its_place() -> None:
    assert droppable_until(BOOKED, SLOT) == DROP_UNTIL
    assert droppable_until(BOOKED, SINCE) == STARTS
    assert droppable_until(LATE, SLOT) is None


@pytest.mark.parametrize(
    ("free_year", "year", "kept"),
    [
        pytest.param(2026, 2026, 2026, id="la même année : rien ne change"),
        pytest.param(2026, 2027, None, id="une autre année : le gratuit lui est rendu"),
        pytest.param(None, 2027, None, id="rien n'était compté"),
    ],
)
def test_a_slot_moved_to_another_year_gives_the_free_level_back(
    free_year: int | None, year: int, kept: int | None
) -> None:
    carried = moved(replace(BOOKED, free_year=free_year), year)
    assert carried.free_year == kept
    assert (carried.allowance_reason is not None) is (free_year is not None and kept is None)


@pytest.mark.parametrize(
    ("booking", "now", "refusal"),
    [
        pytest.param(BOOKED, STARTS, None, id="à l'heure du début"),
        pytest.param(BOOKED, STARTS - SECOND, SlotNotBegun, id="une seconde avant"),
        pytest.param(HELD, STARTS, BookingSettled, id="dite déjà"),
        pytest.param(DROPPED, STARTS, BookingSettled, id="place rendue"),
    ],
)
def test_an_outcome_is_told_once_it_began(booking: Booking, now: datetime, refusal: type[Refusal] | None) -> None:
    assert found(lambda: settle(booking, SLOT, BookingState.HELD, now, "a")) is (refusal or type(None))


LEFT = Deliverable(UUID(int=6), BOOKED.id, DeliverableKind.REPORT, "CR", DAY, None, "s", None, STARTS, "a")
TAKEN_BACK = replace(LEFT, withdrawal=DeliverableWithdrawal(STARTS, "a", "mauvais fichier"))
LAST_NAMED = DAY + timedelta(days=SURVEY.named_days)


@pytest.mark.parametrize(
    ("booking", "left", "today", "refusal"),
    [
        pytest.param(HELD, [], LAST_NAMED, None, id="tenu : un an après, le dernier jour"),
        pytest.param(ABSENT, [], DAY, None, id="absence dite par erreur"),
        pytest.param(HELD, [], LAST_NAMED + timedelta(1), OutcomeFixed, id="le lendemain : les avis n'ont plus de nom"),
        pytest.param(BOOKED, [], DAY, BookingNotSettled, id="rien n'en est dit encore"),
        pytest.param(DROPPED, [], DAY, BookingNotSettled, id="une place rendue n'a pas d'issue"),
        pytest.param(replace(HELD, answered=True), [], DAY, BookingAnswered, id="la structure a donné son avis"),
        pytest.param(HELD, [LEFT], DAY, BookingDelivered, id="un livrable est remis"),
        pytest.param(HELD, [TAKEN_BACK], DAY, None, id="le livrable est retiré"),
        pytest.param(HELD, [TAKEN_BACK, LEFT], DAY, BookingDelivered, id="un seul des deux est retiré"),
    ],
)
def test_an_outcome_is_taken_back_while_nothing_rests_on_it(
    booking: Booking, left: Sequence[Deliverable], today: date, refusal: type[Refusal] | None
) -> None:
    assert found(lambda: require_settled(booking, DAY, left, SURVEY, today)) is (refusal or type(None))


def test_an_outcome_taken_back_is_kept_beside_the_booking() -> None:
    opened = reopen(HELD, STARTS + SECOND, "b", "c'était une autre structure")
    assert (opened.state, opened.outcome_at, opened.outcome_by) == (BookingState.BOOKED, None, None)
    [kept] = opened.reopenings
    assert (kept.state, kept.outcome_at, kept.outcome_by, kept.by) == (BookingState.HELD, STARTS, "a", "b")


@pytest.mark.parametrize(
    ("booking", "today", "refusal"),
    [
        pytest.param(HELD, DAY, None, id="le jour même"),
        pytest.param(HELD, LAST_NAMED, None, id="un an après, le dernier jour"),
        pytest.param(HELD, LAST_NAMED + timedelta(1), SatisfactionTooLate, id="le lendemain"),
        pytest.param(BOOKED, DAY, AccompanimentNotHeld, id="pas encore tenu"),
        pytest.param(ABSENT, DAY, AccompanimentNotHeld, id="personne n'est venu"),
        pytest.param(replace(HELD, answered=True), DAY, SatisfactionGiven, id="donné déjà"),
    ],
)
def test_an_opinion_is_asked_once_and_for_a_year(booking: Booking, today: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_rateable(booking, DAY, SURVEY, today)) is (refusal or type(None))
    assert SURVEY.status == "assumed"


@pytest.mark.parametrize(
    ("booking", "delivered_on", "refusal"),
    [
        pytest.param(HELD, DAY, None, id="le jour où il s'est tenu"),
        pytest.param(HELD, DAY - timedelta(1), DeliveredAnotherDay, id="la veille"),
        pytest.param(HELD, DAY + timedelta(5), None, id="aujourd'hui"),
        pytest.param(HELD, DAY + timedelta(6), DeliveredAnotherDay, id="demain"),
        pytest.param(BOOKED, DAY, AccompanimentNotHeld, id="pas encore tenu"),
    ],
)
def test_a_deliverable_is_handed_over_from_the_day_it_was_held(
    booking: Booking, delivered_on: date, refusal: type[Refusal] | None
) -> None:
    today = DAY + timedelta(5)
    assert found(lambda: require_deliverable(booking, DAY, delivered_on, today)) is (refusal or type(None))


def test_a_deliverable_is_taken_back_once_and_a_place_dropped_once() -> None:
    withdrawal = DeliverableWithdrawal(STARTS, "a", "mauvais fichier")
    assert withdraw(LEFT, withdrawal) == TAKEN_BACK
    with pytest.raises(DeliverableWithdrawn):
        withdraw(TAKEN_BACK, withdrawal)
    dropped = BookingCancellation(STARTS, "m", CancelledBy.STRUCTURE, None)
    assert cancel(BOOKED, dropped).state is BookingState.CANCELLED
    for booking in (HELD, ABSENT, DROPPED):
        with pytest.raises(BookingSettled):
            cancel(booking, dropped)
