"""The rules of collections: banking days, sequence types, what a run takes up, what is then still collected."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.dated import rule_on
from common.errors import Blocker, Refusal
from common.workdays import TARGET
from dues.collections.domain import (
    Attempt,
    Claim,
    ClaimedCall,
    CollectionReturnDayWrong,
    CollectionState,
    CollectionStateWrong,
    FileTooLate,
    NotBankingDay,
    Past,
    Pending,
    Proposal,
    Run,
    SequenceType,
    Setting,
    SettlementDayWrong,
    TooLate,
    propose,
    recheck,
    require_banking_day,
    require_cancellable,
    require_file_in_time,
    require_in_time,
    require_return_day,
    require_settleable,
    sequence_of,
)
from dues.collections.queries import collection_rules
from dues.mandates.domain import Account, Creditor, MandateKind, Presentable, Scheme
from dues.receipts.domain import ReturnAction
from dues.receipts.queries import return_reasons

DAY = date(2026, 12, 15)
RULES = rule_on(collection_rules(), DAY)
CREDITOR = Creditor("federation", "Fédération", "FR76ZZZ000000", ())
SETTING = Setting(CREDITOR, Scheme.CORE, RULES)
NOTHING_BEFORE = Past({}, {})
MEMBER, CALL = UUID(int=1), UUID(int=11)


def claim(rank: int = 1, *, member: UUID = MEMBER, due_on: date = DAY, amount: str = "800.00") -> Claim:
    call = ClaimedCall(UUID(int=10 + rank), f"COT-2026-{rank:05d}", Decimal(amount))
    return Claim(
        key=f"invoice:{call.invoice_id}",
        member_id=member,
        member_name="Structure",
        delegation="occitanie",
        due_on=due_on,
        calls=(call,),
    )


def mandate(**given: Any) -> Presentable:
    known: dict[str, Any] = {
        "mandate_id": UUID(int=21),
        "member_id": MEMBER,
        "rum": "RUM-2026-00001",
        "kind": MandateKind.RECURRENT,
        "scheme": Scheme.CORE,
        "signed_on": date(2026, 1, 5),
        "account": Account("Structure", "FR7600000000000000000000097"),
        "debtor_address": (),
        "creditor": CREDITOR,
        "last_presented_on": None,
        "original": None,
    }
    return Presentable(**{**known, **given})


def codes(proposal: Proposal) -> list[str]:
    return [one.blocker.code for one in proposal.left_out]


@pytest.mark.parametrize(
    ("year", "good_friday"),
    [(2024, (3, 29)), (2026, (4, 3)), (2027, (3, 26)), (2038, (4, 23))],
)
def test_banks_close_from_good_friday_to_easter_monday(year: int, good_friday: tuple[int, int]) -> None:
    friday = date(year, *good_friday)
    assert TARGET.first_from(friday) == friday + timedelta(days=4)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        pytest.param(date(2026, 1, 1), False, id="1er janvier"),
        pytest.param(date(2026, 4, 3), False, id="vendredi saint"),
        pytest.param(date(2026, 4, 6), False, id="lundi de Pâques"),
        pytest.param(date(2026, 5, 1), False, id="1er mai"),
        pytest.param(date(2026, 12, 25), False, id="Noël"),
        pytest.param(date(2025, 12, 26), False, id="26 décembre, un vendredi"),
        pytest.param(date(2026, 11, 28), False, id="samedi"),
        pytest.param(date(2026, 11, 29), False, id="dimanche"),
        pytest.param(date(2026, 5, 8), True, id="8 mai, férié en France"),
        pytest.param(date(2026, 7, 14), True, id="14 juillet, férié en France"),
        pytest.param(date(2026, 5, 14), True, id="Ascension"),
        pytest.param(date(2026, 12, 24), True, id="24 décembre"),
    ],
)
def test_which_days_banks_settle_on(day: date, open_: bool) -> None:  # a table's column
    assert TARGET.holds(day) is open_


def test_banking_days_are_counted_over_holidays() -> None:
    assert TARGET.first_from(date(2026, 4, 3)) == date(2026, 4, 7)
    assert TARGET.before(date(2026, 4, 7), 1) == date(2026, 4, 2)
    assert TARGET.before(date(2026, 12, 28), 2) == date(2026, 12, 23)
    with pytest.raises(NotBankingDay) as refused:
        require_banking_day(date(2026, 4, 3))
    assert refused.value.extra == {"next_banking_day": "2026-04-07"}


def test_notices_and_files_have_their_last_day() -> None:
    assert (RULES.last_notice_on(DAY), RULES.last_file_on(DAY)) == (date(2026, 12, 1), date(2026, 12, 14))
    require_in_time(date(2026, 12, 1), date(2026, 12, 1))
    require_file_in_time(date(2026, 12, 14), date(2026, 12, 14))
    with pytest.raises(TooLate):
        require_in_time(date(2026, 12, 1), date(2026, 12, 2))
    with pytest.raises(FileTooLate):
        require_file_in_time(date(2026, 12, 14), date(2026, 12, 15))


@pytest.mark.parametrize(
    ("kind", "last", "sequence"),
    [
        pytest.param(MandateKind.RECURRENT, None, SequenceType.RCUR, id="récurrent, le premier"),
        pytest.param(MandateKind.RECURRENT, DAY, SequenceType.RCUR, id="récurrent, un suivant"),
        pytest.param(MandateKind.ONE_OFF, None, SequenceType.OOFF, id="ponctuel"),
    ],
)
def test_the_sequence_type(kind: MandateKind, last: date | None, sequence: SequenceType) -> None:
    assert sequence_of(kind, last, RULES) is sequence


@pytest.mark.parametrize(
    ("known", "past", "code"),
    [
        pytest.param(mandate(), NOTHING_BEFORE, None, id="rien ne s'y oppose"),
        pytest.param(Blocker("mandate_not_signed", ""), NOTHING_BEFORE, "mandate_not_signed", id="sans mandat"),
        pytest.param(mandate(scheme=Scheme.B2B), NOTHING_BEFORE, "other_scheme", id="mandat interentreprises"),
        pytest.param(
            mandate(creditor=Creditor("federation", "Ancien nom", "FR76ZZZ000000", ())),
            NOTHING_BEFORE,
            "creditor_outdated",
            id="le mandat ne sait pas le nouveau nom",
        ),
        pytest.param(mandate(), Past({claim().key: "PRV-1-1"}, {}), "already_collected", id="dans une autre remise"),
        pytest.param(
            mandate(),
            Past({}, {}, [Pending("instalment:1", "PRV-1-1", claim(amount="1.00").calls)]),
            "already_collected",
            id="en partie sous une échéance d'avant",
        ),
        pytest.param(
            mandate(),
            Past({}, {}, [Pending("instalment:1", "PRV-1-1", [ClaimedCall(UUID(int=8), "COT-8", Decimal(800))])]),
            None,
            id="un autre appel est en route",
        ),
        pytest.param(mandate(), Past({}, {claim().key: [Attempt(UUID(int=21), False)]}), None, id="revenu une fois"),
        pytest.param(
            mandate(),
            Past({}, {claim().key: [Attempt(UUID(int=21), False)] * 2}),
            "returned_too_often",
            id="revenu deux fois",
        ),
        pytest.param(
            mandate(),
            Past({}, {claim().key: [Attempt(UUID(int=21), True)]}),
            "other_mandate_needed",
            id="non autorisé, même mandat",
        ),
        pytest.param(
            mandate(), Past({}, {claim().key: [Attempt(UUID(int=22), True)]}), None, id="non autorisé, autre mandat"
        ),
    ],
)
def test_what_a_run_takes_up(known: Presentable | Blocker, past: Past, code: str | None) -> None:
    found = propose([claim()], {MEMBER: known}, past, SETTING)
    assert (codes(found), len(found.lines)) == (([code], 0) if code else ([], 1))


def test_what_is_on_its_way_pays_what_is_due_first() -> None:
    due = [replace(claim(amount="300.00"), key=f"instalment:{rank}", due_on=DAY + timedelta(rank)) for rank in range(4)]
    before = [
        Pending(key, f"PRV-{key}", [ClaimedCall(CALL, "COT-1", Decimal(amount))])
        for key, amount in (("old:1", "300.00"), ("old:2", "200.00"))
    ]
    found = propose(due, {MEMBER: mandate()}, Past({}, {}, before), SETTING)
    assert [line.claim.key for line in found.lines] == ["instalment:2", "instalment:3"]
    assert found.left_out[0].blocker.message == "Cette somme est déjà prélevée par PRV-old:1, PRV-old:2."


def test_a_one_off_mandate_collects_what_is_due_first() -> None:
    late, early = claim(1), claim(2, due_on=DAY - timedelta(9), amount="1.00")
    found = propose([late, early], {MEMBER: mandate(kind=MandateKind.ONE_OFF)}, NOTHING_BEFORE, SETTING)
    assert ([line.claim.key for line in found.lines], codes(found)) == ([early.key], ["mandate_used"])
    assert found.total == Decimal("1.00")


@pytest.mark.parametrize(
    ("owed", "known", "code"),
    [
        pytest.param("800.00", mandate(), None, id="encore dû"),
        pytest.param("799.99", mandate(), "no_longer_owed", id="un centime payé"),
        pytest.param("0.00", mandate(), "no_longer_owed", id="soldé"),
        pytest.param("800.00", Blocker("mandate_ended", ""), "mandate_ended", id="mandat révoqué"),
        pytest.param("800.00", mandate(mandate_id=UUID(int=9)), "mandate_changed", id="un autre mandat"),
    ],
)
def test_what_was_announced_is_looked_at_again(owed: str, known: Presentable | Blocker, code: str | None) -> None:
    found = recheck(UUID(int=21), claim().calls, {CALL: Decimal(owed)}, known, SETTING)
    assert (found.code if found else None) == code


RUN = Run(
    id=UUID(int=1),
    reference="PRV-2026-00001",
    state=CollectionState.PRESENTED,
    collection_on=DAY,
    last_notice_on=date(2026, 12, 1),
    filed_on=date(2026, 12, 10),
)


@pytest.mark.parametrize(
    ("settled_on", "refusal"),
    [
        (DAY - timedelta(1), SettlementDayWrong),
        (DAY, None),
        (DAY + timedelta(2), None),
        (DAY + timedelta(3), SettlementDayWrong),
    ],
)
def test_when_the_money_came(settled_on: date, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_settleable(RUN, settled_on, DAY + timedelta(2))
    else:
        with pytest.raises(refusal):
            require_settleable(RUN, settled_on, DAY + timedelta(2))


@pytest.mark.parametrize(
    "state", [CollectionState.ANNOUNCING, CollectionState.SETTLING, CollectionState.SETTLED, CollectionState.CANCELLED]
)
def test_what_is_no_longer_given_up(state: CollectionState) -> None:
    with pytest.raises(CollectionStateWrong):
        require_cancellable(Run(id=RUN.id, reference="PRV", state=state, collection_on=DAY, last_notice_on=DAY))


@pytest.mark.parametrize("day", [date(2026, 12, 9), date(2026, 12, 21)])
def test_a_collection_does_not_come_back_before_its_file_or_tomorrow(day: date) -> None:
    with pytest.raises(CollectionReturnDayWrong):
        require_return_day(RUN, day, date(2026, 12, 20))
    require_return_day(RUN, date(2026, 12, 10), date(2026, 12, 20))


def test_every_action_says_what_becomes_of_the_mandate() -> None:
    assert set(RULES.after_return.value) == set(ReturnAction)
    assert {reason.action.value for reason in return_reasons()} <= set(RULES.after_return.value)
    rests = {action.value for action, one in RULES.after_return.value.items() if one.suspends}
    assert rests == {"ask_account", "ask_mandate", "call_member", "ask_bank"}
