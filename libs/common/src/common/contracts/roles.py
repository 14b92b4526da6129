"""Who people are, as their token says it: the one list of roles all services share."""

from enum import StrEnum


class Role(StrEnum):
    """``ANYONE`` needs no token; the others come from the claim ``roles``."""

    ANYONE = "anyone"
    NETWORK = "network"
    FINANCE = "finance"
    BOARD = "board"
    TRAINING = "training"
    TRAINER = "trainer"
    DELEGATION = "delegation"
    MEMBER = "member"
    OPS = "ops"
