"""Who votes is convened once, in time, or with a reason; who cannot be reached is said; all of it is proven."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.errors import Refusal, obstacle
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.pictures import faults_of_print
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.assemblies.domain import (
    Assembly,
    AssemblyKind,
    AssemblyStatus,
    ConvocationTooEarly,
    ConvocationTooLate,
    late_reason_on,
)
from membership.assemblies.queries import assembly_rules
from membership.convocations import use_cases

from ..assemblies.test_assembly import (
    HELD,
    NAMES,
    RESOLUTION,
    ROLL_DAY,
    SEATS,
    act,
    came,
    convened,
    opens,
    text_of,
)
from ..contacts.test_contacts import known, seat
from ..duplicates.test_merging import merge
from ..electoral_roll.test_roll import TODAY, able, at, freeze, joined
from ..observatory.test_pictures import ACCENT, INK, SOFT
from ..renewals.test_renewals import SOON, _settled, membership, pages

__all__ = ["membership"]
LATE = HELD - timedelta(days=5)
RULE = assembly_rules()[0]
CONVENED = Assembly(
    id=UUID(int=1), kind=AssemblyKind.ORDINARY, title="AG", held_on=date(2027, 6, 30), place="Paris",
    status=AssemblyStatus.CONVENED, convened_on=date(2027, 5, 1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "reason", "expected"),
    [
        pytest.param(date(2027, 4, 30), None, ConvocationTooEarly, id="avant que les membres soient convoqués"),
        pytest.param(date(2027, 5, 1), None, None, id="le jour même"),
        pytest.param(date(2027, 6, 15), "inutile", None, id="le dernier jour : aucune raison n'est gardée"),
        pytest.param(date(2027, 6, 16), None, ConvocationTooLate, id="le lendemain"),
        pytest.param(date(2027, 6, 16), "adresse retrouvée", "adresse retrouvée", id="le lendemain, avec la raison"),
        pytest.param(date(2027, 6, 30), "adresse retrouvée", "adresse retrouvée", id="le jour de l'assemblée"),
        pytest.param(date(2027, 7, 1), "adresse retrouvée", ConvocationTooLate, id="après l'assemblée"),
    ],
)
def test_a_convocation_leaves_in_time_or_with_a_reason(
    day: date, reason: str | None, expected: str | type[Refusal] | None
) -> None:
    """Fifteen days: assumed, the statutes were not read (assemblies/data/assembly.toml)."""
    if isinstance(expected, type):
        assert type(obstacle(lambda: late_reason_on(CONVENED, RULE, day, reason))) is expected
    else:
        assert late_reason_on(CONVENED, RULE, day, reason) == expected
    unconvened = replace(CONVENED, convened_on=None)
    assert type(obstacle(lambda: late_reason_on(unconvened, RULE, day, reason))) is ConvocationTooEarly


async def five_led(membership: ServiceUnderTest, *names: str) -> tuple[dict[str, str], dict[str, str]]:
    """Five members able to vote on the day, and the presidents of some, who have an e-mail address."""
    async with membership.client("network", "board") as client:
        ids = {name: await joined(client, name) for name in (*NAMES, "Echo")}
        people = await led(client, ids, *names)
    await able(membership, *ids.values())
    return ids, people


async def two_convened(membership: ServiceUnderTest) -> tuple[dict[str, str], str]:
    """An assembly is convened, of which Alpha and Bravo can be told by mail."""
    ids, _ = await five_led(membership, "Alpha", "Bravo")
    async with membership.client("network", "board") as client:
        return ids, await convened(client, RESOLUTION)


async def led(client: httpx.AsyncClient, ids: dict[str, str], *names: str) -> dict[str, str]:
    people = {}
    for name in names:
        path = f"/members/{ids[name]}"
        address = f"presidence@{name.lower()}.example"
        person = {"given_name": "Camille", "family_name": name.upper(), "email": address}
        people[name] = await known(client, path, person)
        await seat(client, path, seat="president", contact_id=people[name])
    return people


async def sent(membership: ServiceUnderTest, path: str, mails: int, **body: Any) -> dict[str, str | None]:
    """Send the convocations of today, and wait until every mail so far is settled; return the receipt by structure."""
    async with membership.client("network") as client:
        asked = await client.post(f"{path}/convocations", json=body or None)
        assert asked.status_code == 202, asked.text
        await membership.run_jobs()
        async with running(membership.mail_sender(SOON).run):
            await eventually(lambda: _settled(membership, mails), awaited="every mail settled")
        receipt = await client.get(asked.headers["location"].removeprefix("/membership/v1") + "/receipt")
        return {line["reference"]: line["code"] for line in receipt.json()["items"]}


async def states(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, tuple[str, str]]:
    lines = (await client.get(f"{path}/convocations", params=params)).json()["items"]
    return {line["name"]: (line["state"], line["means"]) for line in lines}


async def test_who_votes_is_convened_and_the_minutes_say_so(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    ids, people = await arranged(membership, five_led, "Alpha", "Bravo", "Echo")
    async with membership.client("network", "board") as client:
        path = await convened(client, RESOLUTION, SEATS)
        seats = (await client.get(path)).json()["agenda"][1]["id"]
        body = {"member_id": ids["Alpha"], "contact_id": people["Alpha"]}
        assert (await client.post(f"{path}/items/{seats}/candidacies", json=body)).status_code == 200
        preview = (await client.get(f"{path}/convocations/{ids['Alpha']}")).json()["to_send"]
    for words in (
        "Votre structure, Alpha",
        "Lieu : Paris.",
        "1. Comptes 2026 (majorité simple) : L'assemblée approuve les comptes.",
        "2. Sièges d'Occitanie : 2 sièges à pourvoir, Occitanie ; candidatures reçues à ce jour : Alpha",
        "donnez pouvoir à une autre structure qui vote",
        "Au plus 2 pouvoirs par structure.",
        "liste électorale du",
    ):
        assert words in preview["text"], words
    assert "ALPHA" not in preview["text"], "nobody is named in what is kept for years"

    receipt = await sent(membership, path, 3)
    assert sorted(receipt.values(), key=str) == [None, None, None, "no_mail_address", "no_mail_address"]
    assert sorted(mail.recipient for mail in mailbox.received) == [
        "presidence@alpha.example", "presidence@bravo.example", "presidence@echo.example",
    ]  # fmt: skip
    assert len(await sent(membership, path, 3)) == 2, "asked again, only to whom nothing was sent"

    async with membership.client("network") as client:
        assert await states(client, path) == {
            "Alpha": ("convened", "mail"), "Bravo": ("convened", "mail"), "Charlie": ("to_convene", "letter"),
            "Delta": ("to_convene", "letter"), "Echo": ("convened", "mail"),
        }  # fmt: skip
        assert set(await states(client, path, unreached=True)) == {"Charlie", "Delta"}
        charlie = (await client.get(f"{path}/convocations/{ids['Charlie']}")).json()
        assert charlie["problems"] == ["Aucun courriel n'atteint Charlie."]
        [kept] = (await client.get(f"{path}/convocations/{ids['Bravo']}")).json()["notices"]
        assert (kept["status"], kept["recipient"], kept["allowed_actions"]) == (
            "sent", "presidence@bravo.example", ["record_return"],
        )  # fmt: skip
        assert len(pages((await client.get(f"{path}/convocations/letters")).content)) == 2
        posted = {"posted_on": TODAY.isoformat(), "letters": [{"member_id": ids["Charlie"], "tracking_number": "1A"}]}
        counts = (await client.post(f"{path}/convocations/letters", json=posted)).json()["convocations"]
        assert (counts["enrolled"], counts["convened"], counts["to_send"], counts["unreached"]) == (5, 4, 0, 1)
        again = await client.post(f"{path}/convocations/letters", json=posted)
        assert (again.status_code, again.json()["code"]) == (409, "convocation_not_needed")
        back = {"returned_on": TODAY.isoformat(), "reason": "boîte inconnue"}
        line = (await client.post(f"{path}/convocations/notices/{kept['id']}/return", json=back)).json()
        assert (line["state"], line["means"]) == ("to_convene", "letter")
        assert line["problems"][0] == "courriel revenu : boîte inconnue"

    async with at(membership, LATE) as client:
        await freeze(client, ROLL_DAY)
        late = await client.post(f"{path}/convocations")
        assert (late.status_code, late.json()["code"]) == (409, "convocation_too_late")
        assert late.json()["last_day"] == ROLL_DAY.isoformat()
        missing = {"posted_on": LATE.isoformat(), "letters": [{"member_id": ids["Delta"]}]}
        refused = await client.post(f"{path}/convocations/letters", json=missing)
        assert (refused.status_code, refused.json()["code"]) == (409, "convocation_too_late")
        explained = {**missing, "late_reason": "adresse retrouvée"}
        counts = (await client.post(f"{path}/convocations/letters", json=explained)).json()["convocations"]
        assert (counts["late"], counts["late_reasons"]) == (1, ["adresse retrouvée"])
        proof_pdf = (await client.get(f"{path}/convocations/proof")).content
        shown = {"Convocations": ACCENT, "4 sur 5": INK, "Aucun courriel": INK, "À confirmer": SOFT}
        assert faults_of_print(proof_pdf, shown) == []
        proof = " ".join(pages(proof_pdf))
        for words in (
            "4 sur 5", "presidence@alpha.example", "presidence@bravo.example", "revenu", "1A",
            "après le dernier jour : adresse retrouvée", "Non convoquées", "Aucun courriel n'atteint Bravo",
            "Les statuts n'ont pas été lus", "Comptes 2026",
        ):  # fmt: skip
            assert words in proof, words

    async with at(membership, HELD) as client:
        await opens(client, path)
        await came(client, path, ids["Alpha"], ids["Bravo"])
        minutes = text_of((await client.get(f"{path}/minutes/draft")).content)
        closed = await client.post(f"{path}/convocations", json={"late_reason": "oubli"})
        assert (closed.status_code, closed.json()["code"]) == (409, "assembly_state")
    assert "4 structures sur 5, dont 1 après le dernier jour (adresse retrouvée) ; 1 non convoquée" in minutes


async def test_each_reads_its_own_and_addresses_are_hidden_from_who_may_not_read_people(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    ids, path = await arranged(membership, two_convened)
    mailbox.answer_next("RCPT", "550 5.1.1 <presidence@alpha.example>: No such user")
    await sent(membership, path, 2)
    async with membership.client("member", member_id=UUID(ids["Bravo"])) as client:
        assert set(await states(client, path)) == {"Bravo"}
        assert (await client.get(path)).json()["convocations"] is None
        other = await client.get(f"{path}/convocations/{ids['Alpha']}")
        assert (other.status_code, other.json()["code"]) == (404, "convocation_not_found")
        assert (await client.get(f"{path}/convocations/proof")).status_code == 403
    for role, shown in (("network", "presidence@alpha.example"), ("board", "p…@alpha.example")):
        async with membership.client(role) as client:
            export = (await client.get(f"{path}/convocations/export")).text
            told = (await client.get(f"{path}/convocations/{ids['Alpha']}")).json()
            proof = " ".join(pages((await client.get(f"{path}/convocations/proof")).content))
            assert told["notices"][0]["recipient"] == shown
            assert all(shown in text for text in (export, str(told["problems"]), proof))
            assert role == "network" or "presidence@alpha.example" not in f"{export}{told}{proof}"


async def test_what_was_convened_elsewhere_is_not_written_to_again(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    ids, _ = await arranged(membership, five_led, "Alpha", "Bravo", "Echo")
    async with membership.client("network", "board") as client:
        path = await convened(client, RESOLUTION, proof="Lettres postées par un prestataire")
        posted = {"posted_on": TODAY.isoformat(), "letters": [{"member_id": ids["Charlie"], "tracking_number": "1A"}]}
        counts = (await client.post(f"{path}/convocations/letters", json=posted)).json()["convocations"]
        assert (counts["convened"], counts["elsewhere"], counts["to_send"], counts["unreached"]) == (1, 4, 0, 0)
        minutes = text_of((await client.get(f"{path}/minutes/draft")).content)
        assert "1 structure sur 5 ; 4 convoquées ailleurs." in minutes
        proof = " ".join(pages((await client.get(f"{path}/convocations/proof")).content))
        assert "4 : Lettres postées par un prestataire" in proof
        assert "Non convoquées" not in proof
        assert "ceux du jour où il fut consigné" in proof, "the letter was printed elsewhere, or before"
    assert await sent(membership, path, 0) == {}
    assert mailbox.received == []
    await sent(membership, path, 3, elsewhere=True)
    assert len(mailbox.received) == 3


async def test_what_has_not_left_is_taken_back_when_there_is_nothing_to_convene_to(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    await arranged(membership, five_led, "Alpha")
    async with membership.client("network", "board") as client:
        cancelled, opened = await convened(client, RESOLUTION), await convened(client, RESOLUTION)
        for path in (cancelled, opened):
            assert (await client.post(f"{path}/convocations")).status_code == 202
            await membership.run_jobs()
        assert len(await membership.rows("SELECT 1 FROM mail")) == 2
        assert (await act(client, cancelled, "/cancel", reason="reportée")).status_code == 200
        assert len(await membership.rows("SELECT 1 FROM mail")) == 1
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        await opens(client, opened)
        counts = (await client.get(opened)).json()["convocations"]
        assert (counts["sending"], counts["to_send"]) == (0, 1)
    assert await membership.rows("SELECT 1 FROM mail") == []
    assert await membership.rows("SELECT 1 FROM notice") == []


async def test_sending_is_shown_to_need_a_reason_once_it_is_late(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    _, path = await arranged(membership, two_convened)
    async with membership.client("network", "board") as client:
        assert "send_convocations" in (await client.get(path)).json()["allowed_actions"]
    for day in (LATE, HELD + timedelta(days=1)):
        async with at(membership, day) as client:
            shown = (await client.get(path)).json()
            assert "send_convocations" not in shown["allowed_actions"]
            [blocker] = shown["blockers"]["send_convocations"]
            refused = (await client.post(f"{path}/convocations")).json()
            assert (blocker["code"], blocker["message"]) == (refused["code"], refused["detail"])


async def test_who_was_convened_stays_so_when_it_turns_out_to_be_a_duplicate(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    """The frozen roll keeps both lines; what was sent goes with the record that stays."""
    ids, path = await arranged(membership, two_convened)
    await sent(membership, path, 2)
    async with at(membership, ROLL_DAY) as client:
        await freeze(client, ROLL_DAY)
        await merge(client, f"/members/{ids['Alpha']}", f"/members/{ids['Bravo']}")
        assert {name: (await states(client, path))[name][0] for name in ("Alpha", "Bravo")} == {
            "Alpha": "convened", "Bravo": "convened",
        }  # fmt: skip
        line = (await client.get(f"{path}/convocations/{ids['Bravo']}")).json()
        assert [one["recipient"] for one in line["notices"]][-1] == "presidence@bravo.example"
        assert (await client.get(path)).json()["convocations"]["convened"] == 2


class Killed(Exception):
    """The process dies before its transaction ends."""


async def killed_while_sending(membership: ServiceUnderTest, assembly_id: UUID) -> None:
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        assert len(await use_cases.send_slice(tx, assembly_id, 0, None, after=None, limit=100)) == 5
        raise Killed


async def test_nobody_is_convened_twice_by_two_who_send_or_by_one_that_dies(
    membership: ServiceUnderTest, arranged: Arrange, mailbox: Mailbox
) -> None:
    _, path = await arranged(membership, two_convened)
    async with membership.client("network", "board") as client:
        first, second = [await client.post(f"{path}/convocations") for _ in range(2)]
    assert (first.status_code, second.status_code) == (202, 202)
    with pytest.raises(Killed):
        await killed_while_sending(membership, UUID(path.rpartition("/")[2]))
    assert await membership.rows("SELECT 1 FROM mail") == []
    await membership.run_jobs()
    assert len(await membership.rows("SELECT 1 FROM mail")) == 2
    assert len(await membership.rows("SELECT DISTINCT member_id FROM notice")) == 2
