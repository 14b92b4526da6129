"""Lists that people take away: the same rows, filters and rights as on the screen, and no cell that is run."""

import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from openpyxl import load_workbook

from common.testing.harness import ServiceUnderTest

from ..departures.test_departures import joined
from ..measures.test_measures import NOTICE
from ..measures.test_measures import opened as measured
from ..members.test_dates import entered, on
from ..members.test_register import receive, structure
from ..sittings.test_minutes import act
from .test_contacts import CAMILLE, SACHA, known, seat


async def lines(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, str]]:
    """The rows of a table as a spreadsheet shows them, in both formats."""
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    header, *rows = [line.split(";") for line in answer.content.decode("utf-8-sig").splitlines()]
    book = load_workbook(io.BytesIO((await client.get(path, params={**params, "format": "xlsx"})).content))
    assert len(list(book.worksheets[0].iter_rows())) == len(rows) + 1
    return [dict(zip(header, row, strict=True)) for row in rows]


async def test_people_are_exported_with_their_seats(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, "A")
        camille, _ = await known(client, path, CAMILLE), await known(client, path, {**SACHA, "function": "=1+1"})
        for name in ("president", "billing"):
            await seat(client, path, seat=name, contact_id=camille)
        far = await entered(client, "B", department="35", postcode="35000")
        gone = await known(client, far, {**CAMILLE, "family_name": "PARTI"})
        first, second, third = await lines(client, "/contacts/export")
        assert (first["structure"], first["nom"], first["sieges"]) == ("A", "EXEMPLE", "présidence, facturation")
        assert (second["nom"], second["fonction"], second["sieges"]) == ("FICTIF", "'=1+1", "")
        assert third["nom"] == "PARTI"
        for params, expected in (
            ({"seat": "billing"}, ["EXEMPLE"]),
            ({"delegation": "bretagne"}, ["PARTI"]),
            ({"q": "fictif"}, ["FICTIF"]),
            ({"seat": "legal"}, []),
        ):
            assert [one["nom"] for one in await lines(client, "/contacts/export", **params)] == expected
        etag = (await client.get(f"/contacts/{gone}")).headers["etag"]
        await client.post(f"/contacts/{gone}/erase", json={"ground": "request"}, headers={"If-Match": etag})
        assert "PARTI" not in {one["nom"] for one in await lines(client, "/contacts/export")}
    member = UUID(far.rpartition("/")[2])
    async with membership.client("delegation", delegation="occitanie") as client:
        assert [one["structure"] for one in await lines(client, "/contacts/export")] == ["A", "A"]
    async with membership.client("member", member_id=member) as client:
        assert await lines(client, "/contacts/export") == []
    async with membership.client("board") as client:
        assert (await client.get("/contacts/export")).status_code == 403


async def test_applications_are_exported_with_what_they_lack(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await receive(client, **structure("A"))
        bare = await receive(client, name="+33 EMPLOI", department="35")
        async with membership.client("delegation", delegation="bretagne") as local:
            opinion = {"advice": "favourable", "text": "Connue de nous."}
            given = await act(local, f"/applications/{bare['id']}", "POST", "opinions", **opinion)
            assert given.status_code == 201, given.text
            assert [one["nom"] for one in await lines(local, "/applications/export")] == ["'+33 EMPLOI"]
        found = {one["nom"]: one for one in await lines(client, "/applications/export")}
        assert (found["A"]["decidable"], found["A"]["manque"], found["A"]["avis"]) == ("oui", "", "")
        assert int(found["A"]["pieces_attendues"]) > 0
        lacking = found["'+33 EMPLOI"]
        assert (lacking["decidable"], lacking["avis"]) == ("non", "bretagne : favorable")
        assert lacking["manque"].startswith("Aucune activité")
        assert [one["nom"] for one in await lines(client, "/applications/export", ready=True)] == ["A"]
    async with membership.client("member", member_id=UUID(bare["member_id"])) as client:
        [own] = await lines(client, "/applications/export")
        assert (own["nom"], own["avis"]) == ("'+33 EMPLOI", "")
        hidden = await client.get("/applications/export", params={"opinion": "favourable"})
        assert (hidden.status_code, hidden.json()["code"]) == (403, "opinions_hidden")
    async with membership.client("finance") as client:
        assert (await client.get("/applications/export")).status_code == 403


async def test_measures_are_exported_without_what_is_held_against_anybody(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path, other = await joined(client, "A"), await joined(client, "B")
        measure = await measured(client, path, "suspension")
        await measured(client, other, "exclusion")
        await act(client, f"/measures/{measure['id']}", "POST", "notifications", received_on=on(0), **NOTICE)
        found = {one["nom"]: one for one in await lines(client, "/measures/export")}
        assert (found["A"]["procedure"], found["A"]["notifiee_le"]) == ("suspension", on(0))
        assert (found["A"]["decidable_a_partir_du"], found["B"]["decidable_a_partir_du"]) == (on(15), "")
        assert "griefs" not in found["A"]
        only = await lines(client, "/measures/export", kind="exclusion", status="open")
        assert [one["nom"] for one in only] == ["B"]
    for member, seen in ((path, ["A"]), (other, [])):
        async with membership.client("member", member_id=UUID(member.rpartition("/")[2])) as client:
            assert [one["nom"] for one in await lines(client, "/measures/export")] == seen


@pytest.mark.parametrize("name", ["contacts", "applications", "measures"])
async def test_an_export_is_a_file_with_a_name(membership: ServiceUnderTest, name: str) -> None:
    async with membership.client("network") as client:
        answer = await client.get(f"/{name}/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
