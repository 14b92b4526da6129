"""What the treasurer does with the bank: send a file, say what each line is, take it back."""

from dues.bank.use_cases.depositing import deposit_line
from dues.bank.use_cases.matching import match_slice
from dues.bank.use_cases.recognising import Recognised, recognise_line
from dues.bank.use_cases.sending import MATCH, ask_to_match, send_file
from dues.bank.use_cases.settling import (
    NamedCalls,
    charge,
    match_line,
    note_line_return,
    reopen,
    set_aside,
)

__all__ = [
    "MATCH",
    "NamedCalls",
    "Recognised",
    "ask_to_match",
    "charge",
    "deposit_line",
    "match_line",
    "match_slice",
    "note_line_return",
    "recognise_line",
    "reopen",
    "send_file",
    "set_aside",
]
