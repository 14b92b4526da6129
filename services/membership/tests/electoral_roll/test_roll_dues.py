"""What the dues change of who may vote, as an electoral commission would read it: by what dues told of each year."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from membership.electoral_roll.domain import Exclusion, Reserve, RollRule, enrol
from membership.members.domain import Call, ToldStanding, YearOfDues

from .test_roll_rules import DAY, RULE, member

LENIENT = replace(RULE, excluding_standings=())
STRICT = replace(RULE, excluding_standings=("overdue", "grace"))


def call(
    status: str = "issued",
    due_on: date = date(2027, 3, 31),
    paid: str = "0.00",
    credited: str = "0.00",
    year: int = 2027,
) -> Call:
    """A call of 5 291,98 €, due on 31 March unless said otherwise."""
    ids, number = (UUID(int=4), UUID(int=1)), f"COT-{year}-00042"
    amounts = (Decimal(paid), Decimal(credited))
    return Call(*ids, year, number, status, Decimal("5291.98"), date(year, 1, 15), due_on, *amounts)


def year(*calls: Call, told: str | None = None, until: date | None = None, of: int = 2027) -> YearOfDues:
    """What dues told of a year: its calls, and where the structure stands."""
    standing = ToldStanding(told, date(of, 5, 2), until) if told else None
    return YearOfDues(of, calls, standing)


CALLED = "appel COT-2027-00042 de 5 291,98 €, échéance le 31 mars 2027"
PAID = call("paid", paid="5291.98")
APRIL_30 = date(2027, 4, 30)
OLD = year(call(due_on=date(2025, 3, 31), year=2025), told="overdue", of=2025)
OLD_PLAN = year(call(due_on=date(2025, 3, 31), year=2025), told="plan", of=2025)
NEWER = replace(RULE, older_dues_count=False)

UNPAID = [Exclusion.UNPAID]


@pytest.mark.parametrize(
    ("dues", "rule", "reasons", "remarks"),
    [
        pytest.param([], RULE, [], [Reserve.NOT_CALLED], id="non appelée : rien n'est dû, vote"),
        pytest.param([year(PAID, told="up_to_date")], RULE, [], [], id="à jour, tout est réglé : vote"),
        pytest.param(
            [year(call(), told="up_to_date")], RULE, [], [Reserve.NOT_DUE], id="à jour, reste à régler : vote"
        ),
        pytest.param([year(call(), told="grace")], RULE, [], [Reserve.GRACE], id="échue, délai en cours : vote"),
        pytest.param([year(call(), told="plan")], RULE, [], [Reserve.PLAN], id="échéancier accordé : vote"),
        pytest.param([year(call("credited"), told="exempt")], RULE, [], [Reserve.EXEMPT], id="exemptée : vote"),
        pytest.param([year(told="exempt")], RULE, [], [Reserve.EXEMPT], id="exemptée sans avoir été appelée : vote"),
        pytest.param([year(call(), told="overdue")], RULE, UNPAID, [], id="en retard : ne vote pas"),
        pytest.param(
            [year(call("partly_paid", paid="5291.97"), told="overdue")], RULE, UNPAID, [], id="en retard d'un centime"
        ),
        pytest.param([year(PAID, call(), told="overdue")], RULE, UNPAID, [], id="en retard d'un complément"),
        pytest.param([year(call())], RULE, [], [Reserve.PAYMENT_UNKNOWN], id="appelée et échue, rien n'est dit : vote"),
        pytest.param([year(PAID)], RULE, [], [], id="réglée, sa situation pas encore dite : vote"),
        pytest.param([year(PAID, told="overdue")], RULE, [], [], id="dite en retard, réglée depuis : vote"),
        pytest.param([year(told="overdue")], RULE, [], [], id="dite en retard, aucun appel connu : vote"),
        pytest.param(
            [year(call(due_on=DAY), told="overdue")],
            RULE,
            [],
            [Reserve.LATE],
            id="échéance le jour même : n'exclut pas",
        ),
        pytest.param([year(call(due_on=DAY - timedelta(1)), told="overdue")], RULE, UNPAID, [], id="échue la veille"),
        pytest.param(
            [year(call(), told="mediation")], RULE, [], [Reserve.PAYMENT_UNKNOWN], id="situation que nul ne connaît"
        ),
        pytest.param([OLD, year(PAID, told="up_to_date")], RULE, UNPAID, [], id="en retard d'il y a deux ans"),
        pytest.param([OLD], RULE, UNPAID, [Reserve.NOT_CALLED], id="la même, et rien d'appelé cette année"),
        pytest.param([OLD], NEWER, [], [Reserve.NOT_CALLED], id="la même, si la règle ne regarde que l'année"),
        pytest.param([year(call(), told="overdue")], NEWER, UNPAID, [], id="celle de l'année, sous cette règle"),
        pytest.param(
            [OLD_PLAN, year(PAID, told="up_to_date")],
            RULE,
            [],
            [Reserve.PLAN],
            id="échéancier d'il y a deux ans : vote",
        ),
        pytest.param(
            [year(call(), told="overdue")], LENIENT, [], [Reserve.LATE], id="règle que le retard n'exclut pas"
        ),
        pytest.param([year(call(), told="grace")], STRICT, UNPAID, [], id="règle que le délai exclut aussi"),
        pytest.param([], replace(RULE, dues_required=False), [], [], id="cotisation non demandée, et non appelée"),
        pytest.param(
            [year(call(), told="overdue")], replace(RULE, dues_required=False), [], [], id="cotisation non demandée"
        ),
    ],
)
def test_what_dues_change(
    dues: list[YearOfDues], rule: RollRule, reasons: list[Exclusion], remarks: list[Reserve]
) -> None:
    line = enrol(member(), dues, rule, DAY)
    assert [reason.code for reason in line.reasons] == reasons
    assert [remark.code for remark in line.remarks] == remarks
    assert line.entitled is not bool(reasons)


def test_an_exclusion_names_the_calls_and_what_is_owed_of_them() -> None:
    late = year(PAID, call("partly_paid", paid="5000.00", credited="91.98"), told="overdue")
    [reason] = enrol(member(), [late], RULE, DAY).reasons
    assert spaced(reason.message) == f"Cotisation 2027, en retard : {CALLED}, reste dû 200,00 €."


@pytest.mark.parametrize(
    ("of_the_year", "start"),
    [
        pytest.param(
            year(call(), told="grace", until=DAY), "Cotisation 2027, délai jusqu'au 24 juin 2027 : appel", id="délai"
        ),
        pytest.param(
            year(call(), told="grace", until=APRIL_30),
            "Cotisation 2027, délai jusqu'au 30 avril 2027, passé le jour de cette liste : appel",
            id="délai qui finit avant le jour de la liste",
        ),
        pytest.param(year(call(), told="plan"), "Cotisation 2027, échéancier en cours : appel", id="échéancier"),
        pytest.param(year(told="exempt"), "Cotisation 2027 exemptée par décision.", id="exemptée"),
        pytest.param(
            year(call()),
            f"Cotisation 2027, appelée, paiement non connu : {CALLED}.",
            id="paiement non connu : rien n'est dit de ce qui est dû",
        ),
    ],
)
def test_a_remark_says_until_when(of_the_year: YearOfDues, start: str) -> None:
    [remark] = enrol(member(), [of_the_year], RULE, DAY).remarks
    assert spaced(remark.message).startswith(start)


def spaced(message: str) -> str:
    """Write with ordinary spaces what a person reads with others in the amounts."""
    return message.replace("\u202f", " ").replace("\u00a0", " ")
