"""Who may do what with a mandate, what each sees of its account, and what reads cost."""

from typing import Any
from uuid import UUID

import pytest

from common.etags import etag
from dues.rights import RIGHTS, Act

from .conftest import IBAN, OTHER, OWN, PDF, Desk

MASKED = "FR76 **** **** 097"
FINANCE = (("finance",), {})
NETWORK = (("network",), {})
BOARD = (("board",), {})
ITS_DELEGATION = (("delegation",), {"delegation": "occitanie"})
ANOTHER_DELEGATION = (("delegation",), {"delegation": "bretagne"})
ITSELF = (("member",), {"member_id": OWN})
ANOTHER = (("member",), {"member_id": OTHER})
PEOPLE = {
    "finances": FINANCE,
    "réseau": NETWORK,
    "conseil": BOARD,
    "sa délégation": ITS_DELEGATION,
    "une autre délégation": ANOTHER_DELEGATION,
    "elle-même": ITSELF,
    "une autre structure": ANOTHER,
}
SIGNING = {"signed_on": "2026-01-05", "place": "Toulouse"}
AMENDMENT = {"since": "2026-01-05", "iban": "DE89370400440532013000"}
WHY = {"reason": "Essai"}
# Each route of one mandate, and what everybody is answered: the mandate of ``OWN``, to sign.
ROUTES = [
    pytest.param("GET", "", {}, (200, 200, 403, 200, 404, 200, 404), id="lire"),
    pytest.param("GET", "/form", {}, (200, 403, 403, 403, 403, 200, 404), id="formulaire"),
    pytest.param(
        "GET", f"/signed-documents/{UUID(int=7)}", {}, (404, 403, 403, 403, 403, 404, 404), id="document signé"
    ),
    pytest.param(
        "POST", "/signed-documents", {"files": {"file": PDF}}, (201, 403, 403, 403, 403, 201, 404), id="envoyer signé"
    ),
    pytest.param("POST", "/confirm", {"json": SIGNING}, (409, 403, 403, 403, 403, 403, 403), id="confirmer"),
    pytest.param("POST", "/amend", {"json": AMENDMENT}, (409, 403, 403, 403, 403, 403, 403), id="changer le compte"),
    pytest.param("POST", "/suspend", {"json": WHY}, (409, 403, 403, 403, 403, 403, 403), id="suspendre"),
    pytest.param("POST", "/resume", {"json": WHY}, (409, 403, 403, 403, 403, 403, 403), id="reprendre"),
    pytest.param("POST", "/revoke", {"json": WHY}, (200, 403, 403, 403, 403, 200, 404), id="révoquer"),
]


@pytest.mark.parametrize(("method", "path", "sent", "answers"), ROUTES)
async def test_who_may_do_what_with_a_mandate(
    desk: Desk, method: str, path: str, sent: dict[str, Any], answers: tuple[int, ...]
) -> None:
    mandate = await desk.prepare(OWN)
    dry = {"dry_run": "true"} if method == "POST" else {}
    told = {}
    for name, (roles, who) in PEOPLE.items():
        headers = {"If-Match": etag(1)}
        place = f"/{mandate['id']}{path}"
        told[name] = (await desk.ask(method, place, *roles, who=who, headers=headers, params=dry, **sent)).status_code
    assert told == dict(zip(PEOPLE, answers, strict=True))


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        pytest.param(FINANCE, 201, id="les finances, pour toutes"),
        pytest.param(ITSELF, 201, id="la structure, pour elle"),
        pytest.param(ANOTHER, 404, id="une autre structure"),
        pytest.param(ITS_DELEGATION, 403, id="sa délégation"),
        pytest.param(NETWORK, 403, id="le réseau"),
    ],
)
async def test_who_may_prepare_a_mandate(
    desk: Desk, caller: tuple[tuple[str, ...], dict[str, Any]], status: int
) -> None:
    roles, who = caller
    answer = await desk.ask("POST", "", *roles, who=who, json={"member_id": str(OWN), "iban": IBAN})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("caller", [NETWORK, ITS_DELEGATION, ITSELF])
