"""Who may do what in training: role x act x scope."""

from enum import StrEnum

from common.contracts.roles import Role
from common.rights import COMMON_RIGHTS, Rights, Scope


class Act(StrEnum):
    """What a person of the federation can do here."""

    READ_ORGANISATION = "organisation.read"
    READ_REFERENTIAL = "referential.read"
    READ_CATALOGUE = "catalogue.read"
    READ_PROGRAMMES = "programmes.read"
    WRITE_PROGRAMMES = "programmes.write"
    PUBLISH_PROGRAMMES = "programmes.publish"
    RETIRE_PROGRAMMES = "programmes.retire"
    READ_TRAINERS = "trainers.read"
    WRITE_TRAINERS = "trainers.write"
    ERASE_TRAINERS = "trainers.erase"
    READ_ROOMS = "rooms.read"
    WRITE_ROOMS = "rooms.write"
    READ_IMPROVEMENTS = "improvements.read"
    WRITE_IMPROVEMENTS = "improvements.write"
    FILE_COMPLAINTS = "complaints.file"
    FOLLOW_COMPLAINTS = "complaints.follow"
    READ_COMPLAINTS = "complaints.read"
    COUNT_COMPLAINTS = "complaints.count"
    REOPEN_COMPLAINTS = "complaints.reopen"
    HANDLE_COMPLAINTS = "complaints.handle"
    ERASE_COMPLAINANTS = "complaints.erase"
    READ_CALENDAR = "calendar.read"
    READ_SESSIONS = "sessions.read"
    READ_SESSION_COSTS = "sessions.read-costs"
    WRITE_SESSIONS = "sessions.write"
    DECIDE_SESSIONS = "sessions.decide"
    READ_DECISIONS = "decisions.read"
    KEEP_TRAINEES = "trainees.keep"
    READ_QUOTES = "quotes.read"
    ASK_QUOTES = "quotes.ask"
    READ_ENROLMENTS = "enrolments.read"
    ENROL = "enrolments.write"
    READ_SEATS = "seats.read"
    RUN_SEATS = "seats.run"
    READ_PAPERS = "papers.read"
    RUN_PAPERS = "papers.run"
    SIGN_PAPERS = "papers.sign"
    KEEP_CALENDAR_FEEDS = "calendar-feeds.keep"
    READ_CALENDAR_FEEDS = "calendar-feeds.read"
    READ_ENVELOPES = "envelopes.read"
    RUN_ENVELOPES = "envelopes.run"
    READ_AFFILIATIONS = "affiliations.read"
    COMPOSE_FUNDING = "funding.compose"
    READ_SOLIDARITY_CALLS = "solidarity_calls.read"
    RUN_SOLIDARITY_CALLS = "solidarity_calls.run"
    READ_SOLIDARITY_APPLICATIONS = "solidarity_applications.read"
    WRITE_SOLIDARITY_APPLICATIONS = "solidarity_applications.write"
    SCORE_SOLIDARITY_APPLICATIONS = "solidarity_applications.score"
    READ_ATTENDANCE = "attendance.read"
    RUN_ATTENDANCE = "attendance.run"
    SIGN_ATTENDANCE = "attendance.sign"
    VERIFY_ATTENDANCE = "attendance.verify"
    READ_REHEARSAL = "rehearsal.read"
    RUN_REHEARSAL = "rehearsal.run"
    ANSWER_EVALUATIONS = "evaluations.answer"
    FOLLOW_EVALUATIONS = "evaluations.follow"
    READ_EVALUATION_RESULTS = "evaluations.read-results"
    READ_INVOICES = "invoices.read"
    BILL = "invoices.bill"
    CREDIT_INVOICES = "invoices.credit"


_READERS = {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL}

