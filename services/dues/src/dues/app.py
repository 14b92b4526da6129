"""Wiring of dues: which capabilities, in which order. Each may use those before it, never those after."""

from pathlib import Path

from common.capabilities import doors_of
from common.service import Service
from dues.base import Base
from dues.config import Settings
from dues.rights import RIGHTS

# fmt: off
CAPABILITIES = (
    "grids", "legal_entities", "ledger", "apportionment", "members", "bases", "mandates",
    "invoices", "receipts", "plans", "collections", "transfers", "fund", "credit_notes", "reliefs", "standings",
    "reminders", "bank", "past_years", "receivables", "campaigns", "certificates", "drafts", "simulations",
    "adjustments",
)
# fmt: on

doors = doors_of("dues", CAPABILITIES)
service = Service(
    name="dues",
    title="Cotisations",
    description="Grilles, campagnes et appels de cotisation, expliqués ; règlements, banque, répartition et comptes.",
    settings=Settings,
    rights=RIGHTS,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=doors.routers,
    subscriptions=doors.subscriptions,
    jobs=doors.jobs,
)
