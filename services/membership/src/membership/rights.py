"""Who may do what in membership: role x act x scope."""

from enum import StrEnum

from common.contracts.roles import Role
from common.rights import COMMON_RIGHTS, Rights, Scope


class Act(StrEnum):
    """What a person of the federation can do here."""

    READ_MEMBERS = "members.read"
    EDIT_MEMBERS = "members.edit"
    CORRECT_STATUSES = "members.correct-status"
    READ_AGENDA = "agenda.read"
    RUN_AGENDA = "agenda.run"
    SUBSCRIBE_TO_AGENDA = "agenda.subscribe"
    STOP_AGENDA_FEEDS = "agenda.stop-feeds"
    READ_CONTACTS = "contacts.read"
    EDIT_CONTACTS = "contacts.edit"
    ERASE_CONTACTS = "contacts.erase"
    READ_DECLARATION_CAMPAIGNS = "declaration-campaigns.read"
    READ_DECLARATIONS = "declarations.read"
    DECLARE = "declarations.declare"
    RUN_DECLARATIONS = "declarations.run"
    FOLLOW_DECLARATIONS = "declarations.follow"
    NOTE_DECLARANTS = "declarations.note"
    READ_APPLICATIONS = "applications.read"
    RECEIVE_APPLICATIONS = "applications.receive"
    SEND_DOCUMENTS = "applications.send-documents"
    CHECK_DOCUMENTS = "applications.check-documents"
    GIVE_OPINIONS = "applications.give-opinions"
    LIFT_RESERVATIONS = "applications.lift-reservations"
    RECORD_DEPARTURES = "departures.record"
    READ_RESTRUCTURINGS = "restructurings.read"
    RESTRUCTURE = "restructurings.run"
    READ_RENEWALS = "renewals.read"
    RUN_RENEWALS = "renewals.run"
    REFUSE_RENEWAL = "renewals.refuse"
    READ_OBSERVATORY = "observatory.read"
    PUBLISH_OBSERVATORY = "observatory.publish"
    READ_MEASURES = "measures.read"
    RUN_MEASURES = "measures.run"
    ANSWER_MEASURES = "measures.answer"
    READ_SITTINGS = "sittings.read"
    RUN_SITTINGS = "sittings.run"
    READ_ROLLS = "rolls.read"
    RUN_ROLLS = "rolls.run"
    CONTEST_ROLLS = "rolls.contest"
    READ_BOARD = "board.read"
    RUN_BOARD = "board.run"
    READ_ASSEMBLIES = "assemblies.read"
    RUN_ASSEMBLIES = "assemblies.run"
    TAKE_PART = "assemblies.take-part"
    IMPORT_MEMBERS = "imports.run"
    READ_BANKS = "banks.read"
    READ_ASSESSMENTS = "assessments.read"
    RUN_ASSESSMENTS = "assessments.run"
    REVIEW_ASSESSMENTS = "assessments.review"
    OPEN_INVITATIONS = "assessment-invitations.open"
    READ_PICTURES = "pictures.read"
    READ_CERTIFICATIONS = "certifications.read"
    RECORD_CERTIFICATIONS = "certifications.record"
    VERIFY_CERTIFICATIONS = "certifications.verify"
    READ_ACCOMPANIMENTS = "accompaniments.read"
    RUN_ACCOMPANIMENTS = "accompaniments.run"
    READ_BOOKINGS = "bookings.read"
    BOOK_ACCOMPANIMENTS = "bookings.book"
    FOLLOW_BOOKINGS = "bookings.follow"
    RATE_ACCOMPANIMENTS = "satisfaction.rate"
    READ_SATISFACTION = "satisfaction.read"
    READ_INTERVIEWS = "interviews.read"
    RUN_INTERVIEWS = "interviews.run"
    READ_MEETINGS = "meetings.read"
    RUN_MEETINGS = "meetings.run"
    READ_NEXT_STEPS = "next-steps.read"
    RUN_NEXT_STEPS = "next-steps.run"
    READ_ENCOUNTERS = "encounters.read"
    READ_SUPPORT = "support.read"
    ASK_SUPPORT = "support.ask"
    RUN_SUPPORT = "support.run"
    PLACE_SUPPORT = "support.place"
    READ_DASHBOARDS = "dashboards.read"
    READ_DUPLICATES = "duplicates.read"
    REVIEW_DUPLICATES = "duplicates.review"
    MERGE_DUPLICATES = "duplicates.merge"
    READ_DIRECTORY = "directory.read"
    READ_DIRECTORY_ENTRIES = "directory-entries.read"
    FILL_DIRECTORY_ENTRIES = "directory-entries.fill"
    CONSENT_TO_DIRECTORY = "directory-entries.consent"
    RECORD_DIRECTORY_CONSENTS = "directory-entries.record-consent"
    WITHDRAW_DIRECTORY_CONSENTS = "directory-entries.withdraw-consent"
    SUBSCRIBE = "newsletters.subscribe"
    SEND_NEWSLETTERS = "newsletters.send"
    HANDLE_SUBSCRIBERS = "subscribers.handle"
    READ_YEARLY_FIGURES = "yearly-figures.read"
    READ_YEARLY_EDITIONS = "yearly-editions.read"
    PUBLISH_YEARLY_FIGURES = "yearly-figures.publish"


