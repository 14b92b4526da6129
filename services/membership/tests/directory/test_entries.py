"""A structure fills its entry in, consents field by field, and takes a consent back; others work on its behalf."""

import asyncio
import csv
import io
from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..assessments.test_alone import structure_of
from ..members.test_dates import change, on
from ..members.test_register import receive, structure
from ..sittings.test_minutes import act

FIELDS = {
    "presentation": "Nous entretenons les espaces verts des communes.",
    "offers": [{"sector": "catering", "title": "Buffets de saison"}],
    "sectors": ["green-spaces"],
    "territory": ["31", "81"],
    "website": "https://structure.example",
    "phone": "05 61 00 00 00",
    "email": "accueil@structure.example",
    "purchasing": {"office": "Service commercial", "email": "marches@structure.example"},
}
EVERYTHING = [
    "listed", "city", "department", "kinds", "delegation", "labels", "presentation", "offers", "sectors", "territory",
    "website", "phone", "email", "purchasing",
]  # fmt: skip


def path_of(member_id: object) -> str:
    return f"/directory-entries/{member_id}"


async def fill(client: httpx.AsyncClient, member_id: object, **fields: Any) -> Any:
    return await change(client, path_of(member_id), **(fields or FIELDS))


async def agree(client: httpx.AsyncClient, member_id: object, *fields: str) -> Any:
    return await change(client, path_of(member_id), "POST", "/consent", fields=list(fields) or EVERYTHING)


