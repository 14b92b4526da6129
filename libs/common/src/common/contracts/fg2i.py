"""What fg2i tells the other services: which structures the guarantee's committee sees in difficulty.

Written by its first reader: fg2i will publish it as it stands here.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from common.events import Fact, State


class SupportState(State):
    """Une demande d'appui après le fait, telle que le comité FG2I la connaît."""

    member_id: UUID
    status: str = Field(
        description="requested ; d'autres états viendront, un lecteur les ignore", examples=["requested"]
    )


class SupportFact(Fact):
    """Un fait d'une demande d'appui."""

    topic: ClassVar[str] = "fg2i.support"

    state: SupportState


class SupportRequested(SupportFact):
    """Le comité FG2I demande un appui pour une structure dont le dossier montre une difficulté."""

    wire_name: ClassVar[str] = "support.requested"

    file_reference: str = Field(description="Le dossier de garantie", examples=["FG-2026-017"])
    reason_code: str = Field(
        description="cash, equity, activity, debts, governance, other ; un autre se montre tel quel",
        examples=["cash"],
    )
    asked_on: date


FACTS: tuple[type[Fact], ...] = (SupportRequested,)
