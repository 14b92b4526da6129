"""What evaluations write: mails to the people who are trained. A mail names nobody; its key stands behind ``#``."""

from typing import Final

from common.mail import Mail
from common.wording import write_day
from training.evaluations.domain import Evaluation, EvaluationKind

_PAGE: Final = "/formation/avis"
_KEPT_DAYS: Final = 365
_SUBJECTS = {
    EvaluationKind.POSITIONING: "Avant votre formation",
    EvaluationKind.HOT: "Votre avis sur votre formation",
    EvaluationKind.COLD: "Votre formation, quelques mois après",
}
_PROMISE = (
    "Nous savons si vous avez répondu, pas ce que vous avez répondu : les réponses sont comptées ensemble, et ne se"
    " montrent qu'à plusieurs."
)
_NOMINATIVE = "Vos réponses sont lues par l'équipe qui vous forme, avec votre nom."


def question(evaluation: Evaluation, recipient: str, title: str, key: str, public_url: str) -> Mail:
    """Ask somebody to answer, or recall it."""
    promise = _PROMISE if evaluation.kind.is_anonymous else _NOMINATIVE
    again = "Rappel : " if evaluation.chased else ""
    text = (
        "Bonjour,\n\n"
        f"Quelques questions sur la formation « {title} », à lire aussi sur un téléphone. {promise}\n\n"
        f"Répondre avant la fin du {write_day(evaluation.closes_on)} (ce lien est à vous seul) :\n"
        f"{public_url}{_PAGE}#{key}\n\n"
        "Coorace Formation\n"
    )
    subject = f"{again}{_SUBJECTS[evaluation.kind]} : {title}"
    return Mail(recipient=recipient, subject=subject, text=text, kept_days=_KEPT_DAYS)
