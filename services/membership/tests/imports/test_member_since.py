"""The column that says since when a structure is a member, as whoever prepares the file would check it.

Decided in ADR 0035.
"""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from membership.imports.domain import KnownMember, RowOutcome, parse, plan
from membership.imports.domain.csv_file import read
from membership.territory.queries import load_territory

from ..members.test_dates import on
from .test_acts import applied, previewed

TODAY = date(2026, 11, 22)
COLUMNS = "nom;types;adresse;code_postal;commune;departement;adherente_depuis"
AVIE = "AVIE;AI;1 rue A;31000;TOULOUSE;31"
MAY_1987 = date(1987, 5, 3)


@pytest.mark.parametrize(
    ("cell", "day", "code"),
    [
        pytest.param("03/05/1987", MAY_1987, None, id="comme on l'écrit"),
        pytest.param("3/5/1987", MAY_1987, None, id="sans zéros"),
        pytest.param("1987-05-03", MAY_1987, None, id="comme une machine l'écrit"),
        pytest.param("", None, None, id="vide : n'est jamais exigée"),
        pytest.param("22/11/2026", TODAY, None, id="aujourd'hui"),
        pytest.param("23/11/2026", None, "member_since_to_come", id="demain"),
        pytest.param("01/01/1901", date(1901, 1, 1), None, id="l'année de la loi"),
        pytest.param("31/12/1900", None, "member_since_too_early", id="avant la loi"),
        pytest.param("1987", None, "member_since_invalid", id="l'année seule : le jour n'est pas inventé"),
        pytest.param("03/05/87", None, "member_since_invalid", id="deux chiffres : de quel siècle ?"),
        pytest.param("31/02/1990", None, "member_since_invalid", id="un jour qui n'existe pas"),
        pytest.param("mai 1987", None, "member_since_invalid", id="en lettres"),
    ],
)
def test_what_the_cell_says(cell: str, day: date | None, code: str | None) -> None:
    table = read(f"{COLUMNS}\n{AVIE};{cell}\n".encode())
    [row] = [parse(row, load_territory(), TODAY) for row in table.rows]
    assert row.member_since == day
    assert [finding.code for finding in row.findings] == ([code] if code else [])
    assert row.is_refused is bool(code)


@pytest.mark.parametrize(
    ("known", "outcome", "old", "finding"),
    [
        pytest.param({"waits": True}, RowOutcome.CHANGED, None, None, id="en attente, sans date : elle la prend"),
        pytest.param(
            {"waits": True, "member_since": date(1990, 1, 1)}, RowOutcome.CHANGED, "1990-01-01", None, id="une autre"
        ),
        pytest.param({"waits": True, "member_since": MAY_1987}, RowOutcome.UNCHANGED, None, None, id="la même"),
        pytest.param({"joined_on": MAY_1987}, RowOutcome.UNCHANGED, None, None, id="adhérente de ce jour"),
        pytest.param(
            {"joined_on": TODAY}, RowOutcome.UNCHANGED, None, "member_since_not_taken", id="adhérente d'un autre jour"
        ),
        pytest.param({}, RowOutcome.UNCHANGED, None, "member_since_not_taken", id="sans candidature à instruire"),
    ],
)
def test_what_it_changes_for_a_known_structure(
    known: dict[str, Any], outcome: RowOutcome, old: str | None, finding: str | None
) -> None:
    [row] = [parse(row, load_territory(), TODAY) for row in read(f"{COLUMNS}\n{AVIE};03/05/1987\n".encode()).rows]
    says = {name: getattr(row, name) for name in ("name", "activities", "address", "postcode", "commune", "department")}
    [planned] = plan([row], [KnownMember(id=UUID(int=1), **says, **known)])
    assert planned.outcome is outcome
    assert [(one.field.label, one.old, one.new) for one in planned.changes] == (
        [("adhérente depuis", old, "1987-05-03")] if outcome is RowOutcome.CHANGED else []
    )
    assert [one.code for one in planned.findings] == ([finding] if finding else [])


async def test_a_day_is_shown_kept_and_imported_once(membership: ServiceUnderTest) -> None:
    dated = f"{COLUMNS}\n{AVIE};03/05/1987\nENVIE;EI;2 rue B;31000;TOULOUSE;31;\n"
    async with membership.client("network") as client:
        sent = await previewed(membership, client, dated)
        rows = (await client.get(f"/imports/{sent['id']}/rows")).json()["items"]
        assert [row["member_since"] for row in rows] == ["1987-05-03", None]
        assert (await applied(membership, client, sent["id"]))["status"] == "succeeded"
        listed = (await client.get("/applications", params={"dated": "true"})).json()["items"]
        assert [(one["name"], one["member_since"]) for one in listed] == [("AVIE", "1987-05-03")]
        alone = (await client.get(f"/applications/{listed[0]['id']}")).json()
        assert alone == listed[0]
        [other] = (await client.get("/applications", params={"dated": "false"})).json()["items"]
        assert (other["name"], other["member_since"]) == ("ENVIE", None)
        again = await previewed(membership, client, dated)
        assert again["counts"] == {"unchanged": 2}
        await applied(membership, client, again["id"])
        assert (await client.get("/applications", params={"dated": "true"})).json()["items"] == listed


async def test_a_second_file_says_what_the_first_did_not(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await applied(membership, client, (await previewed(membership, client, f"{COLUMNS}\n{AVIE};\n"))["id"])
        dated = await previewed(membership, client, f"{COLUMNS}\n{AVIE};03/05/1987\n")
        other = await previewed(membership, client, f"{COLUMNS}\n{AVIE};04/05/1987\n")
        assert (dated["counts"], other["counts"]) == ({"changed": 1}, {"changed": 1})
        assert (await applied(membership, client, dated["id"]))["status"] == "succeeded"
        [application] = (await client.get("/applications")).json()["items"]
        assert application["member_since"] == "1987-05-03"
        late = await applied(membership, client, other["id"])
        assert (late["status"], late["failure"]["code"]) == ("failed", "import_preview_outdated")
        tomorrow = await previewed(membership, client, f"{COLUMNS}\n{AVIE};{on(1)}\n")
        assert tomorrow["counts"] == {"error": 1}
