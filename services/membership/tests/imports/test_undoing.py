"""An applied import is undone: what it entered leaves the register, what it changed goes back, the rest is said."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.membership import MemberUpdated
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..contacts.test_contacts import CAMILLE, known
from ..departures.test_departures import joined
from ..duplicates.test_merging import merge
from ..members.test_dates import change, enter, entered, on
from ..members.test_register import admit
from ..sittings.test_minutes import act as sit
from ..sittings.test_takeover import takeover
from .test_acts import AVIE, HEADER, act, applied, previewed

AILES = "AILES;ACI;2 rue B;31000;TOULOUSE;31"


async def imported(membership: ServiceUnderTest, client: httpx.AsyncClient, *lines: str, header: str = HEADER) -> str:
    sent = await previewed(membership, client, "\n".join([header, *lines]))
    assert (await applied(membership, client, sent["id"]))["status"] == "succeeded"
    return str(sent["id"])


async def plan_of(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    plan = await client.get(f"/imports/{import_id}/undo")
    assert plan.status_code == 200, plan.text
    return dict(plan.json())


async def ask(client: httpx.AsyncClient, import_id: str, plan: str, **headers: str) -> httpx.Response:
    etag = (await client.get(f"/imports/{import_id}")).headers["etag"]
    body = {"plan": plan, "reason": "le fichier de l'an dernier"}
    return await client.post(f"/imports/{import_id}/undo", json=body, headers={"If-Match": etag, **headers})


async def undone(membership: ServiceUnderTest, client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    """Undo as the plan shows; return the job, which did what the plan showed."""
    plan = await plan_of(client, import_id)
    accepted = await ask(client, import_id, plan["plan"])
    assert accepted.status_code == 202, accepted.text
    await membership.run_jobs()
    job = dict((await client.get(f"/jobs/{accepted.json()['job_id']}")).json())
    assert job["status"] == "succeeded", job
    assert {name: count for name, count in job["counts"].items() if name != "nothing"} == {
        name: count for name, count in plan["counts"].items() if name != "nothing"
    }
    return job


async def found(client: httpx.AsyncClient, path: str = "/members", **params: Any) -> list[dict[str, Any]]:
    page = (await client.get(path, params={"total": True, **params})).json()
    assert page["total"] == len(page["items"])
    return list(page["items"])


async def test_what_the_import_entered_leaves_the_register(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await entered(client, "DEJA")
        import_id = await imported(membership, client, f"{AVIE};900000001", f"{AILES};", header=f"{HEADER};siren")
        one = (await client.get("/members/by-siren/900000001")).json()
        seen_at = datetime.now(UTC).isoformat()
        assert (await plan_of(client, import_id))["counts"] == {"retracted": 2}
        assert len(await found(client)) == 3
        await undone(membership, client, import_id)
        for path in ("/members", "/applications"):
            assert [structure["name"] for structure in await found(client, path)] == ["DEJA"]
        assert [structure["name"] for structure in await found(client, as_of=on(0))] == ["DEJA"]
        for path in (f"/members/{one['id']}", f"/members/{one['id']}/entries", "/members/by-siren/900000001"):
            gone = await client.get(path)
            assert (gone.status_code, gone.json()["code"]) == (404, "member_retracted")
        # What was known before is not overwritten.
        assert len(await found(client, known_at=seen_at)) == 3
        shown = (await client.get(f"/imports/{import_id}")).json()
        assert (shown["status"], shown["undo_reason"]) == ("undone", "le fichier de l'an dernier")
        assert (shown["allowed_actions"], shown["blockers"]) == ([], {})
        rows = (await client.get(f"/imports/{import_id}/rows")).json()["items"]
        assert [row["undone"] for row in rows] == ["retracted", "retracted"]
        await imported(membership, client, f"{AVIE};900000001", header=f"{HEADER};siren")
        assert (await client.get("/members/by-siren/900000001")).json()["id"] != one["id"]
        assert [structure["name"] for structure in await found(client)] == ["AVIE", "DEJA"]
    assert await membership.published() == []


async def test_what_the_import_changed_goes_back_and_the_others_are_told(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await joined(client, "AVIE")
        before = (await client.get(path)).json()
        import_id = await imported(membership, client, "AVIE;AI/ACI;9 rue Neuve;31000;MURET;31", AILES)
        assert (await client.get(path)).json()["city"] == "MURET"
        assert (await plan_of(client, import_id))["counts"] == {"returned": 1, "retracted": 1}
        job = await undone(membership, client, import_id)
        after = (await client.get(path)).json()
        receipt = (await client.get(f"/jobs/{job['id']}/receipt")).json()["items"]
    assert {**after, "version": 0} == {**before, "version": 0}
    assert [(line["row"], line["outcome"], line["reference"]) for line in receipt] == [
        (2, "returned", "AVIE"),
        (3, "retracted", "AILES"),
    ]
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberUpdated)
    assert fact.state.address is not None
    assert fact.state.address.city == before["city"]


Since = Callable[[ServiceUnderTest, httpx.AsyncClient, str], Awaitable[object]]


async def application_of(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    [application] = [one for one in await found(client, "/applications") if path.endswith(one["member_id"])]
    return application


async def _opinion(membership: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> object:
    application = await application_of(client, path)
    body = {"advice": "favourable", "text": "rien à redire"}
    async with membership.client("delegation", delegation="occitanie") as delegation:
        given = f"/applications/{application['id']}/opinions"
        return (await delegation.post(given, json=body, headers={"If-Match": '"v1"'})).raise_for_status()


async def _admission(_: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> object:
    return await admit(client, await application_of(client, path), "PV-1")


async def _group(_: ServiceUnderTest, client: httpx.AsyncClient, path: str, **day: str) -> str:
    """Enter a structure that is part of this one, on a day; return its path."""
    part = await entered(client, "PARTIE")
    await enter(client, part, topic="group", group_id=path.rpartition("/")[2], **day)
    return part


async def _merge(_: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> object:
    return await merge(client, await joined(client, "AVIE"), path)


async def _agenda(_: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> str:
    """Open a sitting that is to decide on the application; return its path."""
    application, sitting = await application_of(client, path), await takeover(client)
    items = [{"title": "AVIE", "matter_id": application["id"]}]
    assert (await sit(client, sitting, "PUT", "agenda", items=items)).status_code == 200
    return sitting


async def _vote(_: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> str:
    """Let an open sitting adjourn the application; return the sitting's path."""
    application, sitting = await application_of(client, path), await takeover(client)
    adjourned = {"matter_id": application["id"], "outcome": "adjourned", "votes_for": 3}
    assert (await sit(client, sitting, "POST", "decisions", decisions=[adjourned])).status_code == 200
    return sitting


