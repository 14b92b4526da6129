"""The federation's real file, from the upload to the facts the other services receive."""

from pathlib import Path

from common.contracts.membership import MemberJoined
from common.testing.harness import ServiceUnderTest

DATA = Path(__file__).parents[3] / "deploy" / "demo" / "data"


async def test_the_real_directory_becomes_members(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        content = (DATA / "adherents-occitanie-2024.csv").read_bytes()
        sent = await client.post("/imports", files={"file": ("occitanie.csv", content)})
        assert sent.status_code == 202, sent.text
        await membership.run_jobs()
        imported = (await client.get(f"/imports/{sent.json()['id']}")).json()
        assert imported["status"] == "previewed"
        assert imported["counts"] == {"created": 48, "suspected_duplicate": 2, "error": 1}
