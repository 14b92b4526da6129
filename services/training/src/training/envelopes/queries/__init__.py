"""Reads of the envelopes, their ledger, the affiliations and the funding composer."""

from training.envelopes.queries.affiliations import (
    AFFILIATIONS_HEADER,
    affiliations_of,
    export_affiliations,
    find_affiliation,
    list_affiliations,
)
from training.envelopes.queries.composing import (
    compose_funding,
)
from training.envelopes.queries.envelopes import (
    ENVELOPE,
    ENVELOPES_HEADER,
    balance,
    envelopes_open,
    export_envelopes,
    find_envelope,
    list_envelopes,
    position_out,
)
from training.envelopes.queries.ledger import (
    MOVEMENTS_HEADER,
    RESERVATIONS_HEADER,
    awards_of,
    export_movements,
    export_reservations,
    find_reservation,
    list_movements,
    list_reservations,
)
from training.envelopes.queries.rules import (
    operator_on,
    rates_on,
    rules_out,
)

__all__ = [
    "AFFILIATIONS_HEADER",
    "ENVELOPE",
    "ENVELOPES_HEADER",
    "MOVEMENTS_HEADER",
    "RESERVATIONS_HEADER",
    "affiliations_of",
    "awards_of",
    "balance",
    "compose_funding",
    "envelopes_open",
    "export_affiliations",
    "export_envelopes",
    "export_movements",
    "export_reservations",
    "find_affiliation",
    "find_envelope",
    "find_reservation",
    "list_affiliations",
    "list_envelopes",
    "list_movements",
    "list_reservations",
    "operator_on",
    "position_out",
    "rates_on",
    "rules_out",
]
