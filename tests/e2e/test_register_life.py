"""A structure's life in the register, from its application to its departure, and what dues knows of each step."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from common.testing.awaiting import eventually
from demo.story import DATA
from devstack import inbox
from e2e.parts import api_of_another_day, jobs_of_another_day
from e2e.people import (
    Person,
    Structure,
    admitted,
    at_dues,
    becomes,
    candidate,
    contact,
    new_siret,
    on,
    people,
    sat,
    words_of,
)
from e2e.platform import Platform

TODAY = date.fromisoformat(on(0))
OCTOBER = date(TODAY.year + (date(TODAY.year, 10, 15) < TODAY), 10, 15)
"""The next day in the window where members are told that the year will be renewed."""
HEARING_DAYS = 15
PDF = b"%PDF-1.7 fictif"
LETTER = {"means": "registered_letter", "proof": "AR 2C 000 000 0000 0"}


def test_a_correction_answers_otherwise_as_of_a_day_and_as_known_at_an_instant(platform: Platform) -> None:
    """An ACI entered as an AI: for the same day, the record and the roll say what is known now, or was then."""
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "La Ressourcerie des Exemples")
        instant = datetime.now(UTC).isoformat()
        network.act(own.path, verb="PATCH", activities=["aci"], effective_on=on(0), reason="erreur de saisie")
        network.act(own.path, verb="PATCH", name="La Recyclerie des Exemples", effective_on=on(30), reason="assemblée")

        def kinds(**when: str) -> list[str]:
            return [one["kind"] for one in network.read(own.path, **when)["activities"]]

        def college(**when: str) -> str:
            return str(network.read(f"electoral-roll/{own.path}", **when)["college"])

        then = {"as_of": on(20)}
        assert (kinds(**then), college(**then)) == (["aci"], "production")
        then["known_at"] = instant
        assert (kinds(**then), college(**then)) == (["ai"], "intermediation")
        names = [network.read(own.path, as_of=day)["name"] for day in (on(29), on(30))]
        assert names == [own.name, "La Recyclerie des Exemples"]
        assert network.read(own.path, as_of=on(30), known_at=instant)["name"] == own.name


async def test_a_ges_has_its_parts_and_a_delegation_is_overridden_with_a_reason(platform: Platform) -> None:
    """Each from a day on; overridden, the delegation does not follow the address until it is said to again."""
    with people(platform, "network", "board", "delegation-bretagne") as (network, board, bretagne):
        group, part = admitted(network, board, "Le Groupe Solidaire", "La Filiale")
        network.act(group.path, "entries", topic="activity", kind="ges", main=True)
        network.act(part.path, "entries", topic="group", group_id=group.id, effective_on=on(10))
        parts = [network.read("members", group=group.id, as_of=on(day))["items"] for day in (9, 10)]
        assert [[one["name"] for one in shown] for shown in parts] == [[], [part.name]]

        assert bretagne.denied(part.path) == 404
        silent = {"topic": "delegation", "code": "bretagne"}
        assert network.refused(part.path, "entries", **silent) == "validation"
        network.act(part.path, "entries", **silent, reason="son siège est à Rennes")
        network.act(part.path, verb="PATCH", street="3 rue Neuve", postcode="75011", city="PARIS", department="75")
        await becomes(platform, part, delegation="bretagne")
        assert bretagne.read(part.path)["delegation_imposed"] is True
        network.act(part.path, "entries", topic="delegation", code=None, reason="le siège a fermé")
        await becomes(platform, part, delegation="idf")


async def test_days_typed_by_mistake_are_corrected_and_what_was_known_stays(platform: Platform) -> None:
    """A structure joins no earlier than its board sat; dues hears of the day, and then that it left."""
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "Le Bon Jour")
    async with api_of_another_day(platform, "membership", days_later=7) as later:
        then, why = Person(later("network")), {"reason": "année mal lue"}
        seen_at = (datetime.now(UTC) + timedelta(days=7)).isoformat()
        refused = then.refused(own.path, "status/correct", which="joining", day=on(-1), **why)
        assert refused == "day_before_sitting"
        then.act(own.path, "status/correct", which="joining", day=on(2), **why)
        await becomes(platform, own, status="active", joined_on=TODAY + timedelta(days=2))
        assert then.read(own.path, as_of=on(3), known_at=seen_at)["joined_on"] == on(0)
        then.act(own.path, "departure", cause="ceased", received_on=on(6), reason="liquidation")
        assert then.act(own.path, "status/correct", which="leaving", day=on(5), **why)["left_on"] == on(5)
        assert [then.read(own.path, as_of=on(day))["status"] for day in (4, 5)] == ["active", "left"]
        await becomes(platform, own, status="left")


def test_a_seat_is_handed_over_in_one_call_and_invoices_always_go_to_somebody(platform: Platform) -> None:
    with people(platform, "network", "board", "finance") as (network, board, finance):
        [own] = admitted(network, board, "La Relève")
        assert finance.read(f"{own.path}/billing")["address"]["city"] == "TOULOUSE"
        camille, sacha = contact(network, own, "Camille"), contact(network, own, "Sacha")

        def holders(**when: str) -> list[str]:
            return [one["name"] for one in network.read(f"{own.path}/seats", **when)["mandates"]]

        network.act(own.path, "seats/appoint", seat="billing", contact_id=camille)
        instant = datetime.now(UTC).isoformat()
        succession = {"seat": "billing", "contact_id": sacha, "effective_on": on(30), "reason": "départ en retraite"}
        network.act(own.path, "seats/appoint", **succession)
        assert (holders(as_of=on(29)), holders(as_of=on(30))) == (["Camille EXEMPLE"], ["Sacha EXEMPLE"])
        assert holders(as_of=on(30), known_at=instant) == ["Camille EXEMPLE"]
        assert network.refused(own.path, "seats/leave", seat="billing") == "billing_seat_needed"
        assert finance.read(f"{own.path}/billing")["contact"]["name"] == "Camille EXEMPLE"


async def test_a_candidate_joins_by_its_file_an_opinion_and_a_vote_with_a_reservation(platform: Platform) -> None:
    """Without a quorum the sitting does not close; closed, it has minutes, and dues has one more structure."""
    with people(platform, "network", "board", "delegation-occitanie") as (network, board, occitanie):
        own, application = candidate(network, "L'Étoile du Midi")
        path = f"applications/{application['id']}"
        sent = network.attach(f"{path}/documents", ("Statuts.pdf", PDF), item="statutes")
        [statutes] = [line["document"] for line in sent["checklist"] if line["item"] == "statutes"]
        network.act(path, f"documents/{statutes['id']}/accept")
        opinion = {"advice": "favourable", "text": "Rencontrée le 3 mars, projet solide."}
        shown = occitanie.act(path, "opinions", **opinion)
        assert [(one["advice"], one["counts"]) for one in shown["opinions"]] == [("favourable", True)]

        who = {"in_office": 3, "minutes_reference": "PV-ETOILE"}
        sitting = f"sittings/{board.send('sittings', held_on=on(0), **who)['id']}"
        agenda = {"title": "Candidature de L'Étoile du Midi", "matter_id": application["id"]}
        board.act(sitting, "agenda", verb="PUT", items=[agenda])

        def attended(sacha: dict[str, str]) -> Any:
            present = {"name": "Camille EXEMPLE", "capacity": "Occitanie", "presence": "present"}
            excused = {"name": "Dominique MODÈLE", "presence": "excused"}
            attendees = [present, {"name": "Sacha FICTIF", **sacha}, excused]
            return board.act(sitting, "attendance", verb="PUT", attendees=attendees)["quorum"]

        assert attended({"presence": "absent"})["reached"] is False
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 1}
        assert board.refused(sitting, "decisions", decisions=[vote]) == "documents_outstanding"
        reserved = {**vote, "reservations": [{"text": "Convention à fournir", "due_on": on(90)}]}
        board.act(sitting, "decisions", decisions=[reserved])
        assert board.refused(sitting, "close") == "quorum_not_reached"
        assert await at_dues(platform, own) == {}
        assert attended({"presence": "represented", "proxy": "Camille EXEMPLE"})["reached"] is True
        board.act(sitting, "decisions", decisions=[{**reserved, "votes_for": 2}])
        board.act(sitting, "close")
        await becomes(platform, own, status="active")

        minutes = f"/membership/v1/{sitting}/minutes"
        await eventually(lambda: board.client.get(minutes).is_success, awaited="the minutes")
        told = words_of(board.get(minutes).content)
        for words in (own.name, "Convention à fournir", "représenté par Camille EXEMPLE", "Candidature admise"):
            assert words in told, told
        lifted = network.act(path, "reservations/1/lift", lifted_on=on(0), remark="reçue")
        assert [one["stands"] for one in lifted["reservations"]] == [False]


def _opened(network: Person, structure: Structure, kind: str) -> dict[str, Any]:
    """Open a measure against a structure, and tell it where that is due."""
    measure: dict[str, Any] = network.act(structure.path, "measures", kind=kind, grounds="Cotisations impayées.")
    if measure["hearing"] is not None:
        network.act(f"measures/{measure['id']}", "notifications", received_on=on(0), **LETTER)
    return measure


async def test_nobody_is_suspended_or_excluded_unheard_and_dues_follows_each_step(platform: Platform) -> None:
    with people(platform, "network", "board") as (network, board):
        suspended, excluded = admitted(network, board, "La Passerelle", "Le Tremplin")
        suspension, exclusion = _opened(network, suspended, "suspension"), _opened(network, excluded, "exclusion")
        with people(platform, excluded.persona) as [accused]:
            answered = accused.act(f"measures/{exclusion['id']}", "answers", text="Un échéancier a été demandé.")
            assert answered["hearing"]["decidable_from"] == on(HEARING_DAYS)
        votes = [{"matter_id": one["id"], "outcome": "pronounced", "votes_for": 7} for one in (suspension, exclusion)]
        hasty = sat(board)
        assert board.refused(hasty, "decisions", decisions=votes) == "not_heard"
        assert network.read(excluded.path)["status"] == "active"

        async with api_of_another_day(platform, "membership", days_later=HEARING_DAYS) as later:
            that_board, that_network = Person(later("board")), Person(later("network"))
            sitting = sat(that_board, *votes, held_on=on(HEARING_DAYS))
            that_board.act(sitting, "close")
            await becomes(platform, suspended, status="suspended")
            await becomes(platform, excluded, status="left")
            gone = that_network.read(excluded.path)
            assert (gone["departure_cause"], gone["left_on"]) == ("excluded", on(HEARING_DAYS))
            lift = _opened(that_network, suspended, "reinstatement")
            vote = {"matter_id": lift["id"], "outcome": "pronounced", "votes_for": 9}
            that_board.act(sat(that_board, vote, held_on=on(HEARING_DAYS)), "close")
            await becomes(platform, suspended, status="active")


async def test_who_resigns_stays_for_its_notice_and_dues_hears_on_its_last_day(platform: Platform) -> None:
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "Le Départ")
        await becomes(platform, own, status="active")
        ends_on = network.read("departures/notice", received_on=on(0))["ends_on"]
        letter = {"cause": "resigned", "received_on": on(0), "reason": "courrier de la présidence"}
        announced = network.act(own.path, "departure", **letter)
        assert (announced["status"], announced["upcoming"][0]["effective_on"]) == ("active", ends_on)
        assert network.read(own.path, as_of=ends_on)["departure_cause"] == "resigned"
        assert (await at_dues(platform, own))["status"] == "active"
        notice = (datetime.fromisoformat(ends_on) - datetime.fromisoformat(on(0))).days
        with jobs_of_another_day(platform, "membership", days_later=notice):
            await becomes(platform, own, status="left")


async def test_another_siret_is_shown_first_and_its_siren_reaches_dues(platform: Platform) -> None:
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "Le Changement d'Adresse")
        await becomes(platform, own, siren=own.siren)
        before = network.read(own.path)
        siret = new_siret()
        moved = {"siret": siret, "street": "2 rue Neuve", "postcode": "35000", "city": "RENNES"}
        body = {"kind": "siret_change", "member_id": own.id, "version": before["version"], "reason": "siège", **moved}
        shown = network.send("restructurings?dry_run=true", **body)
        assert network.read(own.path) == before
        done = network.send("restructurings", **body)
        carried = [[one["entry"]["topic"] for one in act["carried"]] for act in (shown, done)]
        assert carried == [["identifiers", "address"]] * 2
        await becomes(platform, own, siren=siret[:9], delegation="bretagne")


async def test_a_split_carries_an_activity_to_a_candidate_whom_dues_knows_once_admitted(platform: Platform) -> None:
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "Le Grand Chantier", activities=["ai", "etti"])
        body = {"kind": "split", "member_id": own.id, "version": network.read(own.path)["version"], "reason": "vote"}
        place = {"street": "2 rue des Exemples", "postcode": "31000", "city": "TOULOUSE", "department": "31"}
        name = "Le Grand Chantier Intérim"
        done = network.send("restructurings", **body, name=name, activities=["etti"], **place)
        born = Structure(done["other_id"], name, siren="")
        assert [one["code"] for one in done["to_follow"]] == ["conventions", "application"]
        assert [one["kind"] for one in network.read(own.path)["activities"]] == ["ai"]
        assert await at_dues(platform, born) == {}
        waiting = network.read("applications", status="open", limit=200)["items"]
        [application] = [one for one in waiting if one["member_id"] == born.id]
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 9, "reservations": ["pièces"]}
        board.act(sat(board, vote), "close")
        await becomes(platform, born, status="active")
        assert (await at_dues(platform, own))["status"] == "active"


async def test_a_year_is_renewed_with_proof_and_no_call_or_payment_has_a_part_in_it(platform: Platform) -> None:
    """Told in the window by a mail that is kept; who refuses leaves, who was reached otherwise stays, with a reason."""
    with people(platform, "network", "board", "finance") as (network, board, finance):
        informed, refuses, reached, forgotten = admitted(network, board, "L'Avisée", "La Fugue", "La Jointe", "L'Omise")
        for structure, mail in ((informed, "presidence@avisee.example"), (refuses, "presidence@fugue.example")):
            camille = contact(network, structure, "Camille", email=mail)
            network.act(structure.path, "seats/appoint", seat="president", contact_id=camille)
        await becomes(platform, informed, status="active")
        [campaign] = finance.read("/dues/v1/campaigns")["items"]
        finance.act(f"/dues/v1/campaigns/{campaign['id']}", "run")
        told = {"status": "issued", "standing": "up_to_date"}.items()
        called = await eventually(
            lambda: (now := network.read(informed.path))["standing"].items() >= told and now, awaited="where it stands"
        )
        assert (called["renewed_years"], called["standing"]["owed"]) == ([], called["standing"]["total"])

        async with api_of_another_day(platform, "membership", days_later=(OCTOBER - TODAY).days) as later:
            then, leaver = Person(later("network")), Person(later(refuses.persona))
            renewal = f"renewals/{then.send('renewals', year=OCTOBER.year + 1)['id']}"
            line = f"{renewal}/{informed.path}"
            with jobs_of_another_day(platform, "membership", days_later=(OCTOBER - TODAY).days):
                then.send(f"{renewal}/notify")
                await eventually(lambda: then.read(line)["state"] == "notified", awaited="the notice", seconds=60)
            [notice] = then.read(line)["notices"]
            assert (notice["sent_on"], notice["recipient"]) == (str(OCTOBER), "presidence@avisee.example")
            received = [(mail.recipient, mail.subject) for mail in inbox.caught(platform.settings)]
            assert received.count((notice["recipient"], notice["subject"])) == 1
            proof = words_of(then.get(f"{line}/proof").content)
            assert notice["recipient"] in proof
            assert f"renouvelée pour {OCTOBER.year + 1}" in proof
            assert leaver.act(f"{renewal}/{refuses.path}", "opt-out", reason="projet arrêté")["state"] == "opted_out"
            then.send(f"{renewal}/exceptions", members=[reached.id], reason="jointe par téléphone")

        january = date(OCTOBER.year + 1, 1, 2)
        with jobs_of_another_day(platform, "membership", days_later=(january - TODAY).days):
            await becomes(platform, refuses, status="left")
            for structure in (informed, reached):
                await becomes(platform, structure, status="active", renewed_years=[january.year])
        assert (await at_dues(platform, forgotten))["renewed_years"] == []
        whys = {
            structure.id: network.read(f"{structure.path}/entries", topic="renewal")["items"][0]["reason"]
            for structure in (informed, reached)
        }
        assert whys[informed.id] == f"informée le {OCTOBER:%d/%m/%Y}"
        assert "jointe par téléphone" in whys[reached.id]
        # Neither a call nor a payment came of it: the only call is that of the year it joined, which is not due yet.
        assert network.read(informed.path, as_of=str(january))["renewed_years"] == [january.year]
        calls = finance.read("/dues/v1/invoices", member_id=informed.id)["items"]
        assert [one["number"] for one in calls] == [called["standing"]["number"]]
        assert network.read(informed.path)["standing"] == called["standing"]
        [remark] = network.read(f"electoral-roll/{informed.path}")["remarks"]
        assert remark["code"] == "not_due"


async def test_a_person_has_all_that_is_kept_of_them_and_is_forgotten(platform: Platform) -> None:
    """Once another holds their seat; the seat's past stays, without their name."""
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "La Mémoire")
        camille, sacha = (
            contact(network, own, "Camille", email="camille@memoire.example"),
            contact(network, own, "Sacha"),
        )
        network.act(own.path, "seats/appoint", seat="billing", contact_id=camille)
        told = network.read(f"contacts/{camille}/personal-data")
        assert [one["value"]["email"] for one in told["known"]] == ["camille@memoire.example"]
        assert [one["key"] for one in told["mandates"]] == ["billing"]
        erase = (f"contacts/{camille}", "erase")
        assert network.refused(*erase, ground="request") == "contact_seated"
        instant = datetime.now(UTC).isoformat()
        network.act(own.path, "seats/appoint", seat="billing", contact_id=sacha)
        assert network.act(*erase, ground="request")["email"] is None
        [nameless] = network.read(f"{own.path}/seats", known_at=instant)["mandates"]
        assert (nameless["contact_id"], nameless["name"]) == (camille, None)
        left = await platform.query(
            "membership", "SELECT 1 FROM member_entry WHERE value::text LIKE '%camille@memoire.example%'"
        )
        assert left == []


