"""What a person does with an import, when things do not go straight on."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.imports import repository
from membership.imports.domain.refusals import PreviewOutdated
from membership.imports.use_cases import apply_lines

HEADER = "nom;types;adresse;code_postal;commune;departement"
AVIE = "AVIE;AI;1 rue A;31000;TOULOUSE;31"
TWICE = f"{HEADER}\n{AVIE}\n{AVIE}\n"


async def send(client: httpx.AsyncClient, content: str, **params: Any) -> dict[str, Any]:
    sent = await client.post("/imports", files={"file": ("adherents.csv", content.encode())}, params=params)
    assert sent.status_code == 202, sent.text
    return dict(sent.json())


async def previewed(membership: ServiceUnderTest, client: httpx.AsyncClient, content: str) -> dict[str, Any]:
    sent = await send(client, content)
    await membership.run_jobs()
    return dict((await client.get(f"/imports/{sent['id']}")).json())


async def act(client: httpx.AsyncClient, import_id: str, verb: str) -> httpx.Response:
    etag = (await client.get(f"/imports/{import_id}")).headers["etag"]
    return await client.post(f"/imports/{import_id}/{verb}", headers={"If-Match": etag})


async def applied(membership: ServiceUnderTest, client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    accepted = await act(client, import_id, "apply")
    assert accepted.status_code == 202, accepted.text
    await membership.run_jobs()
    return dict((await client.get(f"/jobs/{accepted.json()['job_id']}")).json())


async def test_a_cancelled_preview_may_be_asked_for_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        sent = await send(client, f"{HEADER}\n{AVIE}\n")
        assert (await client.post(f"/jobs/{sent['job_id']}/cancel")).status_code == 200
        await membership.run_jobs()
        stopped = (await client.get(f"/imports/{sent['id']}")).json()
        assert (stopped["status"], stopped["status_label"]) == ("preview_failed", "aperçu interrompu")
        assert stopped["allowed_actions"] == ["preview"]
        refused = await act(client, sent["id"], "apply")
        assert (refused.status_code, refused.json()["code"]) == (409, "import_not_previewed")
        assert (await act(client, sent["id"], "preview")).status_code == 202
        await membership.run_jobs()
        again = (await client.get(f"/imports/{sent['id']}")).json()
    assert (again["status"], again["counts"]) == ("previewed", {"created": 1})


async def test_a_dry_run_keeps_neither_the_file_nor_a_row(membership: ServiceUnderTest, tmp_path: Path) -> None:
    async with membership.client("network") as client:
        kept = await send(client, TWICE)
        shown = await send(client, TWICE, dry_run=True)
    assert (shown["size"], shown["sha256"]) == (kept["size"], kept["sha256"])
    assert [str(row.id) for row in await membership.rows("SELECT id FROM import_file")] == [kept["id"]]
    assert [path.name for path in (tmp_path / "membership" / "imports").iterdir()] == [f"{kept['id']}.csv"]


async def test_the_rows_that_wait_are_said_in_every_answer(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        waiting = await previewed(membership, client, TWICE)
        ready = await previewed(membership, client, f"{HEADER}\nENVIE;EI;2 rue B;31000;TOULOUSE;31\n")
        listed = {item["id"]: item for item in (await client.get("/imports")).json()["items"]}
        assert (waiting["undecided"], waiting["allowed_actions"]) == ([3], ["decide", "preview"])
        assert (ready["undecided"], ready["allowed_actions"]) == ([], ["decide", "preview", "apply"])
        assert listed == {waiting["id"]: waiting, ready["id"]: ready}
        again = await act(client, waiting["id"], "preview")
    assert (again.json()["status"], again.json()["undecided"]) == ("previewing", [3])


async def test_only_a_decision_that_changes_something_makes_a_new_version(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        imported = await previewed(membership, client, TWICE)
        versions = []
        for decision in ("skip", "skip", "create"):
            await client.put(f"/imports/{imported['id']}/rows/3/decision", json={"decision": decision})
            versions.append((await client.get(f"/imports/{imported['id']}")).json()["version"])
    assert versions == [imported["version"] + 1, imported["version"] + 1, imported["version"] + 2]


async def test_what_was_edited_since_the_preview_is_not_overwritten(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        first = await previewed(membership, client, f"{HEADER}\n{AVIE}\n")
        await applied(membership, client, first["id"])
        [member] = (await client.get("/members")).json()["items"]
        second = await previewed(membership, client, f"{HEADER}\nAVIE;AI;1 rue A;31000;BLAGNAC;31\n")
        assert second["counts"] == {"changed": 1}
        # Still one change of one field to one structure, but no longer from the value that was shown.
        edited = await client.patch(f"/members/{member['id']}", json={"city": "MURET"}, headers={"If-Match": '"v1"'})
        assert edited.status_code == 200, edited.text
        job = await applied(membership, client, second["id"])
        assert (job["status"], job["failure"]["code"]) == ("failed", "import_preview_outdated")
        assert (await client.get(f"/members/{member['id']}")).json()["city"] == "MURET"


async def test_of_many_flaws_the_first_are_kept_and_the_others_counted(membership: ServiceUnderTest) -> None:
    lines = [f"{number};STRUCTURE {number}" for number in range(1, 602, 2)]  # 300 numbers are missing
    async with membership.client("network") as client:
        imported = await previewed(membership, client, "\n".join(["numero;nom", *lines]))
    assert len(imported["findings"]) == 200
    assert imported["findings"][198]["message"] == "Le numéro 398 manque dans la liste."
    last = imported["findings"][199]
    assert (last["code"], last["row"]) == ("findings_not_shown", 202)
    assert last["message"] == "101 autres défauts du fichier ne sont pas montrés : le premier est à la ligne 202."


async def test_an_edit_made_while_the_rows_are_applied_is_not_overwritten(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await applied(membership, client, (await previewed(membership, client, f"{HEADER}\n{AVIE}\n"))["id"])
        moved = AVIE.replace("1 rue A", "2 rue B")
        imported = await previewed(membership, client, f"{HEADER}\n{moved}\n")
        [member] = (await client.get("/members")).json()["items"]
        edited = await client.patch(
            f"/members/{member['id']}", json={"street": "3 rue C"}, headers={"If-Match": f'"v{member["version"]}"'}
        )
        assert edited.status_code == 200, edited.text
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        lines = await repository.lines_after(tx, UUID(imported["id"]), 0, 10)
        with pytest.raises(PreviewOutdated):
            await apply_lines(tx, UUID(imported["id"]), lines)