RIGHTS: Rights = {
    **COMMON_RIGHTS,
    Act.READ_MEMBERS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.EDIT_MEMBERS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # Since when gives dues and a voice: not the delegations.
    Act.CORRECT_STATUSES: {Role.NETWORK: Scope.ALL},
    # Everybody reads what is for everybody; this is how far what is for members is read.
    Act.READ_AGENDA: {
        Role.ANYONE: Scope.OWN,
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_AGENDA: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # One's own addresses.
    Act.SUBSCRIBE_TO_AGENDA: dict.fromkeys(
        (Role.NETWORK, Role.FINANCE, Role.BOARD, Role.DELEGATION, Role.MEMBER), Scope.OWN
    ),
    # Everybody's addresses, to stop those of who changed posts; ops stop one that leaked.
    Act.STOP_AGENDA_FEEDS: {Role.NETWORK: Scope.ALL, Role.OPS: Scope.ALL},
    Act.READ_CONTACTS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.EDIT_CONTACTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.ERASE_CONTACTS: {Role.NETWORK: Scope.ALL},
    Act.READ_DECLARATION_CAMPAIGNS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    # Not the board: its members run structures of their own, beside those whose accounts these are.
    Act.READ_DECLARATIONS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.DECLARE: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RUN_DECLARATIONS: {Role.NETWORK: Scope.ALL},
    Act.FOLLOW_DECLARATIONS: {Role.NETWORK: Scope.ALL, Role.FINANCE: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.NOTE_DECLARANTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.READ_APPLICATIONS: {
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RECEIVE_APPLICATIONS: {Role.NETWORK: Scope.ALL},
    Act.SEND_DOCUMENTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.CHECK_DOCUMENTS: {Role.NETWORK: Scope.ALL},
    Act.GIVE_OPINIONS: {Role.DELEGATION: Scope.DELEGATION},
    # The board made them; the network receives what they ask for.
    Act.LIFT_RESERVATIONS: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.RECORD_DEPARTURES: {Role.NETWORK: Scope.ALL},
    Act.READ_RESTRUCTURINGS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RESTRUCTURE: {Role.NETWORK: Scope.ALL},
    Act.READ_RENEWALS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_RENEWALS: {Role.NETWORK: Scope.ALL},
    Act.REFUSE_RENEWAL: {Role.NETWORK: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.READ_OBSERVATORY: dict.fromkeys(
        (Role.NETWORK, Role.FINANCE, Role.BOARD, Role.DELEGATION, Role.MEMBER), Scope.ALL
    ),
    Act.PUBLISH_OBSERVATORY: {Role.NETWORK: Scope.ALL},
    Act.READ_MEASURES: {
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_MEASURES: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.ANSWER_MEASURES: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.READ_SITTINGS: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.RUN_SITTINGS: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.READ_ROLLS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_ROLLS: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    # The network records what a structure writes by letter.
    Act.CONTEST_ROLLS: {Role.NETWORK: Scope.ALL, Role.MEMBER: Scope.OWN},
    # Who sits on the board is for every member to know.
    Act.READ_BOARD: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.ALL,
        Role.MEMBER: Scope.ALL,
    },
    Act.RUN_BOARD: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    # The agenda and the results are for every member; attendance and named votes as far as the scope reaches.
    Act.READ_ASSEMBLIES: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_ASSEMBLIES: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    # Not the board: its members stand themselves, and hold the proxies of others.
    Act.TAKE_PART: {Role.NETWORK: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.IMPORT_MEMBERS: {Role.NETWORK: Scope.ALL},
    Act.READ_BANKS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.ALL,
        Role.MEMBER: Scope.ALL,
    },
    Act.READ_ASSESSMENTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RUN_ASSESSMENTS: {Role.MEMBER: Scope.OWN},
    # A structure reviews those to which another invited it.
    Act.REVIEW_ASSESSMENTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    # Whoever has a link, and nothing but what it opens.
    Act.OPEN_INVITATIONS: {Role.ANYONE: Scope.ALL},
    Act.READ_PICTURES: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.ALL,
    },
    Act.READ_CERTIFICATIONS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RECORD_CERTIFICATIONS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.VERIFY_CERTIFICATIONS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # The catalogue of a delegation, and that of the network, which is everybody's.
    Act.READ_ACCOMPANIMENTS: {
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_ACCOMPANIMENTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # Not the board: its members run structures of their own, beside those that are accompanied.
    Act.READ_BOOKINGS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.BOOK_ACCOMPANIMENTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.FOLLOW_BOOKINGS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.RATE_ACCOMPANIMENTS: {Role.MEMBER: Scope.OWN},
    # Counts and averages under secrecy.
    Act.READ_SATISFACTION: {Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # What was said is the delegation's and the network's; the structure reads the rest of what concerns it.
    Act.READ_INTERVIEWS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RUN_INTERVIEWS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.READ_MEETINGS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RUN_MEETINGS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.READ_NEXT_STEPS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RUN_NEXT_STEPS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.READ_ENCOUNTERS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # Not the board: its members run structures of their own, beside those in difficulty.
    Act.READ_SUPPORT: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.ASK_SUPPORT: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.RUN_SUPPORT: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.PLACE_SUPPORT: {Role.NETWORK: Scope.ALL},
    Act.READ_DASHBOARDS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # A delegation sees the pairs of which both records are its own; it may tell them apart, or propose their merge.
    Act.READ_DUPLICATES: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.REVIEW_DUPLICATES: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.MERGE_DUPLICATES: {Role.NETWORK: Scope.ALL},
    Act.READ_DIRECTORY: {Role.ANYONE: Scope.ALL},
    Act.READ_DIRECTORY_ENTRIES: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.FILL_DIRECTORY_ENTRIES: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    # A structure alone consents; what it signed on paper is recorded for it.
    Act.CONSENT_TO_DIRECTORY: {Role.MEMBER: Scope.OWN},
    Act.RECORD_DIRECTORY_CONSENTS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.WITHDRAW_DIRECTORY_CONSENTS: {
        Role.NETWORK: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.SUBSCRIBE: {Role.ANYONE: Scope.ALL},
    Act.SEND_NEWSLETTERS: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.HANDLE_SUBSCRIBERS: {Role.NETWORK: Scope.ALL},
    # Not the board: rows name structures beside those that its members run.
    Act.READ_YEARLY_FIGURES: {Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    # Everybody reads what is published of the whole network; this is how far what is of a delegation is read.
    Act.READ_YEARLY_EDITIONS: {
        Role.NETWORK: Scope.ALL,
        Role.FINANCE: Scope.OWN,
        Role.BOARD: Scope.OWN,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.PUBLISH_YEARLY_FIGURES: {Role.NETWORK: Scope.ALL},
}
