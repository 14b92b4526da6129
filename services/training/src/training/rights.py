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
    KEEP_TRAINEES = "trainees.keep"
    READ_QUOTES = "quotes.read"
    ASK_QUOTES = "quotes.ask"
    READ_ENROLMENTS = "enrolments.read"
    ENROL = "enrolments.write"
    READ_SEATS = "seats.read"
    RUN_SEATS = "seats.run"
    READ_INVOICES = "invoices.read"
    BILL = "invoices.bill"
    CREDIT_INVOICES = "invoices.credit"


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
