"""Who acts in the stories: people at the APIs, and the fictitious structures that they act for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
from pypdf import PdfReader
from stdnum import luhn

from common.clock import legal_day
from common.identifiers import new_id
from common.testing.awaiting import eventually
from demo.generated import structures
from e2e.platform import Platform

_REGISTER = "/membership/v1/"
_FICTITIOUS = structures(1_000)
_ADDRESSES = {
    "31": ("31000", "TOULOUSE"),
    "35": ("35000", "RENNES"),
    "59": ("59000", "LILLE"),
    "69": ("69003", "LYON"),
    "75": ("75011", "PARIS"),
}


@dataclass(frozen=True)
class Person:
    """Somebody whose requests are answered, or refused where the story says so; paths are of the register's API."""

    client: httpx.Client

    def get(self, path: str, /, **params: Any) -> httpx.Response:
        """Ask for what must be there."""
        return _accepted(self.client.get(_whole(path), params=params or None))

    def read(self, path: str, /, **params: Any) -> Any:
        """Read what must be there."""
        return self.get(path, **params).json()

    def send(self, path: str, /, **body: Any) -> Any:
        """Bring something new."""
        return _accepted(self.client.post(_whole(path), json=body or None)).json()

    def attach(self, path: str, file: tuple[str, bytes], /, **fields: str) -> Any:
        """Send a file."""
        return _accepted(self.client.post(_whole(path), data=fields, files={"file": file})).json()

    def act(self, path: str, under: str = "", /, *, verb: str = "POST", **body: Any) -> Any:
        """Change what was just read, under its own path."""
        return _accepted(self._change(path, under, verb, body)).json()

    def refused(self, path: str, under: str = "", /, *, verb: str = "POST", **body: Any) -> str:
        """Try to; return the code of the refusal."""
        answer = self._change(path, under, verb, body)
        assert answer.is_error, f"{path}/{under} was not refused: {answer.text[:500]}"
        return str(answer.json()["code"])

    def denied(self, path: str, /) -> int:
        """Try to read what is not theirs; return the status of the answer."""
        answer = self.client.get(_whole(path))
        assert answer.is_error, f"{path} was shown: {answer.text[:500]}"
        return answer.status_code

    def _change(self, path: str, under: str, verb: str, body: dict[str, Any]) -> httpx.Response:
        read = {"If-Match": self.get(path).headers["etag"]}
        url = _whole(f"{path}/{under}" if under else path)
        return self.client.request(verb, url, json=body or None, headers=read)


@contextmanager
def people(platform: Platform, *names: str) -> Iterator[tuple[Person, ...]]:
    """Open the APIs as several personas at once."""
    with ExitStack() as clients:
        yield tuple(Person(clients.enter_context(platform.client(name))) for name in names)


@dataclass(frozen=True)
class Structure:
    """A structure that a story made."""

    id: str
    name: str
    siren: str

    @property
    def path(self) -> str:
        """Where the register has it."""
        return f"members/{self.id}"

    @property
    def persona(self) -> str:
        """Who speaks for it."""
        return f"member-{self.siren}"


@contextmanager
def colleagues(platform: Platform, structure: Structure, *subjects: str) -> Iterator[tuple[Person, ...]]:
    """Open the APIs as several people of one structure."""
    with ExitStack() as clients:
        yield tuple(Person(clients.enter_context(platform.client(structure.persona, one))) for one in subjects)


def new_siret() -> str:
    """Return a SIRET that nobody has, of a SIREN that nobody has."""
    establishment = f"{next(_FICTITIOUS)[1]}0001"
    return f"{establishment}{luhn.calc_check_digit(establishment)}"


def candidate(network: Person, name: str, *, department: str = "31", **fields: Any) -> tuple[Structure, dict[str, Any]]:
    """Receive the application of a structure of its own; return both."""
    siren = next(_FICTITIOUS)[1]
    postcode, city = _ADDRESSES[department]
    place = {"street": "1 rue des Exemples", "postcode": postcode, "city": city, "department": department}
    body = {"name": name, "siren": siren, "activities": ["ai"], **place, **fields}
    application = network.send("applications", **body)
    return Structure(application["member_id"], name, siren), application


def admitted(network: Person, board: Person, *names: str, **fields: Any) -> list[Structure]:
    """Receive structures of their own and let the board admit them all in one sitting of today."""
    received = [candidate(network, name, **fields) for name in names]
    admission = {"outcome": "admitted", "votes_for": 9, "reservations": ["pièces"]}
    sitting = sat(board, *({"matter_id": application["id"], **admission} for _, application in received))
    board.act(sitting, "close")
    return [structure for structure, _ in received]


def sat(board: Person, *votes: dict[str, Any], held_on: str | None = None) -> str:
    """Let the board sit, and vote where there is something to vote on; return the sitting, still open."""
    who = {"in_office": 9, "present": 9, "minutes_reference": f"PV {new_id()}"}
    sitting = f"sittings/{board.send('sittings', held_on=held_on or on(0), **who)['id']}"
    if votes:
        board.act(sitting, "decisions", decisions=list(votes))
    return sitting


def contact(network: Person, structure: Structure, given_name: str, **fields: str) -> str:
    """Make a person of a structure known; return their identifier."""
    person = network.send(f"{structure.path}/contacts", given_name=given_name, family_name="EXEMPLE", **fields)
    return str(person["id"])


def directed(network: Person, structure: Structure, mail: str) -> str:
    """Make known who directs and presides over a structure, and where mails reach them; return that address."""
    person = contact(network, structure, "Camille", email=mail)
    for seat in ("director", "president"):
        network.act(structure.path, "seats/appoint", seat=seat, contact_id=person)
    return mail


def declares(member: Person, structure: Structure, kind: str, turnover: int, year: int) -> None:
    """Fill the year's form and send it."""
    form = f"{structure.path}/declarations/{year}"
    activity = {"turnover": turnover, "charges": turnover, "headcount_permanent": 5, "headcount_pathway": 50}
    figures = [{"code": code, "activity": kind, "value": str(value)} for code, value in activity.items()]
    whole = {"code": "total_operating_income", "value": "5000000"}
    member.act(form, "draft", verb="PUT", figures=[whole, *figures])
    assert member.act(form, "declare")["state"] == "declared"


async def at_dues(platform: Platform, structure: Structure) -> dict[str, Any]:
    """Return what dues keeps of a structure; nothing when it never heard of it."""
    rows = await platform.query("dues", f"SELECT * FROM member WHERE id = '{structure.id}'")  # noqa: S608
    return rows[0] if rows else {}


async def becomes(platform: Platform, structure: Structure, **expected: Any) -> None:
    """Wait until dues was told what a structure has become."""

    async def told() -> bool:
        return expected.items() <= (await at_dues(platform, structure)).items()

    await eventually(told, awaited=f"{structure.name} as {expected} at dues", seconds=60)


def on(days: int) -> str:
    """Name the day that many days from today."""
    return str(legal_day(datetime.now(UTC)) + timedelta(days=days))


def words_of(pdf: bytes) -> str:
    """Return the text of a printed document, its lines joined."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def _whole(path: str) -> str:
    return path if path.startswith("/") else _REGISTER + path


def _accepted(response: httpx.Response) -> httpx.Response:
    request = response.request
    assert response.is_success, f"{request.method} {request.url}: {response.status_code} {response.text[:500]}"
    return response
