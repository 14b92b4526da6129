"""The register's own export is a file that the import takes as it is, and nothing changes."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from membership.imports.domain import Column, KnownMember, RowOutcome, parse, plan
from membership.imports.domain.cells import NOT_TAKEN
from membership.imports.domain.csv_file import read
from membership.members.documents import EXPORT_HEADER
from membership.territory.queries import load_territory

from ..departures.test_departures import joined, told
from ..members.test_dates import TODAY, change, enter, entered
from .test_acts import applied, previewed

OTHER_KINDS = ["other", "sap-proxim", "ett-ess"]


def test_every_column_of_the_export_is_taken_or_said_not_to_be() -> None:
    assert set(EXPORT_HEADER) <= {*Column, *NOT_TAKEN}
    assert set(NOT_TAKEN) < set(EXPORT_HEADER)
    assert not set(NOT_TAKEN) & set(Column)


async def furnished(client: httpx.AsyncClient) -> None:
    """Structures of which the register says all that an export can, and that a list could not tell apart."""
    several = await joined(client, "L'Abeille ; verte")
    await change(client, several, siret="90000000100017")
    for kind in ("aci", *OTHER_KINDS):
        await enter(client, several, topic="activity", kind=kind, main=kind == "aci")
    await enter(client, several, topic="activity", kind="ai", convention="031 24, avenant 2")
    await enter(client, several, topic="activity", kind="aci", convention="ACI-9", convention_ends_on="2030-12-31")
    await enter(client, several, topic="delegation", code="idf", reason="le dirigeant siège à Paris")
    group = await joined(client, "+ D'EMPLOI")
    await enter(client, group, topic="activity", kind="ges")
    await enter(client, several, topic="group", group_id=group.rpartition("/")[2])
    gone = await joined(client, 'La "Régie"')
    assert (await told(client, gone, cause="ceased")).json()["status"] == "left"
    again = await client.post("/applications/again", json={"member_id": gone.rpartition("/")[2]})
    assert again.status_code == 201, again.text
    await entered(client, "Homonyme")
    await entered(client, "Homonyme")
    await entered(client, "À compléter", activities=[], street=None, postcode=None, city=None)


async def test_the_whole_register_is_exported_and_imported_and_nothing_changes(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await furnished(client)
        before = await membership.rows("SELECT * FROM member ORDER BY id")
        heard = len(await membership.published())
        export = (await client.get("/members/export")).text
        imported = await previewed(membership, client, export)
        assert imported["counts"] == {"unchanged": len(before)}
        left_out = [one for one in imported["findings"] if one["code"] == "column_not_taken"]
        assert {one["column"] for one in left_out} == set(NOT_TAKEN)
        assert left_out[0]["message"] == (
            "La colonne «\u00a0statut\u00a0» n'est pas reprise : la situation d'une structure vient des séances."
        )
        assert (await applied(membership, client, imported["id"]))["counts"] == {"unchanged": len(before)}
    assert await membership.rows("SELECT * FROM member ORDER BY id") == before
    assert len(await membership.published()) == heard


async def test_what_somebody_changed_in_the_export_is_what_changes(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await furnished(client)
        first, second = (await client.get("/members", params={"q": "homonyme", "sort": "reference"})).json()["items"]
        header, *lines = (await client.get("/members/export")).text.splitlines()
        corrected = [
            line.replace("Homonyme", "Homonyme du Tarn") if second["reference"] in line else line for line in lines
        ]
        imported = await previewed(membership, client, "\n".join([header, *corrected]))
        assert imported["counts"] == {"changed": 1, "unchanged": len(lines) - 1}
        await applied(membership, client, imported["id"])
        names = [(await client.get(f"/members/{one['id']}")).json()["name"] for one in (first, second)]
    assert names == ["Homonyme", "Homonyme du Tarn"]


def known(number: int, name: str, **fields: Any) -> KnownMember:
    return KnownMember(id=UUID(int=number), name=name, reference=f"STR-2026-0000{number}", department="31", **fields)


REGISTER = [known(1, "AVIE", siren="900000001"), known(2, "AILES", siren="900000019"), known(3, "AMIE")]


@pytest.mark.parametrize(
    ("line", "member", "message"),
    [
        pytest.param("STR-2026-00003;AUTRE NOM;", 3, None, id="la référence l'emporte sur le nom"),
        pytest.param("STR-2026-00003;AMIE;732829320", 3, None, id="elle dit le SIREN qui manquait"),
        pytest.param("STR-2026-00009;AMIE;", None, "n'est pas au registre", id="inconnue : rien n'est deviné"),
        pytest.param(
            "STR-2026-00001;AVIE;900000019", None, "désigne «\u00a0AVIE\u00a0», et le SIREN", id="deux structures"
        ),
        pytest.param(
            "STR-2026-00003;AMIE;900000019", None, "désigne «\u00a0AMIE\u00a0», et le SIREN", id="SIREN porté ailleurs"
        ),
        pytest.param(";AVIE;", 1, None, id="sans référence : comme avant"),
    ],
)
def test_what_a_reference_designates(line: str, member: int | None, message: str | None) -> None:
    rows = [
        parse(row, load_territory(), TODAY)
        for row in read(f"reference;nom;siren;departement\n{line};31\n".encode()).rows
    ]
    [planned] = plan(rows, REGISTER)
    assert planned.member_id == (UUID(int=member) if member else None)
    assert (planned.outcome is RowOutcome.ERROR) is bool(message)
    assert not message or message in planned.findings[-1].message


def test_a_reference_given_twice_is_followed_once() -> None:
    table = read(b"reference;nom;departement\nSTR-2026-00003;AMIE;31\nSTR-2026-00003;AMIE;31\n")
    first, second = plan([parse(row, load_territory(), TODAY) for row in table.rows], REGISTER)
    assert (first.outcome, second.outcome) == (RowOutcome.UNCHANGED, RowOutcome.ERROR)
    assert "ligne précédente" in second.findings[-1].message


def test_one_that_left_and_applies_again_is_not_dated_by_its_former_membership() -> None:
    former = date(1990, 1, 1)
    back = known(1, "AVIE", joined_on=former, left_on=TODAY - timedelta(days=9), waits=True)
    table = read(b"nom;departement;adherente_depuis\nAVIE;31;1990-01-01\n")
    [planned] = plan([parse(row, load_territory(), TODAY) for row in table.rows], [back])
    assert (planned.outcome, [one.code for one in planned.findings][-1]) == (RowOutcome.UNCHANGED, "left_federation")
