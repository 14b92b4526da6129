"""What training tells the other services: when its sessions are held, and what was followed there.

Written by its first readers, the agenda and the yearly figures.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from common.contracts.gatherings import GatheringFact
from common.events import Fact, State
from common.types import Quantity


class SessionFact(GatheringFact):
    """Un fait d'une session de formation."""

    topic: ClassVar[str] = "training.session"


class SessionScheduled(SessionFact):
    """Une session est annoncée."""

    wire_name: ClassVar[str] = "session.scheduled"


class SessionConfirmed(SessionFact):
    """La session aura lieu."""

    wire_name: ClassVar[str] = "session.confirmed"


class SessionMoved(SessionFact):
    """La session a changé de moment, de lieu ou de présentation."""

    wire_name: ClassVar[str] = "session.moved"


class SessionCancelled(SessionFact):
    """La session n'aura pas lieu."""

    wire_name: ClassVar[str] = "session.cancelled"


class EnrolmentState(State):
    """Une inscription à une session après le fait. Ni stagiaire, ni rien qui en désigne un d'une session à l'autre."""

    session_id: UUID
    action_code: str = Field(description="L'action de formation, dans le catalogue", examples=["CIP-01"])
    member_id: UUID | None = Field(description="La structure qui inscrit ; absente si elle n'est pas au registre")
    delegation: str | None = Field(description="Où se tient la session ; absente : pour tout le pays")
    status: str = Field(
        description="confirmed, completed, cancelled ; un autre ne se compte pas", examples=["completed"]
    )
    confirmed_on: date
    completed_on: date | None = Field(description="Dernier jour suivi, une fois la formation suivie")
    hours: Quantity | None = Field(description="Heures réellement suivies, une fois la formation suivie")


class EnrolmentFact(Fact):
    """Un fait d'une inscription à une session."""

    topic: ClassVar[str] = "training.enrolment"

    state: EnrolmentState


class EnrolmentConfirmed(EnrolmentFact):
    """Une place est prise à une session."""

    wire_name: ClassVar[str] = "enrolment.confirmed"


class EnrolmentCancelled(EnrolmentFact):
    """La place est rendue, ou la présence avait été comptée à tort."""

    wire_name: ClassVar[str] = "enrolment.cancelled"


class TrainingCompleted(EnrolmentFact):
    """La formation a été suivie ; redit, il corrige les heures."""

    wire_name: ClassVar[str] = "training.completed"


FACTS: tuple[type[Fact], ...] = (
    SessionScheduled,
    SessionConfirmed,
    SessionMoved,
    SessionCancelled,
    EnrolmentConfirmed,
    EnrolmentCancelled,
    TrainingCompleted,
)
