"""API shapes of the trainees."""

from typing import Annotated
from uuid import UUID

from pydantic import EmailStr, Field

from common.pagination import PageParams
from common.types import Schema, Text
from training.trainees.domain import Situation

Name = Annotated[Text, Field(max_length=100)]


class TraineeIn(Schema):
    """Une personne à inscrire sur la liste de sa structure."""

    first_name: Name = Field(examples=["Prénom"])
    last_name: Name = Field(examples=["Nom"])
    email: EmailStr | None = Field(None, max_length=200)
    member_id: UUID | None = Field(None, description="Sa structure ; absente : elle vient par elle-même")
    situation: Situation


class TraineeAmend(Schema):
    """Ce qui change ; le reste demeure."""

    first_name: Name | None = None
    last_name: Name | None = None
    email: EmailStr | None = Field(None, max_length=200, description="null l'efface")
    situation: Situation | None = None


class TraineeOut(Schema):
    """Une personne formée."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    member_id: UUID | None
    member_name: str | None
    situation: Situation
    situation_label: str
    namesakes: list[UUID] = Field(
        max_length=20, description="Même nom et même structure : peut-être la même personne. Rien n'est fusionné seul"
    )
    version: int


class TraineeLine(Schema):
    """Une personne, dans la liste."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    member_id: UUID | None
    member_name: str | None
    situation: Situation


class TraineeListParams(PageParams):
    """Filters, order and page of the trainees."""

    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom ; accents ignorés")] = None
    member_id: list[UUID] = Field(default_factory=list, max_length=50, description="La structure, ou plusieurs")
    situation: list[Situation] = Field(default_factory=list, max_length=5, description="Sa situation pour le BPF")
