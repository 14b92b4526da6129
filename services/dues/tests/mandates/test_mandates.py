"""A mandate from its form to its end: prepared, signed, confirmed, superseded, amended, suspended, revoked."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from common.contracts.membership import MemberMerged
from common.etags import etag

from .conftest import IBAN, OTHER, OWN, PDF, Desk, joined

GERMAN = "DE89370400440532013000"


async def test_a_mandate_is_prepared_signed_and_confirmed(desk: Desk) -> None:
    mandate = await desk.prepare(debtor_name="Trésorerie fictive")
    assert mandate["rum"] == f"RUM-{desk.today.year}-00001"
    assert (mandate["state_label"], mandate["iban"], mandate["debtor_name"]) == ("à signer", IBAN, "Trésorerie fictive")
    assert (mandate["creditor_ics"], mandate["lapses_on"]) == ("FR76ZZZ000000", None)
    form = await desk.ask("GET", f"/{mandate['id']}/form")
    assert form.content.startswith(b"%PDF-")
    early = await desk.act(mandate, "confirm", signed_on=str(desk.today), place="Toulouse")
    assert (early.status_code, early.json()["code"]) == (409, "signed_document_missing")
    assert mandate["blockers"]["confirm"][0]["code"] == "signed_document_missing"
    await desk.act(mandate, "signed-documents")
    assert [one["id"] for one in await desk.list("to_confirm=true")] == [mandate["id"]]
    await desk.act(mandate, "confirm", signed_on=str(desk.today), place="Toulouse")
    assert (mandate["state"], mandate["signed_place"], mandate["signed_how_label"]) == (
        "active",
        "Toulouse",
        "sur papier",
    )
    assert mandate["allowed_actions"] == ["revoke", "amend", "suspend"]
    assert [one["act"] for one in mandate["steps"]] == ["prepared", "sent", "confirmed"]
    assert (mandate["lapse"]["months"], mandate["lapse"]["status"]) == (36, "assumed")
    over = await desk.ask("GET", f"/{mandate['id']}/form")
    assert (over.status_code, over.json()["code"]) == (409, "mandate_not_prepared")


async def test_of_several_signed_documents_the_last_counts_and_all_are_kept(desk: Desk) -> None:
    mandate = await desk.prepare()
    await desk.act(mandate, "signed-documents")
    await desk.act(mandate, "signed-documents")
    assert [one["counts"] for one in mandate["documents"]] == [False, True]
    for one in mandate["documents"]:
        kept = await desk.ask("GET", f"/{mandate['id']}/signed-documents/{one['id']}")
        assert (kept.content, kept.headers["x-content-type-options"]) == (PDF[1], "nosniff")
        assert kept.headers["content-disposition"].startswith("attachment;")
    lost = await desk.ask("GET", f"/{mandate['id']}/signed-documents/{UUID(int=7)}")
    assert (lost.status_code, lost.json()["code"]) == (404, "signed_document_not_found")


async def test_a_new_mandate_supersedes_the_former_in_one_act(desk: Desk) -> None:
    first = await desk.signed()
    second = await desk.prepare(iban=GERMAN)
    assert {one["state"] for one in await desk.list()} == {"active", "prepared"}, "the former goes on until then"
    await desk.act(second, "signed-documents")
    await desk.act(second, "confirm", signed_on=str(desk.today), place="Toulouse")
    stand = {one["rum"]: one["state"] for one in await desk.list()}
    assert stand == {first["rum"]: "superseded", second["rum"]: "active"}
    told = (await desk.ask("GET", f"/{first['id']}")).json()["steps"][-1]
    assert (told["act"], told["reason"]) == ("superseded", f"Remplacé par {second['rum']}")


async def test_two_that_prepare_at_once_make_one(desk: Desk) -> None:
    given = {"member_id": str(OWN), "iban": IBAN}
    answers = await asyncio.gather(*(desk.ask("POST", "", json=given) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"mandate_already_prepared"}
    assert (await desk.prepare(OTHER))["rum"].endswith("00002"), "no number is lost"


async def test_the_database_holds_one_live_mandate_for_each_member(desk: Desk) -> None:
    [index] = await desk.dues.rows("SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_mandate_live'")
    assert "UNIQUE" in index.indexdef
    assert "'active'" in index.indexdef


async def test_a_mandate_of_another_tool_is_taken_over_with_its_reference(desk: Desk) -> None:
    mandate = await desk.prepare(rum="ANCIEN-0042")
    await desk.act(mandate, "signed-documents")
    days = {"signed_on": str(desk.today - timedelta(2000)), "last_presented_on": str(desk.today - timedelta(30))}
    answer = await desk.act(mandate, "confirm", place="Toulouse", **days)
    assert (answer.status_code, mandate["state"], mandate["rum"]) == (200, "active", "ANCIEN-0042")
    again = await desk.ask("POST", "", json={"member_id": str(OTHER), "iban": IBAN, "rum": "ANCIEN-0042"})
    assert (again.status_code, again.json()["code"]) == (409, "rum_taken")


async def test_it_is_suspended_taken_up_and_revoked_with_a_reason(desk: Desk) -> None:
    mandate = await desk.signed()
    await desk.act(mandate, "suspend", reason="Litige en cours")
    assert (mandate["state"], mandate["blockers"]["suspend"][0]["code"]) == ("suspended", "mandate_suspended")
    await desk.act(mandate, "resume", reason="Litige clos")
    resumed = await desk.act(mandate, "resume", reason="Encore")
    assert resumed.json()["code"] == "mandate_not_suspended"
    await desk.act(mandate, "revoke", by="creditor", reason="La structure est sortie")
    assert (mandate["state"], mandate["ended_by"], mandate["ended_on"]) == ("revoked", "creditor", str(desk.today))
    assert mandate["allowed_actions"] == []
    assert [one["reason"] for one in mandate["steps"][-3:]] == [
        "Litige en cours",
        "Litige clos",
        "La structure est sortie",
    ]
    assert (await desk.act(mandate, "revoke", reason="Encore")).json()["code"] == "mandate_ended"


async def test_a_structure_keeps_its_own_mandate(desk: Desk) -> None:
    me: dict[str, Any] = {"member_id": OWN}
    given = {"member_id": str(OWN), "iban": IBAN}
    mandate = (await desk.ask("POST", "", "member", who=me, json=given)).json()
    assert mandate["allowed_actions"] == ["download_form", "send_signed", "revoke"]
    path = f"/{mandate['id']}"
    assert (await desk.ask("GET", f"{path}/form", "member", who=me)).status_code == 200
    assert (await desk.ask("GET", f"{path}/form", "member", who={"member_id": OTHER})).status_code == 404
    seen = {"If-Match": etag(1)}
    sent = await desk.ask("POST", f"{path}/signed-documents", "member", who=me, headers=seen, files={"file": PDF})
    [document] = sent.json()["documents"]
    got = await desk.ask("GET", f"{path}/signed-documents/{document['id']}", "member", who=me)
    assert got.content == PDF[1]
    seen, why = {"If-Match": etag(2)}, {"by": "creditor", "reason": "Nous changeons de moyen de paiement"}
    ended = await desk.ask("POST", f"{path}/revoke", "member", who=me, headers=seen, json=why)
    assert (ended.json()["state"], ended.json()["ended_by"]) == ("revoked", "debtor"), "it speaks for itself"
    rum = await desk.ask("POST", "", "member", who=me, json={**given, "rum": "LA-MIENNE"})
    assert (rum.status_code, rum.json()["code"]) == (403, "rum_not_yours")


async def test_what_is_changed_is_what_was_seen(desk: Desk) -> None:
    mandate = await desk.prepare()
    body = {"reason": "Erreur"}
    blind = await desk.ask("POST", f"/{mandate['id']}/revoke", json=body)
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
    late = await desk.ask("POST", f"/{mandate['id']}/revoke", json=body, headers={"If-Match": etag(7)})
    assert (late.status_code, late.json()["current"]["rum"]) == (412, mandate["rum"])


async def test_another_account_is_dated_and_the_signed_one_still_reads(desk: Desk) -> None:
    mandate = await desk.signed()
    tomorrow = str(desk.today + timedelta(1))
    await desk.act(mandate, "amend", since=tomorrow, iban=GERMAN, reason="Changement de banque")
    assert (mandate["iban"], mandate["amendments"][0]["iban"]) == (IBAN, GERMAN)
    assert (mandate["amendments"][0]["bic"], mandate["amendments"][0]["presented_on"]) == ("COBADEFFXXX", None)
    async with desk.dues.days_later(1) as later:
        assert (await Desk(later).list())[0]["iban"] == GERMAN


async def test_the_creditor_that_is_called_otherwise_is_told_to_every_live_mandate(
    desk: Desk, entity_file: Path
) -> None:
    mandate, other = await desk.signed(), await desk.prepare(OTHER)
    none = await desk.ask("POST", "/adopt-creditor")
    assert (none.status_code, none.json()["code"]) == (409, "creditor_unchanged")
    called(entity_file, "Fédération de démonstration", "Nouvelle fédération de démonstration")
    adopted = await desk.ask("POST", "/adopt-creditor")
    assert adopted.json() == {"name": "Nouvelle fédération de démonstration", "ics": "FR76ZZZ000000", "changed": 1}
    told = (await desk.ask("GET", f"/{mandate['id']}")).json()
    assert told["creditor_name"] == "Nouvelle fédération de démonstration"
    assert (await desk.ask("GET", f"/{other['id']}")).json()["creditor_name"] == "Fédération de démonstration"


async def test_a_merged_structure_keeps_its_mandates_and_collects_under_one(desk: Desk) -> None:
    first, second = await desk.signed(OWN), await desk.signed(OTHER)
    await desk.dues.receive(merged(OTHER, into=OWN))
    mine = await desk.list("", "member", member_id=OWN)
    assert {one["id"] for one in mine} == {first["id"], second["id"]}
    third = await desk.signed(OWN)
    stand = {one["id"]: one["state"] for one in await desk.list()}
    assert stand == {first["id"]: "superseded", second["id"]: "superseded", third["id"]: "active"}
    gone = await desk.ask("POST", "", json={"member_id": str(OTHER), "iban": IBAN})
    assert (gone.status_code, gone.json()["code"]) == (404, "merged_into")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"iban": "FR7600000000000000000000096"}, 400, "iban_invalid", id="clé de l'IBAN"),
        pytest.param({"iban": "TR330006100519786457841326"}, 400, "iban_outside_sepa", id="hors SEPA"),
        pytest.param({"bic": "DEMO"}, 400, "bic_invalid", id="BIC"),
        pytest.param({"rum": "RÉF"}, 400, "rum_invalid", id="référence"),
        pytest.param({"member_id": str(UUID(int=404))}, 404, "member_unknown", id="structure inconnue"),
        pytest.param({"kind": "weekly"}, 422, "validation", id="type inconnu"),
        pytest.param({"iban": None}, 422, "validation", id="sans IBAN"),
        pytest.param({"inattendu": 1}, 422, "validation", id="champ inconnu"),
    ],
)
async def test_what_is_wrong_writes_nothing(desk: Desk, given: dict[str, Any], status: int, code: str) -> None:
    with capture_logs() as logs:
        refused = await desk.ask("POST", "", json={"member_id": str(OWN), "iban": IBAN, **given})
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert await desk.dues.rows("SELECT 1 FROM mandate UNION ALL SELECT 1 FROM mandate_step") == []
    assert "0000000000" not in f"{logs}"
    assert (await desk.prepare())["rum"].endswith("00001"), "no number is lost"


async def test_a_document_that_is_not_one_writes_nothing(desk: Desk) -> None:
    mandate = await desk.prepare()
    seen = {"If-Match": etag(1)}
    page = {"file": ("mandat.pdf", b"<html>", "application/pdf")}
    refused = await desk.ask("POST", f"/{mandate['id']}/signed-documents", headers=seen, files=page)
    assert (refused.status_code, refused.json()["code"]) == (400, "signed_document_unreadable")
    assert await desk.dues.rows("SELECT 1 FROM mandate_document") == []
    assert (await desk.ask("GET", f"/{mandate['id']}")).json()["version"] == 1


async def test_an_account_is_neither_in_the_logs_nor_on_the_bus(desk: Desk) -> None:
    with capture_logs() as logs:
        mandate = await desk.signed()
        await desk.act(mandate, "amend", since=str(desk.today), iban=GERMAN)
        await desk.ask("GET", "/export")
        await desk.dues.run_jobs()
    assert IBAN not in f"{logs}"
    assert GERMAN not in f"{logs}"
    assert await desk.dues.published() == []


def called(entity_file: Path, before: str, after: str) -> None:
    """Have the legal entity say otherwise of itself."""
    entity_file.write_text(entity_file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def merged(record: UUID, *, into: UUID) -> MemberMerged:
    state = joined(record, "Régie fictive", "bretagne").state
    return MemberMerged(state=state.model_copy(update={"status": "merged", "merged_into": into}), into_id=into)


async def test_an_entity_without_a_creditor_identifier_prepares_nothing(desk: Desk, entity_file: Path) -> None:
    called(entity_file, 'ics = "FR76ZZZ000000"', "")
    refused = await desk.ask("POST", "", json={"member_id": str(OWN), "iban": IBAN})
    assert (refused.status_code, refused.json()["code"]) == (409, "creditor_without_ics")
