"""The envelopes by the API: money comes in, is reserved, released, consumed, given back; nothing is rewritten."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest

from .treasury import ACCOUNT, LAST_DAY, ONE, TODAY, desk, refused, two_members


async def test_money_comes_in_and_is_followed_to_its_last_cent(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("1000.00")
        assert await treasurer.stands(one) == ("1000.00", "0.00", "0.00", "1000.00")
        held = await treasurer.reserved(one, "400.00")
        assert await treasurer.stands(one) == ("1000.00", "400.00", "0.00", "600.00")
        path = f"/reservations/{held['id']}"
        assert (await treasurer.act(f"{path}/consume", held, {"amount": "150.00", "cause": "2 jours"})).is_success
        assert (held["left"], held["consumed"]) == ("250.00", "150.00")
        assert (await treasurer.act(f"{path}/release", held, {"cause": "Un stagiaire de moins"})).is_success
        assert (await treasurer.act(f"{path}/return", held, {"amount": "50.00", "cause": "Avoir"})).is_success
        assert held["allowed_actions"] == ["return"]
        assert await treasurer.stands(one) == ("1000.00", "0.00", "100.00", "900.00")
        lines = (await treasurer.get("/movements", envelope_id=one["id"], sort="recorded_at"))["items"]
        assert [(line["number"], line["kind"], line["amount"]) for line in lines] == [
            (1, "contribution", "1000.00"),
            (2, "reserved", "400.00"),
            (3, "consumed", "150.00"),
            (4, "released", "250.00"),
            (5, "returned", "50.00"),
        ]
        assert all(line["cause"] and line["recorded_by"] for line in lines)
        for until, line in enumerate(lines, start=1):
            then = await treasurer.get(f"/envelopes/{one['id']}/balance", at=line["recorded_at"])
            assert (then["movements"], float(then["position"]["available"]) >= 0) == (until, True)


@pytest.mark.parametrize(
    ("act", "body", "why"),
    [
        pytest.param("release", {"amount": "100.01", "cause": "-"}, "reservation_short", id="libérer trop"),
        pytest.param("consume", {"amount": "100.01", "cause": "-"}, "reservation_short", id="consommer trop"),
        pytest.param(
            "return", {"amount": "0.01", "cause": "-"}, "reservation_unspent", id="rendre ce qui n'a pas servi"
        ),
    ],
)
async def test_no_more_is_used_than_is_reserved(
    training: ServiceUnderTest, act: str, body: dict[str, str], why: str
) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("500.00")
        held = await treasurer.reserved(one, "100.00")
        path = f"/reservations/{held['id']}"
        assert refused(await treasurer.act(f"{path}/{act}", held, body)) == (409, why)
        assert refused(await treasurer.act(f"{path}/{act}", {"version": 7}, body)) == (412, "version_changed")
        assert refused(await treasurer.post(f"{path}/{act}", body)) == (428, "if_match_missing")
        assert await treasurer.stands(one) == ("500.00", "100.00", "0.00", "400.00")


async def test_nothing_is_promised_that_is_not_there(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("500.00")
        wanted = {"amount": "500.01", "label": "Dossier", "cause": "Accord"}
        answer = await treasurer.post(f"/envelopes/{one['id']}/reservations", wanted)
        assert refused(answer) == (409, "envelope_short")
        assert answer.json()["available"] == "500.00"
        await treasurer.reserved(one, "300.00")
        path = f"/envelopes/{one['id']}/corrections"
        less = {"amount": "-200.01", "label": "Dotation", "cause": "Chèque rejeté"}
        assert refused(await treasurer.post(path, less)) == (409, "envelope_short")
        assert refused(await treasurer.post(path, {**less, "amount": "0.00"})) == (400, "correction_wrong")
        assert (await treasurer.post(path, {**less, "amount": "-200.00"})).status_code == 201
        assert await treasurer.stands(one) == ("300.00", "300.00", "0.00", "0.00")
        assert refused(await treasurer.post(f"/envelopes/{ONE}/corrections", less)) == (404, "envelope_not_found")


async def test_money_is_noted_once_it_has_come(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope()
        came = {"amount": "1.00", "happened_on": str(TODAY + timedelta(days=1)), "label": "Dotation", "cause": "-"}
        path = f"/envelopes/{one['id']}/contributions"
        assert refused(await treasurer.post(path, came)) == (400, "contribution_day_wrong")
        unknown = {**came, "happened_on": str(TODAY), "member_id": str(ONE)}
        assert refused(await treasurer.post(path, unknown)) == (404, "member_unknown")


async def test_an_envelope_is_reserved_between_its_days_and_consumed_after(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        soon = await treasurer.envelope("100.00", opens_on=str(TODAY + timedelta(days=1)))
        wanted = {"amount": "1.00", "label": "Dossier", "cause": "Accord"}
        answer = await treasurer.post(f"/envelopes/{soon['id']}/reservations", wanted)
        assert refused(answer) == (409, "envelope_not_open")
        one = await treasurer.envelope("100.00")
        held = await treasurer.reserved(one, "40.00")
    async with training.days_later(61) as later, desk(later) as treasurer:
        assert refused(await treasurer.post(f"/envelopes/{one['id']}/reservations", wanted)) == (
            409,
            "envelope_not_open",
        )
        came = {"amount": "1.00", "happened_on": str(TODAY), "label": "Dotation", "cause": "-"}
        path = f"/envelopes/{one['id']}/contributions"
        assert refused(await treasurer.post(path, came)) == (409, "envelope_closed")
        assert (await treasurer.act(f"/reservations/{held['id']}/consume", held, {"cause": "Certificat"})).is_success
        assert await treasurer.stands(one) == ("100.00", "0.00", "40.00", "60.00")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"closes_on": str(TODAY - timedelta(days=1))}, "envelope_dates_wrong", id="close avant d'ouvrir"),
        pytest.param({"funder": "AGEFOS-PME"}, "envelope_funder_wrong", id="l'opérateur d'une autre année"),
        pytest.param({"rules": {"hourly_ceiling": "25.00"}}, "envelope_unsourced", id="un plafond sans source"),
        pytest.param({"kind": "other"}, "envelope_funder_wrong", id="sans financeur"),
        pytest.param({"year": 2010}, "rule_missing", id="avant le premier opérateur connu"),
    ],
)
async def test_what_an_envelope_may_not_say(training: ServiceUnderTest, said: dict[str, Any], why: str) -> None:
    async with desk(training) as treasurer:
        assert refused(await treasurer.post("/envelopes", {**ACCOUNT, **said}))[1] == why
        one = await treasurer.envelope()
        headers = {"If-Match": '"v1"'}
        path = f"/funding/envelopes/{one['id']}"
        assert refused(await treasurer.client.put(path, json={**ACCOUNT, **said}, headers=headers))[1] == why


@pytest.mark.parametrize(("year", "operator"), [(2015, "AGEFOS-PME"), (2020, "OPCO EP"), (2026, "Uniformation")])
async def test_a_group_account_is_held_by_the_operator_of_its_year(
    training: ServiceUnderTest, year: int, operator: str
) -> None:
    async with desk(training) as treasurer:
        assert (await treasurer.envelope(year=year))["funder"] == operator
        rules = await treasurer.get("/rules")
    assert all(rule["source"] and rule["status"] in ("published", "assumed") for rule in rules["operators"])
    assert rules["rates"][0]["percents"] == {"etti": "0.8", "aci": "0.6", "ai": "0.6", "other": "0.6"}


async def test_the_rules_of_an_envelope_hold_once_something_followed_them(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("100.00")
        path = f"/funding/envelopes/{one['id']}"
        ceiling = {"hourly_ceiling": "25.00", "source": "Notification du 5 janvier 2026"}
        changed = await treasurer.client.put(path, json={**ACCOUNT, "rules": ceiling}, headers={"If-Match": '"v1"'})
        assert (changed.status_code, changed.json()["rules"]["hourly_ceiling"]) == (200, "25.00")
        held = await treasurer.reserved(one, "10.00")
        again = await treasurer.client.put(path, json=ACCOUNT, headers={"If-Match": '"v2"'})
        assert refused(again) == (409, "envelope_in_use")
        longer = {**ACCOUNT, "rules": ceiling, "closes_on": str(LAST_DAY + timedelta(days=30))}
        assert (await treasurer.client.put(path, json=longer, headers={"If-Match": '"v2"'})).status_code == 200
        allowed = await try_acts(
            treasurer.client,
            path,
            {
                "change": ("PUT", "", longer),
                "reserve": ("POST", "/reservations", {"amount": "1.00", "label": "-", "cause": "-"}),
                "correct": ("POST", "/corrections", {"amount": "1.00", "label": "-", "cause": "-"}),
            },
        )
        assert allowed == {"change", "reserve", "correct"}
        uses = {name: ("POST", f"/{name}", {"cause": "-"}) for name in ("release", "consume")}
        assert await try_acts(treasurer.client, f"/funding/reservations/{held['id']}", uses) == set(uses)


async def test_what_expires_and_what_sleeps_is_found(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("100.00")
        await treasurer.envelope("100.00", title="Autre", closes_on=str(LAST_DAY + timedelta(days=300)))
        await treasurer.envelope(title="Vide")
        await treasurer.reserved(one, "10.00", label="Dort")
        used = await treasurer.reserved(one, "10.00", label="Sert")
        await treasurer.act(f"/reservations/{used['id']}/consume", used, {"amount": "1.00", "cause": "1 jour"})
        before = str(LAST_DAY + timedelta(days=1))
        assert [each["title"] for each in (await treasurer.get("/envelopes", expires_before=before))["items"]] == [
            one["title"]
        ]
        assert (await treasurer.get("/envelopes", expires_before=str(LAST_DAY)))["items"] == []
        assert (await treasurer.get("/reservations", idle_days=30))["items"] == []
    async with training.days_later(31) as later, desk(later) as treasurer:
        idle = (await treasurer.get("/reservations", idle_days=30))["items"]
        assert [each["label"] for each in idle] == ["Dort"]


@pytest.mark.parametrize(
    ("path", "params", "column", "found"),
    [
        ("/envelopes", {"state": "open", "q": "groupe"}, "titre", ["Compte groupe 2026"]),
        ("/envelopes", {"kind": "other"}, "titre", []),
        ("/envelopes", {"year": 2026}, "titre", ["Compte groupe 2026"]),
        ("/reservations", {"subject_kind": "other", "q": "Dossier"}, "objet", ["Dossier 1"]),
        ("/reservations", {"member_id": str(ONE)}, "objet", ["Dossier 1"]),
        ("/movements", {"kind": ["reserved", "contribution"]}, "nature", ["versement", "réservation"]),
        ("/movements", {"recorded_to": "2020-01-01T00:00:00Z"}, "nature", []),
        ("/movements", {"member_id": str(ONE), "recorded_from": "2020-01-01T00:00:00Z"}, "nature", ["réservation"]),
    ],
)
async def test_an_export_has_what_its_list_has(
    training: ServiceUnderTest, path: str, params: dict[str, Any], column: str, found: list[str]
) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        await treasurer.reserved(await treasurer.envelope("100.00"), "10.00", member_id=str(ONE))
        listed = await treasurer.get(path, total=True, **params)
        text_of = (await treasurer.client.get(f"/funding{path}/export", params=params)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text_of), delimiter=";"))
    assert ([row[column] for row in rows], listed["total"]) == (found, len(found))


@pytest.mark.parametrize("change", ["UPDATE envelope_movement SET amount = 1", "DELETE FROM envelope_movement"])
async def test_the_ledger_is_only_added_to(training: ServiceUnderTest, change: str) -> None:
    async with desk(training) as treasurer:
        await treasurer.envelope("100.00")
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text(change))


async def test_a_trial_writes_nothing(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("100.00")
        tried = await treasurer.post(
            f"/envelopes/{one['id']}/reservations", {"amount": "10.00", "label": "-", "cause": "-"}, dry_run=True
        )
        assert (tried.status_code, tried.json()["left"]) == (201, "10.00")
        assert await treasurer.stands(one) == ("100.00", "0.00", "0.00", "100.00")


@pytest.mark.parametrize(("role", "status"), [("network", 200), ("board", 200), ("member", 403), ("delegation", 403)])
async def test_who_reads_the_envelopes(training: ServiceUnderTest, role: str, status: int) -> None:
    async with training.client(role, member_id=ONE, delegation="occitanie") as client:
        for path in ("/envelopes", "/movements", "/reservations"):
            assert (await client.get(f"/funding{path}")).status_code == status
        assert (await client.post("/funding/envelopes", json=ACCOUNT)).status_code == 403
