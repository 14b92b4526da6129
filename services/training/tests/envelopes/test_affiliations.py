"""How a structure joins the group account: each step, each day, what it owes, and who reads it.

Source of the steps and of the rates: Coorace, « Compte Groupe Coorace-Uniformation », February 2026.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.errors import obstacle
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from training.envelopes import domain
from training.envelopes.domain import Affiliation, AffiliationStep, Due, MemberType, contribution
from training.envelopes.queries import rates_on

from .treasury import LAST_DAY, ONE, OTHER, TODAY, Desk, desk, refused, two_members

EUROS = Decimal
MARCH = date(2026, 3, 10)
SIGNED = Affiliation(
    id=UUID(int=1),
    envelope_id=UUID(int=2),
    member_id=UUID(int=3),
    member_type=MemberType.ETTI,
    operator="Uniformation",
    step=AffiliationStep.CONVENTION,
    convention_on=MARCH,
)
DUE = Due(EUROS("800.00"), "0,8 %")
KNOWN = replace(SIGNED, step=AffiliationStep.ACCOUNT, account_on=MARCH, payroll=EUROS("100000.00"), due=EUROS("800.00"))
PAID = replace(KNOWN, step=AffiliationStep.PAID, paid_on=MARCH, paid=EUROS("800.00"), cora_code="CORA1")
CONFIRMED = replace(PAID, step=AffiliationStep.CONFIRMED, confirmed_on=MARCH)


@pytest.mark.parametrize(
    ("member_type", "payroll", "due"),
    [
        pytest.param(MemberType.ETTI, "998493.00", "7987.94", id="ETTI, 0,8 %"),
        pytest.param(MemberType.ACI, "1058130.00", "6348.78", id="ACI, 0,6 %"),
        pytest.param(MemberType.AI, "748664.00", "4491.98", id="AI, 0,6 %"),
        pytest.param(MemberType.OTHER, "499030.00", "2994.18", id="autre de la convention collective, 0,6 %"),
        pytest.param(MemberType.ACI, "0.83", "0.00", id="moins d'un demi-centime"),
        pytest.param(MemberType.ETTI, "100.63", "0.81", id="au demi-centime, vers le haut"),
    ],
)
def test_what_a_structure_owes(member_type: MemberType, payroll: str, due: str) -> None:
    reckoned = contribution(EUROS(payroll), member_type, rates_on(date(2026, 1, 1)))
    assert reckoned.amount == EUROS(due)
    assert member_type.label in reckoned.explanation


def take(on: date = MARCH) -> Callable[[Affiliation], object]:
    return lambda one: domain.take_account(one, on, MARCH, EUROS("100000.00"), DUE)


def pay(on: date = MARCH, amount: str = "800.00", reason: str | None = None) -> Callable[[Affiliation], object]:
    return lambda one: domain.pay(one, on, MARCH, amount=EUROS(amount), cora_code="CORA1", reason=reason)


def confirm(on: date = MARCH) -> Callable[[Affiliation], object]:
    return lambda one: domain.confirm(one, on, MARCH)


EVE, MORROW = MARCH - timedelta(days=1), MARCH + timedelta(days=1)


@pytest.mark.parametrize(
    ("act", "of", "why"),
    [
        pytest.param(take(), SIGNED, None, id="convention puis données"),
        pytest.param(take(), KNOWN, "affiliation_step_wrong", id="données deux fois"),
        pytest.param(take(EVE), SIGNED, "affiliation_day_wrong", id="données avant la convention"),
        pytest.param(take(MORROW), SIGNED, "affiliation_day_wrong", id="données demain"),
        pytest.param(pay(), KNOWN, None, id="données puis versement"),
        pytest.param(pay(), SIGNED, "affiliation_step_wrong", id="versement sans données"),
        pytest.param(pay(EVE), KNOWN, "affiliation_day_wrong", id="versement avant les données"),
        pytest.param(
            pay(amount="799.99"), KNOWN, "affiliation_amount_unexplained", id="un centime de moins, sans raison"
        ),
        pytest.param(pay(amount="799.99", reason="Arrondi"), KNOWN, None, id="un centime de moins, expliqué"),
        pytest.param(confirm(), PAID, None, id="versement puis lettre"),
        pytest.param(confirm(), KNOWN, "affiliation_step_wrong", id="lettre sans versement"),
        pytest.param(confirm(EVE), PAID, "affiliation_day_wrong", id="lettre avant le versement"),
        pytest.param(domain.withdraw, SIGNED, None, id="abandon après la convention"),
        pytest.param(domain.withdraw, KNOWN, None, id="abandon après les données"),
        pytest.param(domain.withdraw, PAID, "affiliation_step_wrong", id="abandon après le versement"),
        pytest.param(domain.withdraw, CONFIRMED, "affiliation_step_wrong", id="abandon une fois confirmée"),
    ],
)
def test_each_step_follows_the_one_before(
    act: Callable[[Affiliation], object], of: Affiliation, why: str | None
) -> None:
    refusal = obstacle(lambda: act(of))
    assert (refusal.code if refusal else None) == why


async def begun(treasurer: Desk, account: dict[str, Any], **given: Any) -> dict[str, Any]:
    body = {
        "envelope_id": account["id"],
        "member_id": str(ONE),
        "member_type": "etti",
        "operator": "Uniformation",
        "convention_on": str(TODAY),
    }
    return await treasurer.made("/affiliations", {**body, **given})


DATA = {"received_on": str(TODAY), "payroll": "100000.00"}
PAYMENT = {"paid_on": str(TODAY), "amount": "800.00", "cora_code": "CORA-31-1"}
STEPS = {
    "account": ("POST", "/account", DATA),
    "payment": ("POST", "/payment", PAYMENT),
    "confirm": ("POST", "/confirm", {"confirmed_on": str(TODAY)}),
    "withdraw": ("POST", "/withdraw", {}),
}


async def test_a_structure_joins_and_its_payment_comes_into_the_account(training: ServiceUnderTest) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        account = await treasurer.envelope()
        one = await begun(treasurer, account)
        path = f"/affiliations/{one['id']}"
        onwards = {name: asked for name, asked in STEPS.items() if name != "withdraw"}
        for act, step in (("account", "account"), ("payment", "paid"), ("confirm", "confirmed")):
            assert await try_acts(treasurer.client, f"/funding{path}", onwards) == {act}
            assert (await treasurer.act(f"{path}/{act}", one, STEPS[act][2])).is_success
            assert one["step"] == step
        assert (one["due"], one["paid"], one["cora_code"], one["member_name"]) == (
            "800.00", "800.00", "CORA-31-1", "Structure 001",
        )  # fmt: skip
        assert "0,8 % (ETTI)" in one["explanation"]
        assert await treasurer.stands(account) == ("800.00", "0.00", "0.00", "800.00")
        [line] = (await treasurer.get("/movements", member_id=str(ONE)))["items"]
        assert (line["cause"], line["happened_on"]) == ("Affiliation 2026, code Cora CORA-31-1", str(TODAY))
        assert refused(await treasurer.act(f"{path}/withdraw", one)) == (409, "affiliation_step_wrong")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param({"operator": "AFDAS"}, "affiliation_operator_wrong", id="d'un autre opérateur"),
        pytest.param({"member_id": str(UUID(int=77))}, "member_unknown", id="une structure inconnue"),
        pytest.param({"envelope_id": str(UUID(int=77))}, "envelope_not_found", id="une enveloppe inconnue"),
        pytest.param({"convention_on": str(TODAY + timedelta(days=1))}, "affiliation_day_wrong", id="signée demain"),
    ],
)
async def test_who_may_not_join(training: ServiceUnderTest, given: dict[str, Any], why: str) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        account = await treasurer.envelope()
        one = await begun(treasurer, account)
        body = {name: one[name] for name in ("envelope_id", "member_type", "operator", "convention_on")}
        answer = await treasurer.post("/affiliations", {**body, "member_id": str(OTHER), **given})
        assert refused(answer)[1] == why


async def test_a_structure_joins_once_and_may_begin_again_after_it_gave_up(training: ServiceUnderTest) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        account = await treasurer.envelope()
        fund = await treasurer.envelope(kind="solidarity_fund", title="FMS", funder="Coorace Formation")
        one = await begun(treasurer, account)
        body = {name: one[name] for name in ("envelope_id", "member_id", "member_type", "operator", "convention_on")}
        assert refused(await treasurer.post("/affiliations", body)) == (409, "affiliation_taken")
        elsewhere = await treasurer.post("/affiliations", {**body, "envelope_id": fund["id"]})
        assert refused(elsewhere) == (409, "affiliation_not_of_group_account")
        assert (await treasurer.act(f"/affiliations/{one['id']}/withdraw", one)).is_success
        again = await begun(treasurer, account)
        assert (await treasurer.act(f"/affiliations/{again['id']}/account", again, DATA)).is_success
    async with training.days_later((LAST_DAY - TODAY).days + 1) as later, desk(later) as treasurer:
        path = f"/affiliations/{again['id']}/payment"
        assert refused(await treasurer.act(path, again, PAYMENT)) == (409, "envelope_closed")
        assert refused(await treasurer.post("/affiliations", {**body, "member_id": str(OTHER)}))[1] == "envelope_closed"


async def test_a_rate_that_nobody_has_published_is_not_guessed(training: ServiceUnderTest) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        account = await treasurer.envelope(year=2020)
        one = await begun(treasurer, account, operator="OPCO EP")
        assert refused(await treasurer.act(f"/affiliations/{one['id']}/account", one, DATA)) == (503, "rule_missing")


@pytest.mark.parametrize(
    ("role", "member_id", "found"),
    [
        ("training", None, 2),
        ("network", None, 2),
        ("board", None, 2),
        ("member", ONE, 1),
        ("member", UUID(int=3), 0),
    ],
)
async def test_a_structure_reads_its_own_affiliation(
    training: ServiceUnderTest, role: str, member_id: UUID | None, found: int
) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        account = await treasurer.envelope()
        one = await begun(treasurer, account)
        await begun(treasurer, account, member_id=str(OTHER))
    async with training.client(role, member_id=member_id) as client:
        listed = (await client.get("/funding/affiliations", params={"total": True, "year": 2026})).json()
        export = (await client.get("/funding/affiliations/export")).text
        assert (listed["total"], len(listed["items"]), len(export.splitlines()) - 1) == (found, found, found)
        shown = await client.get(f"/funding/affiliations/{one['id']}")
        assert shown.status_code == (200 if found else 404)
        named = (await client.get("/funding/affiliations", params={"q": "001", "step": "convention"})).json()["items"]
        assert len(named) == min(found, 1)
