"""Reads of the agenda: what each audience sees, nowhere what it does not."""

from membership.agenda.queries.dates import (
    count_months,
    entry_of,
    find_entry,
    for_calendars,
    gathered,
    list_entries,
    may_write,
    sessions_since,
    shown_since,
    state_for_calendars,
    usual_delegation,
)
from membership.agenda.queries.feeds import (
    feed_out,
    find_feed,
    find_feed_of_somebody,
    list_feeds,
    list_feeds_of_all,
    reader_of,
)
from membership.agenda.queries.reach import (
    seen_by,
)
from membership.agenda.queries.words import (
    agenda_rule,
    kinds,
    list_kinds,
    names_of_delegations,
    network_zones,
    why_cancelled,
)

__all__ = [
    "agenda_rule",
    "count_months",
    "entry_of",
    "feed_out",
    "find_entry",
    "find_feed",
    "find_feed_of_somebody",
    "for_calendars",
    "gathered",
    "kinds",
    "list_entries",
    "list_feeds",
    "list_feeds_of_all",
    "list_kinds",
    "may_write",
    "names_of_delegations",
    "network_zones",
    "reader_of",
    "seen_by",
    "sessions_since",
    "shown_since",
    "state_for_calendars",
    "usual_delegation",
    "why_cancelled",
]
