"""Wiring of membership: which capabilities, in which order. Each may use those before it, never those after."""

from pathlib import Path

from common.capabilities import doors_of
from common.service import Service
from membership.agenda import use_cases as agenda
from membership.agenda.jobs import telling_again
from membership.assemblies import use_cases as assemblies
from membership.base import Base
from membership.bookings import use_cases as bookings
from membership.config import Settings
from membership.declarations import use_cases as declarations
from membership.interviews import use_cases as interviews
from membership.meetings import use_cases as meetings
from membership.renewals import use_cases as renewals
from membership.rights import RIGHTS
from membership.sittings import use_cases as sittings
from membership.yearly_figures import use_cases as yearly_figures

# fmt: off
CAPABILITIES = (
    "territory", "members", "agenda", "contacts", "notices", "declarations", "declarants",
    "declaration_reminders", "observatory", "departures", "renewals", "electoral_roll", "board", "assemblies",
    "convocations", "measures", "applications", "restructurings", "matters", "sittings", "date_corrections",
    "banks", "assessments", "invitations", "plans", "assessment_pictures", "certifications", "accompaniments",
    "bookings", "deliverables", "satisfaction", "interviews", "meetings", "next_steps", "encounters",
    "support_requests", "dashboards", "directory", "people", "duplicates", "imports", "newsletters",
    "yearly_figures",
)
# fmt: on

doors = doors_of("membership", CAPABILITIES)
service = Service(
    name="membership",
    title="Adhésions",
    description="Le registre des structures adhérentes : candidatures, déclarations d'activité et Observatoire,"
    " séances, renouvellement, départs, imports ; accompagnements, entretiens, rencontres, demandes d'appui et tableaux"
    " de bord des délégations ; annuaire public, lettres, agenda,"
    " chiffres clés du rapport d'activité.",
    settings=Settings,
    rights=RIGHTS,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=doors.routers,
    subscriptions=doors.subscriptions,
    jobs=(
        *doors.jobs,
        telling_again(
            meetings.tell_again,
            assemblies.tell_again,
            sittings.tell_again,
            declarations.tell_again,
            renewals.tell_again,
            bookings.tell_again,
            interviews.tell_again,
            agenda.tell_calls_again,
            yearly_figures.tell_again,
        ),
    ),
)
