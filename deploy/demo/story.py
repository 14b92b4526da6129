"""The demonstration: one story end to end on the federation's published directories, through the APIs alone.

Two directories are imported, the doubts are decided, the board sits and admits, dues opens its 2026 campaign, and the
members' standing follows. Told again, it changes nothing: each act has its idempotency key.
"""

import os
import sys
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console

from common.clock import Clock, legal_day
from demo.api import Api, StoryStopped, patiently, sign_in
from demo.result import Result, show
from devstack.settings import Settings

DATA = Path(__file__).parent / "data"
YEAR = 2026
DECISIONS = {"AILES": "skip", "AVIE": "create"}
"""AILES is printed twice at one address; AVIE are two structures of one name, in two departments."""
DEMO_STRUCTURE = {
    "name": "Structure de démonstration",
    "siren": "900000001",
    "activities": ["ai"],
    "street": "1 rue de l'Exemple",
    "postcode": "31000",
    "city": "TOULOUSE",
    "department": "31",
}
ATTENDANCE = {"in_office": 28, "present": 15, "represented": 4}


@dataclass(slots=True)
class Story:
    """The people of the story, and what came out of it."""

    network: Api
    board: Api
    finance: Api
    today: date
    result: Result = field(default_factory=Result)

    def tell(self) -> Result:
        """Tell it all."""
        self._import("adherents-occitanie-2024.csv")
        self._import("adherents-ile-de-france-2021.csv")
        self._receive_application()
        self._sit()
        self._bill()
        self._see_standing()
        return self.result

    def _import(self, name: str) -> None:
        content = (DATA / name).read_bytes()
        sent = self.network.post("/membership/v1/imports", files={"file": (name, content, "text/csv")}).json()
        self.network.follow("membership", sent["job_id"], f"Aperçu de {name}")
        path = f"/membership/v1/imports/{sent['id']}"
        doubts = self.network.get(f"{path}/rows", outcome="suspected_duplicate").json()["items"]
        for row in doubts:
            self.network.put(f"{path}/rows/{row['row']}/decision", json={"decision": DECISIONS[row["name"]]})
        applied = self.network.post(f"{path}/apply", etag=self.network.get(path).headers["etag"]).json()
        job = self.network.follow("membership", applied["job_id"], f"Application de {name}")
        receipt = self.network.get(f"/membership/v1/jobs/{job['id']}/receipt", limit=1000).json()["items"]
        self.result.note_import(name, receipt)

    def _receive_application(self) -> None:
        self.network.post("/membership/v1/applications", key="demo-application", json=DEMO_STRUCTURE)

    def _sit(self) -> None:
        """The board decides on every complete file. Nothing to decide: the sitting was held already."""
        ready = self.board.get("/membership/v1/applications", ready=True, status="open", limit=200).json()["items"]
        if ready:
            sitting = self.board.post("/membership/v1/sittings", key="demo-sitting", json=self._sitting()).json()
            path = f"/membership/v1/sittings/{sitting['id']}"
            votes = [_admission(application) for application in ready]
            etag = self.board.get(path).headers["etag"]
            recorded = self.board.post(f"{path}/decisions", etag=etag, json={"decisions": votes})
            self.board.post(f"{path}/close", etag=recorded.headers["etag"])
        self.result.members = self._count("/membership/v1/members", status="active")
        self.result.candidates = self._count("/membership/v1/applications", status="open")

    def _sitting(self) -> dict[str, Any]:
        return {**ATTENDANCE, "held_on": f"{self.today}", "minutes_reference": f"PV-CA-{self.today}"}

    def _bill(self) -> None:
        body = {"year": YEAR, "use_published_medians": True}
        campaign = self.finance.post("/dues/v1/campaigns", key="demo-campaign", json=body).json()
        path = f"/dues/v1/campaigns/{campaign['id']}"
        for _ in patiently("les adhérents dans la copie des cotisations"):
            preview = self.finance.get(f"{path}/preview").json()
            if preview["totals"]["count"] + preview["blocked"] == self.result.members:
                break
        started = self.finance.post(f"{path}/run", etag=self.finance.get(path).headers["etag"]).json()
        job = self.finance.follow("dues", started["job_id"], f"Campagne {YEAR}")
        receipt = self.finance.get(f"/dues/v1/jobs/{job['id']}/receipt", limit=1000).json()["items"]
        self.result.note_blocked(receipt)
        self._print(campaign["id"])
        invoiced = self.finance.get(path).json()["invoiced"]
        self.result.invoices, self.result.total = invoiced["count"], Decimal(invoiced["total"])

    def _print(self, campaign_id: str) -> None:
        jobs = self.finance.get("/dues/v1/jobs", subject_id=campaign_id).json()["items"]
        printing = next(job for job in jobs if job["kind"] == "invoices.print")
        self.finance.follow("dues", printing["id"], "Impression des appels")

    def _see_standing(self) -> None:
        """Membership shows the call that dues issued: the fact went the other way."""
        for _ in patiently("la situation de cotisation chez membership"):
            path = f"/membership/v1/members/by-siren/{DEMO_STRUCTURE['siren']}"
            member: dict[str, Any] = self.network.get(path).json()
            if member["standing"]["status"] != "none":
                self.result.example = member
                return

    def _count(self, path: str, **filters: str) -> int:
        return int(self.network.get(path, total=True, limit=1, **filters).json()["total"])


def _admission(application: dict[str, Any]) -> dict[str, Any]:
    """Vote for an admission, with a reservation where documents are still expected."""
    reservations = ["Pièces du dossier à fournir sous trois mois"] if application["documents_expected"] else []
    vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 18, "abstentions": 1}
    return {**vote, "reservations": reservations}


def main() -> int:
    """Tell the story and show its result; 1 when it could not be told to its end."""
    console = Console()
    settings = Settings.from_environment(os.environ)
    today = legal_day(Clock(int(settings.clock_shift_days)).now())
    try:
        network, board, finance = (sign_in(name, settings) for name in ("network", "board", "finance"))
        result = Story(network, board, finance, today).tell()
    except StoryStopped as stopped:
        console.print(f"[red]L'histoire s'arrête : {stopped}[/red]")
        return 1
    show(result, console, settings.public_url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
