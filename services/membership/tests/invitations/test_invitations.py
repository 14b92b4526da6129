"""A link sent by the structure: to answer in its group, or to review one assessment; for a time, and nothing else."""

import asyncio
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from common.rights import Grant, Scope
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.assessments.use_cases import hold_own
from membership.invitations.domain import InvitationRule, InvitationsTooMany, InvitationUnfit, last_day, require_room

from ..assessments.test_alone import levels, opened, structure_of, structures_of, submitted
from ..assessments.test_group import answered
from ..board.test_takeover import waiting
from ..members.test_dates import on
from ..newsletters.test_newsletters import secret_of
from ..sittings.test_minutes import act

RULE = InvitationRule(
    date(2015, 1, 1), days=30, most_days=90, most_links=2, name_days=1095, status="assumed", source="test"
)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("chosen", "last"),
    [
        pytest.param(None, date(2026, 4, 1), id="sans date : un mois"),
        pytest.param(TODAY, TODAY, id="aujourd'hui seulement"),
        pytest.param(date(2026, 5, 31), date(2026, 5, 31), id="quatre-vingt-dix jours"),
        pytest.param(date(2026, 6, 1), None, id="un de plus"),
        pytest.param(date(2026, 3, 1), None, id="hier"),
    ],
)
def test_how_long_a_link_serves(chosen: date | None, last: date | None) -> None:
    if last is None:
        with pytest.raises(InvitationUnfit):
            last_day(RULE, chosen, TODAY)
    else:
        assert last_day(RULE, chosen, TODAY) == last


@pytest.mark.parametrize(("sent", "refused"), [(0, False), (1, False), (2, True), (3, True)])
def test_how_many_links_one_assessment_has(sent: int, refused: bool) -> None:
    if refused:
        with pytest.raises(InvitationsTooMany):
            require_room(RULE, sent)
    else:
        require_room(RULE, sent)


