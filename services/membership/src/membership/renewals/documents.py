"""What renewals write: the notice, as a mail or a letter, and the paper that proves it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.wording import write_day
from membership.members.domain import Member, Purpose, address_for
from membership.renewals.domain import Line, Notice, Renewal
from membership.renewals.schemas import LineOut

_LETTERS: Final = Path(__file__).parent / "templates" / "letters.typ"
_PROOF: Final = Path(__file__).parent / "templates" / "proof.typ"

_HOW: Final = "depuis votre espace adhérent, ou par un courrier à la fédération (le jour de l'envoi compte)"
EXPORT_HEADER = (
    "Référence",
    "Structure",
    "Délégation",
    "Situation",
    "Informée le",
    "À reprendre",
    "Exception",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice to print, and to whose attention."""

    member: Member
    attention: str | None


def export_line(line: LineOut) -> Sequence[object]:
    """Return the cells of a structure, in the order of ``EXPORT_HEADER``."""
    return (
        line.reference,
        line.name,
        line.delegation,
        line.state_label,
        line.notified_on,
        line.problem,
        line.exception,
    )


def subject(renewal: Renewal) -> str:
    """Return the subject of a notice."""
    return f"Renouvellement de votre adhésion pour {renewal.year} : vous pouvez le refuser"


def paragraphs(renewal: Renewal, member: Member) -> list[str]:
    """Return what a notice says: what happens, until when and how it can be refused, and what a refusal does.

    A notice names the last day clearly (code de la consommation, art. L215-1).
    """
    until, from_day = write_day(renewal.opt_out_until), write_day(renewal.renews_on)
    return [
        f"Votre structure, {member.name} (référence {member.reference}), est adhérente de la fédération.",
        f"Sans réponse de votre part, son adhésion est renouvelée pour {renewal.year}, le {from_day}.",
        f"Vous pouvez le refuser jusqu'au {until} inclus, sans dire pourquoi : {_HOW}.",
        f"Après un refus, votre structure reste adhérente jusqu'au {until} et ne doit rien pour {renewal.year}.",
        "Plus tard, il lui reste à démissionner, avec un préavis.",
        "L'appel de cotisation est un autre courrier, envoyé plus tard.",
    ]


def notice_text(renewal: Renewal, member: Member) -> str:
    """Return the text of a notice, by mail or by letter."""
    return "\n\n".join(["Madame, Monsieur,", *paragraphs(renewal, member), "L'équipe réseau de la fédération", ""])


async def print_letters(renewal: Renewal, letters: Sequence[Letter], on: date) -> bytes:
    """Return the PDF of letters to post, one a page, dated the day they are printed."""
    written = [
        {
            "recipient": _recipient(letter),
            "subject": subject(renewal),
            "limit": write_day(renewal.opt_out_until),
            "paragraphs": paragraphs(renewal, letter.member),
        }
        for letter in letters
    ]
    return await print_pdf(_LETTERS, {"day": write_day(on), "letters": written}, on=on)


async def print_proof(renewal: Renewal, line: Line, notices: Sequence[Notice], on: date) -> bytes:
    """Return the PDF that says what was sent to a structure, when, to whom, and what became of it."""
    document = {
        "day": write_day(on),
        "year": str(renewal.year),
        "name": line.member.name,
        "reference": line.member.reference,
        "window": f"du {write_day(renewal.notice_from)} au {write_day(renewal.notice_until)}",
        "limit": write_day(renewal.opt_out_until),
        "state": line.state.label,
        "notices": [_notice(notice) for notice in notices],
        "reservation": renewal.rule_source if renewal.rule_status != "published" else "",
    }
    return await print_pdf(_PROOF, document, on=on)


def _recipient(letter: Letter) -> list[str]:
    address = address_for(letter.member, Purpose.MEETINGS)
    attention = (address.attention if address else None) or letter.attention
    where = [address.street, f"{address.postcode} {address.city}"] if address else ["Adresse inconnue"]
    return [letter.member.name, *([f"À l'attention de {attention}"] if attention else []), *where]


def postal_address(member: Member) -> str:
    """Return where a letter to a structure goes, without the name of anybody."""
    return ", ".join(_recipient(Letter(member, attention=None)))


def _notice(notice: Notice) -> dict[str, str]:
    day = f" du {write_day(notice.sent_on)}" if notice.sent_on else ""
    return {
        "title": f"{notice.means.label.capitalize()}{day}",
        "status": notice.status.label,
        "recipient": notice.recipient or "",
        "message_id": notice.message_id or "",
        "reply": notice.reply or "",
        "tracking_number": notice.tracking_number or "",
        "returned": f"le {write_day(notice.returned_on)} : {notice.returned_reason}" if notice.returned_on else "",
        "text": notice.text or "",
    }