RIGHTS: Rights = {
    **COMMON_RIGHTS,
    Act.READ_ORGANISATION: {Role.ANYONE: Scope.ALL},
    Act.READ_REFERENTIAL: {Role.ANYONE: Scope.ALL},
    Act.READ_CATALOGUE: {Role.ANYONE: Scope.ALL},
    Act.READ_PROGRAMMES: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.WRITE_PROGRAMMES: {Role.TRAINING: Scope.ALL},
    Act.PUBLISH_PROGRAMMES: {Role.TRAINING: Scope.ALL},
    Act.RETIRE_PROGRAMMES: {Role.TRAINING: Scope.ALL},
    Act.READ_TRAINERS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.WRITE_TRAINERS: {Role.TRAINING: Scope.ALL},
    Act.ERASE_TRAINERS: {Role.TRAINING: Scope.ALL},
    Act.READ_ROOMS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.WRITE_ROOMS: {Role.TRAINING: Scope.ALL},
    # What comes of a report of violence is for who writes here: neither listed nor counted for the others.
    Act.READ_IMPROVEMENTS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.WRITE_IMPROVEMENTS: {Role.TRAINING: Scope.ALL},
    Act.FILE_COMPLAINTS: {Role.ANYONE: Scope.ALL},
    # By a secret link: it is the right.
    Act.FOLLOW_COMPLAINTS: {Role.ANYONE: Scope.ALL},
    # Of a report of violence, and of who complained, the training team alone.
    Act.READ_COMPLAINTS: {
        Role.TRAINING: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.MEMBER: Scope.OWN,
    },
    Act.COUNT_COMPLAINTS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.REOPEN_COMPLAINTS: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.HANDLE_COMPLAINTS: {Role.TRAINING: Scope.ALL},
    Act.ERASE_COMPLAINANTS: {Role.TRAINING: Scope.ALL},
    Act.READ_CALENDAR: {Role.ANYONE: Scope.ALL},
    Act.READ_SESSIONS: {
        Role.TRAINING: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
    },
    Act.READ_SESSION_COSTS: {Role.TRAINING: Scope.ALL},
    Act.WRITE_SESSIONS: {Role.TRAINING: Scope.ALL},
    Act.DECIDE_SESSIONS: {Role.TRAINING: Scope.ALL},
    Act.READ_DECISIONS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.KEEP_TRAINEES: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.READ_QUOTES: {
        Role.TRAINING: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.MEMBER: Scope.OWN,
    },
    Act.ASK_QUOTES: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.READ_ENROLMENTS: {
        Role.TRAINING: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.MEMBER: Scope.OWN,
    },
    Act.ENROL: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.READ_SEATS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.RUN_SEATS: {Role.TRAINING: Scope.ALL},
    Act.READ_PAPERS: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.RUN_PAPERS: {Role.TRAINING: Scope.ALL},
    Act.SIGN_PAPERS: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    # A structure's, those of its people, and one's own as a trainer.
    Act.KEEP_CALENDAR_FEEDS: {
        Role.TRAINING: Scope.ALL,
        **dict.fromkeys(
            (Role.TRAINER, Role.NETWORK, Role.FINANCE, Role.BOARD, Role.DELEGATION, Role.MEMBER), Scope.OWN
        ),
    },
    # By a secret address: it is the right.
    Act.READ_CALENDAR_FEEDS: {Role.ANYONE: Scope.ALL},
    Act.READ_ENVELOPES: _READERS,
    Act.RUN_ENVELOPES: {Role.TRAINING: Scope.ALL},
    Act.READ_AFFILIATIONS: {**_READERS, Role.MEMBER: Scope.OWN},
    Act.COMPOSE_FUNDING: {Role.TRAINING: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.READ_SOLIDARITY_CALLS: {**_READERS, Role.MEMBER: Scope.OWN},
    Act.RUN_SOLIDARITY_CALLS: {Role.TRAINING: Scope.ALL},
    Act.READ_SOLIDARITY_APPLICATIONS: {**_READERS, Role.MEMBER: Scope.OWN},
    Act.WRITE_SOLIDARITY_APPLICATIONS: {Role.MEMBER: Scope.OWN},
    Act.SCORE_SOLIDARITY_APPLICATIONS: {Role.TRAINING: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.READ_ATTENDANCE: {
        Role.TRAINING: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.TRAINER: Scope.OWN,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_ATTENDANCE: {Role.TRAINING: Scope.ALL, Role.TRAINER: Scope.OWN},
    Act.SIGN_ATTENDANCE: {Role.ANYONE: Scope.ALL},
    Act.VERIFY_ATTENDANCE: {Role.ANYONE: Scope.ALL},
    Act.READ_REHEARSAL: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.RUN_REHEARSAL: {Role.TRAINING: Scope.ALL},
    # By a secret link: it is the right.
    Act.ANSWER_EVALUATIONS: {Role.ANYONE: Scope.ALL},
    Act.FOLLOW_EVALUATIONS: {Role.TRAINING: Scope.ALL},
    Act.READ_EVALUATION_RESULTS: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.READ_INVOICES: {
        Role.TRAINING: Scope.ALL,
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.MEMBER: Scope.OWN,
    },
    Act.BILL: {Role.TRAINING: Scope.ALL, Role.FINANCE: Scope.ALL},
    # As in dues: who takes an invoice back is not who sells.
    Act.CREDIT_INVOICES: {Role.FINANCE: Scope.ALL},
}