async def invited(client: httpx.AsyncClient, path: str, purpose: str = "review", **fields: Any) -> dict[str, Any]:
    body = {"purpose": purpose, "name": "Cabinet Exemple", "email": "relecture@cabinet.example", **fields}
    answer = await client.post(f"{path}/invitations", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def keys(membership: ServiceUnderTest) -> list[str]:
    """Return the keys that mails carry, the first sent first."""
    sent = await membership.rows("SELECT * FROM mail WHERE text LIKE '%/auto-evaluation/invitation#%' ORDER BY id")
    return [secret_of(mail) for mail in sent]


def by(key: str, etag: str = "") -> dict[str, str]:
    return {"Invitation-Key": key, **({"If-Match": etag} if etag else {})}


LINK = "/assessment-invitation"


async def test_somebody_outside_reviews_by_a_link(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member, membership.client() as outside:
        path = await submitted(member, level=2)
        invitation = await invited(member, path)
        assert (invitation["serves"], invitation["read_at"], invitation["until"]) == (True, None, on(30))
        [key] = await keys(membership)
        seen = (await outside.get(LINK, headers=by(key))).json()
        assert (seen["structure"], seen["purpose"], seen["sheet"]) == ("A", "review", None)
        assert {one["level"] for one in seen["assessment"]["answers"]} == {2}
        assert (seen["assessment"]["history"], seen["assessment"]["group"]) == (None, None)
        assert [one["id"] for one in seen["assessment"]["reviews"]] == [invitation["review_id"]]
        assert {
            question["code"]
            for theme in seen["bank"]["themes"]
            for part in theme["parts"]
            for question in part["questions"]
        }
        remark = {"question": "written-project", "level": 1, "comment": "À dater."}
        etag = f'"v{seen["review"]["version"]}"'
        early = await outside.post(f"{LINK}/review/give", headers=by(key, etag))
        assert (early.status_code, early.json()["code"]) == (409, "conclusion_needed")
        written = await outside.patch(
            f"{LINK}/review", json={"remarks": [remark], "conclusion": "Solide."}, headers=by(key, etag)
        )
        assert written.status_code == 200, written.text
        hidden = (await member.get(path)).json()["reviews"][0]
        assert (hidden["author_name"], hidden["kind"], hidden["conclusion"]) == ("Cabinet Exemple", "outside", None)
        given = await outside.post(f"{LINK}/review/give", headers=by(key, written.headers["etag"]))
        assert given.json()["state"] == "given"
        told = (await member.get(path)).json()
        assert (told["state"], told["reviews"][0]["conclusion"]) == ("submitted", "Solide."), (
            "une invitée n'est pas un tiers"
        )
        acts = [(done["act"], done["by"]) for done in told["history"]]
        assert [one for one, _ in acts] == ["open", "submit", "invite", "give_review"]
        assert acts[-1][1] == f"invitation:{invitation['id']}"
        [listed] = (await member.get(f"{path}/invitations")).json()["items"]
        assert listed["read_at"] is not None
        again = await outside.patch(
            f"{LINK}/review", json={"conclusion": "Non."}, headers=by(key, given.headers["etag"])
        )
        assert (again.status_code, again.json()["code"]) == (409, "review_closed")


async def test_a_link_opens_nothing_else(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, structures_of, "A", "B")
    async with (
        membership.client("member", member_id=own) as member,
        membership.client("member", member_id=other) as neighbour,
        membership.client("network") as network,
        membership.client() as outside,
    ):
        path, elsewhere = await submitted(member), await submitted(neighbour)
        await network.post(f"{path}/reviews")
        invitation = await invited(member, path)
        [key] = await keys(membership)
        seen = (await outside.get(LINK, headers=by(key))).json()
        assert len(seen["assessment"]["reviews"]) == 1, "celle du réseau ne se voit pas"
        for told in (path, elsewhere, f"{path}/plan", f"{path}/invitations", "/assessments", f"/members/{own}"):
            assert (await outside.get(told, headers=by(key))).status_code == 401
        for verb, method in (("sheet", "PATCH"), ("sheet/give", "POST")):
            body = {"answers": levels("cap-2026", 1)} if method == "PATCH" else None
            refused = await outside.request(method, f"{LINK}/{verb}", json=body, headers=by(key, '"v1"'))
            assert (refused.status_code, refused.json()["code"]) == (404, "assessment_invitation_not_found")
        for wrong in ("x" * 43, key[:-1] + "~"):
            assert (await outside.get(LINK, headers=by(wrong))).json()["code"] == "assessment_invitation_not_found"
        for stranger in (neighbour, network):
            assert (await stranger.get(f"{path}/invitations")).status_code in (403, 404)
            body = {"purpose": "review", "name": "X", "email": "x@x.example"}
            assert (await stranger.post(f"{path}/invitations", json=body)).status_code in (403, 404)
        told_elsewhere = await neighbour.post(
            f"{elsewhere}/invitations/{invitation['id']}/revoke", json={"reason": "pas la mienne"}
        )
        assert (told_elsewhere.status_code, told_elsewhere.json()["code"]) == (404, "assessment_invitation_not_found")
    [row] = await membership.rows("SELECT * FROM assessment_invitation")
    assert key.encode() not in bytes(row.key_digest)
    assert "cabinet.example" not in str(row)


async def test_a_link_serves_for_a_time_and_is_taken_back(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member, membership.client() as outside:
        path = await submitted(member)
        invitation = await invited(member, path, until=on(3))
        late = await member.post(
            f"{path}/invitations", json={"purpose": "review", "name": "X", "email": "x@x.example", "until": on(91)}
        )
        assert (late.status_code, late.json()["code"]) == (400, "assessment_invitation_unfit")
        [key] = await keys(membership)
        kept = (await act(member, path, "POST", "close")).json()
        assert kept["code"] == "reviews_open", "on ne clôt pas sous la main de qui relit"
        async with membership.days_later(3) as last, last.client() as then:
            assert (await then.get(LINK, headers=by(key))).status_code == 200
        async with membership.days_later(4) as after, after.client() as then:
            assert (await then.get(LINK, headers=by(key))).status_code == 404
        revoke = f"{path}/invitations/{invitation['id']}/revoke"
        revoked = await member.post(revoke, json={"reason": "quelqu'un d'autre"})
        assert (revoked.json()["serves"], revoked.json()["reason"]) == (False, "quelqu'un d'autre")
        assert (await outside.get(LINK, headers=by(key))).status_code == 404
        assert (await member.post(revoke, json={"reason": "encore"})).json()["code"] == "assessment_invitation_revoked"
        told = (await member.get(path)).json()
        assert (told["reviews"][0]["state"], told["history"][-1]["act"]) == ("withdrawn", "revoke_invitation")
        assert (await act(member, path, "POST", "close")).status_code == 200
        assert await keys(membership) == [], "pas encore parti, le courriel est repris"


async def test_volunteers_answer_in_the_group_by_a_link(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member, membership.client() as outside:
        path = await opened(member, mode="group")
        early = await member.post(
            f"{path}/invitations", json={"purpose": "review", "name": "X", "email": "x@x.example"}
        )
        assert (early.status_code, early.json()["code"]) == (409, "assessment_not_submitted")
        for name in ("Ann", "Bob", "Carl"):
            await invited(member, path, "answer", name=name, email=f"{name.lower()}@benevole.example")
        people = await keys(membership)
        for rank, key in enumerate(people):
            seen = (await outside.get(LINK, headers=by(key))).json()
            assert (seen["assessment"], seen["review"], seen["sheet"]["answered"]) == (None, None, 0)
            etag = f'"v{seen["sheet"]["version"]}"'
            filled = await outside.patch(
                f"{LINK}/sheet", json={"answers": levels("cap-2026", rank)}, headers=by(key, etag)
            )
            assert filled.status_code == 200, filled.text
            given = await outside.post(f"{LINK}/sheet/give", headers=by(key, filled.headers["etag"]))
            assert given.json()["given_at"] is not None
        group = (await member.get(path)).json()["group"]
        assert (group["begun"], group["given"], group["spreads"]) == (3, 3, None)
        ended = await act(member, path, "POST", "end-gathering")
        spread = ended.json()["group"]["spreads"][0]
        assert spread["levels"][:3] == [1, 1, 1]
        mine = (await outside.get(LINK, headers=by(people[1]))).json()["sheet"]
        assert {one["level"] for one in mine["answers"]} == {1}, "la sienne, celle des autres jamais"
        last = await member.post(
            f"{path}/invitations", json={"purpose": "answer", "name": "Dan", "email": "dan@benevole.example"}
        )
        assert (last.status_code, last.json()["code"]) == (409, "no_gathering")


async def test_a_link_that_nobody_used_holds_no_closing_back(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
        await invited(member, path, until=on(3))
        assert (await member.get(path)).json()["reviews"][0]["until"] == on(3)
        assert (await member.get(path)).json()["blockers"]["close"][0]["code"] == "reviews_open"
    async with membership.days_later(3) as last, last.client("member", member_id=own) as member:
        assert (await act(member, path, "POST", "close")).json()["code"] == "reviews_open", "le lien sert encore"
    async with membership.days_later(4) as after, after.client("member", member_id=own) as member:
        assert "close" in (await member.get(path)).json()["allowed_actions"]
        closed = await act(member, path, "POST", "close")
        assert closed.status_code == 200, closed.text
        [review] = closed.json()["reviews"]
        assert (review["state"], review["reason"]) == (
            "withdrawn",
            "Le lien a fini de servir sans que la relecture soit rendue.",
        )


async def test_a_link_that_is_opened_twice_at_once_opens_twice(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member, membership.client() as outside:
        path = await opened(member, mode="group")
        await invited(member, path, "answer", name="Ann", email="ann@benevole.example")
        [key] = await keys(membership)
        actor = Actor("test", member_id=own)
        async with membership.runtime.database.transaction(actor) as tx:
            await hold_own(tx, Grant(actor, Scope.OWN), UUID(path.rpartition("/")[2]))
            both = [asyncio.create_task(outside.get(LINK, headers=by(key))) for _ in range(2)]
            await eventually(lambda: waiting(membership, 2), awaited="both to wait for the assessment")
        answers = await asyncio.gather(*both)
        assert [one.status_code for one in answers] == [200, 200], [one.text for one in answers]
        assert answers[0].json() == answers[1].json()
        assert (await member.get(path)).json()["group"]["begun"] == 1


async def given_by(outside: httpx.AsyncClient, key: str, conclusion: str) -> None:
    etag = f'"v{(await outside.get(LINK, headers=by(key))).json()["review"]["version"]}"'
    written = await outside.patch(f"{LINK}/review", json={"conclusion": conclusion}, headers=by(key, etag))
    given = await outside.post(f"{LINK}/review/give", headers=by(key, written.headers["etag"]))
    assert given.status_code == 200, given.text


async def test_a_structure_is_no_third_party_to_itself_by_a_link(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with (
        membership.client("member", member_id=own) as member,
        membership.client("delegation", delegation="occitanie") as delegation,
        membership.client() as outside,
    ):
        path = await submitted(member)
        await invited(member, path, name="Cabinet indépendant")
        [key] = await keys(membership)
        await given_by(outside, key, "Tout va bien.")
        seen = (await delegation.get(path)).json()
        assert seen["state"] == "submitted"
        [review] = seen["reviews"]
        assert (review["kind"], review["kind_label"], review["author_name"], review["conclusion"]) == (
            "outside",
            "personne invitée par la structure",
            "Cabinet indépendant",
            "Tout va bien.",
        )
        counts = {
            wanted: (await delegation.get("/assessments", params={"review": wanted, "total": True})).json()["total"]
            for wanted in ("none", "mine")
        }
        assert counts == {"none": 1, "mine": 0}, "personne d'indépendant n'a relu"
        printed = await delegation.get(f"{path}/print")
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(printed.content)).pages).split())
        assert "Cabinet indépendant, personne invitée par la structure" in text
        await act(member, path, "POST", "close")
        reopened = await act(member, path, "POST", "reopen", reason="suite")
        assert reopened.json()["state"] == "submitted"


async def test_what_is_not_guaranteed_is_told_to_who_answers_by_a_link(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member, membership.client() as outside:
        path = await opened(member, mode="group")
        await invited(member, path, "answer", name="Ann", email="ann@benevole.example")
        [mail] = await membership.rows("SELECT * FROM mail WHERE text LIKE '%/auto-evaluation/invitation#%'")
        notice = (await outside.get(LINK, headers=by(secret_of(mail)))).json()["notice"]
        assert "Ce n'est pas un vote secret" in notice
        assert notice in mail.text


async def test_links_that_the_structure_sends_to_itself_do_not_open_a_colleagues_answers(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as ann, membership.client() as outside:
        path = await opened(ann, mode="group")
        await answered(ann, path, levels("cap-2026", 1))
        for rank in range(2):
            await invited(ann, path, "answer", name="Moi", email=f"direction-{rank}@a.example")
        for key in await keys(membership):
            etag = f'"v{(await outside.get(LINK, headers=by(key))).json()["sheet"]["version"]}"'
            filled = await outside.patch(
                f"{LINK}/sheet", json={"answers": levels("cap-2026", 4)}, headers=by(key, etag)
            )
            await outside.post(f"{LINK}/sheet/give", headers=by(key, filled.headers["etag"]))
        ended = (await act(ann, path, "POST", "end-gathering")).json()["group"]
        assert (ended["given"], ended["given_by_link"], ended["spreads"]) == (3, 2, [])


async def names_kept(membership: ServiceUnderTest) -> set[str | None]:
    """Return every name that is kept of those who have a link, on the invitation and on the review."""
    query = "SELECT name FROM assessment_invitation UNION SELECT author_name FROM assessment_review"
    return {row.name for row in await membership.rows(query)}


async def test_the_name_of_somebody_invited_is_forgotten_when_they_ask(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with (
        membership.client("member", member_id=own) as member,
        membership.client("network") as network,
        membership.client() as outside,
    ):
        path = await submitted(member)
        invitation = await invited(member, path, name="Ann Fictive")
        [key] = await keys(membership)
        await given_by(outside, key, "Solide.")
        link = f"{path}/invitations/{invitation['id']}"
        early = await member.post(f"{link}/forget")
        assert (early.status_code, early.json()["code"]) == (409, "assessment_invitation_serving")
        await member.post(f"{link}/revoke", json={"reason": "rendue"})
        assert (await network.post(f"{link}/forget")).status_code == 403
        forgotten = await member.post(f"{link}/forget")
        assert (forgotten.status_code, forgotten.json()["name"]) == (200, None)
        assert (await member.post(f"{link}/forget")).json()["name"] is None, "deux fois, c'est une"
        [review] = (await network.get(path)).json()["reviews"]
        assert (review["author_name"], review["conclusion"]) == ("Une personne dont le nom est effacé", "Solide.")
        assert (await network.get(f"{path}/print")).status_code == 200
    assert await names_kept(membership) == {None}


async def test_the_names_of_those_invited_are_forgotten_in_time(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
        await invited(member, path, name="Ann Fictive", until=on(3))
        await invited(member, path, name="Bob Fictif", until=on(4))
    for day, kept in ((3 + 1095, {"Ann Fictive", "Bob Fictif"}), (4 + 1095, {None, "Bob Fictif"}), (5 + 1095, {None})):
        async with membership.days_later(day):
            assert await names_kept(membership) == kept, day
