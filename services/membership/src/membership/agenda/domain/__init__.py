"""The rules of the agenda: its dates, their moments, and the addresses of feeds."""

from membership.agenda.domain.deadlines import (
    dues_deadline,
    guarantee_end,
)
from membership.agenda.domain.entries import (
    AgendaEntry,
    AgendaEntryCancelled,
    AgendaEntryElsewhere,
    AgendaEntryNotFound,
    AgendaEntryNotYours,
    AgendaEntryOver,
    AgendaKind,
    AgendaKindUnknown,
    AgendaMode,
    AgendaStatus,
    Audience,
    Source,
    Told,
    is_new,
    is_web_page,
    require_kind,
    require_movable,
    require_own,
    retell,
)
from membership.agenda.domain.feeds import (
    AgendaFeed,
    expires_on,
    last_days,
)
from membership.agenda.domain.moments import (
    AgendaMomentPassed,
    AgendaZoneUnknown,
    between,
    of_day,
    require_coming,
    require_zone,
)
from membership.agenda.domain.rule import (
    AgendaRule,
)

__all__ = [
    "AgendaEntry",
    "AgendaEntryCancelled",
    "AgendaEntryElsewhere",
    "AgendaEntryNotFound",
    "AgendaEntryNotYours",
    "AgendaEntryOver",
    "AgendaFeed",
    "AgendaKind",
    "AgendaKindUnknown",
    "AgendaMode",
    "AgendaMomentPassed",
    "AgendaRule",
    "AgendaStatus",
    "AgendaZoneUnknown",
    "Audience",
    "Source",
    "Told",
    "between",
    "dues_deadline",
    "expires_on",
    "guarantee_end",
    "is_new",
    "is_web_page",
    "last_days",
    "of_day",
    "require_coming",
    "require_kind",
    "require_movable",
    "require_own",
    "require_zone",
    "retell",
]
