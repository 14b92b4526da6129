"""Two structures of two delegations, and what a mandate takes until it is collected under."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from common.clock import legal_day
from common.contracts.membership import ActivityState, MemberJoined, MemberState
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from dues.app import service
from dues.legal_entities.queries import DEMO_ENTITY

OWN, OTHER = UUID(int=1), UUID(int=2)
IBAN = "FR7600000000000000000000097"
PDF = ("mandat signé.pdf", b"%PDF-1.7 un mandat", "application/pdf")


def joined(member_id: UUID, name: str, delegation: str) -> MemberJoined:
    state = MemberState(
        id=member_id,
        reference=f"STR-2026-{member_id.int:05d}",
        name=name,
        siren=None,
        status="active",
        activities=(ActivityState(kind="ai", main=True),),
        delegation=delegation,
        department="31",
        address=None,
        joined_on=date(2025, 1, 1),
    )
    return MemberJoined(state=state, joined_on=state.joined_on, sitting_id=UUID(int=9), minutes_reference="PV-1")


class Desk:
    """Finance at work on mandates."""

    def __init__(self, dues: ServiceUnderTest) -> None:
        self.dues = dues
        self.today = legal_day(dues.runtime.clock.now())

    async def ask(self, method: str, path: str, *roles: str, who: dict[str, Any] | None = None, **sent: Any) -> Any:
        async with self.dues.client(*(roles or ("finance",)), **(who or {})) as client:
            return await client.request(method, f"/mandates{path}", **sent)

    async def prepare(self, member_id: UUID = OWN, **given: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "", json={"member_id": str(member_id), "iban": IBAN, **given})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, mandate: dict[str, Any], act: str, **given: Any) -> httpx.Response:
        """Do something to a mandate as it was last seen, and see what became of it."""
        path, seen = f"/{mandate['id']}/{act}", {"If-Match": etag(mandate["version"])}
        sent: dict[str, Any] = {"files": {"file": PDF}} if act == "signed-documents" else {"json": given}
        answer: httpx.Response = await self.ask("POST", path, headers=seen, **sent)
        if answer.is_success:
            mandate.update(answer.json())
        return answer

    async def signed(self, member_id: UUID = OWN, *, signed_on: date | None = None, **given: Any) -> dict[str, Any]:
        """Prepare a mandate, send it signed and confirm it."""
        mandate = await self.prepare(member_id, **given)
        assert (await self.act(mandate, "signed-documents")).status_code == 201
        answer = await self.act(mandate, "confirm", signed_on=str(signed_on or self.today), place="Toulouse")
        assert answer.status_code == 200, answer.text
        return mandate

    async def list(self, query: str = "", *roles: str, **who: Any) -> list[dict[str, Any]]:
        answer = await self.ask("GET", f"?{query}", *roles, who=who)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


@pytest_asyncio.fixture
async def dues(assemble: Assemble, entity_file: Path) -> ServiceUnderTest:
    return await assemble(service, entity_file=entity_file)


@pytest.fixture
def entity_file(tmp_path: Path) -> Path:
    """A legal entity that a test may have called otherwise."""
    path = tmp_path / "entity.toml"
    path.write_text(DEMO_ENTITY.read_text(encoding="utf-8"), encoding="utf-8")
    return path


@pytest_asyncio.fixture
async def desk(dues: ServiceUnderTest) -> Desk:
    await dues.receive(joined(OWN, "Association fictive", "occitanie"), joined(OTHER, "Régie fictive", "bretagne"))
    return Desk(dues)