async def test_the_real_directories_and_the_export_of_the_register_read_again_change_nothing(
    platform: Platform,
) -> None:
    """What `make up` imported: each row is found again, and what the source has of doubtful is still said."""
    with people(platform, "network") as [network]:
        before = await _register(platform)
        occitanie = await _previewed(network, "adherents-occitanie-2024.csv")
        assert occitanie["counts"] == {"unchanged": 49, "suspected_duplicate": 1, "error": 1}
        path = f"imports/{occitanie['id']}"
        [doubt] = network.read(f"{path}/rows", outcome="suspected_duplicate")["items"]
        assert doubt["name"] == "AILES"
        decided = network.client.put(f"/membership/v1/{path}/rows/{doubt['row']}/decision", json={"decision": "skip"})
        assert decided.status_code == 200, decided.text
        idf = await _previewed(network, "adherents-ile-de-france-2021.csv")
        assert idf["counts"] == {"unchanged": 57}
        joined = {"joined_to": on(0)}
        known = network.read("members", limit=1, total=True, **joined)["total"]
        export = await _previewed(network, "export.csv", network.get("members/export", **joined).content)
        assert export["counts"] == {"unchanged": known}
        for one, counts in (
            (occitanie, {"unchanged": 49, "skipped": 1, "error": 1}),
            (idf, {"unchanged": 57}),
            (export, {"unchanged": known}),
        ):
            ended = await _applied(network, one)
            assert (ended["status"], ended["counts"]) == ("succeeded", counts)
        assert await _register(platform) == before


