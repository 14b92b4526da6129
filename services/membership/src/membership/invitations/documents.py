"""What invitations write: the mail with the link."""

from datetime import date
from typing import Final

from common.mail import Mail
from common.wording import write_day
from membership.invitations.domain import Invitation, InvitationPurpose

_PAGE: Final = "/auto-evaluation/invitation"
_ASKED: Final = {
    InvitationPurpose.ANSWER: (
        "vous invite à répondre à son auto-évaluation, avec d'autres. Personne ne lit vos réponses : on n'en voit"
        " ensuite que la répartition, quand plus personne ne répond."
    ),
    InvitationPurpose.REVIEW: (
        "vous invite à relire son auto-évaluation. Elle lit votre relecture quand vous la rendez."
    ),
}


def mail(
    invitation: Invitation, structure: str, bank: str, recipient: str, key: str, public_url: str, today: date
) -> Mail:
    """Write the mail that carries a link. The key stands behind ``#``: no server logs it."""
    text = (
        "Bonjour,\n\n"
        f"{structure} {_ASKED[invitation.purpose]}\n\n"
        f"Démarche : {bank}.\n"
        f"Le lien sert jusqu'au {write_day(invitation.until)}. Il est à vous seul : ne le transmettez pas.\n\n"
        f"{public_url}{_PAGE}#{key}\n\n"
        "Vous ne connaissez pas cette structure ? Ne faites rien : le lien s'éteindra de lui-même.\n"
    )
    return Mail(
        recipient=recipient,
        subject=f"{structure} : invitation à {invitation.purpose.label}",
        text=text,
        kept_days=max(1, (invitation.until - today).days),
    )
