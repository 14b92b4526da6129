"""Who is left alone: a stranger who was asked enough, who refuses, who stops, who reads a letter that is closed."""

import re

from common.testing.harness import ServiceUnderTest

from .test_newsletters import (
    ADDRESS,
    RULE,
    SUBSCRIPTIONS,
    asked,
    both,
    confirmed,
    counts,
    mails,
    opened,
    secret_of,
    written,
)


async def test_a_stranger_who_confirms_nothing_is_left_alone(membership: ServiceUnderTest) -> None:
    """Day after day, be the address forgotten between: what was sent is counted without it."""
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        await asked(anybody, letter)
    for days in range(1, 20):
        async with membership.days_later(days) as later, later.client() as anybody:
            await asked(anybody, letter, email=f" {ADDRESS.upper()}" if days % 2 else ADDRESS)
    assert len(await mails(membership)) == RULE.mails_unconfirmed
    assert await membership.rows("SELECT 1 FROM newsletter_subscriber") == []
    async with membership.days_later(20 + RULE.quiet_days) as later, later.client() as anybody:
        await asked(anybody, letter)
    assert len(await mails(membership)) == RULE.mails_unconfirmed + 1


async def test_who_did_not_ask_says_so_and_is_forgotten(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter, other = await opened(network), await opened(network, "B")
        await asked(anybody, letter)
        [mail] = await mails(membership)
        key = re.findall(r"/lettres/refuser#(\S+)", mail.text)[0]
        assert secret_of(mail) != key
        answers = [
            await anybody.post(f"{SUBSCRIPTIONS}/refuse", headers={"Subscription-Key": one})
            for one in (key, "x" * 32, key)
        ]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert answers[0].json() == answers[1].json(), "the answer does not tell a key from another"
        assert await membership.rows("SELECT 1 FROM newsletter_subscriber") == []
        assert await mails(membership) == [], "not sent yet, it is taken back"
    async with membership.days_later(1) as tomorrow, tomorrow.client() as anybody:
        await asked(anybody, letter)
        assert (await mails(membership), await membership.rows("SELECT 1 FROM newsletter_subscriber")) == ([], [])
    async with both(membership) as (network, anybody):
        mine = await confirmed(membership, letter, email="reste@a.example")
        await asked(anybody, other, email="reste@a.example")
        await anybody.post(f"{SUBSCRIPTIONS}/refuse", headers={"Subscription-Key": mine})
        assert (await counts(network, letter), await counts(network, other)) == ((0, 1, 0), (0, 0, 0))


async def test_what_waits_to_be_sent_is_taken_back_from_who_stops(membership: ServiceUnderTest) -> None:
    """The mail server was away: who stopped or was erased meanwhile gets none, nor does anybody of a closed letter."""
    async with both(membership) as (network, anybody):
        letter, other = await opened(network, "A"), await opened(network, "B")
        addresses = [f"accueil{rank}@a.example" for rank in range(4)]
        keys = [await confirmed(membership, letter, other, email=address) for address in addresses]
        for one, title in ((letter, "Numéro A"), (other, "Numéro B")):
            path, etag = await written(network, one, title=title)
            await network.post(f"{path}/send", headers={"If-Match": etag})
        await membership.run_jobs()
        await anybody.post(f"{SUBSCRIPTIONS}/stop", params={"key": keys[0], "newsletter": letter})
        await anybody.post(
            f"{SUBSCRIPTIONS}/preferences", json={"newsletters": [other]}, headers={"Subscription-Key": keys[1]}
        )
        found = await network.get("/newsletter-subscribers/find", params={"email": addresses[2]})
        await network.post(f"/newsletter-subscribers/{found.json()['id']}/erase")
        assert [mail.recipient for mail in await mails(membership, "Numéro A")] == [addresses[3]]
        assert [mail.recipient for mail in await mails(membership, "Numéro B")] == [
            addresses[0],
            addresses[1],
            addresses[3],
        ]
        assert not await membership.rows("SELECT 1 FROM mail WHERE recipient = :gone", gone=addresses[2])
        await network.post(f"/newsletters/{other}/close", headers={"If-Match": '"v1"'})
        assert await mails(membership, "Numéro B") == []
        assert len(await membership.rows("SELECT 1 FROM newsletter_delivery")) == 1


async def test_nothing_is_confirmed_nor_sent_in_a_letter_closed_meanwhile(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        await confirmed(membership, letter)
        await asked(anybody, letter, email="tard@a.example")
        [mail] = [one for one in await mails(membership) if one.recipient == "tard@a.example"]
        path, etag = await written(network, letter)
        sent = (await network.post(f"{path}/send", headers={"If-Match": etag})).json()
        await network.post(f"/newsletters/{letter}/close", headers={"If-Match": '"v1"'})
        await membership.run_jobs()
        assert await mails(membership, "Numéro 1") == []
        job = (await network.get(f"/jobs/{sent['job_id']}")).json()
        assert (job["status"], job["counts"]) == ("succeeded", {})
        late = await anybody.post(f"{SUBSCRIPTIONS}/confirm", json={"token": secret_of(mail)})
        assert (late.status_code, late.json()["code"]) == (409, "newsletter_closed")


async def test_following_the_link_that_stops_stops_nothing(membership: ServiceUnderTest) -> None:
    async with both(membership) as (network, anybody):
        letter = await opened(network)
        key = await confirmed(membership, letter)
        for given in (key, "x" * 32):
            shown = await anybody.get(f"{SUBSCRIPTIONS}/stop", params={"key": given, "newsletter": letter})
            assert (shown.status_code, shown.json()["stopped"]) == (200, False)
            assert "POST" in shown.json()["message"]
        assert await counts(network, letter) == (0, 1, 0)