async def test_an_import_is_undone_but_for_what_was_built_upon_it(platform: Platform) -> None:
    """Of two structures that a file brought, one has a person since: it stays, and the plan said so first."""
    gone, kept = new_siret(), new_siret()
    lines = [
        f"{name};{siret};AI;1 rue A;31000;TOULOUSE;31" for name, siret in (("La Reprise", gone), ("L'Acquise", kept))
    ]
    content = "\n".join(["nom;siret;types;adresse;code_postal;commune;departement", *lines])
    with people(platform, "network") as [network]:
        brought = await _previewed(network, "liste.csv", content.encode())
        assert brought["counts"] == {"created": 2}
        assert (await _applied(network, brought))["status"] == "succeeded"
        seen_at = datetime.now(UTC).isoformat()
        first, second = (network.read(f"members/by-siret/{siret}") for siret in (gone, kept))
        contact(network, Structure(second["id"], second["name"], kept[:9]), "Camille")
        path = f"imports/{brought['id']}"
        plan = network.read(f"{path}/undo")
        assert plan["counts"] == {"kept": 1, "retracted": 1}
        assert [one["name"] for one in plan["kept"]] == ["L'Acquise"]
        job = network.act(path, "undo", plan=plan["plan"], reason="la liste de l'an dernier")["job_id"]
        assert (await _ended(network, job))["counts"] == plan["counts"]
        assert network.denied(f"members/{first['id']}") == 404
        assert network.read(f"members/{first['id']}", known_at=seen_at)["name"] == "La Reprise"
        assert network.read(f"members/by-siret/{kept}")["id"] == second["id"]
        assert network.read(path)["status"] == "undone"


async def _previewed(network: Person, name: str, content: bytes | None = None) -> dict[str, Any]:
    """Send a file, one of the real directories unless given; return what it would do."""
    sent = network.attach("imports", (name, (DATA / name).read_bytes() if content is None else content))
    path = f"imports/{sent['id']}"
    shown: dict[str, Any] = await eventually(
        lambda: (now := network.read(path))["status"] == "previewed" and now, awaited=f"the preview of {name}"
    )
    return shown


async def _applied(network: Person, preview: dict[str, Any]) -> dict[str, Any]:
    return await _ended(network, network.act(f"imports/{preview['id']}", "apply")["job_id"])


async def _ended(network: Person, job_id: str) -> dict[str, Any]:
    ended: dict[str, Any] = await eventually(
        lambda: (now := network.read(f"jobs/{job_id}"))["ended_at"] and now, awaited="the end of the job"
    )
    return ended


async def _register(platform: Platform) -> list[list[dict[str, Any]]]:
    """Return all that the register holds of members, and how many entries and applications."""
    counts = "SELECT (SELECT count(*) FROM member_entry) AS entries, (SELECT count(*) FROM application) AS applications"
    return [await platform.query("membership", sql) for sql in ("SELECT * FROM member ORDER BY id", counts)]
