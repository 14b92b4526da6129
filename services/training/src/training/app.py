"""Wiring of training: which capabilities, in which order. Each may use those before it, never those after."""

from pathlib import Path

from common.capabilities import doors_of
from common.service import Service
from training.base import Base
from training.config import Settings
from training.rights import RIGHTS

CAPABILITIES = (
    "organisation",
    "referential",
    "programmes",
    "members",
    "trainers",
    "rooms",
    "sessions",
    "trainees",
    "quotes",
    "enrolments",
    "decisions",
    "papers",
    "attendance",
    "rehearsal",
    "evaluations",
    "calendars",
    "billings",
    "invoices",
    "envelopes",
    "solidarity_calls",
    "improvements",
    "complaints",
)

doors = doors_of("training", CAPABILITIES)
service = Service(
    name="training",
    title="Formation",
    description="Coorace Formation : catalogue, sessions, inscriptions, factures, qualité.",
    settings=Settings,
    rights=RIGHTS,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=doors.routers,
    subscriptions=doors.subscriptions,
    jobs=doors.jobs,
)
