"""The rules of solidarity requests, case by case."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from common.errors import Refusal
from dues.reliefs.domain import (
    MOST_ATTACHMENTS,
    DecidedCall,
    Decision,
    Opinion,
    Relief,
    ReliefAdviceAwaited,
    ReliefAdvised,
    ReliefAskedWrong,
    ReliefAttachmentsTooMany,
    ReliefAttachmentTooLarge,
    ReliefAttachmentUnreadable,
    ReliefCall,
    ReliefDecisionWrong,
    ReliefEnded,
    ReliefKind,
    ReliefNotDecided,
    ReliefNothingOwed,
    ReliefNotRevocable,
    ReliefOutcome,
    ReliefRevokeTooLarge,
    ReliefSittingWrong,
    ReliefStatus,
    ReliefTooLarge,
    effects,
    recognise_attachment,
    reduction,
    require_asked,
    require_attachable,
    require_decidable,
    require_decided,
    require_decision,
    require_owed,
    require_revocable,
    require_unadvised,
    require_under_study,
    status_of,
    still_paid,
    taken_back,
)
from dues.reliefs.queries import advice_rules

[RULE] = advice_rules()
DAY = date(2026, 6, 1)
OWED = Decimal("800.00")
EVERY = set(ReliefStatus)
STUDIED = {ReliefStatus.SUBMITTED, ReliefStatus.ADVISED}
PAID = {ReliefStatus.GRANTED, ReliefStatus.GRANTED_IN_PART}
ASKED = Relief(
    id=UUID(int=1),
    reference="SOL-2026-00001",
    member_id=UUID(int=2),
    asks=ReliefKind.REDUCTION,
    amount=None,
    invoice_ids=(UUID(int=3),),
    submitted_on=DAY,
    advice_by=RULE.by(DAY, "occitanie"),
)
SPREAD = replace(ASKED, asks=ReliefKind.PLAN)


def decision(
    outcome: ReliefOutcome = ReliefOutcome.REDUCTION,
    amount: str | None = None,
    *,
    scheduled: bool = False,
    on: date = DAY,
) -> Decision:
    return Decision(outcome=outcome, amount=Decimal(amount) if amount else None, scheduled=scheduled, sitting_on=on)


def call(owed: str = "0.00", granted: str = "800.00", *, exempt: bool = False) -> DecidedCall:
    return DecidedCall(
        number="COT-2026-00001",
        year=2026,
        due_on=date(2026, 7, 1),
        granted=Decimal(granted),
        owed=Decimal(owed),
        exempt=exempt,
    )


def test_the_days_of_a_region_are_assumed_and_nobody_waits_for_one_that_is_not_there() -> None:
    assert (RULE.days, RULE.status) == (15, "assumed")
    assert RULE.by(DAY, "occitanie") == DAY + timedelta(days=15)
    assert RULE.by(DAY, None) is None


@pytest.mark.parametrize(
    ("asks", "amount", "scheduled", "fits"),
    [
        (ReliefKind.REDUCTION, None, False, True),
        (ReliefKind.REDUCTION, Decimal("1.00"), False, True),
        (ReliefKind.REDUCTION, None, True, False),
        (ReliefKind.PLAN, None, False, True),
        (ReliefKind.PLAN, None, True, True),
        (ReliefKind.PLAN, Decimal("1.00"), True, False),
    ],
)
def test_what_may_be_asked(asks: ReliefKind, amount: Decimal | None, *, scheduled: bool, fits: bool) -> None:
    if fits:
        require_asked(asks, amount, scheduled=scheduled)
    else:
        with pytest.raises(ReliefAskedWrong):
            require_asked(asks, amount, scheduled=scheduled)


@pytest.mark.parametrize(
    ("amount", "owed", "refusal"),
    [
        (None, OWED, None),
        (OWED, OWED, None),
        (OWED + 1, OWED, ReliefTooLarge),
        (None, Decimal("0.00"), ReliefNothingOwed),
        (Decimal("1.00"), Decimal("0.00"), ReliefNothingOwed),
    ],
)
def test_no_more_than_is_owed(amount: Decimal | None, owed: Decimal, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_owed(amount, owed)
    else:
        with pytest.raises(refusal):
            require_owed(amount, owed)


@pytest.mark.parametrize(
    ("amount", "taken"),
    [(None, "800.00"), (Decimal("0.01"), "0.01"), (Decimal("800.00"), "800.00"), (Decimal("800.01"), None)],
)
def test_the_fund_has_back_what_is_said_and_no_more_than_it_pays(amount: Decimal | None, taken: str | None) -> None:
    if taken is None:
        with pytest.raises(ReliefRevokeTooLarge):
            taken_back(OWED, amount)
    else:
        assert taken_back(OWED, amount) == Decimal(taken)


@pytest.mark.parametrize(
    ("left", "paid"),
    [
        pytest.param("1000.00", ("800.00", "200.00", "0.00"), id="rien de repris"),
        pytest.param("900.00", ("800.00", "100.00", "0.00"), id="repris de l'échéance la plus tardive"),
        pytest.param("800.00", ("800.00", "0.00", "0.00"), id="un appel entier"),
        pytest.param("0.01", ("0.01", "0.00", "0.00"), id="un centime"),
    ],
)
def test_what_is_left_covers_the_oldest_due_first_as_it_was_granted(left: str, paid: tuple[str, ...]) -> None:
    granted = ("800.00", "200.00", "0.00")
    calls = [
        ReliefCall(
            invoice_id=UUID(int=rank),
            number=f"COT-2026-{rank:05d}",
            year=2026,
            due_on=DAY + timedelta(days=rank),
            asked_owed=OWED,
            granted=Decimal(amount),
            owed=OWED - Decimal(amount),
        )
        for rank, amount in enumerate(granted)
    ]
    assert tuple(str(amount) for amount in still_paid(calls, Decimal(left)).values()) == paid


@pytest.mark.parametrize("status", ReliefStatus)
def test_what_each_state_lets_be_done(status: ReliefStatus) -> None:
    one = replace(ASKED, status=status, granted=OWED, receipt_id=UUID(int=4), advice_by=None)
    possible = {
        "study": status in STUDIED,
        "decide": status in STUDIED,
        "advise": status in STUDIED,
        "attach": status in STUDIED,
        "revoke": status in PAID,
        "read": status in EVERY - STUDIED - {ReliefStatus.WITHDRAWN},
    }
    attempts = {
        "study": lambda: require_under_study(one),
        "decide": lambda: require_decidable(one, DAY),
        "advise": lambda: require_unadvised(one),
        "attach": lambda: require_attachable(one, 0),
        "revoke": lambda: require_revocable(one),
        "read": lambda: require_decided(status),
    }
    for name, attempt in attempts.items():
        if possible[name]:
            attempt()
        else:
            with pytest.raises((ReliefEnded, ReliefNotRevocable, ReliefNotDecided)):
                attempt()


@pytest.mark.parametrize(
    ("opinion", "days", "waits"),
    [
        (None, 0, True),
        (None, 15, True),
        (None, 16, False),
        (Opinion.UNFAVOURABLE, 0, False),
    ],
)
def test_a_decision_waits_for_the_region_as_long_as_it_has_days(
    opinion: Opinion | None, days: int, *, waits: bool
) -> None:
    one = replace(ASKED, opinion=opinion)
    if waits:
        with pytest.raises(ReliefAdviceAwaited):
            require_decidable(one, DAY + timedelta(days=days))
    else:
        require_decidable(one, DAY + timedelta(days=days))


def test_a_region_advises_once() -> None:
    with pytest.raises(ReliefAdvised):
        require_unadvised(replace(ASKED, status=ReliefStatus.ADVISED, opinion=Opinion.RESERVED))


@pytest.mark.parametrize(
    ("one", "taken", "refusal"),
    [
        (ASKED, decision(), None),
        (ASKED, decision(amount="10.00"), None),
        (ASKED, decision(ReliefOutcome.PLAN, scheduled=True), None),
        (ASKED, decision(ReliefOutcome.REFUSAL), None),
        (SPREAD, decision(amount="10.00"), None),
        (SPREAD, decision(), ReliefDecisionWrong),
        (ASKED, decision(ReliefOutcome.PLAN), ReliefDecisionWrong),
        (ASKED, decision(scheduled=True), ReliefDecisionWrong),
        (ASKED, decision(ReliefOutcome.REFUSAL, scheduled=True), ReliefDecisionWrong),
        (ASKED, decision(ReliefOutcome.REFUSAL, "10.00"), ReliefDecisionWrong),
        (ASKED, decision(ReliefOutcome.PLAN, "10.00", scheduled=True), ReliefDecisionWrong),
        (ASKED, decision(on=DAY - timedelta(days=1)), ReliefSittingWrong),
        (ASKED, decision(on=DAY + timedelta(days=2)), ReliefSittingWrong),
    ],
)
def test_a_decision_says_what_it_needs_to(one: Relief, taken: Decision, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_decision(one, taken, DAY + timedelta(days=1))
    else:
        with pytest.raises(refusal):
            require_decision(one, taken, DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("asked", "said", "owed", "paid", "status"),
    [
        (None, None, "800.00", "800.00", ReliefStatus.GRANTED),
        (None, "799.99", "800.00", "799.99", ReliefStatus.GRANTED_IN_PART),
        ("300.00", None, "800.00", "300.00", ReliefStatus.GRANTED),
        ("300.00", "100.00", "800.00", "100.00", ReliefStatus.GRANTED_IN_PART),
        ("300.00", "400.00", "800.00", "400.00", ReliefStatus.GRANTED),
        ("300.00", None, "200.00", "200.00", ReliefStatus.GRANTED),
    ],
)
def test_what_the_fund_is_to_pay(
    asked: str | None, said: str | None, owed: str, paid: str, status: ReliefStatus
) -> None:
    one = replace(ASKED, amount=Decimal(asked) if asked else None)
    amount = reduction(one, decision(amount=said), Decimal(owed))
    assert (amount, status_of(one, amount, Decimal(owed))) == (Decimal(paid), status)


def test_the_fund_pays_no_more_than_is_owed() -> None:
    with pytest.raises(ReliefTooLarge):
        reduction(ASKED, decision(amount="800.01"), OWED)


@pytest.mark.parametrize(
    ("status", "after", "said"),
    [
        (ReliefStatus.GRANTED, call(exempt=True), "exemptée de cette année"),
        (ReliefStatus.GRANTED, call(), "plus rien n'en est dû"),
        (ReliefStatus.GRANTED_IN_PART, call("500.00", "300.00"), "restent dus, échéance du 1er juillet 2026"),
        (ReliefStatus.REFUSED, call("800.00", "0.00"), "en retard"),
        (ReliefStatus.GRANTED_AS_PLAN, call("800.00", "0.00"), "chaque échéance est réglée à temps"),
    ],
)
def test_what_a_decision_makes_of_the_standing_is_said(status: ReliefStatus, after: DecidedCall, said: str) -> None:
    first, last = effects(status, [after])
    assert said in first.replace("\u00a0", " ")
    assert "liste électorale" in last


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"%PDF-1.7 un bilan", None),
        (b"MZ", ReliefAttachmentUnreadable),
        (b"\x89PNG\r\n\x1a\n", ReliefAttachmentUnreadable),
        (b"%PDF-" + b"0" * 10_000_000, ReliefAttachmentTooLarge),
    ],
    ids=["pdf", "programme", "image", "trop grand"],
)
def test_a_document_is_a_pdf_of_some_size(content: bytes, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        assert recognise_attachment(content).extension == ".pdf"
    else:
        with pytest.raises(refusal):
            recognise_attachment(content)


def test_a_request_has_so_many_documents() -> None:
    require_attachable(ASKED, MOST_ATTACHMENTS - 1)
    with pytest.raises(ReliefAttachmentsTooMany):
        require_attachable(ASKED, MOST_ATTACHMENTS)
