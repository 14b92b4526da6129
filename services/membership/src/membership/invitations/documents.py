"""What invitations write: the mail with the link, and what whoever has it is to know."""

from datetime import date
from typing import Final

from common.mail import Mail
from common.wording import write_day
from membership.invitations.domain import Invitation, InvitationPurpose, InvitationRule

_PAGE: Final = "/auto-evaluation/invitation"
_ASKED: Final = {
    InvitationPurpose.ANSWER: "vous invite à répondre à son auto-évaluation, avec d'autres.",
    InvitationPurpose.REVIEW: "vous invite à relire son auto-évaluation.",
}
_READ_BY: Final = {
    InvitationPurpose.ANSWER: (
        "Vos réponses ne se lisent pas une à une : on n'en voit que la répartition, quand plus personne ne répond, et"
        " si elles sont assez nombreuses. Ce n'est pas un vote secret : la structure choisit à qui elle envoie un lien,"
        " et qui connaîtrait toutes les autres réponses données par un lien en déduirait les vôtres."
    ),
    InvitationPurpose.REVIEW: (
        "La structure lit votre relecture quand vous la rendez. Sa délégation et le réseau la lisent aussi, sous le nom"
        " qu'elle vous a donné, comme celle d'une personne qu'elle a invitée."
    ),
}


def notice(purpose: InvitationPurpose, rule: InvitationRule) -> str:
    """Return who reads what is written by a link, what is not promised, and for how long the name is kept."""
    return (
        f"{_READ_BY[purpose]} Le nom que la structure vous a donné est effacé {rule.name_days} jours après la fin du"
        " lien, ou avant si vous le lui demandez ; votre adresse n'est que dans le courriel."
    )


def mail(
    invitation: Invitation,
    rule: InvitationRule,
    structure: str,
    bank: str,
    recipient: str,
    key: str,
    public_url: str,
    today: date,
) -> Mail:
    """Write the mail that carries a link. The key stands behind ``#``: no server logs it."""
    text = (
        "Bonjour,\n\n"
        f"{structure} {_ASKED[invitation.purpose]}\n\n"
        f"{notice(invitation.purpose, rule)}\n\n"
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
