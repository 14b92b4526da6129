"""Wiring of dues: which capabilities, in which order. Each may use those before it, never those after.

grids < entities < einvoices < ledger < apportionment < members < bases < mandates < invoices < receipts < plans <
collections < transfers < fund < credits < reliefs < standings < reminders < bank < history < accounts < campaigns <
certificates < drafts < simulations < adjustments
"""

from pathlib import Path

from common.service import Service
from dues.accounts.routes import router as accounts
from dues.adjustments.jobs import JOBS as ADJUSTMENT_JOBS
from dues.adjustments.routes import router as adjustments
from dues.apportionment.routes import router as apportionment
from dues.bank.jobs import JOBS as BANK_JOBS
from dues.bank.routes.lines import router as bank_lines
from dues.bank.routes.statements import router as bank
from dues.base import Base
from dues.bases.consumers import SUBSCRIPTIONS as BASE_SUBSCRIPTIONS
from dues.bases.routes import router as bases
from dues.campaigns.jobs import JOBS as CAMPAIGN_JOBS
from dues.campaigns.routes import router as campaigns
from dues.certificates.routes import closings
from dues.certificates.routes import router as certificates
from dues.collections.jobs import JOBS as COLLECTION_JOBS
from dues.collections.routes import router as collections_
from dues.config import Settings
from dues.credits.jobs import JOBS as CREDIT_JOBS
from dues.credits.routes import router as credits_
from dues.drafts.routes import router as drafts
from dues.fund.routes.applications import router as fund_applications
from dues.fund.routes.calls import router as fund
from dues.grids.routes import router as grids
from dues.history.jobs import JOBS as HISTORY_JOBS
from dues.history.routes import router as history
from dues.invoices.jobs import JOBS as INVOICE_JOBS
from dues.invoices.routes import feed as invoices_feed
from dues.invoices.routes import router as invoices
from dues.ledger.routes import openings as ledger_openings
from dues.ledger.routes import router as ledger
from dues.mandates.jobs import JOBS as MANDATE_JOBS
from dues.mandates.routes import router as mandates
from dues.members.consumers import SUBSCRIPTIONS as MEMBER_SUBSCRIPTIONS
from dues.plans.routes import router as plans
from dues.receipts.routes import payments
from dues.receipts.routes import router as receipts
from dues.reliefs.routes import router as reliefs
from dues.reminders.jobs import JOBS as REMINDER_JOBS
from dues.reminders.routes import holds as reminder_holds
from dues.reminders.routes import router as reminders
from dues.rights import RIGHTS
from dues.simulations.jobs import JOBS as SIMULATION_JOBS
from dues.simulations.routes import asking as asking_simulations
from dues.simulations.routes import router as simulations
from dues.standings.consumers import SUBSCRIPTIONS as STANDING_SUBSCRIPTIONS
from dues.standings.jobs import JOBS as STANDING_JOBS
from dues.standings.routes import router as standings
from dues.transfers.routes import router as transfers

service = Service(
    name="dues",
    title="Cotisations",
    description="Grilles, campagnes et appels de cotisation, expliqués ; règlements, banque, répartition et comptes.",
    settings=Settings,
    rights=RIGHTS,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(
        grids,
        bases,
        mandates,
        campaigns,
        closings,
        certificates,
        invoices_feed,
        invoices,
        receipts,
        payments,
        collections_,
        plans,
        apportionment,
        reminders,
        reminder_holds,
        transfers,
        fund,
        fund_applications,
        bank,
        bank_lines,
        credits_,
        reliefs,
        standings,
        adjustments,
        ledger,
        ledger_openings,
        history,
        accounts,
        drafts,
        asking_simulations,
        simulations,
    ),
    jobs=(
        *CAMPAIGN_JOBS,
        *INVOICE_JOBS,
        *MANDATE_JOBS,
        *COLLECTION_JOBS,
        *REMINDER_JOBS,
        *BANK_JOBS,
        *CREDIT_JOBS,
        *STANDING_JOBS,
        *ADJUSTMENT_JOBS,
        *SIMULATION_JOBS,
        *HISTORY_JOBS,
    ),
    subscriptions=(
        *MEMBER_SUBSCRIPTIONS,
        *BASE_SUBSCRIPTIONS,
        *STANDING_SUBSCRIPTIONS,
    ),
)
