"""What was merged is taken apart again, whole: each row goes back, and what stands against it is said."""

from uuid import UUID

from sqlalchemy import text

from common.contracts.membership import MemberUnmerged
from common.testing.asking import rows_of_every_table
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

from ..contacts.test_contacts import CAMILLE, SACHA, known, seat
from ..members.test_dates import TODAY, change
from .conftest import Twins
from .test_merging import id_of, merge, reported, undo, with_much_of_its_own

JOURNAL = {
    "member_entry", "member_period", "event_outbox", "event_archive", "event_stream", "idempotency_key", "job",
    "job_receipt", "duplicate_pair", "duplicate_merge", "duplicate_carried",
}  # fmt: skip
"""What says what happened, and when; the versions of what was done and undone go on as well."""


async def what_is_kept(membership: ServiceUnderTest) -> dict[str, list[str]]:
    return await rows_of_every_table(membership, tables_without=JOURNAL, columns_without=("version", "as_of"))


async def test_a_merge_then_its_undoing_leave_every_table_as_it_was(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await known(client, stays, {**CAMILLE, "given_name": "CAMILLE"})
        await with_much_of_its_own(membership, client, goes)
        await change(client, goes, siret="90000000100017")
        before = await what_is_kept(membership)
        seen = [(await client.get(f"{path}{under}")).json() for path in (stays, goes) for under in ("", "/seats")]
        pair = await merge(client, stays, goes)
        assert await what_is_kept(membership) != before
        undone = await undo(client, pair)
        assert undone.status_code == 200, undone.text
        after = await what_is_kept(membership)
        assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
        again = [(await client.get(f"{path}{under}")).json() for path in (stays, goes) for under in ("", "/seats")]
    assert [{**one, "version": 0} for one in again] == [{**one, "version": 0} for one in seen]


async def test_undoing_is_told_and_has_its_time(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        nothing = await undo(client, await reported(client, stays, goes))
        assert (nothing.status_code, nothing.json()["code"]) == (409, "not_merged")
        pair = await merge(client, stays, goes)
        assert (await undo(client, pair)).json()["merge"]["undo_reason"] == "ce sont deux structures"
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberUnmerged)
    assert (str(fact.state.id), fact.state.status, fact.state.merged_into) == (id_of(goes), "active", None)
    async with membership.client("network", "board") as client:
        await merge(client, stays, goes)
    async with membership.days_later(31) as later, later.client("network") as client:
        seen = (await client.get(pair)).json()
        assert (seen["allowed_actions"], [one["code"] for one in seen["blockers"]["undo"]]) == ([], ["merge_too_old"])
        late = await undo(client, pair)
        assert (late.status_code, late.json()["code"]) == (409, "merge_too_old")


async def test_what_was_built_on_a_merge_stands_against_its_undoing(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        sacha = await known(client, goes, SACHA)
        await seat(client, goes, seat="billing", contact_id=sacha)
        await change(client, goes, siret="90000000100017")
        pair = await merge(client, stays, goes)
        [line] = [
            one for one in (await client.get(f"{stays}/entries")).json()["items"] if one["topic"] == "identifiers"
        ]
        etag = {"If-Match": (await client.get(stays)).headers["etag"]}
        alone = await client.post(f"{stays}/entries/{line['id']}/withdraw", json={"reason": "-"}, headers=etag)
        assert (alone.status_code, alone.json()["code"]) == (409, "entry_of_a_decision")
        camille = await known(client, stays, CAMILLE)
        await seat(client, stays, seat="billing", contact_id=camille)
        await change(client, stays, siret="90000000100025")
        refused = await undo(client, pair)
        assert (refused.status_code, refused.json()["code"]) == (409, "merge_built_upon")
        assert [one["code"] for one in refused.json()["blockers"]] == ["seat_given_since", "changed_since"]


async def test_a_person_learned_more_of_or_erased_goes_back_as_they_are(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        sacha = await known(client, goes, SACHA)
        await known(client, goes, {**CAMILLE, "function": "Autre"})
        camille = await known(client, stays, CAMILLE)
        pair = await merge(client, stays, goes)
        for path, method, under, body in (
            (f"/contacts/{sacha}", "PATCH", "", {"phone": "0561000001"}),
            (f"/contacts/{camille}", "POST", "/erase", {"ground": "request"}),
        ):
            etag = {"If-Match": (await client.get(path)).headers["etag"]}
            answer = await client.request(method, f"{path}{under}", json=body, headers=etag)
            assert answer.status_code == 200, answer.text
        kept = await membership.rows("SELECT value::text AS value FROM member_entry WHERE topic = 'contact'")
        assert not [row for row in kept if row.value and ("EXEMPLE" in row.value or "camille@" in row.value)]
        assert (await undo(client, pair)).status_code == 200
        people = (await client.get("/contacts", params={"member_id": id_of(goes)})).json()["items"]
        assert [(one["given_name"], one["phone"]) for one in people] == [("Sacha", "0561000001")]
        etag = {"If-Match": (await client.get(f"/contacts/{sacha}")).headers["etag"]}
        await client.post(f"/contacts/{sacha}/erase", json={"ground": "request"}, headers=etag)
        kept = await membership.rows("SELECT value::text AS value FROM member_entry WHERE topic = 'contact'")
        assert not [row for row in kept if row.value and "Sacha" in row.value]


async def test_a_person_is_given_all_that_is_known_of_them_under_either_record(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    """GDPR, article 15: also what was entered, and the seats held, under the record that was merged."""
    async with membership.client("network", "board") as client:
        stays, goes = twins
        camille, twin = (
            await known(client, stays, CAMILLE),
            await known(client, goes, {**CAMILLE, "phone": "0561000009"}),
        )
        sacha = await known(client, goes, SACHA)
        await seat(client, goes, seat="president", contact_id=twin, reason="Camille EXEMPLE est élue")
        await seat(client, goes, seat="billing", contact_id=sacha)
        pair = await merge(client, stays, goes)
        for person, phones, seats in ((camille, [None, "0561000009"], 2), (sacha, [SACHA["phone"]] * 2, 2)):
            data = (await client.get(f"/contacts/{person}/personal-data")).json()
            assert [one["value"]["phone"] for one in data["known"]] == phones
            assert len(data["mandates"]) == seats
        await seat(client, stays, "leave", seat="president")
        etag = {"If-Match": (await client.get(f"/contacts/{camille}")).headers["etag"]}
        erased = await client.post(f"/contacts/{camille}/erase", json={"ground": "request"}, headers=etag)
        assert erased.status_code == 200, erased.text
        kept = await membership.rows("SELECT concat(value, reason) AS kept FROM member_entry")
        assert not [row for row in kept if "Camille" in row.kept or "0561000009" in row.kept]
        refused = await undo(client, pair)
        assert [one["code"] for one in refused.json()["blockers"]] == ["seat_given_since"]


async def test_what_came_late_to_a_duplicate_is_carried_with_the_rest(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    """Somebody records a label while the merge is done: theirs waits for it, and then names the duplicate."""
    async with membership.client("network", "board") as client:
        stays, goes = twins
        pair = await merge(client, stays, goes)
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO certification (id, member_id, label, title, certifier, obtained_on, evidence,"
                    " recorded_at, recorded_by, version)"
                    " VALUES (:id, :member, 'x', '', 'AFNOR', :day, '-', now(), 'x', 1)"
                ),
                {"id": UUID(int=8), "member": UUID(id_of(goes)), "day": TODAY},
            )
        await client.post("/duplicates/search")
        await membership.run_jobs()
        [late] = await membership.rows("SELECT member_id FROM certification")
        assert str(late.member_id) == id_of(stays)
        assert (await undo(client, pair)).status_code == 200
        [back] = await membership.rows("SELECT member_id FROM certification")
        assert str(back.member_id) == id_of(goes)
