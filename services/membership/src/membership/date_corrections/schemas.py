"""API shapes of corrections."""

from datetime import date

from pydantic import Field

from common.types import Schema, Text
from membership.date_corrections.domain import StatusDay


class StatusCorrectionIn(Schema):
    """Le jour d'une adhésion ou d'une sortie, saisi par erreur."""

    which: StatusDay = Field(
        description="joining : le jour de l'adhésion ; leaving : le premier jour où elle n'est plus"
    )
    day: date = Field(description="Le jour juste")
    reason: Text = Field(
        description="Pourquoi ; se lit dans l'historique", examples=["Année mal lue sur la liste de la délégation"]
    )