async def _adjourned(membership: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> object:
    return (await sit(client, await _vote(membership, client, path), "POST", "close")).raise_for_status()


SINCE: list[tuple[str, Since, set[str]]] = [
    ("une adresse corrigée", lambda _, client, path: change(client, path, city="MURET"), {"changed_since"}),
    ("une personne connue", lambda _, client, path: known(client, path, CAMILLE), {"changed_since", "built_upon"}),
    (
        "un autre import",
        lambda m, client, _: imported(m, client, AVIE.replace("1 rue A", "2 rue B")),
        {"changed_since"},
    ),
    ("l'avis de sa délégation", _opinion, {"application_followed"}),
    ("admise", _admission, {"changed_since", "application_followed"}),
    ("à l'ordre du jour du conseil", _agenda, {"on_agenda"}),
    ("votée, la séance encore ouverte", _vote, {"on_agenda"}),
    ("ajournée par une séance close", _adjourned, {"on_agenda"}),
    ("partie d'elle", _group, {"built_upon"}),
    ("partie d'elle, annoncée", partial(_group, effective_on=on(5)), {"built_upon"}),
    ("réunie", _merge, {"merged_further"}),
]


async def both_imported(membership: ServiceUnderTest) -> tuple[str, str]:
    """Import AVIE and AILES; return the import, and the path of AVIE."""
    async with membership.client("network", "board") as client:
        import_id = await imported(membership, client, AVIE.replace(";AI;", ";AI/GES;"), AILES)
        return import_id, f"/members/{(await found(client, q='AVIE'))[0]['id']}"


@pytest.mark.parametrize(("case", "since", "codes"), SINCE, ids=[case for case, _, _ in SINCE])
async def test_what_was_built_upon_is_left_as_it_is_and_said(
    membership: ServiceUnderTest, arranged: Arrange, case: str, since: Since, codes: set[str]
) -> None:
    import_id, path = await arranged(membership, both_imported)
    async with membership.client("network", "board") as client:
        await since(membership, client, path)
        plan = await plan_of(client, import_id)
        assert plan["counts"] == {"kept": 1, "retracted": 1}
        [line] = plan["kept"]
        assert (line["name"], {one["code"] for one in line["blockers"]}) == ("AVIE", codes)
        rows = (await client.get(f"/imports/{import_id}/undo/rows")).json()["items"]
        assert [row["outcome"] for row in rows] == ["kept", "retracted"]
        assert rows[0] == line
        before = (await client.get(path)).json() | {"trace_id": None}
        job = await undone(membership, client, import_id)
        kept = (await client.get(f"/jobs/{job['id']}/receipt")).json()["items"][0]
        assert (kept["outcome"], kept["code"]) == ("kept", line["blockers"][0]["code"])
        assert (await client.get(path)).json() | {"trace_id": None} == before
        assert "AILES" not in [structure["name"] for structure in await found(client)]


async def test_a_structure_that_another_was_part_of_stays(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        import_id = await imported(membership, client, AVIE.replace(";AI;", ";AI/GES;"))
        path = f"/members/{(await found(client))[0]['id']}"
        part = await _group(membership, client, path)
        await enter(client, part, topic="group", group_id=path.rpartition("/")[2], ended=True, effective_on=on(1))
    async with membership.days_later(2) as later, later.client("network") as client:
        assert (await client.get(part)).json()["groups"] == []
        assert (await plan_of(client, import_id))["counts"] == {"kept": 1}
        for entry in (await client.get(f"{part}/entries")).json()["items"]:
            if entry["topic"] == "group":
                await change(client, part, "POST", f"/entries/{entry['id']}/withdraw", reason="jamais")
        assert (await plan_of(client, import_id))["counts"] == {"retracted": 1}


async def test_what_was_changed_again_since_stays_so(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, "AVIE", department="31", postcode="31000")
        import_id = await imported(membership, client, AVIE)
        await change(client, path, street="3 rue C")
        plan = await plan_of(client, import_id)
        assert plan["kept"][0]["blockers"] == [
            {"code": "changed_since", "message": "Ce qui a été repris a changé depuis : adresse."}
        ]
        await undone(membership, client, import_id)
        assert (await client.get(path)).json()["street"] == "3 rue C"


async def test_since_when_a_structure_is_said_to_be_a_member_goes_back(membership: ServiceUnderTest) -> None:
    header = f"{HEADER};adherente_depuis"
    async with membership.client("network") as client:
        first = await imported(membership, client, f"{AVIE};", header=header)
        second = await imported(membership, client, f"{AVIE};03/05/1987", header=header)
        [application] = await found(client, "/applications")
        assert application["member_since"] == "1987-05-03"
        assert (await plan_of(client, first))["counts"] == {"kept": 1}
        await undone(membership, client, second)
        [application] = await found(client, "/applications")
        assert application["member_since"] is None


async def test_a_list_that_the_board_took_over_stays_until_the_vote_is_taken_back(membership: ServiceUnderTest) -> None:
    header = f"{HEADER};adherente_depuis"
    async with membership.client("network", "board") as client:
        undated = await imported(membership, client, f"{AILES};", header=header)
        import_id = await imported(membership, client, f"{AVIE};03/05/1987", f"{AILES};04/06/1988", header=header)
        sitting = await takeover(client)
        assert (await sit(client, sitting, "POST", "decisions/takeover", votes_for=3)).json()["recorded"] == 2
        plan = await plan_of(client, import_id)
        assert plan["counts"] == {"kept": 2}
        message = "Sa candidature est à l'ordre du jour d'une séance, ou y a été votée : PV-R."
        assert [one["blockers"] for one in plan["kept"]] == [[{"code": "on_agenda", "message": message}]] * 2
        accepted = await ask(client, import_id, plan["plan"])
        await membership.run_jobs()
        assert (await client.get(f"/jobs/{accepted.json()['job_id']}")).json()["counts"] == {"kept": 2}
        assert (await client.get(f"{sitting}/minutes/draft")).content.startswith(b"%PDF-")
        assert (await sit(client, sitting, "POST", "close")).status_code == 200
        found_since = {one["name"]: one["joined_on"] for one in await found(client)}
        assert found_since == {"AVIE": "1987-05-03", "AILES": "1988-06-04"}
        assert (await plan_of(client, undated))["counts"] == {"kept": 1}


async def test_a_sitting_given_up_holds_nothing_back(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        import_id = await imported(membership, client, AVIE)
        sitting = await _agenda(membership, client, f"/members/{(await found(client))[0]['id']}")
        assert (await plan_of(client, import_id))["counts"] == {"kept": 1}
        assert (await sit(client, sitting, "POST", "cancel", reason="reportée")).status_code == 200
        await undone(membership, client, import_id)
        assert await found(client) == []


async def test_the_register_may_refuse_what_would_go_back(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, "AVIE", activities=[], department="31", postcode="31000")
        import_id = await imported(membership, client, AVIE)
        plan = await plan_of(client, import_id)
        accepted = await ask(client, import_id, plan["plan"])
        await membership.run_jobs()
        [line] = (await client.get(f"/jobs/{accepted.json()['job_id']}/receipt")).json()["items"]
        assert (line["outcome"], line["code"]) == ("kept", "last_activity")
        assert (await client.get(path)).json()["street"] == "1 rue A"


async def test_an_undoing_does_what_was_shown_or_nothing(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        import_id = await imported(membership, client, AVIE, AILES)
        plan = await plan_of(client, import_id)
        await known(client, f"/members/{(await found(client, q='AVIE'))[0]['id']}", CAMILLE)
        accepted = await ask(client, import_id, plan["plan"])
        assert accepted.json()["status"] == "undoing"
        other = await previewed(membership, client, f"{HEADER}\nENVIE;EI;2 rue B;31000;TOULOUSE;31")
        job = (await client.get(f"/jobs/{accepted.json()['job_id']}")).json()
        assert (job["status"], job["failure"]["code"]) == ("failed", "import_undo_plan_changed")
        assert (await client.get(f"/imports/{import_id}")).json()["allowed_actions"] == ["undo"]
        assert len(await found(client)) == 2
        await ask(client, import_id, (await plan_of(client, import_id))["plan"])
        busy = await act(client, other["id"], "apply")
        assert (busy.status_code, busy.json()["code"]) == (409, "import_busy")


async def test_an_import_is_undone_once_in_its_time(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        waiting = await previewed(membership, client, f"{HEADER}\n{AILES}\n")
        for refused in (await client.get(f"/imports/{waiting['id']}/undo"), await ask(client, waiting["id"], "x" * 20)):
            assert (refused.status_code, refused.json()["code"]) == (409, "import_not_applied")
        import_id = await imported(membership, client, AVIE)
        stale = await ask(client, import_id, "x" * 20, **{"If-Match": '"v1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
        assert stale.json()["current"] == (await client.get(f"/imports/{import_id}")).json()
        assert (await client.get(f"/imports/{import_id}")).json()["undoable_until"] == on(30)
    async with membership.days_later(31) as later, later.client("network") as client:
        shown = (await client.get(f"/imports/{import_id}")).json()
        assert (shown["allowed_actions"], shown["blockers"]["undo"][0]["code"]) == ([], "import_too_old")
        plan = await plan_of(client, import_id)
        assert (plan["counts"], plan["blockers"][0]["code"]) == ({"retracted": 1}, "import_too_old")
        late = await ask(client, import_id, plan["plan"])
        assert (late.status_code, late.json()["code"]) == (409, "import_too_old")
    async with membership.days_later(30) as later, later.client("network") as client:
        await undone(later, client, import_id)
        twice = await ask(client, import_id, "x" * 20)
        assert (twice.status_code, twice.json()["code"]) == (409, "import_not_applied")


async def test_it_takes_as_many_statements_for_forty_structures_as_for_four(membership: ServiceUnderTest) -> None:
    counts = []
    async with membership.client("network") as client:
        for number in (4, 40):
            lines = [f"S {number} {rank};AI;{rank} rue A;31000;TOULOUSE;31" for rank in range(number)]
            import_id = await imported(membership, client, *lines)
            plan = await plan_of(client, import_id)
            accepted = await ask(client, import_id, plan["plan"])
            with membership.statements() as sent:
                await membership.run_job(UUID(accepted.json()["job_id"]))
            counts.append(len(sent))
            assert await found(client) == []
    assert counts[0] == counts[1]


async def test_a_dry_run_undoes_nothing(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        import_id = await imported(membership, client, AVIE)
        plan, etag = await plan_of(client, import_id), (await client.get(f"/imports/{import_id}")).headers["etag"]
        body = {"plan": plan["plan"], "reason": "essai"}
        path = f"/imports/{import_id}/undo"
        shown = await client.post(path, json=body, headers={"If-Match": etag}, params={"dry_run": True})
        assert (shown.status_code, shown.json()["status"]) == (202, "undoing")
        await membership.run_jobs()
        assert len(await found(client)) == 1
