"""The account on which a delegation is paid: entered by one person, confirmed by another, and never rewritten."""

from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .treasury import ANOTHER_IBAN, BRETAGNE, IBANS, OCCITANIE, account, funded, seen, treasury

PATH = f"/transfers/payees/{OCCITANIE}"


async def test_an_account_takes_two_persons(dues: ServiceUnderTest) -> None:
    async with treasury(dues) as paying:
        entered = (await paying.one.put(PATH, json=account(OCCITANIE))).json()
        assert (entered["confirmed"], entered["waiting"]["iban"], entered["delegation"]) == (
            None,
            IBANS[OCCITANIE],
            "occitanie",
        )
        assert entered["allowed_actions"] == ["refuse"]
        assert [one["code"] for one in entered["blockers"]["confirm"]] == ["payee_own"]
        own = await paying.one.post(f"{PATH}/confirm", headers=seen(entered))
        assert (own.status_code, own.json()["code"]) == (403, "payee_own")
        confirmed = await paying.two.post(f"{PATH}/confirm", headers=seen(entered))
        assert confirmed.json()["confirmed"]["iban"] == IBANS[OCCITANIE]
        again = await paying.two.post(f"{PATH}/confirm", headers=seen(confirmed.json()))
        assert (again.status_code, again.json()["code"]) == (409, "payee_not_waiting")


async def test_every_account_is_kept_with_who_entered_and_who_settled_it(dues: ServiceUnderTest) -> None:
    async with treasury(dues) as paying:
        await paying.know(OCCITANIE)
        known = await paying.payee(OCCITANIE)
        changed = await paying.two.put(PATH, json=account(OCCITANIE, iban=ANOTHER_IBAN), headers=seen(known))
        assert changed.status_code == 200, changed.text
        twice = await paying.two.put(PATH, json=account(OCCITANIE, iban=ANOTHER_IBAN), headers=seen(changed.json()))
        assert (twice.status_code, twice.json()["code"]) == (409, "payee_unconfirmed")
        refused = await paying.one.post(
            f"{PATH}/refuse", json={"reason": "Appelé : ce n'est pas eux"}, headers=seen(changed.json())
        )
        accounts = refused.json()["accounts"]
    assert [(one["iban"], one["state"], one["entered_by"], one["settled_by"]) for one in accounts] == [
        (IBANS[OCCITANIE], "confirmed", "test-finance", "test-finance-ops"),
        (ANOTHER_IBAN, "refused", "test-finance-ops", "test-finance"),
    ]
    assert accounts[1]["settled_reason"] == "Appelé : ce n'est pas eux"
    assert refused.json()["confirmed"]["iban"] == IBANS[OCCITANIE]


@pytest.mark.parametrize(
    ("path", "given", "status", "code"),
    [
        pytest.param(PATH, {"iban": "FR7600000000000000000000195"}, 400, "iban_invalid", id="clé fausse"),
        pytest.param(PATH, {"iban": "BR1500000000000010932840814P2"}, 400, "iban_outside_sepa", id="hors SEPA"),
        pytest.param(PATH, {"bic": "XX"}, 400, "bic_invalid", id="BIC faux"),
        pytest.param(PATH, {"holder": "Ένωση"}, 422, "validation", id="rien que la banque porte"),
        pytest.param("/transfers/payees/mutual-fund", {}, 404, "payee_not_found", id="pas une délégation"),
        pytest.param("/transfers/payees/delegation-", {}, 404, "payee_not_found", id="aucune délégation"),
    ],
)
async def test_what_is_not_an_account_is_refused(
    dues: ServiceUnderTest, path: str, given: dict[str, Any], status: int, code: str
) -> None:
    async with treasury(dues) as paying:
        answer = await paying.one.put(path, json=account(OCCITANIE, **given))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await paying.one.get("/transfers/payees")).json()["items"] == []


async def test_a_change_says_which_version_it_has_seen(dues: ServiceUnderTest) -> None:
    async with treasury(dues) as paying:
        await paying.know(OCCITANIE)
        same = await paying.one.put(PATH, json=account(OCCITANIE), headers={"If-Match": '"v2"'})
        assert (same.status_code, same.json()["code"]) == (400, "payee_unchanged")
        blind = await paying.one.put(PATH, json=account(OCCITANIE, iban=ANOTHER_IBAN))
        stale = await paying.one.put(PATH, json=account(OCCITANIE, iban=ANOTHER_IBAN), headers={"If-Match": '"v1"'})
        assert (blind.status_code, stale.status_code) == (428, 412)
        assert stale.json()["current"]["confirmed"]["iban"] == IBANS[OCCITANIE]


async def test_nothing_is_paid_on_an_account_that_one_person_changed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """The fraud: a false account just before the transfers. Not the new one, nor the old one that may be closed."""
    async with funded(dues, arranged) as (paying, _):
        known = await paying.payee(OCCITANIE)
        await paying.one.put(PATH, json=account(OCCITANIE, iban=ANOTHER_IBAN), headers=seen(known))
        preview = (await paying.one.get("/transfers/preview")).json()
        assert {one["code"]: [each["code"] for each in one["blockers"]] for one in preview["lines"]} == {
            BRETAGNE: [],
            OCCITANIE: ["payee_unconfirmed"],
        }
        batch = await paying.prepared()
        assert [one["payee"] for one in batch["lines"]] == [BRETAGNE]


async def test_an_account_changed_since_the_preparation_stops_the_batch(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.prepared()
        known = await paying.payee(OCCITANIE)
        changed = await paying.two.put(PATH, json=account(OCCITANIE, iban=ANOTHER_IBAN), headers=seen(known))
        waiting = await paying.act(batch, "approve", paying.two)
        assert (waiting.status_code, waiting.json()["code"]) == (409, "payee_unconfirmed")
        await paying.one.post(f"{PATH}/confirm", headers=seen(changed.json()))
        other = await paying.act(batch, "approve", paying.two)
        assert (other.status_code, other.json()["code"]) == (409, "payee_changed")


async def test_the_list_is_filtered_and_exported(dues: ServiceUnderTest) -> None:
    async with treasury(dues) as paying:
        await paying.know(BRETAGNE)
        await paying.one.put(PATH, json=account(OCCITANIE))
        for params, codes in (
            ({}, [BRETAGNE, OCCITANIE]),
            ({"waiting": True}, [OCCITANIE]),
            ({"waiting": False}, [BRETAGNE]),
            ({"delegation": "bretagne"}, [BRETAGNE]),
        ):
            page = (await paying.one.get("/transfers/payees", params=params)).json()
            assert [one["code"] for one in page["items"]] == codes
            export = await paying.one.get("/transfers/payees/export", params=params)
            assert [line.split(";")[0] for line in export.text.splitlines()[1:]] == codes
