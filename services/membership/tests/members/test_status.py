"""Where a structure stands, as the federation's secretary would tell it.

A member may leave at any time: loi du 1er juillet 1901, art. 4; the rest is decided in ADR 0020 and ADR 0021.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.contracts.membership import MemberFact, MemberJoined, MemberLeft, MemberReinstated, MemberSuspended
from common.errors import Refusal
from membership.members.domain import (
    Admission,
    AlreadyMember,
    Departure,
    DepartureCause,
    Entry,
    Member,
    MemberStatus,
    NotAMember,
    NotSuspended,
    StatusContradicted,
    Subject,
    Topic,
    admit,
    after_departure,
    announced_departure,
    given_way,
    leave,
    reinstate,
    renew,
    require_statuses,
    suspend,
)
from membership.members.events import told

DAY = date(2026, 3, 1)
S1, S2 = (str(UUID(int=number)) for number in (7, 8))
ADMISSION = Admission(DAY, UUID(S1), "PV-1")
RESIGNED = Departure(date(2027, 1, 1), DepartureCause.RESIGNED)
CANDIDATE = Member(UUID(int=1), "STR-2026-00001", "L'Étoile")
ACTIVE = admit(CANDIDATE, ADMISSION)
SUSPENDED = suspend(ACTIVE)
LEFT = leave(ACTIVE, RESIGNED)


def admitted(member: Member) -> Member:
    return admit(member, ADMISSION)


def resigned(member: Member) -> Member:
    return leave(member, RESIGNED)


@pytest.mark.parametrize(
    ("member", "act", "expected"),
    [
        pytest.param(CANDIDATE, admitted, MemberStatus.ACTIVE, id="une candidate est admise"),
        pytest.param(ACTIVE, admitted, AlreadyMember, id="une adhérente ne l'est pas deux fois"),
        pytest.param(SUSPENDED, admitted, AlreadyMember, id="une suspendue est encore adhérente"),
        pytest.param(LEFT, admitted, MemberStatus.ACTIVE, id="sortie, elle peut revenir"),
        pytest.param(ACTIVE, suspend, MemberStatus.SUSPENDED, id="une adhérente est suspendue"),
        pytest.param(CANDIDATE, suspend, NotAMember, id="une candidate n'a rien à suspendre"),
        pytest.param(SUSPENDED, suspend, NotAMember, id="suspendue une fois"),
        pytest.param(SUSPENDED, reinstate, MemberStatus.ACTIVE, id="une suspendue est réintégrée"),
        pytest.param(ACTIVE, reinstate, NotSuspended, id="qui n'est pas suspendue ne se réintègre pas"),
        pytest.param(LEFT, reinstate, NotSuspended, id="une sortie ne se réintègre pas : elle candidate"),
        pytest.param(ACTIVE, resigned, MemberStatus.LEFT, id="une adhérente sort"),
        pytest.param(SUSPENDED, resigned, MemberStatus.LEFT, id="une suspendue aussi"),
        pytest.param(CANDIDATE, resigned, NotAMember, id="une candidate ne sort de rien"),
        pytest.param(LEFT, resigned, NotAMember, id="on ne sort qu'une fois"),
    ],
)
def test_what_may_follow_what(
    member: Member, act: Callable[[Member], Member], expected: MemberStatus | type[Refusal]
) -> None:
    if isinstance(expected, MemberStatus):
        assert act(member).status is expected
    else:
        with pytest.raises(expected):
            act(member)


def test_one_that_comes_back_is_no_longer_on_its_way_out() -> None:
    again = admit(LEFT, replace(ADMISSION, joined_on=date(2028, 5, 1)))
    assert (again.joined_on, again.departure) == (date(2028, 5, 1), None)


def entered(day: int, status: str, cause: str | None = None, *, sitting: str | None = S1) -> Entry:
    return Entry(
        id=UUID(int=day + 1),
        member_id=CANDIDATE.id,
        subject=Subject(Topic.STATUS),
        effective_on=DAY + timedelta(days=day),
        recorded_at=datetime(2026, 3, 1, tzinfo=UTC),
        recorded_by="somebody",
        value={"status": status, **({"cause": cause} if cause else {}), **({"sitting_id": sitting} if sitting else {})},
    )


IN = [entered(0, "candidate", sitting=None), entered(1, "active")]


@pytest.mark.parametrize(
    ("entries", "holds"),
    [
        pytest.param(IN, True, id="candidate, puis adhérente"),
        pytest.param([*IN, entered(9, "suspended"), entered(20, "active")], True, id="suspendue, puis réintégrée"),
        pytest.param(
            [*IN, entered(9, "suspended"), entered(20, "left", "resigned")], True, id="suspendue, puis sortie"
        ),
        pytest.param(
            [*IN, entered(9, "left", "excluded"), entered(20, "left", "resigned")], False, id="sortie deux fois"
        ),
        pytest.param(
            [*IN, entered(9, "left", "excluded"), entered(20, "suspended")], False, id="suspendue une fois sortie"
        ),
        pytest.param(
            [*IN, entered(9, "left", "excluded"), entered(20, "active", sitting=S2)], True, id="sortie, puis admise"
        ),
        pytest.param(
            [*IN, entered(9, "left", "excluded"), entered(20, "active")], False, id="sortie, puis réintégrée d'avant"
        ),
        pytest.param([IN[0], entered(9, "suspended")], False, id="suspendue sans avoir été admise"),
        pytest.param([*IN, entered(9, "active")], True, id="la même situation apprise deux fois"),
    ],
)
def test_the_register_tells_a_story_that_holds(entries: list[Entry], holds: bool) -> None:
    if holds:
        require_statuses(ACTIVE, entries)
    else:
        with pytest.raises(StatusContradicted, match="L'Étoile"):
            require_statuses(ACTIVE, entries)


@pytest.mark.parametrize(
    ("entries", "today", "day"),
    [
        pytest.param([*IN, entered(20, "left", "resigned")], 10, 20, id="démission annoncée"),
        pytest.param([*IN, entered(20, "left", "ceased")], 10, 20, id="cessation annoncée"),
        pytest.param([*IN, entered(20, "left", "resigned")], 20, None, id="son jour est venu"),
        pytest.param([*IN, entered(20, "left", "excluded")], 10, None, id="une exclusion est une décision du conseil"),
        pytest.param(IN, 10, None, id="aucun départ"),
    ],
)
def test_a_departure_is_announced_until_its_day(entries: list[Entry], today: int, day: int | None) -> None:
    found = announced_departure(entries, DAY + timedelta(days=today))
    assert (found.effective_on if found else None) == (None if day is None else DAY + timedelta(days=day))


@pytest.mark.parametrize(
    ("before", "after", "fact", "status"),
    [
        pytest.param(CANDIDATE, ACTIVE, MemberJoined, "active", id="admise"),
        pytest.param(ACTIVE, SUSPENDED, MemberSuspended, "suspended", id="suspendue"),
        pytest.param(SUSPENDED, ACTIVE, MemberReinstated, "active", id="réintégrée"),
        pytest.param(ACTIVE, LEFT, MemberLeft, "left", id="sortie"),
        pytest.param(CANDIDATE, LEFT, MemberLeft, "left", id="admise et sortie avant que le jour soit fait"),
        pytest.param(LEFT, ACTIVE, MemberJoined, "active", id="de retour"),
    ],
)
def test_what_the_other_services_hear(before: Member, after: Member, fact: type[MemberFact], status: str) -> None:
    [heard] = told(before, after)
    assert type(heard) is fact
    assert heard.state.status == status


RENEWED = renew(renew(ACTIVE, 2028), 2027)


@pytest.mark.parametrize(
    ("before", "after", "facts"),
    [
        pytest.param(ACTIVE, RENEWED, [("member.renewed", 2027), ("member.renewed", 2028)], id="deux années, en ordre"),
        pytest.param(renew(ACTIVE, 2028), RENEWED, [("member.renewed", 2027)], id="une année d'avant, apprise tard"),
        pytest.param(
            ACTIVE,
            replace(RENEWED, name="L'Astre"),
            [("member.updated", ("name",)), ("member.renewed", 2027), ("member.renewed", 2028)],
            id="un nom et des années le même jour",
        ),
        pytest.param(
            suspend(ACTIVE),
            renew(ACTIVE, 2027),
            [("member.reinstated", None), ("member.renewed", 2027)],
            id="réintégrée et renouvelée le même jour",
        ),
        pytest.param(RENEWED, ACTIVE, [("member.updated", ("renewed_years",))], id="des années retirées"),
        pytest.param(RENEWED, RENEWED, [], id="rien"),
        pytest.param(CANDIDATE, replace(CANDIDATE, name="L'Astre"), [], id="une candidate n'est pas connue"),
    ],
)
def test_every_fact_of_a_change_is_told(before: Member, after: Member, facts: list[tuple[str, object]]) -> None:
    heard = [
        (fact.wire_name, getattr(fact, "changed", None) or getattr(fact, "year", None)) for fact in told(before, after)
    ]
    assert heard == facts


def test_a_departure_is_told_with_its_day_and_its_cause() -> None:
    [heard] = told(ACTIVE, LEFT)
    assert isinstance(heard, MemberLeft)
    assert (heard.state.left_on, heard.state.departure_cause) == (date(2027, 1, 1), "resigned")


def test_what_was_to_follow_a_departure_has_no_object_any_more() -> None:
    """Of the membership that ends; another one, by another admission, is not touched."""
    moot = [entered(20, "suspended"), entered(30, "left", "excluded")]
    again = [entered(40, "active", sitting=S2), entered(50, "suspended", sitting=S2)]
    departure = Departure(DAY + timedelta(days=10), DepartureCause.RESIGNED)
    entries = [*IN, entered(5, "suspended"), *moot, *again]
    assert after_departure(entries, departure, ADMISSION) == moot


def recorded(entry: Entry, minute: int, identifier: int, withdraws: Entry | None = None) -> Entry:
    """Write an entry as of an instant; entries of one minute are of one act."""
    at = datetime(2026, 3, 1, 9, minute, tzinfo=UTC)
    value = None if withdraws else entry.value
    return replace(
        entry, id=UUID(int=identifier), recorded_at=at, value=value, withdraws=withdraws.id if withdraws else None
    )


EXCLUDED = recorded(entered(30, "left", "excluded"), 1, 101)
REFUSED = recorded(entered(20, "left", "not_renewed"), 2, 102)
GAVE_WAY = recorded(EXCLUDED, 2, 103, withdraws=EXCLUDED)
CEASED = recorded(entered(10, "left", "ceased"), 3, 104)
REFUSAL_GAVE_WAY = recorded(REFUSED, 3, 105, withdraws=REFUSED)
NOT_CEASED = recorded(CEASED, 4, 106, withdraws=CEASED)
REFUSED_AGAIN = recorded(REFUSED, 4, 107)
JOINED_EARLIER = replace(
    recorded(entered(0, "active"), 3, 111), value={"status": "active", "sitting_id": S1, "joined_on": "2026-03-01"}
)
STORY = [*IN, EXCLUDED, REFUSED, GAVE_WAY, CEASED, REFUSAL_GAVE_WAY]


@pytest.mark.parametrize(
    ("entries", "departure", "expected"),
    [
        pytest.param([*IN, EXCLUDED], EXCLUDED, [], id="rien n'avait cédé la place"),
        pytest.param(STORY[:5], REFUSED, [EXCLUDED], id="une exclusion avait cédé la place à un refus"),
        pytest.param(STORY, CEASED, [REFUSED], id="seulement ce que le même acte a retiré"),
        pytest.param(
            [*STORY, NOT_CEASED, REFUSED_AGAIN], REFUSED_AGAIN, [EXCLUDED], id="un refus rétabli, retiré à son tour"
        ),
        pytest.param(
            [*STORY[:5], recorded(EXCLUDED, 3, 110)], REFUSED, [], id="une autre décision a été inscrite depuis"
        ),
        pytest.param(
            [*STORY[:5], JOINED_EARLIER],
            REFUSED,
            [replace(EXCLUDED, value={**(EXCLUDED.value or {}), "joined_on": "2026-03-01"})],
            id="son jour d'adhésion a été corrigé depuis",
        ),
    ],
)
def test_what_gave_way_to_a_departure_stands_again_without_it(
    entries: list[Entry], departure: Entry, expected: list[Entry]
) -> None:
    assert given_way(entries, departure) == expected
