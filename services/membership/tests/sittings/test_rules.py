"""What the board may decide, as its secretary would check it.

The statutes were not read: quorum and majority are dated data, `assumed`; the rest is decided in ADR 0021.
"""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from common.dated import RuleMissing, rule_on
from common.errors import Refusal
from membership.matters.domain import MatterKind, Outcome
from membership.sittings.domain import (
    Attendance,
    AttendanceInconsistent,
    Decision,
    EffectiveBeforeSitting,
    NothingDecided,
    QuorumNotReached,
    Sitting,
    SittingClosed,
    SittingInFuture,
    SittingStatus,
    VotesInconsistent,
    close,
    closing_blockers,
    correct,
    record,
)
from membership.sittings.queries import quorum_rules

HELD = date(2026, 1, 15)
RULE = rule_on(quorum_rules(), HELD)


def sitting(in_office: int = 28, present: int = 15, represented: int = 3) -> Sitting:
    return Sitting(
        id=UUID(int=1),
        held_on=HELD,
        attendance=Attendance(in_office, present, represented),
        minutes_reference="PV-CA-2026-01",
    )


def vote(outcome: Outcome, pour: int, contre: int = 0, abstentions: int = 0) -> Decision:
    return Decision(UUID(int=9), MatterKind.APPLICATION, outcome, pour, contre, abstentions, effective_on=HELD)


@pytest.mark.parametrize(
    ("in_office", "needed"),
    [(28, 14), (27, 14), (1, 1), (2, 1), (0, 0)],
    ids=["28 administrateurs", "27 : la moitié est dépassée", "un seul", "deux", "aucun"],
)
def test_half_of_the_board_makes_the_quorum(in_office: int, needed: int) -> None:
    assert RULE.needed(in_office) == needed
    assert RULE.status == "assumed"


@pytest.mark.parametrize(
    ("present", "represented", "refusal"),
    [
        pytest.param(14, 0, None, id="14 présents sur 28 : quorum"),
        pytest.param(10, 4, None, id="10 présents et 4 pouvoirs : quorum"),
        pytest.param(13, 0, QuorumNotReached, id="13 présents sur 28 : pas de quorum"),
    ],
)
def test_a_sitting_closes_with_its_quorum_only(present: int, represented: int, refusal: type[Refusal] | None) -> None:
    voted = record(sitting(present=present, represented=represented), [vote(Outcome.ADMITTED, 13)])
    if refusal is None:
        assert close(voted, RULE, {}, HELD).status is SittingStatus.CLOSED
        assert closing_blockers(voted, RULE, {}, HELD) == ()
    else:
        with pytest.raises(refusal):
            close(voted, RULE, {}, HELD)


@pytest.mark.parametrize(
    ("counts", "accepted"),
    [
        pytest.param({"present": 25}, True, id="25 présents et 3 pouvoirs : les 28"),
        pytest.param({"present": 26}, False, id="un présent de trop"),
        pytest.param({"represented": 14}, False, id="un pouvoir de trop"),
        pytest.param({"in_office": 18}, True, id="18 en fonction : tous sont là"),
        pytest.param({"in_office": 17}, False, id="17 en fonction : il y en a un de trop"),
        pytest.param({"in_office": 17, "present": 14}, True, id="... sauf si l'un d'eux n'est pas venu"),
        pytest.param({"in_office": 30, "present": 27}, True, id="plus d'administrateurs, plus de présents"),
    ],
)
def test_no_more_take_part_than_hold_office(counts: dict[str, int], accepted: bool) -> None:
    if accepted:
        assert correct(sitting(), RULE, **counts).attendance == replace(sitting().attendance, **counts)
    else:
        with pytest.raises(AttendanceInconsistent, match="administrateurs en fonction"):
            correct(sitting(), RULE, **counts)


@pytest.mark.parametrize(
    ("decision", "accepted"),
    [
        pytest.param(vote(Outcome.ADMITTED, 18), True, id="18 pour : admise"),
        pytest.param(vote(Outcome.ADMITTED, 9, 8, 1), True, id="9 pour, 8 contre : admise"),
        pytest.param(vote(Outcome.ADMITTED, 9, 9), False, id="9 pour, 9 contre : pas une admission"),
        pytest.param(vote(Outcome.ADMITTED, 0), False, id="aucune voix : pas une admission"),
        pytest.param(vote(Outcome.REFUSED, 4, 14), True, id="4 pour, 14 contre : refusée"),
        pytest.param(vote(Outcome.ADJOURNED, 0), True, id="ajournée sans vote"),
        pytest.param(vote(Outcome.ADMITTED, 15, 3, 1), False, id="19 voix pour 18 votants"),
    ],
)
def test_votes_bear_their_outcome(decision: Decision, accepted: bool) -> None:
    if accepted:
        assert record(sitting(), [decision]).decisions == {decision.matter_id: decision}
    else:
        with pytest.raises(VotesInconsistent):
            record(sitting(), [decision])


def test_a_closed_sitting_does_not_change() -> None:
    closed = close(record(sitting(), [vote(Outcome.ADMITTED, 18)]), RULE, {}, HELD)
    with pytest.raises(SittingClosed):
        record(closed, [vote(Outcome.REFUSED, 0, 18)])
    with pytest.raises(SittingClosed):
        close(closed, RULE, {}, HELD)


def test_a_sitting_is_closed_on_its_decisions() -> None:
    with pytest.raises(NothingDecided):
        close(sitting(), RULE, {}, HELD)


def test_a_day_without_a_rule_is_refused_by_name() -> None:
    with pytest.raises(RuleMissing):
        rule_on(quorum_rules(), date(1999, 12, 31))


@pytest.mark.parametrize(
    ("today", "refusal"),
    [
        pytest.param(HELD - timedelta(days=1), SittingInFuture, id="la veille : pas encore tenue"),
        pytest.param(HELD, None, id="le jour même"),
        pytest.param(HELD + timedelta(days=30), None, id="un mois après"),
    ],
)
def test_a_sitting_closes_once_it_was_held(today: date, refusal: type[Refusal] | None) -> None:
    voted = record(sitting(), [vote(Outcome.ADMITTED, 18)])
    if refusal is None:
        assert close(voted, RULE, {}, today).status is SittingStatus.CLOSED
    else:
        assert [blocker.code for blocker in closing_blockers(voted, RULE, {}, today)] == [refusal.code]
        with pytest.raises(refusal, match="15/01/2026"):
            close(voted, RULE, {}, today)


@pytest.mark.parametrize(
    ("effective_on", "accepted"),
    [
        pytest.param(HELD - timedelta(days=1), False, id="la veille de la séance"),
        pytest.param(HELD, True, id="le jour de la séance"),
        pytest.param(date(2027, 1, 1), True, id="l'année suivante"),
    ],
)
def test_a_decision_takes_effect_from_its_sitting_on(effective_on: date, accepted: bool) -> None:
    decision = replace(vote(Outcome.ADMITTED, 18), effective_on=effective_on)
    if accepted:
        assert record(sitting(), [decision]).decisions == {decision.matter_id: decision}
    else:
        with pytest.raises(EffectiveBeforeSitting, match="14/01/2026"):
            record(sitting(), [decision])
