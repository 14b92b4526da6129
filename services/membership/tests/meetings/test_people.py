"""The people who came to a departmental meeting: counted, named only where the register knows them; the sheet."""

from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.contacts.domain import Person
from membership.meetings.domain import Attendee, AttendeeOfAbsent, AttendeeUnknown, MeetingPresence, require_attendees

from ..arrangements import admitted_by, by_staff
from ..contacts.test_contacts import CAMILLE, SACHA, known
from ..departures.test_departures import joined
from ..duplicates.test_merging import id_of, merge, undo
from ..interviews.test_interviews import exported
from ..members.test_dates import on
from ..people.test_personal_data import erase, kept
from ..sittings.test_minutes import act
from .test_meetings import meeting, territory

A, B, WHO, TWIN = (UUID(int=number) for number in range(1, 5))
CAME = {A: MeetingPresence.PRESENT, B: MeetingPresence.EXCUSED}
CAMILLE_EXEMPLE = Person(WHO, A, "Camille EXEMPLE")
KNOWN = {WHO: CAMILLE_EXEMPLE}
BOTH = {WHO: CAMILLE_EXEMPLE, TWIN: CAMILLE_EXEMPLE}
ERASED = {WHO: Person(WHO, A, None)}


def line(member_id: UUID | None, contact_id: UUID | None = None, people: int = 1) -> Attendee:
    return Attendee(UUID(int=9), 1, member_id, contact_id, None if contact_id else "encadrante", people)