async def stop(client: httpx.AsyncClient, member_id: object, *fields: str) -> Any:
    answer = await client.post(f"{path_of(member_id)}/withdraw-consent", json={"fields": fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def public(membership: ServiceUnderTest, member_id: object) -> Any:
    """What anybody sees of a structure without a token; None where nothing is."""
    async with membership.client() as anybody:
        answer = await anybody.get(f"/directory/{member_id}")
        listed = [one["id"] for one in (await anybody.get("/directory")).json()["items"]]
    assert answer.status_code in (200, 404)
    assert (str(member_id) in listed) == (answer.status_code == 200)
    return answer.json() if answer.status_code == 200 else None


async def test_a_structure_shows_what_it_consents_to_and_nothing_else(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        empty = (await client.get(path_of(own))).json()
        assert (empty["version"], empty["shown"], len(empty["missing"])) == (0, False, 8)
        filled = await fill(client, own)
        assert (filled["missing"], filled["public"]) == ([], None)
        assert filled["blockers"]["show"][0]["code"] == "directory_entry_not_shown"
        assert await public(membership, own) is None
        await agree(client, own, "presentation")
        assert await public(membership, own) is None, "nothing shows before it consents to be listed"
        await agree(client, own, "listed")
        seen = await public(membership, own)
        shown = {name for name, value in seen.items() if value is not None}
        assert shown == {"id", "name", "presentation"}
        whole = await agree(client, own)
        seen = await public(membership, own)
        assert seen == whole["public"]
        assert None not in seen.values()
        assert (seen["city"], seen["delegation"], seen["kinds"][0]["code"]) == ("VILLE", "occitanie", "ai")
        assert seen["offers"] == [
            {"sector": "catering", "sector_label": "Restauration et traiteur", "title": "Buffets de saison"}
        ]
        for field in EVERYTHING[1:]:
            await stop(client, own, field)
            assert (await public(membership, own))[field] is None, field
        gone = await stop(client, own, "listed")
        assert (gone["shown"], await public(membership, own)) == (False, None)
        assert len(gone["consents"]) == len(EVERYTHING)
        assert {one["ending"] for one in gone["consents"]} == {"withdrawn"}
        assert all(one["given_by"] and one["ended_by"] for one in gone["consents"])


async def test_what_another_changes_waits_for_the_structure(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        await fill(client, own)
        await agree(client, own)
    async with membership.client("delegation", delegation="occitanie") as delegation:
        await fill(delegation, own, phone="05 61 99 99 99", website=None)
        seen = await public(membership, own)
        assert (seen["phone"], seen["website"], seen["email"]) == (None, None, "accueil@structure.example")
        refused = await act(delegation, path_of(own), "POST", "consent", fields=["phone"])
        assert refused.status_code == 403
        future = await act(
            delegation, path_of(own), "POST", "record-consent", fields=["phone"], signed_on=on(1), reference="Courriel"
        )
        assert (future.status_code, future.json()["code"]) == (400, "consent_signed_in_future")
        recorded = await act(
            delegation, path_of(own), "POST", "record-consent", fields=["phone"], signed_on=on(0), reference="Courriel"
        )
        assert recorded.status_code == 200, recorded.text
        last = recorded.json()["consents"][-1]
        assert (last["field"], last["signed_on"], last["reference"]) == ("phone", on(0), "Courriel")
        assert (await public(membership, own))["phone"] == "05 61 99 99 99"
        assert (await stop(delegation, own, "phone"))["public"]["phone"] is None
    async with membership.client("member", member_id=own) as client:
        refused = await act(client, path_of(own), "POST", "record-consent", fields=["phone"], signed_on=on(0),
                            reference="x")  # fmt: skip
        assert refused.status_code == 403


async def test_the_register_is_read_as_it_is(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """A change of name shows at once; a suspended one vanishes, and shows again with what it had consented to."""
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        await agree(client, own)
    async with membership.client("network", "board") as client:
        await change(client, f"/members/{own}", name="NOUVELLE", city="MURET")
        seen = await public(membership, own)
        assert (seen["name"], seen["city"]) == ("NOUVELLE", "MURET")
        for status, shown in (("suspended", False), ("active", True)):
            async with membership.runtime.database.engine.begin() as connection:
                await connection.exec_driver_sql(f"UPDATE member SET status = '{status}' WHERE id = '{own}'")  # noqa: S608  # ours
            assert (await public(membership, own) is not None) == shown, status
        left = await act(client, f"/members/{own}", "POST", "departure", cause="ceased", received_on=on(0), reason="x")
        assert left.status_code == 200, left.text
        assert await public(membership, own) is None
        entry = await client.get(path_of(own))
        assert entry.json()["allowed_actions"] == ["withdraw_consent"]
        etag = {"If-Match": entry.headers["etag"]}
        refused = await client.patch(path_of(own), json={"phone": None}, headers=etag)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"sectors": ["inconnu"]}, 400, "sector_unknown", id="secteur inconnu"),
        pytest.param({"territory": ["99"]}, 400, "department_unknown", id="département inconnu"),
        pytest.param({"territory": ["9"]}, 422, "validation", id="département mal écrit"),
        pytest.param({"website": "javascript:alert(1)"}, 422, "validation", id="un script pour un site"),
        pytest.param({"email": "accueil"}, 422, "validation", id="pas une adresse"),
        pytest.param({"phone": "appelez-nous"}, 422, "validation", id="pas un numéro"),
        pytest.param({"photo": "x"}, 422, "validation", id="champ inconnu"),
        pytest.param({"presentation": "x" * 1_501}, 422, "validation", id="présentation trop longue"),
    ],
)
async def test_what_cannot_be_filled_in(
    membership: ServiceUnderTest, arranged: Arrange, fields: dict[str, Any], status: int, code: str
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        refused = await client.patch(path_of(own), json=fields, headers={"If-Match": '"v0"'})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert (await client.get(path_of(own))).json()["version"] == 0


async def test_an_address_of_a_person_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        filled = await fill(client, own, email="camille.exemple@structure.example")
        assert [one["code"] for one in filled["notices"]] == ["address_looks_personal"]
        assert (await fill(client, own, email="accueil@structure.example"))["notices"] == []


async def test_one_reads_before_one_writes(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        await fill(client, own)
        for method, under, body in (
            ("PATCH", "", {"phone": None}),
            ("POST", "/consent", {"fields": ["listed"]}),
        ):
            path = f"{path_of(own)}{under}"
            without = await client.request(method, path, json=body)
            stale = await client.request(method, path, json=body, headers={"If-Match": '"v0"'})
            assert (without.status_code, stale.status_code) == (428, 412), under
            assert stale.json()["current"]["version"] == 1
        tried = await client.post(f"{path_of(own)}/consent", params={"dry_run": "true"},
                                  json={"fields": ["listed"]}, headers={"If-Match": '"v1"'})  # fmt: skip
        assert (tried.json()["shown"], tried.headers["dry-run"]) == (True, "true")
        assert await public(membership, own) is None


async def test_two_at_once_give_one_consent(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path, body = f"{path_of(own)}/consent", {"fields": ["listed", "city"]}
        both = await asyncio.gather(*(client.post(path, json=body, headers={"If-Match": '"v0"'}) for _ in range(2)))
        assert sorted(one.status_code for one in both) == [200, 412]
        key = {"If-Match": '"v1"', "Idempotency-Key": "phone"}
        first, again = [await client.post(path, json={"fields": ["phone"]}, headers=key) for _ in range(2)]
        assert (again.status_code, again.json()) == (200, first.json())
    rows = await membership.rows("SELECT field FROM directory_consent ORDER BY field")
    assert [row.field for row in rows] == ["city", "listed", "phone"]


async def test_each_sees_the_entries_within_reach(membership: ServiceUnderTest) -> None:
    own, other = await structure_of(membership, "A"), await structure_of(membership, "B")
    async with membership.client("member", member_id=own) as client:
        await fill(client, own)
        await agree(client, own, "listed")
        assert (await client.get(path_of(other))).json()["code"] == "member_not_found"
        for method, under, body in (
            ("PATCH", "", {"phone": None}),
            ("POST", "/consent", {"fields": ["listed"]}),
            ("POST", "/withdraw-consent", {"fields": ["listed"]}),
        ):
            refused = await client.request(method, f"{path_of(other)}{under}", json=body, headers={"If-Match": '"v0"'})
            assert refused.status_code == 404, under
    seen = {
        (("network",), None): ["A", "B"],
        (("delegation",), "occitanie"): ["A", "B"],
        (("delegation",), "bretagne"): [],
        (("delegation",), None): [],
    }
    for (roles, delegation), names in seen.items():
        async with membership.client(*roles, delegation=delegation) as client:
            assert await names_of(client) == names
            lines = (await client.get("/directory-entries/export")).text.removeprefix("\ufeff")
            assert [one["nom"] for one in csv.DictReader(io.StringIO(lines), delimiter=";")] == names
    async with membership.client("finance") as client:
        assert (await client.get("/directory-entries")).status_code == 403
        assert (await client.get(path_of(own))).status_code == 403


async def names_of(client: httpx.AsyncClient, **params: Any) -> list[str]:
    page = (await client.get("/directory-entries", params={"total": True, **params})).json()
    assert page["total"] == len(page["items"])
    return [one["name"] for one in page["items"]]


async def test_the_network_sees_who_is_listed_and_what_is_missing(membership: ServiceUnderTest) -> None:
    own, partly = await structure_of(membership, "A"), await structure_of(membership, "B")
    await structure_of(membership, "C")
    async with membership.client("network") as client:
        await fill(client, own)
        await fill(client, partly, sectors=["catering"], email="c.exemple@structure.example")
        both = {"signed_on": on(-1), "reference": "Bulletin d'adhésion"}
        await act(client, path_of(own), "POST", "record-consent", fields=EVERYTHING, **both)
        assert await names_of(client) == ["A", "B", "C"]
        assert await names_of(client, shown=True) == ["A"]
        assert await names_of(client, shown=False) == ["B", "C"]
        assert await names_of(client, missing="sectors") == ["C"]
        assert await names_of(client, missing=["sectors", "phone"]) == ["B", "C"]
        assert await names_of(client, without_consent="email") == ["B", "C"]
        assert await names_of(client, q="zz") == []
        assert await names_of(client, delegation="bretagne") == []
        lines = (await client.get("/directory-entries")).json()["items"]
        assert [(one["filled"], len(one["missing"]), len(one["notices"])) for one in lines] == [
            (8, 0, 0), (2, 6, 1), (0, 8, 0),
        ]  # fmt: skip


async def test_a_candidate_is_not_in_the_directory(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        candidate = (await receive(client, **structure("A")))["member_id"]
        refused = await client.patch(path_of(candidate), json={"phone": None}, headers={"If-Match": '"v0"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")
        assert await names_of(client) == []


async def test_what_is_searched_is_what_the_consents_say(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """The columns that are searched are written with the consents; the database itself refuses them without."""
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        await fill(client, own)
        await agree(client, own)
        await stop(client, own, "territory", "presentation")
    [row] = await membership.rows("SELECT * FROM directory_entry")
    in_force = await membership.rows("SELECT field FROM directory_consent WHERE ended_at IS NULL")
    assert set(row.consented) == {one.field for one in in_force} == set(EVERYTHING) - {"territory", "presentation"}
    assert (row.public_territory, row.public_words) == ([], "buffets de saison")
    assert set(row.public_sectors) == {"green-spaces", "catering"}


async def test_an_older_paper_does_not_undo_a_withdrawal(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        await fill(client, own)
        await agree(client, own)
        await stop(client, own, "listed")
    async with membership.client("delegation", delegation="occitanie") as delegation:
        paper = {"fields": ["listed"], "reference": "Courriel"}
        old = await act(delegation, path_of(own), "POST", "record-consent", signed_on=on(-1), **paper)
        assert (old.status_code, old.json()["code"]) == (409, "consent_signed_before_the_end")
        assert await public(membership, own) is None
        new = await act(delegation, path_of(own), "POST", "record-consent", signed_on=on(0), **paper)
        assert new.status_code == 200, new.text
