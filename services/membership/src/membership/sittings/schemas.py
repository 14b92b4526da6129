"""API shapes of the board's sittings."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from common.blockers import BlockerOut
from common.types import Schema, Text
from membership.sittings.domain import Outcome, SittingStatus

Count = Annotated[int, Field(ge=0, le=1_000)]


class SittingIn(Schema):
    """Une séance du conseil d'administration."""

    held_on: date
    in_office: Count = Field(description="Administrateurs en fonction")
    present: Count
    represented: Count = Field(0, description="Ayant donné pouvoir")
    minutes_reference: Text = Field(description="Référence du procès-verbal", examples=["PV-CA-2026-01"])

    @model_validator(mode="after")
    def _no_more_than_the_board(self) -> "SittingIn":
        if self.present + self.represented > self.in_office:
            raise ValueError("les présents et représentés dépassent le nombre d'administrateurs en fonction")
        return self


class DecisionIn(Schema):
    """Un vote sur une candidature."""

    application_id: UUID
    outcome: Outcome
    votes_for: Count
    votes_against: Count = 0
    abstentions: Count = 0
    effective_on: date | None = Field(None, description="Date d'effet ; le jour de la séance si absente")


class DecisionsIn(Schema):
    """Des votes à consigner, qui remplacent ceux déjà consignés sur les mêmes candidatures."""

    decisions: Annotated[list[DecisionIn], Field(min_length=1, max_length=1_000)]


class DecisionOut(Schema):
    """Un vote consigné."""

    application_id: UUID
    outcome: Outcome
    outcome_label: str
    votes_for: int
    votes_against: int
    abstentions: int
    effective_on: date


class QuorumOut(Schema):
    """La règle de quorum appliquée, avec son statut."""

    needed: int
    taking_part: int
    reached: bool
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class SittingOut(Schema):
    """Une séance et ce qu'elle a décidé."""

    id: UUID
    held_on: date
    in_office: int
    present: int
    represented: int
    minutes_reference: str
    status: SittingStatus
    status_label: str
    quorum: QuorumOut
    decisions: list[DecisionOut]
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]
