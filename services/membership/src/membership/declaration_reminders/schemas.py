"""API shapes of the reminders of the yearly declaration."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.types import Schema
from membership.declarants.schemas import FollowUpFilters, FollowUpLine
from membership.declaration_reminders.domain import ReminderState
from membership.notices.domain import Reach


class ReminderFilters(FollowUpFilters):
    """The filters of the follow-up, or some structures by name."""

    member_id: Annotated[list[UUID], Field(max_length=200)] = Field(
        default_factory=list, description="Seulement celles-ci, parmi celles qui n'ont pas répondu"
    )


class RemindersIn(ReminderFilters):
    """Qui relancer : par défaut, toutes celles du périmètre qui n'ont pas répondu."""


class ReminderLine(FollowUpLine):
    """Une structure qui n'a pas répondu, et ce qu'une relance d'aujourd'hui lui ferait."""

    reminder: ReminderState
    reminder_label: str
    again_on: date | None = Field(description="Le jour où elle pourra être relancée de nouveau")
    means: Reach = Field(description="Comment la joindre")


class RemindersOut(Schema):
    """Qui une relance d'aujourd'hui atteindrait, qui non, et ce qu'elle dirait."""

    year: int
    to_write: int
    recent: int
    unreached: int
    items: list[ReminderLine] = Field(description="Celles qui n'ont pas répondu, par nom ; ce sont celles du suivi")
    subject: str | None = Field(description="Le courriel, tel que la première le recevrait")
    text: str | None
    days_between: int = Field(description="Jours entre deux relances d'une même structure")
    rule_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    rule_source: str
