"""What is done with the envelopes: their money, their affiliations."""

from training.envelopes.use_cases.affiliations import (
    confirm,
    pay,
    sign_convention,
    take_account,
    withdraw,
)
from training.envelopes.use_cases.envelopes import (
    change_envelope,
    contribute,
    correct,
    create_envelope,
)
from training.envelopes.use_cases.money import (
    bring_in,
    consume,
    consume_reservation,
    give_back,
    release,
    release_reservation,
    reserve,
    reserve_by_hand,
    return_consumption,
)

__all__ = [
    "bring_in",
    "change_envelope",
    "confirm",
    "consume",
    "consume_reservation",
    "contribute",
    "correct",
    "create_envelope",
    "give_back",
    "pay",
    "release",
    "release_reservation",
    "reserve",
    "reserve_by_hand",
    "return_consumption",
    "sign_convention",
    "take_account",
    "withdraw",
]
