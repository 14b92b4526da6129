"""Wiring of membership: which capabilities, in which order. Each may use those before it, never those after.

territory < members < agenda < contacts < notices < declarations < follow_up < reminders < observatory < departures
< renewals < governance < board < assemblies < convocations < measures < applications < restructurings < matters
< sittings < corrections < banks < assessments < invitations < plans < pictures < certifications < accompaniments
< bookings < deliverables < satisfaction < interviews < meetings < next_steps < encounters < support < dashboards
< directory < people < duplicates < imports < newsletters < yearly_figures
"""

from pathlib import Path

from common.service import Service
from membership.accompaniments.routes import router as accompaniments
from membership.agenda import use_cases as agenda_use_cases
from membership.agenda.consumers import SUBSCRIPTIONS as AGENDA_SUBSCRIPTIONS
from membership.agenda.jobs import jobs as agenda_jobs
from membership.agenda.routes import calendars as agenda_calendars
from membership.agenda.routes import feeds_of_all as agenda_feeds_of_all
from membership.agenda.routes import router as agenda
from membership.applications.routes import router as applications
from membership.assemblies import use_cases as assemblies_use_cases
from membership.assemblies.jobs import JOBS as ASSEMBLY_JOBS
from membership.assemblies.routes import router as assemblies
from membership.assessments.routes import router as assessments
from membership.banks.routes import router as banks
from membership.base import Base
from membership.board.routes import router as board
from membership.bookings import use_cases as bookings_use_cases
from membership.bookings.routes import router as bookings
from membership.bookings.routes import slots as accompaniment_slots
from membership.certifications.routes import router as certifications
from membership.config import Settings
from membership.contacts.routes import router as contacts
from membership.convocations.jobs import JOBS as CONVOCATION_JOBS
from membership.convocations.routes import router as convocations
from membership.corrections.routes import router as corrections
from membership.dashboards.routes import router as dashboards
from membership.declarations import use_cases as declarations_use_cases
from membership.declarations.routes import router as declarations
from membership.deliverables.routes import router as deliverables
from membership.departures.routes import router as departures
from membership.directory.routes import entries as directory_entries
from membership.directory.routes import router as directory
from membership.duplicates.jobs import JOBS as DUPLICATE_JOBS
from membership.duplicates.routes import router as duplicates
from membership.encounters.routes import router as encounters
from membership.follow_up.routes import router as follow_up
from membership.governance.routes import router as governance
from membership.imports.jobs import JOBS as IMPORT_JOBS
from membership.imports.routes import router as imports
from membership.interviews import use_cases as interviews_use_cases
from membership.interviews.routes import router as interviews
from membership.invitations.jobs import JOBS as INVITATION_JOBS
from membership.invitations.routes import invitations
from membership.invitations.routes import links as invitation_links
from membership.measures.routes import router as measures
from membership.meetings import use_cases as meetings_use_cases
from membership.meetings.routes import router as meetings
from membership.members.consumers import SUBSCRIPTIONS as MEMBER_SUBSCRIPTIONS
from membership.members.jobs import JOBS as MEMBER_JOBS
from membership.members.routes import feed as members_feed
from membership.members.routes import router as members
from membership.newsletters.jobs import JOBS as NEWSLETTER_JOBS
from membership.newsletters.routes import issues as newsletter_issues
from membership.newsletters.routes import letters as newsletters
from membership.newsletters.routes import subscribers as newsletter_subscribers
from membership.newsletters.routes import subscriptions as newsletter_subscriptions
from membership.next_steps.routes import interviews as followed_interviews
from membership.next_steps.routes import meetings as followed_meetings
from membership.next_steps.routes import router as next_steps
from membership.notices.jobs import JOBS as NOTICE_JOBS
from membership.observatory.jobs import JOBS as OBSERVATORY_JOBS
from membership.observatory.routes import router as observatory
from membership.people.routes import router as people
from membership.pictures.routes import router as pictures
from membership.plans.routes import router as plans
from membership.reminders.jobs import JOBS as REMINDER_JOBS
from membership.reminders.routes import router as reminders
from membership.renewals import use_cases as renewals_use_cases
from membership.renewals.jobs import JOBS as RENEWAL_JOBS
from membership.renewals.routes import router as renewals
from membership.restructurings.routes import router as restructurings
from membership.rights import RIGHTS
from membership.satisfaction.jobs import JOBS as SATISFACTION_JOBS
from membership.satisfaction.routes import results as satisfaction_results
from membership.satisfaction.routes import router as satisfaction
from membership.sittings import use_cases as sittings_use_cases
from membership.sittings.jobs import JOBS as SITTING_JOBS
from membership.sittings.routes import router as sittings
from membership.support.consumers import SUBSCRIPTIONS as SUPPORT_SUBSCRIPTIONS
from membership.support.routes import router as support
from membership.yearly_figures import use_cases as figures_use_cases
from membership.yearly_figures.consumers import SUBSCRIPTIONS as FIGURE_SUBSCRIPTIONS
from membership.yearly_figures.routes import router as yearly_figures

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
    routers=(
        members_feed,
        members,
        agenda,
        agenda_calendars,
        agenda_feeds_of_all,
        contacts,
        people,
        declarations,
        follow_up,
        reminders,
        observatory,
        departures,
        renewals,
        governance,
        board,
        assemblies,
        convocations,
        measures,
        applications,
        restructurings,
        sittings,
        corrections,
        imports,
        banks,
        pictures,  # before assessments: /assessments/picture is no assessment
        assessments,
        invitations,
        invitation_links,
        plans,
        certifications,
        accompaniments,
        bookings,
        accompaniment_slots,
        deliverables,
        satisfaction,
        satisfaction_results,
        interviews,
        followed_interviews,
        meetings,
        followed_meetings,
        next_steps,
        encounters,
        support,
        dashboards,
        duplicates,
        directory,
        directory_entries,
        newsletter_subscriptions,
        newsletters,
        newsletter_issues,
        newsletter_subscribers,
        yearly_figures,
    ),
    subscriptions=(*MEMBER_SUBSCRIPTIONS, *AGENDA_SUBSCRIPTIONS, *SUPPORT_SUBSCRIPTIONS, *FIGURE_SUBSCRIPTIONS),
    jobs=(
        *MEMBER_JOBS,
        *agenda_jobs(
            meetings_use_cases.tell_again,
            assemblies_use_cases.tell_again,
            sittings_use_cases.tell_again,
            declarations_use_cases.tell_again,
            renewals_use_cases.tell_again,
            bookings_use_cases.tell_again,
            interviews_use_cases.tell_again,
            agenda_use_cases.tell_calls_again,
            figures_use_cases.tell_again,
        ),
        *NOTICE_JOBS,
        *OBSERVATORY_JOBS,
        *RENEWAL_JOBS,
        *ASSEMBLY_JOBS,
        *CONVOCATION_JOBS,
        *REMINDER_JOBS,
        *SITTING_JOBS,
        *IMPORT_JOBS,
        *INVITATION_JOBS,
        *SATISFACTION_JOBS,
        *DUPLICATE_JOBS,
        *NEWSLETTER_JOBS,
    ),
)
