"""API shapes of all that is kept of a person."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from common.types import Schema
from membership.contacts.domain import Trace
from membership.contacts.schemas import ContactOut
from membership.members.schemas import EntryOut


class TraceOut(Schema):
    """Ce qu'une ligne dit de la personne."""

    id: UUID
    member_id: UUID
    structure: str = Field(description="Le nom de la structure")
    day: date
    value: dict[str, Any] = Field(description="Ce qu'elle en dit, champ par champ")

    @classmethod
    def of(cls, trace: Trace, structure: str) -> "TraceOut":
        """Write what names a person as the API shows it."""
        return cls(id=trace.id, member_id=trace.member_id, structure=structure, day=trace.day, value=dict(trace.value))


class KeptOut(Schema):
    """Ce qu'une autre partie du service garde de la personne."""

    table: str
    label: str
    on_erasure: str = Field(description="Ce que cela devient si la personne est effacée, et pourquoi")
    records: list[TraceOut]


class PersonalData(Schema):
    """Tout ce que le service sait d'une personne, et a su."""

    contact: ContactOut
    known: list[EntryOut] = Field(description="Ce qui a été inscrit d'elle, du plus ancien au plus récent")
    mandates: list[EntryOut] = Field(description="Les sièges qu'elle a occupés, occupe ou occupera")
    kept: list[KeptOut] = Field(
        description="Ce qui la nomme ailleurs : conseil, assemblées, entretiens, informations envoyées"
    )
    by_hand: str = Field(description="Ce qui peut la nommer sans que l'on sache que c'est elle, et ce que l'on en fait")


class ErasedOut(ContactOut):
    """Une personne effacée, et ce qui en reste."""

    kept: list[KeptOut] = Field(description="Ce qui est gardé d'elle, sans son nom ou comme preuve, et pourquoi")
    by_hand: str = Field(description="Ce que l'effacement n'atteint pas, faute de savoir que c'est elle")
