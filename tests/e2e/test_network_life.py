"""What the network shows to anybody, and what the services that are not built yet will tell it, end to end."""

from datetime import UTC, datetime, timedelta

import httpx
from icalendar import Calendar

from common.clock import legal_day
from common.contracts.gatherings import GatheringState
from common.contracts.legal_desk import LegalQuestionState, QuestionAnswered, QuestionAsked
from common.contracts.training import SessionCancelled, SessionMoved, SessionScheduled
from common.identifiers import new_id
from common.testing.awaiting import eventually
from e2e.platform import Platform


def test_the_public_directory_shows_what_a_structure_consents_to(platform: Platform) -> None:
    """Through the gateway, without a token; withdrawn, it is gone with the next request."""
    with platform.public_client() as public, platform.client("member-900000001") as member:
        [own] = member.get("/membership/v1/members").json()["items"]
        seen, entry = f"/membership/v1/directory/{own['id']}", f"/membership/v1/directory-entries/{own['id']}"
        assert public.get(seen).status_code == 404
        read = {"If-Match": member.get(entry).headers["etag"]}
        agreed = member.post(f"{entry}/consent", json={"fields": ["listed", "city"]}, headers=read)
        assert agreed.status_code == 200, agreed.text
        shown = public.get(seen)
        assert {name for name, value in shown.json().items() if value is not None} == {"id", "name", "city"}
        unchanged = public.get(seen, headers={"If-None-Match": shown.headers["etag"]})
        assert (unchanged.status_code, unchanged.headers["cache-control"]) == (304, "public, no-cache")
        assert member.post(f"{entry}/withdraw-consent", json={"fields": ["listed"]}).status_code == 200
        assert public.get(seen, headers={"If-None-Match": shown.headers["etag"]}).status_code == 404


async def test_an_address_confirms_before_it_receives_a_newsletter_and_stops_in_one_click(platform: Platform) -> None:
    with platform.public_client() as public, platform.client("network") as network:
        letter = network.post("/membership/v1/newsletters", json={"name": "Achats", "description": "Une lettre"})
        assert letter.status_code == 201, letter.text
        path, address = f"/membership/v1/newsletters/{letter.json()['id']}", "achats@collectivite.example"
        asked = {"email": address, "newsletters": [letter.json()["id"]]}
        assert public.post("/membership/v1/newsletter-subscriptions", json=asked).status_code == 202
        assert network.get(path).json()["confirmed"] == 0
        [mail] = await platform.query("membership", f"SELECT text FROM mail WHERE recipient = '{address}'")  # noqa: S608
        token = {"token": mail["text"].partition("#")[2].split()[0]}
        confirmed = public.post("/membership/v1/newsletter-subscriptions/confirm", json=token)
        assert confirmed.status_code == 200, confirmed.text
        assert network.get(path).json()["confirmed"] == 1
        stop = {"key": confirmed.json()["key"]}
        assert public.post("/membership/v1/newsletter-subscriptions/stop", params=stop).status_code == 200
        assert network.get(path).json()["confirmed"] == 0


async def test_a_session_of_training_stands_in_every_calendar_moves_and_is_called_off(platform: Platform) -> None:
    """As training's relay will send it: one appointment for all its life, at the hour of Cayenne."""
    with platform.public_client() as public, platform.client("member-900000001") as member:
        given = member.post("/membership/v1/agenda/feeds", json={"label": "Mon téléphone"})
        assert given.status_code == 201, given.text
        personal = given.json()["path"]
        begins = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=30)
        state = GatheringState(
            id=new_id(),
            title="Conduire un entretien professionnel",
            kind="training_session",
            starts_at=begins,
            ends_at=begins + timedelta(hours=4),
            zone="America/Cayenne",
            mode="on_site",
            venue="Maison des associations",
            city="Cayenne",
            department="973",
            delegation=None,
            audience="public",
            status="scheduled",
            url=None,
        )
        moved = {"starts_at": begins + timedelta(days=1), "ends_at": begins + timedelta(days=1, hours=4)}

        def appointments(client: httpx.Client, path: str) -> list[tuple[str, int, str]]:
            found = Calendar.from_ical(client.get(path).text).walk("VEVENT")
            ours = [one for one in found if str(state.id) in one["UID"]]
            return [(str(one["STATUS"]), one["SEQUENCE"], one["DTSTART"].dt.strftime("%d %H:%M")) for one in ours]

        async def stands_as(status: str, sequence: int, day: datetime) -> None:
            expected = [(status, sequence, day.strftime("%d 09:00"))]
            for client, path in ((public, "/membership/v1/agenda.ics"), (member, personal)):
                await eventually(lambda c=client, p=path: appointments(c, p) == expected, awaited=f"{status} in {path}")

        facts = (
            SessionScheduled(state=state),
            SessionMoved(state=state.model_copy(update={**moved, "status": "moved"})),
            SessionCancelled(state=state.model_copy(update={**moved, "status": "cancelled"})),
        )
        await platform.send(facts[0])
        await stands_as("TENTATIVE", 0, begins)
        await platform.send(facts[1], first=2)
        await stands_as("CONFIRMED", 1, moved["starts_at"])
        await platform.send(facts[2], facts[2], first=3)
        await stands_as("CANCELLED", 2, moved["starts_at"])


