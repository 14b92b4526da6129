"""What `make up` shows must be true: in both services, on the bus, to the cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from aiokafka import AIOKafkaConsumer

from common.clock import legal_day
from common.contracts.fg2i import SupportRequested, SupportState
from common.identifiers import new_id
from common.testing.awaiting import eventually
from devstack import inbox
from e2e.parts import api_of_another_day, jobs_of_another_day
from e2e.platform import Platform

MEMBERS = 50
"""49 structures of the Occitanie directory, and the demonstration's own."""


def test_the_story_ends_with_its_figures(platform: Platform) -> None:
    with platform.client("finance") as finance:
        [campaign] = finance.get("/dues/v1/campaigns").json()["items"]
        path = f"/dues/v1/campaigns/{campaign['id']}/preview/members"
        blocked = finance.get(path, params={"billable": False, "limit": 200}).json()["items"]
    assert campaign["invoiced"]["count"] == MEMBERS - 1
    not_called = [line for line in blocked if line["blockers"][0]["code"] != "already_billed"]
    assert [(line["name"], line["blockers"][0]["code"]) for line in not_called] == [("L'ABEILLE VERTE", "base_missing")]


async def test_one_call_each_a_series_without_a_hole_and_sums_that_tie(platform: Platform) -> None:
    invoices = await platform.query("dues", "SELECT * FROM invoice ORDER BY number")
    assert [row["number"] for row in invoices] == [f"COT-2026-{rank:05d}" for rank in range(1, MEMBERS)]
    assert len({row["member_id"] for row in invoices}) == MEMBERS - 1
    shares = await platform.query("dues", "SELECT invoice_id, sum(amount) AS amount FROM invoice_share GROUP BY 1")
    assert {row["invoice_id"]: row["amount"] for row in shares} == {row["id"]: row["total"] for row in invoices}
    calls = await platform.query("membership", "SELECT id, total FROM dues_call")
    assert {row["id"]: Decimal(row["total"]) for row in calls} == {row["id"]: row["total"] for row in invoices}


async def test_dues_copy_equals_the_register(platform: Platform) -> None:
    mine = await platform.query("dues", "SELECT id, name, siren, delegation, joined_on FROM member ORDER BY id")
    theirs = await platform.query(
        "membership",
        "SELECT id, name, siren, delegation, joined_on FROM member WHERE status = 'active' ORDER BY id",
    )
    assert mine == theirs
    assert len(mine) == MEMBERS


def test_a_structure_sees_its_own_standing_and_nothing_else(platform: Platform) -> None:
    with platform.client("member-900000001") as member:
        [own] = member.get("/membership/v1/members").json()["items"]
        assert own["standing"]["status"] == "issued"
        [invoice] = member.get("/dues/v1/invoices").json()["items"]
        assert invoice["number"] == own["standing"]["number"]
        assert member.get(f"/dues/v1/invoices/{invoice['id']}/pdf").content.startswith(b"%PDF")
        assert member.get("/dues/v1/campaigns").status_code == 403


def test_told_again_the_story_changes_nothing(platform: Platform) -> None:
    with platform.client("finance") as finance:
        before = finance.get("/dues/v1/campaigns").json()["items"][0]["invoiced"]
        platform.command("devstack", "demo")
        assert finance.get("/dues/v1/campaigns").json()["items"][0]["invoiced"] == before


