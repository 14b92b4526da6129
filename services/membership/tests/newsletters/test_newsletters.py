"""Newsletters: asked for, confirmed by who received the link, stopped in one click, sent once, forgotten.

Double opt-in and the stop in one click are decided in ADR 0031; days and counts are dated data, `assumed`.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.dated import rule_on
from common.testing.harness import ServiceUnderTest
from membership.newsletters.domain import (
    Asked,
    address_key,
    asked_again,
    confirm_until,
    digest,
    is_quiet,
    may_be_asked,
)
from membership.newsletters.queries import subscription_rules

ADDRESS = "accueil@structure.example"
RULE = rule_on(subscription_rules(), date(2026, 11, 1))
SUBSCRIPTIONS = "/newsletter-subscriptions"


DAY = date(2026, 3, 2)
QUIET = timedelta(days=RULE.quiet_days)


@pytest.mark.parametrize(
    ("asked", "may", "quiet"),
    [
        pytest.param(Asked(), True, False, id="jamais écrit"),
        pytest.param(Asked(1, DAY, RULE.mails_a_day), False, False, id="déjà aujourd'hui"),
        pytest.param(Asked(1, DAY - timedelta(1), RULE.mails_a_day), True, False, id="hier"),
        pytest.param(Asked(RULE.mails_unconfirmed, DAY - timedelta(1), 1), False, True, id="assez, sans réponse"),
        pytest.param(Asked(RULE.mails_unconfirmed, DAY - QUIET, 1), False, True, id="le dernier jour du silence"),
        pytest.param(Asked(RULE.mails_unconfirmed, DAY - QUIET - timedelta(1), 1), True, False, id="le lendemain"),
        pytest.param(
            Asked(1, DAY - timedelta(9), 1, refused_on=DAY - timedelta(8)), False, True, id="ce n'est pas moi"
        ),
        pytest.param(
            Asked(1, None, 0, refused_on=DAY - QUIET - timedelta(1)), True, False, id="refusé il y a longtemps"
        ),
    ],
)
def test_how_often_an_address_is_asked(asked: Asked, *, may: bool, quiet: bool) -> None:
    assert (may_be_asked(asked, RULE, DAY), is_quiet(asked, RULE, DAY)) == (may, quiet)
    if may:
        assert asked_again(asked, RULE, DAY).mailed_on == DAY
        assert asked_again(asked, RULE, DAY).mails <= RULE.mails_unconfirmed


def test_what_is_kept_of_a_secret_and_of_an_address() -> None:
    assert digest(address_key("A@B.example ")) == digest("a@b.example") != digest("c@b.example")
    assert (confirm_until(RULE, date(2026, 3, 30)), RULE.status) == (date(2026, 4, 2), "assumed")


async def opened(client: httpx.AsyncClient, name: str = "Achats", **fields: Any) -> str:
    answer = await client.post("/newsletters", json={"name": name, "description": "Une lettre", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def asked(client: httpx.AsyncClient, *letters: str, email: str = ADDRESS) -> Any:
    answer = await client.post(SUBSCRIPTIONS, json={"email": email, "newsletters": letters})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def mails(membership: ServiceUnderTest, subject: str = "Confirmez votre abonnement") -> list[Any]:
    return await membership.rows("SELECT * FROM mail WHERE subject = :subject ORDER BY posted_at, id", subject=subject)


def secret_of(mail: Any) -> str:
    found = re.search(r"#(\S+)", mail.text)
    assert found
    return found[1]


async def confirmed(membership: ServiceUnderTest, *letters: str, email: str = ADDRESS) -> str:
    """Subscribe and confirm; return the key that the mails bear."""
    async with membership.client() as anybody:
        await asked(anybody, *letters, email=email)
        last = [mail for mail in await mails(membership) if mail.recipient == email][-1]
        answer = await anybody.post(f"{SUBSCRIPTIONS}/confirm", json={"token": secret_of(last)})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["key"])


async def counts(client: httpx.AsyncClient, letter: str) -> tuple[int, int, int]:
    shown = (await client.get(f"/newsletters/{letter}")).json()
    return shown["pending"], shown["confirmed"], shown["ended"]


@asynccontextmanager
async def both(membership: ServiceUnderTest) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    async with membership.client("network") as network, membership.client() as anybody:
        yield network, anybody


async def test_an_address_is_subscribed_by_who_receives_its_mail(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        told = await asked(anybody, letter)
        assert await counts(network, letter) == (1, 0, 0)
        [mail] = await mails(membership)
        assert mail.recipient == ADDRESS
        secret = secret_of(mail)
        assert (await anybody.get(f"{SUBSCRIPTIONS}/confirm", params={"token": secret})).status_code == 405
        assert await counts(network, letter) == (1, 0, 0), "following a link confirms nothing"
        wrong = await anybody.post(f"{SUBSCRIPTIONS}/confirm", json={"token": "x" * 43})
        assert (wrong.status_code, wrong.json()["code"]) == (404, "confirmation_not_found")
        for _ in range(2):
            answer = await anybody.post(f"{SUBSCRIPTIONS}/confirm", json={"token": secret})
            assert answer.status_code == 200, answer.text
        assert answer.json()["items"] == [{"newsletter": letter, "name": "Achats", "subscribed": True}]
        assert answer.json()["address"] == "a…@structure.example"
        assert await counts(network, letter) == (0, 1, 0)
        assert await asked(anybody, letter) == told, "known or not, the answer is the same"
        assert len(await mails(membership)) == 1
    [row] = await membership.rows("SELECT * FROM newsletter_subscription")
    assert (row.text_version, row.confirmed_by) == (RULE.version, "link")
    assert row.confirm_digest == digest(secret)
    assert secret not in str(await membership.rows("SELECT * FROM newsletter_subscriber"))


async def test_a_stranger_is_not_flooded(membership: ServiceUnderTest) -> None:
    """However often and however many ask at once, one mail a day, and it confirms no letter that it does not name."""
    async with both(membership) as (network, anybody):
        first, second = await opened(network, "A"), await opened(network, "B")
        answers = await asyncio.gather(
            *(anybody.post(SUBSCRIPTIONS, json={"email": mail, "newsletters": [first]})
              for mail in (ADDRESS, ADDRESS.upper().replace("STRUCTURE.EXAMPLE", "structure.example"), ADDRESS))
        )  # fmt: skip
        assert {answer.status_code for answer in answers} == {202}
        await asked(anybody, second)
        [mail] = await mails(membership)
        assert "- A\n" in mail.text
        assert "- B\n" not in mail.text
        await anybody.post(f"{SUBSCRIPTIONS}/confirm", json={"token": secret_of(mail)})
        assert (await counts(network, first), await counts(network, second)) == ((0, 1, 0), (1, 0, 0))
    async with membership.days_later(1) as tomorrow, tomorrow.client() as anybody:
        await asked(anybody, second)
        assert len(await mails(membership)) == 2
    assert len(await membership.rows("SELECT 1 FROM newsletter_subscriber")) == 1


async def test_what_is_not_confirmed_in_time_is_forgotten(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        await asked(anybody, letter)
        [mail] = await mails(membership)
    async with membership.days_later(RULE.confirm_days) as last_day, last_day.client("network") as network:
        assert await counts(network, letter) == (1, 0, 0)
    async with membership.days_later(RULE.confirm_days + 1) as after, after.client() as anybody:
        late = await anybody.post(f"{SUBSCRIPTIONS}/confirm", json={"token": secret_of(mail)})
        assert late.json()["code"] == "confirmation_not_found"
    assert await membership.rows("SELECT 1 FROM newsletter_subscription") == []
    assert await membership.rows("SELECT 1 FROM newsletter_subscriber") == []


async def test_one_stops_in_one_click_and_chooses(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        one, other = await opened(network, "A"), await opened(network, "B")
        key = await confirmed(membership, one, other)
        click = {
            "content": "List-Unsubscribe=One-Click",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        }
        for _ in range(2):
            stopped = await anybody.post(f"{SUBSCRIPTIONS}/stop", params={"key": key, "newsletter": one}, **click)
            assert stopped.status_code == 200, stopped.text
        unknown = await anybody.post(f"{SUBSCRIPTIONS}/stop", params={"key": "x" * 32})
        assert unknown.json() == stopped.json(), "the answer does not tell a key from another"
        assert (await counts(network, one), await counts(network, other)) == ((0, 0, 1), (0, 1, 0))
        headers = {"Subscription-Key": key}
        page = (await anybody.get(f"{SUBSCRIPTIONS}/preferences", headers=headers)).json()
        assert {item["name"]: item["subscribed"] for item in page["items"]} == {"A": False, "B": True}
        chosen = await anybody.post(f"{SUBSCRIPTIONS}/preferences", json={"newsletters": [one]}, headers=headers)
        assert {item["name"]: item["subscribed"] for item in chosen.json()["items"]} == {"A": True, "B": False}
        assert (await counts(network, one), await counts(network, other)) == ((0, 1, 1), (0, 0, 1))
        refused = await anybody.get(f"{SUBSCRIPTIONS}/preferences", headers={"Subscription-Key": "x" * 32})
        assert refused.json()["code"] == "subscriber_not_found"


async def written(client: httpx.AsyncClient, letter: str, **fields: Any) -> tuple[str, str]:
    body = {"title": "Numéro 1", "text": "Bonjour à toutes.", "link": "https://coorace.example/1", **fields}
    answer = await client.post(f"/newsletters/{letter}/issues", json=body)
    assert answer.status_code == 201, answer.text
    return f"/newsletter-issues/{answer.json()['id']}", answer.headers["etag"]


async def test_an_issue_goes_once_to_who_is_confirmed_then(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.newsletters.jobs._SLICE", 2)
    async with both(membership) as (network, anybody):
        letter, other = await opened(network, "A"), await opened(network, "B")
        keys = [await confirmed(membership, letter, email=f"accueil{rank}@a.example") for rank in range(5)]
        await confirmed(membership, other, email="ailleurs@a.example")
        await asked(anybody, letter, email="attend@a.example")
        path, etag = await written(network, letter)
        assert (await network.get(path)).json()["recipients"] == 5
        assert (
            await network.put(path, json={"title": "N° 1", "text": "x"}, headers={"If-Match": '"v9"'})
        ).status_code == 412
        sent = await network.post(f"{path}/send", headers={"If-Match": etag})
        assert sent.status_code == 202, sent.text
        again = await network.post(f"{path}/send", headers={"If-Match": sent.headers["etag"]})
        assert (again.status_code, again.json()["code"]) == (409, "issue_sent")
        await anybody.post(f"{SUBSCRIPTIONS}/stop", params={"key": keys[2]})
        await membership.run_jobs()
        posted = await mails(membership, "Numéro 1")
        assert sorted(mail.recipient for mail in posted) == [f"accueil{rank}@a.example" for rank in (0, 1, 3, 4)]
        job = (await network.get(f"/jobs/{sent.json()['job_id']}")).json()
        assert (job["status"], job["counts"]) == ("succeeded", {"mailed": 4})
        assert ((await network.get(path)).json()["posted"], (await network.get(path)).json()["recipients"]) == (4, 0)
        receipt = await network.get(f"/jobs/{sent.json()['job_id']}/receipt")
        assert "a.example" not in receipt.text
        [first] = [mail for mail in posted if mail.recipient == "accueil0@a.example"]
        stop = first.headers["List-Unsubscribe"].strip("<>")
        assert first.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert stop.startswith("https://plateforme.example/membership/v1/newsletter-subscriptions/stop?")
        clicked = await anybody.post(stop.removeprefix("https://plateforme.example/membership/v1"))
        assert clicked.status_code == 200
        assert (await counts(network, letter))[1:] == (3, 2)
    with pytest.raises(Exception, match="pk_newsletter_delivery"):
        async with membership.runtime.database.engine.begin() as connection:
            await connection.exec_driver_sql("INSERT INTO newsletter_delivery SELECT * FROM newsletter_delivery")


async def test_a_job_begun_again_writes_to_nobody_twice(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, _):
        letter = await opened(network)
        for rank in range(3):
            await confirmed(membership, letter, email=f"accueil{rank}@a.example")
        path, etag = await written(network, letter)
        sent = (await network.post(f"{path}/send", headers={"If-Match": etag})).json()
        await membership.run_jobs()
        async with membership.runtime.database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE job SET status = 'running', cursor = '{}', ended_at = NULL")
        await membership.run_job(UUID(sent["job_id"]))
    assert len(await mails(membership, "Numéro 1")) == 3


async def test_each_sends_its_own(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        national, regional = await opened(network, "A"), await opened(network, "A", delegation="occitanie")
        taken = await network.post("/newsletters", json={"name": "a", "description": "x"})
        assert (taken.status_code, taken.json()["code"]) == (409, "newsletter_name_taken")
        path, etag = await written(network, national)
        async with membership.client("delegation", delegation="occitanie") as delegation:
            listed = (await delegation.get("/newsletters", params={"total": True})).json()
            assert ([one["id"] for one in listed["items"]], listed["total"]) == ([regional], 1)
            for method, under, body in (
                ("GET", f"/newsletters/{national}", None),
                ("GET", f"/newsletters/{national}/issues", None),
                ("POST", f"/newsletters/{national}/issues", {"title": "x", "text": "x"}),
                ("POST", f"/newsletters/{national}/close", None),
                ("POST", "/newsletters", {"name": "Z", "description": "x"}),
                ("POST", "/newsletters", {"name": "Z", "description": "x", "delegation": "bretagne"}),
            ):
                refused = await delegation.request(method, under, json=body, headers={"If-Match": '"v1"'})
                assert (refused.status_code, refused.json()["code"]) == (404, "newsletter_not_found"), (method, under)
            for method, under in (("GET", ""), ("POST", "/send")):
                refused = await delegation.request(method, f"{path}{under}", headers={"If-Match": etag})
                assert (refused.status_code, refused.json()["code"]) == (404, "issue_not_found")
            assert await opened(delegation, "Z", delegation="occitanie")
            assert (await delegation.get("/newsletter-subscribers/find", params={"email": ADDRESS})).status_code == 403
        closed = await network.post(f"/newsletters/{national}/close", headers={"If-Match": '"v1"'})
        assert (closed.json()["allowed_actions"], closed.json()["blockers"]["close"][0]["code"]) == (
            [],
            "newsletter_closed",
        )
        refused = await network.post(f"{path}/send", headers={"If-Match": etag})
        assert refused.json()["code"] == "newsletter_closed"
        public = (await anybody.get(f"{SUBSCRIPTIONS}/newsletters", params={"national": False})).json()
        assert {one["name"] for one in public["items"]} == {"A", "Z"}
        refused = await anybody.post(SUBSCRIPTIONS, json={"email": ADDRESS, "newsletters": [national]})
        assert refused.json()["code"] == "newsletter_not_found"
        assert (await anybody.get(f"{SUBSCRIPTIONS}/text")).json()["version"] == RULE.version


async def test_an_address_is_erased(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        key = await confirmed(membership, letter)
        known = (await network.get("/newsletter-subscribers/find", params={"email": f" {ADDRESS.upper()} "})).json()
        [subscription] = known["subscriptions"]
        assert (known["address"], subscription["state"], subscription["confirmed_by"]) == (ADDRESS, "confirmed", "link")
        erased = await network.post(f"/newsletter-subscribers/{known['id']}/erase")
        assert (erased.json()["address"], erased.json()["subscriptions"][0]["stopped_by"]) == (None, "erased")
        gone = await network.get("/newsletter-subscribers/find", params={"email": ADDRESS})
        assert gone.json()["code"] == "subscriber_not_found"
        refused = await anybody.get(f"{SUBSCRIPTIONS}/preferences", headers={"Subscription-Key": key})
        assert refused.status_code == 404
        await confirmed(membership, letter, email="autre@a.example")
    [row] = await membership.rows("SELECT * FROM newsletter_subscriber WHERE erased_at IS NOT NULL")
    assert (row.address, row.address_key, row.address_digest) == (None, None, None)


async def test_an_address_that_stopped_long_ago_is_erased_and_its_proof_stays(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        key = await confirmed(membership, letter)
        await confirmed(membership, letter, email="reste@a.example")
        await anybody.post(f"{SUBSCRIPTIONS}/stop", params={"key": key})
    for days, left in ((RULE.erase_days - 1, 2), (RULE.erase_days + 1, 1)):
        async with membership.days_later(days):
            rows = await membership.rows("SELECT * FROM newsletter_subscriber WHERE address IS NOT NULL")
            assert len(rows) == left, days
        async with membership.client("network") as network:
            found = await network.get("/newsletter-subscribers/find", params={"email": ADDRESS.upper()})
            assert (found.status_code, found.json()["address"]) == (200, None if left == 1 else ADDRESS)
            [subscription] = found.json()["subscriptions"]
            assert subscription["stopped_by"] == "one_click", "who shows the address finds its proof"
    [row] = await membership.rows("SELECT * FROM newsletter_subscriber WHERE address IS NULL")
    assert row.address_digest == digest(ADDRESS)
    proof = await membership.rows("SELECT * FROM newsletter_subscription WHERE subscriber_id = :id", id=row.id)
    assert [(one.text_version, one.confirmed_by, one.stopped_by) for one in proof] == [
        (RULE.version, "link", "one_click")
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"email": "accueil", "newsletters": ["x"]}, 422, "validation", id="ni adresse ni identifiant"),
        pytest.param({"email": ADDRESS, "newsletters": []}, 422, "validation", id="aucune lettre"),
        pytest.param({"email": f"{ADDRESS}\nBcc: a@b.example", "newsletters": []}, 422, "validation", id="un en-tête"),
        pytest.param({"email": ADDRESS, "newsletters": [str(UUID(int=1))]}, 404, "newsletter_not_found", id="inconnue"),
    ],
)
async def test_what_cannot_be_asked(membership: ServiceUnderTest, body: Any, status: int, code: str) -> None:
    async with membership.client() as anybody:
        refused = await anybody.post(SUBSCRIPTIONS, json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert (await anybody.get("/newsletters")).status_code == 401
    assert await membership.rows("SELECT 1 FROM newsletter_subscriber") == []


async def test_a_request_sent_again_is_one(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        body, key = {"email": ADDRESS, "newsletters": [letter]}, {"Idempotency-Key": "une-demande"}
        answers = [await anybody.post(SUBSCRIPTIONS, json=body, headers=key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        await anybody.post(SUBSCRIPTIONS, json={**body, "email": "b@a.example"}, params={"dry_run": "true"})
    assert len(await mails(membership)) == 1


async def test_a_key_without_a_token_gives_nobody_another_ones_answer(membership: ServiceUnderTest) -> None:
    """Two subscribers choose the same Idempotency-Key: each is answered for itself, and each choice is made."""
    async with membership.client("network") as network:
        letter = await opened(network)
    keys = [await confirmed(membership, letter, email=f"{name}@ville.example") for name in ("achats", "mairie")]
    async with membership.client() as anybody:
        for key in keys:
            answer = await anybody.post(
                f"{SUBSCRIPTIONS}/preferences",
                json={"newsletters": []},
                headers={"Subscription-Key": key, "Idempotency-Key": "1"},
            )
            assert (answer.status_code, answer.json()["key"]) == (200, key)
    async with membership.client("network") as network:
        assert (await counts(network, letter))[1] == 0
