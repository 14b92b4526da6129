"""API shapes of departures."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from common.types import Day, Schema, Text
from membership.members.domain import DepartureCause


class DepartureIn(Schema):
    """Une structure se retire, ou cesse d'exister."""

    cause: Literal[DepartureCause.RESIGNED, DepartureCause.CEASED]
    received_on: Day = Field(description="Réception du courrier, ou de la nouvelle")
    effective_on: Day | None = Field(
        None,
        description="Premier jour où elle n'est plus adhérente ; par défaut la fin du préavis, ou pour une cessation"
        " le jour de réception",
    )
    notice_waived: bool = Field(
        False, description="La fédération renonce au préavis : sans autre jour, la structure sort à réception"
    )
    reason: Text = Field(description="Se lit dans l'historique")

    @model_validator(mode="after")
    def _notice_of_a_resignation(self) -> "DepartureIn":
        if self.notice_waived and self.cause is not DepartureCause.RESIGNED:
            raise ValueError("seule une démission a un préavis")
        return self


class DepartureWithdrawal(Schema):
    """La structure revient sur son départ avant qu'il prenne effet."""

    reason: Text


class NoticePeriodOut(Schema):
    """Le préavis d'une démission reçue un jour donné, et la règle dont il vient."""

    received_on: date
    ends_on: date = Field(description="Premier jour où la structure ne serait plus adhérente")
    months: int
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
