"""Who pays what of a purchase, as a treasurer would lay it out: case by case, to the cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.testing.harness import ServiceUnderTest
from training.envelopes.domain import Buyer, Funder, FunderKind, MemberType, Purchase, compose

from .treasury import ONE, OTHER, TODAY, desk, refused, two_members

EUROS = Decimal
BUYER = Buyer(is_member=True, member_type=MemberType.ACI)
PURCHASE = Purchase(price=EUROS("2000.00"), seats=4, hours=EUROS(14), starts_on=date(2026, 5, 4), buyer=BUYER)
"""Four trainees, 14 hours each, 500 euros a seat."""
PLAN = Funder(kind=FunderKind.LEGAL_PLAN, label="Plan", order=1, ceiling=EUROS("900.00"))
ACCOUNT = Funder(kind=FunderKind.ENVELOPE, label="Compte", order=2, available=EUROS("10000.00"), members_only=True)
AWARD = Funder(kind=FunderKind.AWARD, label="Aide", order=3, ceiling=EUROS("300.00"))


def but(funder: Funder, **given: Any) -> Funder:
    return replace(funder, **given)


@pytest.mark.parametrize(
    ("funders", "shares", "remainder"),
    [
        pytest.param([], {}, "2000.00", id="personne d'autre : la structure paie tout"),
        pytest.param([PLAN], {"Plan": "900.00"}, "1100.00", id="l'OPCO jusqu'à son plafond, le reste à la structure"),
        pytest.param([PLAN, ACCOUNT], {"Plan": "900.00", "Compte": "1100.00"}, "0.00", id="le compte groupe complète"),
        pytest.param(
            [ACCOUNT, PLAN],
            {"Plan": "900.00", "Compte": "1100.00"},
            "0.00",
            id="l'ordre est celui des rangs, pas de la liste",
        ),
        pytest.param(
            [PLAN, but(ACCOUNT, available=EUROS("500.00")), AWARD],
            {"Plan": "900.00", "Compte": "500.00", "Aide": "300.00"},
            "300.00",
            id="une enveloppe presque vide, l'aide ensuite",
        ),
        pytest.param(
            [but(ACCOUNT, hourly_ceiling=EUROS("25.00"))],
            {"Compte": "1400.00"},
            "600.00",
            id="25 € de l'heure : 4 × 14 × 25",
        ),
        pytest.param(
            [but(ACCOUNT, hours_ceiling=EUROS(7))], {"Compte": "1000.00"}, "1000.00", id="7 heures payées sur 14"
        ),
        pytest.param(
            [but(ACCOUNT, hours_ceiling=EUROS(7), hourly_ceiling=EUROS("25.00"))],
            {"Compte": "700.00"},
            "1300.00",
            id="7 heures, à 25 € l'heure : 4 × 7 × 25",
        ),
        pytest.param(
            [but(ACCOUNT, hours_ceiling=EUROS(20))], {"Compte": "2000.00"}, "0.00", id="un plafond plus haut que 14 h"
        ),
        pytest.param(
            [but(ACCOUNT, label="A", order=2), but(ACCOUNT, label="B", order=2, available=EUROS("2000.00"))],
            {"A": "1000.00", "B": "1000.00"},
            "0.00",
            id="deux de même rang, chacun le pourrait seul : moitié-moitié",
        ),
        pytest.param(
            [
                but(PLAN, label=label, ceiling=EUROS(ceiling))
                for label, ceiling in (("A", "1000.00"), ("B", "1000.00"), ("C", "1000.00"))
            ],
            {"A": "666.67", "B": "666.67", "C": "666.66"},
            "0.00",
            id="trois de même rang : au plus fort reste, le centime aux premiers",
        ),
    ],
)
def test_who_pays_what(funders: list[Funder], shares: dict[str, str], remainder: str) -> None:
    stack = compose(PURCHASE, funders)
    assert {share.funder.label: str(share.amount) for share in stack.shares} == shares
    assert str(stack.remainder) == remainder
    assert all(share.explanation for share in stack.shares)


@pytest.mark.parametrize(
    ("funder", "code", "reason"),
    [
        pytest.param(
            but(ACCOUNT, member_types=(MemberType.ETTI,)), "type_not_paid_for", "Finance seulement : ETTI.", id="type"
        ),
        pytest.param(but(ACCOUNT, joined=False), "not_joined", "n'a pas versé sa part", id="pas affiliée"),
        pytest.param(
            but(ACCOUNT, opens_on=date(2026, 5, 5)), "not_open_yet", "Ouvre le 5 mai 2026.", id="pas encore ouverte"
        ),
        pytest.param(but(ACCOUNT, closes_on=date(2026, 5, 3)), "closed", "Close le 3 mai 2026.", id="close la veille"),
        pytest.param(but(ACCOUNT, available=EUROS("0.00")), "ceiling_reached", "Disponible : 0,00", id="vide"),
        pytest.param(but(PLAN, ceiling=EUROS("0.00")), "ceiling_reached", "Plafond : 0,00", id="plafond nul"),
        pytest.param(but(PLAN, order=4), "nothing_left", "Il ne reste rien", id="tout est financé avant lui"),
    ],
)
def test_why_a_funder_pays_nothing(funder: Funder, code: str, reason: str) -> None:
    before = [but(ACCOUNT, label="Avant", order=3)] if code == "nothing_left" else []
    [passed] = compose(PURCHASE, [funder, *before]).passed
    assert (passed.code, reason in passed.reason) == (code, True), passed.reason


@pytest.mark.parametrize(
    ("buyer", "code"),
    [
        pytest.param(Buyer(is_member=False, member_type=MemberType.ACI), "not_member", id="pas adhérente"),
        pytest.param(Buyer(is_member=True), "type_unknown", id="son type n'est pas dit"),
    ],
)
def test_the_group_account_is_for_members_of_a_known_type(buyer: Buyer, code: str) -> None:
    stack = compose(replace(PURCHASE, buyer=buyer), [but(ACCOUNT, member_types=(MemberType.ACI,))])
    assert ([one.code for one in stack.passed], stack.remainder) == ([code], PURCHASE.price)


MONEY = st.decimals("0.00", "5000.00", places=2)
FUNDERS = st.builds(
    Funder,
    kind=st.sampled_from(FunderKind),
    label=st.text("ABC", min_size=1, max_size=3),
    order=st.integers(1, 3),
    ceiling=st.none() | MONEY,
    available=st.none() | MONEY,
    hours_ceiling=st.none() | st.decimals("0.5", "40", places=1),
    hourly_ceiling=st.none() | st.decimals("0.01", "99.99", places=2),
    member_types=st.sampled_from([(), (MemberType.ACI,), (MemberType.ETTI,)]),
)


@given(
    st.builds(
        Purchase,
        price=MONEY,
        seats=st.integers(1, 20),
        hours=st.decimals("0.5", "70", places=1),
        starts_on=st.just(date(2026, 5, 4)),
        buyer=st.just(BUYER),
    ),
    st.lists(FUNDERS, max_size=6),
)
def test_the_shares_and_the_rest_are_the_price_to_the_cent(purchase: Purchase, funders: list[Funder]) -> None:
    stack = compose(purchase, funders)
    assert sum((share.amount for share in stack.shares), stack.remainder) == purchase.price
    assert stack.remainder >= 0
    assert len(stack.shares) + len(stack.passed) == len(funders)
    for share in stack.shares:
        limits = [one for one in (share.funder.ceiling, share.funder.available) if one is not None]
        assert 0 < share.amount <= min([purchase.price, *limits])


PRICED = {"price": "2000.00", "seats": 4, "hours": "14", "starts_on": str(TODAY)}
PLANNED = {"legal_plans": [{"label": "Uniformation", "ceiling": "900.00"}]}


async def test_a_structure_composes_for_itself_and_writes_nothing(training: ServiceUnderTest) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        account = await treasurer.envelope("5000.00")
        await treasurer.envelope(
            "5000.00", kind="other", title="Région", funder="Région", rules={"member_types": ["aci"]}
        )
        before = await treasurer.stands(account)
        joining = {
            "envelope_id": account["id"], "member_id": str(ONE), "member_type": "etti", "operator": "Uniformation",
            "convention_on": str(TODAY),
        }  # fmt: skip
        one = await treasurer.made("/affiliations", joining)
        path = f"/affiliations/{one['id']}"
        await treasurer.act(f"{path}/account", one, {"received_on": str(TODAY), "payroll": "1000.00"})
    async with desk(training, "member", member_id=ONE) as member:
        asked = {**PRICED, **PLANNED, "member_id": str(ONE)}
        stack = (await member.post("/compose", asked)).json()
        assert {one["label"]: one["code"] for one in stack["passed"]} == {
            "Compte groupe 2026": "not_joined",
            "Région": "type_not_paid_for",
        }
        assert stack["remainder"] == "1100.00"
        other = await member.post("/compose", {**asked, "member_id": str(OTHER)})
        assert refused(other) == (404, "member_unknown")
        assert refused(await member.post("/compose", PRICED)) == (404, "member_unknown")
    async with desk(training) as treasurer:
        paid = {"paid_on": str(TODAY), "amount": "8.00", "cora_code": "C1"}
        assert (await treasurer.act(f"{path}/payment", one, paid)).is_success
        stack = (await treasurer.post("/compose", asked)).json()
        assert [(share["label"], share["amount"]) for share in stack["shares"]] == [
            ("Uniformation", "900.00"),
            ("Compte groupe 2026", "1100.00"),
        ]
        assert (await treasurer.post("/compose", PRICED)).json()["remainder"] == "2000.00"
        assert await treasurer.stands(account) == ("5008.00", *before[1:3], "5008.00")
    async with desk(training, "network") as network:
        assert (await network.post("/compose", PRICED)).status_code == 403