async def test_a_structure_known_twice_is_one_for_dues_too(platform: Platform) -> None:
    """Merged, dues would call one; taken apart again, both."""
    with platform.client("network") as network, platform.client("finance") as finance:
        [stays] = network.get("/membership/v1/members", params={"status": "active", "limit": 1}).json()["items"]
        [campaign] = finance.get("/dues/v1/campaigns").json()["items"]

        def known_to_dues() -> set[str]:
            path = f"/dues/v1/campaigns/{campaign['id']}/preview/members"
            return {line["member_id"] for line in finance.get(path, params={"limit": 200}).json()["items"]}

        address = {"street": "1 rue des Exemples", "postcode": "31000", "city": "TOULOUSE", "department": "31"}
        application = network.post(
            "/membership/v1/applications", json={"name": f"{stays['name']} bis", "activities": ["ai"], **address}
        ).json()
        held = {"held_on": application["received_on"], "in_office": 9, "present": 9, "minutes_reference": "PV-BIS"}
        sitting = f"/membership/v1/sittings/{network.post('/membership/v1/sittings', json=held).json()['id']}"
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 9, "reservations": ["pièces"]}
        network.post(f"{sitting}/decisions", json={"decisions": [vote]}, headers={"If-Match": '"v1"'})
        closed = network.post(f"{sitting}/close", headers={"If-Match": '"v2"'})
        assert closed.status_code == 200, closed.text
        twice = application["member_id"]
        await eventually(lambda: twice in known_to_dues(), awaited="the second record at dues")
        pair = network.post("/membership/v1/duplicates", json={"first_id": stays["id"], "second_id": twice})
        path = f"/membership/v1/duplicates/{pair.json()['id']}"
        plan = network.get(f"{path}/plan", params={"stays_id": stays["id"]}).json()
        versions = {"stays_version": plan["stays"]["version"], "goes_version": plan["goes"]["version"]}
        merge = {"stays_id": stays["id"], **versions, "plan": plan["plan"], "reason": "saisie deux fois"}
        merged = network.post(f"{path}/merge", json=merge)
        assert merged.status_code == 200, merged.text
        await eventually(lambda: twice not in known_to_dues(), awaited="one structure at dues")
        gone = network.get(f"/membership/v1/members/{twice}")
        assert (gone.status_code, gone.json()["code"], gone.json()["into_id"]) == (404, "merged_into", stays["id"])
        seen = {"If-Match": network.get(path).headers["ETag"]}
        assert network.post(f"{path}/undo", json={"reason": "ce sont deux structures"}, headers=seen).status_code == 200
        await eventually(lambda: twice in known_to_dues(), awaited="both again at dues")


async def test_what_the_services_tell_becomes_a_figure_that_opens_to_its_rows(platform: Platform) -> None:
    """As legal-desk's relay will send it, twice: no figure before, then one question, asked and answered."""
    today = legal_day(datetime.now(UTC))
    with platform.client("network") as network, platform.client("delegation-bretagne") as bretagne:
        figure = f"/membership/v1/yearly-figures/{today.year}/legal_desk.answered"

        def rows(client: httpx.Client) -> int | None:
            told = client.get(figure).json()
            return None if told["value"] is None else told["rows"]

        assert (rows(network), network.get(figure).json()["missing"]) == (None, "never_told")
        state = LegalQuestionState(
            id=new_id(),
            theme_code="labour_law",
            delegation="occitanie",
            status="asked",
            asked_on=today,
            answered_on=None,
        )
        asked = QuestionAsked(state=state)
        await platform.send(asked, asked)
        answered = state.model_copy(update={"status": "answered", "answered_on": today})
        await platform.send(QuestionAnswered(state=answered), first=3)
        await eventually(lambda: rows(network) == 1, awaited="the question among the figures")
        [row] = network.get(f"{figure}/rows").json()["items"]
        assert (row["delegation"], row["detail"], row["member_id"]) == ("occitanie", "labour_law", None)
        assert rows(bretagne) == 0
