"""Wiring of dues: which capabilities, in which order. Each may use those before it, never those after.

grids < entities < apportionment < members < bases < mandates < invoices < campaigns
"""

from pathlib import Path

from common.service import Service
from dues.base import Base
from dues.bases.consumers import SUBSCRIPTIONS as BASE_SUBSCRIPTIONS
from dues.bases.routes import router as bases
from dues.campaigns.jobs import JOBS as CAMPAIGN_JOBS
from dues.campaigns.routes import router as campaigns
from dues.config import Settings
from dues.grids.routes import router as grids
from dues.invoices.jobs import JOBS as INVOICE_JOBS
from dues.invoices.routes import feed as invoices_feed
from dues.invoices.routes import router as invoices
from dues.mandates.jobs import JOBS as MANDATE_JOBS
from dues.mandates.routes import router as mandates
from dues.members.consumers import SUBSCRIPTIONS as MEMBER_SUBSCRIPTIONS
from dues.rights import RIGHTS

service = Service(
    name="dues",
    title="Cotisations",
    description="Grilles, campagnes et appels de cotisation, expliqués ligne à ligne.",
    settings=Settings,
    rights=RIGHTS,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(grids, bases, mandates, campaigns, invoices_feed, invoices),
    subscriptions=(*MEMBER_SUBSCRIPTIONS, *BASE_SUBSCRIPTIONS),
    jobs=(*MANDATE_JOBS, *CAMPAIGN_JOBS, *INVOICE_JOBS),
)