@pytest.mark.parametrize(
    ("attendees", "people", "before", "refusal"),
    [
        pytest.param(
            [line(A, WHO), line(A, people=3), line(None, people=2)], KNOWN, (), None, id="connue, par fonction"
        ),
        pytest.param([line(B)], KNOWN, (), AttendeeOfAbsent, id="pour une structure excusée"),
        pytest.param([line(UUID(int=7))], KNOWN, (), AttendeeOfAbsent, id="pour une structure qui n'y était pas"),
        pytest.param([line(A, WHO), line(A, WHO)], KNOWN, (), AttendeeUnknown, id="deux fois la même"),
        pytest.param([line(A, WHO), line(A, WHO)], KNOWN, (WHO,), AttendeeUnknown, id="déjà dite, deux fois la même"),
        pytest.param([line(A, WHO)], {}, (), AttendeeUnknown, id="inconnue"),
        pytest.param([line(A, WHO)], ERASED, (), AttendeeUnknown, id="effacée"),
        pytest.param([line(A, WHO)], ERASED, (WHO,), None, id="effacée depuis qu'elle fut dite"),
        pytest.param([line(B, WHO)], ERASED, (WHO,), AttendeeOfAbsent, id="effacée, d'une structure excusée"),
        pytest.param([line(A, TWIN)], BOTH, (TWIN,), None, id="dite sous l'autre enregistrement"),
        pytest.param([line(A, WHO), line(A, TWIN)], BOTH, (WHO, TWIN), None, id="dite sous les deux"),
        pytest.param([line(A, WHO), line(A, TWIN)], BOTH, (TWIN,), AttendeeUnknown, id="dite sous l'un, puis l'autre"),
    ],
)
def test_who_may_be_said_to_have_come(
    attendees: list[Attendee], people: dict[UUID, Person], before: tuple[UUID, ...], refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        require_attendees(attendees, people, CAME, before)
    else:
        with pytest.raises(refusal):
            require_attendees(attendees, people, CAME, before)


async def recorded(client: httpx.AsyncClient, path: str, members: list[str], *people: dict[str, Any]) -> httpx.Response:
    attendance = [{"member_id": one, "presence": "present"} for one in members]
    return await act(client, path, "POST", "record", attendance=attendance, people=list(people))


async def came(client: httpx.AsyncClient, path: str) -> list[tuple[str | None, str | None, int]]:
    page = (await client.get(f"{path}/people", params={"total": True})).json()
    assert page["total"] == len(page["items"])
    return [(one["structure"], one["name"] or one["function"], one["people"]) for one in page["items"]]


async def as_read(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """Write who came as it was read, for a correction of something else."""
    lines = (await client.get(f"{path}/people")).json()["items"]
    named, some = ("contact_id",), ("member_id", "function", "people")
    return [{field: one[field] for field in (named if one["contact_id"] else some)} for one in lines]


async def printed(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(f"{path}/attendance-sheet")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).split())


async def test_people_and_structures_are_counted(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as network:
        camille = await known(network, f"/members/{ids['A']}", CAMILLE)
    async with membership.client("delegation", delegation="occitanie") as client:
        path = await meeting(client, starts_at="09:30", ends_at="12:30", place="Montauban")
        to_sign = await printed(client, path)
        assert "Feuille de présence" in to_sign
        assert "09:30 – 12:30" in to_sign
        assert "Signature" in to_sign
        named, some = {"contact_id": camille}, {"member_id": ids["C"], "function": "Encadrantes", "people": 2}
        elsewhere = {"function": "Conseil départemental"}
        shown = (await recorded(client, path, [ids["A"], ids["C"]], named, some, elsewhere)).json()
        assert (shown["people"], shown["presences"]["present"]) == (4, 2)
        assert await came(client, path) == [
            ("A", "Camille EXEMPLE", 1),
            ("C", "Encadrantes", 2),
            (None, "Conseil départemental", 1),
        ]
        sheet = await printed(client, path)
        assert "4 personnes, 2 structures présentes" in sheet
        assert "Encadrantes (2)" in sheet
        assert "Signature" not in sheet
        [exported_line] = await exported(client, "/meetings/export")
        assert exported_line["personnes"] == "4"
        again = (await recorded(client, path, [ids["A"]], named)).json()
        assert (again["people"], await came(client, path)) == (1, [("A", "Camille EXEMPLE", 1)])
        for wrong, code in (
            ({"contact_id": camille, "function": "x"}, "validation"),
            ({"contact_id": camille, "people": 2}, "validation"),
            ({}, "validation"),
            ({"contact_id": str(UUID(int=5))}, "attendee_unknown"),
            ({"member_id": ids["C"], "function": "Encadrante"}, "attendee_of_absent"),
        ):
            refused = await recorded(client, path, [ids["A"]], wrong)
            assert refused.json()["code"] == code
        await act(client, path, "POST", "cancel", reason="Consignée par erreur.")
        assert (await client.get(f"{path}/attendance-sheet")).json()["code"] == "meeting_cancelled"


async def test_a_structure_reads_its_own_people(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        path = await meeting(client)
        of = {name: {"member_id": ids[name], "function": f"Équipe {name}", "people": 3} for name in "AB"}
        await recorded(client, path, [ids["A"], ids["B"]], *of.values())
    async with membership.client("member", member_id=UUID(ids["A"])) as own:
        assert ((await own.get(path)).json()["people"], await came(own, path)) == (3, [("A", "Équipe A", 3)])
        assert (await own.get(f"{path}/attendance-sheet")).status_code == 403
    async with membership.client("member", member_id=UUID(ids["C"])) as other:
        assert (await other.get(f"{path}/people")).status_code == 404
    async with membership.client("delegation", delegation="idf") as other:
        assert (await other.get(f"{path}/people")).status_code == 404
        assert (await other.get(f"{path}/attendance-sheet")).status_code == 404


async def test_who_is_forgotten_is_still_counted(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        camille = await known(client, f"/members/{ids['A']}", CAMILLE)
        path = await meeting(client)
        await recorded(client, path, [ids["A"]], {"contact_id": camille})
        [told] = (await kept(client, camille))["department_meeting_attendee"]
        assert (told["structure"], told["day"], told["value"]["state"]) == ("A", on(0), "held")
        assert (await erase(client, camille)).status_code == 200
        assert await came(client, path) == [("A", None, 1)]
        assert (await client.get(path)).json()["people"] == 1
        assert "Camille" not in await printed(client, path)
        corrected = await recorded(
            client, path, [ids["A"], ids["B"]], *await as_read(client, path), {"function": "Préfet"}
        )
        assert corrected.status_code == 200, corrected.text
        assert await came(client, path) == [("A", None, 1), (None, "Préfet", 1)]


async def test_people_are_of_the_structure_that_both_records_were(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        sacha = await known(client, goes, SACHA)
        path = await meeting(client, members=[id_of(stays), id_of(goes)])
        await recorded(client, path, [id_of(stays), id_of(goes)], {"contact_id": sacha})
        pair = await merge(client, stays, goes)
        assert await came(client, path) == [("Régain", "Sacha FICTIF", 1)]
        assert (await undo(client, pair)).status_code == 200
        assert await came(client, path) == [("Regain", "Sacha FICTIF", 1)]


async def test_what_was_said_of_a_twin_is_corrected_and_given_back(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """Both records knew the same person, and she came for the one that goes."""
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        one, twin = await known(client, stays, CAMILLE), await known(client, goes, CAMILLE)
        path, later = await meeting(client), await meeting(client)
        await recorded(client, path, [id_of(goes)], {"contact_id": twin})
        pair = await merge(client, stays, goes)
        corrected = await recorded(client, path, [id_of(stays)], *await as_read(client, path))
        assert corrected.status_code == 200, corrected.text
        assert await came(client, path) == [("Régain", "Camille EXEMPLE", 1)]
        again = await recorded(client, path, [id_of(stays)], {"contact_id": one}, {"contact_id": twin})
        assert (again.status_code, again.json()["code"]) == (400, "attendee_unknown")
        named = await recorded(client, later, [id_of(stays)], {"contact_id": twin})
        assert named.status_code == 200, named.text
        assert [line["contact_id"] for line in await as_read(client, later)] == [one]
        assert (await undo(client, pair)).status_code == 200
        assert await came(client, path) == [("Regain", "Camille EXEMPLE", 1)]
        assert await came(client, later) == [("Régain", "Camille EXEMPLE", 1)]
