"""The federation's real directories, from the upload to the facts the other services receive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.clock import legal_day
from common.contracts.membership import MemberJoined
from common.testing.harness import ServiceUnderTest

DATA = Path(__file__).parents[3] / "deploy" / "demo" / "data"
OCCITANIE = "adherents-occitanie-2024.csv"


async def preview(membership: ServiceUnderTest, client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    sent = await client.post("/imports", files={"file": (name, (DATA / name).read_bytes())})
    assert sent.status_code == 202, sent.text
    await membership.run_jobs()
    return dict((await client.get(f"/imports/{sent.json()['id']}")).json())


async def decide(client: httpx.AsyncClient, import_id: str, decisions: dict[str, str]) -> None:
    rows = await client.get(f"/imports/{import_id}/rows", params={"outcome": "suspected_duplicate"})
    for row in rows.json()["items"]:
        path = f"/imports/{import_id}/rows/{row['row']}/decision"
        decided = await client.put(path, json={"decision": decisions[row["name"]]})
        assert decided.status_code == 200, decided.text


async def apply(membership: ServiceUnderTest, client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    etag = (await client.get(f"/imports/{import_id}")).headers["etag"]
    applied = await client.post(f"/imports/{import_id}/apply", headers={"If-Match": etag})
    assert applied.status_code == 202, applied.text
    await membership.run_jobs()
    return dict((await client.get(f"/jobs/{applied.json()['job_id']}")).json())


async def import_occitanie(membership: ServiceUnderTest, client: httpx.AsyncClient) -> dict[str, Any]:
    imported = await preview(membership, client, OCCITANIE)
    await decide(client, imported["id"], {"AILES": "skip", "AVIE": "create"})
    return await apply(membership, client, imported["id"])


async def test_the_preview_counts_every_row_of_the_printed_directory(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        imported = await preview(membership, client, OCCITANIE)
        assert imported["status"] == "previewed"
        assert imported["counts"] == {"created": 48, "suspected_duplicate": 2, "error": 1}
        assert imported["undecided"] == [46, 51]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        pytest.param(50, "code_postal", "postcode_invalid", id="code postal à 4 chiffres"),
        pytest.param(46, "nom", "printed_twice", id="structure imprimée deux fois"),
        pytest.param(51, "nom", "same_name", id="deux structures du même nom"),
        pytest.param(46, "code_postal", "postcode_outside_department", id="code postal hors du département"),
        pytest.param(5, "types", "types_separator", id="types séparés inégalement (AI/ ACI/ GES)"),
        pytest.param(21, "types", "types_separator", id="types séparés inégalement (AI /ACI)"),
    ],
)
async def test_each_flaw_of_the_source_is_said(membership: ServiceUnderTest, row: int, column: str, code: str) -> None:
    async with membership.client("network") as client:
        imported = await preview(membership, client, OCCITANIE)
        rows = (await client.get(f"/imports/{imported['id']}/rows", params={"limit": 200})).json()["items"]
    findings = {(f["row"], f["column"], f["code"]): f for line in rows for f in line["findings"]}
    assert findings[row, column, code]["message"].endswith((".", "?"))


async def test_an_import_waits_for_the_decisions_on_suspected_duplicates(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        imported = await preview(membership, client, OCCITANIE)
        etag = (await client.get(f"/imports/{imported['id']}")).headers["etag"]
        refused = await client.post(f"/imports/{imported['id']}/apply", headers={"If-Match": etag})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_decisions_missing")
    assert refused.json()["rows"] == [46, 51]


async def test_the_receipt_says_what_became_of_every_row(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        job = await import_occitanie(membership, client)
        assert job["counts"] == {"created": 49, "skipped": 1, "error": 1}
        receipt = (await client.get(f"/jobs/{job['id']}/receipt")).json()["items"]
    assert [line["row"] for line in receipt] == list(range(2, 53))
    assert [line["reference"] for line in receipt if line["outcome"] == "error"] == ["AU PRE EN BULLES"]


async def test_importing_the_same_file_again_changes_nothing(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await import_occitanie(membership, client)
        before = await membership.rows("SELECT * FROM member ORDER BY id")
        again = await preview(membership, client, OCCITANIE)
        assert again["counts"] == {"unchanged": 49, "suspected_duplicate": 1, "error": 1}
        await decide(client, again["id"], {"AILES": "skip"})
        await apply(membership, client, again["id"])
    assert await membership.rows("SELECT * FROM member ORDER BY id") == before


async def test_a_list_without_types_and_addresses_gives_candidates_to_complete(
    membership: ServiceUnderTest,
) -> None:
    async with membership.client("network") as client:
        imported = await preview(membership, client, "adherents-ile-de-france-2021.csv")
        assert imported["counts"] == {"created": 57}
        assert [f["message"] for f in imported["findings"]] == ["Le numéro 45 manque dans la liste."]
        await apply(membership, client, imported["id"])
        waiting = await client.get("/applications", params={"ready": False, "total": True})
    assert waiting.json()["total"] == 57
    assert [b["code"] for b in waiting.json()["items"][0]["blockers"]] == ["activity_missing", "address_missing"]


async def test_an_import_whose_register_moved_on_is_not_applied(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        first = await preview(membership, client, OCCITANIE)
        second = await preview(membership, client, OCCITANIE)
        for imported in (first, second):
            await decide(client, imported["id"], {"AILES": "skip", "AVIE": "create"})
        await apply(membership, client, first["id"])
        job = await apply(membership, client, second["id"])
        assert (job["status"], job["failure"]["code"]) == ("failed", "import_preview_outdated")
        assert (await client.get(f"/imports/{second['id']}")).json()["allowed_actions"] == [
            "decide",
            "preview",
            "apply",
        ]
    assert len(await membership.rows("SELECT 1 FROM member")) == 49


async def sit(client: httpx.AsyncClient, *, present: int = 15, days_ahead: int = 0) -> dict[str, Any]:
    opened = await client.post(
        "/sittings",
        json={
            "held_on": f"{legal_day(datetime.now(UTC)) + timedelta(days=days_ahead)}",
            "in_office": 28,
            "present": present,
            "represented": 3,
            "minutes_reference": "PV-CA-2025-04",
        },
    )
    assert opened.status_code == 201, opened.text
    return dict(opened.json())


async def admit_all(client: httpx.AsyncClient, sitting: dict[str, Any], *, votes_for: int = 16) -> httpx.Response:
    ready = (await client.get("/applications", params={"ready": True, "limit": 200})).json()["items"]
    votes = [{"matter_id": a["id"], "outcome": "admitted", "votes_for": votes_for} for a in ready]
    path = f"/sittings/{sitting['id']}"
    recorded = await client.post(f"{path}/decisions", json={"decisions": votes}, headers={"If-Match": '"v1"'})
    assert recorded.status_code == 200, recorded.text
    return await client.post(f"{path}/close", headers={"If-Match": recorded.headers["etag"]})


async def test_the_board_admits_and_the_other_services_are_told(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await import_occitanie(membership, client)
        closed = await admit_all(client, await sit(client))
        assert closed.status_code == 200, closed.text
        members = (await client.get("/members", params={"status": "active", "total": True})).json()
    assert members["total"] == 49
    facts = await membership.published()
    assert len(facts) == 49
    assert all(isinstance(fact, MemberJoined) and fact.minutes_reference == "PV-CA-2025-04" for fact in facts)


async def test_without_a_quorum_nobody_joins(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await import_occitanie(membership, client)
        refused = await admit_all(client, await sit(client, present=10), votes_for=12)
        assert (refused.status_code, refused.json()["code"]) == (409, "quorum_not_reached")
        assert (await client.get("/members", params={"status": "active"})).json()["items"] == []
    assert await membership.published() == []


async def test_a_sitting_that_was_not_held_yet_admits_nobody(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await import_occitanie(membership, client)
        sitting = await sit(client, days_ahead=2)
        assert "sitting_in_future" in [blocker["code"] for blocker in sitting["blockers"]["close"]]
        refused = await admit_all(client, sitting)
    assert (refused.status_code, refused.json()["code"]) == (409, "sitting_in_future")
    assert await membership.published() == []


async def test_a_sitting_cannot_have_decided_on_what_had_not_come(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await import_occitanie(membership, client)
        opened = await client.post(
            "/sittings", json={"held_on": "2020-01-15", "in_office": 28, "present": 20, "minutes_reference": "PV-1"}
        )
        [application] = (await client.get("/applications", params={"ready": True, "limit": 1})).json()["items"]
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 20, "reservations": ["pièces"]}
        refused = await client.post(
            f"/sittings/{opened.json()['id']}/decisions", json={"decisions": [vote]}, headers={"If-Match": '"v1"'}
        )
    assert (refused.status_code, refused.json()["code"]) == (409, "application_received_later")