async def test_records_are_cloudevents_that_any_client_reads(platform: Platform) -> None:
    consumer = AIOKafkaConsumer("membership.member", bootstrap_servers=platform.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_type"] == "member.joined"
    assert headers["ce_source"] == "/coorace/membership"
    assert headers["ce_sequence"] == "1"
    assert headers["content-type"] == "application/json"
    assert UUID(headers["ce_subject"]) == UUID(record.key.decode())


async def test_one_trace_crosses_the_bus(platform: Platform) -> None:
    """The request that closed the sitting, the relay's sending and dues' reading are one trace."""

    def trace() -> set[tuple[str, str]]:
        spans = platform.spans()
        sitting = next(span for span in spans if "close" in span["name"] and "sittings" in span["name"])
        same = [span for span in spans if span["context"]["trace_id"] == sitting["context"]["trace_id"]]
        return {(span["resource"]["attributes"]["service.name"], span["name"]) for span in same}

    await eventually(
        lambda: {("membership", "publish member.joined"), ("dues", "process member.joined")} <= trace(),
        awaited="the relay's and dues' spans in the sitting's trace",
    )


async def test_a_merger_reaches_dues_and_so_does_its_undoing(platform: Platform) -> None:
    """Shown first, it changes nothing; done, dues would not call the absorbed; undone, all is as before."""
    with platform.client("network") as network, platform.client("finance") as finance:
        [campaign] = finance.get("/dues/v1/campaigns").json()["items"]

        def obstacles() -> list[str]:
            path = f"/dues/v1/campaigns/{campaign['id']}/preview/members"
            blocked = finance.get(path, params={"billable": False, "limit": 200}).json()["items"]
            [line] = [line for line in blocked if line["member_id"] == gone["id"]]
            return [blocker["code"] for blocker in line["blockers"]]

        members = network.get("/membership/v1/members", params={"status": "active", "limit": 2}).json()["items"]
        gone, into = members
        body = {
            "kind": "absorption",
            "member_id": gone["id"],
            "version": gone["version"],
            "into_id": into["id"],
            "into_version": into["version"],
            "reason": "traité de fusion",
        }
        shown = network.post("/membership/v1/restructurings", params={"dry_run": "true"}, json=body)
        assert shown.status_code == 201, shown.text
        assert network.get(f"/membership/v1/members/{gone['id']}").json() == gone
        done = network.post("/membership/v1/restructurings", json=body).json()
        await eventually(lambda: obstacles() == ["not_active", "already_billed"], awaited="the departure at dues")
        undo = f"/membership/v1/restructurings/{done['id']}/undo"
        assert network.post(undo, json={"reason": "traité annulé"}).status_code == 200
        await eventually(lambda: obstacles() == ["already_billed"], awaited="the return at dues")


async def test_a_declaration_becomes_the_base_of_dues_and_a_correction_changes_it(platform: Platform) -> None:
    """The structure declares its accounts of 2025 at membership; dues hears both revisions, in order, each once."""
    with (
        platform.client("network") as network,
        platform.client("member-900000001") as member,
        platform.client("finance") as finance,
    ):
        closes_on = str(legal_day(datetime.now(UTC)) + timedelta(days=1))
        opened = network.post("/membership/v1/declaration-campaigns", json={"year": 2025, "closes_on": closes_on})
        assert opened.status_code == 201, opened.text
        [own] = member.get("/membership/v1/members").json()["items"]
        path = f"/membership/v1/members/{own['id']}/declarations/2025"
        base = f"/dues/v1/members/{own['id']}/bases/2025"

        def fill(total: str) -> None:
            form = member.get(path)
            zero = [
                {"code": one["code"], "activity": one["activity"], "value": "0"}
                for one in form.json()["figures"]
                if one["required"] and one["code"] != "total_operating_income"
            ]
            figures = [{"code": "total_operating_income", "value": total}, *zero]
            saved = member.put(f"{path}/draft", json={"figures": figures}, headers={"If-Match": form.headers["etag"]})
            assert saved.status_code == 200, saved.text

        def become(act: str, **body: str) -> None:
            seen = {"If-Match": member.get(path).headers["etag"]}
            done = member.post(f"{path}/{act}", json=body or None, headers=seen)
            assert done.status_code == 200, done.text

        def stated() -> list[tuple[str, list[int]]]:
            answer = finance.get(base)
            lines = answer.json()["statements"] if answer.status_code == 200 else []
            return [(one["amount"], one["revision"]) for one in lines if one["source"] == "declaration"]

        fill("748664.00")
        become("declare")
        await eventually(lambda: stated() == [("748664.00", 1)], awaited="the declaration at dues")
        fill("751164.00")
        become("correct", reason="bilan définitif")
        both = [("748664.00", 1), ("751164.00", 2)]
        await eventually(lambda: stated() == both, awaited="the correction at dues")
        shown = finance.get(base).json()
        assert (shown["amount"], shown["source"], shown["revision"]) == ("751164.00", "declaration", 2)
        lines = network.get("/membership/v1/declaration-campaigns/2025/follow-up", params={"state": "corrected"}).json()
        assert [line["member_id"] for line in lines["items"]] == [own["id"]]
        editions, year = "/membership/v1/observatory/editions", {"year": 2025}
        assert network.post(editions, json=year).json()["code"] == "campaign_still_open"
        async with api_of_another_day(platform, "membership", days_later=2) as later:
            campaign, then = "/membership/v1/declaration-campaigns/2025", later("network")
            read = {"If-Match": then.get(campaign).headers["etag"]}
            assert then.post(f"{campaign}/close", headers=read).status_code == 200
        edition = f"{editions}/{network.post(editions, json=year).json()['id']}"
        await eventually(lambda: member.get(edition).json()["status"] == "published", awaited="the edition")
        # One structure declared: its figures name it, so the edition shows none; it still sees its own.
        portraits = member.get(f"{edition}/portraits").json()["items"]
        assert {cell["hidden"] for portrait in portraits for cell in portrait["cells"]} == {"too_few"}
        [activity] = member.get(f"{edition}/members/{own['id']}").json()["items"]
        assert {one["position"] for one in activity["compared"]} == {None}


async def test_the_year_turns(platform: Platform) -> None:
    """Nobody is renewed before 1 January, nor without a reason; from then on dues may call who was, and only them."""
    today = legal_day(datetime.now(UTC))
    year = today.year + 1
    with platform.client("network") as network:
        opened = network.post("/membership/v1/renewals", json={"year": year})
        assert opened.status_code == 201, opened.text
        renewal = f"/membership/v1/renewals/{opened.json()['id']}"
        [refuses, stays, forgotten] = network.get(f"{renewal}/members", params={"limit": 3}).json()["items"]
        path = f"{renewal}/members/{refuses['member_id']}"
        read = {"If-Match": network.get(path).headers["etag"]}
        refused = network.post(f"{path}/opt-out", json={"reason": "courrier"}, headers=read)
        assert refused.json()["state"] == "opted_out"
        exception = {"members": [stays["member_id"]], "reason": "prévenue de vive voix"}
        assert network.post(f"{renewal}/exceptions", json=exception).json()["states"]["excepted"] == 1

        async def at_dues() -> dict[str, tuple[str, list[int]]]:
            rows = await platform.query("dues", "SELECT id, status, renewed_years FROM member")
            return {str(row["id"]): (row["status"], row["renewed_years"]) for row in rows}

        async def it_turned() -> bool:
            known = await at_dues()
            return known[refuses["member_id"]] == ("left", []) and known[stays["member_id"]] == ("active", [year])

        assert (await at_dues())[stays["member_id"]] == ("active", [])
        with jobs_of_another_day(platform, "membership", days_later=(date(year, 1, 2) - today).days):
            await eventually(it_turned, awaited="the departure and the renewal at dues", seconds=60)
        assert (await at_dues())[forgotten["member_id"]] == ("active", [])


async def test_a_request_of_fg2i_reaches_the_delegation_and_no_other(platform: Platform) -> None:
    """As fg2i's relay will send it, twice: one request, seen by whom it is for, counted on its dashboard."""
    with (
        platform.client("network") as network,
        platform.client("delegation-occitanie") as occitanie,
        platform.client("delegation-bretagne") as bretagne,
    ):
        [member] = network.get("/membership/v1/members", params={"delegation": "occitanie", "limit": 1}).json()["items"]
        state = SupportState(id=new_id(), member_id=member["id"], status="requested")
        asked = SupportRequested(
            state=state, file_reference="FG-2026-017", reason_code="cash", asked_on=legal_day(datetime.now(UTC))
        )
        await platform.send(asked, asked)

        def open_requests() -> list[str]:
            items = occitanie.get("/membership/v1/support-requests").json()["items"]
            return [item["file_reference"] for item in items]

        await eventually(lambda: open_requests() == ["FG-2026-017"], awaited="the request at the delegation")
        assert bretagne.get("/membership/v1/support-requests").json()["items"] == []
        figures = {one["code"]: one for one in occitanie.get("/membership/v1/dashboards/occitanie").json()["figures"]}
        assert figures["support.open"]["value"] == 1
        assert len(occitanie.get(figures["support.open"]["list"]).json()["items"]) == 1


async def test_a_structure_books_an_accompaniment_and_is_written_to(platform: Platform) -> None:
    with platform.client("network") as network, platform.client("member-900000001") as member:
        [own] = member.get("/membership/v1/members").json()["items"]
        path = f"/membership/v1/members/{own['id']}"
        person = {"given_name": "Camille", "family_name": "EXEMPLE", "email": "presidence@structure.example"}
        contact = network.post(f"{path}/contacts", json=person)
        assert contact.status_code == 201, contact.text
        read = {"If-Match": network.get(path).headers["etag"]}
        seat = {"seat": "president", "contact_id": contact.json()["id"]}
        assert network.post(f"{path}/seats/appoint", json=seat, headers=read).status_code == 200
        terms = {"kind": "coodiag", "level": "first", "title": "Coodiag", "duration_minutes": 60, "mode": "remote"}
        offer = network.post("/membership/v1/accompaniments", json={**terms, "delegation": None}).json()
        first_day = str(legal_day(datetime.now(UTC)) + timedelta(days=10))
        hours = {"begins": "09:00", "ends": "10:00", "keep_holidays": True}
        series = {"first_day": first_day, "link": "https://visio.example/salle", **hours}
        slots = network.post(f"/membership/v1/accompaniments/{offer['id']}/slots", json=series)
        [slot] = slots.json()["items"]
        booking = {"slot_id": slot["id"], "member_id": own["id"]}
        booked = member.post("/membership/v1/accompaniment-bookings", json=booking)
        assert booked.status_code == 201, booked.text
        told = ("presidence@structure.example", "Réservation confirmée : Coodiag")
        await eventually(
            lambda: told in [(mail.recipient, mail.subject) for mail in inbox.caught(platform.settings)],
            awaited="the mail",
        )


async def test_a_self_assessment_ends_in_a_plan(platform: Platform) -> None:
    with platform.client("member-900000001") as member, platform.client("network") as network:
        bank = member.get("/membership/v1/assessment-banks/cap-2026").json()
        opened = member.post("/membership/v1/assessments", json={"bank": "cap-2026", "mode": "alone"})
        assert opened.status_code == 201, opened.text
        path = f"/membership/v1/assessments/{opened.json()['id']}"
        assert network.get(path).json()["answers"] is None
        questions = [one for theme in bank["themes"] for part in theme["parts"] for one in part["questions"]]
        answers = [{"question": one["code"], "level": 1} for one in questions]
        read = {"If-Match": member.get(path).headers["etag"]}
        assert member.patch(f"{path}/answers", json={"answers": answers}, headers=read).status_code == 200
        read = {"If-Match": member.get(path).headers["etag"]}
        assert member.post(f"{path}/submit", headers=read).status_code == 200
        assert {one["level"] for one in network.get(path).json()["answers"]} == {1}
        assert member.get(f"{path}/plan").json()["actions"]


async def test_the_roll_of_a_day_says_who_votes_and_why_not(platform: Platform) -> None:
    """Frozen today: members of this morning are too recent, each is told so, and the export has its digest."""
    with platform.client("network") as network, platform.client("member-900000001") as member:
        today = str(legal_day(datetime.now(UTC)))
        frozen = network.post("/membership/v1/electoral-rolls", json={"title": "AG", "as_of": today})
        assert frozen.status_code == 201, frozen.text
        roll = f"/membership/v1/electoral-rolls/{frozen.json()['id']}"
        assert network.get(roll).json()["sha256"]
        [own] = member.get("/membership/v1/members").json()["items"]
        line = member.get(f"{roll}/members/{own['id']}").json()
        assert (line["entitled"], [one["code"] for one in line["reasons"]]) == (False, ["too_recent"])
