"""What the platform promises when things break: nothing lost, nothing doubled, no hole in a series."""

from typing import Any

import httpx
import pytest

from common.testing.awaiting import eventually
from demo.generated import member_file
from devstack.registry import Registry
from e2e.parts import PARTS, dues_in_parts
from e2e.platform import Platform

NEWCOMERS = 120
FEDERATION = 550


class Federation:
    """A platform of its own that grows: each test admits newcomers and calls their dues."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.size = 0

    async def admit(self, count: int) -> None:
        """Import fictitious structures up to a larger size, and let the board admit the new ones."""
        self.size += count
        with self.platform.client("network") as network, self.platform.client("board") as board:
            file = {"file": ("fictif.csv", member_file(self.size))}
            sent = _ok(network.post("/membership/v1/imports", files=file)).json()
            await self._ended("membership", network, sent["job_id"])
            path = f"/membership/v1/imports/{sent['id']}"
            etag = network.get(path).headers["etag"]
            applied = _ok(network.post(f"{path}/apply", headers={"If-Match": etag})).json()
            await self._ended("membership", network, applied["job_id"])
            self._sit(board)

    def _sit(self, board: httpx.Client) -> None:
        ready: list[dict[str, Any]] = []
        params: dict[str, Any] = {"ready": True, "status": "open", "limit": 200}
        while True:
            page = _ok(board.get("/membership/v1/applications", params=params)).json()
            ready += page["items"]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        today = ready[0]["received_on"]
        sitting = {"held_on": today, "in_office": 20, "present": 20, "minutes_reference": f"PV-{self.size}"}
        path = f"/membership/v1/sittings/{_ok(board.post('/membership/v1/sittings', json=sitting)).json()['id']}"
        votes = [{"matter_id": a["id"], "outcome": "admitted", "votes_for": 20} for a in ready]
        recorded = board.post(f"{path}/decisions", json={"decisions": votes}, headers={"If-Match": '"v1"'})
        _ok(board.post(f"{path}/close", headers={"If-Match": _ok(recorded).headers["etag"]}))

    async def copied(self) -> None:
        """Wait until dues knows every member that membership has."""
        await eventually(self.copies_agree, awaited="dues' copy equal to the register", seconds=60)

    async def copies_agree(self) -> bool:
        """Tell whether dues' copy of the members equals membership's register."""
        columns = "SELECT id, name, siren, status, delegation, joined_on FROM member"
        mine = await self.platform.query("dues", f"{columns} ORDER BY id")
        theirs = await self.platform.query("membership", f"{columns} WHERE status = 'active' ORDER BY id")
        return mine == theirs

    def start_run(self) -> str:
        """Ask for the campaign's run; return its job."""
        with self.platform.client("finance") as finance:
            [campaign] = _ok(finance.get("/dues/v1/campaigns")).json()["items"]
            path = f"/dues/v1/campaigns/{campaign['id']}"
            etag = finance.get(path).headers["etag"]
            return str(_ok(finance.post(f"{path}/run", headers={"If-Match": etag})).json()["job_id"])

    async def ended(self, job_id: str) -> None:
        """Wait until a job of dues has succeeded."""
        with self.platform.client("finance") as finance:
            await self._ended("dues", finance, job_id)

    async def _ended(self, service: str, client: httpx.Client, job_id: str) -> None:
        def succeeded() -> bool:
            job = _ok(client.get(f"/{service}/v1/jobs/{job_id}")).json()
            assert job["status"] != "failed", job
            return bool(job["status"] == "succeeded")

        await eventually(succeeded, awaited=f"the end of {service}'s job", seconds=60)

    async def in_the_middle_of(self, job_id: str) -> bool:
        """Tell whether a job of dues has taken some steps."""
        [job] = await self.platform.query("dues", f"SELECT done FROM job WHERE id = '{job_id}'")  # noqa: S608
        return bool(job["done"] > 0)

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        record = Registry(self.platform.settings.local / "run").find(name)
        assert record is not None, f"{name} does not run"
        record.running.kill()

    async def check_books(self) -> None:
        """One call per member, a series without a hole, shares that tie, and membership agrees to the cent."""
        query = self.platform.query
        invoices = await query("dues", "SELECT id, number, member_id, total FROM invoice ORDER BY number")
        assert [row["number"] for row in invoices] == [f"COT-2026-{rank + 1:05d}" for rank in range(len(invoices))]
        assert len({row["member_id"] for row in invoices}) == len(invoices)
        [unbilled] = await query(
            "dues",
            'SELECT count(*) AS n FROM member m WHERE m.activities @> \'[{"kind": "ai", "main": true}]\''
            " AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.member_id = m.id)",
        )
        assert unbilled["n"] == 0
        [untied] = await query(
            "dues",
            "SELECT count(*) AS n FROM invoice i WHERE total <>"
            " (SELECT sum(amount) FROM invoice_share s WHERE s.invoice_id = i.id)",
        )
        assert untied["n"] == 0
        expected = {row["id"]: str(row["total"]) for row in invoices}

        async def known() -> bool:
            calls = await query("membership", "SELECT id, total FROM dues_call")
            return {row["id"]: row["total"] for row in calls} == expected

        await eventually(known, awaited="membership's calls equal to dues'", seconds=60)


