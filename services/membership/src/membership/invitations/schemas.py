"""API shapes of invitations."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, Field

from common.types import Day, Schema, Text
from membership.assessments.schemas import AssessmentDetail, ReviewOut, SheetOut
from membership.banks.schemas import BankDetail
from membership.invitations.domain import Invitation, InvitationPurpose

Key = Annotated[str, Field(min_length=20, max_length=100)]


class AssessmentInvitationIn(Schema):
    """Qui est invité, par courriel, à répondre dans le groupe ou à relire."""

    purpose: InvitationPurpose
    name: Text = Field(examples=["Cabinet Exemple"], description="Comment la structure nomme la personne")
    email: EmailStr = Field(examples=["relecture@cabinet.example"], description="Où part le lien ; n'est pas gardée")
    until: Day | None = Field(None, description="Dernier jour où le lien sert ; par défaut, dans un mois")


class AssessmentInvitationOut(Schema):
    """Une invitation : à qui, jusqu'à quand, et ce qu'elle est devenue."""

    id: UUID
    purpose: InvitationPurpose
    purpose_label: str
    name: str | None = Field(description="Comme la structure l'a nommée ; effacé après un temps, ou à sa demande")
    until: date
    review_id: UUID | None
    invited_at: AwareDatetime
    read_at: AwareDatetime | None = Field(description="Quand le lien a été ouvert pour la première fois")
    revoked_at: AwareDatetime | None
    reason: str | None = Field(description="Pourquoi elle a été retirée")
    serves: bool = Field(description="Si le lien ouvre encore quelque chose aujourd'hui")

    @classmethod
    def of(cls, invitation: Invitation, today: date) -> Self:
        """Write an invitation as its structure reads it."""
        return cls(
            id=invitation.id,
            purpose=invitation.purpose,
            purpose_label=invitation.purpose.label,
            name=invitation.name,
            until=invitation.until,
            review_id=invitation.review_id,
            invited_at=invitation.invited_at,
            read_at=invitation.read_at,
            revoked_at=invitation.revoked_at,
            reason=invitation.reason,
            serves=invitation.serves(today),
        )


class InvitedOut(Schema):
    """Ce qu'ouvre un lien : les questions, et sa propre feuille, ou une auto-évaluation et sa propre relecture.

    C'est aussi tout ce que l'on garde de la personne.
    """

    purpose: InvitationPurpose
    purpose_label: str
    name: str | None = Field(description="Comme la structure la nomme")
    structure: str
    until: date
    notice: str = Field(
        description="Qui lit ce qui est écrit, et ce qui n'est pas promis ; à montrer avant de répondre"
    )
    bank: BankDetail
    sheet: SheetOut | None = Field(description="Pour répondre")
    assessment: AssessmentDetail | None = Field(description="Pour relire")
    review: ReviewOut | None = Field(description="Pour relire")
