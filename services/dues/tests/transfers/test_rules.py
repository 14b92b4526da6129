"""What may be transferred, by whom and on which account; and that every statement sums, whatever moved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.accounting.periods import day_before, last_day
from common.errors import obstacle
from common.legal_entities import Address
from dues.mandates.domain import Account
from dues.transfers.domain import (
    AccountState,
    BatchStatus,
    Movement,
    MovementKind,
    Payee,
    PayeeAccount,
    Position,
    account_to_pay,
    draw_up,
    positions,
    propose,
    require_approvable,
    require_as_prepared,
    require_begun,
    require_cancellable,
    require_confirmable,
    require_enterable,
    require_executable,
    require_execution_day,
    require_file,
    require_preparable,
    require_refusable,
    require_rejectable,
    require_rejection_day,
    require_still_to_come,
    status_of,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
ADDRESS = Address(street="1 rue des Essais", postcode="31000", city="TOULOUSE")
KEPT = PayeeAccount(
    number=1,
    account=Account("Délégation fictive", "FR7600000000000000000000097"),
    address=ADDRESS,
    reason="RIB",
    entered_at=NOW,
    entered_by="anne",
    state=AccountState.CONFIRMED,
    settled_at=NOW,
    settled_by="marie",
)
OTHER = replace(KEPT, number=2, account=Account("Délégation fictive", "FR7600000000000000000000194"))
WAITS = replace(OTHER, state=AccountState.WAITING, settled_at=None, settled_by=None)
REFUSED = replace(OTHER, state=AccountState.REFUSED)


def payee(*accounts: PayeeAccount) -> Payee:
    return Payee(code="delegation-occitanie", delegation="occitanie", version=len(accounts), accounts=accounts)


def position(then: str = "100.00", now: str = "100.00", had: str = "0.00", held: str = "0.00") -> Position:
    return Position(
        code="delegation-occitanie",
        due_then=Decimal(then),
        due_now=Decimal(now),
        transferred=Decimal(had),
        committed=Decimal(held),
    )


@pytest.mark.parametrize(
    ("accounts", "number", "code"),
    [
        pytest.param([], None, "payee_missing", id="aucun"),
        pytest.param([replace(WAITS, number=1)], None, "payee_unconfirmed", id="le premier attend"),
        pytest.param([KEPT], 1, None, id="confirmé"),
        pytest.param([KEPT, WAITS], None, "payee_unconfirmed", id="un autre attend : on ne paie pas l'ancien"),
        pytest.param([KEPT, REFUSED], 1, None, id="l'autre est refusé : l'ancien compte"),
        pytest.param([KEPT, OTHER], 2, None, id="l'autre est confirmé"),
        pytest.param([replace(REFUSED, number=1)], None, "payee_missing", id="le seul est refusé"),
    ],
)
def test_the_account_that_is_paid_on(accounts: list[PayeeAccount], number: int | None, code: str | None) -> None:
    kept = payee(*accounts)
    refusal = obstacle(partial(account_to_pay, kept))
    assert (refusal.code if refusal else None) == code
    if number is not None:
        assert account_to_pay(kept).number == number


@pytest.mark.parametrize(
    ("act", "code"),
    [
        pytest.param(partial(require_confirmable, payee(WAITS), "marie"), None, id="une autre confirme"),
        pytest.param(partial(require_confirmable, payee(WAITS), "anne"), "payee_own", id="la même ne confirme pas"),
        pytest.param(partial(require_confirmable, payee(KEPT), "marie"), "payee_not_waiting", id="rien à confirmer"),
        pytest.param(partial(require_refusable, payee(WAITS)), None, id="elle refuse sa propre saisie"),
        pytest.param(partial(require_refusable, payee()), "payee_not_waiting", id="rien à refuser"),
        pytest.param(partial(require_enterable, payee(KEPT), OTHER.account, ADDRESS), None, id="un autre compte"),
        pytest.param(partial(require_enterable, payee(KEPT), KEPT.account, ADDRESS), "payee_unchanged", id="le même"),
        pytest.param(
            partial(require_enterable, payee(KEPT, WAITS), KEPT.account, ADDRESS), "payee_unconfirmed", id="un attend"
        ),
        pytest.param(partial(account_to_pay, None), "payee_missing", id="inconnu"),
        pytest.param(partial(require_preparable, TODAY, TODAY, TODAY), None, id="jusqu'à aujourd'hui"),
        pytest.param(partial(require_preparable, TOMORROW, TOMORROW, TODAY), "transfer_day_wrong", id="jusqu'à demain"),
        pytest.param(partial(require_still_to_come, YESTERDAY, TODAY), "transfer_day_wrong", id="à payer hier"),
        pytest.param(partial(require_approvable, BatchStatus.DRAFT, "anne", "marie"), None, id="une autre approuve"),
        pytest.param(partial(require_approvable, BatchStatus.DRAFT, "anne", "anne"), "batch_own", id="pas la même"),
        pytest.param(
            partial(require_approvable, BatchStatus.APPROVED, "anne", "marie"), "batch_not_draft", id="déjà approuvé"
        ),
        pytest.param(
            partial(require_file, BatchStatus.DRAFT), "batch_not_approved", id="pas de fichier d'un brouillon"
        ),
        pytest.param(partial(require_file, BatchStatus.EXECUTED), None, id="le fichier reste"),
        pytest.param(partial(require_file, BatchStatus.CANCELLED), "batch_not_approved", id="ni d'un lot annulé"),
        pytest.param(partial(require_executable, BatchStatus.APPROVED), None, id="approuvé, exécuté"),
        pytest.param(partial(require_executable, BatchStatus.DRAFT), "batch_not_approved", id="brouillon, non"),
        pytest.param(
            partial(require_execution_day, YESTERDAY, TODAY, TODAY), "transfer_day_wrong", id="avant l'accord"
        ),
        pytest.param(partial(require_execution_day, TOMORROW, TODAY, TODAY), "transfer_day_wrong", id="demain"),
        pytest.param(partial(require_cancellable, BatchStatus.APPROVED), None, id="approuvé, annulé"),
        pytest.param(partial(require_cancellable, BatchStatus.EXECUTED), "batch_ended", id="exécuté, non"),
        pytest.param(partial(require_cancellable, BatchStatus.CANCELLED), "batch_ended", id="annulé deux fois"),
        pytest.param(partial(require_rejectable, BatchStatus.EXECUTED, None), None, id="rejeté"),
        pytest.param(partial(require_rejectable, BatchStatus.APPROVED, None), "batch_not_executed", id="pas exécuté"),
        pytest.param(
            partial(require_rejectable, BatchStatus.EXECUTED, TODAY), "transfer_rejected", id="rejeté deux fois"
        ),
        pytest.param(partial(require_rejection_day, YESTERDAY, TODAY, TODAY), "transfer_day_wrong", id="rejeté avant"),
        pytest.param(partial(require_begun, TOMORROW, TODAY), "month_not_begun", id="un mois à venir"),
    ],
)
def test_who_may_do_what_and_when(act: Callable[[], object], code: str | None) -> None:
    refusal = obstacle(act)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("standing", "accounts", "amount", "codes"),
    [
        pytest.param(position(), [KEPT], "100.00", [], id="tout"),
        pytest.param(position(then="60.00"), [KEPT], "60.00", [], id="jusqu'à un jour passé"),
        pytest.param(position(now="30.00"), [KEPT], "30.00", [], id="repris depuis : pas plus qu'aujourd'hui"),
        pytest.param(position(had="40.00", held="10.00"), [KEPT], "50.00", [], id="moins ce qui est reversé ou tenu"),
        pytest.param(position(had="90.00", held="10.00"), [KEPT], "0.00", ["nothing_due"], id="tout est tenu"),
        pytest.param(position(now="30.00", had="40.00"), [KEPT], "-10.00", ["balance_negative"], id="trop reversé"),
        pytest.param(position(), [], "100.00", ["payee_missing"], id="sans compte"),
        pytest.param(
            position(then="0.00"), [KEPT, WAITS], "0.00", ["nothing_due", "payee_unconfirmed"], id="tout est dit"
        ),
    ],
)
def test_what_a_batch_would_pay(
    standing: Position, accounts: list[PayeeAccount], amount: str, codes: list[str]
) -> None:
    proposal = propose(standing, payee(*accounts))
    assert proposal.position.payable == Decimal(amount)
    assert [one.code for one in proposal.obstacles] == codes


@pytest.mark.parametrize(
    ("standing", "accounts", "code"),
    [
        pytest.param(position(held="100.00"), [KEPT], None, id="rien n'a changé"),
        pytest.param(position(held="100.00"), [KEPT, OTHER], "payee_changed", id="le compte a changé"),
        pytest.param(position(held="100.00"), [KEPT, WAITS], "payee_unconfirmed", id="un compte attend"),
        pytest.param(position(now="99.99", held="100.00"), [KEPT], "transfer_exceeds_due", id="un centime repris"),
    ],
)
def test_a_batch_is_approved_as_long_as_it_holds(
    standing: Position, accounts: list[PayeeAccount], code: str | None
) -> None:
    refusal = obstacle(partial(require_as_prepared, Decimal("100.00"), 1, standing, payee(*accounts)))
    assert (refusal.code if refusal else None) == code


def test_whoever_is_known_to_one_source_has_a_position() -> None:
    found = positions({"b": Decimal(3)}, {"b": Decimal(2), "a": Decimal(1)}, {"c": Decimal(4)}, {"d": Decimal(5)})
    assert [(one.code, one.payable) for one in found] == [("a", 0), ("b", 2), ("c", -4), ("d", -5)]


def test_a_rejected_line_says_so_whatever_its_batch() -> None:
    assert [status_of(BatchStatus.EXECUTED, day).value for day in (None, TODAY)] == ["executed", "rejected"]


_SIGNS = {MovementKind.SHARE: 1, MovementKind.TAKEN_BACK: -1, MovementKind.TRANSFER: -1, MovementKind.REJECTED: 1}
movements = st.lists(
    st.builds(
        lambda code, kind, day, cents: Movement(
            code=f"delegation-{code}", kind=kind, day=day, amount=_SIGNS[kind] * Decimal(cents) / 100
        ),
        st.sampled_from(["bretagne", "occitanie", "normandie"]),
        st.sampled_from(MovementKind),
        st.dates(date(2026, 1, 1), date(2026, 4, 30)),
        st.integers(1, 1_000_000),
    ),
    max_size=40,
)


@given(moved=movements)
def test_openings_and_movements_make_closings_month_after_month(moved: list[Movement]) -> None:
    closings: dict[str, Decimal] = {}
    for month in range(1, 5):
        first = date(2026, month, 1)
        last = last_day(first)
        drawn = draw_up(moved, first, last)
        for code, one in drawn.items():
            assert one.opening == closings.get(code, Decimal(0))
            assert one.closing == one.opening + sum(one.moved.values())
        closings = {code: one.closing for code, one in drawn.items()}
        assert sum(closings.values()) == sum(one.amount for one in moved if one.day <= last)
        assert sum(one.movements for one in drawn.values()) == sum(first <= one.day <= last for one in moved)
        # Drawn up from one sum for all that came before, it is the same statement.
        summed = [replace(one, day=max(one.day, day_before(first))) for one in moved]
        assert draw_up(summed, first, last) == drawn


@given(moved=movements, later=movements)
def test_a_month_that_is_over_never_changes(moved: list[Movement], later: list[Movement]) -> None:
    after = [replace(one, day=date(2026, 5, 1)) for one in later]
    march = date(2026, 3, 1), date(2026, 3, 31)
    assert draw_up([*moved, *after], *march) == draw_up(moved, *march)
