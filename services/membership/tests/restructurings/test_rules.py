"""What a restructuring may carry, until when it is undone, and what it leaves to follow: the rules.

Decided in ADR 0022; the days to undo are dated data, `assumed`.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from common.dated import rule_on
from common.errors import Refusal
from membership.members.domain import (
    ActivityKind,
    Admission,
    Convention,
    Entry,
    Member,
    MemberStatus,
    NotAMember,
    Subject,
    Topic,
)
from membership.restructurings.domain import (
    AbsorbedByItself,
    AlreadyEnteredLater,
    BuiltUpon,
    Restructuring,
    RestructuringKind,
    StructureChanged,
    Surroundings,
    TooLateToUndo,
    UndoneAlready,
    require_distinct,
    require_nothing_later,
    require_shown,
    taking_over,
    to_follow,
    undo_obstacle,
    undoable_until,
    without,
)
from membership.restructurings.queries import undo_rules

ADMISSION = Admission(date(2020, 1, 1), UUID(int=9), "PV-1")
AI, ACI, ETTI = ActivityKind.AI, ActivityKind.ACI, ActivityKind.ETTI
ABSORBING = Member(
    UUID(int=1), "STR-1", "A", MemberStatus.ACTIVE, activities=(AI,), chosen_main=AI,
    conventions={AI: Convention("AI-1", None)}, groups=frozenset({UUID(int=2), UUID(int=7)}), admission=ADMISSION,
)  # fmt: skip
ABSORBED = Member(
    UUID(int=2), "STR-2", "B", MemberStatus.ACTIVE, activities=(AI, ACI, ETTI), chosen_main=ACI,
    conventions={AI: Convention("AI-2", None), ACI: Convention("ACI-2", date(2027, 1, 1))},
    groups=frozenset({UUID(int=1), UUID(int=8)}), admission=ADMISSION,
)  # fmt: skip


def test_what_an_absorbing_structure_takes_over() -> None:
    became = taking_over(ABSORBING, ABSORBED)
    assert became.activities == (AI, ACI, ETTI)
    assert became.main_activity is AI
    assert became.conventions == {AI: Convention("AI-1", None), ACI: Convention("ACI-2", date(2027, 1, 1))}
    assert became.groups == {UUID(int=7), UUID(int=8)}
    bare = replace(ABSORBING, conventions={})
    assert taking_over(bare, ABSORBED).conventions[AI] == Convention("AI-2", None)
    assert (became.joined_on, became.status) == (ABSORBING.joined_on, MemberStatus.ACTIVE)


def test_only_a_member_absorbs_or_splits() -> None:
    candidate = replace(ABSORBING, status=MemberStatus.CANDIDATE, admission=None)
    with pytest.raises(NotAMember):
        taking_over(candidate, ABSORBED)
    with pytest.raises(NotAMember):
        without(candidate, [AI])


DONE = Restructuring(
    UUID(int=5), RestructuringKind.ABSORPTION, UUID(int=2), UUID(int=1), date(2026, 3, 1), "traité de fusion",
    datetime(2026, 3, 1, 9, tzinfo=UTC), date(2026, 3, 31),
)  # fmt: skip
RULE = rule_on(undo_rules(), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("effective_on", "until"),
    [
        pytest.param(date(2026, 3, 1), date(2026, 3, 31), id="du jour même"),
        pytest.param(date(2026, 1, 1), date(2026, 3, 31), id="antérieure : du jour où elle est inscrite"),
        pytest.param(date(2027, 1, 1), date(2027, 1, 31), id="annoncée : du jour où elle prend effet"),
    ],
)
def test_the_time_to_undo(effective_on: date, until: date) -> None:
    assert undoable_until(date(2026, 3, 1), effective_on, RULE) == until
    assert (RULE.days, RULE.status) == (30, "assumed")


def line(hour: int, member: int, day: date, *, source: str | None = None, key: str = "aci") -> Entry:
    return Entry(
        UUID(int=100 + hour), UUID(int=member), Subject(Topic.ACTIVITY, key), day,
        datetime(2026, 3, 1, hour, tzinfo=UTC), "somebody", {}, source=source,
    )  # fmt: skip


OURS = line(9, 1, DONE.effective_on, source=DONE.origin)


@pytest.mark.parametrize(
    ("act", "known", "today", "around", "refusal"),
    [
        pytest.param(DONE, [OURS], date(2026, 3, 31), {}, None, id="le dernier jour"),
        pytest.param(DONE, [OURS], date(2026, 4, 1), {}, TooLateToUndo, id="le lendemain"),
        pytest.param(
            replace(DONE, undone_at=datetime(2026, 3, 2, tzinfo=UTC)),
            [OURS],
            date(2026, 3, 3),
            {},
            UndoneAlready,
            id="déjà",
        ),
        pytest.param(
            DONE, [OURS, line(10, 1, date(2026, 6, 1))], date(2026, 3, 3), {}, BuiltUpon, id="changé pour plus tard"
        ),
        pytest.param(
            DONE, [OURS, line(10, 2, date(2026, 3, 1))], date(2026, 3, 3), {}, None, id="chez l'autre : sans effet"
        ),
        pytest.param(DONE, [line(8, 1, date(2026, 6, 1)), OURS], date(2026, 3, 3), {}, None, id="inscrit avant elle"),
        pytest.param(DONE, [OURS], date(2026, 3, 3), {"followed": True}, BuiltUpon, id="une autre opération a suivi"),
        pytest.param(DONE, [OURS], date(2026, 3, 3), {"born": ABSORBED}, BuiltUpon, id="la nouvelle est adhérente"),
    ],
)
def test_an_act_is_undone_in_its_time_and_as_it_stands(
    act: Restructuring, known: list[Entry], today: date, around: dict[str, Any], refusal: type[Refusal] | None
) -> None:
    obstacle = undo_obstacle(act, known, today, **{"followed": False, "born": None, **around})
    assert type(obstacle) is (type(None) if refusal is None else refusal)


def test_what_an_act_leaves_to_follow_is_said() -> None:
    everything = Surroundings(
        seats=["présidence"],
        calls=["COT-2026-00001"],
        parts=3,
        measure_open=True,
        known=[line(8, 2, date(2026, 9, 1), key="etti")],
    )
    told = to_follow(DONE, {UUID(int=2): ABSORBED}, everything)
    assert [one.code for one in told] == ["conventions", "seats", "calls", "parts", "measure", "announced"]
    assert "01/09/2026" in told[-1].message
    bare = replace(ABSORBED, conventions={})
    assert to_follow(DONE, {UUID(int=2): bare}, Surroundings()) == []
    moved = replace(DONE, kind=RestructuringKind.SIRET_CHANGE)
    imposed = replace(bare, imposed_delegation="idf")
    assert [one.code for one in to_follow(moved, {UUID(int=2): imposed}, everything)] == ["delegation"]
    undone = replace(DONE, undone_at=DONE.done_at)
    assert to_follow(undone, {UUID(int=2): ABSORBED}, everything) == []
    split = replace(undone, kind=RestructuringKind.SPLIT)
    assert [one.code for one in to_follow(split, {UUID(int=2): ABSORBED}, everything)] == ["application"]


def test_a_siret_already_entered_for_later_is_not_passed_over() -> None:
    later = line(8, 2, date(2026, 9, 1))
    with pytest.raises(AlreadyEnteredLater, match="01/09/2026"):
        require_nothing_later(ABSORBED, [later], later.subject, date(2026, 8, 31))
    require_nothing_later(ABSORBED, [later], later.subject, date(2026, 9, 1))


def test_what_was_shown_is_what_is_carried() -> None:
    require_shown(ABSORBED, 1)
    with pytest.raises(StructureChanged):
        require_shown(ABSORBED, 2)
    with pytest.raises(AbsorbedByItself):
        require_distinct(UUID(int=1), UUID(int=1))
