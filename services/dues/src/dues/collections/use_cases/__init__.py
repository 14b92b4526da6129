"""What finance does with direct debits: prepare a run, tell the members, make the file, note what came and came back.

An act holds the run first, then its lines, then money and calls: two at once on one run wait for each other. Of two
runs prepared at once, the database lets one have each claim.
"""

from dues.collections.use_cases.holding import interrupt
from dues.collections.use_cases.presenting import (
    ANNOUNCE,
    announce,
    announce_slice,
    cancel,
    end_announcing,
    file,
    prepare,
    withdraw,
)
from dues.collections.use_cases.settling import (
    SETTLE,
    end_settling,
    return_by_bank,
    return_line,
    settle,
    settle_by_bank,
    settle_slice,
)

__all__ = [
    "ANNOUNCE",
    "SETTLE",
    "announce",
    "announce_slice",
    "cancel",
    "end_announcing",
    "end_settling",
    "file",
    "interrupt",
    "prepare",
    "return_by_bank",
    "return_line",
    "settle",
    "settle_by_bank",
    "settle_slice",
    "withdraw",
]