def _ok(response: httpx.Response) -> httpx.Response:
    assert response.is_success, f"{response.request.url.path}: {response.status_code} {response.text[:500]}"
    return response


@pytest.fixture(scope="module")
def federation(platform: Platform) -> Federation:
    return Federation(platform)


async def test_the_whole_federation_is_called_in_one_run(federation: Federation) -> None:
    await federation.admit(FEDERATION)
    await federation.copied()
    await federation.ended(federation.start_run())
    await federation.check_books()


@pytest.mark.parametrize("victim", ["dues", "membership", "postgres", "kafka", "gateway", "issuer"])
async def test_a_process_killed_in_the_middle_of_the_campaign(federation: Federation, victim: str) -> None:
    await federation.admit(NEWCOMERS)
    await federation.copied()
    job_id = federation.start_run()
    await eventually(lambda: federation.in_the_middle_of(job_id), awaited="the first steps of the run")
    federation.kill(victim)
    federation.platform.command("devstack", "up")
    if victim == "kafka":  # the embedded broker keeps nothing; for Apache Kafka it is one replay too many
        for service in ("membership", "dues"):
            federation.platform.coorace("events", "replay", "--service", service)
    await federation.ended(job_id)
    await federation.copied()
    await federation.check_books()


async def test_each_process_of_a_service_killed_alone(federation: Federation) -> None:
    """In production a service is four processes: each is killed in the middle of a run, and started again."""
    with dues_in_parts(federation.platform) as parts:
        for part in PARTS:
            await parts.start(part)
        for part in PARTS:
            await federation.admit(NEWCOMERS)
            await federation.copied()
            job_id = federation.start_run()
            await eventually(lambda job=job_id: federation.in_the_middle_of(job), awaited="the first steps of the run")
            parts.kill(part)
            await parts.start(part)
            await federation.ended(job_id)
            await federation.check_books()


async def test_all_topics_wiped_then_replayed(federation: Federation) -> None:
    platform = federation.platform
    platform.command("devstack", "down", "--service", "dues")
    await federation.admit(NEWCOMERS)
    await eventually(lambda: _outbox_is_empty(platform), awaited="membership's facts sent")
    _empty_the_bus(platform)
    platform.command("devstack", "up")
    assert not await federation.copies_agree(), "what was sent before the wipe cannot have reached dues"
    platform.coorace("events", "replay", "--service", "membership")
    await federation.copied()


async def _outbox_is_empty(platform: Platform) -> bool:
    [left] = await platform.query("membership", "SELECT count(*) AS n FROM event_outbox")
    return bool(left["n"] == 0)


def _empty_the_bus(platform: Platform) -> None:
    """Empty every topic: by the command on Apache Kafka; the embedded broker loses all when it is restarted."""
    lane = (platform.settings.local / "kafka" / "lane").read_text()
    if lane == "apache":
        platform.coorace("topics", "wipe", "--yes")
    else:
        platform.command("devstack", "down", "--service", "kafka")
