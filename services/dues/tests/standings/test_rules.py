"""Where a member stands with the dues of a year, as a treasurer would read it."""

from datetime import date
from decimal import Decimal

import pytest

from common.money import format_euros
from dues.standings.domain import GraceRule, Standing, StandingCode, YearCall, explain, standing_of
from dues.standings.queries import grace_rules

RULE = GraceRule(since=date(2000, 1, 1), days=30, status="assumed", source="")
DUE = date(2026, 3, 31)
LAST_OF_GRACE = date(2026, 4, 30)


def call(owed: str, due_on: date = DUE, *, spread: bool = False) -> YearCall:
    return YearCall(Decimal(owed), due_on, spread)


@pytest.mark.parametrize(
    ("calls", "today", "code", "until"),
    [
        pytest.param([], DUE, "up_to_date", None, id="tout est annulé"),
        pytest.param([call("0.00")], LAST_OF_GRACE, "up_to_date", None, id="réglée"),
        pytest.param([call("800.00")], date(2026, 1, 15), "up_to_date", DUE, id="appelée, pas échue"),
        pytest.param([call("800.00")], DUE, "up_to_date", DUE, id="le jour de l'échéance"),
        pytest.param([call("800.00")], date(2026, 4, 1), "grace", LAST_OF_GRACE, id="le lendemain"),
        pytest.param([call("0.01")], LAST_OF_GRACE, "grace", LAST_OF_GRACE, id="dernier jour du délai, un centime dû"),
        pytest.param([call("800.00")], date(2026, 5, 1), "overdue", None, id="délai passé"),
        pytest.param(
            [call("0.00"), call("100.00", date(2026, 9, 30))],
            date(2026, 5, 1),
            "up_to_date",
            date(2026, 9, 30),
            id="appel réglé, complément pas échu",
        ),
        pytest.param(
            [call("100.00", date(2026, 9, 30)), call("50.00")],
            date(2026, 5, 1),
            "overdue",
            None,
            id="le plus ancien compte",
        ),
        pytest.param([call("800.00", spread=True)], DUE, "plan", DUE, id="échéancier, jusqu'à sa prochaine échéance"),
        pytest.param(
            [call("800.00", spread=True)], date(2026, 4, 1), "grace", LAST_OF_GRACE, id="une échéance vient de passer"
        ),
        pytest.param([call("800.00", spread=True)], date(2026, 5, 1), "overdue", None, id="échéancier non tenu"),
        pytest.param(
            [call("800.00", date(2026, 9, 30), spread=True), call("100.00")],
            date(2026, 5, 1),
            "overdue",
            None,
            id="échéancier tenu, mais un autre appel est en retard",
        ),
        pytest.param(
            [call("800.00", date(2026, 9, 30), spread=True), call("100.00", date(2026, 6, 30))],
            date(2026, 5, 1),
            "plan",
            date(2026, 6, 30),
            id="échéancier, un autre appel pas échu",
        ),
    ],
)
def test_where_a_member_stands(calls: list[YearCall], today: date, code: str, until: date | None) -> None:
    found = standing_of(calls, RULE, today)
    assert (found.code.value, found.until) == (code, until)
    assert explain(found)


def test_one_that_is_exempt_owes_nothing_late() -> None:
    assert standing_of([call("800.00")], RULE, date(2026, 5, 1), exempt=True).code is StandingCode.EXEMPT


@pytest.mark.parametrize("today", [date(2026, 1, 1), DUE, date(2026, 4, 1), LAST_OF_GRACE])
def test_it_holds_through_its_last_day_and_changes_the_next(today: date) -> None:
    found = standing_of([call("800.00")], RULE, today)
    assert found.until is not None
    assert standing_of([call("800.00")], RULE, found.until).code is found.code
    assert standing_of([call("800.00")], RULE, date.fromordinal(found.until.toordinal() + 1)).code is not found.code


def test_it_explains_itself() -> None:
    late = Standing(StandingCode.GRACE, Decimal("800.00"), DUE, LAST_OF_GRACE)
    owed = format_euros(late.owed)
    assert explain(late) == f"{owed} restent dus, en retard depuis le 31 mars 2026 ; délai jusqu'au 30 avril 2026."


def test_the_delay_is_data_to_confirm() -> None:
    [rule] = grace_rules()
    assert (rule.days, rule.status) == (30, "assumed")
    assert rule.source