async def test_only_finance_tells_mandates_of_another_creditor(
    desk: Desk, caller: tuple[tuple[str, ...], dict[str, Any]]
) -> None:
    roles, who = caller
    assert (await desk.ask("POST", "/adopt-creditor", *roles, who=who)).status_code == 403


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        pytest.param(FINANCE, {IBAN}, id="les finances, entier"),
        pytest.param(ITSELF, {IBAN}, id="la structure, le sien"),
        pytest.param(NETWORK, {MASKED}, id="le réseau, masqué"),
        pytest.param(ITS_DELEGATION, {None}, id="sa délégation, qu'il existe"),
    ],
)
async def test_what_each_sees_of_an_account(
    desk: Desk, caller: tuple[tuple[str, ...], dict[str, Any]], seen: set[str | None]
) -> None:
    mandate = await desk.signed(OWN)
    await desk.act(mandate, "amend", since=str(desk.today), iban=IBAN, debtor_name="Trésorerie")
    roles, who = caller
    [listed] = await desk.list("", *roles, **who)
    detail = (await desk.ask("GET", f"/{mandate['id']}", *roles, who=who)).json()
    export = (await desk.ask("GET", "/export", *roles, who=who)).text
    assert {listed["iban"], detail["iban"], detail["amendments"][0]["iban"]} == seen
    if IBAN not in seen:
        assert IBAN not in f"{detail}{export}"
        assert detail["documents"] == []
    else:
        assert IBAN in export
    assert listed["rum"] in export


async def test_a_person_of_two_roles_sees_whole_only_its_own(desk: Desk) -> None:
    await desk.signed(OWN)
    await desk.signed(OTHER)
    mandates = await desk.list("sort=rum", "member", "network", member_id=OWN)
    assert [one["iban"] for one in mandates] == [IBAN, MASKED]
    assert [one["allowed_actions"] for one in mandates] == [["revoke"], []]


async def test_the_list_is_filtered_sorted_and_counted_within_reach(desk: Desk) -> None:
    first = await desk.signed(OWN, debtor_name="Trésorerie")
    second = await desk.prepare(OTHER, kind="one_off", scheme="b2b")
    rums = {
        "sort=rum": [first["rum"], second["rum"]],
        "sort=-name": [second["rum"], first["rum"]],
        "sort=lapses_on": [first["rum"], second["rum"]],
        "state=active": [first["rum"]],
        "state=prepared&state=revoked": [second["rum"]],
        "kind=one_off": [second["rum"]],
        "scheme=core": [first["rum"]],
        f"member_id={OTHER}": [second["rum"]],
        "delegation=bretagne": [second["rum"]],
        "to_confirm=true": [],
        "lapsing_before=2100-01-01": [first["rum"]],
        "q=régie": [second["rum"]],
        "q=00001": [first["rum"]],
    }
    found = {query: [one["rum"] for one in await desk.list(query)] for query in rums}
    assert found == rums
    page = (await desk.ask("GET", "?limit=1&total=true&sort=name")).json()
    assert (page["total"], [one["rum"] for one in page["items"]]) == (2, [first["rum"]])
    rest = (await desk.ask("GET", f"?limit=1&sort=name&cursor={page['next_cursor']}")).json()
    assert [one["rum"] for one in rest["items"]] == [second["rum"]]
    export = (await desk.ask("GET", "/export?state=prepared")).text
    assert second["rum"] in export
    assert first["rum"] not in export
    assert await desk.list("", "delegation", delegation="corse") == []


async def test_a_read_takes_as_many_statements_of_four_mandates_as_of_one(desk: Desk) -> None:
    mandate = await desk.signed(OWN)
    await desk.act(mandate, "amend", since=str(desk.today), iban="DE89370400440532013000")
    paths = ("", "/export", f"/{mandate['id']}")
    alone = [await statements(desk, path) for path in paths]
    await desk.signed(OTHER)
    await desk.prepare(OTHER)
    await desk.prepare(OWN)
    assert [await statements(desk, path) for path in paths] == alone


async def statements(desk: Desk, path: str) -> int:
    with desk.dues.statements() as sent:
        assert (await desk.ask("GET", path)).status_code == 200
    return len(sent)


def test_whoever_sees_accounts_whole_may_read_mandates() -> None:
    for role, scope in RIGHTS[Act.READ_MANDATE_ACCOUNTS].items():
        assert RIGHTS[Act.READ_MANDATES][role] >= scope
