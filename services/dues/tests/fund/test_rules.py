"""The rules of the fund, case by case: its position, when a call takes applications, what a decision may be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import obstacle
from dues.fund import domain
from dues.fund.domain import (
    NOTHING,
    Award,
    BudgetLine,
    Decision,
    FundApplication,
    FundApplicationStatus,
    FundCall,
    FundCallState,
    FundCallText,
    FundPosition,
    FundProject,
    Instalment,
    Outflow,
    SchedulePart,
    ScheduleRule,
    require_complete,
    require_decisions,
    scheduled,
    state_on,
)

EUROS = Decimal
OPENS, CLOSES = date(2026, 3, 1), date(2026, 3, 31)
SAID = FundCallText(
    title="Projets",
    text="",
    criteria="",
    year=2026,
    envelope=EUROS("1000.00"),
    max_award=EUROS("600.00"),
    opens_on=OPENS,
    closes_on=CLOSES,
)
DRAFT = FundCall(id=UUID(int=1), said=SAID)
OPENED = replace(DRAFT, opened_on=date(2026, 2, 1))
DECIDED = replace(OPENED, decided_on=date(2026, 4, 20))
PROJECT = FundProject(
    title="Achats",
    description="En commun.",
    asked=EUROS("500.00"),
    costs=(BudgetLine("Animation", EUROS("900.00")),),
    funding=(BudgetLine("Région", EUROS("400.00")),),
    starts_on=date(2026, 5, 1),
    ends_on=date(2026, 12, 31),
)
WAITING = FundApplication(
    id=UUID(int=2),
    call=OPENED,
    delegation="occitanie",
    project=PROJECT,
    status=FundApplicationStatus.SUBMITTED,
    reference="PRJ-2026-00001",
)
USUAL = ScheduleRule(
    date(2000, 1, 1),
    (SchedulePart("Acompte", EUROS(70), False), SchedulePart("Solde", EUROS(30), True)),
    "assumed",
    "",
)


def code_of(check: Callable[[], object]) -> str | None:
    refusal = obstacle(check)
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    ("call", "day", "state"),
    [
        pytest.param(DRAFT, OPENS, FundCallState.DRAFT, id="un brouillon, quel que soit le jour"),
        pytest.param(OPENED, date(2026, 2, 28), FundCallState.ANNOUNCED, id="la veille"),
        pytest.param(OPENED, OPENS, FundCallState.OPEN, id="le premier jour"),
        pytest.param(OPENED, CLOSES, FundCallState.OPEN, id="le dernier jour, inclus"),
        pytest.param(OPENED, date(2026, 4, 1), FundCallState.CLOSED, id="le lendemain, sans que personne le close"),
        pytest.param(DECIDED, date(2026, 4, 20), FundCallState.DECIDED, id="décidé"),
    ],
)
def test_where_a_call_stands(call: FundCall, day: date, state: FundCallState) -> None:
    assert state_on(call, day) is state
    may_submit = code_of(lambda: domain.require_receiving(call, day)) is None
    may_prepare = code_of(lambda: domain.require_preparing(call, day)) is None
    may_decide = code_of(lambda: domain.require_closed(call, day)) is None
    assert may_submit == (state is FundCallState.OPEN)
    assert may_prepare == (state in (FundCallState.ANNOUNCED, FundCallState.OPEN))
    assert may_decide == (state is FundCallState.CLOSED)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({}, None, id="juste"),
        pytest.param({"closes_on": OPENS}, None, id="un seul jour"),
        pytest.param({"closes_on": date(2026, 2, 28)}, "fund_call_dates_wrong", id="clos avant d'ouvrir"),
        pytest.param({"max_award": EUROS("1000.00")}, None, id="toute l'enveloppe à un seul"),
        pytest.param({"max_award": EUROS("1000.01")}, "fund_call_amounts_wrong", id="plus que l'enveloppe"),
        pytest.param({"max_award": None}, None, id="sans plafond"),
    ],
)
def test_what_a_call_may_say(changes: dict[str, Any], code: str | None) -> None:
    assert code_of(lambda: domain.require_sound(replace(SAID, **changes))) == code


@pytest.mark.parametrize(
    ("call", "available", "today", "code"),
    [
        pytest.param(DRAFT, "1000.00", CLOSES, None, id="le dernier jour, avec tout ce qu'il y a"),
        pytest.param(DRAFT, "999.99", CLOSES, "fund_short", id="un centime de moins"),
        pytest.param(DRAFT, "-5.00", CLOSES, "fund_short", id="un fonds entamé par des impayés"),
        pytest.param(DRAFT, "1000.00", date(2026, 4, 1), "fund_call_dates_wrong", id="trop tard"),
        pytest.param(OPENED, "1000.00", CLOSES, "fund_call_not_draft", id="deux fois"),
    ],
)
def test_when_a_call_may_be_opened(call: FundCall, available: str, today: date, code: str | None) -> None:
    assert code_of(lambda: domain.require_openable(call, EUROS(available), today)) == code


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        pytest.param({}, [], id="complète"),
        pytest.param({"description": ""}, ["/description"], id="sans description"),
        pytest.param({"costs": ()}, ["/costs"], id="sans dépense"),
        pytest.param({"funding": ()}, ["/funding"], id="déséquilibrée"),
        pytest.param({"asked": EUROS("600.00")}, ["/funding"], id="au plafond, déséquilibrée"),
        pytest.param({"asked": EUROS("600.01"), "funding": ()}, ["/funding", "/asked"], id="au-delà du plafond"),
        pytest.param({"asked": NOTHING}, ["/funding", "/asked"], id="rien de demandé"),
        pytest.param({"ends_on": date(2026, 4, 30)}, ["/ends_on"], id="finie avant de commencer"),
    ],
)
def test_what_an_application_lacks(changes: dict[str, Any], pointers: list[str]) -> None:
    refusal = obstacle(lambda: require_complete(replace(PROJECT, **changes), OPENED))
    assert [error.pointer for error in refusal.errors] == pointers if refusal else not pointers


def test_without_a_ceiling_a_project_may_ask_for_the_envelope() -> None:
    call = replace(OPENED, said=replace(SAID, max_award=None))
    whole = replace(PROJECT, asked=EUROS("1000.00"), costs=(BudgetLine("Tout", EUROS("1000.00")),), funding=())
    assert code_of(lambda: require_complete(whole, call)) is None


def decided(amount: str | None, reason: str = "", application: int = 2) -> Decision:
    given = EUROS(amount) if amount else None
    return Decision(application_id=UUID(int=application), amount=given, conditions="", reason=reason)


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        pytest.param([], None, id="rien à décider"),
        pytest.param([decided("500.00")], None, id="tout ce qui est demandé, sans autre raison"),
        pytest.param([decided("500.01", "Bon projet")], "fund_award_too_large", id="plus que demandé"),
        pytest.param([decided("499.99")], "fund_reason_missing", id="moins, sans dire pourquoi"),
        pytest.param([decided("499.99", "Enveloppe épuisée")], None, id="moins, et pourquoi"),
        pytest.param([decided(None)], "fund_reason_missing", id="refusée sans raison"),
        pytest.param([decided(None, "Hors sujet")], None, id="refusée"),
        pytest.param([decided("500.00"), decided(None, "Non")], "fund_decided_twice", id="deux fois la même"),
        pytest.param([decided("1.00", "", 3)], "fund_application_not_waiting", id="une autre"),
    ],
)
def test_what_the_board_may_decide(decisions: list[Decision], code: str | None) -> None:
    assert code_of(lambda: require_decisions([WAITING], decisions)) == code


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        pytest.param("500.00", [("350.00", False), ("150.00", True)], id="sept dixièmes, puis le solde"),
        pytest.param("0.03", [("0.02", False), ("0.01", True)], id="trois centimes"),
        pytest.param("0.01", [("0.01", False)], id="un centime : un versement"),
    ],
)
def test_how_an_award_is_paid_where_nobody_says(amount: str, parts: list[tuple[str, bool]]) -> None:
    instalments = scheduled(EUROS(amount), (), USUAL)
    assert [(str(one.amount), one.needs_report) for one in instalments] == parts
    assert [one.number for one in instalments] == list(range(1, len(parts) + 1))


PAID = Instalment(1, "Acompte", EUROS("350.00"), False, EUROS("350.00"), date(2026, 5, 2))
BALANCE = Instalment(2, "Solde", EUROS("150.00"), True)
AWARD = Award(amount=EUROS("500.00"), sitting_on=date(2026, 4, 20), instalments=(PAID, BALANCE))
REPORTED = replace(AWARD, report_received_on=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("award", "number", "code"),
    [
        pytest.param(AWARD, 1, "fund_instalment_paid", id="deux fois"),
        pytest.param(AWARD, 2, "fund_report_missing", id="avant le bilan"),
        pytest.param(REPORTED, 2, None, id="après le bilan"),
        pytest.param(REPORTED, 3, "fund_instalment_not_found", id="un de trop"),
        pytest.param(replace(REPORTED, closed_on=date(2026, 7, 1)), 2, "fund_award_closed", id="ce qui est libéré"),
    ],
)
def test_which_instalment_may_be_paid(award: Award, number: int, code: str | None) -> None:
    assert code_of(lambda: domain.require_payable(award, number)) == code


cents = st.integers(0, 200_000).map(lambda count: Decimal(count) / 100)
acts = st.lists(st.tuples(st.sampled_from(["commit", "pay", "release", "take_back"]), st.integers(0, 2), cents))


@given(income=cents, tried=acts)
def test_free_is_what_came_in_less_what_is_paid_and_committed(
    income: Decimal, tried: list[tuple[str, int, Decimal]]
) -> None:
    """Whatever is tried on three sources and in whatever order, no act of ours takes more than there is."""
    sources = [Outflow()] * 3
    for act, which, amount in tried:
        sources[which] = attempted(act, amount, sources[which], stands(income, sources).available)
        now = stands(income, sources)
        assert now.free == now.income - now.outflow.spent - now.outflow.left
        assert now.free >= 0
        assert all(one.left >= 0 and one.spent >= 0 for one in sources)


def stands(income: Decimal, sources: list[Outflow]) -> FundPosition:
    names = ("committed", "paid", "released", "returned")
    whole = Outflow(**{name: sum((getattr(one, name) for one in sources), NOTHING) for name in names})
    return FundPosition(received=income, outflow=whole)


def attempted(act: str, amount: Decimal, outflow: Outflow, available: Decimal) -> Outflow:
    rules: dict[str, tuple[Callable[[], None], dict[str, Decimal]]] = {
        "commit": (lambda: domain.require_free(amount, available), {"committed": outflow.committed + amount}),
        "pay": (lambda: domain.require_left(amount, outflow), {"paid": outflow.paid + amount}),
        "release": (lambda: domain.require_left(amount, outflow), {"released": outflow.released + amount}),
        "take_back": (lambda: domain.require_spent(amount, outflow), {"returned": outflow.returned + amount}),
    }
    rule, change = rules[act]
    return outflow if obstacle(rule) else replace(outflow, **change)
