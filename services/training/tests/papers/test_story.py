"""The papers of a session through the API: issued, outdated by a change, voided and issued anew in one act, signed."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service

from ..enrolments.arrangements import acted, person, refused
from ..sessions.arrangements import room
from .arrangements import KINDS, body_file, carried, issued, of_kind, on_session, peopled, read_pdf

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest_asyncio.fixture
async def training(assemble: Assemble, tmp_path: Path) -> ServiceUnderTest:
    return await assemble(service, entity_file=body_file(tmp_path))


async def test_a_date_moves_and_its_papers_follow_in_one_act(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    year = training.runtime.clock.now().year
    async with training.client("training") as team:
        papers = await issued(team, made)
        assert {kind: sum(one["kind"] == kind for one in papers) for kind in KINDS} == {
            "convention": 1, "contract": 1, "programme": 1, "convocation": 3, "rules": 1, "attendance_sheet": 4,
        }  # fmt: skip
        convention = next(one for one in papers if one["kind"] == "convention")
        assert convention["number"] == f"CONV-{year}-00001"
        assert refused(await on_session(team, made, "/papers/issue", {"kinds": KINDS})) == (
            409, "paper_nothing_to_issue",
        )  # fmt: skip

        change = {"slots": await carried(team, made, 7), "reason": "Salle reprise par la mairie"}
        dry = (await on_session(team, made, "/changes", change, dry_run="true")).json()
        assert (await team.get(f"/papers/{convention['id']}")).json()["status"] == "issued", "nothing was done"
        done = (await on_session(team, made, "/changes", change)).json()
        assert [one["paper"]["number"] for one in dry["replaced"]] == [
            one["paper"]["number"] for one in done["replaced"]
        ]
        assert [one["replacement"]["number"] for one in dry["replaced"]] == [
            one["replacement"]["number"] for one in done["replaced"]
        ]
        by_number = {one["paper"]["number"]: one for one in done["replaced"]}
        voided = by_number[f"CONV-{year}-00001"]
        first = made.held.means.first
        assert voided["sign_again"]
        assert voided["recipient"] == "bureau@structure.example"
        assert any(one["text"].startswith("Dates : du ") and " → du " in one["text"] for one in voided["differences"])
        assert voided["replacement"]["number"] == f"CONV-{year}-00002"
        assert {one["paper"]["kind"] for one in done["replaced"]} == {
            "convention", "contract", "convocation", "attendance_sheet",
        }  # fmt: skip

        old = (await team.get(f"/papers/{convention['id']}")).json()
        assert (old["status"], old["void_reason"]) == ("voided", "Salle reprise par la mairie")
        assert old["replaced_by"] == voided["replacement"]["id"]
        said, _ = await read_pdf(team, convention["id"])
        assert "et remplacé : Salle reprise par la mairie" in said
        assert str(first.day) in said
        anew, _ = await read_pdf(team, voided["replacement"]["id"])
        assert str((first + timedelta(7)).day) in anew
        assert "annulé" not in anew
        now = (await team.get(f"{made.path}/papers", params={"limit": 200})).json()["items"]
        assert not any(one["outdated"] for one in now)
        assert refused(await on_session(team, made, "/changes", change)) == (409, "session_nothing_moved")


async def test_nothing_is_done_when_one_paper_cannot_be_issued_anew(assemble: Assemble, tmp_path: Path) -> None:
    file = body_file(tmp_path)
    training = await assemble(service, entity_file=file)
    made = await peopled(training)
    async with training.client("training") as team:
        await issued(team, made, "convention", "convocation")
        before = (await team.get(made.path)).json()["slots"]
        declared = file.read_text(encoding="utf-8")
        cut = declared[declared.index("[registration]") : declared.index("[certification]")]
        file.write_text(declared.replace(cut, ""), encoding="utf-8")
        change = {"slots": await carried(team, made, 7), "reason": "Report"}
        refusal = await on_session(team, made, "/changes", change)
        assert refused(refusal) == (409, "paper_incomplete")
        assert refusal.json()["errors"][0]["pointer"] == "/convention/registration"
        assert (await team.get(made.path)).json()["slots"] == before
        [convention] = await of_kind(team, made, "convention")
        assert (convention["status"], convention["outdated"]) == ("issued", False)
        assert convention["differences"][0]["text"].startswith("Déclaration d'activité : ")


async def test_a_convention_is_sent_read_and_signed_by_its_structure(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    today = training.runtime.clock.now().date().isoformat()
    signing = {"signed_on": today, "signatory": "Direction"}
    async with training.client("training") as team:
        papers = {one["kind"]: one for one in await issued(team, made)}
        convention, contract = papers["convention"]["id"], papers["contract"]["id"]
        sent = await acted(team, f"/papers/{convention}", "send", {})
        assert (sent.json()["status"], sent.json()["sent_how"]) == ("sent", "mail")
        assert refused(await acted(team, f"/papers/{contract}", "send", {})) == (409, "paper_recipient_unknown")
        assert (await acted(team, f"/papers/{contract}", "send", {"how": "hand"})).json()["status"] == "sent"
        for kind in ("rules", "attendance_sheet", "programme"):
            answer = await acted(team, f"/papers/{papers[kind]['id']}", "send", {})
            assert refused(answer) == (409, "paper_without_recipient")
        [alpha] = [one for one in made.request["seats"] if one["trainee_id"] == made.people[0]]
        [summons] = [one for one in await of_kind(team, made, "convocation") if one["about"] == alpha["id"]]
        assert (await acted(team, f"/papers/{summons['id']}", "send", {})).status_code == 200
    async with training.runtime.database.engine.begin() as connection:
        query = text("SELECT recipient, text FROM mail WHERE subject LIKE 'Conv%' ORDER BY subject")
        mails = (await connection.execute(query)).all()
    assert [mail.recipient for mail in mails] == ["bureau@structure.example", "alpha@structure.example"]
    assert "CONV-" in mails[0].text
    assert "depuis votre espace" in mails[0].text
    assert "Salle Jaurès, 1 rue de l'Exemple" in mails[1].text
    assert "ALPHA" not in mails[1].text

    async with training.client("member", member_id=UUID(int=1)) as mine:
        listed = (await mine.get("/papers")).json()["items"]
        assert sorted(one["kind"] for one in listed) == ["convention", "convocation", "convocation"]
        compared = (await mine.get(f"{made.path}/papers")).json()["items"]
        assert {one["id"] for one in compared} == {one["id"] for one in listed}
        assert refused(await mine.get(f"/papers/{contract}")) == (404, "paper_not_found")
        assert refused(await mine.get(f"/papers/{contract}/pdf")) == (404, "paper_not_found")
        assert (await mine.get(f"/papers/{convention}")).json()["allowed_actions"] == ["sign"]
        answer = await mine.get(f"/papers/{convention}/signed-copy")
        assert refused(answer) == (404, "paper_copy_missing")

        async def sign(paper: str, content: bytes, **said: str) -> tuple[int, str]:
            tag = (await mine.get(f"/papers/{paper}")).headers["etag"]
            files = {"file": ("signé.exe", content)}
            path = f"/papers/{paper}/signed-copy"
            answer = await mine.post(path, files=files, data={**signing, **said}, headers={"If-Match": tag})
            return answer.status_code, answer.json().get("code") or answer.json()["status"]

        tomorrow = (training.runtime.clock.now().date() + timedelta(1)).isoformat()
        convocation = next(one["id"] for one in listed if one["kind"] == "convocation")
        assert await sign(convocation, PNG) == (409, "paper_without_signature")
        assert await sign(convention, b"MZ\x90") == (400, "paper_copy_unreadable")
        assert await sign(convention, PNG, signed_on=tomorrow) == (400, "paper_signed_on_wrong")
        assert await sign(convention, PNG) == (201, "signed")
        assert await sign(convention, PNG) == (409, "paper_signed")
        copy = await mine.get(f"/papers/{convention}/signed-copy")
        assert (copy.content, copy.headers["content-type"]) == (PNG, "image/png")
        assert refused(await mine.post(f"/papers/{convention}/void", json={"reason": "Non"})) == (403, "forbidden")

    async with training.client("training") as team:
        change = {"slots": await carried(team, made, 7), "reason": "Report"}
        done = (await on_session(team, made, "/changes", change)).json()
        assert convention in {one["paper"]["id"] for one in done["replaced"]}
        shown = (await team.get(f"/papers/{convention}")).json()
        assert (shown["status"], shown["signed_copy"]["signatory"]) == ("voided", "Direction")
        assert shown["allowed_actions"] == []
        assert {one["code"] for found in shown["blockers"].values() for one in found} == {"paper_voided"}
        assert refused(await acted(team, f"/papers/{convention}", "void", {"reason": "Encore"})) == (
            409,
            "paper_voided",
        )
    async with training.client("member", member_id=UUID(int=1)) as mine:
        assert (await mine.get(f"/papers/{convention}/signed-copy")).content == PNG, "what was signed is kept"


async def test_what_a_paper_said_is_sealed(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        [convention] = await issued(team, made, "convention")
        shown = (await team.get(f"/papers/{convention['id']}")).json()
        said = [shown["number"], shown["kind"], {one["term"]: one["lines"] for one in shown["terms"]}]
        whole = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
        assert shown["sha256"] == hashlib.sha256(whole).hexdigest()
        first = (await team.get(f"/papers/{convention['id']}/pdf")).content
        assert (await team.get(f"/papers/{convention['id']}/pdf")).content == first
    for statement in ("UPDATE paper SET number = 'X'", "DELETE FROM paper"):
        with pytest.raises(DBAPIError, match="only ever added to"):
            async with training.runtime.database.engine.begin() as connection:
                await connection.execute(text(statement))


async def test_who_is_not_of_the_papers_reads_none(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        papers = await issued(team, made)
        assert len((await team.get("/papers/export")).text.splitlines()) == len(papers) + 1
        assert len((await team.get("/papers", params={"kind": "convocation", "status": "issued"})).json()["items"]) == 3
    for role in ("network", "board", "delegation"):
        async with training.client(role) as other:
            assert (await other.get("/papers")).status_code == 403, "papers name people"
    async with training.client("member", member_id=UUID(int=2)) as other:
        assert (await other.get("/papers")).json()["items"] == []
        theirs = next(f"/papers/{one['id']}" for one in papers if one["kind"] == "convention")
        for path in (theirs, f"{theirs}/pdf", f"{theirs}/signed-copy"):
            assert refused(await other.get(path)) == (404, "paper_not_found")
        files, said = {"file": ("a.png", PNG)}, {"signed_on": "2026-11-23", "signatory": "Direction"}
        answer = await other.post(f"{theirs}/signed-copy", headers={"If-Match": '"v1"'}, files=files, data=said)
        assert refused(answer) == (404, "paper_not_found")
        assert (await other.get(f"{made.path}/papers")).json()["items"] == []
        body = {"kinds": ["convention"]}
        assert (await other.post(f"{made.path}/papers/issue", json=body)).status_code == 403


async def test_a_draft_has_no_papers_and_a_cancelled_session_has_none_left(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        draft = (await team.post("/sessions", json={"programme_code": "CIP-01"})).json()
        tag = (await team.get(f"/sessions/{draft['id']}")).headers["etag"]
        body = {"kinds": ["programme"]}
        answer = await team.post(f"/sessions/{draft['id']}/papers/issue", json=body, headers={"If-Match": tag})
        assert refused(answer) == (409, "paper_of_no_session")
        await issued(team, made, "convention", "programme")
        cancelled = await on_session(team, made, "/cancel", {"reason_code": "too_few", "reason": "Trop peu"})
        assert cancelled.status_code == 200
        [convention] = await of_kind(team, made, "convention")
        assert (convention["outdated"], convention["consequence"]) == (True, "withdraw")
        done = (await on_session(team, made, "/changes", {"reason": "Session annulée"})).json()
        assert [(one["consequence"], one["replacement"]) for one in done["replaced"]] == [("withdraw", None)] * 2


async def test_a_room_is_told_of_and_a_convention_stays(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        await issued(team, made, "convention", "convocation")
        elsewhere = await room(team, "Salle Michel")
        change = {"slots": await carried(team, made, room_id=elsewhere), "reason": "Travaux"}
        done = (await on_session(team, made, "/changes", change)).json()
        assert {one["paper"]["kind"] for one in done["replaced"]} == {"convocation"}
        [told] = done["informed"]
        assert (told["kind"], told["status"], told["consequence"]) == ("convention", "issued", "inform")
        assert {one["recipient"] for one in done["replaced"]} == {
            "alpha@structure.example", "bureau@structure.example", None,
        }  # fmt: skip


async def test_the_sheet_of_a_half_day_that_has_begun_stays_as_it_was_signed(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    today = training.runtime.clock.now().date()
    async with training.client("training") as team:
        await issued(team, made, "attendance_sheet")
    async with training.days_later((made.held.means.first - today).days + 1) as later:
        now = later.runtime.clock.now()
        async with later.client("training") as team:
            slots = (await team.get(made.path)).json()["slots"]
            to_come = {one["id"] for one in slots if datetime.fromisoformat(one["starts_at"]) > now}
            assert len(to_come) <= 2
            other, seat = await person(team, 1, "DELTA"), made.request["seats"][0]["id"]
            answer = await acted(team, f"/enrolments/{seat}", "substitute", {"trainee_id": other})
            assert answer.status_code == 200, answer.text
            done = (await on_session(team, made, "/changes", {"reason": "Remplacement"})).json()
            assert {one["paper"]["about"] for one in done["replaced"]} == to_come
            sheets = await of_kind(team, made, "attendance_sheet", status="issued")
            assert {one["about"] for one in sheets if one["replaces"] is None} == {one["id"] for one in slots} - to_come
