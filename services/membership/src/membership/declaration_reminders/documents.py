"""What reminders write."""

from datetime import date

from common.wording import write_day
from membership.declarations.domain import Campaign
from membership.members.domain import Member
from membership.notices.domain import Federation, Written


def reminder(campaign: Campaign, member: Member, federation: Federation, today: date) -> Written:
    """Write a reminder: what is waited for, until when, and where it is filled in."""
    until = write_day(campaign.closes_on)
    in_time = today <= campaign.closes_on
    late = f"La campagne s'est terminée le {until} : votre déclaration est encore reçue, et sera dite tardive."
    structure = f"votre structure, {member.name} (référence {member.reference})"
    carried = "Ce qu'elle a pu déclarer l'année précédente y est repris, à confirmer"
    paragraphs = (
        f"Nous attendons la déclaration d'activité {campaign.year} de {structure}, et ne l'avons pas reçue.",
        f"Elle se remplit depuis votre espace adhérent. {carried} ; une saisie commencée se reprend où elle en était.",
        f"Elle est attendue jusqu'au {until} inclus." if in_time else late,
        "Une question, une difficulté : votre délégation vous aide.",
        "Si vous avez déclaré entre-temps, ne tenez pas compte de ce message. Les réponses n'y sont pas lues.",
    )
    return Written(
        subject=f"Déclaration d'activité {campaign.year} : celle de votre structure est attendue",
        paragraphs=paragraphs,
        framed=f"À déclarer jusqu'au {until}" if in_time else "À déclarer dès que possible",
        signature=f"L'équipe réseau de {federation.name}",
    )
