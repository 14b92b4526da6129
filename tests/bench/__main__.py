"""`make bench`: how long the federation's big days take, beside the plain-SQL ceiling of the same work."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
from rich.console import Console
from rich.table import Table

from bench import ceilings, pages
from bench.convocations import convocations
from bench.federation import archived, fill, resident, states
from bench.issuers import WRITERS, issue_together
from common.clock import Clock, legal_day
from common.contracts.membership import MemberJoined, MemberState
from common.process import spare_the_collector
from common.service import Service
from common.telemetry import set_up_logs
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer, running_issuer
from demo.generated import member_file
from devstack.ports import free_port
from devstack.postgres import start_postgres
from dues.app import service as dues
from dues.invoices.documents import TEMPLATE
from membership.app import service as membership
from training.papers.documents import page_of, print_paper

MEMBERS = 550
LARGE = 55_000
PRINTED = 5_500
ISSUING_SECONDS = 60
CONVOKED = 500
ROWS = 100_000
DECLARATIONS = 100_000


class Bench:
    """Measures on fresh databases of one server."""

    def __init__(self, databases: Databases, issuer: TestIssuer, folder: Path) -> None:
        self._databases = databases
        self._issuer = issuer
        self._folder = folder
        self.table = Table(title="Mesures sur cette machine", title_justify="left")
        for column in ("travail", "nous", "plafond", "rapport", "repère"):
            self.table.add_column(column, justify="left" if column == "travail" else "right")

    async def campaign(self) -> None:
        """Preview and run a campaign over the whole federation."""
        url = await self._databases.fresh(dues)
        async with self._assembled(dues, url) as service, service.client("finance") as finance:
            await service.receive(*map(_joined, states(MEMBERS)))
            path = await _opened(finance)
            ours = await _seconds(finance.get(f"{path}/preview"))
            ours += await _seconds(_run(service, finance, path))
            invoiced = (await finance.get(path)).json()["invoiced"]["count"]
            await self._files(service, finance, invoiced)
        ceiling = await ceilings.campaign_seconds(await self._databases.fresh(dues), invoiced)
        self._add(f"campagne : {MEMBERS} adhérents, {invoiced} appels, aperçu compris", ours, ceiling, 1)

    async def large_campaign(self) -> None:
        """Preview and run a campaign of a hundred times the size; the ceiling of the run is COPY of all it left."""
        url = await self._databases.fresh(dues)
        await fill(url, LARGE)
        async with self._assembled(dues, url) as service, service.client("finance") as finance:
            path = await _opened(finance)
            preview = await _seconds(finance.get(f"{path}/preview"))
            before = resident()
            ran = await _seconds(_run(service, finance, path))
            kept = resident()
            called = (await finance.get(path)).json()["invoiced"]["count"]
            await ceilings.settle(url)
            aged, board = [
                await _answered(finance, screen) for screen in ("/accounts/aged-balance", f"{path}/dashboard")
            ]
        ceiling = await ceilings.called_seconds(url, await self._databases.fresh(dues))
        self._add(f"campagne : {LARGE} adhérents, {called} appels", ran, ceiling, 15)
        self._add(f"campagne : {LARGE} adhérents, aperçu et {called} appels", preview + ran, ceiling, 15)
        self._add_memory(f"{called} appels émis, avant et après", kept, before)
        self._add(f"balance âgée : {called} appels dus", aged, await ceilings.aged_seconds(url), 1)
        self._add(f"tableau de bord : {called} appels", board, await ceilings.dashboard_seconds(url), 1)

    async def memory(self) -> None:
        """Print ten times the federation's calls, and put them in one archive: what the process holds stays the same.

        The pages of a first federation come before: libraries load what they keep with the first ones.
        """
        held = {}
        for members in (MEMBERS, PRINTED):
            url = await self._databases.fresh(dues)
            await fill(url, members)
            async with self._assembled(dues, url) as service, service.client("finance") as finance:
                await _run(service, finance, await _opened(finance))
                await service.run_jobs()
                printed = resident()
                rows = await service.rows("SELECT id, number FROM invoice WHERE pdf_sha256 IS NOT NULL ORDER BY number")
                size, zipped = await archived(service.runtime.files, [(row.id, row.number) for row in rows])
                held[members] = (len(rows), printed, size, zipped)
        (few, printed_few, _, zipped_few), (many, printed_many, size, zipped_many) = held.values()
        self._add_memory(f"{many} appels imprimés, au lieu de {few}", printed_many, printed_few)
        self._add_memory(f"archive de {many} appels ({size:.0f} Mio), au lieu de {few}", zipped_many, zipped_few)

    async def issuers(self) -> None:
        """Have eight issuers at one series for a minute; the ceiling is a number and a row, by as many."""
        url = await self._databases.fresh(dues)
        await fill(url, WRITERS)
        async with self._assembled(dues, url, database_pool_size=WRITERS) as service, service.client("finance") as one:
            await _run(service, one, await _opened(one))
            end = time.perf_counter() + ISSUING_SECONDS
            issued, books = await issue_together(service, lambda _: time.perf_counter() < end)
        count = len(issued.places)
        ceiling = await ceilings.issuing_seconds(await self._databases.empty(), WRITERS, each=200)
        found = f"{issued.duplicates + books.duplicates} doublon, {issued.holes + books.holes} trou"
        work = f"{WRITERS} émetteurs, {ISSUING_SECONDS} s : {count} avoirs, {found}, dates dans l'ordre ; par avoir"
        assert issued.is_sound, work
        assert books.is_sound, work
        self._add(work, ISSUING_SECONDS / count, ceiling, 0.1)

    async def simulation(self) -> None:
        """Simulate a draft grid over the whole federation, and print it; the ceiling is COPY of all that this left."""
        url = await self._databases.fresh(dues)
        async with self._assembled(dues, url) as service, service.client("finance") as finance:
            await service.receive(*map(_joined, states(MEMBERS)))
            draft = {"label": "Grille en vigueur", "year": 2026, "from_year": 2026}
            path = f"/grid-drafts/{(await finance.post('/grid-drafts', json=draft)).json()['id']}/simulations"
            await finance.post(path, json={"year": 2026, "use_published_medians": True})
            [job] = await service.rows("SELECT id FROM job")
            ours = await _seconds(service.run_job(job.id))
        ceiling = await ceilings.simulation_seconds(url, await self._databases.fresh(dues))
        self._add(f"simulation : {MEMBERS} adhérents sous deux grilles, pages imprimées", ours, ceiling, 1.0)

    async def _files(self, service: ServiceUnderTest, finance: httpx.AsyncClient, invoiced: int) -> None:
        """Print every call that the campaign issued; the ceiling is Typst and the library of Factur-X, one by one."""
        ours = await _seconds(service.run_jobs())
        calls = (await finance.get("/invoices", params={"einvoice": True, "total": True, "limit": 1})).json()
        assert calls["total"] == invoiced, f"{calls['total']} e-invoices"
        [call] = calls["items"]
        xml = (await finance.get(f"/invoices/{call['id']}/xml")).content
        documents = [row.document for row in await service.rows("SELECT document FROM invoice")]
        ceiling = ceilings.files_seconds(TEMPLATE, documents, xml)
        self._add(f"{invoiced} appels imprimés, chacun avec sa facture électronique", ours, ceiling, 10)

    async def member_import(self) -> None:
        """Preview and apply a file; the ceiling is COPY of all the rows that this left, into the same empty tables."""
        url = await self._databases.fresh(membership)
        async with self._assembled(membership, url) as service, service.client("network") as network:
            file = {"file": ("fictif.csv", member_file(ROWS))}
            started = time.perf_counter()
            sent = (await network.post("/imports", files=file)).json()
            await service.run_jobs()
            path = f"/imports/{sent['id']}"
            etag = (await network.get(path)).headers["etag"]
            await network.post(f"{path}/apply", headers={"If-Match": etag})
            await service.run_jobs()
            ours = time.perf_counter() - started
            [row] = await service.rows("SELECT count(*) AS entered FROM member")
            assert row.entered == ROWS, f"{row.entered} structures entered"
        await self._pages(url)
        ceiling = await ceilings.import_seconds(url, await self._databases.fresh(membership))
        self._add(f"import : {ROWS} lignes, aperçu et application", ours, ceiling, 3 * ceiling)

    async def _pages(self, url: str) -> None:
        """Read pages of the register that was just imported, by many at once."""
        await ceilings.settle(url)
        for screen, paths in pages.SCREENS.items():
            work = f"une page de 50 parmi {ROWS} {screen}, 95e centile, {pages.CLIENTS} clients"
            for pauses, seconds in (("sans pause", 0.0), ("une seconde entre deux pages", 1.0)):
                ours = await pages.page_seconds(url, self._issuer, self._folder, paths, pause=seconds)
                bare = await pages.bare_seconds(url, self._folder, pause=seconds)
                self._add(f"{work}, {pauses}", ours, bare, 0.03)

    async def portrait(self, year: int, declarations: int, mark: float) -> None:
        """Draw the portrait of one kind of activity from the declarations of a year, once that year is over."""
        url = await self._databases.fresh(membership)
        wait = date(year + 1, 1, 1) - legal_day(Clock().now())
        async with (
            self._assembled(membership, url) as service,
            service.days_later(max(wait.days, 0)) as then,
            then.client("network") as network,
        ):
            opened = await network.post("/declaration-campaigns", json={"year": year, "closes_on": "2100-12-31"})
            assert opened.status_code == 201, opened.text
            questions = (await network.get(f"/questionnaires/{year}")).json()["questions"]
            await ceilings.declare(url, year, declarations, len(questions))
            told = await _portrait(network, year)  # a process compiles the statement once in its life
            ours = await _seconds(_portrait(network, year))
        ceiling = await ceilings.portrait_seconds(url, len(questions))
        work = f"portrait médian {year} : {declarations} déclarations, {told} indicateurs"
        self._add(work, ours, ceiling, mark)

    def _assembled(
        self, service: Service, url: str, **settings: object
    ) -> AbstractAsyncContextManager[ServiceUnderTest]:
        return assembled(service, url, self._issuer, self._folder / service.name, **settings)

    async def convocations(self) -> None:
        """Print what five hundred people are summoned by; the ceiling is Typst, one by one."""
        papers = convocations(CONVOKED)
        ours = await _seconds(asyncio.gather(*map(print_paper, papers)))
        ceiling = ceilings.pages_seconds([page_of(paper) for paper in papers])
        self._add(f"{CONVOKED} convocations imprimées", ours, ceiling, 15)

    def _add(self, work: str, ours: float, ceiling: float, mark: float) -> None:
        figures = (f"{ours:.3f} s", f"{ceiling:.3f} s", f"{ours / ceiling:.1f} ×", f"< {mark:.2f} s")
        self.table.add_row(work, *figures)

    def _add_memory(self, work: str, after: float, before: float) -> None:
        figures = (f"{after:.0f} Mio", f"{before:.0f} Mio", f"{after / before:.1f} ×", "1 ×")
        self.table.add_row(f"mémoire du processus : {work}", *figures)


def _joined(state: MemberState) -> MemberJoined:
    return MemberJoined(state=state, joined_on=state.joined_on, sitting_id=UUID(int=1), minutes_reference="PV")


async def _opened(finance: httpx.AsyncClient) -> str:
    """Open the campaign of the year; return its path."""
    opened = await finance.post("/campaigns", json={"year": 2026, "use_published_medians": True})
    assert opened.status_code == 201, opened.text
    return f"/campaigns/{opened.json()['id']}"


async def _answered(client: httpx.AsyncClient, path: str) -> float:
    """Return how long a screen takes; a process compiles its statements once in its life, at the first answer."""
    assert (await client.get(path)).status_code == 200, path
    return await _seconds(client.get(path))


async def _run(service: ServiceUnderTest, finance: httpx.AsyncClient, path: str) -> None:
    """Issue the calls of a campaign, and leave them to be printed."""
    asked = await finance.post(f"{path}/run", headers={"If-Match": '"v1"'})
    await service.run_job(UUID(asked.json()["job_id"]))


async def _portrait(network: httpx.AsyncClient, year: int) -> int:
    """Draw the portrait of one kind of activity; return how many indicators it tells."""
    [portrait] = (await network.get(f"/observatory/preview/{year}", params={"kind": "ai"})).json()["portraits"]
    return len(portrait["cells"])


async def _seconds(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def _measure(folder: Path) -> None:
    server = start_postgres(folder / "postgres", free_port())
    try:
        with running_issuer() as issuer:
            bench = Bench(Databases(server.url, issuer, folder), issuer, folder)
            await bench.campaign()
            await bench.large_campaign()
            await bench.memory()
            await bench.issuers()
            await bench.simulation()
            await bench.member_import()
            await bench.convocations()
            await bench.portrait(2025, MEMBERS, 0.2)
            await bench.portrait(2025, DECLARATIONS, 2.0)
            await bench.portrait(2026, DECLARATIONS, 2.0)
        Console().print(bench.table)
    finally:
        server.stop()


def main() -> None:
    """Print the table."""
    set_up_logs("bench", "bench")
    spare_the_collector()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder)))


if __name__ == "__main__":
    main()
