"""What the treasurer does with the bank: send a file, say what each line is, take it back."""

from dues.bank.use_cases.depositing import deposit, deposit_line
from dues.bank.use_cases.recognising import Recognised, recognise, recognise_line
from dues.bank.use_cases.sending import MATCH, ask_to_match, send_file
from dues.bank.use_cases.settling import (
    Wanted,
    charge,
    match_line,
    note_line_return,
    reopen,
    set_aside,
    settle_on,
)

__all__ = [
    "MATCH",
    "Recognised",
    "Wanted",
    "ask_to_match",
    "charge",
    "deposit",
    "deposit_line",
    "match_line",
    "note_line_return",
    "recognise",
    "recognise_line",
    "reopen",
    "send_file",
    "set_aside",
    "settle_on",
]
