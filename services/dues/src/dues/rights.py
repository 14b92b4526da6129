"""Who may do what in dues: role x act x scope."""

from collections.abc import Mapping
from enum import StrEnum

from common.contracts.roles import Role
from common.rights import COMMON_RIGHTS, Rights, Scope


class Act(StrEnum):
    """What a person of the federation can do here."""

    READ_GRIDS = "grids.read"
    READ_LEDGER = "ledger.read"
    KEEP_LEDGER = "ledger.keep"
    READ_DRAFTS = "drafts.read"
    WRITE_DRAFTS = "drafts.write"
    READ_SIMULATIONS = "simulations.read"
    RUN_SIMULATIONS = "simulations.run"
    READ_BASES = "bases.read"
    DECLARE_BASES = "bases.declare"
    READ_MANDATES = "mandates.read"
    READ_MANDATE_ACCOUNTS = "mandates.read-accounts"
    KEEP_MANDATES = "mandates.keep"
    RUN_MANDATES = "mandates.run"
    READ_CAMPAIGNS = "campaigns.read"
    RUN_CAMPAIGNS = "campaigns.run"
    READ_CERTIFICATES = "certificates.read"
    SIGN_CERTIFICATES = "certificates.sign"
    READ_INVOICES = "invoices.read"
    CREDIT_INVOICES = "invoices.credit"
    READ_RECEIPTS = "receipts.read"
    KEEP_RECEIPTS = "receipts.keep"
    READ_COLLECTIONS = "collections.read"
    READ_COLLECTION_LINES = "collections.read-lines"
    RUN_COLLECTIONS = "collections.run"
    READ_PLANS = "plans.read"
    KEEP_PLANS = "plans.keep"
    READ_STANDINGS = "standings.read"
    READ_APPORTIONMENT = "apportionment.read"
    READ_REMINDERS = "reminders.read"
    FOLLOW_REMINDERS = "reminders.follow"
    SEND_REMINDERS = "reminders.send"
    HOLD_REMINDERS = "reminders.hold"
    READ_RELIEFS = "reliefs.read"
    ASK_RELIEFS = "reliefs.ask"
    ADVISE_RELIEFS = "reliefs.advise"
    DECIDE_RELIEFS = "reliefs.decide"
    READ_FUND = "fund.read"
    READ_FUND_CALLS = "fund-calls.read"
    RUN_FUND_CALLS = "fund-calls.run"
    READ_FUND_APPLICATIONS = "fund-applications.read"
    WRITE_FUND_APPLICATIONS = "fund-applications.write"
    AWARD_FUND = "fund.award"
    READ_TRANSFERS = "transfers.read"
    READ_TRANSFER_BATCHES = "transfers.read-batches"
    KEEP_PAYEES = "transfers.keep-payees"
    RUN_TRANSFERS = "transfers.run"
    READ_BANK = "bank.read"
    RECONCILE_BANK = "bank.reconcile"
    READ_HISTORY = "history.read"
    IMPORT_HISTORY = "history.import"
    READ_ACCOUNTS = "accounts.read"


_EVERY_TOKEN: Mapping[Role, Scope] = {role: Scope.ALL for role in Role if role is not Role.ANYONE}

_PREPARING_THE_VOTE: Mapping[Role, Scope] = {
    Role.FINANCE: Scope.ALL,
    Role.NETWORK: Scope.ALL,
    Role.BOARD: Scope.ALL,
}

_ABOUT_PROJECTS: Mapping[Role, Scope] = {
    Role.FINANCE: Scope.ALL,
    Role.NETWORK: Scope.ALL,
    Role.BOARD: Scope.ALL,
    Role.DELEGATION: Scope.DELEGATION,
}

RIGHTS: Rights = {
    **COMMON_RIGHTS,
    Act.READ_GRIDS: _EVERY_TOKEN,
    Act.READ_LEDGER: {Role.FINANCE: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.KEEP_LEDGER: {Role.FINANCE: Scope.ALL},
    Act.READ_DRAFTS: _PREPARING_THE_VOTE,
    Act.WRITE_DRAFTS: {Role.FINANCE: Scope.ALL},
    Act.READ_SIMULATIONS: _PREPARING_THE_VOTE,
    Act.RUN_SIMULATIONS: {Role.FINANCE: Scope.ALL},
    Act.READ_BASES: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.DECLARE_BASES: {Role.FINANCE: Scope.ALL},
    Act.READ_MANDATES: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.READ_MANDATE_ACCOUNTS: {Role.FINANCE: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.KEEP_MANDATES: {Role.FINANCE: Scope.ALL, Role.MEMBER: Scope.OWN},
    Act.RUN_MANDATES: {Role.FINANCE: Scope.ALL},
    Act.READ_CAMPAIGNS: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.RUN_CAMPAIGNS: {Role.FINANCE: Scope.ALL},
    Act.READ_CERTIFICATES: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.SIGN_CERTIFICATES: {Role.FINANCE: Scope.ALL},
    Act.CREDIT_INVOICES: {Role.FINANCE: Scope.ALL},
    Act.READ_INVOICES: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.READ_RECEIPTS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.KEEP_RECEIPTS: {Role.FINANCE: Scope.ALL},
    Act.READ_STANDINGS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.READ_APPORTIONMENT: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
    },
    Act.READ_TRANSFERS: {Role.FINANCE: Scope.ALL, Role.BOARD: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.READ_TRANSFER_BATCHES: {Role.FINANCE: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.KEEP_PAYEES: {Role.FINANCE: Scope.ALL},
    Act.RUN_TRANSFERS: {Role.FINANCE: Scope.ALL},
    Act.READ_BANK: {Role.FINANCE: Scope.ALL},
    Act.RECONCILE_BANK: {Role.FINANCE: Scope.ALL},
    Act.READ_PLANS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.KEEP_PLANS: {Role.FINANCE: Scope.ALL},
    Act.READ_RELIEFS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.ASK_RELIEFS: {Role.FINANCE: Scope.ALL, Role.DELEGATION: Scope.DELEGATION, Role.MEMBER: Scope.OWN},
    Act.ADVISE_RELIEFS: {Role.DELEGATION: Scope.DELEGATION},
    Act.DECIDE_RELIEFS: {Role.FINANCE: Scope.ALL},
    Act.READ_FUND: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.READ_FUND_CALLS: _ABOUT_PROJECTS,
    Act.RUN_FUND_CALLS: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL},
    Act.READ_FUND_APPLICATIONS: _ABOUT_PROJECTS,
    Act.WRITE_FUND_APPLICATIONS: {Role.DELEGATION: Scope.DELEGATION},
    Act.AWARD_FUND: {Role.FINANCE: Scope.ALL},
    Act.READ_HISTORY: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.IMPORT_HISTORY: {Role.FINANCE: Scope.ALL},
    Act.READ_ACCOUNTS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.READ_REMINDERS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.FOLLOW_REMINDERS: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
    },
    Act.SEND_REMINDERS: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL},
    Act.HOLD_REMINDERS: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL, Role.DELEGATION: Scope.DELEGATION},
    Act.READ_COLLECTIONS: {Role.FINANCE: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.READ_COLLECTION_LINES: {
        Role.FINANCE: Scope.ALL,
        Role.NETWORK: Scope.ALL,
        Role.BOARD: Scope.ALL,
        Role.DELEGATION: Scope.DELEGATION,
        Role.MEMBER: Scope.OWN,
    },
    Act.RUN_COLLECTIONS: {Role.FINANCE: Scope.ALL},
}
