"""API shapes of what was sent to structures."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, field_validator

from common.blockers import BlockerOut, possible
from common.errors import Refusal
from common.types import Day, Schema, Text
from membership.notices.domain import Means, Notice, NoticeStatus, Reach


class NoticeOut(Schema):
    """Un envoi à une structure, et sa preuve."""

    id: UUID
    means: Means
    means_label: str
    status: NoticeStatus
    status_label: str
    sent_on: date | None
    sent_at: AwareDatetime | None = Field(description="L'instant où le serveur de courrier a pris le courriel")
    recipient: str | None = Field(
        description="L'adresse ; électronique, elle est masquée à qui ne peut lire les contacts"
    )
    message_id: str | None = Field(description="L'identifiant du courriel, le même chez tous les serveurs")
    reply: str | None = Field(description="Ce que le serveur de courrier a répondu")
    tracking_number: str | None
    returned_on: date | None
    returned_reason: str | None
    late_reason: str | None = Field(description="Pourquoi il est parti après le dernier jour")
    subject: str | None
    text: str | None = Field(
        description="D'un courriel, tel qu'il est parti ; d'un courrier, tel qu'il s'écrit le jour où il est consigné"
    )
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]

    @classmethod
    def of(cls, notice: Notice, acts: Mapping[str, Refusal | None]) -> "NoticeOut":
        """Write a notice as the API shows it, with what can be done about it."""
        allowed_actions, blockers = possible(acts)
        return cls(
            **{name: value for name, value in asdict(notice).items() if name != "member_id"},
            means_label=notice.means.label,
            status_label=notice.status.label,
            allowed_actions=allowed_actions,
            blockers=blockers,
        )


class ToSendOut(Schema):
    """Ce qui lui serait envoyé aujourd'hui."""

    means: Reach
    means_label: str
    recipient: str | None = Field(description="L'adresse, électronique ou postale ; absente si aucune n'est connue")
    subject: str
    text: str


class LetterParams(Schema):
    """For whom letters are printed."""

    member_id: Annotated[list[UUID], Field(max_length=200)] = Field(
        default_factory=list, description="Par défaut, toutes celles à informer qu'aucun courriel ne peut atteindre"
    )


class LetterIn(Schema):
    """Un courrier posté."""

    member_id: UUID
    tracking_number: Text | None = Field(None, examples=["1A 123 456 7890 1"])


class LettersIn(Schema):
    """Des courriers postés le même jour."""

    posted_on: Day
    letters: Annotated[list[LetterIn], Field(min_length=1, max_length=1_000)]

    @property
    def numbers(self) -> dict[UUID, str | None]:
        """The tracking number of each, by structure."""
        return {letter.member_id: letter.tracking_number for letter in self.letters}

    @field_validator("letters")
    @classmethod
    def _one_each(cls, letters: list[LetterIn]) -> list[LetterIn]:
        if len({letter.member_id for letter in letters}) < len(letters):
            raise ValueError("une structure figure deux fois")
        return letters


class ReturnIn(Schema):
    """Un envoi est revenu : l'adresse est fausse, la boîte n'existe plus."""

    returned_on: Day
    reason: Text = Field(examples=["Boîte inconnue du domaine"])
